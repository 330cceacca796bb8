"""Charts of the backlog: of one service week by week, and the growth of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, symbol, table, text
from makeorbuy.brief.flow_time_chart import path_of, speed_reason
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading, Row
from makeorbuy.brief.target_chart import name_of_row
from makeorbuy.brief.text_size import width_of

LEAST_DAYS_OFF = 2
"""Weekdays off from which a week is shaded: Easter, Christmas, some weeks in May."""


def backlog(reading: Reading, service: Mapping[str, Any]) -> Chart:
    """Return open tickets at each week's end, with the trend and the last value."""
    v = reading.voice
    sid = service["id"]
    weekly = reading.table("baseline.backlog.weekly", sid)
    growth = reading.figure("baseline.backlog.growth_per_week", sid)
    open_count = reading.number("baseline.backlog.open_count", sid)
    if len(weekly.rows) < 2:
        return missing(
            v,
            "backlog",
            v.reason(speed_reason(reading, service) or growth.reason or weekly.reason),
            growth.id,
        )
    title = titles.backlog(v, growth.number, growth.low, growth.high, open_count)
    subtitle = v("backlog.subtitle")
    if any((row.get("days_off") or 0) >= LEAST_DAYS_OFF for row in weekly.rows):
        subtitle += " " + v("backlog.holidays")
    if growth.low is not None and growth.high is not None:
        subtitle += " " + v("backlog.growth", span=v.span(growth.low, growth.high, 1, signed=True))
    head, rows = _quarters(reading, [row for row in weekly.rows if row.get("is_whole", True)])
    return Chart(
        title,
        subtitle,
        _draw_backlog(reading, title, weekly.rows, growth.number),
        " ".join(
            filter(None, (v.reason(growth.note) if growth.note else "", reading.caveat("backlog", growth)))
        ),
        table(title, head, rows),
        (growth.id,),
    )


def _quarters(reading: Reading, rows: Sequence[Row]) -> tuple[list[Content], list[list[Content]]]:
    v = reading.voice
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        year, month = int(row["week_start"][:4]), int(row["week_start"][5:7])
        groups.setdefault((year, (month - 1) // 3), []).append(row)
    last = dict(sorted(groups.items())[-5:])
    if len(last) == 5 and min(len(last[min(last)]), len(last[max(last)])) <= 2:
        # a year of weeks seldom begins on a first of January
        del last[min(last, key=lambda key: len(last[key]))]
    last = dict(sorted(last.items())[-4:])
    head: list[Content] = [v("backlog.head")]
    head += [f"{v.month(q * 3 + 1)}–{v.month(q * 3 + 3)}" for _, q in last]
    result: list[list[Content]] = []
    for column, name in (("open", "mean"), ("arrived", "new"), ("ended", "done")):
        cells = [sum(row[column] for row in group) / len(group) for group in last.values()]
        result.append(
            [
                v(f"backlog.{name}"),
                *(v.whole(cell) if max(cells) >= 20 else v.decimal(cell) for cell in cells),
            ]
        )
    return head, result


def _draw_backlog(reading: Reading, title: str, rows: Sequence[Row], growth: float | None) -> Markup:
    v = reading.voice
    values = [float(row["open"]) for row in rows]
    top, bottom, left, right = 14.0, 146.0, 34.0, 318.0
    high = max(max(values) * 1.18, 1.0)
    marks = c.ticks(0, high, 4)
    y = c.scale(0, max(high, marks[-1]), bottom, top)
    x = c.scale(0, len(values) - 1, left, right)
    parts: list[Content] = holiday_bands(rows, x, top, bottom)
    for mark in marks:
        parts.append(line(left, y(mark), right, y(mark), c.INK if mark == 0 else c.GRID))
        places = 0 if c.nice_step(high, 4) >= 1 else 1
        parts.append(text(left - 6, y(mark) + 4, v.decimal(mark, places), "t", "end"))
    parts += _month_axis(reading, rows, x, bottom)
    mean, middle = sum(values) / len(values), (len(values) - 1) / 2
    points = [(x(index), y(value)) for index, value in enumerate(values)]
    if growth is not None:
        ends = [mean - growth * middle, mean + growth * middle]
        parts.append(line(x(0), y(ends[0]), x(len(values) - 1), y(ends[1]), c.SECOND, 1.2, "4 3"))
    parts.append(tag("path", d=path_of(points), fill="none", stroke=c.INK, stroke_width=1.7))
    last = v.whole(values[-1])
    parts.append(tag("circle", cx=right, cy=points[-1][1], r=3.6, fill=c.INK))
    parts.append(text(right + 8, points[-1][1] + 4, last, "b"))
    if growth is not None:
        words = v("backlog.trend", growth=v.signed(growth, 0 if abs(growth) >= 20 else 1))
        width = width_of(words, 12, True)
        near = [py for px, py in points if right - width - 30 <= px <= right - 20]
        above = min(near) - 8
        below = max(near) + 18
        trend_y = above if above > top + 12 else below
        parts.append(text(right - 24, trend_y, words, "b second h", "end"))
    told = [(v("backlog.first"), v.whole(values[0])), (v("backlog.last"), last)]
    return drawing(bottom + 22, alternative(title, told), *parts)


def holiday_bands(
    rows: Sequence[Row], x: Callable[[float], float], top: float, bottom: float, shift: float = 0.0
) -> list[Content]:
    """Return a pale band behind each week with so many days off that few were at work."""
    half = (x(1) - x(0)) / 2
    return [
        c.rect(x(index + shift) - half, top, 2 * half, bottom - top, c.FIELD)
        for index, row in enumerate(rows)
        if (row.get("days_off") or 0) >= LEAST_DAYS_OFF
    ]


def _month_axis(
    reading: Reading, rows: Sequence[Row], x: Callable[[float], float], bottom: float
) -> list[Content]:
    v = reading.voice
    parts: list[Content] = []
    months = [row["week_start"][:7] for row in rows]
    starts = [i for i, month in enumerate(months) if i == 0 or month != months[i - 1]]
    step = max(1, math.ceil(len(starts) / 5))
    step = 3 if 1 < step <= 3 else step if step == 1 else math.ceil(step / 6) * 6
    right_end = -10.0
    for index in starts:
        year, month = months[index].split("-")
        if (int(month) - 1) % step and not (step > 12):
            continue
        name = v.month(int(month)) if step <= 6 and len(starts) <= 14 else f"{v.month(int(month))} {year}"
        half = width_of(name, 11) / 2
        if x(index) - half > right_end + 6:
            parts.append(line(x(index), bottom, x(index), bottom + 4, c.TICK))
            parts.append(text(max(x(index), half), bottom + 16, name, "t", "middle"))
            right_end = x(index) + half
    return parts


def growth_of_services(reading: Reading) -> Chart:
    """Return how each service's backlog grows per week, with its interval."""
    v = reading.voice
    rows = []
    for sid in reading.services:
        growth = reading.figure("baseline.backlog.growth_per_week", sid)
        if growth.number is not None:
            rows.append((sid, growth, reading.number("baseline.backlog.open_count", sid)))
    if not rows:
        return missing(v, "backlog", v.reason("no_tickets"), "baseline.backlog.growth_per_week[*]")
    growing = sum(titles.direction(g.number, g.low, g.high) > 0 for _, g, _ in rows)
    title = (
        v.counted("title.all_backlog.grows", growing, total=v.count_word(len(rows)))
        if growing
        else v("title.all_backlog.none", total=v.count_word(len(rows)))
    )
    ends = [e for _, g, _ in rows for e in (g.low, g.high, g.number) if e is not None] + [0.0]
    low, high = min(ends), max(ends)
    names_to = 138.0 if len(rows) <= 8 else 168.0
    x = c.scale(low, high or 1.0, names_to + 12, 352)
    pitch, top = (34.0, 24.0) if len(rows) <= 8 else (24.0 if len(rows) <= 12 else 18.0, 22.0)
    bottom = top + pitch * len(rows) - 8
    parts: list[Content] = []
    for mark in c.ticks(low, high, 4):
        parts.append(line(x(mark), 6, x(mark), bottom, c.INK if mark == 0 else c.GRID))
        parts.append(
            text(
                x(mark),
                bottom + 14,
                v.signed(mark, 0 if c.nice_step(high - low, 4) >= 1 else 1),
                "t",
                "middle",
            )
        )
    body, told = [], []
    for index, (sid, growth, open_count) in enumerate(rows):
        y = top + pitch * index - 4
        parts += name_of_row(reading.service_name(sid), y, names_to, pitch)
        if growth.low is not None and growth.high is not None:
            parts.append(line(x(growth.low), y, x(growth.high), y, c.INK, 1.6))
        parts.append(symbol(x(growth.number or 0.0), y, 4.4, "measured", c.INK))
        told.append((reading.service_name(sid), v.signed(growth.number or 0.0)))
        span = (
            "–"
            if growth.low is None or growth.high is None
            else v.span(growth.low, growth.high, 1, signed=True)
        )
        body.append(
            [
                tag("a", reading.service_name(sid), href=f"#service-{sid}"),
                None if open_count is None else v.whole(open_count),
                v.signed(growth.number or 0.0),
                span,
            ]
        )
    return Chart(
        title,
        v("all_backlog.subtitle"),
        drawing(bottom + 20, alternative(title, told), *parts),
        None,
        table(title, [v("head.service"), v("head.open"), v("head.per_week"), v("head.interval")], body),
        ("baseline.backlog.growth_per_week[*]",),
    )

"""Charts of speed: flow time, share within target, backlog."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, rect, sign, symbol, table, text
from makeorbuy.brief.markup import Content, Markup, number, tag
from makeorbuy.brief.placing import Box
from makeorbuy.brief.reading import Reading, Row, Shown
from makeorbuy.brief.text_size import fitted, width_of, wrapped

FIVE_MINUTES = 5 / 60
LEFT, RIGHT, TOP, BOTTOM = 30.0, 354.0, 22.0, 196.0
_HOUR_MARKS = {"elapsed": (1, 4, 12, 24, 120, 720), "working": (1, 4, 8, 16, 40, 160)}


def horizon_hours(reading: Reading, service: Mapping[str, Any]) -> float:
    """Return the horizon of the mean time on the service's own clock. [h]"""
    working = service["clock"] == "working"
    return reading.assumption("speed_horizon_working_hours" if working else "speed_horizon_hours", 160 if working else 720)


def flow_time(reading: Reading, service: Mapping[str, Any], option: Mapping[str, Any] | None) -> Chart:
    """Return the share not yet resolved by time since opening: an option against business as usual.

    Without an option: today's measured curve alone.
    """
    v = reading.voice
    sid, clock = service["id"], service["clock"]
    measured = reading.table("baseline.flow_time.curve", sid, clock)
    today = measured
    if option is not None:
        projected = reading.table("projection.speed.curve", sid, reading.baseline_option)
        today = projected if projected.rows else measured
    if not today.rows:
        return missing(v, "flow_time", v.reason(_speed_reason(reading, service) or today.reason), today.id)
    if option is None:
        return _today_alone(reading, service, today.rows, measured.id)
    oid = option["id"]
    curve = reading.table("projection.speed.curve", sid, oid)
    mean = reading.figure("projection.speed.restricted_mean_hours", sid, oid)
    if not curve.rows:
        return missing(v, "flow_time", v.reason(mean.reason or curve.reason), curve.id)
    basis = mean.basis if mean.number is not None else curve.basis
    today_mean = _mean_today(reading, sid)
    faster = reading.number("decision.probability_faster", sid, oid)
    title = titles.speed(v, reading.subject(option), basis, mean.number, today_mean.number, faster)
    svg = _draw_curves(reading, service, title, today.rows, option, curve.rows, basis)
    key: list[Content] = [sign(basis, c.KIND_COLOUR[option["kind"]]), f" {_basis_words(reading, service, option, basis)} "]
    if mean.number is not None and today_mean.number is not None:
        key.append(
            v(
                "speed.key_mean",
                horizon=v.duration(horizon_hours(reading, service), service["clock"]),
                hours=v.decimal(mean.number, 0),
                today=v.decimal(today_mean.number, 0),
            )
        )
        if faster is not None:
            key.append(f" {v('speed.key_faster', probability=titles.probability_words(v, faster))}")
    rows = [
        _quantile_row(reading, service, reading.baseline_option, "measured", c.INK, v("option.business_as_usual")),
        _quantile_row(reading, service, oid, basis, c.KIND_COLOUR[option["kind"]], reading.label(option, 26)),
    ]
    return Chart(title, v(f"speed.subtitle_{clock}"), svg, key, _quantile_table(reading, title, rows), (curve.id,))


def _today_alone(reading: Reading, service: Mapping[str, Any], rows: Sequence[Row], figure_id: str) -> Chart:
    v = reading.voice
    sid, clock = service["id"], service["clock"]
    median = reading.number("baseline.flow_time.median_hours", sid, clock)
    p95 = reading.number("baseline.flow_time.p95_hours", sid, clock)
    title = titles.speed_today(v, median, p95, clock)
    svg = _draw_curves(reading, service, title, rows, None, (), "measured")
    body = [_quantile_row(reading, service, None, "measured", c.INK, v("option.today"))]
    key: Content = None
    misleads = reading.number("baseline.flow_time.closed_only_misleads_by_share", sid)
    if misleads is not None and abs(misleads) >= 0.01:
        key = v(
            "speed.key_misleads_" + ("low" if misleads < 0 else "high"), share=v.percent(abs(misleads))
        )
    return Chart(title, v(f"speed.subtitle_{clock}"), svg, key, _quantile_table(reading, title, body), (figure_id,))


def _speed_reason(reading: Reading, service: Mapping[str, Any]) -> str | None:
    figure = reading.figure("baseline.flow_time.median_hours", service["id"], service["clock"])
    if figure.reason and figure.reason != "median_not_reached":
        return figure.reason
    return "no_speed_measure" if service["speed_measure"] == "none" else None


def _mean_today(reading: Reading, sid: str) -> Shown:
    figure = reading.figure("projection.speed.restricted_mean_hours", sid, reading.baseline_option)
    return figure if figure.number is not None else reading.figure("baseline.flow_time.restricted_mean_hours", sid)


def _basis_words(reading: Reading, service: Mapping[str, Any], option: Mapping[str, Any], basis: str) -> str:
    v = reading.voice
    promises = (option.get("speed", {}).get(service["id"]) or {}).get("promises") or []
    if basis == "promised" and promises:
        return v(
            "speed.promised",
            promises=v.listed(
                v("speed.promise", share=v.percent(p["share"]), hours=v.duration(p["hours"], service["clock"])) for p in promises
            ),
        )
    return v(f"speed.basis_{basis}") if v.knows(f"speed.basis_{basis}") else v("basis." + basis)


def _quantile_row(
    reading: Reading, service: Mapping[str, Any], option: str | None, basis: str, colour: str, name: str
) -> list[Content]:
    v = reading.voice
    sid, clock = service["id"], service["clock"]
    cells: list[Content] = []
    for quantity in ("median_hours", "p85_hours", "p95_hours"):
        figure = reading.figure(f"projection.speed.{quantity}", sid, option) if option else Shown("", reason="-")
        if figure.number is None and (option is None or option == reading.baseline_option):
            figure = reading.figure(f"baseline.flow_time.{quantity}", sid, clock)
        cells.append(v.duration(figure.number, clock) if figure.number is not None else v("speed.not_reached"))
    share = reading.number("projection.speed.share_within_target", sid, option) if option else None
    if share is None and (option is None or option == reading.baseline_option):
        share = reading.number("baseline.service_level.share_within_target", sid)
    cells.append(None if share is None else v.percent(share))
    return [[sign(basis, colour), f" {name}"], *cells]


def _quantile_table(reading: Reading, title: str, rows: Sequence[Sequence[Content]]) -> Markup:
    v = reading.voice
    return table(title, [v("head.time_to_end"), v.percent(0.5), v.percent(0.85), v.percent(0.95), v("head.within")], rows)


def share_open_at(rows: Sequence[Row], hours: float) -> float:
    """Return the share still open at a time, from the steps of a curve."""
    share = 1.0
    for row in rows:
        if row["hours"] > hours:
            break
        share = row["share_open"]
    return float(share)


def _draw_curves(
    reading: Reading,
    service: Mapping[str, Any],
    title: str,
    today: Sequence[Row],
    option: Mapping[str, Any] | None,
    other: Sequence[Row],
    basis: str,
) -> Markup:
    v = reading.voice
    clock = service["clock"]
    last = max(horizon_hours(reading, service), 2.0)
    # a service that has ended a good part of its work within the hour is drawn from five minutes on
    first = FIVE_MINUTES if share_open_at(today, 1.0) < 0.85 else 1.0
    place = c.scale(math.log(first), math.log(last), LEFT, RIGHT)

    def x(hours: float) -> float:
        return place(math.log(max(hours, first)))

    y = c.scale(1.0, 0.0, TOP, BOTTOM)
    parts: list[Content] = []
    for share in (1.0, 0.75, 0.5, 0.25, 0.0):
        parts.append(line(LEFT, y(share), RIGHT, y(share), c.INK if share == 0 else c.GRID))
        parts.append(text(LEFT - 6, y(share) + 4, v.whole(share * 100), "t", "end"))
    parts.append(text(0, 10, v("axis.percent_open"), "t"))
    parts += _hour_axis(reading, clock, x, first, last)
    colour = c.KIND_COLOUR[option["kind"]] if option else c.INK
    if other and option:
        parts.append(band_path(other, x, y, last, c.KIND_BAND[option["kind"]]))
    parts.append(band_path(today, x, y, last, c.BAND_TODAY))
    line_today, path_today = curve_path(today, x, y, last)
    parts.append(tag("path", d=path_today, fill="none", stroke=c.INK, stroke_width=1.8))
    drawn = [line_today]
    if other:
        line_other, path_other = curve_path(other, x, y, last)
        dash = "5 3" if basis == "promised" else None
        parts.append(tag("path", d=path_other, fill="none", stroke=colour, stroke_width=1.8, stroke_dasharray=dash))
        drawn.append(line_other)
    taken: list[Box] = []
    target = service.get("target")
    told = []
    if target and 0.1 < target["hours"] <= last * 1.001:
        at = x(target["hours"])
        parts.append(line(at, TOP, at, BOTTOM, c.INK, 1, "3 3"))
        words = v("speed.deadline", hours=v.duration(target["hours"], service["clock"]))
        width = width_of(words, 11)
        left = at + 5 if at + 5 + width <= c.WIDTH else at - 5 - width
        taken.append(Box(left, TOP + 1, left + width, TOP + 15))
        taken.append(Box(at - 6, TOP, at + 6, BOTTOM))
        parts.append(text(left, TOP + 12, words, "t ink h"))
        shares = [(c.INK, "measured", 1 - share_open_at(today, target["hours"]))]
        if other:
            shares.append((colour, basis, 1 - share_open_at(other, target["hours"])))
        for ink, its_basis, share in shares:
            parts.append(symbol(at, y(1 - share), 4.6, its_basis, ink))
        told = [(v("speed.within_told", hours=v.duration(target["hours"], service["clock"])), v.listed(v.percent(s) for _, _, s in shares))]
    names = [(v("option.business_as_usual" if option else "option.today").lower(), c.INK)]
    if option:
        label = reading.label(option, 24)
        if basis == "measured":
            names = [(v("speed.same_as", option=label), c.INK)]
            drawn = drawn[:1]
        else:
            names.append((label, colour))
    for index, (name, ink) in enumerate(names):
        box = label_box(drawn, index, width_of(name, 12, True), taken)
        taken.append(box)
        parts.append(text(box.left, box.bottom - 3, name, "b h", fill=ink))
    return drawing(BOTTOM + 22, alternative(title, told), *parts)


def _hour_axis(reading: Reading, clock: str, x: Callable[[float], float], first: float, last: float) -> list[Content]:
    v = reading.voice
    parts: list[Content] = []
    marks: list[float] = [mark for mark in _HOUR_MARKS[clock] if mark < last * 0.999] + [last]
    if first < 1:
        marks.insert(0, first)
    right_end = -10.0
    last_name = v("axis.working_hours", count=v.whole(last)) if clock == "working" else v("axis.days", count=v.whole(last / 24))
    last_starts = c.WIDTH - width_of(last_name, 11)
    for mark in marks:
        if mark < 1:
            name = v.duration(mark)
        elif clock == "elapsed" and mark < 24 and mark not in (1, last):
            name = v.whole(mark)
        elif clock == "elapsed" and 24 < mark < last:
            name = v.whole(mark / 24)
        elif mark == 1:
            name = v("axis.one_hour")
        elif clock == "working" and mark < last:
            name = v.whole(mark)
        elif clock == "elapsed" and mark >= 24:
            name = v("axis.days", count=v.whole(mark / 24)) if mark > 24 else v("axis.one_day")
        else:
            name = v("axis.working_hours", count=v.whole(mark)) if clock == "working" else v.duration(mark)
        half = width_of(name, 11) / 2
        at = min(max(x(mark), LEFT + half), c.WIDTH - half)
        parts.append(line(x(mark), BOTTOM, x(mark), BOTTOM + 4, c.TICK))
        if (at - half > right_end + 5 and at + half < last_starts - 4) or mark == last:
            parts.append(text(at, BOTTOM + 16, name, "t", "middle"))
            right_end = at + half
    return parts


Points = list[tuple[float, float]]


def curve_path(
    rows: Sequence[Row], x: Callable[[float], float], y: Callable[[float], float], last: float, column: str = "share_open"
) -> tuple[Points, str]:
    """Return a curve as points and as a path: one step a row, capped at the horizon.

    Rows nearer than half a unit to the one before are left out: no eye sees them.
    """
    found: Points = [(LEFT, y(1.0))]
    for row in rows:
        if row[column] is None:
            continue
        if row["hours"] > last:
            break
        at = (x(row["hours"]), y(row[column]))
        if at[0] <= LEFT:
            found = [at]  # what ended before the axis begins is where the curve begins
            continue
        if abs(at[0] - found[-1][0]) + abs(at[1] - found[-1][1]) >= 0.9:
            found.append(at)
    return found, _path(found, steps=len(rows) <= 60)


def _path(points: Points, steps: bool = False) -> str:
    x, y = (round(points[0][0], 1), round(points[0][1], 1))
    parts = [f"M{number(x)} {number(y)}"]
    for next_x, next_y in ((round(px, 1), round(py, 1)) for px, py in points[1:]):
        across, down = _tenth(next_x - x), _tenth(next_y - y)
        parts.append(f"h{across}v{down}" if steps else f"l{across}{down if down.startswith('-') else ' ' + down}")
        x, y = next_x, next_y
    return "".join(parts)


def _tenth(value: float) -> str:
    text_ = number(round(value, 1))
    return text_.replace("0.", ".", 1) if text_.startswith(("0.", "-0.")) else text_


def band_path(
    rows: Sequence[Row], x: Callable[[float], float], y: Callable[[float], float], last: float, fill: str
) -> Markup | None:
    """Return the band around a curve, None when there is none."""
    kept = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    if len(kept) < 2:
        return None
    upper, path = curve_path(kept, x, y, last, "high")
    lower, _ = curve_path(kept, x, y, last, "low")
    back = _path(lower[::-1])
    return tag("path", d=f"{path}L{back[1:]}Z", fill=fill, fill_opacity=0.85)


def label_box(curves: Sequence[Points], own: int, width: float, taken: Sequence[Box]) -> Box:
    """Return where the name of a curve goes: just above or below it, away from everything else."""
    best: tuple[float, Box] | None = None
    for step in range(26):
        left = LEFT + 6 + step * 12
        if left + width > RIGHT + 4:
            break
        spans = [_span_between(points, left - 3, left + width + 3) for points in curves]
        low, high = spans[own]
        for top in (low - 17.0, high + 5.0):
            box = Box(left, top, left + width, top + 14)
            if top < TOP + 1 or box.bottom > BOTTOM - 2:
                continue
            cost = abs(step - 11) * 0.35 + (high - low) * 0.3
            cost += sum(500 for other in taken if box.overlap(other, 3) > 0)
            for index, (other_low, other_high) in enumerate(spans):
                if index == own:
                    continue
                if box.top < other_high + 3 and box.bottom > other_low - 3:
                    cost += 500
                elif min(abs(box.bottom - other_low), abs(box.top - other_high)) < 12:
                    cost += 14
                if top < low and other_high <= low and other_low >= top - 40:
                    cost += 60
                if top > low and other_low >= high and other_high <= top + 60:
                    cost += 60
            if best is None or cost < best[0]:
                best = (cost, box)
    return best[1] if best else Box(LEFT + 6, BOTTOM - 18, LEFT + 6 + width, BOTTOM - 4)


def _span_between(points: Points, left: float, right: float) -> tuple[float, float]:
    inside = [py for px, py in points if left <= px <= right]
    before = [py for px, py in points if px < left]
    after = [py for px, py in points if px > right]
    inside += before[-1:] + after[:1]
    return (min(inside), max(inside)) if inside else (BOTTOM, BOTTOM)


# share within target


def within_target(reading: Reading, service: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> Chart:
    """Return the share within target: closed tickets only, today, and each option, against the target."""
    v = reading.voice
    sid = service["id"]
    today = reading.figure("baseline.service_level.share_within_target", sid)
    target = service.get("target")
    if today.number is None or not target:
        reason = "no_target" if not target else _speed_reason(reading, service) or today.reason
        return missing(v, "within_target", v.reason(reason), today.id)
    marks: list[tuple[str, str, float, float | None, float | None, str, str]] = [
        (v("option.business_as_usual" if options else "option.today"), "", today.number, today.low, today.high, "measured", c.INK)
    ]
    best: tuple[float, str, bool] | None = None
    for option in options:
        figure = reading.figure("projection.speed.share_within_target", sid, option["id"])
        if figure.number is None:
            continue
        promised = figure.basis == "promised"
        note = v("speed.if_kept") if promised else ""
        marks.append(
            (reading.label(option, 20), note, figure.number, figure.low, figure.high, figure.basis, c.KIND_COLOUR[option["kind"]])
        )
        if best is None or figure.number > best[0]:
            best = (figure.number, reading.object(option), promised)
    closed = reading.number("baseline.service_level.closed_only_share_within_target", sid)
    title = titles.within_target(
        v, target["share"], today.number, today.low, today.high,
        best[1] if best else None, best[0] if best else None, bool(best and best[2]),
    )  # fmt: skip
    rows: list[list[Content]] = []
    if closed is not None:
        rows.append([v("target.closed_only"), v.percent(closed), "", v("target.not_used")])
    for name, _, value, low, high, basis, _ in marks:
        span = "" if low is None or high is None else v.span(low * 100, high * 100)
        rows.append([name, v.percent(value), span, v("basis." + basis)])
    rows.append([v("target.target"), v.percent(target["share"]), "", v("target.of_the_case")])
    return Chart(
        title,
        v(f"target.subtitle_{service['clock']}", hours=v.duration(target["hours"], service["clock"])),
        _draw_within(reading, title, marks, closed, target["share"]),
        None,
        table(title, [v("head.share_within"), v("head.share"), v("head.interval"), v("head.basis")], rows),
        (today.id,),
    )


def _draw_within(
    reading: Reading,
    title: str,
    marks: Sequence[tuple[str, str, float, float | None, float | None, str, str]],
    closed: float | None,
    target: float,
) -> Markup:
    v = reading.voice
    values = [x for m in marks for x in (m[2], m[3], m[4]) if x is not None] + [target]
    values += [closed] if closed is not None else []
    low, high = max(min(values) - 0.03, 0.0), min(max(values) + 0.03, 1.0)
    if high - low < 0.12:
        low, high = max(low - 0.06, 0.0), min(high + 0.06, 1.0)
    x = c.scale(low, high, 142, 350)
    top, pitch = 34.0, 32.0
    count = len(marks) + (closed is not None)
    bottom = top + pitch * count - 4
    parts: list[Content] = []
    right_end = -10.0
    for mark in c.ticks(low, high, 4):
        parts.append(line(x(mark), 20, x(mark), bottom, c.GRID))
        name = v.percent(mark)
        half = width_of(name, 11) / 2
        at = min(x(mark), c.WIDTH - half)
        if at - half > right_end + 4:
            parts.append(text(at, bottom + 14, name, "t", "middle"))
            right_end = at + half
    parts.append(line(x(target), 16, x(target), bottom, c.INK, 1.2, "3 3"))
    words = v("target.mark", share=v.percent(target))
    half = width_of(words, 12, True) / 2
    parts.append(text(min(max(x(target), half), c.WIDTH - half), 11, words, "b", "middle"))
    y = top
    told = [(v("target.target"), v.percent(target))]
    if closed is not None:
        parts.append(text(0, y + 4, v("target.closed_only"), "second"))
        points = v.whole(abs(round(closed * 100) - round(marks[0][2] * 100)))
        code = "too_high" if closed > marks[0][2] else "too_low"
        if points != "0":
            parts.append(text(0, y + 17, v(f"target.{code}", points=points), "s"))
        d = f"M{number(x(closed) - 4)} {number(y - 4)}l8 8m0-8l-8 8"
        parts.append(tag("path", d=d, stroke=c.TICK, stroke_width=1.8, fill="none"))
        parts.append(_value_label(x(closed), y - 8, v.whole(closed * 100), "t"))
        told.append((v("target.closed_only"), v.percent(closed)))
        y += pitch
    for name, note, value, mark_low, mark_high, basis, colour in marks:
        parts.append(text(0, y + 4, fitted(name, 134)))
        if note:
            parts.append(text(0, y + 17, fitted(note, 134, 11), "s"))
        if mark_low is not None and mark_high is not None:
            parts.append(line(x(mark_low), y, x(mark_high), y, colour, 1.8))
        parts.append(symbol(x(value), y, 5, basis, colour))
        parts.append(_value_label(x(value), y - 9, v.percent(value).replace("\u00a0%", "").replace("%", ""), "b h"))
        told.append((name, v.percent(value)))
        y += pitch
    return drawing(bottom + 20, alternative(title, told), *parts)


def _value_label(x: float, y: float, words: str, class_: str) -> Markup:
    half = width_of(words, 12, True) / 2
    return text(min(max(x, half), c.WIDTH - half), y, words, class_, "middle")


# backlog


def backlog(reading: Reading, service: Mapping[str, Any]) -> Chart:
    """Return open tickets at each week's end, with the trend and the last value."""
    v = reading.voice
    sid = service["id"]
    weekly = reading.table("baseline.backlog.weekly", sid)
    growth = reading.figure("baseline.backlog.growth_per_week", sid)
    open_count = reading.number("baseline.backlog.open_count", sid)
    if len(weekly.rows) < 2:
        return missing(v, "backlog", v.reason(_speed_reason(reading, service) or growth.reason or weekly.reason), growth.id)
    title = titles.backlog(v, growth.number, growth.low, growth.high, open_count)
    subtitle = v("backlog.subtitle")
    if growth.low is not None and growth.high is not None:
        subtitle += " " + v("backlog.growth", span=v.span(growth.low, growth.high, 1, signed=True))
    head, rows = _quarters(reading, weekly.rows)
    return Chart(
        title,
        subtitle,
        _draw_backlog(reading, title, weekly.rows, growth.number),
        None,
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
        result.append([v(f"backlog.{name}"), *(v.whole(cell) if max(cells) >= 20 else v.decimal(cell) for cell in cells)])
    return head, result


def _draw_backlog(reading: Reading, title: str, rows: Sequence[Row], growth: float | None) -> Markup:
    v = reading.voice
    values = [float(row["open"]) for row in rows]
    top, bottom, left, right = 14.0, 146.0, 34.0, 318.0
    high = max(max(values) * 1.18, 1.0)
    marks = c.ticks(0, high, 4)
    y = c.scale(0, max(high, marks[-1]), bottom, top)
    x = c.scale(0, len(values) - 1, left, right)
    parts: list[Content] = []
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
    parts.append(tag("path", d=_path(points), fill="none", stroke=c.INK, stroke_width=1.7))
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


def _month_axis(reading: Reading, rows: Sequence[Row], x: Callable[[float], float], bottom: float) -> list[Content]:
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


# several services at once


def services_within_target(reading: Reading, option: Mapping[str, Any] | None, service_ids: Sequence[str]) -> Chart:
    """Return the share within target of several services: today, and under an option when one is given."""
    v = reading.voice
    ids = ("baseline.service_level.share_within_target[*]",)
    if option:
        ids = (f"projection.speed.share_within_target[*,{option['id']}]",)
    rows: list[tuple[str, float, Shown, Shown]] = []
    for sid in service_ids:
        service = reading.services[sid]
        today = reading.figure("baseline.service_level.share_within_target", sid)
        if today.number is None or not service.get("target"):
            continue
        other = reading.figure("projection.speed.share_within_target", sid, option["id"]) if option else Shown("", reason="-")
        rows.append((sid, service["target"]["share"], today, other))
    if not rows:
        return missing(v, "within_target", v.reason("no_speed"), *ids)
    met = sum((today.low if today.low is not None else today.number or 0) >= target for _, target, today, _ in rows)
    met_at_all = sum((today.number or 0.0) >= target for _, target, today, _ in rows)
    if option:
        known = [(target, other.number) for _, target, _, other in rows if other.number is not None]
        reached = sum(share >= target - 1e-9 for target, share in known)
        promised = any(other.basis == "promised" for *_, other in rows)
        if not known:
            title = v("title.lot_speed.unknown", subject=reading.subject(option))
        else:
            title = titles.fitting(
                v("title.lot_speed." + ("promised" if promised else "plain"), reached=v.count_word(reached),
                  total=v.count_word(len(known)), today=v.count_word(met_at_all)),
            )  # fmt: skip
    else:
        title = v.counted("title.all_speed.met", met, total=v.count_word(len(rows)))
        if not met:
            title = v("title.all_speed.none", total=v.count_word(len(rows)))
    colour = c.KIND_COLOUR[option["kind"]] if option else c.INK
    known_shares = [f.number for _, _, today, other in rows for f in (today, other) if f.number is not None]
    low = max(min([*known_shares, *(target for _, target, _, _ in rows)]) - 0.08, 0.0)
    x = c.scale(low, 1.0, 150, 352)
    pitch, top = (34.0, 24.0) if len(rows) <= 8 else (24.0, 22.0)
    bottom = top + pitch * len(rows) - 8
    parts: list[Content] = []
    for mark in c.ticks(low, 1.0, 4):
        parts.append(line(x(mark), 6, x(mark), bottom, c.GRID))
        name = v.percent(mark)
        parts.append(text(min(x(mark), c.WIDTH - width_of(name, 11) / 2), bottom + 14, name, "t", "middle"))
    told, body = [], []
    for index, (sid, target, today, other) in enumerate(rows):
        y = top + pitch * index - 4
        share = today.number or 0.0
        parts += _name_of_row(reading.service_name(sid), y, 138.0, pitch)
        parts.append(line(x(target), y - 8, x(target), y + 8, c.INK, 1.4, "2 2"))
        if other.number is not None:
            parts.append(line(x(share), y, x(other.number), y, colour, 1.4))
        elif today.low is not None and today.high is not None:
            parts.append(line(x(today.low), y, x(today.high), y, c.INK, 1.6))
        parts.append(symbol(x(share), y, 4.4, "measured", c.INK))
        if other.number is not None:
            parts.append(symbol(x(other.number), y, 5, other.basis, colour))
        told.append((reading.service_name(sid), v.percent(share)))
        cells: list[Content] = [tag("a", reading.service_name(sid), href=f"#service-{sid}"), v.percent(target), v.percent(share)]
        if option:
            cells.append(v.percent(other.number) if other.number is not None else None)
            faster = reading.number("decision.probability_faster", sid, option["id"])
            cells.append(v.probability(faster) if faster is not None else None)
        else:
            cells.append("–" if today.low is None or today.high is None else v.span(today.low * 100, today.high * 100))
            clock = reading.services[sid]["clock"]
            median = reading.number("baseline.flow_time.median_hours", sid, clock)
            cells.append(v.duration(median, clock) if median is not None else v("speed.not_reached"))
        body.append(cells)
    head: list[Content] = [v("head.service"), v("head.target"), v("head.today")]
    head += [c.capital(v("basis." + rows[0][3].basis)), v("head.faster")] if option else [v("head.interval"), v("head.median")]
    return Chart(
        title,
        v("lot_speed.subtitle" if option else "all_speed.subtitle"),
        drawing(bottom + 20, alternative(title, told), *parts),
        None,
        table(title, head, body),
        ids,
    )


def _name_of_row(name: str, y: float, width: float, pitch: float) -> list[Content]:
    """Return the name of a row, in two lines where it must and there is room."""
    if pitch < 30 or width_of(name) <= width:
        return [text(0, y + 4, fitted(name, width))]
    first, *rest = wrapped(name, width)
    return [text(0, y - 3, first), *(text(0, y + 11, second) for second in rest)]


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
    x = c.scale(low, high or 1.0, 146, 352)
    pitch, top = (34.0, 24.0) if len(rows) <= 8 else (24.0, 22.0)
    bottom = top + pitch * len(rows) - 8
    parts: list[Content] = []
    for mark in c.ticks(low, high, 4):
        parts.append(line(x(mark), 6, x(mark), bottom, c.INK if mark == 0 else c.GRID))
        parts.append(text(x(mark), bottom + 14, v.signed(mark, 0 if c.nice_step(high - low, 4) >= 1 else 1), "t", "middle"))
    body, told = [], []
    for index, (sid, growth, open_count) in enumerate(rows):
        y = top + pitch * index - 4
        parts += _name_of_row(reading.service_name(sid), y, 138.0, pitch)
        if growth.low is not None and growth.high is not None:
            parts.append(line(x(growth.low), y, x(growth.high), y, c.INK, 1.6))
        parts.append(symbol(x(growth.number or 0.0), y, 4.4, "measured", c.INK))
        told.append((reading.service_name(sid), v.signed(growth.number or 0.0)))
        span = "–" if growth.low is None or growth.high is None else v.span(growth.low, growth.high, 1, signed=True)
        body.append(
            [tag("a", reading.service_name(sid), href=f"#service-{sid}"), None if open_count is None else v.whole(open_count),
             v.signed(growth.number or 0.0), span]
        )  # fmt: skip
    return Chart(
        title,
        v("all_backlog.subtitle"),
        drawing(bottom + 20, alternative(title, told), *parts),
        None,
        table(title, [v("head.service"), v("head.open"), v("head.per_week"), v("head.interval")], body),
        ("baseline.backlog.growth_per_week[*]",),
    )

"""The flow-time chart: the share not resolved yet by time since opening, an option against today."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, sign, symbol, table, text
from makeorbuy.brief.markup import Content, Markup, number, tag
from makeorbuy.brief.placing import Box
from makeorbuy.brief.reading import Reading, Row, Shown
from makeorbuy.brief.text_size import width_of

FIVE_MINUTES = 5 / 60

LEFT, RIGHT, TOP, BOTTOM = 30.0, 354.0, 22.0, 196.0

_HOUR_MARKS = {"elapsed": (1, 4, 12, 24, 120, 720), "working": (1, 4, 8, 16, 40, 160)}


def horizon_hours(reading: Reading, service: Mapping[str, Any]) -> float:
    """Return the horizon of the mean time on the service's own clock. [h]"""
    working = service["clock"] == "working"
    return reading.assumption(
        "speed_horizon_working_hours" if working else "speed_horizon_hours", 160 if working else 720
    )


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
        return missing(v, "flow_time", v.reason(speed_reason(reading, service) or today.reason), today.id)
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
    key: list[Content] = [
        sign(basis, c.KIND_COLOUR[option["kind"]]),
        f" {_basis_words(reading, service, option, basis)} ",
    ]
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
    ahead = v("option.business_as_usual")
    rows = [_quantile_row(reading, service, reading.baseline_option, "measured", c.INK, ahead)]
    measured_row = _quantile_row(reading, service, None, "measured", c.INK, v("option.today_measured"))
    if measured_row[1:] != rows[0][1:]:
        rows.insert(0, measured_row)
        key.append(f" {v('speed.key_projected')}")
    rows.append(
        _quantile_row(reading, service, oid, basis, c.KIND_COLOUR[option["kind"]], reading.label(option, 26))
    )
    return Chart(
        title, v(f"speed.subtitle_{clock}"), svg, key, _quantile_table(reading, title, rows), (curve.id,)
    )


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
        key = v("speed.key_misleads_" + ("low" if misleads < 0 else "high"), share=v.percent(abs(misleads)))
    return Chart(
        title, v(f"speed.subtitle_{clock}"), svg, key, _quantile_table(reading, title, body), (figure_id,)
    )


def speed_reason(reading: Reading, service: Mapping[str, Any]) -> str | None:
    figure = reading.figure("baseline.flow_time.median_hours", service["id"], service["clock"])
    if figure.reason and figure.reason != "median_not_reached":
        return figure.reason
    return "no_speed_measure" if service["speed_measure"] == "none" else None


def _mean_today(reading: Reading, sid: str) -> Shown:
    figure = reading.figure("projection.speed.restricted_mean_hours", sid, reading.baseline_option)
    return (
        figure
        if figure.number is not None
        else reading.figure("baseline.flow_time.restricted_mean_hours", sid)
    )


def _basis_words(reading: Reading, service: Mapping[str, Any], option: Mapping[str, Any], basis: str) -> str:
    v = reading.voice
    promises = (option.get("speed", {}).get(service["id"]) or {}).get("promises") or []
    if basis == "promised" and promises:
        return v(
            "speed.promised",
            promises=v.listed(
                v(
                    "speed.promise",
                    share=v.percent(p["share"]),
                    hours=v.duration(p["hours"], service["clock"]),
                )
                for p in promises
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
        figure = (
            reading.figure(f"projection.speed.{quantity}", sid, option) if option else Shown("", reason="-")
        )
        if figure.number is None and (option is None or option == reading.baseline_option):
            figure = reading.figure(f"baseline.flow_time.{quantity}", sid, clock)
        cells.append(
            v.duration(figure.number, clock) if figure.number is not None else v("speed.not_reached")
        )
    share = reading.number("projection.speed.share_within_target", sid, option) if option else None
    if share is None and (option is None or option == reading.baseline_option):
        share = reading.number("baseline.service_level.share_within_target", sid)
    cells.append(None if share is None else v.percent(share))
    return [[sign(basis, colour), f" {name}"], *cells]


def _quantile_table(reading: Reading, title: str, rows: Sequence[Sequence[Content]]) -> Markup:
    v = reading.voice
    return table(
        title,
        [v("head.time_to_end"), v.percent(0.5), v.percent(0.85), v.percent(0.95), v("head.within")],
        rows,
    )


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
        parts.append(
            tag("path", d=path_other, fill="none", stroke=colour, stroke_width=1.8, stroke_dasharray=dash)
        )
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
        told = [
            (
                v("speed.within_told", hours=v.duration(target["hours"], service["clock"])),
                v.listed(v.percent(s) for _, _, s in shares),
            )
        ]
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


def _hour_axis(
    reading: Reading, clock: str, x: Callable[[float], float], first: float, last: float
) -> list[Content]:
    v = reading.voice
    parts: list[Content] = []
    marks: list[float] = [mark for mark in _HOUR_MARKS[clock] if mark < last * 0.999] + [last]
    if first < 1:
        marks.insert(0, first)
    right_end = -10.0
    last_name = (
        v("axis.working_hours", count=v.whole(last))
        if clock == "working"
        else v("axis.days", count=v.whole(last / 24))
    )
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
    rows: Sequence[Row],
    x: Callable[[float], float],
    y: Callable[[float], float],
    last: float,
    column: str = "share_open",
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
    return found, path_of(found, steps=len(rows) <= 60)


def path_of(points: Points, steps: bool = False) -> str:
    x, y = (round(points[0][0], 1), round(points[0][1], 1))
    parts = [f"M{number(x)} {number(y)}"]
    for next_x, next_y in ((round(px, 1), round(py, 1)) for px, py in points[1:]):
        across, down = _tenth(next_x - x), _tenth(next_y - y)
        parts.append(
            f"h{across}v{down}" if steps else f"l{across}{down if down.startswith('-') else ' ' + down}"
        )
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
    _, path = curve_path(kept, x, y, last, "high")
    lower, _ = curve_path(kept, x, y, last, "low")
    back = path_of(lower[::-1])
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

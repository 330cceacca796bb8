"""The map: cheaper to the left, faster upwards, business as usual in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, rect, sign, symbol, table, text
from makeorbuy.brief.markup import Content, Markup, join, tag
from makeorbuy.brief.placing import LEADER_FROM, Box, Dot, place
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.text_size import width_of
from makeorbuy.wording.numbers import MILLION

FRAME = Box(1.0, 22.0, 359.0, 330.0)
MOST_NAMES = 16
"""Names written at dots, the largest lots first; the table holds all."""


@dataclass(frozen=True, slots=True)
class Point:
    """One option on the map; money in MNOK per year, change in time as a share."""

    option: Mapping[str, Any]
    name: str
    mnok: float
    mnok_low: float | None
    mnok_high: float | None
    change: float
    change_low: float | None
    change_high: float | None
    size_mnok: float
    basis: str

    @property
    def radius(self) -> float:
        """Radius of the dot: its area goes with the money."""
        return max(1.1 * sqrt(max(self.size_mnok, 0.0)), 4.2)


def points(reading: Reading, options: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Return the options that have both a price and a speed, the largest lot first."""
    found = []
    for option in options:
        saving = reading.figure("decision.net_saving_nok", option["id"])
        change = reading.figure("decision.speed_change_share", option["id"])
        size = reading.number("projection.cost.business_as_usual_nok", option["id"])
        if saving.number is None or change.number is None:
            continue
        found.append(
            Point(
                option,
                reading.label(option),
                -saving.number / MILLION,
                None if saving.high is None else -saving.high / MILLION,
                None if saving.low is None else -saving.low / MILLION,
                change.number,
                change.low,
                change.high,
                (size or 0.0) / MILLION,
                reading.speed_basis(option),
            )
        )
    return sorted(found, key=lambda point: -point.size_mnok)


def superiority(reading: Reading, options: Sequence[Mapping[str, Any]], left_out: Content = None) -> Chart:
    """Return the map of all options against business as usual."""
    v = reading.voice
    shown = points(reading, options)
    required = max(
        reading.assumption("required_probability_cheaper", 0.8),
        reading.assumption("required_probability_faster", 0.8),
    )
    ids = ("decision.net_saving_nok[*]", "decision.speed_change_share[*]", "decision.probability_both[*]")
    head = [
        v("head.option"),
        v("head.mnok"),
        v("head.time"),
        v("head.cheaper"),
        v("head.faster"),
        v("head.both"),
    ]
    better = []
    rows: list[list[Content]] = []
    for option in sorted(
        options, key=lambda o: reading.number("decision.net_saving_nok", o["id"]) or -1e18, reverse=True
    ):
        both = reading.number("decision.probability_both", option["id"])
        if both is not None and both >= required:
            better.append(reading.object(option))
        rows.append(_row(reading, option))
    if not shown:
        return missing(
            v,
            "map",
            v.reason("no_offers" if not options else "no_speed"),
            *ids[:1],
            table=table(v("missing.map"), head, rows) if rows else None,
        )
    title = titles.superiority(v, better, len(options), required)
    materiality = max(
        (reading.number("decision.materiality_nok", p.option["id"]) or 0.0 for p in shown), default=0.0
    )
    key: list[Content] = []
    for basis in ("measured", "simulated", "stated", "promised"):
        if any(point.basis == basis for point in shown):
            key += [" " if key else "", sign(basis), f" {v('basis.' + basis)}"]
    key.append(" " + v("map.key", materiality=v.mnok(materiality)))
    return Chart(
        title,
        v("map.subtitle", horizon=v.duration(reading.assumption("speed_horizon_hours", 720))),
        draw(reading, title, shown, materiality / MILLION),
        [key, left_out],
        table(title, head, rows, class_="spans"),
        (ids[0], ids[2]),
    )


def _row(reading: Reading, option: Mapping[str, Any]) -> list[Content]:
    v = reading.voice
    oid = option["id"]
    saving = reading.figure("decision.net_saving_nok", oid)
    change = reading.figure("decision.speed_change_share", oid)
    chances = [reading.number(f"decision.probability_{k}", oid) for k in ("cheaper", "faster", "both")]
    required = [reading.assumption(f"required_probability_{k}", 0.8) for k in ("cheaper", "faster")]
    money: Content = None
    if saving.number is not None:
        money = _two_lines(
            v.millions(-saving.number, signed=True),
            None
            if saving.low is None or saving.high is None
            else v.millions_span(-saving.high, -saving.low, True),
        )
    time: Content = None
    if change.number is not None:
        span = None
        if change.low is not None and change.high is not None and change.low != change.high:
            span = v.span(change.low * 100, change.high * 100, signed=True)
        time = _two_lines(v.signed_percent(change.number), span)
    name = join(
        sign(reading.speed_basis(option), c.KIND_COLOUR[option["kind"]]),
        " ",
        tag("a", reading.label(option), href=f"#option-{oid}"),
    )
    return [
        name,
        money,
        time,
        *(
            None if p is None else v.probability(p, asked)
            for p, asked in zip(chances, [*required, max(required)], strict=True)
        ),
    ]


def _two_lines(value: str, span: str | None) -> Markup:
    return join(value, tag("span", span, class_="span") if span else None)


def bounds(values: Sequence[float | None], ends: Sequence[float | None], least: float) -> tuple[float, float]:
    """Return a range that holds every value, and intervals as far as they do not dwarf the values."""
    known = [value for value in values if value is not None] + [0.0]
    low, high = min(*known, -least), max(*known, least)
    room = 0.75 * (high - low)
    for end in ends:
        if end is not None:
            low, high = (
                min(low, max(end, min(*known, -least) - room)),
                max(high, min(end, max(*known, least) + room)),
            )
    pad = 0.06 * (high - low)
    return low - pad, high + pad


def draw(reading: Reading, title: str, shown: Sequence[Point], materiality: float) -> Markup:
    """Return the drawing: field, axes, crosses behind all dots, big dots first, names."""
    v = reading.voice
    x_low, x_high = bounds(
        [p.mnok for p in shown],
        [e for p in shown for e in (p.mnok_low, p.mnok_high)],
        max(materiality * 1.6, 0.5),
    )
    y_low, y_high = bounds(
        [p.change for p in shown], [e for p in shown for e in (p.change_low, p.change_high)], 0.1
    )
    x = c.scale(x_low, x_high, FRAME.left, FRAME.right)
    y = c.scale(y_low, y_high, FRAME.top, FRAME.bottom)
    middle_x, middle_y = x(0), y(0)
    parts: list[Content] = [
        rect(x(-materiality), FRAME.top, x(materiality) - x(-materiality), FRAME.bottom - FRAME.top, c.FIELD),
        tag(
            "rect",
            x=FRAME.left,
            y=FRAME.top,
            width=FRAME.right - FRAME.left,
            height=FRAME.bottom - FRAME.top,
            fill="none",
            stroke=c.GRID,
        ),
    ]
    obstacles: list[Box] = []
    parts += _captions(reading, obstacles)
    parts += _axes(reading, x, y, (x_low, x_high), (y_low, y_high), obstacles)
    parts.append(line(middle_x, FRAME.top, middle_x, FRAME.bottom, c.INK, 1.4))
    parts.append(line(FRAME.left, middle_y, FRAME.right, middle_y, c.INK, 1.4))
    crosses: list[Box] = []
    for point in shown:
        at_x, at_y = x(point.mnok), y(point.change)
        if point.mnok_low is not None and point.mnok_high is not None:
            parts.append(line(x(point.mnok_low), at_y, x(point.mnok_high), at_y, c.TICK))
            crosses.append(Box(x(point.mnok_low), at_y - 0.5, x(point.mnok_high), at_y + 0.5))
        if point.change_low is not None and point.change_high is not None:
            parts.append(line(at_x, y(point.change_low), at_x, y(point.change_high), c.TICK))
            ends = sorted((y(point.change_low), y(point.change_high)))
            crosses.append(Box(at_x - 0.5, ends[0], at_x + 0.5, ends[1]))
    for point in shown:
        parts.append(
            symbol(
                x(point.mnok), y(point.change), point.radius, point.basis, c.KIND_COLOUR[point.option["kind"]]
            )
        )
    named = shown[:MOST_NAMES]
    dots = [Dot(x(p.mnok), y(p.change), p.radius, width_of(p.name, 12, True), 13.0) for p in named]
    extra = [
        Box(x(p.mnok) - p.radius, y(p.change) - p.radius, x(p.mnok) + p.radius, y(p.change) + p.radius)
        for p in shown[MOST_NAMES:]
    ]
    axes = [
        Box(middle_x - 1, FRAME.top, middle_x + 1, FRAME.bottom),
        Box(FRAME.left, middle_y - 1, FRAME.right, middle_y + 1),
    ]
    inside = Box(FRAME.left + 3, FRAME.top + 2, FRAME.right - 3, FRAME.bottom - 2)
    for point, dot, placed in zip(
        named, dots, place(dots, inside, [*obstacles, *extra], [*axes, *crosses]), strict=True
    ):
        box = placed.box
        if placed.gap > LEADER_FROM:
            near_x = min(max(dot.x, box.left), box.right)
            near_y = min(max(dot.y, box.top), box.bottom)
            parts.append(line(dot.x, dot.y, near_x, near_y, c.SECOND, 0.8))
        parts.append(text((box.left + box.right) / 2, box.bottom - 3, point.name, "b h", "middle"))
    told = [
        (p.name, f"{v.mnok(p.mnok * MILLION, signed=True)}, {v.signed_percent(p.change)} {v('head.time')}")
        for p in shown
    ]
    return drawing(FRAME.bottom + 20, alternative(title, told), *parts)


def _captions(reading: Reading, obstacles: list[Box]) -> list[Content]:
    v = reading.voice
    low = FRAME.bottom - 7
    words = [v("map.cheaper_slower"), v("map.dearer_slower")]
    obstacles.append(Box(FRAME.left, low - 12, FRAME.left + 8 + width_of(words[0], 11), FRAME.bottom))
    obstacles.append(Box(FRAME.right - 8 - width_of(words[1], 11), low - 12, FRAME.right, FRAME.bottom))
    return [
        text(FRAME.left, 14, v("map.cheaper_faster"), "b"),
        text(FRAME.right, 14, v("map.dearer_faster"), "t", "end"),
        text(FRAME.left + 5, low, words[0], "t h"),
        text(FRAME.right - 5, low, words[1], "t h", "end"),
    ]


def _axes(
    reading: Reading,
    x: Any,
    y: Any,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    obstacles: list[Box],
) -> list[Content]:
    v = reading.voice
    parts: list[Content] = []
    marks = c.ticks(*x_range, 5)
    places = 0 if c.nice_step(x_range[1] - x_range[0], 5) >= 1 else 1
    below = [mark for mark in marks if mark < 0]
    above = [mark for mark in marks if mark > 0]
    right_end = -1e9
    for mark in marks:
        name = v.decimal(abs(mark), places)
        if mark == 0:
            name = v("axis.equal")
        elif below and mark == below[-1]:
            name = v("axis.cheaper", amount=name)
        elif above and mark == above[0]:
            name = v("axis.dearer", amount=name)
        half = width_of(name, 11) / 2
        at = min(max(x(mark), half), c.WIDTH - half)
        if at - half < right_end + 4:
            continue
        right_end = at + half
        parts.append(text(at, FRAME.bottom + 15, name, "t", "middle"))
        parts.append(line(x(mark), FRAME.bottom, x(mark), FRAME.bottom + 4, c.TICK))
    for mark in c.ticks(*y_range, 4):
        if not mark or y(mark) > FRAME.bottom - 34 or y(mark) < FRAME.top + 8:
            continue
        name = v("axis.faster" if mark < 0 else "axis.slower", share=v.percent(abs(mark)))
        parts.append(text(FRAME.right - 8, y(mark) + 4, name, "t h", "end"))
        parts.append(line(FRAME.right - 5, y(mark), FRAME.right, y(mark), c.TICK))
        obstacles.append(Box(FRAME.right - 10 - width_of(name, 11), y(mark) - 7, FRAME.right, y(mark) + 7))
    return parts

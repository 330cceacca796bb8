"""The money bridge: from today's cost to the net difference of an option, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, rect, table, text, whisker
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading, Row, Shown
from makeorbuy.brief.text_size import fitted, width_of
from makeorbuy.wording.numbers import MILLION

KIND_ORDER = (
    "price",
    "remaining",
    "retained",
    "scope_gap",
    "transition",
    "parallel_run",
    "exit",
    "risk",
    "measure",
    "other",
)
"""Order of the steps in a bridge: what is paid, what stays, what comes on top."""


TODAY_KINDS = ("business_as_usual", "today", "adopted")

SMALLEST_STEP_NOK = 0.05 * MILLION

MOST_MEASURES = 5

LABELS = 136.0

RIGHT = 356.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a bridge: a kind of line, its yearly amount and what the amount rests on."""

    kind: str
    nok: float
    low: float | None
    high: float | None
    has_source: bool
    name: str = ""


def steps(rows: Sequence[Row], language: str = "nb") -> list[Step]:
    """Return the lines of an option's cost by kind, in the order of the bridge.

    Measures stand one by one, under their own names, when there are few. A range is kept only where
    a kind has a single line: ranges do not add up.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        kind = row["kind"]
        kind = "business_as_usual" if kind in TODAY_KINDS else kind if kind in KIND_ORDER else "other"
        groups.setdefault(kind, []).append(row)
    order = ("business_as_usual", *KIND_ORDER)
    result = []
    for kind in order:
        lines = groups.get(kind)
        if not lines:
            continue
        if kind == "measure" and len(lines) <= MOST_MEASURES:
            result += [
                Step(
                    kind,
                    row["nok"] or 0.0,
                    row.get("low"),
                    row.get("high"),
                    bool(row.get("has_source")),
                    str(row.get(f"name_{language}") or ""),
                )
                for row in lines
            ]
            continue
        alone = lines[0] if len(lines) == 1 else {}
        result.append(
            Step(
                kind,
                sum(row["nok"] or 0.0 for row in lines),
                alone.get("low"),
                alone.get("high"),
                all(row.get("has_source") for row in lines),
            )
        )
    return result


def negative(figure: Shown) -> tuple[float | None, float | None, float | None]:
    """Return a saving as a difference in cost: value, low, high with the sign turned."""
    value = figure.number
    return (
        None if value is None else -value,
        None if figure.high is None else -figure.high,
        None if figure.low is None else -figure.low,
    )


def same_lot_improved(reading: Reading, option: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the improved in-house option over the same services, if there is one."""
    for other in reading.options.values():
        if (
            other["kind"] == "improved"
            and set(other["services"]) == set(option["services"])
            and other is not option
        ):
            return other
    return None


def payback(reading: Reading, option_id: str) -> str:
    """Return in words when an option has paid back its investment."""
    v = reading.voice
    figure = reading.figure("decision.payback_year", option_id)
    if figure.number is not None:
        return v("payback.year", year=v.whole(figure.number))
    return v.first("payback", figure.reason, "")


def bridge(reading: Reading, option: Mapping[str, Any], with_improved: bool = True) -> Chart:
    """Return the money bridge of an option: from today's cost to the net difference, step by step."""
    v = reading.voice
    oid = option["id"]
    lines = reading.table("projection.cost.lines", oid)
    net_figure = reading.figure("decision.net_saving_nok", oid)
    today = reading.number("projection.cost.business_as_usual_nok", oid)
    net, low, high = negative(net_figure)
    if lines.reason or net is None or today is None:
        return missing(v, "bridge", v.reason(net_figure.reason or lines.reason), net_figure.id)
    is_external = option["kind"] in ("bid", "market_estimate")
    all_steps = steps(lines.rows, v.language)
    price = next((step for step in all_steps if step.kind == "price"), None)
    title = titles.bridge(
        v, reading.subject(option), today, price.nok if price else None, net, low, high, is_external
    )
    moves = _moves(all_steps, today)
    rows: list[_Row] = [_Row(v("bridge.today"), today, 0.0, 0.0, None)]
    level = 0.0
    for step, move in moves:
        rows.append(_Row(_step_name(reading, step, option), move, level, level + move, step))
        level += move
    results = [_Result(option, v(f"bridge.net_{option['kind']}"), net, low, high, c.INK)]
    twin = same_lot_improved(reading, option) if with_improved and is_external else None
    if twin is not None:
        value, twin_low, twin_high = negative(reading.figure("decision.net_saving_nok", twin["id"]))
        if value is not None:
            results.append(_Result(twin, v("bridge.improved"), value, twin_low, twin_high, c.OWN))
    svg = _draw_bridge(reading, title, rows, results, option)
    yearly = reading.figure("projection.cost.yearly_nok", oid)
    return Chart(
        title,
        v(
            "bridge.subtitle",
            lot=reading.label(option, 60),
            services=v.counted("page.services", len(option["services"])),
        ),
        svg,
        _today(reading, option),
        _bridge_table(reading, title, today, all_steps, option, yearly, results),
        (net_figure.id, lines.id),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    amount: float
    start: float
    end: float
    step: Step | None


@dataclass(frozen=True, slots=True)
class _Result:
    option: Mapping[str, Any]
    name: str
    net: float
    low: float | None
    high: float | None
    colour: str


def _moves(all_steps: Sequence[Step], today: float) -> list[tuple[Step, float]]:
    """Return each step's move of the level; what replaces today's cost is measured against it."""
    replaced = False
    moves = []
    for step in all_steps:
        move = step.nok
        if not replaced and step.kind in ("price", "business_as_usual"):
            move, replaced = step.nok - today, True
        moves.append((step, move))
    if not replaced:
        moves.insert(0, (Step("falls_away", -today, None, None, True), -today))
    return [(step, move) for step, move in moves if abs(move) >= SMALLEST_STEP_NOK or step.kind == "price"]


def _step_name(reading: Reading, step: Step, option: Mapping[str, Any]) -> str:
    v = reading.voice
    if step.name:
        return step.name
    if step.kind == "price":
        return v(f"bridge.step.price_{option['kind']}", amount=v.millions(step.nok))
    return v(f"bridge.step.{step.kind}")


def _draw_bridge(
    reading: Reading, title: str, rows: list[_Row], results: list[_Result], option: Mapping[str, Any]
) -> Markup:
    v = reading.voice
    ends = [0.0, *(x for row in rows for x in (row.start, row.end))]
    ends += [x for r in results for x in (r.net, r.low, r.high) if x is not None]
    low, high = min(ends), max(ends)
    # room to the left of the results for what is written there
    span = high - low or MILLION
    low = min([low, *(min(0.0, r.net) - 0.42 * span for r in results)])
    low = min([low, *(r.low - 0.34 * span for r in results if r.low is not None and r.low < 0)])
    step = c.nice_step((high - low) / MILLION or 1.0, 5) * MILLION
    low, high = (min(low, -step) if low < 0 else low), (max(high, step) if high > 0 else high)
    pad = (high - low or MILLION) * 0.04
    x = c.scale(low - pad, high + pad, LABELS, RIGHT)
    pitch, top, bar = 29.0, 22.0, 18.0
    rule_y = top + pitch * len(rows) + 4
    height = rule_y + 46 * len(results) + 8
    parts: list[Content] = _money_axis(reading, x, low, high, top, height)
    for index, row in enumerate(rows):
        y = top + pitch * index + 5
        mid = y + bar / 2 + 4
        parts.append(text(0, mid, fitted(row.name, LABELS - 4)))
        if row.step is None:
            parts.append(tag("circle", cx=x(0), cy=y + bar / 2, r=3, fill=c.INK))
            parts.append(beside(x(0) - 3, x(0) + 3, mid, v.millions(row.amount), "b"))
            continue
        left, right = sorted((x(row.start), x(row.end)))
        colour = (
            c.KIND_COLOUR[option["kind"]] if row.step.kind in ("price", "measure", "falls_away") else c.STAYS
        )
        parts.append(rect(left, y, right - left, bar, colour))
        parts.append(_bar_label(left, right, mid, v.millions(row.amount, signed=True), x(0)))
        if index + 1 < len(rows):
            parts.append(line(x(row.end), y + bar, x(row.end), y + pitch, c.TICK))
    parts.append(line(0, rule_y, c.WIDTH, rule_y, c.INK))
    for index, result in enumerate(results):
        parts.extend(_draw_result(reading, result, x, rule_y + 9 + 46 * index))
    parts.append(line(x(0), top - 2, x(0), height, c.INK, 1.2))
    told = [(row.name, v.millions(row.amount, signed=row.step is not None)) for row in rows]
    told += [
        (r.name, f"{v.mnok(r.net, signed=True)} ({v.millions_span(r.low, r.high, True)})") for r in results
    ]
    return drawing(height, alternative(title, told), *parts)


def _draw_result(reading: Reading, result: _Result, x: Any, y: float) -> list[Content]:
    v = reading.voice
    left, right = sorted((x(0), x(result.net)))
    parts: list[Content] = [
        text(0, y + 13, fitted(result.name, LABELS - 4, bold=True), "b"),
        text(0, y + 28, fitted(payback(reading, result.option["id"]), LABELS - 6, 11), "s"),
        rect(left, y, right - left, 17, result.colour),
        beside(left, right, y + 13, v("bridge.a_year", amount=v.millions(result.net, signed=True)), "n"),
    ]
    if result.low is not None and result.high is not None:
        parts.append(whisker(x(result.low), x(result.high), y + 24, result.colour))
        span = v.millions_span(result.low, result.high, signed=True)
        parts.append(beside(min(x(result.low), x(0)), max(x(result.high), x(0)), y + 28, span, "s"))
    return parts


def _money_axis(
    reading: Reading, x: Any, low: float, high: float, top: float, height: float
) -> list[Content]:
    v = reading.voice
    step = c.nice_step((high - low) / MILLION or 1.0, 5)
    marks = [mark for mark in c.ticks(low / MILLION, high / MILLION, 5) if mark]
    parts: list[Content] = []
    places = 0 if step >= 1 else 1
    names = []
    for mark in marks:
        name = v.decimal(abs(mark), places)
        if mark == marks[0] and mark < 0:
            name = v("axis.cheaper", amount=name)
        elif mark == marks[-1] and mark > 0:
            name = v("axis.dearer", amount=name)
        names.append((x(mark * MILLION), name))
        parts.append(line(x(mark * MILLION), top - 4, x(mark * MILLION), height, c.GRID))
    taken: list[tuple[float, float]] = []
    for at, name in sorted(names, key=lambda pair: -len(pair[1])):
        half = width_of(name, 11) / 2
        middle = min(max(at, half), c.WIDTH - half)
        if all(middle + half + 4 < left or middle - half - 4 > right for left, right in taken):
            taken.append((middle - half, middle + half))
            parts.append(text(middle, top - 10, name, "t", "middle"))
    return parts


def _bar_label(left: float, right: float, y: float, words: str, zero: float) -> Markup:
    """Return the number of a bar: inside when it fits, else beside it and clear of the zero line."""
    width = width_of(words, 12, True)
    if width + 8 <= right - left:
        return text(right - 5, y, words, "b w", "end")
    if left > zero > left - 7 - width:
        left = zero
    return beside(left, right, y, words, "b")


def beside(left: float, right: float, y: float, words: str, class_: str, bound: float = LABELS) -> Markup:
    """Return a text to the left of a mark, or to its right where there is no room."""
    size = {"n": 13.0, "s": 11.0}.get(class_, 12.0)
    width = width_of(words, size, class_ in ("b", "n"))
    if left - 5 - width >= bound - 4:
        return text(left - 5, y, words, f"{class_} h", "end")
    if right + 5 + width <= c.WIDTH:
        return text(right + 5, y, words, f"{class_} h")
    return text(c.WIDTH, y, words, f"{class_} h", "end")


def _today(reading: Reading, option: Mapping[str, Any]) -> Content:
    """Return what the lot costs today, since business as usual is today carried forward."""
    yearly = [reading.yearly_nok(service) for service in option["services"]]
    if any(nok is None for nok in yearly):
        return None
    return reading.voice("bridge.was", amount=reading.voice.mnok(sum(nok or 0.0 for nok in yearly)))


def _bridge_table(
    reading: Reading,
    title: str,
    today: float,
    all_steps: Sequence[Step],
    option: Mapping[str, Any],
    yearly: Shown,
    results: Sequence[_Result],
) -> Markup:
    v = reading.voice
    rows: list[list[Content]] = [[v("bridge.today"), v.millions(today), "", v("rests_on.ledger")]]
    for step in all_steps:
        kind = f"price_of_{option['kind']}" if step.kind == "price" else step.kind
        name = step.name or v(f"bridge.step.{kind}")
        basis = (
            "bid"
            if step.kind == "price" and option["kind"] == "bid"
            else "source"
            if step.has_source
            else "assumption"
        )
        if step.kind in ("business_as_usual", "falls_away"):
            basis = "ledger"
        known = step.low is not None and step.high is not None and step.low != step.high
        span = v.millions_span(step.low, step.high) if known else ""
        rows.append([name, v.millions(step.nok), span, v(f"rests_on.{basis}")])
    if yearly.number is not None:
        rows.append(
            [v("bridge.total"), v.millions(yearly.number), v.millions_span(yearly.low, yearly.high), " "]
        )
    total_at = len(rows)
    for result in results:
        rows.append(
            [
                result.name,
                v.millions(result.net, signed=True),
                v.millions_span(result.low, result.high, True),
                " ",
            ]
        )
    return table(
        title,
        [v("head.mnok_per_year"), v("head.amount"), v("head.p10_p90"), v("head.rests_on")],
        rows,
        (total_at,),
    )

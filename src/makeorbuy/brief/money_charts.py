"""Charts of money: the bridge, what flips a recommendation, what is assumed, cost by year."""

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
    "price", "remaining", "retained", "scope_gap", "transition", "parallel_run", "exit", "risk", "measure", "other",
)  # fmt: skip
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
                Step(kind, row["nok"] or 0.0, row.get("low"), row.get("high"), bool(row.get("has_source")),
                     str(row.get(f"name_{language}") or ""))
                for row in lines
            ]  # fmt: skip
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
        if other["kind"] == "improved" and set(other["services"]) == set(option["services"]) and other is not option:
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
    results = [_Result(option, v("bridge.net_" + ("bid" if is_external else "own")), net, low, high, c.INK)]
    twin = same_lot_improved(reading, option) if with_improved and is_external else None
    if twin is not None:
        value, twin_low, twin_high = negative(reading.figure("decision.net_saving_nok", twin["id"]))
        if value is not None:
            results.append(_Result(twin, v("bridge.improved"), value, twin_low, twin_high, c.OWN))
    svg = _draw_bridge(reading, title, rows, results, option)
    yearly = reading.figure("projection.cost.yearly_nok", oid)
    return Chart(
        title,
        v("bridge.subtitle", lot=reading.label(option, 60), services=v.counted("page.services", len(option["services"]))),
        svg,
        None,
        _bridge_table(reading, title, today, all_steps, option, yearly, results),
        (net_figure.id,),
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
            parts.append(_beside(x(0) - 3, x(0) + 3, mid, v.millions(row.amount), "b"))
            continue
        left, right = sorted((x(row.start), x(row.end)))
        colour = c.KIND_COLOUR[option["kind"]] if row.step.kind in ("price", "measure", "falls_away") else c.STAYS
        parts.append(rect(left, y, right - left, bar, colour))
        parts.append(_bar_label(left, right, mid, v.millions(row.amount, signed=True), x(0)))
        if index + 1 < len(rows):
            parts.append(line(x(row.end), y + bar, x(row.end), y + pitch, c.TICK))
    parts.append(line(0, rule_y, c.WIDTH, rule_y, c.INK))
    for index, result in enumerate(results):
        parts.extend(_draw_result(reading, result, x, rule_y + 9 + 46 * index))
    parts.append(line(x(0), top - 2, x(0), height, c.INK, 1.2))
    told = [(row.name, v.millions(row.amount, signed=row.step is not None)) for row in rows]
    told += [(r.name, f"{v.mnok(r.net, signed=True)} ({v.millions_span(r.low, r.high, True)})") for r in results]
    return drawing(height, alternative(title, told), *parts)


def _draw_result(reading: Reading, result: _Result, x: Any, y: float) -> list[Content]:
    v = reading.voice
    left, right = sorted((x(0), x(result.net)))
    parts: list[Content] = [
        text(0, y + 13, fitted(result.name, LABELS - 4, bold=True), "b"),
        text(0, y + 28, fitted(payback(reading, result.option["id"]), LABELS - 6, 11), "s"),
        rect(left, y, right - left, 17, result.colour),
        _beside(left, right, y + 13, v("bridge.a_year", amount=v.millions(result.net, signed=True)), "n"),
    ]
    if result.low is not None and result.high is not None:
        parts.append(whisker(x(result.low), x(result.high), y + 24, result.colour))
        span = v.millions_span(result.low, result.high, signed=True)
        parts.append(_beside(min(x(result.low), x(0)), max(x(result.high), x(0)), y + 28, span, "s"))
    return parts


def _money_axis(reading: Reading, x: Any, low: float, high: float, top: float, height: float) -> list[Content]:
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
    return _beside(left, right, y, words, "b")


def _beside(left: float, right: float, y: float, words: str, class_: str, bound: float = LABELS) -> Markup:
    """Return a text to the left of a mark, or to its right where there is no room."""
    size = {"n": 13.0, "s": 11.0}.get(class_, 12.0)
    width = width_of(words, size, class_ in ("b", "n"))
    if left - 5 - width >= bound - 4:
        return text(left - 5, y, words, f"{class_} h", "end")
    if right + 5 + width <= c.WIDTH:
        return text(right + 5, y, words, f"{class_} h")
    return text(c.WIDTH, y, words, f"{class_} h", "end")


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
        name = step.name or v(f"bridge.step.{step.kind}")
        basis = "bid" if step.kind == "price" and option["kind"] == "bid" else "source" if step.has_source else "assumption"
        if step.kind in ("business_as_usual", "falls_away"):
            basis = "ledger"
        known = step.low is not None and step.high is not None and step.low != step.high
        span = v.millions_span(step.low, step.high) if known else ""
        rows.append([name, v.millions(step.nok), span, v(f"rests_on.{basis}")])
    if yearly.number is not None:
        rows.append([v("bridge.total"), v.millions(yearly.number), v.millions_span(yearly.low, yearly.high), " "])
    total_at = len(rows)
    for result in results:
        rows.append(
            [result.name, v.millions(result.net, signed=True), v.millions_span(result.low, result.high, True), " "]
        )
    return table(
        title,
        [v("head.mnok_per_year"), v("head.amount"), v("head.p10_p90"), v("head.rests_on")],
        rows,
        (total_at,),
    )


# what flips it


def flips(reading: Reading, rows: Sequence[Row], series_id: str, after: Content = None) -> Chart:
    """Return what would flip each recommendation: today's estimate, what we believe, where it turns."""
    v = reading.voice
    if not rows:
        return Chart(
            v("missing.title", what=v("missing.flips")),
            reason=v.reason("no_flips"),
            ids=(series_id,),
            after=after,
        )
    shown = [_flip(reading, row) for row in rows]
    inside = sum(bool(row.get("flips_within_interval")) for row in rows)
    nearest = min(
        (row for row in rows if row.get("distance_share") is not None),
        key=lambda row: abs(row["distance_share"]),
        default=None,
    )
    name = _flip_name(reading, nearest) if nearest else ""
    title = titles.flips(v, inside, len(rows), name, nearest["distance_share"] if nearest else None)
    return Chart(
        title,
        v("flips.subtitle"),
        _draw_flips(reading, title, shown),
        None,
        table(
            title,
            [v("head.what_changes"), v("head.now"), v("head.flips_at"), v("head.believed")],
            [[flip.quantity, flip.now, flip.at, flip.believed] for flip in shown],
        ),
        (series_id,),
        after=after,
    )


@dataclass(frozen=True, slots=True)
class _Flip:
    sentence: str
    quantity: str
    now: str
    at: str
    believed: str
    distance: float | None
    low: float | None
    high: float | None
    colour: str


def _flip_name(reading: Reading, row: Row) -> str:
    option = reading.options.get(str(row.get("option")))
    return reading.lot(option) if option else str(row.get("option"))


def _flip(reading: Reading, row: Row) -> _Flip:
    v = reading.voice
    option = reading.options.get(str(row.get("option")))
    quantity, unit = str(row["quantity"]), str(row.get("unit") or "")
    now, at = row.get("now"), row.get("flips_at")
    up = at is not None and now is not None and at > now
    winner = str(row.get("would_win") or "")
    external = winner == "move"
    wins_itself = option is not None and winner == ("improve" if option["kind"] == "improved" else "move")
    driver = ""
    if option is not None and option["services"]:
        service = reading.services.get(option["services"][0])
        driver = v.text(service["driver"]["name"]) if service else ""
    name = _flip_name(reading, row)
    subject = reading.subject(option) if option else name
    ending = f"{'wins' if wins_itself else 'loses'}_{'over' if up else 'under'}"
    code = f"flips.sentence.{quantity}.{ending}"
    slots = {
        "subject": subject,
        "lot": name,
        "value": quantity_text(reading, at, unit, driver),
        "quantity": v.first("quantity", quantity, quantity),
    }
    if not v.knows(code):
        code = f"flips.sentence.{ending if winner else ending.partition('_')[2]}"
    sentence = v(code, **slots)
    if width_of(sentence) > c.WIDTH:
        sentence = c.capital(v(code, **{**slots, "subject": name}))
    base = abs(now) if now else None
    return _Flip(
        sentence,
        f"{name}: {v.first('quantity', quantity, quantity)}{_unit_suffix(reading, unit, driver)}",
        plain_quantity(reading, now, unit),
        plain_quantity(reading, at, unit),
        quantity_span(reading, row.get("low"), row.get("high"), unit),
        (at - now) / base if base and at is not None else row.get("distance_share"),
        (row["low"] - now) / base if base and row.get("low") is not None else None,
        (row["high"] - now) / base if base and row.get("high") is not None else None,
        c.SUPPLIER if external else c.OWN,
    )


def quantity_text(reading: Reading, value: float | None, unit: str, driver: str = "") -> str:
    """Return a quantity with its unit, in a sentence."""
    v = reading.voice
    if value is None:
        return "–"
    if unit.startswith("nok_per_unit_month"):
        return v("unit.per_driver_month", amount=v.nok(value), driver=driver)
    if unit.startswith("nok_per_unit"):
        return v("unit.per_driver_year", amount=v.nok(value), driver=driver)
    if unit in ("nok_per_year", "nok"):
        return v("unit.mnok_year", amount=v.mnok(value)) if unit == "nok_per_year" else v.mnok(value)
    if unit.startswith("share"):
        return v.percent(value)
    if unit == "hours":
        return v.duration(value)
    return v.decimal(value, 0 if abs(value) >= 100 else 2)


def plain_quantity(reading: Reading, value: float | None, unit: str) -> str:
    """Return a quantity without its unit, for a table that says it elsewhere."""
    v = reading.voice
    if value is None:
        return "–"
    if unit.startswith("nok_per_unit"):
        return v.whole(value)
    if unit in ("nok_per_year", "nok"):
        return v.millions(value)
    return quantity_text(reading, value, unit)


def quantity_span(reading: Reading, low: float | None, high: float | None, unit: str) -> str:
    """Return what is believed of a quantity, without its unit."""
    v = reading.voice
    if low is None or high is None:
        return "–"
    if low == high:
        return plain_quantity(reading, low, unit)
    if unit.startswith("share"):
        return f"{v.span(low * 100, high * 100)}{v.percent(0).removeprefix('0')}"
    if unit in ("nok_per_year", "nok"):
        return v.span(low / MILLION, high / MILLION, 1)
    return v.span(low, high, 0 if abs(high) >= 20 else 2)


def _unit_suffix(reading: Reading, unit: str, driver: str) -> str:
    v = reading.voice
    code = f"unit.suffix.{unit}"
    return f", {v(code, driver=driver)}" if v.knows(code) else ""


def _draw_flips(reading: Reading, title: str, shown: Sequence[_Flip]) -> Markup:
    v = reading.voice
    cap = 0.6
    ends = [x for flip in shown for x in (flip.distance, flip.low, flip.high) if x is not None]
    low = max(min([*ends, -0.05]), -cap)
    high = min(max([*ends, 0.05]), cap)
    # room for a label beside the outermost stroke on either side
    distances = [flip.distance for flip in shown if flip.distance is not None]
    low = min([low, *(max(d, -cap) - 0.26 * (high - low) for d in distances if d < 0)])
    high = max([high, *(min(d, cap) + 0.18 * (high - low) for d in distances if d > 0)])
    pad = (high - low) * 0.03
    x = c.scale(low - pad, high + pad, 4, 352)
    pitch, top = 45.0, 34.0
    height = top + pitch * len(shown)
    parts: list[Content] = []
    beside_now = width_of(v("axis.now"), 11) / 2 + 6
    for mark in c.ticks(low - pad, high + pad, 7):
        name = v("axis.now") if mark == 0 else v.signed_percent(mark)
        half = width_of(name, 11) / 2
        if mark == 0 or abs(x(mark) - x(0)) > beside_now + half:
            parts.append(text(min(max(x(mark), half), c.WIDTH - half), 12, name, "t", "middle"))
        parts.append(line(x(mark), 18, x(mark), 23, c.TICK))
    parts.append(line(x(0), 18, x(0), height - 6, c.TICK))
    for index, flip in enumerate(shown):
        y = top + pitch * index
        mid = y + 21
        if flip.low is not None and flip.high is not None:
            parts.append(rect(x(flip.low), mid - 6, max(x(flip.high) - x(flip.low), 1.5), 12, c.BAND_TODAY))
        parts.append(text(0, y + 4, fitted(flip.sentence, c.WIDTH), "h"))
        if flip.distance is not None:
            at = x(flip.distance)
            parts.append(line(x(0), mid, at, mid, flip.colour, 1.5))
            beyond = abs(flip.distance) > cap
            if beyond:
                way = 5 if flip.distance > 0 else -5
                d = f"M{c.number(at)} {c.number(mid)}l{-way} -4v8z"
                parts.append(tag("path", d=d, fill=flip.colour))
            else:
                parts.append(line(at, mid - 8, at, mid + 8, flip.colour, 2))
            words = v(
                "flips.up" if flip.distance > 0 else "flips.down",
                share=v.percent(abs(flip.distance), 1 if abs(flip.distance) < 0.1 else 0),
            )
            parts.append(_flip_label(x, flip, at, mid, words))
        parts.append(tag("circle", cx=x(0), cy=mid, r=3.5, fill=c.INK))
    told = [(flip.quantity, v("flips.told", now=flip.now, at=flip.at, believed=flip.believed)) for flip in shown]
    return drawing(height, alternative(title, told), *parts)


def _flip_label(x: Any, flip: _Flip, at: float, mid: float, words: str) -> Markup:
    width = width_of(words, 12, True)
    marks = [at, x(0), *(x(end) for end in (flip.low, flip.high) if end is not None)]
    if at >= x(0):
        if max(marks) + 7 + width <= c.WIDTH:
            return text(max(at, max(marks) if max(marks) - at < width else at) + 7, mid + 4, words, "b h")
        return text(at - 6, mid - 5, words, "b h", "end")
    if min(marks) - 7 - width >= 0:
        return text((min(marks) if at - min(marks) < width else at) - 7, mid + 4, words, "b h", "end")
    return text(at + 6, mid - 5, words, "b h")


# what is assumed


def counted_offers(reading: Reading) -> list[Mapping[str, Any]]:
    """Return the offers that the total of what is assumed is made of: each service once, the largest first."""
    figure = reading.document["figures"].get("decision.assumed_share") or {}
    ids = [key.partition("[")[2].rstrip("]") for key in figure.get("inputs") or []]
    offers = [reading.options[oid] for oid in ids if oid in reading.options]
    if not offers:
        offers = [option for option in reading.options.values() if option["kind"] == "bid"]
    return sorted(offers, key=lambda o: -(reading.number("projection.cost.business_as_usual_nok", o["id"]) or 0.0))


def assumptions(reading: Reading, most: int = 5) -> Chart:
    """Return how much of each lot's cost is the offer's price, sourced, and assumed without a source."""
    v = reading.voice
    total = reading.figure("decision.assumed_share")
    rows: list[tuple[str, str, list[float]]] = []
    offers = counted_offers(reading)
    for option in offers:
        split = reading.table("decision.assumed_split", option["id"])
        if split.rows:
            row = split.rows[0]
            parts = [max(float(row[k] or 0.0), 0.0) for k in ("price_nok", "sourced_nok", "unsourced_nok")]
            if sum(parts) > 0:
                rows.append((reading.lot(option), option["kind"], parts))
    if not rows:
        return missing(v, "assumed", v.reason(total.reason or "no_offers"), total.id)
    parts = rows[0][2]
    title = titles.assumed(
        v,
        total.number,
        reading.lot(offers[0]),
        parts[1] + parts[2],
        reading.number("decision.net_saving_nok", offers[0]["id"]),
    )
    sums = [sum(row[2][k] for row in rows) for k in range(3)]
    if len(rows) > most:
        rest = [sum(row[2][k] for row in rows[most - 1 :]) for k in range(3)]
        rows = [*rows[: most - 1], (v("assumed.others"), "bid", rest)]
    body: list[list[Content]] = [
        [name, *(v.millions(part) for part in split), v.percent((split[1] + split[2]) / sum(split))] for name, _, split in rows
    ]
    whole = total.number if total.number is not None else (sums[1] + sums[2]) / sum(sums)
    body.append([v("word.in_all"), *(v.millions(part) for part in sums), v.percent(whole)])
    head = [v(f"head.{k}") for k in ("mnok_per_year", "price", "with_source", "without_source", "share_assumed")]
    return Chart(
        title,
        v("assumed.subtitle"),
        _draw_assumed(reading, title, rows),
        None,
        table(title, head, body, (len(body) - 1,)),
        (f"{total.id}[*]",),
    )


def _draw_assumed(reading: Reading, title: str, rows: Sequence[tuple[str, str, list[float]]]) -> Markup:
    v = reading.voice
    left, right, pitch, top, bar = 92.0, 316.0, 27.0, 24.0, 19.0
    height = top + pitch * len(rows) + 20
    content: list[Content] = [
        text(left, 12, v("assumed.price"), "t"),
        text(c.WIDTH, 12, v("assumed.assumed"), "t", "end"),
    ]
    told = []
    for index, (name, kind, parts) in enumerate(rows):
        y = top + pitch * index
        whole = sum(parts)
        content.append(text(0, y + 14, fitted(name, left - 4)))
        at = left
        for part, fill in zip(parts, (c.KIND_BAND[kind], c.STAYS, c.HATCH), strict=True):
            width = (right - left) * part / whole
            if width > 0.5:
                content.append(rect(at, y, width, bar, fill))
            words = v.millions(part)
            if fill != c.HATCH and width_of(words, 12) + 4 <= width:
                if fill == c.STAYS:
                    content.append(text(at + width - 3, y + 14, words, "w", "end"))
                else:
                    content.append(text(at + 6, y + 14, words))
            at += width
        share = v.percent((parts[1] + parts[2]) / whole)
        content.append(text(c.WIDTH, y + 14, share, "b", "end"))
        told.append((name, share))
    content.append(text(right, height - 6, v("assumed.key"), "t", "end"))
    return drawing(height, alternative(title, told), *content)


# cost by year


def by_year(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return an option's cost by year, its kinds stacked, and the table of it."""
    v = reading.voice
    series = reading.table("projection.cost.years", option["id"])
    lines = reading.table("projection.cost.lines", option["id"])
    if series.reason:
        return missing(v, "by_year", v.reason(series.reason), series.id)
    kinds = {row["line"]: row["kind"] for row in lines.rows}
    years = sorted({int(row["year"]) for row in series.rows})
    groups = {year: {"price": 0.0, "stays": 0.0, "once": 0.0} for year in years}
    for row in series.rows:
        kind = kinds.get(row["line"], "other")
        group = (
            "price"
            if kind in ("price", *TODAY_KINDS)
            else "once"
            if kind in ("transition", "parallel_run", "exit", "risk", "measure")
            else "stays"
        )
        groups[int(row["year"])][group] += float(row["nok"] or 0.0)
    totals = {year: sum(parts.values()) for year, parts in groups.items()}
    whole = sum(totals.values())
    running = sum(year > 0 for year in years)
    first = totals[years[0]]
    title = v(
        "title.years.plain",
        subject=reading.subject(option),
        amount=v.bold_mnok(whole),
        years=v.count_word(running),
        first=v.bold_mnok(first),
    )
    title = titles.fitting(title, v("title.years.short", amount=v.bold_mnok(whole), years=v.count_word(running)))
    names = [v("years.price_" + ("bid" if option["kind"] != "improved" else "own")), v("years.stays"), v("years.once")]
    body: list[list[Content]] = [
        [v("years.year", year=v.whole(year)), *(v.millions(groups[year][k]) for k in ("price", "stays", "once")), v.millions(totals[year])]
        for year in years
    ]
    body.append([v("word.in_all"), *(v.millions(sum(g[k] for g in groups.values())) for k in ("price", "stays", "once")), v.millions(whole)])
    top, bottom, left = 18.0, 168.0, 34.0
    ups = [sum(max(part, 0) for part in parts.values()) for parts in groups.values()]
    downs = [sum(min(part, 0) for part in parts.values()) for parts in groups.values()]
    high, low = max([*ups, 1.0]), min([*downs, 0.0])
    y = c.scale(low, high * 1.04, bottom, top)
    content: list[Content] = []
    for mark in c.ticks(low / MILLION, high * 1.04 / MILLION, 4):
        content.append(line(left, y(mark * MILLION), c.WIDTH, y(mark * MILLION), c.GRID))
        content.append(text(left - 6, y(mark * MILLION) + 4, v.decimal(mark, 0 if high > 8 * MILLION else 1), "t", "end"))
    content.append(text(0, 8, v("axis.mnok"), "t"))
    slot = (c.WIDTH - left) / len(years)
    fills = (c.KIND_BAND[option["kind"]], c.STAYS, c.HATCH)
    for index, year in enumerate(years):
        up = down = 0.0
        x = left + slot * index + slot * 0.16
        for k, fill in zip(("price", "stays", "once"), fills, strict=True):
            part = groups[year][k]
            base, end = (up, up + part) if part >= 0 else (down, down + part)
            top_y, height = y(max(base, end)), abs(y(base) - y(end))
            if height > 0.6:
                content.append(rect(x, top_y, slot * 0.68, max(height, 1.2), fill))
            up, down = (end, down) if part >= 0 else (up, end)
        content.append(text(x + slot * 0.34, y(up) - 4, v.millions(totals[year], 0), "b h", "middle"))
        content.append(text(x + slot * 0.34, bottom + 15, v("years.year", year=v.whole(year)), "t", "middle"))
    content.append(line(left, y(0), c.WIDTH, y(0), c.INK))
    told = [(v("years.year", year=v.whole(year)), v.mnok(total)) for year, total in totals.items()]
    return Chart(
        title,
        v("years.subtitle"),
        drawing(bottom + 22, alternative(title, told), *content),
        v("years.key", price=names[0].lower()),
        table(title, [v("head.mnok"), *names, v("word.in_all")], body, (len(body) - 1,)),
        (series.id,),
    )

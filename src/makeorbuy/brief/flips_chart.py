"""What would flip a recommendation: today's estimate, what we believe of it, where it turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, rect, table, text
from makeorbuy.brief.markup import Content, Markup, number, tag
from makeorbuy.brief.reading import Reading, Row, shortened
from makeorbuy.brief.text_size import fitted, width_of
from makeorbuy.wording.numbers import MILLION


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
        _what_else(reading, rows),
        table(
            title,
            [v("head.what_changes"), v("head.now"), v("head.flips_at"), v("head.believed")],
            [[flip.quantity, flip.now, flip.at, flip.believed] for flip in shown],
        ),
        (series_id,),
        after=after,
    )


def _what_else(reading: Reading, rows: Sequence[Row]) -> Content:
    """Return what the strokes stand for, and which options the rule would not follow even there."""
    v = reading.voice
    slow = []
    for row in rows:
        option = reading.options.get(str(row.get("option")))
        faster = reading.number("decision.probability_faster", str(row.get("option")))
        if option is not None and row.get("would_win") == "undecided" and faster is not None:
            slow.append(v("flips.still_slow", subject=reading.lot(option), share=v.probability(faster)))
    required = v.percent(reading.assumption("required_probability_faster", 0.8))
    said = [v("flips.key"), *_of_prices(reading, rows)]
    if slow:
        said.append(v("flips.but", options=v.listed(slow), required=required))
    return " ".join(said)


def _of_prices(reading: Reading, rows: Sequence[Row]) -> list[str]:
    """Return what a price in an offer becomes in the cost, and whom it must beat where that is no status quo.

    Without it a price and where it turns stand beside another amount for the same offer in the table of
    costs, and beside another break-even value, that against business as usual.
    """
    v = reading.voice
    indexed, rivals = [], []
    for row in rows:
        option = reading.options.get(str(row.get("option")))
        now, at = row.get("now"), row.get("flips_at")
        if option is None or row.get("quantity") != "price" or now is None or at is None:
            continue
        lot = reading.lot(option)
        lines = reading.table("projection.cost.lines", option["id"]).rows
        paid = sum(one["nok"] or 0.0 for one in lines if one["kind"] == "price")
        if paid and v.millions(paid) != v.millions(now):
            indexed.append(f"{lot} {v.millions(paid)}")
        alone = reading.number("decision.break_even_price_nok", option["id"])
        counted = {str(reading.figure("decision.counted_under", sid).value) for sid in option["services"]}
        others = [other for oid, other in reading.options.items() if oid in counted - {option["id"]}]
        if alone is not None and others and v.millions(alone) != v.millions(at):
            rival = v.listed(reading.label(other) for other in others)
            rivals.append(v("flips.rival", lot=lot, rival=rival, price=v.mnok(alone)))
    return [*rivals, *([v("flips.indexed", prices=v.listed(indexed))] if indexed else [])]


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
    itself = "improve" if option is not None and option["kind"] == "improved" else "move"
    wins_itself = option is not None and winner in (itself, "undecided")
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
        # a name may be cut, the number may not
        shorter = (
            c.capital(v(code, **{**slots, "subject": shortened(name, most)})) for most in range(60, 5, -1)
        )
        sentence = next((said for said in shorter if width_of(said) <= c.WIDTH), sentence)
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
                d = f"M{number(at)} {number(mid)}l{-way} -4v8z"
                parts.append(tag("path", d=d, fill=flip.colour))
            else:
                parts.append(line(at, mid - 8, at, mid + 8, flip.colour, 2))
            words = v(
                "flips.up" if flip.distance > 0 else "flips.down",
                share=v.percent(abs(flip.distance), 1 if abs(flip.distance) < 0.1 else 0),
            )
            parts.append(_flip_label(x, flip, at, mid, words))
        parts.append(tag("circle", cx=x(0), cy=mid, r=3.5, fill=c.INK))
    told = [
        (flip.quantity, v("flips.told", now=flip.now, at=flip.at, believed=flip.believed)) for flip in shown
    ]
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

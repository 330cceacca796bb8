"""Charts of one service's cost and evidence: the build-up of its unit cost, the use of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, rect, table, text
from makeorbuy.brief.markup import Content, Markup
from makeorbuy.brief.reading import Reading, Row, Shown
from makeorbuy.brief.text_size import fitted, width_of

LABELS = 130.0
RIGHT = 350.0
MOST_COMPONENTS = 6


def unit_cost(reading: Reading, service: Mapping[str, Any]) -> Chart:
    """Return the cost per driver unit, component by component, and the price an offer must beat."""
    v = reading.voice
    sid = service["id"]
    unit = reading.figure("baseline.unit_cost.unit_nok", sid)
    yearly = reading.number("baseline.unit_cost.yearly_nok", sid)
    build_up = reading.table("baseline.unit_cost.build_up", sid)
    if unit.number is None or not build_up.rows or not yearly:
        return missing(v, "unit_cost", v.reason(unit.reason or build_up.reason), unit.id)
    driver = v.text(service["driver"]["name"])
    count = float(service["driver"]["count"])
    outside = sum(row["nok"] for row in build_up.rows if row["origin"] == "outside_ledger")
    title = titles.unit_cost(v, unit.number, driver, outside / yearly)
    rows = _components(reading, build_up.rows)
    beat = _price_to_beat(reading, sid)
    beat_yearly = beat.number / count if beat is not None and beat.number is not None and count else None
    share = reading.number("projection.cost.avoidable_share", sid)
    body: list[list[Content]] = [
        [name, v.whole(nok / count), v.millions(nok), v(f"rests_on.{origin}")] for name, nok, origin in rows
    ]
    body.append([v("cost.total", count=v.whole(count)), v.whole(unit.number), v.millions(yearly), " "])
    if beat_yearly is not None:
        body.append(
            [
                v("cost.price_to_beat"),
                v.whole(beat_yearly),
                v.millions(beat_yearly * count),
                v("rests_on.computed"),
            ]
        )
    ids = [unit.id]
    if beat is not None and beat_yearly is not None:
        ids.append(beat.id)
    subtitle = v("cost.subtitle_hatched" if outside > 0 else "cost.subtitle")
    return Chart(
        title,
        subtitle,
        _draw_unit_cost(reading, title, rows, count, unit.number, share, beat_yearly),
        None,
        table(
            title,
            [v("cost.head", driver=driver), v("head.nok"), v("head.mnok"), v("head.rests_on")],
            body,
            (len(rows),),
        ),
        tuple(ids),
    )


def _price_to_beat(reading: Reading, sid: str) -> Shown | None:
    """Return the yearly price below which others would be cheaper: of an offer on this service alone, else
    the one worked out where nobody has offered."""
    alone = [
        reading.figure("decision.break_even_price_nok", option["id"])
        for option in reading.options.values()
        if option["kind"] == "bid" and option["services"] == [sid]
    ]
    known = [price for price in (*alone, reading.figure("decision.price_to_beat_nok", sid)) if price.number]
    return known[0] if known else None


def _components(reading: Reading, rows: Sequence[Row]) -> list[tuple[str, float, str]]:
    """Return components by size, those outside the ledger in their place, small ones together."""
    v = reading.voice
    named: dict[tuple[str, str], float] = {}
    for row in rows:
        name = row.get(f"component_{v.language}") or row.get("component") or row.get("component_nb") or ""
        key = (str(name), str(row["origin"]))
        named[key] = named.get(key, 0.0) + float(row["nok"])
    ordered = sorted(((name, nok, origin) for (name, origin), nok in named.items()), key=lambda row: -row[1])
    if len(ordered) <= MOST_COMPONENTS:
        return ordered
    kept = ordered[: MOST_COMPONENTS - 1]
    kept += [row for row in ordered[MOST_COMPONENTS - 1 :] if row[2] == "outside_ledger"]
    rest = [row for row in ordered if row not in kept]
    if rest:
        kept.append((v("cost.other"), sum(row[1] for row in rest), "ledger"))
    return kept


def _draw_unit_cost(
    reading: Reading,
    title: str,
    rows: Sequence[tuple[str, float, str]],
    count: float,
    unit: float,
    avoidable: float | None,
    beat: float | None,
) -> Markup:
    v = reading.voice
    level, high, low = 0.0, max(unit, beat or 0.0), 0.0
    for _, nok, _ in rows:
        level += nok / count
        high, low = max(high, level), min(low, level)
    x = c.scale(low, high, LABELS, RIGHT)
    pitch, top, bar = 25.0, 6.0, 16.0
    rule = top + pitch * len(rows) + 3
    bottom = rule + (50 if beat is not None else 30)
    parts: list[Content] = []
    marks = c.ticks(low, high, 4)
    for mark in marks:
        parts.append(line(x(mark), top - 4, x(mark), bottom, c.INK if mark == 0 else c.GRID))
    end = -10.0
    for mark in marks:
        name = v.nok(mark) if mark == marks[-1] else v.whole(mark)
        half = width_of(name, 11) / 2
        at = min(x(mark), c.WIDTH - half)
        if at - half > end + 4:
            parts.append(text(at, bottom + 14, name, "t", "middle"))
            end = at + half
    level = 0.0
    told = []
    for index, (name, nok, origin) in enumerate(rows):
        y = top + pitch * index
        amount = nok / count
        left, right = sorted((x(level), x(level + amount)))
        words = v.whole(amount)
        parts.append(text(0, y + 12, fitted(name, LABELS - 6)))
        parts.append(
            rect(left, y, max(right - left, 1), bar, c.HATCH if origin == "outside_ledger" else c.STAYS)
        )
        if origin != "outside_ledger" and width_of(words, 12, True) + 10 <= right - left:
            parts.append(text(right - 5, y + 12, words, "b w", "end"))
        elif left - 5 - width_of(words, 12, True) >= LABELS - 2:
            parts.append(text(left - 5, y + 12, words, "b h", "end"))
        else:
            parts.append(text(right + 5, y + 12, words, "b h"))
        level += amount
        if index + 1 < len(rows):
            parts.append(line(x(level), y + bar, x(level), y + pitch, c.TICK))
        told.append((name, v.nok(amount)))
    parts.append(line(0, rule, c.WIDTH, rule, c.INK))
    y = rule + 6
    parts.append(text(0, y + 13, v("cost.unit_cost"), "b"))
    if avoidable is not None and 0 < avoidable < 1:
        cut = x(unit * avoidable)
        parts.append(rect(x(0), y, cut - x(0) - 0.6, 18, c.INK))
        parts.append(rect(cut + 0.6, y, x(unit) - cut - 0.6, 18, c.STAYS))
        words = v("cost.falls_away", amount=v.whole(unit * avoidable))
        if width_of(words, 12, True) + 10 <= cut - x(0):
            parts.append(text(cut - 5, y + 13, words, "b w", "end"))
        rest = v.whole(unit * (1 - avoidable))
        if width_of(rest, 12, True) + 8 <= x(unit) - cut:
            parts.append(text(cut + 5, y + 13, rest, "b w"))
    else:
        parts.append(rect(x(0), y, x(unit) - x(0), 18, c.INK))
        parts.append(text(x(unit) - 5, y + 13, v.nok(unit), "b w", "end"))
    told.append((v("cost.unit_cost"), v.nok(unit)))
    if beat is not None:
        at = x(beat)
        parts.append(line(at, y + 20, at, y + 36, c.SUPPLIER, 2.4))
        words = v("cost.price_to_beat_mark", amount=v.whole(beat))
        if at - 6 - width_of(words, 12, True) >= 0:
            parts.append(text(at - 6, y + 33, words, "b h", "end", c.SUPPLIER))
        else:
            parts.append(text(at + 6, y + 33, words, "b h", None, c.SUPPLIER))
        told.append((v("cost.price_to_beat"), v.nok(beat)))
    return drawing(bottom + 20, alternative(title, told), *parts)


def rows_of_service(
    reading: Reading, service: Mapping[str, Any], options: Sequence[Mapping[str, Any]]
) -> Chart:
    """Return what is known of a service's tickets, and whether its speed has been backtested."""
    v = reading.voice
    sid = service["id"]
    counts = reading.table("baseline.row_counts", sid)
    known = {str(row["what"]): float(row["count"] or 0.0) for row in counts.rows}
    total = known.get("tickets", 0.0)
    if not total:
        return missing(v, "evidence", v.reason("no_tickets"), counts.id)
    parts = {k: known.get(k, 0.0) for k in ("open", "cancelled", "unknown_end")}
    resolved = max(total - sum(parts.values()), 0.0)
    tests = [reading.figure("projection.speed.backtest", sid, option["id"]) for option in options]
    tested = any(figure.value is not None for figure in tests)
    reason = next((figure.reason for figure in tests if figure.reason), "no_queue_model")
    usable = (resolved + parts["open"]) / total
    title = titles.usable(v, usable, tested)
    height = 74.0
    x = c.scale(0, total, 0, c.WIDTH)
    content: list[Content] = [text(0, 14, v("evidence.tickets", count=v.whole(total)), "b")]
    at = 0.0
    for amount, fill in (
        (resolved, c.STAYS),
        (parts["open"], c.BAND_TODAY),
        (parts["cancelled"], c.GRID),
        (parts["unknown_end"], c.SUPPLIER),
    ):
        if amount:
            content.append(rect(x(at), 24, max(x(at + amount) - x(at) - 1, 1.2), 16, fill))
        at += amount
    words = v("evidence.open", count=v.whole(parts["open"]))
    content.append(text(c.WIDTH, 14, words, "t", "end"))
    if parts["unknown_end"]:
        content.append(
            text(
                c.WIDTH,
                56,
                v("evidence.unknown_end", count=v.whole(parts["unknown_end"])),
                "b",
                "end",
                c.SUPPLIER,
            )
        )
    else:
        height = 46.0
    body: list[list[Content]] = [[v("evidence.row.tickets"), v.whole(total), v.percent(1)]]
    for k in ("open", "cancelled", "unknown_end", "handed_over", "reopened"):
        if k in known:
            body.append([v(f"evidence.row.{k}"), v.whole(known[k]), v.percent(known[k] / total, 1)])
    requests = reading.number("baseline.demand.request_count", sid)
    if requests is not None:
        body.append([v("evidence.row.requests"), v.whole(requests), None])
    told = [(v(f"evidence.row.{k}"), v.whole(parts[k])) for k in parts]
    return Chart(
        title,
        v("evidence.tested" if tested else "evidence.untested", reason=v.reason(reason)),
        drawing(height, alternative(title, told), *content),
        None,
        table(title, [v("evidence.head"), v("head.count"), v("head.share")], body),
        (counts.id,),
    )


def price_to_beat(reading: Reading, service: Mapping[str, Any]) -> Content:
    """Return the price that an offer must beat for a service nobody has offered on, as sentences."""
    v = reading.voice
    sid = service["id"]
    price = reading.figure("decision.price_to_beat_nok", sid)
    if price.number is None:
        return None
    transition = reading.number("decision.transition_nok", sid)
    if transition is None:
        yearly = reading.yearly_nok(sid)
        transition = yearly * reading.assumption("screening_transition_share", 0.2) if yearly else None
    span = "" if price.low is None else f" ({v.millions_span(price.low, price.high)})"
    words = v("beat.sentence", amount=v.mnok(price.number) + span)
    if transition is not None:
        words += " " + v("beat.transition", amount=v.mnok(transition))
    return words

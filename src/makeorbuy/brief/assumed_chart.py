"""What is assumed: how much of each offer's cost no supplier has priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, missing, rect, table, text
from makeorbuy.brief.markup import Content, Markup
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.text_size import fitted, width_of


def counted_offers(reading: Reading) -> list[Mapping[str, Any]]:
    """Return the offers that the total of what is assumed is made of, each service once."""
    figure = reading.document["figures"].get("decision.assumed_share") or {}
    ids = [key.partition("[")[2].rstrip("]") for key in figure.get("inputs") or []]
    offers = [reading.options[oid] for oid in ids if oid in reading.options]
    if not offers:
        offers = [option for option in reading.options.values() if option["kind"] == "bid"]
    return sorted(
        offers, key=lambda o: -(reading.number("projection.cost.business_as_usual_nok", o["id"]) or 0.0)
    )


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
        [name, *(v.millions(part) for part in split), v.percent((split[1] + split[2]) / sum(split))]
        for name, _, split in rows
    ]
    whole = total.number if total.number is not None else (sums[1] + sums[2]) / sum(sums)
    body.append([v("word.in_all"), *(v.millions(part) for part in sums), v.percent(whole)])
    head = [
        v(f"head.{k}") for k in ("mnok_per_year", "price", "with_source", "without_source", "share_assumed")
    ]
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

"""The cost of an option, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.bridge_chart import TODAY_KINDS
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, rect, table, text
from makeorbuy.brief.markup import Content
from makeorbuy.brief.reading import Reading
from makeorbuy.wording.numbers import MILLION


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
    title = titles.fitting(
        title, v("title.years.short", amount=v.bold_mnok(whole), years=v.count_word(running))
    )
    names = [
        v("years.price_" + ("bid" if option["kind"] != "improved" else "own")),
        v("years.stays"),
        v("years.once"),
    ]
    body: list[list[Content]] = [
        [
            v("years.year", year=v.whole(year)),
            *(v.millions(groups[year][k]) for k in ("price", "stays", "once")),
            v.millions(totals[year]),
        ]
        for year in years
    ]
    body.append(
        [
            v("word.in_all"),
            *(v.millions(sum(g[k] for g in groups.values())) for k in ("price", "stays", "once")),
            v.millions(whole),
        ]
    )
    top, bottom, left = 18.0, 168.0, 34.0
    ups = [sum(max(part, 0) for part in parts.values()) for parts in groups.values()]
    downs = [sum(min(part, 0) for part in parts.values()) for parts in groups.values()]
    high, low = max([*ups, 1.0]), min([*downs, 0.0])
    y = c.scale(low, high * 1.04, bottom, top)
    content: list[Content] = []
    for mark in c.ticks(low / MILLION, high * 1.04 / MILLION, 4):
        content.append(line(left, y(mark * MILLION), c.WIDTH, y(mark * MILLION), c.GRID))
        content.append(
            text(left - 6, y(mark * MILLION) + 4, v.decimal(mark, 0 if high > 8 * MILLION else 1), "t", "end")
        )
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

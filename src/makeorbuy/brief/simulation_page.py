"""The page behind a simulated option, and the page that says whether the simulation can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief.appendix import page
from makeorbuy.brief.chart import Chart, alternative, block, drawing, line, symbol, table, text
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading, Row
from makeorbuy.brief.simulation_charts import backlog_ahead, team_loads, team_waits, within_by_month

LEVELS = (50, 80, 95)
WIDE_OFF = 0.04
"""Coverage this far from what was said counts as met: the gate of the backtest's goals."""


NO_BETTER = 0.995
"""From this share of the score of past weeks on the model is shown as no better: 1.00 with two decimals."""

FEW_SCORES = 30
"""Below so many predictions of a service, chance alone moves 80 % by more than 14 points either way."""


def has_simulation(reading: Reading, option: Mapping[str, Any]) -> bool:
    """Return whether an option's teams were simulated."""
    return bool(reading.table("projection.queue.teams", option["id"]).rows)


def has_backtest(reading: Reading) -> bool:
    """Return whether the simulation was tested on weeks that it had not seen."""
    return bool(reading.table("projection.queue.backtest").rows)


def simulation_page(reading: Reading, option: Mapping[str, Any], footer: Content) -> Markup:
    """Return what an option's teams do to the backlog, month by month, and to the people."""
    v = reading.voice
    oid = option["id"]
    shown = [sid for sid in option["services"] if reading.table("projection.queue.backlog", sid, oid).rows]
    charts = [team_loads(reading, option), team_waits(reading, option)]
    for sid in shown:
        charts += [backlog_ahead(reading, sid, option), within_by_month(reading, sid, option)]
    left_out = [
        reading.service_name(sid)
        for sid, said in option.get("speed", {}).items()
        if said.get("kind") == "teams" and sid not in shown
    ]
    lead = v("simulation.lead")
    if left_out:
        lead += " " + v("simulation.left_out", services=v.listed(left_out))
    return page(
        reading,
        f"simulation-{oid}",
        v("title.simulation", subject=reading.subject(option)),
        lead,
        tag("div", [block(chart) for chart in charts], class_="charts people"),
        footer,
        name=v("simulation.strip", option=reading.label(option, 30)),
    )


def backtest_page(reading: Reading, footer: Content) -> Markup:
    """Return how often held-out weeks fell where the simulation said, beside forecasts without a model."""
    v = reading.voice
    rows = reading.table("projection.queue.backtest").rows
    return page(
        reading,
        "backtest",
        _title(reading, rows),
        v("backtest.lead") + (" " + v("backtest.no_leave_plan") if _lacks_plan(rows) else ""),
        tag(
            "div",
            block(_calibration(reading, rows)),
            block(_services(reading)),
            block(_scores(reading, rows), class_="wide"),
            *(block(chart, class_="wide") for chart in _literature(reading)),
            class_="charts people",
        ),
        footer,
    )


def _title(reading: Reading, rows: tuple[Row, ...]) -> str:
    v = reading.voice
    held = [float(row["held_80"]) for row in rows if row["held_80"] is not None]
    if not held:
        return v("title.backtest.nothing")
    low, high = min(held), max(held)
    code = "title.backtest.within" if low >= 0.8 - WIDE_OFF else "title.backtest.narrow"
    said = v(code, span=v.span(low * 100, high * 100))
    alike = [row for row in rows if (row["score_over_past_weeks_drawn_anew"] or 0.0) >= NO_BETTER]
    if not alike:
        return said
    counts = {"count": v.count_word(len(alike)), "total": v.count_word(len(rows))}
    return f"{said}; {v('title.backtest.no_better', **counts)}"


def _calibration(reading: Reading, rows: tuple[Row, ...]) -> Chart:
    """Return coverage against what was said, a line for each quantity."""
    v = reading.voice
    left, right, top, bottom = 40.0, 250.0, 14.0, 224.0
    x, y = c.scale(0.4, 1.0, left, right), c.scale(0.0, 1.0, bottom, top)
    parts: list[Content] = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line(left, y(mark), right, y(mark), c.INK if mark == 0 else c.GRID))
        parts.append(text(left - 6, y(mark) + 4, v.percent(mark), "t", "end"))
    for level in LEVELS:
        at = level / 100
        parts.append(line(x(at), bottom, x(at), bottom + 4, c.TICK))
        parts.append(text(x(at), bottom + 16, v.percent(at), "t", "middle"))
    parts.append(line(x(0.4), y(0.4), x(1.0), y(1.0), c.SECOND, 1.2, "4 3"))
    told, ends = [], []
    on_line = 0
    for row in rows:
        found = [row[f"held_{level}"] for level in LEVELS]
        if None in found:
            continue
        points = [(x(level / 100), y(float(share))) for level, share in zip(LEVELS, found, strict=True)]
        for (x1, y1), (x2, y2) in pairwise(points):
            parts.append(line(x1, y1, x2, y2, c.KEEP, 1.2))
        parts += [symbol(px, py, 3.4, "simulated", c.INK) for px, py in points]
        name = v(f"backtest.quantity.{row['quantity']}")
        told.append((name, v.percent(float(row["held_80"]))))
        if (
            max(abs(float(share) - level / 100) for share, level in zip(found, LEVELS, strict=True))
            > WIDE_OFF
        ):
            ends.append((points[-1][1], name))
        else:
            on_line += 1
    at = -99.0
    if on_line:
        ends.append((y(0.95), v.counted("backtest.others", on_line)))
    for end, name in sorted(ends):
        at = max(end, at + 13)
        parts.append(text(right + 10, at + 4, name, "t"))
    title = v("title.calibration")
    return Chart(
        title,
        v("backtest.calibration_subtitle"),
        drawing(bottom + 34, alternative(title, told), *parts),
        ids=("projection.queue.backtest",),
    )


def _scores(reading: Reading, rows: tuple[Row, ...]) -> Chart:
    """Return coverage and scores of every quantity, the reference rows beside."""
    v = reading.voice
    names = [name for name in (rows[0] if rows else {}) if name.startswith("score_over_")]
    body: list[list[Content]] = []
    for row in rows:
        cells: list[Content] = [v(f"backtest.quantity.{row['quantity']}")]
        cells += [_percent(reading, row[f"held_{level}"]) for level in LEVELS]
        cells.append(_percent(reading, row["past_weeks_held_80"]))
        cells += [None if row[name] is None else v.decimal(float(row[name]), 2) for name in names]
        body.append(cells)
    head = [
        v("backtest.head"),
        *(v("backtest.held", level=v.percent(level / 100)) for level in LEVELS),
        v("backtest.past_weeks_held"),
        *(v(f"backtest.{name}") for name in names),
    ]
    title = v("title.scores")
    return Chart(
        title, v("backtest.scores_subtitle"), None, v("backtest.key"),
        table(title, head, body, class_="heads"),
        ("projection.queue.backtest",),
    )  # fmt: skip


def _lacks_plan(rows: tuple[Row, ...]) -> bool:
    return any(row.get("leave_plan") == "none" for row in rows)


def _literature(reading: Reading) -> list[Chart]:
    """Return the distances that papers give, or nothing where the log has too few tickets for them."""
    v = reading.voice
    series = reading.table("projection.queue.literature")
    if not series.rows:
        return []
    names = [name for name in series.rows[0] if name.endswith("_hours")]
    body: list[list[Content]] = [
        [
            v(f"backtest.log.{str(row['log']).replace(' ', '_')}"),
            *(v.decimal(float(row[name]), 1) for name in names),
            v.decimal(float(row["mix"]), 2),
        ]
        for row in series.rows
    ]
    head = [v("backtest.log_head"), *(v(f"backtest.{name}") for name in names), v("backtest.mix")]
    title = v("title.as_in_papers")
    first = series.rows[0]
    key = v("backtest.dropped", tested=v.whole(first["tested"]), dropped=v.whole(first["dropped"]))
    return [Chart(title, v("backtest.papers_subtitle"), None, key, table(title, head, body), (series.id,))]


def _services(reading: Reading) -> Chart:
    """Return by service how often the mean was held, and what follows."""
    v = reading.voice
    series = reading.table("projection.queue.backtest_services")
    failed = [row for row in series.rows if row["reason"]]
    title = (
        v.counted("title.backtest.failed", len(failed), total=v.count_word(len(series.rows)))
        if failed
        else v("title.backtest.all_used")
    )
    scored = [int(row["scored"] or 0) for row in series.rows if not row["reason"]]
    few = min(scored, default=FEW_SCORES)
    subtitle = v("backtest.services_subtitle")
    if few < FEW_SCORES:
        if not failed:
            title = v("title.backtest.few", scored=v.whole(few))
        low, high = 0.8 - 2 * _chance(few), min(0.8 + 2 * _chance(few), 1.0)
        bounds = {"low": v.percent(low), "high": v.percent(high)}
        subtitle += ". " + v("backtest.services_few", scored=v.whole(few), **bounds)
    body: list[list[Content]] = [
        [
            reading.service_name(str(row["service"])),
            _percent(reading, row["held_80"]),
            v.whole(row["scored"]),
            v(f"backtest.found.{row['reason'] or _how_used(row)}"),
        ]
        for row in series.rows
    ]
    head = [
        v("head.service"),
        v("backtest.held", level=v.percent(0.8)),
        v("backtest.weeks"),
        v("backtest.use"),
    ]
    return Chart(title, subtitle, table=table(title, head, body), ids=(series.id,))


def _chance(scored: int) -> float:
    """Return the standard error of a share of 80 % among so many predictions."""
    return float((0.8 * 0.2 / max(scored, 1)) ** 0.5)


def _how_used(row: Row) -> str:
    """Return ``weak`` where the intervals held less than 80 % by more than one standard error."""
    held = row["held_80"]
    return "used" if held is None or float(held) >= 0.8 - _chance(int(row["scored"] or 0)) else "weak"


def _percent(reading: Reading, share: float | None) -> str | None:
    return None if share is None else reading.voice.percent(float(share))

"""How a backtest looks in a terminal: the two reference rows always beside the model."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from makeorbuy.cli.show import print_json
from makeorbuy.projection.queue.backtest import FORECASTS, Backtest
from makeorbuy.projection.queue.literature import DISTANCES, ROWS, Literature
from makeorbuy.projection.queue.score import LEVELS, QUANTITIES

NAMES = {
    "mean_hours": "mean time",
    "median_hours": "median time",
    "p90_hours": "90th percentile",
    "share_within_target": "within target",
    "completions": "completions",
    "backlog_1_week": "backlog, 1 week",
    "backlog_4_weeks": "backlog, 4 weeks",
}

REASONS = {
    None: "may be used",
    "backtest_failed": "unknown: the intervals cover too little",
    "too_few_held_out_weeks": "unknown: too few held-out weeks",
}


NO_PLAN = (
    "No leave plan in the case, so that a summer that the log has not seen comes as a surprise: what a plan "
    "gives in generated agencies is in docs/methods/queue.md, how to export one in docs/exports.md."
)


def _number(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form)


def as_plain(result: Backtest) -> dict[str, Any]:
    """Return coverage, scores against the other forecasts, and the finding by service."""

    def finite(value: float) -> float | None:
        return None if math.isnan(value) else value

    return {
        "origins": len(result.origins),
        "replications": result.replications,
        "quantities": {
            name: {
                "coverage": {str(level): finite(result.coverage(level, name)) for level in LEVELS},
                "coverage_past_weeks": {
                    str(level): finite(result.coverage_past_weeks(level, name)) for level in LEVELS
                },
                "crps_ratio": {other: finite(result.ratio(other, name)) for other in FORECASTS[1:]},
                "interval_score_ratio": {
                    other: finite(result.interval_ratio(other, name)) for other in FORECASTS[1:]
                },
                "mean_place": finite(result.mean_place(name)),
                "places": result.places(name),
                "weight": result.lessons[name].weight,
                "stretch": dict(zip(map(str, LEVELS), result.lessons[name].stretch, strict=True)),
            }
            for name in QUANTITIES
        },
        "services": {
            service: {
                "reason": result.reason(service),
                "coverage_of_mean": {
                    str(level): finite(result.coverage(level, "mean_hours", service)) for level in LEVELS
                },
                "crps_ratio_of_mean": finite(result.ratio("past weeks drawn anew", "mean_hours", service)),
            }
            for service in result.services
        },
        "step_weeks": result.step_weeks,
        "has_leave_plan": result.has_plan,
        "as_in_papers": None
        if result.literature is None
        else {
            "tested": result.literature.tested,
            "dropped": result.literature.dropped,
            "distances": {name: asdict(row) for name, row in zip(ROWS, result.literature.rows, strict=True)},
        },
    }


def show_backtest(result: Backtest, as_json: bool) -> None:
    """Print what was predicted, how often the intervals held it, and what simpler forecasts did."""
    if as_json:
        print_json(as_plain(result))
        return
    console = Console()
    console.print(
        f"{len(result.origins)} moments, {result.replications} predictions from each, "
        f"{len(result.services)} services that share {len(result.teams)} teams.\n"
    )
    table = Table(
        title="How often the interval held what happened; the score (CRPS) as a share of other forecasts'",
        title_justify="left", box=SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    for name in ("50%", "80%", "95%", "past\nweeks\n80%", "as it\nis", "past\nweeks",
                 "replay", "empty\nstart", "noise\nfloor", "weight"):  # fmt: skip
        table.add_column(name, justify="right")
    for name in QUANTITIES:
        table.add_row(
            NAMES[name],
            *(_number(result.coverage(level, name), ".0%") for level in LEVELS),
            _number(result.coverage_past_weeks(0.8, name), ".0%"),
            *(_number(result.ratio(other, name), ".2f") for other in FORECASTS[1:]),
            _number(result.lessons[name].weight, ".2f"),
        )
    console.print(table)
    services = Table(title="By service: mean time", title_justify="left")
    for name in ("service", "80%", "95%", "score/\npast weeks", "simulated speed"):
        services.add_column(name, justify="left" if name in ("service", "simulated speed") else "right")
    for service in result.services:
        services.add_row(
            service,
            _number(result.coverage(0.8, "mean_hours", service), ".0%"),
            _number(result.coverage(0.95, "mean_hours", service), ".0%"),
            _number(result.ratio("past weeks drawn anew", "mean_hours", service), ".2f"),
            REASONS[result.reason(service)],
        )
    console.print(services)
    console.print(
        "Times are of tickets opened in the next two weeks, each up to two weeks; completions are of four. "
        "Below 1 the prediction is better. Weight: of the simulation; past weeks have the rest. The noise "
        "floor is what even perfect knowledge leaves open. A backtest tests today's organisation, not the "
        "effect of an option."
    )
    if result.step_weeks == 1:
        console.print("The log is short: one moment a week, too few for a speed to be believed.")
    if not result.has_plan:
        console.print(NO_PLAN)
    if result.literature is not None:
        _show_literature(console, result.literature)


def _show_literature(console: Console, found: Literature) -> None:
    """Print the distances that papers on simulators give."""
    table = Table(
        title="As in papers, for comparison only: distance from the tickets after the cut (hours)",
        title_justify="left", box=SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    for name in ("arrivals", "all times", "by hour", "since\nopened", "time to\nend", "mix"):
        table.add_column(name, justify="right")
    for name, row in zip(ROWS, found.rows, strict=True):
        hours = (_number(getattr(row, one), ".1f") for one in DISTANCES)
        table.add_row(name, *hours, _number(row.n_gram, ".2f"))
    console.print(table)
    console.print(
        f"Four fifths to learn from; {found.tested} tickets after them, {found.dropped} that straddle the "
        "cut are dropped: the backlog and the long tail. Smaller is nearer; who is not below the replay has "
        "shown nothing."
    )

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
from makeorbuy.wording.voice import Voice


def _percent(v: Voice, share: float) -> str:
    return "–" if math.isnan(share) else v.percent(share)


def _ratio(v: Voice, ratio: float, places: int = 2) -> str:
    return "–" if math.isnan(ratio) else v.decimal(ratio, places)


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


def show_backtest(result: Backtest, language: str, as_json: bool) -> None:
    """Print what was predicted, how often the intervals held it, and what simpler forecasts did."""
    if as_json:
        print_json(as_plain(result))
        return
    v = Voice(language)  # type: ignore[arg-type]
    console = Console()
    counts = {
        "origins": len(result.origins), "replications": result.replications,
        "services": len(result.services), "teams": len(result.teams),
    }  # fmt: skip
    said = v("backtest.terminal.counts", **{name: v.whole(count) for name, count in counts.items()})
    console.print(f"{said}\n", highlight=False)
    table = Table(
        title=v("backtest.terminal.scores"), title_justify="left", box=SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    heads = ("past_held", "as_it_is", "past", "replay", "empty", "noise", "weight")
    for name in (*map(v.percent, LEVELS), *(v(f"backtest.terminal.{head}") for head in heads)):
        table.add_column(name, justify="right")
    for quantity in QUANTITIES:
        table.add_row(
            v(f"backtest.quantity.{quantity}"),
            *(_percent(v, result.coverage(level, quantity)) for level in LEVELS),
            _percent(v, result.coverage_past_weeks(0.8, quantity)),
            *(_ratio(v, result.ratio(other, quantity)) for other in FORECASTS[1:]),
            _ratio(v, result.lessons[quantity].weight),
        )
    console.print(table)
    services = Table(title=v("backtest.terminal.services"), title_justify="left")
    services.add_column(v("head.service"))
    for name in (v.percent(0.8), v.percent(0.95), v("backtest.terminal.over_past"), v("backtest.weeks")):
        services.add_column(name, justify="right")
    services.add_column(v("backtest.use"))
    for service in result.services:
        services.add_row(
            service,
            _percent(v, result.coverage(0.8, "mean_hours", service)),
            _percent(v, result.coverage(0.95, "mean_hours", service)),
            _ratio(v, result.ratio("past weeks drawn anew", "mean_hours", service)),
            v.whole(result.of_mean(service)[1]),
            v(f"backtest.found.{result.reason(service) or 'used'}"),
        )
    console.print(services)
    console.print(v("backtest.terminal.key"), highlight=False)
    if result.step_weeks == 1:
        console.print(v("backtest.terminal.short"))
    if not result.has_plan:
        console.print(v("backtest.terminal.no_plan"))
    if result.literature is not None:
        _show_literature(console, v, result.literature)


def _show_literature(console: Console, v: Voice, found: Literature) -> None:
    """Print the distances that papers on simulators give."""
    table = Table(
        title=v("backtest.terminal.papers"), title_justify="left", box=SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    for name in (*DISTANCES, "n_gram"):
        table.add_column(v(f"backtest.terminal.paper_{name}"), justify="right")
    for name, row in zip(ROWS, found.rows, strict=True):
        hours = (_ratio(v, getattr(row, one), 1) for one in DISTANCES)
        table.add_row(v(f"backtest.log.{name.replace(' ', '_')}"), *hours, _ratio(v, row.n_gram))
    console.print(table)
    console.print(
        v("backtest.terminal.papers_key", tested=v.whole(found.tested), dropped=v.whole(found.dropped)),
        highlight=False,
    )

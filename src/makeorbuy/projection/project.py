"""Every option, draw by draw: what it would cost over its lot, and how fast each service would be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Figure, Series
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.cost.option_cost import (
    avoidable_figures,
    cost_figures,
    cost_frame,
    option_cost,
    service_cost_draws,
)
from makeorbuy.projection.draws import check_numbers, growth_of
from makeorbuy.projection.model import OptionCost, Projection, SpeedDraws
from makeorbuy.projection.queue.figures import simulation_series
from makeorbuy.projection.speed.effect import Effect
from makeorbuy.projection.speed.service_speed import Replicates, no_speed, replicates_of, service_speed

if TYPE_CHECKING:
    from makeorbuy.projection.queue.effect import Simulation
    from makeorbuy.projection.queue.keeping import Keep


def project(
    case: Case,
    baseline: Baseline,
    streams: Streams,
    evidence: Evidence | None = None,
    *,
    keep: Keep | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Projection:
    """Project cost and speed of every option on one common set of draws.

    Parameters
    ----------
    case : Case
    baseline : Baseline
        Every service today.
    streams : Streams
        Of the case's seed.
    evidence : Evidence, optional
        The snapshot, for options whose speed is simulated from their teams; without it that speed is
        unknown.
    keep : Keep, optional
        Where what was simulated is kept, so that it is not simulated again.
    progress : callable, optional
        Called with the name of a long step and its share done.

    Returns
    -------
    Projection

    Raises
    ------
    CaseError
        With every number of the case from which nothing can be drawn.
    """
    check_numbers(case)
    count = case.assumptions.whole("draws")
    growth = growth_of(case, streams, count)
    frame = cost_frame(case, baseline, growth, streams)
    usual = case.business_as_usual
    options = [usual, *(option for option in case.options if option.kind != "business_as_usual")]

    costs: dict[str, OptionCost] = {}
    chances: dict[str, NDArray[np.bool_]] = dict(frame.chances)
    entries: list[Figure | Series] = [*avoidable_figures(case, frame)]
    for option in options:
        cost, happens = option_cost(case, option, frame, streams)
        chances.update(happens)
        if cost is not None:
            costs[option.id] = cost
        entries += cost_figures(case, option.id, option.services, cost, frame)

    simulation = _simulated(case, baseline, streams, evidence, keep, progress)
    simulated = simulation.effects if simulation else {}
    speeds, speed_entries = _speeds(case, baseline, options, streams, count, simulated)
    entries += speed_entries
    if simulation is not None:
        entries += simulation_series(case, simulation)
    return Projection(
        costs=costs,
        speeds=speeds,
        chances=chances,
        figures=tuple(entry for entry in entries if isinstance(entry, Figure)),
        series=tuple(entry for entry in entries if isinstance(entry, Series)),
        services=service_cost_draws(
            frame, {name: baseline.services[name].cost.yearly_ore for name in frame.services}
        ),
    )


def _simulated(
    case: Case,
    baseline: Baseline,
    streams: Streams,
    evidence: Evidence | None,
    keep: Keep | None,
    progress: Callable[[str, float], None] | None,
) -> Simulation | None:
    """Simulate where the case states teams; the compiler is loaded only then."""
    stated = any(said.kind == "teams" for option in case.options for said in option.speed.values())
    if evidence is None or not stated:
        return None
    from makeorbuy.projection.queue.effect import simulate_options

    grids = {
        name: measured.bootstrap_quantiles.shape[1]
        for name, measured in baseline.services.items()
        if measured.speed_reason is None and measured.bootstrap_quantiles is not None
    }
    hours = case.assumptions.number("speed_horizon_hours")
    return simulate_options(case, evidence, streams, grids, hours, keep=keep, progress=progress)


def _speeds(
    case: Case,
    baseline: Baseline,
    options: list[SourcingOption],
    streams: Streams,
    count: int,
    simulated: dict[tuple[str, str], Effect],
) -> tuple[dict[tuple[str, str], SpeedDraws], list[Figure | Series]]:
    speeds: dict[tuple[str, str], SpeedDraws] = {}
    entries: list[Figure | Series] = []
    for service in case.services:
        measured = baseline.services[service.id]
        today: Replicates | None = replicates_of(case, service, measured, streams, count)
        usual_hours: NDArray[np.float64] | None = None
        for option in options:
            if service.id not in option.services:
                continue
            if today is None:
                draws, found = no_speed(service.id, option.id, measured.speed_reason or "no_speed_measure")
            else:
                effect = simulated.get((service.id, option.id))
                draws, found = service_speed(case, service, option, today, usual_hours, streams, effect)
            if option is options[0]:
                usual_hours = draws.restricted_mean_hours
            speeds[service.id, option.id] = draws
            entries += found
    return speeds, entries

"""What an option's teams would do to the times: simulated against today's teams in the same worlds.

In each world both ways see the same tickets, the same work and the same luck. What is carried on is the
ratio of their times at each share of tickets, applied to the measured times, so that the level comes from
the log and only the change from the model - with the error that the backtest found in the model's levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import MINUTES_PER_HOUR
from makeorbuy.projection.draws import draws_of
from makeorbuy.projection.queue.backtest import Backtest, backtest
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_world
from makeorbuy.projection.queue.capacity import shifts_of, with_hands
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, read_log
from makeorbuy.projection.queue.model import Floats, QueueModel
from makeorbuy.projection.queue.simulate import replicate, simulate
from makeorbuy.projection.speed.effect import Effect

WORLDS = 100
"""Enough for a probability of being faster to five points."""

BACKTEST_REPLICATIONS = 40
OPENED_HOURS = 8.0 * HOURS_PER_WEEK
"""Tickets opened in the first eight weeks are compared, each followed to the horizon."""

LEAST_RATIO = 0.01


def states_teams(option: SourcingOption) -> tuple[str, ...]:
    """Return the services whose speed follows from the option's teams."""
    return tuple(name for name, said in option.speed.items() if said.kind == "teams")


def changed(
    model: QueueModel, calibration: Calibration, teams: Mapping[str, Mapping[str, float]], end: float
) -> QueueModel:
    """Return the model with some teams changed.

    Parameters
    ----------
    teams : mapping of str to mapping of str to float
        By team: ``people_factor``, ``work_factor``, ``stay_factor``, ``handoff_factor``; 1 where missing.
    end : float
        Hours after the cut.
    """
    work, rest, route = model.work.copy(), model.rest.copy(), model.route.copy()
    half = len(model.teams) // 2
    people = np.ones(half)
    for name, factor in teams.items():
        team = model.teams.index(name)
        people[team] = factor.get("people_factor", 1.0)
        work[:, team] *= factor.get("work_factor", 1.0)
        rest[:, team] *= factor.get("stay_factor", 1.0)
        onward = factor.get("handoff_factor", 1.0)
        away = route[:, team, :-1]
        away = np.minimum(away * onward, away / np.maximum(away.sum(axis=1, keepdims=True), 1e-12))
        route[:, team, :-1] = away
        route[:, team, -1] = 1.0 - away.sum(axis=1)
        # what the team no longer passes on unread it begins itself
        kept = route[:, team + half] * max(1.0 - onward, 0.0)
        route[:, team + half] -= kept
        route[:, team + half, team] += kept.sum(axis=1)
    log = calibration.log
    shifts = with_hands(shifts_of(calibration.capacity, log.cut, end, log.worked_days, people), half)
    return replace(model, work=work, rest=rest, route=np.maximum(route, 0.0), shifts=shifts)


def effects(
    case: Case, evidence: Evidence, streams: Streams, grids: Mapping[str, int], horizon_hours: float
) -> dict[tuple[str, str], Effect]:
    """Simulate every option that states its teams, in the same worlds as today's teams.

    Parameters
    ----------
    grids : mapping of str to int
        Number of points of the curve, by service with a measured speed.
    horizon_hours : float
        How long each ticket is followed.

    Returns
    -------
    dict of (service, option) to Effect
        Empty when no option states its teams.

    Raises
    ------
    ModelError
        If the extra is not installed, the log cannot be calibrated, or a team is not in it.
    """
    wanted = [option for option in case.options if states_teams(option)]
    if not wanted:
        return {}
    log = read_log(evidence)
    missing = sorted({change.team for option in wanted for change in option.teams} - set(log.teams))
    if missing:
        raise ModelError(f"The log of changes has no tickets of: {', '.join(missing)}.")
    tested = backtest(case, evidence, streams, replications=BACKTEST_REPLICATIONS)
    named = Streams(int(streams.named("queue", "effect").integers(1 << 31)))
    calibration = calibrate(log, evidence.start_local_minute / MINUTES_PER_HOUR)
    factors = {
        option.id: {
            (change.team, name): draws_of(factor, WORLDS + 1, streams, f"{change.place}.{name}")
            for change in option.teams
            for name, factor in change.factors
        }
        for option in wanted
    }
    result: dict[tuple[str, str], Effect] = {}
    asked = []
    for option in wanted:
        for service in states_teams(option):
            reason = _reason(case, tested, service)
            if reason or service not in grids:
                result[service, option.id] = Effect(None, reason or "service_not_in_log")
            else:
                asked.append((service, option))
    end = OPENED_HOURS + horizon_hours

    def one(world: int) -> list[Floats]:
        model, tickets = draw_world(calibration, named, world, end)
        compared = (tickets.opened >= 0) & (tickets.opened < OPENED_HOURS)

        def hours(how: QueueModel) -> Floats:
            run = simulate(how, tickets, end, seed=named.seed, replication=world)
            return np.minimum(run.ended - tickets.opened, horizon_hours)

        usual = hours(model)
        ratios = []
        for option in wanted:
            if not any(other is option for _, other in asked):
                continue
            then = hours(changed(model, calibration, factors_in(option, factors[option.id], world), end))
            for service, other in asked:
                if other is option:
                    own = compared & (tickets.kind // 2 == log.services.index(service))
                    ratios.append(_ratio(usual[own], then[own], grids[service]))
        return ratios

    if asked:
        worlds = replicate(one, range(1, WORLDS + 1), threads=2)
        order = [pair for option in wanted for pair in asked if pair[1] is option]
        error = tested.lessons["mean_hours"].level_error
        for position, (service, option) in enumerate(order):
            ratio = np.array([ratios[position] for ratios in worlds])
            rng = streams.named("queue", "model error", service, option.id)
            result[service, option.id] = Effect(believed(ratio, error, rng), None, *tested.of_mean(service))
    return result


def factors_in(
    option: SourcingOption, factors: Mapping[tuple[str, str], Floats], world: int
) -> dict[str, dict[str, float]]:
    """Return what the option changes in each team, in one world."""
    return {
        change.team: {name: float(factors[change.team, name][world]) for name, _ in change.factors}
        for change in option.teams
    }


def _ratio(usual: Floats, then: Floats, grid: int) -> Floats:
    """Return the ratio of two sets of times at the midpoints of equal shares; 1 without tickets."""
    if not usual.size:
        return np.ones(grid)
    shares = (np.arange(grid) + 0.5) / grid
    before, after = np.quantile(usual, shares), np.quantile(then, shares)
    # below a minute nothing is compared
    least = 1.0 / MINUTES_PER_HOUR
    return np.maximum((after + least) / (before + least), LEAST_RATIO)


def _reason(case: Case, tested: Backtest, service: str) -> str | None:
    if case.service(service).clock != "elapsed":
        return "simulated_on_elapsed_clock"
    if service not in tested.services:
        return "service_not_in_log"
    return tested.reason(service)


def believed(ratio: Floats, error: float, rng: np.random.Generator) -> Floats:
    """Return the ratios with the model's own error: what it gets wrong of a level, it may of an effect.

    A change that is small beside that error is not shown to make a service faster.

    Parameters
    ----------
    ratio : ndarray, shape (worlds, grid)
    error : float
        Standard deviation of the logarithm, the same at each share of tickets.
    """
    if np.allclose(ratio, 1.0):  # what the option's teams never touch stays as it is
        return ratio
    factor = np.exp(error * rng.standard_normal(ratio.shape[0]))
    return np.asarray(np.maximum(ratio * factor[:, None], LEAST_RATIO))

"""What an option's teams would do to the times: simulated against today's teams in the same worlds.

In each world both ways see the same tickets, the same work and the same luck. What is carried on is the
ratio of their times at each share of tickets, applied to the measured times, so that the level comes from
the log and only the change from the model - with the error that the backtest found in the model's levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.evidence.calendar import working_days
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import HOURS_PER_DAY, MINUTES_PER_HOUR
from makeorbuy.projection.draws import draws_of
from makeorbuy.projection.queue.backtest import Backtest, backtest
from makeorbuy.projection.queue.calibrate import calibrate, draw_world
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog, read_log
from makeorbuy.projection.queue.model import Floats, QueueModel, Tickets
from makeorbuy.projection.queue.option_change import changed_model, changed_tickets, uncertain_of
from makeorbuy.projection.queue.outcome import WEEKS, Outcome, outcome_of
from makeorbuy.projection.queue.simulate import replicate, simulate
from makeorbuy.projection.speed.effect import Effect

WORLDS = 100
"""Enough for a probability of being faster to five points."""

BACKTEST_REPLICATIONS = 40
OPENED_HOURS = 8.0 * HOURS_PER_WEEK
"""Tickets opened in the first eight weeks are compared, each followed to the horizon."""

FARTHEST_HOURS = 3.0 * 366 * HOURS_PER_DAY
"""What is simulated never reaches beyond."""

NO_TARGET_HOURS = 30.0 * HOURS_PER_DAY

LEAST_RATIO = 0.01

TEAMS_SIZE = 2.5
"""By how much effects of a change of teams are larger than the model says. Two causes are known: who was laid
aside queues again, which the model's tickets do not; and people give tickets a part of the day, so that more
hours save nights."""

SIZE_SPREAD = 1.1
"""Standard deviation of the logarithm of that factor, from service to service."""

TEAMS_KEPT = 0.3
"""How much is kept of what a world says beyond all of them: a change of teams sets their luck apart."""

TEAMS_LUCK, DEMAND_LUCK = 0.1, 0.75
"""What moves an effect whatever its size, as a share of the error about levels."""

LARGEST_SEEN = 0.3
"""Largest effect, as a logarithm, among those that the numbers above were fitted on."""


def teams_of(option: SourcingOption) -> set[str]:
    """Return every team that an option names."""
    return {
        *(change.team for change in option.teams),
        *(team for change in option.teams for team in (*change.takes_over, *change.helps)),
        *(team for one in option.handoffs for team in (one.from_team, one.to_team)),
        *(one.team for one in option.entry),
    }


def states_teams(option: SourcingOption) -> tuple[str, ...]:
    """Return the services whose speed follows from the option's teams."""
    return tuple(name for name, said in option.speed.items() if said.kind == "teams")


def changes_teams(option: SourcingOption) -> bool:
    """Return whether an option changes more than demand."""
    return bool(option.teams or option.handoffs or option.entry)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What simulating the options that state their teams has given.

    Attributes
    ----------
    effects : dict of (service, option) to Effect
    services, teams : tuple of str
        Of the outcomes' tables.
    outcomes : dict of str to tuple of Outcome
        By option, today's teams under `TODAY`; one of each world, the worlds in the same order.
    tested : Backtest
    cut : float
        Hour since 1970-01-01 on the wall clock from which weeks are counted.
    weeks : float
        How far was simulated.
    """

    effects: dict[tuple[str, str], Effect]
    services: tuple[str, ...]
    teams: tuple[str, ...]
    outcomes: dict[str, tuple[Outcome, ...]]
    tested: Backtest
    cut: float
    weeks: float


TODAY = ""
"""Key of today's teams among the outcomes."""


def simulate_options(
    case: Case, evidence: Evidence, streams: Streams, grids: Mapping[str, int], horizon_hours: float
) -> Simulation | None:
    """Simulate every option that states its teams, in the same worlds as today's teams.

    Parameters
    ----------
    grids : mapping of str to int
        Number of points of the curve, by service with a measured speed.
    horizon_hours : float
        How long each ticket is followed.

    Returns
    -------
    Simulation or None
        None when no option states its teams.

    Raises
    ------
    ModelError
        If the extra is not installed, the log cannot be calibrated, or a team is not in it.
    """
    wanted = [option for option in case.options if states_teams(option)]
    if not wanted:
        return None
    log = read_log(evidence)
    # the snapshot's calendar ends soon after the cut
    ahead = int(log.cut // HOURS_PER_DAY), int((log.cut + FARTHEST_HOURS) // HOURS_PER_DAY)
    worked = {day for day, opens, closes, _ in working_days(case.calendar, *ahead) if closes > opens}
    log = replace(log, worked_days=log.worked_days | worked)
    missing = sorted({team for option in wanted for team in teams_of(option)} - set(log.teams))
    if missing:
        raise ModelError(f"The log of changes has no tickets of: {', '.join(missing)}.")
    tested = backtest(case, evidence, streams, replications=BACKTEST_REPLICATIONS)
    named = Streams(int(streams.named("queue", "effect").integers(1 << 31)))
    calibration = calibrate(log, evidence.start_local_minute / MINUTES_PER_HOUR)
    drawn = {
        place: draws_of(number, WORLDS + 1, streams, place)
        for option in wanted
        for place, number in uncertain_of(option).items()
    }
    found: dict[tuple[str, str], Effect] = {}
    asked: dict[str, list[str]] = {}
    for option in wanted:
        asked[option.id] = []
        for service in states_teams(option):
            reason = _reason(case, tested, service)
            if reason or service not in grids:
                found[service, option.id] = Effect(None, reason or "service_not_in_log")
            else:
                asked[option.id].append(service)
    running = [option for option in wanted if asked[option.id]]
    settled = {
        option.id: HOURS_PER_WEEK * max((c.first_weeks for c in option.teams), default=0)
        for option in running
    }
    end = max([WEEKS * HOURS_PER_WEEK, *(start + OPENED_HOURS + horizon_hours for start in settled.values())])
    targets = _targets(case, log)
    # a ticket of the last month is followed to its target
    months = month_starts(log.cut, WEEKS * HOURS_PER_WEEK - float(np.nanmax(targets, initial=0.0)))
    # where a team goes by due date, a service without a target is due after a month
    due_hours = tuple(np.repeat(np.where(np.isfinite(targets), targets, NO_TARGET_HOURS), 2).tolist())

    def one(world: int) -> tuple[Outcome, list[tuple[Outcome, list[Floats]]]]:
        model_today, today = draw_world(calibration, named, world, end)

        def went(model: QueueModel, tickets: Tickets) -> tuple[Outcome, Floats]:
            run = simulate(model, tickets, end, seed=named.seed, replication=world, targets=due_hours)
            outcome = outcome_of(tickets, run, model, targets, months, len(log.services), end)
            return outcome, np.minimum(run.ended - tickets.opened, horizon_hours)

        usual, usual_hours = went(model_today, today)
        ways = []
        for option in running:
            model = changed_model(model_today, calibration, option, drawn, world, end)
            tickets = changed_tickets(today, log.services, log.teams, option, drawn, world, named.seed)
            outcome, hours = went(model, tickets)
            start = settled[option.id]
            ratios = []
            for service in asked[option.id]:
                place = log.services.index(service)
                before = usual_hours[_opened(today, place, start)]
                ratios.append(_ratio(before, hours[_opened(tickets, place, start)], grids[service]))
            ways.append((outcome, ratios))
        return usual, ways

    outcomes: dict[str, tuple[Outcome, ...]] = {}
    if running:
        worlds = replicate(one, range(1, WORLDS + 1), threads=2)
        outcomes[TODAY] = tuple(usual for usual, _ in worlds)
        for place, option in enumerate(running):
            outcomes[option.id] = tuple(ways[place][0] for _, ways in worlds)
            for row, service in enumerate(asked[option.id]):
                ratios = np.array([ways[place][1][row] for _, ways in worlds])
                rng = streams.named("queue", "model error", service, option.id)
                error = tested.lessons["mean_hours"].level_error
                ratios = believed(ratios, error, rng, by_teams=changes_teams(option))
                found[service, option.id] = Effect(ratios, None, *tested.of_mean(service))
    return Simulation(found, log.services, log.teams, outcomes, tested, log.cut, end / HOURS_PER_WEEK)


def _opened(tickets: Tickets, service: int, start: float) -> NDArray[np.bool_]:
    """Return which tickets are compared: those opened in eight weeks after the teams work as stated."""
    when = tickets.opened - start
    chosen: NDArray[np.bool_] = (when >= 0) & (when < OPENED_HOURS) & (tickets.kind // 2 == service)
    return chosen


def _targets(case: Case, log: VisitLog) -> Floats:
    """Return the target of each service of the log on the elapsed clock, NaN without. [h]"""
    hours = {
        service.id: service.target.hours
        for service in case.services
        if service.target is not None and service.clock == "elapsed"
    }
    return np.array([hours.get(name, np.nan) for name in log.services])


def month_starts(cut: float, hours: float) -> Floats:
    """Return the starts of the whole months after a moment, and the end of the last. [h since the moment]

    Examples
    --------
    >>> day = 24.0
    >>> (month_starts(14 * day, 80 * day) / day).tolist()
    [17.0, 45.0, 76.0]
    """
    first = np.datetime64(int(np.ceil(cut)), "h").astype("datetime64[M]")
    starts = (first + np.arange(-1, int(hours // 600) + 3)).astype("datetime64[h]").astype(np.float64) - cut
    kept: Floats = starts[(starts >= 0) & (starts <= hours)]
    return kept


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


def believed(ratio: Floats, error: float, rng: np.random.Generator, *, by_teams: bool = True) -> Floats:
    """Return the ratios with what is known of the model's effects: they come out too small, and unsure.

    What all worlds say on average, as a logarithm, is multiplied by a size in each world; of what a world
    says beyond it a part is kept; and a luck moves the sum. All are fitted on generated worlds in which the
    change could be made and looked at (`benchmarks/recovery.py`, docs/methods/queue.md);
    beyond effects as large as were seen there, the size is 1 and the luck is the error about levels.

    Parameters
    ----------
    ratio : ndarray, shape (worlds, grid)
    error : float
        The model's error about levels: a standard deviation of the logarithm.
    by_teams : bool
        Whether the option changes teams; else only demand, whose effect on times is hardly told in sign.
    """
    if np.allclose(ratio, 1.0):  # what the option's teams never touch stays as it is
        return ratio
    size_luck, luck = rng.standard_normal((2, ratio.shape[0], 1))
    scale, kept, share = (TEAMS_SIZE, TEAMS_KEPT, TEAMS_LUCK) if by_teams else (1.0, 1.0, DEMAND_LUCK)
    size = scale * np.exp(SIZE_SPREAD * size_luck - SIZE_SPREAD**2 / 2)
    said = np.log(ratio)
    mean = said.mean(axis=0, keepdims=True)
    told = np.abs(mean)
    far = np.minimum(told / LARGEST_SEEN, 1.0) ** 2
    effect = np.sign(mean) * np.minimum(told * size ** (1.0 - far), np.maximum(told, LARGEST_SEEN))
    moved = effect + kept * (said - mean) + error * (share + (1.0 - share) * far) * luck
    return np.asarray(np.maximum(np.exp(moved), LEAST_RATIO))

"""What an option's teams would do to the times: simulated against today's teams in the same worlds.

In each world both ways see the same tickets, the same work and the same luck. What is carried on is the
ratio of their times at each share of tickets, applied to the measured times, so that the level comes from
the log and only the change from the model - with the error that the backtest found in the model's levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.evidence.calendar import working_days
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import HOURS_PER_DAY, MINUTES_PER_HOUR
from makeorbuy.projection.draws import draws_of
from makeorbuy.projection.queue.arrivals import RECENT_WEEKS
from makeorbuy.projection.queue.backtest import Backtest, backtest
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_world
from makeorbuy.projection.queue.keeping import Keep, load, question
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog, read_log
from makeorbuy.projection.queue.model import Floats, Tickets
from makeorbuy.projection.queue.option_change import changed_model, changed_tickets, uncertain_of
from makeorbuy.projection.queue.outcome import WEEKS, Outcome, outcome_of
from makeorbuy.projection.queue.paired import BLOCK
from makeorbuy.projection.queue.simulate import in_order, simulate
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
    """Return whether an option changes more than demand and the order of service."""
    told = any(
        one.factors or one.takes_over or one.helps or one.hours or one.free_day_hours for one in option.teams
    )
    return bool(told or option.handoffs or option.entry)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the simulation was given.

    Attributes
    ----------
    start : float
        From when the log is whole, since 1970-01-01 on the wall clock. [h]
    tickets, visits, open_at_start : int
        In the log; not ended at its end.
    new_per_week : float
        Over the weeks that the level of arrivals rests on.
    people : ndarray, shape (teams,)
        Inferred, on a worked day.
    worlds : int
    """

    start: float
    tickets: int
    visits: int
    open_at_start: int
    new_per_week: float
    people: Floats
    worlds: int


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
    setting : Setting
    """

    effects: dict[tuple[str, str], Effect]
    services: tuple[str, ...]
    teams: tuple[str, ...]
    outcomes: dict[str, tuple[Outcome, ...]]
    tested: Backtest
    cut: float
    weeks: float
    setting: Setting


TODAY = ""
"""Key of today's teams among the outcomes."""


def simulate_options(
    case: Case,
    evidence: Evidence,
    streams: Streams,
    grids: Mapping[str, int],
    horizon_hours: float,
    *,
    keep: Keep | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Simulation | None:
    """Simulate every option that states its teams, in the same worlds as today's teams.

    Parameters
    ----------
    grids : mapping of str to int
        Number of points of the curve, by service with a measured speed.
    horizon_hours : float
        How long each ticket is followed.
    keep : Keep, optional
        Blocks of worlds are kept there, by way of organising, and not run again while nothing that they
        follow from has changed.
    progress : callable, optional
        Called with the name of a step and its share done.

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

    def tell(share: float, step: str = "simulation") -> None:
        if progress is not None:
            progress(step, share)

    tested = backtest(
        case, evidence, streams, replications=BACKTEST_REPLICATIONS, keep=keep,
        progress=lambda share: tell(share, "backtest"),
    )  # fmt: skip
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

    known = question(log, calibration.start, named.seed, end, targets, months, due_hours, horizon_hours)
    places = {name: log.services.index(name) for option in running for name in asked[option.id]}
    before = sorted(
        {(settled[one.id], places[name], grids[name]) for one in running for name in asked[one.id]}
    )
    ways: list[_Way] = [_Way(None, before, question("today", known, before))]
    for option in running:
        compared = [(settled[option.id], places[name], grids[name]) for name in asked[option.id]]
        said = (option.services, option.teams, option.handoffs, option.entry, option.demand)
        numbers = {place: drawn[place] for place in uncertain_of(option)}
        ways.append(_Way(option, compared, question("option", known, compared, said, numbers)))

    def one(world: int, missing: list[_Way]) -> list[Floats]:
        model_today, today = draw_world(calibration, named, world, end)
        rows = []
        for way in missing:
            model, tickets = model_today, today
            if way.option is not None:
                model = changed_model(model_today, calibration, way.option, drawn, world, end)
                tickets = changed_tickets(
                    today, log.services, log.teams, way.option, drawn, world, named.seed,
                    calibration.passed_share,
                )  # fmt: skip
            run = simulate(model, tickets, end, seed=named.seed, replication=world, targets=due_hours)
            outcome = outcome_of(tickets, run, model, targets, months, len(log.services), end)
            hours = np.minimum(run.ended - tickets.opened, horizon_hours)
            curves = [
                _curve(hours[_opened(tickets, place, start)], grid) for start, place, grid in way.compared
            ]
            rows.append(np.concatenate([*(part.ravel() for part in outcome.parts()), *curves]))
        return rows

    shapes = Outcome.shapes(len(log.services), len(calibration.log.teams), months.size - 1)
    answers = _worlds(one, ways, shapes, keep, tell) if running else []
    outcomes: dict[str, tuple[Outcome, ...]] = {}
    for way, (told, curves) in zip(ways if running else [], answers, strict=True):
        outcomes[TODAY if way.option is None else way.option.id] = told
        if way.option is None:
            usual = dict(zip(before, curves, strict=True))
            continue
        for service, one_compared, then in zip(asked[way.option.id], way.compared, curves, strict=True):
            rng = streams.named("queue", "model error", service, way.option.id)
            error = tested.lessons["mean_hours"].level_error
            ratios = _ratio(usual[one_compared], then)
            if np.isnan(ratios).any():
                found[service, way.option.id] = Effect(None, "too_few_simulated_tickets")
                continue
            ratios = believed(ratios, error, rng, by_teams=changes_teams(way.option))
            found[service, way.option.id] = Effect(ratios, None, *tested.of_mean(service))
    setting = _setting(log, calibration)
    weeks = end / HOURS_PER_WEEK
    return Simulation(found, log.services, log.teams, outcomes, tested, log.cut, weeks, setting)


def _setting(log: VisitLog, calibration: Calibration) -> Setting:
    recent = log.is_first & (log.opened >= log.cut - RECENT_WEEKS * HOURS_PER_WEEK)
    return Setting(
        calibration.start,
        int(log.is_first.sum()),
        log.ticket.size,
        int((log.is_last & np.isinf(log.ended)).sum()),
        float(recent.sum()) / RECENT_WEEKS,
        calibration.capacity.people,
        WORLDS,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of organising, None for today's; which times are compared (start, service, points)."""

    option: SourcingOption | None
    compared: list[tuple[int, int, int]]
    question: str


def _worlds(
    one: Callable[[int, list[_Way]], list[Floats]],
    ways: list[_Way],
    shapes: tuple[tuple[int, ...], ...],
    keep: Keep | None,
    tell: Callable[[float], None],
) -> list[tuple[tuple[Outcome, ...], list[Floats]]]:
    """Return by way the outcomes of every world, and the compared times; runs only what is not kept."""
    outcome_size = sum(int(np.prod(shape)) for shape in shapes)
    places = [None if keep is None else keep(way.question) for way in ways]
    sizes = [(BLOCK, outcome_size + sum(grid for _, _, grid in way.compared)) for way in ways]
    blocks: dict[tuple[int, int], Floats] = {}
    missing: dict[int, list[int]] = {}
    for first in range(1, WORLDS + 1, BLOCK):
        for number in range(len(ways)):
            block = load(places[number], f"{first:08d}", sizes[number])
            if block is None:
                missing.setdefault(first, []).append(number)
            else:
                blocks[first, number] = block
    todo = [(first, world) for first in missing for world in range(first, first + BLOCK)]
    waiting: list[list[Floats]] = []
    run = in_order(lambda at: one(todo[at][1], [ways[k] for k in missing[todo[at][0]]]), range(len(todo)), 2)
    for at, rows in enumerate(run):
        waiting.append(rows)
        tell((at + 1) / len(todo))
        if len(waiting) == BLOCK:
            first = todo[at][0]
            for column, number in enumerate(missing[first]):
                block = np.array([row[column] for row in waiting])
                if block.shape != sizes[number]:
                    raise ValueError("a world gives other tables than expected")
                blocks[first, number] = block
                kept = places[number]
                if kept is not None:
                    kept.save(f"{first:08d}", block)
            waiting = []
    answers = []
    for number, way in enumerate(ways):
        table = np.concatenate([blocks[first, number] for first in range(1, WORLDS + 1, BLOCK)])
        told = tuple(Outcome.from_row(row[:outcome_size], shapes) for row in table)
        ends = np.cumsum([outcome_size, *(grid for _, _, grid in way.compared)])
        answers.append((told, [table[:, low:high] for low, high in pairwise(ends.tolist())]))
    return answers


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


def _curve(hours: Floats, grid: int) -> Floats:
    """Return times at the midpoints of equal shares; NaN without tickets. [h]"""
    if not hours.size:
        return np.full(grid, np.nan)
    return np.asarray(np.quantile(hours, (np.arange(grid) + 0.5) / grid))


def _ratio(before: Floats, after: Floats) -> Floats:
    """Return the ratio of two curves of times; NaN where one has no tickets."""
    # below a minute nothing is compared
    least = 1.0 / MINUTES_PER_HOUR
    ratio: Floats = np.maximum((after + least) / (before + least), LEAST_RATIO)
    return ratio


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

"""From the log to a model of the teams: hours, people, work, stays, routes, and the tickets at the start.

Most ticket systems do not say when somebody works, only when a ticket was first touched and when it went
on. So the time after the first touch is taken as a whole (a *stay*; the work lies within it), and the work
of a visit is what makes the team's mean wait for a first touch come out as the log has it, given the
visits that really came. Mean wait is independent of the order of service, so the order is fitted after
it. People are the ones active on a day, never the number of person ids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.arrivals import RECENT_WEEKS, Arrivals, calibrate_arrivals
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog
from makeorbuy.projection.queue.model import Floats, Ints, QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.simulate import quantile_table, simulate

POINTS = 257
ENOUGH = 40
"""Fewest visits for a table or a route of its own; fewer take that of a wider group."""

SHARES = np.linspace(0.0, 1.0, POINTS)

UNIT_WORK = quantile_table(lambda share: -np.log1p(-share), 1.0, POINTS)
"""Work is spread exponentially around its mean: the log does not show its shape."""

LIKE_WEEKS = 4
"""The weeks to come are like so many past ones, drawn anew: weeks differ more than their tickets do."""

EVERY_WEEK = 0.25
"""Weight of all weeks beside the drawn ones, so that a rare way of going on stays possible."""

NEWEST_FIRST = (0.0, 0.2, 0.4, 0.6)
SOON_HOURS = 4.0
CLEARLY_BETTER = 0.03
"""An order other than first come first served must explain so much more of the share touched soon."""

FIT_STEPS = 9


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is inferred of each team.

    Attributes
    ----------
    people : ndarray, shape (teams,)
        Most people who take tickets at the same time.
    profile : ndarray, shape (teams, 2, 24)
        Share of them on duty by hour, on free and on worked days; 0 is closed.
    work_hours : ndarray, shape (teams,)
        Mean work of a visit. [h]
    newest_first : ndarray, shape (teams,)
    wait_hours, fitted_wait_hours : ndarray, shape (teams,)
        Mean wait for a first touch in the log, and in the fitted model. [h]
    """

    people: Floats
    profile: Floats
    work_hours: Floats
    newest_first: Floats
    wait_hours: Floats
    fitted_wait_hours: Floats


def kinds_of(log: VisitLog) -> Ints:
    """Return the class of each visit's ticket: two for each service, urgent first."""
    return log.service * 2 + (1 - log.urgent)


def classes_of(log: VisitLog) -> tuple[QueueClass, ...]:
    """Return the classes, in the order of `kinds_of`."""
    return tuple(QueueClass(service, level) for service in log.services for level in (0, 1))


def shifts_of(
    capacity: Capacity, cut: float, end: float, worked: frozenset[int], factor: Floats | None = None
) -> Shifts:
    """Return who is on duty from the cut on, hour by hour.

    Parameters
    ----------
    factor : ndarray, shape (teams, days), optional
        On the number of people, by day from the cut on.
    """
    first = int(cut // HOURS_PER_DAY)
    days = np.arange(first, first + int(np.ceil(end / HOURS_PER_DAY)) + 2)
    is_worked = np.array([day in worked for day in days.tolist()], np.int64)
    wanted = np.repeat(capacity.people[:, None], days.size, axis=1)
    if factor is not None:
        wanted *= factor[:, np.minimum(np.arange(days.size), factor.shape[1] - 1)]
    on_duty = capacity.profile[:, is_worked] * wanted[:, :, None]
    people = np.where(on_duty > 0, np.maximum(np.round(on_duty), 1), 0).astype(np.int64)
    people = people.reshape(people.shape[0], -1)
    hour = np.maximum((days[:, None] * HOURS_PER_DAY + np.arange(24)).ravel() - cut, 0.0)
    last_past = int(np.flatnonzero(hour == 0.0)[-1])
    people, hour = people[:, last_past:], hour[last_past:]
    changes = np.ones(people.shape, np.bool_)
    changes[:, 1:] = people[:, 1:] != people[:, :-1]
    team, step = np.nonzero(changes)
    order = np.lexsort((team, hour[step]))
    return Shifts(hour[step][order], team[order].astype(np.int64), people[team, step][order])


def infer_capacity(log: VisitLog, start: float) -> Capacity:
    """Infer people, hours, work and order of service of each team from visits since the start."""
    teams = len(log.teams)
    seen = np.isfinite(log.touched) & (log.entered >= start)
    touched = log.touched[seen & (log.touched < log.gone)]
    team_touched = log.team[seen & (log.touched < log.gone)]
    worked_days = np.array(sorted(log.worked_days), np.int64)
    day = np.floor(touched / HOURS_PER_DAY).astype(np.int64)
    touches = np.zeros((teams, 2, 24))
    on_worked = np.isin(day, worked_days).astype(np.int64)
    np.add.at(touches, (team_touched, on_worked, np.floor(touched % HOURS_PER_DAY).astype(np.int64)), 1.0)
    span = np.arange(int(start // HOURS_PER_DAY), int(log.cut // HOURS_PER_DAY))
    worked_count = float(np.isin(span, worked_days).sum())
    touches /= np.array([max(span.size - worked_count, 1.0), max(worked_count, 1.0)])[:, None]
    peak = np.maximum(touches.reshape(teams, -1).max(axis=1), 1e-9)
    profile = touches / peak[:, None, None]
    profile[profile < 0.05] = 0.0
    profile[:, 1, 9:15] = np.maximum(profile[:, 1, 9:15], 0.05)  # somebody is there in the middle of the day

    known = np.isin(log.active_day, worked_days) & (log.active_day * HOURS_PER_DAY >= start)
    days = np.bincount(log.active_team[known], minlength=teams)
    people = np.bincount(log.active_team[known], log.active_people[known], teams) / np.maximum(days, 1)
    people = np.maximum(people, 1.0)

    team, entered = log.team[seen], log.entered[seen]
    waits = log.touched[seen] - entered
    count = np.maximum(np.bincount(team, minlength=teams), 1)
    mean = np.bincount(team, waits, teams) / count
    soon = np.bincount(team, waits <= SOON_HOURS, teams) / count
    order = np.argsort(entered, kind="stable")
    opened, team, level = entered[order] - start, team[order], 1 - log.urgent[seen][order]
    end = log.cut - start
    blank = Capacity(people, profile, mean, mean, mean, mean)
    shifts = shifts_of(blank, start, end, log.worked_days)
    most = 0.98 * shifts.person_hours(teams, end) / count
    nothing = np.full(team.size, np.nan)
    tickets = Tickets(opened, level, team, np.arange(team.size), nothing, nothing)
    alone = np.zeros((2, teams, teams + 1))
    alone[:, :, -1] = 1.0
    best = np.full(teams, np.inf)
    work_hours, newest, fitted = most / 2, np.zeros(teams), mean.copy()
    for share in NEWEST_FIRST:
        low, high = np.zeros(teams), most.copy()
        for _ in range(FIT_STEPS):
            trial = (low + high) / 2
            model = QueueModel(
                (QueueClass("", 0), QueueClass("", 1)), log.teams, np.full(teams, kernel.PRIORITY),
                np.full(teams, share), shifts, np.tile(trial[:, None] * UNIT_WORK, (2, 1, 1)),
                np.ones((2, teams, 2)), np.zeros((2, teams), np.bool_), alone,
            )  # fmt: skip
            run = simulate(model, tickets, end)
            gone = np.isfinite(run.ended)
            found = np.bincount(team[gone], run.waited[gone], teams) / np.maximum(
                np.bincount(team[gone], minlength=teams), 1
            )
            low, high = np.where(found < mean, trial, low), np.where(found < mean, high, trial)
        near = np.bincount(team[gone], run.waited[gone] <= SOON_HOURS, teams) / count
        better = np.abs(near - soon) < best - CLEARLY_BETTER
        best = np.where(better, np.abs(near - soon), best)
        work_hours, newest = np.where(better, trial, work_hours), np.where(better, share, newest)
        fitted = np.where(better, found, fitted)
    return Capacity(people, profile, work_hours, newest, mean, fitted)


def survival_table(hours: Floats, is_ended: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return a table of quantiles of rising durations of which some have not ended (Kaplan-Meier, weighted).

    The longest duration ends the table.

    Examples
    --------
    >>> table = survival_table(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True] * 4), np.ones(4))
    >>> table[[0, 128, 256]].tolist()
    [1.0, 2.0, 3.0]
    """
    at_risk = np.cumsum(weight[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(is_ended & (at_risk > 0), 1.0 - weight / at_risk, 1.0)
    ended = 1.0 - np.cumprod(np.maximum(factor, 0.0))
    place = np.searchsorted(ended, SHARES - 1e-12, side="left")
    return hours[np.minimum(place, hours.size - 1)]


@dataclass(frozen=True, slots=True)
class Groups:
    """Visits in groups of like ones; a small group takes what a wider one shows."""

    members: tuple[Ints, ...]
    of: Ints
    """Index of the group for each class and team, shape (classes, teams); -1 without any visit."""


def groups_of(kind: Ints, team: Ints, stay: Floats, classes: int, teams: int) -> Groups:
    """Group visits by class and team; else by service and team; else by team. Members in order of stay."""
    members: list[Ints] = []
    of = np.full((classes, teams), -1, np.int64)
    for one in range(teams):
        here = np.flatnonzero(team == one)
        here = here[np.argsort(stay[here], kind="stable")]
        wide = -1
        for service in range(classes // 2):
            own = here[kind[here] // 2 == service]
            middle = -1
            for level in (0, 1):
                part = own[kind[own] % 2 == level]
                cell = service * 2 + level
                if part.size >= ENOUGH:
                    members.append(part)
                    of[cell, one] = len(members) - 1
                elif own.size >= ENOUGH:
                    if middle < 0:
                        members.append(own)
                        middle = len(members) - 1
                    of[cell, one] = middle
                elif here.size:
                    if wide < 0:
                        members.append(here)
                        wide = len(members) - 1
                    of[cell, one] = wide
    return Groups(tuple(members), of)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A log read as a queue: everything needed to draw a model and to start from the cut.

    Attributes
    ----------
    start : float
        First moment that the log covers in full. [h]
    """

    log: VisitLog
    start: float
    capacity: Capacity
    kind: Ints
    groups: Groups
    stay: Floats
    next_team: Ints
    """Of each visit: the team after it, the number of teams for the end, -1 while it lasts."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """One draw of the parameters, the outer draw."""

    model: QueueModel
    arrivals: Arrivals


def calibrate(log: VisitLog, start: float) -> Calibration:
    """Infer what does not change from draw to draw."""
    teams = len(log.teams)
    following = np.full(log.team.size, -1, np.int64)
    following[:-1] = np.where(log.is_last[:-1], -1, log.team[1:])
    following = np.where(log.is_last & np.isfinite(log.ended), teams, following)
    following = np.where(np.isfinite(log.gone), following, -1)
    kind = kinds_of(log)
    until = np.where(np.isfinite(log.gone), log.gone, log.cut)
    stay = np.where(np.isfinite(log.touched), until - np.minimum(log.touched, until), 0.0)
    groups = groups_of(kind, log.team, stay, 2 * len(log.services), teams)
    return Calibration(log, start, infer_capacity(log, start), kind, groups, stay, following)


def draw_parameters(calibration: Calibration, streams: Streams, draw: int, end: float) -> Parameters:
    """Draw the parameters by resampling whole weeks of the log; draw 0 is the log itself.

    A visit belongs to the week in which it began.
    """
    log = calibration.log
    classes, teams = 2 * len(log.services), len(log.teams)
    week = np.maximum(np.floor((log.entered - calibration.start) / HOURS_PER_WEEK), 0).astype(np.int64)
    weeks = int(week.max()) + 1
    rng = streams.named("queue", "parameters", str(draw))
    if draw:
        drawn = np.bincount(rng.integers(0, weeks, LIKE_WEEKS), minlength=weeks) * (1.0 - EVERY_WEEK)
        weight = (drawn * weeks / LIKE_WEEKS + EVERY_WEEK)[week]
        chosen = rng.integers(0, RECENT_WEEKS, RECENT_WEEKS)
        recent = np.bincount(chosen, minlength=RECENT_WEEKS).astype(np.float64)
    else:
        weight, recent = np.ones(week.size), np.ones(RECENT_WEEKS)
    stay, touched = calibration.stay, np.isfinite(log.touched)
    rest = np.zeros((classes, teams, POINTS))
    route = np.zeros((classes, teams, teams + 1))
    route[:, :, -1] = 1.0
    tables, rows = [], []
    for members in calibration.groups.members:
        own = members[touched[members] & (weight[members] > 0)]
        if not own.size:
            own = members
        tables.append(survival_table(stay[own], calibration.next_team[own] >= 0, weight[own]))
        gone = own[calibration.next_team[own] >= 0]
        counts = np.bincount(calibration.next_team[gone], weight[gone], teams + 1)
        rows.append(counts / counts.sum() if counts.sum() else np.eye(teams + 1)[teams])
    filled = calibration.groups.of >= 0
    rest[filled] = np.array(tables)[calibration.groups.of[filled]]
    route[filled] = np.array(rows)[calibration.groups.of[filled]]
    capacity = calibration.capacity
    model = QueueModel(
        classes_of(log), log.teams, np.full(teams, kernel.PRIORITY), capacity.newest_first,
        shifts_of(capacity, log.cut, end, log.worked_days),
        np.tile(capacity.work_hours[:, None] * UNIT_WORK, (classes, 1, 1)), rest, filled, route,
    )  # fmt: skip
    arrivals = calibrate_arrivals(log, calibration.kind[log.is_first], classes, calibration.start, recent)
    return Parameters(model, arrivals)


def tickets_at_the_cut(calibration: Calibration, model: QueueModel, streams: Streams, draw: int) -> Tickets:
    """Return every ticket that is open at the cut, with its age, its team and what is left of its stay.

    Who has not been touched waits in the queue, the oldest first; for the others what is left is drawn from
    the stays that lasted at least as long. Beyond the longest stay that ended, the last tenth tells how
    fast they go on.
    """
    log = calibration.log
    place = np.flatnonzero(log.is_last & ~np.isfinite(log.gone))
    place = place[np.argsort(log.opened[place], kind="stable")]
    kind, team = calibration.kind[place], log.team[place]
    rng = streams.named("queue", "open tickets", str(draw))
    share, tail = rng.random(place.size), rng.exponential(1.0, place.size)
    rest = np.full(place.size, np.nan)
    for position, visit in enumerate(place.tolist()):
        age = log.cut - log.touched[visit]
        if age < 0:
            continue
        table = model.rest[kind[position], team[position]]
        before = float(np.searchsorted(table, age, side="right")) / table.size
        if before < 0.98:
            total = np.interp(before + share[position] * (1 - before), SHARES, table)
            rest[position] = max(total - age, 0.0)
        else:
            usual = float(table[-table.size // 10 :].mean() - table[-table.size // 10])
            rest[position] = tail[position] * max(usual, HOURS_PER_DAY)
    return Tickets(
        np.minimum(log.opened[place] - log.cut, -1e-9), kind, team, log.ticket[place],
        np.full(place.size, np.nan), rest,
    )  # fmt: skip

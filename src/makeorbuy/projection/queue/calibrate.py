"""From the log to a model of the teams: work, stays, routes, and the tickets at the start.

Each draw resamples whole weeks of the log. What is inferred of the teams' people is in `capacity`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.arrivals import RECENT_WEEKS, Arrivals, calibrate_arrivals, draw_arrivals
from makeorbuy.projection.queue.capacity import (
    POINTS,
    SHARES,
    Capacity,
    effort_of,
    infer_capacity,
    is_passed_on,
    open_hours,
    planned,
    shifts_of,
    with_hands,
    work_within,
)
from makeorbuy.projection.queue.compiling import compiled
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog
from makeorbuy.projection.queue.model import Floats, Ints, QueueClass, QueueModel, Tickets

ENOUGH = 40
"""Fewest visits for a table or a route of its own; fewer take that of a wider group."""

LIKE_WEEKS = 4
"""The weeks to come are like so many past ones, drawn anew: weeks differ more than their tickets do."""

EVERY_WEEK = 0.25
"""Weight of all weeks beside the drawn ones, so that a rare way of going on stays possible."""

PASSED_ON = "passed on by "
"""Beside each team stands one that only holds what is passed on without being begun: it needs no people."""


def kinds_of(log: VisitLog) -> Ints:
    """Return the class of each visit's ticket: two for each service, urgent first."""
    return log.service * 2 + (1 - log.urgent)


def classes_of(log: VisitLog) -> tuple[QueueClass, ...]:
    """Return the classes, in the order of `kinds_of`."""
    return tuple(QueueClass(service, level) for service in log.services for level in (0, 1))


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
    passed_share: Floats
    """Share of visits that are passed on without being begun, shape (classes, teams)."""
    wait_table: Floats
    """Quantiles of the wait for a first touch, shape (teams, points). [h]"""


@dataclass(frozen=True, slots=True)
class Parameters:
    """One draw of the parameters, the outer draw."""

    model: QueueModel
    arrivals: Arrivals


def calibrate(log: VisitLog, start: float) -> Calibration:
    """Infer what does not change from draw to draw."""
    teams = len(log.teams)
    capacity = infer_capacity(log, start)
    passed = is_passed_on(log)
    wide = replace(
        log,
        teams=(*log.teams, *(f"{PASSED_ON}{name}" for name in log.teams)),
        team=np.where(passed, log.team + teams, log.team),
        touched=np.where(passed, log.entered, log.touched),
    )
    following = np.full(log.team.size, -1, np.int64)
    following[:-1] = np.where(log.is_last[:-1], -1, wide.team[1:])
    following = np.where(log.is_last & np.isfinite(log.ended), 2 * teams, following)
    following = np.where(np.isfinite(log.gone), following, -1)
    kind = kinds_of(log)
    until = np.where(np.isfinite(log.gone), log.gone, log.cut)
    stay = np.where(np.isfinite(wide.touched), until - np.minimum(wide.touched, until), 0.0)
    stay[passed] = open_hours(capacity, log, log.team[passed], log.entered[passed], log.gone[passed])
    groups = groups_of(kind, wide.team, stay, 2 * len(log.services), 2 * teams)
    shares = np.zeros((2 * len(log.services), teams))
    waits = np.zeros((teams, POINTS))
    for team in range(teams):
        here = np.flatnonzero((log.team == team) & np.isfinite(log.gone))
        by_kind = np.bincount(kind[here], minlength=shares.shape[0])
        usual = float(passed[here].mean()) if here.size else 0.0
        shares[:, team] = (np.bincount(kind[here], passed[here], shares.shape[0]) + usual) / (by_kind + 1.0)
        begun = (log.team == team) & np.isfinite(log.touched) & ~passed
        if begun.any():
            waits[team] = np.quantile(log.touched[begun] - log.entered[begun], SHARES)
    return Calibration(wide, start, capacity, kind, groups, stay, following, shares, waits)


@compiled
def _draw_groups(
    members: Any, first: Any, weight: Any, stay: Any, next_team: Any, touched: Any, teams: Any, shares: Any
) -> Any:
    """Return the table of stays and the row of routes of every group, under weights of its visits.

    The same as `survival_table` for each group's touched visits of some weight, or all if there are none.
    """
    groups = first.size - 1
    tables = np.zeros((groups, shares.size))
    rows = np.zeros((groups, teams + 1))
    for group in range(groups):
        low, high = first[group], first[group + 1]
        total = 0.0
        for place in range(low, high):
            one = members[place]
            if touched[one]:
                total += weight[one]
        every = total == 0.0
        if every:
            for place in range(low, high):
                total += weight[members[place]]
        at_risk, left, point, ends = total, 1.0, 0, 0.0
        last = 0.0
        for place in range(low, high):
            one = members[place]
            if not (every or touched[one]) or weight[one] == 0.0:
                continue
            last = stay[one]
            if next_team[one] >= 0:
                rows[group, next_team[one]] += weight[one]
                ends += weight[one]
                left *= max(1.0 - weight[one] / max(at_risk, weight[one]), 0.0)
            at_risk -= weight[one]
            while point < shares.size and 1.0 - left >= shares[point] - 1e-12:
                tables[group, point] = last
                point += 1
        while point < shares.size:
            tables[group, point] = last
            point += 1
        if ends > 0.0:
            rows[group] /= ends
        else:
            rows[group, teams] = 1.0
    return tables, rows


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
    groups = calibration.groups
    tables, rows = _draw_groups(
        np.concatenate([np.zeros(0, np.int64), *groups.members]),
        np.cumsum([0, *(own.size for own in groups.members)]),
        weight, calibration.stay, calibration.next_team, np.isfinite(log.touched), teams, SHARES,
    )  # fmt: skip
    rest = np.zeros((classes, teams, POINTS))
    route = np.zeros((classes, teams, teams + 1))
    route[:, :, -1] = 1.0
    filled = calibration.groups.of >= 0
    rest[filled] = tables[groups.of[filled]]
    route[filled] = rows[groups.of[filled]]
    _own_routes(calibration, weight, route)
    work = work_within(rest, np.concatenate((calibration.capacity.longest_work_hours, np.zeros(teams // 2))))
    work[:, teams // 2 :] = rest[:, teams // 2 :]
    rest[:, teams // 2 :] = 0.0
    has_rest = filled.copy()
    has_rest[:, teams // 2 :] = False
    capacity = calibration.capacity
    nobody = np.zeros(teams // 2)
    away = planned(log, teams // 2, calibration.start, log.cut, end)
    model = QueueModel(
        classes_of(log), log.teams, np.full(teams, kernel.PRIORITY),
        np.concatenate((capacity.newest_first, nobody)),
        with_hands(shifts_of(capacity, log.cut, end, log.worked_days, away), teams // 2),
        work, rest, has_rest, route, effort=effort_of(
            np.concatenate((capacity.gain, nobody)),
            np.concatenate((capacity.usual_open, nobody))[:, None], -(log.cut % HOURS_PER_DAY),
        ),
    )  # fmt: skip
    arrivals = calibrate_arrivals(log, calibration.kind[log.is_first], classes, calibration.start, recent)
    return Parameters(model, arrivals)


def _own_routes(calibration: Calibration, weight: Floats, route: Floats) -> None:
    """Let no service take its ways from another one: how long a visit takes may be alike, not where it leads.

    A ticket is of the service of the team where it ended, so a team that never had a service's tickets last
    does not end them, however many of its own it ends. A small service goes on as its own visits went on,
    begun or passed on; one that was never there goes where its tickets usually end.

    Parameters
    ----------
    weight : ndarray, shape (visits,)
    route : ndarray, shape (classes, teams, teams + 1)
        Changed in place.
    """
    log = calibration.log
    services, teams = len(log.services), len(log.teams)
    half = teams // 2
    counts = np.zeros((services, teams, teams + 1))
    ended = calibration.next_team >= 0
    own = (log.service[ended], log.team[ended], calibration.next_team[ended])
    np.add.at(counts, own, weight[ended])
    unweighted = np.zeros((services, teams))
    np.add.at(unweighted, (log.service, log.team), 1.0)
    last = log.is_last & ended
    homes = np.zeros((services, teams + 1))
    np.add.at(homes, (log.service[last], log.team[last] % half), weight[last])
    for service in range(services):
        for team in range(teams):
            if unweighted[service, team] >= ENOUGH:
                continue
            beside = counts[service, team + half if team < half else team - half].copy()
            if team >= half:
                beside[teams] = 0.0  # what is passed on does not end there
            ways = counts[service, team] + beside
            if not ways.sum():
                ways = homes[service].copy()
                ways[team % half] = 0.0
            if not ways.sum():
                ways[teams] = 1.0
            route[2 * service : 2 * service + 2, team] = ways / ways.sum()


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
    waits = ~np.isfinite(log.touched[place])
    age = log.cut - np.where(waits, log.entered[place], log.touched[place])
    half = len(log.teams) // 2
    opened = np.where(
        waits, open_hours(calibration.capacity, log, team, log.cut - age, np.full(age.size, log.cut)), age
    )
    chance = chance_of_passing_on(calibration, model, kind, team, age, opened)
    goes_on = waits & (rng.random(place.size) < chance)
    team = np.where(goes_on, team + half, team)
    left = np.full(place.size, np.nan)
    past = np.flatnonzero(~waits | goes_on)
    tables = np.where(
        goes_on[past, None], model.work[kind[past], team[past]], model.rest[kind[past], team[past]]
    )
    since = opened[past]
    before = (tables <= since[:, None]).mean(axis=1)
    level = (before + share[past] * (1 - before)) * (POINTS - 1)
    low = np.minimum(level.astype(np.int64), POINTS - 2)
    rows = np.arange(past.size)
    total = tables[rows, low] + (level - low) * (tables[rows, low + 1] - tables[rows, low])
    end = tables[:, -(POINTS // 10) :]
    usual = np.maximum(end.mean(axis=1) - end[:, 0], HOURS_PER_DAY)
    left[past] = np.where(before < 0.98, np.maximum(total - since, 0.0), tail[past] * usual)
    return Tickets(
        np.minimum(log.opened[place] - log.cut, -1e-9), kind, team, log.ticket[place],
        np.where(goes_on, left, np.nan), np.where(goes_on, np.nan, left),
    )  # fmt: skip


def draw_world(
    calibration: Calibration, streams: Streams, draw: int, end: float
) -> tuple[QueueModel, Tickets]:
    """Draw parameters, the tickets at the cut and those to come: everything but how they are handled."""
    parameters = draw_parameters(calibration, streams, draw, end)
    log = calibration.log
    there = tickets_at_the_cut(calibration, parameters.model, streams, draw)
    moment, kind, team, number = draw_arrivals(parameters.arrivals, log, log.cut, end, streams, draw)
    nothing = np.full(moment.size, np.nan)
    return parameters.model, Tickets(
        np.concatenate((there.opened, moment)), np.concatenate((there.kind, kind)),
        np.concatenate((there.team, team)), np.concatenate((there.number, number)),
        np.concatenate((there.work, nothing)), np.concatenate((there.rest, nothing)),
    )  # fmt: skip


def chance_of_passing_on(
    calibration: Calibration, model: QueueModel, kind: Ints, team: Ints, age: Floats, opened: Floats
) -> Floats:
    """Return how likely a ticket that nobody has begun is to be passed on, given how long it has lain.

    Parameters
    ----------
    age, opened : ndarray
        How long, and how much of it the team was open. [h]
    """
    teams = len(calibration.log.teams) // 2
    chance = calibration.passed_share[kind, team]
    still = (model.work[kind, team + teams] > opened[:, None]).mean(axis=1)
    waits = calibration.wait_table[team]
    waiting = np.maximum((waits > age[:, None]).mean(axis=1), 1.0 / waits.shape[1])
    return np.asarray(chance * still / np.maximum(chance * still + (1.0 - chance) * waiting, 1e-12))

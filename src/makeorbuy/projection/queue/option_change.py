"""What an option changes: the model, the hours and the tickets of one world, as its teams would have it.

Both ways see the same tickets with the same numbers, so a ticket's work and luck are the same unless the
option says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from makeorbuy.case.model import SourcingOption, TeamChange, Uncertain
from makeorbuy.foundation.units import HOURS_PER_DAY, MINUTES_PER_HOUR
from makeorbuy.projection.queue.calibrate import Calibration
from makeorbuy.projection.queue.capacity import planned, shifts_of, with_hands
from makeorbuy.projection.queue.compiling import compiled
from makeorbuy.projection.queue.model import (
    DUE_DATE,
    FIRST_COME,
    PREEMPTIVE,
    PRIORITY,
    Crews,
    Effort,
    Floats,
    QueueModel,
    Tickets,
)
from makeorbuy.projection.queue.random_numbers import philox, unit

COPY = 1 << 19
"""Added to a ticket's number for its copy where demand rises: the upper half of each class's block."""

FURTHER_COPY = 1 << 27
"""Added once more for each further copy: beyond the blocks of all classes."""

DAYS_PER_WEEK = 7

ORDERS = {
    "first_come": FIRST_COME, "priority": PRIORITY, "preemptive": PREEMPTIVE,
    "due_date": DUE_DATE,
}  # fmt: skip
"""Who is next in a team's queue, as an option names it."""

_MORE_OR_LESS, _PASSED_ON = 7, 8
"""Purposes of the numbers that thin or copy tickets, and that pass new ones on; the loop's are smaller."""


def uncertain_of(option: SourcingOption) -> dict[str, Uncertain]:
    """Return every number that the option states about its teams, by the place where it stands."""
    found = {f"{change.place}.{name}": value for change in option.teams for name, value in change.factors}
    found |= {f"{one.place}.factor": one.factor for one in option.handoffs}
    return found | {value.place: value for value in option.demand.values()}


def changed_model(
    model: QueueModel,
    calibration: Calibration,
    option: SourcingOption,
    drawn: Mapping[str, Floats],
    world: int,
    end: float,
) -> QueueModel:
    """Return the model with the option's teams, in one world.

    Parameters
    ----------
    drawn : mapping of str to ndarray, shape (worlds,)
        The numbers of `uncertain_of`.
    end : float
        Hours from the cut that are simulated.

    Returns
    -------
    QueueModel
        With the same teams; those that were taken over get no tickets.
    """
    half = len(model.teams) // 2  # beside each team stands what it only passes on
    place = {name: number for number, name in enumerate(model.teams)}
    work, rest, route = model.work.copy(), model.rest.copy(), model.route.copy()
    has_rest = model.has_rest.copy()
    capacity = calibration.capacity
    people = np.concatenate((capacity.people, np.zeros(half)))
    profile = np.concatenate((capacity.profile, capacity.profile))
    days = int(np.ceil(end / HOURS_PER_DAY)) + 2
    factor = planned(calibration.log, half, calibration.start, calibration.log.cut, end)
    visits = visits_of(calibration)
    effort = _effort_after(model, option, place)
    for change in option.teams:
        own = place[change.team]
        for name in change.takes_over:
            for beside in (0, half):
                _take_over(
                    own + beside, place[name] + beside, visits, people, profile, work, rest, has_rest, route
                )

    def number(change: TeamChange, name: str) -> float:
        values = drawn.get(f"{change.place}.{name}")
        return 1.0 if values is None else float(values[world])

    for change in option.teams:
        team = place[change.team]
        if change.people is not None:
            people[team] = number(change, "people")
        people[team] *= number(change, "people_factor")
        profile[team] = _open_hours(profile[team], change)
        work[:, team] *= number(change, "work_factor")
        rest[:, team] *= number(change, "stay_factor")
        _scale_onward(route, team, slice(None), number(change, "handoff_factor"))
        _begin_instead(route, team, slice(None), number(change, "handoff_factor"))
        if change.first_weeks:
            share = np.minimum(np.arange(days) / (DAYS_PER_WEEK * change.first_weeks), 1.0)
            first = number(change, "first_people_factor")
            factor[team] *= first + (1.0 - first) * share
    discipline = model.discipline.copy()
    for change in option.teams:
        if change.order is not None:
            discipline[place[change.team]] = ORDERS[change.order]
    for one in option.handoffs:
        onward = slice(place[one.to_team], None, half)
        fewer = float(drawn[f"{one.place}.factor"][world])
        _scale_onward(route, place[one.from_team], onward, fewer)
        _begin_instead(route, place[one.from_team], onward, fewer)
    log = calibration.log
    staffed = replace(capacity, people=people[:half], profile=profile[:half])
    shifts = with_hands(shifts_of(staffed, log.cut, end, log.worked_days, factor), half)
    return replace(
        model, work=work, rest=rest, has_rest=has_rest, route=np.maximum(route, 0.0), shifts=shifts,
        discipline=discipline, crews=_helpers(model, option, place), effort=effort,
    )  # fmt: skip


def _effort_after(model: QueueModel, option: SourcingOption, place: Mapping[str, int]) -> Effort | None:
    """Return how hours follow what is open: a team that takes over another looks at the tickets of both.

    It answers to a share of its people's hours: hours follow the days' tickets that are open, so with both
    teams' tickets a day a ticket counts for less.
    """
    if model.effort is None or not any(change.takes_over for change in option.teams):
        return model.effort
    gain, usual = model.effort.gain.copy(), model.effort.usual.copy()
    for change in option.teams:
        own = place[change.team]
        for name in change.takes_over:
            other = place[name]
            usual[own] += usual[other]
            if gain[own] > 0 and gain[other] > 0:
                gain[own] = 1.0 / (1.0 / gain[own] + 1.0 / gain[other])
            gain[other] = 0.0
    return replace(model.effort, gain=gain, usual=usual)


def _helpers(model: QueueModel, option: SourcingOption, place: Mapping[str, int]) -> Crews | None:
    """Return who also serves other teams' queues when its own is empty."""
    if not any(change.helps for change in option.teams):
        return model.crews
    crews = model.crews or Crews.of_teams(len(model.teams))
    skills, rank = crews.skills.copy(), crews.rank.copy()
    for change in option.teams:
        own = place[change.team]
        for name in change.helps:
            skills[own, place[name]] = skills[own, own]
            rank[own, place[name]] = rank[own, own] + 1
    return replace(crews, skills=skills, rank=rank)


def changed_tickets(
    tickets: Tickets,
    services: tuple[str, ...],
    teams: tuple[str, ...],
    option: SourcingOption,
    drawn: Mapping[str, Floats],
    world: int,
    seed: int,
    passed_share: Floats,
) -> Tickets:
    """Return the tickets as the option gets them: who sees them first, more of them, fewer of them.

    A share of the tickets is left out, or comes again within the hour, so that busy weeks stay busy ones.
    Open tickets at the start are there whatever the demand. A team that sees a service's tickets first
    passes as many of them on without beginning them as it does of those that come to it today.

    Parameters
    ----------
    passed_share : ndarray, shape (classes, teams)
        Of the calibration.
    """
    place = {name: number for number, name in enumerate(teams)}
    service = tickets.kind // 2
    team = tickets.team.copy()
    new = tickets.opened >= 0
    for change in option.teams:
        for name in change.takes_over:
            for beside in (0, len(teams)):  # what is only passed on stands behind the teams
                team[team == place[name] + beside] = place[change.team] + beside
    for one in option.entry:
        covered = np.isin(service, [services.index(name) for name in one.services if name in services])
        first_team = place[one.team]
        moved = np.flatnonzero(new & covered & (team % len(teams) != first_team))
        passes = _shares(tickets.number[moved], world, seed, _PASSED_ON)
        unread = passes < passed_share[tickets.kind[moved], first_team]
        team[moved] = first_team + len(teams) * unread
    copies = np.ones(team.size, np.int64)
    for name, value in option.demand.items():
        if name not in services:
            continue
        factor = float(drawn[value.place][world])
        own = np.flatnonzero(new & (service == services.index(name)))
        share = _shares(tickets.number[own], world, seed, _MORE_OR_LESS)
        copies[own] = np.ceil(factor - share)
    origin = np.repeat(np.arange(team.size), copies)
    which = np.arange(origin.size) - np.repeat(np.cumsum(copies) - copies, copies)
    again = which > 0
    later = np.zeros(origin.size)
    later[again] = (np.arange(np.count_nonzero(again)) % 60 + 0.5) / MINUTES_PER_HOUR
    opened = tickets.opened[origin] + later
    order = np.lexsort((np.maximum(opened, 0.0), opened >= 0))
    origin, opened, which = origin[order], opened[order], which[order]
    number = tickets.number[origin] + np.where(which > 0, COPY + (which - 1) * FURTHER_COPY, 0)
    other = {
        name: values[origin]
        for name in ("kind", "work", "rest", "in_hand", "visit", "counted")
        if (values := getattr(tickets, name)) is not None
    }
    return Tickets(opened=opened, team=team[origin], number=number, **other)


@compiled
def _shares(number: Any, world: Any, seed: Any, purpose: Any) -> Any:
    """Return a number between 0 and 1 for each ticket and purpose, the same for every option."""
    share = np.zeros(number.size)
    for place in range(number.size):
        share[place] = unit(philox(number[place], 0, purpose, world, seed)[0])
    return share


def visits_of(calibration: Calibration) -> Floats:
    """Return how often a class came to a team, shape (classes, teams)."""
    classes, teams = 2 * len(calibration.log.services), len(calibration.log.teams)
    counts = np.zeros((classes, teams))
    np.add.at(counts, (calibration.kind, calibration.log.team), 1.0)
    return counts


def _take_over(
    own: int, other: int, visits: Floats, people: Floats, profile: Floats, work: Floats, rest: Floats,
    has_rest: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], route: Floats,
) -> None:  # fmt: skip
    """Let one team have the tickets, the people and the ways of another; both keep their work."""
    weight = visits[:, [own, other]]
    total = weight.sum(axis=1, keepdims=True)
    weight = np.where(total > 0, weight / np.maximum(total, 1.0), 0.5)
    route[:, own] = weight[:, :1] * route[:, own] + weight[:, 1:] * route[:, other]
    route[:, :, own] += route[:, :, other]
    route[:, :, other] = 0.0
    for one in range(work.shape[0]):
        for table in (work, rest):
            table[one, own] = mixture(table[one, own], table[one, other], float(weight[one, 0]))
    has_rest[:, own] |= has_rest[:, other]
    on_duty = people[own] * profile[own] + people[other] * profile[other]
    people[own] = on_duty.max()
    profile[own] = on_duty / max(people[own], 1e-9)
    people[other] = 0.0
    visits[:, own] += visits[:, other]
    visits[:, other] = 0.0


def mixture(first: Floats, second: Floats, share: float) -> Floats:
    """Return the quantile table of a mixture of two, by the first's share.

    Examples
    --------
    >>> halves = mixture(np.zeros(257), np.ones(257), 0.5)
    >>> [float(halves[place]) for place in (0, 100, 200, 256)]
    [0.0, 0.0, 1.0, 1.0]
    """
    values = np.concatenate((first, second))
    weight = np.concatenate((np.full(first.size, share), np.full(second.size, 1.0 - share)))
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weight[order])
    found = np.searchsorted(cumulative / cumulative[-1], np.linspace(0, 1, first.size), side="left")
    table: Floats = values[order][np.minimum(found, values.size - 1)]
    return table


def _open_hours(profile: Floats, change: TeamChange) -> Floats:
    """Return the share on duty by hour for other hours: the working time of a worked day, spread evenly."""
    profile = profile.copy()
    if change.hours is not None:
        inside = _hours_inside(change.hours)
        profile[1] = inside * profile[1].sum() / inside.sum()
    if change.free_day_hours is not None:
        inside = _hours_inside(change.free_day_hours)
        # as many are there in an hour as on a worked day
        profile[0] = inside * profile[1].max()
    return profile


def _hours_inside(hours: tuple[int, int]) -> Floats:
    """Return the share of each hour of the day that lies within."""
    start = np.arange(24.0) * MINUTES_PER_HOUR
    covered = np.minimum(start + MINUTES_PER_HOUR, hours[1]) - np.maximum(start, hours[0])
    share: Floats = np.maximum(covered, 0.0) / MINUTES_PER_HOUR
    return share


def _scale_onward(route: Floats, team: int, onward: slice, factor: float) -> None:
    """Multiply the shares that go on from a team to some others; the rest ends there."""
    teams = route.shape[1]
    before = route[:, team, :teams].copy()
    changed = before.copy()
    changed[:, onward] *= factor
    total = changed.sum(axis=1, keepdims=True)
    changed = np.where(total > 1.0, changed / np.maximum(total, 1e-12), changed)
    route[:, team, :teams] = changed
    route[:, team, teams] = 1.0 - changed.sum(axis=1)


def _begin_instead(route: Floats, team: int, onward: slice, factor: float) -> None:
    """Let a team begin itself what it no longer passes on unread; more of it than all cannot be passed on."""
    teams = route.shape[1]
    beside = team + teams // 2
    kept = route[:, beside, :teams][:, onward] * max(1.0 - factor, 0.0)
    route[:, beside, :teams][:, onward] -= kept
    route[:, beside, team] += kept.sum(axis=1)

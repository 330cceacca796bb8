"""A generated agency's log as the queue model sees it, without files between: for runs over many worlds.

What the export and intake do, they do elsewhere; `tests/projection/queue/test_trust.py` holds the two
against each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agency_world import agency, timeline
from agency_world.demand import CATEGORY_NAMES, SERVICE_KEYS
from agency_world.leave import plan_rows
from agency_world.work import CANCELED, RESOLVED, WAITS_FOR_CALLER, WAITS_FOR_VENDOR, History
from makeorbuy.projection.queue.leave import LeavePlan
from makeorbuy.projection.queue.log import VisitLog

FIRST_DAY = 19_358
"""1 January 2023, in days since 1970."""

SERVICES = tuple(key for key in SERVICE_KEYS if key)
TARGETS = {
    number: float(agency.SERVICE_BY_ID[key].target_hours)
    for number, key in enumerate(SERVICES)
    if agency.SERVICE_BY_ID[key].target_hours < 336
}
START = (FIRST_DAY + 365) * 24.0

Ints = NDArray[np.int64]


def wall_hours(minutes: Ints) -> NDArray[np.float64]:
    """Return hours on the wall clock since 1970."""
    return timeline.wall_minutes(minutes) / 60.0 + FIRST_DAY * 24.0


def services_of(history: History) -> Ints:
    """Return each ticket's service by who holds it last, as the example's case has it; -1 for none."""
    of_team = np.array(
        [SERVICES.index(team.services[0]) if team.services else -1 for team in agency.TEAMS], np.int64
    )
    service = of_team[history.team]
    shared = [team.name for team in agency.TEAMS].index(agency.SHARED_TEAM)
    here = history.team == shared
    for key in SERVICES:
        named = np.array([name in agency.CATEGORIES[key] for name in CATEGORY_NAMES])
        if key in ("servers", "storage"):
            service[here & named[history.demand.category]] = SERVICES.index(key)
    known = np.array(
        [name in agency.CATEGORIES["servers"] + agency.CATEGORIES["storage"] for name in CATEGORY_NAMES]
    )
    service[here & ~known[history.demand.category]] = -1
    return service


def leave_plan(history: History) -> LeavePlan:
    """Return the leave plan as the agency's roster tells it."""
    rows = np.array(plan_rows(history))
    known, first, last, team, people, away = rows.T
    first, last, known = ((one + FIRST_DAY).astype(np.int64) for one in (first, last, known))
    return LeavePlan(team.astype(np.int64), first, last, known, 1.0 - away / people)


def visit_log(history: History) -> VisitLog:
    """Return the whole year's visits."""
    work = history.demand
    is_over = (history.resolved >= 0) | (history.canceled >= 0)
    ended = np.where(history.resolved >= 0, history.resolved, history.canceled)
    service = services_of(history)
    kept = (service >= 0) & (~is_over | (ended >= timeline.YEAR_START))
    tickets = np.arange(work.opened.size)
    carried = tickets[: work.carried]
    first_team = np.where(tickets < work.carried, work.team, work.step_team[work.first_step[:-1]])
    acted = np.isin(history.event_kind, (WAITS_FOR_CALLER, WAITS_FOR_VENDOR, RESOLVED, CANCELED))
    minute = np.concatenate([work.opened, work.opened[carried] + 420, history.event_minute])
    ticket = np.concatenate([tickets, carried, history.event_ticket])
    team = np.concatenate([first_team, work.team[carried], history.event_team])
    person = np.concatenate(
        [np.full(tickets.size, -1), np.zeros(carried.size, np.int64), history.event_person]
    )
    touches = np.concatenate(
        [np.zeros(tickets.size, bool), np.ones(carried.size, bool), acted | (history.event_person >= 0)]
    )
    order = np.lexsort((np.arange(minute.size), minute, ticket))
    order = order[kept[ticket[order]]]
    minute, ticket, team, person, touches = (x[order] for x in (minute, ticket, team, person, touches))
    is_first = np.concatenate(([True], ticket[1:] != ticket[:-1]))
    begins = np.flatnonzero(is_first | np.concatenate(([True], team[1:] != team[:-1])))
    at = np.where(touches, minute, np.iinfo(np.int64).max)
    touched = np.minimum.reduceat(at, begins)
    whose, holder = ticket[begins], team[begins]
    entered = minute[begins]
    is_last = np.concatenate((whose[1:] != whose[:-1], [True]))
    end = np.where(is_over, wall_hours(ended), np.inf)[whose]
    gone = np.where(is_last, end, np.append(wall_hours(entered[1:]), np.inf))
    gone = np.maximum(gone, wall_hours(entered))
    touched_hours = np.where(
        touched < np.iinfo(np.int64).max, wall_hours(np.minimum(touched, timeline.END)), np.inf
    )
    active = person >= 0
    day = (wall_hours(minute[active]) // 24).astype(np.int64)
    seen = np.unique(np.stack([team[active], day, person[active]]), axis=1)
    cells, people = np.unique(seen[:2], axis=1, return_counts=True)
    days = np.flatnonzero(timeline.OFFICE_DAY) + FIRST_DAY
    return VisitLog(
        SERVICES, tuple(one.name for one in agency.TEAMS), whose, holder, service[whose],
        (work.priority[whose] <= 1).astype(np.int64), wall_hours(entered), np.minimum(touched_hours, gone),
        gone, wall_hours(work.opened)[whose], end, np.concatenate(([True], whose[1:] != whose[:-1])), is_last,
        cells[0], cells[1], people, frozenset(days.tolist()), (FIRST_DAY + timeline.DAYS_COUNT) * 24.0,
        leave_plan(history),
    )  # fmt: skip

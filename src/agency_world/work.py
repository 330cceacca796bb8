"""Tickets meet people: queues, hand-overs, waits, reopened tickets.

Calendars, absence and outages are SimPy processes and settled before. Here each team keeps its own
queue and one heap holds what happens next; this is many times faster than asking a shared resource to
sort its queue again at each request.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agency_world import agency, timeline
from agency_world.chance import stream
from agency_world.demand import (
    AS_IT_IS,
    HABITS,
    LAST_DESK_TEAM,
    SERVICE_KEYS,
    TEAM_NUMBER,
    Changes,
    Demand,
    Outage,
    demand,
    outages,
)
from agency_world.people import Leave, Stretches, stretches

IntArray = NDArray[np.int64]

# Kinds of change that work leaves in the log.
PICKED_UP: Final = 0
HANDED_OVER: Final = 1
WAITS_FOR_CALLER: Final = 2
WAITS_FOR_VENDOR: Final = 3
CAME_BACK: Final = 4
RESOLVED: Final = 5
REOPENED: Final = 6
CANCELED: Final = 7

_NEWEST_FIRST_SHARE: Final = 0.45
_LONG_QUEUE: Final = 6
_OFFICE_MINUTES: Final = 480.0


@dataclass(frozen=True, slots=True)
class History:
    """What happened to every ticket.

    Attributes
    ----------
    demand : Demand
        The tickets.
    outages : list of Outage
        What was down meanwhile.
    resolved : ndarray of int64, shape (n_tickets,)
        When it was resolved last; -1 if it is open or canceled. [min]
    canceled : ndarray of int64, shape (n_tickets,)
        When it was canceled; -1 if it was not. [min]
    is_waiting : ndarray of int64, shape (n_tickets,)
        At the end: 0 nobody has begun, 1 begun, 2 waits for its user, 3 for a vendor.
    team : ndarray of int64, shape (n_tickets,)
        Who holds it last.
    person : ndarray of int64, shape (n_tickets,)
        Who had it last; -1 for nobody.
    reopened : ndarray of int64, shape (n_tickets,)
        How often it was reopened.
    event_minute, event_ticket, event_kind, event_team, event_person : ndarray of int64
        Each change in order of time.
    people_count : int
        How many people take tickets.
    team_of_person : ndarray of int64, shape (people_count,)
    leave : tuple of Leave
        Who is away as agreed.
    """

    demand: Demand
    outages: list[Outage]
    resolved: IntArray
    canceled: IntArray
    is_waiting: IntArray
    team: IntArray
    person: IntArray
    reopened: IntArray
    event_minute: IntArray
    event_ticket: IntArray
    event_kind: IntArray
    event_team: IntArray
    event_person: IntArray
    people_count: int
    team_of_person: IntArray
    leave: tuple[Leave, ...]


def waiting_from_before(work: Demand) -> IntArray:
    """What those tickets wait for that were there before the simulation starts.

    Parameters
    ----------
    work : Demand
        Every ticket.

    Returns
    -------
    ndarray of int64, shape (work.carried,)
        1 they lie aside, 2 they wait for their user, 3 for a vendor: whichever takes longest.
    """
    first = slice(0, work.carried)
    longest = np.argmax(np.stack([work.aside[first], work.caller[first], work.vendor[first]]), axis=0)
    return np.asarray(longest + 1, dtype=np.int64)


def _team_figures(work: Demand) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Work that reaches each team in the year, and arrivals at each team a day."""
    owner = np.repeat(np.arange(work.opened.size), np.diff(work.first_step))
    in_year = work.opened[owner] >= timeline.YEAR_START
    is_last = np.zeros(owner.size, dtype=bool)
    is_last[work.first_step[1:] - 1] = True
    # beyond the desk, sorting new tickets is done beside other work
    counts = in_year & (is_last | (work.step_team <= LAST_DESK_TEAM))
    teams = len(agency.TEAMS)
    minutes = np.bincount(work.step_team[counts], weights=work.step_minutes[counts], minlength=teams)
    visits = np.bincount(work.step_team[counts], minlength=teams) / 366.0
    return minutes.astype(np.float64), visits.astype(np.float64)


def _waiting_count(work: Demand) -> NDArray[np.float64]:
    """Tickets that lie aside or wait at each team on an ordinary day."""
    in_year = work.opened >= timeline.YEAR_START
    longest = (timeline.END - timeline.YEAR_START) * 1.0
    minutes = np.minimum(work.aside + work.caller + work.vendor, longest)[in_year]
    return np.bincount(work.team[in_year], weights=minutes, minlength=len(agency.TEAMS)) / longest


def _by_team(value_of_service: dict[str, float], default: float) -> NDArray[np.float64]:
    values = np.full(len(agency.TEAMS), default)
    for key, value in value_of_service.items():
        for name, _ in HABITS[key].teams:
            if not (key in ("", "servers") and name == agency.SHARED_TEAM):
                values[TEAM_NUMBER[name]] = value
    return values


def live(seed: int, size: float = 1.0, changes: Changes | None = None, since: int = 0) -> History:
    """Run the Agency from December 2023 to the end of 2024.

    Parameters
    ----------
    seed : int
        The seed of the world.
    size : float
        Volume, and people for it, relative to the table.
    changes : mapping of str to Change, optional
        What another way of running the services changes; the tickets that arrive today arrive all the same.
    since : int
        From when on; until then the world is the one without the change. A change of the queue or its
        growth holds from the start. [min]

    Returns
    -------
    History
        Every ticket and every change to it.
    """
    changes = changes or {}
    interruptions = outages(seed)
    today = demand(seed, size, interruptions)
    work = demand(seed, size, interruptions, changes, since) if changes else today
    minutes, visits = _team_figures(today)
    changed = {key: changes.get(key, AS_IT_IS) for key in SERVICE_KEYS}
    capacity = _by_team({key: change.capacity for key, change in changed.items()}, 1.0)
    growth = _by_team({key: habit.growth_per_week for key, habit in HABITS.items()}, 0.0)
    growth *= _by_team({key: change.growth for key, change in changed.items()}, 1.0)
    queue_days = _by_team({key: habit.queue_days for key, habit in HABITS.items()}, 0.5)
    queue_days *= _by_team({key: change.queue for key, change in changed.items()}, 1.0)
    # a growth belongs to a service, and its teams share it as they share its tickets
    for habit in HABITS.values():
        for name, share in habit.teams:
            if len(habit.teams) > 1 and name != agency.SHARED_TEAM:
                growth[TEAM_NUMBER[name]] *= share
    load = np.full(len(agency.TEAMS), 0.78)
    load[0] = 0.42
    load[1] = 0.5
    calendar = stretches(seed, minutes, load, capacity, since)
    usual_open = _waiting_count(today if since else work) + queue_days * visits
    return _run(seed, work, interruptions if not changes else outages(seed, changes), calendar,
                usual_open, growth * size, visits)  # fmt: skip


def _run(
    seed: int,
    work: Demand,
    interruptions: list[Outage],
    calendar: Stretches,
    usual_open: NDArray[np.float64],
    growth_per_week: NDArray[np.float64],
    visits: NDArray[np.float64],
) -> History:
    n = work.opened.size
    teams_count = len(agency.TEAMS)
    first_step: list[int] = work.first_step.tolist()
    step_team: list[int] = work.step_team.tolist()
    step_minutes: list[float] = work.step_minutes.tolist()
    is_urgent: list[bool] = ((work.priority <= 1) | work.is_first).tolist()
    is_canceled: list[bool] = work.is_canceled.tolist()
    reopened_after: list[float] = work.reopened_after.tolist()
    # what a ticket still has before it: being laid aside, its user, a vendor
    aside: list[float] = work.aside.tolist()
    caller: list[float] = work.caller.tolist()
    vendor: list[float] = work.vendor.tolist()
    pauses = (work.aside > 0).astype(np.int64) + (work.caller > 0) + (work.vendor > 0)
    last_minutes = work.step_minutes[work.first_step[1:] - 1] / (pauses + 1)
    stint: list[float] = last_minutes.tolist()

    step = first_step[:n]
    last_step = [value - 1 for value in first_step[1:]]
    resolved = [-1] * n
    canceled = [-1] * n
    waiting = [0] * n
    holder = [-1] * n
    reopened = [0] * n

    event_minute: list[int] = []
    event_ticket: list[int] = []
    event_kind: list[int] = []
    event_team: list[int] = []
    event_person: list[int] = []

    def note(minute: float, ticket: int, kind: int, team: int, person: int) -> None:
        event_minute.append(int(minute))
        event_ticket.append(ticket)
        event_kind.append(kind)
        event_team.append(team)
        event_person.append(person)

    urgent: list[deque[int]] = [deque() for _ in range(teams_count)]
    ordinary: list[deque[int]] = [deque() for _ in range(teams_count)]
    free: list[list[int]] = [[] for _ in range(teams_count)]
    open_count = [0] * teams_count
    people_count = calendar.team_of_person.size
    team_of: list[int] = calendar.team_of_person.tolist()
    slowness: list[float] = (1.0 / calendar.speed_of_person).tolist()
    until = [0.0] * people_count
    is_busy = [False] * people_count
    kept_ticket = [-1] * people_count
    kept_minutes = [0.0] * people_count

    # how far a team lets its backlog drift before hours are moved to or from other duties
    tolerance: list[float] = (visits + 1.5 + 0.025 * usual_open).tolist()
    usual: list[float] = usual_open.tolist()
    growth: list[float] = growth_per_week.tolist()

    # when the office closes on each day, 0 on free days; a spare week lies behind the end
    days = np.arange(timeline.DAYS_COUNT)
    at_four = days * timeline.DAY_MINUTES + 960 - timeline.summer_shift(days)
    office_closes: list[float] = np.where(timeline.OFFICE_DAY, at_four, 0).astype(np.float64).tolist()
    office_closes += [
        float((timeline.DAYS_COUNT + extra) * timeline.DAY_MINUTES + 960) for extra in range(60)
    ]

    rng = stream(seed, "picking")
    coins: list[float] = rng.random(1 << 16).tolist()
    coin = 0

    heap: list[tuple[float, int, int, int]] = []

    def take_next(person: int, now: float) -> None:
        """Give a free person the next ticket of the team's queue, or let them wait for one."""
        nonlocal coin
        team = team_of[person]
        queue = urgent[team] or ordinary[team]
        if not queue:
            free[team].append(person)
            is_busy[person] = False
            return
        if len(queue) > _LONG_QUEUE:
            coin = (coin + 1) & 0xFFFF
            ticket = queue.pop() if coins[coin] < _NEWEST_FIRST_SHARE else queue.popleft()
        else:
            ticket = queue.popleft()
        begin(person, ticket, now)

    def begin(person: int, ticket: int, now: float) -> None:
        is_busy[person] = True
        here = step[ticket]
        if here == last_step[ticket]:
            needed = stint[ticket] * slowness[person]
            if holder[ticket] < 0:
                note(now, ticket, PICKED_UP, team_of[person], person)
            holder[ticket] = person
            waiting[ticket] = 1
        else:
            needed = step_minutes[here] * slowness[person]
        left = until[person] - now
        if needed <= left + 20.0:
            heappush(heap, (now + needed, 0, person, ticket))
        else:
            kept_ticket[person] = ticket
            kept_minutes[person] = needed - left

    def arrive(ticket: int, now: float) -> None:
        """Put a ticket into the queue of the team whose turn it is, or straight into free hands."""
        team = step_team[step[ticket]]
        if team > LAST_DESK_TEAM and step[ticket] != last_step[ticket]:
            # whoever sorts the team's new tickets sees that this one belongs elsewhere
            heappush(heap, (read_at(now, step_minutes[step[ticket]]), 4, ticket, 0))
            return
        idle = free[team]
        while idle:
            person = idle.pop()
            if until[person] > now:
                begin(person, ticket, now)
                return
        (urgent if is_urgent[ticket] else ordinary)[team].append(ticket)

    def read_at(now: float, office_minutes: float) -> float:
        """When a ticket that arrives now has lain for so many minutes of office hours."""
        day = int(now) // timeline.DAY_MINUTES
        while True:
            closes = office_closes[day]
            if closes > now:
                opens = max(now, closes - _OFFICE_MINUTES)
                if opens + office_minutes <= closes:
                    return opens + office_minutes
                office_minutes -= closes - opens
            day += 1

    def finish(person: int, ticket: int, now: float) -> None:
        """Hand over, lay aside, wait, or resolve."""
        here = step[ticket]
        team = step_team[here]
        if here != last_step[ticket]:
            if is_canceled[ticket]:
                cancel(ticket, now, team, person)
                return
            waiting[ticket] = 1
            open_count[team] -= 1
            step[ticket] = here + 1
            onward = step_team[here + 1]
            open_count[onward] += 1
            note(now, ticket, HANDED_OVER, onward, -1)
            arrive(ticket, now)
        elif is_canceled[ticket]:
            cancel(ticket, now, team, person)
        elif aside[ticket] > 0.0:
            heappush(heap, (now + aside[ticket], 1, ticket, 0))
            aside[ticket] = 0.0
        elif caller[ticket] > 0.0:
            heappush(heap, (now + caller[ticket], 2, ticket, 0))
            caller[ticket] = 0.0
            waiting[ticket] = 2
            note(now, ticket, WAITS_FOR_CALLER, team, person)
        elif vendor[ticket] > 0.0:
            heappush(heap, (now + vendor[ticket], 2, ticket, 0))
            vendor[ticket] = 0.0
            waiting[ticket] = 3
            note(now, ticket, WAITS_FOR_VENDOR, team, person)
        else:
            open_count[team] -= 1
            resolved[ticket] = int(now)
            note(now, ticket, RESOLVED, team, person)
            if reopened_after[ticket] > 0.0:
                heappush(heap, (now + reopened_after[ticket], 3, ticket, 0))
                reopened_after[ticket] = 0.0

    def cancel(ticket: int, now: float, team: int, person: int) -> None:
        open_count[team] -= 1
        canceled[ticket] = int(now)
        holder[ticket] = max(holder[ticket], person)
        note(now, ticket, CANCELED, team, person)

    carried_wait: list[int] = waiting_from_before(work).tolist()
    # Those that already lay aside when the simulation starts come back when their wait is over.
    opened: list[float] = work.opened.astype(np.float64).tolist()
    for ticket in range(work.carried):
        step[ticket] = last_step[ticket]
        total = aside[ticket] + caller[ticket] + vendor[ticket]
        waiting[ticket] = carried_wait[ticket]
        aside[ticket] = caller[ticket] = vendor[ticket] = 0.0
        open_count[step_team[step[ticket]]] += 1
        heappush(heap, (opened[ticket] + total, 1 if waiting[ticket] == 1 else 2, ticket, 0))

    starts: list[int] = calendar.start.tolist()
    lengths: list[float] = calendar.length.tolist()
    whose: list[int] = calendar.person.tolist()
    beginning = float(timeline.START)
    end = float(timeline.END)
    next_ticket, next_start = work.carried, 0
    tickets_count, starts_count = n, len(starts)
    while True:
        ticket_time = opened[next_ticket] if next_ticket < tickets_count else end
        start_time = starts[next_start] if next_start < starts_count else end
        outside = ticket_time if ticket_time <= start_time else start_time
        if heap and heap[0][0] <= outside:
            now, kind, first, second = heappop(heap)
            if now >= end:
                break
            if kind == 0:
                finish(first, second, now)
                if now < until[first]:
                    take_next(first, now)
                else:
                    is_busy[first] = False
            elif kind == 4:
                finish(-1, first, now)
            elif kind == 3:
                waiting[first] = 1
                reopened[first] += 1
                resolved[first] = -1
                team = step_team[step[first]]
                open_count[team] += 1
                note(now, first, REOPENED, team, holder[first])
                arrive(first, now)
            else:
                if kind == 2:
                    note(now, first, CAME_BACK, step_team[step[first]], holder[first])
                waiting[first] = 1
                arrive(first, now)
            continue
        if outside >= end:
            break
        if ticket_time <= start_time:
            open_count[step_team[step[next_ticket]]] += 1
            arrive(next_ticket, ticket_time)
            next_ticket += 1
            continue
        person = whose[next_start]
        team = team_of[person]
        drift = open_count[team] - usual[team] - growth[team] * (start_time - beginning) / 10_080.0
        factor = 1.0 + 0.3 * drift / tolerance[team]
        factor = 0.65 if factor < 0.65 else (1.7 if factor > 1.7 else factor)
        leaves = start_time + lengths[next_start] * factor
        next_start += 1
        if leaves > until[person]:
            was_idle = not is_busy[person] and until[person] <= start_time
            until[person] = leaves
            if kept_ticket[person] >= 0:
                ticket, kept_ticket[person] = kept_ticket[person], -1
                needed = kept_minutes[person]
                if needed <= leaves - start_time + 20.0:
                    heappush(heap, (start_time + needed, 0, person, ticket))
                else:
                    kept_ticket[person], kept_minutes[person] = ticket, needed - (leaves - start_time)
            elif was_idle:
                if person in free[team]:
                    free[team].remove(person)
                take_next(person, start_time)

    final_team = work.step_team[np.array(step, dtype=np.int64)]
    return History(
        demand=work,
        outages=interruptions,
        resolved=np.array(resolved, dtype=np.int64),
        canceled=np.array(canceled, dtype=np.int64),
        is_waiting=np.array(waiting, dtype=np.int64),
        team=final_team,
        person=np.array(holder, dtype=np.int64),
        reopened=np.array(reopened, dtype=np.int64),
        event_minute=np.array(event_minute, dtype=np.int64),
        event_ticket=np.array(event_ticket, dtype=np.int64),
        event_kind=np.array(event_kind, dtype=np.int64),
        event_team=np.array(event_team, dtype=np.int64),
        event_person=np.array(event_person, dtype=np.int64),
        people_count=people_count,
        team_of_person=calendar.team_of_person,
        leave=calendar.leave,
    )

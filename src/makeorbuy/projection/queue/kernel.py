"""The event loop: tickets, teams, queues, over plain arrays and without objects.

Calls no exponential or logarithm: every duration comes from a table of quantiles. Ties are broken by
(time, kind, ticket), so that the order of events never depends on the heap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from makeorbuy.projection.queue.compiling import compiled
from makeorbuy.projection.queue.random_numbers import philox, unit

FIRST_COME, PRIORITY, PREEMPTIVE, DUE_DATE = 0, 1, 2, 3
"""Disciplines: first come first served; priority, work is finished; priority, work is interrupted and
resumed; earliest due date."""

_WORK_DONE, _LEAVES = 0, 1
_TICKET_BITS = 40
_TICKET_MASK = (1 << _TICKET_BITS) - 1


@compiled
def from_table(table: Any, share: Any) -> Any:
    """Return the quantile at a share, straight between the points of the table."""
    position = share * (table.size - 1)
    cell = int(position)
    return table[cell] + (position - cell) * (table[cell + 1] - table[cell])


@compiled
def _worked(first: Any, last: Any, times: Any, done: Any, is_open: Any, moment: Any) -> Any:
    """Return the open hours of a team up to a moment."""
    low, high = first, last
    while high - low > 1:
        middle = (low + high) >> 1
        if times[middle] <= moment:
            low = middle
        else:
            high = middle
    return done[low] + (moment - times[low]) if is_open[low] else done[low]


@compiled
def _finished(first: Any, last: Any, times: Any, done: Any, is_open: Any, target: Any) -> Any:
    """Return the moment at which a team has been open for so many hours."""
    low, high = first, last
    while high - low > 1:
        middle = (low + high) >> 1
        if done[middle] < target:
            low = middle
        else:
            high = middle
    if is_open[low]:
        return times[low] + (target - done[low])
    return times[low] if target <= done[low] else np.inf


@compiled
def _before(time: Any, code: Any, other_time: Any, other_code: Any) -> Any:
    return time < other_time or (time == other_time and code < other_code)


@compiled
def _push(times: Any, codes: Any, stamps: Any, size: Any, time: Any, code: Any, stamp: Any) -> Any:
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if not _before(time, code, times[above], codes[above]):
            break
        times[place], codes[place], stamps[place] = times[above], codes[above], stamps[above]
        place = above
    times[place], codes[place], stamps[place] = time, code, stamp
    return size + 1


@compiled
def _pop(times: Any, codes: Any, stamps: Any, size: Any) -> Any:
    size -= 1
    time, code, stamp = times[size], codes[size], stamps[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _before(times[below + 1], codes[below + 1], times[below], codes[below]):
            below += 1
        if not _before(times[below], codes[below], time, code):
            break
        times[place], codes[place], stamps[place] = times[below], codes[below], stamps[below]
        place = below
    times[place], codes[place], stamps[place] = time, code, stamp
    return size


@compiled
def run(
    enter: Any, kind: Any, number: Any, first_team: Any, first_work: Any, first_rest: Any, due: Any,
    level_of: Any, levels: Any, discipline: Any, newest_first: Any,
    clock_first: Any, clock_time: Any, clock_done: Any, clock_open: Any,
    step_time: Any, step_team: Any, step_capacity: Any,
    work: Any, rest: Any, has_rest: Any, route: Any,
    end: Any, seed: Any, replication: Any,
) -> Any:  # fmt: skip
    """Run one replication.

    Parameters
    ----------
    enter : ndarray, shape (tickets,)
        When each ticket enters, rising; 0 for those that are there at the start. [h]
    kind, number, first_team : ndarray of int64, shape (tickets,)
        Its class; its own number, the address of its random numbers; the team that it enters.
    first_work : ndarray, shape (tickets,)
        Work of the first visit; NaN: draw it. [h]
    first_rest : ndarray, shape (tickets,)
        Where a ticket at the start is past its queue: how long it still stays with the team. NaN: it
        queues. [h]
    due : ndarray, shape (tickets,)
        For the discipline by due date. [h]
    level_of : ndarray of int64, shape (classes,)
        Priority of a class, 0 first.
    discipline : ndarray of int64, shape (teams,)
    newest_first : ndarray, shape (teams,)
        Share of tickets that are put at the head of the queue of their level when they come.
    clock_first : ndarray of int64, shape (teams + 1,)
        Slices of `clock_time`, `clock_done`, `clock_open` that belong to each team; an empty slice is
        always open. `clock_done` holds the open hours before each breakpoint.
    step_time, step_team, step_capacity : ndarray
        When the number of people of a team changes, in order of time; 0 is closed.
    work, rest : ndarray, shape (classes, teams, points)
        Quantiles of work, and of the time from start of work to leaving the team. [h]
    has_rest : ndarray of bool, shape (classes, teams)
        Whether a ticket stays after its work: awaiting its user or a vendor, or laid aside.
    route : ndarray, shape (classes, teams, teams + 1)
        Cumulative probability of the next team; the last column is the end.

    Returns
    -------
    tuple
        When each ticket ended (inf: has not), its time in queues, its visits, the team that holds it;
        by team the hours worked; and the integral of the number of tickets present.
    """
    tickets, teams = enter.size, discipline.size
    ended = np.full(tickets, np.inf)
    waited = np.zeros(tickets)
    visits = np.zeros(tickets, np.int64)
    team_of = first_team.copy()
    joined = np.zeros(tickets)
    remaining = first_work.copy()
    stays = np.zeros(tickets)
    exits_to = np.zeros(tickets, np.int64)
    is_begun = np.zeros(tickets, np.bool_)
    finish = np.zeros(tickets)
    stamp_of = np.zeros(tickets, np.int64)
    # queues and the people's hands, each a doubly linked list by (team, level)
    after = np.full(tickets, -1, np.int64)
    ahead = np.full(tickets, -1, np.int64)
    head = np.full((2, teams, levels), -1, np.int64)
    tail = np.full((2, teams, levels), -1, np.int64)
    busy = np.zeros(teams, np.int64)
    capacity = np.zeros(teams, np.int64)
    worked_hours = np.zeros(teams)
    # a ticket has at most one event to come; those of interrupted work are thrown away now and then
    heap_time = np.zeros(2 * tickets + 2)
    heap_code = np.zeros(2 * tickets + 2, np.int64)
    heap_stamp = np.zeros(2 * tickets + 2, np.int64)
    size, stale = 0, 0
    next_ticket, next_step, steps = 0, 0, step_time.size
    now = 0.0
    present = 0
    area = np.zeros(1)
    touched = np.full(2, -1, np.int64)

    while True:
        moment = np.inf
        source = 0
        if next_ticket < tickets:
            moment = enter[next_ticket]
            source = 1
        if size > 0 and heap_time[0] <= moment:
            moment = heap_time[0]
            source = 2
        if next_step < steps and step_time[next_step] <= moment:
            moment = step_time[next_step]
            source = 3
        if source == 0 or moment > end:
            area[0] += present * (end - now)
            break
        area[0] += present * (moment - now)
        now = moment
        touched[0], touched[1] = -1, -1
        ticket = -1  # the one that joins a queue now
        if source == 3:
            team = step_team[next_step]
            capacity[team] = step_capacity[next_step]
            touched[0] = team
            next_step += 1
        elif source == 1:
            ticket = next_ticket
            next_ticket += 1
            present += 1
            if not np.isnan(first_rest[ticket]):  # at the start, past its queue
                words = philox(number[ticket], 0, 1, replication, seed)
                share = unit(words[2])
                choice = 0
                row = route[kind[ticket], team_of[ticket]]
                while row[choice] < share:
                    choice += 1
                exits_to[ticket] = choice
                code = (_LEAVES << _TICKET_BITS) | ticket
                size = _push(
                    heap_time, heap_code, heap_stamp, size, now + first_rest[ticket], code, stamp_of[ticket]
                )
                ticket = -1
        else:
            code, stamp = heap_code[0], heap_stamp[0]
            size = _pop(heap_time, heap_code, heap_stamp, size)
            one = code & _TICKET_MASK
            if stamp != stamp_of[one]:
                stale -= 1
                continue  # it was interrupted meanwhile
            team = team_of[one]
            leaves = True
            if code >> _TICKET_BITS == _WORK_DONE:
                level = level_of[kind[one]]
                before, behind = ahead[one], after[one]
                if before >= 0:
                    after[before] = behind
                else:
                    head[1, team, level] = behind
                if behind >= 0:
                    ahead[behind] = before
                else:
                    tail[1, team, level] = before
                busy[team] -= 1
                touched[0] = team
                if stays[one] > now:
                    leaves = False
                    code = (_LEAVES << _TICKET_BITS) | one
                    size = _push(heap_time, heap_code, heap_stamp, size, stays[one], code, stamp)
            if leaves:
                if exits_to[one] == teams:
                    ended[one] = now
                    present -= 1
                else:
                    team_of[one] = exits_to[one]
                    remaining[one] = np.nan
                    is_begun[one] = False
                    ticket = one

        if ticket >= 0:
            team = team_of[ticket]
            touched[1] = team
            level = level_of[kind[ticket]]
            way = discipline[team]
            place = 0 if way == 0 or way == 3 else level
            joined[ticket] = now
            before = tail[0, team, place]
            if newest_first[team] > 0.0:
                words = philox(number[ticket], visits[ticket], 2, replication, seed)
                if unit(words[0]) < newest_first[team]:
                    before = -1
            if way == 3:
                while before >= 0 and due[before] > due[ticket]:
                    before = ahead[before]
            behind = head[0, team, place] if before < 0 else after[before]
            ahead[ticket], after[ticket] = before, behind
            if before >= 0:
                after[before] = ticket
            else:
                head[0, team, place] = ticket
            if behind >= 0:
                ahead[behind] = ticket
            else:
                tail[0, team, place] = ticket
            if way == 2 and capacity[team] > 0 and busy[team] >= capacity[team]:
                other = levels - 1
                while other > level and tail[1, team, other] < 0:
                    other -= 1
                if other > level:  # the last begun of the least urgent gives way
                    victim = tail[1, team, other]
                    before = ahead[victim]
                    tail[1, team, other] = before
                    if before >= 0:
                        after[before] = -1
                    else:
                        head[1, team, other] = -1
                    first, last = clock_first[team], clock_first[team + 1]
                    left = finish[victim] - now
                    if last > first:
                        left = _worked(
                            first, last, clock_time, clock_done, clock_open, finish[victim]
                        ) - _worked(first, last, clock_time, clock_done, clock_open, now)
                    remaining[victim] = left
                    worked_hours[team] -= left
                    stamp_of[victim] += 1
                    stale += 1
                    joined[victim] = now
                    busy[team] -= 1
                    behind = head[0, team, other]
                    ahead[victim], after[victim] = -1, behind
                    head[0, team, other] = victim
                    if behind >= 0:
                        ahead[behind] = victim
                    else:
                        tail[0, team, other] = victim

        for turn in range(2):
            team = touched[turn]
            if team < 0:
                continue
            while busy[team] < capacity[team]:
                place = 0
                while place < levels and head[0, team, place] < 0:
                    place += 1
                if place == levels:
                    break
                one = head[0, team, place]
                behind = after[one]
                head[0, team, place] = behind
                if behind >= 0:
                    ahead[behind] = -1
                else:
                    tail[0, team, place] = -1
                waited[one] += now - joined[one]
                level = level_of[kind[one]]
                if not is_begun[one]:
                    is_begun[one] = True
                    words = philox(number[one], visits[one], 0, replication, seed)
                    visits[one] += 1
                    if np.isnan(remaining[one]):
                        # work lies within the stay, so a short stay is little work
                        luck = words[1] if has_rest[kind[one], team] else words[0]
                        remaining[one] = from_table(work[kind[one], team], unit(luck))
                    stays[one] = 0.0
                    if has_rest[kind[one], team]:
                        stays[one] = now + from_table(rest[kind[one], team], unit(words[1]))
                    share = unit(words[2])
                    choice = 0
                    row = route[kind[one], team]
                    while row[choice] < share:
                        choice += 1
                    exits_to[one] = choice
                before = tail[1, team, level]
                ahead[one], after[one] = before, -1
                if before >= 0:
                    after[before] = one
                else:
                    head[1, team, level] = one
                tail[1, team, level] = one
                busy[team] += 1
                first, last = clock_first[team], clock_first[team + 1]
                until = now + remaining[one]
                if last > first:
                    done = _worked(first, last, clock_time, clock_done, clock_open, now)
                    until = _finished(first, last, clock_time, clock_done, clock_open, done + remaining[one])
                finish[one] = until
                worked_hours[team] += remaining[one]
                code = (_WORK_DONE << _TICKET_BITS) | one
                size = _push(heap_time, heap_code, heap_stamp, size, until, code, stamp_of[one])
        if stale > tickets:  # throw away what has been interrupted meanwhile
            kept = size
            size, stale = 0, 0
            for old in range(kept):
                time, code, stamp = heap_time[old], heap_code[old], heap_stamp[old]
                if stamp == stamp_of[code & _TICKET_MASK]:
                    size = _push(heap_time, heap_code, heap_stamp, size, time, code, stamp)

    for team in range(teams):  # what is in hand at the end has not been worked in full
        first, last = clock_first[team], clock_first[team + 1]
        for level in range(levels):
            one = head[1, team, level]
            while one >= 0:
                if last > first and finish[one] < np.inf:
                    worked_hours[team] -= _worked(
                        first, last, clock_time, clock_done, clock_open, finish[one]
                    ) - _worked(first, last, clock_time, clock_done, clock_open, end)
                elif last == first:
                    worked_hours[team] -= finish[one] - end
                one = after[one]
    return ended, waited, visits, team_of, worked_hours, area[0]

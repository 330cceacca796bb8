"""The event loop: tickets, teams, crews, queues, over plain arrays and without objects.

Calls no exponential or logarithm: every duration comes from a table of quantiles. Ties are broken by
(time, kind, ticket), so that the order of events never depends on the heap. A ticket waits with a *team*,
in a list by priority and skill; people belong to a *crew*, which serves one team or several, and of each
the skills that it has. Where nothing else is said a crew is a team.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from makeorbuy.projection.queue.compiling import compiled
from makeorbuy.projection.queue.model import DUE_DATE as DUE_DATE
from makeorbuy.projection.queue.model import FIRST_COME as FIRST_COME
from makeorbuy.projection.queue.model import MIXED as MIXED
from makeorbuy.projection.queue.model import PREEMPTIVE as PREEMPTIVE
from makeorbuy.projection.queue.model import PRIORITY as PRIORITY
from makeorbuy.projection.queue.random_numbers import philox, unit

_WORK_DONE, _LEAVES = 0, 1
_KIND_BIT, _TICKET_BIT = 56, 16
_TICKET_MASK = (1 << (_KIND_BIT - _TICKET_BIT)) - 1
_INDEX = (1 << 31) - 1
"""Put on an index that is never negative, where the compiler cannot know that."""
_STAMP_MASK = (1 << _TICKET_BIT) - 1
_QUEUED, _IN_HAND, _RESTING = 0, 1, 2

REAL, WHOLE = 5, 7
"""Numbers of a ticket that the loop keeps while it runs."""

EVENTS = 2048
"""Room for events of interrupted work, which are thrown away now and then."""


@compiled
def _from_table(tables: Any, one: Any, two: Any, share: Any) -> Any:
    """Return the quantile at a share, straight between the points of a table."""
    position = share * (tables.shape[2] - 1)
    cell = int(position) & _INDEX
    low = tables[one, two, cell]
    return low + (position - cell) * (tables[one, two, cell + 1] - low)


@compiled
def _before(time: Any, code: Any, other_time: Any, other_code: Any) -> Any:
    """Tell whether an event comes before another; without a branch, since nobody could predict it."""
    return (time < other_time) | ((time == other_time) & (code < other_code))


@compiled
def _sift_up(times: Any, codes: Any, place: Any, time: Any, code: Any) -> Any:
    while place > 0:
        above = ((place - 1) >> 1) & _INDEX
        if not _before(time, code, times[above], codes[above]):
            break
        times[place], codes[place] = times[above], codes[above]
        place = above
    times[place], codes[place] = time, code


@compiled
def _sift_down(times: Any, codes: Any, size: Any, time: Any, code: Any) -> Any:
    """Put an event in place of the first one: the gap goes down to a leaf, and the event up from there.

    What begins now mostly ends late, so that it goes up by little.
    """
    place = 0
    below = 1
    while below + 1 < size:
        below += int(_before(times[below + 1], codes[below + 1], times[below], codes[below]))
        times[place], codes[place] = times[below], codes[below]
        place = below
        below = (2 * place + 1) & _INDEX
    if below < size:
        times[place], codes[place] = times[below], codes[below]
        place = below
    _sift_up(times, codes, place, time, code)


@compiled
def _meld(key: Any, child: Any, sibling: Any, one: Any, other: Any) -> Any:
    """Join two pairing heaps; their links are the links of the lists (Fredman and others 1986)."""
    if one < 0:
        return other
    if other < 0:
        return one
    if key[other] < key[one] or (key[other] == key[one] and other < one):
        one, other = other, one
    sibling[other] = child[one]
    child[one] = other
    return one


@compiled
def _without_first(key: Any, child: Any, sibling: Any, root: Any) -> Any:
    """Return a pairing heap without its first ticket: join its children in pairs, then the pairs."""
    rest = child[root]
    pairs = -1
    while rest >= 0:
        one, other = rest, sibling[rest]
        rest = sibling[other] if other >= 0 else -1
        one = _meld(key, child, sibling, one, other)
        sibling[one] = pairs
        pairs = one
    root = -1
    while pairs >= 0:
        one, pairs = pairs, sibling[pairs]
        root = _meld(key, child, sibling, root, one)
    return root


@compiled
def _clock(place: Any, row: Any, first: Any, times: Any, done: Any, is_open: Any, moment: Any) -> Any:
    """Return the open hours up to a moment that never goes back; `place` remembers where it was."""
    at, last = place[row], first[row + 1]
    while at + 1 < last and times[at + 1] <= moment:
        at += 1
    place[row] = at
    return done[at] + (moment - times[at]) if is_open[at] else done[at]


@compiled
def _hours_put_in(
    crew: Any, open_with: Any, crew_first: Any, crew_team: Any, crew_rank: Any, gain: Any, least: Any,
    most: Any, usual: Any,
) -> Any:  # fmt: skip
    """Return the factor on a crew's hours, given what is open with the teams that it serves first."""
    count = 0
    for entry in range(crew_first[crew], crew_first[crew + 1]):
        if crew_rank[entry] == crew_rank[crew_first[crew]]:
            count += open_with[crew_team[entry]]
    factor = 1.0 + gain[crew] * (count - usual)
    return min(max(factor, least[crew]), most[crew])


@compiled
def run(
    real: Any, whole: Any, heap_time: Any, heap_code: Any,
    opened: Any, kind: Any, number: Any, first_team: Any, first_work: Any, first_rest: Any,
    first_visit: Any, in_hand: Any, counted_before: Any, target: Any,
    level_of: Any, skill_of: Any, levels: Any, skills: Any,
    discipline: Any, interrupts: Any, newest_first: Any, pauses: Any,
    crew_first: Any, crew_team: Any, crew_mask: Any, crew_rank: Any,
    team_first: Any, team_crew: Any, pace: Any,
    clock_first: Any, clock_time: Any, clock_done: Any, clock_open: Any,
    hours_of: Any, hours_first: Any, hours_time: Any, hours_done: Any, hours_open: Any,
    step_time: Any, step_crew: Any, step_value: Any,
    gain: Any, least: Any, most: Any, usual: Any, midnight: Any,
    work: Any, rest: Any, has_rest: Any, route_first: Any, route_share: Any, route_to: Any,
    end: Any, seed: Any, replication: Any,
) -> Any:  # fmt: skip
    """Run one replication; `makeorbuy.projection.queue.simulate` prepares the arrays.

    Parameters
    ----------
    real, whole, heap_time, heap_code : ndarray
        Room to work in, shapes (REAL, tickets), (WHOLE, tickets) and twice (2 tickets + EVENTS,); used again
        and again, because fresh memory costs a fifth of the time.
    opened : ndarray, shape (tickets,)
        In order of entering; negative for those that are there at the start. [h]
    kind, number, first_team : ndarray of int64, shape (tickets,)
        Its class; its own number, the address of its random numbers; the team that it enters.
    first_work : ndarray, shape (tickets,)
        Work of the first visit; NaN: draw it. [h]
    first_rest : ndarray, shape (tickets,)
        Where a ticket at the start is past its queue: how long it still stays with the team. NaN: it
        queues. [h]
    first_visit : ndarray of int64, shape (tickets,) or (0,)
        Visits before the first; empty: none.
    in_hand : ndarray of bool, shape (tickets,) or (0,)
        Whether somebody is at work on it when it enters; empty: nobody.
    counted_before : ndarray, shape (tickets,) or (0,)
        Hours that its service-level clock shows when it enters; empty: its age, and 0 for a class with
        service hours. [h]
    target : ndarray, shape (classes,)
        Hours to the due date, for the disciplines by due date.
    level_of, skill_of, hours_of : ndarray of int64, shape (classes,)
        Priority of a class, 0 first; the skill that it asks for; the service hours on its clock, -1 for
        all hours.
    discipline, interrupts : ndarray of int64, shape (teams,)
        `interrupts`: how many of the most urgent levels interrupt work.
    newest_first : ndarray, shape (teams,)
        Share of tickets that are put at the head of the queue of their level when they come.
    pauses : ndarray of bool, shape (classes, teams)
        Whether the service-level clock stands still while a ticket stays after its work.
    crew_first, crew_team, crew_mask, crew_rank : ndarray of int64
        By crew a slice of entries: a team that it serves, the skills as bits, and in which order: a later
        rank is taken only when there is nothing in an earlier one.
    team_first, team_crew : ndarray of int64
        By team a slice of the crews that serve it, in the order in which they are asked.
    pace : ndarray, shape (crews,)
        Hours that a crew needs for an hour of work.
    clock_first, clock_time, clock_done, clock_open : ndarray
        By crew a slice of its open hours; an empty slice is always open. `clock_done` holds the open hours
        before each breakpoint. The same for service hours in `hours_...`.
    step_time, step_crew, step_value : ndarray
        In order of time: the number of people of a crew, 0 is closed; or, where the crew is -1 - team, the
        skills that are blocked there, as bits.
    gain, least, most : ndarray, shape (crews,) or (0,)
        By how much of them a crew's hours rise for each ticket that is open with its own teams beyond the
        usual, and the limits of that factor; empty: hours are as planned. Looked at where the crew's number
        changes, once a day.
    usual : ndarray, shape (crews, days)
        Usual number of open tickets by day; the last day goes on.
    midnight : float
        A midnight not after the start. [h]
    work, rest : ndarray, shape (classes, teams, points)
        Quantiles of work, and of the time from start of work to leaving the team. [h]
    has_rest : ndarray of bool, shape (classes, teams)
        Whether a ticket stays after its work: awaiting its user or a vendor, or laid aside.
    route_first, route_share, route_to : ndarray
        By class x team a slice of the next teams, with cumulative probability; `teams` is the end.

    Returns
    -------
    tuple
        By ticket: when it ended (inf: has not), its time in queues, its visits, the team that holds it, the
        hours on its service-level clock, the hours that the clock stood still. By crew: hours worked,
        overtime. By class and team: hours waited, and visits begun. Last the integral of the number of
        tickets present.
    """
    tickets, teams, crews, classes = opened.size, discipline.size, pace.size, level_of.size
    ended = np.empty(tickets)
    waited = np.empty(tickets)
    visits = np.empty(tickets, np.int32)
    team_of = np.empty(tickets, np.uint32)
    # without pauses and service hours a clock shows the age
    has_clocks = hours_first.size > 1 or counted_before.size > 0 or pauses.any()
    counted = np.empty(tickets if has_clocks else 0)
    paused = np.empty(tickets if has_clocks else 0)
    joined, key, remaining, stays, finish = real[0], real[1], real[2], real[3], real[4]
    exits_to, crew_of, stamp_of, state, is_begun = whole[0], whole[1], whole[2], whole[3], whole[4]
    # links of the queues (lists, or pairing heaps by due date) and of the lists of what a crew has in hand
    after, ahead = whole[5], whole[6]
    head = np.full((teams, levels, skills), -1, np.int64)
    tail = np.full((teams, levels, skills), -1, np.int64)
    queued = np.zeros(teams, np.int64)
    blocked = np.zeros(teams, np.int64)
    by_level = (discipline != FIRST_COME) & (discipline != DUE_DATE)
    newest = np.full((crews, levels), -1, np.int64)  # begun last, by level
    is_interrupted = np.zeros(crews, np.bool_)
    for crew in range(crews):
        for entry in range(crew_first[crew], crew_first[crew + 1]):
            if interrupts[crew_team[entry]] > 0:
                is_interrupted[crew] = True
    busy = np.zeros(crews, np.int64)
    capacity = np.zeros(crews, np.int64)
    worked_hours = np.zeros(crews)
    overtime = np.zeros(crews)
    counted_over = np.zeros(crews)
    waited_hours = np.zeros((classes, teams))
    begun = np.zeros((classes, teams), np.int64)
    pace_now = pace.copy()
    follows = gain.size > 0
    open_with = np.zeros(teams, np.int64)
    day_of = np.full(crews, -1, np.int64)
    clock_at = clock_first[:-1].copy()
    rows = hours_first.size - 1
    hours_at = hours_first[:-1].copy()
    shown = np.zeros(rows + 1)  # on each service-level clock now; the last one, -1, counts all hours
    size, stale = 0, 0
    next_ticket, next_step, steps = 0, 0, step_time.size
    now = 0.0
    area = np.zeros(1)
    present = 0

    # who is at work at the start has no hand free for an older ticket
    people = np.zeros(crews, np.int64)
    for step in range(steps if in_hand.size else 0):
        if step_time[step] <= 0.0 and step_crew[step] >= 0:
            people[step_crew[step]] = step_value[step]
    for one in range(in_hand.size):
        if not in_hand[one]:
            continue
        found, team = -1, first_team[one]
        for entry in range(team_first[team], team_first[team + 1]):
            crew = team_crew[entry]
            for served in range(crew_first[crew], crew_first[crew + 1]):
                if crew_team[served] != team or (crew_mask[served] >> skill_of[kind[one]]) & 1 == 0:
                    continue
                if found < 0 or (busy[crew] < people[crew] and busy[found] >= people[found]):
                    found = crew
        crew_of[one] = found
        if found >= 0:
            busy[found] += 1

    while True:
        moment = np.inf
        source = 0
        if next_ticket < tickets:
            moment = max(opened[next_ticket], 0.0)
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
        if moment < now:
            raise ValueError("tickets must be in order of entering")
        now = moment
        if has_clocks:
            for row in range(rows):
                place = hours_at[row]
                while place + 1 < hours_first[row + 1] and hours_time[place + 1] <= now:
                    place += 1
                hours_at[row] = place
                shown[row] = hours_done[place]
                if hours_open[place]:
                    shown[row] += now - hours_time[place]
            shown[rows] = now
        ticket = -1  # the one that joins a queue now
        freed = -1  # the crew that may begin something else
        direct = -1  # the one that is begun without a queue, by the crew in `freed`
        is_hole = False  # the first event has happened, and its place in the heap is free
        every = False

        if source == 3:
            crew = step_crew[next_step]
            if crew >= 0:
                if busy[crew] > capacity[crew] and (
                    capacity[crew] > 0 or clock_first[crew] == clock_first[crew + 1]
                ):
                    overtime[crew] += (busy[crew] - capacity[crew]) * (now - counted_over[crew])
                counted_over[crew] = now
                capacity[crew] = step_value[next_step]
                freed = crew
                if follows and gain[crew] > 0.0 and capacity[crew] > 0:
                    day = int((now - midnight) / 24.0)
                    if day != day_of[crew]:
                        day_of[crew] = day
                        pace_now[crew] = pace[crew] / _hours_put_in(
                            crew, open_with, crew_first, crew_team, crew_rank, gain, least, most,
                            usual[crew, min(day, usual.shape[1] - 1)],
                        )  # fmt: skip
            else:
                blocked[-1 - crew] = step_value[next_step]
                every = True
            next_step += 1
        elif source == 1:
            one = next_ticket & _INDEX
            next_ticket += 1
            present += 1
            ended[one] = np.inf
            waited[one] = 0.0
            visits[one] = first_visit[one] if first_visit.size else 0
            team_of[one] = first_team[one]
            if follows:
                open_with[first_team[one]] += 1
            remaining[one] = first_work[one]
            stays[one] = 0.0
            is_begun[one] = 0
            stamp_of[one] = 0
            joined[one] = now
            if has_clocks:
                row = hours_of[kind[one]]
                age = max(-opened[one], 0.0) if row < 0 else 0.0
                if counted_before.size:
                    age = counted_before[one]
                counted[one] = age - shown[row]
                paused[one] = 0.0
            if not np.isnan(first_rest[one]):  # at the start, past its queue
                words = philox(number[one], 0, 1, replication, seed)
                share = unit(words[2])
                place = route_first[kind[one] * teams + team_of[one]]
                while route_share[place] < share:
                    place += 1
                exits_to[one] = route_to[place]
                state[one] = _RESTING
                stays[one] = now + first_rest[one]
                if has_clocks and pauses[kind[one], team_of[one]]:
                    counted[one] += shown[row]
                    paused[one] -= now
                code = (_LEAVES << _KIND_BIT) | (one << _TICKET_BIT)
                _sift_up(heap_time, heap_code, size, stays[one], code)
                size += 1
            elif in_hand.size and in_hand[one] and crew_of[one] >= 0:
                direct = one
                freed = crew_of[one]
                busy[freed] -= 1  # its place was kept
            else:
                ticket = one
        else:
            code = heap_code[0]
            is_hole = True
            one = (code >> _TICKET_BIT) & _TICKET_MASK
            if code & _STAMP_MASK != stamp_of[one] & _STAMP_MASK:
                stale -= 1  # it was interrupted meanwhile
            else:
                team = team_of[one]
                leaves = True
                if code >> _KIND_BIT == _WORK_DONE:
                    crew = crew_of[one] & _INDEX
                    if is_interrupted[crew]:
                        before, behind = ahead[one], after[one]
                        if before >= 0:
                            after[before] = behind
                        else:
                            newest[crew, level_of[kind[one]]] = behind
                        if behind >= 0:
                            ahead[behind] = before
                    if busy[crew] > capacity[crew]:
                        if capacity[crew] > 0 or clock_first[crew] == clock_first[crew + 1]:
                            overtime[crew] += (busy[crew] - capacity[crew]) * (now - counted_over[crew])
                        counted_over[crew] = now
                    busy[crew] -= 1
                    freed = crew
                    if stays[one] > now:
                        leaves = False
                        state[one] = _RESTING
                        if has_clocks and pauses[kind[one], team]:
                            counted[one] += shown[hours_of[kind[one]]]
                            paused[one] -= now
                        _sift_down(heap_time, heap_code, size, stays[one], code | (_LEAVES << _KIND_BIT))
                        is_hole = False
                elif has_clocks and pauses[kind[one], team]:
                    counted[one] -= shown[hours_of[kind[one]]]
                    paused[one] += now
                if leaves:
                    if follows:
                        open_with[team] -= 1
                        if exits_to[one] < teams:
                            open_with[exits_to[one]] += 1
                    if exits_to[one] == teams:
                        ended[one] = now
                        present -= 1
                        if has_clocks:
                            counted[one] += shown[hours_of[kind[one]]]
                    else:
                        team_of[one] = exits_to[one]
                        remaining[one] = np.nan
                        is_begun[one] = 0
                        ticket = one

        last_crew = 0  # crews that are asked after the freed one: those that serve the ticket's team
        if ticket >= 0:
            team = team_of[ticket]
            joined[ticket] = now
            skill = skill_of[kind[ticket]]
            if freed < 0 and (blocked[team] >> skill) & 1 == 0:
                # somebody who could begin it and is free has nothing else to begin, so it need not queue
                for entry in range(team_first[team], team_first[team + 1]):
                    crew = team_crew[entry]
                    if busy[crew] < capacity[crew]:
                        for served in range(crew_first[crew], crew_first[crew + 1]):
                            if crew_team[served] == team and (crew_mask[served] >> skill) & 1:
                                direct = ticket
                        if direct >= 0:
                            freed = crew
                            break
            if direct < 0:
                way = discipline[team]
                place = level_of[kind[ticket]] if by_level[team] else 0
                state[ticket] = _QUEUED
                queued[team] += 1
                first = head[team, place, skill]
                if way >= DUE_DATE:
                    key[ticket] = opened[ticket] + target[kind[ticket]]
                    after[ticket], ahead[ticket] = -1, -1
                    head[team, place, skill] = _meld(key, ahead, after, first, ticket)
                else:
                    is_ahead = False
                    if newest_first[team] > 0.0:
                        words = philox(number[ticket], visits[ticket], 2, replication, seed)
                        is_ahead = unit(words[0]) < newest_first[team]
                    if is_ahead or first < 0:
                        key[ticket] = -now if is_ahead else now
                        after[ticket] = first
                        head[team, place, skill] = ticket
                        if first < 0:
                            tail[team, place, skill] = ticket
                    else:
                        key[ticket] = now
                        after[ticket] = -1
                        after[tail[team, place, skill] & _INDEX] = ticket
                        tail[team, place, skill] = ticket
                last_crew = team_first[team + 1] - team_first[team]
        if every:
            last_crew = crews

        turn = -1
        while turn < last_crew:
            if turn < 0:
                crew = freed
            elif every:
                crew = turn
            else:
                if state[ticket] != _QUEUED:
                    break
                crew = team_crew[team_first[team_of[ticket]] + turn]
            turn += 1
            if crew < 0:
                continue
            while True:
                is_full = busy[crew] >= capacity[crew]
                victim = -1
                if direct >= 0:
                    one = direct
                    direct = -1
                    if is_full:  # in hand at the start, though nobody is counted on for it
                        counted_over[crew] = now
                else:
                    if is_full and (capacity[crew] == 0 or not is_interrupted[crew]):
                        break
                    one, one_team, one_place, one_skill, one_rank = -1, 0, 0, 0, 0
                    for entry in range(crew_first[crew], crew_first[crew + 1]):
                        if one >= 0 and crew_rank[entry] > one_rank:
                            break
                        team = crew_team[entry]
                        if queued[team] == 0:
                            continue
                        mask = crew_mask[entry] & ~blocked[team]
                        for order in range(levels):
                            place = order & _INDEX
                            for bit in range(skills):
                                skill = bit & _INDEX
                                first = head[team, place, skill]
                                if first < 0 or (mask >> skill) & 1 == 0:
                                    continue
                                if (
                                    one < 0
                                    or place < one_place
                                    or (
                                        place == one_place
                                        and (
                                            key[first] < key[one] or (key[first] == key[one] and first < one)
                                        )
                                    )
                                ):
                                    one, one_team, one_place, one_skill = first, team, place, skill
                                    one_rank = crew_rank[entry]
                            if one >= 0 and one_place <= place:
                                break
                    if one < 0:
                        break
                    if is_full:
                        level = level_of[kind[one]]
                        if level >= interrupts[one_team]:
                            break
                        worst = levels - 1
                        while worst > level and newest[crew, worst] < 0:
                            worst -= 1
                        if worst <= level:
                            break
                        victim = newest[crew, worst] & _INDEX  # the last begun of the least urgent gives way
                    if discipline[one_team] >= DUE_DATE:
                        head[one_team, one_place, one_skill] = _without_first(key, ahead, after, one)
                    else:
                        head[one_team, one_place, one_skill] = after[one]
                    queued[one_team] -= 1
                at_clock = now  # the hours on the crew's clock
                place, last = clock_at[crew], clock_first[crew + 1]
                has_clock = clock_first[crew] < last
                if has_clock:
                    while place + 1 < last and clock_time[place + 1] <= now:
                        place += 1
                    clock_at[crew] = place
                    at_clock = clock_done[place]
                    if clock_open[place]:
                        at_clock += now - clock_time[place]
                if victim >= 0:
                    behind = after[victim]
                    newest[crew, level_of[kind[victim]]] = behind
                    if behind >= 0:
                        ahead[behind] = -1
                    left = finish[victim] - at_clock
                    remaining[victim] = left / pace_now[crew]
                    worked_hours[crew] -= left
                    stamp_of[victim] += 1
                    stale += 1
                    joined[victim] = now
                    state[victim] = _QUEUED
                    busy[crew] -= 1
                    team = team_of[victim]
                    way = discipline[team]
                    place = level_of[kind[victim]] if by_level[team] else 0
                    skill = skill_of[kind[victim]]
                    first = head[team, place, skill]
                    queued[team] += 1
                    if way >= DUE_DATE:
                        key[victim] = opened[victim] + target[kind[victim]]
                        after[victim], ahead[victim] = -1, -1
                        head[team, place, skill] = _meld(key, ahead, after, first, victim)
                    else:
                        key[victim] = -now
                        after[victim] = first
                        head[team, place, skill] = victim
                        if first < 0:
                            tail[team, place, skill] = victim
                    if team_first[team + 1] - team_first[team] > 1:  # somebody else may go on with it
                        every, last_crew, turn = True, crews, 0
                cls, team = kind[one], team_of[one]
                wait = now - joined[one]
                waited[one] += wait
                waited_hours[cls, team] += wait
                state[one] = _IN_HAND
                crew_of[one] = crew
                if not is_begun[one]:
                    is_begun[one] = 1
                    begun[cls, team] += 1
                    words = philox(number[one], visits[one], 0, replication, seed)
                    visits[one] += 1
                    if np.isnan(remaining[one]):
                        # work lies within the stay, so a short stay is little work
                        luck = words[1] if has_rest[cls, team] else words[0]
                        remaining[one] = _from_table(work, cls, team, unit(luck))
                    stays[one] = 0.0
                    if has_rest[cls, team]:
                        stays[one] = now + _from_table(rest, cls, team, unit(words[1]))
                    share = unit(words[2])
                    place = route_first[cls * teams + team]
                    while route_share[place] < share:
                        place += 1
                    exits_to[one] = route_to[place]
                if is_interrupted[crew]:
                    level = level_of[cls]
                    behind = newest[crew, level]
                    after[one], ahead[one] = behind, -1
                    if behind >= 0:
                        ahead[behind] = one
                    newest[crew, level] = one
                busy[crew] += 1
                takes = remaining[one] * pace_now[crew]
                worked_hours[crew] += takes
                finish[one] = at_clock + takes
                until = finish[one]
                if has_clock:
                    place = clock_at[crew]
                    while place + 1 < last and clock_done[place + 1] < until:
                        place += 1
                    if clock_open[place]:
                        until = clock_time[place] + (until - clock_done[place])
                    else:
                        until = clock_time[place] if until <= clock_done[place] else np.inf
                code = (one << _TICKET_BIT) | (stamp_of[one] & _STAMP_MASK)
                if is_hole:
                    _sift_down(heap_time, heap_code, size, until, code)
                    is_hole = False
                else:
                    _sift_up(heap_time, heap_code, size, until, code)
                    size += 1
        if is_hole:
            size -= 1
            if size > 0:
                _sift_down(heap_time, heap_code, size, heap_time[size], heap_code[size])
        if stale > 512 and 2 * stale > size:  # throw away what has been interrupted meanwhile
            kept = size
            size, stale = 0, 0
            for old in range(kept):
                code = heap_code[old]
                if code & _STAMP_MASK == stamp_of[(code >> _TICKET_BIT) & _TICKET_MASK] & _STAMP_MASK:
                    _sift_up(heap_time, heap_code, size, heap_time[old], code)
                    size += 1

    now = end
    for crew in range(crews):
        if busy[crew] > capacity[crew] and (capacity[crew] > 0 or clock_first[crew] == clock_first[crew + 1]):
            overtime[crew] += (busy[crew] - capacity[crew]) * (now - counted_over[crew])
    for one in range(next_ticket):
        if ended[one] < np.inf:
            continue
        team = team_of[one]
        if has_clocks:
            row = hours_of[kind[one]]
            if state[one] == _RESTING and pauses[kind[one], team]:
                paused[one] += now
            elif row < 0:
                counted[one] += now
            else:
                counted[one] += _clock(hours_at, row, hours_first, hours_time, hours_done, hours_open, now)
        if state[one] == _QUEUED:
            waited_hours[kind[one], team] += now - joined[one]
        elif state[one] == _IN_HAND:  # has not been worked in full
            crew = crew_of[one]
            at_clock = now
            if clock_first[crew + 1] > clock_first[crew]:
                at_clock = _clock(clock_at, crew, clock_first, clock_time, clock_done, clock_open, now)
            if finish[one] < np.inf:
                worked_hours[crew] -= finish[one] - at_clock
    for one in range(next_ticket, tickets):  # come after the end
        ended[one] = np.inf
        waited[one], visits[one], team_of[one] = 0.0, 0, first_team[one]
        if has_clocks:
            counted[one], paused[one] = 0.0, 0.0
    return (
        ended, waited, visits, team_of.view(np.int32), counted, paused, worked_hours, overtime, waited_hours,
        begun, area[0],
    )  # fmt: skip

"""Who is on duty when plans meet life: people who are away, and times in which a team can do nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue.compiling import compiled
from makeorbuy.projection.queue.model import Floats, Ints, Shifts
from makeorbuy.projection.queue.random_numbers import philox, unit

_ABSENCE = 3
"""Purpose of the random numbers; 0 to 2 are the loop's."""

_PEOPLE_BITS = 16


@compiled
def _present(team: Any, day: Any, people: Any, away: Any, replication: Any, seed: Any, present: Any) -> Any:
    for row in range(team.size):
        here = 0
        for person in range(people[row]):
            words = philox((team[row] << _PEOPLE_BITS) + person, day[row], _ABSENCE, replication, seed)
            if unit(words[0]) >= away[team[row]]:
                here += 1
        present[row] = here


def with_absence(
    shifts: Shifts, away: Floats, end: float, *, seed: int, replication: int, midnight: float = 0.0
) -> Shifts:
    """Return the shifts less those who are away for a day.

    Whether a person is away on a day is drawn by person and day, so that the same people are away however
    large the team is, and in every option.

    Parameters
    ----------
    away : ndarray, shape (teams,)
        Share of days on which a person who is planned does not come.
    midnight : float
        The first midnight, where the start is not one. [h]

    Examples
    --------
    >>> plan = Shifts(np.array([0.0, 8.0, 16.0]), np.zeros(3, int), np.array([0, 3, 0]))
    >>> with_absence(plan, np.array([1.0]), 24.0, seed=1, replication=1).people.tolist()
    [0, 0, 0]
    """
    first, last = np.floor(-midnight / HOURS_PER_DAY), np.ceil((end - midnight) / HOURS_PER_DAY)
    midnights: Floats = np.arange(float(first), float(last)) * HOURS_PER_DAY + midnight
    plan = _with_steps(shifts, [midnights] * away.size)
    day = np.floor((plan.time - midnight) / HOURS_PER_DAY).astype(np.int64) + 1
    present = np.zeros(plan.people.size, np.int64)
    _present(plan.team, day, plan.people, away, int(replication), int(seed), present)
    return Shifts(plan.time, plan.team, present)


def with_holes(shifts: Shifts, begins: Floats, ends: Floats, team: Ints) -> Shifts:
    """Return the shifts without the times in which a team can do nothing: outages, moves, holidays.

    Examples
    --------
    >>> plan = Shifts(np.array([0.0, 16.0]), np.zeros(2, int), np.array([3, 1]))
    >>> hole = with_holes(plan, np.array([2.0]), np.array([20.0]), np.array([0]))
    >>> hole.time.tolist(), hole.people.tolist()
    ([0.0, 2.0, 16.0, 20.0], [3, 0, 0, 1])
    """
    teams = int(max(shifts.team.max(initial=0), team.max(initial=0))) + 1
    edges = [np.unique(np.concatenate((begins[team == one], ends[team == one]))) for one in range(teams)]
    plan = _with_steps(shifts, edges)
    people = plan.people.copy()
    for one in np.unique(team).tolist():
        own = plan.team == one
        order_begin, order_end = np.sort(begins[team == one]), np.sort(ends[team == one])
        # inside a hole: more have begun than have ended
        begun = np.searchsorted(order_begin, plan.time[own], "right")
        people[own] *= begun == np.searchsorted(order_end, plan.time[own], "right")
    return Shifts(plan.time, plan.team, people)


def _with_steps(shifts: Shifts, moments: list[Floats]) -> Shifts:
    """Return the same shifts with steps at these moments too, by team."""
    times, teams, people = [], [], []
    for number, extra in enumerate(moments):
        own = shifts.team == number
        time, planned = shifts.time[own], shifts.people[own]
        if not time.size:
            continue
        wanted = np.union1d(time, extra[extra > time[0]])
        place = np.searchsorted(time, wanted, "right") - 1
        times.append(wanted)
        teams.append(np.full(wanted.size, number, np.int64))
        people.append(planned[place])
    if not times:
        return shifts
    time, team, many = np.concatenate(times), np.concatenate(teams), np.concatenate(people)
    order = np.lexsort((team, time))
    return Shifts(time[order], team[order], many[order].astype(np.int64))

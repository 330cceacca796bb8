"""What a queue simulation is made of: classes, teams, their hours, tables, tickets at the start.

Frozen tables that are checked before they enter the loop. Time is hours since the start, on the agency's
wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QueueClass:
    """Tickets that are treated alike: one service, one priority.

    Attributes
    ----------
    level : int
        0 is the most urgent.
    """

    service: str
    level: int


@dataclass(frozen=True, slots=True)
class Shifts:
    """When how many people of each team take tickets; nobody is closed.

    Attributes
    ----------
    time, team, people : ndarray, shape (steps,)
        In order of time: from this moment so many people. [h]
    """

    time: Floats
    team: Ints
    people: Ints

    def clocks(self, teams: int) -> tuple[Ints, Floats, Floats, NDArray[np.bool_]]:
        """Return each team's open hours as a table; a team that never closes has none.

        Work that is not done when a shift ends goes on when the next begins.

        Examples
        --------
        >>> day = Shifts(np.array([0.0, 8.0, 16.0]), np.zeros(3, int), np.array([0, 2, 0]))
        >>> [column.tolist() for column in day.clocks(1)]
        [[0, 3], [0.0, 8.0, 16.0], [0.0, 0.0, 8.0], [False, True, False]]
        """
        first, times, done, opens = [0], [], [], []
        for team in range(teams):
            own = self.team == team
            moments, is_open = self.time[own], self.people[own] > 0
            if not is_open.all() and moments.size:
                change = np.concatenate(([True], is_open[1:] != is_open[:-1]))
                moments, is_open = moments[change], is_open[change]
                length = np.diff(moments, append=moments[-1]) * is_open
                times.append(moments)
                done.append(np.concatenate(([0.0], np.cumsum(length)[:-1])))
                opens.append(is_open)
                first.append(first[-1] + moments.size)
            else:
                first.append(first[-1])
        return (
            np.array(first, np.int64),
            np.concatenate([np.zeros(0), *times]),
            np.concatenate([np.zeros(0), *done]),
            np.concatenate([np.zeros(0, np.bool_), *opens]),
        )

    def person_hours(self, teams: int, end: float) -> Floats:
        """Return the hours on duty of each team up to the end, shape (teams,). [h]"""
        total = np.zeros(teams)
        for team in range(teams):
            own = self.team == team
            times = np.minimum(self.time[own], end)
            total[team] = float((np.diff(times, append=end) * self.people[own]).sum())
        return total


@dataclass(frozen=True, slots=True)
class QueueModel:
    """How tickets are handled.

    Attributes
    ----------
    discipline : ndarray of int64, shape (teams,)
        See `makeorbuy.projection.queue.kernel`.
    newest_first : ndarray, shape (teams,)
        Share of tickets that are taken up ahead of those that came before, as people do.
    work, rest : ndarray, shape (classes, teams, points)
        Quantiles of the work of a visit, and of the time from its start until the ticket leaves the team.
        [h]
    has_rest : ndarray of bool, shape (classes, teams)
    route : ndarray, shape (classes, teams, teams + 1)
        Probability of the next team; the last column is the end.

    Raises
    ------
    ValueError
        If shapes do not fit, a table falls, or probabilities do not sum to one.
    """

    classes: tuple[QueueClass, ...]
    teams: tuple[str, ...]
    discipline: Ints
    newest_first: Floats
    shifts: Shifts
    work: Floats
    rest: Floats
    has_rest: NDArray[np.bool_]
    route: Floats

    def __post_init__(self) -> None:
        classes, teams = len(self.classes), len(self.teams)
        if self.work.shape[:2] != (classes, teams) or self.rest.shape[:2] != (classes, teams):
            raise ValueError("work and rest need a table for each class and team")
        if self.route.shape != (classes, teams, teams + 1):
            raise ValueError("route needs a row for each class and team")
        by_team = {self.discipline.shape, self.newest_first.shape}
        if by_team != {(teams,)} or self.has_rest.shape != (classes, teams):
            raise ValueError("discipline and has_rest do not fit the teams")
        for table in (self.work, self.rest):
            if not (np.diff(table, axis=2) >= 0).all() or not (table >= 0).all():
                raise ValueError("a table of quantiles must not fall or be negative")
        if not np.allclose(self.route.sum(axis=2), 1.0, atol=1e-9) or (self.route < 0).any():
            raise ValueError("each row of route must sum to one")
        if (np.diff(self.shifts.time) < 0).any():
            raise ValueError("shifts must be in order of time")


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of one replication, those that are there at the start first.

    Attributes
    ----------
    opened : ndarray, shape (n,)
        Negative for those that are there at the start. [h]
    kind, team, number : ndarray of int64, shape (n,)
        Class; team that holds or gets it; the address of its random numbers.
    work, rest : ndarray, shape (n,)
        Work of the first visit, and how long it still stays with its team although nobody has to begin
        it; NaN to draw the one and to queue for the other. [h]
    """

    opened: Floats
    kind: Ints
    team: Ints
    number: Ints
    work: Floats
    rest: Floats


@dataclass(frozen=True, slots=True)
class Run:
    """What happened to every ticket of one replication.

    Attributes
    ----------
    ended : ndarray, shape (n,)
        inf while it is open. [h]
    waited : ndarray, shape (n,)
        Time in queues. [h]
    visits, team : ndarray of int64, shape (n,)
        Times that somebody began it; who holds it at the end.
    worked : ndarray, shape (teams,)
        Hours worked. [h]
    ticket_hours : float
        Integral over time of the number of tickets present, counted event by event. [h]
    """

    ended: Floats
    waited: Floats
    visits: Ints
    team: Ints
    worked: Floats
    ticket_hours: float

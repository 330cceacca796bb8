"""What a queue simulation is made of: classes, teams, crews, their hours, tables, tickets at the start.

Frozen tables that are checked before they enter the loop. Time is hours since the start, on the agency's
wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_COME, PRIORITY, PREEMPTIVE, DUE_DATE, MIXED = range(5)
"""Disciplines: first come first served; priority, work is finished; priority, work is interrupted and
resumed; earliest due date; priority, and among equals the earliest due date."""

SKILLS = 63
ALL_SKILLS = (1 << SKILLS) - 1


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
    Raises
    ------
    ValueError
        If the steps are not in order of time, or a number of people is negative.
    """

    time: Floats
    team: Ints
    people: Ints

    def __post_init__(self) -> None:
        if not self.time.shape == self.team.shape == self.people.shape:
            raise ValueError("each step of the shifts needs a time, a team and people")
        if (np.diff(self.time) < 0).any() or not np.isfinite(self.time).all():
            raise ValueError("shifts must be in order of time")
        if (self.people < 0).any() or (self.team < 0).any():
            raise ValueError("people and teams of the shifts must not be negative")

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
            if moments.size and moments[0] > 0:  # closed until its first step
                moments, is_open = np.append(0.0, moments), np.append(False, is_open)
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
class Crews:
    """People who are alike: which teams' tickets they take, with which skills, in which order.

    Attributes
    ----------
    skills : ndarray of int64, shape (crews, teams)
        The skills that they have for a team's tickets, one bit for each; 0: they do not serve it.
    rank : ndarray of int64, shape (crews, teams)
        A team of a later rank is served only when nothing waits in an earlier one. Within a rank the
        teams' tickets are taken in order, as if they waited together.
    pace : ndarray, shape (crews,)
        Hours that they need for an hour of work.
    finishes : ndarray of bool, shape (crews,)
        Whether they finish what they have in hand when they close (overtime); else it rests until they open.

    Raises
    ------
    ValueError
        If shapes do not fit, or a pace is not positive.
    """

    skills: Ints
    rank: Ints
    pace: Floats
    finishes: NDArray[np.bool_]

    def __post_init__(self) -> None:
        crews = (self.skills.shape[0],)
        if self.rank.shape != self.skills.shape or not self.pace.shape == self.finishes.shape == crews:
            raise ValueError("crews need skills and a rank for each team, a pace and whether they finish")
        if not (np.isfinite(self.pace) & (self.pace > 0)).all() or (self.skills < 0).any():
            raise ValueError("a pace must be positive, and skills are bits")

    @classmethod
    def of_teams(cls, teams: int) -> Crews:
        """Return one crew for each team, with all skills."""
        return cls(
            np.eye(teams, dtype=np.int64) * ALL_SKILLS, np.zeros((teams, teams), np.int64), np.ones(teams),
            np.zeros(teams, np.bool_),
        )  # fmt: skip

    def entries(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
        """Return the loop's slices: by crew its teams, masks and ranks; by team its crews."""
        crews, teams = self.skills.shape
        crew, team = np.nonzero(self.skills)
        order = np.lexsort((team, self.rank[crew, team], crew))
        crew, team = crew[order], team[order]
        back = np.lexsort((crew, self.rank[crew, team], team))
        return (
            np.searchsorted(crew, np.arange(crews + 1)),
            team,
            self.skills[crew, team],
            self.rank[crew, team],
            np.searchsorted(team[back], np.arange(teams + 1)),
            crew[back],
        )


@dataclass(frozen=True, slots=True)
class Blocks:
    """Times in which tickets that ask for a skill are not begun with a team: what they are about is down.

    Attributes
    ----------
    begins, ends : ndarray, shape (blocks,)
        [h]
    team, skill : ndarray of int64, shape (blocks,)

    Raises
    ------
    ValueError
        If one ends before it begins.
    """

    begins: Floats
    ends: Floats
    team: Ints
    skill: Ints

    def __post_init__(self) -> None:
        if not self.begins.shape == self.ends.shape == self.team.shape == self.skill.shape:
            raise ValueError("each block needs a begin, an end, a team and a skill")
        if not (self.begins <= self.ends).all():
            raise ValueError("a block must not end before it begins")

    def steps(self) -> tuple[Floats, Ints, Ints]:
        """Return when the blocked skills of a team change: time, -1 - team, the skills as bits.

        Examples
        --------
        >>> two = Blocks(np.array([1.0, 2.0]), np.array([5.0, 3.0]), np.zeros(2, int), np.array([0, 1]))
        >>> [column.tolist() for column in two.steps()]
        [[1.0, 2.0, 3.0, 5.0], [-1, -1, -1, -1], [1, 3, 1, 0]]
        """
        time = np.concatenate((self.begins, self.ends))
        change = np.repeat(np.array([1, -1], np.int64), self.begins.size)
        team, skill = np.tile(self.team, 2), np.tile(self.skill, 2)
        order = np.lexsort((change, time))
        mask = np.zeros(time.size, np.int64)
        for cell in np.unique(team).tolist():
            own = order[team[order] == cell]
            for bit in np.unique(skill[own]).tolist():
                depth = np.cumsum(np.where(skill[own] == bit, change[own], 0))
                mask[own] |= np.where(depth > 0, np.int64(1) << bit, 0)
        return time[order], -1 - team[order], mask[order]


@dataclass(frozen=True, slots=True)
class Effort:
    """How the hours that a crew puts in follow what is open with it, day by day.

    Where people have other duties beside tickets, they give tickets more of their day when more are open
    than usual, and less when fewer are. The factor ``1 + gain x (open - usual)``, within limits, is looked
    at when a day's first people come.

    Attributes
    ----------
    gain : ndarray, shape (crews,)
        For each ticket; 0: hours are as planned.
    least, most : ndarray, shape (crews,)
        Limits of the factor.
    usual : ndarray, shape (crews, days)
        Tickets open with the teams that the crew serves first (waiting, in hand, laid aside), by day;
        the last day goes on.
    midnight : float
        The midnight that begins the first of these days, not after the start. [h]

    Raises
    ------
    ValueError
        If shapes do not fit, a gain is negative, or the limits leave no positive factor.

    References
    ----------
    .. [1] D. S. Kc and C. Terwiesch, "Impact of workload on service time and patient safety",
       Management Science 55(9), 2009.
    .. [2] M. Delasay, A. Ingolfsson, B. Kolfal and K. Schultz, "Load effect on service times", European
       Journal of Operational Research 279(3), 2019.
    """

    gain: Floats
    least: Floats
    most: Floats
    usual: Floats
    midnight: float = 0.0

    def __post_init__(self) -> None:
        crews = self.gain.shape
        if not self.least.shape == self.most.shape == crews or self.usual.shape[:1] != crews:
            raise ValueError("effort needs a gain, two limits and usual numbers for each crew")
        if not (np.isfinite(self.gain) & (self.gain >= 0)).all() or not np.isfinite(self.usual).all():
            raise ValueError("a gain must not be negative, and usual numbers must be finite")
        if not ((self.least > 0) & (self.least <= self.most)).all() or self.midnight > 0:
            raise ValueError("limits must be positive and in order, and the first day begin by the start")


@dataclass(frozen=True, slots=True)
class QueueModel:
    """How tickets are handled.

    Attributes
    ----------
    discipline : ndarray of int64, shape (teams,)
        See `makeorbuy.projection.queue.kernel`.
    newest_first : ndarray, shape (teams,)
        Share of tickets that are taken up ahead of those that came before, as people do.
    shifts : Shifts
        Of the crews where there are `crews`, else of the teams.
    work, rest : ndarray, shape (classes, teams, points)
        Quantiles of the work of a visit, and of the time from its start until the ticket leaves the team.
        [h]
    has_rest : ndarray of bool, shape (classes, teams)
    route : ndarray, shape (classes, teams, teams + 1)
        Probability of the next team; the last column is the end.
    crews : Crews, optional
        Who serves which teams; else each team has people of its own.
    skill_of : ndarray of int64, shape (classes,), optional
        The skill that a class asks for, 0 to 62.
    interrupts : ndarray of int64, shape (teams,), optional
        How many of the most urgent levels interrupt the work of less urgent ones; else all where the
        discipline is preemptive, and none elsewhere.
    pauses : ndarray of bool, shape (classes, teams), optional
        Whether the service-level clock stands still while a ticket stays after its work, as it does when
        it awaits its user or a vendor.
    service_hours : Shifts, optional
        The hours of service-level clocks: `team` is the number of the clock, `people` 1 or 0.
    hours_of : ndarray of int64, shape (classes,), optional
        Clock of each class; -1 counts all hours.
    blocks : Blocks, optional
    effort : Effort, optional
        Else people put in the hours of their shifts whatever is open.

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
    crews: Crews | None = None
    skill_of: Ints | None = None
    interrupts: Ints | None = None
    pauses: NDArray[np.bool_] | None = None
    service_hours: Shifts | None = None
    hours_of: Ints | None = None
    blocks: Blocks | None = None
    effort: Effort | None = None

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
        if any(one.level < 0 for one in self.classes):
            raise ValueError("levels begin at 0")
        if not np.isin(self.discipline, np.arange(5)).all():
            raise ValueError("a discipline is unknown")
        self._check_additions(classes, teams)

    def _check_additions(self, classes: int, teams: int) -> None:
        crews = teams if self.crews is None else self.crews.skills.shape[0]
        if self.crews is not None and self.crews.skills.shape[1] != teams:
            raise ValueError("crews do not fit the teams")
        if self.shifts.team.size and self.shifts.team.max() >= crews:
            raise ValueError("shifts name a team or crew that does not exist")
        for values, shape in (
            (self.skill_of, (classes,)), (self.interrupts, (teams,)), (self.pauses, (classes, teams)),
            (self.hours_of, (classes,)),
        ):  # fmt: skip
            if values is not None and values.shape != shape:
                raise ValueError("skill_of, interrupts, pauses or hours_of does not fit")
        if self.effort is not None and self.effort.gain.shape != (crews,):
            raise ValueError("effort does not fit the crews")
        if self.skill_of is not None and not ((self.skill_of >= 0) & (self.skill_of < SKILLS)).all():
            raise ValueError(f"skills are 0 to {SKILLS - 1}")
        if (
            self.interrupts is not None
            and ((self.interrupts > 0) & np.isin(self.discipline, (FIRST_COME, DUE_DATE))).any()
        ):
            raise ValueError("only a team that goes by priority can be interrupted")
        if self.hours_of is not None:
            known = -1 if self.service_hours is None else int(self.service_hours.team.max(initial=-1))
            if (self.hours_of > known).any() or (self.hours_of < -1).any():
                raise ValueError("a class has service hours that are not given")
        if self.blocks is not None and self.blocks.team.size:
            if self.blocks.team.max() >= teams or self.blocks.team.min() < 0:
                raise ValueError("a block names a team that does not exist")
            if self.blocks.skill.max() >= SKILLS or self.blocks.skill.min() < 0:
                raise ValueError(f"skills are 0 to {SKILLS - 1}")


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
    in_hand : ndarray of bool, shape (n,), optional
        Whether somebody is at work on it at the start. They are busy with it before anything else.
    visit : ndarray of int64, shape (n,), optional
        Visits that it has had before.
    counted : ndarray, shape (n,), optional
        What its service-level clock shows when it enters; else the age for a class that counts all hours,
        and 0 for one with service hours. [h]
    """

    opened: Floats
    kind: Ints
    team: Ints
    number: Ints
    work: Floats
    rest: Floats
    in_hand: NDArray[np.bool_] | None = None
    visit: Ints | None = None
    counted: Floats | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What happened to every ticket of one replication.

    Attributes
    ----------
    ended : ndarray, shape (n,)
        inf while it is open. [h]
    waited : ndarray, shape (n,)
        Time in queues from which it has been taken. [h]
    visits, team : ndarray of int, shape (n,)
        Times that somebody began it; who holds it at the end.
    worked : ndarray, shape (crews,)
        Hours worked. [h]
    ticket_hours : float
        Integral over time of the number of tickets present, counted event by event. [h]
    counted, paused : ndarray, shape (n,), or None
        What the service-level clock shows at its end, and how long the clock stood still for it. None where
        no class has service hours and nothing pauses: then it shows the age. [h]
    overtime : ndarray, shape (crews,)
        Hours worked by more people than were on duty. [h]
    queue_hours : ndarray, shape (classes, teams)
        Hours spent in the queue, with those that are still there. [h]
    begun : ndarray of int64, shape (classes, teams)
        Visits begun.
    """

    ended: Floats
    waited: Floats
    visits: NDArray[np.int32]
    team: NDArray[np.int32]
    worked: Floats
    ticket_hours: float
    counted: Floats | None
    paused: Floats | None
    overtime: Floats
    queue_hours: Floats
    begun: Ints

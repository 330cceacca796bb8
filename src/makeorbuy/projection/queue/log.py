"""What the organisation's own log says of visits: a ticket's stay with one team.

Times are hours on the agency's wall clock since 1970-01-01; an hour twice a year is off by one.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.units import HOURS_PER_DAY, MINUTES_PER_HOUR
from makeorbuy.projection.queue.leave import NO_PLAN, LeavePlan
from makeorbuy.projection.queue.model import Floats, Ints

HOURS_PER_WEEK = 7 * HOURS_PER_DAY
_COLUMNS = ("ticket", "team", "service", "urgent", "entered", "touched", "gone", "opened", "ended")


@dataclass(frozen=True, slots=True)
class VisitLog:
    """Every visit, in order of tickets and time. inf: not by the cut.

    Attributes
    ----------
    services, teams : tuple of str
    ticket, team, service, urgent : ndarray of int64, shape (visits,)
        Ordinals; `urgent` is 1 where the priority comes before the most common one.
    entered, touched, gone : ndarray, shape (visits,)
        When it came to the team, when somebody first touched it there, when it went on or ended. [h]
    opened, ended : ndarray, shape (visits,)
        Of its ticket. [h]
    is_first, is_last : ndarray of bool, shape (visits,)
    active_team, active_day, active_people : ndarray of int64
        How many people of a team touched tickets on a day (since 1970-01-01).
    worked_days : frozenset of int
        Days since 1970-01-01.
    cut : float
        [h]
    leave : LeavePlan
        Who was to be away, as far as known at the cut.
    """

    services: tuple[str, ...]
    teams: tuple[str, ...]
    ticket: Ints
    team: Ints
    service: Ints
    urgent: Ints
    entered: Floats
    touched: Floats
    gone: Floats
    opened: Floats
    ended: Floats
    is_first: NDArray[np.bool_]
    is_last: NDArray[np.bool_]
    active_team: Ints
    active_day: Ints
    active_people: Ints
    worked_days: frozenset[int]
    cut: float
    leave: LeavePlan = NO_PLAN

    def until(self, cut: float) -> VisitLog:
        """Return what was known at an earlier moment.

        The service of a ticket that was still open is taken from the team that held it: the last team,
        and so the service, was not known yet.
        """
        seen = self.entered < cut
        take: dict[str, Any] = {name: getattr(self, name)[seen] for name in _COLUMNS}
        for name in ("touched", "gone", "ended"):
            take[name] = np.where(take[name] < cut, take[name], np.inf)
        ticket = take["ticket"]
        is_first = np.ones(ticket.size, np.bool_)
        is_first[1:] = ticket[1:] != ticket[:-1]
        is_last = np.ones(ticket.size, np.bool_)
        is_last[:-1] = is_first[1:]
        # the most common service of what ends with a team
        final = is_last & np.isfinite(take["ended"])
        counts = np.zeros((len(self.teams), len(self.services)), np.int64)
        np.add.at(counts, (take["team"][final], take["service"][final]), 1)
        usual = counts.argmax(axis=1)
        begin = np.flatnonzero(is_first)
        last = np.flatnonzero(is_last)
        guess = np.where(np.isfinite(take["ended"][last]), take["service"][last], usual[take["team"][last]])
        take["service"] = np.repeat(guess, last - begin + 1)
        known = self.active_day * HOURS_PER_DAY < cut
        return replace(
            self, **take, is_first=is_first, is_last=is_last, active_team=self.active_team[known],
            active_day=self.active_day[known], active_people=self.active_people[known], cut=cut,
            leave=self.leave.until(int(cut // HOURS_PER_DAY)),
        )  # fmt: skip


def read_log(evidence: Evidence) -> VisitLog:
    """Read every visit of every service's tickets from the snapshot.

    Raises
    ------
    ModelError
        If the case has no log of changes of state and team.
    """
    with closing(evidence.connect()) as connection:
        if connection.execute("SELECT count(*) FROM ticket_events").fetchone() == (0,):
            raise ModelError(
                "Teams cannot be simulated without a log of changes: add `ticket_events` (or a row per "
                "event) to evidence/mapping.yaml."
            )

        def table(name: str) -> dict[str, NDArray[Any]]:
            text = files("makeorbuy.projection.queue").joinpath("sql", f"{name}.sql").read_text("utf-8")
            columns = connection.execute(text).fetchnumpy()
            return {key: np.asarray(np.ma.getdata(values)) for key, values in columns.items()}

        visits, touches, days = table("visits"), table("touches"), table("workdays")
        planned = table("leave") if "leave" in evidence.tables else None
    teams, team = np.unique(visits["team"].astype(str), return_inverse=True)
    services, service = np.unique(visits["service"].astype(str), return_inverse=True)
    _, priority, counts = np.unique(visits["priority"].astype(str), return_inverse=True, return_counts=True)
    position = {name: number for number, name in enumerate(teams.tolist())}
    own = np.array([str(name) in position for name in touches["team"]], np.bool_)

    def hours(name: str) -> Floats:
        minutes = visits[name]
        return np.where(minutes < 0, np.inf, minutes / MINUTES_PER_HOUR)

    ticket = visits["ticket"].astype(np.int64)
    is_first = np.concatenate(([True], ticket[1:] != ticket[:-1]))
    gone = np.maximum(hours("gone"), hours("entered"))
    return VisitLog(
        tuple(services.tolist()), tuple(teams.tolist()), ticket, team.astype(np.int64),
        service.astype(np.int64), (priority < counts.argmax()).astype(np.int64), hours("entered"),
        np.minimum(hours("touched"), gone), gone, hours("opened"), hours("ended"), is_first,
        np.concatenate((is_first[1:], [True])),
        np.array([position[str(name)] for name in touches["team"][own]], np.int64),
        touches["day"][own].astype(np.int64), touches["people"][own].astype(np.int64),
        frozenset(days["day"][days["is_worked"] > 0].tolist()),
        evidence.end_local_minute / MINUTES_PER_HOUR,
        NO_PLAN if planned is None else _leave(planned, position),
    )  # fmt: skip


def _leave(rows: dict[str, NDArray[Any]], position: dict[str, int]) -> LeavePlan:
    """Return the plan of the teams that have tickets; a row without a team is of all others."""
    of_all = {"": -1, **position}
    own = np.array([str(name) in of_all for name in rows["team"]], np.bool_)
    team = np.array([of_all[str(name)] for name in rows["team"][own]], np.int64)
    first, last, known = (rows[name][own].astype(np.int64) for name in ("first", "last", "known"))
    return LeavePlan(team, first, last, known, rows["present"][own].astype(np.float64))

"""What one world comes to under one way of organising: small tables, so that memory does not grow.

Backlog at the end of each week, when it is cleared, share within target by month, and by team how busy its
people are and how long tickets wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue.log import HOURS_PER_WEEK
from makeorbuy.projection.queue.model import Floats, QueueModel, Run, Tickets

WEEKS = 52
"""Weeks after the cut that are simulated."""

HELD_WEEKS = 4
"""The backlog is cleared when it stays down for so many weeks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One world, one way of organising.

    Attributes
    ----------
    backlog : ndarray, shape (services, weeks + 1)
        Open tickets at the cut and at the end of each week after it.
    cleared_week : ndarray, shape (services,)
        First week from which no more tickets are open than when none waits more than a day for somebody to
        begin; inf: not within the year.
    within : ndarray, shape (services, months)
        Share within target of the tickets opened in each month; NaN without tickets or target.
    people_hours, worked_hours, overtime_hours : ndarray, shape (teams,)
        On duty; at work on tickets; of that by more people than were on duty. [h]
    queue_hours, visits : ndarray, shape (teams,)
        Hours that visits waited for a free person, and how many have begun.
    """

    backlog: Floats
    cleared_week: Floats
    within: Floats
    people_hours: Floats
    worked_hours: Floats
    overtime_hours: Floats
    queue_hours: Floats
    visits: Floats

    def parts(self) -> tuple[Floats, ...]:
        """Return the tables, in the order of `shapes`."""
        return tuple(getattr(self, one.name) for one in fields(self))

    @staticmethod
    def shapes(services: int, teams: int, months: int, weeks: int = WEEKS) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of the tables."""
        return ((services, weeks + 1), (services,), (services, months), *[(teams,)] * 5)

    @classmethod
    def from_row(cls, row: Floats, shapes: tuple[tuple[int, ...], ...]) -> Outcome:
        """Return what was written one table after the other.

        Examples
        --------
        >>> shapes = Outcome.shapes(services=1, teams=1, months=1, weeks=1)
        >>> Outcome.from_row(np.arange(9.0), shapes).backlog.tolist()
        [[0.0, 1.0]]
        """
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        parts = np.split(row, ends[:-1])
        return cls(*(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))


def outcome_of(
    tickets: Tickets,
    run: Run,
    model: QueueModel,
    targets: Floats,
    month_starts: Floats,
    services: int,
    end: float,
    weeks: int = WEEKS,
) -> Outcome:
    """Return the outcome of one run.

    Parameters
    ----------
    targets : ndarray, shape (services,)
        Hours of the target on the elapsed clock; NaN without.
    month_starts : ndarray, shape (months + 1,)
        Starts of whole months after the cut and the end of the last. [h since the cut]
    services : int
        How many services the classes belong to: class c belongs to service c // 2.
    end : float
        How far was simulated, at least `weeks`; hours of people are of all of it. [h]
    """
    service = tickets.kind // 2
    ends = np.arange(weeks + 1) * HOURS_PER_WEEK
    backlog = np.zeros((services, weeks + 1))
    within = np.full((services, month_starts.size - 1), np.nan)
    cleared = np.full(services, np.nan)
    for one in range(services):
        own = service == one
        opened, ended = np.sort(tickets.opened[own]), np.sort(run.ended[own])
        came = np.searchsorted(opened, ends, side="left")
        came[0] = np.searchsorted(opened, 0.0, side="left")
        backlog[one] = came - np.searchsorted(ended, ends, side="right")
        allowed = unavoidable_backlog(tickets.opened[own], run.ended[own], run.waited[own], weeks)
        cleared[one] = cleared_week(backlog[one], allowed)
        if not np.isfinite(targets[one]):
            continue
        month = np.searchsorted(month_starts, tickets.opened[own], side="right") - 1
        whole = (month >= 0) & (month < month_starts.size - 1)
        met = run.ended[own] - tickets.opened[own] <= targets[one]
        total = np.bincount(month[whole], minlength=month_starts.size - 1)
        kept = np.bincount(month[whole], met[whole], month_starts.size - 1)
        within[one] = np.where(total > 0, kept / np.maximum(total, 1), np.nan)
    on_duty = model.shifts.person_hours(len(model.teams), end)
    queued, begun = run.queue_hours.sum(axis=0), run.begun.sum(axis=0).astype(np.float64)
    return Outcome(backlog, cleared, within, on_duty, run.worked, run.overtime, queued, begun)


def unavoidable_backlog(opened: Floats, ended: Floats, waited: Floats, weeks: int) -> float:
    """Return how many tickets are open when none waits more than a day for somebody to begin.

    Little's law: what arrives in an hour times the hours that a ticket takes beside waiting for a free
    person, and one day.

    References
    ----------
    .. [1] J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9(3), 383-387,
       1961.

    Examples
    --------
    >>> opened = np.arange(0.0, 336.0, 2.0)
    >>> unavoidable_backlog(opened, opened + 40.0, np.full(opened.size, 30.0), 2)
    17.0
    """
    new = (opened >= 0) & (opened < weeks * HOURS_PER_WEEK)
    done = new & np.isfinite(ended)
    hours = float((ended[done] - opened[done] - waited[done]).mean()) if done.any() else 0.0
    return int(new.sum()) / (weeks * HOURS_PER_WEEK) * (hours + HOURS_PER_DAY)


def cleared_week(backlog: Floats, allowed: float) -> float:
    """Return the first week from which a backlog stays within what is allowed for `HELD_WEEKS`, or inf.

    Examples
    --------
    >>> cleared_week(np.array([9.0, 5.0, 2.0, 1.0, 2.0, 2.0, 9.0]), 2.0)
    2.0
    >>> cleared_week(np.array([9.0, 9.0, 9.0, 9.0]), 2.0)
    inf
    """
    down = (backlog <= allowed).astype(np.int64)
    held = np.convolve(down, np.ones(HELD_WEEKS, np.int64), mode="valid") == HELD_WEEKS
    return float(np.argmax(held)) if held.any() else float("inf")

"""Who is away as planned: from a leave plan, as it stood at a moment.

A log of one year has not seen the summer before it comes, but the roster has known it for months. Where the
case states a plan, the people on duty rise and fall with it, by day and team; where it does not, everybody
is there as on an average day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from makeorbuy.projection.queue.model import Floats, Ints

LEAST_PRESENT = 0.05
"""A team that is away altogether has somebody who looks in, so that nothing waits for ever."""


@dataclass(frozen=True, slots=True)
class LeavePlan:
    """Rows of the plan, in the order in which they were known.

    Attributes
    ----------
    team : ndarray of int64, shape (rows,)
        -1: every team without rows of its own.
    first, last : ndarray of int64, shape (rows,)
        Days since 1970-01-01 on which it holds, both inside.
    known : ndarray of int64, shape (rows,)
        The day from which it was known.
    present : ndarray, shape (rows,)
        Share of the team's people who are not away.
    """

    team: Ints
    first: Ints
    last: Ints
    known: Ints
    present: Floats

    def until(self, day: int) -> LeavePlan:
        """Return what was known when a day began."""
        seen = self.known < day
        return LeavePlan(
            self.team[seen], self.first[seen], self.last[seen], self.known[seen], self.present[seen]
        )

    def share_present(self, teams: int, first: int, count: int) -> Floats:
        """Return the share of each team's people who are not away, by day; NaN where the plan says nothing.

        Of two rows about the same team and day the one known later holds.

        Examples
        --------
        >>> same = np.array([5, 5])
        >>> plan = LeavePlan(0 * same, same, same + 1, same - 4, np.array([0.5, 0.25]))
        >>> plan.share_present(1, 4, 3).tolist()
        [[nan, 0.25, 0.25]]
        """
        table = np.full((teams + 1, count), np.nan)
        here = (self.last >= first) & (self.first < first + count)
        begin, end = np.maximum(self.first[here] - first, 0), self.last[here] + 1 - first
        rows = zip(
            self.team[here].tolist(), begin.tolist(), end.tolist(), self.present[here].tolist(), strict=True
        )
        for team, since, until, share in rows:
            table[team, since:until] = share
        own = np.isin(np.arange(teams), self.team)
        return np.where(own[:, None], table[:-1], table[-1:])


_NOTHING = np.zeros(0, np.int64)
NO_PLAN = LeavePlan(_NOTHING, _NOTHING, _NOTHING, _NOTHING, np.zeros(0))


def people_by_day(
    plan: LeavePlan, teams: int, first: int, count: int, usual: tuple[int, int], worked: frozenset[int]
) -> Floats:
    """Return the factor on each team's usual number of people, by day; one where the plan says nothing.

    Parameters
    ----------
    usual : tuple of int
        The days, first and first after, from whose average the usual number was taken. What the plan does
        not cover of them counts as all there but for the average of what it covers.

    Returns
    -------
    ndarray, shape (teams, count)
    """
    past = np.array([day for day in range(*usual) if day in worked], np.int64)
    before = plan.share_present(teams, usual[0], max(usual[1] - usual[0], 1))[:, past - usual[0]]
    known = np.isfinite(before)
    mean = np.where(known, before, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    mean = np.where(known.any(axis=1), mean, 1.0)
    share = plan.share_present(teams, first, count)
    factor = np.maximum(share, LEAST_PRESENT) / np.maximum(mean, LEAST_PRESENT)[:, None]
    return np.where(np.isfinite(share), factor, 1.0)

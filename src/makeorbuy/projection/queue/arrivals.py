"""Arrivals: by class, weekday and hour, with weeks and days that nobody can explain.

Real days and weeks differ far more than a Poisson process allows, holidays apart; so the expected number
of a day is multiplied by a factor for its week and one for the day, both gamma with mean one and a variance
estimated from the log (a Cox process).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue.log import VisitLog
from makeorbuy.projection.queue.model import Floats, Ints

RECENT_WEEKS = 8
"""Weeks that give the level; weekdays and hours are taken from the whole log."""

FREE_DAY = 7
"""Kind of day beside the seven weekdays: a weekday on which the agency does not work."""

NEW_TICKETS = 1 << 31
"""Numbers of simulated tickets begin here, each class with a block of its own, so that more tickets in
one class move none of another."""

BLOCK = 1 << 20

USERS_AWAY = 0.5
"""Of those who report things, as a share of those who serve: nobody says how many are away when a leave plan
has the teams away. Anything from none to as many is as likely; in the fit it is half."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The intensity of every class.

    Attributes
    ----------
    per_day : ndarray, shape (classes, 8)
        Expected number by kind of day.
    hours : ndarray, shape (classes, 2, 24)
        Share of a day's tickets by hour, on free and on worked days.
    week_variance, day_variance : ndarray, shape (classes,)
        Of the factors.
    first_team : ndarray, shape (classes, teams)
        Probability that a ticket begins with a team.
    """

    per_day: Floats
    hours: Floats
    week_variance: Floats
    day_variance: Floats
    first_team: Floats


def kind_of_days(days: Ints, worked: frozenset[int]) -> Ints:
    """Return 0 to 6 for Monday to Sunday, `FREE_DAY` for a weekday on which nobody works.

    Examples
    --------
    >>> kind_of_days(np.array([4, 5, 9]), frozenset({4})).tolist()
    [0, 7, 5]
    """
    weekday = (days + 3) % 7
    is_free = np.array([day not in worked for day in days.tolist()], np.bool_)
    return np.where((weekday < 5) & is_free, FREE_DAY, weekday)


def excess_variance(found: Floats, expected: Floats) -> float:
    """Return by how much counts vary beyond Poisson: the variance of their factor, by moments.

    Examples
    --------
    >>> excess_variance(np.array([50.0, 150.0]), np.array([100.0, 100.0]))
    0.24
    """
    square = float((expected**2).sum())
    return max(0.0, float(((found - expected) ** 2 - expected).sum()) / square) if square else 0.0


def calibrate_arrivals(
    log: VisitLog, kind: Ints, classes: int, start: float, week_weight: Floats
) -> Arrivals:
    """Estimate the intensity of every class from the tickets opened since the start.

    Parameters
    ----------
    kind : ndarray of int64, shape (tickets,)
        Class of each ticket.
    start : float
        First moment that the log covers in full. [h]
    week_weight : ndarray, shape (RECENT_WEEKS,)
        How often each of the last weeks counts for the level; all one but in a bootstrap.
    """
    first = log.is_first
    opened, team = log.opened[first], log.team[first]
    day = np.floor(opened / HOURS_PER_DAY).astype(np.int64)
    first_day, last_day = int(np.ceil(start / HOURS_PER_DAY)), int(log.cut // HOURS_PER_DAY)
    days = np.arange(first_day, last_day)
    kinds = kind_of_days(days, log.worked_days)
    inside = (day >= first_day) & (day < last_day)
    counts = np.zeros((classes, days.size))
    np.add.at(counts, (kind[inside], day[inside] - first_day), 1.0)

    shape = np.zeros((classes, 8))
    for number in range(8):
        if (kinds == number).any():
            shape[:, number] = counts[:, kinds == number].mean(axis=1)
        else:
            shape[:, number] = shape[:, 6]  # no such day yet: as on a Sunday
    week = np.minimum((last_day - 1 - days) // 7, RECENT_WEEKS)
    weight = np.append(week_weight, 0.0)[week]
    expected = shape[:, kinds] * (1.0 - USERS_AWAY * share_away(log, first_day, days.size))
    # one ticket more on either side keeps a class alive that had none lately
    level = (counts @ weight + 1.0) / (expected @ weight + 1.0)
    daily_level = np.ones_like(counts)
    for number in range(int((last_day - first_day) // 7)):  # the level of the four weeks around
        own = (last_day - 1 - days) // 7 == number
        near = np.abs((last_day - 1 - days) // 7 - number) <= 2
        daily_level[:, own] = ((counts[:, near].sum(1) + 1) / (expected[:, near].sum(1) + 1))[:, None]
    expected = expected * daily_level
    weeks = (last_day - 1 - days) // 7
    by_week = np.zeros((2, classes, int(days.size // 7)))
    for number in range(by_week.shape[2]):
        by_week[0, :, number] = counts[:, weeks == number].sum(axis=1)
        by_week[1, :, number] = expected[:, weeks == number].sum(axis=1)
    week_variance = np.array([excess_variance(*by_week[:, one]) for one in range(classes)])
    day_variance = np.array([excess_variance(counts[one], expected[one]) for one in range(classes)])

    hour = np.floor(opened % HOURS_PER_DAY).astype(np.int64)
    on_worked = np.isin(day, np.array(sorted(log.worked_days), np.int64)).astype(np.int64)
    hours = np.full((classes, 2, 24), 0.01)
    np.add.at(hours, (kind, on_worked, hour), 1.0)
    teams = np.full((classes, len(log.teams)), 0.0)
    np.add.at(teams, (kind, team), 1.0)
    empty = teams.sum(axis=1) == 0
    teams[empty] = np.bincount(team, minlength=len(log.teams))
    return Arrivals(
        shape * level[:, None],
        hours / hours.sum(axis=2, keepdims=True),
        week_variance,
        np.maximum(day_variance - week_variance, 0.0),
        teams / teams.sum(axis=1, keepdims=True),
    )


def share_away(log: VisitLog, first: int, count: int) -> Floats:
    """Return the share of people that the leave plan has away, by day; 0 where it says nothing."""
    present = log.leave.share_present(len(log.teams), first, count)
    known = np.isfinite(present)
    away = np.where(known, 1.0 - present, 0.0).sum(axis=0)
    return np.asarray(away / np.maximum(known.sum(axis=0), 1))


def draw_arrivals(
    arrivals: Arrivals,
    log: VisitLog,
    cut: float,
    end: float,
    streams: Streams,
    replication: int,
    demand: Callable[[int], float] | None = None,
) -> tuple[Floats, Ints, Ints, Ints]:
    """Draw the tickets from the cut on: when, which class, which team, which number.

    Each class has a stream of its own, so that another demand in one class moves no ticket of another.

    Parameters
    ----------
    log : VisitLog
        Its worked days and its leave plan.
    end : float
        Hours after the cut.
    demand : callable, optional
        Factor by class.

    Returns
    -------
    tuple of ndarray
        In order of time; hours since the cut.
    """
    offset = cut % HOURS_PER_DAY
    first_day = int(cut // HOURS_PER_DAY)
    days = np.arange(first_day, first_day + int(np.ceil((end + offset) / HOURS_PER_DAY)))
    kinds = kind_of_days(days, log.worked_days)
    is_worked = np.array([day in log.worked_days for day in days.tolist()], np.int64)
    week = ((days + 3) // 7) - (first_day + 3) // 7
    users = 2.0 * USERS_AWAY * streams.named("queue", "users away", str(replication)).random()
    fewer = 1.0 - users * share_away(log, first_day, days.size)
    parts = []
    for one in range(arrivals.per_day.shape[0]):
        rng = streams.named("queue", "arrivals", str(one), str(replication))
        expected = arrivals.per_day[one, kinds] * fewer
        for variance, size, place in (
            (arrivals.week_variance[one], int(week.max()) + 1, week),
            (arrivals.day_variance[one], days.size, np.arange(days.size)),
        ):
            factor = rng.gamma(1.0 / variance, variance, size) if variance > 1e-6 else np.ones(size)
            expected = expected * factor[place]
        if demand is not None:
            expected = expected * demand(one)
        counts = rng.poisson(expected)
        total = int(counts.sum())
        which = np.repeat(np.arange(days.size), counts)
        cumulative = np.cumsum(arrivals.hours[one], axis=1)
        share = rng.random(total)
        hour = (share[:, None] > cumulative[is_worked[which]][:, :-1]).sum(axis=1)
        moment = days[which] * HOURS_PER_DAY + hour + rng.random(total) - cut
        team = np.searchsorted(np.cumsum(arrivals.first_team[one])[:-1], rng.random(total), side="right")
        inside = (moment >= 0) & (moment < end)
        number = NEW_TICKETS + one * BLOCK + np.arange(total)
        parts.append((moment[inside], np.full(int(inside.sum()), one), team[inside], number[inside]))
    moment, kind, team, number = (np.concatenate([part[column] for part in parts]) for column in range(4))
    order = np.lexsort((number, moment))
    return moment[order], kind[order], team[order], number[order]

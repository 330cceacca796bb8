"""What is inferred of each team: people, hours, order of service, and the work of a visit.

Most ticket systems do not say when somebody works, only when a ticket was first touched and when it went
on. So the time after the first touch is taken as a whole (a *stay*), the work lies within it, and how much
of it is work is what makes the team's mean wait for a first touch come out as the log has it, given the
visits that really came. Mean wait is independent of the order of service, so the order is fitted after
it. People are the ones active on a day, never the number of person ids. What a team passes on without
having begun it takes none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.leave import people_by_day
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog
from makeorbuy.projection.queue.model import (
    Effort,
    Floats,
    Ints,
    QueueClass,
    QueueModel,
    Run,
    Shifts,
    Tickets,
)
from makeorbuy.projection.queue.simulate import quantile_table, simulate

POINTS = 257

SHARES = np.linspace(0.0, 1.0, POINTS)

UNIT_WORK = quantile_table(lambda share: -np.log1p(-share), 1.0, POINTS)
"""Where the log does not even show stays, work is spread exponentially around its mean."""

LEAST_WORK_HOURS = 1.0 / 60.0

MOST_WORK_HOURS = 48.0

NEWEST_FIRST = (0.0, 0.2, 0.4, 0.6)

SOON_HOURS = 4.0

CLEARLY_BETTER = 0.03
"""An order other than first come first served must explain so much more of the share touched soon."""

FIT_STEPS = 9

FITTED_WEEKS = 26
"""Weeks from which people, hours and work are inferred: teams change."""

LONGEST_WAIT_HOURS = HOURS_PER_WEEK
"""Waits count up to a week, so that a few forgotten tickets do not stand for a team."""

GAINS = (0.0, 0.1, 0.2, 0.4)
"""Tried: by how much of them hours rise for each usual day's tickets more that are open."""

LEAST_EFFORT, MOST_EFFORT = 0.5, 2.0
"""Limits of the factor on hours: other duties do not vanish, nor does work on tickets."""

MORNING_HOUR = 7.0

LEAST_A_DAY = 0.5
"""Tickets of a usual day of the smallest team that tells how hours follow what is open."""

LEAST_DAYS = 30

GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is inferred of each team.

    Attributes
    ----------
    people : ndarray, shape (teams,)
        People who take tickets on a worked day, on average.
    profile : ndarray, shape (teams, 2, 24)
        Share of them on duty by hour, on free and on worked days; 0 is closed.
    longest_work_hours : ndarray, shape (teams,)
        Work of a visit is its stay, up to this. [h]
    newest_first : ndarray, shape (teams,)
    wait_hours, fitted_wait_hours : ndarray, shape (teams,)
        Mean wait for a first touch, up to a week, in the log and in the fitted model. [h]
    gain : ndarray, shape (teams,)
        By how much of them a team's hours rise for each ticket that is open beyond the usual.
    usual_open : ndarray, shape (teams,)
        Open tickets at which the hours are those that the work was fitted with.
    """

    people: Floats
    profile: Floats
    longest_work_hours: Floats
    newest_first: Floats
    wait_hours: Floats
    fitted_wait_hours: Floats
    gain: Floats
    usual_open: Floats


def shifts_of(
    capacity: Capacity,
    cut: float,
    end: float,
    worked: frozenset[int],
    factor: Floats | None = None,
) -> Shifts:
    """Return who is on duty from a moment on, hour by hour.

    Two and a half people are two on some days and three on others, so that a small change is a small one.

    Parameters
    ----------
    cut, end : float
        The moment, and hours after it. [h]
    factor : ndarray, shape (teams, days), optional
        On the number of people, by day from the moment on; the last one goes on.
    """
    first = int(cut // HOURS_PER_DAY)
    days = np.arange(first, first + int(np.ceil(end / HOURS_PER_DAY)) + 2)
    is_worked = np.array([day in worked for day in days.tolist()], np.int64)
    wanted = np.repeat(capacity.people[:, None], days.size, axis=1)
    if factor is not None:
        wanted *= factor[:, np.minimum(np.arange(days.size), factor.shape[1] - 1)]
    on_duty = capacity.profile[:, is_worked] * wanted[:, :, None]
    spread = (days * GOLDEN % 1.0)[None, :, None]
    # an open team has somebody, but on days on which nearly all are away
    least = np.minimum(np.floor(wanted[:, :, None] + spread), 1)
    people = np.where(on_duty > 0, np.maximum(np.floor(on_duty + spread), least), 0).astype(np.int64)
    people = people.reshape(people.shape[0], -1)
    hour = np.maximum((days[:, None] * HOURS_PER_DAY + np.arange(24)).ravel() - cut, 0.0)
    last_past = int(np.flatnonzero(hour == 0.0)[-1])
    people, hour = people[:, last_past:], hour[last_past:]
    changes = np.ones(people.shape, np.bool_)
    changes[:, 1:] = people[:, 1:] != people[:, :-1]
    team, step = np.nonzero(changes)
    order = np.lexsort((team, hour[step]))
    return Shifts(hour[step][order], team[order].astype(np.int64), people[team, step][order])


def usual_days(log: VisitLog, start: float) -> tuple[int, int]:
    """Return the days, first and first after, from which people are inferred."""
    start = max(start, log.cut - HOURS_PER_WEEK * FITTED_WEEKS)
    weeks = max(int((log.cut - start) // HOURS_PER_WEEK), 1)
    return int((log.cut - weeks * HOURS_PER_WEEK) // HOURS_PER_DAY), int(log.cut // HOURS_PER_DAY)


def planned(log: VisitLog, teams: int, start: float, begin: float, end: float) -> Floats:
    """Return the factor of the leave plan on each team's people, by day from a moment on.

    Parameters
    ----------
    start : float
        First moment that the log covers in full. [h]
    begin, end : float
        The moment, and hours after it. [h]
    """
    first = int(begin // HOURS_PER_DAY)
    count = int(np.ceil(end / HOURS_PER_DAY)) + 2
    return people_by_day(log.leave, teams, first, count, usual_days(log, start), log.worked_days)


def with_hands(shifts: Shifts, teams: int) -> Shifts:
    """Add the teams that only pass tickets on: open when the team is, never busy."""
    opens = np.where(shifts.people > 0, 1 << 40, 0)
    keep = np.zeros(opens.size, np.bool_)
    for team in range(teams):
        own = np.flatnonzero(shifts.team == team)
        keep[own] = np.concatenate(([True], np.diff(opens[own]) != 0))[: own.size]
    time = np.concatenate((shifts.time, shifts.time[keep]))
    order = np.argsort(time, kind="stable")
    return Shifts(
        time[order],
        np.concatenate((shifts.team, shifts.team[keep] + teams))[order],
        np.concatenate((shifts.people, opens[keep]))[order],
    )


def open_hours(capacity: Capacity, log: VisitLog, team: Ints, since: Floats, until: Floats) -> Floats:
    """Return how long each team was open between two moments. [h]"""
    first = int(since.min() // HOURS_PER_DAY) if since.size else 0
    days = np.arange(first, int(log.cut // HOURS_PER_DAY) + 1)
    is_worked = np.array([day in log.worked_days for day in days.tolist()], np.int64)
    is_open = (capacity.profile[:, is_worked] > 0).reshape(capacity.profile.shape[0], -1)
    done = np.concatenate((np.zeros((is_open.shape[0], 1)), np.cumsum(is_open, axis=1)), axis=1)

    def before(moment: Floats) -> Floats:
        hours = np.clip(moment - first * HOURS_PER_DAY, 0.0, done.shape[1] - 1.0)
        place = np.minimum(hours.astype(np.int64), done.shape[1] - 2)
        return np.asarray(done[team, place] + (hours - place) * is_open[team, place])

    return before(until) - before(since)


def infer_capacity(log: VisitLog, start: float) -> Capacity:
    """Infer people, hours, work and order of service of each team from the last half year of visits."""
    teams, first_moment = len(log.teams), start
    start = max(start, log.cut - HOURS_PER_WEEK * FITTED_WEEKS)
    weeks = max(int((log.cut - start) // HOURS_PER_WEEK), 1)
    start = log.cut - weeks * HOURS_PER_WEEK
    seen = np.isfinite(log.touched) & (log.touched >= start) & ~is_passed_on(log)
    touched = log.touched[seen & (log.touched < log.gone)]
    team_touched = log.team[seen & (log.touched < log.gone)]
    worked_days = np.array(sorted(log.worked_days), np.int64)
    day = np.floor(touched / HOURS_PER_DAY).astype(np.int64)
    touches = np.zeros((teams, 2, 24))
    on_worked = np.isin(day, worked_days).astype(np.int64)
    np.add.at(touches, (team_touched, on_worked, np.floor(touched % HOURS_PER_DAY).astype(np.int64)), 1.0)
    span = np.arange(int(start // HOURS_PER_DAY), int(log.cut // HOURS_PER_DAY))
    worked_count = float(np.isin(span, worked_days).sum())
    touches /= np.array([max(span.size - worked_count, 1.0), max(worked_count, 1.0)])[:, None]
    peak = np.maximum(touches.reshape(teams, -1).max(axis=1), 1e-9)
    profile = touches / peak[:, None, None]
    profile[profile < 0.05] = 0.0
    profile[:, 1, 9:15] = np.maximum(profile[:, 1, 9:15], 0.05)  # somebody is there in the middle of the day

    known = np.isin(log.active_day, worked_days) & (log.active_day * HOURS_PER_DAY >= start)
    total = np.bincount(log.active_team[known], log.active_people[known], teams)
    people = np.maximum(total / max(worked_count, 1.0), 1.0)

    team, entered = log.team[seen], log.entered[seen]
    waits = np.minimum(log.touched[seen] - entered, LONGEST_WAIT_HOURS)
    scored = entered >= start
    count = np.maximum(np.bincount(team[scored], minlength=teams), 1)
    mean = np.bincount(team[scored], waits[scored], teams) / count
    soon = np.bincount(team[scored], waits[scored] <= SOON_HOURS, teams) / count
    order = np.argsort(entered, kind="stable")
    opened, team, level = entered[order] - start, team[order], 1 - log.urgent[seen][order]
    scored = scored[order]
    end = log.cut - start
    blank = Capacity(people, profile, mean, mean, mean, mean, np.zeros(teams), mean)
    # the team's own past absence, as planned, is no riddle of the fit
    shifts = shifts_of(blank, start, end, log.worked_days, planned(log, teams, first_moment, start, end))
    stays = stays_of(log, seen)
    nothing = np.full(team.size, np.nan)
    tickets = Tickets(
        np.where(opened >= 0, opened, -1e-9), level, team, np.arange(team.size), nothing, nothing
    )
    alone = np.zeros((2, teams, teams + 1))
    alone[:, :, -1] = 1.0
    history = open_history(log, start)

    def fitted(share: float, gain: Floats) -> tuple[Floats, Floats, Floats, Run]:
        """Return the longest work, the mean wait and the share touched soon with it, and the run."""
        low, high = np.full(teams, LEAST_WORK_HOURS), np.full(teams, MOST_WORK_HOURS)
        effort = effort_of(gain, history.usual - history.aside, -(start % HOURS_PER_DAY))
        for _ in range(FIT_STEPS):
            trial = np.sqrt(low * high)
            model = QueueModel(
                (QueueClass("", 0), QueueClass("", 1)), log.teams, np.full(teams, kernel.PRIORITY),
                np.full(teams, share), shifts, np.tile(work_within(stays, trial), (2, 1, 1)),
                np.ones((2, teams, 2)), np.zeros((2, teams), np.bool_), alone, effort=effort,
            )  # fmt: skip
            run = simulate(model, tickets, end)
            begun = scored & np.isfinite(run.ended)
            capped = np.minimum(run.waited[begun], LONGEST_WAIT_HOURS)
            done = np.bincount(team[begun], minlength=teams)
            found = np.bincount(team[begun], capped, teams) / np.maximum(done, 1)
            # work that leaves much undone is too long, however short the waits of the rest
            found = np.where(done < 0.9 * count, np.inf, found)
            low, high = np.where(found < mean, trial, low), np.where(found < mean, high, trial)
        near = np.bincount(team[begun], run.waited[begun] <= SOON_HOURS, teams) / count
        return trial, found, near, run

    def touched_in(run: Run) -> Floats:
        return np.where(np.isfinite(run.ended), opened + run.waited, np.inf)

    # tickets of a usual day: what is open beyond the usual counts in these
    a_day = np.maximum(np.bincount(team[scored], minlength=teams) / max(worked_count, 1.0), LEAST_A_DAY)
    wanted = pull_of_what_lies_aside(history, team, opened, log.touched[seen][order] - start)
    pulls = [
        pull_of_what_lies_aside(history, team, opened, touched_in(fitted(0.0, gain / a_day)[3]))
        for gain in GAINS
    ]
    # the pull rises with the gain; a log that shows none, or less than none, gives none
    gain = np.interp(wanted, np.maximum.accumulate(pulls), GAINS) / a_day
    best = np.full(teams, np.inf)
    longest, newest, waits_fitted = np.full(teams, 1.0), np.zeros(teams), mean.copy()
    for share in NEWEST_FIRST:
        trial, found, near, _ = fitted(share, gain)
        better = np.abs(near - soon) < best - CLEARLY_BETTER
        best = np.where(better, np.abs(near - soon), best)
        longest, newest = np.where(better, trial, longest), np.where(better, share, newest)
        waits_fitted = np.where(better, found, waits_fitted)
    return Capacity(people, profile, longest, newest, mean, waits_fitted, gain, history.usual[:, -1])


@dataclass(frozen=True, slots=True)
class OpenHistory:
    """What was open with each team, morning by morning.

    Attributes
    ----------
    is_worked : ndarray of bool, shape (days,)
    moment : ndarray, shape (days,)
        Since the start. [h]
    usual : ndarray, shape (teams, days)
        Straight line through the open tickets of worked mornings: waiting, in hand, laid aside.
    aside : ndarray, shape (teams, days)
        Those that somebody has touched.
    """

    is_worked: NDArray[np.bool_]
    moment: Floats
    usual: Floats
    aside: Floats


def open_history(log: VisitLog, start: float) -> OpenHistory:
    """Count what was open with each team at the mornings since a moment; what was passed on unread is not."""
    first = int(start // HOURS_PER_DAY)
    days = np.arange(first, max(int(log.cut // HOURS_PER_DAY), first + 2))
    is_worked = np.array([day in log.worked_days for day in days.tolist()], np.bool_)
    at = days * HOURS_PER_DAY + MORNING_HOUR
    line = np.linspace(-1.0, 1.0, days.size)
    usual, aside = (np.zeros((len(log.teams), days.size)) for _ in range(2))
    kept = ~is_passed_on(log)
    for team in range(len(log.teams)):
        own = kept & (log.team == team)
        came, begun, went = (
            np.searchsorted(np.sort(when[own]), at)
            for when in (log.entered, np.minimum(log.touched, log.gone), log.gone)
        )
        aside[team] = begun - went
        if is_worked.sum() > 2:
            usual[team] = np.polyval(np.polyfit(line[is_worked], (came - went)[is_worked], 1), line)
    return OpenHistory(is_worked, np.asarray(at - start), np.maximum(usual, 0.0), aside)


def pull_of_what_lies_aside(history: OpenHistory, team: Ints, entered: Floats, touched: Floats) -> float:
    """Return how many more first touches a day there are for each ticket more that lies aside.

    Of all teams together, by least squares, with what waits in the morning and what comes held equal. Tickets
    that lie aside take nobody's time, so without feedback on the hours there is none; what waits would draw
    touches in any queue. In tickets of a usual day of each team, each team weighted by these.
    """
    rows, touches = [], []
    line = np.linspace(-1.0, 1.0, history.moment.size)[history.is_worked][:-1]
    trend = np.stack([np.ones(line.size), line], axis=1)
    for one in range(history.usual.shape[0]):
        came, begun = (np.sort(when[team == one]) for when in (entered, touched))
        before = np.searchsorted(begun, history.moment)
        after = np.searchsorted(begun, history.moment + HOURS_PER_DAY)
        arrived = np.searchsorted(came, history.moment)
        columns = np.stack([
            after - before, history.aside[one] - history.usual[one], arrived - before,
            np.searchsorted(came, history.moment + HOURS_PER_DAY) - arrived,
        ], axis=1)[history.is_worked][:-1].astype(np.float64)  # fmt: skip
        a_day = columns[:, 0].mean() if columns.size else 0.0
        if a_day < LEAST_A_DAY or line.size < LEAST_DAYS:
            continue
        columns -= trend @ np.linalg.lstsq(trend, columns, rcond=None)[0]
        rows.append(columns[:, 1:] / a_day**0.5)
        touches.append(columns[:, 0] / a_day**0.5)
    if not rows:
        return 0.0
    slopes = np.linalg.lstsq(np.concatenate(rows), np.concatenate(touches), rcond=None)[0]
    return float(slopes[0])


def effort_of(gain: Floats, usual: Floats, midnight: float) -> Effort:
    """Return how teams' hours follow what is open with them."""
    least, most = (np.full(gain.size, limit) for limit in (LEAST_EFFORT, MOST_EFFORT))
    return Effort(gain, least, most, usual, midnight)


def is_passed_on(log: VisitLog) -> NDArray[np.bool_]:
    """Return which visits went on to another team without anybody having begun them.

    They take a team's attention, not its people: a model in which they queue and take work has waits that
    are too long for them and too short for the rest.
    """
    return ~log.is_last & np.isfinite(log.gone) & (log.touched >= log.gone)


def stays_of(log: VisitLog, seen: NDArray[np.bool_]) -> Floats:
    """Return quantiles of each team's time from first touch to leaving it, shape (teams, points). [h]"""
    tables = np.zeros((len(log.teams), POINTS))
    until = np.where(np.isfinite(log.gone), log.gone, log.cut)
    for team in range(len(log.teams)):
        own = np.flatnonzero(seen & (log.team == team))
        if own.size:
            stay = until[own] - np.minimum(log.touched[own], until[own])
            order = np.argsort(stay, kind="stable")
            tables[team] = survival_table(stay[order], np.isfinite(log.gone[own])[order], np.ones(own.size))
    return tables


def work_within(stay: Floats, longest: Floats) -> Floats:
    """Return tables of work, given tables of stays: a stay is work up to the longest work, then waiting.

    Where most stays end the minute they begin, the log shows no work, and it is spread exponentially.

    Parameters
    ----------
    stay : ndarray, shape (..., teams, points)
        [h]
    longest : ndarray, shape (teams,)
        [h]
    """
    is_blank = stay[..., POINTS // 2] < LEAST_WORK_HOURS
    work = np.minimum(stay, longest[:, None])
    return np.where(is_blank[..., None], longest[:, None] * UNIT_WORK, work)


def survival_table(hours: Floats, is_ended: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return a table of quantiles of rising durations of which some have not ended (Kaplan-Meier, weighted).

    The longest duration ends the table.

    Examples
    --------
    >>> table = survival_table(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True] * 4), np.ones(4))
    >>> table[[0, 128, 256]].tolist()
    [1.0, 2.0, 3.0]
    """
    at_risk = np.cumsum(weight[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(is_ended & (at_risk > 0), 1.0 - weight / at_risk, 1.0)
    ended = 1.0 - np.cumprod(np.maximum(factor, 0.0))
    place = np.searchsorted(ended, SHARES - 1e-12, side="left")
    return hours[np.minimum(place, hours.size - 1)]

"""How far two event logs are from each other: the distances that the literature scores simulators by.

Each is the one-dimensional Wasserstein distance between two samples in whole hours, or for sequences of
activities the share of n-grams that differ. They do not show that a simulator understands queues: with the
literature's split every ticket that straddles the cut is dropped, and a replay of the last weeks beats most
models [1]_. They are here so that results can be compared with published ones.

References
----------
.. [1] D. Chapela-Campa, I. Benchekroun, O. Baron, M. Dumas, D. Krass and A. Senderovich, "A framework for
   measuring the quality of business process simulation models", Information Systems 127, 2025.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.queue.model import Floats, Ints

SECONDS_PER_HOUR = 3600
MOST_APART = 23.0
"""Distance of two weekdays of which only one has events: the widest within a day's hours."""


@dataclass(frozen=True, slots=True)
class EventLog:
    """Events with a begin and an end.

    Attributes
    ----------
    case, activity : ndarray of int64, shape (events,)
        Two logs that are compared number their activities alike.
    start, end : ndarray of int64, shape (events,)
        Seconds since 1970-01-01 on one clock. [s]

    Raises
    ------
    ValueError
        If the columns differ in length or the log is empty.
    """

    case: Ints
    activity: Ints
    start: Ints
    end: Ints

    def __post_init__(self) -> None:
        if not self.case.shape == self.activity.shape == self.start.shape == self.end.shape:
            raise ValueError("each event needs a case, an activity, a start and an end")
        if not self.case.size:
            raise ValueError("a log without events has no distance to anything")

    def where(self, kept: NDArray[np.bool_]) -> EventLog:
        """Return some of the events."""
        return EventLog(self.case[kept], self.activity[kept], self.start[kept], self.end[kept])


@dataclass(frozen=True, slots=True)
class Distances:
    """The distances of two logs, all but the first in hours.

    Attributes
    ----------
    n_gram : float
        Share of sequences of three activities, begin and end of a case included, that are not in both.
    absolute, circadian, relative, cycle_time, arrival : float
        Of the moments of all starts and ends; of their hours, weekday by weekday; of their time since the
        case began; of the time from the first start to the last end; of the first starts.
    """

    n_gram: float
    absolute: float
    circadian: float
    relative: float
    cycle_time: float
    arrival: float


def distances(one: EventLog, other: EventLog, n: int = 3) -> Distances:
    """Return how far two logs are from each other."""
    first, second = _cases(one), _cases(other)
    hours = [np.concatenate((log.start, log.end)) // SECONDS_PER_HOUR for log in (one, other)]
    return Distances(
        _n_grams_apart(first.sequences(n), second.sequences(n)),
        wasserstein(*hours),
        _circadian(*hours),
        wasserstein(first.since_begin(), second.since_begin()),
        _cycle_times(first.length, second.length),
        wasserstein(first.begin // SECONDS_PER_HOUR, second.begin // SECONDS_PER_HOUR),
    )


def wasserstein(one: Ints, other: Ints) -> float:
    """Return the Wasserstein distance of two samples of whole numbers: the area between their shares.

    Examples
    --------
    >>> wasserstein(np.array([0, 1, 3]), np.array([5, 6, 8]))
    5.0
    """
    least = min(one.min(), other.min())
    most = int(max(one.max(), other.max()) - least)
    apart = np.bincount(one - least, minlength=most + 1) / one.size
    apart -= np.bincount(other - least, minlength=most + 1) / other.size
    return float(np.abs(np.cumsum(apart)).sum())


@dataclass(frozen=True, slots=True)
class _Cases:
    """A log in order of cases and time; `of` is the position of an event's case, in order of time."""

    log: EventLog
    of: Ints
    begin: Ints
    length: Ints

    def sequences(self, n: int) -> tuple[Ints, int]:
        """Return activities in order, n - 1 zeros around each case, and n."""
        row = np.zeros(self.of.size + (n - 1) * (self.begin.size + 1), np.int64)
        row[np.arange(self.of.size) + (n - 1) * (self.of + 1)] = self.log.activity + 1
        return row, n

    def since_begin(self) -> Ints:
        """Return the whole hours from the begin of its case to each start and end."""
        begin = self.begin[self.of]
        both = np.concatenate((self.log.start - begin, self.log.end - begin))
        return both // SECONDS_PER_HOUR


def _cases(log: EventLog) -> _Cases:
    order = np.lexsort((log.end, log.start, log.case))
    log = EventLog(log.case[order], log.activity[order], log.start[order], log.end[order])
    is_first = np.concatenate(([True], log.case[1:] != log.case[:-1]))
    place = np.flatnonzero(is_first)
    begin = np.minimum.reduceat(log.start, place)
    return _Cases(log, np.cumsum(is_first) - 1, begin, np.maximum.reduceat(log.end, place) - begin)


def _n_grams_apart(one: tuple[Ints, int], other: tuple[Ints, int]) -> float:
    (first, n), (second, _) = one, other
    base = int(max(first.max(), second.max())) + 1
    codes = []
    for row in (first, second):
        code = np.zeros(row.size - n + 1, np.int64)
        for place in range(n):
            code = code * base + row[place : row.size - n + 1 + place]
        codes.append(code[code > 0])
    _, inverse = np.unique(np.concatenate(codes), return_inverse=True)
    apart = np.bincount(inverse, np.repeat([1.0, -1.0], [codes[0].size, codes[1].size]))
    return float(np.abs(apart).sum() / inverse.size)


def _circadian(one: Ints, other: Ints) -> float:
    apart = []
    for weekday in range(7):
        first, second = (hours[(hours // 24 + 3) % 7 == weekday] % 24 for hours in (one, other))
        if first.size and second.size:
            apart.append(wasserstein(first, second))
        else:
            apart.append(0.0 if first.size == second.size else MOST_APART)
    return float(np.mean(apart))


def _cycle_times(one: Ints, other: Ints) -> float:
    least = min(one.min(), other.min())
    return wasserstein((one - least) // SECONDS_PER_HOUR, (other - least) // SECONDS_PER_HOUR)


@dataclass(frozen=True, slots=True)
class LiteratureSplit:
    """A log cut as the literature does it.

    Attributes
    ----------
    train, test : EventLog
        Cases that had ended by the cut, and those that began after it.
    dropped : int
        Cases that straddle the cut: the backlog, and the long tail.
    cut : int
        [s]
    """

    train: EventLog
    test: EventLog
    dropped: int
    cut: int


def literature_split(log: EventLog, share: float = 0.8) -> LiteratureSplit:
    """Cut a log at the moment when a share of its events has begun, and drop what straddles it.

    Parameters
    ----------
    share : float
        0.8 is the literature's.

    Raises
    ------
    ValueError
        If nothing is left on one side.
    """
    cut = int(np.sort(log.start)[min(int(share * log.start.size), log.start.size - 1)])
    _, of = np.unique(log.case, return_inverse=True)
    begin = np.full(int(of.max()) + 1, np.iinfo(np.int64).max)
    end = np.full(begin.size, np.iinfo(np.int64).min)
    np.minimum.at(begin, of, log.start)
    np.maximum.at(end, of, log.end)
    is_train, is_test = end < cut, begin >= cut
    return LiteratureSplit(
        log.where(is_train[of]), log.where(is_test[of]), int((~is_train & ~is_test).sum()), cut
    )


def replay(train: EventLog, test: EventLog) -> EventLog:
    """Return the last cases of the training log, as many as the test has, later by whole weeks.

    A simulator that is not nearer to the test than this has shown nothing.
    """
    cases = _cases(train)
    count = min(int(np.unique(test.case).size), cases.begin.size)
    latest = np.argsort(cases.begin, kind="stable")[-count:]
    week = 7 * 24 * SECONDS_PER_HOUR
    later = -(-(int(test.start.min()) - int(cases.begin[latest].min())) // week) * week
    kept = np.isin(cases.of, latest)
    log = cases.log.where(kept)
    return EventLog(log.case, log.activity, log.start + later, log.end + later)


def events_of_visits(ticket: Ints, team: Ints, touched: Floats, gone: Floats) -> EventLog:
    """Return visits that have ended as events: the team is the activity, from first touch to leaving.

    Parameters
    ----------
    touched, gone : ndarray, shape (visits,)
        Hours since 1970-01-01; inf where it has not happened. [h]
    """
    kept = np.isfinite(touched) & np.isfinite(gone)
    return EventLog(
        ticket[kept],
        team[kept],
        np.round(touched[kept] * SECONDS_PER_HOUR).astype(np.int64),
        np.round(gone[kept] * SECONDS_PER_HOUR).astype(np.int64),
    )

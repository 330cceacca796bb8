"""The log split and scored as papers on simulators do it, for comparison only.

A log is cut where four fifths of its tickets have begun, what straddles the cut is dropped - the backlog, and
the long tail - and a simulator that starts empty is held against the rest by distances of logs. Beside it
stand the last tickets replayed, later by whole weeks, and the tickets that really came, drawn anew. A ticket
is one event here, from opening to end, with its service as the activity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.arrivals import draw_arrivals
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_parameters
from makeorbuy.projection.queue.log import VisitLog
from makeorbuy.projection.queue.log_distance import (
    SECONDS_PER_HOUR,
    Distances,
    EventLog,
    distances,
    literature_split,
    replay,
)
from makeorbuy.projection.queue.model import Floats, Ints, Tickets
from makeorbuy.projection.queue.simulate import simulate

SHARE = 0.8
DRAWS = 10
"""Simulated logs, as in the literature; the mean of their distances is given."""

DISTANCES = ("arrival", "absolute", "circadian", "relative", "cycle_time")
"""Those in hours; beside them the share of the mix of services that is not in both."""

ROWS = ("simulated from empty", "last tickets replayed", "sampling noise")


@dataclass(frozen=True, slots=True)
class Literature:
    """Distances from the tickets after the cut; smaller is nearer.

    Attributes
    ----------
    rows : tuple of Distances
        One of each of `ROWS`. [h], but for the share of `n_gram`.
    dropped, tested : int
        Tickets that straddle the cut; tickets that are compared.
    """

    rows: tuple[Distances, ...]
    dropped: int
    tested: int


def compared_as_in_papers(log: VisitLog, start: float, streams: Streams) -> Literature | None:
    """Split a log, simulate what follows from an empty system, and measure how far it is from what came.

    Parameters
    ----------
    start : float
        First moment that the log covers in full. [h]

    Returns
    -------
    Literature or None
        None where a side of the split is empty.
    """
    first = log.is_first & np.isfinite(log.ended) & (log.opened >= start)
    if not first.any():
        return None
    whole = _events(log.ticket[first], log.service[first], log.opened[first], log.ended[first])
    try:
        split = literature_split(whole, SHARE)
    except ValueError:  # nothing is left on one side
        return None
    calibration = calibrate(log.until(split.cut / SECONDS_PER_HOUR), start)
    rng = streams.named("queue", "literature")
    simulated, noise = [], []
    count = split.test.case.size
    for draw in range(1, DRAWS + 1):
        made = _simulated(calibration, split.test, streams, draw)
        if made is not None:
            simulated.append(distances(made, split.test))
        chosen = rng.integers(0, count, count)
        test = split.test
        drawn = EventLog(np.arange(count), test.activity[chosen], test.start[chosen], test.end[chosen])
        noise.append(distances(drawn, test))
    if not simulated:
        return None
    rows = (_mean(simulated), distances(replay(split.train, split.test), split.test), _mean(noise))
    return Literature(rows, split.dropped, count)


def _simulated(calibration: Calibration, test: EventLog, streams: Streams, draw: int) -> EventLog | None:
    """Return as many tickets as the test has, from the first arrival of the test on, from an empty system."""
    cut = calibration.log.cut
    end = 2.0 * (float(test.end.max()) / SECONDS_PER_HOUR - cut)
    parameters = draw_parameters(calibration, streams, draw, end)
    moment, kind, team, number = draw_arrivals(parameters.arrivals, calibration.log, cut, end, streams, draw)
    first = slice(0, test.case.size)
    nothing = np.full(moment[first].size, np.nan)
    tickets = Tickets(moment[first], kind[first], team[first], number[first], nothing, nothing)
    run = simulate(parameters.model, tickets, end, seed=streams.seed, replication=draw)
    over = np.isfinite(run.ended)
    if not over.any():
        return None
    return _events(
        number[first][over], kind[first][over] // 2, moment[first][over] + cut, run.ended[over] + cut
    )


def _events(case: Ints, activity: Ints, opened: Floats, ended: Floats) -> EventLog:
    seconds = (np.round(hours * SECONDS_PER_HOUR).astype(np.int64) for hours in (opened, ended))
    begin, end = seconds
    return EventLog(case, activity, begin, np.maximum(begin, end))


def _mean(rows: Sequence[Distances]) -> Distances:
    return Distances(*(float(np.mean([getattr(row, one.name) for row in rows])) for one in fields(Distances)))

"""What predictions are held against: forecasts without a model, and what really came.

Whole past weeks drawn anew, the last weeks replayed, the simulation from an empty system, and - as the floor
that nobody can get below - the tickets that really came, drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue import score
from makeorbuy.projection.queue.arrivals import draw_arrivals
from makeorbuy.projection.queue.calibrate import Calibration, draw_parameters
from makeorbuy.projection.queue.capacity import planned, shifts_of, with_hands
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog
from makeorbuy.projection.queue.model import Floats, Tickets
from makeorbuy.projection.queue.score import QUANTITIES, WINDOW_HOURS, Window, quantities
from makeorbuy.projection.queue.simulate import simulate

MOST_PAST_WEEKS = 52
"""Past weeks are drawn from so many."""


def tickets_of(log: VisitLog) -> Window:
    """Return each ticket once."""
    first = log.is_first
    return Window(log.opened[first], log.ended[first], log.service[first])


def shifted(window: Window, origin: float) -> Window:
    """Return the tickets as seen from a moment, without those that had ended or come later."""
    here = (window.ended >= origin) & (window.opened < origin + WINDOW_HOURS)
    return Window(window.opened[here] - origin, window.ended[here] - origin, window.service[here])


def from_empty(calibration: Calibration, streams: Streams, draw: int, targets: Mapping[int, float]) -> Floats:
    """Predict without the open tickets: from an empty system that has run for four weeks."""
    log = calibration.log
    parameters = draw_parameters(calibration, streams, draw, WINDOW_HOURS)
    end = 2 * WINDOW_HOURS
    begin = log.cut - WINDOW_HOURS
    opened, kind, team, number = draw_arrivals(parameters.arrivals, log, begin, end, streams, draw)
    nothing = np.full(opened.size, np.nan)
    half = len(log.teams) // 2
    away = planned(log, half, calibration.start, begin, end)
    shifts = with_hands(shifts_of(calibration.capacity, begin, end, log.worked_days, away), half)
    model = replace(parameters.model, shifts=shifts)
    run = simulate(
        model, Tickets(opened, kind, team, number, nothing, nothing), end, seed=streams.seed, replication=draw
    )
    here = run.ended >= WINDOW_HOURS
    window = Window(opened[here] - WINDOW_HOURS, run.ended[here] - WINDOW_HOURS, kind[here] // 2)
    return quantities(window, targets, len(log.services))


def past_weeks(
    log: VisitLog, start: float, targets: Mapping[int, float], streams: Streams, replications: int
) -> Floats:
    """Predict by whole past weeks, drawn anew; with no replications by the last ones as they were.

    Times are those of tickets opened in two past weeks that have been followed for two weeks; completions
    and growth of the backlog those of four past weeks.
    """
    window = tickets_of(log)
    services = len(log.services)
    weeks = min(int((log.cut - start) // HOURS_PER_WEEK), MOST_PAST_WEEKS)
    opened_ago = np.floor((log.cut - window.opened) / HOURS_PER_WEEK)
    ended_ago = np.floor((log.cut - window.ended) / HOURS_PER_WEEK)
    net = np.zeros((services, weeks))
    done = np.zeros((services, weeks))
    for week in range(weeks):
        done[:, week] = np.bincount(window.service[ended_ago == week], minlength=services)
        net[:, week] = np.bincount(window.service[opened_ago == week], minlength=services) - done[:, week]
    now = np.bincount(window.service[~np.isfinite(window.ended)], minlength=services)
    rng = streams.named("queue", "past weeks")
    count = max(replications, 1)
    result = np.full((count, services, len(QUANTITIES)), np.nan)
    hours = {
        (service, week): (window.ended - window.opened)[(window.service == service) & (opened_ago == week)]
        for service in range(services)
        for week in range(2, weeks)
    }
    for row in range(count):
        chosen = rng.integers(2, weeks, 4) if replications else np.array([3, 2, 1, 0])
        timed = chosen[:2]
        for service in range(services):
            pool = np.concatenate([hours[service, int(week)] for week in timed])
            result[row, service, :4] = score.flow(pool, targets.get(service))
        result[row, :, 4] = done[:, chosen].sum(axis=1)
        result[row, :, 5] = now + net[:, chosen[0]]
        result[row, :, 6] = now + net[:, chosen].sum(axis=1)
    return result


def sampling_noise(window: Window, targets: Mapping[int, float], services: int, streams: Streams) -> Floats:
    """Draw the tickets that really came anew: what even perfect knowledge of the process leaves open."""
    rng = streams.named("queue", "sampling noise")
    rows = []
    for _ in range(50):
        chosen = rng.integers(0, window.opened.size, window.opened.size)
        rows.append(
            quantities(
                Window(window.opened[chosen], window.ended[chosen], window.service[chosen]), targets, services
            )
        )
    return np.array(rows)

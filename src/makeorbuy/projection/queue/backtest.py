"""Has the model been right about weeks that it had not seen?

The log is cut by time at several moments (rolling origins). Each time the model is calibrated on what was
known then, starts from the tickets that were open, and predicts the next four weeks. Beside it stand three
forecasts without a model: whole past weeks drawn anew, the last weeks replayed, and - as the floor that
nobody can get below - the tickets that really came, drawn anew. It tests today's organisation, not the
effect of an option.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from makeorbuy.case.model import Case
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import MINUTES_PER_HOUR
from makeorbuy.projection.queue import score
from makeorbuy.projection.queue.arrivals import draw_arrivals
from makeorbuy.projection.queue.calibrate import (
    Calibration,
    calibrate,
    draw_parameters,
    tickets_at_the_cut,
)
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog, read_log
from makeorbuy.projection.queue.model import Floats, Tickets
from makeorbuy.projection.queue.score import LEVELS, QUANTITIES, WINDOW_HOURS, Window, quantities
from makeorbuy.projection.queue.simulate import replicate, simulate

LEAST_WEEKS = 13
"""Fewest weeks of log before a cut."""

STEP_WEEKS = 2
MOST_ORIGINS = 12
FEWEST_SCORES = 8
"""Fewest scored predictions of a service before its speed is believed."""

FORECASTS = ("simulated", "past weeks drawn anew", "last weeks replayed", "sampling noise")


@dataclass(frozen=True, slots=True)
class Backtest:
    """Every score.

    Attributes
    ----------
    origins : tuple of float
        Cuts. [h]
    found : ndarray, shape (origins, services, quantities)
        What happened; NaN where it does not apply.
    crps : ndarray, shape (forecasts, origins, services, quantities)
    covered : ndarray, shape (levels, origins, services, quantities)
        1, 0, or NaN.
    covered_past_weeks : ndarray
        The same for past weeks drawn anew.
    place : ndarray, shape (origins, services, quantities)
        Share of the simulated predictions below what happened.
    """

    services: tuple[str, ...]
    teams: tuple[str, ...]
    origins: tuple[float, ...]
    replications: int
    found: Floats
    crps: Floats
    covered: Floats
    covered_past_weeks: Floats
    place: Floats

    def coverage(self, level: float, quantity: str | None = None, service: str | None = None) -> float:
        """Return the share of intervals at a level that held what happened."""
        return _mean(self._select(self.covered[LEVELS.index(level)], quantity, service))

    def coverage_past_weeks(self, level: float, quantity: str | None = None) -> float:
        """Return the same for past weeks drawn anew."""
        return _mean(self._select(self.covered_past_weeks[LEVELS.index(level)], quantity, None))

    def ratio(self, forecast: str, quantity: str, service: str | None = None) -> float:
        """Return the simulation's mean score as a share of a forecast's; below 1 is better."""
        own = self._select(self.crps[0], quantity, service)
        other = self._select(self.crps[FORECASTS.index(forecast)], quantity, service)
        return float(np.nansum(own) / np.nansum(other)) if np.nansum(other) > 0 else float("nan")

    def mean_place(self, quantity: str) -> float:
        """Return the mean place of what happened among the predictions: 0.5 is unbiased."""
        return _mean(self._select(self.place, quantity, None))

    def reason(self, service: str) -> str | None:
        """Return why a service's simulated times are not to be believed, or None.

        ``too_few_held_out_weeks``; ``backtest_failed`` where the 80 % intervals of the mean cover too
        little: below 80 % by more than two standard errors.
        """
        scored = self._select(self.covered[LEVELS.index(0.8)], "mean_hours", service)
        count = int(np.isfinite(scored).sum())
        if count < FEWEST_SCORES:
            return "too_few_held_out_weeks"
        error = (0.8 * 0.2 / count) ** 0.5
        return "backtest_failed" if _mean(scored) < 0.8 - 2 * error else None

    def of_mean(self, service: str) -> tuple[float, int]:
        """Return the coverage of the 80 % intervals of a service's mean, and how many were scored."""
        scored = self._select(self.covered[LEVELS.index(0.8)], "mean_hours", service)
        return _mean(scored), int(np.isfinite(scored).sum())

    def _select(self, table: Floats, quantity: str | None, service: str | None) -> Floats:
        if service is not None:
            table = table[:, [self.services.index(service)]]
        return table if quantity is None else table[..., QUANTITIES.index(quantity)]


def _mean(values: Floats) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def origins_of(start: float, cut: float) -> tuple[float, ...]:
    """Return the moments at which the log is cut, the latest last.

    Examples
    --------
    >>> [(origin - 0.0) / HOURS_PER_WEEK for origin in origins_of(0.0, 21 * HOURS_PER_WEEK)]
    [13.0, 15.0, 17.0]
    """
    latest = cut - WINDOW_HOURS
    found = [latest - number * STEP_WEEKS * HOURS_PER_WEEK for number in range(MOST_ORIGINS)]
    return tuple(sorted(one for one in found if one >= start + LEAST_WEEKS * HOURS_PER_WEEK))


def backtest(
    case: Case,
    evidence: Evidence,
    streams: Streams,
    *,
    replications: int = 200,
    threads: int = 2,
    progress: Callable[[float], None] | None = None,
) -> Backtest:
    """Predict held-out weeks and score the predictions.

    Raises
    ------
    ModelError
        If there is no log of changes, or it is too short to hold weeks out.
    """
    log = read_log(evidence)
    start = evidence.start_local_minute / MINUTES_PER_HOUR
    origins = origins_of(start, log.cut)
    if not origins:
        raise ModelError(
            f"The log is too short: {LEAST_WEEKS} weeks to learn from and "
            f"{WINDOW_HOURS / HOURS_PER_WEEK:.0f} to predict are the least."
        )
    targets = {
        log.services.index(service.id): service.target.hours
        for service in case.services
        if service.id in log.services and service.target is not None and service.clock == "elapsed"
        and service.target.hours < score.FOLLOWED_HOURS
    }  # fmt: skip
    shape = (len(origins), len(log.services), len(QUANTITIES))
    found, place = np.full(shape, np.nan), np.full(shape, np.nan)
    scores = np.full((len(FORECASTS), *shape), np.nan)
    covered, covered_past = (np.full((len(LEVELS), *shape), np.nan) for _ in range(2))
    truth = tickets_of(log)
    for number, origin in enumerate(origins):
        seen = log.until(origin)
        found[number] = quantities(shifted(truth, origin), targets, len(log.services))
        calibration = calibrate(seen, start)
        named = Streams(int(streams.named("queue", "backtest", str(number)).integers(1 << 31)))

        def one(draw: int, calibration: Calibration = calibration, named: Streams = named) -> Floats:
            return predicted(calibration, named, draw, targets)

        ensembles = [
            np.array(replicate(one, range(1, replications + 1), threads)),
            past_weeks(seen, start, targets, named, replications),
            past_weeks(seen, start, targets, named, 0),
            sampling_noise(shifted(truth, origin), targets, len(log.services), named),
        ]
        for service in range(shape[1]):
            for column in range(shape[2]):
                value = found[number, service, column]
                if not np.isfinite(value):
                    continue
                for row, ensemble in enumerate(ensembles):
                    members = ensemble[:, service, column]
                    members = members[np.isfinite(members)]
                    if not members.size:
                        continue
                    scores[row, number, service, column] = score.crps(members, value)
                    if row == 0:
                        place[number, service, column] = score.place_of(members, value)
                    if row < 2:
                        into = covered if row == 0 else covered_past
                        for step, level in enumerate(LEVELS):
                            into[step, number, service, column] = score.is_covered(members, value, level)
        if progress:
            progress((number + 1) / len(origins))
    return Backtest(
        log.services, log.teams, origins, replications, found, scores, covered, covered_past, place
    )


def tickets_of(log: VisitLog) -> Window:
    """Return each ticket once."""
    first = log.is_first
    return Window(log.opened[first], log.ended[first], log.service[first])


def shifted(window: Window, origin: float) -> Window:
    """Return the tickets as seen from a moment, without those that had ended or come later."""
    here = (window.ended >= origin) & (window.opened < origin + WINDOW_HOURS)
    return Window(window.opened[here] - origin, window.ended[here] - origin, window.service[here])


def predicted(calibration: Calibration, streams: Streams, draw: int, targets: dict[int, float]) -> Floats:
    """Draw parameters, then tickets, then run: one prediction of everything that is scored."""
    parameters = draw_parameters(calibration, streams, draw, WINDOW_HOURS)
    log = calibration.log
    there = tickets_at_the_cut(calibration, parameters.model, streams, draw)
    moment, kind, team, number = draw_arrivals(
        parameters.arrivals, log.cut, WINDOW_HOURS, log.worked_days, streams, draw
    )
    nothing = np.full(moment.size, np.nan)
    tickets = Tickets(
        np.concatenate((there.opened, moment)), np.concatenate((there.kind, kind)),
        np.concatenate((there.team, team)), np.concatenate((there.number, number)),
        np.concatenate((there.work, nothing)), np.concatenate((there.rest, nothing)),
    )  # fmt: skip
    run = simulate(parameters.model, tickets, WINDOW_HOURS, seed=streams.seed, replication=draw)
    return quantities(Window(tickets.opened, run.ended, tickets.kind // 2), targets, len(log.services))


def past_weeks(
    log: VisitLog, start: float, targets: dict[int, float], streams: Streams, replications: int
) -> Floats:
    """Predict by whole past weeks, drawn anew; with no replications by the last ones as they were.

    Times are those of tickets opened in two past weeks that have been followed for two weeks; completions
    and growth of the backlog those of four past weeks.
    """
    window = tickets_of(log)
    services = len(log.services)
    weeks = min(int((log.cut - start) // HOURS_PER_WEEK), 4 * LEAST_WEEKS)
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


def sampling_noise(window: Window, targets: dict[int, float], services: int, streams: Streams) -> Floats:
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

"""Has the model been right about weeks that it had not seen?

The log is cut by time at several moments (rolling origins). Each time the model is calibrated on what was
known then, starts from the tickets that were open, and predicts the next four weeks; what earlier moments
taught about such predictions is put right first (see `recalibrate`). Beside it stand other forecasts: the
simulation as it is, whole past weeks drawn anew, the last weeks replayed, the simulation from an empty
system, and - as the floor that nobody can get below - the tickets that really came, drawn anew. It tests
today's organisation, not the effect of an option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from makeorbuy.case.model import Case
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import ModelError
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import MINUTES_PER_HOUR
from makeorbuy.projection.queue import score
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_world
from makeorbuy.projection.queue.keeping import Keep, load, question
from makeorbuy.projection.queue.literature import Literature, compared_as_in_papers
from makeorbuy.projection.queue.log import HOURS_PER_WEEK, VisitLog, read_log
from makeorbuy.projection.queue.model import Floats
from makeorbuy.projection.queue.recalibrate import Lesson, learn, recalibrated
from makeorbuy.projection.queue.references import from_empty, past_weeks, sampling_noise, shifted, tickets_of
from makeorbuy.projection.queue.score import LEVELS, QUANTITIES, WINDOW_HOURS, Window, quantities
from makeorbuy.projection.queue.simulate import replicate, simulate

LEAST_WEEKS = 13
"""Fewest weeks of log before a cut."""

STEP_WEEKS = 2
MOST_ORIGINS = 12
FEWEST_SCORES = 8
"""Fewest scored predictions of a service before its speed is believed."""

FIRST_WEEKS = 6
"""Fewest weeks of log before a moment that only teaches."""

MOST_LESSONS = 20
"""The model is run at no more earlier moments than so many before a prediction."""

EMPTY_SHARE = 4
"""Warm-up from empty costs twice a prediction and is only a reference: one for so many of the others."""

FORECASTS = (
    "simulated", "simulated as it is", "past weeks drawn anew", "last weeks replayed",
    "warm-up from empty", "sampling noise",
)  # fmt: skip
PAST_WEEKS = FORECASTS.index("past weeks drawn anew")


@dataclass(frozen=True, slots=True)
class Backtest:
    """Every score.

    Attributes
    ----------
    origins : tuple of float
        Cuts. [h]
    found : ndarray, shape (origins, services, quantities)
        What happened; NaN where it does not apply.
    crps, interval_score : ndarray, shape (forecasts, origins, services, quantities)
    covered : ndarray, shape (levels, origins, services, quantities)
        1, 0, a share where a tie decides, or NaN.
    covered_past_weeks : ndarray
        The same for past weeks drawn anew.
    place : ndarray, shape (origins, services, quantities)
        Share of the simulated predictions below what happened (PIT).
    lessons : mapping of str to Lesson
        By quantity: what all moments teach about a prediction from the end of the log.
    literature : Literature or None
        The split and the distances of papers, for comparison only.
    step_weeks : int
        Weeks between moments: `STEP_WEEKS`, or 1 for a log that is too short for more, of which no speed is
        believed.
    has_plan : bool
        Whether a leave plan was known.
    """

    services: tuple[str, ...]
    teams: tuple[str, ...]
    origins: tuple[float, ...]
    replications: int
    found: Floats
    crps: Floats
    interval_score: Floats
    covered: Floats
    covered_past_weeks: Floats
    place: Floats
    lessons: Mapping[str, Lesson]
    literature: Literature | None = None
    step_weeks: int = STEP_WEEKS
    has_plan: bool = False

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

    def interval_ratio(self, forecast: str, quantity: str) -> float:
        """Return the same of weighted interval scores."""
        own = self._select(self.interval_score[0], quantity, None)
        other = self._select(self.interval_score[FORECASTS.index(forecast)], quantity, None)
        return float(np.nansum(own) / np.nansum(other)) if np.nansum(other) > 0 else float("nan")

    def places(self, quantity: str, bins: int = 5) -> tuple[float, ...]:
        """Return the share of cases in each of equal bins of the place: all alike if spread is right."""
        place = self._select(self.place, quantity, None)
        place = place[np.isfinite(place)]
        counts = np.histogram(place, bins, (0.0, 1.0))[0]
        return tuple((counts / max(place.size, 1)).tolist())

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


def origins_of(
    start: float, cut: float, weeks: int = LEAST_WEEKS, most: int = MOST_ORIGINS, step: int = STEP_WEEKS
) -> tuple[float, ...]:
    """Return the moments at which the log is cut, the latest last.

    Examples
    --------
    >>> [(origin - 0.0) / HOURS_PER_WEEK for origin in origins_of(0.0, 21 * HOURS_PER_WEEK)]
    [13.0, 15.0, 17.0]
    """
    latest = cut - WINDOW_HOURS
    found = [latest - number * step * HOURS_PER_WEEK for number in range(most)]
    return tuple(sorted(one for one in found if one >= start + weeks * HOURS_PER_WEEK))


def backtest(
    case: Case,
    evidence: Evidence,
    streams: Streams,
    *,
    replications: int = 200,
    threads: int = 2,
    progress: Callable[[float], None] | None = None,
    keep: Keep | None = None,
) -> Backtest:
    """Predict held-out weeks and score the predictions.

    Raises
    ------
    ModelError
        If there is no log of changes, or it is too short to hold weeks out.
    """
    log = read_log(evidence)
    targets = {
        log.services.index(service.id): service.target.hours
        for service in case.services
        if service.id in log.services and service.target is not None and service.clock == "elapsed"
        and service.target.hours < score.FOLLOWED_HOURS
    }  # fmt: skip
    start = evidence.start_local_minute / MINUTES_PER_HOUR
    return backtest_log(
        log, start, targets, streams,
        replications=replications, threads=threads, progress=progress, keep=keep,
    )  # fmt: skip


def backtest_log(
    log: VisitLog,
    start: float,
    targets: Mapping[int, float],
    streams: Streams,
    *,
    replications: int = 200,
    threads: int = 2,
    moments: int = 0,
    progress: Callable[[float], None] | None = None,
    keep: Keep | None = None,
) -> Backtest:
    """Predict held-out weeks of a log and score the predictions.

    Parameters
    ----------
    moments : int
        Most moments that are scored; 0 for `MOST_ORIGINS`.
    start : float
        First moment that the log covers in full. [h]
    targets : mapping of int to float
        Hours of the target, by service.
    keep : Keep, optional
        What was predicted at a moment is kept there, and not predicted again from the same log.

    Raises
    ------
    ModelError
        If the log is too short to hold weeks out.
    """
    scored, apart = origins_of(start, log.cut, most=moments or MOST_ORIGINS), STEP_WEEKS
    if not scored:  # told all the same, every week; too few to be believed
        scored, apart = origins_of(start, log.cut, FIRST_WEEKS, step=1), 1
    if not scored:
        raise ModelError(
            f"The log is too short: {FIRST_WEEKS} weeks to learn from and "
            f"{WINDOW_HOURS / HOURS_PER_WEEK:.0f} to predict are the least."
        )
    origins = origins_of(start, log.cut, FIRST_WEEKS, len(scored) + MOST_LESSONS, apart)
    first = len(origins) - len(scored)
    services = len(log.services)
    shape = (len(scored), services, len(QUANTITIES))
    place = np.full(shape, np.nan)
    crps, interval = (np.full((len(FORECASTS), *shape), np.nan) for _ in range(2))
    covered, covered_past = (np.full((len(LEVELS), *shape), np.nan) for _ in range(2))
    truth = tickets_of(log)
    found = np.array([quantities(shifted(truth, origin), targets, services) for origin in origins])
    own = np.full((len(origins), replications, services, len(QUANTITIES)), np.nan)
    past = own.copy()
    kept = keep(question("backtest", log, start, dict(targets), streams.seed, replications)) if keep else None
    empty = replications // EMPTY_SHARE + 1
    for number, origin in enumerate(origins):
        seen = log.until(origin)
        named = Streams(int(streams.named("queue", "backtest", f"{origin:.0f}").integers(1 << 31)))

        members = replications + (empty if number >= first else 0)
        name = f"{origin:.0f}-{members}"
        block = load(kept, name, (members, services, len(QUANTITIES)))
        if block is None:
            calibration = calibrate(seen, start)

            def one(draw: int, calibration: Calibration = calibration, named: Streams = named) -> Floats:
                if draw <= replications:
                    return predicted(calibration, named, draw, targets)
                return from_empty(calibration, named, draw - replications, targets)

            block = np.array(replicate(one, range(1, members + 1), threads))
            if kept is not None:
                kept.save(name, block)
        own[number] = block[:replications]
        past[number] = past_weeks(seen, start, targets, named, replications)
        if progress:
            progress((number + 1) / len(origins))
        if number < first:
            continue
        row = number - first
        # what followed an earlier moment is known once its window is over
        known = [k for k in range(number) if origins[k] + WINDOW_HOURS <= origin][-MOST_LESSONS:]
        ensembles = [
            _after_lessons(_lessons(found[known], own[known], past[known]), own[number], past[number]),
            own[number],
            past[number],
            past_weeks(seen, start, targets, named, 0),
            block[replications:],
            sampling_noise(shifted(truth, origin), targets, services, named),
        ]
        for service in range(services):
            for column in range(shape[2]):
                value = float(found[number, service, column])
                if not np.isfinite(value):
                    continue
                for kind, ensemble in enumerate(ensembles):
                    members = ensemble[:, service, column]
                    members = members[np.isfinite(members)]
                    if not members.size:
                        continue
                    crps[kind, row, service, column] = score.crps(members, value)
                    interval[kind, row, service, column] = score.weighted_interval_score(members, value)
                    if kind == 0:
                        place[row, service, column] = score.place_of(members, value)
                    if kind in (0, PAST_WEEKS):
                        into = covered if kind == 0 else covered_past
                        for step, level in enumerate(LEVELS):
                            into[step, row, service, column] = score.covered_share(members, value, level)
    return Backtest(
        log.services, log.teams, scored, replications, found[first:], crps, interval, covered, covered_past,
        place, _lessons(found[-MOST_LESSONS:], own[-MOST_LESSONS:], past[-MOST_LESSONS:]),
        compared_as_in_papers(log, start, streams), apart, bool(log.leave.team.size),
    )  # fmt: skip


def _lessons(found: Floats, own: Floats, past: Floats) -> dict[str, Lesson]:
    """Learn from earlier moments; members are the second axis."""
    return {
        name: learn(
            name, found[:, :, column], np.moveaxis(own[..., column], 1, -1),
            np.moveaxis(past[..., column], 1, -1),
        )
        for column, name in enumerate(QUANTITIES)
    }  # fmt: skip


def _after_lessons(lessons: Mapping[str, Lesson], own: Floats, past: Floats) -> Floats:
    """Return the recalibrated predictions, members first."""
    columns = [
        recalibrated(lessons[name], name, own[..., column].T, past[..., column].T).T
        for column, name in enumerate(QUANTITIES)
    ]
    return np.stack(columns, axis=-1)


def predicted(calibration: Calibration, streams: Streams, draw: int, targets: Mapping[int, float]) -> Floats:
    """Draw parameters, then tickets, then run: one prediction of everything that is scored."""
    model, tickets = draw_world(calibration, streams, draw, WINDOW_HOURS)
    run = simulate(model, tickets, WINDOW_HOURS, seed=streams.seed, replication=draw)
    return quantities(
        Window(tickets.opened, run.ended, tickets.kind // 2), targets, len(calibration.log.services)
    )

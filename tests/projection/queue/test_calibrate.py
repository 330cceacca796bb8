"""What is inferred from a log, against logs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.arrivals import NEW_TICKETS, calibrate_arrivals, draw_arrivals
from makeorbuy.projection.queue.backtest import past_weeks
from makeorbuy.projection.queue.calibrate import (
    calibrate,
    draw_parameters,
    infer_capacity,
    kinds_of,
    survival_table,
    tickets_at_the_cut,
)
from makeorbuy.projection.queue.log import VisitLog
from makeorbuy.projection.queue.simulate import simulate

from .queue_making import one_team, poisson, tickets_of

WEEK = 168.0
WEEKS = 30
START = 4 * 24.0
"""1970-01-05, a Monday."""


def a_log(work: float = 0.5, people: int = 3, rate: float = 5.0, stay: float = 24.0) -> VisitLog:
    """Return the log of one team that works round the clock, with exponential work and stays."""
    rng = np.random.default_rng(1)
    end = WEEKS * WEEK
    opened = poisson(rate, int(rate * end * 1.2), 2)
    opened = opened[opened < end]
    run = simulate(
        one_team(people), tickets_of(opened, work=rng.exponential(work, opened.size)), end + 1e6, seed=3
    )
    touched = opened + run.waited
    gone = np.maximum(run.ended, touched + rng.exponential(stay, opened.size))
    cut = START + end

    def known(moment: np.ndarray) -> np.ndarray:
        return np.where(moment + START < cut, moment + START, np.inf)

    count, zeros, yes = opened.size, np.zeros(opened.size, np.int64), np.ones(opened.size, bool)
    days = np.arange(4, 4 + WEEKS * 7)
    return VisitLog(
        ("a",), ("team",), np.arange(count), zeros, zeros, zeros, opened + START, known(touched), known(gone),
        opened + START, known(gone), yes, yes, np.zeros(days.size, np.int64), days,
        np.full(days.size, people), frozenset(days.tolist()), cut,
    )  # fmt: skip


@pytest.mark.parametrize("work", [0.3, 0.55])
def test_the_work_that_explains_the_waits_is_found(work: float) -> None:
    capacity = infer_capacity(a_log(work), START)
    assert capacity.people.tolist() == [3.0]
    assert capacity.work_hours[0] == pytest.approx(work, rel=0.1)
    assert capacity.fitted_wait_hours[0] == pytest.approx(capacity.wait_hours[0], rel=0.1)
    assert capacity.newest_first[0] == 0.0


def test_arrivals_have_the_rate_and_the_spread_of_the_log() -> None:
    log = a_log()
    arrivals = calibrate_arrivals(log, kinds_of(log), 2, START, np.ones(8))
    counts = [
        draw_arrivals(arrivals, log.cut, WEEK, log.worked_days, Streams(0), number)[0].size
        for number in range(200)
    ]
    # the log is Poisson: neither weeks nor days differ beyond it
    assert arrivals.day_variance[1] < 0.01
    assert np.mean(counts) == pytest.approx(5.0 * WEEK, rel=0.05)


def test_more_demand_in_one_class_moves_no_ticket_of_another() -> None:
    log = a_log(rate=2.0)
    kind = np.arange(log.ticket.size) % 2
    arrivals = calibrate_arrivals(log, kind, 2, START, np.ones(8))
    before = draw_arrivals(arrivals, log.cut, WEEK, log.worked_days, Streams(0), 1)
    after = draw_arrivals(
        arrivals, log.cut, WEEK, log.worked_days, Streams(0), 1, lambda one: 1.5 if one == 0 else 1.0
    )
    same = [drawn[0][drawn[1] == 1] for drawn in (before, after)]
    assert np.array_equal(*same)
    assert (after[1] == 0).sum() > (before[1] == 0).sum()
    assert (before[3] >= NEW_TICKETS).all()
    assert np.unique(before[3]).size == before[3].size


def test_stays_that_have_not_ended_count_as_at_risk() -> None:
    rng = np.random.default_rng(4)
    stay, until = rng.exponential(10.0, 40_000), rng.exponential(15.0, 40_000)
    hours = np.minimum(stay, until)
    order = np.argsort(hours)
    table = survival_table(hours[order], (stay <= until)[order], np.ones(hours.size))
    assert table[128] == pytest.approx(10.0 * np.log(2), rel=0.05)
    assert table[230] == pytest.approx(-10.0 * np.log(1 - 230 / 256), rel=0.1)


def test_what_is_left_of_a_stay_is_conditional_on_its_age() -> None:
    log = a_log(stay=24.0)
    calibration = calibrate(log, START)
    parameters = draw_parameters(calibration, Streams(0), 0, WEEK)
    open_now = tickets_at_the_cut(calibration, parameters.model, Streams(0), 0)
    assert open_now.opened.size == int((~np.isfinite(log.ended)).sum())
    assert (open_now.opened < 0).all() and (np.diff(open_now.opened) >= 0).all()
    left = open_now.rest[np.isfinite(open_now.rest)]
    assert left.mean() == pytest.approx(24.0, rel=0.35)  # an exponential stay does not age


def test_what_was_not_known_yet_is_hidden() -> None:
    log = a_log()
    cut = START + 10 * WEEK
    seen = log.until(cut)
    assert seen.cut == cut and (seen.entered < cut).all()
    for known in (seen.touched, seen.gone, seen.ended):
        assert (known[np.isfinite(known)] < cut).all()
    assert (seen.active_day * 24 < cut).all()
    # nothing that comes later can change what is calibrated
    earlier = calibrate(seen, START)
    again = calibrate(a_log().until(cut), START)
    assert earlier.capacity.work_hours.tobytes() == again.capacity.work_hours.tobytes()


def test_the_last_weeks_replayed_are_the_last_weeks() -> None:
    log = a_log()
    replay = past_weeks(log, START, {}, Streams(0), 0)[0, 0]
    done = np.isfinite(log.ended) & (log.ended > log.cut - 4 * WEEK)
    assert replay[4] == done.sum()

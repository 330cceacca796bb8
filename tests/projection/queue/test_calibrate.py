"""What is inferred from a log, against logs whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.arrivals import NEW_TICKETS, calibrate_arrivals, draw_arrivals
from makeorbuy.projection.queue.calibrate import calibrate, draw_parameters, kinds_of, tickets_at_the_cut
from makeorbuy.projection.queue.capacity import (
    infer_capacity,
    shifts_of,
    stays_of,
    survival_table,
    work_within,
)
from makeorbuy.projection.queue.log import VisitLog
from makeorbuy.projection.queue.references import past_weeks
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
    log = a_log(work)
    capacity = infer_capacity(log, START)
    assert capacity.people.tolist() == [3.0]
    assert capacity.fitted_wait_hours[0] == pytest.approx(capacity.wait_hours[0], rel=0.15)
    assert capacity.newest_first[0] == 0.0
    table = work_within(stays_of(log, np.isfinite(log.touched)), capacity.longest_work_hours)[0]
    assert table.mean() == pytest.approx(work, rel=0.15)


def test_work_lies_within_the_stay() -> None:
    stay = np.sort(np.random.default_rng(0).exponential(5.0, (2, 3, 257)), axis=2)
    work = work_within(stay, np.array([1.0, 2.0, 4.0]))
    assert (work <= stay).all() and work[:, 1].max() == 2.0
    blank = work_within(np.zeros((1, 257)), np.array([2.0]))  # no stay is shown: spread round its mean
    assert blank.mean() == pytest.approx(2.0, rel=0.02)


def test_half_a_person_is_one_on_every_other_day() -> None:
    capacity = infer_capacity(a_log(people=3), START)
    cut, end = START + WEEKS * WEEK, 20 * WEEK
    worked = frozenset(range(4, 4 + 60 * 7))

    def hours(factor: float) -> float:
        return float(shifts_of(capacity, cut, end, worked, np.full((1, 1), factor)).person_hours(1, end)[0])

    assert hours(1.1) / hours(1.0) == pytest.approx(1.1, rel=0.03)
    assert hours(1.02) > hours(1.0)


def test_what_is_passed_on_unread_waits_for_no_people() -> None:
    """A log of two teams: the first passes half of its tickets on after an hour without beginning them."""
    log = a_log()
    count = log.ticket.size
    passes = np.arange(count) % 2 == 0
    twice = np.repeat(np.arange(count), np.where(passes, 2, 1))
    second = np.concatenate(([False], twice[1:] == twice[:-1]))
    goes_on = passes[twice] & ~second
    entered = np.where(second, log.entered[twice] + 1.0, log.entered[twice])
    moved = np.minimum(log.entered[twice] + 1.0, log.gone[twice])
    wide = replace(
        log, teams=("first", "team"), ticket=twice, team=np.where(passes[twice] & ~second, 0, 1),
        service=log.service[twice], urgent=log.urgent[twice], entered=np.minimum(entered, log.gone[twice]),
        touched=np.where(goes_on, moved, np.maximum(log.touched[twice], entered)),
        gone=np.where(goes_on, moved, log.gone[twice]), opened=log.opened[twice], ended=log.ended[twice],
        is_first=~second, is_last=~goes_on, active_team=log.active_team + 1,
        worked_days=frozenset(range(4, 400)),
    )  # fmt: skip
    calibration = calibrate(wide, START)
    assert calibration.passed_share[1, 0] > 0.99 and calibration.passed_share[1, 1] < 0.01
    model = draw_parameters(calibration, Streams(0), 0, WEEK).model
    passing = 2  # beside team 0
    # nobody is seen to begin anything there: the team counts as open from 9 to 15, a quarter of the day
    assert model.work[1, passing].mean() == pytest.approx(0.25, abs=0.05)
    assert not model.has_rest[1, passing]
    assert model.route[1, passing, 1] == pytest.approx(1.0)
    assert model.shifts.people[model.shifts.team == passing].max() > 1_000_000


def test_the_compiled_tables_are_those_of_kaplan_and_meier() -> None:
    calibration = calibrate(a_log(stay=24.0), START)
    parameters = draw_parameters(calibration, Streams(0), 0, WEEK)
    members = calibration.groups.members[int(calibration.groups.of[1, 0])]
    own = members[np.isfinite(calibration.log.touched)[members]]
    table = survival_table(calibration.stay[own], calibration.next_team[own] >= 0, np.ones(own.size))
    assert np.allclose(parameters.model.rest[1, 0], table)


def test_arrivals_have_the_rate_and_the_spread_of_the_log() -> None:
    log = a_log()
    arrivals = calibrate_arrivals(log, kinds_of(log), 2, START, np.ones(8))
    counts = [
        draw_arrivals(arrivals, log, log.cut, WEEK, Streams(0), number)[0].size for number in range(200)
    ]
    # the log is Poisson: neither weeks nor days differ beyond it
    assert arrivals.day_variance[1] < 0.01
    assert np.mean(counts) == pytest.approx(5.0 * WEEK, rel=0.05)


def test_more_demand_in_one_class_moves_no_ticket_of_another() -> None:
    log = a_log(rate=2.0)
    kind = np.arange(log.ticket.size) % 2
    arrivals = calibrate_arrivals(log, kind, 2, START, np.ones(8))
    before = draw_arrivals(arrivals, log, log.cut, WEEK, Streams(0), 1)
    after = draw_arrivals(arrivals, log, log.cut, WEEK, Streams(0), 1, lambda one: 1.5 if one == 0 else 1.0)
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
    assert earlier.capacity.longest_work_hours.tobytes() == again.capacity.longest_work_hours.tobytes()


def test_the_last_weeks_replayed_are_the_last_weeks() -> None:
    log = a_log()
    replay = past_weeks(log, START, {}, Streams(0), 0)[0, 0]
    done = np.isfinite(log.ended) & (log.ended > log.cut - 4 * WEEK)
    assert replay[4] == done.sum()

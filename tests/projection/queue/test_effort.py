"""Hours that follow what is open: the loop against hand and Markov chain, calibration against made logs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.case.model import LocalText, SourcingOption, TeamChange
from makeorbuy.projection.queue import capacity
from makeorbuy.projection.queue.capacity import OpenHistory, pull_of_what_lies_aside
from makeorbuy.projection.queue.model import Crews, Effort, QueueModel, Shifts
from makeorbuy.projection.queue.option_change import _effort_after
from makeorbuy.projection.queue.simulate import simulate

from .queue_making import one_team, poisson, teams_alike, tickets_of

DAY = 24.0


def effort(gain: list[float], usual: list[float], least: float = 0.5, most: float = 2.0) -> Effort:
    count = len(gain)
    return Effort(
        np.array(gain), np.full(count, least), np.full(count, most), np.array(usual, float)[:, None]
    )


def daily(days: int, crews: int = 1, opens: float = 0.0, closes: float = DAY) -> Shifts:
    """Return one person a crew who comes every day."""
    steps = [
        (day * DAY + hour, crew, people)
        for day in range(days)
        for hour, people in ((opens, 1), (closes, 0))
        for crew in range(crews)
        if hour < DAY
    ]
    time, crew, people = zip(*steps, strict=True)
    return Shifts(np.array(time), np.array(crew), np.array(people))


def test_a_day_with_more_open_than_usual_has_more_hours() -> None:
    model = replace(one_team(1), shifts=daily(9, opens=8.0, closes=16.0), effort=effort([0.25], [2.0]))
    # four there from the start: 1 + (4 - 2) / 4 = 1.5 hours' work an hour, so 6 hours take 4
    made = tickets_of(np.array([-4.0, -3.0, -2.0, -1.0]), work=np.array([6.0, 6.0, 6.0, 6.0]))
    run = simulate(model, made, 9 * DAY)
    # two on the first day at 1.5; two are open on the second: as planned, so 6 hours and 2 until closing;
    # the last was begun at that pace and goes on for 4 hours on the third
    assert run.ended.tolist() == [12.0, 16.0, 24.0 + 14.0, 48.0 + 12.0]
    assert run.worked.tolist() == [4.0 + 4.0 + 6.0 + 6.0]


def test_limits_hold_and_days_have_their_usual() -> None:
    shifts = daily(9, opens=8.0, closes=16.0)
    made = tickets_of(np.array([-1.0, 25.0]), work=np.array([1.0, 1.0]))
    usual = np.array([[11.0, -9.0]])
    model = replace(one_team(1), shifts=shifts, effort=replace(effort([0.25], [0.0]), usual=usual))
    # ten fewer than usual: half the hours at least; ten more on the second day: twice at most
    assert simulate(model, made, 9 * DAY).ended.tolist() == [10.0, 24.0 + 8.5]
    # a midnight four hours before the start: the last usual number goes on
    later = replace(model, effort=replace(effort([0.25], [0.0]), usual=usual, midnight=-17.0))
    assert simulate(later, made, 9 * DAY).ended.tolist() == [8.5, 24.0 + 8.5]


def test_what_lies_aside_counts_and_another_teams_does_not() -> None:
    route = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])
    model = replace(
        teams_alike([1, 1], route), shifts=daily(9, 2), effort=effort([0.5, 0.0], [1.0, 0.0]),
        crews=Crews(np.array([[1, 1], [0, 1]]), np.array([[0, 1], [0, 0]]), np.ones(2), np.zeros(2, bool)),
    )  # fmt: skip
    aside = np.array([np.nan, 500.0, 500.0])
    made = replace(
        tickets_of(np.array([-3.0, -2.0, -1.0]), work=np.array([3.0, np.nan, np.nan])),
        rest=aside, team=np.array([0, 0, 1]),
    )  # fmt: skip
    # at midnight of the start nobody has entered yet: as planned but for the limit; the ticket is begun then
    assert simulate(model, made, 9 * DAY).ended[0] == pytest.approx(6.0)
    later = replace(made, opened=np.array([-3.0, -2.0, -1.0]), rest=aside)
    begun_later = replace(later, opened=np.array([-3.0, -2.0, 25.0]), rest=np.array([500.0, 500.0, np.nan]),
                          work=np.array([np.nan, np.nan, 3.0]), team=np.array([0, 1, 0]))  # fmt: skip
    # on the second day one lies aside with its own team, as usual: as planned
    assert simulate(model, begun_later, 9 * DAY).ended[2] == 28.0


@pytest.mark.parametrize("discipline", range(5))
def test_without_gain_every_bit_is_as_without_effort(discipline: int) -> None:
    model = replace(one_team(2, discipline, 2), shifts=daily(60))
    made = tickets_of(poisson(0.8, 900, 5), np.random.default_rng(5).integers(0, 2, 900))
    usual = simulate(model, made, 1200.0, seed=2, targets=(3.0, 9.0))
    still = simulate(replace(model, effort=effort([0.0], [3.0])), made, 1200.0, seed=2, targets=(3.0, 9.0))
    limited = simulate(
        replace(model, effort=effort([1e-300], [3.0], 1.0, 1.0)), made, 1200.0, seed=2, targets=(3.0, 9.0)
    )
    for name in ("ended", "waited", "worked", "queue_hours"):
        assert getattr(usual, name).tobytes() == getattr(still, name).tobytes()
        assert getattr(usual, name).tobytes() == getattr(limited, name).tobytes()


def test_a_server_whose_pace_is_set_each_day_is_the_markov_chain() -> None:
    """M/M/1 whose rate for the work begun in a day is set at midnight by the number present.

    Within a day (number present, pace of the ticket in hand) is a Markov chain; at midnight the pace of the
    work to come is set anew. Its generator is exponentiated and its mean integrated by uniform steps.
    """
    rate, length, most, usual, gain = 1.0, 6.0, 60, 3, 0.2
    paces = np.clip(1.0 + gain * (np.arange(most + 1) - usual), 0.5, 2.0)
    levels = np.unique(paces)
    size = (most + 1) * levels.size
    step = length / 64
    number = np.repeat(np.arange(most + 1), levels.size)

    def generator(pace_of_today: int) -> np.ndarray:
        matrix = np.zeros((size, size))
        for count in range(most + 1):
            for pace in range(levels.size):
                here = count * levels.size + pace
                if count < most:
                    begins = pace if count else pace_of_today
                    matrix[here, (count + 1) * levels.size + begins] += rate
                if count:
                    matrix[here, (count - 1) * levels.size + pace_of_today] += levels[pace] * 1.1
        return matrix - np.diag(matrix.sum(axis=1))

    whole, mean = np.zeros((size, size)), np.zeros(size)
    for pace, value in enumerate(levels):
        rows = np.flatnonzero(paces[number] == value)
        short = expm(generator(pace) * step)
        upto = np.eye(size)[rows]
        held = upto @ number / 2
        for _ in range(64):
            upto = upto @ short
            held = held + upto @ number
        mean[rows] = (held - upto @ number / 2) / 64
        whole[rows] = upto
    start = np.full(size, 1.0 / size)
    for _ in range(400):
        start = start @ whole
    expected = float(start @ mean)

    time = np.arange(0.0, 24.0 * 200_000 / 24.0, length)
    shifts = Shifts(time, np.zeros(time.size, np.int64), np.ones(time.size, np.int64))
    # the loop's day has 24 hours: time is stretched so that a day of it is `length`
    stretch = DAY / length
    model = replace(
        one_team(1), shifts=replace(shifts, time=time * stretch),
        work=one_team(1).work * stretch / 1.1, effort=effort([gain], [float(usual)]),
    )  # fmt: skip
    found = []
    for seed in range(6):
        opened = poisson(rate, 200_000, 100 + seed)
        opened = opened[opened < time[-1]]
        run = simulate(model, tickets_of(opened * stretch), float(time[-1]) * stretch, seed=seed)
        found.append(run.ticket_hours / (time[-1] * stretch))
    error = np.std(found) / np.sqrt(len(found) - 1)
    assert abs(np.mean(found) - expected) < 4.5 * error
    assert np.mean(found) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    "change",
    [{"gain": np.array([-1.0])}, {"least": np.array([0.0])}, {"least": np.array([3.0])},
     {"usual": np.zeros((2, 1))}, {"usual": np.array([[np.nan]])}, {"midnight": 1.0}],
)  # fmt: skip
def test_what_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"effort|gain|limits"):
        replace(effort([0.1], [2.0]), **change)
    with pytest.raises(ValueError, match="does not fit"):
        replace(one_team(1), effort=effort([0.1, 0.1], [2.0, 2.0]))


def made_history(pull: float, days: int = 400) -> tuple[OpenHistory, np.ndarray, np.ndarray, np.ndarray]:
    """Return a team that begins so many more of what waits for each ticket more that lies aside."""
    rng = np.random.default_rng(4)
    aside = np.zeros(days)
    for day in range(1, days):
        aside[day] = 0.9 * aside[day - 1] + rng.standard_normal()
    entered, touched = [], []
    waiting: list[float] = [-1.0] * 30
    for day in range(days):
        came = (day * DAY + 8.0 + np.sort(rng.random(rng.poisson(8.0)))).tolist()
        begun = int(np.clip(rng.poisson(max(8.0 + 0.1 * (len(waiting) - 30) + pull * aside[day], 0.0)), 0,
                            len(waiting)))  # fmt: skip
        for one in waiting[:begun]:
            entered.append(one)
            touched.append(day * DAY + 12.0)
        waiting = waiting[begun:] + came
    history = OpenHistory(
        np.ones(days, bool), np.arange(days) * DAY + capacity.MORNING_HOUR, np.full((1, days), 30.0),
        30.0 + aside[None, :],
    )  # fmt: skip
    return history, np.zeros(len(entered), np.int64), np.array(entered), np.array(touched)


@pytest.mark.parametrize("pull", [0.0, 0.25, 0.5])
def test_the_pull_of_what_lies_aside_is_found(pull: float) -> None:
    assert pull_of_what_lies_aside(*made_history(pull)) == pytest.approx(pull, abs=0.12)


def test_too_few_days_tell_nothing() -> None:
    assert pull_of_what_lies_aside(*made_history(0.8, capacity.LEAST_DAYS - 1)) == 0.0


def test_who_takes_over_looks_at_the_tickets_of_both() -> None:
    words = LocalText("x", "x")
    option = SourcingOption(
        "x", words, words, "improved", (), None, None, None, None, (), (), {},
        teams=(TeamChange("one", place="p", takes_over=("two",)),),
    )  # fmt: skip
    route = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])
    model: QueueModel = replace(teams_alike([1, 1], route), effort=effort([0.1, 0.3], [4.0, 2.0]))
    then = _effort_after(model, option, {"one": 0, "two": 1})
    assert then is not None
    assert then.usual[0, 0] == 6.0
    # 10 and 10/3 tickets each move hours by all of them: together 40/3 do
    assert then.gain.tolist() == pytest.approx([3.0 / 40.0, 0.0])
    assert _effort_after(replace(model, effort=None), option, {"one": 0, "two": 1}) is None

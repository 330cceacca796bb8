"""Whole weeks, the mean per week and the trend, with intervals that hold the truth."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # comes with the oracle lifelines

from makeorbuy.baseline.weekly import monday, student_quantile, weekly_mean, weekly_slope, weeks_of

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone


@given(st.integers(0, 40_000 * 1440), st.integers(1, 500 * 1440))
def test_weeks_are_iso_weeks(start: int, length: int) -> None:
    weeks = weeks_of(start, start + length)
    first, last = EPOCH + timedelta(minutes=start), EPOCH + timedelta(minutes=start + length - 1)
    assert date.fromisoformat(monday(weeks.first)).isocalendar()[:2] == first.isocalendar()[:2]
    assert date.fromisoformat(monday(weeks.last)).isocalendar()[:2] == last.isocalendar()[:2]
    for week, whole in zip(weeks.numbers, weeks.is_whole, strict=True):
        begin = datetime.fromisoformat(monday(int(week)))
        inside = begin >= first and begin + timedelta(days=7) <= last + timedelta(minutes=1)
        assert whole == inside


@pytest.mark.parametrize("degrees", [6, 10, 25, 50, 400])
@pytest.mark.parametrize("p", [0.9, 0.95, 0.975])
def test_student_against_scipy(p: float, degrees: int) -> None:
    assert student_quantile(p, degrees) == pytest.approx(stats.t.ppf(p, degrees), abs=0.002)


def test_slope_is_least_squares() -> None:
    values = np.array([5, 3, 8, 9, 4, 12, 11, 15, 13, 17])
    assert weekly_slope(values, 0.95).value == pytest.approx(np.polyfit(np.arange(10), values, 1)[0])


@pytest.mark.parametrize("estimate", [weekly_mean, weekly_slope])
def test_few_weeks_give_no_interval(estimate) -> None:
    assert estimate(np.arange(7), 0.95).reason == "too_few_weeks"


def test_mean_without_memory_is_the_usual_interval_and_with_bursts_wider_than_poisson() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    steady, bursty = rng.poisson(100, 400), rng.poisson(100 * rng.gamma(10, 0.1, 400))
    width = [weekly_mean(counts, 0.95).high - weekly_mean(counts, 0.95).low for counts in (steady, bursty)]
    poisson = 2 * 1.96 * np.sqrt(100 / 400)
    assert width[0] == pytest.approx(poisson, rel=0.25)
    assert width[1] > 2.5 * poisson


def _coverage(correlation: float, weeks: int = 52, samples: int = 600) -> float:
    rng = np.random.Generator(np.random.PCG64(11))
    held = 0
    for _ in range(samples):
        noise = rng.normal(size=weeks + 100)
        level = np.zeros(weeks + 100)
        for week in range(1, weeks + 100):
            level[week] = correlation * level[week - 1] + noise[week]
        estimate = weekly_slope(level[100:] + 0.7 * np.arange(weeks), 0.95)
        held += estimate.low <= 0.7 <= estimate.high
    return held / samples


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 0.95, 1.0])
def test_interval_of_the_trend_holds_the_truth_whatever_the_memory(correlation: float) -> None:
    assert _coverage(correlation) > 0.90


def test_interval_of_the_trend_is_narrow_where_weeks_are_independent() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    independent, wandering = rng.normal(size=52), np.cumsum(rng.normal(size=52))

    def width(values) -> float:
        estimate = weekly_slope(values, 0.95)
        return estimate.high - estimate.low

    assert width(independent) < 0.08
    assert width(wandering) > 5 * width(independent)

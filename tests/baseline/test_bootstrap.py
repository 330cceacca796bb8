"""Whole weeks drawn again: exact, repeatable, and wider where weeks differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.baseline.bootstrap import (
    draw_weeks,
    grid_quantiles,
    grid_shares,
    percentile_interval,
    week_bootstrap,
)
from makeorbuy.baseline.flow_time import kaplan_meier_from_counts, restricted_mean_hours
from makeorbuy.baseline.model import FlowCounts
from makeorbuy.foundation.streams import Streams


def _rng(*name: str, seed: int = 0) -> np.random.Generator:
    return Streams(seed).named("test", *name)


def _sample(tickets: int, weeks: int, seed: int = 3) -> FlowCounts:
    rng = np.random.Generator(np.random.PCG64(seed))
    resolved = (rng.random(tickets) < 0.9).astype(np.int64)
    return FlowCounts(
        rng.integers(0, 5000, tickets), rng.integers(100, 100 + weeks, tickets), resolved, 1 - resolved
    )


@given(st.integers(1, 60), st.integers(1, 20))
def test_each_draw_is_as_many_weeks_as_there_are(weeks: int, replicates: int) -> None:
    times = draw_weeks(weeks, replicates, _rng("draw"))
    assert times.shape == (replicates, weeks)
    assert (times.sum(axis=1) == weeks).all() and (times == np.floor(times)).all()


@pytest.mark.parametrize("tickets", [7, 700])
def test_a_replicate_is_the_estimate_for_its_weeks(tickets: int) -> None:
    counts = _sample(tickets, 9)
    quantiles, means = week_bootstrap(counts, replicates=25, horizon_hours=60.0, rng=_rng("one"))
    weeks = np.unique(counts.week)
    times = draw_weeks(weeks.size, 25, _rng("one")).astype(int)
    for row in range(25):
        weight = times[row][np.searchsorted(weeks, counts.week)]
        curve = kaplan_meier_from_counts(
            counts.hours, weight * counts.resolved_count, weight * counts.censored_count
        )
        assert quantiles[row].tolist() == grid_quantiles(curve).tolist()
        mean = restricted_mean_hours(curve, 60.0).value
        assert mean is None or means[row] == pytest.approx(mean, rel=1e-12)


def test_same_seed_same_bits_and_another_seed_others() -> None:
    counts = _sample(3000, 50)

    def run(seed: int) -> bytes:
        quantiles, means = week_bootstrap(
            counts, replicates=300, horizon_hours=60.0, rng=_rng("seed", seed=seed)
        )
        return quantiles.tobytes() + means.tobytes()

    assert run(0) == run(0)
    assert run(0) != run(1)


def test_blocks_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = _sample(3000, 50)
    whole = week_bootstrap(counts, replicates=40, horizon_hours=60.0, rng=_rng("block"))
    monkeypatch.setattr("makeorbuy.baseline.bootstrap._BLOCK", 7000)
    parts = week_bootstrap(counts, replicates=40, horizon_hours=60.0, rng=_rng("block"))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(whole, parts, strict=True))


def test_weeks_that_differ_give_a_wider_interval_than_single_tickets() -> None:
    # 50 weeks of 60 tickets: half the weeks slow, half quick
    rng = np.random.Generator(np.random.PCG64(7))
    week = np.repeat(np.arange(50), 60)
    minutes = rng.exponential(np.where(week % 2, 3000, 600)).astype(np.int64)
    ones, zeros = np.ones(3000, dtype=np.int64), np.zeros(3000, dtype=np.int64)
    by_week = FlowCounts(minutes, week, ones, zeros)
    by_ticket = FlowCounts(minutes, np.arange(3000), ones, zeros)

    def width(counts: FlowCounts) -> float:
        _, means = week_bootstrap(counts, replicates=1000, horizon_hours=720.0, rng=_rng("wide"))
        low, high = percentile_interval(means, 0.95)
        return high - low

    # design effect 1 + 59 * ICC; the variance between weeks is 20 h squared, within about 36 h squared
    assert 1.5 * width(by_ticket) < width(by_week) < 6 * width(by_ticket)


def test_interval_is_as_wide_as_theory_for_independent_tickets() -> None:
    rng = np.random.Generator(np.random.PCG64(8))
    minutes = rng.exponential(600, 4000).astype(np.int64)
    ones = np.ones(4000, dtype=np.int64)
    counts = FlowCounts(minutes, rng.integers(0, 100, 4000), ones, 0 * ones)
    _, means = week_bootstrap(counts, replicates=2000, horizon_hours=1e5, rng=_rng("theory"))
    assert means.std() == pytest.approx(minutes.std() / 60 / np.sqrt(4000), rel=0.15)


def test_quantiles_rise_and_what_is_not_reached_is_infinite() -> None:
    counts = FlowCounts(
        np.array([60, 120, 180]), np.array([1, 2, 3]), np.array([5, 5, 0]), np.array([0, 0, 10])
    )
    quantiles, means = week_bootstrap(counts, replicates=200, horizon_hours=3.0, rng=_rng("inf"))
    with np.errstate(invalid="ignore"):
        steps = np.diff(quantiles, axis=1)
    assert (steps[~np.isnan(steps)] >= 0).all()
    assert np.isinf(quantiles).any() and (means <= 3.0).all()
    curve = kaplan_meier_from_counts(counts.hours, counts.resolved_count, counts.censored_count)
    assert grid_quantiles(curve, 4).tolist() == [1.0, 2.0, np.inf, np.inf]
    assert grid_shares(4).tolist() == [0.125, 0.375, 0.625, 0.875]


def test_mean_of_the_quantile_grid_is_near_the_restricted_mean() -> None:
    counts = _sample(2000, 20)
    curve = kaplan_meier_from_counts(counts.hours, counts.resolved_count, counts.censored_count)
    grid = np.minimum(grid_quantiles(curve), 60.0).mean()
    assert grid == pytest.approx(restricted_mean_hours(curve, 60.0).value, rel=2e-3)

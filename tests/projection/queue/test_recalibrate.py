"""What earlier weeks teach, against faults that were put in."""

from __future__ import annotations

import numpy as np
import pytest

from makeorbuy.projection.queue.recalibrate import (
    AS_IT_IS,
    MEMBERS,
    backward,
    forward,
    learn,
    mixed,
    recalibrated,
)
from makeorbuy.projection.queue.score import LEVELS, covered_share, crps

ORIGINS, SERVICES, DRAWS = 36, 12, 30


def world(shift: float = 0.0, spread: float = 1.0, skill: float = 0.8) -> tuple[np.ndarray, ...]:
    """Return what happened, and two forecasts of it: one that knows part of it, one that knows nothing."""
    rng = np.random.default_rng(3)
    signal = rng.normal(0.0, 0.3, (ORIGINS, SERVICES))
    noise = rng.normal(0.0, 0.2, (ORIGINS, SERVICES))
    level = np.linspace(3.0, 5.0, SERVICES)
    found = np.exp(level + signal + noise)
    own = level + skill * signal + shift
    simulated = np.exp(own[..., None] + spread * rng.normal(0.0, 0.2, (ORIGINS, SERVICES, DRAWS)))
    past = np.exp(level[None, :, None] + rng.normal(0.0, 0.36, (ORIGINS, SERVICES, DRAWS)))
    return found, simulated, past


def held(shift: float, spread: float) -> tuple[np.ndarray, float]:
    """Return coverage by level, and the score as a share of that of past weeks, over the second half."""
    found, simulated, past = world(shift, spread, 1.0)
    covered, own, other = [], 0.0, 0.0
    for number in range(ORIGINS // 2, ORIGINS, 2):
        lesson = learn("mean_hours", found[:number], simulated[:number], past[:number])
        after = recalibrated(lesson, "mean_hours", simulated[number], past[number])
        for service in range(SERVICES):
            value = float(found[number, service])
            covered.append([covered_share(after[service], value, level) for level in LEVELS])
            own, other = own + crps(after[service], value), other + crps(past[number, service], value)
    return np.mean(covered, axis=0), own / other


@pytest.mark.parametrize("shift", [0.0, 0.5, -0.7])
@pytest.mark.parametrize("spread", [0.3, 1.0, 3.0])
def test_bias_and_spread_are_put_right(shift: float, spread: float) -> None:
    coverage, ratio = held(shift, spread)
    assert coverage == pytest.approx(np.array(LEVELS), abs=0.09)
    assert ratio < 0.85


def test_a_simulation_that_knows_nothing_is_left_for_past_weeks() -> None:
    found, simulated, past = world(skill=0.0)
    rng = np.random.default_rng(1)
    astray = simulated * np.exp(rng.normal(0.0, 2.0, (ORIGINS, SERVICES, 1)))
    assert learn("mean_hours", found, astray, past).weight <= 0.2
    assert learn("mean_hours", *world(skill=1.0)).weight >= 0.8


def test_nothing_is_learned_from_nothing() -> None:
    found, simulated, past = world()
    for lesson in (
        learn("mean_hours", found[:0], simulated[:0], past[:0]),
        learn("mean_hours", np.full_like(found, np.nan), simulated, past),
    ):
        assert lesson.origins == 0 and lesson.weight == 0.5 and lesson.stretch == AS_IT_IS
        assert not lesson.shift.any()
    after = recalibrated(lesson, "mean_hours", *np.full((2, SERVICES, 5), np.nan))
    assert np.isnan(after).all() and after.shape == (SERVICES, MEMBERS)


def test_one_strange_moment_does_not_move_the_rest() -> None:
    found, simulated, past = world()
    usual = learn("mean_hours", found, simulated, past).shift
    found[-1] *= 50.0
    assert np.abs(learn("mean_hours", found, simulated, past).shift - usual).max() < 0.05


def test_the_mixture_has_the_stated_weight() -> None:
    points, mass = mixed(np.array([[1.0, np.nan, 3.0]]), np.array([[2.0, 4.0]]), 0.25)
    assert points[0].tolist() == [1.0, 2.0, 3.0, 4.0, 0.0]
    assert mass[0].tolist() == [0.125, 0.375, 0.125, 0.375, 0.0]


@pytest.mark.parametrize("quantity", ["mean_hours", "share_within_target", "completions"])
def test_there_and_back(quantity: str) -> None:
    values = np.array([0.1, 0.4, 0.9])
    assert backward(quantity, forward(quantity, values)) == pytest.approx(values)


def test_what_never_ends_within_the_limit_stays_at_the_limit() -> None:
    found = np.full((10, 3), 336.0)
    sure = np.full((10, 3, 20), 336.0)
    lesson = learn("p90_hours", found, sure, sure)
    assert (recalibrated(lesson, "p90_hours", sure[0], sure[0]) == 336.0).all()

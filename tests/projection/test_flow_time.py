from __future__ import annotations

import numpy as np
import pytest

from makeorbuy.projection.speed.flow_time import quantile_hours, restricted_mean_hours, share_within

EXPONENTIAL = -np.log(1 - (np.arange(400) + 0.5) / 400)[None, :] * 10


def test_restricted_mean_of_exponential_times() -> None:
    mean = restricted_mean_hours(EXPONENTIAL, 30.0)[0]
    assert mean == pytest.approx(10 * (1 - np.exp(-3)), rel=1e-3)


def test_share_within_of_exponential_times() -> None:
    for hours in (0.5, 5.0, 20.0):
        assert share_within(EXPONENTIAL, hours)[0] == pytest.approx(1 - np.exp(-hours / 10), abs=1e-3)


def test_share_and_quantile_are_each_others_inverse() -> None:
    for share in (0.05, 0.5, 0.85, 0.95):
        hours = quantile_hours(EXPONENTIAL, share)
        assert share_within(EXPONENTIAL, float(hours[0]))[0] == pytest.approx(share, abs=1e-9)


def test_a_curve_that_does_not_reach() -> None:
    row = np.array([[1.0, 2.0, np.inf, np.inf]])
    assert restricted_mean_hours(row, 10.0)[0] == 5.75
    assert quantile_hours(row, 0.85)[0] == np.inf
    assert quantile_hours(row, 0.25)[0] == 1.5
    assert share_within(row, 5.0)[0] == pytest.approx(0.375)


def test_the_ends_of_the_share() -> None:
    row = np.array([[1.0, 2.0]])
    assert share_within(row, 0.0)[0] == 0 and share_within(row, 2.0)[0] == 1
    assert share_within(np.array([[0.0, 0.0]]), 1.0)[0] == 1

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.projection.speed.flow_time import quantile_hours, restricted_mean_hours, share_within
from makeorbuy.projection.speed.promise import attained_share, promised_quantiles

GRID = 400
TODAY = 24 * np.exp(1.5 * np.linspace(-2.9, 2.9, GRID))[None, :]
SURE, NO_TILT = np.ones(1), (np.zeros(1), np.zeros(1))


def test_a_promise_kept_every_month_is_met_exactly() -> None:
    hours = promised_quantiles(TODAY, [(0.5, 8.0), (0.8, 24.0)], SURE, SURE, NO_TILT, 720)
    # the promised shares lie between two points of the grid, and the stretch bends there
    assert quantile_hours(hours, 0.5)[0] == pytest.approx(8.0, rel=5e-3)
    assert quantile_hours(hours, 0.8)[0] == pytest.approx(24.0, rel=5e-3)


def test_beyond_the_promises_today_is_stretched_evenly() -> None:
    hours = promised_quantiles(TODAY, [(0.5, 8.0), (0.8, 24.0)], SURE, SURE, NO_TILT, 1e9)
    below, above = hours[0, :199] / TODAY[0, :199], hours[0, 321:] / TODAY[0, 321:]
    assert np.ptp(below) < 1e-9 and np.ptp(above) < 1e-9
    assert below[0] == pytest.approx(8 / quantile_hours(TODAY, 0.5)[0])
    assert above[0] == pytest.approx(24 / quantile_hours(TODAY, 0.8)[0])


def test_a_promise_of_today_changes_nothing() -> None:
    today_p80 = float(quantile_hours(TODAY, 0.8)[0])
    hours = promised_quantiles(TODAY, [(0.8, today_p80)], SURE, SURE, NO_TILT, 1e9)
    assert np.allclose(hours, TODAY, rtol=1e-9)


def test_missed_months_lower_the_attained_share() -> None:
    kept, missed = np.array([0.75]), np.array([0.4])
    assert attained_share(0.8, 0.8, kept, missed)[0] == pytest.approx(0.75 * 0.8 + 0.25 * 0.4)
    assert attained_share(0.5, 0.8, kept, missed)[0] == pytest.approx(0.5 * (0.75 + 0.25 * 0.5))
    hours = promised_quantiles(TODAY, [(0.8, 24.0)], kept, missed, NO_TILT, 720)
    assert share_within(hours, 24.0)[0] == pytest.approx(0.7, abs=2e-3)


def test_a_kept_promise_is_faster_than_a_missed_one() -> None:
    means = [
        restricted_mean_hours(
            promised_quantiles(TODAY, [(0.8, 24.0)], np.array([kept]), np.array([0.5]), NO_TILT, 720), 720
        )[0]
        for kept in (1.0, 0.8, 0.5, 0.0)
    ]
    assert means == sorted(means)


def test_the_shape_is_tilted_away_from_the_promise_and_not_at_it() -> None:
    tilt = (np.array([0.3]), np.array([-0.2]))
    plain = promised_quantiles(TODAY, [(0.8, 24.0)], SURE, SURE, NO_TILT, 1e9)
    bent = promised_quantiles(TODAY, [(0.8, 24.0)], SURE, SURE, tilt, 1e9)
    log = np.log(bent / plain)[0]
    assert log[0] == pytest.approx(0.3, abs=0.01) and log[-1] == pytest.approx(-0.2, abs=0.01)
    assert abs(np.interp(0.8, (np.arange(GRID) + 0.5) / GRID, log)) < 2e-3


def test_times_of_zero_and_times_beyond_the_curve_have_a_stretch() -> None:
    today = np.array([[0.0, 0.0, 0.0, 100.0, np.inf]])
    hours = promised_quantiles(today, [(0.2, 1.0)], SURE, SURE, NO_TILT, 720)
    assert np.isfinite(hours).all() and (hours > 0).all()


@given(
    share=st.floats(0.05, 0.95), hours=st.floats(0.5, 500), kept=st.floats(0, 1), missed=st.floats(0.05, 1),
    below=st.floats(-2, 2), above=st.floats(-2, 2),
)  # fmt: skip
@settings(deadline=None)
def test_a_promised_curve_never_falls(share, hours, kept, missed, below, above) -> None:
    found = promised_quantiles(
        TODAY, [(share / 2, hours / 3), (share, hours)], np.array([kept]), np.array([missed]),
        (np.array([below]), np.array([above])), 720,
    )  # fmt: skip
    assert (np.diff(found) >= 0).all() and (found > 0).all()

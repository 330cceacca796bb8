from __future__ import annotations

import numpy as np
import numpy_financial
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.projection.cost.discounting import (
    R109_STEPS,
    annuity,
    discount_factors,
    present_value,
    steps_from,
)

CASH = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40)


@given(cash=CASH, rate=st.floats(0, 0.15))
def test_present_value_is_numpy_financials(cash, rate) -> None:
    factors = discount_factors(len(cash) - 1, ((40, rate),))
    ours = float(present_value(np.array(cash), factors))
    assert ours == pytest.approx(float(numpy_financial.npv(rate, cash)), rel=1e-9, abs=1e-3)


@given(years=st.integers(1, 40), rate=st.floats(0.001, 0.15))
def test_annuity_is_numpy_financials(years, rate) -> None:
    ours = annuity(discount_factors(years, ((40, rate),)))
    assert ours == pytest.approx(float(-numpy_financial.pv(rate, years, 1)), rel=1e-9)


def test_without_discounting_present_value_is_the_sum() -> None:
    factors = discount_factors(5, steps_from(0.0))
    assert present_value(np.array([[1, 2, 3, 4, 5, 6]]), factors).tolist() == [21.0]
    assert annuity(factors) == 5.0


def test_the_default_rate_gives_the_steps_of_the_circular() -> None:
    assert steps_from(0.04) == R109_STEPS


def test_factors_never_rise() -> None:
    assert (np.diff(discount_factors(120, R109_STEPS)) < 0).all()

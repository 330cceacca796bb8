"""Whole øre: half away from zero as spreadsheets round, and parts that add up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.foundation.units import split_ore, to_ore


@given(st.integers(-(10**15), 10**15))
def test_a_written_half_ore_goes_away_from_zero(thousandths: int) -> None:
    written = Decimal(thousandths) / 1000
    expected = int((written * 100).quantize(Decimal(1), ROUND_HALF_UP))
    assert int(to_ore(float(written))) == expected


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=20).filter(
        lambda w: sum(w) > 1e-6
    ),
)
def test_parts_add_up_and_are_fair(total: int, weights: list[float]) -> None:
    parts = split_ore(total, np.array(weights))
    assert int(parts.sum()) == total
    exact = total * (np.array(weights) / sum(weights))
    assert (np.abs(parts - exact) <= 1 + 1e-3).all()


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0]])
def test_weights_that_cannot_split_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_ore(100, np.array(weights))

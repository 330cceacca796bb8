"""Hours registered on tickets: the example of the method page, and what has none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from makeorbuy.baseline.handling_time import figures, weighted_median

SERVICE: Any = SimpleNamespace(id="desk")


def test_the_example_of_the_method_page() -> None:
    worked = np.array([0, 1800, 3600, 14_400]), np.array([1, 1, 2, 1])
    share, median, mean = figures(SERVICE, worked)
    assert (share.value, share.n) == (0.8, 5)
    assert (median.value, median.n) == (1.0, 4)
    assert (mean.value, mean.n) == (1.625, 4)


@pytest.mark.parametrize(
    ("worked", "reason"),
    [(None, "no_tickets"), ((np.array([-1, 0]), np.array([3, 2])), "no_handling_time")],
)
def test_what_nobody_registered_is_no_zero(worked: Any, reason: str) -> None:
    assert [(figure.value, figure.reason) for figure in figures(SERVICE, worked)] == [(None, reason)] * 3


def test_the_median_is_that_of_the_values_one_by_one() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    for _ in range(50):
        values = np.unique(rng.integers(1, 99, 9)).astype(np.float64)
        counts = rng.integers(1, 6, values.size)
        assert weighted_median(values, counts) == np.median(np.repeat(values, counts))

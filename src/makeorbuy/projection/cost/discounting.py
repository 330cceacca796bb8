"""Discount factors, present value and annuity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

R109_STEPS = ((40, 0.04), (75, 0.03), (10_000, 0.02))
"""Last year of each step and its real rate (Ministry of Finance circular R-109/21)."""


def steps_from(rate: float) -> tuple[tuple[int, float], ...]:
    """Return the steps of R-109 with another rate for the first forty years.

    The later steps are those of the circular, or the given rate where that is lower.

    Examples
    --------
    >>> steps_from(0.025)
    ((40, 0.025), (75, 0.025), (10000, 0.02))
    """
    (first, _), *later = R109_STEPS
    return ((first, rate), *((until, min(rate, step)) for until, step in later))


def discount_factors(last_year: int, steps: tuple[tuple[int, float], ...]) -> NDArray[np.float64]:
    """Return the value today of one krone at the end of each year from 0 to the last.

    Factors chain: after a step the factor goes on from the one before, it is not computed anew with the
    lower rate.

    Parameters
    ----------
    last_year : int
        Year 0 is not discounted.
    steps : tuple of (int, float)
        Last year of each step and its rate.

    Returns
    -------
    ndarray, shape (last_year + 1,)

    References
    ----------
    .. [1] Ministry of Finance (Norway), circular R-109/21, section on the discount rate.

    Examples
    --------
    >>> discount_factors(41, R109_STEPS)[[0, 40, 41]].round(10).tolist()
    [1.0, 0.2082890447, 0.2022223735]
    """
    rates = [next(rate for until, rate in steps if year <= until) for year in range(1, last_year + 1)]
    return np.asarray(np.cumprod([1.0, *(1 / (1 + rate) for rate in rates)]), dtype=np.float64)


def present_value(cash: NDArray[Any], discount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the present value of a cash flow, whose last axis is the year from year 0.

    Examples
    --------
    >>> factors = discount_factors(3, ((10, 0.10),))
    >>> round(float(present_value(np.array([-1000.0, 500, 500, 500]), factors)), 6)
    243.425995
    """
    # year by year, not a matrix product: its last bit may depend on the number of threads
    value = np.zeros(cash.shape[:-1])
    for year, factor in enumerate(discount):
        value = value + cash[..., year] * factor
    return np.asarray(value)


def annuity(discount: NDArray[np.float64]) -> float:
    """Return the present value of one krone a year from year 1 to the last.

    Examples
    --------
    >>> round(annuity(discount_factors(5, R109_STEPS)), 6)
    4.451822
    """
    return float(discount[1:].sum())

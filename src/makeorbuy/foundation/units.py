"""Whole øre and the constants of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MINUTES_PER_HOUR = 60
HOURS_PER_DAY = 24
ORE_PER_NOK = 100


def to_ore(nok: NDArray[np.floating[Any]] | float) -> NDArray[np.int64]:
    """Round kroner to whole øre, half away from zero as spreadsheets do.

    NumPy and Python round halves to even, so that a controller who recomputes a line in a
    spreadsheet would differ by one øre; this is the one place that decides.

    Parameters
    ----------
    nok : ndarray or float
        Amount. [NOK]

    Returns
    -------
    ndarray of int64
        Amount in øre, same shape.

    Examples
    --------
    >>> to_ore(np.array([0.125, -0.125, 10.005])).tolist()
    [13, -13, 1001]
    """
    # the nudge undoes the binary representation of a written half (10.005 is stored just below)
    scaled = np.asarray(nok, dtype=np.float64) * ORE_PER_NOK
    magnitude = np.abs(scaled)
    nudge = 4e-16 * magnitude
    return np.asarray(np.sign(scaled) * np.floor(magnitude + 0.5 + nudge), dtype=np.int64)


def split_ore(total_ore: int, weights: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Split a whole amount over weights so that the parts add up to the øre.

    Each part is floored; the missing øre go to the largest remainders, ties by order.

    Parameters
    ----------
    total_ore : int
        Amount to split; may be negative. [øre]
    weights : ndarray, shape (n,)
        Non-negative, not all zero.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> split_ore(100, np.array([1.0, 1.0, 1.0])).tolist()
    [34, 33, 33]
    """
    weights = np.asarray(weights, dtype=np.float64)
    if (weights < 0).any() or not weights.sum() > 0:
        raise ValueError("weights must be non-negative and not all zero")
    exact = total_ore * (weights / weights.sum())
    parts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    missing = int(total_ore - parts.sum())
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[:missing]] += 1
    return parts

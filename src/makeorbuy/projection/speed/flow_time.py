"""What is read off a row of flow-time quantiles: restricted mean, share within a time, a quantile.

A row holds the quantiles at the midpoints ``(i + 0.5) / grid``, as the baseline gives them; ``inf`` where
the curve does not reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


def restricted_mean_hours(quantiles: Rows, horizon_hours: float) -> NDArray[np.float64]:
    """Return the mean of min(time, horizon) of each row.

    The plain mean hangs on the few slowest tickets, some of which are still open; up to a horizon it can be
    given honestly.

    Parameters
    ----------
    quantiles : ndarray, shape (rows, grid)
        [h]
    horizon_hours : float

    Returns
    -------
    ndarray, shape (rows,)
        [h]

    References
    ----------
    .. [1] P. Royston and M. K. B. Parmar, "Restricted mean survival time", BMC Med. Res. Methodol. 13:152,
       2013.

    Examples
    --------
    >>> restricted_mean_hours(np.array([[1.0, 2.0, 3.0, np.inf]]), 10.0).tolist()
    [4.0]
    """
    return np.asarray(np.minimum(quantiles, horizon_hours).mean(axis=-1))


def share_within(quantiles: Rows, hours: float) -> NDArray[np.float64]:
    """Return the share of tickets ended within some hours, interpolated between the grid's points.

    Parameters
    ----------
    quantiles : ndarray, shape (rows, grid)
        Not falling along a row. [h]
    hours : float

    Returns
    -------
    ndarray, shape (rows,)

    Examples
    --------
    >>> share_within(np.array([[1.0, 2.0, 3.0, 4.0]]), 2.5).tolist()
    [0.5]
    """
    rows, grid = quantiles.shape
    reached = (quantiles <= hours).sum(axis=-1)
    row = np.arange(rows)
    below = np.where(reached > 0, quantiles[row, np.maximum(reached - 1, 0)], 0.0)
    above = quantiles[row, np.minimum(reached, grid - 1)]
    gap = np.where((reached < grid) & np.isfinite(above), above - below, np.inf)
    fraction = (hours - below) / np.maximum(gap, 1e-12)
    # from 0 at time 0 to the first midpoint, between midpoints, and to 1 beyond the last
    share = np.where(reached == 0, 0.5 * fraction, reached - 0.5 + fraction) / grid
    return np.where(reached == grid, 1.0, share)


def quantile_hours(quantiles: Rows, share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the time within which a share of the tickets end, interpolated between the grid's points.

    Parameters
    ----------
    quantiles : ndarray, shape (rows, grid)
        [h]
    share : ndarray, shape (rows,) or float

    Returns
    -------
    ndarray, shape (rows,)
        ``inf`` where the curve does not reach. [h]

    Examples
    --------
    >>> quantile_hours(np.array([[1.0, 2.0, 3.0, np.inf]]), np.array([0.5])).tolist()
    [2.5]
    """
    rows, grid = quantiles.shape
    position = np.clip(np.broadcast_to(share, (rows,)) * grid - 0.5, 0, grid - 1)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, grid - 1)
    fraction = position - below
    row = np.arange(rows)
    low, high = quantiles[row, below], quantiles[row, above]
    finite = np.isfinite(low) & np.isfinite(high)
    step = np.where(finite, high, 0.0) - np.where(finite, low, 0.0)
    return np.asarray(np.where(finite, low + fraction * step, np.where(fraction > 0, high, low)))

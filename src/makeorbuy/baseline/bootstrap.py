"""How sure: whole weeks drawn again with replacement.

Tickets of one week share its weather: a burst after an outage, a holiday, a colleague on leave. They
are not independent, and a band that takes them to be is too narrow. So the weeks of opening are drawn
anew, each with all its tickets, and the curve is estimated again for each sample. See
``docs/methods/flow-time.md#bootstrap``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import FlowCounts, SurvivalCurve

GRID = 400
"""Points of the quantile grid, at the midpoints (i + 0.5) / GRID."""

# a block of replicates x steps takes about 8 bytes x this, a few times over; it fits the cache of one core
_BLOCK = 1 << 18

_TIE = 1e-10


def grid_shares(grid: int = GRID) -> NDArray[np.float64]:
    """Return the midpoints ``(i + 0.5) / grid``.

    Examples
    --------
    >>> grid_shares(4).tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    return (np.arange(grid) + 0.5) / grid


def grid_quantiles(curve: SurvivalCurve, grid: int = GRID) -> NDArray[np.float64]:
    """Return the flow-time quantiles of a curve at the midpoints; inf where it does not reach.

    Parameters
    ----------
    curve : SurvivalCurve
    grid : int

    Returns
    -------
    ndarray, shape (grid,)
        Not falling. [h]
    """
    reach = np.append(curve.hours, np.inf)
    return reach[np.searchsorted(1 - curve.share_open, grid_shares(grid) - _TIE)]


def draw_weeks(weeks: int, replicates: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw `weeks` weeks with replacement and return how often each came, per replicate.

    Returns
    -------
    ndarray, shape (replicates, weeks)
        Whole numbers in float64; each row sums to `weeks`.

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993,
       chapters 8 (units that are whole clusters) and 13 (percentile intervals).
    """
    drawn = rng.integers(0, weeks, size=(replicates, weeks))
    drawn += np.arange(replicates)[:, np.newaxis] * weeks
    times = np.bincount(drawn.ravel(), minlength=replicates * weeks)
    return times.reshape(replicates, weeks).astype(np.float64)


def week_bootstrap(
    counts: FlowCounts,
    *,
    replicates: int,
    horizon_hours: float,
    rng: np.random.Generator,
    grid: int = GRID,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate the curve for samples of whole weeks; return its quantiles and its restricted mean.

    How often each week was drawn, times how many tickets each week has at each time, is a product of
    matrices of whole numbers: exact in float64 below 2**53, hence the same on any number of threads.

    Where a sample's longest observation is shorter than the horizon and some ticket is open, the curve
    stays level to the horizon (Gill 1980): the largest mean that the sample allows.

    Parameters
    ----------
    counts : FlowCounts
        At least one ticket.
    replicates : int
        Number of samples.
    horizon_hours : float
        Horizon of the restricted mean. [h]
    rng : numpy.random.Generator
    grid : int
        Points of the quantile grid.

    Returns
    -------
    quantiles : ndarray, shape (replicates, grid)
        Flow time at the midpoints ``(i + 0.5) / grid``; inf where the sample does not reach. [h]
    restricted_mean : ndarray, shape (replicates,)
        Mean of min(flow time, horizon). [h]
    """
    week, week_at = np.unique(counts.week, return_inverse=True)
    minutes, time_at = np.unique(counts.minutes, return_inverse=True)
    cell = time_at * week.size + week_at
    shape, size = (minutes.size, week.size), minutes.size * week.size
    resolved = np.bincount(cell, weights=counts.resolved_count, minlength=size).reshape(shape)
    censored = np.bincount(cell, weights=counts.censored_count, minlength=size).reshape(shape)
    at_risk = np.cumsum((resolved + censored)[::-1], axis=0)[::-1]
    if counts.entry_minutes is not None:
        # those who came under observation later are not at risk before
        before = np.searchsorted(minutes, counts.entry_minutes)
        late = (before - 1) * week.size + week_at
        every = counts.resolved_count + counts.censored_count
        absent = np.bincount(late[before > 0], weights=every[before > 0], minlength=size).reshape(shape)
        at_risk = at_risk - np.cumsum(absent[::-1], axis=0)[::-1]

    step = resolved.any(axis=1)
    events, exposed = resolved[step].T.copy(), at_risk[step].T.copy()
    hours = minutes[step] / 60.0
    reach = np.append(hours, np.inf)
    inside = int(np.searchsorted(hours, horizon_hours))
    edges = np.concatenate(([0.0], hours[:inside], [horizon_hours]))
    widths = np.diff(edges)
    levels = grid_shares(grid) - _TIE

    times_drawn = draw_weeks(week.size, replicates, rng)
    quantiles = np.empty((replicates, grid))
    restricted_mean = np.empty(replicates)
    rows = max(1, _BLOCK // max(1, hours.size))
    for begin in range(0, replicates, rows):
        block = times_drawn[begin : begin + rows]
        lost = block @ events
        present = block @ exposed
        # nobody of the sample is left at late times: the share stays what it is
        np.divide(lost, present, out=lost, where=present > 0)
        np.subtract(1.0, lost, out=lost)
        share_open = np.cumprod(lost, axis=1, out=lost)
        restricted_mean[begin : begin + rows] = widths[0] + (share_open[:, :inside] * widths[1:]).sum(axis=1)
        share_resolved = np.subtract(1.0, share_open, out=present)
        for offset, row in enumerate(share_resolved):
            quantiles[begin + offset] = reach[np.searchsorted(row, levels)]
    return quantiles, restricted_mean


def percentile_interval(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Return the percentile interval of bootstrap values at a confidence level."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

"""A promised service level, turned into a flow-time curve.

A promise is one or a few points: this share within these hours. It says nothing of the rest, so the rest
takes today's shape, stretched to go through the points, with a stated doubt about that shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.speed.flow_time import quantile_hours

Values = NDArray[np.float64]

SHORTEST_HOURS = 1 / 60
"""Logs are kept to the minute: a time of zero counts as one, so that a ratio to it exists."""


def attained_share(promised_share: float, last_share: float, kept: Values, missed: Values) -> Values:
    """Return the share that is reached within the promised hours over kept and missed months.

    Parameters
    ----------
    promised_share : float
        Share of this promise.
    last_share : float
        Share of the last promise, to which `missed` refers; earlier promises are missed in proportion.
    kept : ndarray, shape (draws,)
        Share of the months in which the promise is kept.
    missed : ndarray, shape (draws,)
        Share reached within the hours of the last promise in the other months.

    Returns
    -------
    ndarray, shape (draws,)
        ``p (K + (1 - K) m / p_last)``.

    Examples
    --------
    >>> attained_share(0.8, 0.8, np.array([0.75]), np.array([0.6])).round(3).tolist()
    [0.75]
    """
    return promised_share * (kept + (1 - kept) * missed / last_share)


def stretch(today_hours: Values, points: list[tuple[Values, float]], tilt: tuple[Values, Values]) -> Values:
    """Return the logarithm of what today's quantiles are multiplied by, for each draw and share.

    The factor is fixed at the promised points, log-linear in the share between them and constant outside,
    but for a tilt that grows from nothing at the outermost points to its full size at shares 0 and 1.

    Parameters
    ----------
    today_hours : ndarray, shape (draws, grid)
        Today's quantiles, finite. [h]
    points : list of (ndarray, float)
        Attained share, shape (draws,), and promised hours of each promise, by rising share.
    tilt : tuple of ndarray, shape (draws,)
        Log of the factor at share 0 and at share 1 beyond the stretch.

    Returns
    -------
    ndarray, shape (draws, grid)
    """
    grid = today_hours.shape[1]
    share = (np.arange(grid) + 0.5) / grid
    shares = [attained[:, None] for attained, _ in points]
    logs = [
        np.log(np.maximum(hours, SHORTEST_HOURS) / quantile_hours(today_hours, attained))[:, None]
        for attained, hours in points
    ]
    factor = np.repeat(logs[0], grid, axis=1)
    for left in range(len(points) - 1):
        width = np.maximum(shares[left + 1] - shares[left], 1e-9)
        factor += np.clip((share - shares[left]) / width, 0, 1) * (logs[left + 1] - logs[left])
    if tilt[0].any() or tilt[1].any():
        first, last = np.maximum(shares[0], 1e-9), np.maximum(1 - shares[-1], 1e-9)
        bend = np.maximum(share * (-1 / first) + 1, 0)  # 1 at share 0, nothing from the first point on
        bend *= tilt[0][:, None]
        factor += bend
        np.maximum((1 - share) * (-1 / last) + 1, 0, out=bend)
        bend *= tilt[1][:, None]
        factor += bend
    return factor


def promised_quantiles(
    today_hours: Values,
    promises: list[tuple[float, float]],
    kept: Values,
    missed: Values,
    tilt: tuple[Values, Values],
    longest_hours: float,
) -> Values:
    """Return the flow-time quantiles that a promise leads to, draw by draw.

    ``Q_o(p) = k(p) Q_today(p)`` with k such that the promised hours are met at the attained share.

    Parameters
    ----------
    today_hours : ndarray, shape (draws, grid)
        Today's quantiles in the draw's bootstrap sample; ``inf`` where the curve does not reach. [h]
    promises : list of (float, float)
        Share and hours, by rising share.
    kept, missed : ndarray, shape (draws,)
    tilt : tuple of ndarray, shape (draws,)
        Doubt about the shape, see `stretch`.
    longest_hours : float
        What stands for a time that today's curve does not reach. [h]

    Returns
    -------
    ndarray, shape (draws, grid)
        Not falling along a row: where a stretch would cross itself, times are put in order. [h]

    Examples
    --------
    >>> today = np.array([[10.0, 20.0, 30.0, 40.0, 50.0]])
    >>> certain, none = np.ones(1), (np.zeros(1), np.zeros(1))
    >>> promised_quantiles(today, [(0.5, 15.0)], certain, certain, none, 720.0).round(9).tolist()
    [[5.0, 10.0, 15.0, 20.0, 25.0]]
    """
    today_hours = np.clip(today_hours, SHORTEST_HOURS, longest_hours)
    last = promises[-1][0]
    points = [(attained_share(share, last, kept, missed), hours) for share, hours in promises]
    hours = np.exp(stretch(today_hours, points, tilt))
    hours *= today_hours
    if (hours[:, 1:] < hours[:, :-1]).any():
        hours.sort(axis=1)
    return hours

"""A stated change: somebody says by what factor every time changes, neither simulated nor promised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stated_quantiles(
    today_hours: NDArray[np.float64], time_factor: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return today's flow-time quantiles, each multiplied by the draw's time factor.

    Parameters
    ----------
    today_hours : ndarray, shape (draws, grid)
        [h]
    time_factor : ndarray, shape (draws,)
        0.9 is ten per cent faster throughout.

    Returns
    -------
    ndarray, shape (draws, grid)
        [h]

    Examples
    --------
    >>> stated_quantiles(np.array([[10.0, 20.0]]), np.array([0.5])).tolist()
    [[5.0, 10.0]]
    """
    return np.asarray(today_hours * time_factor[:, None])

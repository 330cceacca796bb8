"""Stranded cost: what stays although the service has left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import LocalText, Service
from makeorbuy.foundation.figure import address
from makeorbuy.projection.model import LineDraws

REMAINING = LocalText("Gjenværende kostnad", "Remaining cost")


def avoidable_ore(
    today_ore: NDArray[np.int64], share: NDArray[np.float64], run_off: tuple[float, ...]
) -> NDArray[np.int64]:
    """Return what falls away in each year if the service leaves.

    Full cost is not what is saved: overhead, shared platforms and people who are not released stay. Only
    what is avoidable, and only once it has run off, counts against a supplier's price.

    Parameters
    ----------
    today_ore : ndarray of int64, shape (draws, horizon + 1)
        Cost of the service under business as usual. [øre]
    share : ndarray, shape (draws,)
        Share that falls away in the end.
    run_off : tuple of float
        How much of the share has fallen away in year 1, 2 ...; the last holds for the years after.

    Returns
    -------
    ndarray of int64, shape (draws, horizon + 1)
        ``today_ore`` minus this is the remaining cost, to the øre. [øre]

    References
    ----------
    .. [1] GFOA, "Make or Buy? Using Cost Analysis to Decide Whether to Outsource Public Services", 2009.

    Examples
    --------
    >>> today = np.array([[0, 1000, 1000, 1000]])
    >>> avoidable_ore(today, np.array([0.8]), (0.5, 1.0)).tolist()
    [[0, 400, 800, 800]]
    """
    years = today_ore.shape[1]
    steps = np.array([0.0, *(run_off[min(year, len(run_off)) - 1] for year in range(1, years))])
    avoidable: NDArray[np.int64] = np.rint(today_ore * (share[:, None] * steps)).astype(np.int64)
    return avoidable


def remaining_line(service: Service, remaining: NDArray[np.int64], place: str) -> LineDraws:
    """Return the remaining cost of one service as a line."""
    inputs = (
        service.avoidable.share.place or place,
        address("baseline.unit_cost.yearly_nok", service.id),
        "assumption:real_wage_growth",
        "assumption:real_price_growth",
    )
    has_source = service.avoidable.share.source is not None
    return LineDraws("remaining", REMAINING, "remaining", (service.id,), remaining, has_source, inputs)

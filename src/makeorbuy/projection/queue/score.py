"""Scores of an ensemble of predictions against what happened, and what is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.queue.log import HOURS_PER_WEEK
from makeorbuy.projection.queue.model import Floats, Ints

FOLLOWED_HOURS = 2.0 * HOURS_PER_WEEK
"""Every new ticket is followed for two weeks, so that nothing scored is cut off by the end of the window."""

WINDOW_HOURS = 4.0 * HOURS_PER_WEEK
LEVELS = (0.5, 0.8, 0.95)
QUANTITIES = (
    "mean_hours", "median_hours", "p90_hours", "share_within_target", "completions", "backlog_1_week",
    "backlog_4_weeks",
)  # fmt: skip


def crps(ensemble: Floats, found: float) -> float:
    """Return the continuous ranked probability score of an ensemble; smaller is better.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation",
       J. Am. Stat. Assoc. 102(477), 359-378, 2007, eq. 21.

    Examples
    --------
    >>> crps(np.array([1.0, 3.0]), 2.0)
    0.5
    >>> crps(np.array([5.0]), 2.0)
    3.0
    """
    values = np.sort(ensemble)
    count = values.size
    spread = float((values * (2 * np.arange(1, count + 1) - count - 1)).sum()) / count**2
    return float(np.abs(values - found).mean()) - spread


def place_of(ensemble: Floats, found: float) -> float:
    """Return which share of predictions lies below what happened, ties halved (PIT).

    Examples
    --------
    >>> place_of(np.array([1.0, 2.0, 3.0, 4.0]), 2.0)
    0.375
    """
    return float((ensemble < found).mean() + (ensemble == found).mean() / 2)


def covered_share(ensemble: Floats, found: float, level: float) -> float:
    """Return whether the central interval at a level holds what happened: 1, 0, or a share of a tie.

    Where predictions equal what happened (a time at the limit, a small count), its place among them is
    anywhere between those below and those not above, so that an interval of four fifths that is one point
    holds that point four times out of five.

    References
    ----------
    .. [1] C. Czado, T. Gneiting and L. Held, "Predictive model assessment for count data", Biometrics 65(4),
       1254-1261, 2009.

    Examples
    --------
    >>> covered_share(np.arange(101.0), 11.0, 0.8), covered_share(np.arange(101.0), 9.0, 0.8)
    (1.0, 0.0)
    >>> round(covered_share(np.full(9, 336.0), 336.0, 0.8), 9)
    0.8
    """
    below, upto = float((ensemble < found).mean()), float((ensemble <= found).mean())
    low, high = (1.0 - level) / 2, (1.0 + level) / 2
    if upto - below < 1e-9:
        return float(low <= below <= high)
    return max(0.0, min(upto, high) - max(below, low)) / (upto - below)


def weighted_interval_score(ensemble: Floats, found: float) -> float:
    """Return the weighted interval score at `LEVELS` and the median; smaller is better.

    References
    ----------
    .. [1] J. Bracher, E. L. Ray, T. Gneiting and N. G. Reich, "Evaluating epidemic forecasts in an interval
       format", PLoS Comput. Biol. 17(2), 2021, eq. 1.

    Examples
    --------
    >>> weighted_interval_score(np.full(5, 3.0), 5.0)
    2.0
    """
    total = 0.5 * abs(found - float(np.median(ensemble)))
    for level in LEVELS:
        missed = 1.0 - level
        low, high = np.quantile(ensemble, (missed / 2, 1.0 - missed / 2))
        outside = max(float(low) - found, 0.0) + max(found - float(high), 0.0)
        total += missed / 2 * (float(high - low) + 2.0 / missed * outside)
    return total / (len(LEVELS) + 0.5)


@dataclass(frozen=True, slots=True)
class Window:
    """Tickets as seen from a cut: hours since then, inf while open. One entry a ticket."""

    opened: Floats
    ended: Floats
    service: Ints


def quantities(window: Window, targets: Mapping[int, float], services: int) -> Floats:
    """Return what is scored, by service and quantity; NaN where it does not apply.

    Times are of tickets opened in the first two weeks, each up to two weeks.

    Parameters
    ----------
    targets : mapping of int to float
        Hours of the target, by service, those on the elapsed clock and below two weeks.

    Returns
    -------
    ndarray, shape (services, quantities)
    """
    result = np.full((services, len(QUANTITIES)), np.nan)
    for service in range(services):
        own = window.service == service
        opened, ended = window.opened[own], window.ended[own]
        new = (opened >= 0) & (opened < FOLLOWED_HOURS)
        result[service, :4] = flow(ended[new] - opened[new], targets.get(service))
        result[service, 4] = int(((ended >= 0) & (ended < WINDOW_HOURS)).sum())
        for column, moment in ((5, 1.0 * HOURS_PER_WEEK), (6, WINDOW_HOURS)):
            result[service, column] = int(((opened < moment) & (ended >= moment)).sum())
    return result


def flow(hours: Floats, target: float | None) -> NDArray[np.float64]:
    """Return mean, median, 90th percentile (each up to two weeks) and share within target.

    Examples
    --------
    >>> flow(np.array([1.0, 3.0, np.inf]), 2.0).round(3).tolist()
    [113.333, 3.0, 269.4, 0.333]
    """
    if not hours.size:
        return np.full(4, np.nan)
    cut = np.minimum(hours, FOLLOWED_HOURS)
    share = np.nan if target is None else float((hours <= target).mean())
    return np.array([cut.mean(), *np.quantile(cut, (0.5, 0.9)), share])

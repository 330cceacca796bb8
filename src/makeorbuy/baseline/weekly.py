"""Weeks: which are whole, and intervals for what is counted week by week.

Counts of neighbouring weeks resemble each other, and vary more than chance alone would have it; both
intervals here say so. See ``docs/methods/backlog.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Estimate

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
FIRST_MONDAY_MINUTE = -3 * MINUTES_PER_DAY
"""Monday of the week of 1970-01-01, a Thursday."""

FEWEST_WEEKS = 8
"""Fewer whole weeks give no trend and no interval."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """The ISO weeks that a period touches, on the wall clock.

    Attributes
    ----------
    first, last : int
        Week numbers counted from the week of 1970-01-01, both included.
    first_whole, last_whole : int
        The first and last that lie wholly within the period; ``last_whole < first_whole`` for none.
    """

    first: int
    last: int
    first_whole: int
    last_whole: int

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Every week number."""
        return np.arange(self.first, self.last + 1)

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Whether each of `numbers` lies wholly within the period."""
        return (self.numbers >= self.first_whole) & (self.numbers <= self.last_whole)


def weeks_of(start_local_minute: int, end_local_minute: int) -> Weeks:
    """Return the weeks of a period; its end is not included.

    Examples
    --------
    From Thursday 1970-01-01 to Monday 1970-01-19: one part of a week and two whole ones.

    >>> weeks_of(0, 18 * 1440)
    Weeks(first=0, last=2, first_whole=1, last_whole=2)
    """
    start, end = start_local_minute - FIRST_MONDAY_MINUTE, end_local_minute - FIRST_MONDAY_MINUTE
    return Weeks(
        first=start // MINUTES_PER_WEEK,
        last=(end - 1) // MINUTES_PER_WEEK,
        first_whole=-(-start // MINUTES_PER_WEEK),
        last_whole=end // MINUTES_PER_WEEK - 1,
    )


def monday(week: int) -> str:
    """Return the Monday of a week as an ISO date.

    Examples
    --------
    >>> monday(0)
    '1969-12-29'
    """
    return (date(1969, 12, 29) + timedelta(weeks=week)).isoformat()


def student_quantile(p: float, degrees: int) -> float:
    """Return the quantile of Student's t, by the Cornish-Fisher expansion.

    Within 0.01 of the true value for 5 or more degrees of freedom and p up to 0.975.

    References
    ----------
    .. [1] M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.7.5.

    Examples
    --------
    >>> round(student_quantile(0.975, 10), 3)
    2.228
    """
    x = NormalDist().inv_cdf(p)
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return float(x + sum(term / degrees ** (order + 1) for order, term in enumerate(terms)))


def weekly_mean(counts: NDArray[np.integer], level: float) -> Estimate:
    """Return the mean per week with an interval from how the weeks themselves vary.

    Newey and West's long-run variance with Bartlett weights and lag ``floor(4 (T / 100) ** (2/9))``,
    corrected by ``T / (T - 1)``, and Student's t. Not Poisson: tickets come in bursts.

    Parameters
    ----------
    counts : ndarray of int, shape (weeks,)
        One per whole week.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Per week. Reason ``too_few_weeks`` below `FEWEST_WEEKS`.

    References
    ----------
    .. [1] W. K. Newey and K. D. West, "A simple, positive semi-definite, heteroskedasticity and
       autocorrelation consistent covariance matrix", Econometrica 55(3), 703-708, 1987; lag as in
       "Automatic lag selection in covariance matrix estimation", Rev. Econ. Stud. 61(4), 1994.

    Examples
    --------
    >>> weekly_mean(np.array([10, 10, 10, 10, 10, 10, 10, 10]), 0.95)
    Estimate(value=10.0, low=10.0, high=10.0, reason=None)
    """
    weeks = counts.size
    if weeks < FEWEST_WEEKS:
        return Estimate(None, reason="too_few_weeks")
    mean = int(counts.sum()) / weeks
    deviation = counts - mean
    lag = floor(4 * (weeks / 100) ** (2 / 9))
    long_run = float((deviation * deviation).sum())
    for k in range(1, lag + 1):
        long_run += 2 * (1 - k / (lag + 1)) * float((deviation[k:] * deviation[:-k]).sum())
    error = sqrt(max(long_run, 0.0) / (weeks - 1) / weeks)
    margin = student_quantile(0.5 + level / 2, weeks - 1) * error
    return Estimate(mean, max(0.0, mean - margin), mean + margin)


def weekly_slope(values: NDArray[np.integer], level: float) -> Estimate:
    """Return the least-squares slope per week, with an interval that survives a wandering series.

    A backlog remembers: this week's is last week's and a bit. Neither the usual standard error nor
    Newey and West's is honest then (of intervals called 95 %, 84 % held the truth at a correlation of
    0.5 from week to week and 29 % for a random walk, 52 weeks, 4,000 samples). So the deviations from
    the line are taken as first-order autoregressive; their correlation is corrected for its known bias
    downwards, and moved two standard errors up, to 1 at most (a random walk). Intervals then held the
    truth in 92 % (random walk) to 99 % of samples: too wide rather than too narrow.

    Parameters
    ----------
    values : ndarray of int, shape (weeks,)
        One per whole week.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Per week. Reason ``too_few_weeks`` below `FEWEST_WEEKS`.

    References
    ----------
    .. [1] M. G. Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41, 403-404,
       1954.
    .. [2] C. L. Cavanagh, G. Elliott and J. H. Stock, "Inference in models with nearly integrated
       regressors", Econometric Theory 11(5), 1131-1147, 1995 (a bound over what the correlation may be).

    Examples
    --------
    >>> weekly_slope(np.arange(0, 40, 4), 0.95)
    Estimate(value=4.0, low=4.0, high=4.0, reason=None)
    """
    weeks = values.size
    if weeks < FEWEST_WEEKS:
        return Estimate(None, reason="too_few_weeks")
    time = np.arange(weeks) - (weeks - 1) / 2
    weights = time / float((time * time).sum())
    slope = float((weights * values).sum())
    deviation = values - values.mean() - slope * time
    before, after = deviation[:-1], deviation[1:]
    power = float((before * before).sum())
    if power < 1e-12 * max(1.0, float((values * values).sum())):
        return Estimate(slope, slope, slope)
    estimated = min(max(float((before * after).sum()) / power, -1.0), 1.0)
    corrected = (estimated + 2 / weeks) / (1 - 4 / weeks)
    correlation = min(max(corrected + 2 * sqrt((1 - estimated**2) / weeks), 0.0), 1.0)
    noise = after - correlation * before
    variance = float((noise * noise).sum()) / (weeks - 3)
    apart = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
    # covariance of the deviations less a constant, which the weights of a slope do not feel;
    # at a correlation of 1 the limit of the first expression
    covariance = -(1 - correlation**apart) / (1 - correlation**2) if correlation < 1 - 1e-9 else -apart / 2.0
    spread = float((weights[:, np.newaxis] * covariance * weights).sum())
    margin = student_quantile(0.5 + level / 2, weeks - 2) * sqrt(max(variance * spread, 0.0))
    return Estimate(slope, slope - margin, slope + margin)

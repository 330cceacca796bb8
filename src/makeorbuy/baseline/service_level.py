"""How much is resolved in time: the share within the target on the service's own clock.

One minus the share still open at the target. Counting resolved tickets only would leave out exactly
the slow ones; that figure stands beside, marked as misleading. See ``docs/methods/service-level.md``.
"""

from __future__ import annotations

import numpy as np

from makeorbuy.baseline.flow_time import share_open_at
from makeorbuy.baseline.model import Estimate, FlowCounts, SurvivalCurve
from makeorbuy.case.model import Service
from makeorbuy.foundation.figure import Figure, FigureSpec, figure_from

SHARE_WITHIN_TARGET = FigureSpec(
    "baseline.service_level.share_within_target", "share",
    "Andel innen frist", "Share within target",
    "1 - share still open at the target", "service-level.md#share-within-target",
)  # fmt: skip
TARGET_SHARE = FigureSpec(
    "baseline.service_level.target_share", "share",
    "Mål for andel innen frist", "Target for the share within target",
    "as stated in the case", "service-level.md#target",
)  # fmt: skip
TARGET_HOURS = FigureSpec(
    "baseline.service_level.target_hours", "hours",
    "Frist", "Target time",
    "as stated in the case, on the service's clock", "service-level.md#target",
)  # fmt: skip
CLOSED_ONLY_SHARE = FigureSpec(
    "baseline.service_level.closed_only_share_within_target", "share",
    "Andel innen frist når bare løste henvendelser telles", "Share within target of resolved tickets only",
    "resolved within the target / resolved", "service-level.md#closed-only",
)  # fmt: skip
FIGURES = (SHARE_WITHIN_TARGET, TARGET_SHARE, TARGET_HOURS, CLOSED_ONLY_SHARE)


def share_within(curve: SurvivalCurve, counts: FlowCounts, target_hours: float, level: float) -> Estimate:
    """Return the share resolved within the target, with its interval.

    Where nobody, or everybody, is resolved within the target, Greenwood's formula gives no width. The
    exact binomial bound is used instead: with none of `n` followed as long as the target resolved, the
    share may be up to ``1 - (alpha / 2) ** (1 / n)``; with all of them resolved, as low as
    ``(alpha / 2) ** (1 / n)``.

    Parameters
    ----------
    curve : SurvivalCurve
    counts : FlowCounts
        The tickets that the curve is made of.
    target_hours : float
        Target. [h]
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Reason ``target_beyond_data`` when nobody was followed as long as the target.

    References
    ----------
    .. [1] C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
       case of the binomial", Biometrika 26(4), 404-413, 1934.

    Examples
    --------
    Thirty tickets, all resolved in an hour: 100 %, but no less than 88 % with 95 % confidence.

    >>> one = np.array([60]), np.array([0]), np.array([30]), np.array([0])
    >>> from makeorbuy.baseline.flow_time import kaplan_meier_from_counts
    >>> counts = FlowCounts(*one)
    >>> curve = kaplan_meier_from_counts(counts.hours, counts.resolved_count, counts.censored_count)
    >>> estimate = share_within(curve, counts, 4.0, 0.95)
    >>> estimate.value, round(estimate.low, 3), estimate.high
    (1.0, 0.884, 1.0)
    """
    share_open = share_open_at(curve, target_hours)
    if share_open.value is None:
        return Estimate(None, reason="target_beyond_data")
    if share_open.low is not None and share_open.high is not None:
        return Estimate(1 - share_open.value, 1 - share_open.high, 1 - share_open.low)
    in_time = counts.hours <= target_hours
    resolved = int(counts.resolved_count[in_time].sum())
    followed = resolved + int((counts.resolved_count + counts.censored_count)[~in_time].sum())
    room = ((1 - level) / 2) ** (1 / followed) if followed else 0.0
    if share_open.value == 0:
        return Estimate(1.0, room, 1.0)
    return Estimate(0.0, 0.0, 1 - room)


def closed_only_share(counts: FlowCounts, target_hours: float) -> Estimate:
    """Return the share within target among resolved tickets, the others left out.

    Examples
    --------
    Two resolved in time, one late, one still open: 2 of 3, although only 2 of 4 may have been in time.

    >>> minutes, week = np.array([60, 300, 300]), np.array([0, 0, 0])
    >>> counts = FlowCounts(minutes, week, np.array([2, 1, 0]), np.array([0, 0, 1]))
    >>> round(closed_only_share(counts, 4.0).value, 3)
    0.667
    """
    resolved = int(counts.resolved_count.sum())
    if not resolved:
        return Estimate(None, reason="none_resolved")
    return Estimate(int(counts.resolved_count[counts.hours <= target_hours].sum()) / resolved)


def figures(
    service: Service, curve: SurvivalCurve | None, counts: FlowCounts | None, reason: str | None, level: float
) -> list[Figure]:
    """Return the service level of one service, beside its target."""
    target, subject = service.target, (service.id,)
    stated = service.place or f"case:services.yaml#{service.id}"
    place = f"{stated}.target"
    inputs = ("evidence:tickets", place, f"{stated}.clock", "assumption:confidence_level")
    if target is None:
        share = closed = Estimate(None, reason="no_target")
    elif curve is None or counts is None:
        share = closed = Estimate(None, reason=reason)
    else:
        share = share_within(curve, counts, target.hours, level)
        closed = closed_only_share(counts, target.hours)
    no_target = None if target else "no_target"
    return [
        figure_from(
            SHARE_WITHIN_TARGET, subject, share.value,
            reason=share.reason, low=share.low, high=share.high,
            level=None if share.value is None else level,
            n=curve.n if curve else None, censored=curve.censored if curve else None,
            basis="measured", inputs=inputs,
        ),
        figure_from(
            TARGET_SHARE, subject, target.share if target else None,
            reason=no_target, basis="stated", inputs=(place,),
        ),
        figure_from(
            TARGET_HOURS, subject, target.hours if target else None,
            reason=no_target, basis="stated", inputs=(place,),
        ),
        figure_from(
            CLOSED_ONLY_SHARE, subject, closed.value,
            reason=closed.reason, n=int(np.sum(counts.resolved_count)) if counts and curve else None,
            basis="measured", inputs=inputs[:-1], note="misleads" if closed.value is not None else None,
        ),
    ]  # fmt: skip

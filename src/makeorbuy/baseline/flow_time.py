"""How long it takes: the share of tickets still open after a given time, and what is read off it.

A ticket is followed from opened until resolved. One that is still open at the cut, was cancelled,
or whose end nobody knows is censored: it counts as open for as long as it was seen open, and says
nothing after that. See ``docs/methods/flow-time.md``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Estimate, FlowCounts, SurvivalCurve
from makeorbuy.baseline.query import run
from makeorbuy.case.model import TICKET_TYPE, Case, Clock, Service
from makeorbuy.evidence.calendar import MINUTES_PER_DAY, utc_minute, wall_minute
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEDIAN = FigureSpec(
    "baseline.flow_time.median_hours", "hours",
    "Median løsningstid", "Median flow time",
    "first time at which the share still open is at most 1 - 0.50", "flow-time.md#quantiles",
)  # fmt: skip
P85 = FigureSpec(
    "baseline.flow_time.p85_hours", "hours",
    "Løsningstid for 85 % av henvendelsene", "Flow time of 85% of the tickets",
    "first time at which the share still open is at most 1 - 0.85", "flow-time.md#quantiles",
)  # fmt: skip
P95 = FigureSpec(
    "baseline.flow_time.p95_hours", "hours",
    "Løsningstid for 95 % av henvendelsene", "Flow time of 95% of the tickets",
    "first time at which the share still open is at most 1 - 0.95", "flow-time.md#quantiles",
)  # fmt: skip
RESTRICTED_MEAN = FigureSpec(
    "baseline.flow_time.restricted_mean_hours", "hours",
    "Gjennomsnittlig løsningstid, avgrenset ved horisonten", "Mean flow time up to the horizon",
    "area under the share still open from 0 to the horizon", "flow-time.md#restricted-mean",
)  # fmt: skip
CLOSED_ONLY_MEDIAN = FigureSpec(
    "baseline.flow_time.closed_only_median_hours", "hours",
    "Median løsningstid når bare løste henvendelser telles", "Median flow time of resolved tickets only",
    "median of the resolved tickets, all others left out", "flow-time.md#closed-only",
)  # fmt: skip
CLOSED_ONLY_MISLEADS = FigureSpec(
    "baseline.flow_time.closed_only_misleads_by_share", "share",
    "Så mye villeder det å telle bare løste", "How far counting resolved tickets only misleads",
    "closed-only median / median - 1; negative looks faster than it is", "flow-time.md#closed-only",
)  # fmt: skip
CURVE = FigureSpec(
    "baseline.flow_time.curve", "table",
    "Andel ikke løst ennå, etter tid siden åpnet", "Share not resolved yet, by time since opened",
    "Kaplan-Meier estimate, open tickets censored; band by Greenwood's formula on the log-log scale",
    "flow-time.md#the-curve",
)  # fmt: skip
FIGURES = (CURVE, MEDIAN, P85, P95, RESTRICTED_MEAN, CLOSED_ONLY_MEDIAN, CLOSED_ONLY_MISLEADS)

CLOCKS: tuple[Clock, ...] = ("elapsed", "working")
CURVE_POINTS = 160
"""Most points in a published curve; a chart 360 units wide cannot show more."""

# a share that ought to be 0.5 may be stored a few last places above it
_TIE = 1e-10


def kaplan_meier(
    flow_time_hours: NDArray[np.floating[Any]],
    resolved: NDArray[np.bool_],
    level: float = 0.95,
    entry_hours: NDArray[np.floating[Any]] | None = None,
) -> SurvivalCurve:
    """Estimate the share of tickets still open after a given flow time.

    A ticket that is open when the log ends has not been slow or fast yet: it is
    right-censored, and counts as at risk until then.

    Parameters
    ----------
    flow_time_hours : ndarray, shape (n_tickets,)
        Time from opened to resolved, or to the end of the log. [h]
    resolved : ndarray of bool, shape (n_tickets,)
        False where the ticket was still open when the log ended.
    level : float
        Confidence level of the band.
    entry_hours : ndarray, shape (n_tickets,), optional
        Flow time at which each came under observation; see `kaplan_meier_from_counts`. [h]

    Returns
    -------
    SurvivalCurve
        One step for each distinct resolution time.

    Raises
    ------
    ValueError
        If the two arrays differ in shape, or a time is negative or not finite.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete
       observations", J. Am. Stat. Assoc. 53(282), 457-481, 1958.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([1., 2., 2., 3.]), np.array([True, True, False, True]))
    >>> curve.share_open.tolist()
    [0.75, 0.5, 0.0]
    """
    resolved = np.asarray(resolved, dtype=bool)
    return kaplan_meier_from_counts(
        flow_time_hours, resolved.astype(np.int64), (~resolved).astype(np.int64), level, entry_hours
    )


def kaplan_meier_from_counts(
    hours: NDArray[np.floating[Any]],
    resolved_count: NDArray[np.integer[Any]],
    censored_count: NDArray[np.integer[Any]],
    level: float = 0.95,
    entry_hours: NDArray[np.floating[Any]] | None = None,
) -> SurvivalCurve:
    """Estimate the share still open from counts of tickets by flow time.

    The same estimate as `kaplan_meier`, from the table that the engine gives: a time may occur in
    several rows, and rows may come in any order. Tickets censored at a time count as at risk at it.

    The band is the log-log (exponential Greenwood) one: it is symmetric for ln(-ln S), so that it
    stays between 0 and 1. Where nobody has been resolved yet, and where nobody is left, the formula
    gives a band of no width; `quantile_hours` and the service level do not use it there.

    Where a log holds nothing that ended before some day (left truncation), a ticket opened before that day
    is only there because it lasted. It counts as at risk from the flow time that it had then, and not
    before: counted from its opening it would make all of them look slow.

    Parameters
    ----------
    hours : ndarray, shape (n,)
        Flow time. [h]
    resolved_count, censored_count : ndarray of int, shape (n,)
        Tickets resolved, and last seen open, after that time.
    level : float
        Confidence level of the band.
    entry_hours : ndarray, shape (n,), optional
        Flow time at which each came under observation, at most its flow time; 0 for those seen from
        their opening. [h]

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    ValueError
        If the arrays differ in shape, a time is negative or not finite, a count is negative, or an entry
        comes after the end.

    References
    ----------
    .. [1] M. Greenwood, "The natural duration of cancer", Reports on Public Health and Medical
       Subjects 33, 1-26, HMSO, 1926.
    .. [2] J. D. Kalbfleisch and R. L. Prentice, "The Statistical Analysis of Failure Time Data",
       Wiley, 1980, section 1.3 (band on the ln(-ln S) scale).
    .. [3] J. P. Klein and M. L. Moeschberger, "Survival Analysis", 2nd ed., Springer, 2003, section 4.6
       (left-truncated data).

    Examples
    --------
    >>> curve = kaplan_meier_from_counts(np.array([1., 2., 3.]), np.array([1, 1, 1]), np.array([0, 1, 0]))
    >>> curve.share_open.tolist(), curve.censored
    ([0.75, 0.5, 0.0], 1)

    Two of four end after an hour, two after three. A fifth has been open for two hours when the log
    begins, and ends after three too: it is at risk of that, and not of ending after one.

    >>> late = kaplan_meier_from_counts(
    ...     np.array([1., 3., 3.]), np.array([2, 2, 1]), np.zeros(3, int), entry_hours=np.array([0., 0., 2.]))
    >>> late.share_open.tolist()
    [0.5, 0.0]
    """
    hours = np.asarray(hours, dtype=np.float64)
    resolved_count, censored_count = np.asarray(resolved_count), np.asarray(censored_count)
    if not hours.shape == resolved_count.shape == censored_count.shape or hours.ndim != 1:
        raise ValueError("hours, resolved and censored must be one-dimensional and of the same length")
    if not (np.isfinite(hours).all() and (hours >= 0).all()):
        raise ValueError("a flow time must be finite and not negative")
    if (resolved_count < 0).any() or (censored_count < 0).any():
        raise ValueError("a count must not be negative")

    times, position = np.unique(hours, return_inverse=True)
    # bincount adds in float64, exact for whole numbers below 2**53
    resolved = np.bincount(position, weights=resolved_count, minlength=times.size)
    censored = np.bincount(position, weights=censored_count, minlength=times.size)
    at_risk = np.cumsum((resolved + censored)[::-1])[::-1]
    if entry_hours is not None:
        entry = np.asarray(entry_hours, dtype=np.float64)
        if entry.shape != hours.shape or not ((entry >= 0) & (entry <= hours)).all():
            raise ValueError("an entry must be from 0 to the flow time, one for each")
        before = np.searchsorted(times, entry)  # distinct times before it comes under observation
        late = before > 0
        every = (resolved_count + censored_count)[late]
        absent = np.bincount(before[late] - 1, weights=every, minlength=times.size)
        at_risk = at_risk - np.cumsum(absent[::-1])[::-1]

    step = resolved > 0
    events, exposed = resolved[step], at_risk[step]
    survivors = exposed - events
    share_open = np.cumprod(survivors / exposed, dtype=np.float64)
    increments = np.zeros_like(events)
    np.divide(events, exposed * survivors, out=increments, where=survivors > 0)
    low, high = _log_log_band(share_open, np.cumsum(increments), level)
    present = (resolved + censored) > 0
    return SurvivalCurve(
        hours=times[step],
        share_open=share_open,
        low=low,
        high=high,
        last_hours=float(times[present][-1]) if present.any() else 0.0,
        n=int(resolved.sum() + censored.sum()),
        censored=int(censored.sum()),
    )


def _log_log_band(
    share_open: NDArray[np.float64], variance_sum: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Greenwood's variance of ln S carried to the scale ln(-ln S) and back; width 0 at S = 0."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    low, high = np.zeros_like(share_open), np.zeros_like(share_open)
    inside = share_open > 0
    log_share = np.log(share_open[inside])
    centre = np.log(-log_share)
    width = z * np.sqrt(variance_sum[inside]) / -log_share
    low[inside] = np.exp(-np.exp(centre + width))
    high[inside] = np.exp(-np.exp(centre - width))
    return low, high


def share_open_at(curve: SurvivalCurve, hours: float) -> Estimate:
    """Return the share still open after the given time, with its band.

    Parameters
    ----------
    curve : SurvivalCurve
    hours : float
        Time. [h]

    Returns
    -------
    Estimate
        Reason ``beyond_data`` when nobody was observed that long and somebody was still open.
        Bounds are None where the band is not defined: nobody resolved yet, or nobody left.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([1., 2., 2., 3.]), np.array([True, True, False, True]))
    >>> share_open_at(curve, 2.5).value, share_open_at(curve, 0.5).value
    (0.5, 1.0)
    """
    last_share = float(curve.share_open[-1]) if curve.hours.size else 1.0
    if hours > curve.last_hours and last_share > 0:
        return Estimate(None, reason="beyond_data")
    index = int(np.searchsorted(curve.hours, hours, side="right")) - 1
    if index < 0:
        return Estimate(1.0)
    share = float(curve.share_open[index])
    if share == 0:
        return Estimate(0.0)
    return Estimate(share, float(curve.low[index]), float(curve.high[index]))


def quantile_hours(curve: SurvivalCurve, p: float) -> Estimate:
    """Return the time within which a share `p` of the tickets is resolved.

    The first time at which the share still open is at most ``1 - p``. The interval inverts the band:
    from the first time at which its lower limit is at most ``1 - p`` to the first time at which its
    upper limit is. The last step to zero has no band, and is not used for a bound.

    Parameters
    ----------
    curve : SurvivalCurve
    p : float
        Share resolved, between 0 and 1.

    Returns
    -------
    Estimate
        Reason ``not_reached`` when fewer than `p` were seen resolved. [h]

    References
    ----------
    .. [1] R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time",
       Biometrics 38(1), 29-41, 1982.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([1., 2., 3., 4.]), np.array([True, True, True, False]))
    >>> quantile_hours(curve, 0.5).value, quantile_hours(curve, 0.9).reason
    (2.0, 'not_reached')
    """
    banded = curve.share_open > 0
    value = _first_at_most(curve.hours, curve.share_open, 1 - p)
    if value is None:
        return Estimate(None, reason="not_reached")
    low = _first_at_most(curve.hours[banded], curve.low[banded], 1 - p)
    return Estimate(
        value,
        # where only the last step reaches p, the lower limit cannot come later than that step
        value if low is None else low,
        _first_at_most(curve.hours[banded], curve.high[banded], 1 - p),
    )


def _first_at_most(hours: NDArray[np.float64], share: NDArray[np.float64], limit: float) -> float | None:
    reached = share <= limit + _TIE
    return float(hours[int(np.argmax(reached))]) if reached.any() else None


def restricted_mean_hours(curve: SurvivalCurve, horizon_hours: float) -> Estimate:
    """Return the mean of min(flow time, horizon): the area under the share still open.

    The mean itself cannot be known while some tickets are open; up to a horizon it can.

    Parameters
    ----------
    curve : SurvivalCurve
    horizon_hours : float
        Horizon. [h]

    Returns
    -------
    Estimate
        Without an interval. Reason ``horizon_beyond_data`` when nobody was observed as long as the
        horizon and somebody was still open. [h]

    References
    ----------
    .. [1] P. Royston and M. K. B. Parmar, "Restricted mean survival time", BMC Medical Research
       Methodology 13:152, 2013.

    Examples
    --------
    Four tickets, resolved after 1, 2 and 3 hours, one open after 2: 1 + 0.75 + 0.5 hours.

    >>> curve = kaplan_meier(np.array([1., 2., 2., 3.]), np.array([True, True, False, True]))
    >>> restricted_mean_hours(curve, 3.0).value
    2.25
    """
    last_share = float(curve.share_open[-1]) if curve.hours.size else 1.0
    if curve.last_hours < horizon_hours and last_share > 0:
        return Estimate(None, reason="horizon_beyond_data")
    inside = curve.hours < horizon_hours
    edges = np.concatenate(([0.0], curve.hours[inside], [horizon_hours]))
    heights = np.concatenate(([1.0], curve.share_open[inside]))
    return Estimate(float((heights * np.diff(edges)).sum()))


def flow_counts(
    connection: DuckDBPyConnection, case: Case, evidence: Evidence, seen_from: date | None = None
) -> dict[tuple[str, Clock], FlowCounts]:
    """Count the tickets of each service's measured type by flow time and week, on both clocks.

    Parameters
    ----------
    seen_from : date, optional
        Day on which the log's ends begin; what was opened before counts as under observation from then
        on, and what ended before is left out.

    Raises
    ------
    ValueError
        If the calendar lacks a day on which a ticket was opened or ended.
    """
    measured = [service for service in case.services if service.speed_measure != "none"]
    parameters = {
        "positions": list(range(len(measured))),
        "services": [service.id for service in measured],
        "types": [TICKET_TYPE[service.speed_measure] for service in measured],
        "start_minute": evidence.start_minute,
        "end_minute": evidence.end_minute,
        "entry_minute": evidence.start_minute,
    }
    entry_day = evidence.start_local_minute // MINUTES_PER_DAY
    if seen_from is not None:
        midnight = datetime(seen_from.year, seen_from.month, seen_from.day)  # noqa: DTZ001  # local
        parameters["entry_minute"] = utc_minute(midnight, case.calendar.time_zone)
        entry_day = wall_minute(midnight) // MINUTES_PER_DAY
    counts: dict[tuple[str, Clock], FlowCounts] = {}
    names = ("minutes", "week", "resolved_count", "censored_count", "entry_minutes")
    for clock in CLOCKS:
        own = {"entry_day": entry_day} if clock == "working" else {}
        columns = run(connection, f"flow_{clock}", **parameters, **own)
        borders = np.searchsorted(columns["position"], np.arange(len(measured) + 1))
        for service, begin, end in zip(measured, borders[:-1], borders[1:], strict=True):
            counted = FlowCounts(*(columns[name][begin:end] for name in names))
            counts[service.id, clock] = counted if seen_from else replace(counted, entry_minutes=None)
    for service in measured:
        if counts[service.id, "elapsed"].tickets != counts[service.id, "working"].tickets:
            raise ValueError(f"{service.id}: the calendar lacks a day on which a ticket was opened or ended")
    return counts


def speed_reason(
    service: Service, counts: FlowCounts | None, min_tickets: int, min_weeks: int = 1
) -> str | None:
    """Return why no speed can be given for a service, or None when it can.

    Whole weeks are resampled for the uncertainty: few weeks would give an interval that is far too narrow,
    and a single one none at all.
    """
    if service.speed_measure == "none":
        return "no_speed_measure"
    if counts is None or counts.tickets == 0:
        return "no_tickets"
    if counts.tickets < min_tickets:
        return "too_few_tickets"
    return "too_few_weeks" if np.unique(counts.week).size < min_weeks else None


def horizon_hours(case: Case, clock: Clock) -> tuple[float, str]:
    """Return the horizon of the restricted mean on this clock, and the key of its assumption. [h]"""
    name = "speed_horizon_hours" if clock == "elapsed" else "speed_horizon_working_hours"
    return case.assumptions.number(name), f"assumption:{name}"


def figures(
    service: Service,
    clock: Clock,
    curve: SurvivalCurve | None,
    reason: str | None,
    level: float,
) -> list[Figure | Series]:
    """Return median, P85, P95 and the published curve of one service on one clock."""
    inputs = _inputs(service, "assumption:confidence_level", "assumption:min_tickets", clock=clock)
    entries: list[Figure | Series] = []
    for spec, p in ((MEDIAN, 0.50), (P85, 0.85), (P95, 0.95)):
        estimate = quantile_hours(curve, p) if curve else Estimate(None, reason=reason)
        entries.append(_figure(spec, (service.id, clock), estimate, curve, inputs, level))
    entries.append(
        Series(
            address(CURVE.name, service.id, clock),
            (
                Column("hours", "hours"),
                Column("share_open", "share"),
                Column("low", "share"),
                Column("high", "share"),
            ),
            _thinned(curve) if curve else (),
            reason,
            inputs,
            "measured",
        )
    )
    return entries


def mean_figures(
    service: Service,
    curve: SurvivalCurve | None,
    mean: Estimate,
    closed_only: SurvivalCurve | None,
    reason: str | None,
    horizon_key: str,
    level: float,
) -> list[Figure | Series]:
    """Return the figures that are given on the service's own clock only.

    Parameters
    ----------
    mean : Estimate
        The restricted mean with its interval from the bootstrap.
    closed_only : SurvivalCurve or None
        The curve of the resolved tickets alone: what one gets by leaving the others out.
    """
    inputs = _inputs(service, "assumption:min_tickets", clock=service.clock)
    boot = (horizon_key, "assumption:confidence_level", "assumption:bootstrap_replicates")
    median = quantile_hours(curve, 0.5) if curve else Estimate(None, reason=reason)
    closed = (
        quantile_hours(closed_only, 0.5) if closed_only and closed_only.n else
        Estimate(None, reason=reason or "none_resolved")
    )  # fmt: skip
    closed_value = Estimate(closed.value, reason=closed.reason)
    if median.value is None or closed.value is None:
        misleads = Estimate(None, reason=median.reason or closed.reason)
    elif median.value == 0:
        misleads = Estimate(None, reason="median_is_zero")
    else:
        misleads = Estimate(closed.value / median.value - 1)
    subject = (service.id,)
    medians = (address(MEDIAN.name, service.id, service.clock), address(CLOSED_ONLY_MEDIAN.name, service.id))
    return [
        _figure(RESTRICTED_MEAN, subject, mean, curve, (*inputs, *boot), level),
        _figure(CLOSED_ONLY_MEDIAN, subject, closed_value, closed_only, inputs, level),
        _figure(CLOSED_ONLY_MISLEADS, subject, misleads, curve, medians, level),
    ]


def _figure(
    spec: FigureSpec,
    subject: tuple[str, ...],
    estimate: Estimate,
    curve: SurvivalCurve | None,
    inputs: tuple[str, ...],
    level: float,
) -> Figure:
    has_interval = estimate.low is not None or estimate.high is not None
    return figure_from(
        spec, subject, estimate.value,
        reason=estimate.reason,
        low=estimate.low,
        high=estimate.high,
        level=level if has_interval else None,
        n=curve.n if curve else None,
        censored=curve.censored if curve else None,
        basis="measured",
        inputs=inputs,
    )  # fmt: skip


def _inputs(service: Service, *keys: str, clock: Clock) -> tuple[str, ...]:
    place = service.place or f"case:services.yaml#{service.id}"
    calendar = ("case:case.yaml#calendar",) if clock == "working" else ()
    return ("evidence:tickets", f"{place}.speed_measure", *calendar, *keys)


def _thinned(curve: SurvivalCurve) -> tuple[tuple[float, float, float, float], ...]:
    """Choose true steps of the curve: evenly by share and, for a logarithmic axis, by log of time.

    The first row is the start; the last one is as far as anybody was observed.
    """
    steps = curve.hours.size
    chosen = np.arange(steps)
    room = CURVE_POINTS - 2
    if steps > room:
        half = room // 2
        shares = np.linspace(curve.share_open[0], curve.share_open[-1], half)
        by_share = np.searchsorted(-curve.share_open, -shares)
        positive = curve.hours[curve.hours > 0]
        times = np.geomspace(positive[0], positive[-1], room - half)
        by_time = np.searchsorted(curve.hours, times)
        chosen = np.unique(np.clip(np.concatenate((by_share, by_time)), 0, steps - 1))
    rows = [
        (float(curve.hours[i]), float(curve.share_open[i]), float(curve.low[i]), float(curve.high[i]))
        for i in chosen
    ]
    if not rows or rows[0][0] > 0:
        rows.insert(0, (0.0, 1.0, 1.0, 1.0))
    if curve.last_hours > rows[-1][0]:
        rows.append((curve.last_hours, *rows[-1][1:]))
    return tuple(rows)

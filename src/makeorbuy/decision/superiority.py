"""P(cheaper), P(faster) and P(both) of an option against business as usual, paired draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.foundation.figure import Figure, FigureSpec, address, figure_from
from makeorbuy.projection.model import OptionCost, Projection, SpeedDraws
from makeorbuy.projection.speed.promise import SHORTEST_HOURS

Values = NDArray[np.float64]

NET_SAVING = FigureSpec(
    "decision.net_saving_nok", "nok_per_year", "Innsparing per år, full sammenligning",
    "Net saving per year, full comparison",
    "business as usual minus the option, paired by draw; mean, 10-90 %; positive saves",
    "decision.md#net-saving",
)  # fmt: skip
CHEAPER = FigureSpec(
    "decision.probability_cheaper", "share", "Sannsynlighet for billigere", "Probability of being cheaper",
    "share of draws in which the option costs less than business as usual, ties half; Wilson interval",
    "decision.md#superiority",
)  # fmt: skip
FASTER = FigureSpec(
    "decision.probability_faster", "share", "Sannsynlighet for raskere", "Probability of being faster",
    "share of draws with a shorter restricted mean time (over a lot: a negative speed change), ties half; "
    "Wilson interval", "decision.md#superiority",
)  # fmt: skip
BOTH = FigureSpec(
    "decision.probability_both", "share", "Sannsynlighet for billigere og raskere",
    "Probability of being cheaper and faster",
    "share of draws in which both hold; low and high are the bounds that the two alone allow",
    "decision.md#both",
)  # fmt: skip
SPEED_CHANGE = FigureSpec(
    "decision.speed_change_share", "share", "Endring i gjennomsnittlig løsningstid",
    "Change of the mean time",
    "sum over services of ticket share times (mean time / business as usual - 1); 10-90 % of draws",
    "decision.md#speed-of-a-lot",
)  # fmt: skip
FIGURES = (NET_SAVING, CHEAPER, FASTER, BOTH, SPEED_CHANGE)

WILSON_LEVEL = 0.95

NEAR_REQUIRED = "near_required"
"""Note on a probability whose interval holds what the rule requires: other draws could turn the outcome."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One option against business as usual over its lot, draw by draw.

    Attributes
    ----------
    saving_nok : ndarray, shape (draws,), or None
        Business as usual minus the option. [NOK per year]
    speed_change : ndarray, shape (draws,), or None
        Relative change of the mean time; negative is faster.
    cost_reason, speed_reason : str or None
        Why there is none.
    """

    option: SourcingOption
    cost: OptionCost | None
    saving_nok: Values | None
    speed_change: Values | None
    cost_reason: str | None
    speed_reason: str | None
    speeds: tuple[SpeedDraws, ...]

    @property
    def expected_saving_nok(self) -> float | None:
        """Mean of the saving over draws. [NOK per year]"""
        return None if self.saving_nok is None else float(self.saving_nok.mean())


def less(values: Values, than: Values | float) -> Values:
    """Return 1 where a value is less, 0.5 where it is equal, else 0."""
    return np.asarray((values < than) + 0.5 * (values == than))


def wilson_interval(share: float, n: float, level: float = WILSON_LEVEL) -> tuple[float, float]:
    """Return the Wilson interval of a share observed in n draws.

    Unlike the plain interval it does not shrink to nothing when a share of 0 or 1 is observed: no hit in
    10,000 draws means less than one in 2,600, not never.

    Parameters
    ----------
    share : float
    n : float
        Draws, or as many as they are worth.
    level : float

    Returns
    -------
    tuple of float

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       J. Am. Stat. Assoc. 22(158), 209-212, 1927.

    Examples
    --------
    >>> low, high = wilson_interval(0.0, 10_000)
    >>> low, round(high, 7)
    (0.0, 0.000384)
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = share + z * z / (2 * n)
    half = z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return (0.0 if share == 0 else low), (1.0 if share == 1 else high)


def share_interval(hits: Values, worlds: int | None = None) -> tuple[float, float]:
    """Return the Wilson interval of a share of draws, of which some may share what they rest on.

    Draws that rest on the same simulated world say little more than one: the share counts as if it stood on
    as many draws as have its variance between worlds (Kish's effective sample size), never fewer than the
    worlds.

    Parameters
    ----------
    hits : ndarray, shape (draws,)
        1, or 0.5 for a tie, or 0.
    worlds : int, optional
        The draw i rests on the world i modulo this.

    References
    ----------
    .. [1] L. Kish, *Survey Sampling*, Wiley, 1965, section 8.2 (design effect).
    .. [2] E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data", Survey Methodology 24(2), 193-201, 1998 (Wilson with the
       effective sample size).
    """
    share, n = float(hits.mean()), float(hits.size)
    if worlds is not None and 1 < worlds < hits.size:
        which = np.arange(hits.size) % worlds
        of_world = np.bincount(which, hits, worlds) / np.bincount(which, minlength=worlds)
        variance = float(of_world.var(ddof=1)) / worlds
        alike = share * (1 - share)
        n = min(max(alike / variance, worlds), n) if variance > 0 and alike > 0 else float(worlds)
    return wilson_interval(share, n)


def frechet_bounds(first: float, second: float) -> tuple[float, float]:
    """Return between which values the probability of both must lie, given the two alone.

    References
    ----------
    .. [1] M. Fréchet, "Généralisations du théorème des probabilités totales", Fund. Math. 25, 379-387, 1935.

    Examples
    --------
    >>> frechet_bounds(0.75, 0.5)
    (0.25, 0.5)
    """
    return max(0.0, first + second - 1), min(first, second)


def probability_both(saving_nok: Values, speed_change: Values) -> float:
    """Return the share of draws that are cheaper and faster: joint, not the product of the two.

    Examples
    --------
    >>> probability_both(np.array([1.0, 1.0, -1.0, -1.0]), np.array([-0.1, -0.1, 0.1, 0.1]))
    0.5
    """
    return float((less(-saving_nok, 0.0) * less(speed_change, 0.0)).mean())


NOT_KNOWN = (
    "no_speed_stated", "no_queue_model", "backtest_failed", "too_few_held_out_weeks",
    "simulated_on_elapsed_clock", "service_not_in_log",
    "too_few_simulated_tickets",
)  # fmt: skip
"""Why a service that has a measured speed has none under an option: the lot then has none either."""


def is_not_known(reason: str | None) -> bool:
    """Return whether a speed exists but is not known: nobody said, or the records cannot tell."""
    return reason in NOT_KNOWN or (reason or "").startswith("selection_")


def speed_change_of_lot(
    speeds: tuple[SpeedDraws, ...], tickets: Mapping[str, int], min_known_share: float = 0.0
) -> tuple[Values | None, str | None]:
    """Return the relative change of the mean time over a lot, draw by draw.

    Hours on the working clock and elapsed hours cannot be averaged, nor would a mean of hours be fair to the
    services that are counted in minutes. Each service's own relative change is weighted by its tickets.

    Parameters
    ----------
    speeds : tuple of SpeedDraws
        One per service of the lot.
    tickets : mapping of str to int
        Measured tickets by service.
    min_known_share : float
        Share of the lot's tickets whose speed must be known, so that one service does not speak for all.

    Returns
    -------
    ndarray, shape (draws,), or None
        ``sum of w_s (T_o / T_usual - 1)``; negative is faster.
    str or None
        Why there is none: an offer that is silent on the speed of a measured service has none.
    """
    silent = [speed.reason for speed in speeds if is_not_known(speed.reason)]
    known = [speed for speed in speeds if speed.reason is None]
    if silent:
        return None, silent[0]
    weight = {speed.service: tickets[speed.service] for speed in known}
    total = sum(weight.values())
    if not total:
        return None, speeds[0].reason if speeds else "no_speed_measure"
    unknown = [speed for speed in speeds if speed.reason in ("too_few_tickets", "too_few_weeks")]
    if total < min_known_share * (total + sum(tickets[speed.service] for speed in unknown)):
        return None, unknown[0].reason
    change: Values | None = None
    for speed in known:
        assert speed.restricted_mean_hours is not None and speed.business_as_usual_hours is not None
        # logs are kept to the minute: nothing is faster than that, and nothing against nothing is no change
        usual = np.maximum(speed.business_as_usual_hours, SHORTEST_HOURS)
        hours = np.maximum(speed.restricted_mean_hours, SHORTEST_HOURS)
        part = weight[speed.service] / total * ((hours - usual) / usual)
        change = part if change is None else change + part
    return change, None


def compare(case: Case, baseline: Baseline, projection: Projection, option: SourcingOption) -> Comparison:
    """Return an option against business as usual over its lot."""
    cost = projection.costs.get(option.id)
    speeds = tuple(projection.speeds[service, option.id] for service in option.services)
    tickets = {service: baseline.services[service].tickets for service in option.services}
    known_share = case.assumptions.number("min_known_speed_share")
    change, speed_reason = speed_change_of_lot(speeds, tickets, known_share)
    yearly = address("projection.cost.yearly_nok", option.id)
    cost_reason = None
    if cost is None:
        cost_reason = next(figure.reason for figure in projection.figures if figure.id == yearly)
    saving = None if cost is None else -cost.difference_nok
    return Comparison(option, cost, saving, change, cost_reason, speed_reason, speeds)


def sure_note(share: float) -> str | None:
    """Return the note that keeps "never" and "always" from being read into a finite number of draws."""
    return {0.0: "no_draw", 1.0: "every_draw"}.get(share)


def superiority_figures(case: Case, comparison: Comparison) -> list[Figure]:
    """Return how much an option saves, how much faster it is, and how surely."""
    option = comparison.option.id
    level = case.assumptions.number("interval_level")
    ends = ((1 - level) / 2, (1 + level) / 2)
    cost_inputs = (
        address("projection.cost.business_as_usual_nok", option),
        address("projection.cost.yearly_nok", option),
    )
    speed_inputs = tuple(
        key
        for service in comparison.option.services
        for key in (
            address("projection.speed.restricted_mean_hours", service, option),
            address("baseline.demand.tickets_count", service),
        )
    )
    note = "if_kept" if any(speed.basis == "promised" for speed in comparison.speeds) else None

    def over_draws(spec: FigureSpec, values: Values, inputs: tuple[str, ...], note: str | None) -> Figure:
        low, high = np.quantile(values, ends)
        rest: dict[str, Any] = {"level": level, "n": values.size, "inputs": inputs, "note": note}
        return figure_from(spec, (option,), float(values.mean()), low=float(low), high=float(high), **rest)

    def share_of(
        spec: FigureSpec,
        subject: tuple[str, ...],
        hits: Values,
        inputs: tuple[str, ...],
        note: str | None,
        worlds: int | None = None,
    ) -> Figure:
        share = float(hits.mean())
        low, high = share_interval(hits, worlds)
        required = case.assumptions.number(f"required_{spec.name.removeprefix('decision.')}")
        if subject == (option,) and (low < required <= share or share < required <= high):
            note = NEAR_REQUIRED
        rest: dict[str, Any] = {"level": WILSON_LEVEL, "n": hits.size, "inputs": inputs}
        return figure_from(spec, subject, share, low=low, high=high, note=note or sure_note(share), **rest)

    saving, change = comparison.saving_nok, comparison.speed_change
    found: list[Figure] = []
    if saving is None:
        found += [
            figure_from(spec, (option,), reason=comparison.cost_reason, inputs=cost_inputs)
            for spec in (NET_SAVING, CHEAPER)
        ]
    else:
        found.append(over_draws(NET_SAVING, saving, cost_inputs, None))
        found.append(share_of(CHEAPER, (option,), less(-saving, 0.0), cost_inputs, None))
    if change is None:
        found += [
            figure_from(spec, (option,), reason=comparison.speed_reason, inputs=speed_inputs)
            for spec in (SPEED_CHANGE, FASTER)
        ]
    else:
        found.append(over_draws(SPEED_CHANGE, change, speed_inputs, note))
        worlds = min((speed.worlds for speed in comparison.speeds if speed.worlds), default=None)
        found.append(share_of(FASTER, (option,), less(change, 0.0), speed_inputs, note, worlds))
    for speed in comparison.speeds:
        subject = (speed.service, option)
        inputs = (address("projection.speed.restricted_mean_hours", *subject),)
        if speed.restricted_mean_hours is None or speed.business_as_usual_hours is None:
            found.append(figure_from(FASTER, subject, reason=speed.reason, inputs=inputs))
        else:
            hits = less(speed.restricted_mean_hours, speed.business_as_usual_hours)
            kept = "if_kept" if speed.basis == "promised" else None
            found.append(share_of(FASTER, subject, hits, inputs, kept, speed.worlds))
    both_inputs = (*cost_inputs, *speed_inputs)
    if saving is None or change is None:
        reason = comparison.cost_reason or comparison.speed_reason
        found.append(figure_from(BOTH, (option,), reason=reason, inputs=both_inputs))
    else:
        share = probability_both(saving, change)
        low, high = frechet_bounds(float(less(-saving, 0.0).mean()), float(less(change, 0.0).mean()))
        rest: dict[str, Any] = {"n": saving.size, "inputs": both_inputs}
        found.append(
            figure_from(BOTH, (option,), share, low=low, high=high, note=note or sure_note(share), **rest)
        )
    return found

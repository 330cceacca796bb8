"""Materiality: the saving below which two options count as equal; and when an investment is paid back."""

from __future__ import annotations

import numpy as np

from makeorbuy.case.model import Case
from makeorbuy.decision.superiority import Comparison
from makeorbuy.foundation.figure import Figure, FigureSpec, address, figure_from
from makeorbuy.foundation.units import ORE_PER_NOK
from makeorbuy.projection.model import OptionCost

MATERIALITY = FigureSpec(
    "decision.materiality_nok", "nok_per_year", "Vesentlighetsgrense", "Materiality",
    "the smaller of materiality_share times the lot's yearly business as usual, and materiality_nok",
    "decision.md#materiality",
)  # fmt: skip
PAYBACK = FigureSpec(
    "decision.payback_year", "year", "Tjent inn i år", "Paid back in year",
    "first year from which the expected discounted difference, summed from year 0, stays at or below zero",
    "decision.md#payback",
)  # fmt: skip
FIGURES = (MATERIALITY, PAYBACK)


def materiality_nok(yearly_nok: float, share: float, nok: float) -> float:
    """Return the saving per year below which an option counts as equal to business as usual.

    Both limits are needed: a share alone lets large lots hide large sums, kroner alone let a small service
    be moved for nothing or never.

    Parameters
    ----------
    yearly_nok : float
        The lot's yearly cost under business as usual. [NOK per year]
    share : float
        Of that cost.
    nok : float
        [NOK per year]

    Returns
    -------
    float
        [NOK per year]

    Examples
    --------
    >>> materiality_nok(293.1e6, 0.05, 3e6), materiality_nok(25.2e6, 0.05, 3e6)
    (3000000.0, 1260000.0)
    """
    return min(share * yearly_nok, nok)


def materiality_of(case: Case, cost: OptionCost) -> float:
    """Return the materiality of an option's lot. [NOK per year]"""
    yearly = float(cost.equivalent_yearly_nok(cost.business_as_usual).mean())
    share, nok = (case.assumptions.number(name) for name in ("materiality_share", "materiality_nok"))
    return materiality_nok(yearly, share, nok)


def payback_year(cost: OptionCost) -> tuple[int | None, str | None]:
    """Return the year in which what an option costs extra at first has been earned back.

    Returns
    -------
    int or None
    str or None
        ``no_investment``: never behind; ``never_paid_back``: behind at the end of the horizon.
    """
    option = np.sum([line.yearly_ore for line in cost.lines], axis=0).mean(axis=0)
    usual = np.sum([line.yearly_ore for line in cost.business_as_usual], axis=0).mean(axis=0)
    behind = np.cumsum((option - usual) * cost.discount / ORE_PER_NOK) > 0.5 / ORE_PER_NOK
    if not behind.any():
        return None, "no_investment"
    if behind[-1]:
        return None, "never_paid_back"
    return int(np.flatnonzero(behind)[-1]) + 1, None


def materiality_figures(case: Case, comparison: Comparison) -> list[Figure]:
    """Return an option's materiality and its payback year."""
    option, cost = comparison.option.id, comparison.cost
    usual = address("projection.cost.business_as_usual_nok", option)
    limits = (usual, "assumption:materiality_share", "assumption:materiality_nok")
    years = (address("projection.cost.years", option), usual, "assumption:discount_rate_real")
    if cost is None:
        return [
            figure_from(MATERIALITY, (option,), reason=comparison.cost_reason, inputs=limits),
            figure_from(PAYBACK, (option,), reason=comparison.cost_reason, inputs=years),
        ]
    year, reason = payback_year(cost)
    return [
        figure_from(MATERIALITY, (option,), materiality_of(case, cost), inputs=limits),
        figure_from(PAYBACK, (option,), year, reason=reason, inputs=years),
    ]

"""One line of an option's cost: an amount that somebody wrote, per draw and year, in whole øre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case, CostLine, SourcingOption
from makeorbuy.case.model import Growth as GrowthKind
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import to_ore
from makeorbuy.projection.draws import Growth, chance_of, draws_of, line_place
from makeorbuy.projection.model import LineDraws

MONTHS_PER_YEAR = 12


def growth_factor(kind: GrowthKind, growth: Growth, index_wage_share: float = 0.0) -> NDArray[np.float64]:
    """Return what one krone of the price year has become in each year, in kroner of the price year.

    Parameters
    ----------
    kind : {"wages", "prices", "consumer_prices", "contract_index", "fixed_nominal"}
        ``consumer_prices`` keeps its real value. ``fixed_nominal`` is never adjusted, so it loses real
        value with inflation. ``contract_index`` follows wages in a share and consumer prices in the rest,
        anchored at the price year: ``(1 - w) + w * wages``.
    growth : Growth
    index_wage_share : float
        w, for ``contract_index``.

    Returns
    -------
    ndarray, shape (draws, horizon + 1)
    """
    if kind == "wages":
        return growth.wages
    if kind == "prices":
        return growth.prices
    if kind == "fixed_nominal":
        return growth.deflator
    if kind == "contract_index":
        return (1 - index_wage_share) + index_wage_share * growth.wages
    return np.ones_like(growth.wages)


def quantity_per_year(line: CostLine, case: Case) -> float:
    """Return by what the amount of a line is multiplied for one year: units and months.

    Without ``units`` the cost driver of the first service covered counts.
    """
    if line.per in ("year", "once"):
        return 1.0
    units = line.units if line.units is not None else case.service(line.services[0]).driver.count
    return units * (MONTHS_PER_YEAR if line.per == "unit_month" else 1)


def line_draws(
    case: Case, option: SourcingOption, line: CostLine, growth: Growth, streams: Streams
) -> tuple[LineDraws, NDArray[np.bool_] | None]:
    """Return a cost line draw by draw, and whether it happens where that is open.

    Each cell is rounded to whole øre; totals are sums of these cells, so that every cut adds up.

    Returns
    -------
    LineDraws
        Columns outside the line's years are zero; ``once`` is spread evenly over its years.
    ndarray of bool, shape (draws,), or None
    """
    count, columns = growth.wages.shape
    place = line_place(option, line)
    amount = draws_of(line.amount, count, streams, place) * quantity_per_year(line, case)
    first, last = max(line.from_year, 0), min(line.to_year, columns - 1)
    yearly = amount / (line.to_year - line.from_year + 1) if line.per == "once" else amount
    happens = None if line.chance is None else chance_of(option, line, count, streams)
    if happens is not None:
        yearly = np.where(happens, yearly, 0.0)
    cash = np.zeros((count, columns), dtype=np.int64)
    span = slice(first, last + 1)
    cash[:, span] = to_ore(
        yearly[:, None] * growth_factor(line.growth, growth, line.index_wage_share)[:, span]
    )
    has_source = (line.amount.source or (option.source if line.kind == "price" else None)) is not None
    driver: tuple[str, ...] = ()
    if line.units is None and line.per in ("unit_month", "unit_year"):
        driver = (f"case:services.yaml#services.{line.services[0]}.cost_driver",)
    inputs = (place, *driver, *_growth_inputs(line.growth))  # the place: all that is written about the line
    return (
        LineDraws(
            line.id, line.name, line.kind, line.services, cash, has_source, inputs, line=line,
            amount_nok=amount, place=place,
        ),
        happens,
    )  # fmt: skip


def _growth_inputs(kind: GrowthKind) -> tuple[str, ...]:
    """Return the assumptions that a kind of growth rests on."""
    return {
        "wages": ("assumption:real_wage_growth",),
        "contract_index": ("assumption:real_wage_growth",),
        "prices": ("assumption:real_price_growth",),
        "fixed_nominal": ("assumption:inflation",),
    }.get(kind, ())


def split_over(cash: NDArray[np.int64], weights: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Split whole øre over weights, cell by cell, so that the parts add up exactly.

    The running total is rounded, and each part is the difference to the one before.

    Examples
    --------
    >>> [part.tolist() for part in split_over(np.array([100, -100]), np.array([1.0, 1.0, 1.0]))]
    [[33, -33], [34, -34], [33, -33]]
    """
    cumulative = np.cumsum(weights) / weights.sum()
    cumulative[-1] = 1.0
    parts: list[NDArray[np.int64]] = []
    before = np.zeros_like(cash)
    for share in cumulative[:-1]:
        running = np.rint(cash * share).astype(np.int64)
        parts.append(running - before)
        before = running
    return [*parts, cash - before]

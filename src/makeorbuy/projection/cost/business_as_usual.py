"""Business as usual: what a service costs today, carried forward, and what is already decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import ServiceCost
from makeorbuy.case.model import Case, LocalText
from makeorbuy.foundation.figure import address
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import ORE_PER_NOK, to_ore
from makeorbuy.projection.cost.lines import line_draws, split_over
from makeorbuy.projection.draws import Growth
from makeorbuy.projection.model import LineDraws

TODAY = LocalText("Dagens kostnad, framskrevet", "Today's cost, carried forward")


def carried_forward(cost: ServiceCost, growth: Growth) -> NDArray[np.int64]:
    """Return today's cost in each year: staff grows with wages, the rest with prices of purchases.

    Parameters
    ----------
    cost : ServiceCost
        Yearly cost today, taken as kroner of the price year. [øre]
    growth : Growth

    Returns
    -------
    ndarray of int64, shape (draws, horizon + 1)
        Column 0 is zero: before takeover nothing differs between options. [øre]
    """
    staff = to_ore(cost.staff_ore / ORE_PER_NOK * growth.wages)
    other = to_ore((cost.yearly_ore - cost.staff_ore) / ORE_PER_NOK * growth.prices)
    total = staff + other
    total[:, 0] = 0
    return total


def today_line(service: str, cash: NDArray[np.int64]) -> LineDraws:
    """Return today's cost of one service as a line."""
    inputs = (
        address("baseline.unit_cost.yearly_nok", service),
        address("baseline.unit_cost.staff_share", service),
        "assumption:real_wage_growth",
        "assumption:real_price_growth",
    )
    return LineDraws("today", TODAY, "business_as_usual", (service,), cash, True, inputs)


def adopted_lines(
    case: Case, weights: dict[str, int], growth: Growth, streams: Streams
) -> tuple[dict[str, list[LineDraws]], dict[str, NDArray[np.bool_]]]:
    """Return the lines already decided, by service.

    A line over several services is split by what they cost today, to the øre, since a lot may hold only
    some of them.

    Parameters
    ----------
    weights : dict of str to int
        Yearly cost today by service. [øre]

    Returns
    -------
    dict of str to list of LineDraws
    dict of str to ndarray of bool
        Whether each line that may or may not happen does, by place.
    """
    by_service: dict[str, list[LineDraws]] = {service.id: [] for service in case.services}
    chances: dict[str, NDArray[np.bool_]] = {}
    for line in case.business_as_usual.lines:
        whole, happens = line_draws(case, case.business_as_usual, line, growth, streams)
        if happens is not None:
            chances[whole.place] = happens
        share = np.array([float(weights.get(service, 0)) for service in line.services])
        if not share.sum() > 0:
            share = np.ones(len(line.services))
        for service, cash in zip(line.services, split_over(whole.yearly_ore, share), strict=True):
            by_service[service].append(
                LineDraws(
                    line.id, line.name, line.kind, (service,), cash, whole.has_source, whole.inputs,
                    line=line, place=whole.place,
                )
            )  # fmt: skip
    return by_service, chances

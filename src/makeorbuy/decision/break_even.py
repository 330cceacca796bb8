"""Break-even: what the price, or the share that falls away, would have to be for the costs to be equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case
from makeorbuy.decision.model import ServiceVerdict
from makeorbuy.decision.recommendation import Judged
from makeorbuy.decision.superiority import Comparison, Values
from makeorbuy.foundation.figure import Figure, FigureSpec, address, figure_from
from makeorbuy.projection.cost.discounting import annuity, discount_factors, steps_from
from makeorbuy.projection.model import LineDraws, OptionCost, Projection

MONTHS_PER_YEAR = 12

PRICE = FigureSpec(
    "decision.break_even_price_nok", "nok_per_year", "Grensepris per år", "Break-even price per year",
    "price at which the expected difference is zero: (price now - difference) / cost of one krone of price; "
    "10-90 % of the same per draw", "decision.md#break-even",
)  # fmt: skip
UNIT = FigureSpec(
    "decision.break_even_unit_nok", "nok_per_unit_month", "Grensepris per enhet og måned",
    "Break-even price per unit and month", "break-even price over cost driver units and 12",
    "decision.md#break-even",
)  # fmt: skip
SHARE = FigureSpec(
    "decision.break_even_avoidable_share", "share", "Bortfallende andel der det går i null",
    "Avoidable share at which costs are equal",
    "avoidable share now times (1 + expected difference / expected avoidable cost)",
    "decision.md#break-even",
)  # fmt: skip
TO_BEAT = FigureSpec(
    "decision.price_to_beat_nok", "nok_per_year", "Grensepris å slå, per år", "Price to beat, per year",
    "(avoidable cost - transition over the annuity) / (1 + retained share); mean, 10-90 % of draws",
    "decision.md#price-to-beat",
)  # fmt: skip
TO_BEAT_UNIT = FigureSpec(
    "decision.price_to_beat_unit_nok", "nok_per_unit_month", "Grensepris å slå, per enhet og måned",
    "Price to beat, per unit and month", "price to beat over cost driver units and 12",
    "decision.md#price-to-beat",
)  # fmt: skip
TRANSITION = FigureSpec(
    "decision.transition_nok", "nok", "Etablering som er lagt til grunn", "Transition taken as a basis",
    "screening_transition_share times the service's yearly cost today", "decision.md#price-to-beat",
)  # fmt: skip
FIGURES = (PRICE, UNIT, SHARE, TO_BEAT, TO_BEAT_UNIT, TRANSITION)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """A break-even: now, where costs are equal in expectation, and the same draw by draw."""

    now: Values
    value: float
    draws: Values


def price_lines(cost: OptionCost) -> tuple[LineDraws, ...]:
    """Return the lines that are the supplier's price."""
    return tuple(line for line in cost.lines if line.kind == "price")


def yearly_price(cost: OptionCost) -> Values:
    """Return the supplier's yearly price in kroner of the price year, before indexing, shape (draws,).

    A line that does not run through the whole horizon counts as the equal yearly amount.
    """
    total = np.zeros(cost.discount.size and cost.lines[0].yearly_ore.shape[0])
    for item in price_lines(cost):
        line = item.line
        whole = (
            line is not None
            and line.per != "once"
            and line.chance is None
            and line.from_year <= 1
            and line.to_year >= cost.discount.size - 1
        )
        amount = item.amount_nok if whole else None
        total = total + (cost.equivalent_yearly_nok((item,)) if amount is None else amount)
    return total


def break_even_price(cost: OptionCost, saving_nok: Values) -> BreakEven | None:
    """Return the yearly price at which the option costs the same as business as usual.

    Cost is affine in the price, so each draw has its own exact answer; none is searched for.

    Returns
    -------
    BreakEven or None
        None where the option has no price. [NOK per year]
    """
    now = yearly_price(cost)
    if not (now > 0).all():
        return None
    of_price = cost.equivalent_yearly_nok(price_lines(cost))
    per_krone = of_price / now  # above or below 1 where the price is indexed
    room = of_price + saving_nok
    return BreakEven(now, float(room.mean() / per_krone.mean()), room / per_krone)


def avoidable_share_of_lot(projection: Projection, services: tuple[str, ...]) -> Values:
    """Return the share of the lot's cost today that falls away in the end, shape (draws,)."""
    parts = [projection.services[service] for service in services]
    total = sum(part.today_nok for part in parts)
    share = np.zeros_like(parts[0].avoidable_share)
    for part in parts:
        share = share + part.avoidable_share * (part.today_nok / total if total else 0.0)
    return share


def avoidable_cost_of_lot(cost: OptionCost) -> Values:
    """Return what falls away of today's cost, as an equal yearly amount, shape (draws,). [NOK per year]"""
    today = tuple(line for line in cost.business_as_usual if line.kind == "business_as_usual")
    remaining = tuple(line for line in cost.lines if line.kind == "remaining")
    return cost.equivalent_yearly_nok(today) - cost.equivalent_yearly_nok(remaining)


def break_even_avoidable_share(
    projection: Projection, cost: OptionCost, saving_nok: Values
) -> BreakEven | None:
    """Return the avoidable share of the lot at which costs are equal, all its services scaled alike.

    Returns
    -------
    BreakEven or None
        None where nothing falls away. Above 1: no share is enough.
    """
    avoidable = avoidable_cost_of_lot(cost)
    if not (avoidable > 0).all():
        return None
    now = avoidable_share_of_lot(projection, cost.services)
    value = float(now.mean() * (1 - saving_nok.mean() / avoidable.mean()))
    return BreakEven(now, value, now * (1 - saving_nok / avoidable))


def price_unit_count(case: Case, comparison: Comparison) -> float:
    """Return by how many units of the cost driver a lot's price is divided."""
    units = [
        line.units for line in comparison.option.lines if line.kind == "price" and line.units is not None
    ]
    return units[0] if units else case.service(comparison.option.services[0]).driver.count


def break_even_figures(case: Case, projection: Projection, comparison: Comparison) -> list[Figure]:
    """Return an offer's break-even price and avoidable share."""
    option, cost, saving = comparison.option, comparison.cost, comparison.saving_nok
    if not option.is_external:
        return []
    inputs = (
        address("projection.cost.lines", option.id),
        address("projection.cost.business_as_usual_nok", option.id),
    )
    if cost is None or saving is None:
        return [
            figure_from(spec, (option.id,), reason=comparison.cost_reason, inputs=inputs)
            for spec in (PRICE, UNIT, SHARE)
        ]
    found = []
    price = break_even_price(cost, saving)
    if price is None:
        found += [figure_from(spec, (option.id,), reason="no_price", inputs=inputs) for spec in (PRICE, UNIT)]
    else:
        units = price_unit_count(case, comparison) * MONTHS_PER_YEAR
        found.append(_interval(case, PRICE, option.id, price.value, price.draws, inputs))
        found.append(
            _interval(
                case, UNIT, option.id, price.value / units, price.draws / units,
                (address(PRICE.name, option.id),),
            )
        )  # fmt: skip
    share = break_even_avoidable_share(projection, cost, saving)
    if share is None or not 0 <= share.value <= 1:
        found.append(figure_from(SHARE, (option.id,), reason="no_share_is_enough", inputs=inputs))
    else:
        found.append(_interval(case, SHARE, option.id, share.value, share.draws, inputs))
    return found


def _interval(
    case: Case, spec: FigureSpec, subject: str, value: float, draws: Values, inputs: tuple[str, ...]
) -> Figure:
    level = case.assumptions.number("interval_level")
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    rest: dict[str, Any] = {"level": level, "n": draws.size, "inputs": inputs}
    return figure_from(spec, (subject,), value, low=float(low), high=float(high), **rest)


def price_to_beat(
    avoidable_nok: Values, transition_nok: float, retained_share: float, annuity_factor: float
) -> Values:
    """Return the yearly price that a supplier must beat where nobody has offered.

    What would fall away is what may be paid, less the way there and those who must stay to buy and steer.

    Parameters
    ----------
    avoidable_nok : ndarray, shape (draws,)
        What falls away if the service leaves. [NOK per year]
    transition_nok : float
        In all, in year 0. [NOK]
    retained_share : float
        Cost of the retained organisation as a share of the price.
    annuity_factor : float
        Present value of one krone a year over the horizon.

    Returns
    -------
    ndarray, shape (draws,)
        [NOK per year]

    Examples
    --------
    >>> price_to_beat(np.array([100.0]), 90.0, 0.06, 4.5).round(4).tolist()
    [75.4717]
    """
    return (avoidable_nok - transition_nok / annuity_factor) / (1 + retained_share)


def price_to_beat_figures(
    case: Case,
    baseline: Baseline,
    projection: Projection,
    judged: Mapping[str, Judged],
    verdicts: Mapping[str, ServiceVerdict],
) -> list[Figure]:
    """Return the price to beat for each service that may leave and for which nobody has a valid offer."""
    offered = {service for item in judged.values() if item.is_offer for service in item.option.services}
    share = case.assumptions.number("screening_transition_share")
    retained = case.assumptions.number("screening_retained_share")
    factor = annuity(
        discount_factors(case.horizon_years, steps_from(case.assumptions.number("discount_rate_real")))
    )
    found: list[Figure] = []
    for service in case.services:
        if service.id in offered or verdicts[service.id].recommendation == "not_allowed":
            continue
        yearly = address("baseline.unit_cost.yearly_nok", service.id)
        draws = projection.services.get(service.id)
        if draws is None:
            reason = baseline.services[service.id].cost.reason or "no_ledger"
            found += [
                figure_from(spec, (service.id,), reason=reason, inputs=(yearly,))
                for spec in (TRANSITION, TO_BEAT, TO_BEAT_UNIT)
            ]
            continue
        transition = share * draws.today_nok
        inputs = (yearly, "assumption:screening_transition_share")
        found.append(figure_from(TRANSITION, (service.id,), transition, basis="assumed", inputs=inputs))
        price = price_to_beat(draws.avoidable_nok, transition, retained, factor)
        keys = (
            yearly,
            address(TRANSITION.name, service.id),
            *((service.avoidable.share.place,) if service.avoidable.share.place else ()),
            "assumption:screening_retained_share",
            "assumption:discount_rate_real",
        )
        if not price.mean() > 0:
            found += [
                figure_from(spec, (service.id,), reason="no_price_is_low_enough", inputs=keys)
                for spec in (TO_BEAT, TO_BEAT_UNIT)
            ]
            continue
        units = service.driver.count * MONTHS_PER_YEAR
        found.append(_interval(case, TO_BEAT, service.id, float(price.mean()), price, keys))
        found.append(
            _interval(
                case, TO_BEAT_UNIT, service.id, float(price.mean()) / units, price / units,
                (address(TO_BEAT.name, service.id),),
            )
        )  # fmt: skip
    return found

"""The cost of an option over its lot against business as usual over the same services, with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, Value, address, figure_from
from makeorbuy.foundation.streams import Streams
from makeorbuy.foundation.units import ORE_PER_NOK
from makeorbuy.projection.cost.business_as_usual import adopted_lines, carried_forward, today_line
from makeorbuy.projection.cost.discounting import annuity, discount_factors, present_value, steps_from
from makeorbuy.projection.cost.lines import line_draws
from makeorbuy.projection.cost.stranded import avoidable_ore, remaining_line
from makeorbuy.projection.draws import Growth, draws_of
from makeorbuy.projection.model import LineDraws, OptionCost, ServiceCostDraws

YEARLY = FigureSpec(
    "projection.cost.yearly_nok", "nok_per_year", "Årlig kostnad, full sammenligning",
    "Yearly cost, full comparison",
    "present value of all lines, remaining cost included, over the annuity; mean of draws, 10-90 %",
    "cost.md#equivalent-yearly-cost",
)  # fmt: skip
BUSINESS_AS_USUAL = FigureSpec(
    "projection.cost.business_as_usual_nok", "nok_per_year", "Nullalternativet for de samme tjenestene",
    "Business as usual over the same services",
    "present value of today's cost carried forward and what is decided, over the annuity; mean of draws",
    "cost.md#business-as-usual",
)  # fmt: skip
PRESENT_VALUE = FigureSpec(
    "projection.cost.present_value_nok", "nok", "Nåverdi av kostnadene", "Present value of the costs",
    "sum over years of cash times discount factor; mean of draws, 10-90 %", "cost.md#discounting",
)  # fmt: skip
LINES = FigureSpec(
    "projection.cost.lines", "table", "Kostnadslinjer, per år", "Cost lines, per year",
    "present value of each line over the annuity; mean of draws, 10-90 %", "cost.md#cost-lines",
)  # fmt: skip
YEARS = FigureSpec(
    "projection.cost.years", "table", "Kostnad per år og linje", "Cost per year and line",
    "mean of draws of each line's cash in each year, year 0 being the establishment", "cost.md#cost-lines",
)  # fmt: skip
AVOIDABLE_SHARE = FigureSpec(
    "projection.cost.avoidable_share", "share", "Andel som faller bort hvis tjenesten flyttes",
    "Share that falls away if the service leaves",
    "as the case states it, drawn; mean of draws, 10-90 %", "cost.md#remaining-cost",
)  # fmt: skip
FIGURES = (YEARLY, BUSINESS_AS_USUAL, PRESENT_VALUE, LINES, YEARS, AVOIDABLE_SHARE)

KIND_ORDER = (
    "business_as_usual", "price", "remaining", "scope_gap", "retained", "transition", "parallel_run", "exit",
    "risk", "measure", "adopted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServiceLines:
    """What one service costs under business as usual and what of it stays if the service leaves."""

    today: LineDraws
    adopted: tuple[LineDraws, ...]
    remaining: LineDraws
    avoidable_share: NDArray[np.float64]

    @property
    def stays(self) -> tuple[LineDraws, ...]:
        """The decided lines that go on although the service has left."""
        return tuple(line for line in self.adopted if line.line is None or not line.line.falls_away)


@dataclass(frozen=True, slots=True)
class CostFrame:
    """What the costs of all options share: discounting, growth, and every service under business as usual."""

    discount: NDArray[np.float64]
    annuity: float
    growth: Growth
    services: dict[str, ServiceLines]
    reasons: dict[str, str]
    """Why a service has no cost, by service."""
    chances: dict[str, NDArray[np.bool_]]


def cost_frame(case: Case, baseline: Baseline, growth: Growth, streams: Streams) -> CostFrame:
    """Return what the costs of all options share."""
    discount = discount_factors(case.horizon_years, steps_from(case.assumptions.number("discount_rate_real")))
    costs = {name: service.cost for name, service in baseline.services.items()}
    reasons = {
        service.id: _missing(costs[service.id].reason, bool(costs[service.id].components))
        for service in case.services
    }
    known = {name: costs[name] for name, reason in reasons.items() if not reason}
    weights = {name: cost.yearly_ore for name, cost in known.items()}
    adopted, chances = adopted_lines(case, weights, growth, streams)
    services: dict[str, ServiceLines] = {}
    for service in case.services:
        if service.id not in known:
            continue
        today = carried_forward(known[service.id], growth)
        place = f"case:services.yaml#services.{service.id}.avoidable.share"
        share = draws_of(service.avoidable.share, today.shape[0], streams, place, "share")
        remaining = today - avoidable_ore(today, share, service.avoidable.run_off)
        services[service.id] = ServiceLines(
            today_line(service.id, today),
            tuple(adopted[service.id]),
            remaining_line(service, remaining, place),
            share,
        )
    missing = {name: reason for name, reason in reasons.items() if reason}
    return CostFrame(discount, annuity(discount), growth, services, missing, chances)


def _missing(reason: str | None, has_components: bool) -> str:
    return reason or ("" if has_components else "no_ledger")


def option_cost(
    case: Case, option: SourcingOption, frame: CostFrame, streams: Streams
) -> tuple[OptionCost | None, dict[str, NDArray[np.bool_]]]:
    """Return the cost of an option over its lot, or None when a service of it has no cost.

    An offer is paid on top of what remains of today's cost; an option in house keeps today's cost and adds
    what it costs and saves.

    Returns
    -------
    OptionCost or None
    dict of str to ndarray of bool
        Whether each of its lines that may or may not happen does, by place.
    """
    chances: dict[str, NDArray[np.bool_]] = {}
    own: list[LineDraws] = []
    if option.kind != "business_as_usual":
        for line in option.lines:
            draws, happens = line_draws(case, option, line, frame.growth, streams)
            own.append(draws)
            if happens is not None:
                chances[draws.place] = happens
    if any(service in frame.reasons for service in option.services):
        return None, chances
    parts = [frame.services[service] for service in option.services]
    usual = tuple(line for part in parts for line in (part.today, *part.adopted))
    if option.is_external:
        stays = [line for part in parts for line in (part.remaining, *part.stays)]
        lines = (*own, *stays)
    else:
        lines = (*usual, *own)
    return OptionCost(option.id, option.services, lines, usual, frame.discount, frame.annuity), chances


def service_cost_draws(frame: CostFrame, today_ore: dict[str, int]) -> dict[str, ServiceCostDraws]:
    """Return each service's cost under business as usual and what would fall away, as yearly amounts."""

    def yearly(*cash: NDArray[np.int64]) -> NDArray[np.float64]:
        total = np.sum(cash, axis=0)
        return present_value(total, frame.discount) / ORE_PER_NOK / frame.annuity

    table = {}
    for name, part in frame.services.items():
        leaves = [line.yearly_ore for line in part.adopted if line.line is not None and line.line.falls_away]
        table[name] = ServiceCostDraws(
            name,
            yearly(part.today.yearly_ore, *(line.yearly_ore for line in part.adopted)),
            yearly(part.today.yearly_ore - part.remaining.yearly_ore, *leaves),
            part.avoidable_share,
            today_ore[name] / ORE_PER_NOK,
        )
    return table


def avoidable_figures(case: Case, frame: CostFrame) -> list[Figure]:
    """Return the share of each service's cost that falls away if it leaves."""
    level = case.assumptions.number("interval_level")
    found = []
    for name, part in frame.services.items():
        low, high = np.quantile(part.avoidable_share, ((1 - level) / 2, (1 + level) / 2))
        share = case.service(name).avoidable.share
        inputs = tuple(key for key in (share.place, "assumption:draws") if key)
        found.append(
            figure_from(
                AVOIDABLE_SHARE, (name,), float(part.avoidable_share.mean()),
                low=float(low), high=float(high), level=level, n=part.avoidable_share.size,
                basis="assumed", inputs=inputs,
            )
        )  # fmt: skip
    return found


def cost_figures(
    case: Case, option: str, services: tuple[str, ...], cost: OptionCost | None, frame: CostFrame
) -> list[Figure | Series]:
    """Return the figures of an option's cost, or the reason why there are none."""
    if cost is None:
        reason = next(frame.reasons[service] for service in services if service in frame.reasons)
        inputs = tuple(address("baseline.unit_cost.yearly_nok", service) for service in services)
        return [
            *(
                figure_from(spec, (option,), reason=reason, inputs=inputs)
                for spec in (YEARLY, BUSINESS_AS_USUAL, PRESENT_VALUE)
            ),
            Series(address(LINES.name, option), _LINE_COLUMNS, (), reason, inputs),
            Series(address(YEARS.name, option), _YEAR_COLUMNS, (), reason, inputs),
        ]
    level = case.assumptions.number("interval_level")
    ends = ((1 - level) / 2, (1 + level) / 2)
    common = ("assumption:discount_rate_real", "assumption:draws")
    inputs = tuple(dict.fromkeys(key for line in cost.lines for key in line.inputs))

    def over_draws(spec: FigureSpec, values: NDArray[np.float64], *keys: str) -> Figure:
        low, high = np.quantile(values, ends)
        rest: dict[str, Any] = {"level": level, "n": values.size, "inputs": (*keys, *common)}
        return figure_from(spec, (option,), float(values.mean()), low=float(low), high=float(high), **rest)

    yearly = cost.equivalent_yearly_nok(cost.lines)
    usual = cost.equivalent_yearly_nok(cost.business_as_usual)
    usual_inputs = tuple(dict.fromkeys(key for line in cost.business_as_usual for key in line.inputs))
    rows, years = _tables(cost, ends)
    by_line, by_year = address(LINES.name, option), address(YEARS.name, option)
    return [  # the way back: sum, lines, years, what is written of each line
        over_draws(YEARLY, yearly, by_line),
        over_draws(BUSINESS_AS_USUAL, usual, *usual_inputs),
        over_draws(PRESENT_VALUE, yearly * cost.annuity, by_line),
        Series(by_line, _LINE_COLUMNS, rows, None, (by_year, *common)),
        Series(by_year, _YEAR_COLUMNS, years, None, inputs),
    ]


_LINE_COLUMNS = (
    Column("line", "id"),
    Column("name_nb", "text"),
    Column("name_en", "text"),
    Column("kind", "code"),
    Column("nok", "nok_per_year"),
    Column("low", "nok_per_year"),
    Column("high", "nok_per_year"),
    Column("has_source", "truth"),
)
_YEAR_COLUMNS = (Column("year", "year"), Column("line", "id"), Column("nok", "nok"))


def grouped_lines(lines: tuple[LineDraws, ...]) -> list[tuple[LineDraws, ...]]:
    """Return the lines as they are shown: the same line over several services is one row."""
    groups: dict[tuple[str, str], list[LineDraws]] = {}
    for line in lines:
        groups.setdefault((line.kind, line.id), []).append(line)
    return [
        tuple(group) for _, group in sorted(groups.items(), key=lambda item: KIND_ORDER.index(item[0][0]))
    ]


def _tables(
    cost: OptionCost, ends: tuple[float, float]
) -> tuple[tuple[tuple[Value, ...], ...], tuple[tuple[Value, ...], ...]]:
    rows: list[tuple[Value, ...]] = []
    years: list[tuple[Value, ...]] = []
    for group in grouped_lines(cost.lines):
        head = group[0]
        yearly = cost.equivalent_yearly_nok(group)
        low, high = np.quantile(yearly, ends)
        amounts = (float(yearly.mean()), float(low), float(high))
        has_source = all(line.has_source for line in group)
        rows.append((head.id, head.name.nb, head.name.en, head.kind, *amounts, has_source))
        total = np.sum([line.yearly_ore for line in group], axis=0)
        for year, nok in enumerate(total.mean(axis=0) / ORE_PER_NOK):
            years.append((year, head.id, float(nok)))
    return tuple(rows), tuple(years)

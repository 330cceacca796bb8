"""What it costs: from the ledger to each service's yearly cost and cost per driver, to the øre.

Every ledger row of twelve months goes one way: out of scope, directly to a service, into a pool split
by a driver, into overhead, or to the unallocated rest that is shown. What others pay (the seconded)
stands outside the ledger and is added. See ``docs/methods/unit-cost.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from makeorbuy.baseline.model import CostComponent, ServiceCost
from makeorbuy.baseline.query import run
from makeorbuy.case.model import Case, LedgerRule, Service
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from
from makeorbuy.foundation.units import ORE_PER_NOK, split_ore, to_ore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

YEARLY = FigureSpec(
    "baseline.unit_cost.yearly_nok", "nok_per_year",
    "Årskostnad i dag", "Yearly cost today",
    "direct + driver + overhead + outside the ledger", "unit-cost.md#build-up",
)  # fmt: skip
UNIT = FigureSpec(
    "baseline.unit_cost.unit_nok", "nok_per_unit_year",
    "Kostnad per enhet og år", "Cost per driver unit and year",
    "yearly cost / number of driver units", "unit-cost.md#unit-cost",
)  # fmt: skip
OUTSIDE = FigureSpec(
    "baseline.unit_cost.outside_ledger_nok", "nok_per_year",
    "Kostnad utenfor regnskapet", "Cost outside the ledger",
    "sum of the entries in outside_ledger.yaml", "unit-cost.md#outside-the-ledger",
)  # fmt: skip
STAFF_SHARE = FigureSpec(
    "baseline.unit_cost.staff_share", "share",
    "Andel lønn", "Share that grows with wages",
    "staff components / yearly cost", "unit-cost.md#build-up",
)  # fmt: skip
TOTAL = FigureSpec(
    "baseline.unit_cost.total_nok", "nok_per_year",
    "Årskostnad for alle tjenester", "Yearly cost of all services",
    "ledger - out of scope - unallocated + outside the ledger", "unit-cost.md#bridge",
)  # fmt: skip
BUILD_UP = FigureSpec(
    "baseline.unit_cost.build_up", "table",
    "Hva årskostnaden består av", "What the yearly cost consists of",
    "ledger rows by rule: direct, by allocation key, overhead by direct staff cost; then what it lacks",
    "unit-cost.md#build-up",
)  # fmt: skip
BRIDGE = FigureSpec(
    "baseline.unit_cost.bridge", "table",
    "Fra regnskap til tjenester", "From ledger to services",
    "ledger total - out of scope - unallocated = direct + driver + overhead; + outside the ledger = total",
    "unit-cost.md#bridge",
)  # fmt: skip
FIGURES = (YEARLY, UNIT, OUTSIDE, STAFF_SHARE, TOTAL, BUILD_UP, BRIDGE)

Origin = Literal["direct", "driver", "overhead", "outside_ledger"]
ORIGINS: tuple[Origin, ...] = ("direct", "driver", "overhead", "outside_ledger")
Found = tuple[str, LedgerRule, int]
"""Service, rule, øre."""
LedgerRow = tuple[str, str, int]
"""Cost centre, account, øre."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Every øre of the ledger placed, and each service's cost.

    Attributes
    ----------
    services : dict of str to ServiceCost
    ledger_total_ore, out_of_scope_ore, unallocated_ore : int
        ``ledger_total - out_of_scope - unallocated`` equals the components from the ledger. [øre]
    reason : str or None
        Why there is no cost: ``no_ledger`` or ``ledger_not_twelve_months``.
    """

    services: dict[str, ServiceCost]
    ledger_total_ore: int
    out_of_scope_ore: int
    unallocated_ore: int
    reason: str | None

    def sum_ore(self, origin: Origin) -> int:
        """Return the sum of one origin over all services. [øre]"""
        return sum(
            component.yearly_ore
            for cost in self.services.values()
            for component in cost.components
            if component.origin == origin
        )


def twelve_months(end: datetime) -> tuple[int, int]:
    """Return the last twelve whole months at or before the cut, as months since year 0; end excluded.

    Examples
    --------
    >>> twelve_months(datetime(2025, 1, 1))
    (24288, 24300)
    >>> twelve_months(datetime(2025, 3, 14)) == (2024 * 12 + 2, 2025 * 12 + 2)
    True
    """
    end_month = end.year * 12 + end.month - 1
    return end_month - 12, end_month


def rule_for(cost_centre: str, account: str, rules: Iterable[LedgerRule]) -> LedgerRule | None:
    """Return the rule of a ledger row: an exact cost centre goes before ``*``, then the first in the file.

    Account numbers are compared as text, as far as the bound is written: ``50`` to ``59`` holds 5000
    and 5999. A bound that is left empty is open.
    """
    fallback = None
    for rule in rules:
        if not (
            rule.account_from <= account[: len(rule.account_from)]
            and account[: len(rule.account_to)] <= rule.account_to
        ):
            continue
        if rule.cost_centre == cost_centre:
            return rule
        if rule.cost_centre == "*" and fallback is None:
            fallback = rule
    return fallback


def allocate(case: Case, ledger: Iterable[LedgerRow]) -> Allocation:
    """Place every øre of the ledger.

    Direct cost goes to its service. A driver pool is split by the case's allocation key, and overhead
    in proportion to direct staff cost, both by largest remainders so that the parts add up. What no
    rule covers, or what has no key to be split by, stays unallocated and is shown.

    Parameters
    ----------
    case : Case
    ledger : iterable of (cost centre, account, øre)
        Sums over twelve months.

    Returns
    -------
    Allocation

    References
    ----------
    .. [1] C. Drury, "Management and Cost Accounting", chapters on direct allocation and cost drivers;
       the largest-remainder split is Hamilton's method.
    """
    ids = [service.id for service in case.services]
    direct: dict[tuple[str, LedgerRule], int] = {}
    pools: dict[LedgerRule, int] = {}
    total = out_of_scope = unallocated = 0
    for cost_centre, account, amount_ore in ledger:
        total += amount_ore
        rule = rule_for(cost_centre, account, case.ledger_rules)
        if rule is None or (rule.kind == "direct" and rule.target not in ids):
            unallocated += amount_ore
        elif rule.kind == "out_of_scope":
            out_of_scope += amount_ore
        elif rule.kind == "direct":
            direct[rule.target, rule] = direct.get((rule.target, rule), 0) + amount_ore
        else:
            pools[rule] = pools.get(rule, 0) + amount_ore

    staff_ore = dict.fromkeys(ids, 0)
    for (service, rule), amount_ore in direct.items():
        staff_ore[service] += amount_ore if rule.is_staff else 0
    found: list[Found] = [(service, rule, ore) for (service, rule), ore in direct.items()]
    for rule, amount_ore in pools.items():
        key = case.allocation_keys.get(rule.target, {}) if rule.kind == "driver" else staff_ore
        weights = np.array([max(key.get(service, 0), 0) for service in ids], dtype=np.float64)
        if not weights.sum() > 0:
            unallocated += amount_ore
            continue
        parts = split_ore(amount_ore, weights).tolist()
        found += [(service, rule, part) for service, part in zip(ids, parts, strict=True) if part]

    return Allocation(
        {service: ServiceCost(tuple(_components(case, service, found))) for service in ids},
        total,
        out_of_scope,
        unallocated,
        None,
    )


def _components(case: Case, service: str, found: list[Found]) -> list[CostComponent]:
    """One row for each origin and name: first the ledger's in the order of its rules, then the others."""
    order: dict[str, int] = {"direct": 0, "driver": 1, "overhead": 2}
    own = sorted((r for r in found if r[0] == service), key=lambda r: (order[r[1].kind], r[1].record))
    rows: dict[tuple[str, str, str, bool], tuple[int, tuple[str, ...]]] = {}
    for _, rule, ore in own:
        key = (rule.kind, rule.component_nb, rule.component_en, rule.is_staff)
        row = f"{rule.cost_centre},{rule.account_from}-{rule.account_to}"
        inputs = ["evidence:ledger", f"case:evidence/ledger_mapping.csv#{row}"]
        if rule.kind == "driver":
            inputs.append(f"case:evidence/allocation_keys.yaml#{rule.target}")
        before, keys = rows.get(key, (0, ()))
        rows[key] = before + ore, tuple(dict.fromkeys((*keys, *inputs)))
    components = [
        CostComponent(nb, en, origin, is_staff, ore, inputs)  # type: ignore[arg-type]  # kinds that reach here
        for (origin, nb, en, is_staff), (ore, inputs) in rows.items()
    ]
    for outside in case.outside_ledger:
        if outside.service == service:
            components.append(
                CostComponent(
                    outside.name.nb, outside.name.en, "outside_ledger", outside.is_staff,
                    int(to_ore(outside.nok_per_year)), (outside.place or "case:outside_ledger.yaml",),
                )
            )  # fmt: skip
    return components


def service_costs(connection: DuckDBPyConnection, case: Case) -> Allocation:
    """Return each service's yearly cost from the twelve whole months of the ledger up to the cut.

    A ledger that lacks one of the twelve is refused, not scaled up: year-end entries, holiday pay and
    investment do not come evenly over the year.
    """
    first, end = twelve_months(case.period.end)
    months = set(run(connection, "ledger_months")["month_number"].tolist())
    reason = None
    if not months:
        reason = "no_ledger"
    elif not months.issuperset(range(first, end)):
        reason = "ledger_not_twelve_months"
    if reason:
        nothing = {service.id: ServiceCost((), reason) for service in case.services}
        return Allocation(nothing, 0, 0, 0, reason)
    rows = run(connection, "ledger", first_month=first, end_month=end)
    allocation = allocate(
        case,
        zip(rows["cost_centre"].tolist(), rows["account"].tolist(), rows["amount_ore"].tolist(), strict=True),
    )
    costs = {
        service: cost if cost.components else ServiceCost((), "no_cost_booked")
        for service, cost in allocation.services.items()
    }
    return Allocation(
        costs, allocation.ledger_total_ore, allocation.out_of_scope_ore, allocation.unallocated_ore, None
    )


def figures(service: Service, cost: ServiceCost) -> list[Figure | Series]:
    """Return the cost of one service and its build-up."""
    subject, yearly = (service.id,), cost.yearly_ore / ORE_PER_NOK
    inputs = tuple(dict.fromkeys(key for component in cost.components for key in component.inputs))
    inputs = inputs or ("evidence:ledger",)
    outside = [component for component in cost.components if component.origin == "outside_ledger"]
    count, place = service.driver.count, service.place or f"case:services.yaml#{service.id}"
    no_unit = cost.reason or (None if count > 0 else "no_driver_count")
    no_share = cost.reason or (None if cost.yearly_ore else "cost_is_zero")
    return [
        figure_from(
            YEARLY, subject, None if cost.reason else yearly,
            reason=cost.reason, basis="measured", inputs=inputs,
        ),
        figure_from(
            UNIT, subject, None if no_unit else yearly / count,
            reason=no_unit, basis="measured",
            inputs=(address(YEARLY.name, service.id), f"{place}.cost_driver"),
        ),
        figure_from(
            OUTSIDE, subject,
            None if cost.reason else sum(c.yearly_ore for c in outside) / ORE_PER_NOK,
            reason=cost.reason, basis="stated",
            inputs=tuple(dict.fromkeys(key for c in outside for key in c.inputs)),
        ),
        figure_from(
            STAFF_SHARE, subject, None if no_share else cost.staff_ore / cost.yearly_ore,
            reason=no_share, basis="measured", inputs=inputs,
        ),
        Series(
            address(BUILD_UP.name, service.id),
            (
                Column("component_nb", "text"), Column("component_en", "text"), Column("origin", "text"),
                Column("nok", "nok_per_year"), Column("is_staff", "flag"),
            ),
            tuple(
                (c.name_nb, c.name_en, c.origin, c.yearly_ore / ORE_PER_NOK, c.is_staff)
                for c in cost.components
            ),
            cost.reason, inputs, "measured",
        ),
    ]  # fmt: skip


def bridge_figures(allocation: Allocation) -> list[Figure | Series]:
    """Return the way from the ledger to the cost of all services, to the øre."""
    parts = {origin: allocation.sum_ore(origin) for origin in ORIGINS}
    allocated = parts["direct"] + parts["driver"] + parts["overhead"]
    steps = {
        "ledger_total": allocation.ledger_total_ore,
        "out_of_scope": allocation.out_of_scope_ore,
        "direct": parts["direct"],
        "driver": parts["driver"],
        "overhead": parts["overhead"],
        "unallocated": allocation.unallocated_ore,
        "allocated": allocated,
        "outside_ledger": parts["outside_ledger"],
        "total": allocated + parts["outside_ledger"],
    }
    outside = (
        key
        for cost in allocation.services.values()
        for component in cost.components
        if component.origin == "outside_ledger"
        for key in component.inputs
    )
    inputs = ("evidence:ledger", "case:evidence/ledger_mapping.csv", *dict.fromkeys(outside))
    return [
        Series(
            BRIDGE.name,
            (Column("step", "text"), Column("nok", "nok_per_year")),
            () if allocation.reason else tuple((step, ore / ORE_PER_NOK) for step, ore in steps.items()),
            allocation.reason, inputs, "measured",
        ),
        figure_from(
            TOTAL, (), None if allocation.reason else steps["total"] / ORE_PER_NOK,
            reason=allocation.reason, basis="measured", inputs=inputs,
        ),
    ]  # fmt: skip

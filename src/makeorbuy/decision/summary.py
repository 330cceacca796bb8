"""The whole picture: each service once under its recommendation, and what following them all would save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case
from makeorbuy.decision.model import Recommendation, ServiceVerdict
from makeorbuy.decision.recommendation import Judged
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, Value, address, figure_from
from makeorbuy.foundation.units import ORE_PER_NOK

SUMMARY = FigureSpec(
    "decision.summary", "table", "Tilrådinger", "Recommendations",
    "yearly cost today of the services under each recommendation, each service once",
    "decision.md#each-service-once",
)  # fmt: skip
TOTAL_SAVING = FigureSpec(
    "decision.total_saving_nok", "nok_per_year", "Innsparing når tilrådingene følges",
    "Saving when the recommendations are followed",
    "sum of the net savings of the options to follow, draw by draw; mean, 10-90 %",
    "decision.md#total-saving",
)  # fmt: skip
TOTAL_COST = FigureSpec(
    "decision.total_cost_nok", "nok_per_year", "Dagens kostnad for alle tjenester",
    "Today's cost of all services", "sum of the yearly cost of the services that have one",
    "decision.md#total-saving",
)  # fmt: skip
FIGURES = (SUMMARY, TOTAL_SAVING, TOTAL_COST)


def summary_entries(
    case: Case,
    baseline: Baseline,
    judged: Mapping[str, Judged],
    verdicts: Mapping[str, ServiceVerdict],
    chosen: tuple[str, ...],
) -> list[Figure | Series]:
    """Return the recommendations in fixed order, also the empty ones, and the totals."""
    yearly = {
        name: service.cost.yearly_ore
        for name, service in baseline.services.items()
        if service.cost.reason is None and service.cost.components
    }
    total = sum(yearly.values())
    rows: list[tuple[Value, ...]] = []
    for recommendation in get_args(Recommendation):
        under = [
            service.id for service in case.services if verdicts[service.id].recommendation == recommendation
        ]
        under.sort(key=lambda name: -yearly.get(name, 0))  # stable: equal costs keep the case's order
        ore = sum(yearly.get(name, 0) for name in under)
        options = dict.fromkeys(verdicts[name].counted_under for name in under)
        reason = verdicts[under[0]].reasons[0] if under else None
        rows.append(
            (
                recommendation, ore / ORE_PER_NOK, ore / total if total else None, ",".join(under),
                ",".join(name for name in options if name), reason,
            )
        )  # fmt: skip
    columns = (
        Column("recommendation", "code"),
        Column("nok", "nok_per_year"),
        Column("share", "share"),
        Column("services", "ids"),
        Column("options", "ids"),
        Column("reason", "code"),
    )
    per_service = tuple(address("decision.service_recommendation", service.id) for service in case.services)
    costs = tuple(address("baseline.unit_cost.yearly_nok", name) for name in yearly)
    entries: list[Figure | Series] = [
        Series(SUMMARY.name, columns, tuple(rows), None, (*per_service, *costs))
    ]
    if total:
        entries.append(figure_from(TOTAL_COST, (), total / ORE_PER_NOK, inputs=costs))
    else:
        missing = next(iter(baseline.services.values()), None)
        reason = (missing.cost.reason if missing else None) or "no_ledger"
        entries.append(figure_from(TOTAL_COST, (), reason=reason, inputs=per_service))
    entries.append(_total_saving(case, judged, chosen))
    return entries


def _total_saving(case: Case, judged: Mapping[str, Judged], chosen: tuple[str, ...]) -> Figure:
    """Return what following all recommendations saves; nothing to follow saves nothing."""
    inputs = tuple(address("decision.net_saving_nok", name) for name in chosen)
    savings = [judged[name].comparison.saving_nok for name in chosen]
    known = [saving for saving in savings if saving is not None]
    level = case.assumptions.number("interval_level")
    if not known:
        if any(item.comparison.saving_nok is not None for item in judged.values()):
            return figure_from(TOTAL_SAVING, (), 0.0, low=0.0, high=0.0, level=level)
        return figure_from(TOTAL_SAVING, (), reason="no_option_with_cost")
    total = np.sum(known, axis=0)
    low, high = np.quantile(total, ((1 - level) / 2, (1 + level) / 2))
    return figure_from(
        TOTAL_SAVING, (), float(total.mean()), low=float(low), high=float(high), level=level, n=total.size,
        inputs=inputs,
    )  # fmt: skip

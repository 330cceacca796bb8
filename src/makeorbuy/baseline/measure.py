"""Measure today: every figure of the baseline, service by service."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline import (
    backlog,
    demand,
    flow_time,
    handling_time,
    handoffs,
    rework,
    service_level,
    unit_cost,
)
from makeorbuy.baseline.bootstrap import grid_quantiles, percentile_interval, week_bootstrap
from makeorbuy.baseline.model import Baseline, Estimate, FlowCounts, ServiceBaseline, SurvivalCurve
from makeorbuy.baseline.spoilt import seen_from, with_findings
from makeorbuy.case.model import Case, Clock, Service
from makeorbuy.evidence.detectors import Finding
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Figure, Ledger, Series
from makeorbuy.foundation.streams import Streams

Entry = TypeVar("Entry", Figure, Series)


def measure(case: Case, evidence: Evidence, streams: Streams, findings: Iterable[Finding] = ()) -> Baseline:
    """Measure every service as it is today.

    Parameters
    ----------
    case : Case
    evidence : Evidence
        The snapshot; read, never changed.
    streams : Streams
        Gives one named stream per service to the bootstrap.
    findings : iterable of Finding
        What the records tell of how they were selected: figures that they spoil are marked or refused,
        and tickets that only the slow of are there count from the day on which they could be seen.

    Returns
    -------
    Baseline
        The same bytes for the same case, evidence and seed, on any number of threads.
    """
    findings = tuple(findings)
    level = case.assumptions.number("confidence_level")
    with closing(evidence.connect()) as connection:
        flow = flow_time.flow_counts(connection, case, evidence, seen_from(findings))
        counts = demand.ticket_counts(connection, evidence)
        requests = demand.request_counts(connection, evidence)
        worked = handling_time.handling_counts(connection, case.services, evidence)
        backlogs = backlog.backlogs(connection, case, evidence)
        allocation = unit_cost.service_costs(connection, case)

    entries = Ledger()
    services = {}
    for service in case.services:
        own, waiting = counts.get(service.id), backlogs.get(service.id)
        entries.extend(demand.figures(service, own, requests.get(service.id), waiting, level))
        services[service.id] = _speed(case, service, flow, allocation, own, streams, entries)
        entries.extend(backlog.figures(service, waiting, level))
        entries.extend(handling_time.figures(service, worked.get(service.id)))
        entries.extend(handoffs.figures(service, own))
        entries.extend(rework.figures(service, own))
        entries.extend(unit_cost.figures(service, allocation.services[service.id]))
    entries.extend(unit_cost.bridge_figures(allocation))
    figures, series = tuple(entries.figures.values()), tuple(entries.series.values())
    measured = Baseline(services, _traceable(figures, case, evidence), _traceable(series, case, evidence))
    return with_findings(measured, findings)


def _traceable(entries: tuple[Entry, ...], case: Case, evidence: Evidence) -> tuple[Entry, ...]:
    """Leave out inputs that lead nowhere: a source that the case lacks, a key that nobody wrote."""
    sources = {f"evidence:{count.source}" for count in evidence.counts}
    written = set(case.digests)
    for place in case.values:
        file, _, path = place.partition("#")
        parts = path.split(".")
        written.update(f"{file}#{'.'.join(parts[:depth])}" for depth in range(1, len(parts) + 1))
        written.update((file, place.partition("[")[0]))

    def leads_somewhere(key: str) -> bool:
        kind, _, rest = key.partition(":")
        return rest in written if kind == "case" else kind != "evidence" or key in sources

    return tuple(
        replace(entry, inputs=tuple(key for key in entry.inputs if leads_somewhere(key))) for entry in entries
    )


def _speed(
    case: Case,
    service: Service,
    flow: dict[tuple[str, Clock], FlowCounts],
    allocation: unit_cost.Allocation,
    own: dict[str, int] | None,
    streams: Streams,
    entries: Ledger,
) -> ServiceBaseline:
    """Measure the speed of one service, add its figures, and put the service together."""
    level = case.assumptions.number("confidence_level")
    counts = flow.get((service.id, service.clock))
    fewest = case.assumptions.whole("min_tickets"), case.assumptions.whole("min_weeks")
    reason = flow_time.speed_reason(service, counts, *fewest)
    curves: dict[Clock, SurvivalCurve | None] = {}
    for clock in flow_time.CLOCKS:
        curves[clock] = None
        if reason is None:
            timed = flow[service.id, clock]
            curves[clock] = flow_time.kaplan_meier_from_counts(
                timed.hours, timed.resolved_count, timed.censored_count, level, timed.entry_hours
            )
        entries.extend(flow_time.figures(service, clock, curves[clock], reason, level))

    curve = curves[service.clock]
    horizon, horizon_key = flow_time.horizon_hours(case, service.clock)
    mean, closed_only = Estimate(None, reason=reason), None
    replicates: NDArray[np.float64] | None = None
    if curve and counts:
        replicates, means = week_bootstrap(
            counts,
            replicates=case.assumptions.whole("bootstrap_replicates"),
            horizon_hours=horizon,
            rng=streams.named("baseline", "bootstrap", service.id),
        )
        mean = flow_time.restricted_mean_hours(curve, horizon)
        if mean.value is not None:
            mean = Estimate(mean.value, *percentile_interval(means, level))
        closed_only = flow_time.kaplan_meier_from_counts(
            counts.hours, counts.resolved_count, np.zeros_like(counts.censored_count), level
        )
    entries.extend(flow_time.mean_figures(service, curve, mean, closed_only, reason, horizon_key, level))
    entries.extend(service_level.figures(service, curve, counts, reason, level))
    return ServiceBaseline(
        service=service.id,
        tickets=counts.tickets if counts else 0,
        all_tickets=own["tickets"] if own else 0,
        curve=curve,
        bootstrap_quantiles=replicates,
        quantiles=grid_quantiles(curve) if curve else None,
        speed_reason=reason,
        cost=allocation.services[service.id],
    )

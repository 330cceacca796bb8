"""Carry what spoils the records into today's figures: refused with the reason, or marked.

A figure that a finding refuses has no value, and neither has anything that is computed from it: a service
without a speed has none under any option, and a service without a cost has none to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from makeorbuy.baseline.model import Baseline, ServiceBaseline, ServiceCost
from makeorbuy.evidence.detectors import Finding
from makeorbuy.evidence.selection import refusal, with_refusals, with_remarks
from makeorbuy.foundation.figure import address


def seen_from(findings: Iterable[Finding]) -> date | None:
    """Return the day on which the log's ends begin, where a finding says that earlier ones are missing."""
    for finding in findings:
        if finding.code == "delayed_entry":
            return date.fromisoformat(str(dict(finding.facts)["first_day"]))
    return None


def with_findings(baseline: Baseline, findings: Iterable[Finding]) -> Baseline:
    """Return today with every figure refused or marked that a finding spoils.

    Parameters
    ----------
    baseline : Baseline
        As measured.
    findings : iterable of Finding
    """
    findings = tuple(findings)
    return Baseline(
        {name: _service(name, service, findings) for name, service in baseline.services.items()},
        with_remarks(findings, baseline.figures),
        with_refusals(findings, baseline.series),
    )


def _service(name: str, service: ServiceBaseline, findings: tuple[Finding, ...]) -> ServiceBaseline:
    speed, cost = (
        refusal(findings, address(f"baseline.{stage}.", name)) for stage in ("flow_time", "unit_cost")
    )
    if speed is not None and service.speed_reason is None:
        service = replace(
            service, curve=None, bootstrap_quantiles=None, quantiles=None, speed_reason=speed
        )  # fmt: skip
    if cost is not None and service.cost.reason is None:
        service = replace(service, cost=ServiceCost((), cost))
    return service

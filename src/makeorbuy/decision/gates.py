"""Gates: absolute requirements on letting others deliver. Unknown never passes."""

from __future__ import annotations

from dataclasses import dataclass

from makeorbuy.case.model import Case, SourcingOption


@dataclass(frozen=True, slots=True)
class GateFinding:
    """A gate that an offer does not pass.

    ``code``: ``gate_no``, ``gate_unknown``, ``gate_condition_unmet``.
    """

    code: str
    gate: str
    service: str


def gate_findings(case: Case, option: SourcingOption) -> list[GateFinding]:
    """Return every gate that an option does not pass, the closed ones first.

    Gates are applied before anything is compared; a gate is never a penalty that a saving can outweigh. What
    the agency delivers itself has none.
    """
    if not option.is_external:
        return []
    found = []
    for gate in case.gates:
        for service in option.services:
            answer = gate.answers.get(service, gate.default).answer
            if answer == "no":
                found.append(GateFinding("gate_no", gate.id, service))
            elif answer == "unknown":
                found.append(GateFinding("gate_unknown", gate.id, service))
            elif answer == "conditional" and gate.id not in option.meets:
                found.append(GateFinding("gate_condition_unmet", gate.id, service))
    order = ("gate_no", "gate_unknown", "gate_condition_unmet")
    return sorted(found, key=lambda finding: order.index(finding.code))


def closed_gates(case: Case, service: str) -> list[str]:
    """Return the gates that say that nobody else may deliver a service, whoever offers."""
    return [gate.id for gate in case.gates if gate.answers.get(service, gate.default).answer == "no"]


def unknown_gates(case: Case, service: str) -> list[str]:
    """Return the gates whose answer for a service nobody knows."""
    return [gate.id for gate in case.gates if gate.answers.get(service, gate.default).answer == "unknown"]

"""Put the figures of all stages together with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from makeorbuy.assessment.document import digest_of
from makeorbuy.assessment.model import Assessment
from makeorbuy.case.model import Case, GateAnswer, LocalText, Service, SourcingOption
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Figure, FigureSpec, Ledger, Series, split_address
from makeorbuy.foundation.personal_data import masked


def assemble(
    case: Case,
    evidence: Evidence,
    figures: Iterable[Figure],
    series: Iterable[Series],
    specs: Mapping[str, FigureSpec],
    version: str,
) -> Assessment:
    """Return the assessment of one run.

    Raises
    ------
    ValueError
        If two figures share an address, or a figure's kind is not declared: both are our fault.
    """
    ledger = Ledger()
    ledger.extend(figures)
    ledger.extend(series)
    undeclared = sorted({name for name in map(_name, (*ledger.figures, *ledger.series)) if name not in specs})
    if undeclared:
        raise ValueError(f"not declared in any FIGURES: {', '.join(undeclared)}")
    assumptions = tuple(
        {
            "name": name,
            "values": list(assumption.values),
            "unit": assumption.declaration.unit,
            "section": assumption.declaration.section,
            "overridden": assumption.overridden,
            "source": assumption.source,
            "why": assumption.why,
            "nb": assumption.declaration.nb,
            "en": assumption.declaration.en,
        }
        for name, assumption in case.assumptions.items()
    )
    parts = {
        "version": version,
        "case": _case_as_shown(case),
        "figures": dict(sorted(ledger.figures.items())),
        "series": dict(sorted(ledger.series.items())),
        "assumptions": assumptions,
        "specs": dict(sorted(specs.items())),
        "inputs": _inputs(case, evidence),
    }
    return Assessment(digest=digest_of(parts), **parts)  # type: ignore[arg-type]


def _name(figure_id: str) -> str:
    return split_address(figure_id)[0]


def _inputs(case: Case, evidence: Evidence) -> dict[str, dict[str, Any]]:
    inputs: dict[str, dict[str, Any]] = {}
    for file, sha256 in case.digests.items():
        inputs[f"case:{file}"] = {"sha256": sha256}
    for place, value in case.values.items():
        if place.startswith("evidence/mapping.yaml#"):  # words of the export, and names of files
            value = masked(value, is_name=place.endswith((".file", ".sheet")))
        inputs[f"case:{place}"] = {"value": value}
    for count in evidence.counts:
        inputs[f"evidence:{count.source}"] = {
            key: value for key, value in asdict(count).items() if key != "source"
        }
    inputs["evidence:snapshot"] = {"sha256": evidence.digest}
    return dict(sorted(inputs.items()))


def _text(text: LocalText | None) -> dict[str, str] | None:
    return None if text is None else {"nb": text.nb, "en": text.en}


def _case_as_shown(case: Case) -> dict[str, Any]:
    return {
        "title": _text(case.title),
        "agency": _text(case.agency),
        "stage": case.stage,
        "language": case.language,
        "price_year": case.price_year,
        "horizon_years": case.horizon_years,
        "seed": case.seed,
        "period": {"start": case.period.start.isoformat(), "end": case.period.end.isoformat()},
        "calendar": {
            "country": case.calendar.country,
            "time_zone": case.calendar.time_zone,
            "hours": [list(hours) if hours else None for hours in case.calendar.hours],
        },
        "rule": {
            "fixed_on": case.rule.fixed_on.isoformat() if case.rule.fixed_on else None,
            "fixed_by": _text(case.rule.fixed_by),
        },
        "services": [_service_as_shown(case, service) for service in case.services],
        "options": [_option_as_shown(option) for option in case.options],
        "gates": [{"id": gate.id, "name": _text(gate.name), "source": gate.source} for gate in case.gates],
        "questions": [
            {
                "id": question.id,
                "text": _text(question.text),
                "ask": _text(question.ask),
                "effort": _text(question.effort),
                "options": list(question.options),
            }
            for question in case.questions
        ],
        "stakeholders": [
            {
                "id": person.id,
                "name": _text(person.name),
                "role": _text(person.role),
                "position": _text(person.position),
                "left_on": person.left_on.isoformat() if person.left_on else None,
            }
            for person in case.stakeholders
        ],
        "outside_ledger": [
            {
                "service": cost.service,
                "name": _text(cost.name),
                "paid_by": _text(cost.paid_by),
                "nok_per_year": cost.nok_per_year,
                "source": cost.source,
            }
            for cost in case.outside_ledger
        ],
    }


def _gate_answer(gate_id: str, name: LocalText, answer: GateAnswer) -> dict[str, Any]:
    return {
        "id": gate_id,
        "name": _text(name),
        "answer": answer.answer,
        "condition": _text(answer.condition),
    }


def _service_as_shown(case: Case, service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": _text(service.name),
        "owner": service.owner,
        "teams": list(service.teams),
        "categories": list(service.categories),
        "speed_measure": service.speed_measure,
        "clock": service.clock,
        "target": {"hours": service.target.hours, "share": service.target.share} if service.target else None,
        "driver": {
            "name": _text(service.driver.name),
            "count": service.driver.count,
            "source": service.driver.source,
        },
        "avoidable_reason": _text(service.avoidable.reason),
        "avoidable_source": service.avoidable.share.source,
        "gates": [
            _gate_answer(gate.id, gate.name, gate.answers.get(service.id, gate.default))
            for gate in case.gates
        ],
    }


def _option_as_shown(option: SourcingOption) -> dict[str, Any]:
    return {
        "id": option.id,
        "name": _text(option.name),
        "short_name": _text(option.short_name),
        "kind": option.kind,
        "services": list(option.services),
        "supplier": option.supplier,
        "received": option.received.isoformat() if option.received else None,
        "deadline": option.deadline.isoformat() if option.deadline else None,
        "is_late": option.is_late,
        "source": option.source,
        "meets": list(option.meets),
        "exclusions": [_text(text) for text in option.exclusions],
        "remarks": [_text(text) for text in option.remarks],
        "file": option.file,
        "speed": {
            service: {
                "kind": statement.kind,
                "promises": [{"share": p.share, "hours": p.hours} for p in statement.promises],
            }
            for service, statement in option.speed.items()
        },
    }

"""Statuspage: incidents of a status page, as JSON; the newest fifty only.

An incident lasts until it is resolved; the postmortem comes days later and changes nothing. Each
component that it affects is a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.moments import UTC_FORMAT, utc_text
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Question, Recognition, Sample, proposal, spellings_of
from makeorbuy.evidence.text import Fault, Table, Tell

HEADER = ("id", "component", "impact", "status", "created_at", "started_at", "resolved_at")
ENDED = ("resolved", "postmortem", "completed")
IMPACTS = {"critical": "outage", "major": "outage", "minor": "degradation", "maintenance": "planned"}
"""Statuspage's own scale; what `none` means is for a person to say."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a page with incidents and their updates."""
    document = sample.document
    if sample.container != "json" or not isinstance(document, dict) or "page" not in document:
        return None
    incidents = document.get("incidents")
    if not isinstance(incidents, list) or not any(
        "incident_updates" in _record(entry) for entry in incidents
    ):
        return None
    rows = [row for row in _rows(document) if not isinstance(row, Fault)]
    kinds, unknown = spellings_of((row[2] for row in rows), IMPACTS)
    components = tuple(sorted({row[1] for row in rows} - {""}))
    questions = [Question("services", "services", components)]
    if unknown:
        questions.append(Question("kinds", "kinds", unknown))
    columns = {
        "service": "component", "started_at": "started_at", "ended_at": "resolved_at", "kind": "impact",
    }  # fmt: skip
    rules = {
        "date_format": UTC_FORMAT,
        "time_zone": "UTC",
        "kinds": kinds,
        "reader": "statuspage",
        "sheet": "",
    }
    return Recognition(
        "Statuspage", 0.95, (proposal(sample, "outages", columns, **rules),), "field_names", "raw",
        tuple(questions), ("newest_fifty",),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return a row for each incident and component, times in UTC.

    Raises
    ------
    EvidenceError
        If it is not JSON.
    HostileFileError
        If it is too large or too deep.
    """
    document = json.load(file, tell)
    return Table(HEADER, _rows(document if isinstance(document, dict) else {}))


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, ...] | Fault]:
    incidents = document.get("incidents")
    for entry in incidents if isinstance(incidents, list) else ():
        if not isinstance(entry, dict):
            yield Fault("not_a_record")
            continue
        said = {name: json.as_text(entry.get(name)) for name in HEADER}
        ended = said["resolved_at"] if said["status"] in ENDED else ""
        for component in _components(entry):
            yield (
                said["id"], component, said["impact"], said["status"], utc_text(said["created_at"]),
                utc_text(said["started_at"]), utc_text(ended),
            )  # fmt: skip


def _components(incident: dict[str, Any]) -> tuple[str, ...]:
    """Return the components that it names, in its list or in its updates; one without a name if none."""
    updates = incident.get("incident_updates")
    named = [incident.get("components")]
    named += [
        _record(update).get("affected_components")
        for update in (updates if isinstance(updates, list) else ())
    ]
    names = [
        json.as_text(_record(part).get("name"))
        for parts in named
        if isinstance(parts, list)
        for part in parts
    ]
    return tuple(dict.fromkeys(name for name in names if name)) or ("",)


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

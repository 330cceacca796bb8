"""Prometheus Alertmanager: notifications of a webhook, or the alerts of its interface, as JSON.

An alert that still fires ends in the year 1, or at a lease in the future: its status decides. A later
notification of the same alert completes the earlier one; both are one outage.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.moments import UTC_FORMAT, utc_text
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Question, Recognition, Sample, proposal
from makeorbuy.evidence.text import Fault, Table, Tell

FIRING = ("firing", "active", "suppressed", "unprocessed")
SERVICE_LABELS = ("labels.service", "labels.app", "labels.job")
KIND_LABEL = "labels.severity"


def recognise(sample: Sample) -> Recognition | None:
    """Recognise alerts by their start and end; ask which label is the service and what severities mean."""
    alerts = [alert for alert in _alerts(sample.document) if isinstance(alert, dict)]
    if sample.container != "json" or not alerts or not all({"startsAt", "labels"} <= set(a) for a in alerts):
        return None
    made = _table(sample.document)
    rows = [row for row in made.rows if not isinstance(row, Fault)]
    labels = [name for name in made.header if name.startswith("labels.")]
    values = {name: sorted({row[made.header.index(name)] for row in rows}) for name in labels}
    columns = {"started_at": "startsAt", "ended_at": "endsAt"}
    service = next((name for name in SERVICE_LABELS if name in values and "" not in values[name]), None)
    questions = []
    if service is None:
        questions.append(Question("service_column", "columns.service", tuple(labels)))
    else:
        columns["service"] = service
        questions.append(Question("services", "services", tuple(values[service])))
    if KIND_LABEL in values:
        columns["kind"] = KIND_LABEL
        questions.append(Question("kinds", "kinds", tuple(value for value in values[KIND_LABEL] if value)))
    rules = {"date_format": UTC_FORMAT, "time_zone": "UTC", "reader": "alertmanager", "sheet": ""}
    return Recognition(
        "Alertmanager", 0.95, (proposal(sample, "outages", columns, **rules),), "field_names", "raw",
        tuple(questions),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return a row for each alert, times in UTC, a column for each label.

    Raises
    ------
    EvidenceError
        If it is not JSON.
    HostileFileError
        If it is too large or too deep.
    """
    document = json.load(file, tell)
    return _table(document)


def _table(document: Any) -> Table:
    known: dict[object, dict[str, str] | None] = {}
    for place, alert in enumerate(_alerts(document)):
        if not isinstance(alert, dict):
            known[place] = None
            continue
        labels, status = alert.get("labels"), alert.get("status")
        flat = {name: json.as_text(alert.get(name)) for name in ("fingerprint", "startsAt", "endsAt")}
        flat["status"] = json.as_text(status.get("state") if isinstance(status, dict) else status)
        flat |= json.flatten(labels, "labels.") if isinstance(labels, dict) else {}
        is_open = flat["status"] in FIRING or flat["endsAt"].startswith("0001-")
        flat |= {
            "startsAt": utc_text(flat["startsAt"]),
            "endsAt": "" if is_open else utc_text(flat["endsAt"]),
        }
        same = (flat["fingerprint"], flat["startsAt"]) if flat["fingerprint"] else place
        before = known.get(same)
        if before is None or not before["endsAt"]:
            known[same] = flat
    return json.table_of(list(known.values()))


def _alerts(document: Any) -> Iterator[Any]:
    """Give the alerts of one notification, of many, or of a plain list of alerts."""
    for entry in document if isinstance(document, list) else [document]:
        alerts = entry.get("alerts") if isinstance(entry, dict) else None
        if isinstance(alerts, list):
            yield from alerts
        elif isinstance(document, list):
            yield entry

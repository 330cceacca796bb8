"""ManageEngine ServiceDesk Plus: requests from the interface, as JSON.

Every time comes twice: as displayed, and as milliseconds in a text. Only the latter is read. An answer
holds one page; whether there are more stands beside the list.

References: manageengine.com, ServiceDesk Plus API v3, "Request".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.event_log import sampled
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import SAMPLE_ROWS, Recognition, Sample, columns_by_name
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.evidence.ticket_list import ticket_list
from makeorbuy.evidence.written_times import form_of, from_epoch
from makeorbuy.foundation.errors import EvidenceError, Problem

COLUMNS = {
    "number": ("display_id", "id"),
    "opened_at": ("created_time.value",),
    "resolved_at": ("resolved_time.value",),
    "closed_at": ("completed_time.value", "closed_time.value"),
    "state": ("status.name",),
    "team": ("group.name",),
    "person": ("technician.id", "technician.name"),
    "category": ("service_category.name", "category.name"),
    "priority": ("priority.name",),
    "type": ("is_service_request",),
}
STATES = {
    "Open": "open", "In Progress": "open", "Assigned": "open", "Onhold": "waiting", "On Hold": "waiting",
    "Resolved": "resolved", "Closed": "closed", "Canceled": "cancelled", "Cancelled": "cancelled",
}  # fmt: skip
TYPES = {"false": "incident", "true": "request"}


def recognise(sample: Sample) -> Recognition | None:
    """Recognise an answer by its requests with a time of creation in milliseconds."""
    if sample.container != "json" or sample.sheet != "requests" or not isinstance(sample.document, dict):
        return None
    if not {"id", "created_time.value", "status.name"} <= set(sample.header):
        return None
    made = _table(sample.document)
    rows = [row for row in made.rows if not isinstance(row, Fault)][:SAMPLE_ROWS]
    seen = sampled(sample, made.header, rows)
    info = sample.document.get("list_info")
    has_more = isinstance(info, dict) and info.get("has_more_rows") is True
    return ticket_list(
        seen, "ManageEngine, requests", 0.95, columns_by_name(seen, COLUMNS), states=STATES, types=TYPES,
        headers="field_names", values="raw", reader="manageengine",
        date_format=form_of(seen.column("created_time.value")),
        remarks=("no_history", *(("more_pages",) if has_more else ())),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the requests as a table, milliseconds rewritten as moments.

    Raises
    ------
    EvidenceError, HostileFileError
        If it is no JSON with requests, or must not be read.
    """
    document = json.load(file, tell)
    if not isinstance(document, dict) or not isinstance(document.get("requests"), list):
        problem = Problem(
            "not_json", file.name, None, None, "no list of requests", "an object with `requests`",
            "Export the answer of /api/v3/requests as it is.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    return _table(document)


def _table(document: dict[str, Any]) -> Table:
    whole = json.rows_of(document, "requests")
    moments = [place for place, name in enumerate(whole.header) if name.endswith("_time.value")]

    def rows() -> Iterator[list[str] | Fault]:
        for row in whole.rows:
            if isinstance(row, Fault):
                yield row
                continue
            cells = list(row)
            for place in moments:
                cells[place] = from_epoch(cells[place])
            yield cells

    return Table(whole.header, rows())

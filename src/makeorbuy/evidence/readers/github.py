"""GitHub: issues as JSON, from ``gh issue list --json`` or the REST interface.

An issue has one end only: when it was closed; the reason beside it tells whether anything was done. The
REST interface lists pull requests among the issues: they are counted, and set aside.

References: cli.github.com/manual/gh_issue_list; docs.github.com/rest/issues/issues.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.event_log import sampled
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import SAMPLE_ROWS, Recognition, Sample
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.evidence.ticket_list import ticket_list
from makeorbuy.evidence.written_times import WITH_OFFSET, from_iso

HEADER = ("number", "createdAt", "closedAt", "state and reason", "assignee", "labels")
COLUMNS = {
    "number": "number", "opened_at": "createdAt", "resolved_at": "closedAt", "state": "state and reason",
    "person": "assignee", "category": "labels",
}  # fmt: skip
STATES = {
    "open": "open", "open reopened": "open", "closed": "closed", "closed completed": "closed",
    "closed not_planned": "cancelled", "closed duplicate": "cancelled",
}  # fmt: skip
REST = {"createdAt": "created_at", "closedAt": "closed_at", "stateReason": "state_reason"}
"""Names of the command line's fields in the REST interface."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list of issues by the fields that a record has."""
    records = _records(sample.document)
    if sample.container != "json" or sample.sheet != "$" or not records:
        return None
    first = next((record for record in records if isinstance(record, dict)), {})
    if not {"number", "state"} <= set(first) or not any(
        {name, *names} <= set(first)
        for name, names in (("createdAt", ("closedAt",)), ("created_at", ("closed_at", "state_reason")))
    ):
        return None
    rows = [row for row in islice(_rows(records), SAMPLE_ROWS) if not isinstance(row, Fault)]
    return ticket_list(
        sampled(sample, HEADER, rows), "GitHub, issues", 0.95, dict(COLUMNS), states=STATES,
        headers="field_names", values="raw", reader="github", date_format=WITH_OFFSET,
        remarks=("no_history", "one_end"),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the issues as a table; a pull request becomes a fault.

    Raises
    ------
    EvidenceError, HostileFileError
        See `makeorbuy.evidence.containers.json`.
    """
    document = json.load(file, tell)
    return Table(HEADER, _rows(_records(document)))


def _records(document: Any) -> list[Any]:
    return document if isinstance(document, list) else []


def _rows(records: Iterable[Any]) -> Iterator[tuple[str, ...] | Fault]:
    for record in records:
        if not isinstance(record, dict):
            yield Fault("not_a_record")
        elif record.get("pull_request") is not None:
            yield Fault("not_a_ticket", "a pull request")
        else:
            state = f"{_text(record, 'state')} {_text(record, 'stateReason')}".strip().lower()
            yield (
                _text(record, "number"), from_iso(_text(record, "createdAt")),
                from_iso(_text(record, "closedAt")), state, _names(record, "assignees", "login"),
                _names(record, "labels", "name"),
            )  # fmt: skip


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name, record.get(REST.get(name, ""), ""))
    return "" if isinstance(value, dict | list) else json.as_text(value)


def _names(record: Mapping[str, Any], name: str, key: str) -> str:
    """Return the names within a list of things."""
    things = record.get(name)
    if not isinstance(things, list):
        return ""
    return ", ".join(json.as_text(thing.get(key)) for thing in things if isinstance(thing, dict))

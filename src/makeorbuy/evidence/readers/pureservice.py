"""Pureservice: tickets from the interface, as JSON: ``tickets`` with ids, and ``linked`` with their names.

Statuses are each agency's own; those with the names that Pureservice comes with are known, the others
are asked for.

References: vestfoldfylke/pureservice-dotnet (fields of a ticket, ``coreStatus``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.event_log import sampled
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import (
    SAMPLE_ROWS,
    Question,
    Recognition,
    Sample,
    columns_by_name,
    share_matching,
)
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.evidence.ticket_list import ticket_list
from makeorbuy.evidence.written_times import form_of, from_iso
from makeorbuy.foundation.errors import EvidenceError, Problem

NAMES = {
    "status": ("statusId", "statuses"),
    "team": ("assignedTeamId", "teams"),
    "priority": ("priorityId", "priorities"),
    "ticket type": ("ticketTypeId", "tickettypes"),
    "category": ("category1Id", "categories"),
}
"""Column that is added: the id of a ticket, and the list of ``linked`` with the name of each id."""

COLUMNS = {
    "number": ("requestNumber",),
    "opened_at": ("created",),
    "resolved_at": ("resolved",),
    "closed_at": ("closed",),
    "state": ("status",),
    "team": ("team",),
    "person": ("assignedAgentId",),
    "category": ("category",),
    "priority": ("priority",),
    "type": ("ticket type",),
}
MOMENTS = ("created", "resolved", "closed", "modified")
STATES = {
    "Ny": "open", "Åpen": "open", "Under arbeid": "open", "Under behandling": "open", "Tildelt": "open",
    "På vent": "waiting", "Venter": "waiting", "Venter på bruker": "waiting",
    "Venter på leverandør": "waiting", "Venter på tredjepart": "waiting", "Løst": "resolved",
    "Lukket": "closed", "New": "open", "Open": "open", "In progress": "open", "On hold": "waiting",
    "Resolved": "resolved", "Solved": "resolved", "Closed": "closed",
}  # fmt: skip
TYPES = {
    "Hendelse": "incident", "Feil": "incident", "Incident": "incident", "Bestilling": "request",
    "Forespørsel": "request", "Service request": "request", "Endring": "change", "Change": "change",
}  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """Recognise an answer by its tickets with a request number and ids."""
    if sample.container != "json" or sample.sheet != "tickets" or not isinstance(sample.document, dict):
        return None
    if not {"requestNumber", "statusId"} <= set(sample.header):
        return None
    made = _table(sample.document)
    rows = [row for row in made.rows if not isinstance(row, Fault)][:SAMPLE_ROWS]
    seen = sampled(sample, made.header, rows)
    columns = columns_by_name(seen, COLUMNS)
    if share_matching(seen.column("ticket type"), r"\d*") == 1:
        columns.pop("type", None)  # only ids: which kind each means is not in the file
    teams = sorted(set(seen.column("team")) - {""})
    are_ids = bool(teams) and share_matching(teams, r"\d+") == 1
    return ticket_list(
        seen, "Pureservice, tickets", 0.95, columns, states=STATES, types=TYPES, headers="field_names",
        values="raw", reader="pureservice",
        date_format=form_of(value for name in MOMENTS for value in seen.column(name)),
        questions=(Question("team_ids", "teams", tuple(teams)),) if are_ids else (),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the tickets as a table, with the names of what their ids mean beside them.

    Raises
    ------
    EvidenceError, HostileFileError
        If it is no JSON with tickets, or must not be read.
    """
    document = json.load(file, tell)
    if not isinstance(document, dict) or not isinstance(document.get("tickets"), list):
        problem = Problem(
            "not_json", file.name, None, None, "no list of tickets", "an object with `tickets`",
            "Export the answer of /agent/api/ticket as it is.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    return _table(document)


def _table(document: dict[str, Any]) -> Table:
    whole = json.rows_of(document, "tickets")
    linked = document.get("linked")
    named = {
        column: (key, _names(linked.get(many) if isinstance(linked, dict) else None))
        for column, (key, many) in NAMES.items()
        if key in whole.header and column not in whole.header
    }

    def rows() -> Iterator[tuple[str, ...] | Fault]:
        places = [(whole.header.index(key), names) for key, names in named.values()]
        moments = [whole.header.index(name) for name in MOMENTS if name in whole.header]
        for row in whole.rows:
            if isinstance(row, Fault):
                yield row
                continue
            cells = list(row)
            for place in moments:
                cells[place] = from_iso(cells[place])
            # an id without a name stays an id
            yield (*cells, *(names.get(cells[place], cells[place]) for place, names in places))

    return Table((*whole.header, *named), rows())


def _names(entries: Any) -> dict[str, str]:
    if not isinstance(entries, list):
        return {}
    return {
        json.as_text(entry.get("id")): json.as_text(entry.get("name"))
        for entry in entries
        if isinstance(entry, dict) and not isinstance(entry.get("name"), dict | list | None)
    }

"""iTop: user requests and incidents as CSV, with the codes of the attributes.

References: Combodo/iTop, data models of itop-request-mgmt-itil and itop-incident-mgmt-itil.
"""

from __future__ import annotations

from typing import Any

from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("ref",),
    "opened_at": ("start_date",),
    "resolved_at": ("resolution_date",),
    "closed_at": ("close_date",),
    "state": ("status", "operational_status"),
    "team": ("team_name", "team_id_friendlyname"),
    "person": ("agent_name", "agent_id_friendlyname"),
    "category": ("service_name",),
    "priority": ("priority",),
    "type": ("finalclass", "request_type"),
}
STATES = {
    "new": "open", "assigned": "open", "approved": "open", "escalated_tto": "open", "escalated_ttr": "open",
    "dispatched": "open", "redispatched": "open", "pending": "waiting", "waiting_for_approval": "waiting",
    "resolved": "resolved", "closed": "closed", "rejected": "cancelled",
}  # fmt: skip
TYPES = {
    "Incident": "incident", "UserRequest": "request", "incident": "incident", "service_request": "request",
    "NormalChange": "change", "RoutineChange": "change", "EmergencyChange": "change",
}  # fmt: skip
PREFIXES = {"I-": "incident", "R-": "request", "C-": "change"}


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by its codes; the type by a column, else by the prefix that all numbers share."""
    if not has(sample, "ref", "start_date", "team_name", "agent_name"):
        return None
    columns = columns_by_name(sample, COLUMNS)
    rules: dict[str, Any] = {}
    if "type" not in columns:
        kinds = {PREFIXES.get(number.strip()[:2]) for number in sample.column(columns["number"])}
        if len(kinds) == 1 and (kind := kinds.pop()) is not None:
            rules["constant_type"] = kind
    return ticket_list(
        sample, "iTop, list of tickets", 0.95, columns, states=STATES, types=TYPES, headers="field_names",
        **rules,
    )  # fmt: skip

"""BMC Helix and Remedy: incidents of the form HPD:Help Desk, as a list or from the REST interface.

*Reported* is when the user told, *Submit* when the desk wrote it down: which of them is the opening is
asked. *Last Resolved* is the last of several times where a ticket was reopened; the first is nowhere in
a list, and neither is the first group.

References: BMC documentation, "Incident Management status reasons", form HPD:Help Desk.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    folded,
    has,
)
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("Incident Number", "Incident ID*+"),
    "resolved_at": ("Last Resolved Date",),
    "closed_at": ("Closed Date",),
    "state": ("Status",),
    "team": ("Assigned Group",),
    "person": ("Assignee",),
    "category": ("ServiceCI", "Product Name", "Categorization Tier 2"),
    "priority": ("Priority",),
    "type": ("Service Type",),
}
OPENINGS = ("Submit Date", "Reported Date")
STATES = {
    "New": "open", "Assigned": "open", "In Progress": "open", "Pending": "waiting", "Resolved": "resolved",
    "Closed": "closed", "Cancelled": "cancelled",
}  # fmt: skip
TYPES = {
    "User Service Restoration": "incident", "Infrastructure Restoration": "incident",
    "Infrastructure Event": "incident", "User Service Request": "request",
}  # fmt: skip
API_PREFIX = "values."
"""Before every field in the answers of the REST interface: ``entries[].values``."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by the names of the form's fields, with or without the interface's prefix."""
    prefix = API_PREFIX if has(sample, f"{API_PREFIX}Incident Number") else ""
    if not has(sample, *(prefix + name for name in ("Incident Number", *OPENINGS[:1], "Last Resolved Date"))):
        return None
    columns = columns_by_name(
        sample, {field: tuple(prefix + name for name in names) for field, names in COLUMNS.items()}
    )
    written = {folded(name): name.strip() for name in sample.header}
    openings = [written[folded(prefix + name)] for name in OPENINGS if folded(prefix + name) in written]
    ends = [columns[field] for field in ("resolved_at", "closed_at") if field in columns]
    asked: tuple[Question, ...] = ()
    if len(openings) == 1:
        columns["opened_at"] = openings[0]
    else:
        asked = (Question("opened_column", "columns.opened_at", tuple(openings), likely=openings[0]),)
    return ticket_list(
        sample, "BMC Helix, incidents", 0.95, columns, states=STATES, types=TYPES,
        headers="field_names" if prefix else "labels", values="raw" if prefix else "display",
        questions=asked, remarks=("no_history", "last_resolution"),
        date_format=dates(*(sample.column(name) for name in (*openings, *ends))).settled,
    )  # fmt: skip

"""Freshservice and Freshdesk: tickets exported as CSV.

The column *Resolution time (in hrs)* may hold hours, or hours, minutes and seconds: it is not read,
the moments are.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("Ticket ID", "Ticket Id"),
    "opened_at": ("Created time", "Created Time"),
    "resolved_at": ("Resolved time", "Resolved Time"),
    "closed_at": ("Closed time", "Closed Time"),
    "state": ("Status",),
    "team": ("Group",),
    "person": ("Agent",),
    "category": ("Category",),
    "priority": ("Priority",),
    "type": ("Type",),
    "handling_time": ("Time tracked", "Time Tracked"),
}
STATES = {"Open": "open", "Pending": "waiting", "Resolved": "resolved", "Closed": "closed"}
TYPES = {"Incident": "incident", "Service Request": "request"}
NOBODY = ("", "No Agent", "No Group")


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by the columns that only it has."""
    if not has(sample, "Ticket ID", "Created time", "Resolved time", "Resolution time (in hrs)"):
        return None
    return ticket_list(
        sample, "Freshservice, list of tickets", 0.95, columns_by_name(sample, COLUMNS), states=STATES,
        types=TYPES, missing=NOBODY,
    )  # fmt: skip

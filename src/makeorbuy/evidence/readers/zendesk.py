"""Zendesk: a view exported as CSV.

References: Zendesk help, "Exporting a view to CSV"; developer.zendesk.com, ticket metric events.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("Id",),
    "opened_at": ("Created at",),
    "resolved_at": ("Solved at",),
    "state": ("Status",),
    "team": ("Group",),
    "person": ("Assignee",),
    "priority": ("Priority",),
    "type": ("Ticket type",),
    "reopen_count": ("Reopens",),
    "handling_time": ("Total time spent (sec)", "Total time spent (sec) [int]"),
}
STATES = {
    "New": "open", "Open": "open", "Pending": "waiting", "On-hold": "waiting", "Hold": "waiting",
    "Solved": "resolved", "Closed": "closed",
}  # fmt: skip
TYPES = {"Incident": "incident", "Problem": "incident"}
"""*Question* and *Task* mean what each agency made of them, and are asked for."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a view by the columns that only it has."""
    if not has(sample, "Id", "Created at", "Solved at", "Group stations"):
        return None
    return ticket_list(
        sample, "Zendesk, view", 0.95, columns_by_name(sample, COLUMNS), states=STATES, types=TYPES,
        missing=("", "-"), handling_units=("seconds",),
    )  # fmt: skip

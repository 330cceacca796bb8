"""Zammad: tickets from the interface, as JSON, plain (ids) or expanded (names).

`close_at` is the first close, `last_close_at` the last; there is no resolution apart from it. Closed,
merged and removed are the ends of a ticket. What `time_unit` counts is a setting of each site.

References: zammad/zammad, ``db/seeds/ticket_states.rb``; docs.zammad.org, "Ticket".
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    has,
    share_matching,
)
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("number",),
    "opened_at": ("created_at",),
    "resolved_at": ("last_close_at", "close_at"),
    "state": ("state", "state_id"),
    "team": ("group", "group_id"),
    "person": ("owner", "owner_id"),
    "priority": ("priority", "priority_id"),
    "handling_time": ("time_unit",),
}
STATES = {
    "new": "open", "open": "open", "pending reminder": "waiting", "pending close": "waiting",
    "closed": "closed", "merged": "cancelled", "removed": "cancelled",
}  # fmt: skip
STATE_IDS = dict(zip("1234567", ("open", "open", "waiting", "closed", "cancelled", "cancelled", "waiting"),
                     strict=True))  # fmt: skip
"""New, open, pending reminder, closed, merged, removed, pending close, as they are installed."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise tickets by fields that only they have together; ids ask for names."""
    if not (has(sample, "number", "created_at", "close_at", "last_close_at", "pending_time")):
        return None
    columns = columns_by_name(sample, COLUMNS)
    teams = sorted(set(sample.column(columns.get("team", ""))) - {""}, key=lambda name: (len(name), name))
    are_ids = bool(teams) and share_matching(teams, r"\d+") == 1
    return ticket_list(
        sample, "Zammad, tickets", 0.95, columns,
        states=STATE_IDS if columns.get("state") == "state_id" else STATES,
        headers="field_names", values="raw", missing=("", "-"),
        questions=(Question("team_ids", "teams", tuple(teams)),) if are_ids else (),
        remarks=("no_history", "one_end"),
    )  # fmt: skip

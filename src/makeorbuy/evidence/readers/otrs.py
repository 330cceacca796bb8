"""OTRS and Znuny: the table ``ticket_history``, one row for each change of a ticket.

Every row carries queue, owner and state as they were after it, so the texts packed with ``%%`` in
*name* need not be taken apart. There is one end only: the closed states. Times are those of the server.

References: OTRS/otrs, ``scripts/database/otrs-initial_insert.xml`` (types and states).
"""

from __future__ import annotations

from makeorbuy.evidence.event_log import event_log
from makeorbuy.evidence.recognition import Question, Recognition, Sample, columns_by_name, dates, has

COLUMNS = {
    "number": ("tn", "ticket_id"),
    "updated_at": ("create_time",),
    "state": ("state", "state_id"),
    "team": ("queue", "queue_id"),
    "person": ("owner", "owner_id"),
    "priority": ("priority", "priority_id"),
    "type": ("type", "type_id"),
}
STATES = {
    "new": "open", "open": "open", "pending reminder": "waiting", "pending auto close+": "waiting",
    "pending auto close-": "waiting", "closed successful": "resolved", "closed with workaround": "resolved",
    "merged": "cancelled", "removed": "cancelled",
}  # fmt: skip
"""*closed unsuccessful* may be a ticket given up or one never begun: it is asked for."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise the table by its columns, with names or with ids."""
    if not (has(sample, "ticket_id", "create_time", "history_type")
            or has(sample, "ticket_id", "create_time", "history_type_id")):  # fmt: skip
        return None
    columns = columns_by_name(sample, COLUMNS)
    if "state" not in columns:
        return None
    form = dates(sample.column("create_time"))
    seen = sorted(set(sample.column(columns["state"])) - {""})
    are_ids = columns.get("team") == "queue_id"
    teams = tuple(sorted(set(sample.column("queue_id")) - {""})) if are_ids else ()
    known = {word: STATES[word.lower()] for word in seen if word.lower() in STATES}
    return event_log(
        sample, "OTRS, ticket history", 0.95, columns, reader=sample.container, activities=[],
        date_format=form.settled, states={**STATES, **known}, remarks=("one_end",),
        questions=(
            *([Question("states", "states", unknown)]
              if (unknown := tuple(word for word in seen if word not in known)) else []),
            *([Question("team_ids", "teams", teams)] if are_ids else []),
            *([Question("types", "types", types)]
              if (types := tuple(sorted(set(sample.column(columns.get("type", ""))) - {""}))) else []),
        ),
    )  # fmt: skip

"""Changes of tickets of any system: a row for each change, told by a number, a time and a state.

The last resort for a file that belongs to a list of tickets; it has no time of opening of its own.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    proposal,
    spellings_of,
)

SCORE = 0.2

COLUMNS = {
    "number": ("number", "ticket number", "ticket id", "case number", "nummer", "saksnummer", "saksnr",
               "ticket"),
    "updated_at": ("updated_at", "updated", "changed_at", "changed", "changed on", "event time", "timestamp",
                   "sys_updated_at", "sys_updated_on", "endret", "oppdatert", "tidspunkt"),
    "state": ("state", "status", "new state", "tilstand", "ny status"),
    "team": ("team", "group", "assignment group", "assignment_group", "gruppe", "tildelingsgruppe"),
    "person": ("assigned_to", "assigned to", "assignee", "agent", "behandler", "tildelt til"),
}  # fmt: skip
STATES = {
    "new": "open", "open": "open", "in progress": "open", "assigned": "open", "active": "open",
    "on hold": "waiting", "pending": "waiting", "waiting": "waiting", "resolved": "resolved",
    "solved": "resolved", "done": "resolved", "closed": "closed", "canceled": "cancelled",
    "cancelled": "cancelled", "ny": "open", "åpen": "open", "under arbeid": "open", "pågår": "open",
    "under behandling": "open", "på vent": "waiting", "venter": "waiting", "løst": "resolved",
    "lukket": "closed", "avbrutt": "cancelled",
}  # fmt: skip
OPENINGS = ("opened_at", "opened", "created_at", "created", "åpnet", "opprettet")
"""A file with one of these is a list of tickets."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a history by a number that comes again, a time and a state."""
    columns = columns_by_name(sample, COLUMNS)
    if not {"number", "updated_at", "state"} <= set(columns):
        return None
    if columns_by_name(sample, {"opened_at": OPENINGS}):
        return None
    questions = [Question("time_zone_of_export", "time_zone")]
    found = dates(sample.column(columns["updated_at"]))
    if not found.settled:
        questions.append(Question("date_format", "date_format", found.formats))
    states, unknown = spellings_of(sample.column(columns["state"]), STATES)
    if unknown:
        questions.append(Question("states", "states", unknown))
    questions += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    known = {**{spelling.capitalize(): word for spelling, word in STATES.items()}, **states}
    source = proposal(sample, "ticket_events", columns, date_format=found.settled, states=known)
    return Recognition("history of an unknown system", SCORE, (source,), questions=tuple(questions))

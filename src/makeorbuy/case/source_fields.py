"""What each kind of source can have: the fields that `columns` in ``evidence/mapping.yaml`` may name.

Written by people, so declared with the case; read by `makeorbuy.evidence`, and shown in the reference of
the case folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from makeorbuy.case.model import Source


@dataclass(frozen=True, slots=True)
class SourceField:
    """One field that a source can have; `evidence/mapping.yaml` says which column of the file it is.

    Attributes
    ----------
    type : {"text", "moment", "date", "month", "whole", "decimal", "duration", "yes_or_no", "person"}
        How the text is read. ``moment`` and ``date`` follow the ``date_format`` of the source,
        ``decimal`` its decimal sign, ``duration`` its ``handling_unit``. ``person`` becomes an ordinal
        before anything is written.
    required : bool
        Whether the source cannot be read without it.
    """

    type: Literal["text", "moment", "date", "month", "whole", "decimal", "duration", "yes_or_no", "person"]
    required: bool
    meaning: str


HANDLING_UNITS = ("hours", "minutes", "seconds", "h:mm", "h:mm:ss", "since_1970", "in_words")
"""How work registered on a ticket may be written: a number; hours, minutes, perhaps seconds with colons;
a date that long after the start of 1970; or words, such as ``1 Day 4 Hours``."""

_TICKET_FIELDS = {
    "number": SourceField("text", True, "the ticket's own number"),
    "type": SourceField("text", False, "incident, request or change, by `types`; or give `constant_type`"),
    "opened_at": SourceField(
        "moment", True, "when it was opened; may be left out for a row per event: then the first event tells"
    ),
    "resolved_at": SourceField("moment", False, "when the work was done; required for a row per ticket"),
    "closed_at": SourceField("moment", False, "administrative close; never used as the end of the work"),
    "updated_at": SourceField("moment", False, "when the event happened; required for a row per event"),
    "state": SourceField("text", False, "state, by `states`; required for a row per ticket"),
    "team": SourceField("text", False, "team that holds it, by `teams`"),
    "person": SourceField("person", False, "who holds it"),
    "category": SourceField("text", False, "category, as written"),
    "priority": SourceField("text", False, "priority, as written"),
    "reopen_count": SourceField("whole", False, "times reopened"),
    "handling_time": SourceField(
        "duration",
        False,
        "work registered on it, in `handling_unit`; for a row per event, what the event adds",
    ),
    "key": SourceField("text", False, "what a file of events calls the ticket, when that is not the number"),
}

SOURCE_FIELDS: dict[str, dict[str, SourceField]] = {
    "tickets": _TICKET_FIELDS,
    "ticket_events": {
        "number": SourceField("text", True, "number of the ticket, or its `key`"),
        "updated_at": SourceField("moment", True, "when the event happened"),
        "state": SourceField("text", False, "state after the event, by `states`"),
        "team": SourceField("text", False, "team after the event, by `teams`"),
        "person": SourceField("person", False, "who holds it after the event"),
        "state_before": SourceField("text", False, "state before the event, by `states`"),
        "team_before": SourceField("text", False, "team before the event, by `teams`"),
        "lost_count": SourceField("whole", False, "earlier changes of the ticket that the export left out"),
        "handling_time": SourceField("duration", False, "work that the event adds, in `handling_unit`"),
    },
    "ledger": {
        "period": SourceField("month", True, "YYYYMM; month 00 is opening, 13 closing entries"),
        "account": SourceField("text", True, "account number"),
        "cost_centre": SourceField("text", True, "cost centre; may be empty on a row"),
        "amount": SourceField("decimal", True, "amount; cost is positive"),
        "currency": SourceField("text", False, "currency of the amount, NOK or one of `rates`"),
    },
    "accounts": {
        "account": SourceField("text", True, "account number, or code of the state chart"),
        "name": SourceField("text", True, "what it is called"),
        "chart_code": SourceField("text", False, "code in the state chart, where accounts are the agency's"),
    },
    "request_counts": {
        "date": SourceField("date", True, "day"),
        "service": SourceField("text", True, "service, by `services`"),
        "count": SourceField("whole", True, "requests handled that day"),
    },
    "staffing": {
        "month": SourceField("month", False, "YYYY-MM; required for a row per month"),
        "person_years": SourceField(
            "decimal", False, "person-years that month; required for a row per month"
        ),
        "from_on": SourceField("date", False, "first day of the position; required for a row per position"),
        "to_on": SourceField("date", False, "last day of the position; empty while it lasts"),
        "percent": SourceField(
            "decimal", False, "percent of full time, such as 80; required for a row per position"
        ),
        "person": SourceField("person", False, "who has it; a position without a person is vacant"),
        "service": SourceField("text", True, "service, by `services`"),
        "employment": SourceField("text", True, "employee, seconded or consultant, by `employments`"),
        "paid_by": SourceField("text", False, "who pays"),
    },
    "outages": {
        "service": SourceField("text", True, "service, by `services`"),
        "started_at": SourceField("moment", True, "start"),
        "ended_at": SourceField("moment", True, "end; empty while it lasts"),
        "is_planned": SourceField("yes_or_no", False, "whether it was planned"),
        "kind": SourceField("text", False, "outage, degradation or planned, by `kinds`"),
    },
    "leave": {
        "known_on": SourceField("date", True, "day from which this was known, as the plan's own date"),
        "from_on": SourceField("date", True, "first day on which it holds"),
        "to_on": SourceField("date", True, "last day on which it holds"),
        "team": SourceField("text", False, "team, by `teams`; empty for every team without rows of its own"),
        "people": SourceField("decimal", True, "people that the team has"),
        "away": SourceField("decimal", True, "how many of them are away as planned, on average"),
    },
    "initiatives": {
        "initiative": SourceField("text", True, "id of the initiative"),
        "service": SourceField("text", True, "service, by `services`"),
        "estimated_nok": SourceField("decimal", True, "estimated cost in NOK"),
        "status": SourceField("text", False, "status, as written"),
    },
    "matters": {
        "matter": SourceField("text", True, "id of the matter"),
        "opened_on": SourceField("date", False, "day it was opened; required unless a row is a change"),
        "closed_on": SourceField("date", False, "day it was closed; empty while open"),
        "state": SourceField("text", False, "state, by `states`; required for a row per change"),
        "state_on": SourceField("date", False, "day of the change; required for a row per change"),
        "kind": SourceField("text", False, "kind, as written"),
    },
}
"""What each kind of source can have."""


def needed_fields(source: Source) -> set[str]:
    """Return the fields without which a source cannot be read.

    Some kinds come in two shapes, told by the columns that are mapped: staffing with a row per month or
    a row per position, matters with a row per matter or a row per change.
    """
    needed = {name for name, field in SOURCE_FIELDS[source.kind].items() if field.required}
    if source.kind == "tickets":
        needed |= {"updated_at"} if source.shape == "row_per_event" else {"resolved_at", "state"}
        if source.shape == "row_per_event":
            needed.discard("opened_at")  # the first event tells
        if source.constant_type is None:
            needed.add("type")
    elif source.kind == "staffing":
        needed |= {"from_on", "percent"} if has_positions(source) else {"month", "person_years"}
    elif source.kind == "matters":
        needed |= {"state", "state_on"} if has_changes(source) else {"opened_on"}
    return needed


def has_positions(source: Source) -> bool:
    """Return whether staffing has a row per position, with its dates and percent."""
    return bool({"from_on", "to_on", "percent"} & set(source.columns))


def has_changes(source: Source) -> bool:
    """Return whether matters have a row per change of state."""
    return bool({"state", "state_on"} & set(source.columns))

"""What each typed table of the snapshot contains: name, type, meaning.

Times are whole minutes, twice: ``*_minute`` since 1970-01-01 00:00 UTC, for elapsed time; and
``*_local_minute`` as the agency's wall clock shows it, counted the same way without a zone, for
weeks, days and working hours. Money is whole øre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SourceField:
    """One field that a source can have; `evidence/mapping.yaml` says which column of the file it is.

    Attributes
    ----------
    type : {"text", "moment", "date", "month", "whole", "decimal", "yes_or_no", "person"}
        How the text is read. ``moment`` and ``date`` follow the ``date_format`` of the source,
        ``decimal`` its decimal sign. ``person`` becomes an ordinal before anything is written.
    required : bool
        Whether the source cannot be read without it.
    """

    type: Literal["text", "moment", "date", "month", "whole", "decimal", "yes_or_no", "person"]
    required: bool
    meaning: str


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
    },
    "ledger": {
        "period": SourceField("month", True, "YYYYMM; month 00 is opening, 13 closing entries"),
        "account": SourceField("text", True, "account number"),
        "cost_centre": SourceField("text", True, "cost centre; may be empty on a row"),
        "amount": SourceField("decimal", True, "amount in NOK; cost is positive"),
    },
    "request_counts": {
        "date": SourceField("date", True, "day"),
        "service": SourceField("text", True, "id of the service"),
        "count": SourceField("whole", True, "requests handled that day"),
    },
    "staffing": {
        "month": SourceField("month", True, "YYYY-MM"),
        "service": SourceField("text", True, "id of the service"),
        "employment": SourceField("text", True, "employee, seconded or consultant"),
        "person_years": SourceField("decimal", True, "person-years that month"),
        "paid_by": SourceField("text", False, "who pays"),
    },
    "outages": {
        "service": SourceField("text", True, "id of the service"),
        "started_at": SourceField("moment", True, "start"),
        "ended_at": SourceField("moment", True, "end; empty while it lasts"),
        "is_planned": SourceField("yes_or_no", False, "whether it was planned"),
    },
    "initiatives": {
        "initiative": SourceField("text", True, "id of the initiative"),
        "service": SourceField("text", True, "id of the service"),
        "estimated_nok": SourceField("decimal", True, "estimated cost in NOK"),
        "status": SourceField("text", False, "status, as written"),
    },
    "matters": {
        "matter": SourceField("text", True, "id of the matter"),
        "opened_on": SourceField("date", True, "day it was opened"),
        "closed_on": SourceField("date", False, "day it was closed; empty while open"),
        "kind": SourceField("text", False, "kind, as written"),
    },
}
"""What each kind of source can have: the fields that `columns` in ``evidence/mapping.yaml`` may name."""

EMPLOYMENTS = ("employee", "seconded", "consultant")
STATES = ("open", "waiting", "resolved", "closed", "cancelled")
TYPES = ("incident", "request", "change")

TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "tickets": {
        "ticket": ("BIGINT", "ordinal, in order of opening"),
        "number": ("VARCHAR", "the ticket's own number in its source system"),
        "service": ("VARCHAR", "the service that claims it by team and category; NULL for the remainder"),
        "type": ("VARCHAR", "incident, request or change"),
        "opened_minute": ("BIGINT", "opened, UTC"),
        "opened_local_minute": ("BIGINT", "opened, wall clock"),
        "ending": (
            "VARCHAR",
            "resolved, open, cancelled, or unknown (closed, but nobody knows when resolved)",
        ),
        "end_minute": (
            "BIGINT",
            "resolved: when resolved; open: the cut; cancelled: when cancelled; "
            "unknown: when last known to be open. UTC",
        ),
        "end_local_minute": ("BIGINT", "the same on the wall clock"),
        "closed_minute": ("BIGINT", "administrative close, UTC; NULL when none by the cut"),
        "state": ("VARCHAR", "open, waiting, resolved, closed or cancelled, at the cut"),
        "team": ("VARCHAR", "canonical name of the team that held it last"),
        "category": ("VARCHAR", "category as written"),
        "priority": ("VARCHAR", "priority as written"),
        "handoff_count": ("INTEGER", "changes of team in the event log; NULL without an event log"),
        "reopen_count": ("INTEGER", "times reopened; NULL when the source does not say"),
        "waited": ("BOOLEAN", "whether it ever waited for a user or vendor; NULL without an event log"),
        "record": ("BIGINT", "record number in the file (first record, for a row per event)"),
    },
    "ticket_events": {
        "ticket": ("BIGINT", "ordinal of the ticket"),
        "at_minute": ("BIGINT", "when, UTC"),
        "at_local_minute": ("BIGINT", "when, wall clock"),
        "state": ("VARCHAR", "open, waiting, resolved, closed or cancelled"),
        "team": ("VARCHAR", "canonical name of the team"),
        "person": ("INTEGER", "ordinal of the person, in order of first appearance; NULL for none"),
        "record": (
            "BIGINT",
            "record number in the file; 0 for what was at the opening, as the first change tells it",
        ),
    },
    "ledger": {
        "period": ("INTEGER", "YYYYMM"),
        "account": ("VARCHAR", "account number"),
        "cost_centre": ("VARCHAR", "cost centre"),
        "amount_ore": ("BIGINT", "amount; cost is positive"),
        "record": ("BIGINT", "record number in the file"),
    },
    "request_counts": {
        "day": ("DATE", "day"),
        "service": ("VARCHAR", "service"),
        "requests": ("BIGINT", "simple requests handled that day, counted and not logged one by one"),
        "record": ("BIGINT", "record number in the file"),
    },
    "staffing": {
        "month": ("VARCHAR", "YYYY-MM"),
        "service": ("VARCHAR", "service"),
        "employment": ("VARCHAR", "employee, seconded or consultant"),
        "person_years_thousandths": ("BIGINT", "person-years, in thousandths"),
        "paid_by": ("VARCHAR", "who pays"),
        "record": ("BIGINT", "record number in the file"),
    },
    "outages": {
        "service": ("VARCHAR", "service"),
        "started_minute": ("BIGINT", "start, UTC"),
        "ended_minute": ("BIGINT", "end, UTC"),
        "is_planned": ("BOOLEAN", "whether it was planned"),
        "record": ("BIGINT", "record number in the file"),
    },
    "initiatives": {
        "initiative": ("VARCHAR", "id"),
        "service": ("VARCHAR", "service"),
        "estimated_ore": ("BIGINT", "estimated cost"),
        "status": ("VARCHAR", "status as written"),
        "record": ("BIGINT", "record number in the file"),
    },
    "matters": {
        "matter": ("VARCHAR", "id"),
        "opened": ("DATE", "opened"),
        "closed": ("DATE", "closed; NULL while open"),
        "kind": ("VARCHAR", "kind as written"),
        "record": ("BIGINT", "record number in the file"),
    },
    "quarantine": {
        "source": ("VARCHAR", "source"),
        "file": ("VARCHAR", "file"),
        "record": ("BIGINT", "record number in the file, from 1, header not counted"),
        "code": ("VARCHAR", "reason; a row with two faults has two rows here"),
        "column_name": ("VARCHAR", "column, where one is at fault"),
        "found": (
            "VARCHAR",
            "what was found: shape only (digits as d, letters as a), so no personal data",
        ),
    },
    "calendar": {
        "day_number": ("BIGINT", "local day since 1970-01-01"),
        "open_minute": (
            "BIGINT",
            "local minute when work begins that day (equal to close_minute on a day off)",
        ),
        "close_minute": ("BIGINT", "local minute when work ends"),
        "worked_before": (
            "BIGINT",
            "working minutes from the first day of the calendar to the start of this day",
        ),
    },
}

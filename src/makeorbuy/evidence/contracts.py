"""What each typed table of the snapshot contains: name, type, meaning.

Times are whole minutes, twice: ``*_minute`` since 1970-01-01 00:00 UTC, for elapsed time; and
``*_local_minute`` as the agency's wall clock shows it, counted the same way without a zone, for
weeks, days and working hours. Money is whole øre.
"""

from __future__ import annotations

MATTER_STATES = ("open", "waiting", "resolved", "closed", "cancelled", "transferred")
EMPLOYMENTS = ("employee", "seconded", "consultant")
STATES = ("open", "waiting", "resolved", "closed", "cancelled")
TYPES = ("incident", "request", "change")
OUTAGE_KINDS = ("outage", "degradation", "planned")

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
        "handling_seconds": (
            "BIGINT",
            "work registered on it; NULL while it is open and when nothing is written. Some systems write 0 "
            "where nobody registered",
        ),
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
        "amount_ore": (
            "BIGINT",
            "amount; cost is positive. Parts of an øre are carried on, so that sums by month, account and "
            "cost centre are right to the øre",
        ),
        "record": ("BIGINT", "record number in the file"),
    },
    "accounts": {
        "account": ("VARCHAR", "account number"),
        "name": ("VARCHAR", "what it is called"),
        "chart_code": ("VARCHAR", "code in the state chart of accounts; NULL when the source does not say"),
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
        "person_years_thousandths": (
            "BIGINT",
            "person-years, in thousandths; of a position, its share of full time on an average day of the "
            "month before the cut",
        ),
        "paid_by": ("VARCHAR", "who pays"),
        "record": ("BIGINT", "record number in the file; a position has one in each of its months"),
    },
    "outages": {
        "service": ("VARCHAR", "service"),
        "started_minute": ("BIGINT", "start, UTC"),
        "ended_minute": ("BIGINT", "end, UTC"),
        "is_planned": ("BOOLEAN", "whether it was planned; NULL if nobody says"),
        "kind": ("VARCHAR", "outage, degradation or planned; one may lie within another"),
        "record": ("BIGINT", "record number in the file"),
    },
    "leave": {
        "known": ("DATE", "day from which it was known"),
        "first_day": ("DATE", "first day on which it holds"),
        "last_day": ("DATE", "last day on which it holds"),
        "team": ("VARCHAR", "canonical name of the team; NULL for every team without rows of its own"),
        "people_thousandths": ("BIGINT", "people that the team has, in thousandths"),
        "away_thousandths": ("BIGINT", "how many of them are away as planned, on average, in thousandths"),
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
        "matter": ("VARCHAR", "id, once"),
        "opened": ("DATE", "opened"),
        "closed": ("DATE", "closed; NULL while open, and open again if reopened"),
        "transferred": ("DATE", "left for somebody else, which is no end; else NULL"),
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

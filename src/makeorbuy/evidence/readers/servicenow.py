"""ServiceNow: lists of incidents, requests and changes, as CSV or workbook.

One list comes in three forms by default: CSV with field names over displayed values, a workbook with
labels over displayed values, JSON and XML with field names over raw values. So header and values are
told apart. Displayed times are in the zone of whoever exported, which no file tells; raw times are UTC.

References: ServiceNow product documentation, "Export data: headers and values", "Export limits",
"Incident states".
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    has,
    proposal,
    share_matching,
    spellings_of,
)

ROW_LIMITS = (10_000, 32_000)
"""Rows at which exports stop unless an administrator has raised the limit."""

FIELDS = {
    "number": ("number",),
    "opened_at": ("opened_at",),
    "resolved_at": ("resolved_at",),
    "closed_at": ("closed_at",),
    "state": ("state", "incident_state"),
    "team": ("assignment_group",),
    "person": ("assigned_to",),
    "category": ("business_service", "category"),
    "priority": ("priority",),
    "reopen_count": ("reopen_count",),
    "type": ("sys_class_name", "type"),
}
LABELS = {
    "number": ("Number", "Nummer"),
    "opened_at": ("Opened", "Åpnet"),
    "resolved_at": ("Resolved", "Løst"),
    "closed_at": ("Closed", "Lukket"),
    "state": ("State", "Tilstand"),
    "team": ("Assignment group", "Tildelingsgruppe"),
    "person": ("Assigned to", "Tildelt til"),
    "category": ("Service", "Category", "Kategori"),
    "priority": ("Priority", "Prioritet"),
    "reopen_count": ("Reopen count", "Antall gjenåpninger"),
    "type": ("Task type", "Oppgavetype", "Type"),
}
STATES = {
    "New": "open", "In Progress": "open", "On Hold": "waiting", "Resolved": "resolved", "Closed": "closed",
    "Canceled": "cancelled", "Active": "open", "Awaiting Problem": "waiting",
    "Awaiting User Info": "waiting", "Awaiting Evidence": "waiting",
    "Ny": "open", "Pågår": "open", "På vent": "waiting", "Løst": "resolved", "Lukket": "closed",
    "Avbrutt": "cancelled",
}  # fmt: skip
INCIDENT_CODES = {"1": "open", "2": "open", "3": "waiting", "6": "resolved", "7": "closed", "8": "cancelled"}
TYPES = {
    "incident": "incident", "sc_request": "request", "sc_req_item": "request", "sc_task": "request",
    "change_request": "change", "change_task": "change", "Incident": "incident", "Request": "request",
    "request": "request", "change": "change", "Requested Item": "request", "Catalog Task": "request",
    "Change Request": "change",
}  # fmt: skip
PREFIXES = {
    "INC": "incident", "REQ": "request", "RITM": "request", "SCTASK": "request", "CHG": "change",
    "CTASK": "change",
}  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by its columns; tell labels from field names, displayed from raw values."""
    if has(sample, "number", "opened_at", "assignment_group"):
        columns, headers, score = columns_by_name(sample, FIELDS), "field_names", 0.95
    elif any(
        has(sample, *names)
        for names in (
            ("Number", "Opened", "State", "Assignment group"),
            ("Nummer", "Åpnet", "Tilstand", "Tildelingsgruppe"),
        )
    ):
        columns, headers, score = columns_by_name(sample, LABELS), "labels", 0.9
    else:
        return None
    if "state" not in columns:
        score -= 0.3
    is_raw = share_matching(sample.column(columns["team"]), r"[0-9a-f]{32}") > 0.5
    questions: list[Question] = []
    rules: dict[str, object] = {"time_zone": "UTC"} if is_raw else {}
    if not is_raw:
        questions.append(Question("time_zone_of_export", "time_zone"))
    moments = [sample.column(columns[name]) for name in ("opened_at", "resolved_at", "closed_at")
               if name in columns]  # fmt: skip
    found = dates(*moments)
    rules["date_format"] = found.settled
    if not found.settled:
        questions.append(Question("date_format", "date_format", found.formats))
    if "resolved_at" not in columns:
        questions.append(Question("end_of_work", "columns.resolved_at"))
    kind, unknown_kind = _kind(sample, columns)
    rules |= kind
    questions += unknown_kind
    known = INCIDENT_CODES if is_raw else STATES
    seen, unknown = spellings_of(sample.column(columns.get("state", "")), known)
    is_coded = is_raw and rules.get("constant_type") != "incident"  # codes of changes mean something else
    # a state that the first rows do not show may come later
    rules["states"] = seen if is_coded else {**known, **seen}
    if unknown:
        questions.append(Question("states", "states", unknown))
    return Recognition(
        "ServiceNow, list",
        score,
        (proposal(sample, "tickets", columns, **rules),),
        "field_names" if headers == "field_names" else "labels",
        "raw" if is_raw else "display",
        (*questions, Question("exported_at", "exported_at"), Question("selection", "selection")),
        ("no_history",),
    )


def _kind(sample: Sample, columns: dict[str, str]) -> tuple[dict[str, object], list[Question]]:
    """Return how the type is told: by a column, else by the prefix that all numbers share."""
    if "type" in columns:
        types, unknown = spellings_of(sample.column(columns["type"]), TYPES)
        return {"types": {**TYPES, **types}}, [Question("types", "types", unknown)] if unknown else []
    prefixes = {number.strip().rstrip("0123456789") for number in sample.column(columns["number"])}
    kinds = {PREFIXES[prefix] for prefix in prefixes if prefix in PREFIXES}
    if len(kinds) == 1:
        return {"constant_type": kinds.pop()}, []
    return {}, [Question("one_type_or_a_column", "constant_type", ("incident", "request", "change"))]

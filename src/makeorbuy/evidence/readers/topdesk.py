"""TOPdesk: lists of incidents in English or Norwegian, and the answer of its interface.

A TOPdesk incident has two ends: completed, when the work was done, and closed, which is
administrative. What the interface calls ``status`` is the line that has the incident (first, second,
partial); its state is ``processingStatus``, free text of each site. A call may be older than its
registration: the caller's wait begins with the call. Work is registered in minutes, which a list shows
with a colon; another number in a list may be hours, and is asked for.

References: TOPdesk API documentation, incident management; field names of the incident object.
Norwegian labels are from memory: no public export has them.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    folded,
    has,
    share_matching,
)
from makeorbuy.evidence.ticket_list import ticket_list

LABELS = {
    "number": ("Number", "Incident number", "Nummer", "Saksnummer"),
    "opened_at": ("Call date", "Date of call", "Creation date", "Date created", "Meldt dato", "Meldingsdato",
                  "Opprettet", "Dato opprettet", "Registreringsdato"),
    "resolved_at": ("Date completed", "Completion date", "Dato fullført", "Fullføringsdato"),
    "closed_at": ("Date closed", "Closing date", "Dato lukket", "Lukkedato"),
    "state": ("Processing status", "Behandlingsstatus", "Status"),
    "team": ("Operator group", "Behandlergruppe"),
    "person": ("Operator", "Behandler"),
    "category": ("Category", "Kategori"),
    "priority": ("Priority", "Prioritet"),
    "handling_time": ("Time spent", "Total time spent", "Tid brukt", "Medgått tid", "Tidsforbruk"),
    "type": ("Call type", "Incident type", "Sakstype", "Type sak"),
}  # fmt: skip
FIELDS = {
    "number": ("number",),
    "opened_at": ("callDate", "creationDate"),
    "resolved_at": ("completedDate",),
    "closed_at": ("closedDate",),
    "state": ("processingStatus.name",),
    "team": ("operatorGroup.name",),
    "person": ("operator.id", "operator.name"),
    "category": ("category.name",),
    "priority": ("priority.name",),
    "type": ("callType.name",),
    "handling_time": ("timeSpent",),
    "key": ("id",),
}
REGISTERED = ("creationDate", "Creation date", "Date created", "Dato opprettet", "Opprettet")
STATES = {
    "Logged": "open", "Registered": "open", "New": "open", "Open": "open", "Assigned": "open",
    "In progress": "open", "Planned": "open", "Reopened": "open", "On hold": "waiting",
    "Waiting for user": "waiting", "Waiting for caller": "waiting", "Waiting for supplier": "waiting",
    "Waiting for third party": "waiting", "Resolved": "resolved", "Completed": "resolved",
    "Closed": "closed", "Cancelled": "cancelled", "Canceled": "cancelled", "Rejected": "cancelled",
    "Registrert": "open", "Ny": "open", "Åpen": "open", "Tildelt": "open", "Under behandling": "open",
    "Pågår": "open", "Planlagt": "open", "Gjenåpnet": "open", "På vent": "waiting",
    "Venter på bruker": "waiting", "Venter på melder": "waiting", "Venter på leverandør": "waiting",
    "Løst": "resolved", "Fullført": "resolved", "Lukket": "closed", "Avbrutt": "cancelled",
    "Kansellert": "cancelled", "Avvist": "cancelled",
}  # fmt: skip
TYPES = {
    "Incident": "incident", "Failure": "incident", "Malfunction": "incident", "Request": "request",
    "Service request": "request", "Request for information": "request", "Change": "change",
    "Request for change": "change", "Hendelse": "incident", "Feil": "incident", "Forstyrrelse": "incident",
    "Bestilling": "request", "Forespørsel": "request", "Endring": "change",
}  # fmt: skip
LINES = r"(?i)(first ?line|second ?line|partial|[12]\. ?(line|linje)|(første|andre|annen)linje)(archived)?"


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by number, operator group and closing date; an answer by its nested fields."""
    if has(sample, "number", "callDate", "status") and any(
        folded(name).startswith("processingstatus") for name in sample.header
    ):
        columns, is_answer = columns_by_name(sample, FIELDS), True
    elif has(sample, "Number", "Operator group", "Date closed") or has(
        sample, "Nummer", "Behandlergruppe", "Dato lukket"
    ):
        columns, is_answer = columns_by_name(sample, LABELS), False
    else:
        return None
    questions, remarks = [], ["no_history"]
    if share_matching(sample.column(columns.get("state", "")), LINES) > 0.5:
        del columns["state"]  # who has it, not how far it has come
    if "state" not in columns:
        questions.append(Question("state_not_line", "columns.state"))
    registered = sample.column(next((name for name in REGISTERED if has(sample, name)), ""))
    if registered and registered != sample.column(columns.get("opened_at", "")):
        remarks.append("call_before_registration")
    if any(folded(status).startswith("partial") for status in sample.column("status")):
        remarks.append("partial_incidents")
    return ticket_list(
        sample,
        "TOPdesk, API" if is_answer else "TOPdesk, list",
        0.9,
        columns,
        states=STATES,
        types=TYPES,
        headers="field_names" if is_answer else "labels",
        values="raw" if is_answer else "display",
        questions=questions,
        remarks=remarks,
        handling_units=("minutes",) if is_answer else ("h:mm",),
    )

"""Tickets of any system, told by what people usually call their columns in Bokmål or English.

The last resort, with a low score: everything that a known system would settle is asked.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates_of_columns,
    handling_rules,
    proposal,
    spellings_of,
)

SCORE = 0.3

COLUMNS = {
    "number": ("number", "ticket number", "ticket id", "case number", "id", "nummer", "saksnummer", "saksnr",
               "sak", "referanse", "ticket", "key"),
    "opened_at": ("opened_at", "opened", "created_at", "created", "created on", "open date", "opening date",
                  "opprettet", "åpnet", "registrert", "dato opprettet", "meldt"),
    "resolved_at": ("resolved_at", "resolved", "resolution date", "solved at", "solved", "completed",
                    "date completed", "løst", "dato løst", "fullført", "dato fullført", "ferdig"),
    "closed_at": ("closed_at", "closed", "closing date", "date closed", "lukket", "dato lukket", "avsluttet"),
    "state": ("state", "status", "tilstand", "saksstatus"),
    "team": ("team", "group", "assignment group", "assigned group", "assignment_group", "operator group",
             "queue", "gruppe", "behandlergruppe", "tildelingsgruppe", "kø", "enhet"),
    "person": ("assigned_to", "assigned to", "assignee", "agent", "operator", "behandler", "saksbehandler",
               "tildelt til"),
    "category": ("service", "category", "tjeneste", "kategori"),
    "priority": ("priority", "prioritet"),
    "handling_time": ("handling_time", "handling time", "time spent", "time worked", "time tracked", "worked",
                      "work time", "tid brukt", "tidsbruk", "tidsforbruk", "medgått tid", "arbeidstid"),
    "type": ("type", "issue type", "call type", "ticket type", "sakstype"),
}  # fmt: skip
STATES = {
    "new": "open", "open": "open", "in progress": "open", "assigned": "open", "active": "open",
    "on hold": "waiting", "pending": "waiting", "waiting": "waiting", "waiting for user": "waiting",
    "resolved": "resolved", "solved": "resolved", "done": "resolved", "closed": "closed",
    "canceled": "cancelled", "cancelled": "cancelled",
    "ny": "open", "åpen": "open", "under arbeid": "open", "under behandling": "open", "pågår": "open",
    "på vent": "waiting", "venter": "waiting", "løst": "resolved", "fullført": "resolved",
    "lukket": "closed", "avsluttet": "closed", "avbrutt": "cancelled", "avvist": "cancelled",
}  # fmt: skip
TYPES = {
    "incident": "incident", "request": "request", "service request": "request", "change": "change",
    "hendelse": "incident", "feil": "incident", "bestilling": "request", "forespørsel": "request",
    "endring": "change",
}  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list of tickets by a number, a time of opening and a state; ask for the rest."""
    columns = columns_by_name(sample, COLUMNS)
    if not {"number", "opened_at", "state"} <= set(columns):
        return None
    questions = [Question("time_zone_of_export", "time_zone")]
    dated, undated = dates_of_columns(sample, columns, ("opened_at", "resolved_at", "closed_at"))
    questions += undated
    if "resolved_at" not in columns:
        questions.append(Question("end_of_work", "columns.resolved_at"))
    states, unknown = spellings_of(sample.column(columns["state"]), STATES)
    if unknown:
        questions.append(Question("states", "states", unknown))
    worked, unworked = handling_rules(sample, columns)
    questions += unworked
    rules: dict[str, object] = {**dated, **worked, "states": _whole(STATES, states)}
    if "type" in columns:
        types, unknown = spellings_of(sample.column(columns["type"]), TYPES)
        rules["types"] = _whole(TYPES, types)
        if unknown:
            questions.append(Question("types", "types", unknown))
    else:
        questions.append(Question("one_type_or_a_column", "constant_type", ("incident", "request", "change")))
    questions += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    sources = (proposal(sample, "tickets", columns, **rules),)
    return Recognition("tickets of an unknown system", SCORE, sources, questions=tuple(questions))


def _whole(known: dict[str, str], seen: dict[str, str]) -> dict[str, str]:
    """Return what was seen and what the first rows do not show but later ones may."""
    return {**{spelling.capitalize(): word for spelling, word in known.items()}, **seen}

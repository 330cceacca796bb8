"""What the proposals for event logs have in common: one row for each thing that happened to a ticket.

An event log tells activities, not states. An activity that is known by its name gives the state after
it; one that is known to change none means nothing; every other one is asked for. The opening of a
ticket is its first event: no column tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    folded,
    proposal,
)
from makeorbuy.evidence.ticket_list import TYPES
from makeorbuy.evidence.written_times import rewritten

STATES_AFTER = {
    "opened": "open", "open": "open", "new": "open", "created": "open", "registered": "open",
    "submitted": "open", "accepted": "open", "assigned": "open", "reopened": "open", "re-opened": "open",
    "work started": "open", "started": "open", "in progress": "open", "in_progress": "open",
    "work in progress": "open", "on hold": "waiting", "on_hold": "waiting", "pending": "waiting",
    "waiting": "waiting", "awaiting user": "waiting", "awaiting vendor": "waiting",
    "resolved": "resolved", "solved": "resolved", "closed": "closed", "canceled": "cancelled",
    "cancelled": "cancelled", "withdrawn": "cancelled",
    "opprettet": "open", "registrert": "open", "åpnet": "open", "ny": "open", "påbegynt": "open",
    "under arbeid": "open", "under behandling": "open", "gjenåpnet": "open", "på vent": "waiting",
    "satt på vent": "waiting", "venter": "waiting", "løst": "resolved", "lukket": "closed",
    "avbrutt": "cancelled", "kansellert": "cancelled", "trukket": "cancelled",
}  # fmt: skip
"""Activity or state of an event, in any case, to the state of the ticket after it."""

CHANGE_NO_STATE = (
    "moved", "transferred", "reassigned", "escalated", "commented", "note added", "priority changed",
    "flyttet", "overført", "eskalert", "kommentert", "prioritet endret",
)  # fmt: skip
"""Activities that happen within a state."""


def event_log(
    sample: Sample,
    system: str,
    score: float,
    columns: dict[str, str],
    *,
    reader: str,
    activities: Iterable[str],
    date_format: str,
    questions: Sequence[Question] = (),
    remarks: Sequence[str] = (),
    **rules: Any,
) -> Recognition:
    """Return the recognition of an event log as tickets with a row per event.

    Parameters
    ----------
    sample : Sample
    system : str
    score : float
    columns : dict of str to str
        Field to column of the table that the reader makes.
    reader : str
        Who makes it.
    activities : iterable of str
        Distinct values of the column that stands for the state.
    date_format : str
        Of the rewritten moments; empty where it must be asked for.
    questions, remarks
        See `Recognition`.
    **rules
        Any other field of `Source`.
    """
    asked = list(questions)
    if not date_format:
        asked.append(Question("date_format", "date_format"))
    if "%z" not in date_format and not rules.get("time_zone"):
        asked.append(Question("time_zone_of_export", "time_zone"))
    names = {" ".join(name.split()): _bare(name) for name in sorted(set(activities)) if name.strip()}
    states = {name: STATES_AFTER[bare] for name, bare in names.items() if bare in STATES_AFTER}
    silent = tuple(name for name, bare in names.items() if bare in CHANGE_NO_STATE)
    unknown = tuple(name for name in names if name not in states and name not in silent)
    missing = (*rules.pop("missing", ("",)), *silent)
    if silent:
        asked.append(Question("no_state", "missing"))
    if unknown:
        asked.append(Question("activities", "states", unknown))
    if "type" not in columns:
        asked.append(Question("one_type_or_a_column", "constant_type", TYPES))
    asked += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    source = proposal(
        sample, "tickets", columns, shape="row_per_event", reader=reader, date_format=date_format,
        states={**rules.pop("states", {}), **states}, missing=missing, **rules,
    )  # fmt: skip
    return Recognition(system, score, (source,), "field_names", "raw", tuple(asked), tuple(remarks))


def _bare(activity: str) -> str:
    """Return an activity as it is looked up; that a step of it is complete adds nothing."""
    return folded(activity).removesuffix("+complete")


def in_one_form(header: Sequence[str], row: Sequence[str], moments: Iterable[str]) -> list[str]:
    """Return a row whose columns of moments are rewritten into the one form."""
    cells = list(row)
    for name in moments:
        place = header.index(name)
        cells[place] = rewritten(cells[place])
    return cells


def sampled(sample: Sample, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Sample:
    """Return a sample with the table that a reader makes of it."""
    return replace(sample, header=tuple(header), rows=tuple(map(tuple, rows)))

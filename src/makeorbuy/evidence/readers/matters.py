"""The agency's own cases from its archive or case system: a row per matter, per status, or per event.

Reopening leaves the old end in place, a transferred matter has not ended, and some rows carry a date
where others carry a time: days are what is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    folded,
    proposal,
    share_matching,
    spellings_of,
)
from makeorbuy.evidence.text import Table, Tell, remade

COLUMNS = {
    "matter": ("saksnummer", "saksnr", "saksid", "matter_id", "matter"),
    "opened_on": ("opprettet", "registrert dato", "opprettet dato", "saksdato", "opened_on"),
    "closed_on": ("avsluttet", "avsluttet dato", "closed_on"),
    "kind": ("sakstype", "saktype", "kind"),
    "state": ("status", "saksstatus", "hendelse", "event"),
    "state_on": ("statusdato", "status dato", "tidspunkt", "hendelsesdato", "timestamp"),
}
STATES = {
    "registrert": "open", "opprettet": "open", "tildelt": "open", "under behandling": "open",
    "gjenåpnet": "open", "på vent": "waiting", "venter": "waiting", "avgjort": "closed",
    "avsluttet": "closed", "henlagt": "closed", "ferdig": "closed", "trukket": "cancelled",
    "overført": "transferred", "oversendt": "transferred",
}  # fmt: skip
NUMBER = r"(?:\d{2}|\d{4})[/-]\d{1,6}(?:[-/]\d+)?"
"""A case number of a Norwegian archive: year and number, such as 25/00001."""

DAY = "{} (dag)"
"""Column that is added where times and dates are mixed: the local day."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise matters by their numbers; ask what states mean that are not known."""
    columns = columns_by_name(sample, COLUMNS)
    if not ({"opened_on", "state_on"} & set(columns)) or "matter" not in columns:
        return None
    if share_matching(sample.column(columns["matter"]), NUMBER) < 0.9:
        return None
    if not {"state", "state_on"} <= set(columns):  # a state without its day tells no change
        for name in ("state", "state_on"):
            columns.pop(name, None)
    if not {"opened_on", "state_on"} & set(columns):
        return None
    rules: dict[str, object] = {}
    questions: list[Question] = []
    days = [
        sample.column(columns[name]) for name in ("opened_on", "closed_on", "state_on") if name in columns
    ]
    found = dates(*days)
    is_timed = not found.formats or any("%z" in form for form in found.formats)
    if "opened_on" not in columns and is_timed and sample.container == "delimited":
        columns["state_on"] = DAY.format(columns["state_on"])
        rules |= {"reader": "matters", "date_format": "%Y-%m-%d"}
        questions.append(Question("time_zone_of_export", "time_zone"))
    else:
        rules["date_format"] = found.settled
        if not found.settled:
            questions.append(Question("date_format", "date_format", found.formats))
    if "state" in columns:
        rules["states"], unknown = spellings_of(sample.column(columns["state"]), STATES)
        if unknown:
            questions.append(Question("matter_states", "states", unknown))
    sources = (proposal(sample, "matters", columns, **rules),)
    return Recognition("the agency's own matters", 0.7, sources, questions=tuple(questions))


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return the events with a column for the day of each time.

    Raises
    ------
    EvidenceError
        If it is not delimited text.
    HostileFileError
        If it must not be read.
    """
    listed = delimited.table(file, source, tell)
    wanted = {folded(name) for name in source.columns.values()}
    places = [place for place, name in enumerate(listed.header) if folded(DAY.format(name.strip())) in wanted]
    zone = ZoneInfo(source.time_zone) if source.time_zone else None

    added = (DAY.format(listed.header[place].strip()) for place in places)

    def with_days(row: Sequence[str]) -> Sequence[str]:
        return (*row, *(_day(row[place].strip(), zone) for place in places))

    return remade(listed, (*listed.header, *added), with_days)


def _day(written: str, zone: ZoneInfo | None) -> str:
    """Return the day of an ISO date or local time; an offset that its zone has not leaves it as it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ].+)?", written):
        return written
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written
    if moment.tzinfo is not None and zone is not None:
        local = moment.replace(tzinfo=zone)
        if moment.utcoffset() not in (local.utcoffset(), local.replace(fold=1).utcoffset()):
            return written
    return written[:10]

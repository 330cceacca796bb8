"""Event logs as a table: CSV as pm4py writes it, or any CSV or JSON with a ticket, an activity and a time.

Moments may be ISO 8601 of mixed precision and offset, or epochs; both are rewritten. In pm4py's CSV
``case:`` stands before what belongs to the whole ticket.

References: pm4py documentation, "Importing CSV files"; IEEE 1849-2016 for the names of the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited, json
from makeorbuy.evidence.event_log import event_log, in_one_form
from makeorbuy.evidence.opening import EvidenceFile, unpacked_bytes
from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, dates, folded, has
from makeorbuy.evidence.text import Fault, Table, Tell, plain_name
from makeorbuy.evidence.written_times import form_of

PM4PY = {
    "number": ("case:concept:name",),
    "updated_at": ("time:timestamp",),
    "state": ("concept:name",),
    "team": ("org:group", "org:role"),
    "person": ("org:resource",),
    "category": ("case:service", "case:category", "service", "category"),
    "priority": ("case:priority", "priority"),
    "type": ("case:type",),
}
COLUMNS = {
    "number": ("ticket", "ticket id", "ticket_id", "case", "case id", "case_id", "caseid", "number", "sak",
               "saksnummer", "saksnr", "id"),
    "updated_at": ("ts_ms", "ts", "timestamp", "time", "at", "event time", "event_time", "complete timestamp",
                   "completed at", "tidspunkt", "tid", "dato"),
    "state": ("activity", "event", "action", "status", "state", "aktivitet", "hendelse", "tilstand"),
    "team": ("group", "team", "assignment group", "assignment_group", "queue", "gruppe", "kø", "enhet"),
    "person": ("resource", "user", "agent", "assignee", "assigned_to", "saksbehandler", "behandler"),
    "category": ("service", "category", "tjeneste", "kategori"),
    "priority": ("priority", "prioritet"),
}  # fmt: skip
MOMENTS = ("updated_at",)


def recognise(sample: Sample) -> Recognition | None:
    """Recognise pm4py's three columns; else a ticket that comes on several rows, an activity, a time."""
    if has(sample, "case:concept:name", "concept:name", "time:timestamp"):
        columns, system, score = columns_by_name(sample, PM4PY), "Event log, CSV of pm4py", 0.95
    else:
        columns, system, score = columns_by_name(sample, COLUMNS), "Event log, table", 0.4
        if not set(MOMENTS) | {"number", "state"} <= set(columns):
            return None
        numbers = [number for number in sample.column(columns["number"]) if number.strip()]
        if len(set(numbers)) == len(numbers):
            return None  # every ticket once: a list, not a log
    moments = sample.column(columns["updated_at"])
    reader: str = sample.container
    form = dates(moments).settled
    if sample.container in ("delimited", "json") and (rewritten := form_of(moments)):
        reader, form = "event_table", rewritten
    return event_log(
        sample, system, score, columns, reader=reader, date_format=form,
        activities=sample.column(columns["state"]),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the events as a table with their moments in one form.

    Raises
    ------
    EvidenceError, HostileFileError
        See `makeorbuy.evidence.containers.delimited` and `makeorbuy.evidence.containers.json`.
    """
    start = unpacked_bytes(file, 64).removeprefix(b"\xef\xbb\xbf").lstrip()
    container = json if start.startswith((b"{", b"[")) else delimited
    whole = container.table(file, source, tell)
    wanted = {folded(plain_name(source.columns[name])) for name in MOMENTS if name in source.columns}
    moments = [name for name in whole.header if folded(plain_name(name)) in wanted]
    return Table(whole.header, _rows(whole, moments))


def _rows(whole: Table, moments: Sequence[str]) -> Iterator[Sequence[str] | Fault]:
    for row in whole.rows:
        if isinstance(row, Fault) or len(row) != len(whole.header):
            yield row
        else:
            yield in_one_form(whole.header, row, moments)

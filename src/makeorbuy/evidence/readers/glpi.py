"""GLPI: the list of tickets as CSV.

The header ends in a column without a name. A cell holds several lines where several groups or people are
assigned; which of them has the ticket now, the list does not tell, so such a cell stays whole.

References: GLPI, ``src/Glpi/Search/Output/Csv.php``; help.glpi-project.org, ticket life cycle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has
from makeorbuy.evidence.text import Fault, Rows, Table, Tell
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("ID",),
    "opened_at": ("Opening date",),
    "resolved_at": ("Resolution date",),
    "closed_at": ("Closing date",),
    "state": ("Status",),
    "team": ("Assigned to - Technician group",),
    "person": ("Assigned to - Technician",),
    "category": ("Category",),
    "priority": ("Priority",),
    "type": ("Type",),
}
STATES = {
    "New": "open", "Processing (assigned)": "open", "Processing (planned)": "open", "Pending": "waiting",
    "Solved": "resolved", "Closed": "closed",
}  # fmt: skip
TYPES = {"Incident": "incident", "Request": "request"}
BETWEEN_SEVERAL = " | "
"""Between the lines of a cell that has several."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by its columns in English; in another language the generic reader asks."""
    if not has(sample, "ID", "Title", "Opening date", "Status"):
        return None
    columns = columns_by_name(sample, COLUMNS)
    several = any("\n" in cell for cell in sample.column(columns.get("team", "")))
    return ticket_list(
        sample, "GLPI, list of tickets", 0.9, columns, states=STATES, types=TYPES,
        reader="glpi" if sample.container == "delimited" else sample.container,
        remarks=("no_history", *(("several_teams",) if several else ())),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the list without its nameless last columns, lines within a cell told apart.

    Raises
    ------
    EvidenceError, HostileFileError
        See `makeorbuy.evidence.containers.delimited`.
    """
    whole = delimited.table(file, source, tell)
    named = len(whole.header)
    while named and not whole.header[named - 1].strip():
        named -= 1
    return Table(whole.header[:named], _rows(whole.rows, named, len(whole.header)))


def _rows(rows: Rows, named: int, width: int) -> Iterator[Sequence[str] | Fault]:
    for row in rows:
        if isinstance(row, Fault):
            yield row
        elif len(row) == width and any(row[named:]):
            yield Fault("too_many_fields", f"text beyond the {named} columns that have names")
        else:
            kept = row[:named] if len(row) == width else row
            yield [
                BETWEEN_SEVERAL.join(cell.split("\n")) if "\n" in cell else cell
                for cell in (cell.replace("\r\n", "\n") for cell in kept)
            ]

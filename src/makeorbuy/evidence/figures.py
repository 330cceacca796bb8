"""Figures of the intake: what happened to every row, and why rows were set aside."""

from __future__ import annotations

from makeorbuy.case.model import Case
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from

ROWS_READ = FigureSpec(
    "evidence.rows_read", "count",
    "Rader lest", "Rows read",
    "records of the file, the header not counted", "evidence.md#what-happens-to-a-row",
)  # fmt: skip
ROWS_USED = FigureSpec(
    "evidence.rows_used", "count",
    "Rader brukt", "Rows used",
    "rows_read - rows_merged - rows_quarantined - rows_after_cut", "evidence.md#what-happens-to-a-row",
)  # fmt: skip
ROWS_MERGED = FigureSpec(
    "evidence.rows_merged", "count",
    "Like rader slått sammen", "Equal rows merged",
    "rows without a fault that only repeat an earlier row", "evidence.md#what-happens-to-a-row",
)  # fmt: skip
ROWS_QUARANTINED = FigureSpec(
    "evidence.rows_quarantined", "count",
    "Rader i karantene", "Rows in quarantine",
    "rows with at least one reason other than duplicate_row", "evidence.md#what-happens-to-a-row",
)  # fmt: skip
ROWS_AFTER_CUT = FigureSpec(
    "evidence.rows_after_cut", "count",
    "Rader etter periodens slutt", "Rows after the end of the period",
    "rows without a fault that happened at or after the end of the period", "evidence.md#the-cut",
)  # fmt: skip
UNASSIGNED_TICKETS = FigureSpec(
    "evidence.unassigned_tickets", "count",
    "Henvendelser uten tjeneste", "Tickets of no service",
    "tickets opened before the cut whose team and category no service claims", "evidence.md#services",
)  # fmt: skip
QUARANTINE_REASONS = FigureSpec(
    "evidence.quarantine_reasons", "text",
    "Hvorfor rader er satt til side", "Why rows were set aside",
    "rows by source, reason and column; a row with two reasons counts under both",
    "evidence.md#reasons",
)  # fmt: skip
FILES = FigureSpec(
    "evidence.files", "text",
    "Filer i datagrunnlaget", "Files of evidence",
    "each file with the SHA-256 of its bytes, its rows, and the system it seems to come from",
    "evidence.md#the-snapshot",
)  # fmt: skip
FIGURES = (
    ROWS_READ,
    ROWS_USED,
    ROWS_MERGED,
    ROWS_QUARANTINED,
    ROWS_AFTER_CUT,
    UNASSIGNED_TICKETS,
    QUARANTINE_REASONS,
    FILES,
)


def evidence_figures(evidence: Evidence, case: Case) -> tuple[tuple[Figure, ...], tuple[Series, ...]]:
    """Return what happened to the rows of every source.

    Parameters
    ----------
    evidence : Evidence
    case : Case
        Tells whether there are tickets at all.

    Returns
    -------
    figures : tuple of Figure
        Five counts for each source, and the tickets that no service claims.
    series : tuple of Series
        Reasons and files.
    """
    figures = []
    for count in evidence.counts:
        inputs = (f"evidence:{count.source}",)
        for spec, value in (
            (ROWS_READ, count.rows_read),
            (ROWS_USED, count.rows_used),
            (ROWS_MERGED, count.rows_merged),
            (ROWS_QUARANTINED, count.rows_quarantined),
            (ROWS_AFTER_CUT, count.rows_after_cut),
        ):
            figures.append(figure_from(spec, (count.source,), value, basis="measured", inputs=inputs))
    if any(source.kind == "tickets" for source in case.sources):
        unassigned = figure_from(
            UNASSIGNED_TICKETS,
            (),
            evidence.unassigned_tickets,
            basis="measured",
            inputs=("evidence:tickets",),
        )
    else:
        unassigned = figure_from(UNASSIGNED_TICKETS, (), reason="no_tickets", basis="measured")
    sources = tuple(f"evidence:{count.source}" for count in evidence.counts)
    reasons = Series(
        address(QUARANTINE_REASONS.name),
        (
            Column("source", "text"),
            Column("code", "text"),
            Column("column", "text"),
            Column("rows", "count"),
            Column("example_records", "text"),
        ),
        tuple(
            (
                reason.source,
                reason.code,
                reason.column,
                reason.rows,
                ", ".join(map(str, reason.example_records)),
            )
            for reason in evidence.reasons
        ),
        inputs=sources,
        basis="measured",
    )
    systems = dict(note.partition("=")[::2] for note in evidence.notes)
    files = Series(
        address(FILES.name),
        (
            Column("source", "text"),
            Column("file", "text"),
            Column("sha256", "text"),
            Column("rows", "count"),
            Column("system", "text"),
            Column("has_history", "flag"),
        ),
        tuple(
            (
                count.source,
                count.file,
                count.sha256,
                count.rows_read,
                systems.get(f"system[{count.source}]", ""),
                count.source == "ticket_events"
                or (count.source == "tickets" and "ticket_events" in evidence.tables),
            )
            for count in evidence.counts
        ),
        inputs=sources,
        basis="measured",
    )
    return (*figures, unassigned), (reasons, files)

"""Figures of the intake: what happened to every row, and why rows were set aside."""

from __future__ import annotations

from contextlib import closing
from importlib.resources import files

from makeorbuy.case.model import Case
from makeorbuy.evidence.model import Evidence
from makeorbuy.evidence.vintages import Comparison
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
UNASSIGNED_TEAMS = FigureSpec(
    "evidence.unassigned_teams", "text",
    "Grupper og kategorier uten tjeneste", "Teams and categories of no service",
    "unassigned tickets by team and category as written, with the first and last day of opening; the fifty "
    "with most tickets", "evidence.md#services",
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
VINTAGES = FigureSpec(
    "evidence.vintages", "text",
    "Tidligere uttrekk, og hva som siden er endret", "Earlier exports, and what has changed since",
    "by source and column: past rows of the last export read in the same way that say otherwise in this one",
    "evidence.md#vintages",
)  # fmt: skip
REWRITTEN_ROWS = FigureSpec(
    "evidence.rewritten_rows", "count",
    "Rader om fortiden som er endret siden forrige uttrekk", "Past rows changed since the last export",
    "past rows of the last export that say otherwise in this one, or are gone", "evidence.md#vintages",
)  # fmt: skip
REWRITTEN_SHARE = FigureSpec(
    "evidence.rewritten_share", "share",
    "Andel av fortiden som er endret siden forrige uttrekk",
    "Share of the past changed since the last export",
    "rewritten_rows / past rows of the last export", "evidence.md#vintages",
)  # fmt: skip
REWRITTEN_CLOSINGS_SHARE = FigureSpec(
    "evidence.rewritten_closings_share", "share",
    "Andel avsluttede henvendelser med endret sluttid", "Share of ended tickets whose end was rewritten",
    "past tickets whose resolved_at or closed_at is another in this export / past tickets of the last "
    "export; the larger of the two columns",
    "evidence.md#vintages",
)  # fmt: skip
FIGURES = (
    VINTAGES,
    REWRITTEN_ROWS,
    REWRITTEN_SHARE,
    REWRITTEN_CLOSINGS_SHARE,
    ROWS_READ,
    ROWS_USED,
    ROWS_MERGED,
    ROWS_QUARANTINED,
    ROWS_AFTER_CUT,
    UNASSIGNED_TICKETS,
    UNASSIGNED_TEAMS,
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
    file_rows = Series(
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
                *file,
                systems.get(f"system[{count.source}]", ""),
                count.source == "ticket_events"
                or (count.source == "tickets" and "ticket_events" in evidence.tables),
            )
            for count in evidence.counts
            for file in (count.files or ((count.file, count.sha256, count.rows_read),))
        ),
        inputs=sources,
        basis="measured",
    )
    return (*figures, unassigned), (reasons, file_rows, _unassigned_teams(case, evidence))


def _unassigned_teams(case: Case, evidence: Evidence) -> Series:
    """Return whose the tickets are that no service claims: a team with a new name stands here."""
    rows: list[tuple[str, str, int, str, str]] = []
    if evidence.unassigned_tickets:
        query = (
            files("makeorbuy.evidence").joinpath("sql", "unassigned_teams.sql").read_text(encoding="utf-8")
        )
        has_categories = any(service.categories for service in case.services)
        with closing(evidence.connect()) as connection:
            rows = connection.execute(query, {"has_categories": has_categories}).fetchall()
    columns = (
        Column("team", "text"), Column("category", "text"), Column("tickets", "count"),
        Column("first_opened", "text"), Column("last_opened", "text"),
    )  # fmt: skip
    inputs = ("evidence:tickets",) if any(source.kind == "tickets" for source in case.sources) else ()
    return Series(address(UNASSIGNED_TEAMS.name), columns, tuple(rows), inputs=inputs, basis="measured")


def vintage_figures(comparisons: tuple[Comparison, ...]) -> tuple[tuple[Figure, ...], Series]:
    """Return what this export has changed of what the last one said.

    Parameters
    ----------
    comparisons : tuple of Comparison

    Returns
    -------
    figures : tuple of Figure
        Past rows that changed, as a count and as a share; for tickets also the share whose end was
        rewritten. Reasons ``first_vintage``, ``read_otherwise`` and ``nothing_past``.
    series : Series
        One row for each source and column; times with the median number of hours by which they moved.
    """
    figures, rows = [], []
    for found in comparisons:
        source, n = found.later.source, found.rows_compared
        inputs = (f"evidence:{source}",)
        reason = found.reason or (None if n else "nothing_past")
        ends = max((c.rows for c in found.changes if c.column in ("resolved_at", "closed_at")), default=0)
        values = [(REWRITTEN_ROWS, found.rewritten), (REWRITTEN_SHARE, found.rewritten / n if n else None)]
        if source == "tickets":
            values.append((REWRITTEN_CLOSINGS_SHARE, ends / n if n else None))
        for spec, value in values:
            figures.append(
                figure_from(
                    spec, (source,), None if reason else value, reason=reason, n=None if reason else n,
                    basis="measured", inputs=inputs,
                )
            )  # fmt: skip
        if found.earlier is not None:
            for change in found.changes:
                moved = None if change.moved_minutes is None else change.moved_minutes / 60
                rows.append(
                    (
                        source, found.earlier.exported_on, found.later.exported_on, change.column,
                        change.rows, change.rows / n if n else None, moved, n,
                    )
                )  # fmt: skip
    series = Series(
        address(VINTAGES.name),
        (
            Column("source", "text"),
            Column("earlier_exported_on", "text"),
            Column("exported_on", "text"),
            Column("column", "text"),
            Column("rows_changed", "count"),
            Column("share", "share"),
            Column("moved_hours", "hours"),
            Column("rows_compared", "count"),
        ),
        tuple(rows),
        inputs=tuple(f"evidence:{found.later.source}" for found in comparisons),
        basis="measured",
    )
    return tuple(figures), series

"""How an export was selected, told from the records themselves: findings, what they spoil, what to ask.

An export that holds only what somebody chose to export looks whole. What is missing still shows: no
ticket is open although tickets arrived yesterday, nothing was opened in the first weeks, a thousand
tickets end on one day. Each finding has its figures, names the figures that it spoils, and one request
to the colleague who exported. A detector that fires on ordinary records is worse than none, so each
compares what is seen with what the records' own rates would give.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from makeorbuy.case.model import Case
from makeorbuy.evidence.detectors import (
    BACKLOG,
    DEMAND,
    FLOW_TIME,
    LEAST_TICKETS,
    Days,
    Finding,
    delayed_entry,
    run,
    ticket_findings,
)
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, refused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROUND_ROWS = 1_000
"""A whole number of thousands is a limit more often than chance, which gives it to one file in a thousand."""

ROW_LIMITS = (65_535, 65_536, 1_048_575, 1_048_576)
"""Numbers of rows at which sheets end."""

SET_ASIDE_SHARE = 0.05
"""Share of ticket rows in quarantine that may move a figure; those left out on purpose not counted."""

SELECTION_FINDINGS = FigureSpec(
    "evidence.selection_findings", "text",
    "Hvordan uttrekket er valgt", "How the export was selected",
    "what the records themselves tell of how they were chosen; each finding with the figures it spoils",
    "selection.md#findings",
)  # fmt: skip
FIGURES = (SELECTION_FINDINGS,)


def selection_findings(case: Case, evidence: Evidence) -> tuple[Finding, ...]:
    """Return every finding about how the records were selected, in the order of the sources.

    Parameters
    ----------
    case : Case
        Its sources tell what was declared.
    evidence : Evidence
    """
    with closing(evidence.connect()) as connection:
        found = [*_row_limits(evidence), *_set_aside(evidence)]
        if "tickets" in {count.source for count in evidence.counts}:
            found += ticket_findings(connection, case, evidence)
        found += _of_ledger(connection)
    found += _of_notes(evidence)
    return tuple(found)


def resolutions_begin(case: Case, evidence: Evidence) -> datetime | None:
    """Return the day on which resolutions begin, where tickets were opened long before; else None.

    Parameters
    ----------
    case : Case
    evidence : Evidence
        Of a period that begins before every record.
    """
    if sum(count.rows_used for count in evidence.counts if count.source == "tickets") < LEAST_TICKETS:
        return None
    with closing(evidence.connect()) as connection:
        for finding in delayed_entry(Days.of_all(connection, case, evidence)):
            return datetime.fromisoformat(str(dict(finding.facts)["first_day"]))
    return None


def findings_series(findings: Iterable[Finding]) -> Series:
    """Return the findings as the series ``evidence.selection_findings``."""
    rows = tuple(
        (
            finding.source,
            finding.code,
            ";".join(f"{name}={value}" for name, value in finding.facts),
            ", ".join(finding.spoils),
            ", ".join(finding.refuses),
        )
        for finding in findings
    )
    names = ("source", "code", "facts", "spoils", "refuses")
    inputs = tuple(sorted({f"evidence:{finding.source}" for finding in findings}))
    columns = tuple(Column(name, "text") for name in names)
    return Series(address(SELECTION_FINDINGS.name), columns, rows, inputs=inputs, basis="measured")


def with_remarks(findings: Iterable[Finding], figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the figures, marked where findings spoil one, refused where none can be given."""
    told = []
    findings = tuple(findings)
    for figure in figures:
        reason = refusal(findings, figure.id)
        spoilt_by = tuple(
            dict.fromkeys(
                finding.code
                for finding in findings
                if figure.id.startswith(finding.spoils) and finding.concerns(figure.id)
            )
        )
        if figure.value is None:
            told.append(figure)
        elif reason is not None:
            told.append(refused(figure, reason))
        else:
            told.append(replace(figure, spoilt_by=spoilt_by) if spoilt_by else figure)
    return tuple(told)


def with_refusals(findings: Iterable[Finding], series: Iterable[Series]) -> tuple[Series, ...]:
    """Return the series, without rows where a finding says that none can be given."""
    findings = tuple(findings)
    reasons = ((table, refusal(findings, table.id)) for table in series)
    return tuple(
        replace(table, rows=(), reason=reason) if reason and table.reason is None else table
        for table, reason in reasons
    )


def refusal(findings: Iterable[Finding], figure_id: str) -> str | None:
    """Return the reason why a figure cannot be given, or None; the first finding that refuses it."""
    for finding in findings:
        if figure_id.startswith(finding.refuses) and finding.concerns(figure_id):
            return f"selection_{finding.code}"
    return None


def _row_limits(evidence: Evidence) -> Iterable[Finding]:
    totals = sum(reason.rows for reason in evidence.reasons if reason.code == "total_line")
    for count in evidence.counts:
        rows = count.rows_read - (totals if count.source == "ledger" else 0)
        if rows in ROW_LIMITS or (rows and rows % ROUND_ROWS == 0):
            spoils = ("baseline.unit_cost",) if count.source == "ledger" else (*DEMAND, *BACKLOG)
            yield Finding("row_limit", count.source, (("rows_count", rows),), spoils)


def _set_aside(evidence: Evidence) -> Iterable[Finding]:
    """Tell when so many rows of tickets could not be used that the others may not be like them."""
    count = next((count for count in evidence.counts if count.source == "tickets"), None)
    if count is None or count.rows_read < LEAST_TICKETS:
        return
    left_out = sum(r.rows for r in evidence.reasons if (r.source, r.code) == ("tickets", "left_out"))
    aside, read = count.rows_quarantined - left_out, count.rows_read - left_out
    if aside > SET_ASIDE_SHARE * read:
        facts = (("rows_count", aside), ("rows_share", round(aside / read, 4)))
        yield Finding("many_set_aside", "tickets", facts, (*FLOW_TIME, *DEMAND, *BACKLOG))


def _of_ledger(connection: DuckDBPyConnection) -> Iterable[Finding]:
    """Find a month that does not sum to zero in a ledger whose months do."""
    rows = run(connection, "selection_ledger")
    uneven = [(period, ore) for period, ore, _ in rows if ore]
    if uneven and 2 * len(uneven) <= len(rows):
        period, ore = max(uneven, key=lambda entry: abs(entry[1]))
        facts = (("periods_count", len(uneven)), ("largest_month", period), ("largest_nok", round(ore / 100)))
        yield Finding("ledger_month_incomplete", "ledger", facts, ("baseline.unit_cost",))


def _of_notes(evidence: Evidence) -> Iterable[Finding]:
    """Tell what a file says of itself and does not hold, and what no staff list can be."""
    noted = dict(note.partition("=")[::2] for note in evidence.notes)
    controls = {
        name: int(noted.get(f"control_{name}_differ{'s_ore' if name != 'vouchers' else ''}[ledger]", 0))
        for name in ("vouchers", "debit", "credit")
    }
    if any(controls.values()):
        facts: tuple[tuple[str, int | float | str], ...] = (
            ("vouchers_count", controls["vouchers"]),
            ("debit_nok", controls["debit"] / 100),
            ("credit_nok", controls["credit"] / 100),
        )
        yield Finding("control_sums_differ", "ledger", facts, ("baseline.unit_cost",))
    total = int(noted.get("total_line_differs_ore[ledger]", 0))
    if total:
        yield Finding("total_line_differs", "ledger", (("total_nok", total / 100),), ("baseline.unit_cost",))
    other, either = (int(noted.get(f"{name}_decimal_sign[ledger]", 0)) for name in ("other", "either"))
    if other and either:
        signs = (("rows_count", other), ("doubtful_count", either))
        yield Finding("amounts_two_ways", "ledger", signs, ("baseline.unit_cost",))
    persons = int(noted.get("more_than_full_time[staffing]", 0))
    if persons:
        yield Finding("more_than_full_time", "staffing", (("persons_count", persons),))

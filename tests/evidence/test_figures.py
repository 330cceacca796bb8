"""The figures of the intake."""

from __future__ import annotations

from pathlib import Path

import evidence_making as m

from makeorbuy.evidence.figures import (
    FIGURES,
    REWRITTEN_CLOSINGS_SHARE,
    REWRITTEN_ROWS,
    REWRITTEN_SHARE,
    VINTAGES,
    evidence_figures,
)
from makeorbuy.foundation.figure import split_address


def test_figures_say_what_happened_to_every_row(tmp_path: Path) -> None:
    rows = [m.ticket("A1"), m.ticket("A1"), m.ticket("A2", state="odd"), m.ticket("A3", assignment_group="?")]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    evidence = m.taken(tmp_path, m.tickets())
    figures, (reasons, files, teams) = evidence_figures(evidence, m.case(m.tickets()))
    assert sum(row[2] for row in teams.rows) == evidence.unassigned_tickets
    assert {figure.id: figure.value for figure in figures} == {
        "evidence.rows_read[tickets]": 4,
        "evidence.rows_used[tickets]": 2,
        "evidence.rows_merged[tickets]": 1,
        "evidence.rows_quarantined[tickets]": 1,
        "evidence.rows_after_cut[tickets]": 0,
        "evidence.unassigned_tickets": 1,
    }
    assert reasons.rows == (
        ("tickets", "duplicate_row", None, 1, "2"),
        ("tickets", "unknown_state", "state", 1, "3"),
    )
    assert files.column("file") == ["evidence/tickets.csv"]
    declared = {spec.name for spec in FIGURES}
    of_vintages = {
        spec.name for spec in (VINTAGES, REWRITTEN_ROWS, REWRITTEN_SHARE, REWRITTEN_CLOSINGS_SHARE)
    }
    assert {
        split_address(entry.id)[0] for entry in (*figures, reasons, files, teams)
    } == declared - of_vintages


def test_without_tickets_there_is_a_reason(tmp_path: Path) -> None:
    evidence = m.taken(tmp_path)
    figures, _ = evidence_figures(evidence, m.case())
    assert [(figure.id, figure.value, figure.reason) for figure in figures] == [
        ("evidence.unassigned_tickets", None, "no_tickets")
    ]

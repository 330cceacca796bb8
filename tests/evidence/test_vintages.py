"""Vintages: what an export said is kept, and what the next one says otherwise is counted, never hidden."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence.figures import vintage_figures
from makeorbuy.evidence.vintages import Comparison, keep_vintages

DAY = date(2025, 2, 1)


def imported(folder: Path, case: m.Case, day: date = DAY) -> tuple[Comparison, ...]:
    evidence = m.take_in(case, folder, folder / "out")
    return keep_vintages(case, evidence, folder / "out", folder / "vintages", day)


def export(folder: Path, *rows: list[str]) -> None:
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


OPEN = {"state": "New", "resolved_at": "", "closed_at": ""}


def two_exports(folder: Path) -> tuple[Comparison, m.Case]:
    case = m.case(m.tickets(exported_at=datetime(2025, 1, 1)))  # noqa: DTZ001
    export(
        folder,
        *(m.ticket(f"A{n}") for n in range(8)),
        m.ticket("B1", **OPEN),
        m.ticket("C1", closed_at="", state="Resolved"),
    )
    imported(folder, case)
    export(
        folder,
        m.ticket("A0"),
        m.ticket("A1", closed_at="06.03.2024 15:00"),  # 3 hours later
        m.ticket("A2", closed_at="07.03.2024 12:00", resolved_at="01.03.2024 13:00"),
        m.ticket("A3", assignment_group="Servers"),
        m.ticket("A4", opened_at="01.03.2024 09:00"),
        m.ticket("A5", **OPEN),
        m.ticket("A7", category="Phone"),
        m.ticket("B1"),  # was open: that it has ended now is no change of the past
        m.ticket("C1"),  # closed since it was resolved: neither is that
        m.ticket("D1"),
    )
    later = replace(case, sources=(m.tickets(exported_at=datetime(2025, 2, 1)),))  # noqa: DTZ001
    return imported(folder, later)[0], later


def test_what_changed_of_the_past_is_counted_by_column(tmp_path: Path) -> None:
    found, _ = two_exports(tmp_path)
    assert found.reason is None and found.rows_compared == 9
    told = {change.column: (change.rows, change.moved_minutes) for change in found.changes}
    assert told == {
        "any": (6, None), "gone": (1, None), "open_again": (1, None), "opened_at": (1, 60),
        "resolved_at": (1, 60), "closed_at": (3, 180), "service": (1, None), "team": (1, None),
        "category": (1, None), "priority": (0, None), "type": (0, None), "reopen_count": (0, None),
        "handling_time": (0, None),
    }  # fmt: skip
    figures, series = vintage_figures((found,))
    assert [(figure.id, figure.value, figure.n) for figure in figures] == [
        ("evidence.rewritten_rows[tickets]", 7, 9),
        ("evidence.rewritten_share[tickets]", 7 / 9, 9),
        ("evidence.rewritten_closings_share[tickets]", 3 / 9, 9),
    ]
    assert ("tickets", "2025-01-01", "2025-02-01", "closed_at", 3, 3 / 9, 3.0, 9) in series.rows


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    found, case = two_exports(tmp_path)
    before = contents(tmp_path / "vintages")
    assert imported(tmp_path, case, date(2030, 1, 1)) == (found,)
    assert contents(tmp_path / "vintages") == before


def test_vintages_outlive_the_generated_folder(tmp_path: Path) -> None:
    found, case = two_exports(tmp_path)
    shutil.rmtree(tmp_path / "out")
    assert imported(tmp_path, case) == (found,)
    assert len(list((tmp_path / "vintages" / "tickets").iterdir())) == 2


def test_an_old_export_put_back_is_compared_as_it_was_then(tmp_path: Path) -> None:
    case = m.case(m.tickets())
    export(tmp_path, m.ticket("A1"))
    (first,) = imported(tmp_path, case)
    export(tmp_path, m.ticket("A1", priority="1"))
    (second,) = imported(tmp_path, case)
    export(tmp_path, m.ticket("A1"))
    assert (first.reason, first.later.number) == ("first_vintage", 1)
    assert (second.rewritten, second.later.number) == (1, 2)
    assert imported(tmp_path, case) == (first,)


def test_what_is_read_otherwise_is_not_compared(tmp_path: Path) -> None:
    case = m.case(m.tickets())
    export(tmp_path, m.ticket("A1"))
    imported(tmp_path, case)
    export(tmp_path, m.ticket("A1", priority="1"))
    (found,) = imported(tmp_path, replace(case, services=(m.service("other", ("Desk",)),)))
    assert found.reason == "read_otherwise" and found.changes == ()
    figures, series = vintage_figures((found,))
    assert {figure.reason for figure in figures} == {"read_otherwise"} and series.rows == ()


@pytest.mark.parametrize("how", ["rows", "manifest", "gone"])
def test_a_damaged_vintage_is_not_compared_with(tmp_path: Path, how: str) -> None:
    _, case = two_exports(tmp_path)
    first = sorted((tmp_path / "vintages" / "tickets").iterdir())[0]
    if how == "gone":
        shutil.rmtree(first)
    else:
        file = first / ("tickets.parquet" if how == "rows" else "vintage.json")
        data = file.read_bytes()
        file.unlink()  # the snapshot may share its bytes
        file.write_bytes(data.replace(b'"rows":', b'"rows":1') if how == "manifest" else data[:-9])
    (found,) = imported(tmp_path, case)
    assert found.reason == ("read_otherwise" if how == "rows" else "first_vintage")


def test_postings_that_are_gone_are_counted(tmp_path: Path) -> None:
    header = ("period", "account", "cost_centre", "amount")
    case = m.case(m.source("ledger", "ledger.csv", columns={name: name for name in header}))
    m.write(tmp_path, "ledger.csv", m.table(header, [("202401", "4000", "1", str(n)) for n in range(5)]))
    imported(tmp_path, case)
    later = [("202401", "4000", "1", amount) for amount in ("0", "1", "2", "3", "7", "9")]
    m.write(tmp_path, "ledger.csv", m.table(header, later))
    (found,) = imported(tmp_path, case)
    assert (found.rewritten, found.rows_compared) == (1, 5)

"""Several files of one source: the latest state counts, repetitions are merged, all is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.case.model import Source
from makeorbuy.evidence import opening
from makeorbuy.foundation.errors import EvidenceError

OPEN = {"state": "New", "resolved_at": "", "closed_at": ""}


def write(folder: Path, name: str, *rows: list[str]) -> None:
    m.write(folder, name, m.table(m.TICKET_HEADER, rows))


def split(**changes: object) -> Source:
    return replace(m.tickets(), path="tickets_*.csv", **changes)


def counted(evidence: m.Evidence) -> tuple[int, int, int, int, int]:
    (count,) = evidence.counts
    assert count.rows_read == (
        count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    )
    return (
        count.rows_read, count.rows_used, count.rows_merged, count.rows_quarantined, count.rows_after_cut,
    )  # fmt: skip


def test_of_two_states_the_later_export_counts(tmp_path: Path) -> None:
    write(tmp_path, "tickets_9.csv", m.ticket("A1", **OPEN), m.ticket("A2"), m.ticket("A3", **OPEN))
    write(tmp_path, "tickets_10.csv", m.ticket("A1"), m.ticket("A2"), m.ticket("A4"))
    evidence = m.taken(tmp_path, split())
    assert counted(evidence) == (6, 4, 2, 0, 0)
    assert m.ask(evidence, "SELECT number, ending FROM tickets ORDER BY number") == [
        ("A1", "resolved"), ("A2", "resolved"), ("A3", "open"), ("A4", "resolved"),
    ]  # fmt: skip
    told = m.ask(evidence, "SELECT file, record, code FROM quarantine ORDER BY ALL")
    assert told == [
        ("evidence/tickets_9.csv", 1, "superseded_row"), ("evidence/tickets_9.csv", 2, "duplicate_row"),
    ]  # fmt: skip


def test_a_state_that_comes_back_is_the_latest(tmp_path: Path) -> None:
    write(tmp_path, "tickets_1.csv", m.ticket("A1", **OPEN))
    write(tmp_path, "tickets_2.csv", m.ticket("A1"))
    write(tmp_path, "tickets_3.csv", m.ticket("A1", **OPEN))
    evidence = m.taken(tmp_path, split())
    assert counted(evidence) == (3, 1, 2, 0, 0)
    assert m.ask(evidence, "SELECT ending FROM tickets") == [("open",)]


def test_a_conflict_is_one_within_a_file_only(tmp_path: Path) -> None:
    write(tmp_path, "tickets_1.csv", m.ticket("A1", priority="1"))
    write(tmp_path, "tickets_2.csv", m.ticket("A1", priority="2"), m.ticket("A1", priority="3"))
    evidence = m.taken(tmp_path, split())
    assert counted(evidence) == (3, 1, 1, 1, 0)
    assert m.ask(evidence, "SELECT priority FROM tickets") == [("2",)]


def test_a_later_row_with_a_fault_overtakes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "tickets_1.csv", m.ticket("A1"))
    write(tmp_path, "tickets_2.csv", m.ticket("A1", state="odd"))
    evidence = m.taken(tmp_path, split())
    assert counted(evidence) == (2, 1, 0, 1, 0)


def test_the_order_of_a_list_is_that_of_the_exports(tmp_path: Path) -> None:
    write(tmp_path, "b.csv", m.ticket("A1", priority="1"))
    write(tmp_path, "a.csv", m.ticket("A1", priority="2"))
    for paths, priority in ((("b.csv", "a.csv"), "2"), (("a.csv", "b.csv"), "1"), (("a.csv", "*.csv"), "1")):
        source = replace(m.tickets(), path=paths[0], further_paths=paths[1:])
        assert m.ask(m.taken(tmp_path, source), "SELECT priority FROM tickets") == [(priority,)]


def test_overlapping_events_are_merged_and_rewritten_ones_overtaken(tmp_path: Path) -> None:
    write(tmp_path, "tickets.csv", m.ticket("A1"))
    one, two = (
        ("A1", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A1", "01.03.2024 11:00", "New", "Desk", "Ola"),
    )
    three = ("A1", "01.03.2024 12:00", "Resolved", "Desk", "Ola")
    m.write(tmp_path, "events_1.csv", m.table(m.EVENT_HEADER, [one, two]))
    m.write(tmp_path, "events_2.csv", m.table(m.EVENT_HEADER, [(*two[:3], "Servers", "Ola"), three]))
    m.write(
        tmp_path, "events_3.csv", m.table(m.EVENT_HEADER, [one, three, (*three[:2], "Closed", "Desk", "Per")])
    )
    evidence = m.taken(tmp_path, m.tickets(), replace(m.events(), path="events_*.csv"))
    count = evidence.counts[1]
    assert (count.rows_read, count.rows_used, count.rows_merged) == (7, 4, 3)
    assert [name for name, _, _ in count.files] == [f"evidence/events_{n}.csv" for n in (1, 2, 3)]
    rows = m.ask(
        evidence, "SELECT at_minute % 1440 // 60, team, person FROM ticket_events ORDER BY at_minute, record"
    )
    # of 10:00 and 12:00 the rows of the third file count; persons are numbered as they come
    assert rows == [(9, "Desk", 1), (10, "Servers", 2), (11, "Desk", 2), (11, "Desk", 3)]


def test_the_same_posting_in_two_ledgers_is_one(tmp_path: Path) -> None:
    header = ("period", "account", "cost_centre", "amount", "voucher")
    for name, vouchers in (("ledger_01.csv", "12"), ("ledger_02.csv", "23")):
        rows = [("202401", "4000", "100", "10.00", voucher) for voucher in vouchers]
        m.write(tmp_path, name, m.table(header, rows))
    columns = {name: name for name in header[:-1]}
    evidence = m.taken(tmp_path, m.source("ledger", "ledger_*.csv", columns=columns))
    assert counted(evidence) == (4, 3, 1, 0, 0)


def test_taking_in_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "tickets_1.csv", m.ticket("A1", **OPEN))
    write(tmp_path, "tickets_2.csv", m.ticket("A1"), m.ticket("A2"))
    first = m.taken(tmp_path, split())
    (snapshot,) = (tmp_path / "out").iterdir()
    whole = {file.name: file.read_bytes() for file in snapshot.iterdir()}
    assert m.taken(tmp_path, split()).digest == first.digest
    for file in snapshot.iterdir():
        file.unlink()
    snapshot.rmdir()
    assert m.taken(tmp_path, split()).counts == first.counts
    assert {file.name: file.read_bytes() for file in snapshot.iterdir()} == whole
    # the same export once more under another name adds no row
    write(tmp_path, "tickets_3.csv", m.ticket("A1"), m.ticket("A2"))
    again = m.taken(tmp_path, split())
    assert again.digest != first.digest
    columns = "number, opened_minute, ending, end_minute"
    assert m.ask(again, f"SELECT {columns} FROM tickets ORDER BY 1") == m.ask(
        first, f"SELECT {columns} FROM tickets ORDER BY 1"
    )


def test_a_pattern_that_nothing_fits_is_told(tmp_path: Path) -> None:
    write(tmp_path, "other.csv", m.ticket("A1"))
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, split())
    assert [problem.code for problem in caught.value.problems] == ["missing_file"]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_FILES", 2)
    for number in range(3):
        write(tmp_path, f"tickets_{number}.csv", m.ticket("A1"))
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, split())
    assert [problem.code for problem in caught.value.problems] == ["too_many_files"]


def test_a_fault_in_one_file_names_it(tmp_path: Path) -> None:
    write(tmp_path, "tickets_1.csv", m.ticket("A1"))
    m.write(tmp_path, "tickets_2.csv", "number,opened_at\nA1,x\n")
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, split())
    assert {problem.file for problem in caught.value.problems} == {"evidence/tickets_2.csv"}

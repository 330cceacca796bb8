"""One immutable snapshot: named by its input, whole or not there, the same bytes, nothing personal in it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import evidence_making as m
import pytest

from makeorbuy.evidence import intake, snapshot, tables
from makeorbuy.evidence.contracts import TABLES
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.errors import EvidenceError


def prepare(folder: Path, tickets: int = 200) -> m.Case:
    rows = [m.ticket(f"A{n:05d}", assignment_group=("Desk", "Servers")[n % 2]) for n in range(tickets)]
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, [*rows, rows[0], m.ticket("B1", state="odd")]))
    events = [
        (f"A{n % tickets:05d}", "01.03.2024 10:30", "New", "Desk", f"Person {n % 7}")
        for n in range(3 * tickets)
    ]
    m.write(folder, "ticket_events.csv", m.table(m.EVENT_HEADER, events))
    return m.case(m.tickets(), m.events())


def snapshots(folder: Path) -> list[Path]:
    return sorted((folder / "out").iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_the_snapshot_holds_what_the_contract_says(tmp_path: Path) -> None:
    evidence = take_in(prepare(tmp_path), tmp_path, tmp_path / "out")
    assert evidence.tables == ("tickets", "ticket_events", "ledger", "calendar", "quarantine")
    for table in evidence.tables:
        described = m.ask(evidence, f"DESCRIBE {table}")
        assert {name: kind for name, kind, *_ in described} == {
            name: kind for name, (kind, _) in TABLES[table].items()
        }
    assert [folder.name for folder in snapshots(tmp_path)] == [f"snapshot-{evidence.digest[:16]}"]


def test_a_case_without_evidence_has_an_empty_snapshot(tmp_path: Path) -> None:
    evidence = take_in(m.case(), tmp_path, tmp_path / "out")
    assert evidence.tables == ("tickets", "ledger", "calendar", "quarantine")
    assert m.ask(evidence, "SELECT count(*) FROM tickets") == [(0,)]
    assert m.ask(evidence, "SELECT count(*) FROM calendar") == [(31 + 366 + 32,)]


def test_nothing_is_read_again_when_nothing_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = prepare(tmp_path)
    first = take_in(case, tmp_path, tmp_path / "out")
    monkeypatch.setattr(intake, "read_source", None)
    again = take_in(case, tmp_path, tmp_path / "out")
    assert replace(again, connect=first.connect) == first
    assert m.ask(again, "SELECT count(*) FROM tickets") == [(200,)]


@pytest.mark.parametrize("what", ["file", "mapping", "services", "period", "calendar", "version", "place"])
def test_whatever_decides_the_rows_names_the_snapshot(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = prepare(tmp_path)
    first = take_in(case, tmp_path, tmp_path / "out")
    if what == "file":
        m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A00001")]))
    elif what == "mapping":
        case = replace(case, sources=(case.sources[0], replace(case.sources[1], missing=("",))))
    elif what == "services":
        case = replace(case, services=(m.service("other", ("Desk",)),))
    elif what == "period":
        case = replace(case, period=replace(case.period, end=case.period.end.replace(hour=1)))
    elif what == "calendar":
        case = replace(case, calendar=replace(case.calendar, country="NO"))
    elif what == "version":
        monkeypatch.setattr(intake, "INTAKE_VERSION", 10**6)
    else:  # where in mapping.yaml it stands decides nothing
        case = replace(case, sources=tuple(replace(source, place="elsewhere") for source in case.sources))
    again = take_in(case, tmp_path, tmp_path / "out")
    assert (again.digest == first.digest) == (what == "place")


@pytest.mark.parametrize("how", ["cut", "flipped", "gone", "manifest"])
def test_a_damaged_snapshot_is_taken_in_again(tmp_path: Path, how: str) -> None:
    case = prepare(tmp_path)
    first = take_in(case, tmp_path, tmp_path / "out")
    (folder,) = snapshots(tmp_path)
    whole = contents(folder)
    file = folder / ("manifest.json" if how == "manifest" else "tickets.parquet")
    data = bytearray(file.read_bytes())
    if how == "gone":
        file.unlink()
    elif how == "cut":
        file.write_bytes(data[:-10])
    elif how == "manifest":
        file.write_bytes(bytes(data).replace(b'"rows_read":202', b'"rows_read":203'))
    else:
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    again = take_in(case, tmp_path, tmp_path / "out")
    assert again.counts == first.counts
    assert contents(folder) == whole


def test_the_same_bytes_with_any_number_of_threads(tmp_path: Path) -> None:
    case = prepare(tmp_path, 30_000)  # more than one row group of events per thread
    folders = []
    for threads in (1, 2, 4):
        out = tmp_path / f"out{threads}"
        take_in(case, tmp_path, out, threads=threads)
        folders += list(out.iterdir())
    assert contents(folders[0]) == contents(folders[1]) == contents(folders[2])


@pytest.mark.parametrize("step", ["read_source", "write_tables", "seal"])
def test_a_run_that_is_stopped_leaves_nothing(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    case = prepare(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(intake if step == "read_source" else snapshot, step, stop)
        with pytest.raises(KeyboardInterrupt):
            take_in(case, tmp_path, tmp_path / "out")
    assert snapshots(tmp_path) == []
    assert take_in(case, tmp_path, tmp_path / "out").counts[0].rows_read == 202


def test_a_snapshot_that_another_run_has_just_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = prepare(tmp_path)
    first = take_in(case, tmp_path, tmp_path / "out")
    (folder,) = snapshots(tmp_path)
    stamp = (folder / "manifest.json").stat()
    with monkeypatch.context() as patch:  # as if it had not been there when this run began
        answers = iter([None, first])
        patch.setattr(snapshot, "open_snapshot", lambda *_: next(answers))
        assert take_in(case, tmp_path, tmp_path / "out").counts == first.counts
    assert (folder / "manifest.json").stat().st_ino == stamp.st_ino


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    case = prepare(tmp_path)

    def disturb(_name: str, _share: float) -> None:
        m.write(tmp_path, "tickets.csv", "number\n1\n")

    with pytest.raises(EvidenceError) as caught:
        take_in(case, tmp_path, tmp_path / "out", disturb)
    assert "changed_while_reading" in {problem.code for problem in caught.value.problems}


def test_progress_is_told_by_file(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    take_in(prepare(tmp_path), tmp_path, tmp_path / "out", lambda name, share: told.append((name, share)))
    assert {name for name, _ in told} == {"evidence/tickets.csv", "evidence/ticket_events.csv"}
    assert all(0 <= share <= 1 for _, share in told)
    assert told[-1][1] == 1


def test_the_engine_reads_the_snapshot_and_nothing_else(tmp_path: Path) -> None:
    evidence = take_in(prepare(tmp_path), tmp_path, tmp_path / "out")
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    connection = evidence.connect()
    for query in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM read_text('{secret}')",
        f"COPY (SELECT 1) TO '{tmp_path / 'new.csv'}'",
        f"ATTACH '{tmp_path / 'new.db'}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT * FROM secret",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(query).fetchall()
    connection.close()


def test_names_and_free_text_are_nowhere_in_what_is_written(tmp_path: Path) -> None:
    """Planted persons: in the person column, in unmapped text, in faulty rows, in team-less events."""
    canaries = [f"Kanarifugl{n:03d}" for n in range(300)]
    rows, events = [], []
    for n, name in enumerate(canaries):
        changes = {"caller": f"{name} Testmann, tlf. 00{n:06d}"}
        if n % 5 == 1:
            changes["state"] = name
        if n % 5 == 2:
            changes["opened_at"] = name
        if n % 5 == 3:
            changes["reopen_count"] = name
        row = m.ticket(f"A{n}", **changes)
        rows.append([*row, name] if n % 7 == 0 else row[:-1] if n % 7 == 1 else row)
        events.append(
            (f"A{n}", name if n % 3 == 0 else "01.03.2024 10:30", name if n % 4 == 0 else "New", "Desk", name)
        )
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    m.write(tmp_path, "ticket_events.csv.gz", gzip.compress(m.table(m.EVENT_HEADER, events).encode()))
    watched: list[bytes] = []

    def watch(_name: str, _share: float) -> None:
        watched.extend(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())

    case = m.case(
        m.tickets(columns={**m.TICKET_COLUMNS, "person": "caller"}), m.events(path="ticket_events.csv.gz")
    )
    evidence = take_in(case, tmp_path, tmp_path / "out", watch)
    assert evidence.counts[0].rows_quarantined > 150
    written = b"".join(watched) + b"".join(
        file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()
    )
    everything = written + repr(evidence.reasons).encode() + repr(evidence.notes).encode()
    for table in evidence.tables:
        everything += repr(m.ask(evidence, f"SELECT * FROM {table}")).encode()
    assert b"Kanari" not in everything
    assert b"Testmann" not in everything
    (persons,) = m.ask(evidence, "SELECT count(DISTINCT person) FROM ticket_events")[0]
    assert persons == m.ask(evidence, "SELECT count(*) FROM ticket_events")[0][0] > 30


def test_persons_are_ordinals_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Kanarifugl Én", "Kanarifugl\u00a0 E\u0301n", "?", "", "Kanarifugl To", "Kanarifugl Én"]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1", caller="Kanarifugl Tre")]))
    rows = [("A1", f"01.03.2024 10:0{n}", "New", "Desk", name) for n, name in enumerate(names)]
    m.write(tmp_path, "ticket_events.csv", m.table(m.EVENT_HEADER, rows))
    handed_over: list[bytes] = []
    take = tables.Tables.take

    def watch(
        self: tables.Tables, source: m.Source, names: list[str], readings: list[Any]
    ) -> tuple[int, int, int, int]:
        handed_over.append(readings[0].path.read_bytes())
        return take(self, source, names, readings)

    monkeypatch.setattr(tables.Tables, "take", watch)
    evidence = m.taken(tmp_path, m.tickets(), m.events())
    assert b"A1" in handed_over[1]
    assert b"Kanari" not in b"".join(handed_over)
    assert m.ask(evidence, "SELECT person FROM ticket_events") == [(1,), (1,), (None,), (None,), (2,), (1,)]


def test_the_calendar_reaches_the_first_ticket(tmp_path: Path) -> None:
    row = m.ticket("A1", opened_at="03.01.2023 10:00")
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [row]))
    evidence = m.taken(tmp_path, m.tickets(), country="NO", days_off=(date(2024, 12, 24),))
    days = dict(
        m.ask(
            evidence,
            "SELECT DATE '1970-01-01' + day_number::INTEGER, close_minute - open_minute FROM calendar",
        )
    )
    assert min(days) == date(2023, 1, 3)
    assert max(days) == date(2025, 2, 1)
    assert days[date(2024, 5, 16)] == 480
    for free in (date(2024, 5, 17), date(2024, 12, 24), date(2024, 12, 26), date(2024, 5, 18)):
        assert days[free] == 0
    before, total = m.ask(
        evidence,
        "SELECT max(worked_before), sum(close_minute - open_minute) FILTER (WHERE day_number < 20120)"
        " FROM calendar",
    )[0]
    assert before == total
    # 2024 has 252 weekdays that are no public holiday in Norway, less Christmas Eve
    assert sum(minutes for day, minutes in days.items() if day.year == 2024) == 251 * 480

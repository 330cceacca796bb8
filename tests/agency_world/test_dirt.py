"""Every planted fault is where the ledger of faults says, and nowhere else."""

from __future__ import annotations

import datetime
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agency_world.dirt import EVENT_FAULTS, LEDGER_FAULTS, TICKET_FAULTS, write_fault_ledger

if TYPE_CHECKING:
    from .conftest import Written

STATES = {"New", "In Progress", "On Hold", "Resolved", "Closed", "Canceled"}
EXPORT = datetime.datetime(2025, 1, 1)  # noqa: DTZ001 - the wall clock of the export


def parsed(text: str) -> datetime.datetime | str | None:
    """A moment, or what is wrong with the text."""
    if text == "":
        return None
    if len(text) == 16 and text[4] == "-":
        return "bad_date_format"
    try:
        found = datetime.datetime.strptime(text, "%d.%m.%Y %H:%M")  # noqa: DTZ007 - the wall clock
    except ValueError:
        return "invalid_date"
    if found.date() == datetime.date(2024, 3, 31) and found.hour == 2:
        return "daylight_saving_gap"
    return found


def faults_of_ticket(row: list[str], seen: dict[str, list[str]]) -> set[str]:
    """An independent reading of what is wrong with a ticket row."""
    if len(row) < 14:
        return {"too_few_fields"}
    if len(row) > 14:
        return {"too_many_fields"}
    found: set[str] = set()
    opened, resolved = parsed(row[2]), parsed(row[3])
    found |= {value for value in (opened, resolved, parsed(row[4])) if isinstance(value, str)}
    if not row[0]:
        found.add("missing_number")
    elif row[0] in seen:
        found.add("duplicate_row" if seen[row[0]] == row else "conflicting_duplicate")
    if opened is None:
        found.add("missing_opened")
    if isinstance(opened, datetime.datetime):
        if opened >= EXPORT:
            found.add("opened_in_future")
        if isinstance(resolved, datetime.datetime) and resolved < opened:
            found.add("resolved_before_opened")
    if row[5] not in STATES:
        found.add("unknown_state")
    if row[5] == "Closed" and resolved is None:
        found.add("closed_without_resolved")
    return found


def planted(small: Written, file: str) -> dict[int, set[str]]:
    result: dict[int, set[str]] = defaultdict(set)
    for fault in small.faults.faults:
        if fault.file == file:
            result[fault.record].add(fault.kind)
    return result


def test_ticket_faults_are_exactly_the_planted_ones(small: Written) -> None:
    expected = planted(small, "tickets.csv")
    seen: dict[str, list[str]] = {}
    for number, row in enumerate(small.rows("tickets.csv"), start=1):
        assert faults_of_ticket(row, seen) == expected.get(number, set()), (number, row)
        if number not in expected:
            seen[row[0]] = row


def test_every_kind_occurs(small: Written) -> None:
    counts = small.faults.counts()
    assert set(counts["tickets.csv"]) == set(TICKET_FAULTS)
    assert set(counts["ticket_events.csv"]) == set(EVENT_FAULTS)
    assert counts["ledger.csv"] == LEDGER_FAULTS


def test_some_rows_have_two_faults(small: Written) -> None:
    assert any(len(kinds) == 2 for kinds in planted(small, "tickets.csv").values())


def test_event_faults_are_exactly_the_planted_ones(small: Written) -> None:
    expected = planted(small, "ticket_events.csv")
    known = {row["number"] for row in small.sound("tickets.csv")}
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(small.rows("ticket_events.csv"), start=1):
        found = set()
        if row[0] not in known:
            found.add("unknown_ticket")
        if isinstance(parsed(row[1]), str):
            found.add("invalid_date")
        if tuple(row) in seen:
            found.add("duplicate_row")
        seen.add(tuple(row))
        assert found == expected.get(number, set()), (number, row)


def test_ledger_faults_are_exactly_the_planted_ones(small: Written) -> None:
    expected = planted(small, "ledger.csv")
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(small.rows("ledger.csv"), start=1):
        found = set()
        kroner, _, hundredths = row[-1].removeprefix("-").partition(",")
        if not (kroner.isdigit() and hundredths.isdigit() and len(hundredths) == 2):
            found.add("bad_amount")
        elif tuple(row) in seen:
            found.add("duplicate_row")
        seen.add(tuple(row))
        assert found == expected.get(number, set()), (number, row)


@pytest.mark.parametrize("file", ["tickets.csv", "ticket_events.csv"])
def test_faults_are_few(small: Written, file: str) -> None:
    share = len(small.faults.records(file)) / len(small.rows(file))
    assert 0.003 < share < 0.015


def test_the_fault_ledger_can_be_written(small: Written, tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    write_fault_ledger(small.faults, path)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert len(read["faults"]) == len(small.faults.faults)
    assert Counter(fault["file"] for fault in read["faults"]) == {
        file: sum(kinds.values()) for file, kinds in small.faults.counts().items()
    }

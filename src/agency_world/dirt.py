"""Faults as they occur in real exports, and a ledger of every one that was planted.

Faulty rows come on top of the sound ones: what should be left after intake is exactly what the world
produced. The ledger belongs beside a case, never inside it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

Row = list[str]
Tagged = tuple[Row, tuple[str, ...]]

TICKET_FAULTS: Final = {
    "duplicate_row": 0.0030,
    "conflicting_duplicate": 0.0008,
    "invalid_date": 0.0005,
    "missing_opened": 0.0004,
    "resolved_before_opened": 0.0008,
    "opened_in_future": 0.0003,
    "unknown_state": 0.0005,
    "too_few_fields": 0.0003,
    "too_many_fields": 0.0003,
    "missing_number": 0.0003,
    "bad_date_format": 0.0004,
    "daylight_saving_gap": 0.0001,
    "closed_without_resolved": 0.0008,
}
"""Faults in `tickets.csv` and the share of its rows that have them."""

EVENT_FAULTS: Final = {"duplicate_row": 0.0030, "unknown_ticket": 0.0015, "invalid_date": 0.0008}
"""Faults in `ticket_events.csv` and the share of its rows that have them."""

LEDGER_FAULTS: Final = {"bad_amount": 6, "duplicate_row": 14}
"""Faults in `ledger.csv` and the number of rows that have them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one row that ought to be set aside.

    Attributes
    ----------
    file : str
        Name of the file.
    record : int
        Number of the data row as a CSV reader yields it, from 1; the header is not counted.
    kind : str
        What is wrong with it.
    """

    file: str
    record: int
    kind: str


@dataclass(frozen=True, slots=True)
class FaultLedger:
    """Every fault that was planted.

    Attributes
    ----------
    faults : list of Fault
        By file and record; a row with two faults occurs twice.
    """

    faults: list[Fault]

    def records(self, file: str) -> set[int]:
        """Numbers of the faulty rows of one file."""
        return {fault.record for fault in self.faults if fault.file == file}

    def counts(self) -> dict[str, dict[str, int]]:
        """How many faults of each kind each file holds."""
        result: dict[str, Counter[str]] = {}
        for fault in self.faults:
            result.setdefault(fault.file, Counter())[fault.kind] += 1
        return {file: dict(sorted(kinds.items())) for file, kinds in sorted(result.items())}


def write_fault_ledger(ledger: FaultLedger, path: Path) -> None:
    """Write the ledger as JSON, outside the case.

    Parameters
    ----------
    ledger : FaultLedger
        What was planted.
    path : Path
        The file to write.
    """
    rows = [{"file": fault.file, "record": fault.record, "kind": fault.kind} for fault in ledger.faults]
    text = json.dumps({"counts": ledger.counts(), "faults": rows}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _merge(
    rows: list[Row], extra: list[tuple[int, Row, tuple[str, ...]]], file: str
) -> tuple[list[Row], list[Fault]]:
    """Put extra rows in, each behind the row that it names, and say where they came to stand."""
    extra.sort(key=lambda item: item[0])
    result: list[Row] = []
    faults: list[Fault] = []
    begin = 0
    for after, row, kinds in extra:
        result.extend(rows[begin : after + 1])
        begin = after + 1
        result.append(row)
        faults.extend(Fault(file, len(result), kind) for kind in kinds)
    result.extend(rows[begin:])
    return result, faults


def _iso(stamp: str) -> str:
    return f"{stamp[6:10]}-{stamp[3:5]}-{stamp[0:2]} {stamp[11:]}"


# columns of tickets.csv that faults concern
_NUMBER, _OPENED, _RESOLVED, _CLOSED, _STATE, _PRIORITY, _GROUP = 0, 2, 3, 4, 5, 6, 8


def soil_tickets(
    rows: list[Row], spare_numbers: list[str], rng: np.random.Generator, file: str = "tickets.csv"
) -> tuple[list[Row], list[Fault]]:
    """Plant faulty rows among the tickets.

    Parameters
    ----------
    rows : list of list of str
        Sound rows in the order of the file.
    spare_numbers : list of str
        For each row a ticket number close to its own that nobody has.
    rng : Generator
        Chooses rows and faults.
    file : str
        Name of the file, for the ledger.

    Returns
    -------
    rows : list of list of str
        The file with its faulty rows.
    faults : list of Fault
        Where they are.
    """
    # by day only: a date moved to where the clocks change would be a second fault that nobody planted
    done = [
        number
        for number, row in enumerate(rows)
        if row[_STATE] == "Closed" and "04" <= row[_OPENED][11:13] < "23"
    ]
    chosen = rng.permutation(len(done))
    extra: list[tuple[int, Row, tuple[str, ...]]] = []
    position = 0
    for kind, share in TICKET_FAULTS.items():
        for turn in range(max(2, round(share * len(rows)))):
            source = done[int(chosen[position % len(done)])]
            position += 1
            row = list(rows[source])
            after = source
            kinds: tuple[str, ...] = (kind,)
            if kind not in ("duplicate_row", "conflicting_duplicate"):
                row[_NUMBER] = spare_numbers[source]
            if kind == "duplicate_row":
                after = min(len(rows) - 1, source + int(rng.integers(0, 400)) * int(rng.random() < 0.7))
            elif kind == "conflicting_duplicate":
                after = min(len(rows) - 1, source + int(rng.integers(1, 2_000)))
                row[_STATE], row[_RESOLVED], row[_CLOSED] = "In Progress", "", ""
                row[_PRIORITY] = "2 - High"
            elif kind == "invalid_date":
                row[_OPENED if turn % 2 else _RESOLVED] = f"30.02.2024 {row[_OPENED][11:]}"
                if turn % 3 == 0:
                    row[_STATE] = "-100"
                    kinds = (kind, "unknown_state")
            elif kind == "missing_opened":
                row[_OPENED] = ""
                if turn % 5 == 0:
                    row[_RESOLVED] = ""
                    kinds = (kind, "closed_without_resolved")
            elif kind == "resolved_before_opened":
                day = int(row[_OPENED][0:2])
                # the clock of the machine that wrote it stood a day or a year behind
                behind = (
                    f"{day - 1:02d}{row[_OPENED][2:]}"
                    if day > 1 and turn % 2
                    else f"{row[_OPENED][:6]}2022{row[_OPENED][10:]}"
                )
                row[_RESOLVED] = behind if behind[:5] != "29.02" else f"28.02.2022{row[_OPENED][10:]}"
            elif kind == "opened_in_future":
                row[_OPENED] = f"{1 + turn % 28:02d}.{2 + turn % 9:02d}.2025 {row[_OPENED][11:]}"
                row[_RESOLVED], row[_CLOSED], row[_STATE] = "", "", "New"
            elif kind == "unknown_state":
                row[_STATE] = ("-100", "Avventer", "9")[turn % 3]
            elif kind == "too_few_fields":
                del row[int(rng.integers(5, 11)) :]
            elif kind == "too_many_fields":
                row.insert(int(rng.integers(7, 12)), "?")
            elif kind == "missing_number":
                row[_NUMBER] = ""
            elif kind == "bad_date_format":
                row[_OPENED] = _iso(row[_OPENED])
            elif kind == "daylight_saving_gap":
                row[_OPENED] = f"31.03.2024 02:{int(rng.integers(0, 60)):02d}"
                row[_RESOLVED], row[_CLOSED] = "03.04.2024 12:10", "08.04.2024 12:11"
            else:
                row[_RESOLVED] = ""
            extra.append((after, row, kinds))
    return _merge(rows, extra, file)


def soil_events(rows: list[Row], rng: np.random.Generator) -> tuple[list[Row], list[Fault]]:
    """Plant faulty rows among the events of tickets.

    Parameters
    ----------
    rows : list of list of str
        Sound rows in the order of the file.
    rng : Generator
        Chooses rows and faults.

    Returns
    -------
    rows : list of list of str
        The file with its faulty rows.
    faults : list of Fault
        Where they are.
    """
    extra: list[tuple[int, Row, tuple[str, ...]]] = []
    for kind, share in EVENT_FAULTS.items():
        count = max(2, round(share * len(rows)))
        for source in rng.choice(len(rows), count, replace=False).tolist():
            row = list(rows[source])
            after = source
            if kind == "duplicate_row":
                after = min(len(rows) - 1, source + int(rng.integers(0, 30)))
            elif kind == "unknown_ticket":
                row[0] = f"INC{99_000_000 + int(rng.integers(0, 900_000))}"
            else:
                row[1] = ("30.02.2024 ", "31.04.2024 ", "32.10.2024 ")[source % 3] + row[1][11:]
            extra.append((after, row, (kind,)))
    return _merge(rows, extra, "ticket_events.csv")


def soil_ledger(rows: list[Row], rng: np.random.Generator) -> tuple[list[Row], list[Fault]]:
    """Plant faulty rows among the postings; without them the ledger adds up as before.

    Parameters
    ----------
    rows : list of list of str
        Sound rows in the order of the file.
    rng : Generator
        Chooses rows and faults.

    Returns
    -------
    rows : list of list of str
        The file with its faulty rows.
    faults : list of Fault
        Where they are.
    """
    extra: list[tuple[int, Row, tuple[str, ...]]] = []
    bad = ("1.2.3,4", "se vedlegg", "12,34,56", "--450,00", "1 million", "")
    for kind, count in LEDGER_FAULTS.items():
        for turn, source in enumerate(rng.choice(len(rows), count, replace=False).tolist()):
            row = list(rows[source])
            if kind == "bad_amount":
                row[-1] = bad[turn % len(bad)]
            extra.append((min(len(rows) - 1, source + int(rng.integers(0, 60))), row, (kind,)))
    return _merge(rows, extra, "ledger.csv")

"""Rows in = rows typed + merged + in quarantine + after the cut, on millions of rows with planted faults."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence import bulk

TICKETS, EVENTS = 600_000, 2_000_000
END = datetime(2024, 7, 1)  # noqa: DTZ001


def lines_with_faults(rows: int, kind: str, chance: random.Random) -> tuple[list[str], Counter[str]]:
    """Rows of a file, and how many were planted that are merged, set aside (by code) or after the cut."""
    planted: Counter[str] = Counter()
    lines: list[str] = []
    for number in range(rows):
        day, minute = number % 28 + 1, number % 1440
        at = f"{day:02d}.03.2024 {minute // 60:02d}:{minute % 60:02d}"
        if kind == "tickets":
            row = m.ticket(f"A{number}", opened_at=at, resolved_at="30.03.2024 10:00", closed_at="")
        else:
            row = [f"A{number * TICKETS // rows}", at, "New", "Desk", f"Person {number % 999}"]
        if number % 20 == 0:
            row[-1] = f'"says, ""{number}""\nand more"'
        fault = chance.randrange(2_000)
        if fault == 0:
            lines.append(",".join(row[:-1]))
            planted["too_few_fields"] += 1
        elif fault == 1:
            lines.append(",".join([*row, "x"]))
            planted["too_many_fields"] += 1
        elif fault == 2:
            lines.append(",".join(row).replace(at, "31.02.2024 10:00"))
            planted["invalid_date"] += 1
        elif fault == 3:
            lines.append(
                ",".join(row).replace(at, f"0{number % 9 + 1}.08.2024 10:00").replace("30.03", "30.09")
            )
            planted["after the cut"] += 1
        elif fault == 4 and kind == "tickets":
            lines.append(",".join(row).replace("Closed", "odd"))
            planted["unknown_state"] += 1
        elif fault == 5:
            lines += [",".join(row)] * 2
            planted["duplicate_row"] += 1
        elif fault == 6:
            lines += ["", ",".join(row)]  # a blank line is no record
        else:
            lines.append(",".join(row))
    return lines, planted


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("way", ["bulk", "strict"])
def test_no_row_of_millions_is_lost(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "strict":
        monkeypatch.setattr(bulk, "can_read", lambda *_: False)
    chance = random.Random(11)
    records: dict[str, int] = {}
    told: dict[str, Counter[str]] = {}
    for kind, header, rows in (
        ("tickets", m.TICKET_HEADER, TICKETS),
        ("ticket_events", m.EVENT_HEADER, EVENTS),
    ):
        lines, told[kind] = lines_with_faults(rows, kind, chance)
        records[kind] = sum(1 for line in lines if line)
        m.write(tmp_path, f"{kind}.csv", "\n".join([",".join(header), *lines, ""]))
    evidence = m.taken(tmp_path, m.tickets(), m.events(), end=END)
    by_code = {(reason.source, reason.code): reason.rows for reason in evidence.reasons}
    for count in evidence.counts:
        planted = told[count.source]
        assert count.rows_read == records[count.source]
        assert count.rows_read == (
            count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
        )
        for code in ("too_few_fields", "too_many_fields", "invalid_date", "unknown_state"):
            assert by_code.get((count.source, code), 0) == planted[code]
        if count.source == "tickets":  # events also go with their ticket, and two of a minute may be equal
            assert count.rows_merged == planted["duplicate_row"]
            assert count.rows_after_cut == planted["after the cut"]
            assert count.rows_quarantined == sum(
                planted[code] for code in planted if code not in ("duplicate_row", "after the cut")
            )
    tables = m.ask(evidence, "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM ticket_events)")
    assert tables == [tuple(count.rows_used for count in evidence.counts)]
    # every record of both files stands in exactly one place
    for table, count in zip(("tickets", "ticket_events"), evidence.counts, strict=True):
        ((both,),) = m.ask(
            evidence,
            f"SELECT count(*) FROM {table} SEMI JOIN (SELECT * FROM quarantine WHERE source = '{table}')"
            " AS aside USING (record)",
        )
        ((aside,),) = m.ask(
            evidence, f"SELECT count(DISTINCT record) FROM quarantine WHERE source = '{table}'"
        )
        assert (both, aside) == (0, count.rows_merged + count.rows_quarantined)

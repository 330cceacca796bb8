"""Whatever is planted, every record is in the table, merged, in quarantine or after the cut: once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import evidence_making as m
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FAULTS = {
    "missing_number": {"number": ""},
    "invalid_date": {"resolved_at": "31.11.2024 10:00"},
    "unknown_state": {"state": "9"},
    "resolved_before_opened": {"resolved_at": "01.01.2000 10:00"},
    "unknown_type": {"type": "x"},
    "bad_number": {"reopen_count": "many"},
    "missing_opened": {"opened_at": "?"},
}
KINDS = (
    *FAULTS,
    "duplicate_row",
    "conflicting_duplicate",
    "too_few_fields",
    "too_many_fields",
    "late",
    "odd",
)


@settings(deadline=None, max_examples=40)
@given(
    planted=st.lists(st.lists(st.sampled_from(KINDS), max_size=2), max_size=60),
    seed=st.integers(0, 10**6),
)
def test_every_row_is_somewhere_and_only_once(
    tmp_path_factory: pytest.TempPathFactory, planted: list[list[str]], seed: int
) -> None:
    chance = random.Random(seed)
    rows: list[list[str]] = []
    expected: set[tuple[int, str]] = set()
    used, after = [], 0
    sound: dict[int, list[str]] = {}
    for number, kinds in enumerate(planted):
        opened = datetime(2024, 1, 1) + timedelta(minutes=chance.randrange(60 * 24 * 60))  # noqa: DTZ001
        changes = {
            "opened_at": f"{opened:%d.%m.%Y %H:%M}",
            "resolved_at": f"{opened + timedelta(hours=1):%d.%m.%Y %H:%M}",
            "closed_at": f"{opened + timedelta(days=5):%d.%m.%Y %H:%M}",
            "caller": chance.choice(
                ['Åse "A" Ødegård', "a,b\nc", "x\x1fy", "=cmd|'/c'!A0", "<script>", "\u2028"]
            ),
        }
        names = [kind for kind in kinds if kind in FAULTS]
        record = len(rows) + 1
        structural = next((kind for kind in kinds if kind.startswith("too_")), None)
        if structural:
            row = m.ticket(f"N{number}", **changes)
            rows.append(row[:-2] if structural == "too_few_fields" else [*row, "", ""])
            expected.add((record, structural))
        elif names:
            row_changes: dict[str, str] = {}
            for name in names:
                row_changes |= FAULTS[name]
            both = {"resolved_before_opened"} if row_changes.get("opened_at") == "?" else set()
            both |= {"resolved_before_opened"} if "invalid_date" in names else set()
            if "invalid_date" in names and "resolved_before_opened" in names:
                row_changes |= FAULTS["invalid_date"]
            rows.append(m.ticket(row_changes.pop("number", f"N{number}"), **(changes | row_changes)))
            expected |= {(record, name) for name in names if name not in both}
            if not set(names) - both:
                expected.add((record, "invalid_date"))
        elif ("duplicate_row" in kinds or "conflicting_duplicate" in kinds) and sound:
            source = chance.choice(sorted(sound))
            row = list(sound[source])
            if "conflicting_duplicate" in kinds:
                row[7] = f"Other {number}"
                expected.add((record, "conflicting_duplicate"))
            else:
                expected.add((record, "duplicate_row"))
            rows.append(row)
        elif "late" in kinds:
            late = {"opened_at": "05.07.2024 10:00", "resolved_at": "", "closed_at": "", "state": "New"}
            rows.append(m.ticket(f"N{number}", **late))
            after += 1
        else:
            sound[record] = m.ticket(f"N{number}", **changes)
            rows.append(sound[record])
            used.append(record)
    folder = tmp_path_factory.mktemp("rows")
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    evidence = m.taken(folder, m.tickets(), end=datetime(2024, 7, 1))  # noqa: DTZ001

    (count,) = evidence.counts
    assert count.rows_read == len(rows)
    assert (
        count.rows_read == count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    )
    assert {(record, code) for record, code, _ in m.reasons(evidence)} == expected
    assert [record for (record,) in m.ask(evidence, "SELECT record FROM tickets ORDER BY record")] == used
    assert count.rows_after_cut == after
    told = Counter(code for _, code in expected)
    assert {reason.code: 0 for reason in evidence.reasons} == dict.fromkeys(told, 0)
    assert sum(reason.rows for reason in evidence.reasons) == len(expected)

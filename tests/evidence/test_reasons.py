"""Every reason code: the row that has it is set aside, under the name that the file uses, and no other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import evidence_making as m
import pytest

from makeorbuy.evidence.quarantine import REASONS, as_problem

EXPORTED = datetime(2024, 12, 1)  # noqa: DTZ001


def take(folder: Path, rows: list[list[str]], **changes: Any) -> m.Evidence:
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    return m.taken(folder, m.tickets(**({"exported_at": EXPORTED} | changes)))


TICKET_FAULTS = [
    ("missing_number", "number", {"number": ""}),
    ("missing_number", "number", {"number": " ? "}),
    ("missing_opened", "opened_at", {"opened_at": "?"}),
    ("invalid_date", "opened_at", {"opened_at": "30.02.2024 10:00"}),
    ("invalid_date", "opened_at", {"opened_at": "2024-03-01 10:00"}),
    ("invalid_date", "resolved_at", {"resolved_at": "01.03.2024"}),
    ("invalid_date", "closed_at", {"closed_at": "13/24/2024 10:00"}),
    ("out_of_range", "opened_at", {"opened_at": "01.03.1924 10:00"}),
    ("out_of_range", "closed_at", {"closed_at": "31.12.9999 23:59"}),
    ("out_of_range", "opened_at", {"opened_at": "infinity"}),
    ("resolved_before_opened", "resolved_at", {"resolved_at": "01.03.2024 09:59"}),
    ("closed_before_opened", "closed_at", {"closed_at": "28.02.2024 12:00"}),
    ("opened_in_future", "opened_at",
     {"opened_at": "02.12.2024 10:00", "resolved_at": "", "closed_at": "", "state": "New"}),
    ("resolved_in_future", "resolved_at", {"resolved_at": "02.12.2024 10:00"}),
    ("unknown_state", "state", {"state": "-100"}),
    ("unknown_state", "state", {"state": ""}),
    ("unknown_type", "type", {"type": "wish"}),
    ("unknown_type", "type", {"type": "?"}),
    ("daylight_saving_gap", "opened_at", {"opened_at": "31.03.2024 02:30", "resolved_at": "31.03.2024 05:00",
                                          "closed_at": "05.04.2024 05:00"}),
    ("daylight_saving_fold", "opened_at", {"opened_at": "27.10.2024 02:30", "resolved_at": "27.10.2024 05:00",
                                           "closed_at": "05.11.2024 05:00"}),
    ("closed_without_resolved", "resolved_at", {"resolved_at": ""}),
    ("closed_without_resolved", "resolved_at", {"resolved_at": "", "state": "Resolved"}),
    ("cancelled_without_time", "closed_at", {"resolved_at": "", "closed_at": "", "state": "Canceled"}),
    ("bad_number", "reopen_count", {"reopen_count": "-1"}),
    ("bad_number", "reopen_count", {"reopen_count": "1e3"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "column", "changes"), TICKET_FAULTS)
def test_a_faulty_ticket_is_set_aside(
    tmp_path: Path, code: str, column: str, changes: dict[str, str]
) -> None:
    rows = [m.ticket("A1"), m.ticket(changes.pop("number", "A2") if "number" in changes else "A2", **changes)]
    evidence = take(tmp_path, [*rows, m.ticket("A3")])
    assert m.reasons(evidence) == [(2, code, column)]
    assert m.ask(evidence, "SELECT number FROM tickets ORDER BY ticket") == [("A1",), ("A3",)]
    assert evidence.counts[0].rows_quarantined == 1
    (reason,) = evidence.reasons
    assert (reason.code, reason.rows, reason.example_records) == (code, 1, (2,))
    assert as_problem(reason).mend


def test_a_row_with_two_faults_has_both_reasons(tmp_path: Path) -> None:
    evidence = take(tmp_path, [m.ticket("A1", opened_at="?", state="-100", resolved_at="30.02.2024 10:00")])
    assert m.reasons(evidence) == [
        (1, "invalid_date", "resolved_at"),
        (1, "missing_opened", "opened_at"),
        (1, "unknown_state", "state"),
    ]
    assert evidence.counts[0].rows_quarantined == 1


def test_what_was_found_is_shown_by_its_shape(tmp_path: Path) -> None:
    evidence = take(tmp_path, [m.ticket("A1", state="Åse Ødegård 12 " + "x" * 50)])
    assert m.ask(evidence, "SELECT found FROM quarantine") == [("aaa aaaaaaa dd " + "a" * 25,)]


def test_ragged_rows_are_set_aside_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    short, long = m.ticket("A2")[:-3], [*m.ticket("A3"), "x"]
    text = m.table(m.TICKET_HEADER, [m.ticket("A1"), short, long]) + "\n\n" + ",".join(m.ticket("A4")) + "\n"
    m.write(tmp_path, "tickets.csv", text)
    evidence = m.taken(tmp_path, m.tickets())
    assert m.reasons(evidence) == [(2, "too_few_fields", None), (3, "too_many_fields", None)]
    assert m.ask(evidence, "SELECT number, record FROM tickets") == [("A1", 1), ("A4", 4)]
    assert m.ask(evidence, "SELECT found FROM quarantine ORDER BY record") == [
        ("8 of 11 fields",),
        ("12 of 11 fields",),
    ]


def test_equal_rows_are_merged_and_conflicting_ones_keep_the_first(tmp_path: Path) -> None:
    rows = [
        m.ticket("A1"),
        m.ticket("A1"),
        m.ticket("A1", priority="1"),
        m.ticket("A1", priority="1"),
        m.ticket("A2"),
        m.ticket("A1", caller="Ola Testmann"),  # differs only in what is not read
    ]
    evidence = take(tmp_path, rows)
    assert m.reasons(evidence) == [
        (2, "duplicate_row", None),
        (3, "conflicting_duplicate", "number"),
        (4, "duplicate_row", None),
        (6, "duplicate_row", None),
    ]
    assert m.ask(evidence, "SELECT number, priority, record FROM tickets") == [("A1", "3", 1), ("A2", "3", 5)]
    count = evidence.counts[0]
    assert (count.rows_used, count.rows_merged, count.rows_quarantined) == (2, 3, 1)


def test_the_first_sound_row_of_a_number_is_used(tmp_path: Path) -> None:
    evidence = take(tmp_path, [m.ticket("A1", state="-100"), m.ticket("A1")])
    assert m.ask(evidence, "SELECT record FROM tickets") == [(2,)]
    assert m.reasons(evidence) == [(1, "unknown_state", "state")]


def test_faults_of_events(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1"), m.ticket("A2", state="-100")]))
    rows = [
        ("A1", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A1", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A9", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A2", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A1", "?", "New", "Desk", "Kari"),
        ("A1", "01.03.2024 10:61", "Odd", "Desk", "Kari"),
        ("", "01.03.2024 10:00", "New", "Desk", "Kari"),
        ("A1", "02.12.2024 10:00", "New", "Desk", "Kari"),
        ("A1", "01.03.2024 11:00", "", "?", ""),
    ]
    m.write(tmp_path, "ticket_events.csv", m.table(m.EVENT_HEADER, rows))
    evidence = m.taken(tmp_path, m.tickets(), m.events(exported_at=EXPORTED))
    found = m.ask(evidence, "SELECT record, code FROM quarantine WHERE source = 'ticket_events' ORDER BY ALL")
    assert found == [
        (2, "duplicate_row"),
        (3, "unknown_ticket"),
        (4, "ticket_in_quarantine"),
        (5, "missing_time"),
        (6, "invalid_date"),
        (6, "unknown_state"),
        (7, "missing_number"),
        (8, "event_in_future"),
    ]
    assert m.ask(evidence, "SELECT record, state, team, person FROM ticket_events") == [
        (1, "open", "Desk", 1),
        (9, None, None, None),
    ]


OTHER = {
    "request_counts": (
        ("date", "service", "count"),
        ("2024-03-01", "desk", "12"),
        {"date_format": "%Y-%m-%d"},
        [
            ("invalid_date", "date", {"date": "2024-02-30"}),
            ("missing_time", "date", {"date": ""}),
            ("out_of_range", "date", {"date": "1899-12-31"}),
            ("unknown_service", "service", {"service": "moon"}),
            ("bad_number", "count", {"count": "-3"}),
            ("conflicting_duplicate", "service", {"count": "13"}),
        ],
    ),
    "staffing": (
        ("month", "service", "employment", "person_years", "paid_by"),
        ("2024-03", "desk", "employee", "12,25", "provider"),
        {"decimal": ","},
        [
            ("bad_period", "month", {"month": "2024-13"}),
            ("bad_period", "month", {"month": "March"}),
            ("out_of_range", "month", {"month": "1812-03"}),
            ("unknown_service", "service", {"service": ""}),
            ("unknown_employment", "employment", {"employment": "volunteer"}),
            ("bad_number", "person_years", {"person_years": "12.25"}),
            ("negative", "person_years", {"person_years": "-1"}),
        ],
    ),
    "leave": (
        ("known_on", "from_on", "to_on", "team", "people", "away"),
        ("2024-02-01", "2024-03-04", "2024-03-08", "Desk", "12", "2.5"),
        {"date_format": "%Y-%m-%d", "decimal": "."},
        [
            ("invalid_date", "known_on", {"known_on": "2024-02-30"}),
            ("missing_time", "from_on", {"from_on": ""}),
            ("ended_before_started", "to_on", {"to_on": "2024-03-03"}),
            ("unknown_team", "team", {"team": "Moon"}),
            ("not_positive", "people", {"people": "0", "away": "0"}),
            ("bad_number", "away", {"away": "some"}),
            ("negative", "away", {"away": "-1"}),
            ("more_away_than_people", "away", {"away": "13"}),
        ],
    ),
    "outages": (
        ("service", "started_at", "ended_at", "is_planned", "kind"),
        ("desk", "01.03.2024 10:00", "01.03.2024 11:00", "no", "outage"),
        {},
        [
            ("ended_before_started", "ended_at", {"ended_at": "01.03.2024 09:00"}),
            ("missing_time", "started_at", {"started_at": ""}),
            ("daylight_saving_gap", "started_at",
             {"started_at": "31.03.2024 02:10", "ended_at": "31.03.2024 04:00"}),
            ("bad_yes_or_no", "is_planned", {"is_planned": "maybe"}),
            ("unknown_kind", "kind", {"kind": "blunder"}),
            ("unknown_service", "service", {"service": "Desk"}),
        ],
    ),
    "initiatives": (
        ("initiative", "service", "estimated_nok", "status"),
        ("I1", "desk", "100000", "waiting"),
        {},
        [
            ("missing_number", "initiative", {"initiative": ""}),
            ("bad_amount", "estimated_nok", {"estimated_nok": "1_000"}),
            ("bad_amount", "estimated_nok", {"estimated_nok": "nan"}),
            ("out_of_range", "estimated_nok", {"estimated_nok": "9" * 18}),
            ("negative", "estimated_nok", {"estimated_nok": "-5"}),
            ("unknown_service", "service", {"service": "moon"}),
            ("conflicting_duplicate", "initiative", {"initiative": "I1", "status": "done"}),
        ],
    ),
    "matters": (
        ("matter", "opened_on", "closed_on", "kind"),
        ("S1", "01.03.2024", "05.03.2024", "theft"),
        {"date_format": "%d.%m.%Y"},
        [
            ("missing_number", "matter", {"matter": ""}),
            ("missing_opened", "opened_on", {"opened_on": ""}),
            ("invalid_date", "closed_on", {"closed_on": "32.03.2024"}),
            ("closed_before_opened", "closed_on", {"closed_on": "29.02.2024"}),
        ],
    ),
    "ledger": (
        ("period", "account", "cost_centre", "amount"),
        ("202403", "6750", "1010", "100,00"),
        {"decimal": ","},
        [
            ("bad_period", "period", {"period": "202414"}),
            ("out_of_range", "period", {"period": "012412"}),
            ("missing_account", "account", {"account": ""}),
            ("bad_amount", "amount", {"amount": ""}),
            ("bad_amount", "amount", {"amount": "100.00"}),
            ("out_of_range", "amount", {"amount": "1000000000000001"}),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "code", "column", "changes"),
    [(kind, *fault) for kind, (*_, faults) in OTHER.items() for fault in faults],
)
def test_a_faulty_row_of_another_source_is_set_aside(
    tmp_path: Path, kind: str, code: str, column: str, changes: dict[str, str]
) -> None:
    header, sound, rules, _ = OTHER[kind]
    faulty = dict(zip(header, sound, strict=True))
    if kind in ("initiatives", "matters") and code != "conflicting_duplicate":
        faulty[header[0]] = "other"
    faulty |= changes
    m.write(tmp_path, f"{kind}.csv", m.table(header, [sound, [faulty[name] for name in header]], ";"))
    columns = {name: name for name in header}
    evidence = m.taken(tmp_path, m.source(kind, f"{kind}.csv", delimiter=";", columns=columns, **rules))
    assert m.reasons(evidence) == [(2, code, column)]
    assert m.ask(evidence, f"SELECT count(*) FROM {kind}") == [(1,)]


def test_every_code_is_explained_and_tried() -> None:
    tried = {code for code, *_ in TICKET_FAULTS} | {
        code for *_, faults in OTHER.values() for code, *_ in faults
    }
    elsewhere = {
        "too_few_fields", "too_many_fields", "bad_encoding", "duplicate_row", "event_in_future",
        "missing_time", "not_a_record", "unknown_ticket", "ticket_in_quarantine", "conflicting_value",
        "broken_quotes", "rows_within_text", "superseded_row",
        # with their readers: test_ledgers, test_focus, test_staffing, test_outages, test_handling_time
        "missing_name", "total_line", "unknown_currency", "left_out", "vacant_position", "end_without_start",
        "formula_not_computed", "formula_outside", "error_cell", "bad_characters",
        "not_a_ticket", "ticket_without_events", "history_cut", "more_pages", "bad_duration",
    }  # fmt: skip
    assert tried | elsewhere == set(REASONS)


@pytest.mark.parametrize(("number", "is_total"), [("Sum", True), ("TOTALT", True), ("Summit 3", False)])
def test_the_total_below_a_list_is_no_ticket(tmp_path: Path, number: str, is_total: bool) -> None:
    rows = [m.ticket("A1"), m.ticket(number, opened_at="", resolved_at="", closed_at="", state="")]
    codes = [code for record, code, _ in m.reasons(take(tmp_path, rows)) if record == 2]
    assert (codes == ["total_line"]) is is_total

"""Whatever happened at or after the end of the period is hidden; endings, histories and persons before it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import evidence_making as m
import pytest

CUT = datetime(2024, 6, 1)  # noqa: DTZ001
LATER = "09.06.2024 10:00"
END = "TIMESTAMP '1970-01-01' + to_minutes(end_local_minute)"
CUT_LOCAL = 54 * 365 * 1440 + (13 + 152) * 1440  # 54 years with 13 leap days, then 152 days of 2024


def take(folder: Path, *rows: list[str], end: datetime = CUT) -> m.Evidence:
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    return m.taken(folder, m.tickets(), end=end)


@pytest.mark.parametrize(
    ("changes", "ending", "state", "end"),
    [
        ({}, "resolved", "closed", "2024-03-01 12:00"),
        ({"closed_at": "01.06.2024 00:00"}, "resolved", "resolved", "2024-03-01 12:00"),
        ({"closed_at": "?", "state": "Resolved"}, "resolved", "resolved", "2024-03-01 12:00"),
        ({"resolved_at": "31.05.2024 23:59", "closed_at": LATER}, "resolved", "resolved", "2024-05-31 23:59"),
        ({"resolved_at": "01.06.2024 00:00", "closed_at": LATER}, "open", "open", "2024-06-01 00:00"),
        ({"resolved_at": "?", "closed_at": "?", "state": "On Hold"}, "open", "waiting", "2024-06-01 00:00"),
        # resolved once, then opened again: open today, whenever it was resolved
        ({"closed_at": "?", "state": "In Progress", "reopen_count": "1"}, "open", "open", "2024-06-01 00:00"),
        ({"resolved_at": "?", "state": "Canceled"}, "cancelled", "cancelled", "2024-03-06 12:00"),
        ({"resolved_at": "?", "state": "Canceled", "closed_at": LATER}, "open", "open", "2024-06-01 00:00"),
    ],
)  # fmt: skip
def test_a_row_per_ticket_tells_how_it_stood_at_the_cut(
    tmp_path: Path, changes: dict[str, str], ending: str, state: str, end: str
) -> None:
    evidence = take(tmp_path, m.ticket("A1", **changes))
    found = m.ask(
        evidence,
        f"SELECT ending, state, strftime({END}, '%Y-%m-%d %H:%M'),"
        " closed_minute IS NULL OR closed_minute < 28619880 FROM tickets",
    )
    assert found == [(ending, state, end, True)]


def test_tickets_opened_at_or_after_the_cut_are_hidden(tmp_path: Path) -> None:
    late = {"resolved_at": "?", "closed_at": "?", "state": "New"}
    evidence = take(
        tmp_path,
        m.ticket("A1"),
        m.ticket("A2", opened_at="31.05.2024 23:59", **late),
        m.ticket("A3", opened_at="01.06.2024 00:00", **late),
    )
    assert m.ask(evidence, "SELECT number FROM tickets") == [("A1",), ("A2",)]
    count = evidence.counts[0]
    assert (count.rows_used, count.rows_after_cut) == (2, 1)
    assert evidence.end_local_minute == CUT_LOCAL
    assert evidence.end_minute == CUT_LOCAL - 120  # summer time


def test_events_tell_the_state_at_the_cut_and_no_more(tmp_path: Path) -> None:
    m.write(
        tmp_path, "tickets.csv",
        m.table(m.TICKET_HEADER, [
            m.ticket("A1", resolved_at="03.06.2024 12:00", closed_at="08.06.2024 12:00",
                     assignment_group="Network", reopen_count="?"),
            m.ticket("A2", opened_at="02.06.2024 10:00", resolved_at="03.06.2024 12:00",
                     closed_at="08.06.2024 12:00"),
            m.ticket("A3"),
        ]),
    )  # fmt: skip
    rows = [
        ("A1", "01.05.2024 10:00", "New", "Desk", "?"),
        ("A1", "01.05.2024 14:00", "Resolved", " Server  room ", "Kari"),
        ("A1", "01.05.2024 12:00", "In Progress", "Server room", "Ola"),  # out of order
        ("A1", "20.05.2024 12:00", "On Hold", "Desk", "Ola"),
        ("A1", "31.05.2024 23:59", "In Progress", "?", "Ola"),
        ("A1", "01.06.2024 00:00", "In Progress", "Network", "Per"),
        ("A1", "03.06.2024 12:00", "Resolved", "Network", "Per"),
        ("A2", "31.05.2024 12:00", "New", "Desk", "Per"),  # of a ticket that is hidden
    ]
    m.write(tmp_path, "ticket_events.csv", m.table(m.EVENT_HEADER, rows))
    evidence = m.taken(tmp_path, m.tickets(), m.events(), end=CUT)
    found = m.ask(
        evidence,
        "SELECT number, ending, state, team, handoff_count, reopen_count, waited FROM tickets ORDER BY 1",
    )
    assert found == [
        ("A1", "open", "open", "Desk", 2, 1, True),
        ("A3", "resolved", "closed", "Desk", None, 0, None),  # the log has no event of it
    ]
    assert m.ask(evidence, "SELECT record, state, person FROM ticket_events") == [
        (1, "open", None),
        (3, "open", 2),
        (2, "resolved", 1),
        (4, "waiting", 2),
        (5, "open", 2),
    ]
    count = evidence.counts[1]
    assert (count.rows_read, count.rows_used, count.rows_after_cut) == (8, 5, 3)


LOG_HEADER = ("number", "opened_at", "resolved_at", "closed_at", "at", "state", "team", "person", "category")


def log(**changes: Any) -> m.Source:
    columns = {
        "number": "number", "opened_at": "opened_at", "resolved_at": "resolved_at", "closed_at": "closed_at",
        "updated_at": "at", "state": "state", "team": "team", "person": "person", "category": "category",
    }  # fmt: skip
    if changes.pop("without_resolved", False):
        del columns["resolved_at"]
    values = {"shape": "row_per_event", "columns": columns, "states": m.STATES, "constant_type": "incident"}
    return m.source(path="log.csv", **(values | changes))


def event(at: str, state: str, team: str = "Desk", number: str = "A1", **changes: str) -> list[str]:
    row = {
        "number": number, "opened_at": "01.03.2024 10:00", "resolved_at": "05.03.2024 10:00",
        "closed_at": "10.03.2024 10:00", "at": f"{at}.2024 10:00", "state": state, "team": team,
        "person": "Kari Testmann", "category": "Mail", **changes,
    }  # fmt: skip
    return [row[name] for name in LOG_HEADER]


def endings(
    folder: Path, rows: list[list[str]], end: datetime = CUT, **changes: Any
) -> list[tuple[Any, ...]]:
    m.write(folder, "log.csv", m.table(LOG_HEADER, rows))
    evidence = m.taken(folder, log(**changes), end=end, services=(m.service("all", (), ("Mail",)),))
    return m.ask(
        evidence,
        f"SELECT number, ending, state, strftime({END}, '%d.%m'),"
        " team, handoff_count, waited, record FROM tickets ORDER BY ticket",
    )


def test_a_row_per_event_makes_one_ticket(tmp_path: Path) -> None:
    rows = [
        event("03.03", "On Hold", "Servers"),
        event("01.03", "New"),
        event("02.03", "In Progress", "?"),
        event("05.03", "Resolved", "Servers"),
        event("10.03", "Closed", "Servers"),
    ]
    assert endings(tmp_path, rows) == [("A1", "resolved", "closed", "05.03", "Servers", 1, True, 1)]


@pytest.mark.parametrize(
    ("day", "ending", "state", "team"),
    [(2, "open", "open", "Desk"), (4, "open", "waiting", "Servers"), (6, "resolved", "resolved", "Servers")],
)
def test_cutting_the_log_hides_what_came_later(
    tmp_path: Path, day: int, ending: str, state: str, team: str
) -> None:
    """The time of resolution stands on every row, also the first; it counts only once it has come."""
    rows = [
        event("01.03", "New"),
        event("03.03", "On Hold", "Servers"),
        event("05.03", "Resolved", "Servers"),
        event("10.03", "Closed", "Servers"),
    ]
    (found,) = endings(tmp_path, rows, datetime(2024, 3, day))  # noqa: DTZ001
    assert found[1:3] == (ending, state)
    assert found[4] == team


def test_a_ticket_closed_without_a_resolution_has_an_unknown_end(tmp_path: Path) -> None:
    rows = [
        event("01.03", "New", resolved_at="?"),
        event("04.03", "In Progress", resolved_at="?"),
        event("10.03", "Closed", resolved_at="?"),
        event("01.03", "Resolved", resolved_at="?", number="A2"),
        event("10.03", "Closed", resolved_at="?", number="A2"),
    ]
    assert [row[1:4] for row in endings(tmp_path, rows)] == [
        ("unknown", "closed", "04.03"),  # last seen open
        ("unknown", "closed", "01.03"),  # never seen open: open when it was opened, and no more is known
    ]


def test_without_a_column_for_the_resolution_the_events_tell_it(tmp_path: Path) -> None:
    rows = [
        event("01.03", "New"),
        event("02.03", "Resolved"),
        event("03.03", "In Progress"),
        event("04.03", "Resolved"),
        event("06.03", "Resolved"),
        event("10.03", "Closed"),
        event("01.03", "New", number="A2"),
        event("10.03", "Closed", number="A2"),
    ]
    assert [row[1:4] for row in endings(tmp_path, rows, without_resolved=True)] == [
        ("resolved", "closed", "04.03"),
        ("unknown", "closed", "01.03"),
    ]


def test_a_cancelled_ticket_ends_when_it_was_cancelled(tmp_path: Path) -> None:
    rows = [
        event("01.03", "New", resolved_at="?", closed_at="?"),
        event("04.03", "Canceled", resolved_at="?", closed_at="?"),
        event("06.03", "Canceled", resolved_at="?", closed_at="?"),
        event("01.03", "New", resolved_at="?", number="A2"),
        event("04.03", "Canceled", resolved_at="?", number="A2"),
    ]
    assert [row[1:4] for row in endings(tmp_path, rows)] == [
        ("cancelled", "cancelled", "04.03"),
        ("cancelled", "cancelled", "10.03"),
    ]


def test_rows_of_a_ticket_that_contradict_its_first_are_set_aside(tmp_path: Path) -> None:
    rows = [
        event("01.03", "New"),
        event("03.03", "In Progress", opened_at="02.03.2024 10:00"),
        event("05.03", "Resolved"),
    ]
    assert [row[1:4] for row in endings(tmp_path, rows)] == [("resolved", "resolved", "05.03")]
    evidence = m.taken(tmp_path, log(), end=CUT, services=(m.service("all", (), ("Mail",)),))
    assert m.reasons(evidence) == [(2, "conflicting_value", "opened_at")]


def test_a_ticket_whose_events_all_come_later_is_not_known_yet(tmp_path: Path) -> None:
    assert endings(tmp_path, [event("03.03", "New")], datetime(2024, 3, 2)) == []  # noqa: DTZ001


def test_other_sources_are_cut_too(tmp_path: Path) -> None:
    m.write(tmp_path, "l.csv", "period,account,cost_centre,amount\n202405,1,,1\n202406,1,,1\n202413,1,,1\n")
    m.write(tmp_path, "o.csv", "s,a,b\ndesk,31.05.2024 23:00,01.06.2024 01:00\ndesk,01.06.2024 00:00,\n")
    m.write(tmp_path, "r.csv", "d,s,n\n31.05.2024,desk,1\n01.06.2024,desk,1\n")
    m.write(tmp_path, "m.csv", "m,o,c\nS1,31.05.2024,01.06.2024\nS2,01.06.2024,\nS3,01.05.2024,02.05.2024\n")
    names = {name: name for name in ("period", "account", "cost_centre", "amount")}
    evidence = m.taken(
        tmp_path,
        m.source("ledger", "l.csv", columns=names),
        m.source("outages", "o.csv", columns={"service": "s", "started_at": "a", "ended_at": "b"}),
        m.source("request_counts", "r.csv", date_format="%d.%m.%Y",
                 columns={"date": "d", "service": "s", "count": "n"}),
        m.source("matters", "m.csv", date_format="%d.%m.%Y",
                 columns={"matter": "m", "opened_on": "o", "closed_on": "c"}),
        end=CUT,
    )  # fmt: skip
    assert {c.source: (c.rows_used, c.rows_after_cut) for c in evidence.counts} == {
        "ledger": (1, 2),
        "outages": (1, 1),
        "request_counts": (1, 1),
        "matters": (2, 1),
    }
    assert m.ask(evidence, "SELECT ended_minute FROM outages") == [(None,)]
    assert m.ask(evidence, "SELECT matter, closed IS NULL FROM matters ORDER BY 1") == [
        ("S1", True),
        ("S3", False),
    ]
    # no cost centre is an empty one, which only a rule for every cost centre meets
    assert m.ask(evidence, "SELECT cost_centre, amount_ore FROM ledger") == [("", 100)]

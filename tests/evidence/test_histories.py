"""A file of events beside the tickets: told apart by another key, with what was before, cut short."""

from __future__ import annotations

from pathlib import Path

import evidence_making as m
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.errors import EvidenceError

HEADER = (*m.TICKET_HEADER, "sys_id")
EVENT_HEADER = (
    "number",
    "updated_at",
    "state",
    "assignment_group",
    "assigned_to",
    "old",
    "old_group",
    "lost",
)
BEFORE = {**m.EVENT_COLUMNS, "state_before": "old", "team_before": "old_group", "lost_count": "lost"}


def ticket(number: str, key: str, **changes: str) -> list[str]:
    return [*m.ticket(number, **changes), key]


def event(number: str, at: str, **changes: str) -> list[str]:
    row = {"number": number, "updated_at": at, **changes}
    return [row.get(name, "") for name in EVENT_HEADER]


def taken(folder: Path, tickets: list[list[str]], events: list[list[str]]) -> Evidence:
    m.write(folder, "tickets.csv", m.table(HEADER, tickets))
    m.write(folder, "ticket_events.csv", m.table(EVENT_HEADER, events))
    return m.taken(folder, m.tickets(columns={**m.TICKET_COLUMNS, "key": "sys_id"}), m.events(columns=BEFORE))


def told(evidence: Evidence) -> list[tuple[object, ...]]:
    return m.ask(
        evidence,
        "SELECT number, team, handoff_count, reopen_count, waited FROM tickets ORDER BY number",
    )


def test_events_find_their_ticket_by_its_key_or_its_number(tmp_path: Path) -> None:
    tickets = [ticket("A1", "k1"), ticket("A2", "k2"), ticket("A3", "twice"), ticket("A4", "twice")]
    events = [event(name, "01.03.2024 11:00", state="New") for name in ("k1", "A1", "A2", "k9", "twice")]
    evidence = taken(tmp_path, tickets, events)
    assert m.ask(evidence, "SELECT ticket, record FROM ticket_events ORDER BY ALL") == [
        (1, 1),
        (1, 2),
        (2, 3),
    ]
    assert m.reasons(evidence) == [(4, "unknown_ticket", "number"), (5, "unknown_ticket", "number")]


def test_the_first_change_tells_what_was_at_the_opening(tmp_path: Path) -> None:
    tickets = [ticket("A1", "k1", reopen_count="?"), ticket("A2", "k2", reopen_count="?")]
    events = [
        event("k1", "01.03.2024 10:30", state="In Progress", old="New"),
        event("k1", "01.03.2024 11:00", assignment_group="Desk", old_group="Networks"),
        event("k2", "01.03.2024 12:00", state="Resolved", old="In Progress"),
    ]
    evidence = taken(tmp_path, tickets, events)
    found = m.ask(
        evidence,
        "SELECT t.number, at_minute - opened_minute, e.state, e.team, e.record FROM ticket_events AS e"
        " JOIN tickets AS t USING (ticket) ORDER BY t.number, at_minute",
    )
    assert found == [
        ("A1", 0, "open", "Networks", 0),
        ("A1", 30, "open", None, 1),
        ("A1", 60, None, "Desk", 2),
        ("A2", 0, "open", "Desk", 0),  # never reassigned: the team on its row held it all along
        ("A2", 120, "resolved", None, 3),
    ]
    assert told(evidence) == [("A1", "Desk", 1, 0, False), ("A2", "Desk", 0, 0, False)]


def test_what_a_cut_history_cannot_tell_is_unknown_and_not_zero(tmp_path: Path) -> None:
    tickets = [ticket("A1", "k1", reopen_count="?"), ticket("A2", "k2", reopen_count="?")]
    events = [
        event("k1", "01.03.2024 11:00", assignment_group="Desk", old_group="Networks", lost="4"),
        event("k1", "01.03.2024 12:00", state="Resolved", old="In Progress", lost="4"),
        event("k2", "01.03.2024 11:00", state="On Hold", old="New", lost="1"),
    ]
    evidence = taken(tmp_path, tickets, events)
    assert told(evidence) == [("A1", "Desk", None, None, None), ("A2", "Desk", None, None, True)]
    assert m.ask(evidence, "SELECT count(*) FROM ticket_events WHERE record = 0") == [(0,)]


def test_a_history_of_states_says_nothing_of_hand_offs(tmp_path: Path) -> None:
    evidence = taken(tmp_path, [ticket("A1", "k1")], [event("k1", "01.03.2024 12:00", state="Resolved")])
    assert told(evidence) == [("A1", "Desk", None, 0, False)]


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["k1", "k2", "A1", "k9", ""]),
            st.sampled_from(["01.03.2024 11:00", "31.02.2024 11:00", "01.03.2025 11:00", ""]),
            st.sampled_from(["New", "Resolved", "?", "Parked"]),
            st.sampled_from(["", "New", "Parked"]),
            st.sampled_from(["", "2", "many"]),
        ),
        max_size=30,
    )
)
def test_every_event_is_somewhere_and_only_once(tmp_path_factory, rows) -> None:  # type: ignore[no-untyped-def]
    tickets = [ticket("A1", "k1"), ticket("A2", "k2", state="Parked")]
    events = [event(name, at, state=state, old=old, lost=lost) for name, at, state, old, lost in rows]
    evidence = taken(tmp_path_factory.mktemp("h"), tickets, events)
    count = next(count for count in evidence.counts if count.source == "ticket_events")
    assert count.rows_read == len(rows)
    assert count.rows_read == (
        count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    )
    kept = m.ask(evidence, "SELECT record FROM ticket_events WHERE record > 0 ORDER BY record")
    assert len(kept) == count.rows_used


def test_without_a_column_for_the_end_the_history_tells_it(tmp_path: Path) -> None:
    tickets = [ticket(f"A{n}", f"k{n}", closed_at="?", reopen_count="?") for n in range(1, 6)]
    tickets[4] = ticket("A5", "k5", state="New", closed_at="?")
    events = [
        event("k1", "01.03.2024 11:00", state="Resolved"),
        event("k1", "01.03.2024 12:00", state="New"),
        event("k1", "01.03.2024 13:00", state="Resolved"),
        event("k1", "06.03.2024 13:00", state="Closed"),
        event("k2", "01.03.2024 11:30", state="In Progress"),
        event("k2", "06.03.2024 13:00", state="Closed"),  # never resolved
        event("k4", "01.03.2025 13:00", state="Resolved"),  # after the cut
        event("k5", "01.03.2024 13:00", state="Resolved"),  # the row is newer, and says it is open
    ]
    columns = {name: column for name, column in m.TICKET_COLUMNS.items() if name != "resolved_at"}
    m.write(tmp_path, "tickets.csv", m.table(HEADER, tickets))
    m.write(tmp_path, "ticket_events.csv", m.table(EVENT_HEADER, events))
    evidence = m.taken(tmp_path, m.tickets(columns={**columns, "key": "sys_id"}), m.events(columns=BEFORE))
    found = m.ask(
        evidence, "SELECT number, ending, end_minute - opened_minute, state FROM tickets ORDER BY number"
    )
    end = found[4][2]  # the cut
    assert found == [
        ("A1", "resolved", 180, "closed"),
        ("A2", "unknown", 90, "closed"),
        ("A3", "unknown", 0, "closed"),  # no history of it at all
        ("A4", "open", end, "open"),  # resolved after the cut
        ("A5", "open", end, "resolved"),
    ]
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, m.tickets(columns=columns))
    assert [problem.column for problem in caught.value.problems] == ["tickets.columns.resolved_at"]

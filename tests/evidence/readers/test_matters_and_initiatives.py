"""The agency's own matters and its development queue: reopened is open, transferred has not ended."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import evidence_making as m
import pytest
import sources_making as s
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.readers import initiatives, matters
from makeorbuy.evidence.recognition import Sample
from makeorbuy.foundation.errors import EvidenceError

MATTERS = "SELECT matter, opened, closed, transferred, kind FROM matters ORDER BY matter"
CUT = datetime(2025, 11, 5, 10)  # noqa: DTZ001


def test_the_last_status_of_a_matter_decides(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "matters.csv", end=CUT)
    assert taken.recognition.questions == ()
    assert taken.rows(MATTERS) == [
        ("24/09999", date(2024, 12, 30), None, date(2025, 10, 15), "Type B"),  # transferred is not ended
        ("25/00001", date(2025, 10, 6), None, None, "Type A"),  # reopened: the old end does not count
        ("25/00002", date(2025, 10, 7), None, None, "Type B"),
        ("25/00003", date(2025, 10, 8), date(2025, 11, 3), None, "Type A"),
        ("25/00004", date(2025, 10, 13), date(2025, 10, 13), None, "Type C"),
    ]
    assert taken.counts == (6, 6, 0, 0, 0)


def test_what_came_after_the_cut_is_not_known(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "matters.csv", end=datetime(2025, 10, 25))  # noqa: DTZ001
    found = {matter: (closed, transferred) for matter, _, closed, transferred, _ in taken.rows(MATTERS)}
    assert found == {
        "24/09999": (None, date(2025, 10, 15)),
        "25/00001": (date(2025, 10, 24), None),  # closed, not yet reopened
        "25/00002": (None, None),
        "25/00003": (None, None),  # opened, and what we have of it came later
        "25/00004": (date(2025, 10, 13), None),
    }


EVENTS = {"Registrert": "open", "Tildelt": "open", "Avgjort": "closed"}


def test_events_out_of_order_with_dates_and_times(tmp_path: Path) -> None:
    words = {"states": {**EVENTS, "Ventet på system": "waiting"}, "time_zone": "Europe/Oslo"}
    taken = s.take(tmp_path, "matter_events.csv", end=CUT, **words)
    asked = {question.key: question.choices for question in taken.recognition.questions}
    assert asked == {"time_zone": (), "states": ("Ventet på system",)}
    assert taken.rows(MATTERS) == [
        ("25/00001", date(2025, 10, 6), None, None, None),  # waited after it was decided
        ("25/00002", date(2025, 10, 7), None, None, None),
        ("25/00003", date(2025, 10, 8), date(2025, 11, 3), None, None),
    ]
    assert taken.counts == (8, 8, 0, 0, 0)


def test_an_event_that_is_no_status_may_be_left_out(tmp_path: Path) -> None:
    words = {"states": EVENTS, "time_zone": "Europe/Oslo", "leave_out": {"hendelse": ("Ventet på system",)}}
    taken = s.take(tmp_path, "matter_events.csv", end=CUT, **words)
    assert taken.rows(MATTERS)[0] == ("25/00001", date(2025, 10, 6), date(2025, 10, 24), None, None)
    assert taken.set_aside == {(3, "left_out")}


def test_an_offset_that_the_zone_never_has_is_set_aside(tmp_path: Path) -> None:
    text = "saksnr,hendelse,tidspunkt\n" + "".join(
        f"25/{number:05d},Registrert,{written}\n"
        for number, written in enumerate(
            ["2025-01-07", "2025-01-07T00:30:00+01:00", "2025-01-07T00:30:00+02:00",
             "2025-10-26T02:35:00+02:00",
             "2025-10-26T02:35:00+01:00", "2025-10-26T02:35:00+25:00", "07.01.2025", "2025-02-30"]
        )
    )  # fmt: skip
    taken = s.take(tmp_path, m.write(tmp_path, "events.csv", text), states=EVENTS, time_zone="Europe/Oslo")
    assert [opened for _, opened, *_ in taken.rows(MATTERS)] == [
        date(2025, 1, 7), date(2025, 1, 7), date(2025, 10, 26), date(2025, 10, 26)
    ]  # fmt: skip
    assert taken.set_aside == {(n, "invalid_date") for n in (3, 6, 7, 8)}


def test_matters_without_changes(tmp_path: Path) -> None:
    text = (
        "Saksnummer;Opprettet;Avsluttet;Status\n2025/1;06.10.2025;24.10.2025;Avgjort\n2025/2;07.10.2025;;Ny\n"
    )
    taken = s.take(tmp_path, m.write(tmp_path, "matters.csv", text), date_format="%d.%m.%Y")
    assert taken.rows(MATTERS) == [
        ("2025/1", date(2025, 10, 6), date(2025, 10, 24), None, None),
        ("2025/2", date(2025, 10, 7), None, None, None),
    ]


def test_what_is_wrong_with_a_change(tmp_path: Path) -> None:
    header = "Saksnummer;Opprettet;Avsluttet;Status;Statusdato\n"
    rows = ["25/1;06.10.2025;;Avgjort;07.10.2025", "25/2;06.10.2025;05.10.2025;Avgjort;07.10.2025",
            "25/3;32.10.2025;;Ukjent;", ";06.10.2025;;Registrert;07.10.2025"]  # fmt: skip
    file = m.write(tmp_path, "matters.csv", header + "\n".join(rows))
    taken = s.take(tmp_path, file, date_format="%d.%m.%Y", states={"Avgjort": "closed", "Registrert": "open"})
    assert taken.set_aside == {
        (1, "closed_without_resolved"), (2, "closed_before_opened"), (3, "invalid_date"), (3, "missing_time"),
        (3, "unknown_state"), (4, "missing_number"),
    }  # fmt: skip


def test_a_ticket_is_not_transferred_for_good(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1")]))
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, m.tickets(states={"Closed": "closed", "Sent": "transferred"}))
    assert [problem.code for problem in caught.value.problems] == ["transferred_ticket"]


def test_a_list_of_tickets_is_not_taken_for_matters() -> None:
    header = ("Saksnummer", "Opprettet", "Status")
    sample = Sample("x.csv", "delimited", header, (("INC0001", "06.10.2025", "Ny"),))
    assert matters.recognise(sample) is None


DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31))
CHANGES = st.lists(
    st.tuples(st.integers(1, 5), DAYS, st.sampled_from(["Registrert", "Avgjort", "Overført", "Tull"])),
    max_size=20,
)


@settings(deadline=None, max_examples=12)
@given(drawn=CHANGES)
def test_every_change_is_somewhere_and_the_last_one_decides(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, date, str]]
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    drawn = [(1, date(2025, 1, 1), "Registrert"), *drawn]
    rows = [(f"25/{who:05d}", state, day.isoformat(), str(n)) for n, (who, day, state) in enumerate(drawn)]
    file = m.write(folder, "events.csv", m.table(("saksnr", "hendelse", "tidspunkt", "n"), rows))
    words = {
        "states": {**EVENTS, "Overført": "transferred"},
        "time_zone": "Europe/Oslo",
        "date_format": "%Y-%m-%d",
    }
    taken = s.take(folder, file, **words)
    expected = {}
    for who in {who for who, *_ in drawn}:
        own = [
            (day, n, state) for n, (whose, day, state) in enumerate(drawn) if whose == who and state != "Tull"
        ]
        if own:
            day, _, state = max(own)
            expected[f"25/{who:05d}"] = (
                min(own)[0], day if state == "Avgjort" else None, day if state == "Overført" else None
            )  # fmt: skip
    assert {row[0]: row[1:4] for row in taken.rows(MATTERS)} == expected
    bad = sum(state == "Tull" for *_, state in drawn)
    assert taken.counts == (len(drawn), len(drawn) - bad, 0, bad, 0)


# initiatives

QUEUE = (
    "Tiltak-id;Tiltak;System;Estimat (mill. kr);Status\n"
    "T1;Ny pålogging;Identitet;1,5;Ønsket\nT2;Fornye e-post;E-post;0,25;Påbegynt\nT3;Annet;Lønn;2;Ønsket\n"
    "T4;Uten anslag;VPN;;Ønsket\nT5;Tilbake;VPN;-1;Ønsket\n"
)


def test_a_queue_in_millions(tmp_path: Path) -> None:
    file = m.write(tmp_path, "queue.csv", QUEUE.encode("cp1252"))
    taken = s.take(tmp_path, file, services=s.NAMES)
    assert taken.recognition.sources[0].columns["estimated_nok"] == "Estimat (mill. kr) i kroner"
    query = "SELECT initiative, service, estimated_ore, status FROM initiatives ORDER BY record"
    assert taken.rows(query) == [
        ("T1", "identity", 150_000_000, "Ønsket"), ("T2", "email", 25_000_000, "Påbegynt")
    ]  # fmt: skip
    assert taken.set_aside == {(3, "unknown_service"), (4, "bad_amount"), (5, "negative")}


def test_an_estimate_of_no_unit_is_asked_for(tmp_path: Path) -> None:
    text = QUEUE.replace("Estimat (mill. kr)", "Estimat")
    asked = {q.key: q.choices for q in s.recognised(m.write(tmp_path, "queue.csv", text)).questions}
    assert asked == {
        "columns.estimated_nok": ("Estimat",), "services": ("E-post", "Identitet", "Lønn", "VPN")
    }  # fmt: skip


@settings(deadline=None, max_examples=12)
@given(
    drawn=st.dictionaries(
        st.integers(1, 99), st.tuples(st.integers(0, 10**9), st.sampled_from([*s.NAMES, "?"]))
    )
)
def test_every_initiative_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[int, tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("queue")
    rows = [(f"T{n}", name, f"{nok / 1e6:.6f}".replace(".", ",")) for n, (nok, name) in drawn.items()]
    rows.insert(0, ("T0", "VPN", "1,5"))
    file = m.write(folder, "queue.csv", m.table(("Tiltak", "Tjeneste", "Kostnad (MNOK)"), rows, ";"))
    taken = s.take(folder, file, services=s.NAMES)
    expected = Counter(
        {"T0": 150_000_000, **{f"T{n}": nok * 100 for n, (nok, name) in drawn.items() if name != "?"}}
    )
    assert dict(taken.rows("SELECT initiative, estimated_ore FROM initiatives")) == expected
    assert taken.counts[0] == len(rows)
    assert {code for _, code in taken.set_aside} <= {"unknown_service"}


@pytest.mark.parametrize("reader", [matters, initiatives])
def test_a_file_without_the_columns_is_not_recognised(reader: Any) -> None:
    assert reader.recognise(Sample("x.csv", "delimited", ("Saksnummer", "Status"), (("25/1", "2"),))) is None

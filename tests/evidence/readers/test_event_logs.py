"""XES, OCEL 2.0 and event tables are read to the truth; each trap of real logs has its test."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import evidence_making as m
import fixtures_making as f
import pytest

from makeorbuy.case.model import Case, Source
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.model import Evidence
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import ocel, xes
from makeorbuy.evidence.recognition import Recognition
from makeorbuy.evidence.registry import recognitions
from makeorbuy.evidence.sample import samples_of
from makeorbuy.evidence.text import Fault
from makeorbuy.foundation.errors import EvidenceError, HostileFileError

Makes = Callable[..., Case]


def number_of(n: int) -> str:
    return f"INC{10000 + n:07d}"


LAST_OPEN_10 = 29362145  # 2025-10-29 09:05Z: closed without a resolution, so nothing more is known
OCELS = {"log.jsonocel": "", "log.xmlocel": "", "log_ocel2.sqlite": "UTC"}


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "events_pm4py.csv", "events_generic.jsonl"])
def test_a_log_is_read_to_the_truth_with_its_hand_offs(tmp_path: Path, case_of: Makes, name: str) -> None:
    taken = f.tickets_of(tmp_path, name, case_of, constant_type="incident")
    (count,) = taken.evidence.counts
    assert (count.rows_read, count.rows_used) == (41, 41)
    f.assert_true(taken, number_of, without={}, ignoring=(), differing={10: {"end": LAST_OPEN_10}})


@pytest.mark.parametrize("name", OCELS)
def test_the_three_forms_of_ocel_are_read_to_the_same_truth(
    tmp_path: Path, case_of: Makes, name: str
) -> None:
    taken = f.tickets_of(
        tmp_path, name, case_of, sheet="Ticket", constant_type="incident", time_zone=OCELS[name]
    )
    (count,) = taken.evidence.counts
    assert (count.rows_read, count.rows_used) == (30, 30)
    f.assert_true(taken, number_of, without={}, tickets=7, ignoring=())
    events = "SELECT ticket, at_minute, state, team FROM ticket_events ORDER BY ALL"
    assert len(m.ask(taken.evidence, events)) == 30


@pytest.mark.parametrize("name", OCELS)
def test_which_type_is_a_ticket_is_asked_and_zones_where_there_is_none(name: str) -> None:
    recognition = f.recognised(name)
    (source,) = recognition.sources
    questions = {question.key: question for question in recognition.questions}
    assert source.sheet == ""
    assert questions["sheet"].choices == ("Group", "Service", "Ticket")
    assert questions["sheet"].likely == "Ticket"
    assert ("time_zone" in questions) == (name == "log_ocel2.sqlite")
    with pytest.raises(EvidenceError) as refused, _opened(name) as file:
        ocel.table(file, source)
    assert refused.value.problems[0].column == "sheet"
    assert "'Service'" in refused.value.problems[0].expected


@pytest.mark.parametrize("name", OCELS)
def test_objects_that_no_event_touches_are_counted(tmp_path: Path, case_of: Makes, name: str) -> None:
    columns = {"number": "ocel:oid", "updated_at": "ocel:timestamp", "state": "ocel:activity"}
    source = replace(f.recognised(name).sources[0], sheet="Service", columns=columns)
    with _opened(name) as file:
        rows = list(ocel.table(file, source).rows)
    codes = [row.code for row in rows if isinstance(row, Fault)]
    assert codes.count("ticket_without_events") == 5  # pm4py 2.7 reads none of them from SQLite
    assert codes.count("not_a_ticket") == 30
    assert len(rows) == 35


@pytest.mark.parametrize("name", OCELS)
def test_as_much_is_found_as_pm4py_and_r4pm_find(name: str) -> None:
    """Counted with pm4py 2.7.23 and r4pm 0.6.2 (JSON, XML); from SQLite pm4py drops five objects.

    Of the changes both count 20, leaving out the first state of each of the seven tickets.
    """
    with _opened(name) as file:
        log = ocel.whole_log(file)
    changes = [time for thing in log.things.values() for _, time, _ in thing.changes]
    assert len(log.happenings) == 30
    assert len(log.things) == 15
    assert sum(len(event.relations) for event in log.happenings) == 63
    assert sum(len(thing.relations) for thing in log.things.values()) == 7
    assert sum(time.startswith("1970") for time in changes) == 7
    assert len(changes) - 7 == 20 + 7


def _opened(name: str) -> Any:
    return open_evidence(f.EXPORTS, str((f.EXPORTS / name).resolve()))


# ---- XES


def log_of(*traces: str, before: str = "") -> str:
    return f"<log>{before}{''.join(traces)}</log>"


def trace(number: str, *events: str) -> str:
    return f'<trace><string key="concept:name" value="{number}"/>{"".join(events)}</trace>'


def event(activity: str, time: str, more: str = "") -> str:
    return (
        f'<event><string key="concept:name" value="{activity}"/>'
        f'<date key="time:timestamp" value="{time}"/>{more}</event>'
    )


def found_in(folder: Path, name: str, content: str | bytes) -> Recognition:
    path = folder / "evidence" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_evidence(folder, name) as file:
        return recognitions(samples_of(file))[0]


def taken(folder: Path, source: Source, **answers: Any) -> Evidence:
    answers = {"constant_type": "incident", "selection": "all", "exported_at": None, **answers}
    changes = {name: value for name, value in answers.items() if not getattr(source, name)}
    case = m.case(replace(source, path=source.path.removeprefix("evidence/"), **changes))
    return take_in(case, folder, folder / "out")


def table_of(folder: Path, source: Source) -> list[Any]:
    with open_evidence(folder, source.path.removeprefix("evidence/")) as file:
        return list(xes.table(file, source).rows)


def test_offsets_of_one_log_differ_and_each_is_kept(tmp_path: Path) -> None:
    text = log_of(
        trace(
            "A", event("Opened", "2024-03-01T10:00:00.000+01:00"), event("Resolved", "2024-03-01T09:30:00Z")
        ),
        trace(
            "B",
            event("Opened", "2024-03-01T04:30:00.5-05:00"),
            event("Resolved", "2024-03-01T15:30:00+05:30"),
        ),
    )
    evidence = taken(tmp_path, found_in(tmp_path, "log.xes", text).sources[0])
    rows = m.ask(evidence, "SELECT number, end_minute - opened_minute FROM tickets ORDER BY number")
    assert rows == [("A", 30), ("B", 30)]
    assert m.ask(evidence, "SELECT min(opened_local_minute - opened_minute) FROM tickets") == [(60,)]


def test_times_without_an_offset_ask_for_a_zone(tmp_path: Path) -> None:
    text = log_of(
        trace("A", event("Opened", "2024-07-01T10:00:00"), event("Resolved", "2024-07-01T11:00:00"))
    )
    found = found_in(tmp_path, "log.xes", text)
    assert "time_zone" in {question.key for question in found.questions}
    assert found.sources[0].time_zone == ""
    with pytest.raises(EvidenceError):  # the intake refuses until it is answered
        taken(tmp_path, found.sources[0])
    evidence = taken(tmp_path, found.sources[0], time_zone="America/New_York")
    assert m.ask(evidence, "SELECT opened_minute % 1440 // 60 FROM tickets") == [(14,)]


def test_beside_offsets_a_time_without_one_is_set_aside_and_not_placed(tmp_path: Path) -> None:
    text = log_of(
        trace("A", event("Opened", "2024-03-01T10:00:00Z"), event("Resolved", "2024-03-01T11:00:00"))
    )
    evidence = taken(tmp_path, found_in(tmp_path, "log.xes", text).sources[0])
    assert m.reasons(evidence) == [(2, "invalid_date", "time:timestamp")]
    assert m.ask(evidence, "SELECT ending FROM tickets") == [("open",)]


def test_traces_without_events_and_events_without_a_trace_are_counted(tmp_path: Path) -> None:
    text = log_of(
        trace("A"), trace("B", event("Opened", "2024-03-01T10:00:00Z")),
        event("Opened", "2024-03-02T10:00:00Z"), trace("C"),
    )  # fmt: skip
    evidence = taken(tmp_path, found_in(tmp_path, "log.xes", text).sources[0])
    assert {(record, code) for record, code, _ in m.reasons(evidence)} == {
        (1, "ticket_without_events"), (3, "missing_number"), (4, "ticket_without_events"),
    }  # fmt: skip
    (count,) = evidence.counts
    assert (count.rows_read, count.rows_used) == (4, 1)


def test_two_events_of_one_second_are_two_where_anything_tells_them_apart(tmp_path: Path) -> None:
    text = log_of(
        trace(
            "A", event("Opened", "2024-03-01T10:00:00.100Z"), event("Opened", "2024-03-01T10:00:00.200Z"),
            event("Opened", "2024-03-01T10:00:00.200Z", '<int key="step" value="1"/>'),
            event("Opened", "2024-03-01T10:00:00.200Z"),
        )
    )  # fmt: skip
    evidence = taken(tmp_path, found_in(tmp_path, "log.xes", text).sources[0])
    (count,) = evidence.counts
    assert (count.rows_read, count.rows_used, count.rows_merged) == (4, 3, 1)


def test_the_default_of_a_global_is_no_value(tmp_path: Path) -> None:
    before = '<global scope="event"><string key="concept:name" value="__INVALID__"/></global>'
    group = '<string key="org:group" value="__INVALID__"/>'
    text = log_of(
        trace("A", event("Opened", "2024-03-01T10:00:00Z", group.replace("__INVALID__", "Desk")),
              event("__INVALID__", "2024-03-01T11:00:00Z", group),
              event("Resolved", "1970-01-01T00:00:00Z")), before=before,
    )  # fmt: skip
    evidence = taken(tmp_path, found_in(tmp_path, "log.xes", text).sources[0])
    assert m.ask(evidence, "SELECT state, team FROM ticket_events ORDER BY at_minute") == [
        ("open", "Desk"), (None, None),
    ]  # fmt: skip
    assert m.reasons(evidence) == [(3, "out_of_range", "time:timestamp")]


def test_steps_of_an_activity_are_part_of_its_name(tmp_path: Path) -> None:
    step = '<string key="lifecycle:transition" value="{}"/>'.format
    text = log_of(
        trace("A", event("Resolved", "2024-03-01T10:00:00Z", step("start")),
              event("Resolved", "2024-03-01T11:00:00Z", step("complete"))),
    )  # fmt: skip
    found = found_in(tmp_path, "log.xes", text)
    (source,) = found.sources
    assert source.columns["state"] == "concept:name+lifecycle:transition"
    assert source.states == {"Resolved+complete": "resolved"}
    asked = {question.key: question.choices for question in found.questions}
    assert asked["states"] == ("Resolved+start",)


def test_namespaces_nested_attributes_and_lists_are_read(tmp_path: Path) -> None:
    nested = (
        '<string key="org:group" value="Desk"><string key="city" value="Oslo"/></string>'
        '<list key="tags"><values><string key="tag" value="x"/></values></list><event key="odd" value="1"/>'
    )
    text = log_of(trace("A", event("Opened", "2024-03-01T10:00:00Z", nested)))
    text = text.replace("<log>", '<log xmlns="http://www.xes-standard.org/" xes.version="1849-2016">')
    source = found_in(tmp_path, "log.xes", text).sources[0]
    columns = {**source.columns, "category": "org:group/city", "priority": "tags/tag"}
    rows = table_of(tmp_path, replace(source, columns=columns))
    assert rows[-1][-3:-1] == ("Oslo", "x")


def test_a_column_that_no_event_has_is_told(tmp_path: Path) -> None:
    text = log_of(trace("A", event("Opened", "2024-03-01T10:00:00Z", '<string key="org:group" value="D"/>')))
    source = found_in(tmp_path, "log.xes", text).sources[0]
    with pytest.raises(EvidenceError) as refused:
        table_of(tmp_path, replace(source, columns={**source.columns, "team": "org:grup"}))
    (problem,) = refused.value.problems
    assert (problem.code, problem.column, problem.expected) == ("missing_column", "team", "'org:group'")


def test_entities_are_refused_and_not_read_as_text(tmp_path: Path) -> None:
    text = '<!DOCTYPE log [<!ENTITY a "b">]>' + log_of(trace("&a;", event("Opened", "2024-03-01T10:00:00Z")))
    with pytest.raises(HostileFileError):
        found_in(tmp_path, "log.xes", text)


def test_a_log_is_not_held_whole(tmp_path: Path) -> None:
    """One long trace, the hardest case: memory is that of an event, not of the trace or the log."""
    events = (
        event("Opened", f"2024-03-01T10:{i // 60 % 60:02d}:{i % 60:02d}.{i:06d}Z") for i in range(60_000)
    )
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "log.xes.gz"
    path.write_bytes(gzip.compress(log_of(trace("A", *events)).encode(), 1))
    source = f.recognised("log.xes").sources[0]
    columns = {name: source.columns[name] for name in ("number", "updated_at", "state")}
    with open_evidence(tmp_path, path.name) as file:
        tracemalloc.start()
        count = sum(1 for _ in xes.table(file, replace(source, columns=columns)).rows)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 60_000
    assert most < 4 * 1024**2  # the text alone is 8 MB, its tree ten times that


# ---- event tables


def test_epochs_in_seconds_and_milliseconds_give_the_same(tmp_path: Path) -> None:
    lines = [("A", "Opened", 1709287200), ("A", "Resolved", 1709290800), ("B", "Opened", 1709287200)]
    ends = []
    for factor, name in ((1, "s.jsonl"), (1000, "ms.jsonl")):
        rows = [{"case": case, "activity": did, "time": at * factor} for case, did, at in lines]
        found = found_in(tmp_path, name, "\n".join(map(json.dumps, rows)))
        evidence = taken(tmp_path, found.sources[0])
        ends.append(
            m.ask(evidence, "SELECT number, opened_minute, end_minute, ending FROM tickets ORDER BY 1")
        )
    assert ends[0] == ends[1]
    assert ends[0][0] == ("A", 28488120, 28488180, "resolved")


def test_activities_that_nobody_knows_are_asked_for(tmp_path: Path) -> None:
    text = m.table(
        ("case:concept:name", "concept:name", "time:timestamp"),
        [("A", "Opened", "2024-03-01 10:00:00+01:00"),
         ("A", "Sent to printer", "2024-03-01 10:00:00.25+01:00"),
         ("A", "Moved", "2024-03-01 11:00:00+01:00")],
    )  # fmt: skip
    found = found_in(tmp_path, "events.csv", text)
    asked = {question.key: question.choices for question in found.questions}
    assert asked["states"] == ("Sent to printer",)
    assert found.sources[0].missing == ("", "Moved")
    evidence = taken(tmp_path, found.sources[0])
    assert m.reasons(evidence) == [(2, "unknown_state", "concept:name")]
    assert m.ask(evidence, "SELECT state FROM ticket_events ORDER BY at_minute") == [("open",), (None,)]


def test_the_first_event_is_the_opening_even_out_of_order_and_with_another_fault(tmp_path: Path) -> None:
    text = m.table(
        ("case", "activity", "timestamp"),
        [("A", "Resolved", "2024-03-01T12:00:00Z"), ("A", "Reported by a bird", "2024-03-01T09:00:00Z"),
         ("A", "Opened", "2024-03-01T10:00:00Z"), ("", "Opened", "2024-03-01T10:00:00Z")],
    )  # fmt: skip
    found = found_in(tmp_path, "events.csv", text)
    evidence = taken(tmp_path, found.sources[0])
    assert m.ask(evidence, "SELECT end_minute - opened_minute FROM tickets") == [(180,)]


def test_a_list_is_not_taken_for_a_log(tmp_path: Path) -> None:
    text = m.table(("case", "status", "time"), [("A", "Open", "2024-03-01T12:00:00Z")])
    with pytest.raises(IndexError):  # every number once, and no opening: nobody's
        found_in(tmp_path, "list.csv", text)


# ---- OCEL


def ocel_json(objects: Iterable[dict[str, Any]], events: Iterable[dict[str, Any]]) -> str:
    return json.dumps(
        {"objectTypes": [{"name": "Ticket"}], "eventTypes": [], "objects": [*objects], "events": [*events]}
    )


def test_a_change_that_no_event_tells_is_a_row_of_its_own(tmp_path: Path) -> None:
    ticket = {
        "id": "T1", "type": "Ticket", "attributes": [
            {"name": "status", "time": "1970-01-01T00:00:00Z", "value": "new"},
            {"name": "status", "time": "2024-03-01T12:00:00Z", "value": "resolved"},
        ],
    }  # fmt: skip
    opened = {
        "id": "e1", "type": "Opened", "time": "2024-03-01T10:00:00Z",
        "relationships": [{"objectId": "T1", "qualifier": "a"}, {"objectId": "T1", "qualifier": "b"}],
    }  # fmt: skip
    source = found_in(tmp_path, "log.jsonocel", ocel_json([ticket], [opened])).sources[0]
    evidence = taken(tmp_path, source, sheet="Ticket")
    (count,) = evidence.counts
    assert count.rows_read == 2  # one event, though it is related to the ticket twice; and the change
    assert m.ask(evidence, "SELECT ending, end_minute - opened_minute FROM tickets") == [("resolved", 120)]


def test_an_event_may_touch_two_tickets_and_one_none(tmp_path: Path) -> None:
    tickets = [{"id": name, "type": "Ticket"} for name in ("T1", "T2")]
    events = [
        {"id": "e1", "type": "Opened", "time": "2024-03-01T10:00:00Z",
         "relationships": [{"objectId": "T1"}, {"objectId": "T2"}, {"objectId": "gone"}]},
        {"id": "e2", "type": "Opened", "time": "2024-03-01T10:00:00Z",
         "relationships": [{"objectId": "gone"}]},
        {"id": "e3", "type": "Opened", "time": "soon", "relationships": [{"objectId": "T1"}]},
        "no record",
    ]  # fmt: skip
    source = found_in(tmp_path, "log.jsonocel", ocel_json(tickets, events)).sources[0]  # type: ignore[arg-type]
    evidence = taken(tmp_path, source, sheet="Ticket")
    (count,) = evidence.counts
    assert (count.rows_read, count.rows_used) == (5, 2)
    assert sorted(code for _, code, _ in m.reasons(evidence)) == [
        "invalid_date",
        "not_a_record",
        "not_a_ticket",
    ]


def test_one_event_at_two_clocks_is_not_converted(tmp_path: Path) -> None:
    """The published example has 14:00Z in JSON and 15:00 without a zone in XML and SQLite."""
    xml = (
        "<log><object-types><object-type name='Ticket'/></object-types><event-types/>"
        "<objects><object id='T1' type='Ticket'/></objects><events>"
        "<event id='e1' type='Opened' time='{}'><objects>"
        "<relationship object-id='T1' qualifier='q'/></objects></event></events></log>"
    )
    minutes = []
    for name, time, zone in (
        ("z.xmlocel", "2024-03-01T14:00:00Z", ""),
        ("n.xmlocel", "2024-03-01T15:00:00", "Europe/Oslo"),
    ):
        found = found_in(tmp_path, name, xml.format(time))
        assert ("time_zone" in {question.key for question in found.questions}) == bool(zone)
        evidence = taken(tmp_path, found.sources[0], sheet="Ticket", time_zone=zone)
        minutes.append(m.ask(evidence, "SELECT opened_minute FROM tickets"))
    assert minutes[0] == minutes[1]


def test_a_type_that_the_map_of_a_database_leaves_out_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "log.sqlite"
    path.write_bytes((f.EXPORTS / "log_ocel2.sqlite").read_bytes())
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM event_map_type WHERE ocel_type = 'Resolved'")
    connection.execute("DELETE FROM object_map_type WHERE ocel_type = 'Ticket'")
    connection.execute("DELETE FROM event WHERE ocel_id = 'e3'")  # and one that only its type's table has
    connection.execute("DELETE FROM object WHERE ocel_id = 'INC0010003'")
    connection.commit()
    connection.close()
    found = found_in(tmp_path, "log.sqlite", path.read_bytes())
    rows = []
    for name, source in (
        ("log.sqlite", found.sources[0]),
        ("log.jsonocel", f.recognised("log.jsonocel").sources[0]),
    ):
        place = tmp_path if name == "log.sqlite" else f.EXPORTS
        path = str((f.EXPORTS / name).resolve()) if place == f.EXPORTS else name
        with open_evidence(place, path) as file:
            made = ocel.table(file, replace(source, sheet="Ticket"))
            rows.append(
                sorted((row[0], row[1][:19], row[2]) for row in made.rows if not isinstance(row, Fault))
            )
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    "damage",
    [{"objects": {}}, {"events": [1, None, []]}, {"objects": [{"id": [], "type": {}, "attributes": 3}]},
     {"events": [{"relationships": [3, {"objectId": []}], "attributes": [None], "time": 5}]}],
)  # fmt: skip
def test_a_damaged_log_ends_in_problems_and_faults_only(tmp_path: Path, damage: dict[str, Any]) -> None:
    document = json.loads((f.EXPORTS / "log.jsonocel").read_text("utf-8")) | damage
    path = tmp_path / "log.jsonocel"
    path.write_text(json.dumps(document), encoding="utf-8")
    source = replace(f.recognised("log.jsonocel").sources[0], sheet="Ticket")
    with open_evidence(tmp_path, str(path)) as file:
        recognitions(samples_of(file))
        try:
            list(ocel.table(file, source).rows)
        except EvidenceError as error:
            assert error.problems

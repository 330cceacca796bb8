"""Every form of ServiceNow is read to the truth; what a form cannot tell is set aside or unknown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import evidence_making as m
import fixtures_making as f
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.case.model import Case, Source
from makeorbuy.evidence.readers import servicenow
from makeorbuy.evidence.recognition import Sample

LISTS = {
    "servicenow_list_default.csv": ("field_names", 1, 0),
    "servicenow_list_en.csv": ("labels", 0, 0),
    "servicenow_list_no_excel.csv": ("labels", 0, 0),
    "servicenow_list.xlsx": ("labels", 0, 1),
}
"""Header style, rows given twice, rows that are a warning."""


def number_of(n: int) -> str:
    return f"INC{10000 + n:07d}"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_to_the_truth(tmp_path: Path, name: str, case_of: Callable[..., Case]) -> None:
    headers, twice, warnings = LISTS[name]
    taken = f.tickets_of(tmp_path, name, case_of, time_zone="Europe/Oslo")
    without = {4: "daylight_saving_fold", 10: "closed_without_resolved"}
    recognition = taken.recognition
    assert (recognition.headers, recognition.values) == (headers, "display")
    (count,) = taken.evidence.counts
    assert (count.rows_read, count.rows_merged) == (10 + twice + warnings, twice)
    if warnings:  # the sentence "Export stopped …" stands where a number should
        assert taken.set_aside.pop(11) == {"missing_opened", "unknown_state"}
    reasons = {record: codes for record, codes in taken.set_aside.items() if codes != {"duplicate_row"}}
    assert reasons == {4: {"daylight_saving_fold"}, 10: {"closed_without_resolved"}}
    f.assert_true(taken, number_of, without=without)


@pytest.mark.parametrize("name", LISTS)
def test_what_the_file_does_not_tell_is_asked(name: str) -> None:
    recognition = f.recognised(name)
    (source,) = recognition.sources
    assert source.time_zone == ""
    assert {question.key for question in recognition.questions} == {"time_zone", "exported_at", "selection"}


TEAMS = {
    "0911d283c289faa491dcd43b6dcae3b8": "Servicedesk",
    "e0bdc06148ac5e4c1762393aa8c1b508": "Nettverk, drift",
    "d28cafdc528d7889b41e89984564e463": "Applikasjon",
}
"""What a person answers when the teams are ids."""

NO_END = {10: "closed_without_resolved"}
RAW = {"servicenow_raw.csv": 10, "servicenow_table_api.json": 10, "servicenow_table_api_raw.json": 5}


@pytest.mark.parametrize("name", RAW)
def test_raw_values_are_in_utc_and_lose_no_hour(
    tmp_path: Path, name: str, case_of: Callable[..., Case]
) -> None:
    taken = f.tickets_of(tmp_path, name, case_of, teams=TEAMS)
    assert taken.recognition.values == "raw"
    assert taken.recognition.sources[0].time_zone == "UTC"
    assert {question.key for question in taken.recognition.questions} == {"exported_at", "selection"}
    assert ("teams_are_ids" in taken.recognition.remarks) == (name != "servicenow_table_api.json")
    without = {n: code for n, code in NO_END.items() if n <= RAW[name]}
    f.assert_true(taken, number_of, without=without, tickets=RAW[name])


def test_the_interface_gives_names_as_displayed_and_times_raw() -> None:
    (source,) = f.recognised("servicenow_table_api.json").sources
    columns = source.columns
    assert (columns["opened_at"], columns["team"]) == ("opened_at.value", "assignment_group.display_value")
    assert (columns["key"], columns["state"]) == ("sys_id.value", "state.value")


def _as_form(folder: Path, form: str) -> str:
    """Write the ten tickets of the fixture as another form of the same interface."""
    records = json.loads((f.EXPORTS / "servicenow_table_api.json").read_text(encoding="utf-8"))["result"]
    if form == "display":  # sysparm_display_value=true
        made = [
            {
                name: {"display_value": value["display_value"], "link": value["link"]}
                if "link" in value
                else value["display_value"]
                for name, value in record.items()
            }
            for record in records
        ]
        text = json.dumps({"result": made})
    elif form == "jsonv2":
        made = [
            {name: value["value"] for name, value in record.items()}
            | {f"dv_{name}": value["display_value"] for name, value in record.items()}
            for record in records
        ]
        text = json.dumps({"records": made})
    else:
        incidents = "".join(
            "<incident action='INSERT_OR_UPDATE'>"
            + "".join(
                f"<{name}"
                + (f" display_value={quoteattr(value['display_value'])}" if "link" in value else "")
                + f">{escape(value['value'])}</{name}>"
                for name, value in record.items()
            )
            + "</incident>"
            for record in records
        )
        text = f"<unload unload_date='2025-11-05 09:00:00'>{incidents}<sys_user/></unload>"
    file = folder / f"incidents.{'xml' if form == 'xml' else 'json'}"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("form", ["display", "jsonv2", "xml"])
def test_the_other_forms_of_the_interface_say_the_same(
    tmp_path: Path, form: str, case_of: Callable[..., Case]
) -> None:
    without = {4: "daylight_saving_fold", **NO_END} if form == "display" else NO_END
    taken = f.tickets_of(tmp_path, _as_form(tmp_path, form), case_of, time_zone="Europe/Oslo")
    assert taken.recognition.values == ("display" if form == "display" else "raw")
    f.assert_true(taken, number_of, without=without)


HISTORIES = {
    "servicenow_sys_audit.csv": ("handoffs",),
    "servicenow_metric_instance.csv": (),
}
"""What each tells that a list does not."""


@pytest.mark.parametrize("name", HISTORIES)
@pytest.mark.parametrize("tickets", ["servicenow_raw.csv", "servicenow_table_api.json"])
def test_a_history_joins_its_tickets(
    tmp_path: Path, name: str, tickets: str, case_of: Callable[..., Case]
) -> None:
    taken = f.together(
        tmp_path, {tickets: {"teams": TEAMS}, name: {"teams": TEAMS, "time_zone": "UTC"}}, case_of
    )
    ignoring = tuple({"handoffs"} - set(HISTORIES[name]))
    f.assert_true(taken, number_of, without=NO_END, ignoring=ignoring)
    if ignoring:  # states only: nobody knows how often it was handed over
        assert {ticket.handoffs for ticket in taken.tickets.values()} == {None}


def test_an_audit_gives_every_step_of_a_ticket(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    files = {
        "servicenow_raw.csv": {"teams": TEAMS},
        "servicenow_sys_audit.csv": {"teams": TEAMS, "time_zone": "UTC"},
    }
    taken = f.together(tmp_path, files, case_of)
    _, events = taken.evidence.counts
    # state and incident_state say the same thing twice; ticket 10 is in quarantine, and its history too
    assert (events.rows_read, events.rows_merged, events.rows_quarantined) == (62, 26, 4)
    found = m.ask(
        taken.evidence,
        "SELECT at_minute - opened_minute, e.state, e.team FROM ticket_events AS e JOIN tickets AS t"
        " USING (ticket) WHERE number = 'INC0010002' AND coalesce(e.state, e.team) IS NOT NULL"
        " ORDER BY at_minute, e.record",
    )
    assert found == [
        (0, "open", "Servicedesk"),  # the creation is no row: the first changes tell it
        (5, "open", None),
        (88, None, "Nettverk, drift"),
        (1198, "waiting", None),
        (2998, "open", None),
        (4138, "resolved", None),
        (11338, "closed", None),
    ]
    waited = m.ask(taken.evidence, "SELECT number FROM tickets WHERE waited ORDER BY number")
    assert waited == [("INC0010002",), ("INC0010006",)]


def test_an_agreement_is_a_clock_of_its_own(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, "servicenow_task_sla.csv", case_of)
    assert taken.recognition.remarks == ("sla_clock",)
    f.assert_true(taken, number_of, without={}, tickets=7, ignoring=("handoffs", "reopened", "team", "state"))
    states = {number: ticket.state for number, ticket in taken.tickets.items()}
    assert (states["INC0010005"], states["INC0010006"]) == ("open", "waiting")


def test_changes_have_states_and_an_end_of_their_own(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, "servicenow_change_request.csv", case_of, teams=TEAMS)
    found = m.ask(
        taken.evidence,
        "SELECT number, type, ending, state, (end_minute - opened_minute) / 60.0, team FROM tickets"
        " ORDER BY number",
    )
    assert found == [
        ("CHG0030001", "change", "resolved", "closed", 7 * 24 + 13.5, "Nettverk, drift"),  # when worked
        ("CHG0030002", "change", "open", "open", 97.0, "Applikasjon"),  # -1, implement; to the cut
        ("CHG0030003", "change", "cancelled", "cancelled", pytest.approx(1 / 3), "Applikasjon"),
        ("CHG0030004", "change", "open", "open", 21.0, None),
    ]


def test_requests_have_one_end_and_it_says_so(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, "servicenow_sc_req_item.csv", case_of, time_zone="Europe/Oslo")
    assert "one_end" in taken.recognition.remarks
    found = m.ask(
        taken.evidence,
        "SELECT number, type, ending, state, end_minute - opened_minute FROM tickets ORDER BY number",
    )
    assert found == [
        ("RITM0040001", "request", "resolved", "closed", 6000),
        ("RITM0040002", "request", "resolved", "closed", 6000),
        ("RITM0040003", "request", "open", "open", 2940),
    ]


def test_codes_of_an_unknown_type_are_asked_and_not_taken_for_those_of_incidents() -> None:
    header = ("number", "sys_class_name", "opened_at", "state", "assignment_group", "resolved_at")
    rows = (
        ("INC1", "incident", "2025-01-01 10:00:00", "3", "", ""),
        ("CHG1", "change_request", "2025-01-13 10:00:00", "3", "", ""),
    )
    recognition = servicenow.recognise(Sample("x.csv", "delimited", header, rows))
    assert recognition is not None
    (question,) = [question for question in recognition.questions if question.key == "states"]
    assert question.choices == ("3",)
    (source,) = recognition.sources
    assert (source.states, source.types["change_request"]) == ({}, "change")
    assert "sc_task" not in source.types  # its 3 would mean something else again


def test_a_question_mark_means_nothing_and_rows_may_be_events() -> None:
    header = ("number", "opened_at", "sys_updated_at", "incident_state", "assignment_group", "resolved_at")
    rows = tuple(
        ("INC1", "29/2/2016 01:16", f"29/2/2016 0{hour}:16", "Active", "?", "29/2/2016 11:29")
        for hour in range(1, 5)
    )
    recognition = servicenow.recognise(Sample("x.csv", "delimited", header, rows))
    assert recognition is not None
    (source,) = recognition.sources
    assert (source.shape, source.missing, source.date_format) == (
        "row_per_event", ("", "?"), "%d/%m/%Y %H:%M"
    )  # fmt: skip
    assert source.columns["updated_at"] == "sys_updated_at"
    assert recognition.remarks == ()  # it has a history


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["state", "incident_state", "assignment_group", "assigned_to", "hold_reason"]),
            st.sampled_from(["0156f9576394e54c27dc876924e76599", "f" * 32, ""]),
            st.sampled_from(["2", "9", "Applikasjon", ""]),
            st.sampled_from(["2025-10-20 06:20:00", "2025-02-30 06:20:00", "2026-01-01 00:00:00", ""]),
        ),
        max_size=20,
    )
)
def test_every_row_of_an_audit_is_somewhere(tmp_path_factory, rows) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("audit")
    lines = [",".join(servicenow.AUDIT)]
    lines += [f"incident,{field},{key},1,{value},{at}" for field, key, value, at in rows]
    m.write(folder, "audit.csv", "\n".join(lines) + "\n")
    shutil.copy(f.EXPORTS / "servicenow_raw.csv", folder / "evidence" / "raw.csv")
    (tickets,) = f.recognised("servicenow_raw.csv").sources
    (events,) = f.recognised("servicenow_sys_audit.csv").sources
    evidence = m.taken(
        folder,
        replace(tickets, path="raw.csv", selection="all"),
        replace(
            events, path="audit.csv", time_zone="UTC", date_format=servicenow.RAW_DATE_FORMAT, selection="all"
        ),
        end=datetime(2025, 11, 5, 10),  # noqa: DTZ001
    )
    _, count = evidence.counts
    assert count.rows_read == len(rows)
    kept = count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    assert kept == len(rows)


def test_a_file_without_the_columns_is_not_recognised() -> None:
    sample = Sample("x.csv", "delimited", ("number", "opened_at"), (("INC1", "2024-01-01 10:00:00"),))
    assert servicenow.recognise(sample) is None
    assert servicenow.recognise(replace(sample, header=())) is None


def test_days_before_months_are_asked_when_the_file_does_not_decide() -> None:
    header = ("number", "opened_at", "state", "assignment_group")
    sample = Sample("x.csv", "delimited", header, (("INC1", "01/02/2024 10:00", "New", "Desk"),))
    recognition = servicenow.recognise(sample)
    assert recognition is not None
    (question,) = [question for question in recognition.questions if question.key == "date_format"]
    assert question.choices == ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
    assert recognition.sources[0].date_format == ""


def test_the_default_list_has_no_end_and_its_history_tells_it(
    tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    def without_end(*sources: Source) -> Case:
        tickets, *others = sources
        columns = {name: column for name, column in tickets.columns.items() if name != "resolved_at"}
        return case_of(replace(tickets, columns=columns), *others)

    files = {
        "servicenow_raw.csv": {"teams": TEAMS},
        "servicenow_sys_audit.csv": {"teams": TEAMS, "time_zone": "UTC"},
    }
    taken = f.together(tmp_path, files, without_end)
    number = number_of(10)
    ten = taken.tickets[number]
    assert ten.end == ten.opened + 5  # when it was last seen open
    taken.tickets[number] = replace(ten, end=None)
    f.assert_true(taken, number_of, without={}, ignoring=())

"""TOPdesk lists and answers are read to the truth: completed is the end, closed is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import evidence_making as m
import fixtures_making as f
import pytest

from makeorbuy.case.model import Case
from makeorbuy.evidence.readers import topdesk
from makeorbuy.evidence.recognition import Sample

FOLD, NO_END = {4: "daylight_saving_fold"}, {10: "closed_without_resolved"}
NOT_TOLD = ("handoffs", "reopened")


def number_of(n: int) -> str:
    return f"I {2509 if n in (8, 9) else 2510} {n:03d}"


def test_an_english_list_is_read_to_the_truth(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, "topdesk_incidents.csv", case_of, time_zone="Europe/Oslo")
    assert {question.key for question in taken.recognition.questions} == {
        "time_zone", "exported_at", "selection"
    }  # fmt: skip
    assert taken.set_aside.pop(11) == {"missing_number", "missing_opened", "unknown_state", "unknown_type"}
    f.assert_true(taken, number_of, without=FOLD | NO_END, ignoring=NOT_TOLD)


def test_a_norwegian_list_closes_by_day_only(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(
        tmp_path, "topdesk_incidents_no.csv", case_of, time_zone="Europe/Oslo", handling_unit="hours"
    )
    (source,) = taken.recognition.sources
    assert source.date_formats == ("%d.%m.%Y %H:%M", "%d.%m.%Y")
    # when on its day ticket 3 was cancelled is not told: not before it was opened
    number = number_of(3)
    three = taken.tickets[number]
    assert three.end == three.opened
    taken.tickets[number] = replace(three, end=f.truth()[3].end)
    f.assert_true(taken, number_of, without=FOLD | NO_END, ignoring=NOT_TOLD)
    closed = m.ask(
        taken.evidence,
        "SELECT count(*) FILTER (WHERE closed_minute < end_minute), count(closed_minute) FROM tickets",
    )
    assert closed == [(0, 6)]


def test_an_answer_of_the_interface_begins_with_the_call(
    tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    taken = f.tickets_of(tmp_path, "topdesk_incidents_api.json", case_of)
    assert (taken.recognition.headers, taken.recognition.values) == ("field_names", "raw")
    assert "call_before_registration" in taken.recognition.remarks
    number = number_of(1)
    one = taken.tickets[number]
    assert one.opened == f.truth()[1].opened - 7  # called in seven minutes before it was registered
    taken.tickets[number] = replace(one, opened=one.opened + 7)
    f.assert_true(taken, number_of, without=NO_END, ignoring=NOT_TOLD)


def test_the_registration_is_the_truth_of_the_other_files(
    tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    columns = {**f.recognised("topdesk_incidents_api.json").sources[0].columns, "opened_at": "creationDate"}
    (tmp_path / "evidence").mkdir()
    taken = f.tickets_of(
        tmp_path, "topdesk_incidents_api.json", lambda s: case_of(replace(s, columns=columns))
    )
    f.assert_true(taken, number_of, without=NO_END, ignoring=NOT_TOLD)


@pytest.mark.parametrize("status", ["firstLine", "Second line", "1. linje", "Andrelinje"])
def test_the_line_is_not_taken_for_the_state(status: str) -> None:
    header = ("Number", "Operator group", "Date closed", "Call date", "Status", "Call type")
    sample = Sample(
        "x.csv", "delimited", header, (("I 1", "Desk", "", "20-10-2025 10:00", status, "Incident"),)
    )
    recognition = topdesk.recognise(sample)
    assert recognition is not None
    assert "state" not in recognition.sources[0].columns
    assert {"columns.state", "columns.resolved_at"} <= {q.key for q in recognition.questions}


def test_a_state_of_the_site_is_asked() -> None:
    header = ("Nummer", "Behandlergruppe", "Dato lukket", "Opprettet", "Status", "Sakstype")
    row = ("I 1", "Desk", "", "20.10.2025 10:00", "Hos pilotgruppen", "Hendelse")
    recognition = topdesk.recognise(Sample("x.csv", "delimited", header, (row,)))
    assert recognition is not None
    assert [q.choices for q in recognition.questions if q.key == "states"] == [("Hos pilotgruppen",)]
    assert topdesk.recognise(Sample("x.csv", "delimited", header[:2], (row[:2],))) is None

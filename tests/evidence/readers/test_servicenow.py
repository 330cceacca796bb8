"""ServiceNow lists are read to the truth; what a displayed time cannot tell is set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fixtures_making as f
import pytest

from makeorbuy.case.model import Case
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


def test_raw_values_are_in_utc_and_displayed_ones_are_not(tmp_path: Path) -> None:
    raw = f.recognised("servicenow_raw.csv")
    assert (raw.values, raw.sources[0].time_zone) == ("raw", "UTC")
    assert raw.sources[0].states["7"] == "closed"


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

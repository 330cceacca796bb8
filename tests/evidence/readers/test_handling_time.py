"""Work registered on tickets is read in the unit that the reader or a person states, and in no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import evidence_making as m
import fixtures_making as f
import pytest

from makeorbuy.case.model import Case
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.recognition import Sample, handling_rules
from makeorbuy.foundation.errors import EvidenceError

HEADER = ["number", "type", "opened_at", "resolved_at", "closed_at", "state", "worked"]
COLUMNS = {name: name for name in HEADER[:-1]} | {"handling_time": "worked"}


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("topdesk_incidents.csv", {"time_zone": "Europe/Oslo"}),
        ("topdesk_incidents_no.csv", {"time_zone": "Europe/Oslo", "handling_unit": "hours"}),
        ("topdesk_incidents_api.json", {}),
        ("gitlab_issues.csv", {"constant_type": "incident"}),
        ("freshservice.csv", {"time_zone": "Europe/Oslo"}),
    ],
)
def test_every_fixture_that_has_it_tells_forty_five_minutes(
    name: str, answers: dict[str, str], tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    taken = f.tickets_of(tmp_path, name, case_of, **answers)
    told = m.ask(
        taken.evidence,
        "SELECT ending = 'open', handling_seconds, count(*) FROM tickets GROUP BY ALL ORDER BY ALL",
    )
    assert [row[:2] for row in told] == [(False, 2700), (True, None)]
    assert all(row[2] for row in told)


def test_a_number_in_a_norwegian_list_is_asked_for() -> None:
    recognition = f.recognised("topdesk_incidents_no.csv")
    (asked,) = (question for question in recognition.questions if question.key == "handling_unit")
    assert asked.choices == ("hours", "minutes", "seconds")
    assert recognition.sources[0].decimal == ","
    assert recognition.sources[0].handling_unit == ""


def worked(folder: Path, case_of: Callable[..., Case], unit: str, written: list[str], **rules: str) -> Case:
    rows = [
        [f"I{n}", "incident", "01.10.2025 08:00", "01.10.2025 12:00", "", "Closed", text]
        for n, text in enumerate(written, 1)
    ]
    (folder / "evidence").mkdir(exist_ok=True)
    m.write(folder, "tickets.csv", m.table(HEADER, rows, ";"))
    return case_of(m.tickets(columns=COLUMNS, handling_unit=unit, delimiter=";", **rules))


@pytest.mark.parametrize(
    ("unit", "written", "seconds"),
    [
        ("hours", ["0.75", "1.5", "0"], [2700, 5400, 0]),
        ("minutes", ["45", "0.5"], [2700, 30]),
        ("seconds", ["2700", "1"], [2700, 1]),
        ("h:mm", ["0:45", "100:00"], [2700, 360_000]),
        ("h:mm:ss", ["00:45:00", "26:00:01"], [2700, 93_601]),
        ("since_1970", ["1970-01-01 00:45:00", "1970-02-01 00:00:00"], [2700, 2_678_400]),
        ("in_words", ["45 Minutes", "1 Day 4 Hours 21 Minutes", "2 timer 5 minutter", "1h 30m"],
         [2700, 102_060, 7_500, 5_400]),
    ],
)  # fmt: skip
def test_each_unit_is_read_to_the_second(
    unit: str, written: list[str], seconds: list[int], tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    case = worked(tmp_path, case_of, unit, [*written, ""])
    evidence = take_in(case, tmp_path, tmp_path / "out")
    told = m.ask(evidence, "SELECT handling_seconds FROM tickets ORDER BY record")
    assert [row[0] for row in told] == [*seconds, None]


@pytest.mark.parametrize(
    ("unit", "written"),
    [("hours", "-1"), ("hours", "0:45"), ("hours", "100001"), ("minutes", "45 min"), ("h:mm", "0:60"),
     ("h:mm", "45"), ("h:mm", "0:45:00"), ("h:mm:ss", "0:45"), ("seconds", "1e3"), ("in_words", "soon"),
     ("in_words", "3"), ("since_1970", "1969-12-31 23:00:00"), ("since_1970", "45"),
     ("h:mm", "999999999999999999999:00")],
)  # fmt: skip
def test_what_is_no_duration_in_that_unit_is_set_aside(
    unit: str, written: str, tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    evidence = take_in(worked(tmp_path, case_of, unit, [written]), tmp_path, tmp_path / "out")
    assert [(reason.code, reason.column) for reason in evidence.reasons] == [("bad_duration", "worked")]


def test_without_a_unit_nothing_is_read(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    with pytest.raises(EvidenceError) as error:
        take_in(worked(tmp_path, case_of, "", ["45"]), tmp_path, tmp_path / "out")
    assert [problem.code for problem in error.value.problems] == ["missing_handling_unit"]


def test_work_on_events_adds_up_to_the_cut(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    case = worked(tmp_path, case_of, "minutes", ["", ""])
    (listed,) = case.sources
    columns = {name: column for name, column in listed.columns.items() if name != "handling_time"}
    rows = [
        ["I1", "01.10.2025 08:30", "New", "10"],
        ["I1", "01.10.2025 12:00", "Closed", "20.5"],
        ["I1", "01.01.2099 12:00", "Closed", "600"],
        ["I2", "01.10.2025 08:00", "New", ""],
    ]
    m.write(tmp_path, "ticket_events.csv", m.table(["number", "updated_at", "state", "spent"], rows))
    events = m.events(
        columns={"number": "number", "updated_at": "updated_at", "state": "state", "handling_time": "spent"},
        handling_unit="minutes",
    )
    plain = replace(listed, columns=columns, handling_unit="")
    evidence = take_in(replace(case, sources=(plain, events)), tmp_path, tmp_path / "out")
    told = m.ask(evidence, "SELECT number, handling_seconds FROM tickets ORDER BY number")
    assert told == [("I1", 1830), ("I2", None)]
    with pytest.raises(EvidenceError) as error:
        take_in(replace(case, sources=(listed, events)), tmp_path, tmp_path / "out")
    assert [problem.code for problem in error.value.problems] == ["handling_time_twice"]


@pytest.mark.parametrize(
    ("values", "unit", "choices"),
    [
        (["1970-01-01 00:45:00"], "since_1970", ()),
        (["1 Hour 20 Minutes", "45 Minutes"], "in_words", ()),
        (["0:45:00"], "h:mm:ss", ()),
        (["0:45"], "", ("h:mm",)),
        (["45", "0"], "", ("hours", "minutes", "seconds")),
        (["45", "0:45"], "", ()),
        ([""], "", ("since_1970", "in_words", "h:mm:ss", "h:mm", "hours", "minutes", "seconds")),
    ],
)
def test_only_a_form_that_can_mean_one_thing_settles_itself(
    values: list[str], unit: str, choices: tuple[str, ...]
) -> None:
    sample = Sample("x.csv", "delimited", ("Spent",), tuple((value,) for value in values))
    rules, asked = handling_rules(sample, {"handling_time": "Spent"})
    assert rules.get("handling_unit", "") == unit
    if not unit:
        assert [question.choices for question in asked if question.key == "handling_unit"] == [choices]

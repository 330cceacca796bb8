"""Lists of ten systems are read to the truth; what a list cannot tell is named here, or set aside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import fixtures_making as f
import pytest

from makeorbuy.case.model import Case
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import freshservice, github, glpi, manageengine, otrs, pureservice
from makeorbuy.evidence.recognition import Recognition, Sample
from makeorbuy.evidence.registry import recognitions
from makeorbuy.evidence.sample import samples_of
from makeorbuy.foundation.errors import EvidenceError

Makes = Callable[..., Case]
TEAMS = {"1": "Servicedesk", "2": "Nettverk, drift", "3": "Applikasjon"}
NO_HISTORY = ("handoffs", "reopened")


def minute(written: str) -> int:
    found = f._minute(f"{written}:00+00:00")
    assert found is not None
    return found


CLOSED_3, CLOSED_10 = minute("2025-10-22T08:30"), minute("2025-10-30T09:00")
FOLD, CLOSED = "daylight_saving_fold", "closed_without_resolved"


def recognised_text(folder: Path, name: str, text: str) -> list[Recognition]:
    (folder / name).write_text(text, encoding="utf-8")
    with open_evidence(folder, str(folder / name)) as file:
        return recognitions(samples_of(file))


def asked(recognition: Recognition) -> set[str]:
    return {question.key for question in recognition.questions} - {"exported_at", "selection"}


def test_remedy_list(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(
        tmp_path, "remedy_hpd.csv", case_of, time_zone="Europe/Oslo", columns={"opened_at": "Submit Date"}
    )
    (count,) = taken.evidence.counts
    assert (count.rows_read, count.rows_merged) == (11, 1)  # ticket 7 twice: joined to the audit
    assert asked(taken.recognition) == {"time_zone", "columns.opened_at"}
    assert "last_resolution" in taken.recognition.remarks
    f.assert_true(taken, lambda n: f"INC{n:012d}", without={4: FOLD, 10: CLOSED}, ignoring=NO_HISTORY)


def test_remedy_interface_has_offsets_and_so_no_autumn_hour_twice(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(
        tmp_path, "remedy_hpd_api.json", case_of, constant_type="incident",
        columns={"opened_at": "values.Submit Date"},
    )  # fmt: skip
    assert asked(taken.recognition) == {"columns.opened_at", "constant_type"}
    f.assert_true(taken, lambda n: f"INC{n:012d}", without={10: CLOSED}, ignoring=NO_HISTORY)


def test_the_opening_may_be_when_the_user_told(tmp_path: Path, case_of: Makes) -> None:
    columns = {"opened_at": "Reported Date"}
    taken = f.tickets_of(tmp_path, "remedy_hpd.csv", case_of, time_zone="Europe/Oslo", columns=columns)
    assert taken.tickets["INC000000000001"].opened == f.truth()[1].opened - 4


def test_glpi(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "glpi.csv", case_of, time_zone="Europe/Oslo")
    assert "several_teams" in taken.recognition.remarks
    f.assert_true(
        taken, lambda n: f"1 {200 + n}", without={3: CLOSED, 4: FOLD, 10: CLOSED}, ignoring=NO_HISTORY,
        differing={  # both groups are assigned: the list does not tell which has the ticket
            2: {"team": "Servicedesk | Nettverk, drift"}, 7: {"team": "Nettverk, drift | Servicedesk"},
        },
    )  # fmt: skip


def test_glpi_text_beyond_the_last_named_column_is_not_dropped(tmp_path: Path, case_of: Makes) -> None:
    text = (
        (f.EXPORTS / "glpi.csv")
        .read_text("utf-8-sig")
        .replace('25-10-2025 11:40";""', '25-10-2025 11:40";"x"')
    )
    (tmp_path / "glpi.csv").write_text(text, encoding="utf-8")
    with open_evidence(tmp_path, str(tmp_path / "glpi.csv")) as file:
        source = recognitions(samples_of(file))[0].sources[0]
        rows = list(glpi.table(file, source).rows)
    assert len(rows) == 10
    assert getattr(rows[0], "code", None) == "too_many_fields"
    assert all(len(row) == 15 for row in rows[1:])


def test_zendesk(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "zendesk_view.csv", case_of, time_zone="Europe/Oslo")
    f.assert_true(taken, str, without={3: CLOSED, 4: FOLD, 10: CLOSED})  # reopens are counted


def test_freshservice(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "freshservice.csv", case_of, time_zone="Europe/Oslo")
    f.assert_true(taken, str, without={3: CLOSED, 4: FOLD, 10: CLOSED}, ignoring=NO_HISTORY)
    assert taken.recognition.sources[0].missing == freshservice.NOBODY


def test_itop(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "itop.csv", case_of, time_zone="Europe/Oslo")
    assert taken.recognition.sources[0].constant_type == "incident"  # all numbers begin with I-
    without = {3: CLOSED, 4: FOLD, 10: CLOSED}
    f.assert_true(taken, lambda n: f"I-{n:06d}", without=without, ignoring=NO_HISTORY)


def test_zammad_has_one_end(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "zammad_tickets.json", case_of, teams=TEAMS, constant_type="incident")
    assert asked(taken.recognition) == {"teams", "constant_type"}
    f.assert_true(
        taken, lambda n: f"{31000 + n}", without={}, ignoring=NO_HISTORY,
        differing={  # a close is a close: not whether the work was done
            3: {"ending": "resolved", "end": CLOSED_3, "state": "closed"},
            10: {"ending": "resolved", "end": CLOSED_10},
        },
    )  # fmt: skip


def test_pureservice_joins_ids_to_their_names(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "pureservice_tickets.json", case_of, constant_type="incident")
    assert asked(taken.recognition) == {"constant_type"}
    without = {3: CLOSED, 10: CLOSED}
    f.assert_true(taken, lambda n: f"{50000 + n}", without=without, ignoring=NO_HISTORY)


def test_pureservice_asks_for_a_status_of_the_agency_s_own_and_for_ids_without_names(tmp_path: Path) -> None:
    document = json.loads((f.EXPORTS / "pureservice_tickets.json").read_text("utf-8"))
    document["linked"]["statuses"][2]["name"] = "Hos fagavdeling"
    del document["linked"]["teams"]
    best = recognised_text(tmp_path, "p.json", json.dumps(document))[0]
    questions = {question.key: question.choices for question in best.questions}
    assert questions["states"] == ("Hos fagavdeling",)
    assert questions["teams"] == ("1", "2", "3")


def test_manageengine_reads_milliseconds_and_tells_that_pages_are_missing(
    tmp_path: Path, case_of: Makes
) -> None:
    taken = f.tickets_of(tmp_path, "manageengine_requests.json", case_of)
    assert asked(taken.recognition) == set()
    assert "more_pages" in taken.recognition.remarks
    f.assert_true(taken, str, without={}, tickets=5, ignoring=NO_HISTORY)


def test_github_has_one_end_and_a_reason(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "github_issues.json", case_of, constant_type="incident")
    f.assert_true(
        taken, str, without={}, ignoring=(*NO_HISTORY, "team"),
        differing={6: {"state": "open"}, 10: {"ending": "resolved", "end": CLOSED_10}},
    )  # fmt: skip


def test_github_pull_requests_are_counted_and_set_aside(tmp_path: Path, case_of: Makes) -> None:
    issue = {
        "number": 1, "state": "closed", "state_reason": "completed", "created_at": "2025-10-20T06:15:00Z",
        "closed_at": "2025-10-20T09:40:00Z", "labels": [{"name": "a"}, {"name": "b"}], "assignees": None,
    }  # fmt: skip
    records = [issue, {**issue, "number": 2, "pull_request": {"url": "x"}}, "neither"]
    (tmp_path / "issues.json").write_text(json.dumps(records), encoding="utf-8")
    with open_evidence(tmp_path, str(tmp_path / "issues.json")) as file:
        found = recognitions(samples_of(file))[0]
        rows = list(github.table(file, found.sources[0]).rows)
    assert found.system == "GitHub, issues"
    assert rows[0][3:] == ("closed completed", "", "a, b")
    assert [getattr(row, "code", None) for row in rows] == [None, "not_a_ticket", "not_a_record"]


def test_gitlab_names_its_zone_and_has_one_end(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(tmp_path, "gitlab_issues.csv", case_of, constant_type="incident")
    assert asked(taken.recognition) == {"constant_type"}
    f.assert_true(
        taken, str, without={}, ignoring=(*NO_HISTORY, "team"),
        differing={
            3: {"ending": "resolved", "end": CLOSED_3, "state": "closed"}, 6: {"state": "open"},
            10: {"ending": "resolved", "end": CLOSED_10},
        },
    )  # fmt: skip


def test_otrs_history_tells_hand_offs_and_reopenings(tmp_path: Path, case_of: Makes) -> None:
    taken = f.tickets_of(
        tmp_path, "otrs_ticket_history.csv", case_of, time_zone="UTC", constant_type="incident",
        states={"closed unsuccessful": "cancelled"},
    )  # fmt: skip
    assert asked(taken.recognition) == {"time_zone", "constant_type", "states"}
    (count,) = taken.evidence.counts
    assert (count.rows_read, count.rows_used) == (28, 28)
    f.assert_true(
        taken, lambda n: f"{20251000000 + n}", without={}, tickets=7, ignoring=(),
        differing={n: {"state": "resolved"} for n in (1, 2, 4, 7)},  # no administrative close of its own
    )  # fmt: skip


def test_otrs_with_ids_asks_what_they_mean() -> None:
    header = ("id", "name", "history_type_id", "ticket_id", "queue_id", "owner_id", "state_id", "create_time")
    row = ("1", "%%x", "27", "7", "5", "3", "4", "2025-10-20 06:15:00")
    found = otrs.recognise(Sample("h.csv", "delimited", header, (row,)))
    assert found is not None
    assert found.sources[0].columns["number"] == "ticket_id"
    questions = {question.key: question.choices for question in found.questions}
    assert questions["states"] == ("4",) and questions["teams"] == ("5",)


@pytest.mark.parametrize(
    "name",
    ["remedy_hpd.csv", "remedy_hpd_api.json", "glpi.csv", "zendesk_view.csv", "freshservice.csv", "itop.csv",
     "zammad_tickets.json", "pureservice_tickets.json", "manageengine_requests.json", "github_issues.json",
     "gitlab_issues.csv", "otrs_ticket_history.csv", "log.xes", "log.xes.gz", "events_pm4py.csv",
     "events_generic.jsonl", "log.jsonocel", "log.xmlocel", "log_ocel2.sqlite"],
)  # fmt: skip
def test_one_reader_is_sure(name: str) -> None:
    with open_evidence(f.EXPORTS, str((f.EXPORTS / name).resolve())) as file:
        found = recognitions(samples_of(file))
    assert [reading.system for reading in found if reading.score == found[0].score] == [found[0].system]


@pytest.mark.parametrize("reader", [github, manageengine, pureservice])
@pytest.mark.parametrize("document", [None, [], [1], [{}], {}, {"tickets": 1, "requests": {}}, "x", [[{}]]])
def test_a_document_of_another_shape_is_nobody_s(reader: Any, document: Any) -> None:
    sample = Sample("x.json", "json", document=document)
    for sheet in ("$", "tickets", "requests"):
        assert reader.recognise(replace(sample, sheet=sheet)) is None


@pytest.mark.parametrize(("reader", "name"), [(manageengine, "requests"), (pureservice, "tickets")])
def test_a_file_without_the_list_is_refused_kindly(tmp_path: Path, reader: Any, name: str) -> None:
    source = replace(f.recognised("zammad_tickets.json").sources[0], sheet=name)
    shutil.copy(f.EXPORTS / "zammad_tickets.json", tmp_path)
    place = str(tmp_path / "zammad_tickets.json")
    with open_evidence(tmp_path, place) as file, pytest.raises(EvidenceError) as refused:
        reader.table(file, source)
    assert [problem.code for problem in refused.value.problems] == ["not_json"]

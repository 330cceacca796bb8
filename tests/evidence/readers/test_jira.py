"""Jira's CSV and search answers are read to the truth; what a cut changelog lost is unknown, not zero."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import evidence_making as m
import fixtures_making as f
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.case.model import Case
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import jira
from makeorbuy.evidence.recognition import Sample

SEARCH = "jira_search_changelog.json"


def number_of(n: int) -> str:
    return f"IKT-{100 + n}"


def with_one_end(taken: f.Taken) -> f.Taken:
    """Jira knows one end: ticket 10, closed without a resolution, has it there."""
    ten = taken.tickets[number_of(10)]
    closed = 29_363_580  # 2025-10-30 09:00Z
    assert (ten.ending, ten.end) == ("resolved", closed)
    truth = f.truth()[10]
    taken.tickets[number_of(10)] = replace(ten, ending=truth.ending, end=truth.end)
    return taken


def test_columns_that_repeat_and_the_twelve_hour_clock(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = with_one_end(f.tickets_of(tmp_path, "jira_export.csv", case_of, time_zone="Europe/Oslo"))
    assert taken.recognition.sources[0].date_format == "%d/%b/%y %I:%M %p"
    f.assert_true(
        taken, number_of, without={4: "daylight_saving_fold"}, ignoring=("handoffs", "reopened", "team")
    )
    types = dict(m.ask(taken.evidence, "SELECT number, type FROM tickets"))
    assert (types["IKT-101"], types["IKT-108"]) == ("incident", "request")


def test_norwegian_names_of_months(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, "jira_export_no_excel.csv", case_of, time_zone="Europe/Oslo")
    f.assert_true(
        taken,
        number_of,
        # without a resolution there is no other end
        without={3: "cancelled_without_time", 4: "daylight_saving_fold", 10: "closed_without_resolved"},
        ignoring=("handoffs", "reopened", "team"),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("01.jan.2025 08:15", "01.jan.2025 08:15"),
        ("17.mai.2025 08:15", "17.May.2025 08:15"),
        ("24/des/24 11:05 PM", "24/Dec/24 11:05 PM"),
        ("1. mars 2025", "1. mars 2025"),  # not between a day and a year as Jira writes them
        ("17.mai.", "17.mai."),
        ("3 okt. 2025 08:15", "3 Oct 2025 08:15"),
    ],
)
def test_a_month_is_named_as_the_engine_knows_it(written: str, read: str) -> None:
    assert jira.english_month(written) == read


def test_a_search_is_read_to_the_truth_with_its_history(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = with_one_end(f.tickets_of(tmp_path, SEARCH, case_of))
    assert taken.recognition.remarks == ("history_cut",)
    two = taken.tickets[number_of(2)]
    assert (two.handoffs, two.reopened) == (None, 0)  # reopened: its agreement ran through one cycle
    taken.tickets[number_of(2)] = replace(two, handoffs=f.truth()[2].handoffs)
    f.assert_true(taken, number_of, without={}, ignoring=())


def test_lost_changes_are_in_quarantine_and_counted(tmp_path: Path, case_of: Callable[..., Case]) -> None:
    taken = f.tickets_of(tmp_path, SEARCH, case_of)
    _, events = taken.evidence.counts
    assert (events.rows_read, events.rows_quarantined) == (28, 1)
    found = m.ask(taken.evidence, "SELECT code, found FROM quarantine WHERE source = 'ticket_events'")
    assert found == [("history_cut", "4 of 6")]
    known = dict(m.ask(taken.evidence, "SELECT number, waited FROM tickets"))
    assert (known["IKT-102"], known["IKT-101"], known["IKT-106"]) == (None, False, True)


def test_the_first_change_tells_the_state_and_group_at_the_opening(
    tmp_path: Path, case_of: Callable[..., Case]
) -> None:
    taken = f.tickets_of(tmp_path, SEARCH, case_of)
    found = m.ask(
        taken.evidence,
        "SELECT at_minute - opened_minute, e.state, e.team FROM ticket_events AS e JOIN tickets AS t"
        " USING (ticket) WHERE number = 'IKT-107' ORDER BY at_minute, e.record",
    )
    assert found[:4] == [
        (0, "open", "Nettverk, drift"),
        (5, "open", None),
        (60, None, "Servicedesk"),
        (150, None, "Nettverk, drift"),
    ]
    assert len(found) == 8


def answer(*issues: dict[str, Any], **page: Any) -> dict[str, Any]:
    return {"issues": list(issues), **page}


def issue(key: str, *steps: tuple[str, str, str], total: int | None = None, **fields: Any) -> dict[str, Any]:
    """An issue, newest change first."""
    histories = [
        {"id": str(n), "created": at, "items": [{"field": "status", "fromString": old, "toString": new}]}
        for n, (at, old, new) in enumerate(steps)
    ]
    made = {
        "created": "2025-10-20T08:15:00.000+0200", "status": {"name": steps[-1][2] if steps else "Open"},
        "issuetype": {"name": "Incident"}, "resolutiondate": None,
    }  # fmt: skip
    log = {"histories": histories[::-1]} | ({} if total is None else {"total": total})
    return {"key": key, "id": key, "fields": made | fields, "changelog": log}


def rows_of(folder: Path, document: Any, kind: str = "tickets") -> list[Any]:
    file = m.write(folder, "x.json", json.dumps(document))
    recognition = jira.recognise(Sample("x.json", "json", sheet="issues", document=document))
    assert recognition is not None
    source = replace(recognition.sources[0], kind=kind)
    with open_evidence(folder, str(file)) as opened:
        made = jira.table(opened, source)
        return [dict(zip(made.header, row, strict=True)) if row else row for row in made.rows]


AT = [f"2025-10-2{day}T08:15:00.000+0200" for day in range(10)]


def test_the_end_is_the_last_move_into_a_state_that_is_done(tmp_path: Path) -> None:
    steps = [
        (AT[1], "Open", "Done"),
        (AT[2], "Done", "Open"),
        (AT[3], "Open", "Resolved"),
        (AT[4], "Resolved", "Closed"),
    ]
    (row,) = rows_of(tmp_path, answer(issue("A-1", *steps, total=4)))
    assert (row["done"], row["closed"]) == (AT[3], AT[4])
    # without a history there is only what the issue says
    (row,) = rows_of(tmp_path, answer(issue("A-1", resolutiondate=AT[5])))
    assert (row["done"], row["closed"]) == (AT[5], "")


def test_missing_pages_are_said(tmp_path: Path) -> None:
    whole, cut = answer(issue("A-1"), total=1), answer(issue("A-1"), total=7)
    assert rows_of(tmp_path, whole)[1:] == []
    (fault,) = rows_of(tmp_path, cut)[1:]
    assert fault.code == "more_pages"
    (fault,) = rows_of(tmp_path, answer(issue("A-1"), isLast=False))[1:]
    assert fault.code == "more_pages"
    assert len(rows_of(tmp_path, [answer(issue("A-1"), total=2), answer(issue("A-2"), total=2)])) == 2
    recognition = jira.recognise(Sample("x.json", "json", sheet="issues", document=cut))
    assert recognition is not None
    assert recognition.remarks == ("no_history", "more_pages")


def test_a_changelog_without_a_total_cannot_be_trusted_to_be_whole() -> None:
    document = answer(issue("A-1", (AT[1], "Open", "Done")))
    recognition = jira.recognise(Sample("x.json", "json", sheet="issues", document=document))
    assert recognition is not None
    assert recognition.remarks == ("no_team_history", "changelog_without_total")


def test_what_a_site_calls_its_own_way_is_asked() -> None:
    document = answer(issue("A-1", (AT[1], "Open", "Parkert"), total=1, issuetype={"name": "Epic"}))
    recognition = jira.recognise(Sample("x.json", "json", sheet="issues", document=document))
    assert recognition is not None
    asked = {question.key: question.choices for question in recognition.questions}
    assert (asked["states"], asked["types"]) == (("Parkert",), ("Epic",))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.lists(
                st.tuples(*map(st.sampled_from, (AT, ["Open", "Done"], ["Done", "?"]))), max_size=4
            ),
            st.one_of(st.none(), st.integers(0, 9)),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_every_entry_is_a_row_and_every_loss_a_fault(tmp_path_factory, made) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("jira")
    document = answer(*(issue(f"A-{n}", *steps, total=total) for n, (steps, total) in enumerate(made)))
    rows = rows_of(folder, document, "ticket_events")
    faults = [row for row in rows if not row]
    assert len(rows) - len(faults) == sum(len(steps) for steps, _ in made)
    assert len(faults) == sum(total is not None and total > len(steps) for steps, total in made)
    assert len(rows_of(folder, document)) == len(made)


def test_what_is_no_jira_is_not_recognised() -> None:
    for document in ({"issues": [1]}, {"issues": []}, [{"key": "x"}], {"issues": [{"key": "x"}]}):
        assert jira.recognise(Sample("x.json", "json", sheet="issues", document=document)) is None
    assert jira.recognise(Sample("x.csv", "delimited", ("Issue key", "Status"), ())) is None


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "x", "Done", AT[1]])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["key", "fields", "changelog", "histories", "total", "items", "field", "toString", "issues", "id",
         "created", "components", "completedCycles", "ongoingCycle", "name", "status"]), inner, max_size=5)),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_an_answer_holds_is_a_row_or_a_fault(tmp_path_factory, fields, changelog, other) -> None:  # type: ignore[no-untyped-def]
    odd = {
        "key": "A-1",
        "fields": {"components": fields, "Time to resolution": fields},
        "changelog": changelog,
    }
    document = {"issues": [odd, other, issue("A-2")]}
    made = rows_of(tmp_path_factory.getbasetemp(), document)
    assert sum(1 for row in made if not row) <= 1
    assert len(made) == 3
    rows_of(tmp_path_factory.getbasetemp(), document, "ticket_events")

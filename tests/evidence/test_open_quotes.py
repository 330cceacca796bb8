"""Reading goes on behind a quote that was left open: what is lost, where it starts again, what is counted."""

from __future__ import annotations

from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence import bulk
from makeorbuy.foundation.errors import EvidenceError

HEADER = ",".join(m.TICKET_HEADER)
N = 3_000


def rows(count: int = N) -> list[str]:
    return [",".join(m.ticket(f"A{number:05d}")) for number in range(count)]


def taken(folder: Path, lines: list[str]) -> m.Evidence:
    m.write(folder, "tickets.csv", "\n".join([HEADER, *lines, ""]))
    evidence = m.taken(folder, m.tickets())
    (count,) = evidence.counts
    assert count.rows_read == (
        count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    )
    return evidence


@pytest.fixture(params=["strict", "bulk"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LEAST_BYTES", 0 if request.param == "bulk" else 10**12)


@pytest.mark.parametrize("place", [0, 1_500, N - 1])
def test_one_record_is_lost_and_reading_goes_on_with_the_next_line(tmp_path: Path, place: int) -> None:
    lines = rows()
    lines[place] = lines[place].replace(
        "Mail", '"Mail'
    )  # opened, never closed: nothing quoted comes after it
    evidence = taken(tmp_path, lines)
    assert m.reasons(evidence) == [(place + 1, "broken_quotes", None)]
    assert evidence.counts[0].rows_used == N - 1
    found = m.ask(evidence, "SELECT found FROM quarantine")
    assert found == [("from line " + str(place + 2) + " on",)]


def test_the_next_quoted_text_does_not_close_it(tmp_path: Path) -> None:
    lines = rows()
    lines[10] = lines[10].replace("Mail", '"Mail')
    lines[20] = lines[20].replace("Mail", '"Mail, and more"')
    evidence = taken(tmp_path, lines)
    assert m.reasons(evidence) == [(11, "broken_quotes", None)]
    assert m.ask(evidence, "SELECT category FROM tickets WHERE number = 'A00020'") == [("Mail, and more",)]


def test_each_of_several_open_quotes_costs_its_own_record(tmp_path: Path) -> None:
    lines = rows()
    for place in (5, 6, 2_000):
        lines[place] = lines[place].replace("Mail", '"Mail')
    assert m.reasons(taken(tmp_path, lines)) == [(place, "broken_quotes", None) for place in (6, 7, 2_001)]


def test_a_stray_quote_that_closes_it_makes_no_rows_and_swallows_none_in_silence(tmp_path: Path) -> None:
    lines = rows()
    lines[10] = lines[10].replace("Mail", '"Mail')
    lines[12] = lines[12].replace("Mail", 'Monitor 24"')  # an inch
    evidence = taken(tmp_path, lines)
    assert m.reasons(evidence) == [(11, "rows_within_text", None)]
    assert m.ask(evidence, "SELECT found FROM quarantine") == [("3 lines",)]
    assert evidence.counts[0].rows_read == N - 2  # the three lines are one record, and it is in quarantine


def test_a_text_over_several_lines_is_an_ordinary_text(tmp_path: Path) -> None:
    lines = rows()
    lines[10] = lines[10].replace("Kari Testmann", '"Kari\nwrote\nthree lines"')
    evidence = taken(tmp_path, lines)
    assert m.reasons(evidence) == [] and evidence.counts[0].rows_used == N


def test_quoting_that_is_wrong_as_a_whole_is_refused(tmp_path: Path) -> None:
    lines = rows()
    for place in range(4):
        lines[100 * place + 7] = lines[100 * place + 7].replace("Mail", '"Mail')
    with pytest.raises(EvidenceError) as caught:
        taken(tmp_path, lines)
    (problem,) = caught.value.problems
    assert (problem.code, problem.row) == ("broken_quotes", 8)
    assert problem.found == "text after a closing quote, from line 9 on"

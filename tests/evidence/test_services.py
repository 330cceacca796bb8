"""One ticket, one service; spellings of teams; the remainder is counted."""

from __future__ import annotations

from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence.figures import evidence_figures
from makeorbuy.foundation.errors import EvidenceError


def take(folder: Path, pairs: list[tuple[str, str]], *services: m.Service, **rules: object) -> m.Evidence:
    rows = [m.ticket(f"A{n}", assignment_group=team, category=kind) for n, (team, kind) in enumerate(pairs)]
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    return m.taken(folder, m.tickets(**rules), services=services)


def test_a_partition_by_team_by_category_and_by_both(tmp_path: Path) -> None:
    evidence = take(
        tmp_path,
        [
            ("Desk", "Mail"),
            ("Servers", "Disk"),
            ("Servers", "Mail"),
            ("Other", "Phone"),
            ("Other", "?"),
            ("?", "?"),
        ],
        m.service("desk", ("Desk",)),
        m.service("storage", ("Servers",), ("Disk", "Tape")),
        m.service("phone", (), ("Phone",)),
        m.service("nothing"),
    )
    assert [service for (service,) in m.ask(evidence, "SELECT service FROM tickets ORDER BY number")] == [
        "desk", "storage", None, "phone", None, None,
    ]  # fmt: skip
    assert evidence.unassigned_tickets == 3


def test_tickets_that_two_services_claim_are_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        take(
            tmp_path, [("Desk", "Mail"), ("Desk", "Mail"), ("Desk", "Phone")],
            m.service("desk", ("Desk",)), m.service("mail", (), ("Mail",)),
        )  # fmt: skip
    (problem,) = caught.value.problems
    assert problem.code == "claimed_twice"
    assert problem.column == "desk, mail"
    assert problem.found == "2 tickets of team 'Desk' and category 'Mail' that both claim"
    assert not list((tmp_path / "out").iterdir()), "nothing half done is left"


def test_spellings_of_teams_become_one(tmp_path: Path) -> None:
    written = ["Brukerstøtte 1. linje", "BRUKERSTOTTE 1 LINJE", "Brukerstøtte  1.linje ",
               "Brukersto\u0338tte 1. linje", "Nøkkel\u00a0 og  la\u030as"]  # fmt: skip
    team = "Brukerstøtte 1. linje"
    evidence = take(
        tmp_path,
        [(text, "Mail") for text in written],
        m.service("desk", (team,)),
        teams={"BRUKERSTOTTE 1 LINJE": team, "Brukerstøtte 1.linje": team},
    )
    found = m.ask(evidence, "SELECT team, service FROM tickets ORDER BY number")
    # ø has no decomposed form, so o with a stroke laid over is another letter
    assert found[:3] == [(team, "desk")] * 3
    assert found[3][1] is None
    assert found[4] == ("Nøkkel og lås", None)
    assert "teams_not_mapped[tickets]=2" in evidence.notes


def test_teams_are_not_noted_where_no_spellings_are_declared(tmp_path: Path) -> None:
    evidence = take(tmp_path, [("Desk", "Mail"), ("Unheard of", "Mail")], m.service("desk", ("Desk",)))
    assert not any(note.startswith("teams_not_mapped") for note in evidence.notes)


def test_case_is_never_folded(tmp_path: Path) -> None:
    evidence = take(tmp_path, [("desk", "Mail"), ("DESK", "Mail")], m.service("desk", ("Desk",)))
    assert evidence.unassigned_tickets == 2


def test_whose_the_tickets_of_no_service_are_is_told(tmp_path: Path) -> None:
    rows = [m.ticket(f"A{n}", assignment_group="Desk" if n % 3 else "New name") for n in range(9)]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    case = m.case(m.tickets(), services=(m.service("desk", ("Desk",)),))
    _, series = evidence_figures(m.take_in(case, tmp_path, tmp_path / "out"), case)
    (told,) = (table for table in series if table.id == "evidence.unassigned_teams")
    assert told.rows == (("New name", None, 3, "2024-03-01", "2024-03-01"),)

"""The files are what an agency would have, and the same seed gives the same bytes."""

from __future__ import annotations

import csv
import datetime
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agency_world import agency
from agency_world.export import EVENT_COLUMNS, TICKET_COLUMNS, write_evidence
from agency_world.work import History

if TYPE_CHECKING:
    from .conftest import Written

FILES = {
    "tickets.csv",
    "ticket_events.csv",
    "request_counts.csv",
    "staffing.csv",
    "leave.csv",
    "ledger.csv",
    "outages.csv",
    "initiatives.csv",
    "matters.csv",
}
CANONICAL = {text: name for name, texts in agency.TEAM_SPELLINGS.items() for text in texts}
SERVICES_OF = {team.name: team.services for team in agency.TEAMS}


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo("Europe/Oslo"))


def service_of(row: dict[str, str]) -> str:
    services = SERVICES_OF[CANONICAL[row["assignment_group"]]]
    if len(services) == 1:
        return services[0]
    for service in services:
        if row["category"] in agency.CATEGORIES[service]:
            return service
    return ""


def test_same_seed_same_bytes(small: Written, tmp_path: Path) -> None:
    again = write_evidence(tmp_path, seed=0, size=0.1)
    assert again == small.faults
    assert {path.name for path in tmp_path.iterdir()} == FILES
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (small.folder / path.name).read_bytes(), path.name


def test_another_seed_is_another_agency(small: Written, tmp_path: Path) -> None:
    write_evidence(tmp_path, seed=1, size=0.1)
    for name in FILES:
        assert (tmp_path / name).read_bytes() != (small.folder / name).read_bytes(), name


def test_a_size_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="positive"):
        write_evidence(tmp_path, size=0.0)


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    seen: list[float] = []
    write_evidence(tmp_path, size=0.01, progress=seen.append)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


def test_columns(small: Written) -> None:
    assert tuple(small.header("tickets.csv")) == TICKET_COLUMNS
    assert tuple(small.header("ticket_events.csv")) == EVENT_COLUMNS


def test_volume_of_each_service(small: Written) -> None:
    """Tickets opened in the year come to the table; a few more were still open when it began."""
    rows = small.sound("tickets.csv")
    opened = [row for row in rows if row["opened_at"][6:10] == "2024"]
    counts = Counter(service_of(row) for row in opened)
    for service in agency.SERVICES:
        # a ticket that is still on its way when the year ends counts where it lies
        assert counts[service.id] == pytest.approx(service.tickets_count * 0.1, rel=0.01, abs=6), service.id
    assert counts[""] == pytest.approx(agency.NO_SERVICE_TICKETS_COUNT * 0.1, rel=0.01, abs=6)
    assert len(rows) - len(opened) < 0.06 * len(rows)


def test_volume_at_full_size(year: History) -> None:
    opened = year.demand.opened >= 525_600
    assert int(opened.sum()) == 96_700


def test_sound_tickets_are_sound(small: Written) -> None:
    numbers = set()
    export = datetime.datetime(2025, 1, 1, tzinfo=ZoneInfo("Europe/Oslo"))
    for row in small.sound("tickets.csv"):
        assert row["number"] not in numbers
        numbers.add(row["number"])
        opened = moment(row["opened_at"])
        assert opened < export
        state = row["state"]
        assert (row["resolved_at"] != "") == (state in ("Resolved", "Closed")), row
        assert (row["closed_at"] != "") == (state in ("Closed", "Canceled")), row
        if row["resolved_at"]:
            assert opened <= moment(row["resolved_at"]) <= export
        if row["closed_at"] and row["resolved_at"]:
            assert moment(row["resolved_at"]) <= moment(row["closed_at"])
        assert row["type"] in ("incident", "request", "change")
        assert state in ("New", "In Progress", "On Hold", "Resolved", "Closed", "Canceled")
        assert row["assignment_group"] in CANONICAL
        assert row["assigned_to"] and row["caller_id"]


def test_no_moment_falls_into_the_hour_that_never_was(small: Written) -> None:
    for row in small.sound("tickets.csv"):
        for column in ("opened_at", "resolved_at", "closed_at"):
            assert not row[column].startswith("31.03.2024 02:"), row
    for row in small.sound("ticket_events.csv"):
        assert not row["updated_at"].startswith("31.03.2024 02:"), row


def test_events_tell_the_same_story_as_tickets(small: Written) -> None:
    tickets = {row["number"]: row for row in small.sound("tickets.csv")}
    events: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in small.sound("ticket_events.csv"):
        events[row["number"]].append(row)
    assert set(events) == set(tickets)
    for number, found in events.items():
        found.sort(key=lambda row: (moment(row["updated_at"]), row["state"] != "New"))
        ticket = tickets[number]
        assert found[0]["state"] == "New"
        assert found[0]["updated_at"] == ticket["opened_at"]
        resolved = [row["updated_at"] for row in found if row["state"] == "Resolved"]
        if ticket["resolved_at"]:
            assert ticket["resolved_at"] in resolved
        assert CANONICAL[ticket["assignment_group"]] in {CANONICAL[row["assignment_group"]] for row in found}
        states = {row["state"] for row in found}
        assert ticket["state"] in states, (ticket, found)
        for row in found:
            assert (row["hold_reason"] != "") == (row["state"] == "On Hold")


def test_things_that_are_no_faults_occur(small: Written) -> None:
    rows = small.sound("tickets.csv")
    assert any("\n" in row["short_description"] for row in rows)
    assert any('"' in row["short_description"] for row in rows)
    assert any("ø" in row["short_description"] for row in rows)
    opened = [moment(row["opened_at"]) for row in rows]
    assert any(later < earlier for earlier, later in pairwise(opened))
    spellings = {row["assignment_group"] for row in rows}
    for name, texts in agency.TEAM_SPELLINGS.items():
        assert len(spellings & set(texts)) == 3, name
    closed = Counter(row["closed_at"] for row in rows if row["closed_at"])
    assert closed.most_common(1)[0][1] > 20  # a script closed them within a minute


def test_nobody_real_is_named(small: Written) -> None:
    """Numbers shaped like a national identity number have a month that no calendar has."""
    text = (small.folder / "tickets.csv").read_text(encoding="utf-8")
    identities = re.findall(r"(?<!\d)\d{11}(?!\d)", text)
    assert identities
    for number in identities:
        assert 81 <= int(number[2:4]) <= 92, number
    phones = re.findall(r"\+47 (\d)", text)
    assert phones
    assert set(phones) == {"0"}  # no Norwegian number begins with 0
    assert not re.search(r"(?<!\d)[2-9]\d{7}(?!\d)", re.sub(r"(INC|RITM|CHG)\d+", "", text))
    assert "@" not in text


def test_requests_at_the_desk(small: Written) -> None:
    rows = small.sound("request_counts.csv")
    assert len(rows) == 366
    assert sum(int(row["count"]) for row in rows) == 7_000
    assert {row["service"] for row in rows} == {"desk"}


def test_staffing_averages_to_the_table(small: Written) -> None:
    total: dict[tuple[str, str], float] = defaultdict(float)
    months: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in small.sound("staffing.csv"):
        key = (row["service"], row["employment"])
        total[key] += float(row["person_years"])
        months[key].add(row["month"])
        assert float(row["person_years"]) >= 0
        assert row["paid_by"] == ("districts" if row["employment"] == "seconded" else "provider")
    for service in agency.SERVICES:
        for employment, person_years in (
            ("employee", service.employees),
            ("seconded", service.seconded),
            ("consultant", service.consultants),
        ):
            assert total[(service.id, employment)] == 12 * person_years
            assert len(months[(service.id, employment)]) == (12 if person_years else 0)


def test_initiatives_add_up(small: Written) -> None:
    rows = small.sound("initiatives.csv")
    assert len(rows) == 60
    assert sum(int(row["estimated_nok"]) for row in rows) == 1_150_000_000
    assert all(int(row["estimated_nok"]) > 0 for row in rows)


def test_outages_and_matters_are_plausible(small: Written) -> None:
    for row in small.sound("outages.csv"):
        assert moment(row["started_at"]) < moment(row["ended_at"])
        assert row["planned"] in ("yes", "no")
        assert row["service"] in agency.SERVICE_BY_ID
    for row in small.sound("matters.csv"):
        if row["closed_on"]:
            assert row["opened_on"] <= row["closed_on"]


def test_a_file_reads_back_as_strict_csv(small: Written) -> None:
    for name in FILES:
        delimiter = ";" if name == "ledger.csv" else ","
        with (small.folder / name).open(encoding="utf-8", newline="") as handle:
            assert sum(1 for _ in csv.reader(handle, delimiter=delimiter, strict=True)) > 10

"""The table of the Agency adds up, and its names are usable."""

from __future__ import annotations

import pytest

from agency_world import agency
from agency_world.agency import SERVICES
from agency_world.demand import HABITS


def test_staff_adds_up() -> None:
    assert sum(service.employees for service in SERVICES) == 390
    assert sum(service.seconded for service in SERVICES) == 40
    assert sum(service.consultants for service in SERVICES) == 70


def test_cost_adds_up() -> None:
    assert sum(service.staff_nok for service in SERVICES) == 646_400_000
    assert sum(service.other_nok for service in SERVICES) == 600_000_000
    assert sum(service.total_nok for service in SERVICES) == 1_246_400_000
    assert sum(service.ledger_nok for service in SERVICES) == 1_202_400_000


def test_staff_cost_follows_the_rates() -> None:
    for service in SERVICES:
        by_rate = (
            service.employees * agency.EMPLOYEE_NOK
            + service.seconded * agency.SECONDED_NOK
            + service.consultants * agency.CONSULTANT_NOK
        )
        assert service.staff_nok == pytest.approx(by_rate, abs=50_001), service.id


def test_62_percent_is_avoidable() -> None:
    avoidable = sum(service.total_nok * service.avoidable_share for service in SERVICES)
    assert round(avoidable / sum(service.total_nok for service in SERVICES), 2) == 0.62


def test_tickets_add_up() -> None:
    assert sum(service.tickets_count for service in SERVICES) == 94_600


def test_each_service_with_tickets_has_habits_and_a_team() -> None:
    assert {service.id for service in SERVICES if service.tickets_count} == set(HABITS) - {""}
    served = {service for team in agency.TEAMS for service in team.services}
    assert served == set(HABITS) - {""}
    for key, habit in HABITS.items():
        assert sum(share for _, share in habit.teams) == pytest.approx(1.0), key
        assert sum(habit.type_shares) == pytest.approx(1.0), key


def test_only_the_shared_team_needs_the_category() -> None:
    shared = [team.name for team in agency.TEAMS if len(team.services) > 1]
    assert shared == [agency.SHARED_TEAM]
    assert not set(agency.CATEGORIES["servers"]) & set(agency.CATEGORIES["storage"])


def test_spellings_tell_the_teams_apart() -> None:
    all_spellings = [text for texts in agency.TEAM_SPELLINGS.values() for text in texts]
    assert len(set(all_spellings)) == 3 * len(agency.TEAMS)
    assert agency.TEAM_SPELLINGS["Brukerstøtte 1. linje"] == (
        "Brukerstøtte 1. linje",
        "BRUKERSTOTTE 1 LINJE",
        "Brukerstøtte 1.linje ",
    )


def test_category_names_are_unique() -> None:
    names = [name for names in agency.CATEGORIES.values() for name in names]
    assert len(names) == len(set(names))

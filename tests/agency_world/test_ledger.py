"""The ledger, allocated by its drivers, comes to the table to the øre."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from agency_world import agency
from agency_world.ledger import direct_other_nok, pool_amounts_nok, postings

if TYPE_CHECKING:
    from .conftest import Written


def ore(text: str) -> int:
    kroner, hundredths = text.split(",")
    assert len(hundredths) == 2
    return int(kroner + hundredths)


def test_every_service_keeps_direct_cost_of_its_own() -> None:
    for service in agency.SERVICES:
        assert direct_other_nok(service) > 0, service.id


def test_allocated_ledger_is_the_table(small: Written) -> None:
    rows = small.sound("ledger.csv")
    by_centre: dict[str, int] = defaultdict(int)
    wages: dict[str, int] = defaultdict(int)
    for row in rows:
        amount = ore(row["amount"])
        by_centre[row["cost_centre"]] += amount
        if row["account"][:2] in ("50", "54", "59"):
            wages[row["cost_centre"]] += amount
    paid: dict[str, Fraction] = defaultdict(Fraction)
    for row in small.sound("staffing.csv"):
        if row["paid_by"] == "provider":
            paid[row["service"]] += Fraction(row["person_years"]) / 12

    drivers: dict[str, dict[str, Fraction]] = {
        "paid_person_years": dict(paid),
        "wages": {s.id: Fraction(wages[s.cost_centre]) for s in agency.SERVICES},
    }
    allocated = {service.id: Fraction(by_centre[service.cost_centre]) for service in agency.SERVICES}
    for centre in agency.COST_CENTRES:
        if centre.driver in drivers:
            weights = drivers[centre.driver]
            for service, weight in weights.items():
                allocated[service] += by_centre[centre.id] * weight / sum(weights.values())
    for service in agency.SERVICES:
        assert allocated[service.id] == service.ledger_nok * 100, service.id
    assert sum(allocated.values()) == 1_202_400_000_00
    assert by_centre["9000"] == 27_500_000_00
    assert by_centre["9999"] == 600_000_00
    assert sum(ore(row["amount"]) for row in rows) == 1_230_500_000_00


def test_seconded_are_not_in_the_ledger() -> None:
    for service in agency.SERVICES:
        assert service.total_nok - service.ledger_nok == service.seconded * 1_100_000


def test_pools() -> None:
    assert pool_amounts_nok() == {"8010": 25_300_000, "8020": 11_500_000, "8090": 13_452_000}


def test_there_are_corrections_and_no_equal_rows() -> None:
    rows = postings(0)
    assert 5_000 < len(rows) < 15_000
    assert any(row.amount_ore < 0 for row in rows)
    assert len(set(rows)) == len(rows)
    assert {row.date.month for row in rows} == set(range(1, 13))
    assert all(row.date.year == agency.YEAR for row in rows)

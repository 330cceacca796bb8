"""Every øre of the ledger goes one way, and the parts add up."""

# ruff: noqa: DTZ001 - wall clocks have no zone
from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.baseline.measure import measure
from makeorbuy.baseline.unit_cost import allocate, rule_for, twelve_months
from makeorbuy.case.model import LedgerRule, LocalText, OutsideLedger
from makeorbuy.foundation.streams import Streams

YEAR = datetime(2024, 1, 1), datetime(2025, 1, 1)


def _rule(centre, first, last, kind, target="", is_staff=False, record=1) -> LedgerRule:
    return LedgerRule(centre, first, last, kind, target, is_staff, f"{kind} nb", f"{kind} en", record)


RULES = (
    _rule("10", "5000", "5999", "direct", "desk", True, 1),
    _rule("20", "5000", "5999", "direct", "email", True, 2),
    _rule("10", "6000", "7999", "direct", "desk", False, 3),
    _rule("80", "6000", "7999", "driver", "users", False, 4),
    _rule("81", "6000", "7999", "driver", "missing_key", False, 5),
    _rule("90", "1000", "9999", "overhead", "", False, 6),
    _rule("95", "1000", "9999", "out_of_scope", "", False, 7),
)
KEYS = {"users": {"desk": 2.0, "email": 1.0, "payroll": 4.0}}
OUTSIDE = (
    OutsideLedger(
        "desk", LocalText("Innbeordret", "Seconded"), 1100.0, True, LocalText("distrikt", "district"), None,
        "case:outside_ledger.yaml#1",
    ),
)  # fmt: skip


@pytest.fixture(scope="session")
def case(make_case, make_service):
    return make_case(
        services=(make_service("desk"), make_service("email"), make_service("payroll")),
        ledger_rules=RULES, allocation_keys=KEYS, outside_ledger=OUTSIDE,
    )  # fmt: skip


rows = st.lists(
    st.tuples(
        st.sampled_from(["10", "20", "80", "81", "90", "95", "99"]),
        st.sampled_from(["5000", "5400", "6500", "7000", "8000"]),
        st.integers(-(10**12), 10**13),
    ),
    max_size=30,
)


@given(rows)
def test_the_bridge_adds_up_to_the_ore(case, ledger) -> None:
    allocation = allocate(case, ledger)
    assert allocation.ledger_total_ore == sum(amount for *_, amount in ledger)
    allocated = sum(allocation.sum_ore(origin) for origin in ("direct", "driver", "overhead"))
    assert allocation.ledger_total_ore - allocation.out_of_scope_ore - allocation.unallocated_ore == allocated
    total = sum(cost.yearly_ore for cost in allocation.services.values())
    assert total == allocated + allocation.sum_ore("outside_ledger") == allocated + 110_000


@given(rows, rows)
def test_order_and_splitting_of_rows_do_not_move_direct_cost(case, one, other) -> None:
    forward, backward = allocate(case, [*one, *other]), allocate(case, [*other, *one])
    assert forward.sum_ore("direct") == backward.sum_ore("direct")
    assert {s: c.yearly_ore for s, c in forward.services.items()} == {
        s: c.yearly_ore for s, c in backward.services.items()
    }


def test_worked_by_hand(case) -> None:
    ledger = [
        ("10", "5000", 60_000), ("20", "5400", 20_000), ("10", "6500", 5_000),
        ("80", "6500", 700), ("90", "7000", 1_001), ("95", "7000", 9_999), ("99", "1000", 40),
        ("81", "6500", 3),
    ]  # fmt: skip
    allocation = allocate(case, ledger)
    # driver 700 by 2:1:4; overhead 1001 by 60 000 : 20 000, 750.75 and 250.25, the missing øre to the first
    by_service = {
        service: [(component.origin, component.yearly_ore) for component in cost.components]
        for service, cost in allocation.services.items()
    }
    assert by_service == {
        "desk": [
            ("direct", 60_000), ("direct", 5_000), ("driver", 200), ("overhead", 751),
            ("outside_ledger", 110_000),
        ],
        "email": [("direct", 20_000), ("driver", 100), ("overhead", 250)],
        "payroll": [("driver", 400)],
    }  # fmt: skip
    assert (allocation.out_of_scope_ore, allocation.unallocated_ore) == (9_999, 43)
    assert allocation.services["desk"].staff_ore == 170_000


def test_most_specific_rule_first() -> None:
    rules = (
        _rule("*", "50", "59", "overhead", record=1),
        _rule("10", "5000", "5999", "direct", "desk", record=2),
        _rule("10", "5000", "5999", "out_of_scope", record=3),
        _rule("*", "", "", "out_of_scope", record=4),
    )
    assert rule_for("10", "5999", rules).record == 2
    assert rule_for("11", "5999", rules).record == 1
    assert rule_for("11", "6000", rules).record == 4
    assert rule_for("10", "6000", rules[:3]) is None


def _ledger(months, amount=100):
    return [
        {"period": period, "account": "5000", "cost_centre": "10", "amount_ore": amount} for period in months
    ]


MONTHS = range(202401, 202413)


def test_published(case, make_evidence) -> None:
    # the thirteenth period holds year-end corrections, and belongs to December
    ledger = _ledger([*MONTHS, 202413, 202312, 202501])
    ledger += [
        {"period": 202405, "account": account, "cost_centre": centre, "amount_ore": ore}
        for centre, account, ore in (("95", "7000", 700), ("99", "7000", 40))
    ]
    baseline = measure(case, make_evidence(*YEAR, ledger=ledger), Streams(0))
    figures = {figure.id: figure for figure in baseline.figures}
    series = {entry.id: entry for entry in baseline.series}
    assert figures["baseline.unit_cost.yearly_nok[desk]"].value == 13.0 + 1100.0
    assert figures["baseline.unit_cost.unit_nok[desk]"].value == pytest.approx(11.13)
    assert figures["baseline.unit_cost.outside_ledger_nok[desk]"].value == 1100.0
    assert figures["baseline.unit_cost.yearly_nok[email]"].reason == "no_cost_booked"
    assert figures["baseline.unit_cost.total_nok"].value == 1113.0
    assert dict(series["baseline.unit_cost.bridge"].rows) == {
        "ledger_total": 20.4, "out_of_scope": 7.0, "direct": 13.0, "driver": 0.0, "overhead": 0.0,
        "unallocated": 0.4, "allocated": 13.0, "outside_ledger": 1100.0, "total": 1113.0,
    }  # fmt: skip
    build_up = series["baseline.unit_cost.build_up[desk]"]
    assert sum(build_up.column("nok")) == figures["baseline.unit_cost.yearly_nok[desk]"].value


@pytest.mark.parametrize(
    ("months", "reason"), [((), "no_ledger"), ([*MONTHS][:-1], "ledger_not_twelve_months")]
)
def test_no_ledger_or_part_of_one_is_refused(case, make_evidence, months, reason) -> None:
    baseline = measure(case, make_evidence(*YEAR, ledger=_ledger(months)), Streams(0))
    figures = {figure.id: figure for figure in baseline.figures}
    for name in ("yearly_nok[desk]", "unit_nok[desk]", "staff_share[desk]", "total_nok"):
        assert figures[f"baseline.unit_cost.{name}"].reason == reason
    cost = baseline.services["desk"].cost
    assert (cost.components, cost.yearly_ore, cost.reason) == ((), 0, reason)


def test_twelve_months_end_with_the_last_whole_month() -> None:
    assert twelve_months(datetime(2024, 12, 31, 23, 59)) == (2023 * 12 + 11, 2024 * 12 + 11)

"""Cloud bills: to the øre, whatever the size of a charge, in the cost and currency that a person names."""

from __future__ import annotations

import csv
import gzip
import os
from decimal import Decimal
from pathlib import Path

import evidence_making as m
import pytest
import sources_making as s
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.readers import focus
from makeorbuy.evidence.recognition import Sample

SAMPLE = "focus_1.0_sample.csv.gz"
LEDGER = "SELECT period, account, cost_centre, amount_ore FROM ledger ORDER BY record"


def test_what_a_bill_does_not_tell_is_asked() -> None:
    recognition = s.recognised(Path(__file__).parents[2] / "fixtures" / "exports" / "focus.csv")
    asked = {question.key: question.choices for question in recognition.questions}
    assert asked == {
        "columns.amount": ("EffectiveCost", "BilledCost", "ContractedCost", "ListCost"),
        "columns.cost_centre": ("SubAccountName", "SubAccountId", "ResourceName", "Tags.tjeneste"),
    }


def test_billed_cost_is_what_the_invoice_says(tmp_path: Path) -> None:
    columns = {"amount": "BilledCost", "cost_centre": "SubAccountId", "period": "BillingMonth"}
    taken = s.take(tmp_path, "focus.csv", columns=columns)
    # used 0 of a commitment, bought 9 000, 1.5E-7, a credit, a correction of September, VAT
    amounts = [0, 900000, 0, -50000, -4025, 211500]
    assert taken.rows(LEDGER) == [(202510, "Compute", "prod", amount) for amount in amounts]
    assert taken.counts == (6, 6, 0, 0, 0)


def test_effective_cost_is_in_the_month_of_the_use(tmp_path: Path) -> None:
    columns = {"amount": "EffectiveCost", "cost_centre": "Tags.tjeneste"}
    taken = s.take(tmp_path, "focus.csv", columns=columns)
    assert taken.rows(LEDGER) == [
        (202510, "Compute", "Saksbehandling", 1250),
        (202510, "Compute", "", 0),
        (202510, "Compute", "VPN", 0),
        (202510, "Compute", "", -50000),
        (202509, "Compute", "", -4025),
        (202510, "Compute", "", 211500),
    ]


def test_tax_may_be_left_out(tmp_path: Path) -> None:
    columns = {"amount": "BilledCost", "cost_centre": "SubAccountId"}
    taken = s.take(tmp_path, "focus.csv", columns=columns, leave_out={"ChargeCategory": ("Tax",)})
    assert taken.set_aside == {(6, "left_out")}


HEADER = ("BilledCost", "EffectiveCost", "BillingCurrency", "ChargePeriodStart", "ChargeCategory",
          "ServiceCategory", "SubAccountId", "Tags")  # fmt: skip


def bill(folder: Path, *rows: tuple[str, ...], **answers: object) -> s.Taken:
    """Billed cost, currency, start and sub-account of each charge."""
    charges = [(cost, "0", currency, start, "Usage", "Compute", holder, str(n))
               for n, (cost, currency, start, holder) in enumerate(rows)]  # fmt: skip
    file = m.write(folder, "bill.csv", m.table(HEADER, charges))
    columns = {"amount": "BilledCost", "cost_centre": "SubAccountId"}
    return s.take(folder, file, columns=columns, **answers)  # type: ignore[arg-type]


def test_a_currency_without_a_rate_is_set_aside(tmp_path: Path) -> None:
    rows = [("10", "USD", "2025-09-01", "a"), ("10", "EUR", "2025-09-01", "a"),
            ("10", "nok", "2025-09-01", "a"),
            ("10", "", "2025-09-01", "a"), ("10", "USD", "september", "a")]  # fmt: skip
    taken = bill(tmp_path, *rows, rates={"USD": 10.0512})
    assert [question.choices for question in taken.recognition.questions if question.key == "rates"] == [
        ("EUR", "USD", "nok")
    ]
    assert taken.rows("SELECT record, amount_ore FROM ledger ORDER BY record") == [(1, 10051), (3, 1000)]
    assert taken.set_aside == {(2, "unknown_currency"), (4, "unknown_currency"), (5, "bad_period")}


def test_charges_below_an_ore_sum_to_what_the_bill_says(tmp_path: Path) -> None:
    rows = [("0.0012", "NOK", "2025-09-01T00:00Z", "a")] * 1000 + [("1E-1", "NOK", "2025-09-30T23:59Z", "b")]
    taken = bill(tmp_path, *rows)
    assert taken.rows("SELECT cost_centre, sum(amount_ore)::BIGINT FROM ledger GROUP BY 1 ORDER BY 1") == [
        ("a", 120), ("b", 10)
    ]  # fmt: skip
    assert taken.rows("SELECT max(amount_ore), min(amount_ore) FROM ledger WHERE cost_centre = 'a'") == [
        (1, 0)
    ]


def test_what_is_no_cost_is_set_aside(tmp_path: Path) -> None:
    costs = ["1E99", "1E999", "nan", "1,5", "", "٣", "1e2", "-2.5E+1"]
    taken = bill(tmp_path, *((cost, "NOK", "2025-09-01", str(n)) for n, cost in enumerate(costs)))
    assert taken.rows("SELECT record, amount_ore FROM ledger ORDER BY record") == [(7, 10000), (8, -2500)]
    assert taken.set_aside == {(n, "bad_amount") for n in (1, 2, 3, 5, 6)} | {(4, "bad_amount")}


def real_bill() -> Path:
    root = Path(os.environ.get("MAKEORBUY_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
    file = root / SAMPLE
    if not file.is_file():
        message = (
            f"{file} is missing: get the FOCUS 1.0 sample of the FinOps Foundation (FOCUS-Sample-Data,"
            " CC BY 4.0) and point MAKEORBUY_SHARED_DATA to its folder"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return file


@pytest.mark.parametrize("cost", ["BilledCost", "EffectiveCost"])
def test_the_public_sample_sums_to_what_a_plain_program_says(tmp_path: Path, cost: str) -> None:
    """1,000 charges of three providers in USD; held against Python's own decimals."""
    file = real_bill()
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        charges = list(csv.DictReader(text))
    rate = Decimal("10.7")
    expected: dict[tuple[str, str], Decimal] = {}
    for charge in charges:
        key = charge["ServiceCategory"], charge["SubAccountName"].replace("NULL", "")
        expected[key] = expected.get(key, Decimal(0)) + Decimal(charge[cost]) * rate
    recognition = s.recognised(file)
    asked = {question.key: question.choices for question in recognition.questions}
    assert asked["rates"] == ("USD",)
    assert "Tags.application" in asked["columns.cost_centre"]
    assert recognition.sources[0].missing == ("", "NULL")
    columns = {"amount": cost, "cost_centre": "SubAccountName"}
    taken = s.take(tmp_path, file, columns=columns, rates={"USD": float(rate)})
    assert taken.counts == (1000, 1000, 0, 0, 0)
    assert taken.rows("SELECT DISTINCT period FROM ledger") == [(202409,)]
    found = taken.rows("SELECT account, cost_centre, sum(amount_ore)::BIGINT FROM ledger GROUP BY ALL")
    # half an øre, and the millionths of a dollar that a charge is rounded to
    assert {(account, holder): ore for account, holder, ore in found} == {
        key: pytest.approx(float(nok * 100), abs=0.51) for key, nok in expected.items()
    }
    total = sum(expected.values())
    assert sum(ore for *_, ore in found) / 100 == pytest.approx(float(total), abs=len(found) * 0.005 + 0.01)


def test_a_bill_by_tag(tmp_path: Path) -> None:
    file = real_bill()
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        charges = list(csv.DictReader(text))
    tagged = sum('"application"' in charge["Tags"] for charge in charges)
    assert tagged > 100
    columns = {"amount": "BilledCost", "cost_centre": "Tags.application"}
    taken = s.take(tmp_path, file, columns=columns, rates={"USD": 10.7})
    assert taken.rows("SELECT count(*) FROM ledger WHERE cost_centre <> ''") == [(tagged,)]


@settings(deadline=None, max_examples=12)
@given(
    drawn=st.lists(
        st.tuples(
            st.decimals(-(10**6), 10**6, places=6), st.sampled_from("ab"), st.sampled_from(["", "x", "row"])
        )
    ),
    rate=st.decimals("0.01", "20", places=4),
)
def test_every_charge_is_somewhere_and_the_sum_is_right_to_the_ore(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[Decimal, str, str]], rate: Decimal
) -> None:
    starts = {"x": "2025-x"}
    rows = [
        (f"{cost:E}" if n % 2 else f"{cost:f}", "USD", starts.get(fault, "2025-09-01T00:00Z"), holder)
        for n, (cost, holder, fault) in enumerate(drawn)
    ]
    taken = bill(tmp_path_factory.mktemp("bill"), *rows, rates={"USD": float(rate)})
    exact: dict[str, Decimal] = {}
    for cost, holder, fault in drawn:
        if fault != "x":
            exact[holder] = exact.get(holder, Decimal(0)) + cost * rate * 100
    found = dict(taken.rows("SELECT cost_centre, sum(amount_ore)::BIGINT FROM ledger GROUP BY 1"))
    assert found.keys() == exact.keys()
    assert all(abs(found[holder] - ore) <= Decimal("0.5") for holder, ore in exact.items())
    bad = sum(fault == "x" for *_, fault in drawn)
    assert taken.counts == (len(drawn), len(drawn) - bad, 0, bad, 0)


def test_a_file_without_the_columns_is_not_recognised() -> None:
    assert (
        focus.recognise(Sample("x.csv", "delimited", ("BilledCost", "ChargeCategory"), (("1", "2"),))) is None
    )

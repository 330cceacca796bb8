"""Amounts in the grammar of the export: whole øre, nothing guessed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import evidence_making as m
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = ("period", "account", "cost_centre", "amount", "text")


def amounts(folder: Path, texts: list[str], decimal: str) -> dict[int, int]:
    rows = [("202403", "6750", "1010", text, str(number)) for number, text in enumerate(texts)]
    m.write(folder, "ledger.csv", m.table(HEADER, rows, ";"))
    columns = {name: name for name in HEADER[:4]}
    evidence = m.taken(
        folder, m.source("ledger", "ledger.csv", delimiter=";", decimal=decimal, columns=columns)
    )
    found = dict(m.ask(evidence, "SELECT record, amount_ore FROM ledger"))
    assert {code for _, code, _ in m.reasons(evidence)} <= {"bad_amount", "out_of_range"}
    assert len(found) + evidence.counts[0].rows_quarantined == len(texts)
    return found


COMMA = {
    "1234,56": 123456, "1 234,56": 123456, "1\u00a0234,56": 123456, "1\u202f234\u202f567,8": 123456780,
    "-1 234,56": -123456, "\u22121234,5": -123450, "1234,56-": -123456, "+5": 500, "0": 0, "-0,00": 0,
    "1.234.567,00": 123456700, " 12 ": 1200, "0,005": 1, "-0,005": -1, "0,004": 0, "1234,567800": 123457,
    "999999999999999,99": 99999999999999999,
}  # fmt: skip
NOT_COMMA = [
    "", "?", "1.2.3,4", "12,34,56", "--450,00", "1 million", "1234.56", "1_000", "1e3", "nan", "inf", "NaN",
    "-5-", "٣", "１２", "1 23", "12 34", "0x10", ",50", "5,", "kr 5", "=1+1", "1,2345678", "9" * 40,
    "1" + "0" * 15 + ",01",
]  # fmt: skip


def test_amounts_with_a_decimal_comma(tmp_path: Path) -> None:
    texts = [*COMMA, *NOT_COMMA]
    found = amounts(tmp_path, texts, ",")
    assert {texts[record - 1]: value for record, value in found.items()} == COMMA


def test_amounts_with_a_decimal_point(tmp_path: Path) -> None:
    texts = ["1234.56", "1,234.56", "-1'234", "1.234,56", "1,23", "12,345"]
    assert amounts(tmp_path, texts, ".") == {1: 123456, 2: 123456, 3: -123400, 6: 1234500}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.decimals(-(10**12), 10**12, places=2), min_size=1, max_size=40))
def test_any_amount_comes_back(tmp_path_factory: pytest.TempPathFactory, values: list[Decimal]) -> None:
    texts = [f"{value:,}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212") for value in values]
    found = amounts(tmp_path_factory.mktemp("ledger"), texts, ",")
    assert [found[record + 1] for record in range(len(values))] == [int(value * 100) for value in values]


def test_a_posting_is_repeated_only_if_every_field_is(tmp_path: Path) -> None:
    rows = [("202403", "6750", "1010", "5", "paper"), ("202403", "6750", "1010", "5", "pens")]
    m.write(tmp_path, "ledger.csv", m.table(HEADER, [*rows, rows[0]]))
    columns = {name: name for name in HEADER[:4]}
    evidence = m.taken(tmp_path, m.source("ledger", "ledger.csv", columns=columns))
    assert m.reasons(evidence) == [(3, "duplicate_row", None)]
    assert m.ask(evidence, "SELECT sum(amount_ore) FROM ledger") == [(1000,)]


def test_opening_and_closing_months_stay_in_their_year(tmp_path: Path) -> None:
    rows = [(period, "1", "", "1", "") for period in ("202400", "2024-12", "202413", "202500")]
    m.write(tmp_path, "ledger.csv", m.table(HEADER, rows))
    columns = {name: name for name in HEADER[:4]}
    evidence = m.taken(tmp_path, m.source("ledger", "ledger.csv", columns=columns))
    assert m.ask(evidence, "SELECT period FROM ledger ORDER BY record") == [(202400,), (202412,), (202413,)]
    assert evidence.counts[0].rows_after_cut == 1

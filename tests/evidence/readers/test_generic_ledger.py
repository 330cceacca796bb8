"""A ledger of no known system is recognised, and what is no ledger is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from makeorbuy.evidence.proposal import propose
from makeorbuy.foundation.errors import EvidenceError

ROWS = "202401;5010;Lønn;1010;B1;1 000,50\n202402;1500;Kunder;1010;B2;-20,25\n"


def file(folder: Path, header: str, rows: str = ROWS) -> Path:
    path = folder / "hovedbok.csv"
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def test_a_plain_ledger_is_recognised(tmp_path: Path) -> None:
    found = propose(file(tmp_path, "Periode;Konto;Kontonavn;Koststed;Bilag;Beløp")).recognition
    (source,) = found.sources
    assert source.kind == "ledger" and source.decimal == "," and found.questions == ()
    assert source.columns == {
        "period": "Periode", "account": "Konto", "cost_centre": "Koststed", "amount": "Beløp",
    }  # fmt: skip
    assert found.remarks == ("balance_accounts",)


def test_a_ledger_without_a_cost_centre_asks(tmp_path: Path) -> None:
    found = propose(file(tmp_path, "Periode;Konto;Kontonavn;Sted;Bilag;Beløp")).recognition
    assert [question.key for question in found.questions] == ["columns.cost_centre"]


def test_other_periods_are_no_ledger(tmp_path: Path) -> None:
    rows = ROWS.replace("202401", "i fjor").replace("202402", "i år")
    with pytest.raises(EvidenceError):
        propose(file(tmp_path, "Periode;Konto;Kontonavn;Koststed;Bilag;Beløp", rows))

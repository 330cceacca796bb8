"""The same ledger in the forms that agencies have it in gives the same figures."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from makeorbuy.case.template import write_template
from makeorbuy.evidence.readers.saft import NAMESPACE

Run = Any
Row = dict[str, str]


def as_unit4(rows: list[Row]) -> bytes:
    """A screen report: titles, Windows-1252, no-break spaces, a total."""
    lines = ["Hovedbok transaksjoner;;;;;", "Klient: 99;;Periode: 202401-202412;;;", ";;;;;"]
    lines.append("Bilagsnr;Periode;Konto;Koststed;Tekst;Beløp")
    total = Decimal(0)
    for number, row in enumerate(rows, 90001):
        amount = Decimal(row["amount"].replace(",", "."))
        total += amount
        lines.append(f"{number};{row['period']};{row['account']};{row['cost_centre']};Føring;{shown(amount)}")
    return "\r\n".join([*lines, f";;;;;{shown(total)}", ""]).encode("cp1252")


def shown(amount: Decimal) -> str:
    return f"{amount:,}".replace(",", "\u00a0").replace(".", ",")


def as_saft(rows: list[Row]) -> bytes:
    """A voucher for each row, with its other side on an account of the balance sheet."""
    vouchers, total = [], Decimal(0)
    for number, row in enumerate(rows, 90001):
        amount = Decimal(row["amount"].replace(",", "."))
        total += abs(amount)
        sides = ("Debit", "Credit") if amount >= 0 else ("Credit", "Debit")
        centre = f"<AnalysisType>KST</AnalysisType><AnalysisID>{row['cost_centre']}</AnalysisID>"
        vouchers.append(
            f"<Transaction><TransactionID>{number}</TransactionID><Period>{int(row['period'][4:])}</Period>"
            f"<PeriodYear>{row['period'][:4]}</PeriodYear>"
            f"<Line><RecordID>1</RecordID><AccountID>{row['account']}</AccountID><Analysis>{centre}</Analysis>"
            f"<{sides[0]}Amount><Amount>{abs(amount)}</Amount></{sides[0]}Amount></Line>"
            f"<Line><RecordID>2</RecordID><AccountID>2400</AccountID>"
            f"<{sides[1]}Amount><Amount>{abs(amount)}</Amount></{sides[1]}Amount></Line></Transaction>"
        )
    return (
        f'<AuditFile xmlns="{NAMESPACE}"><MasterFiles/><GeneralLedgerEntries>'
        f"<NumberOfEntries>{len(rows)}</NumberOfEntries><TotalDebit>{total}</TotalDebit>"
        f"<TotalCredit>{total}</TotalCredit><Journal>{''.join(vouchers)}</Journal>"
        "</GeneralLedgerEntries></AuditFile>"
    ).encode()


def assessed(run: Run, case: Path) -> dict[str, Any]:
    done = run("assess", case)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((case / "out" / "assessment.json").read_text("utf-8"))
    return found


@pytest.mark.slow
def test_a_report_and_a_saft_file_give_the_same_cost(run: Run, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    write_template(plain)
    with (plain / "evidence" / "ledger.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text, delimiter=";"))
    expected = assessed(run, plain)
    forms = {"ledger.xml": as_saft(rows), "report.csv": as_unit4(rows)}
    for name, data in forms.items():
        case = tmp_path / name.partition(".")[0]
        write_template(case)
        evidence = case / "evidence"
        (evidence / "ledger.csv").unlink()
        (evidence / name).write_bytes(data)
        proposed = run("map", evidence / name, "--out", tmp_path / f"mapped {name}")
        assert proposed.returncode == 0, proposed.stderr
        mapping = (tmp_path / f"mapped {name}" / "mapping.yaml").read_text("utf-8").partition("sources:\n")[2]
        assert "TODO" not in mapping
        written = (evidence / "mapping.yaml").read_text("utf-8")
        (evidence / "mapping.yaml").write_text(written.partition("  - kind: ledger")[0] + mapping, "utf-8")
        if name == "ledger.xml":  # the other sides
            with (evidence / "ledger_mapping.csv").open("a", encoding="utf-8") as rules:
                rules.write("*,1000,2999,out_of_scope,,no,Balanse,Balance\n")
        found = assessed(run, case)
        findings = found["series"]["evidence.selection_findings"]["rows"]
        assert not [finding for finding in findings if finding[0] == "ledger"]
        own = ("evidence.",)  # how many rows of which file
        own += ("baseline.unit_cost.bridge",) if name == "ledger.xml" else ()  # both sides sum to nothing
        for part in ("figures", "series"):
            for key, figure in expected[part].items():
                if not key.startswith(own):
                    assert found[part][key] == figure, (name, key)
    assert expected["figures"]["baseline.unit_cost.yearly_nok[desk]"]["value"] > 1_000_000

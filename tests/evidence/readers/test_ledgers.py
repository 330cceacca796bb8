"""Ledgers: the same eight postings in four forms, read to the øre; what does not add up is told."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import evidence_making as m
import fixtures_making as f
import pytest
import sources_making as s
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.containers import xml
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import saft, standard_accounts, tbm, unit4
from makeorbuy.evidence.recognition import Sample
from makeorbuy.evidence.selection import selection_findings
from makeorbuy.foundation.errors import EvidenceError, HostileFileError

POSTINGS = [
    (202510, "5001", "410100", 48250000),
    (202510, "6420", "410100", 12500050),
    (202510, "6750", "410200", -1000000),
    (202510, "6750", "410200", 8400000),
    (202510, "6710", "410200", 31234567),
    (202510, "6551", "410100", 4999900),
    (202510, "6900", "410300", 2100000),
    (202513, "6020", "410100", 5000000),
]
"""Period, account, cost centre, øre; by hand from the fixtures, which sum to 1 114 845,17."""

TOTAL_ORE = 111484517
LEDGER = "SELECT period, account, cost_centre, amount_ore FROM ledger ORDER BY record"
COST = "SELECT period, account, cost_centre, amount_ore FROM ledger WHERE account >= '5' ORDER BY record"
BALANCE = "SELECT account, cost_centre, amount_ore FROM ledger WHERE account < '5' ORDER BY record"


def findings_of(taken: s.Taken) -> dict[str, dict[str, Any]]:
    return {finding.code: dict(finding.facts) for finding in selection_findings(m.case(), taken.evidence)}


def test_a_unit4_report_is_read_below_its_titles_and_without_its_total(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_unit4_no.csv")
    (source,) = taken.recognition.sources
    assert (source.header_row, source.encoding, source.delimiter, source.decimal) == (4, "cp1252", ";", ",")
    assert taken.recognition.questions == ()
    assert taken.rows(LEDGER) == POSTINGS
    assert sum(row[-1] for row in POSTINGS) == TOTAL_ORE
    assert taken.counts == (9, 8, 0, 1, 0)
    assert taken.set_aside == {(9, "total_line")}
    assert taken.evidence.notes == ()  # the total agrees


def test_period_13_belongs_to_december_and_is_hidden_before_it_has_come(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_unit4_no.csv", end=datetime(2025, 11, 5, 10))  # noqa: DTZ001
    assert taken.rows(LEDGER) == POSTINGS[:7]
    assert taken.counts == (9, 7, 0, 1, 1)
    assert taken.evidence.notes == ()


def report(*amounts: str, total: str) -> bytes:
    lines = ["Hovedbok;;;;", ";;;;", "Bilagsnr;Periode;Konto;Koststed;Beløp"]
    lines += [f"{90000 + number};202510;6750;410200;{amount}" for number, amount in enumerate(amounts)]
    return "\n".join([*lines, f";;;;{total}", ""]).encode("cp1252")


def test_a_total_that_does_not_agree_is_told(tmp_path: Path) -> None:
    file = m.write(tmp_path, "report.csv", report("1 000,00", "-250,50", total="1\u00a0000,00"))
    taken = s.take(tmp_path, file)
    assert taken.set_aside == {(3, "total_line")}
    assert findings_of(taken)["total_line_differs"] == {"total_nok": 250.5}


def test_rows_that_cannot_be_used_are_part_of_the_total(tmp_path: Path) -> None:
    text = report("1 000,00", "-250,50", total="749,50").replace(b"10;6750;410200;-250", b";;410200;-250")
    taken = s.take(tmp_path, m.write(tmp_path, "report.csv", text))
    assert taken.set_aside == {(2, "bad_period"), (2, "missing_account"), (3, "total_line")}
    assert "total_line_differs" not in findings_of(taken)


def test_the_table_of_unit4_has_both_sides_and_asks_for_the_dimension(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_unit4_agltransact.csv", columns={"cost_centre": "dim_1"})
    (question,) = taken.recognition.questions
    assert (question.key, question.choices) == ("columns.cost_centre", ("dim_1", "dim_2"))
    assert taken.recognition.remarks == ("balance_accounts",)
    assert taken.counts == (16, 16, 0, 0, 0)
    assert taken.rows(COST) == POSTINGS
    assert taken.rows("SELECT period, sum(amount_ore) FROM ledger GROUP BY ALL ORDER BY ALL") == [
        (202510, 0), (202513, 0)
    ]  # fmt: skip
    assert findings_of(taken) == {}


def test_a_month_that_no_longer_sums_to_zero_is_found(tmp_path: Path) -> None:
    lines = (f.EXPORTS / "ledger_unit4_agltransact.csv").read_text("utf-8").splitlines(keepends=True)
    file = m.write(tmp_path, "agl.csv", "".join(lines[:2] + lines[3:]))  # without the other side of the wages
    taken = s.take(tmp_path, file, columns={"cost_centre": "dim_1"})
    assert findings_of(taken)["ledger_month_incomplete"] == {
        "periods_count": 1, "largest_month": 202510, "largest_nok": 482500,
    }  # fmt: skip


@pytest.mark.parametrize(("rows", "is_found"), [(9_000, True), (9_001, False), (999, False)])
def test_a_round_count_of_postings_is_found(tmp_path: Path, rows: int, is_found: bool) -> None:
    text = report(*(f"{n},00" for n in range(rows)), total=f"{rows * (rows - 1) // 2},00")
    found = findings_of(s.take(tmp_path, m.write(tmp_path, "report.csv", text)))
    assert found.get("row_limit") == ({"rows_count": rows} if is_found else None)
    assert "total_line_differs" not in found


def test_a_chart_of_accounts_is_names_and_no_ledger(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_standard_kontoplan.csv")
    assert taken.recognition.remarks == ("no_amounts",)
    assert taken.rows("SELECT account, name, chart_code FROM accounts ORDER BY record") == [
        ("500", "Lønn fast ansatte", None),
        ("642", "Leie av datasystemer (årlige lisenser m.m.)", None),
        ("671", "Konsulenttjenester til utvikling av programvare, IKT-løsninger mv.", None),
        ("672", "Konsulenttjenester til organisasjonsutvikling, kommunikasjonsrådgivning mv.", None),
        ("675", "Kjøp av tjenester til løpende driftsoppgaver, IKT", None),
        ("690", "Telefoni og datakommunikasjon, samband, internett", None),
    ]
    assert taken.counts == (6, 6, 0, 0, 0)
    assert taken.rows("SELECT count(*) FROM ledger") == [(0,)]


def test_an_account_of_two_names_is_told(tmp_path: Path) -> None:
    text = "GroupingCategory;GroupingCode;CodeDescriptionNOB\nKS;500;Lønn\nKS;500;Pensjon\nKS;;x\nKS;501;\n"
    taken = s.take(tmp_path, m.write(tmp_path, "chart.csv", text))
    assert taken.set_aside == {(2, "conflicting_duplicate"), (3, "missing_account"), (4, "missing_name")}


def test_tbm_asks_whether_capital_cost_counts(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_tbm.csv", leave_out={"OpEx/CapEx": ("CapEx",)})
    assert [question.key for question in taken.recognition.questions] == ["leave_out.OpEx/CapEx"]
    assert sorted(taken.rows(LEDGER)) == sorted(row for row in POSTINGS[:7] if row[1] != "6710")
    assert m.reasons(taken.evidence) == [(5, "left_out", "OpEx/CapEx")]
    assert taken.counts == (7, 6, 0, 1, 0)


def test_tbm_with_capital_cost(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "ledger_tbm.csv")
    assert sorted(taken.rows(LEDGER)) == sorted(POSTINGS[:7])
    assert taken.counts == (7, 7, 0, 0, 0)


# SAF-T


def test_saft_is_read_with_signs_cost_centres_and_the_chart(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "saft_no_fragment.xml", "ledger")
    assert taken.recognition.questions == ()
    assert taken.counts == (16, 16, 0, 0, 0)
    assert taken.rows(COST) == POSTINGS
    assert taken.rows(BALANCE) == [
        ("2930", "", -48250000), ("2400", "", -12500050), ("2400", "", 1000000), ("2400", "", -8400000),
        ("2400", "", -31234567), ("2400", "", -4999900), ("2400", "", -2100000), ("2930", "", -5000000),
    ]  # fmt: skip
    assert taken.evidence.notes == ()  # seven vouchers, and 1 134 845.17 on either side
    assert findings_of(taken) == {}


def test_saft_is_two_sources(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "saft_no_fragment.xml")
    ledger, accounts = taken.evidence.counts
    assert (ledger.rows_used, accounts.rows_read, accounts.rows_used) == (16, 9, 9)
    assert taken.rows("SELECT * EXCLUDE record FROM accounts WHERE account IN ('2400', '6750')") == [
        ("2400", "Leverandørgjeld", "240"), ("6750", "Driftstjenester IKT", "675")
    ]  # fmt: skip


def test_saft_by_the_state_chart_and_by_project(tmp_path: Path) -> None:
    columns = {"account": "GroupingCode", "cost_centre": "Analysis.PRO"}
    taken = s.take(tmp_path, "saft_no_fragment.xml", "ledger", columns=columns)
    query = "SELECT account, cost_centre, sum(amount_ore) FROM ledger WHERE cost_centre <> '' GROUP BY ALL"
    assert sorted(taken.rows(query)) == [
        ("642", "P1001", 12500050), ("671", "P1002", 31234567), ("675", "P1001", 7400000)
    ]  # fmt: skip


def voucher(number: int, *lines: tuple[str, str, str], period: str = "10") -> str:
    """One voucher; a line is an account, a side and an amount."""
    made = "".join(
        f"<Line><RecordID>{place}</RecordID><AccountID>{escape(account)}</AccountID>"
        f"<Analysis><AnalysisType>KST</AnalysisType><AnalysisID>{number}</AnalysisID></Analysis>"
        f"<{side}Amount><Amount>{escape(amount)}</Amount></{side}Amount></Line>"
        for place, (account, side, amount) in enumerate(lines)
    )
    return (
        f"<Transaction><TransactionID>{number}</TransactionID><Period>{period}</Period>"
        f"<PeriodYear>2025</PeriodYear>{made}</Transaction>"
    )


def saft_text(*vouchers: str, entries: str = "", debit: str = "", credit: str = "") -> str:
    return (
        f'<AuditFile xmlns="{saft.NAMESPACE}"><GeneralLedgerEntries>'
        f"<NumberOfEntries>{entries}</NumberOfEntries><TotalDebit>{debit}</TotalDebit>"
        f"<TotalCredit>{credit}</TotalCredit><Journal>{''.join(vouchers)}</Journal></GeneralLedgerEntries>"
        "<SourceDocuments><TotalDebit>7</TotalDebit></SourceDocuments></AuditFile>"
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (("2", "150.50", "150.50"), None),
        (("4", "150.50", "150.50"), None),  # some makers count lines
        (("", "", ""), None),  # nothing stated, nothing told
        (("3", "150.50", "200"), {"vouchers_count": 1, "debit_nok": 0.0, "credit_nok": 49.5}),
        (("2", "100.50", "150.50"), {"vouchers_count": 0, "debit_nok": -50.0, "credit_nok": 0.0}),
    ],
)
def test_control_sums_that_do_not_agree_are_told(
    tmp_path: Path, stated: tuple[str, str, str], expected: dict[str, float] | None
) -> None:
    vouchers = (
        voucher(1, ("6750", "Debit", "100.50"), ("2400", "Credit", "100.50")),
        voucher(2, ("6750", "Debit", "50"), ("2400", "Credit", "50")),
    )
    entries, debit, credit = stated
    file = m.write(tmp_path, "saft.xml", saft_text(*vouchers, entries=entries, debit=debit, credit=credit))
    taken = s.take(tmp_path, file, "ledger")
    assert findings_of(taken).get("control_sums_differ") == expected
    assert taken.counts == (4, 4, 0, 0, 0)


def test_a_negative_credit_is_a_debit_and_both_sides_are_no_amount(tmp_path: Path) -> None:
    both = voucher(2, ("6750", "Debit", "5")).replace(
        "</DebitAmount>", "</DebitAmount><CreditAmount><Amount>5</Amount></CreditAmount>"
    )
    one = voucher(1, ("6750", "Credit", "-50"), ("6751", "Credit", "+7"))
    taken = s.take(tmp_path, m.write(tmp_path, "saft.xml", saft_text(one, both)), "ledger")
    assert taken.rows("SELECT account, amount_ore FROM ledger ORDER BY record") == [
        ("6750", 5000), ("6751", -700)
    ]  # fmt: skip
    assert taken.set_aside == {(3, "bad_amount")}


def test_an_analysis_that_no_name_tells_is_asked_for() -> None:
    root = f"{{{saft.NAMESPACE}}}AuditFile"
    recognition = saft.recognise(
        Sample("x.xml", "xml", document=(root, ()), texts={"AnalysisType": ("A", "B")})
    )
    assert recognition is not None
    (question,) = recognition.questions
    assert (question.key, question.choices) == ("columns.cost_centre", ("Analysis.A", "Analysis.B"))


HOSTILE = {
    "entity": '<!DOCTYPE a [<!ENTITY x "y">]><AuditFile/>',
    "bomb": '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><AuditFile>&b;</AuditFile>',
    "outside": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><AuditFile/>',
    "deep": "<a>" * 100 + "</a>" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused(tmp_path: Path, name: str) -> None:
    file = m.write(tmp_path, "saft.xml", HOSTILE[name])
    source = f.recognised("saft_no_fragment.xml").sources[0]
    with open_evidence(tmp_path, str(file)) as opened, pytest.raises(HostileFileError) as caught:
        list(saft.table(opened, source).rows)
    assert "passwd" not in str(caught.value)


def test_saft_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    text = (f.EXPORTS / "saft_no_fragment.xml").read_bytes()
    source = f.recognised("saft_no_fragment.xml").sources[0]
    file = m.write(tmp_path, "saft.xml", text[: len(text) // 2])
    with open_evidence(tmp_path, str(file)) as opened, pytest.raises(EvidenceError):
        list(saft.table(opened, source).rows)


def test_memory_does_not_grow_with_the_number_of_vouchers(tmp_path: Path) -> None:
    source = f.recognised("saft_no_fragment.xml").sources[0]
    peaks = []
    for vouchers in (500, 5_000):
        one = voucher(1, ("6750", "Debit", "1"), ("2400", "Credit", "1"))
        file = m.write(tmp_path, f"{vouchers}.xml", saft_text(*([one] * vouchers)))
        with open_evidence(tmp_path, str(file)) as opened:
            tracemalloc.start()
            assert sum(1 for _ in saft.table(opened, source).rows) == 2 * vouchers
            assert xml.outline(opened)[1] == ("GeneralLedgerEntries", "SourceDocuments")
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000, peaks


# properties: whatever stands in the file, every row is somewhere, and the sum is that of the sound ones

FAULTS = {
    "period": "bad_period",
    "account": "missing_account",
    "amount": "bad_amount",
    "short": "too_few_fields",
}
Rows = list[tuple[Decimal, str]]
ROWS = st.lists(
    st.tuples(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(["sound", "sound", *FAULTS]))
)
SEARCH = settings(deadline=None, max_examples=12)


def assert_held(taken: s.Taken, rows: Rows, totals: int = 0) -> None:
    faults = Counter(FAULTS[fault] for _, fault in rows if fault != "sound")
    sound = sum(int(amount * 100) for amount, fault in rows if fault == "sound")
    assert taken.rows("SELECT coalesce(sum(amount_ore), 0)::BIGINT FROM ledger") == [(sound,)]
    bad = faults.total()
    assert taken.counts == (len(rows) + totals, len(rows) - bad, 0, bad + totals, 0)
    assert Counter(code for _, code in taken.set_aside if code != "total_line") == faults


def posting(number: int, amount: str, fault: str) -> list[str]:
    row = [str(number), "LØ", "202510", "6750", "410200", amount]
    if fault in ("period", "account", "amount"):
        place, wrong = {"period": (2, "oktober"), "account": (3, ""), "amount": (5, "tusen")}[fault]
        row[place] = wrong
    return row[:4] if fault == "short" else row


@SEARCH
@given(rows=ROWS)
def test_every_row_of_a_report_is_somewhere(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    folder = tmp_path_factory.mktemp("report")
    rows = [*rows, (Decimal("0.50"), "sound")]
    written = [f"{amount:,}".replace(",", "\u00a0").replace(".", ",") for amount, _ in rows]
    made = [posting(n, written[n], fault) for n, (_, fault) in enumerate(rows)]
    total = sum(amount for amount, fault in rows if fault not in ("amount", "short"))
    made.append(["", "", "", "", "", f"{total}".replace(".", ",")])
    header = ("Bilagsnr", "Bilagsart", "Periode", "Konto", "Koststed", "Beløp")
    file = m.write(folder, "report.csv", "Hovedbok;;;;;\n" + m.table(header, made, ";"))
    taken = s.take(folder, file, decimal=",", delimiter=";", header_row=2)
    assert_held(taken, rows, totals=1)
    assert "total_line_differs" not in findings_of(taken)


@SEARCH
@given(rows=ROWS)
def test_every_row_of_a_table_is_somewhere(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    folder = tmp_path_factory.mktemp("table")
    made = [posting(n, f"{amount}", fault) for n, (amount, fault) in enumerate(rows)]
    header = ("voucher_no", "voucher_type", "period", "account", "dim_1", "amount")
    file = m.write(folder, "agl.csv", m.table(header, made))
    assert_held(s.take(folder, file, columns={"cost_centre": "dim_1"}, decimal="."), rows)


@SEARCH
@given(rows=ROWS)
def test_every_row_of_tbm_is_somewhere(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    folder = tmp_path_factory.mktemp("tbm")
    made = [posting(n, f"{amount}", fault) for n, (amount, fault) in enumerate(rows)]
    header = ("Cost Pool", "Tower", "Fiscal Period", "GL Account", "Cost Center", "Amount")
    assert_held(s.take(folder, m.write(folder, "tbm.csv", m.table(header, made)), decimal="."), rows)


@SEARCH
@given(rows=ROWS)
def test_every_line_of_saft_is_somewhere(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    folder = tmp_path_factory.mktemp("saft")
    rows = [(amount, fault) for amount, fault in rows if fault != "short"]  # XML has no short rows
    vouchers = []
    for number, (amount, fault) in enumerate(rows):
        side = "Debit" if amount >= 0 or number % 2 else "Credit"
        written = "tusen" if fault == "amount" else str(amount if side == "Debit" else -amount)
        line = ("" if fault == "account" else "6750", side, written)
        vouchers.append(voucher(number, line, period="oktober" if fault == "period" else "10"))
    file = m.write(folder, "saft.xml", saft_text(*vouchers))
    assert_held(s.take(folder, file, "ledger", columns={"cost_centre": "Analysis.KST"}), rows)


@SEARCH
@given(names=st.dictionaries(st.from_regex("[0-9]{3,4}", fullmatch=True), st.text("Aåb \n\"';", max_size=20)))
def test_every_row_of_a_chart_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, names: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("chart")
    header = ("GroupingCategory", "GroupingCode", "CodeDescriptionNOB")
    file = m.write(folder, "chart.csv", m.table(header, [("KS", *entry) for entry in names.items()]))
    taken = s.take(folder, file, delimiter=",")
    named = {account: " ".join(name.split()) for account, name in names.items() if name.split()}
    assert dict(taken.rows("SELECT account, name FROM accounts")) == named
    assert [code for _, code in taken.set_aside] == ["missing_name"] * (len(names) - len(named))


@pytest.mark.parametrize("reader", [unit4, tbm, standard_accounts, saft])
def test_a_file_without_the_columns_is_not_recognised(reader: Any) -> None:
    assert reader.recognise(Sample("x.csv", "delimited", ("Konto", "Amount"), (("1", "2"),))) is None
    assert reader.recognise(Sample("x.json", "json", document={"a": [1]})) is None

"""SAF-T Financial Norway: the whole ledger as XML, read voucher by voucher.

Amounts carry no sign: debit is positive here, credit negative. Cost centres are analyses, of a type that
each agency names. The file says how many vouchers it has and what debit and credit sum to; where that
does not agree with what is there, the intake tells.

References: Skatteetaten, "Norwegian SAF-T Financial data", schema 1.30.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import xml
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Question, Recognition, Sample, folded, proposal
from makeorbuy.evidence.text import Fault, Table, Tell

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "urn:StandardAuditFile-Taxation-Financial:NO"
ANALYSIS = "Analysis."
"""A column of the table: this, and the type of an analysis."""

COST_CENTRE_TYPES = ("kst", "koststed", "kostnadssted", "avd", "avdeling", "a-koststed", "costcenter")
LINE = (
    "TransactionID", "Period", "TransactionDate", "VoucherType", "RecordID", "AccountID", "GroupingCode",
    "Amount",
)  # fmt: skip
ACCOUNT = ("AccountID", "AccountDescription", "GroupingCode")


def recognise(sample: Sample) -> Recognition | None:
    """Recognise the file by its namespace; ask which analysis is the cost centre unless its name says it."""
    if sample.container != "xml" or sample.document[0] != f"{{{NAMESPACE}}}AuditFile":
        return None
    columns = {"period": "Period", "account": "AccountID", "amount": "Amount"}
    types = sample.texts.get("AnalysisType", ())
    cost_centres = [kind for kind in types if folded(kind) in COST_CENTRE_TYPES]
    questions: tuple[Question, ...] = ()
    if len(cost_centres) == 1:
        columns["cost_centre"] = ANALYSIS + cost_centres[0]
    else:
        questions = (
            Question("cost_centre", "columns.cost_centre", tuple(ANALYSIS + kind for kind in types)),
        )
    accounts = {"account": "AccountID", "name": "AccountDescription"}
    if "GroupingCode" in sample.texts:
        accounts["chart_code"] = "GroupingCode"
    return Recognition(
        "SAF-T Financial Norway", 0.98,
        (
            proposal(sample, "ledger", columns, reader="saft"),
            proposal(sample, "accounts", accounts, reader="saft"),
        ),
        "field_names", "raw", questions, ("balance_accounts",),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return the lines of all vouchers, or for ``accounts`` the chart; a column for each analysis asked for.

    Raises
    ------
    EvidenceError
        If it is not XML.
    HostileFileError
        If it has a document type or entities, or is too deep.
    """
    if source.kind == "accounts":
        return Table(ACCOUNT, _accounts(file, tell))
    wanted = dict.fromkeys((*source.columns.values(), *source.leave_out))
    types = tuple(name.removeprefix(ANALYSIS) for name in wanted if name.startswith(ANALYSIS))
    lines = _Lines(file, types)
    return Table((*LINE, *(ANALYSIS + kind for kind in types)), lines.rows(tell), lines.remarks)


def _accounts(file: EvidenceFile, tell: Tell | None) -> Iterator[tuple[str, ...]]:
    for account in xml.named(file, {"Account", "GeneralLedgerEntries"}, tell):
        if xml.plain_tag(account.tag) == "Account":
            yield tuple(_texts(account).get(name, "") for name in ACCOUNT)


class _Lines:
    """One pass over the vouchers, with the control sums."""

    def __init__(self, file: EvidenceFile, types: tuple[str, ...]) -> None:
        self.file, self.types = file, types
        self.remarks: Counter[str] = Counter()
        self.chart_codes: dict[str, str] = {}
        self.vouchers = self.lines = 0
        self.debit = self.credit = Decimal(0)

    def rows(self, tell: Tell | None) -> Iterator[tuple[str, ...] | Fault]:
        stated: dict[str, str] = {}
        names = {"Account", "NumberOfEntries", "TotalDebit", "TotalCredit", "Transaction", "SourceDocuments"}
        for element in xml.named(self.file, names, tell):
            tag = xml.plain_tag(element.tag)
            if tag == "Account":
                account = _texts(element)
                self.chart_codes[account.get("AccountID", "")] = account.get("GroupingCode", "")
            elif tag == "Transaction":
                yield from self._voucher(element)
            elif tag != "SourceDocuments":  # which has totals of its own
                stated.setdefault(tag, (element.text or "").strip())
        self._check(stated)

    def _voucher(self, voucher: Element) -> Iterator[tuple[str, ...] | Fault]:
        said = _texts(voucher)
        self.vouchers += 1
        period = said.get("Period", "")
        head = (
            said.get("TransactionID", ""),
            said.get("PeriodYear", "") + (period.zfill(2) if period.isdecimal() else period),
            said.get("TransactionDate", ""),
            said.get("VoucherType", ""),
        )
        for line in voucher:
            if xml.plain_tag(line.tag) == "Line":
                yield self._line(head, line)

    def _line(self, head: tuple[str, ...], line: Element) -> tuple[str, ...]:
        texts, amounts, analyses = _texts(line), [], dict.fromkeys(self.types, "")
        self.lines += 1
        for part in line:
            tag = xml.plain_tag(part.tag)
            if tag in ("DebitAmount", "CreditAmount"):
                # before version 1.10 the amount stood in the element itself
                amount = _texts(part).get("Amount", "") or (part.text or "").strip()
                amounts.append(self._signed(tag, amount))
            elif tag == "Analysis":
                analysis = _texts(part)
                kind, name = analysis.get("AnalysisType", ""), analysis.get("AnalysisID", "")
                if kind in analyses:
                    analyses[kind] = f"{analyses[kind]} + {name}" if analyses[kind] else name
        account = texts.get("AccountID", "")
        amount = amounts[0] if len(amounts) == 1 else ""  # both sides, or neither: no amount
        return (
            *head, texts.get("RecordID", ""), account, self.chart_codes.get(account, ""), amount,
            *analyses.values(),
        )  # fmt: skip

    def _signed(self, side: str, written: str) -> str:
        try:
            number = Decimal(written)
        except InvalidOperation:
            return written
        if not number.is_finite():
            return written
        if side == "DebitAmount":
            self.debit += number
            return written
        self.credit += number
        return written.removeprefix("-") if number < 0 else f"-{written.removeprefix('+')}"

    def _check(self, stated: dict[str, str]) -> None:
        """Note what the file says of itself and does not hold; entries are vouchers, to some makers lines."""
        for tag, name, found in (
            ("NumberOfEntries", "control_vouchers_differ", (self.vouchers, self.lines)),
            ("TotalDebit", "control_debit_differs_ore", (self.debit,)),
            ("TotalCredit", "control_credit_differs_ore", (self.credit,)),
        ):
            try:
                said = Decimal(stated.get(tag, ""))
            except InvalidOperation:
                continue  # not stated
            if said.is_finite() and said not in found:
                missing = said - found[0]
                self.remarks[name] = int(missing * 100 if tag != "NumberOfEntries" else missing)


def _texts(element: Element) -> dict[str, str]:
    """Return the children's texts by plain tag; of several the first."""
    texts: dict[str, str] = {}
    for child in element:
        texts.setdefault(xml.plain_tag(child.tag), (child.text or "").strip())
    return texts

"""Cloud bills in the FinOps FOCUS columns: charges, credits and corrections, as ledger rows.

Four costs stand on each row: billed as the invoice has it, effective with prepaid commitments spread
over the months that use them. Which one counts, what a service is (account or tag), and what a foreign
currency is worth, are for a person to say.

References: FinOps Foundation, FOCUS specification 1.0 to 1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Question, Recognition, Sample, has, proposal
from makeorbuy.evidence.text import Table, Tell, plain_name, remade

COSTS = ("EffectiveCost", "BilledCost", "ContractedCost", "ListCost")
CHARGE_MONTH, BILLING_MONTH = "ChargeMonth", "BillingMonth"
MONTHS = {CHARGE_MONTH: "ChargePeriodStart", BILLING_MONTH: "BillingPeriodStart"}
"""Columns that are added: the month of a time of the bill, which is in UTC."""

TAG = "Tags."
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-\d\d(?:[T ].*)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,18}(\.\d+)?([eE][-+]?\d{1,2})?", re.ASCII)
_MILLIONTH = Decimal("0.000001")


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a bill by three of its columns; ask for the cost, the service and the rates."""
    if not has(sample, "BilledCost", "ChargePeriodStart", "ChargeCategory", "BillingCurrency"):
        return None
    columns = {"period": CHARGE_MONTH, "account": "ServiceCategory", "currency": "BillingCurrency"}
    missing = ("", "NULL") if any("NULL" in row for row in sample.rows) else ("",)
    costs = tuple(cost for cost in COSTS if has(sample, cost))
    tags = {f"{TAG}{name}": None for text in sample.column("Tags") for name in _tags(text)}
    holders = [name for name in ("SubAccountName", "SubAccountId", "ResourceName") if has(sample, name)]
    questions = [
        Question("cost_measure", "columns.amount", costs),
        Question("cost_centre", "columns.cost_centre", (*holders, *tags)),
    ]
    currencies = sorted({*map(str.strip, sample.column("BillingCurrency"))} - {"", "NULL", "NOK"})
    if currencies:
        questions.append(Question("rates", "rates", tuple(currencies)))
    source = proposal(sample, "ledger", columns, missing=missing, reader="focus")
    return Recognition(
        "FOCUS, cloud bill", 0.95, (source,), "field_names", "raw", tuple(questions), ("bill_in_utc",)
    )


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return the charges, with the months and tags that the mapping names, costs without exponents.

    Raises
    ------
    EvidenceError
        If it is not delimited text.
    HostileFileError
        If it must not be read.
    """
    bill = delimited.table(file, source, tell)
    header = [plain_name(name) for name in bill.header]
    wanted = dict.fromkeys((*source.columns.values(), *source.leave_out))
    places = [header.index(cost) for cost in COSTS if cost in wanted and cost in header]
    added: dict[str, tuple[int, Callable[[str], str]]] = {}
    for name in wanted:
        of, read = MONTHS.get(name, "Tags"), _month if name in MONTHS else _tag(name.removeprefix(TAG))
        if (name in MONTHS or name.startswith(TAG)) and of in header and name not in header:
            added[name] = header.index(of), read

    def made(row: Sequence[str]) -> Sequence[str]:
        fields = [*row, *(read(row[place]) for place, read in added.values())]
        for place in places:
            fields[place] = _plain(fields[place])
        return fields

    return remade(bill, (*bill.header, *added), made)


def _month(written: str) -> str:
    match = _MONTH.fullmatch(written.strip())
    return match[1] + match[2] if match else written


def _plain(written: str) -> str:
    """Return a number without exponent, to the millionth; anything else as it is."""
    text = written.strip()
    if not _NUMBER.fullmatch(text) or len(text) > 60:
        return written
    try:
        return f"{Decimal(text).quantize(_MILLIONTH):f}"
    except InvalidOperation:  # beyond every amount
        return written


def _tag(name: str) -> Callable[[str], str]:
    return lambda written: _tags(written).get(name, "")


def _tags(written: str) -> dict[str, str]:
    """Return the tags of a row; none where the text is no JSON object."""
    if not written.strip().startswith("{"):
        return {}
    try:
        tags = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return (
        {name: value for name, value in tags.items() if isinstance(value, str)}
        if isinstance(tags, dict)
        else {}
    )

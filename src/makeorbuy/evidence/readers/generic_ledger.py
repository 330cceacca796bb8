"""A general ledger of any system, told by what people usually call its columns in Bokmål or English.

The last resort, with a low score. Which side a cost is booked on, and which accounts count, is for
``evidence/ledger_mapping.csv`` to say.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    decimal_sign,
    proposal,
    share_matching,
)

SCORE = 0.3

LEAST_PERIODS = 0.9
"""Share of the periods that are written as YYYYMM or YYYY-MM; a total below the postings has none."""

COLUMNS = {
    "period": ("periode", "regnskapsperiode", "period", "accounting period", "måned", "month"),
    "account": ("konto", "kontonr", "kontonummer", "art", "account", "account number", "account no"),
    "cost_centre": ("koststed", "kostnadssted", "ansvar", "enhet", "avdeling", "cost centre", "cost center",
                    "department"),
    "amount": ("beløp", "netto", "amount", "net amount"),
}  # fmt: skip
BALANCE_ACCOUNTS = ("1", "2")
"""First digits of accounts of the balance sheet, in the state chart and in NS 4102."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a ledger by a period, an account and an amount; ask for the rest."""
    columns = columns_by_name(sample, COLUMNS)
    if not {"period", "account", "amount"} <= set(columns):
        return None
    if share_matching(sample.column(columns["period"]), r"[0-9]{4}-?[0-9]{2}") < LEAST_PERIODS:
        return None
    questions = []
    if "cost_centre" not in columns:
        questions.append(Question("cost_centre", "columns.cost_centre"))
    decimal = decimal_sign(sample.column(columns["amount"]))
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    accounts = sample.column(columns["account"])
    has_balance = any(account.strip().startswith(BALANCE_ACCOUNTS) for account in accounts)
    return Recognition(
        "a general ledger", SCORE, (proposal(sample, "ledger", columns, decimal=decimal),),
        questions=tuple(questions), remarks=("balance_accounts",) if has_balance else (),
    )  # fmt: skip

"""Unit4 ERP (Agresso): the general ledger as a screen report, or as the table ``agltransact``.

A report has title lines above the header and a total below the postings, in Windows-1252. The table has
both sides of each voucher. What the dimensions mean is each client's own decision.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    decimal_sign,
    has,
    proposal,
)

REPORT = {
    "period": ("Periode", "Period"),
    "account": ("Konto", "Account"),
    "cost_centre": ("Koststed", "Cost centre", "Kostnadssted", "Dim 1"),
    "amount": ("Beløp", "Amount"),
}
TABLE = {"period": ("period",), "account": ("account",), "amount": ("amount",)}
DIMENSIONS = tuple(f"dim_{number}" for number in range(1, 8))
BALANCE_ACCOUNTS = ("1", "2")
"""First digits of accounts of the balance sheet, in the state chart and in NS 4102."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a ledger by its columns; ask which dimension is the cost centre."""
    questions: list[Question] = []
    if has(sample, "account", "dim_1", "voucher_no", "period", "amount"):
        system, columns, headers, score = "Unit4, agltransact", columns_by_name(sample, TABLE), True, 0.95
        filled = tuple(name for name in DIMENSIONS if any(map(str.strip, sample.column(name))))
        questions.append(Question("dimension", "columns.cost_centre", filled))
    elif any(
        has(sample, *names)
        for names in (
            ("Bilagsnr", "Periode", "Konto", "Beløp"),
            ("Voucher no", "Period", "Account", "Amount"),
        )
    ):
        system, columns, headers, score = "Unit4, report", columns_by_name(sample, REPORT), False, 0.9
        if "cost_centre" not in columns:
            questions.append(Question("cost_centre", "columns.cost_centre"))
    else:
        return None
    decimal = decimal_sign(sample.column(columns["amount"]))
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    has_balance = any(
        account.strip().startswith(BALANCE_ACCOUNTS) for account in sample.column(columns["account"])
    )
    return Recognition(
        system, score, (proposal(sample, "ledger", columns, decimal=decimal),),
        "field_names" if headers else "labels", "raw" if headers else "display",
        tuple(questions), ("balance_accounts",) if has_balance else (),
    )  # fmt: skip

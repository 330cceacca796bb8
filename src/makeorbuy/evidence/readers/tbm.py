"""Technology Business Management: cost by pool, tower and solution.

Capital cost may stand beside the yearly cost; whether it counts is for a person to say.

References: TBM Council, TBM Taxonomy 4.0.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    decimal_sign,
    folded,
    has,
    proposal,
)

COLUMNS = {
    "period": ("Fiscal Period", "Period"),
    "account": ("GL Account", "Account"),
    "cost_centre": ("Cost Center", "Cost Centre"),
    "amount": ("Amount",),
}
CAPITAL = ("OpEx/CapEx", "Opex/Capex", "Expense Type")


def recognise(sample: Sample) -> Recognition | None:
    """Recognise cost pools and towers; ask whether capital cost counts."""
    if not has(sample, "Cost Pool", "Tower", "Amount"):
        return None
    columns = columns_by_name(sample, COLUMNS)
    questions = [
        Question(code, f"columns.{field}", choices)
        for code, field, choices in (
            ("period", "period", ()),
            ("account", "account", ("Cost Sub-Pool", "Cost Pool")),
            ("cost_centre", "cost_centre", ("Solution", "Sub-Tower", "Tower")),
        )
        if field not in columns
    ]
    decimal = decimal_sign(sample.column("Amount"))
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    for name in sample.header:
        capital = sorted({value.strip() for value in sample.column(name) if folded(value) == "capex"})
        if name.strip() in CAPITAL and capital:
            questions.append(Question("capital_cost", f"leave_out.{name.strip()}", tuple(capital)))
    return Recognition(
        "TBM", 0.9, (proposal(sample, "ledger", columns, decimal=decimal),), questions=tuple(questions)
    )

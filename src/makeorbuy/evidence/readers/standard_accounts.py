"""The state chart of accounts (standard kontoplan), as the code lists of SAF-T publish it.

It names accounts and has no amounts.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has, proposal

COLUMNS = {
    "account": ("GroupingCode",),
    "name": ("CodeDescriptionNOB", "CodeDescriptionNNO", "CodeDescriptionENG"),
}


def recognise(sample: Sample) -> Recognition | None:
    """Recognise the list by its columns."""
    columns = columns_by_name(sample, COLUMNS)
    if not has(sample, "GroupingCategory", "GroupingCode") or "name" not in columns:
        return None
    sources = (proposal(sample, "accounts", columns),)
    return Recognition("State chart of accounts", 0.95, sources, "field_names", remarks=("no_amounts",))

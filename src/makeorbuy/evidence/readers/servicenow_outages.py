"""ServiceNow outages (``cmdb_ci_outage``): configuration item, type, begin and end.

The end is typed by hand. ``duration`` is a date of 1970 and is not used. Time in an unplanned outage that
lies within a planned one is in both rows.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    has,
    proposal,
    spellings_of,
)

FIELDS = {"service": ("cmdb_ci", "ci"), "started_at": ("begin",), "ended_at": ("end",), "kind": ("type",)}
LABELS = {
    "service": ("Configuration item", "Konfigurasjonselement"),
    "started_at": ("Begin", "Start"),
    "ended_at": ("End", "Slutt"),
    "kind": ("Type",),
}
KINDS = {
    "outage": "outage", "degradation": "degradation", "planned": "planned", "planned outage": "planned",
    "driftsbrudd": "outage", "redusert ytelse": "degradation", "planlagt": "planned",
}  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """Recognise outages by item, type, begin and end; ask which items are which service."""
    is_named_by_field = has(sample, "begin", "end", "type") and (has(sample, "cmdb_ci") or has(sample, "ci"))
    columns = columns_by_name(sample, FIELDS if is_named_by_field else LABELS)
    if set(columns) != {"service", "started_at", "ended_at", "kind"}:
        return None
    found = dates(sample.column(columns["started_at"]), sample.column(columns["ended_at"]))
    kinds, unknown = spellings_of(sample.column(columns["kind"]), KINDS)
    items = sorted({" ".join(item.split()) for item in sample.column(columns["service"])} - {""})
    questions = [Question("time_zone_of_export", "time_zone"), Question("services", "services", tuple(items))]
    if not found.settled:
        questions.append(Question("date_format", "date_format", found.formats))
    if unknown:
        questions.append(Question("kinds", "kinds", unknown))
    rules = {"date_format": found.settled, "kinds": {**kinds}}
    return Recognition(
        "ServiceNow, outages", 0.9, (proposal(sample, "outages", columns, **rules),),
        "field_names" if is_named_by_field else "labels", "display", tuple(questions),
    )  # fmt: skip

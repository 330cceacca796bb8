"""Positions of an agency's personnel system, as a report: unit, percent, dates; a row per position.

One person may stand on several rows, a vacant position has nobody, and the year 9999 means no end.
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates,
    decimal_sign,
    proposal,
    spellings_of,
)

COLUMNS = {
    "person": ("Ansattnr", "Ansattnummer", "Ressursnr", "Employee no", "Employee ID"),
    "from_on": ("Fra dato", "Dato fra", "Startdato", "From date", "Start date"),
    "to_on": ("Til dato", "Dato til", "Sluttdato", "To date", "End date"),
    "percent": ("Stillingsprosent", "Stillings%", "Stillingsandel", "Position percent", "FTE %"),
    "service": ("Enhet", "Organisasjonsenhet", "Avdeling", "Koststed", "Unit", "Department", "Cost centre"),
    "employment": ("Ansettelsesform", "Ansettelsestype", "Employment type", "Form of employment"),
}
EMPLOYMENTS = {
    "fast": "employee", "midlertidig": "employee", "vikar": "employee", "åremål": "employee",
    "engasjement": "employee", "lærling": "employee", "permanent": "employee", "temporary": "employee",
    "innbeordret": "seconded", "beordret": "seconded", "utlånt": "seconded", "seconded": "seconded",
    "innleid": "consultant", "konsulent": "consultant", "consultant": "consultant",
}  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """Recognise positions by percent and dates; ask which units make up which service."""
    columns = columns_by_name(sample, COLUMNS)
    if not {"from_on", "to_on", "percent"} <= set(columns):
        return None
    ends = sample.column(columns["to_on"])
    missing = ("", *sorted({end.strip() for end in ends if "9999" in end}))
    found = dates(sample.column(columns["from_on"]), ends, missing=missing)
    decimal = decimal_sign(sample.column(columns["percent"]))
    questions = []
    if not found.settled:
        questions.append(Question("date_format", "date_format", found.formats))
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    rules: dict[str, object] = {"date_format": found.settled, "decimal": decimal, "missing": missing}
    if "service" in columns:
        units = sorted({" ".join(unit.split()) for unit in sample.column(columns["service"])} - {""})
        questions.append(Question("services", "services", tuple(units)))
    else:
        questions.append(Question("service_column", "columns.service"))
    if "employment" in columns:
        rules["employments"], unknown = spellings_of(sample.column(columns["employment"]), EMPLOYMENTS)
        if unknown:
            questions.append(Question("employments", "employments", unknown))
    else:
        questions.append(Question("employment_column", "columns.employment"))
    remarks = () if "person" in columns else ("no_person",)
    return Recognition(
        "positions of a personnel system", 0.85, (proposal(sample, "staffing", columns, **rules),),
        questions=tuple(questions), remarks=remarks,
    )  # fmt: skip

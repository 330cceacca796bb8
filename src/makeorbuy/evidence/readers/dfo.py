"""Employees from the interfaces of DFØ (the state's payroll): JSON, a position and extra positions each.

Beside the positions stand national identity numbers, birth dates, addresses. Only the fields that are
listed here leave this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Question, Recognition, Sample, decimal_sign, has, proposal
from makeorbuy.evidence.text import Fault, Table, Tell

KEPT = (
    "id", "stillingId", "startdato", "sluttdato", "dellonnsprosent", "kostnadssted", "organisasjonId",
    "medarbeidergruppe", "medarbeiderundergruppe",
)  # fmt: skip
"""All that is kept of an employee; `id` becomes an ordinal."""

INHERITED = "kostnadssted_eller_hovedstillingens"
"""A column more: the cost centre of the position, or else that of the employee's main position."""

EXTRA = "tilleggsstilling"
NO_END = "9999-12-31"


def recognise(sample: Sample) -> Recognition | None:
    """Recognise employees by their position and its percent; ask what the groups of employees mean."""
    if sample.container != "json" or not has(sample, "dellonnsprosent", "stillingId"):
        return None
    rows = [row for row in _rows(sample.document, sample.sheet) if not isinstance(row, Fault)]
    column = {name: [row[place] for row in rows] for place, name in enumerate((*KEPT, INHERITED))}
    columns = {
        "person": "id", "from_on": "startdato", "to_on": "sluttdato", "percent": "dellonnsprosent",
        "employment": "medarbeidergruppe", "service": "kostnadssted",
    }  # fmt: skip
    questions = [
        Question("services", "services", tuple(sorted({*column[INHERITED]} - {""}))),
        Question("employments", "employments", tuple(sorted({*column["medarbeidergruppe"]} - {""}))),
    ]
    if column["kostnadssted"] != column[INHERITED]:
        del columns["service"]
        questions.insert(0, Question("extra_positions", "columns.service", ("kostnadssted", INHERITED)))
    decimal = decimal_sign(column["dellonnsprosent"])
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    rules = {"date_format": "%Y-%m-%d", "decimal": decimal, "missing": ("", NO_END), "reader": "dfo"}
    return Recognition(
        "DFØ, employees", 0.95, (proposal(sample, "staffing", columns, **rules),), "field_names", "raw",
        tuple(questions),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return a row for each position, extra positions with those of their own fields that they have.

    Raises
    ------
    EvidenceError
        If it is not JSON, or holds no such list.
    HostileFileError
        If it is too large or too deep.
    """
    document = json.load(file, tell)
    return Table((*KEPT, INHERITED), _rows(document, source.sheet or "$"))


def _rows(document: Any, sheet: str) -> Iterator[tuple[str, ...] | Fault]:
    records = document.get(sheet) if isinstance(document, dict) else document
    for record in records if isinstance(records, list) else ():
        if not isinstance(record, dict):
            yield Fault("not_a_record")
            continue
        main = _kept(record)
        yield (*main.values(), main["kostnadssted"])
        extra = record.get(EXTRA)
        for position in extra if isinstance(extra, list) else ():
            if not isinstance(position, dict):
                yield Fault("not_a_record")
                continue
            own = {**_kept(position), "id": main["id"]}
            for name in ("medarbeidergruppe", "medarbeiderundergruppe"):  # of the employee, not the position
                own[name] = own[name] or main[name]
            yield (*own.values(), own["kostnadssted"] or main["kostnadssted"])


def _kept(record: dict[str, Any]) -> dict[str, str]:
    plain = {name: record.get(name) for name in KEPT}
    return {
        name: "" if isinstance(value, dict | list) else json.as_text(value) for name, value in plain.items()
    }

"""The development queue: what is wanted and not yet delivered, as a list from any portfolio tool.

Told by what people usually call their columns in Bokmål or English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited, workbook
from makeorbuy.evidence.opening import EvidenceFile, unpacked_bytes
from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    decimal_sign,
    folded,
    proposal,
)
from makeorbuy.evidence.text import Table, Tell, remade

MILLIONS = (
    "estimat (mill. kr)", "estimat (mnok)", "kostnad (mill. kr)", "kostnad (mnok)", "estimate (nok million)",
    "estimate (mnok)",
)  # fmt: skip
"""Columns whose numbers are millions."""

COLUMNS = {
    "initiative": ("initiative_id", "initiative", "tiltak-id", "tiltaksnr", "tiltaksnummer", "tiltak",
                   "epic"),
    "service": ("service", "tjeneste", "system", "løsning", "produkt", "product"),
    "estimated_nok": ("estimated_nok", "estimert kostnad", "estimat (kr)", "estimat (nok)", "kostnad (kr)",
                      "estimated cost", *MILLIONS, "estimat", "estimate"),
    "status": ("status", "tilstand", "state"),
}  # fmt: skip

IN_NOK = "{} i kroner"
"""Column that is added where the file's own is in millions."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by an id, a service and an estimate."""
    columns = columns_by_name(sample, COLUMNS)
    if not {"initiative", "service", "estimated_nok"} <= set(columns):
        return None
    decimal = decimal_sign(sample.column(columns["estimated_nok"]))
    questions = []
    if not decimal:
        questions.append(Question("decimal", "decimal", (",", ".")))
    rules: dict[str, object] = {"decimal": decimal}
    if folded(columns["estimated_nok"]) in MILLIONS and sample.container in ("delimited", "workbook"):
        columns["estimated_nok"] = IN_NOK.format(columns["estimated_nok"])
        rules["reader"] = "initiatives"
    elif not re.search(r"kr|nok|kostnad|cost", folded(columns["estimated_nok"])):
        questions.append(
            Question("unit_of_estimate", "columns.estimated_nok", (columns.pop("estimated_nok"),))
        )
    names = sorted({" ".join(name.split()) for name in sample.column(columns["service"])} - {""})
    questions.append(Question("services", "services", tuple(names)))
    return Recognition(
        "development queue",
        0.5,
        (proposal(sample, "initiatives", columns, **rules),),
        questions=tuple(questions),
    )


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return the list with a column in NOK for each that is in millions.

    Raises
    ------
    EvidenceError
        If it is neither delimited text nor a workbook.
    HostileFileError
        If it must not be read.
    """
    is_book = unpacked_bytes(file, 4).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    listed = (workbook if is_book else delimited).table(file, source, tell)
    places = [place for place, name in enumerate(listed.header) if folded(name) in MILLIONS]

    added = (IN_NOK.format(listed.header[place].strip()) for place in places)

    def in_nok(row: Sequence[str]) -> Sequence[str]:
        return (*row, *(_millions(row[place], source.decimal) for place in places))

    return remade(listed, (*listed.header, *added), in_nok)


def _millions(written: str, sign: str) -> str:
    text = re.sub(r"\s", "", written)
    if not re.fullmatch(rf"-?[0-9]{{1,9}}(\{sign}[0-9]{{1,12}})?", text):
        return written
    return f"{Decimal(text.replace(sign, '.')) * 1_000_000:f}".replace(".", sign)

"""Look at the beginning of an unknown file: what holds its rows, how it is written, where the header is.

Only the container is settled here: encoding, delimiter, sheet, row of the header. What the columns
mean is for the readers to recognise, and for a person to accept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from makeorbuy.evidence.containers import json, sqlite, workbook, xml
from makeorbuy.evidence.opening import EvidenceFile, container_of, unpacked_blocks
from makeorbuy.evidence.recognition import SAMPLE_ROWS, Sample, proposal
from makeorbuy.evidence.text import Fault, Table
from makeorbuy.foundation.errors import EvidenceError, Problem

HEADER_WITHIN_ROWS = 10
"""The header is looked for in this many rows, for the titles that some exports put above it."""

_LOOK_BYTES = 256 * 1024
_DELIMITERS = (",", ";", "\t", "|")


def samples_of(file: EvidenceFile) -> tuple[Sample, ...]:
    """Return a sample of a file; of each sheet or table, where it has several.

    Raises
    ------
    EvidenceError
        If it holds nothing that any container knows.
    HostileFileError
        If it must not be read.
    """
    container = container_of(file)
    if container == "workbook":
        return tuple(_tabular(file, "workbook", sheet) for sheet in workbook.sheets(file))
    if container == "sqlite":
        return _database(file)
    if container == "xml":
        outline, tree, texts = xml.outline(file), xml.beginning(file), xml.texts(file)
        return (Sample(file.name, "xml", document=outline, tree=tree, texts=texts),)
    if container == "json":
        return _json(file)
    return (_delimited(file),)


def _json(file: EvidenceFile) -> tuple[Sample, ...]:
    document = json.load(file)
    names = json.lists(document)
    if not names:
        return (Sample(file.name, "json", document=document),)
    return tuple(_tabular(file, "json", name, document, json.rows_of(document, name)) for name in names)


def _database(file: EvidenceFile) -> tuple[Sample, ...]:
    tables = sqlite.beginnings(file, SAMPLE_ROWS)
    return tuple(
        Sample(file.name, "sqlite", header, tuple(rows), sheet=sheet, document=tables)
        for sheet, (header, *rows) in tables.items()
    )


def _tabular(
    file: EvidenceFile, container: Any, sheet: str, document: object = None, table: Table | None = None
) -> Sample:
    if table is None:
        source = proposal(Sample(file.name, container, sheet=sheet), "tickets", {})
        file.handle.seek(0)
        table = workbook.table(file, source, knows_header=False)
    rows = [tuple(table.header), *_rows(table.rows, SAMPLE_ROWS + HEADER_WITHIN_ROWS)]
    place = _header_place(rows) if container == "workbook" else 0
    return Sample(
        file.name, container, rows[place], tuple(rows[place + 1 :][:SAMPLE_ROWS]),
        header_row=place + 1, sheet=sheet, document=document,
    )  # fmt: skip


def _rows(rows: Iterator[Any], most: int) -> Iterator[tuple[str, ...]]:
    return (tuple(row) for row in islice((row for row in rows if not isinstance(row, Fault)), most))


def _delimited(file: EvidenceFile) -> Sample:
    block = b"".join(islice(unpacked_blocks(file), 1))[:_LOOK_BYTES]
    file.handle.seek(0)
    encoding = _encoding(block)
    # the last line may be cut in the middle of a letter or a quote
    text = block.decode(encoding, errors="ignore")
    best: tuple[float, str, list[list[str]]] = (0.0, ",", [])
    for delimiter in _DELIMITERS:
        rows = _split(text, delimiter)
        widths = [len(row) for row in rows if row]
        width = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        even = widths.count(width) / max(1, len(widths))
        score = 0.0 if width < 2 else even + min(width, 50) / 1000
        if score > best[0]:
            best = (score, delimiter, rows)
    _, delimiter, rows = best
    if not rows:
        rows = _split(text, ",")
    if not rows:
        problem = Problem(
            "empty_file", file.name, None, None, "an empty file", "a header and rows", "Export it again."
        )
        raise EvidenceError(problems=[problem])
    place = _header_place(rows)
    return Sample(
        file.name, "delimited", tuple(name.removeprefix("\ufeff") for name in rows[place]),
        tuple(map(tuple, (row for row in rows[place + 1 :] if row)))[:SAMPLE_ROWS],
        encoding="utf-8" if encoding == "utf-8-sig" else encoding, delimiter=delimiter, header_row=place + 1,
    )  # fmt: skip


def _split(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 2 * SAMPLE_ROWS):
            rows.append(row)
    except csv.Error:
        pass
    return rows


def _header_place(rows: list[Any]) -> int:
    """Return which row is the header: the first as wide as most rows are, and filled."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    most = max(filled, default=0)
    for place, count in enumerate(filled[:HEADER_WITHIN_ROWS]):
        if count >= 2 and count >= 0.7 * most:
            return place
    return 0


def _encoding(block: bytes) -> str:
    """Return utf-16, utf-8 or cp1252, by what the bytes allow; `map` shows it and a person accepts it."""
    if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for cut in range(4):  # the block may end within a letter
        try:
            block[: len(block) - cut].decode("utf-8")
            return "utf-8-sig"
        except UnicodeDecodeError as error:
            if error.start < len(block) - 4:
                break
    return "cp1252"

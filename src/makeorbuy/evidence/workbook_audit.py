"""Look into a workbook (XLSX) before calamine does: how far its cells reach, and what hides there.

Calamine gives the value that was stored with a cell. It does not tell a formula that was never computed
from an empty cell, nor an error from one, and it lays out every cell between the first and the last: two
cells in opposite corners of a sheet ask it for half a terabyte. So the sheet is read once as a stream, by
pattern where it is written as every spreadsheet program writes it, else by an XML parser.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from makeorbuy.foundation.errors import HostileFileError, Problem

DENSE_CELLS = 4_000_000
"""A sheet may always span this many cells: 128 MB when it is laid out."""

MOST_SPAN_PER_CELL = 50
"""Beyond `DENSE_CELLS`: most cells between the first and the last for each cell that is there."""

_BROKEN = (OSError, ValueError, KeyError, EOFError, NotImplementedError)
_BLOCK = 4 * 1024**2
_MOST_COLUMNS = 16_384
# what the patterns below cannot follow (other quotes, spaces, prefixes, entities), or must not skip
_CLOSER_LOOK = re.compile(
    rb"<f[\s/>]|\st=[\"']e[\"']|\shidden=|\sr\s*=\s*'|\sr\s+=|\sr=\s|\sr=\"[^\"]*&|<\w+:(?:c|row|f)\b|<!|\0"
)
_REFERENCE = re.compile(rb'\sr="([A-Z]*)([0-9]+)"')
_FAR_COLUMN = re.compile(rb'\sr="([A-Z]{2,})[0-9]')


@dataclass(slots=True)
class Audit:
    """What a sheet holds besides plain values.

    Attributes
    ----------
    faults : dict of (row, column) to str
        Cells without a value that could be trusted, from 0, and why: ``formula_not_computed``,
        ``formula_outside`` (it reads another workbook), ``error_cell``.
    formulas, hidden_rows, hidden_columns : int
        How many there are.
    """

    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0


class _DocumentType(Exception):
    """A part of the workbook declares a document type, and perhaps entities."""


@dataclass(slots=True)
class _Extent:
    """How far the cells reach, and how many there are."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    @property
    def is_scattered(self) -> bool:
        return self.rows * self.columns > max(DENSE_CELLS, MOST_SPAN_PER_CELL * self.cells)


def audit_sheet(file: str, data: bytes, sheet: str) -> Audit:
    """Read one sheet of a workbook once, without laying out its cells.

    Parameters
    ----------
    file : str
        How the workbook is called in messages.
    data : bytes
        The archive.
    sheet : str
        Name of the sheet.

    Returns
    -------
    Audit
        Empty for what is no XLSX: older and binary forms are left to calamine.

    Raises
    ------
    HostileFileError
        If its cells are so far apart that laying them out would take more memory than any table does,
        or a part has a document type.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        part = _part_of(archive, sheet)
        if part is None:
            return Audit()
        extent = _Extent()
        audit = Audit()
        if not _is_plain(archive, part, extent):
            extent = _Extent()
            audit = _Walk(extent).run(_blocks(archive, part))
    except _DocumentType:
        problem = Problem(
            "hostile_xml", file, None, None, "a document type in the workbook", "a workbook without one",
            "Check where the file comes from; no spreadsheet program writes one.",
        )  # fmt: skip
        raise HostileFileError(problems=[problem]) from None
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, *_BROKEN):
        return Audit()  # calamine says that it is damaged
    if extent.is_scattered:
        problem = Problem(
            "scattered_cells", file, None, None,
            f"{extent.cells} cells over an area of {extent.rows} rows and {extent.columns} columns",
            "a table without far-off cells",
            "Delete the rows and columns beyond the table, or save the sheet as CSV.",
        )  # fmt: skip
        raise HostileFileError(problems=[problem])
    return audit


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the name of the part that holds a sheet, by the relations that the workbook declares."""
    names = {name.lower(): name for name in archive.namelist()}
    if "_rels/.rels" not in names:
        return None
    roots = _relations(archive, names["_rels/.rels"], "")
    book = next((target for kind, _, target in roots if kind.endswith("/officeDocument")), "")
    folder, name = posixpath.split(book)
    relations = names.get(f"{folder}/_rels/{name}.rels".lstrip("/").lower())
    if relations is None or book.lower() not in names or not book.lower().endswith(".xml"):
        return None
    targets = {number: target for _, number, target in _relations(archive, relations, folder)}
    for attributes in _elements(archive.read(names[book.lower()]), "sheet"):
        number = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
        if attributes.get("name") == sheet:
            return names.get(targets.get(number, "").lower())
    return None


def _relations(archive: zipfile.ZipFile, part: str, folder: str) -> list[tuple[str, str, str]]:
    """Return kind, id and target of every relation that stays within the archive."""
    return [
        (
            entry.get("Type", ""),
            entry.get("Id", ""),
            posixpath.normpath(posixpath.join("/", folder, entry.get("Target", ""))).lstrip("/"),
        )
        for entry in _elements(archive.read(part), "Relationship")
        if entry.get("TargetMode", "Internal") == "Internal"
    ]


def _elements(text: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(attributes)

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(text, True)
    return found


def _parser() -> Any:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise _DocumentType

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _whole_tags(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Give the text in pieces that cut no tag in two."""
    rest = b""
    for block in _blocks(archive, part):
        rest += block
        cut = rest.rfind(b"<")
        if cut < 0 and len(rest) > _BLOCK:
            raise ValueError("a text without tags")
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _is_plain(archive: zipfile.ZipFile, part: str, extent: _Extent) -> bool:
    """Whether patterns are enough for this sheet; fills in how far its cells reach."""
    columns: set[bytes] = set()
    digits = 0
    for text in _whole_tags(archive, part):
        if _CLOSER_LOOK.search(text):
            return False
        extent.cells += text.count(b"<c ") + text.count(b"<c>")
        extent.rows += text.count(b"<row")
        columns.update(_FAR_COLUMN.findall(text))
        while re.search(rb'\sr="[A-Z]*[0-9]{%d}' % (digits + 1), text):
            digits += 1
    extent.columns = max((_number(letters) for letters in columns), default=26)
    rows, extent.rows = extent.rows, max(extent.rows, 10**digits)
    if extent.is_scattered:  # by the number of digits; now exactly
        extent.rows, extent.columns = rows, 1
        for text in _whole_tags(archive, part):
            for letters, number in _REFERENCE.findall(text):
                extent.rows = max(extent.rows, int(number[:9]))
                extent.columns = max(extent.columns, _number(letters))
    return True


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    Examples
    --------
    >>> [_number(letters) for letters in (b"A", b"Z", b"AA", b"XFD")]
    [1, 26, 27, 16384]
    """
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


class _Walk:
    """One pass of the XML parser over a sheet."""

    def __init__(self, extent: _Extent) -> None:
        self.extent = extent
        self.audit = Audit()
        self.row = self.column = -1
        self.cell: dict[str, str] = {}
        self.place = (0, 0)
        self.formula: str | None = None
        self.value = ""
        self.within = ""

    def run(self, blocks: Iterator[bytes]) -> Audit:
        parser = _parser()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
        return self.audit

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._place(attributes)
            self.cell, self.formula, self.value = attributes, None, ""
        elif name == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
            self.extent.rows = max(self.extent.rows, self.row + 1)
            self.audit.hidden_rows += attributes.get("hidden") in ("1", "true")
        elif name == "f":
            self.formula, self.within = "", "f"
        elif name in ("v", "t"):
            self.within = "v"
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            last = min(int(attributes.get("max", 1)), _MOST_COLUMNS)
            self.audit.hidden_columns += max(0, last - int(attributes.get("min", 1)) + 1)

    def _place(self, attributes: dict[str, str]) -> None:
        self.column += 1
        reference = re.fullmatch(r"([A-Za-z]{1,4})([0-9]{1,9})", attributes.get("r", ""))
        row = self.row
        if reference:
            self.column = _number(reference[1].upper().encode()) - 1
            row = int(reference[2]) - 1
        self.place = (row, self.column)
        self.extent.cells += 1
        self.extent.rows = max(self.extent.rows, row + 1)
        self.extent.columns = max(self.extent.columns, self.column + 1)

    def _text(self, text: str) -> None:
        if self.within == "f":
            self.formula = (self.formula or "") + text[:1000]
        elif self.within == "v":
            self.value = self.value or text[:1]

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("f", "v", "t"):
            self.within = ""
        elif name == "c":
            code = ""
            if self.formula is not None:
                self.audit.formulas += 1
                if re.search(r"\[[^\]]+\][^\[\]]*!", self.formula):
                    code = "formula_outside"
                elif not self.value and self.cell.get("t") != "str":
                    code = "formula_not_computed"
            if self.cell.get("t") == "e":
                code = "error_cell"
            if code:
                self.audit.faults[self.place] = code

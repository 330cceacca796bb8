"""Workbooks (XLSX, XLSB, XLS, ODS), one sheet as a table; every cell becomes text.

Read by calamine, which goes by the cells and not by the sheet's own claim of its size: a claim of one
cell made another reader give one row of twelve. A cell that holds a date is written in the declared
`date_format`, so that dates and dates-as-text of one column read alike; a number gets the declared
decimal sign. The archive is judged before anything is unpacked into memory.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.calendar import COUNTED_FORMATS
from makeorbuy.evidence.opening import EvidenceFile, whole_bytes
from makeorbuy.evidence.text import Fault, Table, Tell, plain_name
from makeorbuy.evidence.workbook_audit import Audit, audit_sheet, check_open_document
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem
from makeorbuy.foundation.personal_data import masked

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_STORED_BYTES = 256 * 1024**2
"""Largest workbook as stored; a full sheet of a million rows and sixteen columns is about 100 MiB. [B]"""

MAX_UNPACKED_BYTES = 4 * 1024**3
"""Most bytes that a workbook may unpack to. [B]"""

MAX_RATIO = 200
"""Most bytes out per byte in, beyond `RATIO_FREE_BYTES`; a sheet of like rows reaches about 60."""

RATIO_FREE_BYTES = 64 * 1024**2
MAX_ENTRIES = 10_000
"""Most parts of the archive."""

_BLOCK = 256 * 1024


def table(
    file: EvidenceFile, source: Source, tell: Tell | None = None, *, knows_header: bool = True
) -> Table:
    """Open one sheet as a table; `Source.sheet` names it where there are several.

    Until it is known which row is the header, merged cells may be a title above it.

    Raises
    ------
    EvidenceError
        If it is no workbook, is protected by a password, has macros, or has no such sheet.
    HostileFileError
        If the archive is not what it claims to be.
    """
    sheet, audit, remarks = _sheet(file, source)
    if knows_header:
        _check_header_cells(file, sheet, source.header_row)
    rows = _rows(file, sheet, source, tell)
    header: tuple[str, ...] | None = None
    for _ in range(source.header_row):
        header = next(rows, None)
    if header is None:
        raise _wrong(file, "empty_file", "an empty sheet", "a header and rows", "Export it again.")
    # columns without a name beyond the last one with a name are the sheet's margin
    width = max((place + 1 for place, name in enumerate(header) if name.strip()), default=0)
    left = sheet.start[1] if sheet.start else 0
    faults = _faults(audit, header[:width], source, left)
    return Table(
        header[:width],
        (
            faults[place] if place in faults and any(row) else _within(row, width)
            for place, row in enumerate(rows, source.header_row)
        ),
        remarks,
    )


def sheets(file: EvidenceFile) -> tuple[str, ...]:
    """Return the names of the sheets that hold anything and are shown."""
    from python_calamine import SheetVisibleEnum

    book, data = _open(file)
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    return tuple(name for name in shown if _load(file, book, data, name)[0].height)


def _sheet(file: EvidenceFile, source: Source) -> tuple[CalamineSheet, Audit, Counter[str]]:
    """Return the sheet that is meant, what hides in it, and what is worth a remark."""
    from python_calamine import SheetVisibleEnum

    book, data = _open(file)
    names = list(book.sheet_names)
    remarks: Counter[str] = Counter()
    name = source.sheet
    if name and name not in names:
        raise _wrong(
            file, "missing_sheet", f"no sheet named {masked(name)!r}",
            f"one of {', '.join(repr(masked(name)) for name in names)}",
            "Correct `sheet` in evidence/mapping.yaml.",
        )  # fmt: skip
    if not name:
        sheets = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}
        filled = [name for name in names if _load(file, book, data, name)[0].height]
        shown = [name for name in filled if sheets.get(name)]
        if len(shown) > 1:
            raise _wrong(
                file, "several_sheets", f"{len(shown)} sheets with rows", "one sheet, or its name",
                f"Say `sheet:` in evidence/mapping.yaml: {', '.join(repr(masked(name)) for name in shown)}.",
            )  # fmt: skip
        remarks["hidden_sheets"] = len(filled) - len(shown)
        name = (shown or filled or names)[0]
    sheet, audit = _load(file, book, data, name)
    remarks |= {
        "formulas": audit.formulas, "hidden_rows": audit.hidden_rows, "hidden_columns": audit.hidden_columns
    }  # fmt: skip
    return sheet, audit, remarks


def _load(file: EvidenceFile, book: CalamineWorkbook, data: bytes, name: str) -> tuple[CalamineSheet, Audit]:
    """Lay out one sheet, once it is known how far it reaches."""
    from python_calamine import CalamineError

    audit = audit_sheet(file.name, data, name) if data.startswith(b"PK") else Audit()
    try:
        return book.get_sheet_by_name(name), audit
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(file, error) from None


def _check_header_cells(file: EvidenceFile, sheet: CalamineSheet, header_row: int) -> None:
    """Refuse a header whose cells are merged: which column a name belongs to would be a guess."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top <= header_row - 1 <= bottom and right > left:
            cells = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
            raise _wrong(
                file, "merged_header", f"merged cells {cells} in the header", "one cell for each column",
                "Unmerge the cells and name each column, or give the `header_row` below them.",
            )  # fmt: skip


def column_letters(column: int) -> str:
    """Return the letters of a column, from 0.

    Examples
    --------
    >>> [column_letters(column) for column in (0, 25, 26, 16383)]
    ['A', 'Z', 'AA', 'XFD']
    """
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def _faults(audit: Audit, header: tuple[str, ...], source: Source, left: int) -> dict[int, Fault]:
    """Return the rows, from 0, that must be set aside for a cell of a mapped column."""
    names = {plain_name(column): field for field, column in source.columns.items()}
    fields = {
        place + left: names[plain_name(name)]
        for place, name in enumerate(header)
        if plain_name(name) in names
    }
    return {
        row: Fault(code, field=fields[column])
        for (row, column), code in sorted(audit.faults.items(), reverse=True)
        if column in fields
    }


def _open(file: EvidenceFile) -> tuple[CalamineWorkbook, bytes]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    data = whole_bytes(file, MAX_STORED_BYTES, "workbook")
    if data.startswith(b"PK"):
        _check_archive(file, data)
        check_open_document(file.name, data)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data)), data
    except PasswordError:
        raise _wrong(
            file, "password", "a password", "a workbook without one", "Save it without a password."
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(file, error) from None


def _damaged(file: EvidenceFile, error: Exception) -> EvidenceError:
    return _wrong(
        file, "damaged_workbook", f"a workbook that cannot be opened ({type(error).__name__})",
        "a whole workbook", "Save it again as XLSX or CSV.",
    )  # fmt: skip


def _check_archive(file: EvidenceFile, data: bytes) -> None:
    """Refuse an archive that unpacks without end, lies about it, or holds programs."""
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:  # before each of them becomes an object
        raise _hostile(file, f"more than {MAX_ENTRIES} parts")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _wrong(
            file, "damaged_workbook", f"a damaged archive ({type(error).__name__})", "a whole workbook",
            "Save it again as XLSX or CSV.",
        ) from None  # fmt: skip
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise _hostile(file, "two parts of one name")
    if any(name.startswith(("/", "\\")) or ".." in name.split("/") or ":" in name for name in names):
        raise _hostile(file, "a part whose name leads out of it")
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        raise _hostile(file, "a part that is a link")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _wrong(file, "password", "a password", "a workbook without one", "Save it without a password.")
    if any(name.lower().endswith((".zip", ".xlsx", ".gz")) for name in names):
        raise _hostile(file, "an archive within the archive")
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        raise _hostile(file, "macros", "Save it as XLSX, which has none.")
    total = 0
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _hostile(file, "parts that overlap")
        start = entry.header_offset + 30
        names_size = int.from_bytes(data[start - 4 : start - 2], "little")
        extra_size = int.from_bytes(data[start - 2 : start], "little")
        start += names_size + extra_size
        end = start + entry.compress_size
        for size in _unpacked_sizes(data[start:end], entry.compress_type):
            total += size
            if total > MAX_UNPACKED_BYTES or (total > RATIO_FREE_BYTES and total > MAX_RATIO * len(data)):
                raise _hostile(file, f"{len(data)} bytes that unpack to more than {total - size}")


def _unpacked_sizes(packed: bytes, method: int) -> Iterator[int]:
    """Count while unpacking; what an entry says about its own size is not believed."""
    if method != zipfile.ZIP_DEFLATED:
        yield len(packed)
        return
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        while packed and not unpacker.eof:
            yield len(unpacker.decompress(packed, _BLOCK))
            packed = unpacker.unconsumed_tail
    except zlib.error:
        return  # calamine will say that it is damaged


def _rows(
    file: EvidenceFile, sheet: CalamineSheet, source: Source, tell: Tell | None
) -> Iterator[tuple[str, ...]]:
    text = _Cell(source)
    height = max(1, sheet.height)
    for _ in range(sheet.start[0] if sheet.start else 0):  # calamine begins where the cells begin
        yield ()
    for place, row in enumerate(sheet.iter_rows()):
        if tell is not None and place % 4096 == 0:
            tell(place / height)
        cells = tuple(map(text, row))
        yield cells if any(cells) else ()


def _within(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Return a row as wide as the header, unless there is something in the margin."""
    if len(row) > width and not any(row[width:]):
        return row[:width]
    return row


class _Cell:
    """Write a cell as text, as the source says that its columns are written."""

    def __init__(self, source: Source) -> None:
        self.form = source.date_format or "%Y-%m-%d %H:%M:%S"
        self.count = COUNTED_FORMATS.get(self.form)
        self.has_hours = any(letter in self.form for letter in ("%H", "%I", "%-H", "%-I"))
        self.decimal = source.decimal

    def __call__(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            if value.is_integer() and abs(value) < 2**53:
                return str(int(value))
            return repr(value).replace(".", self.decimal)
        if isinstance(value, datetime):
            # seconds are lost to floats: 08:14:59.9999995 means 08:15
            moment = value.replace(microsecond=0) + timedelta(seconds=value.microsecond >= 500_000)
            if self.count is not None:
                return self(moment - self.count.start)
            if not self.has_hours and (moment.hour or moment.minute or moment.second):
                return moment.isoformat(" ")  # the format would lose the time of day: set aside instead
            return moment.strftime(self.form)
        if isinstance(value, date):
            return self(datetime(value.year, value.month, value.day))  # noqa: DTZ001
        if isinstance(value, timedelta) and self.count is not None:
            return self(value.total_seconds() / self.count.seconds)
        if isinstance(value, time | timedelta):
            return str(value)
        return "" if value is None else str(value)


def _wrong(file: EvidenceFile, code: str, found: str, expected: str, mend: str) -> EvidenceError:
    return EvidenceError(problems=[Problem(code, file.name, None, None, found, expected, mend)])


def _hostile(
    file: EvidenceFile, found: str, mend: str = "Check where the file comes from; export as CSV."
) -> HostileFileError:
    problem = Problem("hostile_archive", file.name, None, None, found, "an ordinary workbook", mend)
    return HostileFileError(problems=[problem])

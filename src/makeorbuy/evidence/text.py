"""The one text that every container becomes: mapped columns only, every record numbered.

Whatever held the rows, the engine is handed the same: one line per well-formed record, its number, a
fingerprint of all its fields, a person as an ordinal, then the mapped fields. Persons lose their names
here, before anything is written. No field is looked at one by one in Python; what the fields mean is
settled in SQL afterwards.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

MAX_COLUMNS = 4_096
"""Most columns of a header."""

SEPARATOR = "\x1f"
"""Unit separator: between the fields of the text that is handed to the engine."""

BATCH_ROWS = 512
SPACES = "\t\u00a0\u2007\u2009\u202f"
"""All of them mean a space: tabulator, no-break, figure, thin and narrow."""

CONTROLS = SEPARATOR + "\n\r"
"""What would break the text that is handed over; a space is put in its place."""

_CONTROL = str.maketrans(dict.fromkeys(CONTROLS, " "))


@dataclass(frozen=True, slots=True)
class Fault:
    """In place of a row: a record that is there and cannot be read, and why.

    Its length is zero, so that it never passes for a row. ``field`` is the field of the contract at
    fault, where it is one.
    """

    code: str
    found: str = ""
    field: str | None = None

    def __len__(self) -> int:
        return 0


Rows = Iterator[Sequence[str] | Fault]
"""Records in the order of the file; an empty row is no record."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the records below it, as text, from whatever held them.

    Attributes
    ----------
    header : tuple of str
        Name of each column, as written.
    rows : iterator of sequence of str or Fault
        Read once. Texts stay as written; the writer evens out spaces and line breaks. A container
        that finds the file broken raises from here, with the record at fault.
    remarks : counter of str
        What is worth a remark and no fault, with counts; whole once the rows have been read.
    """

    header: tuple[str, ...]
    rows: Rows
    remarks: Counter[str] = field(default_factory=Counter)


Tell = Callable[[float], None]
"""Called with the share of the file that has been read."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record whose form is wrong: it has a number and a reason, but no fields."""

    record: int
    code: str
    found: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the intake is handed over.

    Attributes
    ----------
    path : Path
        Text for the engine: one line per well-formed record, fields between `SEPARATOR`.
    fields : tuple of str
        ``record``, ``fingerprint``, ``person`` (an ordinal), then the mapped fields, then those of
        `leave_out_fields`.
    rows_read : int
        Records of the file, the malformed ones included, the header and blank lines not.
    malformed : tuple of Malformed
    parts : tuple of Path
        Parquet files that hold the rows instead of ``path``; persons are pseudonyms in them.
    remarks : counter of str
        Of the table.
    persons : tuple of str
        Pseudonyms by ordinal, from 1.
    """

    path: Path
    fields: tuple[str, ...]
    rows_read: int
    malformed: tuple[Malformed, ...]
    parts: tuple[Path, ...] = ()
    remarks: Counter[str] = field(default_factory=Counter)
    persons: tuple[str, ...] = ()


def leave_out_fields(source: Source) -> dict[str, str]:
    """Return a field for each column by which rows are left out."""
    return {f"leave_out_{number}": column for number, column in enumerate(source.leave_out)}


def write_text(
    table: Table, file: EvidenceFile, source: Source, target: Path, persons: Ordinals | None = None
) -> Reading:
    """Write the mapped columns of a table for the engine.

    Persons become ordinals here, in order of first appearance, so that no name is ever written.
    ``fingerprint`` is the same for two records exactly when all their fields are, the unmapped
    ones included (but for a chance of about 1 in 10 to the 8th in a log of a million rows); it
    means nothing outside one run and goes no further than the comparison of rows.

    Parameters
    ----------
    table : Table
    file : EvidenceFile
        Its name stands in messages.
    source : Source
        Columns and missing values are used; ``person`` is treated apart.
    target : Path
        Where the text is written.
    persons : Ordinals, optional
        Persons known from earlier files of the same source.

    Raises
    ------
    EvidenceError
        If the header lacks a column, repeats one or leaves one empty; or from the container.
    HostileFileError
        If a text or the header is beyond every reasonable size.
    """
    return _Writer(table, file, source, persons).run(target)


def column_places(table: Table, file: EvidenceFile, source: Source) -> tuple[int, dict[str, int]]:
    """Return the number of columns, and where each mapped field stands.

    Raises
    ------
    EvidenceError, HostileFileError
        As `write_text`, for the header.
    """
    header = _Writer(table, file, source)._header()
    columns = {**source.columns, **leave_out_fields(source)}
    return len(header), {field: header.index(plain_name(name)) for field, name in columns.items()}


class Ordinals(dict[str, str]):
    """Give every person a number at first sight, and remember a pseudonym instead of the name.

    Parameters
    ----------
    missing : tuple of str
        Texts that name nobody.
    pseudonym : callable, optional
        Of a name; without it the pseudonyms are not told.
    """

    def __init__(self, missing: tuple[str, ...], pseudonym: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._known: dict[str, str] = {}
        self._missing = {"", *missing}
        self._pseudonym = pseudonym

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        return () if self._pseudonym is None else tuple(map(self._pseudonym, self._known))

    def __missing__(self, written: str) -> str:
        name = " ".join(unicodedata.normalize("NFC", written).split())
        if name in self._missing:
            ordinal = ""
        else:
            ordinal = self._known.setdefault(name, str(len(self._known) + 1))
        self[written] = ordinal
        return ordinal


class _Writer:
    """One pass over one table."""

    def __init__(
        self, table: Table, file: EvidenceFile, source: Source, persons: Ordinals | None = None
    ) -> None:
        self.table, self.file, self.source = table, file, source
        self.columns: Mapping[str, str] = {**source.columns, **leave_out_fields(source)}
        self.rows: list[Sequence[str]] = []
        self.records_done = 0
        self.malformed: list[Malformed] = []
        self.persons = Ordinals(source.missing) if persons is None else persons
        self.out: BinaryIO

    def run(self, target: Path) -> Reading:
        header = self._header()
        fields = self._plan(header)
        with target.open("wb") as self.out:
            self._write(self.table.rows, len(header))
        return Reading(
            target, fields, self.records_done, tuple(self.malformed), remarks=self.table.remarks,
            persons=self.persons.pseudonyms,
        )  # fmt: skip

    def _header(self) -> list[str]:
        header = list(self.table.header)
        if len(header) > MAX_COLUMNS:
            problem = Problem(
                "too_many_columns", self.file.name, None, None, f"{len(header)} columns",
                f"at most {MAX_COLUMNS}", "Export fewer columns, or check the delimiter.",
            )  # fmt: skip
            raise HostileFileError(problems=[problem])
        header = [plain_name(name) for name in header]
        if "" in header or not header:
            raise self._refuse(
                "empty_header", f"an empty name for column {header.index('') + 1 if header else 1}",
                "a name for every column", "Name the column in the export, or remove it.",
            )  # fmt: skip
        # a file without a header has a row of data here, so no name is repeated in a message unless it
        # is almost the one that was asked for
        twice = [place + 1 for place, name in enumerate(header) if header.count(name) > 1]
        if twice:
            raise self._refuse(
                "duplicate_header", f"the same name for columns {', '.join(map(str, twice[:9]))}",
                "one column per name", "Rename or remove the repeated columns in the export.",
            )  # fmt: skip
        missing = {field: name for field, name in self.columns.items() if plain_name(name) not in header}
        if missing:
            raise EvidenceError(problems=[self._missing(field, header) for field in missing])
        return header

    def _missing(self, field: str, header: list[str]) -> Problem:
        name = self.columns[field]
        like = get_close_matches(plain_name(name), header, n=2, cutoff=0.75)
        expected = " or ".join(map(repr, like)) or f"a name among the header's {len(header)} columns"
        mend = "Correct `columns` in evidence/mapping.yaml, or export the column as well."
        if len(header) == 1 and self.source.reader == "delimited":
            mend = f"The header has one column only: is the delimiter really {self.source.delimiter!r}?"
        return Problem(
            "missing_column", self.file.name, None, field, f"no column named {name!r}", expected, mend
        )

    def _plan(self, header: list[str]) -> tuple[str, ...]:
        places = {field: header.index(plain_name(name)) for field, name in self.columns.items()}
        person = places.pop("person", None)
        self.pick_person = None if person is None else itemgetter(person)
        order = list(places.values())
        self.pick: Callable[[Sequence[str]], tuple[str, ...]]
        if len(order) == 1:
            only = order[0]
            self.pick = lambda row: (row[only],)
        else:
            self.pick = itemgetter(*order)
        return ("record", "fingerprint", "person", *places)

    def _write(self, records: Rows, width: int) -> None:
        rows = self.rows
        for row in records:
            if len(row) != width:
                if isinstance(row, Fault):
                    self._flush()
                    self.records_done += 1
                    self.malformed.append(Malformed(self.records_done, row.code, row.found, row.field))
                elif row:  # a blank line is no record
                    self._flush()
                    self.records_done += 1
                    code = "too_few_fields" if len(row) < width else "too_many_fields"
                    found = f"{len(row)} of {width} fields"
                    self.malformed.append(Malformed(self.records_done, code, found))
                continue
            rows.append(row)  # type: ignore[arg-type]  # a fault has no length
            if len(rows) == BATCH_ROWS:
                self._flush()
        self._flush()

    def _flush(self) -> None:
        rows, first = self.rows, self.records_done + 1
        if not rows:
            return
        # when all went well, a batch is joined without a glance at its fields
        text = self._join(range(first, first + len(rows)), rows)
        separators = text.count(SEPARATOR)
        clean = (
            text.count("\n") == len(rows)
            and separators == len(rows) * (2 + len(self.columns) - (self.pick_person is not None))
            and "\r" not in text
        )
        if not clean:
            kept = [[field.translate(_CONTROL) for field in row] for row in rows]
            text = self._join(range(first, first + len(rows)), kept, rows)
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError:  # half a character, which an escape in JSON can bring
            self._flush_one_by_one()
            return
        self.out.write(data)
        self.records_done += len(rows)
        rows.clear()

    def _flush_one_by_one(self) -> None:
        """Write the rows of a batch that can be written; set aside those with half a character."""
        rows = self.rows.copy()
        self.rows.clear()
        for row in rows:
            if any("\ud800" <= character <= "\udfff" for field in self.pick(row) for character in field):
                self.records_done += 1
                self.malformed.append(Malformed(self.records_done, "bad_characters", ""))
            else:
                self.rows.append(row)
                self._flush()

    def _join(
        self, records: range, rows: Sequence[Sequence[str]], as_read: Sequence[Sequence[str]] | None = None
    ) -> str:
        fingerprints = map(str, map(hash, map(tuple, rows if as_read is None else as_read)))
        persons: Iterator[str]
        if self.pick_person is None:
            persons = iter([""] * len(rows))
        else:
            persons = map(self.persons.__getitem__, map(self.pick_person, rows))
        parts = zip(
            map(str, records), fingerprints, persons, map(SEPARATOR.join, map(self.pick, rows)), strict=True
        )
        text = "\n".join(map(SEPARATOR.join, parts)) + "\n"
        if "\0" in text:  # only UTF-16, JSON and workbooks can bring it here
            raise HostileFileError(
                problems=[
                    Problem(
                        "nul_byte", self.file.name, self.records_done + 1, None,
                        "a NUL character at or after this record", "text without NUL characters",
                        "Export again as plain delimited text.",
                    )
                ]
            )  # fmt: skip
        for space in SPACES:
            text = text.replace(space, " ")
        return text

    def _refuse(self, code: str, found: str, expected: str, mend: str) -> EvidenceError:
        return EvidenceError(problems=[Problem(code, self.file.name, None, None, found, expected, mend)])


def remade(table: Table, header: tuple[str, ...], make: Callable[[Sequence[str]], Sequence[str]]) -> Table:
    """Return a table with another header, each of its rows made from one of the file's.

    Rows whose number of fields is wrong become faults here, since the header may have grown.
    """
    width = len(table.header)

    def rows() -> Rows:
        for row in table.rows:
            if isinstance(row, Fault) or not row:
                yield row
            elif len(row) != width:
                code = "too_few_fields" if len(row) < width else "too_many_fields"
                yield Fault(code, f"{len(row)} of {width} fields")
            else:
                yield make(row)

    return Table(header, rows(), table.remarks)


def plain_name(name: str) -> str:
    """Return a column's name as it is compared: composed letters, single spaces.

    Examples
    --------
    >>> plain_name(" Dato \u00a0 lukket ")
    'Dato lukket'
    """
    return " ".join(unicodedata.normalize("NFC", name).split())

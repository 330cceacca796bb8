"""Delimited text (CSV), plain or packed: mapped columns only, every record numbered.

Python's own csv reader in strict mode decides what a record is, so that record numbers are those of
the file and an unclosed quote is an error and not a swallowed year. It only splits: no field is
looked at one by one in Python. What the fields mean is settled in SQL afterwards.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import BLOCK_BYTES, EvidenceFile, GuardedText, unpacked_blocks
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

MAX_FIELD_CHARACTERS = 131_072
"""Longest field, the csv module's own default."""

MAX_COLUMNS = 4_096
"""Most columns of a header."""

SEPARATOR = "\x1f"
"""Unit separator: between the fields of the text that is handed to the engine."""

BATCH_ROWS = 512
_ENCODINGS = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "ascii": "utf-8-sig",
    "cp1252": "cp1252", "windows-1252": "cp1252", "latin-1": "latin-1", "latin1": "latin-1",
    "iso-8859-1": "latin-1", "iso-8859-15": "iso-8859-15", "latin-9": "iso-8859-15",
    "utf-16": "utf-16", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be",
}  # fmt: skip
_SPACES = "\t\u00a0\u2007\u2009\u202f"  # all of them mean a space: no-break, figure, thin and narrow
_CONTROL = str.maketrans({SEPARATOR: " ", "\n": " ", "\r": " "})


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record whose form is wrong: it has a number and a reason, but no fields."""

    record: int
    code: str
    found: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader hands over.

    Attributes
    ----------
    path : Path
        Text for the engine: one line per well-formed record, fields between `SEPARATOR`.
    fields : tuple of str
        ``record``, ``fingerprint``, ``person`` (an ordinal), then the mapped fields.
    rows_read : int
        Records of the file, the malformed ones included, the header and blank lines not.
    malformed : tuple of Malformed
    """

    path: Path
    fields: tuple[str, ...]
    rows_read: int
    malformed: tuple[Malformed, ...]


def read_delimited(
    file: EvidenceFile,
    source: Source,
    columns: dict[str, str],
    target: Path,
    tell: Callable[[float], None] | None = None,
) -> Reading:
    """Split a file into records and write the mapped columns for the engine.

    Persons become ordinals here, in order of first appearance, so that no name is ever written.
    ``fingerprint`` is the same for two records exactly when all their fields are, the unmapped
    ones included (but for a chance of about 1 in 10 to the 8th in a log of a million rows); it
    means nothing outside one run and goes no further than the comparison of rows.

    Parameters
    ----------
    file : EvidenceFile
    source : Source
        Encoding, delimiter and missing values are used.
    columns : dict of str to str
        Field to column of the file; ``person`` is treated apart.
    target : Path
        Where the text is written.

    Raises
    ------
    EvidenceError
        If it is not text in the declared encoding, if a quote is not closed, or if the header
        lacks a column, repeats one or leaves one empty.
    HostileFileError
        If a field, a line or the header is beyond every reasonable size.
    """
    encoding = _encoding(file, source)
    try:
        return _Splitter(file, source, columns, encoding, "strict").run(target, tell)
    except UnicodeDecodeError:
        if encoding.startswith("utf-16"):
            raise _wrong_encoding(file, source, "bytes that are not UTF-16") from None
    # a few rows may be written in another encoding: read again and look at every row
    file.handle.seek(0)
    return _Splitter(file, source, columns, encoding, "surrogateescape").run(target, tell)


class _Ordinals(dict[str, str]):
    """Give every person a number at first sight."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__()
        self._known: dict[str, str] = {}
        self._missing = {"", *missing}

    def __missing__(self, written: str) -> str:
        name = " ".join(unicodedata.normalize("NFC", written).split())
        if name in self._missing:
            ordinal = ""
        else:
            ordinal = self._known.setdefault(name, str(len(self._known) + 1))
        self[written] = ordinal
        return ordinal


class _Splitter:
    """One pass over one file."""

    def __init__(
        self, file: EvidenceFile, source: Source, columns: dict[str, str], encoding: str, errors: str
    ) -> None:
        self.file, self.source, self.columns = file, source, columns
        self.encoding, self.errors = encoding, errors
        self.rows: list[list[str]] = []
        self.records_done = 0
        self.malformed: list[Malformed] = []
        self.beyond_ascii = 0
        self.persons = _Ordinals(source.missing)

    def run(self, target: Path, tell: Callable[[float], None] | None) -> Reading:
        limit = csv.field_size_limit(MAX_FIELD_CHARACTERS)
        try:
            reader = self._reader(tell)
            header = self._header(reader)
            fields = self._plan(header)
            with target.open("w", encoding="utf-8", newline="") as self.out:
                self._split(reader, len(header))
        except csv.Error as error:
            raise self._broken(str(error)) from None
        finally:
            csv.field_size_limit(limit)
        self._judge_encoding()
        return Reading(target, fields, self.records_done, tuple(self.malformed))

    def _reader(self, tell: Callable[[float], None] | None) -> Iterator[list[str]]:
        raw = GuardedText(
            self.file, lambda: self.records_done + len(self.rows), self.encoding.startswith("utf-16"), tell
        )
        text = io.TextIOWrapper(
            io.BufferedReader(raw, BLOCK_BYTES), encoding=self.encoding, errors=self.errors, newline=""
        )
        return csv.reader(text, delimiter=self.source.delimiter, strict=True)

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        header = next(reader, None)
        if header is None:
            raise self._refuse("empty_file", "an empty file", "a header and rows", "Export it again.")
        if len(header) > MAX_COLUMNS:
            problem = Problem(
                "too_many_columns", self.file.name, None, None, f"{len(header)} columns",
                f"at most {MAX_COLUMNS}", "Export fewer columns, or check the delimiter.",
            )  # fmt: skip
            raise HostileFileError(problems=[problem])
        header = [_plain(name) for name in header]
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
        if any("\udc80" <= character <= "\udcff" for name in header for character in name):
            guess = "looks like Windows-1252" if self.encoding.startswith("utf-8") else "looks like UTF-8"
            raise _wrong_encoding(
                self.file, self.source, f"a header with bytes that are not {self.source.encoding}: {guess}"
            )
        missing = {field: name for field, name in self.columns.items() if _plain(name) not in header}
        if missing:
            raise EvidenceError(problems=[self._missing(field, header) for field in missing])
        return header

    def _missing(self, field: str, header: list[str]) -> Problem:
        name = self.columns[field]
        like = get_close_matches(_plain(name), header, n=2, cutoff=0.75)
        expected = " or ".join(map(repr, like)) or f"a name among the header's {len(header)} columns"
        mend = "Correct `columns` in evidence/mapping.yaml, or export the column as well."
        if len(header) == 1:
            mend = f"The header has one column only: is the delimiter really {self.source.delimiter!r}?"
        return Problem(
            "missing_column", self.file.name, None, field, f"no column named {name!r}", expected, mend
        )

    def _plan(self, header: list[str]) -> tuple[str, ...]:
        places = {field: header.index(_plain(name)) for field, name in self.columns.items()}
        person = places.pop("person", None)
        self.pick_person = None if person is None else itemgetter(person)
        order = list(places.values())
        if len(order) == 1:
            only = order[0]
            self.pick: Callable[[list[str]], tuple[str, ...]] = lambda row: (row[only],)
        else:
            self.pick = itemgetter(*order)
        return ("record", "fingerprint", "person", *places)

    def _split(self, reader: Iterator[list[str]], width: int) -> None:
        rows = self.rows
        for row in reader:
            if len(row) != width:
                if not row:
                    continue  # a blank line is no record
                self._flush()
                self.records_done += 1
                code = "too_few_fields" if len(row) < width else "too_many_fields"
                self.malformed.append(Malformed(self.records_done, code, f"{len(row)} of {width} fields"))
                continue
            rows.append(row)
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
            self.errors == "strict"
            and text.count("\n") == len(rows)
            and separators == len(rows) * (2 + len(self.columns) - (self.pick_person is not None))
            and "\r" not in text
        )
        if not clean:
            text = self._look_at_each(first, rows)
        self.out.write(text)
        self.records_done += len(rows)
        rows.clear()

    def _join(self, records: range | list[int], rows: list[list[str]]) -> str:
        fingerprints = map(str, map(hash, map(tuple, rows)))
        persons: Iterator[str]
        if self.pick_person is None:
            persons = iter([""] * len(rows))
        else:
            persons = map(self.persons.__getitem__, map(self.pick_person, rows))
        parts = zip(
            map(str, records), fingerprints, persons, map(SEPARATOR.join, map(self.pick, rows)), strict=True
        )
        text = "\n".join(map(SEPARATOR.join, parts)) + "\n" if rows else ""
        if "\0" in text:  # only UTF-16 can bring it here
            raise HostileFileError(
                problems=[
                    Problem(
                        "nul_byte", self.file.name, self.records_done + 1, None,
                        "a NUL character at or after this record", "text without NUL characters",
                        "Export again as plain delimited text.",
                    )
                ]
            )  # fmt: skip
        for space in _SPACES:
            text = text.replace(space, " ")
        return text

    def _look_at_each(self, first: int, rows: list[list[str]]) -> str:
        kept, records = [], []
        for record, row in enumerate(rows, first):
            whole = "".join(row)
            if not whole.isascii():
                if any("\udc80" <= character <= "\udcff" for character in whole):
                    self.malformed.append(Malformed(record, "bad_encoding", ""))
                    continue
                self.beyond_ascii += 1
            records.append(record)
            kept.append([field.translate(_CONTROL) for field in row])
        return self._join(records, kept)

    def _judge_encoding(self) -> None:
        """Tell a file in another encoding from a few stray rows."""
        bad = sum(fault.code == "bad_encoding" for fault in self.malformed)
        if bad and bad >= self.beyond_ascii:
            guess = "looks like Windows-1252" if self.encoding.startswith("utf-8") else "looks like UTF-8"
            raise _wrong_encoding(
                self.file, self.source, f"bytes that are not {self.source.encoding}: {guess}"
            )

    def _broken(self, message: str) -> EvidenceError | HostileFileError:
        record = self.records_done + len(self.rows) + 1
        line = self._line_of(record)
        where = f"from line {line} on"
        if "field larger" in message:
            problem = Problem(
                "field_too_long", self.file.name, record, None,
                f"a field of more than {MAX_FIELD_CHARACTERS} characters, {where}",
                f"fields of at most {MAX_FIELD_CHARACTERS} characters",
                "Look for a quote that is never closed, or leave the long column out of the export.",
            )  # fmt: skip
            return HostileFileError(problems=[problem])
        what = "a quote that is never closed" if "end of data" in message else "text after a closing quote"
        problem = Problem(
            "broken_quotes", self.file.name, record, None, f"{what}, {where}",
            "quotes in pairs, doubled within quoted text",
            "Correct the export's quoting; everything after this place is in doubt, so nothing was read.",
        )  # fmt: skip
        return EvidenceError(problems=[problem])

    def _line_of(self, record: int) -> int:
        """Read again up to the record before, to say on which line this one begins."""
        self.file.handle.seek(0)
        raw = io.BufferedReader(_Plain(unpacked_blocks(self.file)), BLOCK_BYTES)
        text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
        reader = csv.reader(text, delimiter=self.source.delimiter, strict=True)
        seen, line = -1, 0
        try:
            while seen < record:
                line = reader.line_num
                seen += bool(next(reader))  # blank lines are no records
        except (csv.Error, StopIteration):
            pass
        return line + 1

    def _refuse(self, code: str, found: str, expected: str, mend: str) -> EvidenceError:
        return EvidenceError(problems=[Problem(code, self.file.name, None, None, found, expected, mend)])


class _Plain(io.RawIOBase):
    """Blocks as a raw stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._blocks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _encoding(file: EvidenceFile, source: Source) -> str:
    """Return the codec, after a look at the first bytes for UTF-16."""
    encoding = _ENCODINGS.get(source.encoding.strip().lower().replace("_", "-"))
    if encoding is None:
        problem = Problem(
            "unknown_encoding", file.name, None, "encoding", repr(source.encoding),
            "utf-8, cp1252, iso-8859-1, iso-8859-15 or utf-16", "Correct it in evidence/mapping.yaml.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    start = next(unpacked_blocks(file), b"")[:4096]
    file.handle.seek(0)
    if encoding.startswith("utf-16"):
        return encoding
    half = max(1, len(start) // 2)
    is_wide = start[:2] in (b"\xff\xfe", b"\xfe\xff") or (
        len(start) >= 4 and max(start[::2].count(0), start[1::2].count(0)) > 0.3 * half
    )
    # many NUL bytes on one side only are the empty halves of two-byte characters
    if is_wide and min(start[::2].count(0), start[1::2].count(0)) < 0.1 * half:
        raise _wrong_encoding(file, source, f"bytes that are not {source.encoding}: looks like UTF-16")
    return encoding


def _wrong_encoding(file: EvidenceFile, source: Source, found: str) -> EvidenceError:
    guess = next((name for name in ("Windows-1252", "UTF-16", "UTF-8") if found.endswith(name)), None)
    word = {"Windows-1252": "cp1252", "UTF-16": "utf-16", "UTF-8": "utf-8"}.get(guess or "", "its encoding")
    problem = Problem(
        "wrong_encoding", file.name, None, None, found, f"text in {source.encoding}",
        f"Say `encoding: {word}` in evidence/mapping.yaml, or export again as UTF-8.",
    )  # fmt: skip
    return EvidenceError(problems=[problem])

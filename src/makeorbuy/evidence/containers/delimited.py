"""Delimited text (CSV), plain or packed.

Python's own csv reader in strict mode decides what a record is, so that record numbers are those of
the file and an unclosed quote is a fault and not a swallowed year. It only splits.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import BLOCK_BYTES, EvidenceFile, GuardedText, unpacked_blocks
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

MAX_FIELD_CHARACTERS = 131_072
"""Longest field, the csv module's own default."""

FEW_OF = 1_000
"""Of so many records at most one may have broken quotes; beyond it the quoting as a whole is in doubt."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_ENCODINGS = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "ascii": "utf-8-sig",
    "cp1252": "cp1252", "windows-1252": "cp1252", "latin-1": "latin-1", "latin1": "latin-1",
    "iso-8859-1": "latin-1", "iso-8859-15": "iso-8859-15", "latin-9": "iso-8859-15",
    "utf-16": "utf-16", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be",
}  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open delimited text as a table.

    Parameters
    ----------
    file : EvidenceFile
    source : Source
        Encoding, delimiter and the line of the header are used.
    tell : callable, optional
        Called with the share of the file that has been read.

    Raises
    ------
    EvidenceError
        If it is empty, not text in the declared encoding, or a quote is not closed: from here for the
        header, from the rows for what is below it.
    HostileFileError
        If a field, a line or a record is beyond every reasonable size.
    """
    splitter = _Splitter(file, source, tell)
    records = splitter.records()
    header = next(records, None)
    for _ in range(source.header_row - 1):  # titles above the header
        header = next(records, None)
    if header is None:
        problem = Problem(
            "empty_file", file.name, None, None, "an empty file", "a header and rows", "Export it again."
        )
        raise EvidenceError(problems=[problem])
    if isinstance(header, Fault):
        if header.code != "bad_encoding":
            raise splitter.broken("a quote that is never closed", 1)
        raise splitter.wrong_encoding("a header with ")
    splitter.records_done = 0
    splitter.width = len(header)
    return Table(tuple(header), records)


class _Splitter:
    """One pass over one file; begun again where the text turns out to be another encoding's."""

    def __init__(self, file: EvidenceFile, source: Source, tell: Tell | None) -> None:
        self.file, self.source, self.tell = file, source, tell
        self.encoding = codec(file, source)
        self.records_done = 0  # below the header, blank lines not counted
        self.lines_done = 0  # whatever the csv reader has given, the header and blank lines included
        self.width = 0

    def records(self) -> Iterator[list[str] | Fault]:
        limit = csv.field_size_limit(MAX_FIELD_CHARACTERS)
        try:
            yield from self._strictly()
        except UnicodeDecodeError:
            if self.encoding.startswith("utf-16"):
                raise _wrong_encoding(self.file, self.source, "bytes that are not UTF-16") from None
            # a few rows may be written in another encoding: read again and look at every row
            yield from self._carefully(self.lines_done, "surrogateescape")
        except csv.Error:
            # a few quotes may be left open: read again, and go on behind each of them
            errors = "strict" if self.encoding.startswith("utf-16") else "surrogateescape"
            yield from self._carefully(self.lines_done, errors)
        finally:
            csv.field_size_limit(limit)

    def _strictly(self) -> Iterator[list[str] | Fault]:
        reader = csv.reader(self._text("strict", self.tell), delimiter=self.source.delimiter, strict=True)
        line = 0
        for row in reader:
            self.lines_done += 1
            if row:
                self.records_done += 1
            if reader.line_num == line + 1:
                yield row
            else:
                yield self._checked(row)
            line = reader.line_num

    def _carefully(self, given: int, errors: str) -> Iterator[list[str] | Fault]:
        """Go on after the rows that were given already, whatever the faults of single records.

        A record whose quotes are broken is set aside, and reading goes on with the line after the one on
        which it began: of the lines that its open quote would have swallowed none is lost. Another
        encoding is told from a few stray rows, and quoting that is wrong as a whole from a few slips.
        """
        self.file.handle.seek(0)
        self.records_done = self.lines_done = bad = beyond_ascii = broken = 0
        refusal: EvidenceError | None = None
        lines = _Lines(self._text(errors, self.tell))
        is_over = False
        while not is_over:
            reader = csv.reader(lines, delimiter=self.source.delimiter, strict=True)
            row: list[str] | Fault
            try:
                row = next(reader, [])
                is_over = not lines.taken
                if is_over:
                    break
            except csv.Error as error:
                if "field larger" in str(error) and len(lines.taken) == 1:
                    raise self._field_too_long(lines.before + 1) from None
                broken += 1
                refusal = refusal or self.broken(str(error), lines.before + 1)
                row = Fault("broken_quotes", f"from line {lines.before + 1} on")
                lines.give_back()
            self.lines_done += 1
            if isinstance(row, list):
                if len(lines.taken) > 1:
                    row = self._checked(row)
                whole = "".join(row) if isinstance(row, list) else ""
                if not whole.isascii():
                    stray = any("\udc80" <= character <= "\udcff" for character in whole)
                    bad, beyond_ascii = bad + stray, beyond_ascii + (not stray)
                    row = Fault("bad_encoding") if stray else row
            if (row or isinstance(row, Fault)) and self.lines_done > self.source.header_row:
                self.records_done += 1
            lines.settle()
            if self.lines_done > given:
                yield row
        if bad and bad >= beyond_ascii:
            raise self.wrong_encoding()
        if refusal is not None and broken * FEW_OF > self.records_done:
            raise refusal

    def _checked(self, row: list[str]) -> list[str] | Fault:
        """Set a record aside that runs over several lines of which each looks like a record of its own.

        A quote that was left open, and a stray one that happens to close it, make such a text; to read
        its lines as rows would let a text that somebody wrote pass for rows.
        """
        if self.width < 2 or len(row) != self.width:
            return row
        lines = _LINE_END.split(self.source.delimiter.join(row))
        if len(lines) < 2 or any(line.count(self.source.delimiter) != self.width - 1 for line in lines):
            return row
        return Fault("rows_within_text", f"{len(lines)} lines")

    def wrong_encoding(self, where: str = "") -> EvidenceError:
        guess = "looks like Windows-1252" if self.encoding.startswith("utf-8") else "looks like UTF-8"
        return _wrong_encoding(
            self.file, self.source, f"{where}bytes that are not {self.source.encoding}: {guess}"
        )

    def _text(self, errors: str, tell: Tell | None) -> io.TextIOWrapper:
        raw = GuardedText(self.file, lambda: self.records_done, self.encoding.startswith("utf-16"), tell)
        return io.TextIOWrapper(
            io.BufferedReader(raw, BLOCK_BYTES), encoding=self.encoding, errors=errors, newline=""
        )

    def _field_too_long(self, line: int) -> HostileFileError:
        problem = Problem(
            "field_too_long", self.file.name, self.records_done + 1, None,
            f"a field of more than {MAX_FIELD_CHARACTERS} characters, from line {line} on",
            f"fields of at most {MAX_FIELD_CHARACTERS} characters",
            "Look for a quote that is never closed, or leave the long column out of the export.",
        )  # fmt: skip
        return HostileFileError(problems=[problem])

    def broken(self, message: str, line: int) -> EvidenceError:
        what = "text after a closing quote" if "expected after" in message else "a quote that is never closed"
        problem = Problem(
            "broken_quotes", self.file.name, self.records_done + 1, None, f"{what}, from line {line} on",
            "quotes in pairs, doubled within quoted text",
            f"Correct the export's quoting; more than one record in {FEW_OF} has this fault, so nothing was"
            " read.",
        )  # fmt: skip
        return EvidenceError(problems=[problem])


class _Lines:
    """Lines of a text, of which those of the current record can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []  # last first
        self.taken: list[str] = []
        self.before = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """Let all lines of the record but the first be read again."""
        self._again += reversed(self.taken[1:])
        del self.taken[1:]

    def settle(self) -> None:
        """Begin a new record."""
        self.before += len(self.taken)
        self.taken = []


def codec(file: EvidenceFile, source: Source) -> str:
    """Return the codec, after a look at the first bytes for UTF-16."""
    encoding = _ENCODINGS.get(source.encoding.strip().lower().replace("_", "-"))
    if encoding is None:
        problem = Problem(
            "unknown_encoding", file.name, None, "encoding", repr(source.encoding),
            "utf-8, cp1252, iso-8859-1, iso-8859-15 or utf-16", "Correct it in evidence/mapping.yaml.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    file.handle.seek(0)
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

"""Delimited text (CSV), plain or packed.

Python's own csv reader in strict mode decides what a record is, so that record numbers are those of
the file and an unclosed quote is an error and not a swallowed year. It only splits.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import BLOCK_BYTES, EvidenceFile, GuardedText, unpacked_blocks
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

MAX_FIELD_CHARACTERS = 131_072
"""Longest field, the csv module's own default."""

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
        raise splitter.wrong_encoding("a header with ")
    splitter.records_done = 0
    return Table(tuple(header), records)


class _Splitter:
    """One pass over one file; begun again where the text turns out to be another encoding's."""

    def __init__(self, file: EvidenceFile, source: Source, tell: Tell | None) -> None:
        self.file, self.source, self.tell = file, source, tell
        self.encoding = _encoding(file, source)
        self.records_done = 0  # below the header, blank lines not counted
        self.lines_done = 0  # whatever the csv reader has given, the header and blank lines included

    def records(self) -> Iterator[list[str] | Fault]:
        limit = csv.field_size_limit(MAX_FIELD_CHARACTERS)
        try:
            yield from self._strictly()
        except UnicodeDecodeError:
            if self.encoding.startswith("utf-16"):
                raise _wrong_encoding(self.file, self.source, "bytes that are not UTF-16") from None
            # a few rows may be written in another encoding: read again and look at every row
            yield from self._tolerantly(self.lines_done)
        except csv.Error as error:
            raise self._broken(str(error)) from None
        finally:
            csv.field_size_limit(limit)

    def _strictly(self) -> Iterator[list[str]]:
        for row in self._reader("strict", self.tell):
            self.lines_done += 1
            if row:
                self.records_done += 1
            yield row

    def _tolerantly(self, given: int) -> Iterator[list[str] | Fault]:
        """Go on after the rows that were given already; tell another encoding from a few stray rows."""
        self.file.handle.seek(0)
        self.records_done = bad = beyond_ascii = 0
        try:
            for place, row in enumerate(self._reader("surrogateescape", self.tell), 1):
                self.lines_done = place
                whole = "".join(row)
                stray = False
                if not whole.isascii():
                    stray = any("\udc80" <= character <= "\udcff" for character in whole)
                    bad, beyond_ascii = bad + stray, beyond_ascii + (not stray)
                if row and self.lines_done > self.source.header_row:
                    self.records_done += 1
                if self.lines_done > given:
                    yield Fault("bad_encoding") if stray else row
        except csv.Error as error:
            raise self._broken(str(error)) from None
        if bad and bad >= beyond_ascii:
            raise self.wrong_encoding()

    def wrong_encoding(self, where: str = "") -> EvidenceError:
        guess = "looks like Windows-1252" if self.encoding.startswith("utf-8") else "looks like UTF-8"
        return _wrong_encoding(
            self.file, self.source, f"{where}bytes that are not {self.source.encoding}: {guess}"
        )

    def _reader(self, errors: str, tell: Tell | None) -> Iterator[list[str]]:
        raw = GuardedText(self.file, lambda: self.records_done, self.encoding.startswith("utf-16"), tell)
        text = io.TextIOWrapper(
            io.BufferedReader(raw, BLOCK_BYTES), encoding=self.encoding, errors=errors, newline=""
        )
        return csv.reader(text, delimiter=self.source.delimiter, strict=True)

    def _broken(self, message: str) -> EvidenceError | HostileFileError:
        record = self.records_done + 1
        where = f"from line {self._line()} on"
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

    def _line(self) -> int:
        """Read again what was given, to say on which line the record after it begins."""
        self.file.handle.seek(0)
        raw = io.BufferedReader(_Plain(unpacked_blocks(self.file)), BLOCK_BYTES)
        text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
        reader = csv.reader(text, delimiter=self.source.delimiter, strict=True)
        try:
            for _ in range(self.lines_done):
                next(reader)
        except (csv.Error, StopIteration):
            pass
        return reader.line_num + 1


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

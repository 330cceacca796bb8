"""Read large delimited files in the engine, block by block, where the text proves to be well-formed.

Python's strict reader decides what a record is (`makeorbuy.evidence.containers.delimited`); on large
files it is most of the time. RFC 4180 has one reading only: every quote opens a field, closes one, or
is doubled within one. So each block is first proven to be of that form, with the places of its quotes
and line ends; the engine then reads it with all cores, and gives what the strict reader would have
given. Records with a wrong number of fields are cut out by the same places. A file that is not proven
is read by the strict reader, and its rows are written anew as well-formed text, so that both ways end
in the same query.

The text is handed over in memory (``memfd``): no name and no free text is written to a disk. Systems
without it use the strict reader alone.

References: Y. Shafranovich, "Common Format and MIME Type for CSV Files", RFC 4180, 2005.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited
from makeorbuy.evidence.opening import MAX_LINE_BYTES, EvidenceFile, unpacked_blocks
from makeorbuy.evidence.pseudonyms import Key
from makeorbuy.evidence.snapshot import literal
from makeorbuy.evidence.text import (
    BATCH_ROWS,
    CONTROLS,
    SPACES,
    Fault,
    Malformed,
    Reading,
    Table,
    Tell,
    column_places,
)
from makeorbuy.foundation.errors import HostileFileError, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_BYTES = 1024**2
"""Smaller files are read by the strict reader at once, which takes no longer. [B]"""

CHUNK_BYTES = 32 * 1024**2
"""Text that is handed to the engine at a time; its memory is about ten times as much. [B]"""

MAX_RECORD_BYTES = 128 * 1024
"""A longer record is left to the strict reader, which knows all limits. [B]"""

ENGINE_MEMORY = "1GB"
_QUOTE, _LINE_END = ord('"'), ord("\n")
_READABLE = {"utf-8-sig": None, "cp1252": "cp1252", "latin-1": "latin-1", "iso-8859-15": "iso-8859-15"}


class _NotProven(Exception):
    """The block may have more than one reading."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Well-formed records only; an empty one stands where a misfit was cut out.

    Attributes
    ----------
    rows : int
        Records in ``data``, the empty ones included.
    cut : tuple of (int, int)
        Place of each misfit among the records, and its number of fields.
    """

    data: bytes
    rows: int
    cut: tuple[tuple[int, int], ...] = ()


def can_read(source: Source, files: list[EvidenceFile]) -> bool:
    """Whether these files of one source are worth it, and the system can hand text over in memory."""
    return (
        hasattr(os, "memfd_create")
        and source.reader == "delimited"
        and sum(file.bytes_stored for file in files) >= LEAST_BYTES
    )


def read_in_bulk(
    file: EvidenceFile,
    source: Source,
    folder: Path,
    tell: Tell | None = None,
    *,
    key: Key,
    threads: int | None = None,
) -> Reading:
    """Write the mapped columns of a delimited file as Parquet.

    Parameters
    ----------
    file : EvidenceFile
    source : Source
    folder : Path
        Where the Parquet files are written; made here.
    tell : callable, optional
    key : Key
        Of the persons' pseudonyms.
    threads : int, optional

    Returns
    -------
    Reading
        With ``parts``: ``record``, ``fingerprint``, ``person``, then the mapped fields.

    Raises
    ------
    EvidenceError, HostileFileError
        As the strict reader does.
    """
    folder.mkdir(parents=True)
    table = delimited.table(file, source)
    width, places = column_places(table, file, source)
    table.rows.close()  # type: ignore[attr-defined]  # the reader is a generator
    with _Handover(folder, width, places, source, key, threads) as handover:
        try:
            for block in _proven_blocks(file, source, width, tell):
                handover.take(block)
            done = True
        except _NotProven:
            done = False
        if not done:
            handover.start_again()
            _read_strictly(delimited.table(file, source, tell), file, width, handover)
    return Reading(
        folder, handover.fields, handover.records, tuple(handover.malformed), parts=tuple(handover.parts)
    )


# ---- what is well-formed


def _proven_blocks(file: EvidenceFile, source: Source, width: int, tell: Tell | None) -> Iterator[_Block]:
    """Give the records below the header in blocks; each is proven before it is given.

    Raises
    ------
    _NotProven
        If the file, or the rest of it, must be read strictly.
    """
    encoding = delimited.codec(file, source)
    delimiter = source.delimiter.encode()
    if encoding not in _READABLE or len(delimiter) != 1 or width < 2:
        raise _NotProven
    decoder = _READABLE[encoding]
    file.handle.seek(0)
    rest, is_first = b"", True
    blocks = unpacked_blocks(file)
    while True:
        parts, size = [rest], len(rest)
        for block in blocks:
            if b"\0" in block:
                raise _NotProven
            if decoder is not None:  # one byte a character
                try:
                    block = block.decode(decoder).encode()
                except UnicodeDecodeError:
                    raise _NotProven from None
            parts.append(block)
            size += len(block)
            if size >= CHUNK_BYTES:
                break
        data = b"".join(parts)
        is_last = size < CHUNK_BYTES
        if is_first:
            data = _below_header(data.removeprefix(codecs.BOM_UTF8) if decoder is None else data, source)
            is_first = False
        if tell is not None:
            tell(min(1.0, file.handle.tell() / max(1, file.bytes_stored)))
        quotes = _places(data, _QUOTE)
        if is_last:
            end = len(data)
        else:
            end = _last_record_end(data, quotes)
        rest, data = data[end:], data[:end]
        if data:
            yield _proven(data, quotes[: np.searchsorted(quotes, end)], delimiter, width)
        if is_last:
            return


def _below_header(data: bytes, source: Source) -> bytes:
    place = 0
    for _ in range(source.header_row):
        end = data.find(b"\n", place)
        if end < 0 or data.count(b'"', place, end) % 2 or b"\r" in data[place : max(place, end - 1)]:
            raise _NotProven
        place = end + 1
    return data[place:]


def _places(data: bytes, character: int) -> NDArray[np.int64]:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == character)


def _last_record_end(data: bytes, quotes: NDArray[np.int64]) -> int:
    """Return where the last whole record ends: behind a line end with all quotes before it in pairs."""
    end = len(data)
    for _ in range(1_000):
        end = data.rfind(b"\n", 0, end)
        if end < 0:
            break
        if np.searchsorted(quotes, end) % 2 == 0:
            return end + 1
    raise _NotProven


def _proven(data: bytes, quotes: NDArray[np.int64], delimiter: bytes, width: int) -> _Block:
    """Return the block if it has one reading only; cut out records with a wrong number of fields."""
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        raise _NotProven from None
    if b"\r" in data:
        if quotes.size and (np.searchsorted(quotes, _places(data, ord("\r"))) % 2).any():
            raise _NotProven  # a carriage return within a text is kept
        data = data.replace(b"\r\n", b"\n")
        if b"\r" in data:
            raise _NotProven
        quotes = _places(data, _QUOTE)
    if not data.endswith(b"\n"):
        data += b"\n"
    if quotes.size:
        _prove_quotes(data, quotes, delimiter)
    elif data.count(delimiter) == data.count(b"\n") * (width - 1) and not (
        data.startswith(b"\n") or b"\n\n" in data
    ):
        return _Block(
            data, data.count(b"\n")
        )  # if a row has too few and another too many, the engine says so
    return _without_misfits(data, quotes, delimiter, width)


def _prove_quotes(data: bytes, quotes: NDArray[np.int64], delimiter: bytes) -> None:
    """Every other quote opens: at the start of a field or of a doubled one; the others close likewise."""
    if quotes.size % 2:
        raise _NotProven
    text = np.frombuffer(data, np.uint8)
    opening, closing = quotes[::2], quotes[1::2]
    before = text[np.maximum(opening - 1, 0)]
    after = text[closing + 1]  # the block ends with a line end
    is_doubled = np.zeros(opening.size + 1, bool)
    is_doubled[1:-1] = opening[1:] == closing[:-1] + 1
    opens = (opening == 0) | (before == delimiter[0]) | (before == _LINE_END) | is_doubled[:-1]
    closes = (after == delimiter[0]) | (after == _LINE_END) | is_doubled[1:]
    if not (opens.all() and closes.all()):
        raise _NotProven


def _without_misfits(data: bytes, quotes: NDArray[np.int64], delimiter: bytes, width: int) -> _Block:
    lines = _places(data, _LINE_END)
    marks = _places(data, delimiter[0])
    ends = lines
    if quotes.size:
        ends = lines[np.searchsorted(quotes, lines) % 2 == 0]
        if ends.size < lines.size:
            _refuse_rows_within_texts(lines, ends, marks, width)
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    starts = np.concatenate([[0], ends[:-1] + 1]) if ends.size else ends
    if ends.size and int((ends - starts).max()) > MAX_RECORD_BYTES:
        raise _NotProven
    fields = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
    is_blank = starts == ends
    fits = (fields == width) & ~is_blank
    if fits.all():
        return _Block(data, ends.size)
    number = np.cumsum(~is_blank) - 1
    misfits = np.flatnonzero(~fits & ~is_blank)
    kept, place = [], 0
    empty = delimiter * (width - 1) + b"\n"
    for which in np.flatnonzero(~fits).tolist():
        kept += [data[place : starts[which]], b"" if is_blank[which] else empty]
        place = int(ends[which]) + 1
    kept.append(data[place:])
    cut = tuple(zip(number[misfits].tolist(), fields[misfits].tolist(), strict=True))
    return _Block(b"".join(kept), int(number[-1]) + 1, cut)


def _refuse_rows_within_texts(
    lines: NDArray[np.int64], ends: NDArray[np.int64], marks: NDArray[np.int64], width: int
) -> None:
    """Leave a text over several lines, of which each has as many fields as a row, to the strict reader."""
    on_line = np.diff(np.searchsorted(marks, lines), prepend=0) + 1
    last = np.searchsorted(lines, ends)
    first = np.concatenate([[0], last[:-1] + 1])
    looks_like_rows = np.minimum.reduceat((on_line == width).astype(np.int8), first).astype(bool)
    if (looks_like_rows & (last > first)).any():
        raise _NotProven


# ---- the strict way


def _read_strictly(table: Table, file: EvidenceFile, width: int, handover: _Handover) -> None:
    """Write what the strict reader gives anew as well-formed text."""
    rows = iter(table.rows)
    empty = [""] * width
    is_over = False
    while not is_over:
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        count, cut = 0, []
        while text.tell() < CHUNK_BYTES // 2 and not is_over:
            batch = list(islice(rows, BATCH_ROWS))
            is_over = not batch
            sound: list[Sequence[str]] = []
            for row in batch:
                if len(row) == width:
                    sound.append(row)  # type: ignore[arg-type]  # a fault has no length
                    continue
                if isinstance(row, Fault):
                    handover.fault(count + len(sound), row)
                elif row:
                    cut.append((count + len(sound), len(row)))
                else:
                    continue  # a blank line is no record
                sound.append(empty)
            writer.writerows(sound)
            count += len(sound)
        data = text.getvalue()
        if "\0" in data:
            problem = Problem(
                "nul_byte", file.name, handover.records + 1, None, "a NUL character at or after this record",
                "text without NUL characters", "Export again as plain delimited text.",
            )  # fmt: skip
            raise HostileFileError(problems=[problem])
        handover.take(_Block(data.encode(), count, tuple(cut)), is_rewritten=True)


class _Handover:
    """From a block of well-formed text to a Parquet file, by an engine that writes nothing else."""

    def __init__(
        self, folder: Path, width: int, places: dict[str, int], source: Source, key: Key,
        threads: int | None,
    ) -> None:  # fmt: skip
        import duckdb

        self.folder, self.width, self.source, self.key = folder, width, source, key
        self.places = dict(places)
        self.person = self.places.pop("person", None)
        self.fields = ("record", "fingerprint", "person", *self.places)
        self.missing = {"", *source.missing}
        self.descriptor = os.memfd_create("makeorbuy")
        self.text = f"/proc/self/fd/{self.descriptor}"
        self.connection: DuckDBPyConnection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                "python_enable_replacements": "false", "memory_limit": ENGINE_MEMORY, "temp_directory": "",
                **({} if threads is None else {"threads": threads}),
            },
        )  # fmt: skip
        run = self.connection.execute
        run(f"SET allowed_paths = [{literal(self.text)}]")
        run(f"SET allowed_directories = [{literal(str(folder))}]")
        run("SET enable_external_access = false")
        run("CREATE TABLE persons (written VARCHAR, person VARCHAR)")
        run("CREATE TABLE misfits (place BIGINT)")
        self.start_again()

    def __enter__(self) -> _Handover:
        return self

    def __exit__(self, *failure: object) -> None:
        self.connection.close()
        os.close(self.descriptor)

    def start_again(self) -> None:
        """Forget what has been handed over."""
        self.records = 0
        self.malformed: list[Malformed] = []
        self.faults: list[tuple[int, Fault]] = []
        for part in self.folder.glob("*.parquet"):
            part.unlink()
        self.parts: list[Path] = []

    def fault(self, number: int, fault: Fault) -> None:
        """Note a record of the next block that cannot be read, by its place in it."""
        self.faults.append((number, fault))

    def take(self, block: _Block, *, is_rewritten: bool = False) -> None:
        """Add the records of a block."""
        faults = {number: (fault.code, fault.found, fault.field) for number, fault in self.faults}
        self.faults = []
        for number, fields in block.cut:
            code = "too_few_fields" if fields < self.width else "too_many_fields"
            faults[number] = (code, f"{fields} of {self.width} fields", None)
        first = self.records + 1
        self.malformed += [Malformed(first + n, *faults[n]) for n in sorted(faults)]
        if block.rows > len(faults):
            rows = self._load(block.data, is_rewritten)
            if rows is None and not is_rewritten and not block.cut:
                # some rows have too many fields and as many others too few: look at each
                delimiter = self.source.delimiter.encode()
                again = _without_misfits(block.data, _places(block.data, _QUOTE), delimiter, self.width)
                if again.cut:
                    return self.take(again)
            if rows != block.rows:
                raise _NotProven
            self._write(block, sorted(faults))
        self.records += block.rows
        return None

    def _load(self, data: bytes, is_rewritten: bool) -> int | None:
        """Read the text as it is; None where the engine does not find as many fields in every row."""
        delimiter = "," if is_rewritten else self.source.delimiter
        longest = 8 * MAX_LINE_BYTES if is_rewritten else MAX_RECORD_BYTES  # quotes and UTF-8 make it longer
        import duckdb

        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(self.width))
        try:
            self.connection.execute(
                "CREATE OR REPLACE TABLE block AS SELECT * FROM read_csv("
                f"{literal(self.text)}, auto_detect = false, header = false, delim = {literal(delimiter)},"
                " quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true, null_padding = false,"
                f" nullstr = {literal(_NO_TEXT)}, ignore_errors = false, max_line_size = {longest},"
                f" columns = {{{columns}}})"
            )
        except duckdb.Error:  # its message may repeat a row
            return None
        ((rows,),) = self.connection.execute("SELECT count(*) FROM block").fetchall()
        return int(rows)

    def _write(self, block: _Block, faults: list[int]) -> None:
        everything = ", ".join(f"c{number}" for number in range(self.width))
        data = block.data
        marks = [space for space in (*SPACES, *CONTROLS) if space != "\n" and space.encode() in data]
        if data.count(b"\n") != block.rows:
            marks.append("\n")
        marks = [mark for mark in marks if mark != self.source.delimiter or b'"' in data]
        columns = {field: f"c{place}" for field, place in self.places.items()}
        picks = ", ".join(f'{column} AS "{field}"' for field, column in self._evened(columns, marks).items())
        person, joins = "CAST(NULL AS VARCHAR)", ""
        if self.person is not None:
            self._know_persons(f"c{self.person}")
            person, joins = "persons.person", f" LEFT JOIN persons ON c{self.person} = persons.written"
        record = f"block.rowid + {self.records + 1}"
        if faults:
            self.connection.execute("DELETE FROM misfits")
            self.connection.execute("INSERT INTO misfits SELECT unnest(?)", [faults])
            joins += " ANTI JOIN misfits ON block.rowid = misfits.place"
        part = self.folder / f"{len(self.parts):05d}.parquet"
        self.connection.execute(
            f"COPY (SELECT {record} AS record, CAST(hash({everything}) >> 1 AS BIGINT) AS fingerprint,"
            f" {person} AS person, {picks} FROM block{joins}) TO {literal(str(part))} (FORMAT parquet)"
        )
        self.connection.execute("DROP TABLE block")
        self.parts.append(part)

    def _evened(self, columns: dict[str, str], marks: list[str]) -> dict[str, str]:
        """Return each column with every kind of space, and what would break a line, as a plain space."""
        if not marks or not columns:
            return columns
        ((*found,),) = self.connection.execute(
            "SELECT " + ", ".join(
                f"bool_or({' OR '.join(f'contains({column}, {literal(mark)})' for mark in marks)})"
                for column in columns.values()
            ) + " FROM block"
        ).fetchall()  # fmt: skip
        spaces = literal(" " * len(marks))
        return {
            field: f"translate({column}, {literal(''.join(marks))}, {spaces})" if is_in else column
            for (field, column), is_in in zip(columns.items(), found, strict=True)
        }

    def _know_persons(self, column: str) -> None:
        new = self.connection.execute(
            f"SELECT DISTINCT {column} FROM block ANTI JOIN persons ON {column} = persons.written"
        ).fetchall()
        if new:
            names = [name for (name,) in new]
            self.connection.execute(
                "INSERT INTO persons SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
                [names, [self._pseudonym(name) for name in names]],
            )

    def _pseudonym(self, written: str) -> str | None:
        name = " ".join(unicodedata.normalize("NFC", written).split())
        return None if name in self.missing else self.key.pseudonym(name)


_NO_TEXT = "\x1e\x1d\x1e"  # what is empty is an empty text; nothing is read as NULL

"""Open a file of evidence safely: regular files only, sizes counted while reading.

Nothing here looks at rows. A path that leads out of the evidence folder, a link, a device, an archive
that unpacks without end, a byte that no text has, a line without end: each is refused with a
`HostileFileError` before anything is parsed.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, BinaryIO

from makeorbuy.case.folder import leaves_folder
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem
from makeorbuy.foundation.personal_data import masked

MAX_BYTES = 20 * 1024**3
"""Most bytes of a file after unpacking: about 60 million events of 36 columns. [B]"""

MAX_RATIO = 200
"""Most bytes out per byte in; real exports stay below 50, a bomb is above 1,000."""

RATIO_FREE_BYTES = 32 * 1024**2
"""The ratio is judged only beyond this size, because short files of one repeated row pack well. [B]"""

MAX_LINE_BYTES = 1024**2
"""Longest line, and about the longest record. [B]"""

UNPACKER_MEMORY_BYTES = 256 * 1024**2
"""Most memory that an xz file may ask for; level 9 asks for 65 MiB. [B]"""

BLOCK_BYTES = 256 * 1024
"""Bytes read at a time; less than `MAX_LINE_BYTES`, so that no line can hide within a block."""

_PACKED = {".gz": "gzip", ".xz": "xz", ".bz2": "bzip2"}
_MAGIC = {
    b"PK\x03\x04": "a workbook or a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """An opened regular file and the SHA-256 of its bytes.

    Attributes
    ----------
    name : str
        How it is called in messages and in the snapshot: below the case folder, or the file's bare
        name when its path was given on the command line.
    handle : BinaryIO
        The bytes as stored, open for reading.
    """

    name: str
    path: Path
    handle: BinaryIO
    sha256: str
    bytes_stored: int
    stamp: tuple[int, int]

    def __enter__(self) -> EvidenceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.handle.close()

    def check_unchanged(self) -> None:
        """Raise EvidenceError if the file was written to since it was opened."""
        if _stamp(self.handle) != self.stamp:
            raise EvidenceError(
                problems=[
                    Problem(
                        "changed_while_reading", self.name, None, None, "a changing file",
                        "a finished export", "Wait until the export is finished and run again.",
                    )
                ]
            )  # fmt: skip


def open_evidence(case_folder: Path, path: str) -> EvidenceFile:
    """Open one file of evidence and take the digest of its bytes.

    Parameters
    ----------
    case_folder : Path
    path : str
        Below ``evidence/`` of the case folder; or absolute, when it was given on the command line.

    Raises
    ------
    HostileFileError
        If the path leads elsewhere, or is not a regular file.
    EvidenceError
        If there is no such file.
    """
    is_given = PurePath(path).is_absolute()  # on the command line
    # a file may be named after a person, and its name stands in messages and in the snapshot
    name = masked(PurePath(path).name if is_given else f"evidence/{path}")
    if is_given:
        place = Path(path)
    else:
        place = case_folder / "evidence" / path
        _check_below(case_folder / "evidence", place, path, name)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    if not is_given:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(place, flags)
    except FileNotFoundError:
        problem = Problem(
            "missing_file", name, None, None, "no file", "the file named in evidence/mapping.yaml",
            "Put the export there, correct its name in the mapping, or take the source out.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem]) from None
    except OSError as error:
        raise _refused(name, error.strerror or "a file that cannot be opened") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(name, "something that is not a regular file")
    handle = os.fdopen(descriptor, "rb")
    try:
        stamp = _stamp(handle)
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
    except BaseException:
        handle.close()
        raise
    return EvidenceFile(name, place, handle, digest, stamp[0], stamp)


def _check_below(folder: Path, place: Path, path: str, name: str) -> None:
    if not path or "\\" in path or leaves_folder(path):
        raise _refused(name, "a path that leads out of evidence/")
    # a link anywhere on the way makes the resolved path differ from the written one
    if os.path.lexists(place) and place.resolve() != folder.resolve() / path:
        raise _refused(name, "a link")


def _refused(name: str, found: str) -> HostileFileError:
    problem = Problem(
        "not_a_regular_file", name, None, None, found, "a regular file below evidence/",
        "Copy the export itself into evidence/, or give its path on the command line.",
    )  # fmt: skip
    return HostileFileError(problems=[problem])


def _stamp(handle: BinaryIO) -> tuple[int, int]:
    status = os.fstat(handle.fileno())
    return status.st_size, status.st_mtime_ns


def unpacked_blocks(file: EvidenceFile, *, is_text: bool = True) -> Iterator[bytes]:
    """Give the unpacked bytes in blocks of at most `BLOCK_BYTES`, counting them.

    Parameters
    ----------
    file : EvidenceFile
    is_text : bool
        Whether the name must tell that it is an archive, as for delimited text.

    Raises
    ------
    HostileFileError
        If it unpacks to more than `MAX_BYTES`, or to more than `MAX_RATIO` times its stored size.
    EvidenceError
        If the archive is damaged, or the name does not say that it is one.
    """
    kind = _PACKED.get(file.path.suffix.lower())
    blocks = _stored_blocks(file) if kind is None else _unpack(file, kind)
    total = 0
    for block in blocks:
        if total == 0 and kind is None and is_text:
            _check_is_text(file, block)
        total += len(block)
        if total > MAX_BYTES or (total > RATIO_FREE_BYTES and total > MAX_RATIO * file.bytes_stored):
            problem = Problem(
                "unpacks_too_large", file.name, None, None,
                f"{file.bytes_stored} bytes that unpack to more than {total - len(block)}",
                f"at most {MAX_BYTES} bytes, and at most {MAX_RATIO} times the stored size",
                "Check where the file comes from; split a large export by year.",
            )  # fmt: skip
            raise HostileFileError(problems=[problem])
        yield block


def unpacked_bytes(file: EvidenceFile, most: int) -> bytes:
    """Return the beginning of the unpacked bytes, whatever they are, and go back to the start."""
    file.handle.seek(0)
    parts, total = [], 0
    for block in unpacked_blocks(file, is_text=False):
        parts.append(block)
        total += len(block)
        if total >= most:
            break
    file.handle.seek(0)
    return b"".join(parts)[:most]


def container_of(file: EvidenceFile) -> str:
    """Return which container of ``containers/`` a file is in, by its first bytes."""
    start = unpacked_bytes(file, 4096)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "workbook"
    if start.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if text.startswith(b"<"):
        return "xml"
    if text.startswith((b"{", b"[")):
        return "json"
    return "delimited"


def whole_bytes(file: EvidenceFile, most: int, what: str) -> bytes:
    """Return all the unpacked bytes of a file that must be held whole.

    Raises
    ------
    HostileFileError
        If there are more than ``most``.
    """
    data = unpacked_bytes(file, most + 1)
    if len(data) > most:
        problem = Problem(
            "too_large_to_hold", file.name, None, None, f"more than {most // 1024**2} MiB of {what}",
            f"at most {most // 1024**2} MiB", "Export as CSV, or split the export by year.",
        )  # fmt: skip
        raise HostileFileError(problems=[problem])
    return data


def _stored_blocks(file: EvidenceFile) -> Iterator[bytes]:
    while block := file.handle.read(BLOCK_BYTES):
        yield block


def _check_is_text(file: EvidenceFile, block: bytes) -> None:
    found = [what for magic, what in _MAGIC.items() if block.startswith(magic)]
    if block.startswith(b"BZh") and block[4:10] == b"1AY&SY":
        found = ["a bzip2 archive"]
    if found:
        problem = Problem(
            "not_delimited_text", file.name, None, None, found[0], "delimited text",
            "Export as CSV; a packed CSV must be named .csv.gz, .csv.xz or .csv.bz2.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])


def _unpack(file: EvidenceFile, kind: str) -> Iterator[bytes]:
    makers: dict[str, Callable[[], Any]] = {
        "gzip": _Gzip,
        "xz": lambda: lzma.LZMADecompressor(memlimit=UNPACKER_MEMORY_BYTES),
        "bzip2": bz2.BZ2Decompressor,
    }
    make = makers[kind]
    unpacker = make()
    given = b""
    try:
        while True:
            if unpacker.eof:
                # archives may be several, one after the other; xz pads with zero bytes
                given = (unpacker.unused_data or file.handle.read(BLOCK_BYTES)).lstrip(b"\0")
                if not given:
                    if file.handle.peek(1):  # type: ignore[attr-defined]  # a buffered reader
                        continue
                    return
                unpacker = make()
            elif unpacker.needs_input:
                given = file.handle.read(BLOCK_BYTES)
                if not given:
                    raise EOFError("the archive ends too early")
            block = unpacker.decompress(given, BLOCK_BYTES)
            given = b""
            if block:
                yield block
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        problem = Problem(
            "damaged_archive", file.name, None, None, f"a damaged {kind} archive ({error})",
            f"a whole {kind} archive", "Fetch or pack the export again.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem]) from None


class _Gzip:
    """zlib with the manners of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._inner.eof

    def decompress(self, data: bytes, most: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, most)


class GuardedText(io.RawIOBase):
    """Unpacked bytes as a raw stream that refuses NUL bytes and endless lines.

    Parameters
    ----------
    file : EvidenceFile
    rows_done : callable
        How many rows the reader has given so far: when it stands still while bytes flow, one record
        is growing without end.
    is_wide : bool
        Whether a character takes two bytes (UTF-16), where NUL bytes are ordinary.
    tell : callable, optional
        Called with the share of the stored bytes that have been read.
    """

    def __init__(
        self,
        file: EvidenceFile,
        rows_done: Callable[[], int],
        is_wide: bool = False,
        tell: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__()
        self._file = file
        self._blocks = unpacked_blocks(file)
        self._rows_done = rows_done
        self._is_wide = is_wide
        self._tell = tell
        self._rest = memoryview(b"")
        self._line_bytes = 0
        self._record_bytes = 0
        self._rows_seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            block = next(self._blocks, b"")
            if not block:
                return 0
            self._guard(block)
            self._rest = memoryview(block)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _guard(self, block: bytes) -> None:
        if self._tell is not None:
            self._tell(min(1.0, self._file.handle.tell() / max(1, self._file.bytes_stored)))
        if not self._is_wide and b"\0" in block:
            raise self._hostile("nul_byte", "a NUL byte", "text without NUL bytes")
        first = block.find(b"\n")
        if first < 0:
            first = block.find(b"\r")
        self._line_bytes += len(block) if first < 0 else first
        if self._line_bytes > MAX_LINE_BYTES:
            raise self._hostile(
                "line_too_long", "a line without end", f"lines of at most {MAX_LINE_BYTES} bytes"
            )
        if first >= 0:
            self._line_bytes = len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))
        rows = self._rows_done()
        if rows != self._rows_seen:
            self._rows_seen, self._record_bytes = rows, 0
        self._record_bytes += len(block)
        # the reader is up to two blocks behind what has been read
        if self._record_bytes > MAX_LINE_BYTES + 2 * BLOCK_BYTES:
            raise self._hostile(
                "record_too_long", "a record without end", f"records of at most {MAX_LINE_BYTES} bytes"
            )

    def _hostile(self, code: str, found: str, expected: str) -> HostileFileError:
        problem = Problem(
            code, self._file.name, self._rows_done() + 1, None, f"{found} at or after this record", expected,
            "Export again as plain delimited text; look for a quote that is never closed.",
        )  # fmt: skip
        return HostileFileError(problems=[problem])

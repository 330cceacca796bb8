"""One target for every container and every reader: bytes in, rows or a problem with its mend out.

A new module of `containers/` or `readers/` is a target by being there. Its seeds are the fixtures that it
recognises, and a small file of each container made here.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import EvidenceFile, open_evidence
from makeorbuy.evidence.recognition import Sample, proposal
from makeorbuy.evidence.registry import reader_modules, recognitions, table_makers
from makeorbuy.evidence.sample import samples_of
from makeorbuy.evidence.text import Fault, Table, write_text
from makeorbuy.foundation.errors import InputError

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
SMALL = 200_000
"""Larger fixtures are no seeds: each input is read whole many times. [B]"""

HEADER = ("number", "opened_at", "resolved_at", "state", "assignment_group", "assigned_to", "category")
ROWS = (
    ("A1", "2024-03-01 10:00", "2024-03-01 12:00", "Closed", "Desk", "Kari Testmann", "Mail"),
    ("A2", "2024-03-02 10:00", "", "New", "Drift", "", 'Si "hei"'),
)
ENDINGS = {"delimited": "csv", "workbook": "xlsx", "json": "json", "xml": "xml", "sqlite": "sqlite"}


def targets() -> list[str]:
    """Every container and every reader, by name."""
    return sorted({*table_makers(), *reader_modules()})


def _small() -> dict[str, bytes]:
    """A small file for each container."""
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADER, *ROWS))
    xml = "".join(
        "<incident>" + "".join(f"<{key}>{value}</{key}>" for key, value in record.items()) + "</incident>"
        for record in records
    )
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE tickets ({', '.join(HEADER)})")
        connection.executemany(f"INSERT INTO tickets VALUES ({', '.join('?' * len(HEADER))})", ROWS)
        connection.commit()
        database = connection.serialize()
    return {
        "csv": text.encode(),
        "json": json.dumps({"result": records}).encode(),
        "xml": f"<unload>{xml}</unload>".encode(),
        "sqlite": database,
    }


@cache
def seeds(target: str) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of what a target is known to read."""
    found: list[tuple[str, bytes]] = []
    for path in sorted(EXPORTS.rglob("*")):
        if not path.is_file() or path.suffix in (".md", ".py") or path.stat().st_size > SMALL:
            continue
        if target in _readers_of(path):
            found.append((path.name, path.read_bytes()))
    small = _small()
    if ENDINGS.get(target) in small:
        found.append((f"small.{ENDINGS[target]}", small[ENDINGS[target]]))
    return tuple(found or small.items())


@cache
def _readers_of(path: Path) -> frozenset[str]:
    """The container of a file, and the readers that recognise it."""
    try:
        with open_evidence(path.parent, str(path.absolute())) as file:
            samples = samples_of(file)
    except InputError:
        return frozenset()
    readers = {sample.container for sample in samples}
    for name, module in reader_modules().items():
        if any(module.recognise(sample) is not None for sample in samples):
            readers.add(name)
    return frozenset(readers)


def read(target: str, name: str, data: bytes) -> int:
    """Read bytes as this target would; return how many records there were.

    Raises
    ------
    InputError
        The only thing that may be raised, with a mend for each problem.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with open_evidence(path.parent, str(path.absolute())) as file:
            samples = samples_of(file)
            sources = [source for known in recognitions(samples) for source in known.sources]
            sources += [source for sample in samples for source in _plain_sources(target, sample)]
            return sum(_rows(file, source, Path(folder) / "text") for source in sources)


def _plain_sources(target: str, sample: Sample) -> Iterator[Source]:
    """What somebody might write into a mapping by hand for this file."""
    if target not in table_makers():
        return
    header = sample.header or ("number", "state")  # XML has none before it is read
    columns = dict(zip(("number", "state"), header, strict=False))
    for kind in ("tickets", "ticket_events", "ledger"):
        yield replace(proposal(sample, kind, columns), reader=target)


def _rows(file: EvidenceFile, source: Source, text: Path) -> int:
    file.handle.seek(0)
    table = table_makers()[source.reader](file, source, None)
    given = 0

    def counted() -> Iterator[object]:
        nonlocal given
        for row in table.rows:
            given += isinstance(row, Fault) or bool(row)
            yield row

    try:
        whole = Table(table.header, counted(), table.remarks)  # type: ignore[arg-type]
        reading = write_text(whole, file, source, text)
    except InputError:
        return given
    assert reading.rows_read == given, "a record was lost"
    return given


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change a file a little: within the parts of an archive, so that the archive itself stays whole."""
    if data.startswith(b"PK") and chance.random() < 0.8:
        return _mutated_archive(data, chance)
    pieces = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        _mutate(pieces, chance)
    return bytes(pieces)


def _mutated_archive(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    if chance.random() < 0.1:
        del parts[name]
    else:
        parts[name] = mutated(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue()


TOKENS = (
    b"", b"\0", b'"', b"'", b",", b";", b"\n", b"\r", b"<", b">", b"&", b"{", b"}", b"[", b"]", b"\xff",
    b"\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\\ud800", b"1e999", b"NaN", b"-1", b"99999999999999999999",
    b"null", b"true",
    b"2024-02-30", b"0000-00-00", b"A1048576", b"XFD1048576", b"=1+1", b"\xe2\x80\xae", b"\x1f", b"<f>",
    b"</c>",     b"http://", b"../", b"!!x", b"1970-01-01T00:00:00Z", b"9999-12-31T23:59:59+14:00",
)  # fmt: skip


def _mutate(data: bytearray, chance: random.Random) -> None:
    if not data:
        data += chance.choice(TOKENS)
        return
    place = chance.randrange(len(data))
    length = chance.choice((1, 1, 2, 8, 64))
    match chance.randrange(6):
        case 0:
            data[place] ^= 1 << chance.randrange(8)
        case 1:
            del data[place : place + length]
        case 2:
            data[place:place] = chance.choice(TOKENS)
        case 3:
            data[place : place + length] = chance.choice(TOKENS)
        case 4:
            start = chance.randrange(len(data))
            data[place:place] = data[start : start + length * 4]
        case 5 if chance.random() < 0.2:
            del data[place:]
        case _:
            data[place] = chance.randrange(256)

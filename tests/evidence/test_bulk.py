"""Large files are read in the engine: to the same rows as the strict reader gives, whatever they hold."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path
from typing import Any

import duckdb
import evidence_making as m
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from makeorbuy.evidence import bulk
from makeorbuy.evidence.containers import delimited
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.pseudonyms import Key
from makeorbuy.evidence.text import SEPARATOR, write_text
from makeorbuy.foundation.errors import InputError

COLUMNS = {"number": "n", "team": "t", "person": "p"}
KEY = Key(b"k" * 32)

pytestmark = pytest.mark.skipif(not hasattr(bulk.os, "memfd_create"), reason="no memory files on this system")

TEXT = st.text(alphabet='ab,;" \n\r\t\u00a0\u202føÅ\x1f?', max_size=6)
LINES = st.lists(st.text(alphabet='a,;"ø \r\u00a0', max_size=14), max_size=12)


def both(folder: Path, data: bytes, **rules: Any) -> tuple[Any, Any, bool]:
    """What the strict reader gives, what the engine gives, and whether the engine read it by itself."""
    m.write(folder, "x.csv", data)
    source = m.source("tickets", "x.csv", columns=COLUMNS, **rules)
    told: list[Any] = []
    is_strict = False
    for way in ("strict", "bulk"):
        with open_evidence(folder, "x.csv") as file:
            try:
                if way == "strict":
                    found = write_text(delimited.table(file, source), file, source, folder / "x.txt")
                    lines = (folder / "x.txt").read_text(encoding="utf-8").split("\n")[:-1]
                    rows = [tuple(line.split(SEPARATOR)) for line in lines]
                else:
                    with pytest.MonkeyPatch.context() as patch:

                        def note(*given: Any, really: Any = bulk._read_strictly) -> None:
                            nonlocal is_strict
                            is_strict = True
                            really(*given)

                        patch.setattr(bulk, "_read_strictly", note)
                        into = folder / f"parts{random.random()}"
                        found = bulk.read_in_bulk(file, source, into, key=KEY, threads=1)
                    rows = []
                    for part in found.parts:
                        rows += duckdb.sql(f"FROM read_parquet('{part}') ORDER BY record").fetchall()
                    rows = [tuple("" if value is None else str(value) for value in row) for row in rows]
            except InputError as error:
                told.append([(p.code, p.row, p.found) for p in error.problems])
                continue
            assert found.fields == ("record", "fingerprint", "person", "number", "team")
            # what a fingerprint or a person is called means nothing: which rows share one does
            names: list[dict[str, int]] = [{}, {}]
            plain = [
                (row[0], names[0].setdefault(row[1], len(names[0])),
                 row[2] and names[1].setdefault(row[2], len(names[1])), *row[3:])
                for row in rows
            ]  # fmt: skip
            told.append((plain, found.rows_read, found.malformed))
    return told[0], told[1], not is_strict


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(st.lists(TEXT, min_size=2, max_size=5), max_size=8), ends=st.sampled_from(["\n", "\r\n"])
)
@example(rows=[["", ""], ["", "", " ", ""], ["", "", "\x1f", ""], ["", "\x1f", "", ""]], ends="\n")
def test_any_rows_well_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], ends: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ends).writerows([["n", "t", "p", "rest"], *rows])
    strict, engine, _ = both(tmp_path_factory.mktemp("rows"), out.getvalue().encode())
    assert engine == strict


@settings(deadline=None, max_examples=300)
@given(
    lines=LINES, ends=st.lists(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]), min_size=12, max_size=12)
)
def test_any_text_at_all(tmp_path_factory: pytest.TempPathFactory, lines: list[str], ends: list[str]) -> None:
    text = "n,t,p,rest\n" + "".join(line + end for line, end in zip(lines, ends, strict=False))
    strict, engine, _ = both(tmp_path_factory.mktemp("text"), text.encode())
    assert engine == strict


CLEAN = [
    [f"N{n}", ("Desk", "a, b", 'say "hi"', "two\nlines")[n % 4], ("Kari", "?", "")[n % 3], ""]
    for n in range(5000)
]


def written(rows: list[list[str]], **form: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, **form).writerows([["n", "t", "p", "rest"], *rows])
    return out.getvalue()


FORMS: list[dict[str, Any]] = [
    {},
    {"quoting": csv.QUOTE_ALL},
    {"lineterminator": "\n"},
    {"delimiter": ";"},
    {"delimiter": "\t", "lineterminator": "\n"},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk", [700, 32 * 1024**2])
def test_ordinary_exports_are_read_by_the_engine(
    tmp_path: Path, form: dict[str, Any], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_BYTES", chunk)
    monkeypatch.setattr(bulk, "unpacked_blocks", lambda file: iter(lambda: file.handle.read(300), b""))
    rows = [
        *CLEAN[:600],
        ["short"],
        ["too", "long", "", "", "x"],
        [],
        *CLEAN[600:700],
        ["", "", "", ""],
        ["x"],
    ]
    strict, engine, is_by_engine = both(
        tmp_path, written(rows, **form).encode(), delimiter=form.get("delimiter", ",")
    )
    assert engine == strict
    assert is_by_engine
    assert engine[1] == 704 and [fault.record for fault in engine[2]] == [601, 602, 704]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15"])
def test_encodings_that_are_read_by_the_engine(tmp_path: Path, encoding: str) -> None:
    text = written([["Å1", "blåbær", "Øystein", "x"]]).encode(encoding)
    strict, engine, is_by_engine = both(tmp_path, text, encoding=encoding.removesuffix("-sig"))
    assert engine == strict and is_by_engine
    assert engine[0][0][3:] == ("Å1", "blåbær")


@pytest.mark.parametrize("what", ["lone return", "stray byte", "open quote", "rows in a text", "long record"])
def test_what_is_not_proven_is_read_strictly(tmp_path: Path, what: str) -> None:
    odd = {
        "lone return": b"N,a\rb,c,d\r",
        "stray byte": b"N,\xf8,c,d\n",
        "open quote": b'N,"a,c,d\n',
        "rows in a text": b'N,"a,c,d\nM,monitor 24",c,d\n',
        "long record": b"N," + b"x" * 70_000 + b",c," + b"y" * 70_000 + b"\n",
    }[what]
    good = written([[f"Nå{n}", "æ", "c", "d"] for n in range(3000)], lineterminator="\n").encode()
    strict, engine, is_by_engine = both(tmp_path, good + odd + good.partition(b"\n")[2])
    assert engine == strict and not is_by_engine
    assert len(engine[0]) >= 5999


def test_no_name_and_no_unmapped_text_reaches_the_disk(tmp_path: Path) -> None:
    rows = [[f"N{n}", "Desk", f"Testmann {n % 9}", "hemmelig"] for n in range(2000)]
    m.write(tmp_path, "x.csv", written(rows))
    source = m.source("tickets", "x.csv", columns=COLUMNS)
    with open_evidence(tmp_path, "x.csv") as file:
        bulk.read_in_bulk(file, source, tmp_path / "parts", key=KEY)
    for part in (tmp_path / "parts").iterdir():
        assert b"Testmann" not in part.read_bytes() and b"hemmelig" not in part.read_bytes()

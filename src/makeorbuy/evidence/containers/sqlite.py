"""An SQLite database, one table of it; opened from its bytes, so that nothing on disk is touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import EvidenceFile, whole_bytes
from makeorbuy.evidence.text import Table, Tell
from makeorbuy.foundation.errors import EvidenceError, Problem

MAX_BYTES = 512 * 1024**2
"""Largest database that is held whole. [B]"""

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open one table; `Source.sheet` names it where there are several.

    Raises
    ------
    EvidenceError
        If it is no database, or has no such table.
    """
    names = sheets(file)
    name = source.sheet or (names[0] if len(names) == 1 else "")
    if name not in names:
        problem = Problem(
            "missing_sheet", file.name, None, None, f"no table {name!r}" if name else f"{len(names)} tables",
            f"one of {', '.join(map(repr, names))}", "Say `sheet:` in evidence/mapping.yaml.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    header, *rows = query(file, f"SELECT * FROM {quoted(name)}")
    if tell is not None:
        tell(1.0)
    return Table(header, iter(rows))


def sheets(file: EvidenceFile) -> tuple[str, ...]:
    """Return the names of the tables, in order of name; views are not read."""
    _, *rows = query(file, _TABLES)
    return tuple(name for (name,) in rows if not name.startswith("sqlite_"))


def query(file: EvidenceFile, sql: str) -> list[tuple[str, ...]]:
    """Return the column names and the rows of one query of ours, as text; it can only read.

    Raises
    ------
    EvidenceError
        If it is no database, or is damaged.
    """
    with opened(file) as ask:
        return ask(sql)


def beginnings(file: EvidenceFile, most_rows: int) -> dict[str, list[tuple[str, ...]]]:
    """Return the header and the first rows of every table, by name.

    Raises
    ------
    EvidenceError
        If it is no database, or is damaged.
    """
    with opened(file) as ask:
        names = [name for (name,) in ask(_TABLES)[1:] if not name.startswith("sqlite_")]
        return {name: ask(f"SELECT * FROM {quoted(name)} LIMIT {int(most_rows)}") for name in names}


def quoted(name: str) -> str:
    """Return a name as it stands in a query, whatever it holds.

    Examples
    --------
    >>> quoted('a"; DROP TABLE x')
    '"a""; DROP TABLE x"'
    """
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opened(file: EvidenceFile) -> Iterator[Callable[[str], list[tuple[str, ...]]]]:
    """Give a function that answers queries of ours; see `query`.

    Raises
    ------
    EvidenceError
        If it is no database, or is damaged.
    """
    data = whole_bytes(file, MAX_BYTES, "database")
    try:
        _check_whole(data)
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(data)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            connection.set_authorizer(_only_read)

            def ask(sql: str) -> list[tuple[str, ...]]:
                cursor = connection.execute(sql)
                header = tuple(column[0] for column in cursor.description)
                return [header, *_texts(cursor)]

            yield ask
    except (sqlite3.Error, UnicodeError):  # a damaged name in the schema cannot even be quoted
        problem = Problem(
            "damaged_database", file.name, None, None, "a database that cannot be read",
            "a whole SQLite database", "Export it again.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem]) from None


def _check_whole(data: bytes) -> None:
    """Raise sqlite3.Error if pages are missing at the end: the engine would take them for empty ones."""
    size, pages = int.from_bytes(data[16:18], "big"), int.from_bytes(data[28:32], "big")
    if len(data) < pages * (65_536 if size == 1 else size):
        raise sqlite3.DatabaseError("its end is missing")


def _texts(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple("" if cell is None else cell if isinstance(cell, str) else str(cell) for cell in row)


def _only_read(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

"""JSON: one document, or a record on each line. Nested fields become columns with dotted names.

The document is held whole, within a limit. A key that is written twice, a number that is none, and
nesting without end are refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import EvidenceFile, whole_bytes
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

MAX_BYTES = 512 * 1024**2
"""Largest document that is held whole. [B]"""

MAX_DEPTH = 64
"""Deepest nesting."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open a list of records as a table; `Source.sheet` names the list where there are several.

    Raises
    ------
    EvidenceError
        If it is not JSON, or holds no such list.
    HostileFileError
        If it is too large or too deep.
    """
    document = load(file, tell)
    names = lists(document)
    if not names and isinstance(document, dict):
        document, names = [document], ["$"]  # one line, or one object: one record
    name = source.sheet or (names[0] if len(names) == 1 else "")
    if name not in names:
        raise _wrong(
            file, f"lists {', '.join(map(repr, names)) or 'of no name'}", "the list named in `sheet`"
        )
    return rows_of(document, name)


def load(file: EvidenceFile, tell: Tell | None = None) -> Any:
    """Return the parsed document; a record on each line becomes a list.

    Parameters
    ----------
    tell : callable, optional
        Called once the whole is read: a document has no parts to count.

    Raises
    ------
    EvidenceError
        If it is not JSON.
    HostileFileError
        If it is too large or too deep.
    """
    data = whole_bytes(file, MAX_BYTES, "JSON")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(file, "bytes that are not UTF-8", "JSON in UTF-8") from None
    _check_depth(file, text)
    try:
        document = _parse(text)
    except ValueError as whole:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise _wrong(file, str(whole), "JSON") from None
        try:
            document = [_parse(line) for line in lines]
        except ValueError:
            raise _wrong(file, str(whole), "JSON") from None
    if tell is not None:
        tell(1.0)
    return document


def lists(document: Any) -> list[str]:
    """Return the names of the lists of records at the top; the document itself is called ``$``."""
    if isinstance(document, list):
        return ["$"] if any(isinstance(entry, dict) for entry in document) else []
    if not isinstance(document, dict):
        return []
    return [
        name
        for name, value in document.items()
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value)
    ]


def rows_of(document: Any, name: str) -> Table:
    """Return one list of records as a table; its columns are those of all its records."""
    records = document if name == "$" else document[name]
    flat = [flatten(record) if isinstance(record, dict) else None for record in records]
    return table_of(flat)


def table_of(records: list[dict[str, str] | None]) -> Table:
    """Return flat records as a table: columns in order of first appearance, None as a fault."""
    header: dict[str, None] = {}
    for record in records:
        header.update(dict.fromkeys(record or ()))

    def rows() -> Iterator[tuple[str, ...] | Fault]:
        for record in records:
            if record is None:
                yield Fault("not_a_record")
            else:
                yield tuple(record.get(name, "") for name in header)

    return Table(tuple(header), rows())


def flatten(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a record as flat text: nested keys dotted, lists left out unless they hold plain values.

    Examples
    --------
    >>> flatten({"key": "A-1", "fields": {"state": None, "tags": ["x", "y"], "points": 3.0}})
    {'key': 'A-1', 'fields.state': '', 'fields.tags': 'x, y', 'fields.points': '3'}
    """
    flat: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            if not any(isinstance(entry, dict | list) for entry in value):
                flat[f"{prefix}{key}"] = ", ".join(map(as_text, value))
        else:
            flat[f"{prefix}{key}"] = as_text(value)
    return flat


def as_text(value: object) -> str:
    """Return a plain JSON value as text; whole numbers without a decimal sign."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _parse(text: str) -> Any:
    return json.loads(
        text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key that is written twice in one object")
    return record


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word}, which is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond every size")
    return number


def _short(digits: str) -> int:
    if len(digits) > 30:
        raise ValueError("a whole number of more than 30 digits")
    return int(digits)


def _check_depth(file: EvidenceFile, text: str) -> None:
    """Refuse nesting without end before the parser goes down into it."""
    deepest = depth = 0
    for match in _STRUCTURE.finditer(text):
        sign = match[0]
        if sign in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "}]":
            depth -= 1
    if deepest > MAX_DEPTH:
        problem = Problem(
            "nested_too_deep", file.name, None, None, f"more than {MAX_DEPTH} levels",
            f"at most {MAX_DEPTH} levels", "Check where the file comes from.",
        )  # fmt: skip
        raise HostileFileError(problems=[problem])


def _wrong(file: EvidenceFile, found: str, expected: str) -> EvidenceError:
    problem = Problem(
        "not_json",
        file.name,
        None,
        None,
        found[:200],
        expected,
        "Export it again, or name the list in `sheet`.",
    )
    return EvidenceError(problems=[problem])

"""XML without document types, entities or nesting without end; read as a stream.

Everything goes through defusedxml. As a plain table, the most frequent kind of child of the root is a
record, its children are fields. Readers of a deeper format take `elements`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers.json import table_of
from makeorbuy.evidence.opening import BLOCK_BYTES, EvidenceFile, unpacked_blocks
from makeorbuy.evidence.text import Table, Tell
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_DEPTH = 64
"""Deepest nesting."""


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open the most frequent children of the root as a table, or those that `Source.sheet` names.

    Raises
    ------
    EvidenceError
        If it is not XML.
    HostileFileError
        If it has a document type or entities, or is too deep.
    """
    name = source.sheet or next(iter(outline(file)[1]), "")
    records: list[dict[str, str] | None] = []
    for element in elements(file, depth=2, tell=tell):
        if plain_tag(element.tag) == name:
            attributes = {f"@{key}": value for key, value in element.attrib.items()}
            records.append(attributes | {plain_tag(child.tag): child.text or "" for child in element})
    return table_of(records)


def outline(file: EvidenceFile) -> tuple[str, tuple[str, ...]]:
    """Return the root's tag with its namespace, and the tags of its children, the most frequent first."""
    root = ""
    counts: Counter[str] = Counter()
    for depth, element in _walk(file):
        if depth == 1:
            root = element.tag
        elif depth == 2:
            counts[plain_tag(element.tag)] += 1
    return root, tuple(name for name, _ in counts.most_common())


def elements(file: EvidenceFile, depth: int, tell: Tell | None = None) -> Iterator[Element]:
    """Give every finished element at a depth (the root is 1), and forget it afterwards."""
    for level, element in _walk(file, tell, ends=True):
        if level == depth:
            yield element
            element.clear()


def plain_tag(tag: str) -> str:
    """Return a tag without its namespace.

    Examples
    --------
    >>> plain_tag("{urn:example}Header")
    'Header'
    """
    return tag.rpartition("}")[2]


def _walk(
    file: EvidenceFile, tell: Tell | None = None, *, ends: bool = False
) -> Iterator[tuple[int, Element]]:
    """Give elements with their depth, when they begin or when they end."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    file.handle.seek(0)
    stream = io.BufferedReader(_Stream(file, tell), BLOCK_BYTES)
    depth = 0
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth += 1
                if depth > MAX_DEPTH:
                    raise _hostile(file, f"more than {MAX_DEPTH} levels", f"at most {MAX_DEPTH} levels")
                if not ends:
                    yield depth, element
            else:
                if ends:
                    yield depth, element
                depth -= 1
    except DefusedXmlException:
        raise _hostile(file, "a document type or an entity", "XML without either") from None
    except (ParseError, ValueError, LookupError) as error:
        place = getattr(error, "position", (None, None))[0]
        problem = Problem(
            "not_xml", file.name, place, None, "text that is not well-formed XML", "XML", "Export it again."
        )
        raise EvidenceError(problems=[problem]) from None


class _Stream(io.RawIOBase):
    """Unpacked blocks as a raw stream."""

    def __init__(self, file: EvidenceFile, tell: Tell | None) -> None:
        super().__init__()
        self._file, self._tell = file, tell
        self._blocks, self._rest = unpacked_blocks(file, is_text=False), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        if not self._rest:
            self._rest = next(self._blocks, b"")
            if self._tell is not None:
                self._tell(min(1.0, self._file.handle.tell() / max(1, self._file.bytes_stored)))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _hostile(file: EvidenceFile, found: str, expected: str) -> HostileFileError:
    problem = Problem(
        "hostile_xml", file.name, None, None, found, expected, "Check where the file comes from."
    )
    return HostileFileError(problems=[problem])

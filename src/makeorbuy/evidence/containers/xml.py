"""XML without document types, entities or nesting without end; read as a stream.

Everything goes through defusedxml. As a plain table, the most frequent kind of child of the root is a
record, its children are fields. Readers of a deeper format take `elements`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator
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
    for event, path in walk(file):
        root = path[0].tag
        if event == "end":
            if len(path) == 2:
                counts[plain_tag(path[-1].tag)] += 1
            forget(path)
    return root, tuple(name for name, _ in counts.most_common())


def elements(file: EvidenceFile, depth: int, tell: Tell | None = None) -> Iterator[Element]:
    """Give every finished element at a depth (the root is 1), and forget it afterwards."""
    for event, path in walk(file, tell):
        if event == "end" and len(path) == depth:
            yield path[-1]
            forget(path)


def named(file: EvidenceFile, names: Collection[str], tell: Tell | None = None) -> Iterator[Element]:
    """Give every finished element of these plain tags that is not within another of them.

    Everything is forgotten as soon as it is finished, so that memory is that of the largest element
    given, however long the file.
    """
    within = 0
    for event, path in walk(file, tell):
        is_wanted = plain_tag(path[-1].tag) in names
        if event == "start":
            within += is_wanted
            continue
        within -= is_wanted
        if not within:
            if is_wanted:
                yield path[-1]
            forget(path)


def texts(file: EvidenceFile, most: int = 20, within: int = 50_000) -> dict[str, tuple[str, ...]]:
    """Return plain tags and a few of the distinct texts in them, from the first elements of a file."""
    found: dict[str, dict[str, None]] = {}
    ended = 0
    for event, path in walk(file):
        if event == "start":
            continue
        text = (path[-1].text or "").strip()
        if text and len(seen := found.setdefault(plain_tag(path[-1].tag), {})) < most:
            seen[text] = None
        forget(path)
        ended += 1
        if ended == within:
            break
    return {tag: tuple(seen) for tag, seen in found.items()}


def beginning(file: EvidenceFile, within: int = 20_000) -> Element:
    """Return the root with the first elements of a file; the last of them may be unfinished."""
    ended = 0
    for event, path in walk(file):
        root = path[0]
        ended += event == "end"
        if ended == within:
            break
    return root


def forget(path: list[Element]) -> None:
    """Take a finished element out of its parent, so that it is not held any longer."""
    if len(path) > 1:
        path[-2].remove(path[-1])


def plain_tag(tag: str) -> str:
    """Return a tag without its namespace.

    Examples
    --------
    >>> plain_tag("{urn:example}Header")
    'Header'
    """
    return tag.rpartition("}")[2]


def walk(file: EvidenceFile, tell: Tell | None = None) -> Iterator[tuple[str, list[Element]]]:
    """Give ``start`` and ``end`` of each element, with the path from the root down to it."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    file.handle.seek(0)
    stream = io.BufferedReader(_Stream(file, tell), BLOCK_BYTES)
    path: list[Element] = []
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                path.append(element)
                if len(path) > MAX_DEPTH:
                    raise _hostile(file, f"more than {MAX_DEPTH} levels", f"at most {MAX_DEPTH} levels")
                yield event, path
            else:
                yield event, path
                path.pop()
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

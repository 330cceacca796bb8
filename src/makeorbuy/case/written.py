"""YAML as people write it: text with its line, nothing that can surprise.

Every scalar is read as text; its meaning is decided by the schema, so that ``no`` may be the answer
to a gate, ``010`` a cost centre and ``12:30`` a time of day. What YAML offers beyond plain lists,
mappings and text is refused: tags, anchors and aliases, merge keys, several documents. A key that is
written twice is refused too, because a reader would silently keep one of the two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from makeorbuy.foundation.errors import Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 64
MAX_PIECES = 40_000
"""Keys, values and brackets in one file: some 300 services with all they have, read in a second or two."""

_NULLS = ("", "~", "null", "Null", "NULL")


class Text(str):
    """A scalar that remembers where it stands."""

    __slots__ = ("path",)
    path: str


class Table(dict[str, Any]):
    """A mapping that remembers where it stands."""

    __slots__ = ("path",)
    path: str


@dataclass(slots=True)
class Node:
    """One piece of a YAML file: a scalar (`text`), a list (`items`) or a mapping (`entries`).

    Attributes
    ----------
    line : int
        Line in the file, from 1; of the key, for a value of a mapping.
    path : str
        Key path such as ``lines.price.amount``: an item of a list is named by its id where it has
        one of its own (else its service or kind), else by its number from 1.
    text : str or None
        The scalar, normalised to NFC; None for a list, a mapping, or nothing at all.
    """

    line: int
    path: str = ""
    text: str | None = None
    items: list[Node] | None = None
    entries: dict[str, Node] | None = None

    def child(self, part: str | int) -> Node | None:
        """Return the piece below a key or an index, None when there is none."""
        if self.entries is not None:
            return self.entries.get(str(part))
        if self.items is not None and isinstance(part, int) and part < len(self.items):
            return self.items[part]
        return None

    def shown(self) -> str:
        """Return what was found, short enough for a message."""
        if self.items is not None:
            return f"a list of {len(self.items)}"
        if self.entries is not None:
            return "a mapping"
        return "nothing" if self.text is None else shortened(self.text)

    def walk(self) -> Iterator[Node]:
        """Yield this piece and every piece below it."""
        yield self
        for node in self.items or (self.entries or {}).values():
            yield from node.walk()

    def plain(self) -> Any:
        """Return lists, `Table` and `Text`, for the schema."""
        if self.items is not None:
            return [node.plain() for node in self.items]
        if self.entries is not None:
            table = Table((key, node.plain()) for key, node in self.entries.items())
            table.path = self.path
            return table
        if self.text is None:
            return None
        text = Text(self.text)
        text.path = self.path
        return text


def shortened(text: str, length: int = 60) -> str:
    """Return a found text in quotes, cut to a length."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f'"{text}"' if len(text) <= length else f'"{text[:length]}…"'


@dataclass(slots=True)
class Reading:
    """What came of reading one file; `hostile` problems stop everything."""

    root: Node | None
    problems: list[Problem] = field(default_factory=list)
    hostile: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    node: Node
    key: str | None = None
    key_line: int = 0


def decoded(data: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a file, or the problem that it is not UTF-8."""
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        guess = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:200] else "Windows-1252"
        return None, [
            Problem(
                "not_utf8",
                file,
                line,
                None,
                f"the byte 0x{data[error.start]:02x}",
                "text in UTF-8",
                f"It looks like {guess}; save the file as UTF-8.",
            )
        ]


def read_yaml(data: bytes, file: str) -> Reading:
    """Read one YAML file into nodes, collecting every problem of form.

    Parameters
    ----------
    data : bytes
        Content of the file.
    file : str
        Its path relative to the case folder, for the problems.

    Returns
    -------
    Reading
        ``root`` is None when nothing can be read further.
    """
    if len(data) > MAX_BYTES:
        return Reading(None, hostile=[_too_big(file, len(data))])
    text, problems = decoded(data, file)
    if text is None:
        return Reading(None, problems)
    reading = Reading(None, problems)
    try:
        _build(text, file, reading)
    except _Refused as refusal:
        code, line = refusal.args
        limit, mend = _LIMITS[code]
        reading.root = None
        reading.hostile.append(
            Problem(code, file, line, None, f"more than {limit}", f"at most {limit}", mend)
        )
    if reading.root is not None:
        _name(reading.root, "")
    return reading


def _too_big(file: str, size: int) -> Problem:
    return Problem(
        "file_too_big",
        file,
        None,
        None,
        f"{size} bytes",
        f"at most {MAX_BYTES} bytes",
        "A file that people write is much smaller; large tables belong in evidence/.",
    )


class _Refused(Exception):
    """A limit is passed: its code, and the line."""


_LIMITS = {
    "too_deep": (f"{MAX_DEPTH} levels", "Nothing in a case is that deep; write it flat."),
    "too_many_pieces": (f"{MAX_PIECES} keys and values", "Large tables belong in evidence/ as CSV."),
}


def _build(text: str, file: str, reading: Reading) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    def complain(code: str, line: int, found: str, expected: str, mend: str) -> None:
        reading.problems.append(Problem(code, file, line, None, found, expected, mend))

    def place(node: Node) -> None:
        if not stack:
            reading.root = node
            return
        top = stack[-1]
        if top.node.items is not None:
            top.node.items.append(node)
        elif top.key is None:
            if node.text is None or node.entries is not None or node.items is not None:
                complain(
                    "yaml_key",
                    node.line,
                    "a key that is no text",
                    "a word as key",
                    "Write a word and a colon.",
                )
                top.key, top.key_line = f"\0{node.line}", node.line
            else:
                top.key, top.key_line = node.text, node.line
        else:
            entries = top.node.entries
            assert entries is not None
            node.line = top.key_line
            if top.key in entries:
                complain(
                    "duplicate_key",
                    top.key_line,
                    f"the key `{top.key}` again",
                    f"each key once; it stands on line {entries[top.key].line} already",
                    "Keep one of the two.",
                )
            elif not top.key.startswith("\0"):
                entries[top.key] = node
            top.key = None

    stack: list[_Open] = []
    documents = 0
    try:
        for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
            if count > MAX_PIECES:
                raise _Refused("too_many_pieces", event.start_mark.line + 1)
            kind = type(event).__name__
            line = event.start_mark.line + 1
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    complain(
                        "yaml_documents",
                        line,
                        "a second document (`---`)",
                        "one document",
                        "Split it into two files or delete the `---`.",
                    )
                    return
            elif kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent", "AliasEvent"):
                if event.anchor is not None:
                    sign = "*" if kind == "AliasEvent" else "&"
                    is_text = any(c in event.anchor for c in "./*?")  # as in a pattern of file names
                    complain(
                        "yaml_anchor",
                        line,
                        f"`{sign}{event.anchor}`",
                        "a text in quotes" if is_text else "no anchors and aliases",
                        f'Put the whole value in quotes ("{sign}{event.anchor}"): what begins with {sign} '
                        "is no text in YAML."
                        if is_text
                        else "Write the value out where it is used.",
                    )
                if getattr(event, "tag", None) is not None:
                    complain(
                        "yaml_tag",
                        line,
                        f"the tag `{shortened(str(event.tag))[1:-1]}`",
                        "no tags",
                        "Delete the tag; the field decides what the value means.",
                    )
                if kind == "ScalarEvent":
                    place(_scalar(event, line, stack, complain))
                elif kind == "AliasEvent":
                    place(Node(line))
                else:
                    if len(stack) >= MAX_DEPTH:
                        raise _Refused("too_deep", line)
                    node = Node(line, entries={}) if kind == "MappingStartEvent" else Node(line, items=[])
                    stack.append(_Open(node))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                place(stack.pop().node)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "text that is no YAML"
        reading.root = None
        complain(
            "yaml_syntax",
            mark.line + 1 if mark else 1,
            f"{what}",
            "YAML",
            "Look at the indentation, colons and quotes on this line and the one above.",
        )
    except RecursionError:
        raise _Refused("too_deep", 1) from None


def _scalar(event: Any, line: int, stack: list[_Open], complain: Any) -> Node:
    value = unicodedata.normalize("NFC", event.value)
    is_plain = event.style is None
    if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        complain(
            "yaml_surrogate",
            line,
            "half a character (a lone surrogate)",
            "whole characters",
            "Write the character itself instead of its escape.",
        )
        value = "".join(c for c in value if not 0xD800 <= ord(c) <= 0xDFFF)
    is_key = bool(stack) and stack[-1].node.entries is not None and stack[-1].key is None
    if is_key and is_plain and value == "<<":
        complain("yaml_merge_key", line, "the merge key `<<`", "no merge keys", "Write the keys out.")
        value = f"\0{line}"
    if not is_key and is_plain and value in _NULLS:
        return Node(line)
    return Node(line, text=value)


def _name(node: Node, path: str) -> None:
    node.path = path
    if node.entries is not None:
        for key, child in node.entries.items():
            _name(child, f"{path}.{key}" if path else key)
    elif node.items is not None:
        own = [_own_id(item) for item in node.items]
        for number, (item, item_id) in enumerate(zip(node.items, own, strict=True), start=1):
            if item_id and own.count(item_id) == 1:
                _name(item, f"{path}.{item_id}" if path else item_id)
            else:
                _name(item, f"{path}[{number}]")


def _own_id(node: Node) -> str | None:
    """Return what tells an item of a list from the others: its id, else its service or kind."""
    for key in ("id", "service", "kind"):
        found = node.entries.get(key) if node.entries else None
        if found is not None:
            return found.text
    return None

"""A case folder being read: what was found, what is wrong, and what must not be opened at all."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from makeorbuy.case.faults import validation_problems
from makeorbuy.case.fields import Part
from makeorbuy.case.written import MAX_BYTES, Node, read_yaml
from makeorbuy.foundation.digest import sha256_of_bytes
from makeorbuy.foundation.errors import Problem

P = TypeVar("P", bound=Part)
# names that Windows takes for devices in every folder, with any ending
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


MAPPING = "evidence/mapping.yaml"
TODO = "TODO"
"""What `makeorbuy map` writes where a person must answer."""


def _is_left(node: Node) -> bool:
    return node.text == TODO or node.path.endswith(f".{TODO}")


def _left_to_answer(file: str, node: Node) -> Problem:
    column = node.path.removesuffix(f".{TODO}")
    return Problem(
        "left_to_answer", file, node.line, column, TODO, f"an answer for {column.rpartition('.')[2]}",
        "Answer the question beside it.",
    )  # fmt: skip


@dataclass(slots=True)
class CaseFolder:
    """What has been read so far, and everything that is wrong with it."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    hostile: list[Problem] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # files with a problem of form or shape
    known: dict[str, set[str]] = field(default_factory=dict)  # ids of parts that did not pass

    def bytes_of(self, file: str) -> bytes | None:
        """Return the content of a file of the case; None when there is none or it is refused."""
        path = self.root / file
        refusal = refused(self.root, path, file)
        if refusal:
            self.hostile.append(refusal)
            self.broken.add(file)
            return None
        if not path.is_file():
            return None
        data = path.read_bytes()
        self.digests[file] = sha256_of_bytes(data)
        return data

    def node_of(self, file: str) -> Node | None:
        """Return a YAML file as nodes; None when there is none or it cannot be read."""
        data = self.bytes_of(file)
        if data is None:
            return None
        reading = read_yaml(data, file)
        self.problems += reading.problems
        self.hostile += reading.hostile
        if reading.problems or reading.hostile:
            self.broken.add(file)
        if reading.root is None:
            if not self.broken & {file}:
                self.complain("empty_file", file, "an empty file", "its keys", "Fill it in or delete it.")
            return None
        for node in reading.root.walk():
            self.lines[f"{file}#{node.path}"] = node.line
            if node.text is not None:
                self.values[f"{file}#{node.path}"] = node.text
        left = [_left_to_answer(file, node) for node in reading.root.walk() if _is_left(node)]
        if left and file == MAPPING:
            self.problems += left
            self.broken.add(file)
        return reading.root

    def part_of(self, file: str, model: type[P], kind: str = "") -> P | None:
        """Return a YAML file as its declared part, leaving out what does not pass."""
        node = self.node_of(file)
        if node is None:
            return None
        data = node.plain()
        for attempt in range(3):
            try:
                return model.model_validate(data)
            except ValidationError as error:
                if attempt == 0:
                    # what is wrong in form has been told; its shape follows from that
                    told = {p.row for p in self.problems if p.file == file}
                    self.problems += [
                        p for p in validation_problems(error, model, node, file) if p.row not in told
                    ]
                    self.broken.add(file)
                if not self._prune(data, error):
                    break
        if kind and isinstance(data, dict):
            self.remember(kind, data.get("id"))
        return None

    def _prune(self, data: Any, error: ValidationError) -> bool:
        """Leave out the faulty items of lists and mappings at the top; False when that does not help."""
        faulty: dict[str, set[Any]] = {}
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            loc = detail["loc"]
            top = data.get(loc[0]) if isinstance(data, dict) and loc else None
            if detail["type"] == "extra_forbidden" and len(loc) == 1:
                data.pop(loc[0], None)
            elif len(loc) > 1 and isinstance(top, list | dict):
                faulty.setdefault(str(loc[0]), set()).add(loc[1])
            else:
                return False
        for key, items in faulty.items():
            held = data[key]
            if isinstance(held, list):
                for index in items:
                    item = held[index] if isinstance(index, int) and index < len(held) else None
                    self.remember(key, item.get("id") if isinstance(item, dict) else None)
                data[key] = [item for index, item in enumerate(held) if index not in items]
            else:
                for name in items:
                    held.pop(name, None)
        return True

    def remember(self, kind: str, item_id: Any) -> None:
        if isinstance(item_id, str):
            self.known.setdefault(kind, set()).add(str(item_id))

    def complain(self, code: str, file: str, found: str, expected: str, mend: str) -> None:
        self.problems.append(Problem(code, file, None, None, found, expected, mend))
        self.broken.add(file)


def refused(root: Path, path: Path, file: str) -> Problem | None:
    """Return why a file must not be opened: a link out of the folder, or no regular file.

    Parameters
    ----------
    root, path : Path
        The case folder and the file.
    file : str
        Its path for the message.
    """
    if not os.path.lexists(path):
        return None
    if not path.resolve().is_relative_to(root.resolve()):
        return Problem(
            "link_outside",
            file,
            None,
            None,
            "a link out of the case folder",
            "a file of the case",
            "Copy the file into the folder.",
        )
    mode = path.stat().st_mode if path.exists() else stat.S_IFREG
    if not stat.S_ISREG(mode):
        return Problem(
            "not_a_file",
            file,
            None,
            None,
            "something that is no regular file",
            "a regular file",
            "Put the file itself there.",
        )
    if path.exists() and not file.startswith("evidence/") and path.stat().st_size > MAX_BYTES:
        return Problem(
            "file_too_big",
            file,
            None,
            None,
            f"{path.stat().st_size} bytes",
            f"at most {MAX_BYTES} bytes",
            "A file that people write is much smaller; large tables belong in evidence/.",
        )
    return None


def matching(folder: Path, path: str) -> list[str]:
    """Return the files that a path of a case file means, relative to the folder.

    A path without ``*`` and ``?`` means itself, whether or not it is there. A pattern means what fits it,
    in order of name, digits as numbers: ``tickets_9.csv`` before ``tickets_10.csv``.
    """
    if not set(path) & {"*", "?"}:
        return [path]
    pattern = path.replace("[", "[[]")
    found = (entry.relative_to(folder).as_posix() for entry in folder.glob(pattern))
    return sorted(found, key=_by_number)


def _by_number(name: str) -> tuple[list[tuple[int, str]], str]:
    pieces = re.split(r"([0-9]+)", name)
    return [
        (int(piece), "") if piece.isascii() and piece.isdigit() else (-1, piece) for piece in pieces
    ], name


def leaves_folder(path: str) -> bool:
    """Whether a path in a case file could lead out of the folder, on any system.

    Examples
    --------
    >>> [leaves_folder(path) for path in ("tickets.csv", "../x", "/etc/x", "C:/x", "~/x", "a//b", "aux.csv")]
    [False, True, True, True, True, False, True]
    """
    parts = path.replace("\\", "/").split("/")
    return (
        path.startswith(("/", "\\", "~"))
        or ".." in parts
        or ":" in path
        or "\0" in path
        or len(path) > 200
        or any(part != part.rstrip(". ") and part != "." for part in parts)
        or any(_DEVICE.fullmatch(part) for part in parts)
    )

"""Read a case folder: every file, every problem, then the frozen `makeorbuy.case.model.Case`.

The order is: read (form), validate (shape), convert, check (meaning). A part that does not pass is
left out of what follows and its id remembered, so that one mistake gives one message and all the
others are still found. Nothing is written.
"""

from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import ValidationError

from makeorbuy.case import convert, schema
from makeorbuy.case.checks import ABSENCES, check_case
from makeorbuy.case.faults import unknown_word, validation_problems
from makeorbuy.case.fields import Part
from makeorbuy.case.model import Case
from makeorbuy.case.written import MAX_BYTES, Node, decoded, read_yaml
from makeorbuy.foundation.digest import sha256_of_bytes
from makeorbuy.foundation.errors import CaseError, HostileFileError, Problem

FILES: Mapping[str, type[Part]] = {
    "case.yaml": schema.CaseFile,
    "services.yaml": schema.ServicesFile,
    "gates.yaml": schema.GatesFile,
    "questions.yaml": schema.QuestionsFile,
    "stakeholders.yaml": schema.StakeholdersFile,
    "outside_ledger.yaml": schema.OutsideFile,
    "evidence/mapping.yaml": schema.MappingFile,
}
"""Files of a case folder whose fields are declared; ``options/<id>.yaml`` come on top."""

REQUIRED = ("case.yaml", "services.yaml")
ASSUMPTIONS = "assumptions.yaml"
ALLOCATION_KEYS = "evidence/allocation_keys.yaml"
LEDGER_MAPPING = "evidence/ledger_mapping.csv"
LEDGER_COLUMNS = (
    "cost_centre",
    "account_from",
    "account_to",
    "kind",
    "target",
    "is_staff",
    "component_nb",
    "component_en",
)

_KINDS = {
    "services.yaml": "services",
    "gates.yaml": "gates",
    "questions.yaml": "questions",
    ALLOCATION_KEYS: "allocation_keys",
}

P = TypeVar("P", bound=Part)


@dataclass(slots=True)
class _Folder:
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
                self._complain("empty_file", file, "an empty file", "its keys", "Fill it in or delete it.")
            return None
        for node in reading.root.walk():
            self.lines[f"{file}#{node.path}"] = node.line
            if node.text is not None:
                self.values[f"{file}#{node.path}"] = node.text
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
                    self.problems += validation_problems(error, model, node, file)
                    self.broken.add(file)
                if not self._prune(data, error):
                    break
        if kind and isinstance(data, dict):
            self._remember(kind, data.get("id"))
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
                    self._remember(key, item.get("id") if isinstance(item, dict) else None)
                data[key] = [item for index, item in enumerate(held) if index not in items]
            else:
                for name in items:
                    held.pop(name, None)
        return True

    def _remember(self, kind: str, item_id: Any) -> None:
        if isinstance(item_id, str):
            self.known.setdefault(kind, set()).add(str(item_id))

    def _complain(self, code: str, file: str, found: str, expected: str, mend: str) -> None:
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


def load_case(
    folder: Path, *, evidence_paths: Mapping[str, Path] | None = None, require_evidence: bool = True
) -> Case:
    """Read and check a case folder.

    Parameters
    ----------
    folder : Path
        The folder with ``case.yaml``.
    evidence_paths : mapping of str to Path, optional
        Files to use instead of those in ``evidence/mapping.yaml``, by kind of source; only these may
        lie outside the folder.
    require_evidence : bool
        Whether a file named in ``evidence/mapping.yaml`` must exist.

    Returns
    -------
    Case
        Checked and frozen. A case without a business as usual gets one without adopted lines:
        today's service carried on.

    Raises
    ------
    CaseError
        With every problem found in all files.
    HostileFileError
        With every problem found, when one of them is a file or path that must not be opened.
    """
    folder = Path(folder)
    given = {kind: Path(path).absolute() for kind, path in (evidence_paths or {}).items()}
    if not folder.is_dir():
        raise CaseError(problems=[_no_folder(folder)])
    reading = _Folder(folder)
    _look_around(reading)
    parts = {file: reading.part_of(file, model) for file, model in FILES.items()}
    for file in REQUIRED:
        if parts[file] is None and file not in reading.broken and not os.path.lexists(folder / file):
            reading._complain(
                "missing_file",
                file,
                "no such file",
                f"the file {file}",
                "Start from `makeorbuy init FOLDER`, which writes every file with comments.",
            )
    options = []
    for path in sorted((folder / "options").glob("*.yaml")):
        file = f"options/{path.name}"
        option = reading.part_of(file, schema.OptionFile, "options")
        if option is not None:
            options.append((file, option))
    reading.known.setdefault("options", set()).update(
        PurePosixPath(file).stem for file in reading.broken if file.startswith("options/")
    )
    drawn = convert.convert(
        parts=parts,
        options=options,
        overrides=_overrides(reading),
        allocation_keys=_allocation_keys(reading),
        ledger_rules=_ledger_rules(reading),
        evidence_paths=given,
    )
    case = convert.with_places(drawn.case, reading.digests, reading.values, reading.lines)
    reading.problems += [replace(p, row=case.line_of(f"{p.file}#{p.column}")) for p in drawn.problems]
    for file in reading.broken | {file for file in FILES if file in REQUIRED and parts[file] is None}:
        if parts.get(file) is None:
            reading.known.setdefault(_KINDS.get(file, ""), set()).add("*")
    found = check_case(case, also_known=reading.known)
    reading.problems += [p for p in found if not (p.file in reading.broken and p.code in ABSENCES)]
    _look_for_evidence(reading, case, given, require_evidence)
    if reading.hostile:
        raise HostileFileError(problems=_in_order(reading.hostile + reading.problems))
    if reading.problems:
        count = len(reading.problems)
        raise CaseError(
            f"The case folder has {count} problem{'s' * (count > 1)}:", problems=_in_order(reading.problems)
        )
    return case


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.row or 0, p.column or "", p.code))


def _no_folder(folder: Path) -> Problem:
    return Problem(
        "missing_folder",
        folder.name,
        None,
        None,
        "no such folder",
        "a case folder",
        "Start from `makeorbuy init FOLDER` or `makeorbuy example FOLDER`.",
    )


def _look_around(reading: _Folder) -> None:
    """Complain of files that nobody would read: a misspelt name must not silently lose a gate."""
    for below, allowed in (
        ("", {*FILES, ASSUMPTIONS}),
        ("evidence", {"mapping.yaml", "allocation_keys.yaml"}),
        ("options", None),
    ):
        place = reading.root / below
        if not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            name = path.name
            is_yaml = path.suffix.lower() in (".yaml", ".yml")
            if is_yaml and (path.suffix != ".yaml" or (allowed is not None and name not in allowed)):
                file = f"{below}/{name}" if below else name
                like = unknown_word(name, allowed or ())
                reading._complain(
                    "unknown_file",
                    file,
                    f"the file {name}",
                    "one of the files of a case folder (docs/case-folder.md)",
                    like
                    or (
                        "Name it .yaml."
                        if path.suffix != ".yaml"
                        else "Move it elsewhere; it would not be read."
                    ),
                )


def _overrides(reading: _Folder) -> list[tuple[str, schema.OverridePart]]:
    node = reading.node_of(ASSUMPTIONS)
    if node is None:
        return []
    overrides = []
    for name, child in _entries(reading, node, ASSUMPTIONS, "names of assumptions"):
        try:
            overrides.append((name, schema.OverridePart.model_validate(child.plain())))
        except ValidationError as error:
            reading.problems += validation_problems(error, schema.OverridePart, child, ASSUMPTIONS)
            reading.broken.add(ASSUMPTIONS)
    return overrides


def _allocation_keys(reading: _Folder) -> dict[str, dict[str, float]]:
    node = reading.node_of(ALLOCATION_KEYS)
    if node is None:
        return {}
    keys: dict[str, dict[str, float]] = {}
    for name, child in _entries(reading, node, ALLOCATION_KEYS, "names of allocation keys"):
        try:
            keys[name] = schema.KeyPart.model_validate({"weights": child.plain()}).weights
        except ValidationError as error:
            wrapped = Node(child.line, child.path, entries={"weights": child})
            reading.problems += validation_problems(error, schema.KeyPart, wrapped, ALLOCATION_KEYS)
            reading._remember("allocation_keys", name)
            reading.broken.add(ALLOCATION_KEYS)
    return keys


def _entries(reading: _Folder, node: Node, file: str, expected: str) -> Iterable[tuple[str, Node]]:
    if node.entries is not None:
        return node.entries.items()
    reading.problems.append(
        Problem(
            "not_a_mapping", file, node.line, None, node.shown(), f"a mapping: {expected}", "Write `name: …`."
        )
    )
    reading.broken.add(file)
    return ()


def _ledger_rules(reading: _Folder) -> list[tuple[int, schema.LedgerRow]]:
    data = reading.bytes_of(LEDGER_MAPPING)
    if data is None:
        return []
    text, problems = decoded(data, LEDGER_MAPPING)
    reading.problems += problems
    if text is None:
        return []
    rules: list[tuple[int, schema.LedgerRow]] = []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        reading._complain(
            "csv_syntax", LEDGER_MAPPING, str(error), "a CSV file with commas", "Look at the quotes."
        )
        return []
    header = tuple(rows[0]) if rows else ()
    if header != LEDGER_COLUMNS:
        reading._complain(
            "csv_header",
            LEDGER_MAPPING,
            f"the columns {', '.join(header) or 'none'}",
            f"the columns {', '.join(LEDGER_COLUMNS)}",
            "Use these columns in this order.",
        )
        return []
    for record, row in enumerate(rows[1:], start=1):
        if not row:
            continue
        if len(row) != len(LEDGER_COLUMNS):
            reading.problems.append(
                Problem(
                    "csv_ragged_row",
                    LEDGER_MAPPING,
                    record,
                    None,
                    f"{len(row)} fields",
                    f"{len(LEDGER_COLUMNS)} fields",
                    "Put a text with a comma in quotes.",
                )
            )
            continue
        node = Node(
            record, entries={n: Node(record, n, text=v or None) for n, v in zip(header, row, strict=True)}
        )
        place = f"{LEDGER_MAPPING}#{row[0]},{row[1]}-{row[2]}"
        reading.lines[place] = record
        for name, value in zip(header, row, strict=True):
            reading.values[f"{place}.{name}"] = value
            reading.lines[f"{place}.{name}"] = record
        try:
            rules.append((record, schema.LedgerRow.model_validate(node.plain())))
        except ValidationError as error:
            reading.problems += validation_problems(error, schema.LedgerRow, node, LEDGER_MAPPING)
            reading.broken.add(LEDGER_MAPPING)
    return rules


def _look_for_evidence(reading: _Folder, case: Case, given: Mapping[str, Path], require: bool) -> None:
    """Refuse paths that leave the folder; miss files that are not there."""
    for source in case.sources:
        place = source.place.removeprefix("case:")
        row, column = case.line_of(f"{place}.file"), f"{place.partition('#')[2]}.file"
        if source.kind in given:
            if not given[source.kind].is_file():
                reading.problems.append(_no_evidence(source.kind, None, given[source.kind].name))
            continue
        if leaves_folder(source.path):
            reading.hostile.append(
                Problem(
                    "path_outside",
                    convert.MAPPING,
                    row,
                    column,
                    f'"{source.path}"',
                    "a path below evidence/",
                    "Copy the file into evidence/, or give it on the command line.",
                )
            )
            continue
        path = reading.root / "evidence" / source.path
        refusal = refused(reading.root, path, f"evidence/{source.path}")
        if refusal:
            reading.hostile.append(refusal)
        elif require and not path.is_file():
            reading.problems.append(
                Problem(
                    "missing_evidence_file",
                    convert.MAPPING,
                    row,
                    column,
                    f'no file "{source.path}"',
                    "a file below evidence/",
                    "Put the export there, correct the name, or delete the source.",
                )
            )
    for kind in given.keys() - {source.kind for source in case.sources}:
        reading.problems.append(
            Problem(
                "evidence_not_mapped",
                convert.MAPPING,
                None,
                None,
                f"a file for `{kind}`",
                "a source of that kind",
                "Describe its columns in evidence/mapping.yaml.",
            )
        )


def _no_evidence(kind: str, row: int | None, name: str) -> Problem:
    return Problem(
        "missing_evidence_file",
        convert.MAPPING,
        row,
        None,
        f'no file "{name}" for `{kind}`',
        "a file",
        "Correct the path given on the command line.",
    )


def leaves_folder(path: str) -> bool:
    """Whether a path in a case file could lead out of the folder, on any system.

    Examples
    --------
    >>> [leaves_folder(path) for path in ("tickets.csv", "../x", "/etc/x", "C:/x", "~/x", "a//b")]
    [False, True, True, True, True, False]
    """
    parts = path.replace("\\", "/").split("/")
    return (
        path.startswith(("/", "\\", "~"))
        or ".." in parts
        or ":" in path
        or "\0" in path
        or len(path) > 200
        or any(part != part.rstrip(". ") and part != "." for part in parts)
    )

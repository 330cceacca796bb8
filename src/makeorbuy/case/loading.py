"""Read a case folder: every file, every problem, then the frozen `makeorbuy.case.model.Case`.

The order is: read (form), validate (shape), convert, check (meaning). A part that does not pass is
left out of what follows and its id remembered, so that one mistake gives one message and all the
others are still found. Nothing is written.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from makeorbuy.case import convert, schema
from makeorbuy.case.checks import ABSENCES, check_case
from makeorbuy.case.faults import unknown_word, validation_problems
from makeorbuy.case.fields import Part
from makeorbuy.case.folder import CaseFolder, leaves_folder, matching, refused
from makeorbuy.case.model import Case
from makeorbuy.case.written import Node, decoded
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
    "case.yaml": "case",
    "services.yaml": "services",
    "gates.yaml": "gates",
    "questions.yaml": "questions",
    ALLOCATION_KEYS: "allocation_keys",
}


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
    reading = CaseFolder(folder)
    _look_around(reading)
    parts = {file: reading.part_of(file, model) for file, model in FILES.items()}
    for file in REQUIRED:
        if parts[file] is None and file not in reading.broken and not os.path.lexists(folder / file):
            reading.complain(
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
        raise CaseError(problems=_in_order(reading.problems))
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


def _look_around(reading: CaseFolder) -> None:
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
                reading.complain(
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


def _overrides(reading: CaseFolder) -> list[tuple[str, schema.OverridePart]]:
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


def _allocation_keys(reading: CaseFolder) -> dict[str, dict[str, float]]:
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
            reading.remember("allocation_keys", name)
            reading.broken.add(ALLOCATION_KEYS)
    return keys


def _entries(reading: CaseFolder, node: Node, file: str, expected: str) -> Iterable[tuple[str, Node]]:
    if node.entries is not None:
        return node.entries.items()
    reading.problems.append(
        Problem(
            "not_a_mapping", file, node.line, None, node.shown(), f"a mapping: {expected}", "Write `name: …`."
        )
    )
    reading.broken.add(file)
    return ()


def _ledger_rules(reading: CaseFolder) -> list[tuple[int, schema.LedgerRow]]:
    data = reading.bytes_of(LEDGER_MAPPING)
    if data is None:
        return []
    text, problems = decoded(data, LEDGER_MAPPING)
    reading.problems += problems
    if text is None:
        return []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        reading.complain(
            "csv_syntax", LEDGER_MAPPING, str(error), "a CSV file with commas", "Look at the quotes."
        )
        return []
    header = tuple(rows[0][1]) if rows else ()
    if header != LEDGER_COLUMNS:
        reading.complain(
            "csv_header",
            LEDGER_MAPPING,
            f"the columns {', '.join(header) or 'none'}",
            f"the columns {', '.join(LEDGER_COLUMNS)}",
            "Use these columns in this order.",
        )
        return []
    rules: list[tuple[int, schema.LedgerRow]] = []
    for record, (line, row) in enumerate(rows[1:], start=1):
        if not row:
            continue
        if len(row) != len(LEDGER_COLUMNS):
            reading.problems.append(
                Problem(
                    "csv_ragged_row",
                    LEDGER_MAPPING,
                    line,
                    None,
                    f"{len(row)} fields",
                    f"{len(LEDGER_COLUMNS)} fields",
                    "Put a text with a comma in quotes.",
                )
            )
            continue
        node = Node(
            line, entries={n: Node(line, n, text=v or None) for n, v in zip(header, row, strict=True)}
        )
        place = f"{LEDGER_MAPPING}#{row[0]},{row[1]}-{row[2]}"
        reading.lines[place] = line
        for name, value in zip(header, row, strict=True):
            reading.values[f"{place}.{name}"] = value
            reading.lines[f"{place}.{name}"] = line
        try:
            rules.append((record, schema.LedgerRow.model_validate(node.plain())))
        except ValidationError as error:
            reading.problems += validation_problems(error, schema.LedgerRow, node, LEDGER_MAPPING)
            reading.broken.add(LEDGER_MAPPING)
    return rules


def _look_for_evidence(reading: CaseFolder, case: Case, given: Mapping[str, Path], require: bool) -> None:
    """Refuse paths that leave the folder; miss files that are not there."""
    for source in case.sources:
        place = source.place.removeprefix("case:")
        row, column = case.line_of(f"{place}.file"), f"{place.partition('#')[2]}.file"
        if source.kind in given:
            if not given[source.kind].is_file():
                reading.problems.append(_no_evidence(source.kind, None, given[source.kind].name))
            continue
        for written in (source.path, *source.further_paths):
            if leaves_folder(written):
                reading.hostile.append(
                    Problem(
                        "path_outside",
                        convert.MAPPING,
                        row,
                        column,
                        f'"{written}"',
                        "a path below evidence/",
                        "Copy the file into evidence/, or give it on the command line.",
                    )
                )
                continue
            folder = reading.root / "evidence"
            fitting = [
                path for path in matching(folder, written) if require or os.path.lexists(folder / path)
            ]
            refusals = [refused(reading.root, folder / path, f"evidence/{path}") for path in fitting]
            reading.hostile += [refusal for refusal in refusals if refusal]
            is_missing = not fitting or not all((folder / path).is_file() for path in fitting)
            if require and is_missing and not any(refusals):
                reading.problems.append(
                    Problem(
                        "missing_evidence_file",
                        convert.MAPPING,
                        row,
                        column,
                        f'no file "{written}"',
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

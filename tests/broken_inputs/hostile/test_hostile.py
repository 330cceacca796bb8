"""Every hostile case through the real command: the exact message, no stack trace, little time and memory.

A folder holds `about.toml` (what it is, which command, the exit code), the files that are laid over a small
sound case, and `expected.txt`. Where rows are set aside and not a file refused, the expected text is what
the run's own manifest says: counts, reasons with their mends, notes. ``UPDATE_HOSTILE=1`` writes it anew;
look at the difference.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from makeorbuy.evidence.model import QuarantineReason
from makeorbuy.evidence.quarantine import as_problem

HERE = Path(__file__).parent
BASE = HERE.parent / "case" / "base"
CASES = sorted(path for path in HERE.iterdir() if (path / "about.toml").is_file())
# variants of a case have a letter behind its number
PARAMETERS = [
    pytest.param(path, id=path.name, marks=[pytest.mark.slow] if path.name[3].isalpha() else [])
    for path in CASES
]
SECONDS, MEGABYTES = float(os.environ.get("HOSTILE_SECONDS", "10")), 300.0
"""The goal is 2 s (``HOSTILE_SECONDS=2`` on a quiet machine); what runs away takes far more than 10."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(scope="module")
def command() -> Iterator[Callable[[Path, list[str]], dict[str, Any]]]:
    """The command, warm: runs once for each call, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "forking.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None and server.stdout is not None

        def run(folder: Path, arguments: list[str]) -> dict[str, Any]:
            server.stdin.write(json.dumps({"folder": str(folder), "arguments": arguments}) + "\n")
            server.stdin.flush()
            told: dict[str, Any] = json.loads(server.stdout.readline())
            told["text"] = (folder / "stdout").read_text("utf-8") + (folder / "stderr").read_text("utf-8")
            return told

        yield run
        server.stdin.close()


def prepared(place: Path, hostile: Path, about: dict[str, Any]) -> Path:
    """The sound case with the hostile files laid over it, in a folder with a home and a place for keys."""
    for name in ("home", "temporary", "keys"):
        (place / name).mkdir()
    case = place / "CASE"
    shutil.copytree(BASE, case)
    if (hostile / "files").is_dir():
        shutil.copytree(hostile / "files", case, dirs_exist_ok=True)
    for edit in about.get("edit", ()):
        file = case / edit["file"]
        before = file.read_text("utf-8")
        assert edit["old"] in before, edit
        file.write_text(before.replace(edit["old"], edit["new"]), "utf-8")
    if "make" in about:
        sys.path.insert(0, str(HERE))
        try:
            import makers
        finally:
            sys.path.remove(str(HERE))
        getattr(makers, about["make"])(case)
    return case


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time of change; of links, the link itself."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }


def seen(case: Path, told: dict[str, Any], place: Path) -> str:
    """What a person is told, without what differs from run to run."""
    lines = [f"exit {told['exit']}"]
    manifest = next(case.glob("out/snapshot-*/manifest.json"), None)
    if told["exit"] or manifest is None:
        text = told["text"].replace(str(place), "").replace(" \n", "\n")
        return "\n".join([*lines, text.strip()]) + "\n"
    held = json.loads(manifest.read_text("utf-8"))["manifest"]
    for count in held["counts"]:
        lines.append(
            f"{count['file']}: read {count['rows_read']}, used {count['rows_used']}, merged"
            f" {count['rows_merged']}, set aside {count['rows_quarantined']}, after the cut"
            f" {count['rows_after_cut']}"
        )
    for reason in held["reasons"]:
        lines.append(str(as_problem(QuarantineReason(**reason))))
    return (
        "\n".join([*lines, *(f"note {note}" for note in held["notes"] if not note.startswith("system["))])
        + "\n"
    )


@pytest.mark.parametrize("hostile", PARAMETERS)
def test_a_hostile_case_is_answered(hostile: Path, tmp_path: Path, command: Any) -> None:
    about = tomllib.loads((hostile / "about.toml").read_text("utf-8"))
    case = prepared(tmp_path, hostile, about)
    before = files_of(tmp_path)
    told = command(tmp_path, about["run"])
    if told["seconds"] > SECONDS:  # a machine under load is not a fault
        shutil.rmtree(case / "out", ignore_errors=True)
        told = min(told, command(tmp_path, about["run"]), key=lambda told: told["seconds"])
    text = seen(case, told, tmp_path)
    expected = hostile / "expected.txt"
    if os.environ.get("UPDATE_HOSTILE"):
        expected.write_text(text, encoding="utf-8", newline="\n")
    assert text == expected.read_text("utf-8")
    assert "Traceback" not in told["text"] and "our fault" not in told["text"]
    assert "panicked" not in told["text"] and told["exit"] in (0, 2)
    assert told["seconds"] <= SECONDS, told["seconds"]
    assert told["megabytes"] <= MEGABYTES, told["megabytes"]
    after = files_of(tmp_path)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert not {
        name
        for name in changed - {"stdout", "stderr"}
        if not name.startswith(("CASE/out/", "CASE/vintages/"))
    }
    if told["exit"]:
        assert not list((case / "out").glob("**/*")), "nothing is left behind"
        # a file, what was found, what was expected, how to mend it
        assert re.search(r"\n  found +\S.*\n  expected +\S.*\n  mend +\S", told["text"])


def test_every_case_of_the_list_is_there() -> None:
    """The list of the design has 72 cases; no. 71 asks what the product does not have."""
    numbers = {int(path.name[:3]) for path in CASES}
    assert numbers >= set(range(1, 73)), sorted(set(range(1, 73)) - numbers)

"""What a person gets wrong at the command line: told kindly, with an exit code, never a stack trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def test_the_example_never_overwrites(example: Path, run: Any) -> None:
    before = {file: file.stat().st_mtime_ns for file in example.rglob("*") if file.is_file()}
    done = run("example", example)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert {file: file.stat().st_mtime_ns for file in example.rglob("*") if file.is_file()} == before


def test_a_template_is_written_once_and_can_be_assessed(tmp_path: Path, run: Any) -> None:
    folder = tmp_path / "our-case"
    assert run("init", folder).returncode == 0
    assert run("check", folder).returncode == 0
    done = run("assess", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "out" / "brief.html").is_file()
    again = run("init", folder)
    assert again.returncode == 2 and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["assess", "no-such-folder"], "no-such-folder"),
        (["check", "no-such-folder"], "no-such-folder"),
        (["trace", "no-such-folder"], "makeorbuy assess"),
        (["diff", "no-such-folder", "nor-this"], "makeorbuy assess"),
        (["assess", "x", "--evidence", "tickets"], "SOURCE=PATH"),
        (["nonsense"], "nonsense"),
        (["assess"], "FOLDER"),
    ],
)
def test_a_mistake_is_told_and_exits_with_two(arguments: list[str], words: str, run: Any) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_figure_names_its_neighbours(example: Path, run: Any) -> None:
    done = run("trace", example, "decision.net_saving_nok[a_bud]")
    assert done.returncode == 2
    assert "decision.net_saving_nok[a_bid]" in done.stderr


def test_evidence_for_a_source_that_the_case_lacks_is_a_problem(example: Path, run: Any) -> None:
    done = run("assess", example, "--evidence", "nonsense=whatever.csv")
    assert done.returncode == 2
    assert "nonsense" in done.stderr and "Traceback" not in done.stderr


def test_problems_as_json_are_all_there(example: Path, tmp_path: Path, run: Any) -> None:
    (tmp_path / "case.yaml").write_text("title: {nb: a, en: b}\nstage: soon\nprice_year: never\n", "utf-8")
    (tmp_path / "services.yaml").write_text("services: []\n", "utf-8")
    done = run("check", tmp_path, "--json")
    assert done.returncode == 2
    problems = json.loads(done.stdout)["problems"]
    assert len(problems) >= 4
    for problem in problems:
        assert problem["file"] and problem["found"] and problem["expected"] and problem["mend"]


def test_a_failure_of_ours_shows_no_stack_trace_and_no_data(run: Any, tmp_path: Path) -> None:
    script = (
        "import makeorbuy.pipeline as p\n"
        "def fail(*a, **k): raise RuntimeError('Kari Nordmann 01819012345')\n"
        "p.assess = fail\n"
        "import sys; sys.argv = ['makeorbuy', 'assess', 'x']\n"
        "from makeorbuy.cli.main import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert done.returncode == 70
    assert "our fault" in done.stderr and "Nordmann" not in done.stderr and "Traceback" not in done.stderr


def test_ctrl_c_is_told_in_one_line_also_while_a_library_is_at_work(run: Any) -> None:
    """An engine that is interrupted raises an error of its own; it is still the person who stopped."""
    script = (
        "import os, signal, makeorbuy.pipeline as p\n"
        "def stop(*a, **k):\n"
        "    try: os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt: raise RuntimeError('Query interrupted') from None\n"
        "p.assess = stop\n"
        "import sys; sys.argv = ['makeorbuy', 'assess', 'x']\n"
        "from makeorbuy.cli.main import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert done.returncode == 130
    assert "Stopped" in done.stderr and "fault" not in done.stderr

"""The example, written and assessed once for all journeys, by the command that a person types."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the command line as a person would, and give what it printed."""

    def run_once(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "makeorbuy", *map(str, arguments)],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8", **environment},
        )

    return run_once


@pytest.fixture(scope="session")
def example(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example agency, assessed."""
    folder = tmp_path_factory.mktemp("journey") / "my-case"
    done = run("example", folder)
    assert done.returncode == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout, "utf-8")
    return folder

"""Without the compiler, with it turned off, and with nowhere to keep its work: the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("numba")

from makeorbuy.projection.queue import compiling

SCRIPT = """
import hashlib, sys, warnings
if "absent" in sys.argv:
    sys.modules["numba"] = sys.modules["joblib"] = None
warnings.simplefilter("always" if "absent" in sys.argv else "error")
sys.path.insert(0, {tests!r})
from queue_laws_script import small_runs
total = hashlib.sha256(small_runs())
print(total.hexdigest())
"""


def digest(*arguments: str, **environment: str) -> tuple[str, str]:
    """Return the digest of some runs in a process of their own, and what it said."""
    script = SCRIPT.format(tests=os.path.dirname(__file__))
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env={**os.environ, **environment}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout, done.stderr


def test_the_same_bits_however_it_is_run() -> None:
    usual, said = digest()
    assert said == ""
    assert digest(NUMBA_DISABLE_JIT="1") == (usual, "")
    without, said = digest("absent")
    assert without == usual
    assert said.count("numba is not installed") == 1 and "makeorbuy[simulate]" in said


def test_the_folder_is_named_by_the_sources() -> None:
    assert len(compiling.source_digest()) == 16


@pytest.mark.slow  # compiles anew
def test_a_folder_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("compiled")
    digest(MAKEORBUY_CACHE_DIR=str(folder))
    kept = list(folder.glob(f"queue-{compiling.source_digest()}/**/*.nbc"))
    assert any("run" in file.name for file in kept)

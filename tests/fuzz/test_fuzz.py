"""Nothing that a file holds makes a container or a reader fail otherwise than with a problem and its mend.

Twenty-odd changed files for each target in the suite; ``pytest tests/fuzz --fuzz-seconds 600`` goes on for
ten minutes a target, and `run.py` lets coverage guide the changes (atheris).
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import targets

from makeorbuy.foundation.errors import InputError

SHORT_RUN = 24


def check(target: str, name: str, data: bytes) -> None:
    """Read, or be refused with everything that a person needs."""
    began = time.process_time()
    try:
        targets.read(target, name, data)
    except InputError as error:
        assert error.problems, "a refusal says what is wrong"
        for problem in error.problems:
            assert problem.code and problem.file and problem.found and problem.expected and problem.mend
            assert len(problem.found) < 500
    assert time.process_time() - began < 10


@pytest.mark.parametrize("target", targets.targets())
def test_a_seed_is_read(target: str) -> None:
    assert any(targets.read(target, name, data) for name, data in targets.seeds(target))


@pytest.mark.parametrize("target", targets.targets())
def test_changed_files_are_read_or_refused(target: str, request: pytest.FixtureRequest) -> None:
    seconds = float(request.config.getoption("--fuzz-seconds"))
    first = 0 if os.environ.get("CI") == "true" else time.time_ns()
    began = time.monotonic()
    run = 0
    while run < SHORT_RUN or time.monotonic() - began < seconds:
        seed = first + run
        chance = random.Random(f"{target}{seed}")
        name, data = chance.choice(targets.seeds(target))
        data = targets.mutated(data, chance)
        try:
            check(target, name, data)
        except BaseException:
            place = Path(os.environ.get("FUZZ_FOUND", request.config.rootpath / ".fuzz"))
            place.mkdir(exist_ok=True)
            (place / f"{target}-{seed}-{name}").write_bytes(data)
            raise
        run += 1

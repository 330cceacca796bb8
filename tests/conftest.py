"""How properties are searched: anew each time on a desk, the same examples in CI.

A search that finds something new is welcome on a desk and would be a coin toss in CI. No deadlines: a
machine under load is not a fault.
"""

from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import settings

# keys of pseudonyms lie in a person's own data folder; those of tests do not
os.environ["MAKEORBUY_KEY_FOLDER"] = tempfile.mkdtemp(prefix="makeorbuy-keys-")

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-seconds", default="0", help="How long to go on with each target of tests/fuzz.")

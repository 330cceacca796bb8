"""Make `fixtures_making` importable here, and a small case to take fixtures into."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import evidence_making as m

from makeorbuy.case.model import Case, Source


@pytest.fixture
def case_of() -> Callable[..., Case]:
    """A case of the fixtures' period with these sources."""

    def make(*sources: Source) -> Case:
        return m.case(*sources, start=datetime(2025, 9, 1), end=datetime(2025, 11, 5, 10))  # noqa: DTZ001

    return make

"""One small agency for all tests of the files, one of full size for its statistics."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from agency_world.dirt import FaultLedger
from agency_world.export import write_evidence
from agency_world.work import History, live


@dataclass(frozen=True)
class Written:
    folder: Path
    faults: FaultLedger

    def rows(self, name: str) -> list[list[str]]:
        """Data rows in the order of the file; row n of the ledger is element n - 1."""
        delimiter = ";" if name == "ledger.csv" else ","
        with (self.folder / name).open(encoding="utf-8", newline="") as handle:
            return list(csv.reader(handle, delimiter=delimiter, strict=True))[1:]

    def header(self, name: str) -> list[str]:
        delimiter = ";" if name == "ledger.csv" else ","
        with (self.folder / name).open(encoding="utf-8", newline="") as handle:
            return next(csv.reader(handle, delimiter=delimiter))

    def sound(self, name: str) -> list[dict[str, str]]:
        """Rows that nothing is wrong with, by column."""
        faulty, header = self.faults.records(name), self.header(name)
        return [
            dict(zip(header, row, strict=True))
            for number, row in enumerate(self.rows(name), start=1)
            if number not in faulty
        ]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("small")
    return Written(folder, write_evidence(folder, seed=0, size=0.1))


@pytest.fixture(scope="session")
def year() -> History:
    return live(0)

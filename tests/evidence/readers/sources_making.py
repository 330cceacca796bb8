"""From a file to the table of its kind by the way a user goes: recognise, answer what is asked, take in."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import evidence_making as m
import fixtures_making as f

from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.model import Evidence
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.recognition import Recognition
from makeorbuy.evidence.registry import recognitions
from makeorbuy.evidence.sample import samples_of

SERVICES = ("email", "matters_system", "vpn", "identity")
NAMES = {
    "E-post": "email", "Saksbehandling": "matters_system", "VPN": "vpn", "App 01": "matters_system",
    "Mail 01": "email", "Identitet": "identity",
}  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """One file after the intake."""

    recognition: Recognition
    evidence: Evidence

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return m.ask(self.evidence, query)

    @property
    def set_aside(self) -> set[tuple[int, str]]:
        return {(record, code) for record, code, _ in m.reasons(self.evidence)}

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Rows read, used, merged, set aside, after the cut, of the one source."""
        (count,) = self.evidence.counts
        return (
            count.rows_read, count.rows_used, count.rows_merged, count.rows_quarantined, count.rows_after_cut
        )  # fmt: skip


def recognised(file: Path) -> Recognition:
    """The best recognition of a file."""
    with open_evidence(file.parent, str(file.resolve())) as opened:
        found = recognitions(samples_of(opened))
    assert found, f"nobody recognises {file.name}"
    return found[0]


def take(
    folder: Path,
    file: str | Path,
    kind: str | None = None,
    end: datetime = datetime(2026, 1, 1),  # noqa: DTZ001
    columns: dict[str, str] | None = None,
    of_case: Sequence[str] = SERVICES,
    **answers: Any,
) -> Taken:
    """Recognise a file (a fixture, by its name), answer what is asked, take it in.

    ``answers`` are fields of `Source`, ``columns`` the columns that were asked for, ``of_case`` the ids
    of the case's services.
    """
    path = f.EXPORTS / file if isinstance(file, str) else file
    recognition = recognised(path)
    sources = [source for source in recognition.sources if kind in (None, source.kind)]
    (folder / "evidence").mkdir(exist_ok=True)
    if path.parent != folder / "evidence":
        shutil.copy(path, folder / "evidence" / path.name)
    answered = [
        replace(source, **answers, columns={**source.columns, **(columns or {})}) for source in sources
    ]
    case = m.case(
        *answered, services=tuple(m.service(name, (name,)) for name in of_case),
        start=datetime(2025, 1, 1), end=end,  # noqa: DTZ001
    )  # fmt: skip
    evidence = take_in(case, folder, folder / "out")
    for count in evidence.counts:
        assert count.rows_read == (
            count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
        )
    return Taken(recognition, evidence)


def minute(written: str) -> int:
    """A moment with its offset as a minute since 1970 in UTC."""
    return int(datetime.fromisoformat(written).timestamp() // 60)

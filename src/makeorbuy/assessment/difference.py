"""Every figure that moved between two assessments: old, new, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from makeorbuy.assessment.model import Assessment
from makeorbuy.foundation.figure import Figure, Series


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that people or records have changed: a value in the case, an assumption, a file."""

    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that moved, and the changes that it rests on.

    Attributes
    ----------
    old, new : Figure or None
        None where the figure did not exist.
    causes : tuple of str
        Keys of the causes found when walking its inputs back; empty when only the version changed.
    """

    id: str
    old: Figure | None
    new: Figure | None
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in the input, and every figure and series that moved because of it."""

    causes: tuple[Cause, ...]
    moved: tuple[Moved, ...]
    moved_series: tuple[str, ...]
    unmoved_count: int


def difference(old: Assessment, new: Assessment) -> Difference:
    """Return every figure that moved from `old` to `new`, with its causes."""
    causes = _causes(old, new)
    changed = {cause.key for cause in causes}
    reach = _Reach(old, new, changed)
    ids = sorted(set(old.figures) | set(new.figures))
    moved = tuple(
        Moved(key, old.figures.get(key), new.figures.get(key), reach.causes_of(key))
        for key in ids
        if old.figures.get(key) != new.figures.get(key)
    )
    series = tuple(
        key for key in sorted(set(old.series) | set(new.series)) if old.series.get(key) != new.series.get(key)
    )
    return Difference(tuple(causes), moved, series, len(ids) - len(moved))


def _causes(old: Assessment, new: Assessment) -> list[Cause]:
    causes = []
    if old.version != new.version:
        causes.append(Cause("version", old.version, new.version))
    before = {item["name"]: item["values"] for item in old.assumptions}
    after = {item["name"]: item["values"] for item in new.assumptions}
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            causes.append(Cause(f"assumption:{name}", before.get(name), after.get(name)))
    for key in sorted(set(old.inputs) | set(new.inputs)):
        left, right = old.inputs.get(key, {}), new.inputs.get(key, {})
        if "#" in key and left.get("value") != right.get("value"):
            causes.append(Cause(key, left.get("value"), right.get("value")))
        elif key.startswith("evidence:") and left.get("sha256") != right.get("sha256"):
            causes.append(Cause(key, _short(left.get("sha256")), _short(right.get("sha256"))))
    return causes


def _short(sha256: str | None) -> str | None:
    return sha256[:16] if sha256 else None


class _Reach:
    """Walk inputs back once per figure and remember which causes it rests on."""

    def __init__(self, old: Assessment, new: Assessment, changed: set[str]) -> None:
        self.sides = (old, new)
        self.changed = changed
        self.known: dict[str, frozenset[str]] = {}

    def causes_of(self, key: str) -> tuple[str, ...]:
        return tuple(sorted(self._walk(key)))

    def _walk(self, key: str) -> frozenset[str]:
        if key in self.known:
            return self.known[key]
        self.known[key] = frozenset()  # a cycle, which there should not be, ends here
        found = {cause for cause in self.changed if cause == key or cause.startswith((f"{key}.", f"{key}["))}
        for side in self.sides:
            entry: Figure | Series | None = side.figures.get(key) or side.series.get(key)
            for item in entry.inputs if entry else ():
                found |= self._walk(item)
        self.known[key] = frozenset(found)
        return self.known[key]

"""The table of assumptions as a typed, frozen object.

``assumptions.csv`` is the one declaration of every assumption: name, type, unit, range, default,
section, labels in both languages, source. Validation, command-line help, the brief's appendix and
the documentation all read it. A case overrides by name in ``assumptions.yaml`` and says why.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal


@dataclass(frozen=True, slots=True)
class Declaration:
    """One row of the table: what an assumption is, before anybody has changed it.

    Attributes
    ----------
    type : {"int", "float", "uncertain"}
        ``uncertain`` is P10, P50, P90.
    default : tuple of float
        One value, or three for ``uncertain``.
    minimum, maximum : float
        Values outside are refused.
    source : str or None
        Where the default comes from; None is shown as an assumption without a source.
    """

    name: str
    type: Literal["int", "float", "uncertain"]
    unit: str
    default: tuple[float, ...]
    minimum: float
    maximum: float
    section: str
    en: str
    nb: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Assumption:
    """The value in force: the default, or what the case says instead and why."""

    declaration: Declaration
    values: tuple[float, ...]
    overridden: bool
    source: str | None
    why: str | None = None


@cache
def declarations() -> Mapping[str, Declaration]:
    """Return every declared assumption by name, in the order of the table."""
    text = files("makeorbuy.case").joinpath("assumptions.csv").read_text(encoding="utf-8")
    table = {}
    for row in csv.DictReader(text.splitlines(), strict=True):
        table[row["name"]] = Declaration(
            name=row["name"],
            type=row["type"],  # type: ignore[arg-type]  # checked by tests/case
            unit=row["unit"],
            default=tuple(float(part) for part in row["default"].split("|")),
            minimum=float(row["min"]),
            maximum=float(row["max"]),
            section=row["section"],
            en=row["en"],
            nb=row["nb"],
            source=row["source"] or None,
        )
    return table


class Assumptions(Mapping[str, Assumption]):
    """Every assumption in force, by name; immutable.

    Parameters
    ----------
    overrides : mapping of str to Assumption
        What the case says instead of the defaults.

    Raises
    ------
    KeyError
        If an override is not declared.
    """

    def __init__(self, overrides: Mapping[str, Assumption] | None = None) -> None:
        table = {d.name: Assumption(d, d.default, False, d.source) for d in declarations().values()}
        for name, assumption in (overrides or {}).items():
            if name not in table:
                raise KeyError(name)
            table[name] = assumption
        self._table = table

    def __getitem__(self, name: str) -> Assumption:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def number(self, name: str) -> float:
        """Return a single-valued assumption as a float."""
        (value,) = self._table[name].values
        return value

    def whole(self, name: str) -> int:
        """Return a single-valued assumption as an int."""
        return int(self.number(name))

    def quantiles(self, name: str) -> tuple[float, float, float]:
        """Return P10, P50 and P90 of an uncertain assumption."""
        low, middle, high = self._table[name].values
        return low, middle, high

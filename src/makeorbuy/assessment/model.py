"""One run as one value: figures, series, assumptions, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from makeorbuy.foundation.figure import Figure, FigureSpec, Series

FORMAT = 1
"""Version of the file format; raised when a reader of the old file would misread the new one."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything a person is shown, and where each number comes from.

    Attributes
    ----------
    version : str
        Version of makeorbuy that made it.
    digest : str
        SHA-256 of the canonical JSON of all the rest.
    case : mapping
        What the case says, as shown: title, services, options, gates, people, rule.
    figures, series : mapping by id
    assumptions : tuple of mapping
        Every assumption in force with its source.
    specs : mapping by name
        Declared kinds of figures: label, unit, formula, method page.
    inputs : mapping
        Key of provenance to what it is: files with SHA-256 and row counts, values written in the case.
    """

    version: str
    digest: str
    case: Mapping[str, Any]
    figures: Mapping[str, Figure]
    series: Mapping[str, Series]
    assumptions: tuple[Mapping[str, Any], ...]
    specs: Mapping[str, FigureSpec]
    inputs: Mapping[str, Mapping[str, Any]]

"""Problems and exceptions.

::

    MakeOrBuyError            English text; wording for people is looked up by code
    ├── InputError            yours to mend (exit 2); always carries every Problem found
    │   ├── CaseError           the case folder
    │   ├── EvidenceError       a source that cannot be read at all, or lacks a required column
    │   └── HostileFileError    refused before reading: bomb, link or path outside the folder
    ├── ModelError            well-formed, but no answer exists (exit 3)
    └── Interrupted           stopped on request; what is done is kept (exit 130)

A bad row is not an error (it goes to quarantine), nor is a figure that cannot be given (it
carries a reason).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from makeorbuy.foundation.personal_data import masked


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it is, what was found, what was expected, how to mend it.

    Attributes
    ----------
    code : str
        Stable name of the kind of problem.
    file : str
        Path relative to the case folder.
    row : int or None
        Line of a YAML file, record number of a data file.
    column : str or None
        Column of a data file, or the path of a key such as ``services[2].tickets``.
    found, expected, mend : str
        ``found`` is shortened, and masked in data files, so that no personal data is repeated.

    Whatever stands in it, what looks personal is masked: a file, a sheet or a column may be named after
    somebody.
    """

    code: str
    file: str
    row: int | None
    column: str | None
    found: str
    expected: str
    mend: str

    def __post_init__(self) -> None:
        for name in ("file", "column", "found", "expected", "mend"):
            text = getattr(self, name)
            if text:
                object.__setattr__(self, name, masked(text, is_name=False))

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.column:
            place += f", {self.column}"
        return f"{place}: found {self.found}, expected {self.expected}. {self.mend}"


class MakeOrBuyError(Exception):
    """Something went wrong that this package can explain."""

    exit_code = 70

    def __init__(self, message: str = "", problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        lines = [message or (type(self).__doc__ or "").splitlines()[0], *map(str, self.problems)]
        super().__init__("\n".join(lines))
        self.message = lines[0]


class InputError(MakeOrBuyError):
    """The input has problems that its owner can mend."""

    exit_code = 2


class CaseError(InputError):
    """The case folder has problems."""


class EvidenceError(InputError):
    """A source of evidence cannot be read."""


class HostileFileError(InputError):
    """A file was refused before reading."""


class ModelError(MakeOrBuyError):
    """The input is well-formed, but no answer exists."""

    exit_code = 3


class Interrupted(MakeOrBuyError):
    """Stopped on request; what is done is kept."""

    exit_code = 130

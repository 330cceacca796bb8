"""Figures and series: values that know their address, unit, interval, origin - or why there is none.

Every number that leaves a stage is a `Figure`, every curve or table a `Series`. The id is the
address: ``baseline.flow_time.median_hours[email]`` is declared in ``baseline/flow_time.py`` by
a `FigureSpec` and computed for the service ``email``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Value = float | int | str | bool | None
Basis = Literal["measured", "simulated", "stated", "promised", "assumed", "computed"]


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """Declare one kind of figure: what it is called, its unit, its formula and where the method is told.

    Attributes
    ----------
    name : str
        The address without its subject, such as ``baseline.flow_time.median_hours``.
    unit : str
        ``hours``, ``nok``, ``nok_per_year``, ``share``, ``count``, ``per_week``, ``text`` ...
    nb, en : str
        Label in Bokmål and English, without the subject.
    formula : str
        How it is computed, in one line that a controller can follow.
    method : str
        Page and anchor below ``docs/methods``.
    """

    name: str
    unit: str
    nb: str
    en: str
    formula: str
    method: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its provenance, or the reason why it cannot be given.

    Attributes
    ----------
    id : str
        Address: ``<spec name>[<subject>]``; the subject is a service, an option or both.
    value : float, int, str, bool or None
        None exactly when ``reason`` is given.
    unit : str
        Unit of value, low and high.
    reason : str or None
        Code of the reason why there is no value, such as ``median_not_reached``; its sentence
        is in the wording.
    low, high : float or None
        Interval at ``level``. A bound that the data do not reach is None.
    level : float or None
        0.95 for a confidence band, 0.80 for a 10-90 % range of draws.
    n, censored : int or None
        Observations behind it, and how many of these had not ended.
    basis : {"measured", "simulated", "stated", "promised", "assumed", "computed"}
        Where it comes from.
    inputs : tuple of str
        Keys into the provenance: ids of figures, ``assumption:NAME``, ``case:FILE#PATH``,
        ``evidence:SOURCE``.
    note : str or None
        Code of a remark that must stand beside it, such as ``if_kept``.
    spoilt_by : tuple of str
        Codes of the findings about the records that spoil it, or a figure that it is computed from.
    """

    id: str
    value: Value
    unit: str
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    censored: int | None = None
    basis: Basis = "computed"
    inputs: tuple[str, ...] = ()
    note: str | None = None
    spoilt_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError(f"{self.id}: a figure has either a value or a reason, never both or neither")


@dataclass(frozen=True, slots=True)
class Column:
    """Name and unit of one column of a series."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Series:
    """A curve or a table with one provenance.

    Attributes
    ----------
    id : str
        Address, as for a figure.
    columns : tuple of Column
    rows : tuple of tuple
        One value per column; None where it cannot be given.
    """

    id: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    reason: str | None = None
    inputs: tuple[str, ...] = ()
    basis: Basis = "computed"

    def column(self, name: str) -> list[Value]:
        """Return one column by name, as a list."""
        index = [column.name for column in self.columns].index(name)
        return [row[index] for row in self.rows]


def address(name: str, *subject: str) -> str:
    """Return the id of a figure: its declared name and its subject in brackets.

    Examples
    --------
    >>> address("projection.cost.yearly_nok", "email", "a_bid")
    'projection.cost.yearly_nok[email,a_bid]'
    """
    return f"{name}[{','.join(subject)}]" if subject else name


def split_address(figure_id: str) -> tuple[str, tuple[str, ...]]:
    """Return the declared name and the subject of a figure's id.

    Examples
    --------
    >>> split_address("projection.cost.yearly_nok[email,a_bid]")
    ('projection.cost.yearly_nok', ('email', 'a_bid'))
    """
    name, bracket, rest = figure_id.partition("[")
    return name, tuple(rest.rstrip("]").split(",")) if bracket else ()


@dataclass(slots=True)
class Ledger:
    """Collect the figures and series of a stage; an address can be used only once."""

    figures: dict[str, Figure] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)

    def add(self, *entries: Figure | Series) -> None:
        """Add figures or series; raise ValueError if an address is taken."""
        for entry in entries:
            table: dict[str, Any] = self.figures if isinstance(entry, Figure) else self.series
            if entry.id in self.figures or entry.id in self.series:
                raise ValueError(f"{entry.id} is given twice")
            table[entry.id] = entry

    def extend(self, entries: Iterable[Figure | Series]) -> None:
        """Add many figures or series."""
        self.add(*entries)


def figure_from(
    spec: FigureSpec,
    subject: tuple[str, ...],
    value: Value = None,
    *,
    reason: str | None = None,
    **rest: Any,
) -> Figure:
    """Make a figure of a declared kind, so that name and unit are written once."""
    return Figure(address(spec.name, *subject), value, spec.unit, reason, **rest)


def refused(figure: Figure, reason: str) -> Figure:
    """Return a figure without its value, with the reason why."""
    return replace(figure, value=None, low=None, high=None, level=None, reason=reason, spoilt_by=())


def specs_by_name(*groups: Iterable[FigureSpec]) -> Mapping[str, FigureSpec]:
    """Return declared kinds by name; raise ValueError if a name is declared twice."""
    table: dict[str, FigureSpec] = {}
    for group in groups:
        for spec in group:
            if spec.name in table:
                raise ValueError(f"{spec.name} is declared twice")
            table[spec.name] = spec
    return table

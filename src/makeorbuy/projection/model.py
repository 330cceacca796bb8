"""What the projection gives: draws per option, axis 0 is the draw, common to all options."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import CostLine, LocalText
from makeorbuy.foundation.figure import Figure, Series

SpeedBasis = Literal["measured", "simulated", "stated", "promised"]
"""Where a speed comes from; each has its own symbol. ``stated``: a change to the measured curve that
somebody states, neither simulated nor promised."""


@dataclass(frozen=True, slots=True)
class LineDraws:
    """One line of an option's cost, draw by draw.

    Attributes
    ----------
    id : str
        Id of the cost line, or ``today`` / ``remaining`` for the part of business as usual that stays.
    kind : str
        A line kind of the case, or ``business_as_usual`` / ``remaining``.
    yearly_ore : ndarray of int64, shape (draws, horizon + 1)
        Cash in øre of the price year; column 0 is the establishment year.
    has_source : bool
        Whether the amount rests on a source, else it is an assumption.
    amount_nok : ndarray, shape (draws,) or None
        For a written line: kroner of the price year before growth and chance, per year, or in all for
        ``once``. [NOK]
    place : str
        Key of a written line into the provenance.
    """

    id: str
    name: LocalText
    kind: str
    services: tuple[str, ...]
    yearly_ore: NDArray[np.int64]
    has_source: bool
    inputs: tuple[str, ...]
    line: CostLine | None = None
    amount_nok: NDArray[np.float64] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class ServiceCostDraws:
    """What one service costs under business as usual, and what would fall away, as equal yearly amounts.

    Attributes
    ----------
    business_as_usual_nok : ndarray, shape (draws,)
        Today's cost carried forward, with what is already decided. [NOK per year]
    avoidable_nok : ndarray, shape (draws,)
        What of it falls away if the service leaves, run-off included. [NOK per year]
    avoidable_share : ndarray, shape (draws,)
        Share of today's cost that falls away in the end.
    today_nok : float
        Yearly cost today. [NOK]
    """

    service: str
    business_as_usual_nok: NDArray[np.float64]
    avoidable_nok: NDArray[np.float64]
    avoidable_share: NDArray[np.float64]
    today_nok: float


@dataclass(frozen=True, slots=True)
class OptionCost:
    """The cost of one option over its lot, and of business as usual over the same services.

    Attributes
    ----------
    annuity : float
        Present-value factor of one krone a year over the horizon.
    discount : ndarray, shape (horizon + 1,)
        Discount factor per year, end of year, year 0 undiscounted.
    """

    option: str
    services: tuple[str, ...]
    lines: tuple[LineDraws, ...]
    business_as_usual: tuple[LineDraws, ...]
    discount: NDArray[np.float64]
    annuity: float

    def equivalent_yearly_nok(self, lines: tuple[LineDraws, ...]) -> NDArray[np.float64]:
        """Return present value over annuity, the equal yearly amount, shape (draws,). [NOK per year]"""
        if not lines:
            return np.zeros(0)
        total = sum((line.yearly_ore for line in lines[1:]), start=lines[0].yearly_ore)
        # year by year, not a matrix product: its last bit may depend on the number of threads
        present_value = np.zeros(total.shape[0])
        for year, factor in enumerate(self.discount):
            present_value += total[:, year] * factor
        return present_value / 100.0 / self.annuity

    @property
    def difference_nok(self) -> NDArray[np.float64]:
        """Option minus business as usual, paired draw by draw, shape (draws,). [NOK per year]"""
        return self.equivalent_yearly_nok(self.lines) - self.equivalent_yearly_nok(self.business_as_usual)


@dataclass(frozen=True, slots=True)
class SpeedDraws:
    """The speed of one service under one option, draw by draw.

    Attributes
    ----------
    restricted_mean_hours : ndarray, shape (draws,) or None
        Mean of min(time, horizon). [h]
    business_as_usual_hours : ndarray, shape (draws,) or None
        The same under business as usual, on the same draws. [h]
    share_within_target : ndarray, shape (draws,) or None
    reason : str or None
        Why there is none.
    backtest_reason : str or None
        Why the speed has not been backtested: ``no_queue_model`` until there is one.
    worlds : int or None
        Where the teams were simulated: draw i rests on world i modulo this number.
    """

    service: str
    option: str
    basis: SpeedBasis
    restricted_mean_hours: NDArray[np.float64] | None
    business_as_usual_hours: NDArray[np.float64] | None
    share_within_target: NDArray[np.float64] | None
    reason: str | None
    backtest_reason: str | None
    inputs: tuple[str, ...]
    worlds: int | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """Cost per option, speed per option and service, and all figures of the stage.

    Attributes
    ----------
    costs : dict of str to OptionCost
        Without the options of which a service has no cost (``no_ledger``).
    chances : dict of str to ndarray of bool, shape (draws,)
        For each line that may or may not happen, by place: whether it does in this draw.
    """

    costs: dict[str, OptionCost]
    speeds: dict[tuple[str, str], SpeedDraws]
    chances: dict[str, NDArray[np.bool_]]
    figures: tuple[Figure, ...]
    series: tuple[Series, ...]
    services: dict[str, ServiceCostDraws] = field(default_factory=dict)
    """By service, those that have a cost."""

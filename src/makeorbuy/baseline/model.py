"""What the baseline gives: frozen types, one `ServiceBaseline` per service and one ledger bridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from makeorbuy.foundation.figure import Figure, Series


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Share of tickets still open after a given flow time, as a step function.

    Attributes
    ----------
    hours : ndarray, shape (n_steps,)
        Distinct resolution times, rising. [h]
    share_open : ndarray, shape (n_steps,)
        Share still open just after each.
    low, high : ndarray, shape (n_steps,)
        Band at the confidence level (log-log Greenwood); NaN where it is not defined.
    last_hours : float
        Longest time under observation, resolved or not; the curve says nothing beyond it. [h]
    n, censored : int
    """

    hours: NDArray[np.float64]
    share_open: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last_hours: float
    n: int
    censored: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number read off the data, with its interval, or the reason why there is none.

    Attributes
    ----------
    value : float or None
        None exactly when `reason` is given.
    low, high : float or None
        A bound that the data do not reach is None.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """Tickets of one service on one clock, counted by flow time and week of opening.

    One entry for each combination that occurs; whole numbers as the engine gives them.

    Attributes
    ----------
    minutes : ndarray of int64, shape (n,)
        Flow time, or time until last seen open. [min]
    week : ndarray of int64, shape (n,)
        Monday-to-Sunday week of opening on the wall clock, counted from the week of 1970-01-01.
    resolved_count, censored_count : ndarray of int64, shape (n,)
    entry_minutes : ndarray of int64, shape (n,), or None
        Flow time that had passed when the ticket came under observation: the log holds nothing that
        ended before a day on which it was open. None where all are seen from their opening. [min]
    """

    minutes: NDArray[np.int64]
    week: NDArray[np.int64]
    resolved_count: NDArray[np.int64]
    censored_count: NDArray[np.int64]
    entry_minutes: NDArray[np.int64] | None = None

    @property
    def hours(self) -> NDArray[np.float64]:
        """Flow time. [h]"""
        return self.minutes / 60.0

    @property
    def entry_hours(self) -> NDArray[np.float64] | None:
        """Flow time at entry. [h]"""
        return None if self.entry_minutes is None else self.entry_minutes / 60.0

    @property
    def tickets(self) -> int:
        """Tickets in all."""
        return int(self.resolved_count.sum() + self.censored_count.sum())


@dataclass(frozen=True, slots=True)
class CostComponent:
    """One row in the build-up of a service's yearly cost.

    ``origin``: ``direct``, ``driver``, ``overhead`` (all from the ledger) or ``outside_ledger``.
    """

    name_nb: str
    name_en: str
    origin: Literal["direct", "driver", "overhead", "outside_ledger"]
    is_staff: bool
    yearly_ore: int
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """A service's yearly cost today. Components add up to the øre.

    Attributes
    ----------
    reason : str or None
        Code why the cost cannot be given (``no_ledger``, ``ledger_not_twelve_months``,
        ``no_cost_booked``); `yearly_ore` is then 0 and means nothing.
    """

    components: tuple[CostComponent, ...]
    reason: str | None = None

    @property
    def yearly_ore(self) -> int:
        """Total per year. [øre]"""
        return sum(component.yearly_ore for component in self.components)

    @property
    def staff_ore(self) -> int:
        """The part that grows with wages. [øre per year]"""
        return sum(component.yearly_ore for component in self.components if component.is_staff)


@dataclass(frozen=True, slots=True)
class ServiceBaseline:
    """One service today.

    Attributes
    ----------
    tickets : int
        Tickets of the service's measured type opened in the period (the ones the curve is made of).
    all_tickets : int
        Tickets of every type opened in the period.
    curve : SurvivalCurve or None
        On the service's own clock; None with `speed_reason`.
    bootstrap_quantiles : ndarray, shape (replicates, grid) or None
        Flow-time quantiles on the service's clock at the midpoints ``(i + 0.5) / grid``, one row per
        bootstrap sample of whole weeks; ``inf`` where the curve does not reach. [h]
    quantiles : ndarray, shape (grid,) or None
        The same for the data themselves.
    speed_reason : str or None
        Code why no speed can be given: ``no_tickets``, ``too_few_tickets``,
        ``too_few_weeks``, ``no_speed_measure``.
    """

    service: str
    tickets: int
    all_tickets: int
    curve: SurvivalCurve | None
    bootstrap_quantiles: NDArray[np.float64] | None
    quantiles: NDArray[np.float64] | None
    speed_reason: str | None
    cost: ServiceCost


@dataclass(frozen=True, slots=True)
class Baseline:
    """Every service today, the ledger's bridge, and all figures of the stage."""

    services: dict[str, ServiceBaseline]
    figures: tuple[Figure, ...]
    series: tuple[Series, ...]

"""How much work a ticket takes: hours registered on it, where the source has them.

The third clock. Elapsed and working-calendar time run while nobody works; handling time is what people
say that they have worked. The three are never mixed: no figure is made from two of them. See
``docs/methods/handling-time.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.query import run
from makeorbuy.case.model import TICKET_TYPE, Service
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Figure, FigureSpec, figure_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDED_SHARE = FigureSpec(
    "baseline.handling_time.recorded_share", "share",
    "Andel løste med ført arbeidstid", "Share of resolved tickets with work registered",
    "resolved tickets with more than nothing registered / resolved tickets", "handling-time.md#recorded",
)  # fmt: skip
MEDIAN = FigureSpec(
    "baseline.handling_time.median_hours", "hours",
    "Median medgått arbeidstid", "Median handling time",
    "middle of the hours registered on resolved tickets that have any; of two, the mean",
    "handling-time.md#hours",
)  # fmt: skip
MEAN = FigureSpec(
    "baseline.handling_time.mean_hours", "hours",
    "Gjennomsnittlig medgått arbeidstid", "Mean handling time",
    "hours registered on resolved tickets / resolved tickets that have any", "handling-time.md#hours",
)  # fmt: skip
FIGURES = (RECORDED_SHARE, MEDIAN, MEAN)

Worked = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Seconds registered, rising, and how many resolved tickets have them."""


def handling_counts(
    connection: DuckDBPyConnection, services: tuple[Service, ...], evidence: Evidence
) -> dict[str, Worked]:
    """Return the resolved tickets of each service's measured type, counted by seconds registered.

    Where nothing is registered, the seconds are -1. Services without a resolved ticket are left out.
    """
    timed = [service for service in services if service.speed_measure in TICKET_TYPE]
    columns = run(
        connection, "handling", services=[service.id for service in timed],
        types=[TICKET_TYPE[service.speed_measure] for service in timed],
        start_minute=evidence.start_minute, end_minute=evidence.end_minute,
    )  # fmt: skip
    found = {}
    for name in dict.fromkeys(columns["service"].tolist()):
        own = columns["service"] == name
        found[str(name)] = columns["seconds"][own], columns["tickets"][own]
    return found


def figures(service: Service, worked: Worked | None) -> list[Figure]:
    """Return the hours registered on one service's tickets.

    Reasons ``no_tickets`` and ``no_handling_time``: the records have no time registered on any of them.
    """
    total = recorded = 0
    values: tuple[float | None, ...] = (None, None, None)
    if worked is not None:
        seconds, tickets = worked
        total = int(tickets.sum())
        has_any = seconds > 0  # most systems write 0 where nobody registered
        recorded = int(tickets[has_any].sum())
        if recorded:
            hours, counts = seconds[has_any] / 3600, tickets[has_any]
            mean = float((seconds[has_any] * counts).sum()) / recorded / 3600
            values = (recorded / total, weighted_median(hours, counts), mean)
    reason = None if recorded else "no_handling_time" if total else "no_tickets"
    return [
        figure_from(
            spec, (service.id,), value, reason=reason,
            n=None if reason else total if spec is RECORDED_SHARE else recorded,
            basis="measured",
            inputs=("evidence:tickets", "evidence:ticket_events", "case:case.yaml#period"),
        )
        for spec, value in zip(FIGURES, values, strict=True)
    ]  # fmt: skip


def weighted_median(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    """Return the median of values that each occur so many times.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Rising.
    counts : ndarray of int64, shape (n,)
        At least 1.

    Examples
    --------
    >>> weighted_median(np.array([0.5, 1.0, 4.0]), np.array([1, 2, 1]))
    1.0
    >>> weighted_median(np.array([0.5, 1.0]), np.array([2, 2]))
    0.75
    """
    upto = np.cumsum(counts)
    middle = np.searchsorted(upto, np.array([(upto[-1] - 1) // 2, upto[-1] // 2]), side="right")
    return float(values[middle].mean())

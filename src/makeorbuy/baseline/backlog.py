"""What waits: tickets open week by week, open at the cut, and whether it grows.

Every type of ticket counts. Weeks run from Monday to Sunday on the wall clock; the first and the last
may be parts of weeks, and are then left out of the trend. See ``docs/methods/backlog.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import Estimate
from makeorbuy.baseline.query import rows_by_service, run
from makeorbuy.baseline.weekly import Weeks, monday, weekly_slope, weeks_of
from makeorbuy.case.model import Case, Service
from makeorbuy.evidence.calendar import day_number, free_days
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OPEN_COUNT = FigureSpec(
    "baseline.backlog.open_count", "count",
    "Restanse", "Backlog",
    "tickets opened and not ended at the cut", "backlog.md#open",
)  # fmt: skip
GROWTH = FigureSpec(
    "baseline.backlog.growth_per_week", "per_week",
    "Restansen vokser per uke", "Backlog growth per week",
    "least-squares slope of the tickets open at the end of each whole week", "backlog.md#growth",
)  # fmt: skip
WEEKLY = FigureSpec(
    "baseline.backlog.weekly", "table",
    "Nye, avsluttede og åpne henvendelser per uke", "Tickets arrived, ended and open, by week",
    "counts by ISO week on the agency's wall clock; open at the end of the week, for the last at the cut",
    "backlog.md#open",
)  # fmt: skip
FIGURES = (OPEN_COUNT, GROWTH, WEEKLY)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What arrived, ended and was open, week by week, for one service.

    Attributes
    ----------
    arrived, ended, open_at_end : ndarray of int64, shape (weeks,)
        One per week that the period touches; `open_at_end` at the end of the week, for the last one at
        the cut.
    open_count : int
        Open at the cut.
    days_off : ndarray of int64, shape (weeks,)
        Weekdays of each week that are public holidays or the agency's own days off.
    starts_empty : bool
        Whether the log holds no ticket from before the period: what was open then is not known.
    """

    weeks: Weeks
    arrived: NDArray[np.int64]
    ended: NDArray[np.int64]
    open_at_end: NDArray[np.int64]
    open_count: int
    days_off: NDArray[np.int64]
    starts_empty: bool


def backlogs(connection: DuckDBPyConnection, case: Case, evidence: Evidence) -> dict[str, Backlog]:
    """Return the backlog of every service that can have tickets."""
    period = {
        "start_local_minute": evidence.start_local_minute,
        "end_local_minute": evidence.end_local_minute,
    }
    weekly = run(connection, "weekly", **period)
    opens = rows_by_service(run(connection, "open_at", **period))
    weeks = weeks_of(evidence.start_local_minute, evidence.end_local_minute)
    days_off = _days_off(case, weeks)
    result = {}
    for service in case.services:
        if not service.has_tickets:
            continue
        own = weekly["service"] == service.id
        position = weekly["week"][own] - weeks.first
        arrived, ended = np.zeros(weeks.numbers.size, np.int64), np.zeros(weeks.numbers.size, np.int64)
        arrived[position], ended[position] = weekly["arrived"][own], weekly["ended"][own]
        counted = opens.get(service.id, {"open_at_start": 0, "open_at_end": 0, "opened_before": 0})
        result[service.id] = Backlog(
            weeks=weeks,
            arrived=arrived,
            ended=ended,
            open_at_end=counted["open_at_start"] + np.cumsum(arrived - ended),
            open_count=counted["open_at_end"],
            days_off=days_off,
            starts_empty=counted["opened_before"] == 0,
        )
    return result


def _days_off(case: Case, weeks: Weeks) -> NDArray[np.int64]:
    """Count the weekdays off of each week, for a reader who wonders why a week is low."""
    mondays = [date.fromisoformat(monday(int(week))) for week in weeks.numbers]
    free = free_days(case.calendar, day_number(mondays[0]), day_number(mondays[-1]) + 6)
    return np.array(
        [sum(first + timedelta(days=place) in free for place in range(5)) for first in mondays],
        dtype=np.int64,
    )


def backlog_growth_per_week(backlog: Backlog, level: float) -> Estimate:
    """Return the growth of the backlog per week over whole weeks, with its interval."""
    return weekly_slope(backlog.open_at_end[backlog.weeks.is_whole], level)


def figures(service: Service, backlog: Backlog | None, level: float) -> list[Figure | Series]:
    """Return the backlog of one service at the cut, its growth and its weeks."""
    inputs = ("evidence:tickets", "case:case.yaml#period")
    known = backlog is not None and bool(backlog.arrived.any() or backlog.open_at_end.any())
    reason = None if known else "no_tickets"
    growth = backlog_growth_per_week(backlog, level) if backlog and known else Estimate(None, reason=reason)
    weeks = int(backlog.weeks.is_whole.sum()) if backlog and known else None
    # without earlier tickets the backlog seems to grow from nothing until the first ones have ended
    note = "log_starts_with_period" if backlog and known and backlog.starts_empty else None
    rows: tuple[tuple[str, int, int, int, bool, int], ...] = ()
    if backlog and known:
        rows = tuple(
            (monday(int(week)), int(arrived), int(ended), int(open_at_end), bool(whole), int(off))
            for week, arrived, ended, open_at_end, whole, off in zip(
                backlog.weeks.numbers, backlog.arrived, backlog.ended, backlog.open_at_end,
                backlog.weeks.is_whole, backlog.days_off, strict=True,
            )
        )  # fmt: skip
    return [
        figure_from(
            OPEN_COUNT, (service.id,), backlog.open_count if backlog and known else None,
            reason=reason, basis="measured", inputs=inputs,
        ),
        figure_from(
            GROWTH, (service.id,), growth.value,
            reason=growth.reason, low=growth.low, high=growth.high,
            level=None if growth.value is None else level, n=weeks,
            basis="measured", inputs=(*inputs, "assumption:confidence_level"),
            note=note if growth.value is not None else None,
        ),
        Series(
            address(WEEKLY.name, service.id),
            (
                Column("week_start", "date"),
                Column("arrived", "count"),
                Column("ended", "count"),
                Column("open", "count"),
                Column("is_whole", "flag"),
                Column("days_off", "count"),
            ),
            rows, reason, inputs, "measured",
        ),
    ]  # fmt: skip

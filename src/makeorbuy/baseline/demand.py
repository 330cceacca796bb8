"""What comes in: tickets in the period and per week, and requests that are counted only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from makeorbuy.baseline.backlog import Backlog
from makeorbuy.baseline.model import Estimate
from makeorbuy.baseline.query import rows_by_service, run
from makeorbuy.baseline.weekly import MINUTES_PER_DAY, weekly_mean
from makeorbuy.case.model import Service
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TICKETS_COUNT = FigureSpec(
    "baseline.demand.tickets_count", "count",
    "Henvendelser i perioden", "Tickets in the period",
    "tickets of every type opened in the period", "backlog.md#demand",
)  # fmt: skip
TICKETS_PER_WEEK = FigureSpec(
    "baseline.demand.tickets_per_week", "per_week",
    "Henvendelser per uke", "Tickets per week",
    "tickets of every type opened in whole weeks / whole weeks", "backlog.md#demand",
)  # fmt: skip
REQUEST_COUNT = FigureSpec(
    "baseline.demand.request_count", "count",
    "Enkle bestillinger som bare er talt", "Simple requests, counted only",
    "sum of the daily counts in the period", "backlog.md#demand",
)  # fmt: skip
ROW_COUNT = FigureSpec(
    "baseline.row_counts", "table",
    "Hva det ble av henvendelsene", "What became of the tickets",
    "tickets opened in the period, counted by ending, hand-off and reopening",
    "backlog.md#demand",
)  # fmt: skip
FIGURES = (TICKETS_COUNT, TICKETS_PER_WEEK, REQUEST_COUNT, ROW_COUNT)

ROW_COUNTS = ("tickets", "open", "cancelled", "unknown_end", "handed_over", "reopened")


def ticket_counts(connection: DuckDBPyConnection, evidence: Evidence) -> dict[str, dict[str, int]]:
    """Count the tickets of every type opened in the period, by service and by what became of them."""
    return rows_by_service(
        run(
            connection, "ticket_counts",
            start_minute=evidence.start_minute, end_minute=evidence.end_minute,
        )
    )  # fmt: skip


def request_counts(connection: DuckDBPyConnection, evidence: Evidence) -> dict[str, int]:
    """Sum the daily counts of simple requests in the period, by service."""
    if "request_counts" not in evidence.tables:
        return {}
    columns = run(
        connection, "request_counts",
        start_day=evidence.start_local_minute // MINUTES_PER_DAY,
        end_day=-(-evidence.end_local_minute // MINUTES_PER_DAY),
    )  # fmt: skip
    return {service: row["requests"] for service, row in rows_by_service(columns).items()}


def figures(
    service: Service,
    counts: dict[str, int] | None,
    requests: int | None,
    backlog: Backlog | None,
    level: float,
) -> list[Figure | Series]:
    """Return what comes in for one service.

    Parameters
    ----------
    counts : dict or None
        Row of `ticket_counts`; None without tickets.
    requests : int or None
        Requests counted only; None gives no figure, because not every service has such.
    """
    inputs = ("evidence:tickets", "case:case.yaml#period")
    reason = None if counts else "no_tickets"
    per_week = Estimate(None, reason=reason)
    weeks = None
    if counts and backlog:
        whole = backlog.arrived[backlog.weeks.is_whole]
        per_week, weeks = weekly_mean(whole, level), int(whole.size)
    # a service may have no ticket in the period although it can have some: that is a count of none
    tickets = counts["tickets"] if counts else 0 if service.has_tickets else None
    entries: list[Figure | Series] = [
        figure_from(
            TICKETS_COUNT, (service.id,), tickets,
            reason="no_tickets" if tickets is None else None, basis="measured", inputs=inputs,
        ),
        figure_from(
            TICKETS_PER_WEEK, (service.id,), per_week.value,
            reason=per_week.reason, low=per_week.low, high=per_week.high,
            level=None if per_week.value is None else level, n=weeks, basis="measured",
            inputs=(*inputs, "assumption:confidence_level"),
        ),
        Series(
            address(ROW_COUNT.name, service.id),
            (Column("what", "text"), Column("count", "count")),
            tuple((what, counts[what]) for what in ROW_COUNTS) if counts else (),
            reason, inputs, "measured",
        ),
    ]  # fmt: skip
    if requests is not None:
        entries.append(
            figure_from(
                REQUEST_COUNT, (service.id,), requests,
                basis="measured", inputs=("evidence:request_counts", "case:case.yaml#period"),
            )
        )  # fmt: skip
    return entries

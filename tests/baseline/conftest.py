"""An `Evidence` around an in-memory DuckDB with the tables of the contract, and a small case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from makeorbuy.case.assumptions import Assumption, Assumptions, declarations
from makeorbuy.case.model import (
    Avoidable,
    Case,
    CostDriver,
    LedgerRule,
    LocalText,
    OutsideLedger,
    Period,
    Rule,
    Service,
    Target,
    Uncertain,
    WorkingCalendar,
)
from makeorbuy.evidence.contracts import TABLES
from makeorbuy.evidence.model import Evidence, SourceCount

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone


def minute(moment: datetime) -> int:
    """Whole minutes since 1970 as the wall clock shows it."""
    return int((moment - EPOCH).total_seconds()) // 60


def calendar_rows(first: date, last: date, hours: Mapping[int, tuple[int, int]]) -> list[dict[str, int]]:
    """Rows of the calendar: `hours` by weekday, Monday 0; other days are off."""
    rows, worked = [], 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        number = (day - EPOCH.date()).days
        begin, end = hours.get(day.weekday(), (0, 0))
        rows.append(
            {
                "day_number": number,
                "open_minute": number * 1440 + begin,
                "close_minute": number * 1440 + end,
                "worked_before": worked,
            }
        )
        worked += end - begin
    return rows


YEAR = (datetime(2024, 1, 1), datetime(2025, 1, 1))  # noqa: DTZ001
EIGHT_TO_FOUR = dict.fromkeys(range(5), (480, 960))


@pytest.fixture(scope="session")
def make_ticket() -> Callable[..., dict[str, Any]]:
    """Give a function that fills in a row of tickets; UTC and wall clock are the same."""

    def ticket(
        opened: datetime | int,
        end: datetime | int,
        ending: str = "resolved",
        service: str | None = "desk",
        type: str = "incident",
        **rest: Any,
    ) -> dict[str, Any]:
        opened = minute(opened) if isinstance(opened, datetime) else opened
        end = minute(end) if isinstance(end, datetime) else end
        return {
            "service": service, "type": type, "ending": ending,
            "opened_minute": opened, "opened_local_minute": opened,
            "end_minute": end, "end_local_minute": end, **rest,
        }  # fmt: skip

    return ticket


@pytest.fixture(scope="session")
def make_evidence() -> Callable[..., Evidence]:
    """Give a function that puts rows into the tables of the contract."""

    def evidence(
        start: datetime, end: datetime, threads: int | None = None, **tables: Iterable[Mapping[str, Any]]
    ) -> Evidence:
        tables.setdefault(
            "calendar",
            calendar_rows(start.date() - timedelta(days=400), end.date() + timedelta(days=1), EIGHT_TO_FOUR),
        )
        base = duckdb.connect()
        if threads:
            base.execute(f"SET threads = {threads}")
        for table in {"tickets", "ledger", "calendar", *tables}:
            columns = TABLES[table]
            base.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, (t, _) in columns.items())})")
            rows = list(tables.get(table, ()))
            assert all(row.keys() <= columns.keys() for row in rows)
            if rows:
                # a list per column: a hundred times quicker than a row at a time
                lists = ", ".join(f"unnest(?::{kind}[])" for kind, _ in columns.values())
                values = [[row.get(column) for row in rows] for column in columns]
                base.execute(f"INSERT INTO {table} SELECT {lists}", values)
        return Evidence(
            digest="test",
            connect=base.cursor,
            counts=tuple(
                SourceCount(name, f"{name}.csv", "", 0, 0, 0, 0, 0) for name in tables if name != "calendar"
            ),
            reasons=(),
            tables=tuple(tables),
            start_minute=minute(start),
            end_minute=minute(end),
            start_local_minute=minute(start),
            end_local_minute=minute(end),
            unassigned_tickets=0,
        )

    return evidence


@pytest.fixture(scope="session")
def make_service() -> Callable[..., Service]:
    """Give a function that makes a service with sensible defaults."""

    def service(id: str = "desk", **rest: Any) -> Service:
        defaults: dict[str, Any] = {
            "name": LocalText(id, id), "owner": None, "teams": (id,), "categories": (),
            "speed_measure": "restore", "clock": "elapsed", "target": Target(4.0, 0.8),
            "driver": CostDriver(LocalText("bruker", "user"), 100.0, None),
            "avoidable": Avoidable(Uncertain("exact", (0.5,)), (1.0,), None),
        }  # fmt: skip
        return Service(id=id, **(defaults | rest))

    return service


@pytest.fixture(scope="session")
def make_case(make_service: Callable[..., Service]) -> Callable[..., Case]:
    """Give a function that makes a case; assumptions are given by name."""

    def case(
        start: datetime = YEAR[0],
        end: datetime = YEAR[1],
        services: tuple[Service, ...] | None = None,
        ledger_rules: tuple[LedgerRule, ...] = (),
        allocation_keys: dict[str, dict[str, float]] | None = None,
        outside_ledger: tuple[OutsideLedger, ...] = (),
        **assumed: float,
    ) -> Case:
        declared = declarations()
        overrides = {
            name: Assumption(declared[name], (value,), True, None, "test") for name, value in assumed.items()
        }
        text = LocalText("", "")
        return Case(
            title=text, agency=text, stage="screening", language="nb", price_year=2025, horizon_years=5,
            period=Period(start, end), calendar=WorkingCalendar(None, (None,) * 7, (), "UTC"),
            rule=Rule(None, None), seed=0, services=services or (make_service(),), options=(), gates=(),
            questions=(), stakeholders=(), sources=(), ledger_rules=ledger_rules,
            allocation_keys=allocation_keys or {}, outside_ledger=outside_ledger,
            assumptions=Assumptions(overrides),
        )  # fmt: skip

    return case

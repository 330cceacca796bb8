"""Cases and files made for the tests of the intake."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from makeorbuy.case.assumptions import Assumptions
from makeorbuy.case.model import (
    Avoidable,
    Case,
    CostDriver,
    Holiday,
    LocalText,
    Period,
    Rule,
    Service,
    Source,
    Uncertain,
    WorkingCalendar,
)
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.model import Evidence

TEXT = LocalText("navn", "name")
WEEK = (*((480, 960),) * 5, None, None)
LOG = "servicenow_incident_event_log.csv.xz"


def service(name: str, teams: tuple[str, ...] = (), categories: tuple[str, ...] = ()) -> Service:
    return Service(
        id=name, name=TEXT, owner=None, teams=teams, categories=categories, speed_measure="restore",
        clock="elapsed", target=None, driver=CostDriver(TEXT, 1.0, None),
        avoidable=Avoidable(Uncertain("exact", (1.0,)), (1.0,), None),
    )  # fmt: skip


def source(kind: str = "tickets", path: str = "tickets.csv", **changes: Any) -> Source:
    values: dict[str, Any] = {
        "kind": kind, "path": path, "shape": "row_per_ticket", "encoding": "utf-8", "delimiter": ",",
        "decimal": ".", "time_zone": "Europe/Oslo", "date_format": "%d.%m.%Y %H:%M", "missing": ("", "?"),
        "columns": {}, "states": {}, "types": {}, "constant_type": None, "teams": {}, "fold": "quarantine",
        "exported_at": None, "selection": "all",
    }  # fmt: skip
    return Source(**(values | changes))


TICKET_COLUMNS = {
    "number": "number", "type": "type", "opened_at": "opened_at", "resolved_at": "resolved_at",
    "closed_at": "closed_at", "state": "state", "priority": "priority", "category": "category",
    "team": "assignment_group", "reopen_count": "reopen_count",
}  # fmt: skip
EVENT_COLUMNS = {
    "number": "number", "updated_at": "updated_at", "state": "state", "team": "assignment_group",
    "person": "assigned_to",
}  # fmt: skip
STATES = {
    "New": "open", "In Progress": "open", "On Hold": "waiting", "Resolved": "resolved", "Closed": "closed",
    "Canceled": "cancelled",
}  # fmt: skip


def tickets(**changes: Any) -> Source:
    return source(**({"columns": TICKET_COLUMNS, "states": STATES} | changes))


def events(**changes: Any) -> Source:
    values = {
        "kind": "ticket_events",
        "path": "ticket_events.csv",
        "columns": EVENT_COLUMNS,
        "states": STATES,
    }
    return source(**(values | changes))


def case(
    *sources: Source,
    services: tuple[Service, ...] = (),
    start: datetime = datetime(2024, 1, 1),  # noqa: DTZ001
    end: datetime = datetime(2025, 1, 1),  # noqa: DTZ001
    country: str | None = None,
    days_off: tuple[date, ...] = (),
    zone: str = "Europe/Oslo",
) -> Case:
    return Case(
        title=TEXT, agency=TEXT, stage="screening", language="nb", price_year=2024, horizon_years=5,
        period=Period(start, end),
        calendar=WorkingCalendar(country, WEEK, tuple(Holiday(day, "fri") for day in days_off), zone),
        rule=Rule(None, None), seed=0, services=services or (service("desk", ("Desk",)),), options=(),
        gates=(), questions=(), stakeholders=(), sources=sources, ledger_rules=(), allocation_keys={},
        outside_ledger=(), assumptions=Assumptions(),
    )  # fmt: skip


def taken(folder: Path, *sources: Source, **changes: Any) -> Evidence:
    """Take in the sources of a small case."""
    return take_in(case(*sources, **changes), folder, folder / "out")


def ask(evidence: Evidence, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query against the snapshot."""
    connection = evidence.connect()
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def reasons(evidence: Evidence) -> list[tuple[int, str, str | None]]:
    """Record, code and column of everything in quarantine."""
    return ask(evidence, "SELECT record, code, column_name FROM quarantine ORDER BY ALL")


TICKET_HEADER = (
    "number", "type", "opened_at", "resolved_at", "closed_at", "state", "priority", "category",
    "assignment_group", "reopen_count", "caller",
)  # fmt: skip
_TICKET = {
    "type": "incident", "opened_at": "01.03.2024 10:00", "resolved_at": "01.03.2024 12:00",
    "closed_at": "06.03.2024 12:00", "state": "Closed", "priority": "3", "category": "Mail",
    "assignment_group": "Desk", "reopen_count": "0", "caller": "Kari Testmann",
}  # fmt: skip


def ticket(number: str, **changes: str) -> list[str]:
    """One row of tickets.csv; resolved after two hours unless told otherwise."""
    row = {"number": number, **_TICKET, **changes}
    return [row[name] for name in TICKET_HEADER]


EVENT_HEADER = ("number", "updated_at", "state", "assignment_group", "assigned_to")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """The text of a delimited file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / "evidence" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def real_log() -> Path:
    """The public ServiceNow log; skipped where it is not at hand, an error in continuous integration."""
    root = Path(os.environ.get("MAKEORBUY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    file = root / LOG
    if not file.is_file():
        message = (
            f"{file} is missing: get 'Incident management process enriched event log' (UCI no. 498, "
            "DOI 10.24432/C57S4H) and point MAKEORBUY_SHARED_DATA to its folder"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return file


LOG_SOURCE = source(
    path="log.csv.xz",
    shape="row_per_event",
    date_format="%d/%m/%Y %H:%M",
    time_zone="America/Sao_Paulo",
    missing=("?",),
    columns={
        "number": "number", "opened_at": "opened_at", "resolved_at": "resolved_at", "closed_at": "closed_at",
        "updated_at": "sys_updated_at", "state": "incident_state", "team": "assignment_group",
        "person": "assigned_to", "category": "category", "priority": "priority",
        "reopen_count": "reopen_count",
    },
    states={
        "New": "open", "Active": "open", "Awaiting User Info": "waiting", "Awaiting Vendor": "waiting",
        "Awaiting Problem": "waiting", "Awaiting Evidence": "waiting", "Resolved": "resolved",
        "Closed": "closed",
    },
    constant_type="incident",
    selection="only_closed",
)  # fmt: skip


def remove(folder: Path) -> None:
    """Remove a snapshot, as whoever tidies up would."""
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()

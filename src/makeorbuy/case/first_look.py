"""A case made for a first look at records: one service that takes every ticket, nothing decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from makeorbuy.case.assumptions import Assumptions
from makeorbuy.case.model import (
    Avoidable,
    Case,
    CostDriver,
    LocalText,
    Period,
    Rule,
    Service,
    Source,
    SpeedMeasure,
    Uncertain,
    WorkingCalendar,
)

SERVICE = "all"
"""Id of the one service."""

_COUNTRIES = {"Europe/Oslo": "NO"}
"""Whose public holidays a first look knows, by zone."""

_OFFICE_WEEK = (*((8 * 60, 16 * 60),) * 5, None, None)


def case_of_first_look(
    sources: Sequence[Source],
    start: datetime,
    end: datetime,
    time_zone: str,
    speed_measure: SpeedMeasure = "restore",
    title: str = "",
) -> Case:
    """Return a case with these sources and one service that takes every ticket.

    Parameters
    ----------
    sources : sequence of Source
    start, end : datetime
        Local time; what the records say after the end is hidden.
    time_zone : str
    speed_measure : {"restore", "fulfil", "change_lead_time"}
        Which type of ticket is timed: incidents, requests or changes.
    title : str
        Names of the files.
    """
    name = LocalText("Alle henvendelser", "All tickets")
    nothing = Uncertain("exact", (1.0,))
    service = Service(
        id=SERVICE, name=name, owner=None, teams=(), categories=(), speed_measure=speed_measure,
        clock="elapsed", target=None, driver=CostDriver(LocalText("", ""), 1.0, None),
        avoidable=Avoidable(nothing, (1.0,), None), takes_all_tickets=True,
    )  # fmt: skip
    return Case(
        title=LocalText(title, title), agency=LocalText("", ""), stage="screening", language="nb",
        price_year=end.year, horizon_years=1, period=Period(start, end),
        calendar=WorkingCalendar(_COUNTRIES.get(time_zone), _OFFICE_WEEK, (), time_zone),
        rule=Rule(None, None), seed=0, services=(service,), options=(), gates=(), questions=(),
        stakeholders=(), sources=tuple(sources), ledger_rules=(), allocation_keys={}, outside_ledger=(),
        assumptions=Assumptions(),
    )  # fmt: skip

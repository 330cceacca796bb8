"""The statistics of a full year stand near those of the public ServiceNow log."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from agency_world import agency, timeline
from agency_world.demand import CATEGORY_NAMES, HABITS, SERVICE_KEYS, outages
from agency_world.work import WAITS_FOR_CALLER, WAITS_FOR_VENDOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agency_world.work import History

DESK_TEAMS = 2


def opened_in_year(year: History) -> NDArray[np.bool_]:
    return year.demand.opened >= timeline.YEAR_START


def flow_time_hours(year: History, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    chosen = rows & (year.resolved >= 0)
    return (year.resolved - year.demand.opened)[chosen] / 60.0


def open_by_week(year: History, key: str) -> NDArray[np.int64]:
    own = (year.demand.service == SERVICE_KEYS.index(key)) & (year.canceled < 0)
    opened = year.demand.opened[own]
    resolved = np.where(year.resolved[own] < 0, timeline.END + 1, year.resolved[own])
    mondays = np.arange(timeline.YEAR_START + 480, timeline.END, 7 * timeline.DAY_MINUTES)
    return np.array([int(((opened <= moment) & (resolved > moment)).sum()) for moment in mondays])


def test_flow_time_over_all(year: History) -> None:
    quartile, median, upper, tenth, hundredth = np.percentile(
        flow_time_hours(year, opened_in_year(year)), [25, 50, 75, 90, 99]
    )
    assert quartile < 2
    assert 18 < median < 28  # 22 in the log
    assert 105 < upper < 165  # 148
    assert 300 < tenth < 430  # 382
    assert 2_000 < hundredth < 3_400  # 2,843


def test_the_desk_is_fast_and_others_are_not(year: History) -> None:
    at_desk = year.team < DESK_TEAMS
    rows = opened_in_year(year)
    assert 0.25 < np.median(flow_time_hours(year, rows & at_desk)) < 1.0  # 0.5
    assert 40 < np.median(flow_time_hours(year, rows & ~at_desk)) < 75  # 51


def test_handovers(year: History) -> None:
    handovers = np.diff(year.demand.first_step)[opened_in_year(year)] - 1
    assert 0.43 < (handovers > 0).mean() < 0.49  # 0.46
    assert 0.85 < handovers.mean() < 1.03  # 0.94
    assert 20 <= handovers.max() <= 27  # 27


def test_the_desk_ends_44_percent_and_touches_61(year: History) -> None:
    rows = opened_in_year(year)
    assert 0.42 < (year.team < DESK_TEAMS)[rows].mean() < 0.47
    owner = np.repeat(np.arange(rows.size), np.diff(year.demand.first_step))
    touched = np.zeros(rows.size, dtype=bool)
    touched[owner[year.demand.step_team < DESK_TEAMS]] = True
    assert 0.56 < touched[rows].mean() < 0.68


def test_reopened_and_waiting(year: History) -> None:
    rows = opened_in_year(year)
    assert 0.008 < (year.reopened > 0)[rows].mean() < 0.014  # 0.011
    for kind, low, high in ((WAITS_FOR_CALLER, 0.19, 0.25), (WAITS_FOR_VENDOR, 0.007, 0.013)):
        waited = np.zeros(rows.size, dtype=bool)
        waited[year.event_ticket[year.event_kind == kind]] = True
        assert low < waited[rows].mean() < high


def test_arrivals_are_overdispersed(year: History) -> None:
    counts = np.bincount(year.demand.opened // timeline.DAY_MINUTES, minlength=timeline.DAYS_COUNT)
    in_year = np.arange(timeline.DAYS_COUNT) >= 365
    ordinary = counts[timeline.OFFICE_DAY & ~timeline.BRIDGE_DAY & in_year]
    weekdays = counts[(timeline.WEEKDAY < 5) & in_year]
    assert 7 < ordinary.var() / ordinary.mean() < 17  # 10
    assert 18 < weekdays.var() / weekdays.mean() < 35  # 28


def test_each_team_ends_what_the_table_says(year: History) -> None:
    rows = opened_in_year(year)
    numbers = {team.name: number for number, team in enumerate(agency.TEAMS)}
    for service in agency.SERVICES:
        if not service.tickets_count:
            continue
        own = np.zeros(rows.size, dtype=bool)
        for name, _ in HABITS[service.id].teams:
            at_team = year.team == numbers[name]
            if name == agency.SHARED_TEAM:
                wanted = [CATEGORY_NAMES.index(text) for text in agency.CATEGORIES[service.id]]
                at_team &= np.isin(year.demand.category, wanted)
            own |= at_team
        assert (own & rows).sum() == pytest.approx(service.tickets_count, rel=0.01), service.id


def test_backlog_of_field_support_grows(year: History) -> None:
    backlog = open_by_week(year, "field")
    slope = np.polyfit(np.arange(backlog.size), backlog, 1)[0]
    assert 0.5 < slope < 1.4  # tickets a week


def test_backlogs_go_different_ways(year: History) -> None:
    slopes = {}
    for key in SERVICE_KEYS[:-1]:
        backlog = open_by_week(year, key)
        slopes[key] = float(np.polyfit(np.arange(backlog.size), backlog, 1)[0])
    assert min(slopes.values()) < -0.1
    assert max(slopes.values()) > 0.4
    assert sum(abs(slope) < 0.2 for slope in slopes.values()) >= 3


def test_fewer_are_resolved_in_july(year: History) -> None:
    months = [timeline.day_number(datetime.date(2024, month, 1)) for month in (5, 6, 7, 8)]
    days = year.resolved[year.resolved >= 0] // timeline.DAY_MINUTES
    may = ((days >= months[0]) & (days < months[1])).sum()
    july = ((days >= months[2]) & (days < months[3])).sum()
    assert july < 0.95 * may


def test_outages_bring_bursts(year: History) -> None:
    """In the hours after a large outage more arrives than at the same time a week before and after."""
    opened = np.sort(year.demand.opened)

    def arrivals(begin: int) -> int:
        return int(np.searchsorted(opened, begin + 180) - np.searchsorted(opened, begin))

    week = 7 * timeline.DAY_MINUTES
    large = [
        outage.started_at
        for outage in outages(0)
        if not outage.is_planned
        and outage.users_affected_count > 2_000
        and timeline.YEAR_START + week < outage.started_at < timeline.END - 2 * week
    ]
    during = sum(arrivals(begin) for begin in large)
    usual = sum(arrivals(begin - week) + arrivals(begin + week) for begin in large) / 2
    assert len(large) > 10
    assert during > 1.1 * usual


def test_same_demand_whoever_does_the_work() -> None:
    from agency_world.truth import OPTIONS
    from agency_world.work import live

    today = live(3, 0.05)
    other = live(3, 0.05, OPTIONS["payroll_bid"].changes)
    for name in ("service", "type"):
        here = np.bincount(getattr(today.demand, name)[today.demand.opened >= timeline.START])
        there = np.bincount(getattr(other.demand, name)[other.demand.opened >= timeline.START])
        assert here.tolist() == there.tolist()

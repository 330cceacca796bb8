"""What waits and what comes in, week by week, with parts of weeks at both ends."""

# ruff: noqa: DTZ001 - wall clocks have no zone
from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from makeorbuy.baseline.backlog import backlogs
from makeorbuy.baseline.measure import measure
from makeorbuy.foundation.streams import Streams

START, END = datetime(2024, 1, 3), datetime(2024, 3, 29)  # Wednesday to Friday


@pytest.fixture
def tickets(make_ticket):
    rng = np.random.Generator(np.random.PCG64(6))
    rows = []
    for _ in range(1500):
        opened = datetime(2023, 11, 1) + timedelta(minutes=int(rng.integers(0, 149 * 1440)))
        end = opened + timedelta(minutes=int(rng.exponential(9 * 1440)))
        kind = rng.choice(["resolved", "cancelled", "unknown"], p=[0.9, 0.05, 0.05])
        rows.append(make_ticket(opened, min(end, END), "open" if end >= END else str(kind)))
    return rows


def _open_at(rows, moment: datetime) -> int:
    at = int((moment - datetime(1970, 1, 1)).total_seconds()) // 60
    return sum(
        row["opened_minute"] < at and (row["ending"] == "open" or row["end_minute"] >= at) for row in rows
    )


def test_weekly_table_against_counting_one_by_one(make_evidence, make_case, tickets) -> None:
    case, evidence = make_case(START, END), make_evidence(START, END, tickets=tickets)
    backlog = backlogs(evidence.connect(), case, evidence)["desk"]
    mondays = [datetime(2024, 1, 1) + timedelta(weeks=week) for week in range(13)]
    ends = [min(monday + timedelta(days=7), END) for monday in mondays]
    assert backlog.open_at_end.tolist() == [_open_at(tickets, end) for end in ends]
    assert backlog.weeks.is_whole.tolist() == [False] + [True] * 11 + [False]
    assert backlog.open_count == backlog.open_at_end[-1] == sum(row["ending"] == "open" for row in tickets)
    inside = [row for row in tickets if row["opened_minute"] >= evidence.start_minute]
    assert backlog.arrived.sum() == len(inside)
    assert not backlog.starts_empty


def test_at_the_borders_of_the_period(make_evidence, make_case, make_ticket) -> None:
    before = START - timedelta(days=2)
    rows = [
        make_ticket(before, START),                      # ends at the very start: open until then
        make_ticket(before, START - timedelta(minutes=1)),  # ended before
        make_ticket(START, START + timedelta(days=1)),
        make_ticket(END - timedelta(minutes=1), END, "open"),
    ]  # fmt: skip
    evidence = make_evidence(START, END, tickets=rows)
    backlog = backlogs(evidence.connect(), make_case(START, END), evidence)["desk"]
    assert (backlog.arrived.sum(), backlog.ended.sum(), backlog.open_count) == (2, 2, 1)
    assert backlog.open_at_end.tolist() == [0] * 12 + [1]


def test_published(make_evidence, make_case, tickets) -> None:
    case, evidence = make_case(START, END), make_evidence(START, END, tickets=tickets)
    baseline = measure(case, evidence, Streams(0))
    figures = {figure.id: figure for figure in baseline.figures}
    series = {entry.id: entry for entry in baseline.series}
    weekly = series["baseline.backlog.weekly[desk]"]
    assert weekly.column("week_start") == [
        (date(2024, 1, 1) + timedelta(weeks=week)).isoformat() for week in range(13)
    ]
    assert figures["baseline.backlog.open_count[desk]"].value == weekly.column("open")[-1]
    growth = figures["baseline.backlog.growth_per_week[desk]"]
    whole = weekly.column("open")[1:-1]
    assert growth.value == pytest.approx(np.polyfit(np.arange(11), whole, 1)[0])
    assert growth.low < growth.value < growth.high and growth.n == 11 and growth.note is None
    per_week = figures["baseline.demand.tickets_per_week[desk]"]
    assert per_week.value == np.mean(weekly.column("arrived")[1:-1]) and per_week.low < per_week.value
    counts = dict(series["baseline.row_counts[desk]"].rows)
    assert figures["baseline.demand.tickets_count[desk]"].value == counts["tickets"]
    assert counts["unknown_end"] > 0 and counts["cancelled"] > 0 and counts["open"] > 0


def test_a_log_that_starts_with_the_period_is_marked(make_evidence, make_case, make_ticket) -> None:
    rows = [
        make_ticket(START + timedelta(hours=hour), START + timedelta(hours=hour + 30))
        for hour in range(0, 1800, 9)
    ]
    evidence = make_evidence(START, END, tickets=rows)
    figures = {figure.id: figure for figure in measure(make_case(START, END), evidence, Streams(0)).figures}
    assert figures["baseline.backlog.growth_per_week[desk]"].note == "log_starts_with_period"


def test_hand_offs_and_rework_know_what_is_not_recorded(
    make_evidence, make_case, make_service, make_ticket
) -> None:
    day = datetime(2024, 2, 1)
    hands = [make_ticket(day, day, handoff_count=n, reopen_count=min(n, 1)) for n in (0, 0, 1, 3)]
    blank = [make_ticket(day, day, service="email")]
    case = make_case(START, END, services=(make_service(), make_service("email"), make_service("payroll")))
    evidence = make_evidence(START, END, tickets=[*hands, *blank])
    figures = {figure.id: figure for figure in measure(case, evidence, Streams(0)).figures}
    assert figures["baseline.handoffs.handed_over_share[desk]"].value == 0.5
    assert figures["baseline.handoffs.mean_handoffs[desk]"].value == 1.0
    assert figures["baseline.rework.reopened_share[desk]"].value == 0.5
    assert figures["baseline.handoffs.mean_handoffs[email]"].reason == "no_event_log"
    assert figures["baseline.rework.reopened_share[email]"].reason == "not_recorded"
    assert figures["baseline.rework.reopened_share[payroll]"].reason == "no_tickets"
    assert figures["baseline.demand.tickets_count[payroll]"].value == 0


def test_requests_that_are_counted_only(make_evidence, make_case) -> None:
    rows = [
        {"day": day, "service": "desk", "requests": 10}
        for day in (date(2024, 1, 2), date(2024, 1, 3), date(2024, 3, 28), date(2024, 3, 29))
    ]
    evidence = make_evidence(START, END, request_counts=rows)
    figures = {figure.id: figure for figure in measure(make_case(START, END), evidence, Streams(0)).figures}
    assert figures["baseline.demand.request_count[desk]"].value == 20

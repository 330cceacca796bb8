"""Each detector fires on records selected the way it looks for, and keeps quiet on whole ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import evidence_making as m
import numpy as np
import pytest

from makeorbuy.case.model import Service
from makeorbuy.evidence.detectors import Finding
from makeorbuy.evidence.selection import selection_findings, with_remarks
from makeorbuy.foundation.figure import Figure

START, CUT = datetime(2024, 1, 1), datetime(2024, 12, 30)  # noqa: DTZ001  # whole weeks


@dataclass(frozen=True)
class T:
    """A ticket as it was."""

    opened: datetime
    resolved: datetime


def world(seed: int = 1, before_days: int = 120, hours: float = 8) -> list[T]:
    """Tickets of a steady desk: nine a day, half of them resolved within some hours, some after months."""
    rng = np.random.default_rng(seed)
    made = []
    for day in range(-before_days, (CUT - START).days):
        for _ in range(rng.poisson(9)):
            opened = START + timedelta(days=day, minutes=int(rng.integers(480, 960)))
            made.append(T(opened, opened + timedelta(hours=float(np.exp(rng.normal(np.log(hours), 1.8))))))
    return made


def written(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%d.%m.%Y %H:%M")


def rows(tickets: list[T], lag_days: float = 5.3) -> list[list[str]]:
    made = []
    for place, ticket in enumerate(tickets):
        done = ticket.resolved < CUT
        made.append(
            m.ticket(
                f"INC{place:07d}",
                opened_at=written(ticket.opened),
                resolved_at=written(ticket.resolved) if done else "",
                closed_at=written(ticket.resolved + timedelta(days=lag_days)) if done else "",
                state="Closed" if done else "In Progress",
            )
        )
    return made


def found(
    folder: Path, lines: list[list[str]], services: tuple[Service, ...] = (), **rules: object
) -> dict[str, Finding]:
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, lines))
    source = m.tickets(**({"fold": "earlier"} | rules))
    case = m.case(source, start=START, end=CUT, services=services)
    evidence = m.take_in(case, folder, folder / "out")
    return {finding.code: finding for finding in selection_findings(case, evidence)}


@pytest.mark.parametrize("seed", range(5))
def test_a_whole_export_raises_no_alarm(tmp_path: Path, seed: int) -> None:
    assert found(tmp_path, rows(world(seed))) == {}


def test_too_few_tickets_tell_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, rows(world()[:150])) == {}


def open_ones_left_out(tickets: list[T]) -> list[list[str]]:
    return rows([ticket for ticket in tickets if ticket.resolved < CUT])


def first_weeks_left_out(tickets: list[T]) -> list[list[str]]:
    return rows([ticket for ticket in tickets if ticket.opened >= START + timedelta(weeks=3)])


def last_weeks_left_out(tickets: list[T]) -> list[list[str]]:
    return rows([ticket for ticket in tickets if ticket.opened < CUT - timedelta(weeks=2)])


def early_ends_left_out(tickets: list[T]) -> list[list[str]]:
    begun = START + timedelta(weeks=6)
    return rows([ticket for ticket in tickets if ticket.resolved >= begun])


def one_batch(tickets: list[T]) -> list[list[str]]:
    day = START + timedelta(days=200, hours=14)
    swept = [
        replace(ticket, resolved=day + timedelta(seconds=place))
        if ticket.opened < day < ticket.resolved or (place % 9 == 0 and ticket.opened < day)
        else ticket
        for place, ticket in enumerate(tickets)
    ]
    return rows(swept)


def short_ones_left_out(tickets: list[T]) -> list[list[str]]:
    return rows([ticket for ticket in tickets if ticket.resolved - ticket.opened > timedelta(hours=24)])


def days_only(field: str) -> Callable[[list[T]], list[list[str]]]:
    def make(tickets: list[T]) -> list[list[str]]:
        place = m.TICKET_HEADER.index(field)
        made = rows(tickets)
        for row in made:
            if row[place]:
                day = datetime.strptime(row[place], "%d.%m.%Y %H:%M") + timedelta(  # noqa: DTZ007
                    days=field == "resolved_at"  # the midnight after, so that nothing ends before it begins
                )
                row[place] = day.strftime("%d.%m.%Y 00:00")
        return made

    return make


def whole_days(tickets: list[T]) -> list[list[str]]:
    return rows(
        [
            replace(ticket, resolved=ticket.opened + timedelta(days=3)) if place % 5 == 0 else ticket
            for place, ticket in enumerate(tickets)
        ]
    )


def closed_by_the_clock(tickets: list[T]) -> list[list[str]]:
    return rows(tickets, lag_days=5)


def open_with_an_end(tickets: list[T]) -> list[list[str]]:
    made = rows(tickets)
    for row in made[::50]:
        row[m.TICKET_HEADER.index("state")] = "In Progress"
    return made


SELECTED: dict[str, Callable[[list[T]], list[list[str]]]] = {
    "only_closed": open_ones_left_out,
    "arrivals_begin_late": first_weeks_left_out,
    "arrivals_end_early": last_weeks_left_out,
    "delayed_entry": early_ends_left_out,
    "ends_in_one_batch": one_batch,
    "short_ones_missing": short_ones_left_out,
    "opened_by_date_only": days_only("opened_at"),
    "ended_by_date_only": days_only("resolved_at"),
    "ends_after_whole_days": whole_days,
    "closed_by_the_clock": closed_by_the_clock,
    "open_with_an_end": open_with_an_end,
}


@pytest.mark.parametrize("code", SELECTED)
def test_a_selected_export_is_found_out(tmp_path: Path, code: str) -> None:
    assert code in found(tmp_path, SELECTED[code](world()))


def test_ends_in_the_minute_of_the_opening_are_told(tmp_path: Path) -> None:
    lines = rows([replace(t, resolved=t.opened) for t in world()[:60]])
    finding = found(tmp_path, lines)["ends_at_once"]
    assert finding.refuses and dict(finding.facts)["ended_share"] == 1


def of_two_teams(tickets: list[T]) -> list[list[str]]:
    made = rows(tickets)
    for place, row in enumerate(made):
        row[m.TICKET_HEADER.index("assignment_group")] = "Net" if place % 2 else "Desk"
    return made


TWO = (m.service("desk", ("Desk",)), m.service("net", ("Net",)))
TEAM, STATE, OPENED = (m.TICKET_HEADER.index(name) for name in ("assignment_group", "state", "opened_at"))


def is_of_desk_and_open(row: list[str]) -> bool:
    return row[TEAM] == "Desk" and row[STATE] == "In Progress"


@pytest.mark.parametrize("seed", range(5))
def test_whole_services_raise_no_alarm(tmp_path: Path, seed: int) -> None:
    assert found(tmp_path, of_two_teams(world(seed)), TWO) == {}


def test_open_ones_left_out_of_one_service_spoil_that_one_only(tmp_path: Path) -> None:
    lines = [row for row in of_two_teams(world(hours=24)) if not is_of_desk_and_open(row)]
    findings = found(tmp_path, lines, TWO)
    assert set(findings) == {"service_only_closed"}
    figures = [
        Figure(f"baseline.{name}[{service}]", 1.0, unit="hours")
        for name in ("flow_time.median_hours", "backlog.open_count")
        for service in ("desk", "net")
    ]
    desk, net, desk_open, net_open = with_remarks(findings.values(), figures)
    assert desk.spoilt_by == ("service_only_closed",) and net.spoilt_by == ()
    assert desk_open.reason == "selection_service_only_closed" and net_open.value == 1


@pytest.mark.parametrize("code", ["service_ends_early", "service_begins_late"])
def test_a_team_that_is_renamed_is_told(tmp_path: Path, code: str) -> None:
    lines = of_two_teams(world())
    renamed = START + timedelta(days=250 if code == "service_ends_early" else 90)
    for row in lines:
        is_later = datetime.strptime(row[OPENED], "%d.%m.%Y %H:%M") >= renamed  # noqa: DTZ007
        if row[TEAM] == "Desk" and is_later is (code == "service_ends_early"):
            row[TEAM] = "Other name"
    findings = found(tmp_path, lines, TWO)
    assert set(findings) == {code}
    assert findings[code].service == "desk" and findings[code].spoils == (
        "baseline.demand",
        "baseline.backlog",
    )


def test_unknown_states_may_be_open_ones(tmp_path: Path) -> None:
    lines = rows(world())
    still = [row for row in lines if row[STATE] == "In Progress"]
    for row in still[: len(still) // 4]:
        row[STATE] = "Parked"
    finding = found(tmp_path, lines)["states_unknown"]
    facts = dict(finding.facts)
    assert facts["rows_count"] == len(still) // 4 and facts["open_count"] == len(still) - len(still) // 4
    assert finding.spoils == ("baseline.backlog",)
    ended = [row for row in rows(world()) if row[STATE] == "Closed"]
    for row in ended[: len(still)]:
        row[STATE] = "Parked"  # which has an end, and is not open
    assert "states_unknown" not in found(tmp_path / "ended", [*ended, *still[len(still) // 4 :]])


def test_many_rows_set_aside_mark_what_is_left(tmp_path: Path) -> None:
    lines = rows(world())
    for place, row in enumerate(lines):
        row[OPENED] = "soon" if place % 15 == 0 else row[OPENED]
    finding = found(tmp_path, lines)["many_set_aside"]
    assert dict(finding.facts)["rows_share"] == pytest.approx(1 / 15, abs=0.001)
    assert "baseline.flow_time" in finding.spoils
    for place, row in enumerate(lines):
        row[OPENED] = "02.03.2024 10:00" if row[OPENED] == "soon" and place % 30 else row[OPENED]
    assert "many_set_aside" not in found(tmp_path / "fewer", lines)


def with_history(folder: Path, reopened_every: int, list_has_last: bool) -> dict[str, Finding]:
    """A list and its history, in which some are reopened and resolved a week later."""
    tickets = [t for t in world() if t.resolved < CUT - timedelta(days=30)]
    lines, events = rows(tickets), []
    for place, (row, ticket) in enumerate(zip(lines, tickets, strict=True)):
        steps = [(ticket.opened, "New"), (ticket.resolved + timedelta(minutes=place % 50), "Resolved")]
        if reopened_every and place % reopened_every == 0:
            last = ticket.resolved + timedelta(days=7)
            steps += [(ticket.resolved + timedelta(days=1), "In Progress"), (last, "Resolved")]
            if list_has_last:
                row[m.TICKET_HEADER.index("resolved_at")] = written(last)
        events += [[row[0], written(moment), state, "Desk", ""] for moment, state in steps]
    header = ("number", "updated_at", "state", "assignment_group", "assigned_to")
    m.write(folder, "ticket_events.csv", m.table(header, events))
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, lines))
    case = m.case(m.tickets(fold="earlier"), m.events(fold="earlier"), start=START, end=CUT)
    evidence = m.take_in(case, folder, folder / "out")
    return {finding.code: finding for finding in selection_findings(case, evidence)}


@pytest.mark.parametrize(
    ("every", "list_has_last", "is_told"), [(0, False, False), (10, True, False), (10, False, True)]
)
def test_a_list_and_a_history_that_end_apart(
    tmp_path: Path, every: int, list_has_last: bool, is_told: bool
) -> None:
    findings = with_history(tmp_path, every, list_has_last)
    assert ("ends_apart" in findings) is is_told
    if is_told:
        facts = dict(findings["ends_apart"].facts)
        assert facts["tickets_count"] == facts["open_count"] > 200
        assert "baseline.flow_time" in findings["ends_apart"].spoils


def test_the_figures_of_a_finding_are_those_of_the_records(tmp_path: Path) -> None:
    tickets = world()
    finding = found(tmp_path, open_ones_left_out(tickets))["only_closed"]
    was_open = sum(ticket.resolved >= CUT for ticket in tickets)
    assert 0.3 * was_open < dict(finding.facts)["expected_count"] <= was_open  # cautious, never too many


def test_a_declared_selection_is_told(tmp_path: Path) -> None:
    assert "declared_only_closed" in found(tmp_path, rows(world()), selection="only_closed")


@pytest.mark.parametrize("count", [9_999, 10_000])
def test_a_limit_of_rows_is_told_exactly_there(tmp_path: Path, count: int) -> None:
    assert ("row_limit" in found(tmp_path, rows((world() * 5)[:count]))) is (count == 10_000)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((("202401", 100, -100), ("202402", 50, -50), ("202403", 70, -30)), {"ledger_month_incomplete"}),
        ((("202401", 100, -100), ("202402", 50, -50)), set()),
        (
            (("202401", 100, 20), ("202402", 50, 30)),
            set(),
        ),  # only one side is booked here: nothing sums to zero
    ],
)
def test_a_month_that_does_not_sum_to_zero(tmp_path: Path, amounts: tuple, expected: set[str]) -> None:
    lines = [[period, "5001", "1", str(amount)] for period, *many in amounts for amount in many]
    header = ("period", "account", "cost_centre", "amount")
    m.write(tmp_path, "ledger.csv", m.table(header, lines))
    source = m.source("ledger", "ledger.csv", columns={name: name for name in header})
    case = m.case(source)
    evidence = m.take_in(case, tmp_path, tmp_path / "out")
    assert {finding.code for finding in selection_findings(case, evidence)} == expected


def test_an_end_written_back_onto_early_rows_is_told(tmp_path: Path) -> None:
    header = ("number", "opened", "updated", "resolved", "state")
    lines = []
    for place in range(300):
        opened = START + timedelta(hours=20 * place)
        end = opened + timedelta(hours=9)
        lines.append([f"I{place}", written(opened), written(opened), written(end), "New"])
        lines.append([f"I{place}", written(opened), written(end), written(end), "Resolved"])
    m.write(tmp_path, "tickets.csv", m.table(header, lines))
    columns = {"number": "number", "opened_at": "opened", "updated_at": "updated", "state": "state"}
    for resolved, expected in (({"resolved_at": "resolved"}, True), ({}, False)):
        source = m.tickets(shape="row_per_event", columns=columns | resolved, constant_type="incident")
        case = m.case(source, start=START, end=CUT)
        evidence = m.take_in(case, tmp_path, tmp_path / "out")
        codes = {finding.code for finding in selection_findings(case, evidence)}
        assert ("end_copied_back" in codes) is expected


def test_a_spoilt_figure_says_so_and_an_impossible_one_is_refused() -> None:
    finding = Finding("only_closed", "tickets", (), ("baseline.flow_time",), ("baseline.backlog",))
    figures = (
        Figure("baseline.flow_time.median_hours[s,elapsed]", 8.0, "hours"),
        Figure("baseline.flow_time.p95_hours[s,elapsed]", None, "hours", "too_few_tickets"),
        Figure("baseline.backlog.open_count[s]", 0, "count", low=0.0, high=1.0),
        Figure("baseline.demand.tickets_count[s]", 100, "count"),
    )
    median, p95, backlog, demand = with_remarks([finding], figures)
    assert (median.value, median.spoilt_by) == (8.0, ("only_closed",))
    assert p95 == figures[1]
    assert (backlog.value, backlog.reason, backlog.low) == (None, "selection_only_closed", None)
    assert demand == figures[3]
    assert with_remarks([], figures) == figures


@pytest.mark.parametrize(
    ("amounts", "is_told"),
    [
        (("1,234", "1.234", "1.234,56"), False),  # nothing says that a point is a decimal sign
        (("12,34", "1,234.56"), False),  # nothing that was read can be meant otherwise
        (("1,234", "12,34", "1,234.56"), True),
        (("1.234", "12.34", "12,34"), True),
    ],
)
def test_amounts_of_two_decimal_signs(tmp_path: Path, amounts: tuple[str, ...], is_told: bool) -> None:
    header = ("period", "account", "cost_centre", "amount")
    m.write(tmp_path, "ledger.csv", m.table(header, [["202401", "5001", "1", amount] for amount in amounts]))
    case = m.case(m.source("ledger", "ledger.csv", columns={name: name for name in header}, decimal=","))
    findings = {f.code: f for f in selection_findings(case, m.take_in(case, tmp_path, tmp_path / "out"))}
    assert ("amounts_two_ways" in findings) is is_told
    if is_told:
        assert dict(findings["amounts_two_ways"].facts) == {"rows_count": 1, "doubtful_count": 1}

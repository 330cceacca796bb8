"""What an option changes in the model and in the tickets, and what is kept of each world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.case.model import Entry, HandoffChange, LocalText, SourcingOption, TeamChange, Uncertain
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_parameters
from makeorbuy.projection.queue.effect import month_starts
from makeorbuy.projection.queue.model import DUE_DATE, QueueModel, Tickets
from makeorbuy.projection.queue.option_change import (
    COPY,
    changed_model,
    changed_tickets,
    uncertain_of,
)
from makeorbuy.projection.queue.outcome import outcome_of
from makeorbuy.projection.queue.simulate import simulate

from .test_calibrate import START, WEEK, WEEKS, a_log

END = 6 * WEEK

NONE_PASSED = np.zeros((4, 2))


def exactly(value: float, place: str = "case:options/x.yaml#n") -> Uncertain:
    return Uncertain("exact", (value,), None, None, place)


def an_option(**said: object) -> SourcingOption:
    words = LocalText("x", "x")
    blank = SourcingOption("x", words, words, "improved", ("a", "b"), None, None, None, None, (), (), {})
    return replace(blank, **said)  # type: ignore[arg-type]


def drawn(option: SourcingOption) -> dict[str, np.ndarray]:
    return {place: np.full(3, number.values[0]) for place, number in uncertain_of(option).items()}


@pytest.fixture(scope="module")
def two() -> tuple[Calibration, QueueModel]:
    """A log of two teams and two services: half of the tickets of `first` go on to `second`."""
    log = a_log()
    rng = np.random.default_rng(0)
    onward = (rng.random(log.ticket.size) < 0.5) & np.isfinite(log.gone)
    place = np.repeat(np.arange(log.ticket.size), 1 + onward)
    is_second = np.zeros(place.size, bool)
    is_second[1:] = place[1:] == place[:-1]
    half = log.entered + (log.gone - log.entered) / 2
    entered = np.where(is_second, half[place], log.entered[place])
    gone = np.where(onward[place] & ~is_second, half[place], log.gone[place])
    touched = np.where(is_second, entered, log.touched[place])
    is_first, is_last = ~is_second, np.append(~is_second[1:], True)
    made = replace(
        log, services=("a", "b"), teams=("first", "second"), ticket=log.ticket[place],
        worked_days=frozenset(range(4, 4 + WEEKS * 7 + 70)),
        team=is_second.astype(np.int64), service=onward[place].astype(np.int64), urgent=log.urgent[place],
        entered=entered, touched=touched, gone=gone, opened=log.opened[place], ended=log.ended[place],
        is_first=is_first, is_last=is_last, active_team=np.tile([0, 1], log.active_day.size),
        active_day=np.repeat(log.active_day, 2), active_people=np.repeat(log.active_people, 2),
    )  # fmt: skip
    calibration = calibrate(made, START)
    return calibration, draw_parameters(calibration, Streams(0), 0, END).model


def tickets(count: int = 400) -> Tickets:
    """Tickets of both services, ten of them open at the start."""
    opened = np.linspace(-9.5, END - 1, count)
    nothing = np.full(count, np.nan)
    kind = np.arange(count) % 4
    return Tickets(opened, kind, np.zeros(count, np.int64), np.arange(count), nothing, nothing)


def changed(two: tuple[Calibration, QueueModel], option: SourcingOption) -> QueueModel:
    return changed_model(two[1], two[0], option, drawn(option), 1, END)


def test_nothing_said_is_nothing_changed(two: tuple[Calibration, QueueModel]) -> None:
    model = changed(two, an_option())
    assert (model.work == two[1].work).all() and np.allclose(model.route, two[1].route)
    assert (model.shifts.people == two[1].shifts.people).all()
    own = changed_tickets(tickets(), ("a", "b"), ("first", "second"), an_option(), {}, 1, 0, NONE_PASSED)
    assert (own.opened == tickets().opened).all() and (own.team == tickets().team).all()


def test_factors_change_what_they_name_and_nothing_else(two: tuple[Calibration, QueueModel]) -> None:
    change = TeamChange(
        "second", people_factor=exactly(2.0), work_factor=exactly(0.5), stay_factor=exactly(0.25),
        handoff_factor=exactly(0.0), place="case:options/x.yaml#teams[1]", order="due_date",
    )  # fmt: skip
    model = changed(two, an_option(teams=(change,)))
    assert np.allclose(model.work[:, 1], two[1].work[:, 1] / 2)
    assert np.allclose(model.rest[:, 1], two[1].rest[:, 1] / 4)
    assert (model.work[:, 0] == two[1].work[:, 0]).all() and np.allclose(
        model.route[:, 0], two[1].route[:, 0]
    )
    people = [one.shifts.person_hours(2, END) for one in (two[1], model)]
    assert people[1][1] == pytest.approx(2 * people[0][1], rel=0.05) and people[1][0] == people[0][0]
    assert model.discipline.tolist()[:2] == [two[1].discipline[0], DUE_DATE]


def test_a_handoff_that_ends_ends_where_it_is(two: tuple[Calibration, QueueModel]) -> None:
    assert two[1].route[:, 0, 1].max() > 0.3
    option = an_option(handoffs=(HandoffChange("first", "second", exactly(0.0), "case:options/x.yaml#h"),))
    option = replace(option, handoffs=(replace(option.handoffs[0], factor=exactly(0.0)),))
    values = {"case:options/x.yaml#h.factor": np.zeros(3)}
    model = changed_model(two[1], two[0], option, values, 1, END)
    assert (model.route[:, 0, 1] == 0).all() and np.allclose(model.route.sum(axis=2), 1)


def test_a_team_that_is_taken_over_leaves_its_people_and_gets_no_ticket(
    two: tuple[Calibration, QueueModel],
) -> None:
    change = TeamChange("first", place="case:options/x.yaml#teams[1]", takes_over=("second",))
    option = an_option(teams=(change,))
    model = changed(two, option)
    before, after = (one.shifts.person_hours(2, END) for one in (two[1], model))
    assert after[0] == pytest.approx(before.sum(), rel=0.05) and after[1] == 0
    assert (model.route[:, :, 1] == 0).all()
    mine = changed_tickets(
        replace(tickets(), team=np.ones(400, np.int64)),
        ("a", "b"),
        ("first", "second"),
        option,
        {},
        1,
        0,
        NONE_PASSED,
    )
    assert (mine.team == 0).all()
    run = simulate(model, mine, END)
    assert run.begun[:, 1].sum() == 0 and run.begun[:, 0].sum() > 300


def test_longer_hours_spread_the_same_work_time(two: tuple[Calibration, QueueModel]) -> None:
    change = TeamChange("first", place="case:options/x.yaml#teams[1]", hours=(8 * 60, 16 * 60))
    model = changed(two, an_option(teams=(change,)))
    hours = model.shifts.time[model.shifts.team == 0] % 24
    on_duty = model.shifts.people[model.shifts.team == 0]
    assert set(hours[1:][on_duty[1:] > 0]) <= set(np.arange(8.0, 16.0))
    before, after = (one.shifts.person_hours(2, END)[0] for one in (two[1], model))
    assert after == pytest.approx(before, rel=0.1)


def test_the_first_weeks_are_thinner(two: tuple[Calibration, QueueModel]) -> None:
    place = "case:options/x.yaml#teams[1]"
    change = TeamChange(
        "first", people=exactly(20.0), first_people_factor=exactly(0.5), first_weeks=4, place=place
    )
    model = changed(two, an_option(teams=(change,)))
    own = model.shifts.team == 0
    first = model.shifts.people[own & (model.shifts.time < 24)]
    last = model.shifts.people[own & (model.shifts.time > 5 * WEEK)]
    assert first.max() == pytest.approx(10, abs=1) and (last.size == 0 or last.max() <= 20)
    assert model.shifts.people[own].max() == 20


@pytest.mark.parametrize("factor", [0.6, 1.4, 2.5, 7.0])
def test_demand_thins_or_copies_new_tickets_and_keeps_the_rest(factor: float) -> None:
    value = exactly(factor, "case:options/x.yaml#demand.a")
    option = an_option(demand={"a": value})
    given = tickets(4000)
    mine = changed_tickets(
        given, ("a", "b"), ("first", "second"), option, {value.place: np.full(3, factor)}, 1, 0, NONE_PASSED
    )
    own, new = mine.kind < 2, mine.opened >= 0
    assert (own & new).sum() / ((given.kind < 2) & (given.opened >= 0)).sum() == pytest.approx(
        factor, abs=0.05
    )
    assert (~new).sum() == (given.opened < 0).sum() and (~own).sum() == (given.kind >= 2).sum()
    assert (np.diff(np.maximum(mine.opened, 0)) >= 0).all() and np.unique(
        mine.number
    ).size == mine.number.size
    assert (mine.number[mine.number >= COPY].size > 0) == (factor > 1)


def test_one_desk_sees_new_tickets_first() -> None:
    option = an_option(entry=(Entry(("b",), "second"),))
    mine = changed_tickets(tickets(), ("a", "b"), ("first", "second"), option, {}, 1, 0, NONE_PASSED)
    new, other = mine.opened >= 0, mine.kind >= 2
    assert (mine.team[new & other] == 1).all() and (mine.team[~(new & other)] == 0).all()


def test_the_entry_team_passes_on_what_it_passes_on_today() -> None:
    option = an_option(entry=(Entry(("b",), "second"),))
    passed = np.zeros((4, 2))
    passed[2:, 1] = 0.7
    given = tickets(4000)
    mine = changed_tickets(given, ("a", "b"), ("first", "second"), option, {}, 1, 0, passed)
    moved = mine.team[(mine.opened >= 0) & (mine.kind >= 2)]
    assert set(moved.tolist()) == {1, 3} and (moved == 3).mean() == pytest.approx(0.7, abs=0.03)
    there = replace(given, team=np.ones(4000, np.int64))  # who is there first today, stays as it came
    mine = changed_tickets(there, ("a", "b"), ("first", "second"), option, {}, 1, 0, passed)
    assert (mine.team == 1).all()


def test_no_ticket_ends_where_its_service_never_ended(two: tuple[Calibration, QueueModel]) -> None:
    """Tickets of `b` end with `second` by definition, however many tickets of its own `first` ends."""
    log = replace(two[0].log, teams=("first", "second"), team=two[0].log.team % 2)
    few = (log.service == 1) & (log.ticket % 400 != 0)
    calibration = calibrate(
        replace(log, **{
            name: getattr(log, name)[~few]
            for name in ("ticket", "service", "urgent", "team", "entered", "touched", "gone", "opened",
                         "ended", "is_first", "is_last")
        }),
        START,
    )  # fmt: skip
    begun_first = (calibration.kind >= 2) & (calibration.log.team == 0)
    assert begun_first.sum() < 40
    model = draw_parameters(calibration, Streams(0), 0, END).model
    assert (model.route[2:, 0, -1] == 0).all() and np.allclose(model.route[2:, 0, 1], 1)
    # and what never came to a team goes home from there
    assert np.allclose(model.route[:2, 1, 0], 1)


def test_people_who_help_serve_the_other_queue(two: tuple[Calibration, QueueModel]) -> None:
    alone = changed(two, an_option(teams=(TeamChange("second", people_factor=exactly(0.01), place="p"),)))
    helped = changed(
        two,
        an_option(
            teams=(
                TeamChange("second", people_factor=exactly(0.01), place="p"),
                TeamChange("first", people_factor=exactly(3.0), place="q", helps=("second",)),
            )
        ),
    )
    given = tickets(3000)
    waits = [simulate(model, given, END).queue_hours[:, 1].sum() for model in (alone, helped)]
    assert waits[1] < waits[0]


def test_an_outcome_counts_every_ticket_once(two: tuple[Calibration, QueueModel]) -> None:
    given = tickets(2000)
    run = simulate(two[1], given, END)
    found = outcome_of(given, run, two[1], np.array([24.0, np.nan]), np.array([0.0, END]), 2, END, weeks=6)
    for week in range(7):
        there = (given.opened < week * WEEK) & (run.ended > week * WEEK)
        if week == 0:
            there = (given.opened < 0) & (run.ended > 0)
        assert found.backlog[:, week].sum() == there.sum()
    mine = (given.kind < 2) & (given.opened >= 0)
    assert found.within[0, 0] == pytest.approx((run.ended - given.opened <= 24)[mine].mean())
    assert np.isnan(found.within[1]).all()
    assert (found.worked_hours <= found.people_hours * 1.05).all()


def test_months_begin_on_their_first_day() -> None:
    starts = month_starts(24.0 * 31, 24.0 * 90)  # from 1970-02-01
    assert (starts / 24).tolist() == [0.0, 28.0, 59.0, 89.0]


def test_what_is_no_longer_passed_on_unread_is_begun(two: tuple[Calibration, QueueModel]) -> None:
    route = two[1].route.copy()
    route[1, 0] = route[1, 2] = [0.0, 0.3, 0.0, 0.1, 0.6]  # `first`, and what it passes on unread
    route[1, 2, -1], route[1, 2, 1] = 0.0, 0.9
    model = replace(two[1], route=route)
    change = TeamChange("first", handoff_factor=exactly(0.5), place="case:options/x.yaml#teams[1]")
    option = an_option(teams=(change,))
    then = changed_model(model, two[0], option, drawn(option), 1, END)
    assert then.route[1, 0].tolist() == pytest.approx([0.0, 0.15, 0.0, 0.05, 0.8])
    assert then.route[1, 2].tolist() == pytest.approx([0.5, 0.45, 0.0, 0.05, 0.0])


def test_a_run_beyond_the_weeks_shown_changes_neither_clearance_nor_busy_share(
    two: tuple[Calibration, QueueModel],
) -> None:
    """Weeks until teams work as stated can carry a run beyond the year that is shown."""
    given = tickets(2000)
    run = simulate(two[1], given, END)
    found = outcome_of(given, run, two[1], np.full(2, 24.0), np.array([0.0, 2 * WEEK]), 2, END, weeks=3)
    assert (found.worked_hours - found.overtime_hours <= found.people_hours * 1.001).all()
    half = outcome_of(given, simulate(two[1], given, 3 * WEEK), two[1], np.full(2, 24.0),
                      np.array([0.0, 2 * WEEK]), 2, 3 * WEEK, weeks=3)  # fmt: skip
    assert (found.backlog == half.backlog).all() and (found.within == half.within).all()

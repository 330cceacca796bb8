"""What the model can say of teams, each on a case that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import Blocks, Crews, QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.shifts import with_absence, with_holes
from makeorbuy.projection.queue.simulate import simulate

from .queue_making import always, one_team, teams_alike, tickets_of

LONG = 1e6
ALONE = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])


def shifts_of(*steps: tuple[float, int, int]) -> Shifts:
    """Return shifts of (time, crew, people)."""
    time, crew, people = zip(*steps, strict=True)
    return Shifts(np.array(time, float), np.array(crew), np.array(people))


def crews_of(skills: list[list[int]], rank: list[list[int]], **more: list[float]) -> Crews:
    count = len(skills)
    return Crews(
        np.array(skills), np.array(rank), np.array(more.get("pace", [1.0] * count)),
        np.array(more.get("finishes", [False] * count), bool),
    )  # fmt: skip


def tickets(
    opened: list[float],
    work: list[float],
    kind: list[int] | None = None,
    team: list[int] | None = None,
    **more: list[float],
) -> Tickets:
    made = tickets_of(np.array(opened, float), None, np.array(work, float))
    if kind is not None:
        made = replace(made, kind=np.array(kind))
    if team is not None:
        made = replace(made, team=np.array(team))
    return replace(made, **{name: np.array(values) for name, values in more.items()})


def test_a_crew_helps_another_team_when_its_own_has_nothing() -> None:
    model = replace(teams_alike([1, 1], ALONE), crews=crews_of([[1, 0], [1, 1]], [[0, 0], [1, 0]]))
    run = simulate(model, tickets([0.0, 1.0, 2.0, 2.5], [10.0, 4.0, 4.0, 4.0], team=[0, 0, 0, 1]), LONG)
    # the second crew takes the ticket of 1.0 at once; at 5.0 its own of 2.5 comes before the older one of 2.0
    assert run.ended.tolist() == [10.0, 5.0, 13.0, 9.0]
    assert run.worked.tolist() == [10.0, 12.0]
    assert run.queue_hours.tolist() == [[7.0, 2.5]]
    assert run.begun.tolist() == [[3, 1]]


def test_a_ticket_waits_for_somebody_with_its_skill() -> None:
    model = replace(
        one_team(1, levels=2), crews=crews_of([[1], [3]], [[0], [0]]), shifts=always([1, 1]),
        skill_of=np.array([0, 1]),
    )  # fmt: skip
    # the first crew knows only skill 0; the class of skill 1 waits for the second though the first is free
    run = simulate(model, tickets([0.0, 0.5, 1.0, 2.0], [1.0, 6.0, 2.0, 1.0], [0, 1, 1, 0]), LONG)
    assert run.ended.tolist() == [1.0, 6.5, 8.5, 3.0]


def test_a_slower_crew_takes_longer() -> None:
    model = replace(one_team(1), crews=crews_of([[1]], [[0]], pace=[1.5]), shifts=always([1]))
    run = simulate(model, tickets([0.0, 1.0], [2.0, 4.0]), LONG)
    assert run.ended.tolist() == [3.0, 9.0] and run.worked.tolist() == [9.0]


def test_only_so_many_levels_interrupt() -> None:
    model = replace(one_team(1, kernel.PRIORITY, 3), interrupts=np.array([1]))
    run = simulate(model, tickets([0.0, 1.0, 2.0], [10.0, 1.0, 1.0], [2, 1, 0]), LONG)
    assert run.ended.tolist() == [
        12.0,
        4.0,
        3.0,
    ]  # the most urgent interrupts; the middle one would end at 2 if it did


def test_an_urgent_ticket_of_the_night_interrupts_when_the_team_opens() -> None:
    model = replace(one_team(1, kernel.PREEMPTIVE, 2), shifts=shifts_of((0, 0, 1), (8, 0, 0), (16, 0, 1)))
    run = simulate(model, tickets([0.0, 10.0], [12.0, 1.0], [1, 0]), LONG)
    assert run.ended.tolist() == [21.0, 17.0]


def test_work_that_is_interrupted_is_taken_up_by_whoever_is_free() -> None:
    tables = np.ones((2, 2, 2))
    model = QueueModel(
        (QueueClass("a", 0), QueueClass("a", 1)), ("one", "two"), np.full(2, kernel.PREEMPTIVE), np.zeros(2),
        always([1, 1]), tables, tables, np.zeros((2, 2), bool), np.tile(ALONE, (2, 1, 1)),
        crews=crews_of([[1, 1], [0, 1]], [[0, 0], [0, 0]]),
    )  # fmt: skip
    # the first crew is at team 1's ticket when team 0's urgent one comes; the second, free, goes on with it
    run = simulate(model, tickets([0.0, 3.0], [10.0, 1.0], [1, 0], [1, 0]), LONG)
    assert run.ended.tolist() == [10.0, 4.0] and run.worked.tolist() == [4.0, 7.0]


def test_priority_and_among_equals_the_due_date() -> None:
    mixed = one_team(1, kernel.MIXED, 2)
    mixed = replace(mixed, classes=(QueueClass("a", 0), QueueClass("b", 1), QueueClass("c", 1)),
                    work=np.tile(mixed.work[:1], (3, 1, 1)), rest=np.tile(mixed.rest[:1], (3, 1, 1)),
                    has_rest=np.zeros((3, 1), bool), route=np.tile(mixed.route[:1], (3, 1, 1)))  # fmt: skip
    opened, kind = [0.0, 1.0, 2.0, 3.0, 4.0], [1, 1, 2, 0, 2]
    run = simulate(mixed, tickets(opened, [10.0] * 5, kind), LONG, targets=(500.0, 100.0, 5.0))
    assert run.ended.tolist() == [10.0, 50.0, 30.0, 20.0, 40.0]


def test_nobody_begins_what_is_blocked() -> None:
    model = replace(
        one_team(1, levels=2), skill_of=np.array([0, 1]),
        blocks=Blocks(np.array([1.0, 4.0]), np.array([5.0, 9.0]), np.zeros(2, int), np.ones(2, int)),
    )  # fmt: skip
    run = simulate(model, tickets([0.5, 2.0, 3.0], [2.0, 1.0, 1.0], [1, 1, 0]), LONG)
    assert run.ended.tolist() == [2.5, 10.0, 4.0]  # what is in hand goes on; the blocks touch until 9


def test_the_clock_of_a_service_level_stands_still() -> None:
    model = replace(
        one_team(5, levels=2, work=np.ones(2)), rest=np.full((2, 1, 2), 6.0), has_rest=np.ones((2, 1), bool),
        pauses=np.ones((2, 1), bool), hours_of=np.array([-1, 0]),
        service_hours=shifts_of((0, 0, 0), (8, 0, 1), (16, 0, 0), (32, 0, 1), (40, 0, 0)),
    )  # fmt: skip
    run = simulate(model, tickets([7.5, 7.5, 15.5], [1.0, 1.0, 1.0], [0, 1, 1]), 100.0)
    # an hour of work, five of waiting for the user, and the end
    assert run.ended.tolist() == [13.5, 13.5, 21.5]
    assert run.paused is not None and run.paused.tolist() == [5.0, 5.0, 5.0]
    assert run.counted is not None and run.counted.tolist() == [1.0, 0.5, 0.5]


def test_a_clock_goes_on_from_what_it_showed() -> None:
    model = replace(one_team(1, levels=2), pauses=np.ones((2, 1), bool))
    there = tickets([-10.0, -4.0], [3.0, 3.0], [0, 1], counted=[2.5, 4.0])
    run = simulate(model, there, LONG)
    assert run.counted is not None and run.counted.tolist() == [5.5, 10.0]
    run = simulate(model, replace(there, counted=None), 5.0)
    assert run.counted is not None and run.counted.tolist() == [13.0, 9.0]  # its age, and open at the end


def test_busy_people_are_busy_at_the_start() -> None:
    there = tickets([-9.0, -5.0, 1.0], [4.0, 2.0, 1.0], in_hand=[False, True, False], visit=[0, 3, 0])
    run = simulate(one_team(1), there, LONG)
    assert run.ended.tolist() == [6.0, 2.0, 7.0]  # the younger is in hand already
    assert run.visits.tolist() == [1, 4, 1]
    closed = replace(one_team(1), shifts=shifts_of((0, 0, 0), (8, 0, 1)))
    assert simulate(closed, there, LONG).ended.tolist() == [14.0, 10.0, 15.0]


def test_overtime_is_what_more_than_those_on_duty_work() -> None:
    plan = shifts_of((0, 0, 2), (4, 0, 1), (6, 0, 0), (12, 0, 2))
    run = simulate(replace(one_team(1), shifts=plan), tickets([0.0, 0.0], [5.0, 20.0]), LONG)
    # from 4 to 5 two work where one is on duty; at 6 the other lays it aside until 12
    assert run.overtime.tolist() == [1.0] and run.ended.tolist() == [5.0, 26.0]
    stays = replace(one_team(1), crews=crews_of([[1]], [[0]], finishes=[True]), shifts=plan)
    run = simulate(stays, tickets([0.0, 0.0], [5.0, 8.0]), LONG)
    assert run.overtime.tolist() == [1.0 + 2.0] and run.ended.tolist() == [5.0, 8.0]
    assert run.worked.tolist() == [13.0]


def test_people_are_away_by_person_and_day() -> None:
    days = np.arange(400) * 24.0
    plan = Shifts(
        np.stack([days, days + 8, days + 16], 1).ravel(), np.zeros(1200, int), np.tile([0, 10, 0], 400)
    )
    away = with_absence(plan, np.array([0.2]), 9600.0, seed=4, replication=3)
    on_duty = away.people[away.people > 0]
    assert on_duty.mean() == pytest.approx(8.0, abs=4.5 * (10 * 0.16 / 400) ** 0.5)
    assert on_duty.var() == pytest.approx(1.6, rel=0.4)
    more = with_absence(replace(plan, people=plan.people * 2), np.array([0.2]), 9600.0, seed=4, replication=3)
    assert (more.people >= away.people).all()  # the first ten are away on the same days
    other = with_absence(plan, np.array([0.2]), 9600.0, seed=4, replication=4)
    assert (other.people != away.people).any()
    nights = with_absence(shifts_of((0, 0, 5)), np.array([0.5]), 240.0, seed=1, replication=1)
    assert nights.time.tolist() == (np.arange(10) * 24.0).tolist()  # a night shift changes at midnight
    late = with_absence(shifts_of((0, 0, 5)), np.array([0.5]), 60.0, seed=1, replication=1, midnight=4.0)
    assert late.time.tolist() == [0.0, 4.0, 28.0, 52.0]


def test_holes_close_a_team_and_no_other() -> None:
    plan = shifts_of((0, 0, 3), (0, 1, 2), (10, 0, 5))
    found = with_holes(plan, np.array([4.0, 6.0]), np.array([8.0, 12.0]), np.zeros(2, int))
    of_first = found.people[found.team == 0].tolist(), found.time[found.team == 0].tolist()
    assert of_first == ([3, 0, 0, 0, 0, 5], [0.0, 4.0, 6.0, 8.0, 10.0, 12.0])
    assert found.people[found.team == 1].tolist() == [2]
    assert found.person_hours(2, 20.0).tolist() == [4 * 3 + 8 * 5, 40.0]


BAD: list[tuple[str, dict[str, object]]] = [
    ("sum to one", {"route": np.array([[[0.5, 0.4]]])}),
    ("must not fall", {"work": np.array([[[2.0, 1.0]]])}),
    ("discipline is unknown", {"discipline": np.array([7])}),
    ("does not exist", {"shifts": always([1, 1])}),
    ("crews do not fit", {"crews": crews_of([[1, 1]], [[0, 0]])}),
    ("does not fit", {"pauses": np.zeros((2, 1), bool)}),
    ("skills are", {"skill_of": np.array([63])}),
    ("only a team that goes by priority", {"interrupts": np.array([1])}),
    ("not given", {"hours_of": np.array([0])}),
    ("block names a team", {"blocks": Blocks(np.zeros(1), np.ones(1), np.array([1]), np.zeros(1, int))}),
    ("levels begin", {"classes": (QueueClass("a", -1),)}),
]


@pytest.mark.parametrize(("says", "change"), BAD, ids=[says for says, _ in BAD])
def test_what_does_not_fit_is_refused_before_the_loop(says: str, change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=says):
        replace(one_team(1), **change)


def test_so_are_shifts_crews_blocks_and_tickets() -> None:
    with pytest.raises(ValueError, match="order of time"):
        shifts_of((5, 0, 1), (2, 0, 1))
    with pytest.raises(ValueError, match="not be negative"):
        shifts_of((0, 0, -1))
    with pytest.raises(ValueError, match="pace must be positive"):
        crews_of([[1]], [[0]], pace=[0.0])
    with pytest.raises(ValueError, match="not end before"):
        Blocks(np.ones(1), np.zeros(1), np.zeros(1, int), np.zeros(1, int))
    with pytest.raises(ValueError, match="in order of entering"):
        simulate(one_team(1), tickets([3.0, 2.0], [1.0, 1.0]), LONG)
    with pytest.raises(ValueError, match="class or team"):
        simulate(one_team(1), tickets([0.0], [1.0], [1]), LONG)
    with pytest.raises(ValueError, match="class or team"):
        simulate(one_team(1), tickets([0.0], [1.0], team=[-1]), LONG)

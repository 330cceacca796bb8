"""Laws that hold on every path, exact oracles, and changes whose effect is known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import Blocks, Crews, QueueClass, QueueModel, Run, Shifts, Tickets
from makeorbuy.projection.queue.simulate import simulate

from .queue_making import EXPONENTIAL, always, one_team, poisson, teams_alike, tickets_of

LONG = 1e9
DISCIPLINES = [kernel.FIRST_COME, kernel.PRIORITY, kernel.PREEMPTIVE, kernel.DUE_DATE, kernel.MIXED]
TARGETS = (2.0, 20.0, 200.0)


def office(weeks: int, people: list[int], begins: float = 8.0, ends: float = 16.0) -> Shifts:
    """Return five days a week from one hour to another."""
    days = np.arange(weeks * 7)[np.arange(weeks * 7) % 7 < 5] * 24.0
    time = np.concatenate(([0.0], np.stack([days + begins, days + ends], axis=1).ravel()))
    is_open = np.concatenate(([0], np.tile([1, 0], days.size)))
    teams = len(people)
    return Shifts(
        np.repeat(time, teams), np.tile(np.arange(teams), time.size), (is_open[:, None] * people).ravel()
    )


def everything(discipline: int) -> QueueModel:
    """Return a model with all that the loop knows: skills, hours, rework, stays, clocks, blocks."""
    route = np.array([[0.0, 0.4, 0.6], [0.2, 0.0, 0.8]])[None].repeat(3, axis=0)
    work = np.stack([EXPONENTIAL, 2 * EXPONENTIAL])[None].repeat(3, axis=0)
    by_level = discipline in (kernel.PRIORITY, kernel.PREEMPTIVE, kernel.MIXED)
    return QueueModel(
        tuple(QueueClass("a", level) for level in range(3)),
        ("one", "two"),
        np.full(2, discipline),
        np.array([0.2, 0.0]),
        office(60, [9, 7, 3]),
        work,
        10 * work,
        np.array([[True, False]] * 3),
        route,
        crews=Crews(
            np.array([[3, 0], [0, 3], [1, 1]]),
            np.array([[0, 0], [0, 0], [0, 1]]),
            np.array([1.0, 1.1, 0.9]),
            np.array([False, False, True]),
        ),
        skill_of=np.array([0, 1, 0]),
        interrupts=np.full(2, 1 if by_level else 0),
        pauses=np.array([[True, False]] * 3),
        service_hours=office(60, [1], 7.0, 17.0),
        hours_of=np.array([-1, 0, 0]),
        blocks=Blocks(np.array([50.0, 400.0]), np.array([60.0, 450.0]), np.array([0, 1]), np.array([1, 0])),
    )


def some_tickets(count: int = 12_000, rate: float = 3.0) -> Tickets:
    """Return tickets of three classes, two hundred of them there at the start, some in hand."""
    rng = np.random.default_rng(3)
    there = 200
    opened = np.concatenate(
        (-np.sort(-rng.random(there) * -90.0), np.cumsum(rng.exponential(1 / rate, count)))
    )
    made = tickets_of(opened, rng.integers(0, 3, opened.size))
    in_hand = np.zeros(opened.size, bool)
    in_hand[:5] = True
    rest = np.full(opened.size, np.nan)
    rest[5:40] = rng.exponential(30.0, 35)
    return replace(made, team=(rng.random(opened.size) < 0.3).astype(np.int64), in_hand=in_hand, rest=rest)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_little_and_the_accounts_on_every_path(discipline: int) -> None:
    model, tickets = everything(discipline), some_tickets()
    entered = np.maximum(tickets.opened, 0.0)
    for end in (30.0, 777.7, 3_000.0, 60 * 168.0):
        run = simulate(model, tickets, end, seed=5, targets=TARGETS)
        inside = entered < end
        stayed = np.minimum(run.ended, end)[inside] - entered[inside]
        # Little: the integral of those present, event by event, is the sum of their times
        assert run.ticket_hours == pytest.approx(stayed.sum(), rel=1e-9)
        assert (run.ended[np.isfinite(run.ended)] <= end).all()
        assert run.visits.sum() == run.begun.sum()
        assert run.waited.sum() <= run.queue_hours.sum() + 1e-6
        assert (run.worked >= -1e-9).all() and (run.overtime >= -1e-9).all()
        free = model.shifts.person_hours(3, end) + run.overtime - run.worked
        assert (free >= -1e-6).all()  # nobody works more than those on duty and their overtime
        assert run.counted is not None and run.paused is not None
        all_hours = inside & (tickets.kind == 0)
        age = np.minimum(run.ended, end) - tickets.opened
        assert (run.counted + run.paused)[all_hours] == pytest.approx(age[all_hours], abs=1e-6)
        assert (run.counted[inside] <= age[inside] + 1e-6).all() and (run.counted[inside] >= -1e-6).all()
    assert np.isfinite(run.ended).all()
    assert run.waited.sum() == pytest.approx(run.queue_hours.sum(), rel=1e-9)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_one_person_has_as_much_left_to_do_whatever_the_order(discipline: int) -> None:
    """The path of unfinished work: what has come less what has been worked, at four hundred moments."""
    rng = np.random.default_rng(2)
    opened, work = poisson(0.9, 4_000, 8), rng.exponential(1.0, 4_000)
    kind = rng.integers(0, 3, opened.size)
    for end in np.linspace(3.0, opened[-1] + 30.0, 400):
        first_come = simulate(one_team(1), tickets_of(opened, work=work), end)
        other = simulate(one_team(1, discipline, 3), tickets_of(opened, kind, work), end, targets=TARGETS)
        assert other.worked[0] == pytest.approx(first_come.worked[0], abs=1e-9 * max(end, 1.0))
    run = simulate(one_team(1, discipline, 3), tickets_of(opened, kind, work), LONG, targets=TARGETS)
    assert (run.ended - opened) == pytest.approx(run.waited + work, abs=1e-6)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_nobody_is_idle_while_a_ticket_waits(discipline: int) -> None:
    """At each of many moments a team with a queue has all its people at work."""
    rng = np.random.default_rng(6)
    opened, work = poisson(2.8, 3_000, 9), rng.exponential(1.0, 3_000)
    kind = rng.integers(0, 3, opened.size)
    model, tickets = one_team(3, discipline, 3), tickets_of(opened, kind, work)
    for end in np.linspace(5.0, opened[-1], 60):
        now, soon = (simulate(model, tickets, moment, targets=TARGETS) for moment in (end, end + 1e-7))
        present = int((opened <= end).sum() - np.isfinite(now.ended).sum())
        assert (soon.worked - now.worked)[0] / 1e-7 == pytest.approx(min(present, 3), abs=0.01)


def test_an_hour_is_as_long_as_another() -> None:
    """Hours or 64ths of hours: a power of two, so to the last bit."""
    model, tickets = everything(kernel.PREEMPTIVE), some_tickets()
    factor = 64.0

    def slow(shifts: Shifts) -> Shifts:
        return replace(shifts, time=shifts.time * factor)

    assert model.service_hours is not None and model.blocks is not None
    scaled = replace(
        model,
        shifts=slow(model.shifts),
        work=model.work * factor,
        rest=model.rest * factor,
        service_hours=slow(model.service_hours),
        blocks=replace(model.blocks, begins=model.blocks.begins * factor, ends=model.blocks.ends * factor),
    )
    there = replace(tickets, opened=tickets.opened * factor, rest=tickets.rest * factor)
    one = simulate(model, tickets, 5_000.0, seed=1)
    other = simulate(scaled, there, 5_000.0 * factor, seed=1)
    assert np.array_equal(one.ended * factor, other.ended)
    assert np.array_equal(one.waited * factor, other.waited)
    assert one.counted is not None and other.counted is not None
    assert np.array_equal(one.counted * factor, other.counted)


def test_teams_by_other_numbers_are_the_same_teams() -> None:
    model, tickets = everything(kernel.PRIORITY), some_tickets()
    assert model.crews is not None and model.blocks is not None
    swap = np.array([1, 0])
    ends = np.array([1, 0, 2])
    other = replace(
        model,
        teams=model.teams[::-1],
        newest_first=model.newest_first[swap],
        work=model.work[:, swap],
        rest=model.rest[:, swap],
        has_rest=model.has_rest[:, swap],
        route=model.route[:, swap][:, :, ends],
        crews=replace(model.crews, skills=model.crews.skills[:, swap], rank=model.crews.rank[:, swap]),
        pauses=model.pauses[:, swap] if model.pauses is not None else None,
        blocks=replace(model.blocks, team=swap[model.blocks.team]),
    )
    before = simulate(model, tickets, 5_000.0, seed=1)
    after = simulate(other, replace(tickets, team=swap[tickets.team]), 5_000.0, seed=1)
    # the next team is drawn along the columns, so luck is the same only where there is one way on and the end
    assert np.array_equal(before.visits, after.visits)
    assert np.array_equal(before.ended, after.ended)
    assert np.array_equal(before.queue_hours, after.queue_hours[:, swap])


def test_a_class_split_in_two_like_ones_changes_nothing() -> None:
    model, tickets = everything(kernel.MIXED), some_tickets()
    split = np.array([0, 1, 2, 2])
    assert model.skill_of is not None and model.hours_of is not None and model.pauses is not None
    other = replace(
        model,
        classes=tuple(model.classes[one] for one in split),
        work=model.work[split],
        rest=model.rest[split],
        has_rest=model.has_rest[split],
        route=model.route[split],
        skill_of=model.skill_of[split],
        pauses=model.pauses[split],
        hours_of=model.hours_of[split],
    )
    kind = np.where((tickets.kind == 2) & (np.arange(tickets.kind.size) % 2 == 0), 3, tickets.kind)
    before = simulate(model, tickets, 5_000.0, seed=1, targets=TARGETS)
    after = simulate(other, replace(tickets, kind=kind), 5_000.0, seed=1, targets=(*TARGETS, TARGETS[2]))
    assert np.array_equal(before.ended, after.ended)
    assert before.begun[2].tolist() == (after.begun[2] + after.begun[3]).tolist()


@pytest.mark.parametrize("people", [1, 2, 3, 7])
def test_one_more_person_never_hurts_first_come_first_served(people: int) -> None:
    opened = poisson(0.9 * people, 20_000, people)
    few = simulate(one_team(people), tickets_of(opened), LONG, seed=2)
    more = simulate(one_team(people + 1), tickets_of(opened), LONG, seed=2)
    assert (more.ended <= few.ended).all() and (more.waited <= few.waited).all()


def test_a_crew_that_nobody_needs_changes_nothing() -> None:
    model, tickets = everything(kernel.PRIORITY), some_tickets()
    assert model.crews is not None
    crews = model.crews
    idle = replace(
        model,
        crews=Crews(
            np.vstack((crews.skills, [[4, 4]])),
            np.vstack((crews.rank, [[0, 0]])),
            np.append(crews.pace, 1.0),
            np.append(crews.finishes, False),
        ),
        shifts=Shifts(
            np.append(0.0, model.shifts.time),
            np.append(3, model.shifts.team),
            np.append(5, model.shifts.people),
        ),
    )
    before, after = (simulate(one, tickets, 5_000.0, seed=1) for one in (model, idle))
    assert np.array_equal(before.ended, after.ended) and after.worked[3] == 0.0


def test_services_together_are_the_sum_of_services_apart() -> None:
    """Two services that share nobody: simulated in one model or in two, the same tickets end alike."""
    opened = poisson(5.0, 8_000, 4)
    team = np.random.default_rng(4).integers(0, 2, opened.size)
    alone = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])
    together = simulate(teams_alike([3, 3], alone), replace(tickets_of(opened), team=team), LONG, seed=8)
    for one in (0, 1):
        own = team == one
        part = replace(tickets_of(opened[own]), number=np.flatnonzero(own))
        apart = simulate(one_team(3), part, LONG, seed=8)
        assert np.array_equal(together.ended[own], apart.ended)
        assert together.queue_hours[0, one] == apart.queue_hours[0, 0]
    assert together.ticket_hours == pytest.approx(float((together.ended - opened).sum()))


def test_two_teams_served_by_the_same_people_are_one_team() -> None:
    opened, work = poisson(4.5, 20_000, 5), np.random.default_rng(5).exponential(1.0, 20_000)
    team = np.random.default_rng(6).integers(0, 2, opened.size)
    alone = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])
    shared = replace(
        teams_alike([5, 0], alone),
        crews=Crews(np.array([[1, 1]]), np.array([[0, 0]]), np.ones(1), np.zeros(1, bool)),
        shifts=always([5]),
    )
    both = simulate(shared, replace(tickets_of(opened, work=work), team=team), LONG)
    one = simulate(one_team(5), tickets_of(opened, work=work), LONG)
    assert np.array_equal(both.ended, one.ended)


def test_later_tickets_change_nothing_before_them() -> None:
    """No ticket looks ahead: Prosimos lets urgent ones of tomorrow go before others of today."""
    model, tickets = everything(kernel.PREEMPTIVE), some_tickets()
    cut = 1_000
    few = Tickets(
        *(
            getattr(tickets, name)[:cut]
            for name in ("opened", "kind", "team", "number", "work", "rest", "in_hand")
        )
    )
    until = float(tickets.opened[cut])
    before, after = simulate(model, few, until, seed=3), simulate(model, tickets, until, seed=3)
    assert np.array_equal(before.ended, after.ended[:cut])


@pytest.mark.parametrize("people", [1, 3, 8])
@pytest.mark.filterwarnings("ignore")
def test_ciw_fed_the_same_numbers_gives_the_same_bits(people: int) -> None:
    ciw = pytest.importorskip("ciw")
    rng = np.random.default_rng(people)
    gaps, work = rng.exponential(1 / (0.9 * people), 1_500), rng.exponential(1.0, 1_500)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, np.inf])],
        service_distributions=[ciw.dists.Sequential(work)],
        number_of_servers=[people],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e5)
    rows = sorted(simulation.get_all_records(), key=lambda row: row.id_number)
    run = simulate(one_team(people), tickets_of(np.cumsum(gaps), work=work), LONG)
    assert run.waited.tolist() == [row.waiting_time for row in rows]
    assert run.ended.tolist() == [row.exit_date for row in rows]


@pytest.mark.filterwarnings("ignore")
def test_ciw_with_priorities_and_two_teams_gives_the_same_bits() -> None:
    """Fixed work by team, so that both serve the same numbers whatever the order."""
    ciw = pytest.importorskip("ciw")
    rng = np.random.default_rng(9)
    gaps = [rng.exponential(1 / rate, 700) for rate in (0.9, 1.3)]
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Sequential([*own, np.inf]), None]
            for name, own in zip(("Class 0", "Class 1"), gaps, strict=True)
        },
        service_distributions={
            name: [ciw.dists.Deterministic(0.8), ciw.dists.Deterministic(1.1)]
            for name in ("Class 0", "Class 1")
        },
        routing={name: [[0.0, 1.0], [0.0, 0.0]] for name in ("Class 0", "Class 1")},
        priority_classes={"Class 0": 0, "Class 1": 1},
        number_of_servers=[2, 3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e5)
    theirs: dict[tuple[int, float], float] = {}
    opened: dict[int, float] = {}
    for row in simulation.get_all_records():
        if row.node == 1:
            opened[row.id_number] = row.arrival_date
    for row in simulation.get_all_records():
        if row.node == 2:
            theirs[int(row.customer_class[-1]), opened[row.id_number]] = row.exit_date
    moments = np.concatenate([np.cumsum(own) for own in gaps])
    kind = np.repeat([0, 1], 700)
    order = np.argsort(moments)
    route = np.array([[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]] * 2)
    work = np.tile(np.array([[0.8], [1.1]]) * np.ones(2), (2, 1, 1))
    model = QueueModel(
        (QueueClass("a", 0), QueueClass("a", 1)),
        ("one", "two"),
        np.full(2, kernel.PRIORITY),
        np.zeros(2),
        always([2, 3]),
        work,
        work,
        np.zeros((2, 2), bool),
        route,
    )
    run = simulate(model, tickets_of(moments[order], kind[order]), LONG)
    ours = dict(
        zip(zip(kind[order].tolist(), moments[order].tolist(), strict=True), run.ended.tolist(), strict=True)
    )
    assert ours == theirs


def test_a_run_to_the_end_is_a_run_to_the_middle_and_on() -> None:
    """What has ended by a moment does not depend on how long the run goes on."""
    model, tickets = everything(kernel.MIXED), some_tickets()
    whole: Run = simulate(model, tickets, 4_000.0, seed=1, targets=TARGETS)
    part = simulate(model, tickets, 1_000.0, seed=1, targets=TARGETS)
    early = whole.ended <= 1_000.0
    assert np.array_equal(part.ended[early], whole.ended[early])
    assert np.isinf(part.ended[~early]).all()

"""The queue simulation beside SimPy, Ciw, Prosimos and the Kiefer-Wolfowitz recursion, in one run.

``python benchmarks/queue_simulation.py [TICKETS] [PYTHON_WITH_PROSIMOS]``. A: ten people, first come first
served, load 0.9. B: three classes by priority, two teams, hand-overs and rework. Y: a year of 100,000 tickets
with office hours, holidays and absence, three priorities of which the first interrupts, rework, outages that
close a team and block a class, and 500 tickets at the start of which some are in hand; Y+ with stays that
pause the clocks of service levels. W: a million tickets through fifty teams. Times are processor times, the
least of several runs: other work on the machine moves them less than wall time. Needs numba, joblib, simpy
and ciw.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import simpy
from numba import njit

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.log_distance import EventLog, distances
from makeorbuy.projection.queue.model import Blocks, QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.paired import in_the_same_worlds
from makeorbuy.projection.queue.shifts import with_absence, with_holes
from makeorbuy.projection.queue.simulate import quantile_table, replicate, simulate

EXPONENTIAL = quantile_table(lambda share: -np.log1p(-share), 1.0)
SHARES, ONWARD, AGAIN = (0.1, 0.3, 0.6), (0.6, 0.4, 0.25), 0.1
RATE_A, RATE_B = 9.0, 7.0


def seconds(work: Callable[[], Any], runs: int = 9) -> float:
    """Return the least time of some work, after one run that does not count."""
    work()
    return once(work, runs)


def once(work: Callable[[], Any], runs: int = 1) -> float:
    """Return the least time of some work: of this thread alone, whatever else the machine does."""
    times = []
    for _ in range(runs):
        begin = time.thread_time()
        work()
        times.append(time.thread_time() - begin)
    return min(times)


@njit(nogil=True)
def recursion(enter: Any, work: Any, people: Any) -> Any:
    """Return the mean wait: Kiefer and Wolfowitz 1955, a heap of the moments at which people are free."""
    free = np.zeros(people)
    total = 0.0
    for ticket in range(enter.size):
        begins = max(enter[ticket], free[0])
        total += begins - enter[ticket]
        value = begins + work[ticket]
        place = 0
        while True:
            below = 2 * place + 1
            if below >= people:
                break
            if below + 1 < people and free[below + 1] < free[below]:
                below += 1
            if free[below] >= value:
                break
            free[place] = free[below]
            place = below
        free[place] = value
    return total / enter.size


def tickets(rate: float, count: int, shares: tuple[float, ...] = (1.0,), there: int = 0) -> Tickets:
    """Return tickets as they come, some of them there at the start."""
    rng = np.random.default_rng(1)
    opened = np.concatenate(
        (-np.sort(-rng.random(there) * -100.0), np.cumsum(rng.exponential(1 / rate, count)))
    )
    kind = rng.choice(len(shares), opened.size, p=shares)
    nothing = np.full(opened.size, np.nan)
    return Tickets(
        opened, kind, np.zeros(opened.size, np.int64), np.arange(opened.size), nothing, nothing
    )  # fmt: skip


def one_team() -> QueueModel:
    """Return model A."""
    return QueueModel(
        (QueueClass("a", 0),), ("one",), np.zeros(1, np.int64), np.zeros(1),
        Shifts(np.zeros(1), np.zeros(1, np.int64), np.array([10])), EXPONENTIAL[None, None],
        EXPONENTIAL[None, None], np.zeros((1, 1), bool), np.array([[[0.0, 1.0]]]),
    )  # fmt: skip


def two_teams(shifts: Shifts, discipline: int) -> QueueModel:
    """Return models B and Y."""
    route = np.array([[[0.0, go, 1 - go], [AGAIN, 0.0, 1 - AGAIN]] for go in ONWARD])
    work = np.stack([EXPONENTIAL, 2 * EXPONENTIAL])[None].repeat(3, axis=0)
    return QueueModel(
        tuple(QueueClass("a", level) for level in range(3)), ("one", "two"), np.full(2, discipline),
        np.zeros(2), shifts, work, work, np.zeros((3, 2), bool), route,
    )  # fmt: skip


def office_hours(weeks: int) -> Shifts:
    """Return five days of eight hours a week, eleven and nineteen people."""
    days = np.arange(weeks * 7)[np.arange(weeks * 7) % 7 < 5] * 24.0
    time = np.concatenate(([0.0], np.stack([days + 8, days + 16], axis=1).ravel()))
    people = np.concatenate(([0], np.tile([1, 0], days.size)))
    return Shifts(
        np.repeat(time, 2), np.tile([0, 1], time.size), (people[:, None] * np.array([80, 68])).ravel()
    )


def simpy_model(count: int, classes: bool) -> None:
    """Run A or B in SimPy."""
    rng = random.Random(1)
    world = simpy.Environment()
    first = simpy.PriorityResource(world, 8 if classes else 10)
    second = simpy.PriorityResource(world, 6)

    def ticket(level: int) -> Any:
        while True:
            with first.request(priority=level) as place:
                yield place
                yield world.timeout(rng.expovariate(1.0))
            if not classes or rng.random() >= ONWARD[level]:
                return
            with second.request(priority=level) as place:
                yield place
                yield world.timeout(rng.expovariate(0.5))
            if rng.random() >= AGAIN:
                return

    def source() -> Any:
        for _ in range(count):
            yield world.timeout(rng.expovariate(RATE_B if classes else RATE_A))
            level = rng.choices((0, 1, 2), SHARES)[0] if classes else 0
            world.process(ticket(level))

    world.process(source())
    world.run()


def ciw_model(count: int, classes: bool) -> None:
    """Run A or B in Ciw."""
    exponential = ciw.dists.Exponential
    if classes:
        network = ciw.create_network(
            arrival_distributions={
                f"Class {level}": [exponential(RATE_B * share), None] for level, share in enumerate(SHARES)
            },
            service_distributions={
                f"Class {level}": [exponential(1.0), exponential(0.5)] for level in range(3)
            },
            routing={f"Class {level}": [[0.0, go], [AGAIN, 0.0]] for level, go in enumerate(ONWARD)},
            priority_classes={f"Class {level}": level for level in range(3)},
            number_of_servers=[8, 6],
        )
    else:
        network = ciw.create_network(
            arrival_distributions=[exponential(RATE_A)], service_distributions=[exponential(1.0)],
            number_of_servers=[10],
        )  # fmt: skip
    ciw.seed(1)
    ciw.Simulation(network).simulate_until_max_customers(count, method="Finish")


YEAR = 52 * 168.0


def year_model(number: int, people: tuple[int, int] = (0, 0), quicker: float = 1.0) -> QueueModel:
    """Return model Y: everything that happens in a year."""
    base = office_hours(54)
    more = np.array(people)[base.team]
    shifts = replace(base, people=np.where(base.people > 0, base.people + more, 0))
    shifts = with_absence(shifts, np.array([0.08, 0.08]), YEAR, seed=5, replication=number)
    week = np.arange(1, 50) * 168.0
    shifts = with_holes(shifts, week + 34.0, week + 37.0, np.arange(49) % 2)
    holiday = np.arange(1, 9) * 35 * 24.0
    shifts = with_holes(shifts, np.repeat(holiday, 2), np.repeat(holiday + 24, 2), np.tile([0, 1], 8))
    model = two_teams(shifts, kernel.PRIORITY)
    return replace(
        model,
        work=model.work * quicker,
        interrupts=np.array([1, 1]),
        skill_of=np.array([0, 0, 1]),
        blocks=Blocks(week + 34.0, week + 40.0, np.zeros(49, np.int64), np.ones(49, np.int64)),
    )


def with_clocks(model: QueueModel) -> QueueModel:
    """Return model Y+: stays after the second team's work, on paused clocks of office hours."""
    base = office_hours(54)
    own = base.team == 0
    return replace(
        model,
        rest=np.stack([EXPONENTIAL, 20 * EXPONENTIAL])[None].repeat(3, axis=0),
        has_rest=np.array([[False, True]] * 3),
        pauses=np.ones((3, 2), bool),
        service_hours=Shifts(base.time[own], base.team[own], np.minimum(base.people[own], 1)),
        hours_of=np.array([-1, 0, 0]),
    )


def year_tickets(number: int) -> Tickets:
    """Return a year of tickets, 500 there at the start and 40 of them in hand."""
    rng = np.random.default_rng([1, number])
    there = np.sort(rng.random(500) * -100.0)
    opened = np.concatenate((there, np.cumsum(rng.exponential(8760 / 100_000, 100_000))))
    kind = rng.choice(3, opened.size, p=SHARES)
    nothing, none = np.full(opened.size, np.nan), np.zeros(opened.size, np.int64)
    return Tickets(
        opened, kind, none, np.arange(opened.size), nothing, nothing, in_hand=np.arange(opened.size) < 40
    )


OPTIONS = [((0, 0), 1.0), ((2, 0), 1.0), ((0, 2), 1.0), ((2, 2), 1.0), ((-1, 0), 1.0)]
OPTIONS += [(people, 0.97) for people, _ in OPTIONS]


def ten_options(number: int) -> np.ndarray:
    """Return mean times of ten options in one world: tickets up to the end of the year, each to now."""
    given = year_tickets(number)
    rows = []
    for people, quicker in OPTIONS:
        run = simulate(year_model(number, people, quicker), given, YEAR, seed=3, replication=number)
        rows.append([(np.minimum(run.ended, YEAR) - given.opened)[given.opened < YEAR].mean()])
    return np.array(rows)


def fifty_teams() -> tuple[QueueModel, Tickets]:
    """Return model W: a million tickets, a third of which go on to another of fifty teams."""
    teams, count, rng = 50, 1_000_000, np.random.default_rng(2)
    route = np.full((1, teams, teams + 1), 0.25 / teams)
    route[:, :, -1] = 0.75
    model = QueueModel(
        (QueueClass("a", 0),), tuple(map(str, range(teams))), np.zeros(teams, np.int64), np.zeros(teams),
        Shifts(np.zeros(teams), np.arange(teams), np.full(teams, 10)), np.tile(EXPONENTIAL, (1, teams, 1)),
        np.zeros((1, teams, 2)), np.zeros((1, teams), bool), route,
    )  # fmt: skip
    given = tickets(330.0, count)
    return model, replace(given, team=rng.integers(0, teams, count))


def two_logs(events: int) -> tuple[EventLog, EventLog]:
    """Return two logs of so many events."""
    logs = []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        case = np.sort(rng.integers(0, events // 4, events))
        start = 1_709_164_800 + case * 500 + rng.integers(0, 90_000, events)
        logs.append(
            EventLog(case, rng.integers(0, 12, events), start, start + rng.integers(0, 20_000, events))
        )
    return logs[0], logs[1]


def prosimos(python: str, cases: int) -> float:
    """Return the seconds of a case in Prosimos, which has an environment of its own."""
    script = Path(__file__).with_name("prosimos_queue.py")
    found = []
    for _ in range(3):
        done = subprocess.run(
            [python, str(script), str(cases)], check=True, capture_output=True, text=True, cwd="/tmp"
        )
        found.append(float(done.stdout.split()[-1]) / 1e6)
    return min(found)


def main(count: int, python: str | None) -> None:
    """Print the table."""
    wall, begin = time.perf_counter(), time.process_time()
    simulate(one_team(), tickets(RATE_A, 10), 1e9)
    print(
        f"first result: {time.process_time() - begin:.2f} s of processor, {time.perf_counter() - wall:.2f} s"
    )
    few = max(count // 10, 1000)
    arrivals = tickets(RATE_A, count)
    work = np.random.default_rng(2).exponential(1.0, count)
    print(f"{'':44}{'µs/ticket':>10}{'ratio':>8}")
    model_b = two_teams(Shifts(np.zeros(2), np.arange(2), np.array([8, 6])), kernel.PRIORITY)
    for name, model, given, peer in (
        ("A: M/M/10, load 0.9", one_team(), arrivals, False),
        ("B: three classes, two teams", model_b, tickets(RATE_B, count, SHARES), True),
    ):
        own = seconds(lambda model=model, given=given: simulate(model, given, 1e9), 25) / count
        print(f"{name:44}{own * 1e6:10.3f}{1:8.0f}")
        for label, other in (("SimPy", simpy_model), ("Ciw", ciw_model)):
            took = once(lambda other=other, peer=peer: other(count, peer), 2) / count
            print(f"{'   ' + label:44}{took * 1e6:10.2f}{took / own:8.0f}")
        if not peer:
            if python is not None:
                took = prosimos(python, few)
                print(f"{'   Prosimos':44}{took * 1e6:10.2f}{took / own:8.0f}")
            limit = seconds(lambda: recursion(arrivals.opened, work, 10)) / count
            print(f"{'   Kiefer-Wolfowitz, no draws':44}{limit * 1e6:10.3f}{limit / own:8.2f}")

    year, model = year_tickets(1), year_model(1)
    one = seconds(lambda: simulate(model, year, YEAR), 15)
    clocks = with_clocks(model)
    more = seconds(lambda: simulate(clocks, year, YEAR), 15)
    print(f"Y: a year of 100,000 tickets, {one * 1e3:.1f} ms a replication and core; Y+: {more * 1e3:.1f} ms")
    wide, many = fifty_teams()
    took = seconds(lambda: simulate(wide, many, 1e9), 3)
    print(f"W: a million tickets, fifty teams: {took:.2f} s")

    for threads in (1, 2):
        wall, begin = time.perf_counter(), time.process_time()
        found = in_the_same_worlds(ten_options, 20, threads=threads)
        spent, passed = time.process_time() - begin, time.perf_counter() - wall
        print(
            f"ten options, {found.worlds} worlds of a year on {threads} threads: {spent:.1f} s of processor, "
            f"{passed:.1f} s; so 1,000 worlds take {spent / found.worlds * 1000 / 2:.0f} s on two cores"
        )
    wall, begin = time.perf_counter(), time.process_time()
    found = in_the_same_worlds(ten_options, 1_000, threads=2, precise=0.01)
    print(
        f"differences to 1 % of the mean after {found.worlds} worlds: "
        f"{(time.process_time() - begin) / 2:.1f} s on two cores, {time.perf_counter() - wall:.1f} s passed"
    )
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    replicate(lambda number: ten_options(number).sum(), range(20, 60), 2)
    later = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"most memory: {most / 1024:.0f} MB, after 40 worlds more {later / 1024:.0f} MB")

    logs = two_logs(43_000)
    took = seconds(lambda: distances(*logs), 5)
    print(f"distances of two logs of 43,000 events: {took * 1e3:.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)

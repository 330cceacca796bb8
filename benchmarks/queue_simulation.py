"""The queue simulation beside SimPy, Ciw and the Kiefer-Wolfowitz recursion, in one run.

``python benchmarks/queue_simulation.py [TICKETS]``. A: ten people, first come first served, load 0.9.
B: three classes by priority, two teams, hand-overs and rework. Y: a year of the example's size with office
hours, three priorities, interruption for the most urgent, rework, and 500 tickets at the start (this
project's loop alone). Needs numba, joblib, simpy and ciw.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import ciw
import numpy as np
import simpy
from numba import njit

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.simulate import quantile_table, replicate, simulate

EXPONENTIAL = quantile_table(lambda share: -np.log1p(-share), 1.0)
SHARES, ONWARD, AGAIN = (0.1, 0.3, 0.6), (0.6, 0.4, 0.25), 0.1
RATE_A, RATE_B = 9.0, 7.0


def seconds(work: Callable[[], Any], runs: int = 9) -> float:
    """Return the least wall time of some work, after one run that does not count."""
    work()
    return once(work, runs)


def once(work: Callable[[], Any], runs: int = 1) -> float:
    """Return the least wall time of some work."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
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


def main(count: int) -> None:
    """Print the table."""
    begin = time.perf_counter()
    simulate(one_team(), tickets(RATE_A, 10), 1e9)
    print(
        f"first result of a fresh process, compiler's store warm or not: {time.perf_counter() - begin:.2f} s"
    )
    few = max(count // 5, 1000)
    arrivals = tickets(RATE_A, count)
    work = np.random.default_rng(2).exponential(1.0, count)
    print(f"{'':34}{'µs/ticket':>10}{'ratio':>8}")
    for name, model, given, peer in (
        ("A: M/M/10, load 0.9", one_team(), arrivals, False),
        (
            "B: three classes, two teams",
            two_teams(Shifts(np.zeros(2), np.arange(2), np.array([8, 6])), kernel.PRIORITY),
            tickets(RATE_B, count, SHARES),
            True,
        ),
    ):
        own = seconds(lambda model=model, given=given: simulate(model, given, 1e9)) / count
        print(f"{name:34}{own * 1e6:10.3f}{1:8.0f}")
        for label, other in (("SimPy", simpy_model), ("Ciw", ciw_model)):
            took = once(lambda other=other, peer=peer: other(few, peer)) / few
            print(f"{'   ' + label:34}{took * 1e6:10.2f}{took / own:8.0f}")
        if not peer:
            limit = seconds(lambda: recursion(arrivals.opened, work, 10)) / count
            print(f"{'   Kiefer-Wolfowitz, no draws':34}{limit * 1e6:10.3f}{limit / own:8.2f}")
    year = tickets(100_000 / 8760, 100_000, SHARES, there=500)
    model = two_teams(office_hours(60), kernel.PREEMPTIVE)
    one = seconds(lambda: simulate(model, year, 52 * 168.0))
    print(f"Y: a year of 100,000 tickets, {one * 1e3:.1f} ms per replication and core")
    many = once(
        lambda: replicate(
            lambda number: simulate(model, year, 8736.0, replication=number).worked, range(40), 2
        )
    )
    print(f"   40 replications on two threads: {40 / many:.0f} a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

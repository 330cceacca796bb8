"""The loop against closed forms and numerical solutions: a table of checks, each with its source.

The quick run takes two million tickets a check and asks for |z| < 4.5 beside a loose bound; the slow one
takes a hundred million and asks for 0.5 %, 1 % from a load of 0.95 on.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")
pytest.importorskip("scipy")

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import Crews, QueueClass, QueueModel, Run, Shifts
from makeorbuy.projection.queue.simulate import quantile_table, replicate, simulate

from . import queue_formulas as formulas
from .queue_making import EXPONENTIAL, one_team, teams_alike, tickets_of

LONG = 1e9
TICKETS = 100_000
EVEN = np.array([0.0, 2.0])
TWO_POINTS = np.repeat([0.5, 1.5], 50_001)
FIXED = np.ones(2)


@dataclass(frozen=True)
class Check:
    """One check: `sample` gives, for a replication, estimates of what is expected."""

    name: str
    source: str
    sample: Callable[[int], np.ndarray]
    expected: Callable[[], list[float]]
    load: float = 0.9
    replications: int = 20


def rng_of(replication: int) -> np.random.Generator:
    return np.random.default_rng([7, replication])


def poisson_run(
    model: QueueModel,
    rate: float,
    replication: int,
    shares: list[float] | None = None,
    count: int = TICKETS,
    targets: tuple[float, ...] | None = None,
) -> tuple[Run, np.ndarray, np.ndarray]:
    """Return a run of a Poisson stream, when tickets were opened, and their classes."""
    rng = rng_of(replication)
    opened = np.cumsum(rng.exponential(1 / rate, count))
    kind = rng.choice(len(shares), count, p=shares) if shares else np.zeros(count, np.int64)
    run = simulate(model, tickets_of(opened, kind), LONG, seed=4, replication=replication, targets=targets)
    return run, opened, kind


def settled(values: np.ndarray) -> np.ndarray:
    return values[values.size // 10 :]


def mean_wait(people: int, load: float) -> Check:
    rate = load * people
    return Check(
        f"mean wait in M/M/{people} at load {load}",
        "Erlang 1917",
        lambda number: np.array([settled(poisson_run(one_team(people), rate, number)[0].waited).mean()]),
        lambda: [formulas.erlang_c_wait(rate, people)],
        load,
    )


def by_class(values: np.ndarray, kind: np.ndarray, levels: int) -> np.ndarray:
    late = np.arange(kind.size) >= kind.size // 10
    return np.array([values[late & (kind == level)].mean() for level in range(levels)])


def general(name: str, table: np.ndarray, square: float, load: float = 0.7) -> Check:
    return Check(
        f"mean wait in M/G/1, work {name}",
        "Pollaczek 1930, Khinchine 1932",
        lambda number: np.array(
            [settled(poisson_run(one_team(1, work=table), load, number)[0].waited).mean()]
        ),
        lambda: [formulas.pollaczek_khinchine(load, 1.0, square)],
        load,
    )


def tail_and_delay(number: int) -> np.ndarray:
    waits = settled(poisson_run(one_team(10), 9.0, number)[0].waited)
    return np.array([(waits > 0).mean(), (waits > 0.5).mean(), (waits > 2.0).mean()])


def second_moment(number: int) -> np.ndarray:
    return np.array([(settled(poisson_run(one_team(1, work=EVEN), 0.6, number)[0].waited) ** 2).mean()])


CLASSES = [0.1, 0.3, 0.6]
MEANS = [0.5, 1.0, 1.25]


def unequal(discipline: int) -> QueueModel:
    """Return one person, three classes whose even work has means of its own."""
    model = one_team(1, discipline, 3)
    work = np.stack([mean * EVEN for mean in MEANS])[:, None]
    return replace(model, work=work)


def cobham_waits(number: int) -> np.ndarray:
    run, _, kind = poisson_run(unequal(kernel.PRIORITY), 0.7, number, CLASSES)
    return by_class(run.waited, kind, 3)


def rates_and_moments() -> tuple[list[float], list[float], list[float]]:
    return [0.7 * share for share in CLASSES], MEANS, [mean**2 * 4 / 3 for mean in MEANS]


def preemptive_times(number: int) -> np.ndarray:
    run, opened, kind = poisson_run(unequal(kernel.PREEMPTIVE), 0.7, number, CLASSES)
    return by_class(run.ended - opened, kind, 3)


def preemptive_exponential(number: int) -> np.ndarray:
    run, opened, kind = poisson_run(one_team(1, kernel.PREEMPTIVE, 2), 0.8, number, [0.4, 0.6])
    return by_class(run.ended - opened, kind, 2)


def conserved(name: str, model: QueueModel, targets: tuple[float, ...] | None = None) -> Check:
    rate = 0.7
    loads = np.array([rate * share * mean for share, mean in zip(CLASSES, MEANS, strict=True)])

    def sample(number: int) -> np.ndarray:
        run, _, kind = poisson_run(model, rate, number, CLASSES, targets=targets)
        return np.array([(loads * by_class(run.waited, kind, 3)).sum()])

    rates, _, squares = rates_and_moments()
    left = sum(a * b for a, b in zip(rates, squares, strict=True)) / 2
    total = float(loads.sum())
    return Check(
        f"load times wait, summed, under {name}",
        "Kleinrock 1965",
        sample,
        lambda: [total * left / (1 - total)],
        total,
    )


def whatever_the_order(name: str, discipline: int, targets: tuple[float, ...] | None = None) -> Check:
    def sample(number: int) -> np.ndarray:
        run, _, _ = poisson_run(one_team(10, discipline, 3), 9.0, number, CLASSES, targets=targets)
        return np.array([settled(run.waited).mean()])

    return Check(
        f"overall mean wait in M/M/10 under {name}",
        "Erlang 1917, work conserved",
        sample,
        lambda: [formulas.erlang_c_wait(9.0, 10)],
    )


def priorities_of_ten(number: int) -> np.ndarray:
    run, _, kind = poisson_run(one_team(10, kernel.PRIORITY, 3), 9.0, number, CLASSES)
    return by_class(run.waited, kind, 3)


def urgent_tail(number: int) -> np.ndarray:
    run, _, kind = poisson_run(one_team(4, kernel.PRIORITY, 2), 3.2, number, [0.5, 0.5])
    waits = settled(run.waited[kind == 0])
    return np.array([(waits > 0.25).mean(), (waits > 0.75).mean()])


def jackson(number: int) -> np.ndarray:
    route = np.array([[[0.0, 0.5, 0.5], [0.2, 0.0, 0.8]]])
    model = teams_alike([8, 6], route, np.stack([EXPONENTIAL, 1.2 * EXPONENTIAL])[None])
    run, opened, _ = poisson_run(model, 6.0, number)
    return np.array([settled(run.ended - opened).mean(), settled(run.visits).mean()])


def jackson_expected() -> list[float]:
    first = 6.0 / (1 - 0.5 * 0.2)
    second = 0.5 * first
    wait = first * formulas.erlang_c_wait(first, 8) + second * 1.2 * formulas.erlang_c_wait(second * 1.2, 6)
    return [(wait + first + second * 1.2) / 6.0, (first + second) / 6.0]


def departures(number: int) -> np.ndarray:
    run, _, _ = poisson_run(one_team(5), 4.0, number)
    gaps = np.diff(settled(np.sort(run.ended)))
    return np.array([gaps.mean(), (gaps**2).mean(), (gaps[1:] * gaps[:-1]).mean()])


def tandem(number: int) -> np.ndarray:
    model = teams_alike([1, 1], np.array([[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]]))
    run, opened, _ = poisson_run(model, 0.6, number)
    times = settled(run.ended - opened)
    return np.array([times.mean(), ((times - 2 / 0.4) ** 2).mean()])


STAY = quantile_table(lambda share: -5.0 * np.log1p(-share), 5.0)


def present(opened: np.ndarray, ended: np.ndarray, moments: np.ndarray) -> np.ndarray:
    ended = np.sort(ended)
    return np.searchsorted(opened, moments, "right") - np.searchsorted(ended, moments, "right")


def no_queue(number: int) -> np.ndarray:
    model = one_team(100_000, work=np.zeros(2))
    model = replace(model, rest=STAY[None, None], has_rest=np.ones((1, 1), bool))
    run, opened, _ = poisson_run(model, 3.0, number)
    found = present(opened, run.ended, np.arange(60.0, opened[-1], 5.0))
    return np.array([found.mean(), ((found - 15.0) ** 2).mean()])


def with_tides(number: int) -> np.ndarray:
    """Tickets at 4 + 3 sin(t / 2), each with exponential work of mean one and people for all."""
    rng = rng_of(number)
    opened = np.cumsum(rng.exponential(1 / 7.0, TICKETS))
    opened = opened[rng.random(TICKETS) * 7.0 < 4 + 3 * np.sin(opened / 2)]
    run = simulate(one_team(100_000), tickets_of(opened), LONG, seed=4, replication=number)
    period = 4 * math.pi
    starts = np.arange(2, int(opened[-1] / period)) * period
    return np.array([present(opened, run.ended, starts + part * period).mean() for part in (0.0, 0.25, 0.6)])


def tides_expected() -> list[float]:
    phases = np.array([0.0, 0.25, 0.6]) * 2 * math.pi
    return [float(4 + 3 * (np.sin(x) - 0.5 * np.cos(x)) / 1.25) for x in phases]


DAY = [(0.0, 3), (4.0, 0), (6.0, 3), (8.0, 5)]
MOMENTS = [3.0, 5.0, 9.0, 12.0]


def day_rate(time: float) -> float:
    return 6.0 if time < 4.0 else 2.0


def a_day_with_a_backlog(number: int) -> np.ndarray:
    """Two thousand teams that begin with ten tickets each and close from 4 to 6; alike and apart."""
    teams, rng = 500, rng_of(number)
    counts = rng.poisson(6.0 * 12, teams)
    team = np.repeat(np.arange(teams), counts)
    moment = rng.random(team.size) * 12
    kept = rng.random(team.size) * 6.0 < np.where(moment < 4.0, 6.0, 2.0)
    team, moment = team[kept], moment[kept]
    order = np.argsort(moment)
    there = np.repeat(np.arange(teams), 10)
    opened = np.concatenate((np.full(there.size, -1.0), moment[order]))
    team = np.concatenate((there, team[order]))
    time = np.repeat([time for time, _ in DAY], teams)
    shifts = Shifts(time, np.tile(np.arange(teams), len(DAY)), np.repeat([many for _, many in DAY], teams))
    alone = np.zeros((1, teams, teams + 1))
    alone[:, :, -1] = 1.0
    model = QueueModel(
        (QueueClass("a", 0),),
        tuple(map(str, range(teams))),
        np.zeros(teams, np.int64),
        np.zeros(teams),
        shifts,
        np.broadcast_to(EXPONENTIAL, (1, teams, EXPONENTIAL.size)),
        np.zeros((1, teams, 2)),
        np.zeros((1, teams), bool),
        alone,
    )
    run = simulate(model, replace(tickets_of(opened), team=team), 13.0, seed=4, replication=number)
    found = present(np.maximum(opened, 0.0), run.ended, np.array(MOMENTS))
    return found / teams


def a_day_expected() -> list[float]:
    def people(time: float) -> int:
        return [many for begins, many in DAY if begins <= time][-1]

    return formulas.transient(day_rate, people, 10, MOMENTS, [4.0, 6.0, 8.0])


def breaking(number: int) -> np.ndarray:
    rng = rng_of(number)
    opened = np.cumsum(rng.exponential(1 / 0.5, TICKETS))
    spans = rng.exponential(1.0, 60_000).reshape(-1, 2) * [10.0, 2.0]
    time = np.append(0.0, np.cumsum(spans))
    people = np.append(np.tile([1, 0], spans.shape[0]), 1)
    assert time[-1] > opened[-1]
    model = replace(one_team(1), shifts=Shifts(time, np.zeros(time.size, np.int64), people))
    run = simulate(model, tickets_of(opened), LONG, seed=4, replication=number)
    return np.array([settled(run.ended - opened).mean()])


def machines(number: int) -> np.ndarray:
    """Ten machines that break for ever: a team of two mends, and there are people for all that run."""
    end = 9_000.0
    model = teams_alike(
        [2, 100],
        np.array([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]]),
        np.stack([EXPONENTIAL, 4 * EXPONENTIAL])[None],
    )
    run = simulate(model, tickets_of(np.full(10, -1.0)), end, seed=4, replication=number)
    return np.array([run.queue_hours[0, 0] / end])


def two_helpers(number: int) -> np.ndarray:
    rng = rng_of(number)
    count = TICKETS
    opened, team = (
        np.cumsum(rng.exponential(1 / 1.2, count)),
        (rng.random(count) < 0.5 / 1.2).astype(np.int64),
    )
    model = replace(
        teams_alike([1, 1], np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])),
        crews=Crews(
            np.array([[1, 0], [1, 1]]), np.array([[0, 0], [1, 0]]), np.array([1.0, 1.25]), np.zeros(2, bool)
        ),
    )
    run = simulate(
        model, replace(tickets_of(opened), team=team), float(opened[-1]), seed=4, replication=number
    )
    return run.queue_hours[0] / opened[-1]


def shared_by_two(number: int) -> np.ndarray:
    rng = rng_of(number)
    opened, team = np.cumsum(rng.exponential(1 / 8.0, TICKETS)), rng.integers(0, 2, TICKETS)
    model = replace(
        teams_alike([4, 6], np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])),
        crews=Crews(np.ones((2, 2), np.int64), np.zeros((2, 2), np.int64), np.ones(2), np.zeros(2, bool)),
    )
    run = simulate(model, replace(tickets_of(opened), team=team), LONG, seed=4, replication=number)
    return np.array([settled(run.waited).mean()])


def gaps_of(draw: Callable[[np.random.Generator, int], np.ndarray]) -> Callable[[int], np.ndarray]:
    def sample(number: int) -> np.ndarray:
        opened = np.cumsum(draw(rng_of(number), TICKETS))
        run = simulate(one_team(1), tickets_of(opened), LONG, seed=4, replication=number)
        return np.array([settled(run.waited).mean()])

    return sample


def used(number: int) -> np.ndarray:
    rng = rng_of(number)
    opened = np.cumsum(rng.exponential(1 / 4.0, TICKETS))
    end = float(opened[-1])
    model = one_team(5)
    run = simulate(model, tickets_of(opened), end, seed=4, replication=number)
    return run.worked / model.shifts.person_hours(1, end)


DUE = (1.0, 4.0, 20.0)
CHECKS = [
    mean_wait(1, 0.5),
    mean_wait(1, 0.8),
    mean_wait(2, 0.7),
    mean_wait(5, 0.8),
    mean_wait(10, 0.9),
    mean_wait(30, 0.9),
    mean_wait(10, 0.95),
    Check(
        "share that waits, and longer than so long, in M/M/10",
        "Erlang 1917",
        tail_and_delay,
        lambda: [formulas.erlang_c(9.0, 10) * math.exp(-time) for time in (0.0, 0.5, 2.0)],
    ),
    general("fixed", FIXED, 1.0),
    general("even", EVEN, 4 / 3),
    general("of two points", TWO_POINTS, 1.25),
    Check(
        "second moment of the wait in M/G/1",
        "Takács 1962",
        second_moment,
        lambda: [formulas.takacs_second_moment(0.6, 1.0, 4 / 3, 2.0)],
        0.6,
    ),
    Check(
        "mean wait by class in M/G/1",
        "Cobham 1954",
        cobham_waits,
        lambda: formulas.cobham(*rates_and_moments()),
    ),
    Check(
        "mean wait by class in M/M/10",
        "Kella and Yechiali 1985",
        priorities_of_ten,
        lambda: formulas.kella_yechiali(9.0, 10, CLASSES),
    ),
    Check(
        "distribution of the wait of the most urgent in M/M/4",
        "Davis 1966",
        urgent_tail,
        lambda: [formulas.erlang_c(3.2, 4) * math.exp(-(4 - 1.6) * time) for time in (0.25, 0.75)],
    ),
    Check(
        "mean time by class in M/M/1, interrupted",
        "White and Christie 1958",
        preemptive_exponential,
        lambda: formulas.preemptive([0.32, 0.48], [1.0, 1.0], [2.0, 2.0]),
    ),
    Check(
        "mean time by class in M/G/1, interrupted",
        "Avi-Itzhak and Naor 1963",
        preemptive_times,
        lambda: formulas.preemptive(*rates_and_moments()),
    ),
    conserved("priority", unequal(kernel.PRIORITY)),
    conserved("due dates", unequal(kernel.DUE_DATE), DUE),
    conserved("priority and due dates", unequal(kernel.MIXED), DUE),
    conserved("the newest first", replace(unequal(kernel.PRIORITY), newest_first=np.array([0.4]))),
    whatever_the_order("priority", kernel.PRIORITY),
    whatever_the_order("interruption", kernel.PREEMPTIVE),
    whatever_the_order("due dates", kernel.DUE_DATE, DUE),
    whatever_the_order("priority and due dates", kernel.MIXED, DUE),
    Check("mean time and visits in two teams with rework", "Jackson 1957", jackson, jackson_expected),
    Check(
        "gaps between departures of M/M/5: two moments, and of neighbours",
        "Burke 1956",
        departures,
        lambda: [0.25, 2 * 0.25**2, 0.25**2],
    ),
    Check(
        "mean and variance of the time in two teams in a row",
        "Reich 1963",
        tandem,
        lambda: [2 / 0.4, 2 / 0.4**2],
        0.6,
    ),
    Check(
        "mean and variance of the number present, stays only",
        "M/G/∞, Mirasol 1963",
        no_queue,
        lambda: [15.0, 15.0],
    ),
    Check(
        "number present when arrivals ebb and flow", "Eick, Massey and Whitt 1993", with_tides, tides_expected
    ),
    Check(
        "number present in a day with a closed hour and a backlog",
        "Kolmogorov's equations, integrated",
        a_day_with_a_backlog,
        a_day_expected,
    ),
    Check(
        "mean time with a person who comes and goes",
        "Markov chain, solved",
        breaking,
        lambda: [formulas.with_breakdowns(0.5, 0.1, 0.5)],
    ),
    Check(
        "number of machines that wait for repair",
        "birth and death, Palm 1947",
        machines,
        lambda: [formulas.machine_repair(10, 2, 4.0)],
    ),
    Check(
        "numbers waiting where one team helps another, slower",
        "Markov chain, solved",
        two_helpers,
        lambda: list(formulas.one_helps_the_other(0.7, 0.5, 1.25)),
    ),
    Check(
        "mean wait of two teams served by the same ten",
        "Erlang 1917",
        shared_by_two,
        lambda: [formulas.erlang_c_wait(8.0, 10)],
        0.8,
    ),
    Check(
        "mean wait in D/M/1",
        "Kendall 1953",
        gaps_of(lambda rng, count: np.full(count, 1.25)),
        lambda: [formulas.gi_m_1(formulas.fixed(1.25))],
        0.8,
    ),
    Check(
        "mean wait in E2/M/1",
        "Kendall 1953",
        gaps_of(lambda rng, count: rng.gamma(2.0, 0.625, count)),
        lambda: [formulas.gi_m_1(formulas.erlang_two(1.25))],
        0.8,
    ),
    Check("share of people's hours worked in M/M/5", "rate times work", used, lambda: [0.8], 0.8),
]


def compare(check: Check, replications: int, threads: int) -> tuple[np.ndarray, np.ndarray]:
    """Return z and the relative error of each value."""
    found = np.array(replicate(check.sample, range(replications), threads))
    expected = np.array(check.expected())
    assert found.shape == (replications, expected.size)
    error = found.std(axis=0, ddof=1) / math.sqrt(replications)
    return (found.mean(axis=0) - expected) / error, found.mean(axis=0) / expected - 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_closed_forms(check: Check) -> None:
    z, relative = compare(check, check.replications, 1)
    assert (np.abs(z) < 4.5).all(), (check.source, z, relative)
    assert (np.abs(relative) < 0.1).all(), (check.source, z, relative)


def test_there_are_enough_of_them() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 25


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_closed_forms_to_half_a_per_cent(check: Check) -> None:
    """A hundred million tickets a check: ORACLE_REPLICATIONS makes it fewer, of a hundred thousand each."""
    replications = int(os.environ.get("ORACLE_REPLICATIONS", "1000"))
    z, relative = compare(check, replications, 2)
    bound = 0.01 if check.load >= 0.95 else 0.005
    assert (np.abs(z) < 4.5).all(), (check.source, z, relative)
    assert (np.abs(relative) < bound * max(1.0, math.sqrt(1000 / replications))).all(), (z, relative)

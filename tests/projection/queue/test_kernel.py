"""The event loop against closed forms, exact recursions, laws of conservation, and other programs."""

from __future__ import annotations

import heapq
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import QueueClass, QueueModel, Run, Shifts, Tickets
from makeorbuy.projection.queue.random_numbers import philox
from makeorbuy.projection.queue.simulate import quantile_table, replicate, simulate

from .queue_making import EXPONENTIAL, always, one_team, poisson, tickets_of

LONG = 1e9


def erlang_c_wait(rate: float, people: int) -> float:
    """Return the mean wait in M/M/c with unit work (A. K. Erlang 1917)."""
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = rate * blocked / (count + rate * blocked)
    load = rate / people
    return blocked / (1 - load * (1 - blocked)) / (people - rate)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ((0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0x299F31D0A4093822),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_the_random_numbers_are_the_published_ones(address: tuple[int, ...], words: tuple[int, ...]) -> None:
    """Known answers of the generator's authors (Random123, kat_vectors)."""
    assert tuple(int(word) for word in philox(*address)) == words


@pytest.mark.parametrize("people", [1, 3, 10])
def test_waits_equal_kiefer_and_wolfowitz_to_the_last_bit(people: int) -> None:
    rng = np.random.default_rng(people)
    opened, work = poisson(0.9 * people, 20_000, people), rng.exponential(1.0, 20_000)
    run = simulate(one_team(people), tickets_of(opened, work=work), LONG)
    free, waits = [0.0] * people, []
    for begins, takes in zip(opened, work, strict=True):
        start = max(begins, free[0])
        waits.append(start - begins)
        heapq.heapreplace(free, start + takes)
    assert np.array_equal(run.waited, waits)


def test_waits_equal_lindleys_recursion() -> None:
    rng = np.random.default_rng(5)
    opened, work = poisson(0.8, 20_000, 7), rng.gamma(0.5, 2.0, 20_000)
    run = simulate(one_team(1), tickets_of(opened, work=work), LONG)
    walk = np.concatenate(([0.0], np.cumsum(work[:-1] - np.diff(opened))))
    assert np.allclose(run.waited, walk - np.minimum.accumulate(np.minimum(walk, 0.0)), atol=1e-7)


def many(model: QueueModel, rate: float, count: int = 2_000_000, shares: list[float] | None = None) -> Run:
    kind = None
    if shares is not None:
        kind = np.random.default_rng(11).choice(len(shares), count, p=shares)
    return simulate(model, tickets_of(poisson(rate, count, 3), kind), LONG, seed=4)


def check(waits: np.ndarray, expected: float, batches: int = 100, relative: float = 0.03) -> None:
    """Compare a mean with its closed form, by batch means: within 4.5 standard errors."""
    means = np.array([part.mean() for part in np.array_split(waits[waits.size // 20 :], batches)])
    error = means.std(ddof=1) / math.sqrt(batches)
    assert abs(means.mean() - expected) < 4.5 * error, (means.mean(), expected, error)
    assert abs(means.mean() / expected - 1) < relative


@pytest.mark.parametrize(("people", "load"), [(1, 0.5), (1, 0.8), (2, 0.7), (5, 0.8), (10, 0.9), (30, 0.9)])
def test_mean_wait_is_erlangs(people: int, load: float) -> None:
    check(many(one_team(people), load * people).waited, erlang_c_wait(load * people, people))


@pytest.mark.parametrize("shape", ["fixed", "even", "two_points"])
def test_mean_wait_is_pollaczek_and_khinchines(shape: str) -> None:
    table, square = {
        "fixed": (np.ones(2), 1.0),
        "even": (np.array([0.0, 2.0]), 4 / 3),
        "two_points": (np.repeat([0.5, 1.5], 50_001), 1.25),
    }[shape]
    check(many(one_team(1, work=table), 0.7).waited, 0.7 * square / (2 * 0.3))


def test_mean_waits_by_priority_are_cobhams() -> None:
    rate, people, shares = 9.0, 10, [0.1, 0.3, 0.6]
    kind = np.random.default_rng(11).choice(3, 2_000_000, p=shares)
    run = many(one_team(people, kernel.PRIORITY, 3), rate, shares=shares)
    # M/M/c: W_k = (delay probability / c) / ((1 - s_{k-1}) (1 - s_k)), s the load down to class k
    first = erlang_c_wait(rate, people) * (people - rate) / people
    below = np.cumsum([0.0, *shares]) * rate / people
    for level in range(3):
        expected = first / ((1 - below[level]) * (1 - below[level + 1]))
        check(run.waited[kind == level], expected, relative=0.1)


def test_mean_times_under_interruption_are_the_known_ones() -> None:
    shares, rate = [0.4, 0.6], 0.8
    opened = poisson(rate, 2_000_000, 3)
    kind = np.random.default_rng(11).choice(2, opened.size, p=shares)
    run = simulate(one_team(1, kernel.PREEMPTIVE, 2), tickets_of(opened, kind), LONG, seed=4)
    below = np.cumsum([0.0, *shares]) * rate
    for level in range(2):
        expected = 1 / (1 - below[level]) + below[level + 1] / ((1 - below[level]) * (1 - below[level + 1]))
        check((run.ended - opened)[kind == level], expected, relative=0.1)


def test_two_teams_with_rework_are_jacksons() -> None:
    route = np.array([[[0.0, 0.5, 0.5], [0.2, 0.0, 0.8]]])
    model = QueueModel(
        (QueueClass("a", 0),), ("first", "second"), np.zeros(2, np.int64), np.zeros(2), always([8, 6]),
        np.stack([EXPONENTIAL, 1.2 * EXPONENTIAL])[None], np.ones((1, 2, 2)), np.zeros((1, 2), bool), route,
    )  # fmt: skip
    rate = 6.0
    first = rate / (1 - 0.5 * 0.2)
    second = 0.5 * first
    expected = (first * erlang_c_wait(first, 8) + second * 1.2 * erlang_c_wait(second * 1.2, 6)) / rate
    check(many(model, rate, 1_000_000).waited, expected)


def test_stays_beside_the_work_take_nobodys_time() -> None:
    """With people to spare this is M/G/infinity: the mean number present is rate times mean stay."""
    stay = quantile_table(lambda share: -5.0 * np.log1p(-share), 5.0)
    model = QueueModel(
        (QueueClass("a", 0),), ("team",), np.zeros(1, np.int64), np.zeros(1), always([500]),
        np.full((1, 1, 2), 0.1), stay[None, None], np.ones((1, 1), bool), np.array([[[0.0, 1.0]]]),
    )  # fmt: skip
    opened = poisson(3.0, 300_000, 5)
    run = simulate(model, tickets_of(opened), float(opened[-1]), seed=1)
    # a stay shorter than the work ends with it: E max(S, 0.1) = 0.1 + 5 exp(-0.02)
    assert run.ticket_hours / opened[-1] == pytest.approx(3.0 * (0.1 + 5 * math.exp(-0.02)), rel=0.01)


DISCIPLINES = [kernel.FIRST_COME, kernel.PRIORITY, kernel.PREEMPTIVE, kernel.DUE_DATE]


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_laws_that_hold_whatever_the_order(discipline: int) -> None:
    rng = np.random.default_rng(2)
    opened, work = poisson(0.9, 30_000, 8), rng.exponential(1.0, 30_000)
    kind = rng.integers(0, 3, 30_000)
    run = simulate(
        one_team(1, discipline, 3), tickets_of(opened, kind, work), LONG, targets=(2.0, 20.0, 200.0)
    )
    # Little's law on the path: the integral of those present is the sum of their times
    assert run.ticket_hours == pytest.approx((run.ended - opened).sum(), rel=1e-9)
    assert (run.ended - opened) == pytest.approx(run.waited + work, abs=1e-6)
    assert run.worked[0] == pytest.approx(work.sum())
    # one person is busy and free at the same moments, whoever comes first
    first_come = simulate(one_team(1), tickets_of(opened, work=work), LONG)
    busy_until = np.sort(run.ended)[-1]
    assert busy_until == pytest.approx(first_come.ended[-1])
    # unfinished work at any moment: integral equal to that of first come first served
    unfinished = (work * run.waited).sum() + (work**2 / 2).sum()
    if discipline != kernel.PREEMPTIVE:  # interrupted work waits with less than its whole
        reference = (work * first_come.waited).sum() + (work**2 / 2).sum()
        assert unfinished == pytest.approx(reference, rel=1e-9)


def test_taking_the_newest_first_changes_who_waits_and_not_how_much() -> None:
    opened, work = (
        poisson(0.9, 30_000, 8),
        np.random.default_rng(2).permutation(np.linspace(0.5, 1.5, 30_000)),
    )
    fair = one_team(1)
    eager = replace(fair, newest_first=np.array([0.5]))
    before = simulate(fair, tickets_of(opened, work=work), LONG)
    after = simulate(eager, tickets_of(opened, work=work), LONG)
    assert after.waited.mean() == pytest.approx(before.waited.mean(), rel=0.02)
    assert after.waited.std() > 1.3 * before.waited.std()


def test_the_earliest_due_date_goes_first() -> None:
    work = np.full(4, 10.0)
    tickets = tickets_of(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0, 1, 0, 1]), work)
    run = simulate(one_team(1, kernel.DUE_DATE, 2), tickets, LONG, targets=(100.0, 5.0))
    assert run.ended.tolist() == [10.0, 20.0, 40.0, 30.0]


def test_work_rests_while_the_team_is_closed() -> None:
    day = np.array([0.0, 8.0, 16.0])
    time = (np.arange(5)[:, None] * 24 + day).ravel()
    shifts = Shifts(time, np.zeros(time.size, np.int64), np.tile([0, 1, 0], 5))
    model = one_team(1)
    model = replace(model, shifts=shifts)
    run = simulate(model, tickets_of(np.array([2.0, 15.0, 15.5]), work=np.array([4.0, 6.0, 1.0])), LONG)
    assert run.ended.tolist() == [12.0, 37.0, 38.0]
    assert run.waited.tolist() == [6.0, 0.0, 21.5]
    assert shifts.person_hours(1, 48.0).tolist() == [16.0]


def test_time_in_other_units_and_one_more_person() -> None:
    opened, work = poisson(2.7, 20_000, 1), np.random.default_rng(1).exponential(1.0, 20_000)
    hours = simulate(one_team(3), tickets_of(opened, work=work), LONG)
    scaled = simulate(one_team(3), tickets_of(opened * 64, work=work * 64), LONG)
    assert np.array_equal(hours.waited * 64, scaled.waited)  # a power of two: to the last bit
    more = simulate(one_team(4), tickets_of(opened, work=work), LONG)
    assert (more.ended <= hours.ended).all()


def paired_spread(paired: bool) -> float:
    differences = []
    for replication in range(20):
        tickets = tickets_of(poisson(8.5, 5_000, replication))
        other = replication if paired else replication + 100
        before = simulate(one_team(10), tickets, LONG, replication=replication)
        model = one_team(10, work=EXPONENTIAL * 0.98)
        differences.append(
            before.waited.mean() - simulate(model, tickets, LONG, replication=other).waited.mean()
        )
    return float(np.var(differences))


def test_the_same_numbers_make_differences_precise() -> None:
    assert paired_spread(True) < paired_spread(False) / 5


def test_any_number_of_threads_gives_the_same_tickets() -> None:
    tickets = tickets_of(poisson(9.0, 5_000, 1))
    model = one_team(10)

    def one(replication: int) -> Run:
        return simulate(model, tickets, LONG, replication=replication)

    for alone, together in zip(replicate(one, range(6)), replicate(one, range(6), threads=2), strict=True):
        assert alone.ended.tobytes() == together.ended.tobytes()


SCRIPT = """
import sys
import numpy as np
sys.path.insert(0, {tests!r})
from queue_making import *
from makeorbuy.projection.queue.simulate import simulate
rng = np.random.default_rng(3)
tickets = tickets_of(poisson(2.5, 300, 3), rng.integers(0, 3, 300))
total = b""
for discipline in range(4):
    run = simulate(one_team(3, discipline, 3), tickets, 1e9, seed=9, targets=(1.0, 5.0, 9.0))
    total += run.ended.tobytes() + run.waited.tobytes() + run.worked.tobytes()
import hashlib
print(hashlib.sha256(total).hexdigest())
"""


def test_without_the_compiler_the_same_bits() -> None:
    script = SCRIPT.format(tests=os.path.dirname(__file__))
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "NUMBA_DISABLE_JIT": off}, check=True,
            capture_output=True, text=True,
        ).stdout
        for off in "01"
    }  # fmt: skip
    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ciw_fed_the_same_numbers_agrees() -> None:
    ciw = pytest.importorskip("ciw")
    rng = np.random.default_rng(4)
    gaps, work = rng.exponential(1 / 2.5, 2_000), rng.exponential(1.0, 2_000)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, np.inf])],
        service_distributions=[ciw.dists.Sequential(work)],
        number_of_servers=[3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e5)
    rows = sorted(simulation.get_all_records(), key=lambda row: row.arrival_date)
    run = simulate(one_team(3), tickets_of(np.cumsum(gaps), work=work), LONG)
    assert run.waited == pytest.approx([row.waiting_time for row in rows], abs=1e-9)


def test_a_model_that_does_not_fit_together_is_refused() -> None:
    model = one_team(1)
    with pytest.raises(ValueError, match="sum to one"):
        replace(model, route=model.route * 0.5)


def test_tickets_at_the_start_go_on_from_where_they_are() -> None:
    model = one_team(1, work=np.ones(2))
    tickets = Tickets(
        np.array([-5.0, -3.0, 1.0]), np.zeros(3, np.int64), np.zeros(3, np.int64), np.arange(3),
        np.full(3, np.nan), np.array([np.nan, 7.0, np.nan]),
    )  # fmt: skip
    run = simulate(model, tickets, LONG)
    assert run.ended.tolist() == [1.0, 7.0, 2.0]

"""The event loop against closed forms, exact recursions, laws of conservation, and other programs."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import Shifts, Tickets
from makeorbuy.projection.queue.random_numbers import philox
from makeorbuy.projection.queue.simulate import simulate

from .queue_making import one_team, poisson, tickets_of

LONG = 1e9


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

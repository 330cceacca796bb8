"""Worlds on any number of workers, in any backend, interrupted or not: the same bits in the same memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

import joblib

from makeorbuy.foundation.kept_blocks import KeptBlocks
from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import QueueModel, Tickets
from makeorbuy.projection.queue.paired import BLOCK, Paired, Sketch, in_the_same_worlds
from makeorbuy.projection.queue.simulate import replicate, simulate

from .queue_making import EXPONENTIAL, one_team, poisson, tickets_of

TODAY = one_team(4, kernel.PRIORITY, 2)
QUICKER = replace(TODAY, work=TODAY.work * 0.97)
MORE = one_team(5, kernel.PRIORITY, 2)


def make_world(*models: QueueModel) -> Callable[[int], np.ndarray]:
    """Return what runs one world: mean time and mean wait by model.

    A worker in a process of its own knows no module of these tests, so nothing of them is used within.
    """

    def world(number: int) -> np.ndarray:
        rng = np.random.default_rng([1, number])
        opened = np.cumsum(rng.exponential(1 / 3.4, 1_500))
        nothing = np.full(opened.size, np.nan)
        kind, team = rng.integers(0, 2, opened.size), np.zeros(opened.size, np.int64)
        tickets = Tickets(opened, kind, team, np.arange(opened.size), nothing, nothing)
        rows = []
        for model in models:
            run = simulate(model, tickets, 1e9, seed=2, replication=number)
            rows.append([(run.ended - opened).mean(), run.waited.mean()])
        return np.array(rows)

    return world


world = make_world(TODAY, QUICKER, MORE)


def bits(found: Paired) -> bytes:
    arrays = [found.mean, found.difference, found.error, found.lower]
    counts = [sketch.counts for row in found.sketches for sketch in row]
    return b"".join(values.tobytes() for values in [*arrays, *counts]) + bytes([found.worlds])


def test_any_number_of_threads_and_any_backend() -> None:
    alone = bits(in_the_same_worlds(world, 30))
    assert bits(in_the_same_worlds(world, 30, threads=2)) == alone
    assert bits(in_the_same_worlds(world, 30, threads=5)) == alone
    with joblib.parallel_config(backend="loky"):
        assert bits(in_the_same_worlds(world, 30, threads=2)) == alone


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_is_a_setting() -> None:
    distributed = pytest.importorskip("distributed")
    alone = [table.tobytes() for table in replicate(world, range(8))]
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        assert [table.tobytes() for table in replicate(world, range(8), threads=2)] == alone


def test_a_run_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    whole = bits(in_the_same_worlds(world, 40))
    kept = KeptBlocks(tmp_path, "question")
    asked: list[int] = []

    def stops(number: int) -> np.ndarray:
        asked.append(number)
        if number == 2 * BLOCK + 3:
            raise KeyboardInterrupt
        return world(number)

    with pytest.raises(KeyboardInterrupt):
        in_the_same_worlds(stops, 40, kept=kept)
    asked.clear()

    def goes_on(number: int) -> np.ndarray:
        asked.append(number)
        return world(number)

    assert bits(in_the_same_worlds(goes_on, 40, kept=kept)) == whole
    assert asked == list(range(2 * BLOCK, 40))
    file = sorted(tmp_path.rglob("*.block"))[1]
    file.write_bytes(file.read_bytes()[:-1])  # damaged meanwhile: that block alone is run again
    asked.clear()
    assert bits(in_the_same_worlds(goes_on, 40, kept=kept, threads=2)) == whole
    assert sorted(asked) == list(range(BLOCK, 2 * BLOCK))


def test_it_stops_when_the_differences_are_precise() -> None:
    found = in_the_same_worlds(world, 1_000, precise=0.05)
    assert found.worlds < 1_000
    assert (found.error <= 0.05 * found.mean[0]).all()
    exact = np.array([world(number) for number in range(found.worlds)])
    apart = exact - exact[:, :1]
    assert found.difference == pytest.approx(apart.mean(axis=0), abs=1e-6)
    assert found.error == pytest.approx(apart.std(axis=0, ddof=1) / np.sqrt(found.worlds), abs=1e-6)
    assert found.lower == pytest.approx((apart < 0).mean(axis=0))
    assert found.lower[1, 0] == 1.0  # the same luck: quicker is quicker in every world


def test_memory_does_not_grow_with_the_number_of_worlds() -> None:
    def peak(worlds: int) -> int:
        tracemalloc.start()
        in_the_same_worlds(lambda number: np.full((10, 5), number % 7 + 1.0), worlds)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(1_000) < 1.2 * peak(50)


def test_sketches_merge_in_any_order_and_know_quantiles() -> None:
    values = np.random.default_rng(1).lognormal(2.0, 2.0, 50_000)
    whole = Sketch()
    whole.add(values)
    parts = [Sketch() for _ in range(5)]
    for part, own in zip(parts, np.array_split(values, 5), strict=True):
        part.add(own)
    merged = Sketch()
    for part in (parts[3], parts[0], parts[4], parts[1], parts[2]):
        merged.merge(part)
    assert np.array_equal(merged.counts, whole.counts)
    for share in (0.05, 0.5, 0.85, 0.99):
        assert merged.quantile(share) == pytest.approx(np.quantile(values, share), rel=0.02)
    assert Sketch().quantile(0.5) != Sketch().quantile(0.5)  # nothing is known of nothing


def test_a_figure_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        in_the_same_worlds(lambda number: np.array([[np.inf]]), 10)
    with pytest.raises(ValueError, match="at least one"):
        in_the_same_worlds(world, 0)


def paired_spread(paired: bool) -> float:
    differences = []
    for replication in range(20):
        tickets = tickets_of(poisson(8.5, 5_000, replication))
        other = replication if paired else replication + 100
        before = simulate(one_team(10), tickets, 1e9, replication=replication)
        model = one_team(10, work=EXPONENTIAL * 0.98)
        after = simulate(model, tickets, 1e9, replication=other)
        differences.append(before.waited.mean() - after.waited.mean())
    return float(np.var(differences))


def test_the_same_numbers_make_differences_precise() -> None:
    assert paired_spread(True) < paired_spread(False) / 5

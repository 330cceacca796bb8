"""Small queues with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from makeorbuy.projection.queue.model import Blocks, Crews, Effort, QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.simulate import quantile_table, replicate, simulate

EXPONENTIAL = quantile_table(lambda share: -np.log1p(-share), 1.0)


def always(people: list[int]) -> Shifts:
    """Return shifts that never end."""
    return Shifts(np.zeros(len(people)), np.arange(len(people)), np.array(people))


def one_team(people: int, discipline: int = 0, levels: int = 1, work: np.ndarray | None = None) -> QueueModel:
    table = EXPONENTIAL if work is None else work
    tables = np.tile(table, (levels, 1, 1))
    return QueueModel(
        tuple(QueueClass("a", level) for level in range(levels)), ("team",), np.array([discipline]),
        np.zeros(1), always([people]), tables, tables,
        np.zeros((levels, 1), bool), np.tile([0.0, 1.0], (levels, 1, 1)),
    )  # fmt: skip


def tickets_of(opened: np.ndarray, kind: np.ndarray | None = None, work: np.ndarray | None = None) -> Tickets:
    count, zeros = opened.size, np.zeros(opened.size, np.int64)
    nothing = np.full(count, np.nan)
    return Tickets(
        opened, zeros if kind is None else kind, zeros, np.arange(count), nothing if work is None else work,
        nothing,
    )  # fmt: skip


def poisson(rate: float, count: int, seed: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, count))


def teams_alike(people: list[int], route: np.ndarray, work: np.ndarray | None = None) -> QueueModel:
    """Return teams of one class, first come first served, that never close."""
    teams = len(people)
    if work is None:
        work = np.tile(EXPONENTIAL, (1, teams, 1))
    return QueueModel(
        (QueueClass("a", 0),), tuple(f"team {one}" for one in range(teams)), np.zeros(teams, np.int64),
        np.zeros(teams), always(people), work, work, np.zeros((1, teams), bool), route,
    )  # fmt: skip


NAMES = ("ended", "waited", "visits", "team", "worked", "overtime", "queue_hours", "begun")


def small_model(discipline: int) -> QueueModel:
    """Return two teams and three crews with hours, skills, blocks, clocks, stays and rework."""
    time = np.arange(0.0, 400.0, 8.0)
    people = np.where(np.arange(time.size) % 3 == 1, 2, 0)
    shifts = Shifts(np.repeat(time, 3), np.tile(np.arange(3), time.size), np.repeat(people, 3))
    work = np.tile(EXPONENTIAL, (3, 2, 1))
    return QueueModel(
        tuple(QueueClass("a", level) for level in range(3)), ("one", "two"), np.full(2, discipline),
        np.array([0.2, 0.0]), shifts, work, 5 * work, np.array([[True, False]] * 3),
        np.array([[0.0, 0.4, 0.6], [0.2, 0.0, 0.8]])[None].repeat(3, axis=0),
        crews=Crews(
            np.array([[3, 0], [0, 3], [1, 1]]), np.array([[0, 0], [0, 0], [0, 1]]), np.array([1.0, 1.1, 0.9]),
            np.array([False, False, True]),
        ),
        skill_of=np.array([0, 1, 0]), pauses=np.array([[True, False]] * 3),
        service_hours=replace(shifts, team=np.zeros(shifts.team.size, np.int64)),
        hours_of=np.array([-1, 0, 0]),
        blocks=Blocks(np.array([20.0]), np.array([60.0]), np.array([0]), np.array([1])),
    )  # fmt: skip


HARDER = Effort(
    np.array([0.1, 0.0, 0.05]), np.full(3, 0.5), np.full(3, 2.0), np.array([[3.0, 9.0]] * 3), -5.0
)


def small_runs() -> bytes:
    """Return the bytes of everything that came out."""
    rng = np.random.default_rng(3)
    opened = np.concatenate((-np.sort(-rng.random(20) * -50.0), poisson(0.6, 120, 3)))
    tickets = replace(
        tickets_of(opened, rng.integers(0, 3, 140)), team=rng.integers(0, 2, 140), in_hand=np.arange(140) < 3
    )
    targets = (1.0, 5.0, 9.0)
    total = b""
    for discipline in range(5):
        small = small_model(discipline)
        for model in (one_team(3, discipline, 3), small, replace(small, effort=HARDER)):
            one = replace(tickets, team=np.zeros(140, np.int64)) if len(model.teams) == 1 else tickets
            runs = replicate(
                lambda number, model=model, one=one: simulate(
                    model, one, 350.0, seed=9, replication=number, targets=targets
                ),
                range(2),
                threads=2,
            )
            for run in runs:
                for name in (
                    "ended",
                    "waited",
                    "visits",
                    "team",
                    "worked",
                    "overtime",
                    "queue_hours",
                    "begun",
                ):
                    total += getattr(run, name).tobytes()
                if run.counted is not None and run.paused is not None:
                    total += run.counted.tobytes() + run.paused.tobytes()
    return total

"""Small queues with known answers."""

from __future__ import annotations

import numpy as np

from makeorbuy.projection.queue.model import QueueClass, QueueModel, Shifts, Tickets
from makeorbuy.projection.queue.simulate import quantile_table

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

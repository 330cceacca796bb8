"""A few runs with everything that the loop knows, small enough for plain Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from queue_making import EXPONENTIAL, one_team, poisson, tickets_of

from makeorbuy.projection.queue.model import Blocks, Crews, QueueClass, QueueModel, Shifts
from makeorbuy.projection.queue.simulate import replicate, simulate

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
        for model in (one_team(3, discipline, 3), small_model(discipline)):
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

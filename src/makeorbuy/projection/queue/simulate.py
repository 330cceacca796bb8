"""Run replications: the same numbers on any number of threads, and memory that does not grow with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.compiling import say_if_slow
from makeorbuy.projection.queue.model import (
    PREEMPTIVE,
    Crews,
    Effort,
    Floats,
    Ints,
    QueueModel,
    Run,
    Shifts,
    Tickets,
)

Result = TypeVar("Result")


def simulate(
    model: QueueModel,
    tickets: Tickets,
    end: float,
    *,
    seed: int = 0,
    replication: int = 0,
    targets: tuple[float, ...] | None = None,
) -> Run:
    """Run one replication from time 0 to the end.

    Parameters
    ----------
    tickets : Tickets
        In order of entering.
    end : float
        [h]
    seed, replication : int
        With a ticket's number and visit the address of its random numbers, so that two models see the
        same work, stays and routes.
    targets : tuple of float, optional
        Hours to the due date by class, for the discipline by due date.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If tickets are not in order of entering, or have a class or team that does not exist.
    """
    say_if_slow()
    count = tickets.opened.size
    for values, most in ((tickets.kind, len(model.classes)), (tickets.team, len(model.teams))):
        if count and (values.min() < 0 or values.max() >= most):  # the loop would read another's memory
            raise ValueError("a ticket has a class or team that does not exist")
    ended, waited, visits, team, counted, paused, worked, overtime, queue_hours, begun, area = kernel.run(
        *_room(count), _real(tickets.opened), _place(tickets.kind), _whole(tickets.number),
        _place(tickets.team), _real(tickets.work), _real(tickets.rest),
        _whole(np.zeros(0) if tickets.visit is None else tickets.visit),
        _flag(np.zeros(0) if tickets.in_hand is None else tickets.in_hand),
        _real(np.zeros(0) if tickets.counted is None else tickets.counted),
        _real(np.zeros(len(model.classes)) if targets is None else np.array(targets)),
        *_prepared(model), float(end), int(seed), int(replication),
    )  # fmt: skip
    if counted.size < count:
        counted, paused = None, None
    return Run(
        ended, waited, visits, team, worked, float(area), counted, paused, overtime, queue_hours, begun
    )


_rooms = threading.local()


def _room(tickets: int) -> tuple[Floats, NDArray[np.int32], Floats, Ints]:
    """Return room for the loop, the same one for each run of a thread."""
    if getattr(_rooms, "tickets", -1) < tickets:
        _rooms.tickets = tickets
        _rooms.arrays = (
            np.empty(kernel.REAL * tickets), np.empty(kernel.WHOLE * tickets, np.int32),
            np.empty(2 * tickets + kernel.EVENTS), np.empty(2 * tickets + kernel.EVENTS, np.int64),
        )  # fmt: skip
    real, whole, heap_time, heap_code = _rooms.arrays
    return (
        real[: kernel.REAL * tickets].reshape(kernel.REAL, tickets),
        whole[: kernel.WHOLE * tickets].reshape(kernel.WHOLE, tickets),
        heap_time,
        heap_code,
    )


def _real(values: NDArray[Any]) -> Floats:
    """Return one kind of array, whatever comes: each kind would cost the compiler half a minute."""
    return np.require(values, np.float64, ("C", "W"))


def _whole(values: NDArray[Any]) -> Ints:
    return np.require(values, np.int64, ("C", "W"))


def _place(values: NDArray[Any]) -> NDArray[np.uint32]:
    """Return indices without a sign.

    Else the loop looks at each whether it counts from the end of an array: a fifth of its time.
    """
    return np.require(values, np.uint32, ("C", "W"))


def _flag(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.require(values, np.bool_, ("C", "W"))


def _prepared(model: QueueModel) -> tuple[Any, ...]:
    """Return a model as the loop wants it."""
    classes, teams = len(model.classes), len(model.teams)
    crews = Crews.of_teams(teams) if model.crews is None else model.crews
    level = np.array([one.level for one in model.classes], np.int64)
    skill = np.zeros(classes, np.int64) if model.skill_of is None else model.skill_of
    interrupts = model.interrupts
    levels = int(level.max()) + 1
    if interrupts is None:
        interrupts = np.where(model.discipline == PREEMPTIVE, levels, 0)
    pauses = np.zeros((classes, teams), np.bool_) if model.pauses is None else model.pauses
    hours_of = np.full(classes, -1, np.int64) if model.hours_of is None else model.hours_of
    crew_first, crew_team, mask, rank, team_first, team_crew = crews.entries()
    entered = (
        _place(crew_first), _place(crew_team), _whole(mask), _whole(rank), _place(team_first),
        _place(team_crew),
    )  # fmt: skip
    first, times, done, opens = model.shifts.clocks(crews.pace.size)
    if crews.finishes.any():  # no clock for those who finish what they have in hand
        crew = np.repeat(np.arange(crews.pace.size), np.diff(first))
        kept = ~crews.finishes[crew]
        times, done, opens = times[kept], done[kept], opens[kept]
        first = np.searchsorted(crew[kept], np.arange(crews.pace.size + 1))
    service = Shifts(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    if model.service_hours is not None:
        service = model.service_hours
    clocks = service.clocks(int(hours_of.max(initial=-1)) + 1)
    steps = (model.shifts.time, model.shifts.team, model.shifts.people)
    if model.blocks is not None:
        both = [np.concatenate(pair) for pair in zip(steps, model.blocks.steps(), strict=True)]
        order = np.argsort(both[0], kind="stable")
        steps = (both[0][order], both[1][order], both[2][order])
    cumulative = np.cumsum(model.route, axis=2).reshape(classes * teams, teams + 1)
    row, to = np.nonzero(model.route.reshape(classes * teams, teams + 1))
    share = cumulative[row, to]
    route_first = np.searchsorted(row, np.arange(classes * teams + 1))
    share[route_first[1:] - 1] = 1.0
    return (
        _place(level), _place(skill), levels, int(skill.max()) + 1, _whole(model.discipline),
        _whole(interrupts), _real(model.newest_first), _flag(pauses), *entered,
        _real(crews.pace), *_clocks(first, times, done, opens), _whole(hours_of), *_clocks(*clocks),
        _real(steps[0]), _whole(steps[1]), _whole(steps[2]), *_effort(model.effort),
        _real(model.work), _real(model.rest), _flag(model.has_rest), _place(route_first), _real(share),
        _place(to),
    )  # fmt: skip


def _effort(effort: Effort | None) -> tuple[Any, ...]:
    if effort is None or not effort.gain.any():
        return (*(_real(np.zeros(0)),) * 3, _real(np.zeros((0, 0))), 0.0)
    return (
        _real(effort.gain), _real(effort.least), _real(effort.most), _real(effort.usual),
        float(effort.midnight),
    )  # fmt: skip


def _clocks(first: Ints, times: Floats, done: Floats, is_open: NDArray[np.bool_]) -> tuple[Any, ...]:
    return _place(first), _real(times), _real(done), _flag(is_open)


def replicate(one: Callable[[int], Result], replications: Iterable[int], threads: int = 1) -> list[Result]:
    """Return what each replication gives, in order, on so many threads.

    The loop holds no lock of the interpreter. joblib's back end is a setting of the caller
    (``joblib.parallel_config``), so a cluster needs no other code. `one` returns a small summary; the
    tickets of a replication are forgotten.

    Examples
    --------
    >>> replicate(lambda number: number * 2, range(3))
    [0, 2, 4]
    """
    return list(in_order(one, replications, threads))


def in_order(
    one: Callable[[int], Result], replications: Iterable[int], threads: int = 1
) -> Generator[Result, None, None]:
    """Give what each replication gives, in order, as soon as it is there; see `replicate`.

    Whoever has had enough closes it: what has not begun by then is not run.
    """
    try:
        from joblib import Parallel, delayed
    except ImportError:  # the same, on one thread
        threads = 1
    if threads == 1:
        for number in replications:
            yield one(number)
        return
    workers = Parallel(n_jobs=threads, prefer="threads", return_as="generator")
    yield from workers(delayed(one)(number) for number in replications)


def quantile_table(quantiles: Callable[[Floats], Floats], mean: float, points: int = 1025) -> Floats:
    """Return a table of quantiles whose mean is exact: its last point makes up for the cut tail.

    Parameters
    ----------
    quantiles : callable
        From shares in [0, 1) to hours.
    mean : float
        [h]

    Examples
    --------
    >>> table = quantile_table(lambda share: -np.log1p(-share), 1.0)
    >>> bool(abs(((table[1:] + table[:-1]) / 2).mean() - 1.0) < 1e-12)
    True
    """
    table = np.append(quantiles(np.arange(points - 1) / (points - 1)), 0.0)
    rest = mean * (points - 1) - float(((table[1:-1] + table[:-2]) / 2).sum())
    table[-1] = max(2.0 * rest - table[-2], table[-2])
    return table

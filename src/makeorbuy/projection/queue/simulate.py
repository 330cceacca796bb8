"""Run replications: the same numbers on any number of threads, and memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from makeorbuy.projection.queue import kernel
from makeorbuy.projection.queue.model import Floats, QueueModel, Run, Tickets

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
    """
    clocks = model.shifts.clocks(len(model.teams))
    level = np.array([one.level for one in model.classes], np.int64)
    hours = np.zeros(level.size) if targets is None else np.array(targets)
    route = np.cumsum(model.route, axis=2)
    route[:, :, -1] = 1.0
    ended, waited, visits, team, worked, area = kernel.run(
        np.maximum(tickets.opened, 0.0), tickets.kind, tickets.number, tickets.team, tickets.work,
        tickets.rest, tickets.opened + hours[tickets.kind],
        level, int(level.max()) + 1, model.discipline,
        model.newest_first,
        *clocks, model.shifts.time, model.shifts.team, model.shifts.people,
        model.work, model.rest, model.has_rest, route,
        float(end), int(seed), int(replication),
    )  # fmt: skip
    return Run(ended, waited, visits, team, worked, float(area))


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
    if threads == 1:
        return [one(number) for number in replications]
    from joblib import Parallel, delayed

    return list(Parallel(n_jobs=threads, prefer="threads")(delayed(one)(number) for number in replications))


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

"""Closed forms and numerical solutions of queues, written from the literature and not from the loop."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.sparse import coo_matrix, csc_matrix
from scipy.sparse.linalg import spsolve


def erlang_c(rate: float, people: int) -> float:
    """Return the probability of a wait in M/M/c with unit work (A. K. Erlang 1917)."""
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = rate * blocked / (count + rate * blocked)
    load = rate / people
    return blocked / (1 - load * (1 - blocked))


def erlang_c_wait(rate: float, people: int) -> float:
    """Return the mean wait in M/M/c with unit work."""
    return erlang_c(rate, people) / (people - rate)


def pollaczek_khinchine(rate: float, mean: float, square: float) -> float:
    """Return the mean wait in M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    return rate * square / (2 * (1 - rate * mean))


def takacs_second_moment(rate: float, mean: float, square: float, cube: float) -> float:
    """Return the second moment of the wait in M/G/1 (Takács 1962)."""
    first = pollaczek_khinchine(rate, mean, square)
    return 2 * first**2 + rate * cube / (3 * (1 - rate * mean))


def cobham(rates: list[float], means: list[float], squares: list[float]) -> list[float]:
    """Return mean waits by class in M/G/1 with priorities, work finished (Cobham 1954)."""
    left = sum(rate * square for rate, square in zip(rates, squares, strict=True)) / 2
    below = np.cumsum([0.0, *[rate * mean for rate, mean in zip(rates, means, strict=True)]])
    return [left / ((1 - below[k]) * (1 - below[k + 1])) for k in range(len(rates))]


def kella_yechiali(rate: float, people: int, shares: list[float]) -> list[float]:
    """Return mean waits by class in M/M/c with priorities and unit work (Kella and Yechiali 1985)."""
    below = np.cumsum([0.0, *shares]) * rate / people
    first = erlang_c(rate, people) / people
    return [first / ((1 - below[k]) * (1 - below[k + 1])) for k in range(len(shares))]


def preemptive(rates: list[float], means: list[float], squares: list[float]) -> list[float]:
    """Return mean times in system by class in M/G/1, interrupted and resumed (White and Christie 1958)."""
    below = np.cumsum([0.0, *[rate * mean for rate, mean in zip(rates, means, strict=True)]])
    left = np.cumsum([rate * square / 2 for rate, square in zip(rates, squares, strict=True)])
    return [
        (means[k] * (1 - below[k + 1]) + left[k]) / ((1 - below[k]) * (1 - below[k + 1]))
        for k in range(len(rates))
    ]


def gi_m_1(transform: Callable[[float], float]) -> float:
    """Return the mean wait in GI/M/1 with unit work, from the transform of the gaps (Kendall 1953)."""
    root = brentq(lambda share: transform(1 - share) - share, 1e-9, 1 - 1e-6, xtol=1e-15)
    return root / (1 - root)


def stationary(rates: dict[tuple[int, int], float], states: int) -> np.ndarray:
    """Return the stationary distribution of a Markov chain in continuous time."""
    start, to = (np.array([pair[side] for pair in rates]) for side in (0, 1))
    value = np.array(list(rates.values()))
    balance = coo_matrix(
        (np.concatenate((value, -value)), (np.concatenate((to, start)), np.concatenate((start, start)))),
        (states, states),
    ).tolil()
    balance[0, :] = 1.0
    right = np.zeros(states)
    right[0] = 1.0
    return np.asarray(spsolve(csc_matrix(balance), right))


def with_breakdowns(rate: float, fails: float, mends: float, most: int = 400) -> float:
    """Return the mean time in system of M/M/1 with unit work whose person comes and goes (numerically)."""
    chain: dict[tuple[int, int], float] = {}
    for count in range(most):
        up, down = 2 * count, 2 * count + 1
        chain[up, down], chain[down, up] = fails, mends
        if count + 1 < most:
            chain[up, up + 2] = chain[down, down + 2] = rate
        if count:
            chain[up, up - 2] = 1.0
    share = stationary(chain, 2 * most)
    return float((share * (np.arange(2 * most) // 2)).sum() / rate)


def machine_repair(machines: int, people: int, runs: float) -> float:
    """Return the mean number waiting for repair in M/M/c//N with unit repairs, each running so long."""
    weight = [1.0]
    for broken in range(1, machines + 1):
        weight.append(weight[-1] * (machines - broken + 1) / runs / min(broken, people))
    share = np.array(weight) / sum(weight)
    return float((share * np.maximum(np.arange(machines + 1) - people, 0)).sum())


def one_helps_the_other(rate_a: float, rate_b: float, pace: float, most: int = 120) -> tuple[float, float]:
    """Return the mean numbers waiting with two teams of one person each (numerically).

    The first serves team A alone, the second team B, and A when nothing waits in B; she needs `pace` hours
    for an hour of work. When both are free, the first takes A's tickets.
    """
    # waiting in A, waiting in B, first busy, second busy; nobody waits for a free person who could serve
    states = {}
    for a in range(most):
        for b in range(most):
            for first in (0, 1):
                for second in (0, 1):
                    if (a and not (first and second)) or (b and not second):
                        continue
                    states[a, b, first, second] = len(states)
    chain: dict[tuple[int, int], float] = {}

    def add(old: tuple[int, int, int, int], new: tuple[int, int, int, int], rate: float) -> None:
        if new in states:
            pair = states[old], states[new]
            chain[pair] = chain.get(pair, 0.0) + rate

    for old in list(states):
        a, b, first, second = old
        if not first:
            add(old, (a, b, 1, second), rate_a)
        elif not second:
            add(old, (a, b, first, 1), rate_a)
        else:
            add(old, (a + 1, b, first, second), rate_a)
        add(old, (a, b, first, 1) if not second else (a, b + 1, first, second), rate_b)
        if first:
            add(old, (a - 1, b, 1, second) if a else (a, b, 0, second), 1.0)
        if second:
            new = (a, b - 1, first, 1) if b else (a - 1, b, first, 1) if a else (a, b, first, 0)
            add(old, new, 1.0 / pace)
    share = stationary(chain, len(states))
    table = np.array(list(states))
    return float(share @ table[:, 0]), float(share @ table[:, 1])


def transient(
    rate: Callable[[float], float], people: Callable[[float], float], there: int, times: list[float],
    breaks: list[float], most: int = 250,
) -> list[float]:  # fmt: skip
    """Return the mean number present in Mt/M/c(t) with unit work: Kolmogorov's equations, integrated."""
    count = np.arange(most + 1)

    def change(time: float, share: np.ndarray) -> np.ndarray:
        up = np.where(count < most, rate(time), 0.0) * share
        down = np.minimum(count, people(time)) * share
        result = -up - down
        result[1:] += up[:-1]
        result[:-1] += down[1:]
        return result

    share = np.zeros(most + 1)
    share[there] = 1.0
    now, means = 0.0, {}
    for moment in sorted({*times, *breaks}):
        if moment > now:
            found = solve_ivp(change, (now, moment - 1e-9), share, rtol=1e-8, atol=1e-10, method="LSODA")
            share, now = found.y[:, -1], moment
        means[moment] = float(share @ count)
    return [means[moment] for moment in times]


def erlang_two(mean: float) -> Callable[[float], float]:
    """Return the transform of gaps that are the sum of two exponentials."""
    return lambda argument: (1 + argument * mean / 2) ** -2


def fixed(mean: float) -> Callable[[float], float]:
    """Return the transform of equal gaps."""
    return lambda argument: math.exp(-argument * mean)

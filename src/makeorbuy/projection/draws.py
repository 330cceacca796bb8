"""The one set of draws behind every outcome: what people wrote, turned into numbers per draw.

Every uncertain number is its own named stream, called by the place where somebody wrote it, so that
adding a number moves no other. Wage growth, price growth and inflation are common to all options, and a
question has one answer in every option that it concerns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case, CostLine, SourcingOption, Uncertain
from makeorbuy.foundation.errors import CaseError, Problem
from makeorbuy.foundation.streams import Streams

Scale = Literal["amount", "share", "rate"]
"""``amount`` keeps its sign, ``share`` stays between 0 and 1, ``rate`` may be anything."""

Values = NDArray[np.float64]

FEASIBLE_SKEW = 1.6671131
"""Largest |a3| / a2 at which a three-term metalog still has a rising quantile function (Keelin 2016)."""

P10_LOGIT = math.log(9.0)
Z95 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Growth:
    """Real growth since the price year, draw by draw; column y is year y, column 0 is 1.

    Attributes
    ----------
    wages, prices : ndarray, shape (draws, horizon + 1)
        What one krone of wages or purchases has become, in kroner of the price year.
    deflator : ndarray, shape (draws, horizon + 1)
        What one krone of that year is worth in kroner of the price year.
    """

    wages: Values
    prices: Values
    deflator: Values


def metalog_coefficients(low: float, middle: float, high: float) -> tuple[float, float, float]:
    """Return the three metalog coefficients that give back P10, P50 and P90.

    Parameters
    ----------
    low, middle, high : float
        P10, P50 and P90 on the scale on which the metalog is fitted.

    Returns
    -------
    tuple of float
        a1, a2, a3 of ``Q(y) = a1 + a2 L + a3 (y - 0.5) L`` with ``L = ln(y / (1 - y))``.

    References
    ----------
    .. [1] T. W. Keelin, "The Metalog Distributions", Decision Analysis 13(4), 243-277, 2016.

    Examples
    --------
    >>> [round(a, 9) for a in metalog_coefficients(35.0, 50.0, 75.0)]
    [50.0, 9.102392266, 5.688995166]
    """
    width = high - low
    skew = (middle - low) / width if width else 0.5
    return middle, width / (2 * P10_LOGIT), (1 - 2 * skew) * width / (0.8 * P10_LOGIT)


def metalog_quantile(coefficients: tuple[float, float, float], share: Values) -> Values:
    """Return the value of a three-term metalog below which a share of the draws lie.

    Examples
    --------
    >>> a = metalog_coefficients(35.0, 50.0, 75.0)
    >>> metalog_quantile(a, np.array([0.05, 0.1, 0.85, 0.9])).round(6).tolist()
    [30.736466, 35.0, 69.242867, 75.0]
    """
    a1, a2, a3 = coefficients
    logit = np.log(share / (1 - share))
    return np.asarray(a1 + a2 * logit + a3 * (share - 0.5) * logit)


def _transform(values: tuple[float, ...], scale: Scale) -> Literal["plain", "log", "mirrored_log", "logit"]:
    """Return on which scale a number is drawn so that it cannot leave its natural range."""
    if scale == "share":
        return "logit"
    if scale == "amount" and min(values) > 0:
        return "log"
    if scale == "amount" and max(values) < 0:
        return "mirrored_log"
    return "plain"


def _forward(values: tuple[float, ...], transform: str) -> tuple[float, ...]:
    if transform == "log":
        return tuple(math.log(value) for value in values)
    if transform == "mirrored_log":
        return tuple(-math.log(-value) for value in values)
    if transform == "logit":
        return tuple(math.log(value / (1 - value)) for value in values)
    return values


def _backward(values: Values, transform: str) -> Values:
    if transform == "log":
        return np.exp(values)
    if transform == "mirrored_log":
        return -np.exp(-values)
    if transform == "logit":
        return 1 / (1 + np.exp(-values))
    return values


def infeasibility(uncertain: Uncertain, scale: Scale = "amount") -> str | None:
    """Say why no distribution fits an uncertain number, or None when one does.

    Returns
    -------
    str or None
        What was expected: shown to the person who wrote the number.

    Examples
    --------
    >>> infeasibility(Uncertain("quantiles", (10.0, 20.0, 40.0))) is None
    True
    >>> infeasibility(Uncertain("quantiles", (10.0, 10.5, 40.0)))
    'a P50 further from P10 and P90'
    """
    values = uncertain.values
    if len(set(values)) == 1:
        return None if scale != "share" or 0 <= values[0] <= 1 else "a share from 0 to 1"
    if any(later < earlier for earlier, later in pairwise(values)):
        return "numbers that do not fall"
    if uncertain.kind == "triangle":
        return None if scale != "share" or (values[0] >= 0 and values[-1] <= 1) else "shares from 0 to 1"
    if scale == "share" and not (values[0] > 0 and values[-1] < 1):
        return "shares above 0 and below 1 (or low, mode and high)"
    transform = _transform(values, scale)
    fitted = _forward(values, transform)
    if uncertain.kind == "range":
        return None
    _, a2, a3 = metalog_coefficients(*fitted)
    if abs(a3) >= FEASIBLE_SKEW * a2:
        return "a P50 further from P10 and P90"
    if transform in ("log", "mirrored_log") and a2 + abs(a3) / 2 >= 1:
        return "P90 closer to P10: the mean would be infinite"
    return None


def draws_of(
    uncertain: Uncertain, count: int, streams: Streams, place: str, scale: Scale = "amount"
) -> Values:
    """Return draws of an uncertain number from the stream of its place.

    A metalog gives back the stated P10, P50 and P90 exactly; it is fitted to the logarithm of an amount
    and to the logit of a share, so that a cost does not become an income nor a share exceed one. A range
    is P5 and P95 of a normal on the same scale. A triangle has the stated ends.

    Parameters
    ----------
    uncertain : Uncertain
    count : int
        Number of draws.
    streams : Streams
    place : str
        Name of the stream where the number has no place of its own.
    scale : {"amount", "share", "rate"}

    Returns
    -------
    ndarray, shape (count,)

    Raises
    ------
    CaseError
        If no distribution fits (``triple_infeasible``).
    """
    values = uncertain.values
    expected = infeasibility(uncertain, scale)
    if expected is not None:
        raise CaseError("A number cannot be drawn", [problem_of(uncertain, place, expected, None)])
    if len(set(values)) == 1:
        return np.full(count, values[0])
    rng = streams.named("number", uncertain.place or place)
    if uncertain.kind == "triangle":
        return _triangle(values, rng.random(count))
    transform = _transform(values, scale)
    fitted = _forward(values, transform)
    if uncertain.kind == "range":
        centre, spread = (fitted[0] + fitted[1]) / 2, (fitted[1] - fitted[0]) / (2 * Z95)
        return _backward(centre + spread * rng.standard_normal(count), transform)
    a1, a2, a3 = metalog_coefficients(*fitted)
    share = np.maximum(rng.random(count), 2.0**-53)  # 0 has no logit; 1 is never drawn
    return _backward(metalog_quantile((a1, a2, a3), share), transform)


def _triangle(values: tuple[float, ...], share: Values) -> Values:
    """Return quantiles of the triangular distribution on low, mode, high."""
    low, mode, high = values
    width = high - low
    split = (mode - low) / width
    left = low + np.sqrt(share * width * (mode - low))
    right = high - np.sqrt((1 - share) * width * (high - mode))
    return np.where(share < split, left, right)


def problem_of(uncertain: Uncertain, place: str, expected: str, row: int | None) -> Problem:
    """Return the problem that a number which cannot be drawn makes."""
    file, _, path = (uncertain.place or place).removeprefix("case:").partition("#")
    return Problem(
        "triple_infeasible",
        file,
        row,
        path or None,
        " / ".join(f"{value:g}" for value in uncertain.values),
        expected,
        "Move the middle value, or give {low, mode, high}.",
    )


def line_place(option: SourcingOption, line: CostLine) -> str:
    """Return the key of a cost line into the provenance."""
    if line.amount.place:
        return line.amount.place.rsplit(".amount", 1)[0]
    return f"case:{option.file or f'options/{option.id}.yaml'}#lines.{line.id}"


def check_numbers(case: Case) -> None:
    """Raise one CaseError with every number of the case from which nothing can be drawn."""
    numbers: list[tuple[Uncertain, str, Scale]] = []
    for service in case.services:
        numbers.append((service.avoidable.share, f"case:services.yaml#services.{service.id}", "share"))
    for option in case.options:
        numbers += [(line.amount, line_place(option, line), "amount") for line in option.lines]
        for name, statement in option.speed.items():
            place = statement.place or f"case:options/{option.id}.yaml#speed.{name}"
            if statement.time_factor is not None:
                numbers.append((statement.time_factor, place, "amount"))
            for share in (statement.kept_share_of_months, statement.share_when_missed):
                if share is not None:
                    numbers.append((share, place, "share"))
        for change in option.teams:
            numbers += [(factor, f"{change.place}.{name}", "amount") for name, factor in change.factors]
        numbers += [(one.factor, f"{one.place}.factor", "amount") for one in option.handoffs]
        numbers += [(factor, factor.place, "amount") for factor in option.demand.values()]
    problems = [
        problem_of(uncertain, place, expected, case.line_of(uncertain.place or place))
        for uncertain, place, scale in numbers
        if (expected := infeasibility(uncertain, scale)) is not None
    ]
    if problems:
        raise CaseError("Some numbers cannot be drawn", problems)


def growth_of(case: Case, streams: Streams, count: int) -> Growth:
    """Return real growth of wages and purchases and the value of money, common to all options.

    Year 0 is the price year. A rate is the same in every year of a draw.
    """
    years = np.arange(case.horizon_years + 1)

    def rates(name: str) -> Values:
        triple = Uncertain("quantiles", case.assumptions.quantiles(name))
        return draws_of(triple, count, streams, f"assumption:{name}", "rate")[:, None]

    return Growth(
        wages=(1 + rates("real_wage_growth")) ** years,
        prices=(1 + rates("real_price_growth")) ** years,
        deflator=(1 + rates("inflation")) ** -years.astype(np.float64),
    )


def chance_of(option: SourcingOption, line: CostLine, count: int, streams: Streams) -> NDArray[np.bool_]:
    """Return whether a line happens, draw by draw.

    Lines that hang on the same question share one stream: its answer is one and the same in all options.
    """
    name = f"question:{line.question}" if line.question else line_place(option, line)
    chance = 1.0 if line.chance is None else line.chance
    return streams.named("chance", name).random(count) < chance

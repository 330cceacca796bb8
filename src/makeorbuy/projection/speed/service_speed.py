"""The speed of one service under one option, with its figures.

Draw d uses the same bootstrap sample of weeks under every option, so that differences are paired and the
luck of the measured year does not count as a difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.baseline.model import ServiceBaseline
from makeorbuy.case.model import Case, Service, SourcingOption, SpeedStatement
from makeorbuy.foundation.figure import (
    Basis,
    Column,
    Figure,
    FigureSpec,
    Series,
    address,
    figure_from,
)
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.draws import draws_of
from makeorbuy.projection.model import SpeedBasis, SpeedDraws
from makeorbuy.projection.speed.effect import Effect
from makeorbuy.projection.speed.flow_time import quantile_hours, restricted_mean_hours, share_within
from makeorbuy.projection.speed.promise import promised_quantiles
from makeorbuy.projection.speed.stated import stated_quantiles

Values = NDArray[np.float64]

CHUNK = 500
"""Draws at a time: 500 rows of the grid stay in the processor's cache."""

CURVE_DRAWS = 1000
"""The first draws, of which the curve and its band are made."""

MEAN = FigureSpec(
    "projection.speed.restricted_mean_hours", "hours",
    "Gjennomsnittlig løsningstid til horisonten", "Mean time up to the horizon",
    "mean over draws of the mean of min(time, horizon); 10-90 % of draws", "speed.md#restricted-mean",
)  # fmt: skip
SHARE = FigureSpec(
    "projection.speed.share_within_target", "share", "Andel innen frist", "Share within target",
    "mean over draws of the share of tickets ended within the target's hours", "speed.md#share-within-target",
)  # fmt: skip
QUANTILES = {
    0.5: FigureSpec(
        "projection.speed.median_hours", "hours", "Median løsningstid", "Median time",
        "median over draws of the time within which half of the tickets end", "speed.md#curve",
    ),
    0.85: FigureSpec(
        "projection.speed.p85_hours", "hours", "85 % løst innen", "85 % ended within",
        "median over draws of the time within which 85 % of the tickets end", "speed.md#curve",
    ),
    0.95: FigureSpec(
        "projection.speed.p95_hours", "hours", "95 % løst innen", "95 % ended within",
        "median over draws of the time within which 95 % of the tickets end", "speed.md#curve",
    ),
}  # fmt: skip
CURVE = FigureSpec(
    "projection.speed.curve", "table", "Andel ikke løst ennå, etter tid", "Share still open, by time",
    "median over draws of the time at each share; band 10-90 % of draws", "speed.md#curve",
)  # fmt: skip
BACKTEST = FigureSpec(
    "projection.speed.backtest", "share", "Etterprøving av farten", "Backtest of the speed",
    "share of held-out weeks whose mean time the 80 % interval of the simulation held",
    "queue.md#backtest",
)  # fmt: skip
FIGURES = (MEAN, SHARE, *QUANTILES.values(), CURVE, BACKTEST)

UNREACHED = {0.5: "median_not_reached", 0.85: "p85_not_reached", 0.95: "p95_not_reached"}
MAX_CURVE_POINTS = 160


@dataclass(frozen=True, slots=True)
class Replicates:
    """Today's speed of one service in every bootstrap sample, and which sample each draw uses.

    Attributes
    ----------
    hours : ndarray, shape (replicates, grid)
        Flow-time quantiles. [h]
    of_draw : ndarray of int64, shape (draws,)
    horizon_hours, longest_hours : float
        Horizon of the restricted mean; what stands for a time beyond the curve.
    """

    hours: Values
    of_draw: NDArray[np.int64]
    horizon_hours: float
    longest_hours: float


def replicates_of(
    case: Case, service: Service, baseline: ServiceBaseline, streams: Streams, count: int
) -> Replicates | None:
    """Return today's bootstrap samples of a service, or None when it has no speed.

    The sample of a draw has the same rank in all services: they were measured in the same weeks.
    """
    hours = baseline.bootstrap_quantiles
    if baseline.speed_reason is not None or hours is None or baseline.curve is None:
        return None
    name = "speed_horizon_hours" if service.clock == "elapsed" else "speed_horizon_working_hours"
    horizon = case.assumptions.number(name)
    rank = streams.named("bootstrap_sample").random(count)
    of_draw = (rank * hours.shape[0]).astype(np.int64)
    return Replicates(hours, of_draw, horizon, max(baseline.curve.last_hours, horizon))


def speed_place(option: SourcingOption, service: str, statement: SpeedStatement) -> str:
    """Return the key of a speed statement into the provenance."""
    return statement.place or f"case:{option.file or f'options/{option.id}.yaml'}#speed.{service}"


def option_quantiles(
    case: Case,
    today: Replicates,
    statement: SpeedStatement,
    place: str,
    streams: Streams,
    kept: Values | None = None,
    effect: Effect | None = None,
) -> Iterator[Values]:
    """Give the flow-time quantiles under a statement, a chunk of draws at a time.

    Parameters
    ----------
    kept : ndarray, shape (draws,), optional
        Share of months in which a promise is kept, instead of what the case says.
    effect : Effect, optional
        For a statement by teams: what they do to the times, world by world.

    Yields
    ------
    ndarray, shape (chunk, grid)
        [h]
    """
    count = today.of_draw.size
    chunks = [slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    if statement.kind == "unchanged":
        yield from (today.hours[today.of_draw[chunk]] for chunk in chunks)
    elif statement.kind == "teams":
        assert effect is not None and effect.ratio is not None
        world = np.arange(count) % effect.ratio.shape[0]
        for chunk in chunks:
            hours = today.hours[today.of_draw[chunk]] * effect.ratio[world[chunk]]
            hours.sort(axis=1)
            yield hours
    elif statement.kind == "change":
        assert statement.time_factor is not None
        factor = draws_of(statement.time_factor, count, streams, f"{place}.time_factor")
        for chunk in chunks:
            yield stated_quantiles(today.hours[today.of_draw[chunk]], factor[chunk])
    else:
        promises = sorted((promise.share, promise.hours) for promise in statement.promises)
        if kept is None:
            kept = np.ones(count)
            if statement.kept_share_of_months is not None:
                where = f"{place}.kept_share_of_months"
                kept = draws_of(statement.kept_share_of_months, count, streams, where, "share")
        missed = np.full(count, promises[-1][0])
        if statement.share_when_missed is not None:
            where = f"{place}.share_when_missed"
            missed = draws_of(statement.share_when_missed, count, streams, where, "share")
        spread = case.assumptions.number("promise_shape_spread")
        shape = streams.named("promise_shape", place)
        below, above = (spread * shape.standard_normal(count) for _ in range(2))
        for chunk in chunks:
            yield promised_quantiles(
                today.hours[today.of_draw[chunk]], promises, kept[chunk], missed[chunk],
                (below[chunk], above[chunk]), today.longest_hours,
            )  # fmt: skip


BASIS: dict[str, SpeedBasis] = {
    "unchanged": "measured", "change": "stated", "promised": "promised", "teams": "simulated",
}  # fmt: skip


def service_speed(
    case: Case,
    service: Service,
    option: SourcingOption,
    today: Replicates,
    business_as_usual_hours: Values | None,
    streams: Streams,
    effect: Effect | None = None,
) -> tuple[SpeedDraws, list[Figure | Series]]:
    """Return the speed of a service under an option, and its figures.

    An option in house that says nothing about a service leaves it as it is; an offer that says nothing has
    no speed (``no_speed_stated``). Where the speed follows from teams and the simulation has not earned
    trust, it is unknown, with the reason.
    """
    statement = option.speed.get(service.id)
    if statement is None:
        if option.is_external:
            return no_speed(service.id, option.id, "no_speed_stated")
        statement = SpeedStatement("unchanged")
    if statement.kind == "teams" and (effect is None or effect.reason is not None):
        return no_speed(service.id, option.id, (effect.reason if effect else None) or "no_queue_model")
    place = speed_place(option, service.id, statement)
    target = service.target
    means: list[Values] = []
    shares: list[Values] = []
    sample: list[Values] = []
    sampled = 0
    unchanged = statement.kind == "unchanged"
    if unchanged:  # every draw of a sample is the same: read each sample once
        means = [restricted_mean_hours(today.hours, today.horizon_hours)[today.of_draw]]
        if target is not None:
            shares = [share_within(today.hours, target.hours)[today.of_draw]]
        sample = [today.hours[today.of_draw[:CURVE_DRAWS]]]
    else:
        for rows in option_quantiles(case, today, statement, place, streams, effect=effect):
            means.append(restricted_mean_hours(rows, today.horizon_hours))
            if target is not None:
                shares.append(share_within(rows, target.hours))
            if sampled < CURVE_DRAWS:
                sample.append(rows[: CURVE_DRAWS - sampled])
                sampled += len(sample[-1])
    mean = np.concatenate(means)
    share = np.concatenate(shares) if shares else None
    basis = BASIS[statement.kind]
    inputs = (
        address("baseline.flow_time.restricted_mean_hours", service.id),
        *_inputs(service, statement, place),
    )
    draws = SpeedDraws(
        service.id, option.id, basis, mean,
        mean if business_as_usual_hours is None else business_as_usual_hours,
        share, None, None if effect else "no_queue_model", inputs,
        None if effect is None or effect.ratio is None else effect.ratio.shape[0],
    )  # fmt: skip
    return draws, _figures(case, draws, np.concatenate(sample), effect)


def _inputs(service: Service, statement: SpeedStatement, place: str) -> tuple[str, ...]:
    horizon = "speed_horizon_hours" if service.clock == "elapsed" else "speed_horizon_working_hours"
    common = (f"assumption:{horizon}", "assumption:bootstrap_replicates")
    if statement.kind == "unchanged":
        return common
    if statement.kind == "teams":
        return (place, f"{place.partition('#')[0]}#teams", *common, "evidence:ticket_events")
    doubt = ("assumption:promise_shape_spread",) if statement.kind == "promised" else ()
    return (place, *common, *doubt)


def no_speed(service: str, option: str, reason: str) -> tuple[SpeedDraws, list[Figure | Series]]:
    """Return a speed that cannot be given, and its figures with the reason."""
    draws = SpeedDraws(service, option, "measured", None, None, None, reason, None, ())
    subject = (service, option)
    entries: list[Figure | Series] = [
        figure_from(spec, subject, reason=reason) for spec in (MEAN, SHARE, *QUANTILES.values(), BACKTEST)
    ]
    return draws, [*entries, Series(address(CURVE.name, *subject), _CURVE_COLUMNS, (), reason)]


_CURVE_COLUMNS = (
    Column("hours", "hours"),
    Column("share_open", "share"),
    Column("low", "share"),
    Column("high", "share"),
)


def _figures(case: Case, draws: SpeedDraws, sample: Values, effect: Effect | None) -> list[Figure | Series]:
    subject = (draws.service, draws.option)
    level = case.assumptions.number("interval_level")
    ends = ((1 - level) / 2, (1 + level) / 2)
    basis: Basis = draws.basis
    note = "if_kept" if draws.basis == "promised" else None
    common: dict[str, Any] = {"level": level, "basis": basis, "inputs": draws.inputs, "note": note}

    def over_draws(spec: FigureSpec, values: Values) -> Figure:
        low, high = np.quantile(values, ends)
        return figure_from(
            spec, subject, float(values.mean()), low=float(low), high=float(high), n=values.size, **common
        )

    assert draws.restricted_mean_hours is not None
    entries: list[Figure | Series] = [over_draws(MEAN, draws.restricted_mean_hours)]
    if draws.share_within_target is None:
        entries.append(figure_from(SHARE, subject, reason="no_target"))
    else:
        entries.append(over_draws(SHARE, draws.share_within_target))
    for share, spec in QUANTILES.items():
        hours = quantile_hours(sample, share)
        low, middle, high = np.quantile(hours, (ends[0], 0.5, ends[1]), method="inverted_cdf")
        if np.isfinite(middle):
            top = float(high) if np.isfinite(high) else None
            entries.append(
                figure_from(spec, subject, float(middle), low=float(low), high=top, n=hours.size, **common)
            )
        else:
            entries.append(figure_from(spec, subject, reason=UNREACHED[share], inputs=draws.inputs))
    entries.append(curve_series(draws, sample, ends))
    tested: dict[str, Any] = {"basis": basis, "inputs": draws.inputs}
    if effect is None:
        entries.append(figure_from(BACKTEST, subject, reason=draws.backtest_reason, **tested))
    else:
        entries.append(figure_from(BACKTEST, subject, effect.coverage, n=effect.scored, **tested))
    return entries


def curve_series(draws: SpeedDraws, sample: Values, ends: tuple[float, float]) -> Series:
    """Return the share still open by time: the median curve over draws and its band.

    The band at a time is read from the band of the times at each share: where a share of the draws has
    Q(p) below t, the same share has F(t) above p, so the two are one.
    """
    grid = sample.shape[1]
    ended = (np.arange(grid) + 0.5) / grid
    chosen = np.unique(np.linspace(0, grid - 1, min(grid, MAX_CURVE_POINTS - 1)).astype(np.int64))
    ended = ended[chosen]
    columns = np.sort(sample.T[chosen], axis=1)
    fast, middle, slow = (
        columns[:, int(np.ceil(end * columns.shape[1])) - 1] for end in (ends[0], 0.5, ends[1])
    )
    reached = int(np.isfinite(middle).sum())
    rows: list[tuple[float, float, float, float]] = [(0.0, 1.0, 1.0, 1.0)]
    for point in range(reached):
        hours = float(middle[point])
        low = 1 - _ended_within(fast, ended, hours)
        high = 1 - _ended_within(slow, ended, hours)
        rows.append((hours, float(1 - ended[point]), low, high))
    return Series(
        address(CURVE.name, draws.service, draws.option), _CURVE_COLUMNS, tuple(rows), None, draws.inputs,
        draws.basis,
    )  # fmt: skip


def _ended_within(quantiles: Values, ended: Values, hours: float) -> float:
    reached = int(np.searchsorted(quantiles, hours, side="right"))
    return float(ended[reached - 1]) if reached else 0.0

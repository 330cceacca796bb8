"""What would flip a recommendation: how far each number is from where something else would win."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case, SpeedStatement
from makeorbuy.decision.break_even import (
    avoidable_cost_of_lot,
    avoidable_share_of_lot,
    price_lines,
    yearly_price,
)
from makeorbuy.decision.recommendation import Judged, chosen_options, implied
from makeorbuy.decision.superiority import Values, less, speed_change_of_lot
from makeorbuy.foundation.figure import Column, FigureSpec, Series, address
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.draws import draws_of
from makeorbuy.projection.model import Projection, SpeedDraws
from makeorbuy.projection.speed.flow_time import restricted_mean_hours
from makeorbuy.projection.speed.service_speed import option_quantiles, replicates_of, speed_place

FLIPS = FigureSpec(
    "decision.flips", "table", "Hva må endre seg?", "What would have to change?",
    "per lot the number nearest to where it costs the same as what would be followed instead; "
    "the three nearest, one per lot", "decision.md#what-flips-it",
)  # fmt: skip
FIGURES = (FLIPS,)

SHOWN = 3
PRICE_FIRST = 1.25
"""A price that must go at most this much farther than the nearest number is told instead of it: a price
can be negotiated, the rest can only be found out."""
SPEED_DRAWS = 500
"""Draws on which the kept share is searched for: each step projects the lot's speed anew."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One number of one option: now, where it flips, and what is believed of it (10-90 %)."""

    option: str
    quantity: str
    now: float
    flips_at: float
    low: float
    high: float
    unit: str
    would_win: str

    @property
    def distance_share(self) -> float:
        """How far it must go, as a share of what it is now; negative is down."""
        return (self.flips_at - self.now) / abs(self.now)

    @property
    def is_within_belief(self) -> bool:
        """Whether it flips within 10-90 % of what is believed."""
        return self.low <= self.flips_at <= self.high


def linear_flip(now: float, cost_of_it: float, gap_nok: float) -> float:
    """Return the value at which an expected gap closes, when cost is proportional to the number.

    Parameters
    ----------
    now : float
        The number's expected value.
    cost_of_it : float
        What it adds to the option's yearly cost; negative where it lowers the cost. [NOK per year]
    gap_nok : float
        Expected saving of the option beyond its rival. [NOK per year]

    Returns
    -------
    float

    Examples
    --------
    A price of 248 that must come down by 11.1:

    >>> round(linear_flip(248.0, 248.0, -11.1), 1)
    236.9
    """
    return now * (1 + gap_nok / cost_of_it)


def option_flips(
    case: Case,
    baseline: Baseline,
    projection: Projection,
    item: Judged,
    gap_nok: float,
    would_win: str,
    *,
    with_speed: bool,
) -> list[Flip]:
    """Return every number of an option with where it flips.

    Parameters
    ----------
    gap_nok : float
        Expected saving beyond what would be followed instead over its services.
    would_win : str
        What would then be recommended.
    with_speed : bool
        Whether speed may flip it: it does for an option that is to be followed.
    """
    cost = item.comparison.cost
    assert cost is not None
    level = case.assumptions.number("interval_level")
    ends = ((1 - level) / 2, (1 + level) / 2)
    found: list[Flip] = []

    def add(quantity: str, draws: Values, cost_of_it: float, unit: str, most: float = np.inf) -> None:
        now = float(draws.mean())
        if not now or not cost_of_it:
            return
        flips_at = linear_flip(now, cost_of_it, gap_nok)
        if flips_at * now >= 0 and flips_at <= most:  # a cost does not turn into an income
            low, high = (float(end) for end in np.quantile(draws, ends))
            found.append(Flip(item.option.id, quantity, now, flips_at, low, high, unit, would_win))

    prices = price_lines(cost)
    if prices:
        add("price", yearly_price(cost), float(cost.equivalent_yearly_nok(prices).mean()), "nok_per_year")
    if item.option.is_external:
        share = avoidable_share_of_lot(projection, cost.services)
        add("avoidable_share", share, -float(avoidable_cost_of_lot(cost).mean()), "share", 1.0)
    for line in cost.lines:
        if line.amount_nok is None or line.kind in ("price", "adopted"):
            continue
        once = line.line is not None and line.line.per == "once"
        yearly = float(cost.equivalent_yearly_nok((line,)).mean())
        add(line.kind, line.amount_nok, yearly, "nok" if once else "nok_per_year")
    if with_speed:
        found += _speed_flips(case, baseline, item, ends)
    return found


def _speed_flips(case: Case, baseline: Baseline, item: Judged, ends: tuple[float, float]) -> list[Flip]:
    """Return where a followed option would no longer be faster, in its own terms."""
    option = item.option
    measured = [speed.service for speed in item.comparison.speeds if speed.reason is None]
    said = {name: option.speed[name] for name in measured if name in option.speed}
    factors = {name: told for name, told in said.items() if told.kind == "change"}
    promises = {name: told for name, told in said.items() if told.kind == "promised"}
    if promises:
        return _kept_share_flip(case, baseline, item, promises, ends)
    if not factors:
        return []
    streams, count = Streams(case.seed), case.assumptions.whole("draws")
    tickets = {name: baseline.services[name].tickets for name in factors}
    total = sum(tickets.values())
    draws = np.zeros(count)
    for name, told in factors.items():
        assert told.time_factor is not None
        place = f"{speed_place(option, name, told)}.time_factor"
        draws = draws + tickets[name] / total * draws_of(told.time_factor, count, streams, place)
    low, high = (float(end) for end in np.quantile(draws, ends))
    return [Flip(option.id, "time_factor", float(draws.mean()), 1.0, low, high, "factor", "keep")]


def _kept_share_flip(
    case: Case,
    baseline: Baseline,
    item: Judged,
    promises: Mapping[str, SpeedStatement],
    ends: tuple[float, float],
) -> list[Flip]:
    """Return the share of months in which the promises must be kept to be faster at all, by bisection."""
    option, streams = item.option, Streams(case.seed)
    stated = {
        name: told.kept_share_of_months
        for name, told in promises.items()
        if told.kept_share_of_months is not None
    }
    if not stated:
        return []

    def change(kept: float) -> float:
        """Return the lot's expected speed change when promises are kept in this share of the months."""
        speeds: list[SpeedDraws] = []
        for speed in item.comparison.speeds:
            if speed.reason is not None or speed.restricted_mean_hours is None:
                continue
            usual = speed.business_as_usual_hours
            assert usual is not None
            hours = speed.restricted_mean_hours[:SPEED_DRAWS]
            count = hours.size
            if speed.service in promises:
                told = promises[speed.service]
                service = case.service(speed.service)
                today = replicates_of(case, service, baseline.services[service.id], streams, count)
                assert today is not None
                place = speed_place(option, service.id, told)
                rows = option_quantiles(case, today, told, place, streams, np.full(count, kept))
                hours = np.concatenate([restricted_mean_hours(row, today.horizon_hours) for row in rows])
            speeds.append(replace(speed, restricted_mean_hours=hours, business_as_usual_hours=usual[:count]))
        tickets = {speed.service: baseline.services[speed.service].tickets for speed in speeds}
        draws, _ = speed_change_of_lot(tuple(speeds), tickets)
        return 0.0 if draws is None else float(draws.mean())

    low, high = 0.0, 1.0
    if change(low) <= 0 or change(high) >= 0:
        return []  # faster even when never kept, or slower even when always kept
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if change(middle) < 0 else (middle, high)
    count = case.assumptions.whole("draws")
    total = sum(baseline.services[name].tickets for name in stated)
    draws = np.zeros(count)
    for name, share in stated.items():
        place = f"{speed_place(option, name, promises[name])}.kept_share_of_months"
        weight = baseline.services[name].tickets / total
        draws = draws + weight * draws_of(share, count, streams, place, "share")
    belief = np.quantile(draws, ends)
    return [
        Flip(
            option.id, "kept_share", float(draws.mean()), high, float(belief[0]), float(belief[1]), "share",
            "keep",
        )
    ]  # fmt: skip


def nearest_flips(
    case: Case,
    baseline: Baseline,
    projection: Projection,
    judged: Mapping[str, Judged],
    chosen: tuple[str, ...],
) -> list[Flip]:
    """Return the nearest flip of each lot that the rule has settled, nearest first.

    A bid that would beat business as usual does not win while an option in house saves more: each option
    is held against what would otherwise be followed over its services. A lot within a wider one is left
    out: it would tell of the same services twice.
    """
    nearest: list[Flip] = []
    for name, item in sorted(judged.items()):
        saving = item.comparison.expected_saving_nok
        settled = item.verdict.outcome == "worse" or name in chosen
        if saving is None or not settled or item.option.kind == "market_estimate":
            continue
        followed = name in chosen
        rival, rival_wins = _rival(item, judged, chosen)
        gap = saving - rival
        if followed == (gap < 0):
            continue  # not the expected cost decides between these two
        wins = rival_wins if followed else _if_it_cost_less(case, item)
        flips = option_flips(case, baseline, projection, item, gap, wins, with_speed=followed)
        if flips:
            nearest.append(min(flips, key=_reach))
    by_lot: dict[frozenset[str], Flip] = {}
    for flip in sorted(nearest, key=_reach):
        by_lot.setdefault(frozenset(judged[flip.option].option.services), flip)
    widest = [flip for lot, flip in by_lot.items() if not any(lot < other for other in by_lot)]
    return sorted(widest, key=lambda flip: (abs(flip.distance_share), flip.option))


def _if_it_cost_less(case: Case, item: Judged) -> str:
    """Return what the rule would say of an option that were the cheapest: its speed may still not do."""
    change = item.comparison.speed_change
    required = case.assumptions.number("required_probability_faster")
    if change is None or float(less(change, 0.0).mean()) < required:
        return "undecided"
    return "move" if item.option.is_external else "improve"


def _reach(flip: Flip) -> tuple[float, str, str]:
    """Return how far a number must go, a price a little favoured."""
    favour = PRICE_FIRST if flip.quantity == "price" else 1.0
    return abs(flip.distance_share) / favour, flip.quantity, flip.option


def _rival(item: Judged, judged: Mapping[str, Judged], chosen: tuple[str, ...]) -> tuple[float, str]:
    """Return what would be followed instead of an option: its expected saving, and what that is called.

    For an option that is not followed: the followed ones that share a service with it, since each is taken
    whole. For one that is: the best that could take its place; business as usual where there is none.
    """
    own = set(item.option.services)
    if item.option.id not in chosen:
        overlap = [judged[name] for name in chosen if not own.isdisjoint(judged[name].option.services)]
        return sum(other.comparison.expected_saving_nok or 0.0 for other in overlap), "keep"
    elsewhere = {
        service for name in chosen if name != item.option.id for service in judged[name].option.services
    }
    instead = chosen_options(
        (name, other.option.services, other.comparison.expected_saving_nok or 0.0)
        for name, other in judged.items()
        if name not in chosen
        and other.verdict.outcome == "better"
        and elsewhere.isdisjoint(other.option.services)
    )
    savings = {name: judged[name].comparison.expected_saving_nok or 0.0 for name in instead}
    wins = implied(judged[max(savings, key=lambda name: savings[name])]) if savings else "keep"
    return sum(savings.values()), wins


def flips_series(flips: list[Flip]) -> Series:
    """Return the three nearest flips as a series."""
    columns = (
        Column("option", "id"),
        Column("quantity", "code"),
        Column("now", "mixed"),
        Column("flips_at", "mixed"),
        Column("low", "mixed"),
        Column("high", "mixed"),
        Column("unit", "unit"),
        Column("distance_share", "share"),
        Column("flips_within_interval", "truth"),
        Column("would_win", "code"),
    )
    shown = flips[:SHOWN]
    rows = tuple(
        (
            flip.option, flip.quantity, flip.now, flip.flips_at, flip.low, flip.high, flip.unit,
            flip.distance_share, flip.is_within_belief, flip.would_win,
        )
        for flip in shown
    )  # fmt: skip
    inputs = tuple(
        address(name, flip.option)
        for flip in shown
        for name in ("projection.cost.lines", "decision.net_saving_nok")
    )
    return Series(FLIPS.name, columns, rows, None if rows else "nothing_settled", inputs)

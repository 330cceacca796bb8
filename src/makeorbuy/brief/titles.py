"""Titles that state a finding: small pure functions of numbers, true for any data.

A direction is claimed only when the interval does not span zero. No title is longer than 85
characters, which is two lines above a chart; each function gives its first wording that fits.
"""

from __future__ import annotations

from collections.abc import Sequence

from makeorbuy.brief.reading import shortened
from makeorbuy.wording.voice import Voice

LONGEST = 85


def fitting(*candidates: str) -> str:
    """Return the first candidate of at most 85 characters, else the last, cut."""
    for candidate in candidates:
        if len(candidate) <= LONGEST:
            return candidate
    return shortened(candidates[-1], LONGEST)


def direction(value: float | None, low: float | None, high: float | None) -> int:
    """Return -1 or 1 when value and interval lie on one side of zero, 0 when they do not.

    An interval with an open end claims nothing; a figure without an interval speaks for itself.

    Examples
    --------
    >>> direction(-3, -5, -1), direction(-3, -5, 1), direction(2, None, None), direction(2, None, 4)
    (-1, 0, 1, 0)
    """
    if value is None or not value:
        return 0
    if low is None and high is None:
        return 1 if value > 0 else -1
    if low is None or high is None:
        return 0
    if low > 0 and value > 0:
        return 1
    return -1 if high < 0 and value < 0 else 0


def headline(
    v: Voice,
    counts: dict[str, int],
    saving_nok: dict[str, float],
    has_offers: bool,
    only_name: str | None = None,
) -> str:
    """Return the first sentence of the brief.

    Parameters
    ----------
    counts : dict
        Services by recommendation.
    saving_nok : dict
        Expected yearly saving of what is recommended, by recommendation. [NOK per year]
    has_offers : bool
        Whether anybody but the agency itself has given a price.
    only_name : str or None
        The service's name when there is only one.
    """
    total = sum(counts.values())
    move, improve, keep = counts.get("move", 0), counts.get("improve", 0), counts.get("keep", 0)
    banned, open_ = counts.get("not_allowed", 0), counts.get("undecided", 0)
    if not total:
        return v("headline.no_services")
    if total == 1 and only_name:
        code = next(code for code in counts if counts[code])
        return v(f"headline.only_{code}", service=only_name)
    every = v.whole(total)
    if open_ == total:
        return v("headline.all_open" if has_offers else "headline.all_open_no_offers", total=every)
    if banned == total:
        return v("headline.all_not_allowed", total=every)
    if not has_offers and open_ + banned == total:
        return v("headline.screening", open=v.count_word(open_), total=every, banned=v.count_word(banned))
    if move == total:
        return v("headline.all_move", total=every)
    if move == 0:
        first = v("headline.none_move", total=every)
    elif move == 1:
        first = v("headline.one_moves", total=every)
    elif move <= total / 3:
        first = v("headline.few_move", count=v.count_word(move), total=every)
    else:
        first = v("headline.many_move", count=v.count_word(move), total=every)
    return f"{first}; {_second(v, move, improve, keep, open_, saving_nok, has_offers)}"


def _second(
    v: Voice, move: int, improve: int, keep: int, open_: int, saving_nok: dict[str, float], has_offers: bool
) -> str:
    by_improving, by_moving = saving_nok.get("improve", 0.0), saving_nok.get("move", 0.0)
    if improve and by_improving > 0 and by_improving > by_moving:
        return v("headline.then_improve")
    if move and by_moving > 0 and by_moving > by_improving:
        return v("headline.then_move_saves", amount=v.bold_mnok(by_moving))
    if open_ > keep:
        return v("headline.then_open" if has_offers else "headline.then_no_offers", count=v.count_word(open_))
    if keep:
        return v.counted("headline.then_keep", keep)
    return v("headline.then_rest")


def bridge(
    v: Voice,
    subject: str,
    today_nok: float,
    price_nok: float | None,
    net_nok: float,
    low: float | None,
    high: float | None,
    is_external: bool = True,
) -> str:
    """Return the title of the money bridge: what the price says, and what remains of it.

    ``net_nok`` is positive when the option costs more than business as usual.
    """
    sure = direction(net_nok, low, high)
    end = {1: "dearer", -1: "cheaper", 0: "unclear"}[sure]
    amount = v.bold_mnok(abs(net_nok))
    short = v(f"title.bridge.short_{end}", subject=subject, amount=amount)
    if not is_external or price_nok is None or not today_nok:
        return fitting(short)
    change = (price_nok - today_nok) / today_nok
    start = "same" if abs(change) < 0.005 else "lower" if change < 0 else "higher"
    return fitting(
        v(f"title.bridge.{start}_{end}", subject=subject, share=v.percent(abs(change)), amount=amount), short
    )


def superiority(v: Voice, better: Sequence[str], total: int, required: float) -> str:
    """Return the title of the map: which options are both cheaper and faster, with how much certainty."""
    share = v.percent(required)
    if not total:
        return v("title.map.nothing")
    if not better:
        return v("title.map.none", share=share)
    some = v("title.map.some", share=share, count=v.count_word(len(better)), total=v.count_word(total))
    if len(better) == total:
        return (
            v.counted("title.map.all", total, share=share)
            if total != 2
            else v("title.map.all_two", share=share)
        )
    return fitting(v("title.map.only", share=share, names=v.listed(better)), some)


def flips(v: Voice, inside: int, total: int, nearest: str, distance: float | None) -> str:
    """Return the title of what flips the recommendations."""
    if not total:
        return v("title.flips.nothing")
    if distance is None:
        return fitting(v.counted("title.flips.inside", inside) if inside else v("title.flips.far"))
    away = v.percent(abs(distance), 1 if abs(distance) < 0.1 else 0)
    slots = {"name": nearest, "distance": away}
    if not inside:
        start = (
            v("title.flips.none_of_one") if total == 1 else v("title.flips.none", total=v.count_word(total))
        )
    elif inside == total:
        start = v.counted("title.flips.all", total)
    else:
        start = v.counted("title.flips.some", inside, total=v.count_word(total))
    return fitting(f"{start}; {v('title.flips.nearest', **slots)}", start)


def assumed(v: Voice, share: float | None, lot: str, assumed_nok: float, net_nok: float | None) -> str:
    """Return the title of the assumptions: how much is assumed, against what the offer differs by."""
    if share is None:
        return v("title.assumed.nothing")
    plain = v("title.assumed.plain", share=v.percent(share))
    if share == 0:
        return v("title.assumed.none")
    if not net_nok:
        return plain
    times = assumed_nok / abs(net_nok)
    if times < 1:
        return fitting(v("title.assumed.less", share=v.percent(share), lot=lot), plain)
    return fitting(
        v("title.assumed.times", share=v.percent(share), lot=lot, times=v.count_word(max(1, round(times)))),
        plain,
    )


def speed(
    v: Voice,
    subject: str,
    basis: str,
    hours: float | None,
    today_hours: float | None,
    probability_faster: float | None,
) -> str:
    """Return the title of a flow-time chart of an option against business as usual.

    A direction is claimed from nine of ten draws on; what a supplier promises holds only if kept.
    """
    if basis == "measured":
        return fitting(v("title.speed.unchanged", subject=subject))
    end = "if_kept" if basis == "promised" else "plain"
    if hours is None or today_hours is None or probability_faster is None:
        return fitting(v(f"title.speed.unknown_{end}", subject=subject))
    places = 0 if min(hours, today_hours) >= 10 else 1
    slots = {"subject": subject, "hours": v.decimal(hours, places), "today": v.decimal(today_hours, places)}
    if probability_faster >= 0.9:
        code = "faster"
    elif probability_faster <= 0.1:
        code = "slower"
    else:
        code = "unclear"
    return fitting(v(f"title.speed.{code}_{end}", **slots), v(f"title.speed.{code}_short", **slots))


def speed_today(v: Voice, median: float | None, p95: float | None, clock: str = "elapsed") -> str:
    """Return the title of today's flow time."""
    if median is None:
        return v("title.speed.median_not_reached")
    if p95 is None:
        return v("title.speed.today_median", median=v.duration(median, clock))
    return v("title.speed.today", median=v.duration(median, clock), p95=v.duration(p95, clock))


def within_target(
    v: Voice,
    target: float,
    today: float,
    low: float | None,
    high: float | None,
    best_subject: str | None = None,
    best: float | None = None,
    best_is_promise: bool = False,
) -> str:
    """Return the title of the share within target: today against the target, and what lifts it most."""
    share, goal = v.percent(today), v.percent(target)
    if (low if low is not None else today) >= target:
        return v("title.target.met", share=share, target=goal)
    missed = high is not None and high < target
    start = v("title.target.missed" if missed else "title.target.unclear", share=share, target=goal)
    if best is None or best_subject is None or best <= today + 0.005:
        return fitting(start)
    code = "title.target.best_if_kept" if best_is_promise else "title.target.best"
    more = v(code, subject=best_subject, share=v.percent(best))
    return fitting(f"{v('title.target.short', share=share, target=goal)}; {more}", start)


def backlog(
    v: Voice, growth: float | None, low: float | None, high: float | None, open_count: float | None
) -> str:
    """Return the title of the backlog: whether it grows, and how many are open."""
    if growth is None:
        start = v("title.backlog.unknown")
    else:
        sure = direction(growth, low, high)
        places = 0 if abs(growth) >= 20 else 1
        code = {1: "grows", -1: "falls", 0: "steady"}[sure]
        start = v(f"title.backlog.{code}", growth=v.decimal(abs(growth), places))
    if open_count is None:
        return start
    return f"{start}; {v('title.backlog.open', count=v.whole(open_count))}"


def unit_cost(v: Voice, unit_nok: float, driver: str, outside_share: float) -> str:
    """Return the title of the cost per driver unit, and how much of it no ledger of ours holds."""
    start = v("title.cost.start", amount=v.nok(unit_nok), driver=driver)
    if outside_share <= 0:
        return fitting(f"{start}; {v('title.cost.all_inside')}", start)
    return fitting(f"{start}; {v('title.cost.outside', share=v.percent(outside_share))}", start)


def usable(v: Voice, share: float, is_backtested: bool) -> str:
    """Return the title of the evidence of one service."""
    return v("title.evidence.tested" if is_backtested else "title.evidence.untested", share=v.percent(share))


def rows_used(v: Voice, share: float, quarantined: float) -> str:
    """Return the title of the evidence of all sources."""
    if not quarantined:
        return v("title.rows.none_set_aside", share=v.percent(share))
    return v("title.rows.set_aside", share=v.percent(share), count=v.whole(quarantined))


def probability_words(v: Voice, share: float) -> str:
    """Return a probability as a number and then the one word of the national matrix for it.

    Edges: below 10, 10 to 40, 40 to 60, 60 to 90, above 90 per cent.
    """
    if share > 0.9:
        code = "very_likely"
    elif share >= 0.6:
        code = "likely"
    elif share >= 0.4:
        code = "possible"
    elif share >= 0.1:
        code = "unlikely"
    else:
        code = "very_unlikely"
    return f"{v.probability(share)} ({v('probability.' + code)})"

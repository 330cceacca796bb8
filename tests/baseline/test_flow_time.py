"""The share still open: closed forms, what must always hold, and the clock of working hours."""

# ruff: noqa: DTZ001 - wall clocks have no zone
from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.baseline.flow_time import (
    CURVE_POINTS,
    figures,
    flow_counts,
    kaplan_meier,
    kaplan_meier_from_counts,
    quantile_hours,
    restricted_mean_hours,
    share_open_at,
)
from makeorbuy.baseline.measure import measure
from makeorbuy.baseline.model import FlowCounts
from makeorbuy.baseline.service_level import closed_only_share, share_within
from makeorbuy.foundation.streams import Streams

tickets = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def _arrays(sample):
    return np.array([hours for hours, _ in sample], dtype=float), np.array([done for _, done in sample])


def test_worked_by_hand() -> None:
    # at risk 6, 4, 1 at hours 2, 5, 9: 5/6, then 5/6 * 2/4, then 0
    hours = np.array([2.0, 3.0, 5.0, 5.0, 7.0, 9.0])
    curve = kaplan_meier(hours, np.array([True, False, True, True, False, True]))
    assert curve.hours.tolist() == [2, 5, 9]
    assert curve.share_open == pytest.approx([5 / 6, 5 / 12, 0])
    # Greenwood at 5 hours: 1/(6*5) + 2/(4*2) = 0.28333; ln(-ln(5/12)) = -0.13308
    centre, width = np.log(-np.log(5 / 12)), 1.959963984540054 * np.sqrt(1 / 30 + 2 / 8) / np.log(12 / 5)
    assert curve.low[1] == pytest.approx(np.exp(-np.exp(centre + width)), rel=1e-12)
    assert curve.high[1] == pytest.approx(np.exp(-np.exp(centre - width)), rel=1e-12)
    assert (curve.n, curve.censored, curve.last_hours) == (6, 2, 9.0)
    # 2 * 1 + 3 * 5/6 + 4 * 5/12
    assert restricted_mean_hours(curve, 9.0).value == pytest.approx(2 + 2.5 + 5 / 3)
    assert quantile_hours(curve, 0.5).value == 5.0


def test_geometric_times_have_a_geometric_curve() -> None:
    # half of those left are resolved in each hour: 64, 32, 16, ... 1, and one more stays open
    hours = np.repeat(np.arange(1.0, 8.0), [64, 32, 16, 8, 4, 2, 1])
    hours, done = np.append(hours, 7.5), np.append(np.ones(127, dtype=bool), False)
    curve = kaplan_meier(hours, done)
    assert curve.share_open.tolist() == [0.5**k for k in range(1, 8)]
    # mean of min(T, 7): 1 + 1/2 + ... + 1/64
    assert restricted_mean_hours(curve, 7.0).value == 2 - 0.5**6
    assert quantile_hours(curve, 0.5).value == 1.0
    assert quantile_hours(curve, 0.75).value == 2.0


def test_exponential_times_with_much_censoring_are_found_again() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    true, seen = rng.exponential(10.0, 200_000), rng.exponential(10.0, 200_000)
    curve = kaplan_meier(np.minimum(true, seen), true <= seen)
    assert quantile_hours(curve, 0.5).value == pytest.approx(10 * np.log(2), rel=0.01)
    assert restricted_mean_hours(curve, 20.0).value == pytest.approx(10 * (1 - np.exp(-2)), rel=0.01)
    # what counting resolved ones alone would say: the minimum of two, half as long
    closed = kaplan_meier(true[true <= seen], np.ones((true <= seen).sum(), dtype=bool))
    assert quantile_hours(closed, 0.5).value == pytest.approx(5 * np.log(2), rel=0.02)


@given(tickets)
def test_curve_falls_and_the_band_holds_it(sample) -> None:
    curve = kaplan_meier(*_arrays(sample))
    assert (np.diff(curve.hours) > 0).all()
    assert (np.diff(curve.share_open) < 0).all()
    assert ((curve.share_open >= 0) & (curve.share_open < 1)).all()
    assert (curve.low <= curve.share_open).all() and (curve.share_open <= curve.high).all()
    assert (curve.low >= 0).all() and (curve.high <= 1).all()
    for p in (0.25, 0.5, 0.9):
        estimate = quantile_hours(curve, p)
        if estimate.value is None:
            assert estimate.reason == "not_reached"
            assert curve.share_open.min(initial=1.0) > 1 - p
        else:
            assert estimate.low <= estimate.value
            assert estimate.high is None or estimate.value <= estimate.high


@given(tickets, st.randoms(use_true_random=False))
def test_order_of_tickets_does_not_matter(sample, random) -> None:
    shuffled = sample.copy()
    random.shuffle(shuffled)
    one, other = kaplan_meier(*_arrays(sample)), kaplan_meier(*_arrays(shuffled))
    assert one.share_open.tobytes() == other.share_open.tobytes()
    assert one.low.tobytes() == other.low.tobytes()


@given(tickets)
def test_counts_and_single_tickets_agree(sample) -> None:
    hours, done = _arrays(sample)
    distinct = np.unique(hours)
    resolved = np.array([(done & (hours == time)).sum() for time in distinct])
    every = np.array([(hours == time).sum() for time in distinct])
    one, other = kaplan_meier(hours, done), kaplan_meier_from_counts(distinct, resolved, every - resolved)
    assert one.share_open.tobytes() == other.share_open.tobytes()
    assert one.high.tobytes() == other.high.tobytes()
    assert (one.n, one.censored, one.last_hours) == (other.n, other.censored, other.last_hours)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_all_resolved_is_the_empirical_curve(times) -> None:
    hours = np.array(times, dtype=float)
    curve = kaplan_meier(hours, np.ones(hours.size, dtype=bool))
    assert curve.share_open == pytest.approx([(hours > time).mean() for time in curve.hours], abs=1e-12)
    assert restricted_mean_hours(curve, 20.0).value == pytest.approx(np.minimum(hours, 20).mean())
    assert restricted_mean_hours(curve, 1000.0).value == pytest.approx(hours.mean())


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_all_censored_says_nothing_but_how_long_it_looked(times) -> None:
    hours = np.array(times, dtype=float)
    curve = kaplan_meier(hours, np.zeros(hours.size, dtype=bool))
    assert curve.hours.size == 0 and curve.censored == curve.n == hours.size
    assert quantile_hours(curve, 0.1).reason == "not_reached"
    assert restricted_mean_hours(curve, hours.max() + 1).reason == "horizon_beyond_data"
    assert share_open_at(curve, hours.max() + 1).reason == "beyond_data"
    assert share_open_at(curve, hours.max()).value == 1.0


def test_horizon_within_and_beyond_the_data() -> None:
    curve = kaplan_meier(np.array([1.0, 4.0]), np.array([True, False]))
    assert restricted_mean_hours(curve, 4.0).value == 1 + 3 * 0.5
    assert restricted_mean_hours(curve, 4.1).reason == "horizon_beyond_data"
    nobody_left = kaplan_meier(np.array([1.0, 4.0]), np.array([True, True]))
    assert restricted_mean_hours(nobody_left, 100.0).value == 2.5


def test_a_bound_that_the_data_do_not_reach_is_none() -> None:
    curve = kaplan_meier(np.arange(1.0, 11.0), np.ones(10, dtype=bool))
    estimate = quantile_hours(curve, 0.95)
    assert (estimate.value, estimate.high) == (10.0, None)
    assert estimate.low is not None and estimate.low < 10


@pytest.mark.parametrize(
    ("hours", "resolved", "censored"),
    [
        ([1.0, 2.0], [1], [0]),
        ([-1.0], [1], [0]),
        ([np.nan], [1], [0]),
        ([np.inf], [1], [0]),
        ([1.0], [-1], [0]),
    ],
)
def test_refuses_what_is_no_flow_time(hours, resolved, censored) -> None:
    with pytest.raises(ValueError):
        kaplan_meier_from_counts(np.array(hours), np.array(resolved), np.array(censored))


def test_published_curve_is_thin_and_true(make_service) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    curve = kaplan_meier(np.exp(rng.normal(3, 2, 20_000)).round(3), rng.random(20_000) < 0.95)
    *_, series = figures(make_service(), "elapsed", curve, None, 0.95)
    assert 100 < len(series.rows) <= CURVE_POINTS
    steps = dict(zip(curve.hours.tolist(), curve.share_open.tolist(), strict=True))
    assert series.rows[0] == (0.0, 1.0, 1.0, 1.0)
    assert all(steps[hours] == share for hours, share, *_ in series.rows[1:-1])
    assert series.rows[-1][0] == curve.last_hours
    published = np.array([row[1] for row in series.rows])
    assert (np.diff(published) <= 0).all() and -np.diff(published).min() < 0.03


def _slow_working_minutes(opened: int, end: int, hours: dict[int, tuple[int, int]], off: set[int]) -> int:
    """Walk minute by minute; the slow, obvious oracle."""
    worked = 0
    for minute in range(opened, end):
        day, of_day = divmod(minute, 1440)
        begin, close = hours.get((day + 3) % 7, (0, 0))
        worked += day not in off and begin <= of_day < close
    return worked


moments = st.tuples(st.integers(0, 14 * 1440 - 1), st.integers(0, 6 * 1440))


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, min_size=1, max_size=8))
def test_working_clock_against_a_minute_walk(make_evidence, make_case, make_ticket, lasted) -> None:
    first = datetime(2024, 4, 29)
    start = int((first - datetime(1970, 1, 1)).total_seconds()) // 60
    hours = {0: (480, 960), 1: (480, 960), 2: (480, 960), 3: (540, 1200), 4: (480, 900)}
    day_off = start // 1440 + 2
    rows, worked = [], 0
    for number in range(start // 1440 - 1, start // 1440 + 25):
        begin, close = hours.get((number + 3) % 7, (0, 0)) if number != day_off else (0, 0)
        rows.append(
            {
                "day_number": number, "open_minute": number * 1440 + begin,
                "close_minute": number * 1440 + close, "worked_before": worked,
            }
        )  # fmt: skip
        worked += close - begin
    pairs = [(start + opened, start + opened + minutes) for opened, minutes in lasted]
    case = make_case(first, first + timedelta(days=20))
    evidence = make_evidence(
        first, first + timedelta(days=20), calendar=rows, tickets=[make_ticket(*pair) for pair in pairs]
    )
    counts = flow_counts(evidence.connect(), case, evidence)["desk", "working"]
    found = np.repeat(counts.minutes, counts.resolved_count).tolist()
    assert found == sorted(_slow_working_minutes(*pair, hours, {day_off}) for pair in pairs)
    elapsed = flow_counts(evidence.connect(), case, evidence)["desk", "elapsed"]
    assert np.repeat(elapsed.minutes, elapsed.resolved_count).tolist() == sorted(b - a for a, b in pairs)


@pytest.mark.parametrize(
    ("opened", "end", "minutes"),
    [
        ("2024-05-06 09:00", "2024-05-06 10:30", 90),   # same day, Monday
        ("2024-05-06 07:00", "2024-05-06 09:00", 60),   # opened before work begins
        ("2024-05-06 17:00", "2024-05-07 09:00", 60),   # opened after work: starts next morning
        ("2024-05-06 17:00", "2024-05-06 23:00", 0),    # opened and resolved in the same evening
        ("2024-05-03 15:00", "2024-05-06 09:00", 120),  # over a weekend
        ("2024-05-04 12:00", "2024-05-06 08:00", 0),    # Saturday until work begins on Monday
        ("2024-05-06 08:00", "2024-05-13 08:00", 2400), # a whole week
    ],
)  # fmt: skip
def test_working_clock_by_hand(make_evidence, make_case, make_ticket, opened, end, minutes) -> None:
    period = datetime(2024, 5, 1), datetime(2024, 6, 1)
    row = make_ticket(datetime.fromisoformat(opened), datetime.fromisoformat(end))
    evidence = make_evidence(*period, tickets=[row])
    counts = flow_counts(evidence.connect(), make_case(*period), evidence)["desk", "working"]
    assert counts.minutes.tolist() == [minutes]


def test_a_calendar_that_lacks_a_day_is_an_error(make_evidence, make_case, make_ticket) -> None:
    period = datetime(2024, 5, 1), datetime(2024, 6, 1)
    evidence = make_evidence(*period, tickets=[make_ticket(period[0], datetime(2026, 1, 1))])
    with pytest.raises(ValueError, match="calendar lacks a day"):
        flow_counts(evidence.connect(), make_case(*period), evidence)


def test_which_tickets_count(make_evidence, make_case, make_service, make_ticket) -> None:
    period = datetime(2024, 1, 1), datetime(2025, 1, 1)
    day = datetime(2024, 3, 4)
    rows = [
        make_ticket(day, day + timedelta(hours=1)),
        make_ticket(day, day + timedelta(hours=2), "open"),
        make_ticket(day, day + timedelta(hours=3), "cancelled"),
        make_ticket(day, day + timedelta(hours=4), "unknown"),
        make_ticket(day, day + timedelta(hours=5), type="request"),
        make_ticket(day, day + timedelta(hours=6), service="email"),
        make_ticket(day, day + timedelta(hours=7), service=None),
        make_ticket(datetime(2023, 12, 31, 23, 59), day),
        make_ticket(period[0], period[0]),
        make_ticket(period[1], period[1]),
    ]
    case = make_case(services=(make_service(), make_service("email", speed_measure="fulfil")))
    evidence = make_evidence(*period, tickets=rows)
    counts = flow_counts(evidence.connect(), case, evidence)
    desk = counts["desk", "elapsed"]
    assert desk.minutes.tolist() == [0, 60, 120, 180, 240]
    assert desk.resolved_count.tolist() == [1, 1, 0, 0, 0]
    assert desk.censored_count.tolist() == [0, 0, 1, 1, 1]
    assert counts["email", "elapsed"].tickets == 0


def test_reasons(make_evidence, make_case, make_service, make_ticket) -> None:
    day = datetime(2024, 3, 4)
    few = [make_ticket(day, day + timedelta(hours=1)) for _ in range(4)]
    weeks = [day + timedelta(weeks=number % 8) for number in range(40)]
    none_resolved = [make_ticket(at, at + timedelta(hours=9), "open", "storage") for at in weeks]
    case = make_case(
        services=(
            make_service(),
            make_service("email"),
            make_service("management", speed_measure="none", teams=(), target=None),
            make_service("storage"),
        )
    )
    baseline = measure(case, make_evidence(*_year(), tickets=few + none_resolved), Streams(0))
    reasons = {name: service.speed_reason for name, service in baseline.services.items()}
    assert reasons == {
        "desk": "too_few_tickets", "email": "no_tickets", "management": "no_speed_measure", "storage": None,
    }  # fmt: skip
    by_id = {figure.id: figure for figure in baseline.figures}
    assert by_id["baseline.flow_time.median_hours[desk,elapsed]"].reason == "too_few_tickets"
    assert by_id["baseline.flow_time.median_hours[storage,working]"].reason == "not_reached"
    assert by_id["baseline.flow_time.closed_only_median_hours[storage]"].reason == "none_resolved"
    assert by_id["baseline.flow_time.restricted_mean_hours[storage]"].reason == "horizon_beyond_data"
    assert by_id["baseline.service_level.share_within_target[management]"].reason == "no_target"
    assert by_id["baseline.service_level.share_within_target[email]"].reason == "no_tickets"
    within = by_id["baseline.service_level.share_within_target[storage]"]
    # nobody of 40 in time: the exact bound, 1 - 0.025 ** (1 / 40)
    assert (within.value, within.low) == (0.0, 0.0) and within.high == pytest.approx(1 - 0.025 ** (1 / 40))
    assert np.isinf(baseline.services["storage"].bootstrap_quantiles).all()


def _year() -> tuple[datetime, datetime]:
    return datetime(2024, 1, 1), datetime(2025, 1, 1)


def test_resolved_at_the_target_is_within_it() -> None:
    one, none = np.ones(1, np.int64), np.zeros(1, np.int64)
    counts = FlowCounts(np.array([240]), none, 30 * one, none)
    curve = kaplan_meier_from_counts(counts.hours, counts.resolved_count, counts.censored_count)
    assert share_within(curve, counts, 4.0, 0.95).value == closed_only_share(counts, 4.0).value == 1.0
    assert share_within(curve, counts, 3.99, 0.95).value == closed_only_share(counts, 3.99).value == 0.0
    # 30 followed as long as the target in both
    assert share_within(curve, counts, 4.0, 0.95).low == pytest.approx(0.025 ** (1 / 30))
    assert share_within(curve, counts, 3.99, 0.95).high == pytest.approx(1 - 0.025 ** (1 / 30))


@given(tickets, st.integers(0, 70))
def test_share_within_target_has_a_bound_on_both_sides(sample, target) -> None:
    hours, done = _arrays(sample)
    counts = FlowCounts(
        (hours * 60).astype(np.int64), np.zeros(hours.size, np.int64), done.astype(int), (~done).astype(int)
    )
    estimate = share_within(kaplan_meier(hours, done), counts, float(target), 0.95)
    if estimate.value is None:
        assert estimate.reason == "target_beyond_data" and target > hours.max()
    else:
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.high > estimate.low


def test_tickets_of_few_weeks_give_no_speed() -> None:
    from makeorbuy.baseline.flow_time import speed_reason
    from makeorbuy.baseline.model import FlowCounts

    class Restored:
        speed_measure = "restore"

    ones = np.ones(50, dtype=np.int64)
    weeks = np.repeat(np.arange(5), 10)
    counts = FlowCounts(np.arange(50), weeks, ones, 0 * ones)
    assert speed_reason(Restored(), counts, 30, 6) == "too_few_weeks"
    assert speed_reason(Restored(), counts, 30, 5) is None

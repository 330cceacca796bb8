"""What spoils the records reaches today's figures, and late entry undoes what left truncation does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from makeorbuy.baseline.bootstrap import week_bootstrap
from makeorbuy.baseline.flow_time import flow_counts, kaplan_meier_from_counts, quantile_hours
from makeorbuy.baseline.measure import measure
from makeorbuy.baseline.model import FlowCounts
from makeorbuy.evidence.detectors import Finding
from makeorbuy.foundation.streams import Streams

START = datetime(2024, 1, 1)  # noqa: DTZ001
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
FIRST = START + timedelta(days=90)
"""Nothing that ended before is in the log."""

LATE = Finding("delayed_entry", "tickets", (("first_day", FIRST.date().isoformat()),))


@pytest.fixture(scope="module")
def tickets(make_ticket) -> list[dict]:
    rng = np.random.Generator(np.random.PCG64(3))
    made = []
    for day in range(120):
        for hours in np.exp(rng.normal(np.log(60), 1.2, 12)):
            opened = START + timedelta(days=day, minutes=int(rng.integers(480, 900)))
            end = opened + timedelta(minutes=int(hours * 60))
            made.append(make_ticket(opened, end))
    return made


def medians(case, evidence, **rest) -> dict[str, float]:
    found = {}
    for clock in ("elapsed", "working"):
        counts = flow_counts(evidence.connect(), case, evidence, **rest)["desk", clock]
        curve = kaplan_meier_from_counts(
            counts.hours, counts.resolved_count, counts.censored_count, entry_hours=counts.entry_hours
        )
        found[clock] = quantile_hours(curve, 0.5).value
    return found


def test_late_entry_gives_back_what_left_truncation_took(make_evidence, make_case, tickets) -> None:
    period = START, START + timedelta(days=400)
    day = int((FIRST - EPOCH).total_seconds()) // 60
    lasted = [ticket for ticket in tickets if ticket["end_minute"] >= day]
    case = make_case(*period)
    whole = medians(case, make_evidence(*period, tickets=tickets))
    cut = make_evidence(*period, tickets=lasted)
    naive, late = medians(case, cut), medians(case, cut, seen_from=FIRST.date())
    for clock, truth in whole.items():
        assert naive[clock] > 1.04 * truth  # only the slow of the first weeks are there
        assert late[clock] == pytest.approx(truth, rel=0.06)


def test_late_entry_is_measured_with_the_finding(make_evidence, make_case, tickets) -> None:
    period = START, START + timedelta(days=400)
    day = int((FIRST - EPOCH).total_seconds()) // 60
    evidence = make_evidence(*period, tickets=[t for t in tickets if t["end_minute"] >= day])
    plain, told = (
        measure(make_case(*period), evidence, Streams(0), found).services["desk"] for found in ((), (LATE,))
    )
    assert told.curve.n == plain.curve.n
    assert np.median(told.bootstrap_quantiles[:, 200]) < 0.9 * np.median(plain.bootstrap_quantiles[:, 200])
    # the samples of weeks are spread around the curve itself
    assert np.median(told.bootstrap_quantiles[:, 200]) == pytest.approx(told.quantiles[200], rel=0.05)


def test_the_bootstrap_of_one_week_is_the_curve_with_its_late_entries() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    minutes = rng.integers(60, 6000, 300)
    entry = np.where(rng.random(300) < 0.3, minutes // 2, 0)
    ones = np.ones(300, dtype=np.int64)
    counts = FlowCounts(minutes, 0 * ones, ones, 0 * ones, entry)
    quantiles, _ = week_bootstrap(
        counts, replicates=2, horizon_hours=50.0, rng=np.random.Generator(np.random.PCG64(1))
    )
    curve = kaplan_meier_from_counts(counts.hours, ones, 0 * ones, entry_hours=counts.entry_hours)
    assert quantiles[0, 199] == pytest.approx(quantile_hours(curve, 0.4975).value)


def test_an_entry_after_the_end_is_an_error() -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="entry"):
        kaplan_meier_from_counts(np.array([2.0]), one, one, entry_hours=np.array([3.0]))


def test_a_refused_speed_has_no_curve_and_a_spoilt_one_says_by_what(
    make_evidence, make_case, tickets
) -> None:
    period = START, START + timedelta(days=400)
    evidence = make_evidence(*period, tickets=tickets)
    refusing = Finding(
        "ends_by_the_clock", "tickets", (), (), ("baseline.flow_time", "baseline.service_level")
    )
    spoiling = Finding("short_ones_missing", "tickets", (), ("baseline.flow_time",))
    refused = measure(make_case(*period), evidence, Streams(0), (refusing,))
    assert refused.services["desk"].speed_reason == "selection_ends_by_the_clock"
    assert refused.services["desk"].curve is None and refused.services["desk"].bootstrap_quantiles is None
    for figure in refused.figures:
        if figure.id.startswith(("baseline.flow_time", "baseline.service_level.share")):
            assert (figure.value, figure.reason) == (None, "selection_ends_by_the_clock")
    curves = [table for table in refused.series if table.id.startswith("baseline.flow_time.curve")]
    assert curves and all(
        (table.rows, table.reason) == ((), "selection_ends_by_the_clock") for table in curves
    )

    marked = measure(make_case(*period), evidence, Streams(0), (spoiling,))
    spoilt = {figure.id.split("[")[0]: figure.spoilt_by for figure in marked.figures}
    assert spoilt["baseline.flow_time.median_hours"] == ("short_ones_missing",)
    assert spoilt["baseline.demand.tickets_count"] == ()


def test_the_day_from_which_the_log_sees_is_that_of_the_finding(make_evidence, make_case, tickets) -> None:
    period = START, START + timedelta(days=400)
    evidence = make_evidence(*period, tickets=tickets)
    counts = flow_counts(evidence.connect(), make_case(*period), evidence, date(2024, 3, 1))
    assert counts["desk", "elapsed"].entry_minutes.max() > 0
    assert (
        flow_counts(evidence.connect(), make_case(*period), evidence)["desk", "elapsed"].entry_minutes is None
    )

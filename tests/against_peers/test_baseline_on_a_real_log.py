"""The whole way from a real file to the figures, with lifelines and NumPy's business days as oracles.

The records come through the intake; from its tickets, one by one, the oracles compute what the baseline
computes from counts in SQL.
"""

# ruff: noqa: DTZ001 - wall clocks have no zone
from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from makeorbuy.baseline.flow_time import flow_counts, kaplan_meier_from_counts
from makeorbuy.baseline.measure import measure
from makeorbuy.case.assumptions import Assumptions
from makeorbuy.case.model import (
    Avoidable,
    Case,
    CostDriver,
    LocalText,
    Period,
    Rule,
    Service,
    Source,
    Target,
    Uncertain,
    WorkingCalendar,
)
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.streams import Streams

DATA = Path(os.environ.get("MAKEORBUY_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
LOG = DATA / "servicenow_incident_event_log.csv.xz"
CATEGORIES = (26, 53, 42, 46, 23, 9, 32, 37, 61, 57, 24, 40)
TEXT = LocalText("navn", "name")


def _case() -> Case:
    services = tuple(
        Service(
            id=f"category_{number}", name=TEXT, owner=None, teams=(), categories=(f"Category {number}",),
            speed_measure="restore", clock="working" if number % 2 else "elapsed", target=Target(8.0, 0.8),
            driver=CostDriver(TEXT, 1.0, None), avoidable=Avoidable(Uncertain("exact", (1.0,)), (1.0,), None),
        )
        for number in CATEGORIES
    )  # fmt: skip
    columns = {
        "number": "number", "opened_at": "opened_at", "resolved_at": "resolved_at", "closed_at": "closed_at",
        "updated_at": "sys_updated_at", "state": "incident_state", "priority": "priority",
        "category": "category", "team": "assignment_group", "person": "assigned_to",
        "reopen_count": "reopen_count",
    }  # fmt: skip
    states = {
        "New": "open", "Active": "open", "Awaiting User Info": "waiting", "Awaiting Vendor": "waiting",
        "Awaiting Problem": "waiting", "Awaiting Evidence": "waiting", "Resolved": "resolved",
        "Closed": "closed",
    }  # fmt: skip
    log = Source(
        kind="tickets", path=str(LOG.resolve()), shape="row_per_event", encoding="utf-8", delimiter=",",
        decimal=".", time_zone="UTC", date_format="%d/%m/%Y %H:%M", missing=("", "?"), columns=columns,
        states=states, types={}, constant_type="incident", teams={}, fold="earlier", exported_at=None,
        selection="only_closed",
    )  # fmt: skip
    return Case(
        title=TEXT, agency=TEXT, stage="screening", language="en", price_year=2016, horizon_years=5,
        period=Period(datetime(2016, 3, 1), datetime(2016, 5, 15)),
        calendar=WorkingCalendar(None, (*((480, 960),) * 5, None, None), (), "UTC"), rule=Rule(None, None),
        seed=0, services=services, options=(), gates=(), questions=(), stakeholders=(), sources=(log,),
        ledger_rules=(), allocation_keys={}, outside_ledger=(), assumptions=Assumptions(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    if not LOG.is_file():
        message = f"no {LOG.name}: set MAKEORBUY_SHARED_DATA to the folder that holds it (UCI dataset 498)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    case, folder = _case(), tmp_path_factory.mktemp("servicenow")
    (folder / "evidence").mkdir()
    evidence = take_in(case, folder, folder / "out")
    return case, evidence, measure(case, evidence, Streams(0))


def _working_minutes(local_minutes: np.ndarray) -> np.ndarray:
    moment = np.datetime64("1970-01-01T00:00", "m") + local_minutes
    day = moment.astype("datetime64[D]")
    today = np.where(np.is_busday(day), np.clip((moment - day).astype(int) - 480, 0, 480), 0)
    return np.busday_count(np.datetime64("2010-01-04"), day) * 480 + today


def test_every_service_on_both_clocks(measured) -> None:
    case, evidence, baseline = measured
    connection = evidence.connect()
    counts = flow_counts(connection, case, evidence)
    figures = {figure.id: figure for figure in baseline.figures}
    for service in case.services:
        rows = connection.execute(
            "SELECT opened_minute, end_minute, opened_local_minute, end_local_minute, ending FROM tickets "
            "WHERE service = ? AND type = 'incident' AND opened_minute >= ? AND opened_minute < ?",
            [service.id, evidence.start_minute, evidence.end_minute],
        ).fetchall()
        assert len(rows) > 100, service.id
        times = np.array([row[:4] for row in rows])
        done = np.array([row[4] == "resolved" for row in rows])
        assert 0 < (~done).sum() < done.size / 2
        hours = {
            "elapsed": (times[:, 1] - times[:, 0]) / 60,
            "working": (_working_minutes(times[:, 3]) - _working_minutes(times[:, 2])) / 60,
        }
        for clock in ("elapsed", "working"):
            timed = counts[service.id, clock]
            curve = kaplan_meier_from_counts(timed.hours, timed.resolved_count, timed.censored_count)
            oracle = KaplanMeierFitter().fit(hours[clock], done)
            at = np.searchsorted(curve.hours, oracle.timeline, side="right")
            band = oracle.confidence_interval_.to_numpy()
            for ours, theirs in (
                (curve.share_open, oracle.survival_function_.to_numpy()[:, 0]),
                (curve.low, band[:, 0]),
                (curve.high, band[:, 1]),
            ):
                np.testing.assert_allclose(np.append(1.0, ours)[at], theirs, rtol=0, atol=1e-12)
            if clock == service.clock:
                horizon = 720.0 if clock == "elapsed" else 160.0
                mean = figures[f"baseline.flow_time.restricted_mean_hours[{service.id}]"]
                assert mean.value == pytest.approx(restricted_mean_survival_time(oracle, horizon), rel=1e-12)
                assert mean.low < mean.value < mean.high
                assert (mean.n, mean.censored) == (done.size, (~done).sum())
                within = figures[f"baseline.service_level.share_within_target[{service.id}]"]
                assert within.value == pytest.approx(1 - oracle.predict(8.0), abs=1e-12)


def test_counting_resolved_only_looks_quicker_than_it_is(measured) -> None:
    _, _, baseline = measured
    misled = [f.value for f in baseline.figures if f.id.startswith("baseline.flow_time.closed_only_misleads")]
    assert len(misled) == len(CATEGORIES)
    assert all(value <= 0 for value in misled) and min(misled) < -0.05


def test_backlog_at_the_cut_is_what_was_open(measured) -> None:
    case, evidence, baseline = measured
    figures = {figure.id: figure.value for figure in baseline.figures}
    weekly = {series.id: series for series in baseline.series}
    for service in case.services:
        (counted,) = (
            evidence.connect()
            .execute("SELECT count(*) FROM tickets WHERE service = ? AND ending = 'open'", [service.id])
            .fetchone()
        )
        assert figures[f"baseline.backlog.open_count[{service.id}]"] == counted
        assert weekly[f"baseline.backlog.weekly[{service.id}]"].column("open")[-1] == counted

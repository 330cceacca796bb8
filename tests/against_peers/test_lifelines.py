"""lifelines as the oracle, on the public ServiceNow event log: an independent program on real times.

The log ("Incident management process enriched event log", UCI 498, DOI 10.24432/C57S4H, CC BY 4.0) is
not part of this project. It is read here with nothing but the `csv` module, so that the check does not
rest on the intake either.
"""

# ruff: noqa: DTZ007 - the log's wall clock has no zone
from __future__ import annotations

import csv
import lzma
import os
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from makeorbuy.baseline.flow_time import kaplan_meier, quantile_hours, restricted_mean_hours, share_open_at

DATA = Path(os.environ.get("MAKEORBUY_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
LOG = DATA / "servicenow_incident_event_log.csv.xz"
CUT = np.datetime64("2016-05-15T00:00", "m")
TOLERANCE = 1e-12


def _moment(text: str) -> np.datetime64:
    if text == "?":
        return np.datetime64("NaT")
    return np.datetime64(datetime.strptime(text, "%d/%m/%Y %H:%M"), "m")


@pytest.fixture(scope="module")
def log() -> dict[str, np.ndarray]:
    """Opened, end and whether resolved, per incident, as the log looked at the cut."""
    if not LOG.is_file():
        message = f"no {LOG.name}: set MAKEORBUY_SHARED_DATA to the folder that holds it (UCI dataset 498)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    last: dict[str, tuple[str, str, str, str]] = {}
    with lzma.open(LOG, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            seen = last.get(row["number"], ("", "", "", "?"))[3]
            now = _moment(row["sys_updated_at"])
            if seen == "?" or now >= seen:
                last[row["number"]] = row["category"], row["opened_at"], row["resolved_at"], now
    category = np.array([entry[0] for entry in last.values()])
    opened = np.array([_moment(entry[1]) for entry in last.values()])
    resolved = np.array([_moment(entry[2]) for entry in last.values()])
    updated = np.array([entry[3] for entry in last.values()])
    done = ~np.isnat(resolved) & (resolved < CUT) & (resolved >= opened)
    end = np.where(done, resolved, np.minimum(np.where(np.isnat(resolved), updated, CUT), CUT))
    kept = (opened < CUT) & (end >= opened)
    return {"category": category[kept], "opened": opened[kept], "end": end[kept], "done": done[kept]}


def _working_minutes(moment: np.ndarray) -> np.ndarray:
    """Minutes from 08:00 to 16:00 on weekdays, since a Monday."""
    day = moment.astype("datetime64[D]")
    of_day = (moment - day).astype(int)
    today = np.where(np.is_busday(day), np.clip(of_day - 480, 0, 480), 0)
    return np.busday_count(np.datetime64("2015-12-28"), day) * 480 + today


def _durations(log: dict[str, np.ndarray], clock: str) -> np.ndarray:
    if clock == "elapsed":
        return (log["end"] - log["opened"]).astype(int) / 60
    return (_working_minutes(log["end"]) - _working_minutes(log["opened"])) / 60


def _exact_share_open(times: np.ndarray, done: np.ndarray, until: float) -> Fraction:
    share = Fraction(1)
    for time in np.unique(times[done & (times <= until)]):
        share *= 1 - Fraction(int((done & (times == time)).sum()), int((times >= time).sum()))
    return share


@pytest.mark.parametrize("clock", ["elapsed", "working"])
def test_every_service_of_the_real_log(log: dict[str, np.ndarray], clock: str) -> None:
    hours, compared = _durations(log, clock), 0
    horizon = 720.0 if clock == "elapsed" else 160.0
    for category in ["", *np.unique(log["category"])]:
        own = (log["category"] == category) | (category == "")
        if own.sum() < 30:
            continue
        compared += 1
        times, done = hours[own], log["done"][own]
        curve, oracle = kaplan_meier(times, done), KaplanMeierFitter().fit(times, done)

        at = np.searchsorted(curve.hours, oracle.timeline, side="right")
        for ours, theirs in (
            (curve.share_open, oracle.survival_function_.to_numpy()[:, 0]),
            (curve.low, oracle.confidence_interval_.to_numpy()[:, 0]),
            (curve.high, oracle.confidence_interval_.to_numpy()[:, 1]),
        ):
            # before anybody is resolved both say one
            np.testing.assert_allclose(np.append(1.0, ours)[at], theirs, rtol=0, atol=TOLERANCE)

        median = quantile_hours(curve, 0.5).value
        if median != oracle.median_survival_time_ and np.isfinite(oracle.median_survival_time_):
            # a share of exactly one half, which lifelines stores a last place above it: whole numbers decide
            assert oracle.predict(median) == pytest.approx(0.5, abs=TOLERANCE)
            assert _exact_share_open(times, done, median) == Fraction(1, 2)
        else:
            assert (np.inf if median is None else median) == oracle.median_survival_time_
        mean = restricted_mean_hours(curve, horizon)
        if mean.value is not None:
            assert mean.value == pytest.approx(restricted_mean_survival_time(oracle, horizon), rel=TOLERANCE)
        share = share_open_at(curve, 24.0)
        assert share.value == pytest.approx(oracle.predict(24.0), abs=TOLERANCE)
        assert (curve.n, curve.censored) == (done.size, (~done).sum())
    assert compared > 25


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_bands_at_other_levels_on_random_samples(level: float) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    for size in (1, 2, 5, 40, 3000):
        times, done = rng.integers(0, 200, size) / 4, rng.random(size) < 0.7
        curve = kaplan_meier(times, done, level)
        oracle = KaplanMeierFitter(alpha=1 - level).fit(times, done)
        at = np.searchsorted(curve.hours, oracle.timeline, side="right")
        band = oracle.confidence_interval_.to_numpy()
        np.testing.assert_allclose(np.append(1.0, curve.low)[at], band[:, 0], rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(np.append(1.0, curve.high)[at], band[:, 1], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("seed", range(5))
def test_late_entry_on_random_samples(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    times, done = rng.exponential(20, 800), rng.random(800) < 0.8
    entry = np.where(rng.random(800) < 0.4, rng.exponential(8, 800), 0.0)
    seen = entry < times
    times, done, entry = times[seen], done[seen], entry[seen]
    curve = kaplan_meier(times, done, entry_hours=entry)
    oracle = KaplanMeierFitter().fit(times, done, entry=entry)
    at = np.searchsorted(curve.hours, oracle.timeline, side="right")
    theirs = oracle.survival_function_.to_numpy()[:, 0]
    np.testing.assert_allclose(np.append(1.0, curve.share_open)[at], theirs, rtol=0, atol=TOLERANCE)
    band = oracle.confidence_interval_.to_numpy()
    np.testing.assert_allclose(np.append(1.0, curve.low)[at], band[:, 0], rtol=0, atol=TOLERANCE)

"""The stage as a whole: addresses, and the same bytes on any number of threads."""

# ruff: noqa: DTZ001 - wall clocks have no zone
from __future__ import annotations

import pickle
from datetime import datetime

import numpy as np
import pytest

from makeorbuy.assessment.catalogue import catalogue
from makeorbuy.baseline.measure import measure
from makeorbuy.foundation.figure import split_address
from makeorbuy.foundation.streams import Streams

YEAR = datetime(2024, 1, 1), datetime(2025, 1, 1)


@pytest.fixture(scope="module")
def tickets(make_ticket):
    rng = np.random.Generator(np.random.PCG64(9))
    start = int((YEAR[0] - datetime(1970, 1, 1)).total_seconds()) // 60
    cut = start + 366 * 1440
    rows = []
    for service in ("desk", "email"):
        for opened in rng.integers(start - 20_000, cut, 900).tolist():
            end = opened + int(rng.lognormal(7, 2))
            rows.append(make_ticket(opened, min(end, cut), "open" if end >= cut else "resolved", service))
    return rows


def _bytes(baseline) -> bytes:
    arrays = [
        part.tobytes()
        for service in baseline.services.values()
        for part in (service.bootstrap_quantiles, service.quantiles, service.curve.low)
    ]
    return pickle.dumps((arrays, baseline.figures, baseline.series))


@pytest.fixture(scope="module")
def case(make_case, make_service):
    return make_case(
        services=(make_service("desk"), make_service("email", clock="working")), bootstrap_replicates=200.0
    )


def test_same_bytes_on_any_number_of_threads_and_in_any_order_of_rows(make_evidence, case, tickets) -> None:
    results = {
        _bytes(measure(case, make_evidence(*YEAR, threads=threads, tickets=rows), Streams(0)))
        for threads, rows in ((1, tickets), (2, tickets), (2, tickets[::-1]))
    }
    assert len(results) == 1


def test_the_seed_moves_the_bootstrap_and_nothing_else(make_evidence, case, tickets) -> None:
    evidence = make_evidence(*YEAR, tickets=tickets)
    zero, one = measure(case, evidence, Streams(0)), measure(case, evidence, Streams(1))
    assert [f.value for f in zero.figures] == [f.value for f in one.figures]
    moved = {a.id.split("[")[0] for a, b in zip(zero.figures, one.figures, strict=True) if a != b}
    assert moved == {"baseline.flow_time.restricted_mean_hours"}


def test_every_figure_is_declared_with_its_unit_and_adds_provenance(make_evidence, case, tickets) -> None:
    baseline = measure(case, make_evidence(*YEAR, tickets=tickets), Streams(0))
    declared = catalogue()
    for figure in baseline.figures:
        name, _ = split_address(figure.id)
        assert declared[name].unit == figure.unit
        assert figure.low is None or figure.high is None or figure.low <= figure.high
    speed = [f for f in baseline.figures if f.id.startswith("baseline.flow_time.median_hours")]
    assert len(speed) == 4 and all(f.n and f.censored is not None and f.inputs for f in speed)


def test_each_service_is_measured_on_its_own_clock(make_evidence, case, tickets) -> None:
    baseline = measure(case, make_evidence(*YEAR, tickets=tickets), Streams(0))
    figures = {figure.id: figure.value for figure in baseline.figures}
    for service, clock in (("desk", "elapsed"), ("email", "working")):
        one = baseline.services[service]
        middle = one.quantiles[199:201]
        assert middle[0] <= figures[f"baseline.flow_time.median_hours[{service},{clock}]"] <= middle[1]
        assert one.bootstrap_quantiles.shape == (200, 400) and one.tickets == one.curve.n

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests import sample_case as make

from makeorbuy.decision.superiority import (
    compare,
    frechet_bounds,
    less,
    probability_both,
    share_interval,
    speed_change_of_lot,
    superiority_figures,
    wilson_interval,
)
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.model import SpeedDraws
from makeorbuy.projection.project import project

N = 200_000


def test_probability_cheaper_of_two_normals_is_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    option, usual = rng.normal(100, 8, N), rng.normal(105, 6, N)
    closed = stats.norm.cdf(5 / 10)
    assert less(option, usual).mean() == pytest.approx(closed, abs=4 * np.sqrt(closed * (1 - closed) / N))


@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.5, 0.9])
def test_probability_of_both_of_a_bivariate_normal_is_the_closed_form(rho) -> None:
    rng = np.random.default_rng(2)
    x, y = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], N).T
    closed = 0.25 + np.arcsin(rho) / (2 * np.pi)  # 1/3 at rho = 0.5; the product would be 1/4 always
    assert probability_both(x, -y) == pytest.approx(closed, abs=4 * np.sqrt(0.25 / N))


def test_ties_count_half() -> None:
    assert less(np.array([1.0, 2.0, 3.0]), 2.0).tolist() == [1.0, 0.5, 0.0]
    assert probability_both(np.zeros(4), np.zeros(4)) == 0.25
    assert probability_both(np.ones(4), np.zeros(4)) == 0.5


@given(pairs=st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=60))
def test_both_lies_within_frechets_bounds(pairs) -> None:
    saving, change = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    low, high = frechet_bounds(less(-saving, 0).mean(), less(change, 0).mean())
    assert low - 1e-12 <= probability_both(saving, change) <= high + 1e-12


@pytest.mark.parametrize(("hits", "n"), [(0, 10_000), (3, 50), (25, 50), (50, 50)])
def test_wilson_is_scipys(hits, n) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson_interval(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_draws_of_the_same_world_count_as_what_they_are_worth() -> None:
    rng = np.random.default_rng(4)
    of_world = rng.random(100) < 0.8
    same = np.tile(of_world, 100).astype(
        float
    )  # every draw of a world says the same: a hundred, not ten thousand
    low, high = share_interval(same, 100)
    assert (low, high) == pytest.approx(wilson_interval(same.mean(), 100), abs=0.005)
    apart = (rng.random(10_000) < 0.8).astype(float)
    assert share_interval(apart, 100) == pytest.approx(wilson_interval(apart.mean(), 10_000), abs=0.004)
    assert share_interval(np.ones(10_000), 100) == wilson_interval(1.0, 100)
    assert share_interval(apart) == wilson_interval(apart.mean(), 10_000)


def test_the_interval_of_clustered_draws_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        rng = np.random.default_rng([5, seed])
        chance = 1 / (1 + np.exp(-(1.2 + 1.5 * rng.standard_normal(100))))
        hits = (rng.random((50, 100)) < chance).astype(float).ravel()
        low, high = share_interval(hits, 100)
        held += low <= 0.70187 <= high  # the mean of a logistic of a normal, by quadrature
    assert held / 300 == pytest.approx(0.95, abs=0.035)


@pytest.mark.parametrize(
    ("cheaper", "note"), [(799, "near_required"), (800, "near_required"), (900, None), (600, None)]
)
def test_a_probability_whose_interval_holds_the_requirement_says_so(cheaper, note) -> None:
    option = make.option("bid", "bid", ("it",), make.line("p", "price", 9e6), speed=make.UNCHANGED)
    case = make.case((make.service("it"),), (option,), assume=make.NO_GROWTH)
    baseline = make.baseline(make.measured("it", make.cost(0, 100e6)))
    comparison = compare(case, baseline, project(case, baseline, Streams(0)), option)
    saving = np.where(np.arange(1000) < cheaper, 1.0, -1.0)
    found = {
        figure.id: figure
        for figure in superiority_figures(case, dataclasses.replace(comparison, saving_nok=saving))
    }
    assert found["decision.probability_cheaper[bid]"].note == note


def speeds(**services):
    return tuple(
        SpeedDraws(name, "o", "promised", np.array(hours), np.array(usual), None, reason, None, ())
        if reason is None
        else SpeedDraws(name, "o", "measured", None, None, None, reason, None, ())
        for name, (hours, usual, reason) in services.items()
    )


def test_the_speed_of_a_lot_is_each_services_own_change_weighted_by_its_tickets() -> None:
    lot = speeds(a=([8.0], [10.0], None), b=([220.0], [200.0], None))
    change, reason = speed_change_of_lot(lot, {"a": 300, "b": 100})
    assert reason is None and change is not None
    assert change[0] == pytest.approx(0.75 * -0.2 + 0.25 * 0.1)


def test_a_service_without_tickets_has_no_weight_and_a_silent_offer_has_no_speed() -> None:
    lot = speeds(a=([8.0], [10.0], None), b=(None, None, "no_tickets"))
    change, _ = speed_change_of_lot(lot, {"a": 300, "b": 0})
    assert change is not None and change[0] == pytest.approx(-0.2)
    silent = speeds(a=([8.0], [10.0], None), b=(None, None, "no_speed_stated"))
    assert speed_change_of_lot(silent, {"a": 300, "b": 5}) == (None, "no_speed_stated")
    none = speeds(a=(None, None, "too_few_tickets"))
    assert speed_change_of_lot(none, {"a": 3}) == (None, "too_few_tickets")


def figures_of(option, services=None, assume=None):
    names = option.services
    case = make.case(
        services or tuple(make.service(name) for name in names), (option,), assume=assume or make.NO_GROWTH
    )
    baseline = make.baseline(*(make.measured(name, make.cost(0, 100e6)) for name in names))
    projection = project(case, baseline, Streams(0))
    comparison = compare(case, baseline, projection, option)
    return {figure.id: figure for figure in superiority_figures(case, comparison)}


def test_an_option_that_is_the_same_ties_in_everything() -> None:
    same = make.option("same", "improved", ("it",), speed=make.UNCHANGED)
    found = figures_of(same, assume={"real_wage_growth": (0, 0.01, 0.03)})
    assert found["decision.net_saving_nok[same]"].value == 0
    for name in ("cheaper", "faster"):
        assert found[f"decision.probability_{name}[same]"].value == 0.5
    assert found["decision.probability_both[same]"].value == 0.25
    assert found["decision.speed_change_share[same]"].value == 0


def test_a_saving_in_every_draw_is_not_called_certain() -> None:
    sure = make.option("sure", "improved", ("it",), make.line("m", "measure", -1e6), speed=make.change(0.9))
    cheaper = figures_of(sure)["decision.probability_cheaper[sure]"]
    assert cheaper.value == 1 and cheaper.high == 1 and cheaper.note == "every_draw"
    assert cheaper.low == pytest.approx(1 - 3.84 / (1000 + 3.84), abs=1e-4)


def test_a_promise_marks_what_rests_on_it() -> None:
    bid = make.option(
        "bid", "bid", ("it",), make.line("p", "price", 9e6), speed=make.promised(0.8, 9, 0.9, 0.5)
    )
    found = figures_of(bid)
    assert found["decision.probability_faster[bid]"].note == "if_kept"
    assert found["decision.probability_both[bid]"].note == "if_kept"
    assert found["decision.probability_cheaper[bid]"].note in (None, "every_draw")
    assert found["decision.probability_faster[it,bid]"].note == "if_kept"


def test_nothing_against_nothing_is_no_change_and_a_part_does_not_speak_for_the_lot() -> None:
    def draws(service, usual, hours, reason=None):
        given = (None, None) if reason else (np.full(4, hours), np.full(4, usual))
        return SpeedDraws(service, "o", "stated", *given, None, reason, None, ())

    same, _ = speed_change_of_lot((draws("a", 0.0, 0.0),), {"a": 10})
    assert same is not None and same.tolist() == [0.0] * 4
    part = (draws("a", 10.0, 8.0), draws("b", 0, 0, "too_few_tickets"))
    known, reason = speed_change_of_lot(part, {"a": 70, "b": 30}, 0.8)
    assert known is None and reason == "too_few_tickets"
    known, reason = speed_change_of_lot(part, {"a": 90, "b": 10}, 0.8)
    assert reason is None and known is not None and np.allclose(known, -0.2)

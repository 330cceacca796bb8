from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests import sample_case as make

from makeorbuy.case.model import Uncertain
from makeorbuy.foundation.errors import CaseError
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.draws import (
    chance_of,
    check_numbers,
    draws_of,
    growth_of,
    infeasibility,
    metalog_coefficients,
    metalog_quantile,
)

N = 40_000


def drawn(written, scale="amount", place="case:x.yaml#a", count=N, seed=0):
    return draws_of(make.number(written, place), count, Streams(seed), place, scale)


def test_an_exact_number_is_the_same_in_every_draw() -> None:
    assert set(drawn(7.5, count=10)) == {7.5}


@pytest.mark.parametrize(
    ("triple", "scale"),
    [
        ({"p10": 35.0, "p50": 50.0, "p90": 75.0}, "amount"),
        ({"p10": -75.0, "p50": -50.0, "p90": -35.0}, "amount"),
        ({"p10": -1.0, "p50": 0.5, "p90": 1.0}, "amount"),
        ({"p10": 0.6, "p50": 0.8, "p90": 0.95}, "share"),
        ({"p10": -0.01, "p50": 0.0, "p90": 0.02}, "rate"),
    ],
)
def test_quantiles_come_back(triple, scale) -> None:
    values = drawn(triple, scale)
    for quantile, stated in zip((0.1, 0.5, 0.9), triple.values(), strict=True):
        below = float((values <= stated).mean())
        assert abs(below - quantile) < 4 * np.sqrt(quantile * (1 - quantile) / N)


def test_an_amount_keeps_its_sign_and_a_share_stays_a_share() -> None:
    assert drawn({"p10": 1.0, "p50": 5.0, "p90": 15.0}).min() > 0
    assert drawn({"p10": -15.0, "p50": -5.0, "p90": -1.0}).max() < 0
    share = drawn({"p10": 0.5, "p50": 0.9, "p90": 0.99}, "share")
    assert share.min() > 0 and share.max() < 1
    ranged = drawn({"from": 0.5, "to": 0.98}, "share")
    assert ranged.min() > 0 and ranged.max() < 1


def test_a_triangle_is_scipys() -> None:
    values = drawn({"low": 5.0, "mode": 8.0, "high": 14.0})
    expected = stats.triang(c=3 / 9, loc=5, scale=9)
    assert stats.kstest(values, expected.cdf).pvalue > 0.001
    assert values.min() >= 5 and values.max() <= 14


def test_a_range_of_positives_is_lognormal_between_p5_and_p95() -> None:
    values = drawn({"from": 10.0, "to": 40.0})
    z = stats.norm.ppf(0.95)
    expected = stats.lognorm(s=np.log(4) / (2 * z), scale=20)
    assert stats.kstest(values, expected.cdf).pvalue > 0.001


def test_a_range_across_zero_is_normal_between_p5_and_p95() -> None:
    values = drawn({"from": -10.0, "to": 30.0})
    expected = stats.norm(10, 20 / stats.norm.ppf(0.95))
    assert stats.kstest(values, expected.cdf).pvalue > 0.001


def test_the_feasible_skew_is_where_the_quantile_function_stops_rising() -> None:
    share = np.linspace(1e-6, 1 - 1e-6, 200_001)
    for skew, rises in ((0.170, True), (0.163, False)):
        low, high = 0.0, 1.0
        assert infeasibility(Uncertain("quantiles", (low, skew, high)), "rate") == (
            None if rises else "a P50 further from P10 and P90"
        )
        quantiles = metalog_quantile(metalog_coefficients(low, skew, high), share)
        assert bool((np.diff(quantiles) > 0).all()) == rises


def test_a_spread_without_a_mean_is_refused() -> None:
    assert "infinite" in (infeasibility(Uncertain("quantiles", (1.0, 10.0, 100.0))) or "")


@pytest.mark.parametrize(
    ("kind", "values", "scale"),
    [
        ("quantiles", (3.0, 2.0, 4.0), "amount"),
        ("triangle", (3.0, 2.0, 4.0), "amount"),
        ("quantiles", (0.5, 0.8, 1.0), "share"),
        ("triangle", (0.5, 0.8, 1.1), "share"),
        ("exact", (1.2,), "share"),
    ],
)
def test_numbers_that_cannot_be_drawn_are_refused(kind, values, scale) -> None:
    with pytest.raises(CaseError) as told:
        draws_of(Uncertain(kind, values), 10, Streams(0), "case:services.yaml#x", scale)
    (problem,) = told.value.problems
    assert (problem.code, problem.file, problem.column) == ("triple_infeasible", "services.yaml", "x")


def test_every_number_that_cannot_be_drawn_is_told_at_once() -> None:
    bad = {"p10": 10.0, "p50": 10.1, "p90": 40.0}
    option = make.option(
        "o", "bid", ("it",), make.line("a", "price", bad), make.line("b", "retained", bad),
        speed=make.promised(0.8, 10, {"p10": 0.5, "p50": 0.9, "p90": 1.0}),
    )  # fmt: skip
    case = make.case((make.service("it", {"p10": 0.1, "p50": 0.9, "p90": 1.0}),), (option,))
    with pytest.raises(CaseError) as told:
        check_numbers(case)
    assert len(told.value.problems) == 4
    assert {problem.file for problem in told.value.problems} == {"services.yaml", "options/o.yaml"}


def test_a_number_is_its_own_stream() -> None:
    triple = {"p10": 1.0, "p50": 2.0, "p90": 3.5}
    first = drawn(triple, place="case:a.yaml#x")
    assert (drawn(triple, place="case:a.yaml#x") == first).all()
    assert (drawn(triple, place="case:a.yaml#y") != first).any()
    assert (drawn(triple, place="case:a.yaml#x", seed=1) != first).any()
    assert abs(np.corrcoef(first, drawn(triple, place="case:a.yaml#y"))[0, 1]) < 0.03


@given(low=st.floats(1, 1e6), up=st.floats(1.05, 3), top=st.floats(1.05, 3), seed=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_whatever_is_feasible_rises(low, up, top, seed) -> None:
    triple = Uncertain("quantiles", (low, low * up, low * up * top), place="case:x#y")
    if infeasibility(triple) is not None:
        return
    coefficients = metalog_coefficients(*np.log(triple.values))
    quantiles = metalog_quantile(coefficients, np.linspace(0.001, 0.999, 999))
    assert (np.diff(quantiles) > 0).all()
    assert draws_of(triple, 50, Streams(seed), "x").min() > 0


def test_growth_is_one_in_the_price_year_and_common_to_all() -> None:
    case = make.case((make.service("it"),), assume={"real_wage_growth": (0.01, 0.01, 0.01)})
    growth = growth_of(case, Streams(0), 50)
    assert growth.wages.shape == (50, 6)
    assert growth.wages[0].tolist() == pytest.approx([1.01**year for year in range(6)])
    assert (growth.prices[:, 0] == 1).all() and (growth.deflator[:, 0] == 1).all()
    inflated = growth.deflator[:, 1]
    assert (growth.deflator[:, 2] == pytest.approx(inflated**2)) and inflated.mean() < 1


def test_a_question_has_one_answer_in_all_options() -> None:
    def risk(option, question):
        line = make.line("risk", "risk", 1, chance=0.4, question=question)
        made = make.option(option, "bid", ("it",), line)
        return chance_of(made, made.lines[0], N, Streams(0))

    assert (risk("a", "mail") == risk("b", "mail")).all()
    assert (risk("a", None) != risk("b", None)).any()
    assert abs(risk("a", "mail").mean() - 0.4) < 4 * np.sqrt(0.24 / N)

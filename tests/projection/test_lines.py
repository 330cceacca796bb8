from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import sample_case as make

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.cost.lines import growth_factor, line_draws, quantity_per_year, split_over
from makeorbuy.projection.draws import Growth, growth_of

GROWTH = Growth(
    wages=np.array([[1.0, 1.1, 1.21]]), prices=np.array([[1.0, 0.9, 0.81]]),
    deflator=np.array([[1.0, 0.98, 0.9604]]),
)  # fmt: skip


def cash_of(written, paths=GROWTH, kind="price", **rest):
    option = make.option("o", "bid", ("it",), make.line("a", kind, written, **rest), source="the offer")
    case = make.case((make.service("it", count=50),), (option,), horizon=2)
    return line_draws(case, option, option.lines[0], paths, Streams(0))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wages", [0, 11000, 12100]),
        ("prices", [0, 9000, 8100]),
        ("consumer_prices", [0, 10000, 10000]),
        ("fixed_nominal", [0, 9800, 9604]),
        ("contract_index", [0, 10700, 11470]),
    ],
)
def test_each_kind_of_growth(kind, expected) -> None:
    draws, _ = cash_of(100, growth=kind, index_wage_share=0.7)
    assert draws.yearly_ore[0].tolist() == expected


def test_growth_is_none_in_the_price_year() -> None:
    for kind in ("wages", "prices", "consumer_prices", "fixed_nominal", "contract_index"):
        assert growth_factor(kind, GROWTH, 0.7)[0, 0] == 1


@pytest.mark.parametrize(
    ("per", "units", "expected"), [("year", None, 1), ("unit_month", 20, 240), ("unit_year", None, 50)]
)
def test_units_and_months(per, units, expected) -> None:
    option = make.option("o", "bid", ("it",), make.line("a", "price", 1, per=per, units=units))
    case = make.case((make.service("it", count=50),), (option,))
    assert quantity_per_year(option.lines[0], case) == expected


def test_once_is_spread_evenly_over_its_years() -> None:
    draws, _ = cash_of(90, per="once", years=[0, 2])
    assert draws.yearly_ore[0].tolist() == [3000, 3000, 3000]
    assert draws.amount_nok is not None and draws.amount_nok[0] == 90


def test_a_line_beyond_the_horizon_loses_what_falls_after_it() -> None:
    draws, _ = cash_of(100, per="once", years=[1, 4])
    assert draws.yearly_ore[0].tolist() == [0, 2500, 2500]


def test_a_line_that_may_not_happen_costs_nothing_when_it_does_not() -> None:
    paths = growth_of(make.case((make.service("it"),), horizon=2, assume=make.NO_GROWTH), Streams(0), 500)
    draws, happens = cash_of(100, paths, kind="risk", chance=0.3)
    assert happens is not None and 0 < happens.sum() < 500
    assert (draws.yearly_ore[happens, 1:] == 10000).all()
    assert (draws.yearly_ore[~happens] == 0).all()
    assert draws.inputs[0].endswith("#lines.a")  # the chance is written there


def test_a_price_has_the_offer_as_its_source_other_lines_do_not() -> None:
    assert cash_of(100)[0].has_source
    assert not cash_of(100, kind="retained")[0].has_source
    assert cash_of({"value": 100, "source": "a plan"}, kind="retained")[0].has_source


def test_an_amount_is_rounded_half_away_from_zero_in_each_cell() -> None:
    assert cash_of(0.125)[0].yearly_ore[0].tolist() == [0, 13, 13]


@given(
    cash=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5),
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=6).filter(lambda w: sum(w) > 0),
)
def test_a_split_adds_up_to_the_ore(cash, weights) -> None:
    parts = split_over(np.array(cash), np.array(weights))
    assert np.sum(parts, axis=0).tolist() == cash
    for part, weight in zip(parts, weights, strict=True):
        assert np.abs(part - np.array(cash) * weight / sum(weights)).max() <= 1.001

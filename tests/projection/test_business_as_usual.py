from __future__ import annotations

import numpy as np
import pytest
from tests import sample_case as make

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.cost.business_as_usual import adopted_lines, carried_forward
from makeorbuy.projection.draws import Growth, growth_of
from makeorbuy.projection.project import project


def test_staff_grows_with_wages_and_the_rest_with_prices() -> None:
    growth = Growth(np.array([[1, 1.01, 1.0201]]), np.array([[1, 0.99, 0.9801]]), np.ones((1, 3)))
    cash = carried_forward(make.cost(1000, 500), growth)
    assert cash[0].tolist() == [0, 101000 + 49500, 102010 + 49005]


def test_a_decided_line_over_several_services_is_split_by_their_cost_to_the_ore() -> None:
    usual = make.option(
        "business_as_usual", "business_as_usual", ("a", "b"), make.line("upgrade", "adopted", 100.01)
    )
    case = make.case((make.service("a"), make.service("b")), (usual,), assume=make.NO_GROWTH)
    growth = growth_of(case, Streams(0), 10)
    lines, _ = adopted_lines(case, {"a": 3000, "b": 1000}, growth, Streams(0))
    a, b = (lines[name][0].yearly_ore[0, 1] for name in ("a", "b"))
    assert a + b == 10001 and a == pytest.approx(7501, abs=1)


def usual_with(falls_away: bool):
    usual = make.option(
        "business_as_usual", "business_as_usual", ("it",),
        make.line("reinvestment", "adopted", 20e6, falls_away=falls_away),
    )  # fmt: skip
    bid = make.option("bid", "bid", ("it",), make.line("price", "price", 90e6))
    improved = make.option("improved", "improved", ("it",), make.line("m", "measure", -5e6))
    case = make.case((make.service("it", 0.9),), (usual, bid, improved), assume=make.NO_GROWTH)
    return project(case, make.baseline(make.measured("it", make.cost(0, 100e6))), Streams(0))


def test_what_is_decided_counts_in_business_as_usual_and_in_house_options() -> None:
    projection = usual_with(falls_away=True)
    cost = projection.costs["bid"]
    assert cost.equivalent_yearly_nok(cost.business_as_usual).mean() == pytest.approx(120e6)
    assert projection.costs["improved"].difference_nok.mean() == pytest.approx(-5e6)


def test_a_decided_line_that_falls_away_is_saved_by_leaving_and_one_that_does_not_is_not() -> None:
    for falls_away, saving in ((True, 20e6), (False, 0.0)):
        projection = usual_with(falls_away)
        cost = projection.costs["bid"]
        assert cost.difference_nok.mean() == pytest.approx(90e6 + 10e6 - 100e6 - saving)
        assert projection.services["it"].avoidable_nok.mean() == pytest.approx(90e6 + saving)

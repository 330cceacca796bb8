from __future__ import annotations

import numpy as np
import pytest
from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

LOTS = (("a", 60e6), ("b", 40e6))


def assessed(price, avoidable=None, horizon=5, **rest):
    """A lot of two services, everything uncertain."""
    share = avoidable or {"low": 0.5, "mode": 0.7, "high": 0.9}
    services = tuple(make.service(name, share, (0.5, 1.0), count=200) for name, _ in LOTS)
    growth = rest.pop("growth", "consumer_prices")
    option = make.option(
        "o", "bid", ("a", "b"), make.line("price", "price", price, growth=growth, index_wage_share=0.7),
        make.line("retained", "retained", {"from": 3e6, "to": 6e6}, growth="wages"),
        make.line("transition", "transition", 8e6, per="once"), speed=make.change(0.9),
    )  # fmt: skip
    case = make.case(services, (option,), horizon=horizon, assume=rest)
    baseline = make.baseline(*(make.measured(name, make.cost(nok / 2, nok / 2)) for name, nok in LOTS))
    projection = project(case, baseline, Streams(0))
    analysis = analyse(case, baseline, projection)
    return projection, {figure.id: figure for figure in analysis.figures}


@pytest.mark.parametrize("growth", ["consumer_prices", "contract_index", "fixed_nominal", "wages"])
def test_at_the_break_even_price_the_expected_saving_is_nothing(growth) -> None:
    _, found = assessed(70e6, growth=growth)
    price = found["decision.break_even_price_nok[o]"].value
    _, again = assessed(price, growth=growth)
    assert again["decision.net_saving_nok[o]"].value == pytest.approx(0, abs=1)


def test_the_interval_of_the_break_even_price_is_where_each_draw_turns() -> None:
    _, found = assessed(70e6)
    figure = found["decision.break_even_price_nok[o]"]
    for bound, cheaper in ((figure.low, 0.9), (figure.high, 0.1)):
        _, again = assessed(bound)
        assert again["decision.probability_cheaper[o]"].value == pytest.approx(cheaper, abs=0.01)


def test_the_unit_price_is_per_driver_unit_and_month() -> None:
    _, found = assessed(70e6)
    price = found["decision.break_even_price_nok[o]"]
    unit = found["decision.break_even_unit_nok[o]"]
    assert unit.value == pytest.approx(price.value / 200 / 12)
    assert unit.low == pytest.approx(price.low / 200 / 12)


def test_an_uncertain_price_has_the_same_break_even() -> None:
    _, sure = assessed(70e6)
    _, unsure = assessed({"p10": 60e6, "p50": 70e6, "p90": 85e6})
    name = "decision.break_even_price_nok[o]"
    assert unsure[name].value == pytest.approx(sure[name].value, rel=1e-9)


def test_at_the_break_even_share_the_expected_saving_is_nothing() -> None:
    _, found = assessed(55e6, avoidable=0.7)
    share = found["decision.break_even_avoidable_share[o]"].value
    _, again = assessed(55e6, avoidable=share)
    assert again["decision.net_saving_nok[o]"].value == pytest.approx(0, abs=100)


def test_a_price_above_all_that_is_spent_has_no_share_that_is_enough() -> None:
    _, found = assessed(200e6)
    assert found["decision.break_even_avoidable_share[o]"].reason == "no_share_is_enough"
    assert found["decision.break_even_price_nok[o]"].value is not None


def test_at_the_price_to_beat_an_offer_costs_as_much_as_today() -> None:
    services = (make.service("a", {"low": 0.5, "mode": 0.7, "high": 0.9}, (0.5, 1.0), count=200),)
    baseline = make.baseline(make.measured("a", make.cost(30e6, 30e6)))

    def analysed(*options):
        case = make.case(services, options)
        analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
        return {figure.id: figure for figure in analysis.figures}

    found = analysed()
    price = found["decision.price_to_beat_nok[a]"]
    transition = found["decision.transition_nok[a]"]
    assert transition.value == pytest.approx(0.2 * 60e6) and transition.basis == "assumed"
    option = make.option(
        "o", "bid", ("a",), make.line("price", "price", price.value),
        make.line("retained", "retained", 0.06 * price.value),
        make.line("transition", "transition", transition.value, per="once"),
    )  # fmt: skip
    offered = analysed(option)
    assert offered["decision.net_saving_nok[o]"].value == pytest.approx(0, abs=1)
    assert "decision.price_to_beat_nok[a]" not in offered
    assert found["decision.price_to_beat_unit_nok[a]"].value == pytest.approx(price.value / 200 / 12)


def test_where_nothing_falls_away_no_price_is_low_enough() -> None:
    case = make.case((make.service("a", 0.0),))
    baseline = make.baseline(make.measured("a", make.cost(1e6)))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    found = {figure.id: figure for figure in analysis.figures}
    assert found["decision.price_to_beat_nok[a]"].reason == "no_price_is_low_enough"


def test_the_lots_share_is_weighted_by_cost() -> None:
    projection, _ = assessed(55e6, avoidable=0.7)
    from makeorbuy.decision.break_even import avoidable_share_of_lot

    assert np.allclose(avoidable_share_of_lot(projection, ("a", "b")), 0.7)

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests import sample_case as make

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

PRINTED = {
    "a_bid": 248 + 34.774 + 12 + 42 / 4.451822 - 293.1,
    "a_improved": -12 + 15 / 4.451822,
    "b_bid": 190 + 69.815 + 18 + 130 / 4.451822 - 292.1,
    "payroll_bid": 14.5 + 2.52 + 1.5 + 12 / 4.451822 - 25.2,
    "desk_bid": 44 + 9.795 + 5 + 10 / 4.451822 - 65.3,
    "email_bid": 24 + 3.46 + 2 + 9 / 4.451822 - 34.6,
}
ROUNDED = {
    "a_bid": 11.1, "a_improved": -8.6, "b_bid": 14.9,
    "payroll_bid": -4.0, "desk_bid": -4.3, "email_bid": -3.1,
}  # fmt: skip


def differences(options=None, **rest):
    case, baseline = make.agency(options, **rest)
    return {
        name: cost.difference_nok
        for name, cost in project(case, baseline, Streams(case.seed)).costs.items()
        if name != "business_as_usual"
    }


@pytest.mark.parametrize("name", PRINTED)
def test_the_arithmetic_of_the_six_offers(name) -> None:
    difference = differences()[name].mean() / 1e6
    assert difference == pytest.approx(PRINTED[name], abs=1e-5)
    assert round(difference, 1) == ROUNDED[name]


def test_without_spread_every_draw_is_the_same() -> None:
    for name, difference in differences().items():
        assert set(difference) == {difference[0]}, name


UNCERTAIN = {"real_wage_growth": (0.002, 0.009, 0.016), "real_price_growth": (-0.01, 0, 0.01)}


def test_ten_times_the_money_is_ten_times_the_difference() -> None:
    def scaled(factor):
        services = (make.service("it", {"low": 0.5, "mode": 0.7, "high": 0.9}),)
        price = {"p10": 50e6 * factor, "p50": 60e6 * factor, "p90": 75e6 * factor}
        option = make.option(
            "o", "bid", ("it",), make.line("price", "price", price),
            make.line("transition", "transition", 10e6 * factor, per="once"),
        )  # fmt: skip
        case = make.case(services, (option,))
        baseline = make.baseline(make.measured("it", make.cost(40e6 * factor, 50e6 * factor)))
        return project(case, baseline, Streams(0)).costs["o"].difference_nok

    assert np.allclose(scaled(10), 10 * scaled(1), atol=10)


def test_a_split_line_costs_the_same() -> None:
    whole = [make.line("a", "price", 100.24e6)]
    split = [make.line("a", "price", 60.12e6), make.line("b", "price", 40.12e6)]
    found = [
        differences((make.option("o", "bid", make.LOT_A, *lines),), assume=UNCERTAIN)["o"]
        for lines in (whole, split)
    ]
    assert np.allclose(found[0], found[1], atol=0.05)


def test_a_cost_added_to_every_option_leaves_the_differences_between_them() -> None:
    def added(extra):
        options = tuple(
            replace(
                option,
                lines=(*option.lines, *make.option(option.id, option.kind, option.services, *extra).lines),
            )
            for option in make.agency_options()
        )
        found = differences(options, assume=UNCERTAIN)
        return found["a_bid"] - found["a_improved"]

    assert np.allclose(added([]), added([make.line("same", "risk", 7e6)]), atol=0.05)


def test_a_higher_price_is_never_cheaper() -> None:
    bids = [
        differences(
            (make.option("o", "bid", make.LOT_A, make.line("price", "price", price)),), assume=UNCERTAIN
        )["o"]
        for price in (200e6, 200.01e6, 250e6)
    ]
    assert (bids[0] < bids[1]).all() and (bids[1] < bids[2]).all()


def test_a_cost_of_public_funds_leaves_ranks_and_signs() -> None:
    found = differences(assume=UNCERTAIN)
    taxed = {name: difference * 1.2 for name, difference in found.items()}
    order = sorted(found, key=lambda name: found[name].mean())
    assert order == sorted(taxed, key=lambda name: taxed[name].mean())
    for name in found:
        assert ((found[name] < 0) == (taxed[name] < 0)).all()


def test_lines_add_up_to_the_total_in_whole_ore() -> None:
    case, baseline = make.agency(assume=UNCERTAIN)
    projection = project(case, baseline, Streams(0))
    figures = {figure.id: figure for figure in projection.figures}
    series = {item.id: item for item in projection.series}
    for name in PRINTED:
        lines = series[f"projection.cost.lines[{name}]"]
        total = sum(lines.column("nok"))
        assert total == pytest.approx(figures[f"projection.cost.yearly_nok[{name}]"].value, rel=1e-12)
        years = series[f"projection.cost.years[{name}]"]
        present = sum(row[2] * 1.04 ** -row[0] for row in years.rows)
        assert present == pytest.approx(figures[f"projection.cost.present_value_nok[{name}]"].value, rel=1e-9)


def test_the_bridge_has_the_price_first_and_the_remaining_cost_as_one_line() -> None:
    case, baseline = make.agency()
    series = {item.id: item for item in project(case, baseline, Streams(0)).series}
    kinds = series["projection.cost.lines[a_bid]"].column("kind")
    assert kinds == ["price", "remaining", "retained", "transition"]
    assert series["projection.cost.lines[a_improved]"].column("kind") == [
        "business_as_usual",
        "measure",
        "measure",
    ]


def test_without_a_ledger_there_is_no_cost_and_still_a_speed() -> None:
    option = make.option("o", "bid", ("a", "b"), make.line("p", "price", 1), speed=make.change(0.5))
    other = make.option("p", "bid", ("a",), make.line("p", "price", 1), speed=make.change(0.5))
    case = make.case((make.service("a"), make.service("b")), (option, other))
    baseline = make.baseline(
        make.measured("a", make.cost(10)),
        replace(make.measured("b", make.NO_LEDGER), cost=replace(make.NO_LEDGER, reason="no_cost_booked")),
    )
    projection = project(case, baseline, Streams(0))
    figures = {figure.id: figure for figure in projection.figures}
    assert set(projection.costs) == {"p"}
    assert figures["projection.cost.yearly_nok[o]"].reason == "no_cost_booked"
    assert figures["projection.cost.business_as_usual_nok[business_as_usual]"].value is None
    assert projection.speeds["b", "o"].restricted_mean_hours is not None

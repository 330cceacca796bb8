from __future__ import annotations

import pytest
from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project


@pytest.fixture(scope="module")
def agency():
    case, baseline = make.agency()
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    return case, analysis, {entry.id: entry for entry in (*analysis.figures, *analysis.series)}


def test_the_recommendations_of_the_agency(agency) -> None:
    _, analysis, _ = agency
    found = {name: verdict.recommendation for name, verdict in analysis.services.items()}
    assert found == {
        **dict.fromkeys(make.LOT_A, "improve"), **dict.fromkeys(make.LOT_B, "keep"), "payroll": "move",
    }  # fmt: skip
    assert analysis.options["desk_bid"].outcome == "undecided"
    assert analysis.services["desk"].conflicts == ("desk_bid",)


def test_rows_come_in_fixed_order_also_when_empty(agency) -> None:
    _, _, found = agency
    rows = found["decision.summary"].rows
    assert [row[0] for row in rows] == ["keep", "improve", "move", "not_allowed", "undecided"]
    assert rows[0][1:] == (
        pytest.approx(292.1e6), pytest.approx(292.1 / 610.4), "servers,network,storage", "b_bid", "dearer",
    )  # fmt: skip
    assert rows[1][3].split(",")[0] == "workplace"
    assert rows[4][1:] == (0.0, 0.0, "", "", None)


def test_each_service_is_counted_once(agency) -> None:
    case, _, found = agency
    names = [name for row in found["decision.summary"].rows for name in row[3].split(",") if name]
    assert sorted(names) == sorted(service.id for service in case.services)
    assert sum(row[1] for row in found["decision.summary"].rows) == pytest.approx(
        found["decision.total_cost_nok"].value
    )


def test_the_total_saving_is_that_of_the_followed_options(agency) -> None:
    _, _, found = agency
    total = found["decision.total_saving_nok"]
    assert total.value == pytest.approx(8.630593e6 + 3.984475e6, abs=10)
    assert total.inputs == ("decision.net_saving_nok[a_improved]", "decision.net_saving_nok[payroll_bid]")


def test_the_interval_of_the_total_is_of_the_sum_not_the_sum_of_intervals() -> None:
    def option(name):
        amount = {"low": -30e6, "mode": -20e6, "high": -10e6}
        return make.option(
            name, "improved", (name,), make.line("m", "measure", amount), speed=make.change(0.8)
        )

    names = ("a", "b", "c", "d")
    case = make.case(
        tuple(make.service(name) for name in names), tuple(option(name) for name in names),
        assume={**make.NO_GROWTH, "draws": 4000},
    )  # fmt: skip
    baseline = make.baseline(*(make.measured(name, make.cost(0, 100e6)) for name in names))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    found = {figure.id: figure for figure in analysis.figures}
    widths = sum(
        found[f"decision.net_saving_nok[{name}]"].high - found[f"decision.net_saving_nok[{name}]"].low
        for name in names
    )
    total = found["decision.total_saving_nok"]
    assert (total.high - total.low) / widths == pytest.approx(0.5, abs=0.05)  # 1 / sqrt(4)


def test_the_assumed_share_of_the_agency(agency) -> None:
    _, _, found = agency
    assert found["decision.assumed_split[a_bid]"].rows[0] == pytest.approx((248e6, 44.208e6, 12e6), rel=1e-4)
    shares = {
        name: found[f"decision.assumed_share[{name}]"].value for name in ("a_bid", "b_bid", "payroll_bid")
    }
    assert shares == pytest.approx({"a_bid": 0.185, "b_bid": 0.381, "payroll_bid": 0.317}, abs=5e-4)
    # each service once: the desk and e-mail alone are parts of lot A
    assert found["decision.assumed_share"].value == pytest.approx((119.2 + 31.5) / 529.6, abs=1e-1)
    assert found["decision.assumed_share"].value == pytest.approx(0.2845, abs=5e-4)
    assert len(found["decision.assumed_share"].inputs) == 3


def test_a_price_without_a_source_is_assumed() -> None:
    option = make.option("o", "bid", ("a",), make.line("price", "price", 50e6), speed=make.change(0.9))
    case = make.case((make.service("a"),), (option,))
    baseline = make.baseline(make.measured("a", make.cost(0, 100e6)))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    found = {entry.id: entry for entry in (*analysis.figures, *analysis.series)}
    price, _, unsourced = found["decision.assumed_split[o]"].rows[0]
    assert price == 0 and unsourced == pytest.approx(50e6)
    assert found["decision.assumed_share[o]"].value == 1


def test_nothing_to_follow_saves_nothing() -> None:
    option = make.option("o", "bid", ("a",), make.line("price", "price", 150e6), speed=make.change(0.9))
    case = make.case((make.service("a"),), (option,))
    baseline = make.baseline(make.measured("a", make.cost(0, 100e6)))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    found = {figure.id: figure for figure in analysis.figures}
    assert found["decision.total_saving_nok"].value == 0

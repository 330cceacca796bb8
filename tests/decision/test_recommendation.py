from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.decision.recommendation import Standard, chosen_options, merit
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

STANDARD = Standard(0.8, 0.8, 100.0)


def share(good, of_good, of_bad, n=100):
    """Return n draws of which this many are good."""
    return np.array([of_good] * good + [of_bad] * (n - good), dtype=float)


@pytest.mark.parametrize(
    ("saving", "change", "outcome", "reasons"),
    [
        (share(80, 200, -10), share(80, -0.1, 0.1), "better", ("cheaper_and_faster",)),
        (share(79, 200, -10), share(80, -0.1, 0.1), "undecided", ("cheaper_not_certain",)),
        (share(80, 200, -10), share(79, -0.1, 0.1), "undecided", ("faster_not_certain",)),
        (share(80, 200, -10), share(20, -0.1, 0.1), "undecided", ("slower",)),
        (share(100, 99, 0), share(90, -0.1, 0.1), "undecided", ("saving_below_materiality",)),
        (share(100, 99, 0), share(79, -0.1, 0.1), "worse", ("saving_immaterial",)),
        (share(20, 200, -10), share(100, -0.1, 0.1), "worse", ("dearer",)),
        (
            share(21, 200, -90), share(50, -0.1, 0.1), "undecided",
            ("faster_not_certain", "cheaper_not_certain", "saving_below_materiality"),
        ),
        (share(80, 200, -900), share(80, -0.1, 0.1), "undecided", ("saving_below_materiality",)),
        (share(90, 200, -10), None, "undecided", ("no_speed_stated",)),
        (share(10, 200, -10), None, "worse", ("dearer",)),
        (share(100, 10, 0), None, "undecided", ("no_speed_stated", "saving_below_materiality")),
        (None, share(90, -0.1, 0.1), "undecided", ("no_speed_stated",)),
    ],
)  # fmt: skip
def test_every_path_of_the_rule_for_an_option(saving, change, outcome, reasons) -> None:
    unknown = ("no_speed_stated",) if change is None or saving is None else ()
    found = merit(saving, change, STANDARD, unknown)
    assert (found.outcome, found.reasons) == (outcome, reasons)


@given(
    saving=st.lists(st.floats(-300, 300), min_size=5, max_size=40),
    change=st.lists(st.floats(-1, 1), min_size=40, max_size=40),
    gain=st.floats(0, 500),
)
def test_a_larger_saving_never_makes_the_outcome_worse(saving, change, gain) -> None:
    speed = np.array(change[: len(saving)])
    order = ("worse", "undecided", "better")
    before = merit(np.array(saving), speed, STANDARD).outcome
    after = merit(np.array(saving) + gain, speed, STANDARD).outcome
    assert order.index(after) >= order.index(before)


@given(
    st.lists(
        st.tuples(st.frozensets(st.sampled_from("abcdef"), min_size=1), st.integers(1, 20)),
        max_size=7,
    )
)
@settings(deadline=None)
def test_the_chosen_options_save_most_of_all_that_count_each_service_once(lots) -> None:
    options = [(f"o{number}", tuple(sorted(lot)), float(saving)) for number, (lot, saving) in enumerate(lots)]
    best = 0.0
    for mask in range(2 ** len(options)):
        taken = [item for number, item in enumerate(options) if mask >> number & 1]
        services = [name for _, lot, _ in taken for name in lot]
        if len(services) == len(set(services)):
            best = max(best, sum(item[2] for item in taken))
    chosen = chosen_options(options)
    table = {name: (lot, saving) for name, lot, saving in options}
    assert sum(table[name][1] for name in chosen) == best
    services = [service for name in chosen for service in table[name][0]]
    assert len(services) == len(set(services))
    assert chosen == chosen_options(reversed(options))


def test_two_hundred_options_are_chosen_among_at_once() -> None:
    options = [(f"o{n}", (f"s{n}", f"s{n + 1}"), 1.0 + n % 3) for n in range(0, 400, 2)]
    assert len(chosen_options(options)) == 200


def test_among_equal_savings_the_wider_lot_wins() -> None:
    options = [("one", ("a",), 4.0), ("two", ("b",), 5.0), ("wide", ("a", "b"), 9.0)]
    assert chosen_options(options) == ("wide",)


# the rule for a service

FASTER, SLOWER = make.change(0.8), make.change(1.2)


def bid(name, services, mnok, speed=FASTER, kind="bid", **rest):
    return make.option(name, kind, services, make.line("price", "price", mnok * 1e6), speed=speed, **rest)


def improved(name, services, mnok, speed=FASTER):
    return make.option(name, "improved", services, make.line("m", "measure", mnok * 1e6), speed=speed)


def decide(*options, services=("a", "b"), **rest):
    """Each service costs 100 MNOK a year today, all of it avoidable."""
    case = make.case(
        tuple(make.service(name) for name in services), options,
        assume={**make.NO_GROWTH, **rest.pop("assume", {})}, **rest,
    )  # fmt: skip
    baseline = make.baseline(*(make.measured(name, make.cost(0, 100e6)) for name in services))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    return analysis, {entry.id: entry for entry in (*analysis.figures, *analysis.series)}


def test_a_better_offer_is_moved_to() -> None:
    analysis, _ = decide(bid("x", ("a",), 90))
    assert analysis.options["x"].outcome == "better"
    verdict = analysis.services["a"]
    assert (verdict.recommendation, verdict.counted_under) == ("move", "x")
    assert verdict.reasons == ("cheaper_and_faster",)


def test_a_better_option_in_house_is_improved_by() -> None:
    analysis, _ = decide(improved("x", ("a",), -10))
    assert analysis.services["a"].recommendation == "improve"


def test_the_larger_saving_wins_and_the_other_is_named_as_a_conflict() -> None:
    analysis, found = decide(bid("x", ("a",), 90), improved("y", ("a",), -20))
    verdict = analysis.services["a"]
    assert (verdict.recommendation, verdict.counted_under, verdict.conflicts) == ("improve", "y", ("x",))
    assert found["decision.conflicts"].rows == (("a", "x", "better", "y"),)
    assert found["decision.total_saving_nok"].value == pytest.approx(20e6)


def test_worse_offers_keep_the_service() -> None:
    analysis, found = decide(bid("x", ("a", "b"), 210), bid("y", ("a",), 120))
    verdict = analysis.services["a"]
    assert (verdict.recommendation, verdict.counted_under) == ("keep", "x")
    codes = [(row[0], row[1]) for row in found["decision.service_reasons[a]"].rows]
    assert codes == [("dearer", "x"), ("dearer", "y")]


def test_one_open_offer_leaves_it_undecided() -> None:
    analysis, _ = decide(bid("x", ("a", "b"), 210), bid("y", ("a",), 90, SLOWER))
    assert analysis.services["a"].recommendation == "undecided"
    assert analysis.services["a"].counted_under == "y"
    assert analysis.services["a"].reasons == ("slower",)
    assert analysis.services["b"].recommendation == "keep"


def test_a_closed_gate_is_not_allowed_unless_the_agency_can_improve_itself() -> None:
    gate = make.gate("national", "yes", a="no")
    analysis, found = decide(bid("x", ("a",), 50), gates=(gate,))
    assert analysis.options["x"].outcome == "not_allowed"
    assert analysis.services["a"].recommendation == "not_allowed"
    assert found["decision.service_reasons[a]"].rows[0] == ("gate_no", None, "national")
    assert "decision.price_to_beat_nok[a]" not in found
    analysis, _ = decide(bid("x", ("a",), 50), improved("y", ("a",), -10), gates=(gate,))
    assert analysis.services["a"].recommendation == "improve"


def test_a_closed_gate_needs_no_offer_to_be_not_allowed() -> None:
    analysis, _ = decide(gates=(make.gate("national", "yes", a="no"),), stage="screening")
    assert analysis.services["a"].recommendation == "not_allowed"


def test_an_unknown_gate_holds_up_a_good_offer_and_not_a_bad_one() -> None:
    gate = make.gate("clearance", "unknown")
    analysis, _ = decide(bid("x", ("a",), 50), bid("y", ("b",), 150), gates=(gate,))
    assert analysis.options["x"].outcome == "inadmissible"
    assert analysis.options["x"].reasons[0] == "gate_unknown"
    assert analysis.services["a"].recommendation == "undecided"
    assert "gate_unknown" in analysis.services["a"].reasons
    # beside a valid worse offer: only the good one must be cleared first
    for price, expected in ((50, "undecided"), (150, "keep")):
        gate_for_one = make.gate("clearance", "yes", b="unknown")
        analysis, _ = decide(
            bid("valid", ("a",), 120), bid("wide", ("a", "b"), 2 * price), gates=(gate_for_one,)
        )
        assert analysis.services["a"].recommendation == expected


def test_a_condition_that_is_met_lets_the_offer_in() -> None:
    gate = make.gate("clearance", "conditional")
    analysis, _ = decide(bid("x", ("a",), 50), gates=(gate,))
    assert analysis.options["x"].reasons[0] == "gate_condition_unmet"
    assert analysis.services["a"].recommendation == "undecided"
    assert "no_admissible_offer" in analysis.services["a"].reasons
    analysis, _ = decide(bid("x", ("a",), 50, meets=("clearance",)), gates=(gate,))
    assert analysis.services["a"].recommendation == "move"


def test_a_late_offer_cannot_be_chosen_and_is_named() -> None:
    late = bid(
        "late", ("a",), 50, received=datetime.fromisoformat("2025-03-14T12:01"),
        deadline=datetime.fromisoformat("2025-03-14T12:00"),
    )  # fmt: skip
    analysis, found = decide(late, bid("x", ("a",), 120))
    assert analysis.options["late"].outcome == "inadmissible"
    assert analysis.options["late"].reasons[0] == "late"
    assert analysis.services["a"].recommendation == "keep"
    assert analysis.services["a"].counted_under == "x"
    assert ("late", "late") in [row[:2] for row in found["decision.service_reasons[a]"].rows]
    alone, _ = decide(late)
    assert alone.services["a"].recommendation == "undecided"
    assert alone.services["a"].reasons == ("no_admissible_offer", "late")


def test_an_offer_off_the_specification_cannot_be_chosen() -> None:
    off = replace(bid("off", ("a",), 50), not_to_specification=make.text("no nights"))
    analysis, _ = decide(off)
    assert analysis.options["off"].reasons[0] == "not_to_specification"


def test_what_is_left_out_and_not_priced_keeps_a_good_offer_from_being_chosen() -> None:
    left_out = (make.text("after hours"),)
    good = bid("good", ("a",), 50, exclusions=left_out)
    priced = make.option(
        "priced", "bid", ("a",), make.line("price", "price", 50e6), make.line("hours", "scope_gap", 10e6),
        speed=FASTER, exclusions=left_out,
    )  # fmt: skip
    assert decide(good)[0].options["good"].reasons[0] == "exclusion_not_priced"
    assert decide(priced)[0].options["priced"].outcome == "better"
    assert decide(bid("dear", ("a",), 150, exclusions=left_out))[0].options["dear"].outcome == "worse"


def test_a_market_estimate_settles_nothing() -> None:
    for price in (50, 150):
        analysis, found = decide(bid("guess", ("a",), price, kind="market_estimate"))
        verdict = analysis.services["a"]
        assert verdict.recommendation == "undecided" and verdict.reasons[0] == "no_offer"
        assert "market_estimate_only" in verdict.reasons
        assert found["decision.price_to_beat_nok[a]"].value is not None
        assert found["decision.break_even_price_nok[guess]"].value is not None


def test_without_any_offer_there_is_a_price_to_beat() -> None:
    analysis, found = decide(stage="screening")
    for name in ("a", "b"):
        verdict = analysis.services[name]
        assert (verdict.recommendation, verdict.reasons) == ("undecided", ("no_offer",))
        assert found[f"decision.counted_under[{name}]"].reason == "no_option"
        assert found[f"decision.price_to_beat_nok[{name}]"].value > 0
    assert found["decision.assumed_share"].reason == "no_offer"
    assert found["decision.flips"].reason == "nothing_settled"


def test_improving_that_does_not_pay_says_nothing_of_offers_nobody_has_made() -> None:
    analysis, _ = decide(improved("y", ("a",), 10))
    assert analysis.options["y"].outcome == "worse"
    assert analysis.services["a"].recommendation == "undecided"
    assert "no_offer" in analysis.services["a"].reasons


def test_a_better_lot_that_loses_its_other_service_to_a_better_one_leaves_a_conflict() -> None:
    analysis, _ = decide(bid("x", ("a", "b"), 190), bid("y", ("b", "c"), 180), services=("a", "b", "c"))
    assert analysis.services["b"].counted_under == "y"
    assert analysis.services["a"].recommendation == "undecided"
    assert analysis.services["a"].reasons == ("lot_conflict",)


def test_an_offer_without_a_ledger_behind_it_is_undecided_for_that_reason() -> None:
    option = bid("x", ("a",), 50)
    case = make.case((make.service("a"),), (option,))
    baseline = make.baseline(make.measured("a", make.NO_LEDGER))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    assert analysis.options["x"].outcome == "undecided"
    assert analysis.options["x"].reasons == ("no_ledger",)
    found = {entry.id: entry for entry in (*analysis.figures, *analysis.series)}
    assert found["decision.probability_cheaper[x]"].reason == "no_ledger"
    assert found["decision.probability_both[x]"].reason == "no_ledger"
    assert found["decision.probability_faster[x]"].value == 1
    assert found["decision.total_cost_nok"].reason == "no_ledger"
    assert found["decision.total_saving_nok"].reason == "no_option_with_cost"
    assert found["decision.summary"].rows[4][2] is None


def test_a_service_without_a_speed_can_be_kept_and_not_moved() -> None:
    case = make.case(
        (make.service("a"),), (bid("x", ("a",), 50), bid("y", ("a",), 150)), assume=make.NO_GROWTH
    )
    baseline = make.baseline(make.unmeasured("a", make.cost(0, 100e6)))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    assert analysis.options["x"].reasons == ("no_tickets",)
    assert analysis.options["y"].outcome == "worse"
    assert analysis.services["a"].recommendation == "undecided"

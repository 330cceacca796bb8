from __future__ import annotations

from tests import sample_case as make

from makeorbuy.decision.gates import closed_gates, gate_findings, unknown_gates


def found(*gates, kind="bid", meets=()):
    option = make.option("o", kind, ("a", "b"), make.line("p", "price", 1), meets=meets)
    case = make.case((make.service("a"), make.service("b")), (option,), gates=gates)
    return [(item.code, item.gate, item.service) for item in gate_findings(case, option)]


def test_an_open_gate_is_passed() -> None:
    assert found(make.gate("national", "yes")) == []


def test_one_closed_service_closes_the_whole_lot_and_comes_first() -> None:
    gates = (make.gate("clearance", "unknown"), make.gate("national", "yes", b="no"))
    assert found(*gates)[0] == ("gate_no", "national", "b")


def test_unknown_never_passes() -> None:
    assert found(make.gate("national", "yes", a="unknown")) == [("gate_unknown", "national", "a")]


def test_a_condition_must_be_met_by_the_option() -> None:
    gate = make.gate("clearance", "yes", a="conditional")
    assert found(gate) == [("gate_condition_unmet", "clearance", "a")]
    assert found(gate, meets=("clearance",)) == []
    assert found(gate, meets=("another",)) != []


def test_what_the_agency_delivers_itself_has_no_gates() -> None:
    assert found(make.gate("national", "no"), kind="improved") == []


def test_gates_of_a_service_do_not_hang_on_an_offer() -> None:
    case = make.case((make.service("a"),), gates=(make.gate("n", "no"), make.gate("u", "unknown")))
    assert closed_gates(case, "a") == ["n"] and unknown_gates(case, "a") == ["u"]

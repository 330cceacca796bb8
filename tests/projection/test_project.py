from __future__ import annotations

from dataclasses import replace

from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

UNCERTAIN = {"real_wage_growth": (0.002, 0.009, 0.016), "inflation": (0.015, 0.02, 0.03)}


def everything(options=None, seed=0):
    case, baseline = make.agency(options, assume=UNCERTAIN, seed=seed)
    triple = {"low": 0.5, "mode": 0.8, "high": 0.9}
    shares = {s.id: make.number(triple, f"case:services.yaml#{s.id}") for s in case.services}
    spread = tuple(replace(s, avoidable=replace(s.avoidable, share=shares[s.id])) for s in case.services)
    case = replace(case, services=spread)
    projection = project(case, baseline, Streams(case.seed))
    analysis = analyse(case, baseline, projection)
    entries = (*projection.figures, *projection.series, *analysis.figures, *analysis.series)
    return {entry.id: entry for entry in entries}


def test_the_same_seed_gives_the_same_bits() -> None:
    assert everything() == everything()


def test_seed_zero_is_a_seed() -> None:
    name = "decision.net_saving_nok[a_bid]"
    assert everything(seed=0)[name] != everything(seed=1)[name]


def test_the_order_of_the_options_does_not_matter() -> None:
    options = make.agency_options()
    forward, backward = everything(options), everything(options[::-1])
    assert set(forward) == set(backward)
    for name, entry in forward.items():
        assert getattr(entry, "value", None) == getattr(backward[name], "value", None), name
    for name in ("decision.flips", "decision.summary", "decision.first_question"):
        assert forward[name].rows == backward[name].rows


def test_another_option_moves_no_other() -> None:
    options = make.agency_options()
    more = everything(
        (*options, make.option("new", "bid", ("desk",), make.line("p", "price", {"from": 1e6, "to": 9e6})))
    )
    fewer = everything(options)
    for name in ("projection.cost.yearly_nok[a_bid]", "decision.probability_faster[desk,a_bid]"):
        assert more[name] == fewer[name]


def test_every_figure_leads_back() -> None:
    found = everything()
    for name, entry in found.items():
        for key in entry.inputs:
            prefix = key.partition(":")[0]
            assert (
                prefix in ("case", "assumption", "evidence") or key in found or key.startswith("baseline.")
            ), (name, key)

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests import sample_case as make

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.cost.stranded import avoidable_ore
from makeorbuy.projection.project import project


@given(
    today=st.lists(st.integers(0, 10**13), min_size=2, max_size=8),
    share=st.floats(0, 1),
    run_off=st.lists(st.floats(0, 1), min_size=1, max_size=4).map(sorted),
)
def test_stranded_and_avoidable_are_the_allocated_cost(today, share, run_off) -> None:
    cash = np.array([today])
    avoidable = avoidable_ore(cash, np.array([share]), tuple(run_off))
    remaining = cash - avoidable
    assert (remaining + avoidable).tolist() == cash.tolist()
    assert (avoidable[:, 0] == 0).all(), "nothing has fallen away before takeover"
    assert (remaining >= 0).all() and (avoidable >= 0).all()


def test_the_last_run_off_holds_for_the_years_after() -> None:
    cash = np.full((1, 5), 1000)
    assert avoidable_ore(cash, np.array([1.0]), (0.25, 0.5)).tolist() == [[0, 250, 500, 500, 500]]


def test_remaining_and_avoidable_add_up_in_the_projection_draw_by_draw() -> None:
    case, baseline = make.agency(assume={"real_wage_growth": (0.002, 0.009, 0.016)})
    projection = project(case, baseline, Streams(0))
    for name in ("a_bid", "b_bid", "payroll_bid"):
        cost = projection.costs[name]
        stays = np.sum([line.yearly_ore for line in cost.lines if line.kind == "remaining"], axis=0)
        today = np.sum([line.yearly_ore for line in cost.business_as_usual], axis=0)
        assert stays.dtype == np.int64 and (stays <= today).all()
        leaves = sum(projection.services[service].avoidable_nok for service in cost.services)
        equal = cost.equivalent_yearly_nok(tuple(line for line in cost.lines if line.kind == "remaining"))
        assert np.allclose(equal + leaves, cost.equivalent_yearly_nok(cost.business_as_usual), rtol=1e-12)

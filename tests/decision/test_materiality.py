from __future__ import annotations

import numpy as np
import pytest

from makeorbuy.case.model import LocalText
from makeorbuy.decision.materiality import payback_year
from makeorbuy.projection.cost.discounting import annuity, discount_factors
from makeorbuy.projection.model import LineDraws, OptionCost


def cost(option, usual):
    """One line each, MNOK per year from year 0, two equal draws."""

    def lines(mnok):
        ore = np.array([mnok, mnok]) * 100_000_000
        return (LineDraws("l", LocalText("l", "l"), "price", ("it",), ore.astype(np.int64), True, ()),)

    discount = discount_factors(len(option) - 1, ((40, 0.04),))
    return OptionCost("o", ("it",), lines(option), lines(usual), discount, annuity(discount))


@pytest.mark.parametrize(
    ("option", "usual", "expected"),
    [
        ([15, 88, 88, 88], [0, 100, 100, 100], (2, None)),
        ([10, 90, 90, 90], [0, 100, 100, 100], (2, None)),  # undiscounted it would be year 1
        ([0, 90, 90, 90], [0, 100, 100, 100], (None, "no_investment")),
        ([0, 100, 100, 100], [0, 100, 100, 100], (None, "no_investment")),
        ([50, 90, 90, 90], [0, 100, 100, 100], (None, "never_paid_back")),
        ([5, 90, 90, 130], [0, 100, 100, 100], (None, "never_paid_back")),  # the exit eats it
        ([5, 90, 106, 80], [0, 100, 100, 100], (3, None)),  # paid back for good, not only once
    ],
)
def test_payback_is_when_it_stays_paid_back(option, usual, expected) -> None:
    assert payback_year(cost(option, usual)) == expected

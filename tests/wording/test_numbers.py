"""The number rules, both languages, as `makeorbuy.wording.numbers` tables them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.wording.numbers import Numbers

NB, EN = Numbers("nb"), Numbers("en")


@pytest.mark.parametrize(
    ("number", "places", "nb", "en"),
    [
        (1246.4, 1, "1\u202f246,4", "1,246.4"),
        (-8.6, 1, "\u22128,6", "\u22128.6"),
        (1234567, 0, "1\u202f234\u202f567", "1,234,567"),
        (-0.04, 1, "0,0", "0.0"),
        (0.0, 0, "0", "0"),
    ],
)
def test_decimals(number: float, places: int, nb: str, en: str) -> None:
    assert NB.decimal(number, places) == nb
    assert EN.decimal(number, places) == en


def test_signs_are_true_signs_and_zero_has_none() -> None:
    assert NB.signed(11.1) == "+11,1"
    assert NB.signed(-8.6) == "\u22128,6"
    assert NB.signed(0.01) == "0,0"
    assert NB.signed(-0.01) == "0,0"
    assert EN.signed_percent(-0.12) == "\u221212%"


def test_per_cent_says_almost_none_and_almost_all() -> None:
    shares = (0, 0.0049, 0.005, 0.15, 0.994, 0.996, 1)
    assert [NB.percent(share) for share in shares] == [
        "0\u00a0%", "<1\u00a0%", "<1\u00a0%", "15\u00a0%", "99\u00a0%", ">99\u00a0%", "100\u00a0%",
    ]  # fmt: skip
    assert EN.percent(0.15) == "15%"
    assert EN.percent(0.045, 1) == "4.5%"


def test_a_probability_is_never_certain() -> None:
    assert EN.probability(0.0) == "<1%"
    assert EN.probability(1.0) == ">99%"
    assert EN.probability(0.97) == "97%"


def test_ranges() -> None:
    assert NB.span(7, 19) == "7–19"
    assert NB.span(-14, -3) == "\u221214\u00a0til\u00a0\u22123"
    assert EN.span(-14, -3) == "\u221214\u00a0to\u00a0\u22123"
    assert NB.span(1, 21, signed=True) == "+1\u00a0til\u00a0+21"
    assert NB.span(None, 3) == "…–3"
    assert NB.millions_span(10.2e6, 11.1e6) == "10,2–11,1"


def test_money() -> None:
    assert NB.mnok(11.1e6) == "11,1\u00a0MNOK"
    assert EN.mnok(11.1e6) == "NOK\u00a011.1m"
    assert EN.mnok(-11.1e6, signed=True) == "\u2212NOK\u00a011.1m"
    assert EN.mnok(11.1e6, signed=True) == "+NOK\u00a011.1m"
    assert NB.nok(1128.4) == "1\u202f128\u00a0kr"
    assert EN.nok(1128.4) == "NOK\u00a01,128"
    assert NB.bold_mnok(11.14e6) == "11\u00a0MNOK"
    assert NB.bold_mnok(0.4e6) == "0,4\u00a0MNOK"


@pytest.mark.parametrize(
    ("hours", "nb", "en"),
    [
        (0.5, "30 min", "30 min"),
        (1, "1 t", "1 h"),
        (4.25, "4,2 t", "4.2 h"),
        (52, "52 t", "52 h"),
        (71.9, "72 t", "72 h"),
        (72, "3 døgn", "3 days"),
        (80, "3,3 døgn", "3.3 days"),
        (264, "11 døgn", "11 days"),
    ],
)
def test_durations(hours: float, nb: str, en: str) -> None:
    assert NB.duration(hours).replace("\u00a0", " ") == nb
    assert EN.duration(hours).replace("\u00a0", " ") == en


def test_working_time_is_never_days() -> None:
    assert NB.duration(160, "working") == "160\u00a0arb.t"
    assert EN.duration(480, "working") == "480\u00a0work h"


def test_dates() -> None:
    assert NB.date("2024-11-15") == "15.\u00a0nov 2024"
    assert EN.date("2024-11-15T00:00:00") == "15\u00a0Nov 2024"


@given(st.floats(-1e12, 1e12), st.integers(0, 3))
def test_a_number_reads_back(number: float, places: int) -> None:
    for numbers in (NB, EN):
        written = numbers.decimal(number, places).replace("\u2212", "-")
        written = written.replace("\u202f", "").replace(",", "." if numbers is NB else "")
        assert abs(float(written) - number) <= 0.5 * 10.0**-places * 1.0001 + abs(number) * 1e-12


@given(st.floats(0, 1))
def test_no_line_breaks_between_number_and_unit(share: float) -> None:
    assert " " not in NB.percent(share)
    assert " " not in NB.mnok(share * 1e9)
    assert " " not in NB.duration(share * 1e4)

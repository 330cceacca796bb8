# ruff: noqa: E501  # a case and its title read best on one line
"""Titles are true for any data: every branch, and never longer than two lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.brief import titles
from makeorbuy.wording.voice import Voice

NB, EN = Voice("nb"), Voice("en")
VOICES = (NB, EN)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


COUNTS = ("keep", "improve", "move", "not_allowed", "undecided")


def headline(
    counts: dict[str, int],
    savings: dict[str, float] | None = None,
    offers: bool = True,
    name: str | None = None,
) -> str:
    return titles.headline(NB, counts, savings or {}, offers, name)


@pytest.mark.parametrize(
    ("counts", "savings", "offers", "expected"),
    [
        ({"keep": 3, "improve": 4, "move": 1, "not_allowed": 6, "undecided": 4}, {"improve": 8.6e6, "move": 4e6}, True,
         "Bare én av 18 tjenester bør flyttes; mest er å hente på å forbedre egen drift"),
        ({"keep": 3, "move": 1, "undecided": 2}, {"move": 4e6}, True, "Bare én av 6 tjenester bør flyttes; det sparer 4\u00a0MNOK i året"),
        ({"move": 2, "keep": 10}, {"move": 4e6}, True, "Bare to av 12 tjenester bør flyttes; det sparer 4\u00a0MNOK i året"),
        ({"move": 5, "keep": 1}, {"move": 4e6}, True, "fem av 6 tjenester bør flyttes; det sparer 4\u00a0MNOK i året"),
        ({"move": 3}, {"move": 4e6}, True, "Alle 3 tjenestene bør flyttes"),
        ({"keep": 3, "undecided": 1}, {}, True, "Ingen av 4 tjenester bør flyttes nå; tre bør beholdes som i dag"),
        ({"keep": 1, "undecided": 1}, {}, True, "Ingen av 2 tjenester bør flyttes nå; én bør beholdes som i dag"),
        ({"keep": 1, "undecided": 3}, {}, True, "Ingen av 4 tjenester bør flyttes nå; tre er uavklart"),
        ({"improve": 1, "not_allowed": 3}, {"improve": -1e6}, True, "Ingen av 4 tjenester bør flyttes nå; resten må bli i egenregi"),
        ({"undecided": 4}, {}, True, "Ingen av 4 tjenester kan avgjøres ennå"),
        ({"undecided": 4}, {}, False, "Ingen av 4 tjenester kan avgjøres ennå: det finnes ingen tilbud"),
        ({"undecided": 4, "not_allowed": 2}, {}, False, "fire av 6 tjenester kan prøves mot markedet; to må bli i egenregi"),
        ({"not_allowed": 4}, {}, True, "Ingen av 4 tjenester kan flyttes: absolutte krav står i veien"),
        ({}, {}, True, "Utredningen har ingen tjenester"),
    ],
)  # fmt: skip
def test_headline(counts: dict[str, int], savings: dict[str, float], offers: bool, expected: str) -> None:
    assert headline(counts, savings, offers) == expected


@pytest.mark.parametrize("code", COUNTS)
def test_headline_of_a_single_service_names_it(code: str) -> None:
    assert headline({code: 1}, name="E-post").startswith("E-post ")


@given(
    st.lists(st.integers(0, 30), min_size=5, max_size=5),
    st.floats(-1e9, 1e9),
    st.floats(-1e9, 1e9),
    st.booleans(),
)
def test_headline_says_something_in_both_languages(
    numbers: list[int], improve: float, move: float, offers: bool
) -> None:
    counts = dict(zip(COUNTS, numbers, strict=True))
    for voice in VOICES:
        said = titles.headline(voice, counts, {"improve": improve, "move": move}, offers)
        assert said
        assert "{" not in said
    # a saving is claimed only where there is one
    said = titles.headline(EN, counts, {"improve": improve, "move": move}, offers)
    if "saves" in said:
        assert move > 0 and counts["move"]
    if "improving" in said:
        assert improve > 0 and counts["improve"]


@pytest.mark.parametrize(
    ("price", "net", "low", "high", "expected"),
    [
        (248e6, 11.1e6, 1e6, 21e6, "Tilbudet på A er 15 % lavere enn nullalternativet, men blir 11 MNOK dyrere i året"),
        (200e6, -8e6, -12e6, -3e6, "Tilbudet på A er 32 % lavere enn nullalternativet og sparer 8 MNOK i året"),
        (248e6, 5e6, -6e6, 15e6, "Tilbudet på A er 15 % lavere enn i dag, men kan ikke skilles fra nullalternativet"),
        (320e6, 40e6, 20e6, 60e6, "Tilbudet på A er 9 % høyere enn nullalternativet og blir 40 MNOK dyrere i året"),
        (320e6, -4e6, -6e6, -1e6, "Tilbudet på A er 9 % høyere enn nullalternativet, men sparer 4 MNOK i året"),
        (320e6, -4e6, -6e6, 1e6, "Tilbudet på A er 9 % høyere enn i dag, men kan ikke skilles fra nullalternativet"),
        (293.1e6, 4e6, 1e6, 6e6, "Tilbudet på A er lik nullalternativet, men blir 4 MNOK dyrere i året"),
        (293.1e6, 0.0, -1e6, 1e6, "Tilbudet på A har samme pris og kan ikke skilles fra nullalternativet"),
        (None, 0.4e6, 0.1e6, 0.6e6, "Tilbudet på A blir 0,4 MNOK dyrere i året"),
        (248e6, 5e6, None, 15e6, "Tilbudet på A er 15 % lavere enn i dag, men kan ikke skilles fra nullalternativet"),
    ],
)  # fmt: skip
def test_bridge(
    price: float | None, net: float, low: float | None, high: float | None, expected: str
) -> None:
    assert plain(titles.bridge(NB, "Tilbudet på A", 293.1e6, price, net, low, high)) == expected


def test_bridge_without_a_cost_today_claims_no_share() -> None:
    assert (
        plain(titles.bridge(NB, "Tilbudet på A", 0.0, 5e6, 5e6, 4e6, 6e6))
        == "Tilbudet på A blir 5 MNOK dyrere i året"
    )


@given(
    st.floats(1e5, 1e10), st.floats(0, 1e10), st.floats(-1e10, 1e10), st.floats(0, 1e9), st.floats(0, 1e9),
    st.text("abcdefgh ", max_size=60),
)  # fmt: skip
def test_bridge_is_true_and_short(
    today: float, price: float, net: float, below: float, above: float, subject: str
) -> None:
    low, high = net - below, net + above
    for voice in VOICES:
        title = titles.bridge(voice, subject, today, price, net, low, high)
        assert len(title) <= titles.LONGEST
    said = titles.bridge(EN, "X", today, price, net, low, high)
    if low <= 0 <= high:
        assert "dearer" not in said and "saves" not in said
    elif low > 0:
        assert "dearer" in said
    else:
        assert "saves" in said


@pytest.mark.parametrize(
    ("better", "total", "expected"),
    [
        ([], 0, "Ingen alternativer å sammenligne"),
        ([], 4, "Ingen alternativer er med minst 90 % både billigere og raskere"),
        (["forbedret A"], 4, "Minst 90 % for både billigere og raskere: bare forbedret A"),
        (["a" * 40, "b" * 40], 4, "to av fire alternativer er med minst 90 % både billigere og raskere"),
        (["a"], 1, "Alternativet er med minst 90 % både billigere og raskere"),
        (["a", "b"], 2, "Begge alternativene er med minst 90 % både billigere og raskere"),
    ],
)
def test_superiority(better: list[str], total: int, expected: str) -> None:
    assert plain(titles.superiority(NB, better, total, 0.9)) == expected


@pytest.mark.parametrize(
    ("inside", "total", "distance", "expected"),
    [
        (0, 0, None, "Ingen tilråding er avgjort"),
        (0, 3, -0.045, "Kostnaden snur ikke for noen av tre innenfor 10–90 %; A er nærmest, 4,5 % unna"),
        (0, 1, 0.3, "Kostnaden snur ikke innenfor 10–90 %; A er nærmest, 30 % unna"),
        (1, 3, 0.3, "Kostnaden kan snu for ett av tre innenfor 10–90 %; A er nærmest, 30 % unna"),
        (2, 3, 0.3, "Kostnaden kan snu for to av tre innenfor 10–90 %; A er nærmest, 30 % unna"),
        (3, 3, 0.3, "Kostnaden kan snu for alle tre innenfor 10–90 %; A er nærmest, 30 % unna"),
        (1, 1, 0.3, "Kostnaden kan snu innenfor 10–90 %; A er nærmest, 30 % unna"),
        (0, 3, None, "Kostnaden er ikke nær ved å snu for noen"),
        (2, 3, None, "Kostnaden kan snu for to alternativer innenfor 10–90 %"),
    ],
)
def test_flips(inside: int, total: int, distance: float | None, expected: str) -> None:
    assert plain(titles.flips(NB, inside, total, "A", distance)) == expected


@pytest.mark.parametrize(
    ("share", "assumed", "net", "expected"),
    [
        (0.28, 56.2e6, -11.1e6, "28 % av kostnaden i tilbudene er antakelser; for A fem ganger forskjellen"),
        (0.28, 5e6, -11.1e6, "28 % av kostnaden i tilbudene er antakelser; for A mindre enn forskjellen"),
        (0.28, 5e6, None, "28 % av kostnaden i tilbudene er antakelser"),
        (0.28, 5e6, 0.0, "28 % av kostnaden i tilbudene er antakelser"),
        (0.0, 0.0, 1.0, "Ingenting av kostnaden i tilbudene er antatt"),
        (None, 0.0, None, "Hva som er antatt, kan ikke regnes ut"),
    ],
)
def test_assumed(share: float | None, assumed: float, net: float | None, expected: str) -> None:
    assert plain(titles.assumed(NB, share, "A", assumed, net)) == expected


@pytest.mark.parametrize(
    ("basis", "faster", "expected"),
    [
        ("stated", 0.98, "Forbedret A er raskere: 100 mot 129 timer i snitt"),
        ("promised", 0.95, "Forbedret A er raskere hvis løftet holdes: 100 mot 129 timer i snitt"),
        ("promised", 0.05, "Forbedret A er tregere selv om løftet holdes: 100 mot 129 timer i snitt"),
        ("stated", 0.5, "Forbedret A kan ikke skilles fra nullalternativet i fart"),
        ("promised", 0.5, "Forbedret A kan ikke skilles fra nullalternativet i fart, selv om løftet holdes"),
        ("stated", None, "Forbedret A: farten kan ikke sammenlignes"),
        ("measured", 0.5, "Forbedret A endrer ikke farten"),
    ],
)
def test_speed(basis: str, faster: float | None, expected: str) -> None:
    assert titles.speed(NB, "Forbedret A", basis, 100.2, 129.1, faster) == expected


def test_every_promised_direction_says_if_kept() -> None:
    for voice, words in ((NB, "løftet holdes"), (EN, "if kept")):
        for faster in (0.95, 0.5, 0.02):
            assert words in titles.speed(voice, "X", "promised", 10.0, 12.0, faster)


def test_speed_today() -> None:
    assert (
        plain(titles.speed_today(NB, 52.0, 28 * 24.0)) == "Halvparten er løst innen 52 t, 95 % innen 28 døgn"
    )
    assert (
        plain(titles.speed_today(NB, 52.0, None))
        == "Halvparten er løst innen 52 t; 95 % er ikke nådd i perioden"
    )
    assert titles.speed_today(NB, None, None) == "Under halvparten er løst i perioden"


@pytest.mark.parametrize(
    ("today", "low", "high", "best", "expected"),
    [
        (0.86, 0.84, 0.88, None, "86 % er løst innen fristen; målet på 80 % er nådd"),
        (0.71, 0.69, 0.72, None, "71 % er løst innen fristen; målet er 80 %"),
        (0.79, 0.77, 0.82, None, "79 % er løst innen fristen; kan ikke skilles fra målet på 80 %"),
        (0.71, 0.69, 0.72, 0.77, "Målet er 80 %, i dag 71 %; forbedret A gir 77 %"),
        (0.71, 0.69, 0.72, 0.70, "71 % er løst innen fristen; målet er 80 %"),
    ],
)
def test_within_target(today: float, low: float, high: float, best: float | None, expected: str) -> None:
    said = titles.within_target(NB, 0.8, today, low, high, "forbedret A" if best else None, best)
    assert plain(said) == expected


@pytest.mark.parametrize(
    ("growth", "low", "high", "expected"),
    [
        (0.9, 0.5, 1.3, "Restansen vokser med 0,9 i uken; 164 er åpne ved uttrekket"),
        (-0.9, -1.3, -0.5, "Restansen minker med 0,9 i uken; 164 er åpne ved uttrekket"),
        (0.1, -0.3, 0.5, "Restansen verken vokser eller minker sikkert; 164 er åpne ved uttrekket"),
        (0.0, 0.0, 0.0, "Restansen verken vokser eller minker sikkert; 164 er åpne ved uttrekket"),
        (None, None, None, "Trenden i restansen er ukjent; 164 er åpne ved uttrekket"),
    ],
)
def test_backlog(growth: float | None, low: float | None, high: float | None, expected: str) -> None:
    assert titles.backlog(NB, growth, low, high, 164) == expected


def test_unit_cost() -> None:
    assert (
        plain(titles.unit_cost(NB, 3514, "bruker", 0.25))
        == "3 514 kr per bruker og år; 25 % står ikke i regnskapet"
    )
    assert (
        plain(titles.unit_cost(NB, 3514, "bruker", 0.0)) == "3 514 kr per bruker og år; alt står i regnskapet"
    )


@pytest.mark.parametrize(
    ("share", "word"),
    [(0.95, "very likely"), (0.9, "likely"), (0.6, "likely"), (0.5, "possible"), (0.4, "possible"),
     (0.2, "unlikely"), (0.1, "unlikely"), (0.05, "very unlikely")],
)  # fmt: skip
def test_probability_words(share: float, word: str) -> None:
    assert titles.probability_words(EN, share).endswith(f"({word})")


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_direction_is_claimed_only_on_one_side_of_zero(value: float, a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    sure = titles.direction(value, low, high)
    if low <= 0 <= high:
        assert sure == 0
    if sure:
        assert sure == (1 if low > 0 else -1)

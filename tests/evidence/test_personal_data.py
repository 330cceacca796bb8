"""Personal data is told by its form: closed forms, rates of chance, columns refused, single finds masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import evidence_making as m
import numpy as np
import pytest

from makeorbuy.evidence.personal_columns import FREE_TEXT_CHARACTERS
from makeorbuy.foundation.errors import EvidenceError
from makeorbuy.foundation.personal_data import (
    is_account_number,
    is_card_number,
    is_identity_number,
    kinds,
    masked,
)

K1, K2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def identity_numbers(nine: str, remainders: tuple[int, ...] = (0,)) -> list[str]:
    """Every valid number with these nine digits, for these remainders of the first control digit."""
    digits = [int(digit) for digit in nine]
    found = []
    for remainder in remainders:
        first = (remainder - sum(a * b for a, b in zip(digits, K1, strict=True))) % 11
        second = -sum(a * b for a, b in zip((*digits, first), K2, strict=True)) % 11
        if first < 10 and second < 10:
            found.append(f"{nine}{first}{second}")
    return found


def array(*numbers: str) -> Any:
    return np.array([[int(digit) for digit in number] for number in numbers], dtype=np.uint8)


@pytest.mark.parametrize(
    ("nine", "is_valid"),
    [
        ("010190123", True),
        ("410190123", True),  # D-number
        ("014190123", True),  # H-number
        ("018190123", True),  # synthetic, month + 80
        ("016690123", True),  # synthetic, month + 65
        ("001390123", False),
        ("321290123", False),
        ("012190123", False),
    ],
)
def test_identity_numbers_of_every_kind(nine: str, is_valid: bool) -> None:
    numbers = [n for ending in range(20) for n in identity_numbers(f"{int(nine) + ending:09d}")]
    assert len(numbers) > 10
    assert is_identity_number(array(*numbers)).tolist() == [is_valid] * len(numbers)


def test_the_rule_of_2032_takes_four_remainders_of_the_first_control_digit() -> None:
    for remainder in range(11):
        numbers = [n for i in range(100, 160) for n in identity_numbers(f"010190{i}", (remainder,))]
        assert len(numbers) > 30
        assert is_identity_number(array(*numbers)).all() == (remainder <= 3)
        assert is_identity_number(array(*numbers)).any() == (remainder <= 3)


def test_a_wrong_last_digit_is_no_identity_number() -> None:
    (number,) = identity_numbers("010190124")
    others = [f"{number[:10]}{digit}" for digit in range(10)]
    assert is_identity_number(array(*others)).sum() == 1


def test_account_and_card_numbers() -> None:
    # by hand: 8*5 + 6*4 + 0*3 + 1*2 + 1*7 + 1*6 + 1*5 + 7*4 + 9*3 + 4*2 = 147 = 13 * 11 + 4, and 11 - 4 = 7
    assert is_account_number(array("86011117947", "86011117946", "00000000000")).tolist() == [
        True, False, False,
    ]  # fmt: skip
    # test numbers that the card schemes publish
    assert is_card_number(array("4111111111111111", "5555555555554444", "4111111111111112")).tolist() == [
        True, True, False,
    ]  # fmt: skip
    assert is_card_number(array("378282246310005")).all()


@pytest.mark.parametrize("place", range(len(kinds())))
def test_the_share_of_random_digits_that_passes_is_as_declared(place: int) -> None:
    kind = kinds()[place]
    if kind.passes is None:
        return
    length = max(kind.lengths) if kind.name != "card_number" else 16
    digits = np.random.default_rng(place).integers(0, 10, (200_000, length)).astype(np.uint8)
    if kind.name == "card_number":
        digits[:, 0] = 4
    share = float(kind.passes(digits).mean())
    assert 0.6 * kind.chance <= share <= 1.05 * kind.chance


NUMBER = identity_numbers("018190123")[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x {NUMBER} y", "x ddddddddddd y"),
        (f"{NUMBER[:6]} {NUMBER[6:]}", "dddddd ddddd"),
        (f"{NUMBER}1", f"{NUMBER}1"),
        ("ring 22 33 44 55 nå", "ring dd dd dd dd nå"),
        ("ring +47 912 34 567", "ring +dd ddd dd ddd"),
        ("a.b@etat.example.no", "a.a@aaaa.aaaaaaa.aa"),
        ("Nordmann, Kari", "aaaaaaaa, aaaa"),
        ("KARI NORDMANN", "aaaa aaaaaaaa"),
        ("NORDMANN, KARI", "aaaaaaaa, aaaa"),
        ("CANADA DESK", "CANADA DESK"),
        ("tickets_Kari_Nordmann.csv", "tickets_aaaa_aaaaaaaa.csv"),
        (f"x{NUMBER} d28cafdc528d7889b41e91234567e463", f"x{NUMBER} d28cafdc528d7889b41e91234567e463"),
        ("INC0012345, 20240131, 10.000 kr", "INC0012345, 20240131, 10.000 kr"),
        ("Service desk 2. linje", "Service desk 2. linje"),
        ("evidence/tickets.csv", "evidence/tickets.csv"),
    ],
)
def test_a_text_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


def take(folder: Path, values: list[str], field: str = "category", **rules: Any) -> m.Evidence:
    rows = [m.ticket(value, category="Mail") if field == "number" else m.ticket(f"A{n}", **{field: value})
            for n, value in enumerate(values)]  # fmt: skip
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    return m.taken(folder, m.tickets(**rules))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("identity numbers", lambda n: identity_numbers(f"0181{50 + n}123", (0, 1, 2))[0]),
        ("e-mail addresses", lambda n: f"bruker{n}@example.no"),
        ("telephone numbers", lambda n: f"9876543{n % 10}"),
        ("names of persons", lambda n: f"Kari Testmann{'abcdefghij'[n % 10]}"),
    ],
)
def test_a_column_full_of_it_is_refused_and_fewer_are_masked(tmp_path: Path, kind: str, value: Any) -> None:
    full = [value(n) for n in range(4)] + ["Mail"] * 16
    with pytest.raises(EvidenceError) as caught:
        take(tmp_path, full)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("personal_data", "category")
    assert problem.found == f"{kind} in 4 of 20 values"
    assert value(0) not in str(caught.value)
    evidence = take(tmp_path, [value(0), value(1), value(2)] + ["Mail"] * 17)
    assert m.ask(evidence, "SELECT count(*) FROM tickets WHERE category != 'Mail'") == [(3,)]
    assert value(0) not in repr(m.ask(evidence, "FROM tickets"))
    assert sum(int(note.rpartition("=")[2]) for note in evidence.notes if note.startswith("masked_")) == 3


def test_random_numbers_of_eleven_digits_are_not_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = [f"{number:011d}" for number in rng.integers(10**10, 10**11, 400)]
    evidence = take(tmp_path, values, "number")
    ((numbers, kept),) = m.ask(
        evidence, "SELECT count(DISTINCT number), count(*) FILTER (number NOT LIKE '%#%') FROM tickets"
    )
    assert numbers == 400, "a masked number still tells its ticket from the others"
    assert 300 < kept < 400


def test_numbers_of_eight_digits_are_no_telephones_in_a_column_of_numbers(tmp_path: Path) -> None:
    evidence = take(tmp_path, [str(30_000_000 + n) for n in range(50)], "number")
    assert not any(note.startswith("masked_") for note in evidence.notes)
    assert evidence.counts[0].rows_used == 50


def test_digits_within_an_id_are_no_telephone(tmp_path: Path) -> None:
    """As in ServiceNow's raw values: 32 digits in base sixteen."""
    values = [f"d28cafdc52{n:02d}7889b41e91234567e463" for n in range(10)]
    assert not any(note.startswith("masked_") for note in take(tmp_path, values).notes)


def test_a_masked_number_joins_the_events_of_its_ticket(tmp_path: Path) -> None:
    rows = [m.ticket(f"INC{n}") for n in range(20)] + [m.ticket(f"Sak {NUMBER}")]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    events = [["INC3", "01.03.2024 11:00", "In Progress", "Desk", "Kari Testmann"]]
    events += [[f"INC{n}", "01.03.2024 11:30", "In Progress", "Desk", "Kari Testmann"] for n in range(20)]
    events += [[f"Sak {NUMBER}", "01.03.2024 11:00", "In Progress", "Desk", "Ola Prøve"]]
    m.write(tmp_path, "ticket_events.csv", m.table(m.EVENT_HEADER, events))
    evidence = m.taken(tmp_path, m.tickets(), m.events())
    assert m.ask(
        evidence,
        "SELECT number, count(*) FROM tickets JOIN ticket_events USING (ticket)"
        " WHERE number LIKE 'Sak%' GROUP BY ALL",
    ) == [("Sak ddddddddddd#1", 1)]


def test_free_text_is_not_kept(tmp_path: Path) -> None:
    long = "ord " * FREE_TEXT_CHARACTERS
    with pytest.raises(EvidenceError) as caught:
        take(tmp_path, [f"{long}{n}" for n in range(5)])
    assert [problem.code for problem in caught.value.problems] == ["free_text"]


def test_every_column_and_source_is_told_at_once(tmp_path: Path) -> None:
    rows = [m.ticket(f"A{n}", category=f"b{n}@example.no", assignment_group=f"Kari Test{'abcd'[n]}")
            for n in range(4)]  # fmt: skip
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    m.write(tmp_path, "ticket_events.csv", "a,b\n")
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, m.tickets(), m.events())
    assert {(p.code, p.column) for p in caught.value.problems} == {
        ("personal_data", "category"), ("personal_data", "assignment_group"),
        ("missing_column", "number"), ("missing_column", "updated_at"), ("missing_column", "state"),
        ("missing_column", "team"), ("missing_column", "person"),
    }  # fmt: skip

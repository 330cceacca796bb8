from __future__ import annotations

import pytest
from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project


def asked(*options, questions, **rest):
    services = tuple(dict.fromkeys(name for option in options for name in option.services))
    case = make.case(
        tuple(make.service(name) for name in services), options, questions=questions,
        assume={**make.NO_GROWTH, "draws": 4000}, **rest,
    )  # fmt: skip
    baseline = make.baseline(*(make.measured(name, make.cost(0, 100e6)) for name in services))
    analysis = analyse(case, baseline, project(case, baseline, Streams(0)))
    series = next(item for item in analysis.series if item.id == "decision.first_question")
    names = [column.name for column in series.columns]
    return [dict(zip(names, row, strict=True)) for row in series.rows], series


def bid(name, service, price, *lines):
    return make.option(
        name, "bid", (service,), make.line("price", "price", price), *lines, speed=make.change(0.8)
    )


def risk(name, nok, question, chance=0.4):
    return make.line(name, "risk", nok, chance=chance, question=question)


def test_a_chance_splits_into_yes_and_no() -> None:
    rows, _ = asked(
        bid("o", "mail", 92e6, risk("graded", 6e6, "graded")), questions=[make.question("graded", "o")]
    )
    (row,) = rows
    assert row["moves_nok"] == pytest.approx(6e6, abs=1)
    assert (row["if_yes"], row["if_no"]) == ("undecided", "move")


def test_a_yes_that_makes_it_dearer_keeps_the_service() -> None:
    rows, _ = asked(
        bid("o", "mail", 92e6, risk("graded", 20e6, "graded")), questions=[make.question("graded", "o")]
    )
    assert (rows[0]["if_yes"], rows[0]["if_no"]) == ("keep", "move")


def test_a_question_of_an_amount_splits_at_its_median() -> None:
    line = make.line("work", "retained", {"low": 0.0, "mode": 5e6, "high": 10e6}, question="how_many")
    rows, _ = asked(bid("o", "a", 70e6, line), questions=[make.question("how_many", "o")])
    # halves of a symmetric triangle of half width w differ by 2 w / 3 in the mean
    assert rows[0]["moves_nok"] == pytest.approx(2 * 5e6 / 3, rel=0.04)
    assert rows[0]["if_yes"] == rows[0]["if_no"] == "move"


def test_the_question_that_changes_what_follows_comes_before_one_that_moves_more() -> None:
    rows, _ = asked(
        bid("settled", "a", 10e6, risk("big", 30e6, "big")),
        bid("close", "b", 92e6, risk("small", 6e6, "small")),
        questions=[make.question("big", "settled"), make.question("small", "close")],
    )  # fmt: skip
    assert [row["question"] for row in rows] == ["small", "big"]


def test_without_a_line_that_hangs_on_it_a_question_moves_nothing() -> None:
    rows, series = asked(bid("o", "a", 70e6), questions=[make.question("idle", "o")])
    assert rows == [] and series.reason == "no_open_question"


def test_a_closed_gate_is_not_opened_by_a_question() -> None:
    rows, _ = asked(
        bid("o", "a", 92e6, risk("r", 6e6, "q")),
        questions=[make.question("q", "o")],
        gates=(make.gate("n", "no"),),
    )
    assert rows == []

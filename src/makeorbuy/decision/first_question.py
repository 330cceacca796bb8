"""What to find out first: how far each open question moves the figures, and what would follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case
from makeorbuy.decision.recommendation import Judged, merit, standard_of
from makeorbuy.foundation.figure import Column, FigureSpec, Series, Value, address
from makeorbuy.projection.model import Projection

QUESTION = FigureSpec(
    "decision.first_question", "table", "Finn ut først", "Find out first",
    "expected saving when the answer is no, minus when it is yes; those that change what follows come first",
    "decision.md#find-out-first",
)  # fmt: skip
FIGURES = (QUESTION,)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question means for one option.

    Attributes
    ----------
    moves_nok : float
        Expected saving with no minus with yes: what a yes costs. [NOK per year]
    if_yes, if_no : str
        What would follow for the option's services.
    """

    question: str
    option: str
    moves_nok: float
    if_yes: str
    if_no: str

    @property
    def changes_what_follows(self) -> bool:
        """Whether the two answers lead to different things."""
        return self.if_yes != self.if_no


def answers_of(case: Case, projection: Projection, judged: Mapping[str, Judged]) -> list[Answer]:
    """Return every question with what it moves, the most useful first.

    A question with a chance splits the draws into yes and no; a question about an amount splits them at
    the amount's median, *yes* being the upper half. The same draws, only sorted by the answer: nothing is
    drawn anew.
    """
    found = []
    asked = {question.id for question in case.questions}
    for name, item in sorted(judged.items()):
        if item.comparison.saving_nok is None or item.verdict.outcome == "not_allowed":
            continue
        for question in sorted({line.question for line in item.option.lines if line.question in asked}):
            assert question is not None
            yes = _yes(projection, item, question)
            if yes is None or yes.all() or not yes.any():
                continue
            saving, change = item.comparison.saving_nok, item.comparison.speed_change
            standard = standard_of(case, item.comparison)
            follows = []
            for part in (yes, ~yes):
                unknown = tuple(code for code in (item.comparison.speed_reason,) if code)
                found_merit = merit(saving[part], None if change is None else change[part], standard, unknown)
                follows.append(_follows(item, found_merit.outcome))
            moves = float(saving[~yes].mean() - saving[yes].mean())
            found.append(Answer(question, name, moves, *follows))
    return sorted(
        found,
        key=lambda item: (not item.changes_what_follows, -abs(item.moves_nok), item.question, item.option),
    )


def _yes(projection: Projection, item: Judged, question: str) -> NDArray[np.bool_] | None:
    assert item.comparison.cost is not None
    for line in item.comparison.cost.lines:
        if line.line is None or line.line.question != question or line.kind == "adopted":
            continue
        if line.place in projection.chances:
            return projection.chances[line.place]
        if line.amount_nok is not None:
            return np.asarray(line.amount_nok > np.median(line.amount_nok))
    return None


def _follows(item: Judged, outcome: str) -> str:
    """Return what an option's outcome would mean, if its gates and formalities are as they are."""
    if item.verdict.outcome == "inadmissible":
        return "undecided"
    if outcome == "better":
        if item.option.kind == "market_estimate":
            return "undecided"
        return "move" if item.option.is_external else "improve"
    return "keep" if outcome == "worse" else "undecided"


def question_series(answers: list[Answer]) -> Series:
    """Return the questions as a series, the first to find out in the first row."""
    columns = (
        Column("question", "id"),
        Column("option", "id"),
        Column("moves_nok", "nok_per_year"),
        Column("if_yes", "code"),
        Column("if_no", "code"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (item.question, item.option, item.moves_nok, item.if_yes, item.if_no) for item in answers
    )
    inputs = tuple(dict.fromkeys(address("decision.net_saving_nok", item.option) for item in answers))
    return Series(QUESTION.name, columns, rows, None if rows else "no_open_question", inputs)

"""The assessment's file: same bytes, nothing lost, every figure walks back, every move explained."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import jsonschema
import pytest

from makeorbuy.assessment.difference import difference
from makeorbuy.assessment.document import as_document, digest_of, from_json, plain, to_json
from makeorbuy.assessment.model import Assessment
from makeorbuy.assessment.trace import trace, unknown_inputs
from makeorbuy.foundation.errors import CaseError, InputError
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series

SPECS = {
    name: FigureSpec(name, "nok", "nb", "en", "a - b", "cost.md")
    for name in ("decision.saving_nok", "projection.cost.yearly_nok", "projection.cost.lines")
}


def an_assessment(saving: float = 3.5, price: float = 2.0, rate: float = 0.04, rows: int = 10) -> Assessment:
    parts = {
        "version": "1",
        "case": {"title": {"nb": "å", "en": "a"}},
        "figures": {
            "decision.saving_nok[a]": Figure(
                "decision.saving_nok[a]",
                saving,
                "nok",
                low=1.0,
                high=5.0,
                level=0.8,
                inputs=("projection.cost.yearly_nok[a]", "evidence:ledger"),
            ),
            "projection.cost.yearly_nok[a]": Figure(
                "projection.cost.yearly_nok[a]",
                price,
                "nok",
                inputs=("case:options/a.yaml#lines.price.amount", "assumption:discount_rate_real"),
            ),
            "projection.cost.yearly_nok[b]": Figure(
                "projection.cost.yearly_nok[b]", None, "nok", "no_ledger"
            ),
        },
        "series": {
            "projection.cost.lines[a]": Series(
                "projection.cost.lines[a]",
                (Column("line", "text"), Column("nok", "nok")),
                (("price", price),),
            )
        },
        "assumptions": (
            {
                "name": "discount_rate_real",
                "values": [rate],
                "unit": "share",
                "section": "cost",
                "overridden": False,
                "source": "R-109",
                "why": None,
                "nb": "rente",
                "en": "rate",
            },
        ),
        "specs": SPECS,
        "inputs": {
            "case:options/a.yaml": {"sha256": "0" * 64},
            "case:options/a.yaml#lines.price.amount.mode": {"value": str(price)},
            "case:options/a.yaml#lines.price.amount.source": {"value": "offer"},
            "evidence:ledger": {"file": "ledger.csv", "sha256": f"{rows:064d}", "rows_read": rows},
        },
    }
    return Assessment(digest=digest_of(parts), **parts)  # type: ignore[arg-type]


def test_a_file_read_back_is_the_same_assessment_and_the_same_bytes() -> None:
    text = to_json(an_assessment())
    again = from_json(text, "assessment.json")
    assert to_json(again) == text
    assert again.figures == an_assessment().figures
    assert json.loads(text) == as_document(an_assessment())


def test_a_file_changed_by_hand_is_refused() -> None:
    text = to_json(an_assessment()).replace("3.5", "35")
    with pytest.raises(CaseError) as caught:
        from_json(text, "assessment.json")
    assert [problem.code for problem in caught.value.problems] == ["changed_after_writing"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 1}', '{"format": 1, "version": 3}'])
def test_a_file_that_is_no_assessment_says_so(text: str) -> None:
    with pytest.raises(CaseError) as caught:
        from_json(text, "x.json")
    assert caught.value.problems[0].code == "not_an_assessment"


def test_a_file_of_another_format_says_which() -> None:
    with pytest.raises(CaseError) as caught:
        from_json('{"format": 99}', "x.json")
    assert caught.value.problems[0].code == "unknown_format"


def test_numbers_that_are_not_finite_are_never_written() -> None:
    with pytest.raises(ValueError, match="reason"):
        plain({"x": float("nan")})


def test_a_figure_without_value_and_reason_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="either a value or a reason"):
        Figure("x", None, "nok")
    with pytest.raises(ValueError, match="either a value or a reason"):
        Figure("x", 1.0, "nok", "also_a_reason")


def test_trace_walks_back_to_assumption_case_and_rows() -> None:
    step = trace(an_assessment(), "decision.saving_nok[a]")
    assert [child.kind for child in step.steps] == ["figure", "evidence"]
    cost = step.steps[0]
    assert [child.kind for child in cost.steps] == ["case", "assumption"]
    assert cost.steps[0].content == {"mode": "2.0", "source": "offer"}
    assert cost.steps[1].content["source"] == "R-109"
    assert step.steps[1].content["rows_read"] == 10
    assert step.spec is not None and step.spec.formula == "a - b"


def test_trace_of_an_unknown_id_names_the_near_ones() -> None:
    with pytest.raises(InputError) as caught:
        trace(an_assessment(), "decision.saving_nok[b]")
    assert "decision.saving_nok[a]" in caught.value.problems[0].mend


def test_inputs_that_lead_nowhere_are_found() -> None:
    good = an_assessment()
    assert unknown_inputs(good) == []
    bad = dataclasses.replace(
        good, figures={**good.figures, "x.y": Figure("x.y", 1, "count", inputs=("assumption:nothing",))}
    )
    assert unknown_inputs(bad) == [("x.y", "assumption:nothing")]


def test_nothing_moved_between_twins() -> None:
    found = difference(an_assessment(), an_assessment())
    assert (found.causes, found.moved, found.moved_series) == ((), (), ())


def test_every_move_is_told_with_its_cause() -> None:
    found = difference(an_assessment(), an_assessment(saving=3.0, price=2.5))
    key = "case:options/a.yaml#lines.price.amount.mode"
    assert [(cause.key, cause.old, cause.new) for cause in found.causes] == [(key, "2.0", "2.5")]
    assert {moved.id: moved.causes for moved in found.moved} == {
        "decision.saving_nok[a]": (key,),
        "projection.cost.yearly_nok[a]": (key,),
    }
    assert found.moved_series == ("projection.cost.lines[a]",)


def test_an_assumption_and_a_file_are_told_apart_as_causes() -> None:
    found = difference(an_assessment(), an_assessment(saving=4.0, rate=0.03, rows=11))
    assert [cause.key for cause in found.causes] == ["assumption:discount_rate_real", "evidence:ledger"]
    assert found.moved[0].causes == ("assumption:discount_rate_real", "evidence:ledger")


def test_the_schema_is_itself_valid_and_knows_a_figure_needs_a_value_or_a_reason() -> None:
    from importlib.resources import files

    schema = json.loads(files("makeorbuy.assessment").joinpath("assessment.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    figure = plain(Figure("x", 1.0, "nok"))
    del figure["id"]
    validator = jsonschema.Draft202012Validator({**schema["$defs"]["figure"], "$defs": schema["$defs"]})
    assert validator.is_valid(figure)
    assert not validator.is_valid({**figure, "value": None})
    assert not validator.is_valid({**figure, "reason": "also"})


def test_the_catalogue_is_read_without_the_compiler() -> None:
    """The first command installs no compiler, and no other command waits for it."""
    code = (
        "import sys; from makeorbuy.assessment.catalogue import catalogue; assert catalogue();"
        "print({'numba', 'joblib', 'ciw'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"

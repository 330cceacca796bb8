"""Both languages say the same things, and every code that a stage can give has a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from makeorbuy.case.model import CostLine, LineKind
from makeorbuy.evidence.quarantine import REASONS
from makeorbuy.wording.voice import Voice, sentences, slots

SOURCE = Path(__file__).parents[2] / "src" / "makeorbuy"
NB, EN = sentences("nb"), sentences("en")


def test_both_languages_hold_the_same_codes() -> None:
    assert set(NB) == set(EN)


@pytest.mark.parametrize("code", sorted(NB))
def test_both_languages_use_the_same_slots(code: str) -> None:
    assert slots(NB[code]) == slots(EN[code])


@pytest.mark.parametrize("code", sorted(NB))
def test_a_sentence_is_written(code: str) -> None:
    for text in (NB[code], EN[code]):
        assert text.strip()
        assert text.count("{") == text.count("}") == len(re.findall(r"\{[a-z_0-9]+\}", text))


def test_banned_words() -> None:
    for code, text in NB.items():
        assert "trolig" not in text.lower(), code
        if code != "probability.very_unlikely":
            assert not re.search(r"(?<!lite )svært sannsynlig", text), code


def test_number_and_per_cent_sign_do_not_part_in_bokmål() -> None:
    assert [code for code, text in NB.items() if re.search(r"\d %", text)] == []


def given_codes(*names: str) -> Iterator[tuple[str, str]]:
    """Yield each code that a stage passes as one of these keywords, with its file."""
    for stage in ("evidence", "baseline", "projection", "decision"):
        for file in sorted((SOURCE / stage).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                values: list[ast.expr] = []
                if isinstance(node, ast.Call):
                    values = [keyword.value for keyword in node.keywords if keyword.arg in names]
                elif isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id in names for target in node.targets
                ):
                    values = [node.value]
                for value in values:
                    for part in ast.walk(value):
                        # the test of a conditional is no code
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield part.value, file.name


def test_every_reason_and_note_has_a_sentence() -> None:
    found = {
        (code, file)
        for code, file in given_codes("reason", "no_unit", "no_share", "speed_reason", "note")
        if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", code) and code != "min_tickets"  # an assumption's name
    }
    assert len(found) > 15  # the scan finds something
    assert sorted(pair for pair in found if f"reason.{pair[0]}" not in NB) == []


def test_every_reason_of_a_decision_has_a_sentence() -> None:
    tree = ast.parse((SOURCE / "decision" / "recommendation.py").read_text(encoding="utf-8"))
    codes = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("Reason", "_reason", "Merit")
        ):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    codes.add(part.value)
    codes -= {"better", "worse", "undecided"}
    assert {"dearer", "gate_unknown", "no_offer", "cheaper_and_faster"} <= codes
    assert sorted(code for code in codes if f"reason.{code}" not in NB) == []


def test_every_reason_of_the_quarantine_has_its_reason_and_mend() -> None:
    for code in REASONS:
        assert f"quarantine.reason.{code}" in NB
        assert f"quarantine.mend.{code}" in NB


def test_every_kind_of_cost_line_has_a_step_and_a_quantity() -> None:
    kinds = set(LineKind.__args__)  # type: ignore[attr-defined]
    assert CostLine.__annotations__["kind"] == "LineKind"
    for kind in kinds - {"adopted"}:
        assert f"bridge.step.{kind}" in NB or kind == "price"
        assert f"quantity.{kind}" in NB
    for option in ("bid", "market_estimate", "improved"):
        assert {
            f"bridge.step.price_{option}",
            f"bridge.step.price_of_{option}",
            f"bridge.net_{option}",
        } <= set(NB)


def test_every_code_of_the_brief_is_there() -> None:
    pattern = re.compile(r"""\b(?:v|voice|reading\.voice)\(\s*"([a-z_0-9.]+)"\s*[,)]""")
    counted = re.compile(r"""\.counted\(\s*"([a-z_0-9.]+)\"""")
    missing = []
    seen = 0
    for file in sorted((SOURCE / "brief").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        for code in pattern.findall(text):
            seen += 1
            missing += [(file.name, code)] if code not in NB else []
        for code in counted.findall(text):
            missing += [(file.name, code) for end in ("one", "many") if f"{code}_{end}" not in NB]
    assert seen > 150
    assert missing == []


def test_a_slot_in_the_text_of_a_case_stays_text() -> None:
    assert Voice("en")("verdict.better", subject="{amount}") == "{amount} is better than business as usual"


def test_a_forgotten_slot_is_our_fault() -> None:
    with pytest.raises(KeyError):
        Voice("en")("verdict.better")


def test_a_code_of_tomorrow_is_shown_as_it_is() -> None:
    assert Voice("en").reason("a_code_of_tomorrow") == "Reason: a_code_of_tomorrow."


def test_counting_in_words() -> None:
    nb = Voice("nb")
    assert [nb.count_word(count) for count in (0, 1, 12, 13, 1300)] == [
        "ingen",
        "én",
        "tolv",
        "13",
        "1\u202f300",
    ]


def test_lists() -> None:
    nb = Voice("nb")
    assert [nb.listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a og b",
        "a, b og c",
    ]


def test_a_text_in_one_language_only_is_used_for_both() -> None:
    assert Voice("nb").text({"en": "Desk"}) == "Desk"
    assert Voice("en").text({"nb": "Pult", "en": ""}) == "Pult"

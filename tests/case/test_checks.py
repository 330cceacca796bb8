"""Each mistake in a case is told once, with its place; many at once are all told; nothing is changed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from makeorbuy.case import checks, option_checks, record_checks, service_checks, speed_checks
from makeorbuy.case.checks import check_case, remarks
from makeorbuy.case.loading import load_case
from makeorbuy.foundation.digest import sha256_of_bytes
from makeorbuy.foundation.errors import CaseError, HostileFileError, InputError

BROKEN = Path(__file__).parents[1] / "broken_inputs" / "case"
MISTAKES = sorted(BROKEN.glob("*.yaml"), key=lambda path: path.name)


def _read(path: Path) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _edit(folder: Path, edits: list[dict[str, Any]]) -> None:
    for edit in edits:
        path = folder / edit["file"]
        if edit.get("delete"):
            path.unlink()
        elif "hex" in edit:
            path.write_bytes(bytes.fromhex(edit["hex"]))
        elif "text" in edit:
            path.write_bytes(edit["text"].encode())
        elif "append" in edit:
            path.write_bytes(path.read_bytes() + edit["append"].encode())
        else:
            text = path.read_text(encoding="utf-8")
            assert edit["old"] in text, f"the base case has changed: {edit}"
            path.write_text(text.replace(edit["old"], edit["new"], 1), encoding="utf-8")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    shutil.copytree(BROKEN / "base", folder)
    return folder


def test_the_base_case_has_no_problem(base: Path) -> None:
    case = load_case(base)
    assert check_case(case) == ()
    assert [service.id for service in case.services] == ["desk", "mail", "plan"]


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_one_mistake_gives_exactly_its_problems(base: Path, path: Path) -> None:
    broken = _read(path)
    _edit(base, broken["edits"])
    with pytest.raises(InputError) as caught:
        load_case(base)
    found = [(p.code, p.file, p.row, p.column) for p in caught.value.problems]
    assert found == [(p["code"], p["file"], p["line"], p["column"]) for p in broken["expected"]]
    assert type(caught.value).__name__ == broken["raises"]
    for problem in caught.value.problems:
        assert problem.found and problem.expected and problem.mend.endswith((".", "?")), problem


def test_there_are_at_least_twenty_five_kinds_of_mistakes() -> None:
    codes = {problem["code"] for path in MISTAKES for problem in _read(path)["expected"]}
    assert len(codes) >= 25
    assert len(MISTAKES) >= 25


def test_every_code_of_every_check_has_a_broken_input() -> None:
    tested = {problem["code"] for path in MISTAKES for problem in _read(path)["expected"]}
    declared: set[str] = set()
    for module in (option_checks, speed_checks, service_checks, record_checks, checks):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        text = text.partition("def remarks")[0].partition("def services_may_overlap")[0]
        declared |= set(re.findall(r'^\s+"([a-z]+(?:_[a-z]+)+)",$', text, re.MULTILINE))
    declared -= {"business_as_usual"}
    assert len(declared) > 30
    assert declared - tested == set()


def test_many_mistakes_are_all_told_at_once(base: Path) -> None:
    names = [
        "duplicate_key", "unknown_key", "not_a_number", "run_off_falls", "unknown_gate",
        "missing_evidence_file", "assumption_out_of_range", "spelling_claimed_twice", "target_not_used",
        "negative_weight",
    ]  # fmt: skip
    expected: list[tuple[str, str]] = []
    for name in names:
        broken = _read(BROKEN / f"{name}.yaml")
        _edit(base, broken["edits"])
        expected += [(problem["code"], problem["file"]) for problem in broken["expected"]]
    with pytest.raises(CaseError) as caught:
        load_case(base)
    assert sorted((p.code, p.file) for p in caught.value.problems) == sorted(expected)
    assert len(str(caught.value).splitlines()) == 1 + len(expected)


def test_a_hostile_path_is_told_with_all_the_rest(base: Path) -> None:
    for name in ("path_outside", "not_one_of"):
        _edit(base, _read(BROKEN / f"{name}.yaml")["edits"])
    with pytest.raises(HostileFileError) as caught:
        load_case(base)
    assert [p.code for p in caught.value.problems] == ["path_outside", "path_outside", "not_one_of"]


@pytest.mark.parametrize("name", ["not_one_of", "run_off_falls", "path_outside", None])
def test_checking_changes_no_file(base: Path, name: str | None) -> None:
    if name:
        _edit(base, _read(BROKEN / f"{name}.yaml")["edits"])
    before = {path: (sha256_of_bytes(path.read_bytes()), path.stat().st_mtime_ns) for path in _files(base)}
    try:
        remarks(load_case(base))
    except InputError:
        assert name
    after = {path: (sha256_of_bytes(path.read_bytes()), path.stat().st_mtime_ns) for path in _files(base)}
    assert before == after


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_remarks_are_worth_a_look_and_do_not_stop(base: Path) -> None:
    edits = [
        {
            "file": "options/mail_bid.yaml",
            "old": "received: 2024-09-01T10:00",
            "new": "received: 2024-09-01T12:01",
        },
        {"file": "options/mail_bid.yaml", "old": "    units: 1000", "new": "    units: 600"},
        {"file": "options/mail_bid.yaml", "old": "meets:", "new": "exclusions: [Archive]\nmeets:"},
        {"file": "gates.yaml", "old": "      desk: yes", "new": "      mail: unknown"},
        {"file": "services.yaml", "old": "    teams: [Platform]\n", "new": ""},
        {"file": "case.yaml", "old": "rule:\n  fixed_on: 2024-08-01\n  fixed_by: Ledelsen\n", "new": ""},
    ]
    _edit(base, edits)
    found = {remark.code: remark for remark in remarks(load_case(base))}
    assert set(found) == {
        "exclusion_not_priced", "gate_unknown", "late_offer", "numbers_without_source", "rule_not_fixed",
        "services_may_overlap", "volume_differs",
    }  # fmt: skip
    assert found["volume_differs"].row == 16
    assert found["late_offer"].column == "received"


def test_a_ledger_without_a_mapping_is_told(base: Path) -> None:
    assert "ledger_not_mapped" not in {remark.code for remark in remarks(load_case(base))}
    (base / "evidence" / "ledger_mapping.csv").unlink()
    (remark,) = (r for r in remarks(load_case(base)) if r.code == "ledger_not_mapped")
    assert remark.file == "evidence/mapping.yaml" and remark.row

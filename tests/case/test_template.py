"""The template and the examples: loadable, checked, never overwriting."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from makeorbuy.case.checks import remarks
from makeorbuy.case.loading import load_case
from makeorbuy.case.template import write_example
from makeorbuy.foundation.errors import InputError


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_example_agency_loads_in_the_language_asked_for(tmp_path: Path, language: str) -> None:
    files = write_example(tmp_path / "case", language)
    assert all(path.is_file() for path in files)
    case = load_case(tmp_path / "case", require_evidence=False)
    assert case.language == language
    assert len(case.services) == 18
    assert len(case.options) == 11


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "options").mkdir()
    (tmp_path / "options" / "a_bid.yaml").write_text("mine")
    with pytest.raises(InputError) as caught:
        write_example(tmp_path, "nb")
    assert [(p.code, p.file) for p in caught.value.problems] == [("file_exists", "options/a_bid.yaml")]
    assert (tmp_path / "options" / "a_bid.yaml").read_text() == "mine"
    assert not (tmp_path / "case.yaml").exists()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "case").write_text("mine")
    with pytest.raises(InputError) as caught:
        write_example(tmp_path / "case", "nb")
    assert [p.file for p in caught.value.problems] == ["case"]


def test_the_example_loads_well_under_a_second(tmp_path: Path) -> None:
    write_example(tmp_path / "case", "nb")
    load_case(tmp_path / "case", require_evidence=False)
    start = time.perf_counter()
    load_case(tmp_path / "case", require_evidence=False)
    assert time.perf_counter() - start < 1.0


def test_the_example_tells_of_its_late_offer(tmp_path: Path) -> None:
    write_example(tmp_path / "case", "nb")
    codes = [
        (remark.code, remark.file) for remark in remarks(load_case(tmp_path / "case", require_evidence=False))
    ]
    assert ("late_offer", "options/database_bid.yaml") in codes
    assert {code for code, _ in codes} == {"late_offer", "numbers_without_source"}

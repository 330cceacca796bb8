"""The template and the examples: loadable, checked, never overwriting."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from agency_world import agency
from makeorbuy.case import schema
from makeorbuy.case.checks import remarks
from makeorbuy.case.fields import Part
from makeorbuy.case.loading import ALLOCATION_KEYS, ASSUMPTIONS, FILES, LEDGER_MAPPING, load_case
from makeorbuy.case.template import write_example, write_template
from makeorbuy.foundation.errors import InputError

SERVICENOW = Path(__file__).parents[2] / "examples" / "servicenow"
AGENCY = Path(str(schema.__file__)).parent / "examples" / "agency"


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


def test_the_example_loads_quickly(tmp_path: Path) -> None:
    write_example(tmp_path / "case", "nb")
    load_case(tmp_path / "case", require_evidence=False)
    start = time.process_time()
    load_case(tmp_path / "case", require_evidence=False)
    assert time.process_time() - start < 5  # well under one on a quiet machine


def test_the_example_tells_of_its_late_offer(tmp_path: Path) -> None:
    write_example(tmp_path / "case", "nb")
    codes = [
        (remark.code, remark.file) for remark in remarks(load_case(tmp_path / "case", require_evidence=False))
    ]
    assert ("late_offer", "options/database_bid.yaml") in codes
    assert {code for code, _ in codes} == {"late_offer", "numbers_without_source"}


def test_the_template_loads_as_it_is_and_explains_every_field(tmp_path: Path) -> None:
    files = write_template(tmp_path / "case")
    case = load_case(tmp_path / "case")
    assert case.stage == "screening"
    assert [service.id for service in case.services] == ["desk", "email"]
    assert [option.id for option in case.options] == ["business_as_usual", "email_estimate"]
    assert {remark.code for remark in remarks(case)} == {"numbers_without_source"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for part in vars(schema).values():
        if isinstance(part, type) and issubclass(part, Part) and part is not schema.KeyPart:
            for name, field in part.model_fields.items():
                if name not in ("saturday", "sunday"):
                    assert re.search(rf"\b{field.alias or name}\b", text), (part, name)


def test_the_template_covers_every_file_of_a_case(tmp_path: Path) -> None:
    names = {path.relative_to(tmp_path).as_posix() for path in write_template(tmp_path)}
    assert names >= {*FILES, ASSUMPTIONS, LEDGER_MAPPING, ALLOCATION_KEYS, "options/email_estimate.yaml"}
    assert {"evidence/tickets.csv", "evidence/ledger.csv"} <= names


def test_the_template_keeps_what_is_there(tmp_path: Path) -> None:
    write_template(tmp_path)
    with pytest.raises(InputError) as caught:
        write_template(tmp_path)
    assert len(caught.value.problems) == len([path for path in tmp_path.rglob("*") if path.is_file()])


def test_the_public_log_has_a_case() -> None:
    case = load_case(SERVICENOW, require_evidence=False)
    assert case.stage == "screening" and case.calendar.time_zone == "America/Sao_Paulo"
    assert 8 <= len(case.services) <= 10
    source = case.sources[0]
    assert source.date_format == "%d/%m/%Y %H:%M" and "?" in source.missing
    assert "-100" not in source.states
    text = (SERVICENOW / "README.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "10.24432/C57S4H" in text and "Changes:" in text


def test_the_example_agrees_with_the_agency_it_describes() -> None:
    """The agency's own table of teams, cost centres and seconded people is what the case files say."""
    case = load_case(AGENCY, require_evidence=False)
    assert [service.id for service in case.services] == [service.id for service in agency.SERVICES]
    for service, truth in zip(case.services, agency.SERVICES, strict=True):
        assert set(service.teams) == {team.name for team in agency.TEAMS if truth.id in team.services}
        low, mode, high = service.avoidable.share.values
        assert (low + mode + high) / 3 == pytest.approx(truth.avoidable_share)
        assert (service.name.nb, service.name.en) == (truth.name_nb, truth.name_en)
    claimed = [category for service in case.services for category in service.categories]
    assert set(claimed) == {*agency.CATEGORIES["servers"], *agency.CATEGORIES["storage"]}
    outside = {cost.service: cost.nok_per_year for cost in case.outside_ledger}
    assert outside == {s.id: s.seconded * agency.SECONDED_NOK for s in agency.SERVICES if s.seconded}
    assert sum(outside.values()) == 44_000_000
    keys = case.allocation_keys["paid_person_years"]
    assert keys == {s.id: s.paid_person_years for s in agency.SERVICES if s.paid_person_years}
    mapped = {rule.cost_centre for rule in case.ledger_rules}
    assert {centre.id for centre in agency.COST_CENTRES} - mapped == {"9999"}
    tickets = case.sources[0]
    for name, spellings in agency.TEAM_SPELLINGS.items():
        assert {tickets.teams[" ".join(spelling.split())] for spelling in spellings} == {name}


def test_gates_of_the_example_follow_the_agency() -> None:
    case = load_case(AGENCY, require_evidence=False)
    national, clearance = case.gates
    for truth in agency.SERVICES:
        kept = national.answers.get(truth.id, national.default).answer == "no"
        cleared = clearance.answers.get(truth.id, clearance.default).answer == "conditional"
        assert kept == (truth.gate == "N"), truth.id
        assert cleared == (truth.gate != "O"), truth.id

"""A case folder becomes a `Case`: values, places, lines, digests; what must not be opened is refused."""

from __future__ import annotations

import os
import shutil
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from makeorbuy.case.loading import load_case
from makeorbuy.case.model import Uncertain
from makeorbuy.case.written import read_yaml
from makeorbuy.foundation.digest import sha256_of_bytes
from makeorbuy.foundation.errors import CaseError, HostileFileError, InputError

BASE = Path(__file__).parents[1] / "broken_inputs" / "case" / "base"

SPOILT_FILES = [
    "case.yaml", "services.yaml", "options/mail_bid.yaml", "gates.yaml", "assumptions.yaml",
    "evidence/mapping.yaml", "evidence/ledger_mapping.csv", "evidence/allocation_keys.yaml",
]  # fmt: skip
SPOILING = ["", "\n", ":", "- ", "[", "{a: b}", "&x ", "'", "no", "\t", "-1", "\u202e", "id: desk\n", "0x1F"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    shutil.copytree(BASE, folder)
    return folder


def _codes(caught: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_every_field_arrives() -> None:
    case = load_case(BASE)
    assert case.title.in_language("en") == "Small case"
    assert case.period.start == datetime(2024, 1, 1)  # noqa: DTZ001 - wall clock
    assert case.calendar.hours[:3] == ((480, 960), (480, 960), None)
    assert case.rule.fixed_on == date(2024, 8, 1)
    assert case.rule.fixed_by is not None and case.rule.fixed_by.nb == case.rule.fixed_by.en == "Ledelsen"
    assert case.service("desk").avoidable.run_off == (0.5, 1.0)
    assert case.service("mail").avoidable.run_off == (1.0,)
    assert case.service("plan").has_tickets is False
    price, retained, transition, risk = case.option("mail_bid").lines
    assert price.amount == Uncertain(
        "exact", (90.0,), "Offer 7", None, "case:options/mail_bid.yaml#lines.price.amount"
    )
    assert (price.per, price.units, price.growth, price.index_wage_share) == (
        "unit_month",
        1000,
        "contract_index",
        0.5,
    )
    assert (price.from_year, price.to_year) == (1, 4)
    assert (transition.from_year, transition.to_year) == (0, 0)
    assert retained.growth == "consumer_prices"
    assert (risk.chance, risk.question) == (0.5, "graded")
    said = case.option("mail_bid").speed["mail"]
    assert [(p.share, p.hours) for p in said.promises] == [(0.5, 8), (0.9, 40)]
    assert case.option("desk_improved").speed["desk"].time_factor == Uncertain(
        "range", (0.8, 0.95), None, None, "case:options/desk_improved.yaml#speed.desk.time_factor"
    )
    assert case.assumptions.number("materiality_share") == 0.04
    assert case.assumptions["materiality_share"].why == "A small office."
    assert case.assumptions.quantiles("real_wage_growth") == (0.0, 0.01, 0.02)
    assert case.sources[0].teams == {
        "First line": "First line", "1st line": "First line", "Platform": "Platform", "PLATFORM": "Platform",
    }  # fmt: skip
    assert case.sources[0].states == {"New": "open", "Done": "resolved", "Closed": "closed"}
    assert case.ledger_rules[2].target == "people" and case.ledger_rules[2].record == 3
    assert case.allocation_keys == {"people": {"desk": 3.0, "mail": 1.0}}
    assert case.outside_ledger[0].place == "case:outside_ledger.yaml#outside_ledger.desk"


def test_no_stays_no() -> None:
    gate = load_case(BASE).gates[0]
    assert {name: answer.answer for name, answer in gate.answers.items()} == {"desk": "yes", "plan": "no"}
    assert gate.default.answer == "conditional"


def test_business_as_usual_is_implied_without_adopted_lines() -> None:
    case = load_case(BASE)
    implied = case.business_as_usual
    assert implied.services == ("desk", "mail", "plan")
    assert implied.lines == () and implied.file == ""
    assert {said.kind for said in implied.speed.values()} == {"unchanged"}
    assert case.options[0] is implied


def test_a_written_business_as_usual_covers_all_services(base: Path) -> None:
    (base / "options" / "as_is.yaml").write_text(
        "id: as_is\nname: As is\nkind: business_as_usual\nlines:\n  - {id: fix, name: Fix, kind: adopted, "
        "amount: 5, services: [mail], falls_away: no}\n"
    )
    found = load_case(base).business_as_usual
    assert found.id == "as_is"
    assert found.services == ("desk", "mail", "plan")
    assert found.lines[0].falls_away is False and found.lines[0].services == ("mail",)


def test_every_scalar_has_its_place_and_line() -> None:
    case = load_case(BASE)
    assert case.values["options/mail_bid.yaml#lines.price.amount.value"] == "90"
    assert case.values["services.yaml#services.desk.avoidable.run_off[2]"] == "1.0"
    assert case.values["evidence/ledger_mapping.csv#80,5000-7999.target"] == "people"
    assert case.lines["options/mail_bid.yaml#lines.transition.amount"] == 25
    assert case.line_of("case:options/mail_bid.yaml#lines.transition.amount.nothing") == 25
    assert case.line_of("options/none.yaml#lines") is None


def test_every_case_file_has_its_digest_and_no_evidence() -> None:
    case = load_case(BASE)
    written = {
        p.relative_to(BASE).as_posix(): sha256_of_bytes(p.read_bytes())
        for p in BASE.rglob("*")
        if p.is_file()
    }
    assert case.digests == {
        name: digest
        for name, digest in written.items()
        if name not in ("evidence/tickets.csv", "evidence/ledger.csv")
    }


def test_the_same_folder_gives_the_same_case() -> None:
    first, second = load_case(BASE), load_case(BASE)
    assert (first.values, first.options, first.services) == (second.values, second.options, second.services)


def test_only_the_command_line_may_name_a_file_elsewhere(base: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "log.csv"
    elsewhere.write_text("number\n")
    (base / "evidence" / "tickets.csv").unlink()
    case = load_case(base, evidence_paths={"tickets": elsewhere})
    assert case.sources[0].path == str(elsewhere)
    assert case.sources[1].path == "ledger.csv"
    with pytest.raises(CaseError) as caught:
        load_case(base, evidence_paths={"tickets": tmp_path / "gone.csv", "outages": elsewhere})
    assert _codes(caught) == ["evidence_not_mapped", "missing_evidence_file"]


def test_evidence_need_not_exist_when_it_is_generated_later(base: Path) -> None:
    (base / "evidence" / "tickets.csv").unlink()
    assert load_case(base, require_evidence=False).sources[0].path == "tickets.csv"


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        load_case(tmp_path / "nothing")
    assert _codes(caught) == ["missing_folder"]


def test_an_empty_folder_lacks_its_two_files(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        load_case(tmp_path)
    assert [(p.code, p.file) for p in caught.value.problems] == [
        ("missing_file", "case.yaml"),
        ("missing_file", "services.yaml"),
    ]


@pytest.mark.parametrize(
    "file", ["gates.yaml", "evidence/mapping.yaml", "evidence/tickets.csv", "options/mail_bid.yaml"]
)
def test_a_link_out_of_the_folder_is_refused(base: Path, tmp_path: Path, file: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("gates: []\n")
    (base / file).unlink()
    (base / file).symlink_to(secret)
    with pytest.raises(HostileFileError) as caught:
        load_case(base)
    assert ("link_outside", file) in [(p.code, p.file) for p in caught.value.problems]


def test_a_pipe_is_refused_and_not_waited_for(base: Path) -> None:
    (base / "gates.yaml").unlink()
    os.mkfifo(base / "gates.yaml")
    with pytest.raises(HostileFileError) as caught:
        load_case(base)
    assert _codes(caught) == ["not_a_file"]


def test_a_huge_file_is_refused_before_reading(base: Path) -> None:
    (base / "gates.yaml").write_text("#" * 2_000_001)
    with pytest.raises(HostileFileError) as caught:
        load_case(base)
    assert _codes(caught) == ["file_too_big"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]\n",
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "[" * 20_000,
        "- " * 20_000,
        "{" * 500,
        "a: !!binary aGk=\n",
        "? [a, b]\n: c\n",
        "%YAML 1.1\n---\na: 1\n",
        "\x00",
        "a: b: c\n",
        "\t- x\n",
        "'",
        "a: 'x\n",
        "- a\n" * 400_000,
        "[" + "a," * 400_000 + "]",
        "k: 1\n" * 300_000,
    ],
)
def test_hostile_yaml_ends_in_problems_and_soon(text: str) -> None:
    start = time.process_time()
    reading = read_yaml(text.encode(), "x.yaml")
    assert time.process_time() - start < 10  # two on a quiet machine
    assert reading.problems or reading.hostile or text.startswith("%")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SPOILT_FILES), st.integers(0, 800), st.sampled_from(SPOILING), st.integers(0, 40))
def test_a_spoilt_file_gives_problems_or_a_case_but_no_crash(
    tmp_path_factory: pytest.TempPathFactory, file: str, at: int, put: str, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("spoilt") / "case"
    shutil.copytree(BASE, folder)
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text[:at] + put + text[at + cut :], encoding="utf-8")
    try:
        load_case(folder)
    except InputError as error:
        assert error.problems
        assert all(problem.mend for problem in error.problems)

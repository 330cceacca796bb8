"""A newcomer's first hour: the example, its answer, its figures traced, changed and compared."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import makeorbuy
from makeorbuy.assessment.trace import unknown_inputs

TRUTH = json.loads((Path(__file__).parents[1] / "agency_world" / "truth.json").read_text("utf-8"))
EXPECTED = {
    "keep": {"network", "servers", "storage"},
    "improve": {"desk", "workplace", "field", "email"},
    "move": {"payroll"},
    "not_allowed": {
        "operations",
        "case_system",
        "management",
        "intelligence",
        "digital_evidence",
        "security",
    },
    "undecided": {"development", "passport", "database", "identity"},
}


@pytest.fixture(scope="module")
def document(example: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((example / "out" / "assessment.json").read_text("utf-8"))
    return found


def value(document: dict[str, Any], name: str, *subject: str) -> Any:
    return document["figures"][f"{name}[{','.join(subject)}]"]["value"]


def test_the_terminal_answers_service_by_service_and_names_the_brief(
    example: Path, document: dict[str, Any]
) -> None:
    printed = (example / "printed.txt").read_text("utf-8")
    for service in document["case"]["services"]:
        assert service["name"]["nb"] in printed
    assert str(example / "out" / "brief.html") in printed


def test_each_service_gets_the_recommendation_that_the_design_expects(document: dict[str, Any]) -> None:
    found: dict[str, set[str]] = {code: set() for code in EXPECTED}
    for service in document["case"]["services"]:
        found[value(document, "decision.service_recommendation", service["id"])].add(service["id"])
    assert found == EXPECTED


@pytest.mark.parametrize("name", ["brief.html", "brief.en.html"])
def test_the_brief_is_one_file_that_opens_offline(example: Path, name: str) -> None:
    text = (example / "out" / name).read_text("utf-8")
    assert len(text.encode()) < 3_000_000
    assert re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", text) == []
    assert "<script" not in text and not re.search(r"url\((?!#)", text) and "@import" not in text
    assert f'<html lang="{"nb" if name == "brief.html" else "en"}"' in text


def test_the_assessment_follows_its_schema_and_every_figure_leads_back(
    example: Path, document: dict[str, Any]
) -> None:
    schema = json.loads(files("makeorbuy.assessment").joinpath("assessment.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert unknown_inputs(makeorbuy.read_assessment(example)) == []


def test_every_id_in_the_brief_is_a_figure_or_a_series(example: Path, document: dict[str, Any]) -> None:
    text = (example / "out" / "brief.html").read_text("utf-8")
    shown = re.findall(r"<code[^>]*>((?:evidence|baseline|projection|decision)\.[^<]+)</code>", text)
    known = {**document["figures"], **document["series"]}
    assert len(shown) > 50
    for figure_id in shown:
        name = figure_id.partition("[")[0]
        if figure_id in document["specs"]:
            continue  # the list of formulas names every kind, also those that this case has none of
        if figure_id.endswith("[*]"):
            assert any(key.startswith(f"{name}[") for key in known), figure_id
        else:
            assert figure_id in known or any(key.startswith(f"{figure_id}[") for key in known), figure_id


# what the world knows, against what the assessment says


def test_the_measured_mean_time_is_the_worlds(document: dict[str, Any]) -> None:
    """The truth is a mean over twenty worlds, the measurement one of them: most bands must hold it."""
    inside = 0
    clocks = {service["id"]: service["clock"] for service in document["case"]["services"]}
    on_the_wall_clock = [service for service in TRUTH["today"] if clocks[service] == "elapsed"]
    assert len(on_the_wall_clock) >= 14
    for service in on_the_wall_clock:
        truth = TRUTH["today"][service]
        figure = document["figures"][f"baseline.flow_time.restricted_mean_hours[{service}]"]
        mean = truth["mean_flow_time_hours"]["mean"]
        assert figure["value"] == pytest.approx(mean, rel=0.15), service
        inside += figure["low"] <= mean <= figure["high"]
    assert inside >= 0.75 * len(on_the_wall_clock)


def test_the_measured_share_within_target_is_the_worlds(document: dict[str, Any]) -> None:
    for service, truth in TRUTH["today"].items():
        measured = value(document, "baseline.service_level.share_within_target", service)
        assert measured == pytest.approx(truth["within_target_share"]["mean"], abs=0.06), service


@pytest.mark.parametrize("option", sorted(TRUTH["options"]))
def test_the_cost_interval_holds_the_true_cost(document: dict[str, Any], option: str) -> None:
    saving = document["figures"][f"decision.net_saving_nok[{option}]"]
    truth = -TRUTH["options"][option]["yearly_cost_change_mnok"] * 1e6
    assert saving["low"] <= truth <= saving["high"]


@pytest.mark.parametrize("option", sorted(TRUTH["options"]))
def test_the_speed_that_is_claimed_is_near_the_one_that_comes(document: dict[str, Any], option: str) -> None:
    """Promises and statements are not simulations: they may be optimistic, by a few points."""
    services = TRUTH["options"][option]["services"]
    weights = {service: value(document, "baseline.demand.tickets_count", service) for service in services}
    change = sum(
        weights[service]
        * (
            services[service]["mean_flow_time_hours"]["mean"]
            / TRUTH["today"][service]["mean_flow_time_hours"]["mean"]
            - 1
        )
        for service in services
    ) / sum(weights.values())
    claimed = document["figures"][f"decision.speed_change_share[{option}]"]
    assert claimed["low"] - 0.03 <= change <= claimed["high"] + 0.03
    faster = value(document, "decision.probability_faster", option)
    if change < -0.02:
        assert faster > 0.8
    if change > 0.02:
        assert faster < 0.2


def test_the_ledger_bridge_adds_up_to_the_agencys_total(document: dict[str, Any]) -> None:
    steps = dict(document["series"]["baseline.unit_cost.bridge"]["rows"])
    assert steps["ledger_total"] - steps["out_of_scope"] - steps["unallocated"] == pytest.approx(
        steps["direct"] + steps["driver"] + steps["overhead"], abs=0.005
    )
    assert steps["total"] == 1_246_400_000
    assert steps["outside_ledger"] == 44_000_000


def test_row_counts_add_up(document: dict[str, Any]) -> None:
    names = {
        key.partition("[")[2][:-1] for key in document["figures"] if key.startswith("evidence.rows_read[")
    }
    assert {"tickets", "ticket_events", "ledger"} <= names
    for source in names:
        read, *parts = (
            value(document, f"evidence.rows_{part}", source)
            for part in ("read", "used", "merged", "quarantined", "after_cut")
        )
        assert read == sum(parts), source


def test_no_person_reaches_any_result(example: Path) -> None:
    with (example / "evidence" / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        names = {row["caller_id"] for row in csv.DictReader(stream)} - {"", "?", None}
    assert len(names) > 50
    for file in (example / "out").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert [name for name in names if name.encode() in content] == [], file


# the same again, and something changed


def test_the_same_case_gives_the_same_bytes_on_one_core(example: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "makeorbuy", "assess", str(example), "--out", str(tmp_path)]
    cores = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    done = subprocess.run(
        [*cores, *command],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name in ("assessment.json", "brief.html", "brief.en.html"):
        assert _sha256(tmp_path / name) == _sha256(example / "out" / name), name


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def dearer(example: Path, run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same case, but the payroll bid asks for 20 MNOK a year instead of 14.5."""
    folder = tmp_path_factory.mktemp("dearer") / "case"
    shutil.copytree(example, folder)
    offer = folder / "options" / "payroll_bid.yaml"
    text = offer.read_text("utf-8")
    assert "14500000" in text
    offer.write_text(text.replace("14500000", "20000000"), "utf-8")
    done = run("assess", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_dearer_offer_turns_the_recommendation_and_diff_tells_why(
    example: Path, dearer: Path, run: Any
) -> None:
    found = json.loads(run("diff", example, dearer, "--json").stdout)
    place = "case:options/payroll_bid.yaml#lines.price.amount"
    assert [(c["key"].removesuffix(".value"), c["old"], c["new"]) for c in found["causes"]] == [
        (place, "14500000", "20000000")
    ]
    moved = {item["id"]: item for item in found["moved"]}
    turned = moved["decision.service_recommendation[payroll]"]
    assert turned["old"]["value"] == "move" and turned["new"]["value"] != "move"
    assert all(item["causes"] for item in found["moved"]), "a figure moved and nobody knows why"
    assert not any(key.startswith(("baseline.", "evidence.", "projection.speed.")) for key in moved)
    assert not any("b_bid" in key for key in moved)


def test_diff_in_the_terminal_names_figure_and_cause(example: Path, dearer: Path, run: Any) -> None:
    done = run("diff", example, dearer)
    assert done.returncode == 0
    assert "decision.service_recommendation[payroll]" in done.stdout
    assert "options/payroll_bid.yaml#lines.price.amount" in done.stdout


def test_trace_leads_from_the_saving_to_the_offer_the_ledger_and_the_rate(example: Path, run: Any) -> None:
    done = run("trace", example, "decision.net_saving_nok[payroll_bid]")
    assert done.returncode == 0, done.stderr
    for expected in (
        "case:options/payroll_bid.yaml#lines.price",
        "amount.value: 14500000",
        "assumption:discount_rate_real",
        "R-109/21",
        "evidence:ledger",
        "docs/methods/decision.md",
        "sha256",
    ):
        assert expected in done.stdout
    assert "leads nowhere" not in done.stdout


def test_trace_shows_every_step_from_the_price_in_the_offer_to_the_saving(
    example: Path, document: dict[str, Any], run: Any
) -> None:
    """The bars of the bridge, each line's years, and how the offer's price grows."""
    said = " ".join(
        run("trace", example, "decision.net_saving_nok[a_bid]", "--language", "en").stdout.split()
    )
    lines = document["series"]["projection.cost.lines[a_bid]"]["rows"]
    first_year = document["series"]["projection.cost.years[a_bid]"]["rows"][1][2]
    amounts = [row[4] for row in lines] + [first_year]
    assert len(lines) == 4
    for nok in amounts:
        assert f"NOK {nok / 1e6:.1f}m" in said.replace("\xa0", " ")
    assert "amount.value: 248000000" in said and "growth: contract_index" in said
    total = document["figures"]["projection.cost.yearly_nok[a_bid]"]["value"]
    assert sum(amounts[:-1]) == pytest.approx(total, rel=1e-9)


def test_every_id_in_the_brief_can_be_traced(example: Path, run: Any) -> None:
    printed = re.findall(
        r"(?:baseline|projection|decision|evidence)\.[a-z_.]+(?:\[[a-z_,*]+\])?", ids_in_the_brief(example)
    )
    starred = sorted({key for key in printed if "*" in key})
    assert len(starred) > 3
    for key in starred:
        done = run("trace", example, key)
        assert done.returncode == 0, done.stderr
        head, _, tail = key.partition("*")
        lines = done.stdout.splitlines()
        assert lines and all(row.startswith(head) and tail in row.split()[0] for row in lines)
    assessment = makeorbuy.read_assessment(example)
    known = {*assessment.figures, *assessment.series}
    assert [key for key in printed if "*" not in key and key not in known] == []


def ids_in_the_brief(case: Path) -> str:
    return " ".join(re.findall(r'class="id"[^>]*>([^<]*)<', (case / "out" / "brief.html").read_text("utf-8")))


def test_trace_and_diff_speak_the_language_of_the_case(example: Path, dearer: Path, run: Any) -> None:
    traced = run("trace", example, "decision.payback_year[a_improved]").stdout
    assert "år 2" in traced and "metode" in traced and "regnet ut" in traced
    assert "year 2" in run("trace", example, "decision.payback_year[a_improved]", "--language", "en").stdout
    assert "Endret" in run("diff", example, dearer).stdout
    assert "What changed" in run("diff", example, dearer, "--language", "en").stdout


def test_trace_follows_a_figure_to_its_end_where_asked(example: Path, run: Any) -> None:
    figure = "decision.service_recommendation[payroll]"
    short, whole = (run("trace", example, figure, *more).stdout for more in ((), ("--all",)))
    assert "steg under: makeorbuy trace" in short.replace("\n", " ")
    assert len(whole.splitlines()) > len(short.splitlines()) and "steg under" not in whole


def test_trace_without_an_id_lists_all(example: Path, document: dict[str, Any], run: Any) -> None:
    lines = run("trace", example).stdout.splitlines()
    assert len(lines) == len(document["figures"]) + len(document["series"])


def test_python_gives_the_same_as_the_command_line(example: Path, tmp_path: Path) -> None:
    outcome = makeorbuy.assess(example, out=tmp_path)
    assert outcome.assessment.digest == makeorbuy.read_assessment(example).digest
    assert set(outcome.seconds) == {
        "case",
        "evidence",
        "baseline",
        "projection",
        "decision",
        "assessment",
        "brief",
    }


def test_another_seed_moves_the_draws_and_not_the_measurement(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(example, folder)
    case = folder / "case.yaml"
    text = re.sub(r"(?m)^seed:.*$", "seed: 1", case.read_text("utf-8"))
    case.write_text(text, "utf-8")
    other = makeorbuy.assess(folder).assessment.figures
    same = makeorbuy.read_assessment(example).figures
    key = "decision.net_saving_nok[a_bid]"
    assert other[key].value != same[key].value
    assert other[key].value == pytest.approx(same[key].value, abs=0.3e6)
    key = "baseline.flow_time.median_hours[desk,elapsed]"
    assert other[key].value == pytest.approx(same[key].value, rel=1e-11)

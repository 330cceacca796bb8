"""`makeorbuy check` reads the records too: what came in, what was set aside, what to ask for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agency_world.export import write_evidence
from makeorbuy.case.template import write_example
from makeorbuy.cli.main import cli


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check") / "case"
    write_example(folder, "nb")
    write_evidence(folder / "evidence", size=0.05)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_check_tells_what_came_in_and_what_to_ask_for(case: Path) -> None:
    done = run("check", case)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "Ingen feil." in said and "18 tjenester" in said  # the case is in Bokmål
    assert "evidence/tickets.csv" in said
    assert "Lukket uten at løst-tiden er kjent" in said
    assert "systemet lukker" in said
    assert "Et nytt uttrekk fra ServiceNow" in said and "sysparm_display_value" in said
    assert "Historikken" not in said  # it has one

    told = json.loads(run("check", case, "--json", "--language", "en").output)
    evidence = told["evidence"]
    tickets = next(source for source in evidence["sources"] if source["source"] == "tickets")
    parts = ("rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")
    assert tickets["rows_read"] == sum(tickets[name] for name in parts)
    assert [finding["code"] for finding in evidence["findings"]] == ["closed_by_the_clock"]
    assert evidence["request"].startswith("A new export from ServiceNow")
    assert {row["code"] for row in evidence["set_aside"]} >= {"duplicate_row", "unknown_state"}


def test_the_records_are_not_read_twice_and_can_be_left_out(case: Path) -> None:
    run("check", case)
    snapshots = sorted((case / "out").glob("snapshot-*"))
    assert len(snapshots) == 1
    before = {file: file.stat().st_mtime_ns for file in snapshots[0].iterdir()}
    assert run("check", case).exit_code == 0
    assert {file: file.stat().st_mtime_ns for file in snapshots[0].iterdir()} == before

    done = run("check", case, "--no-evidence", "--language", "en")
    assert done.exit_code == 0
    assert "tickets.csv" not in done.output and "not read" in " ".join(done.output.split())


def test_records_that_cannot_be_read_are_problems(case: Path, tmp_path: Path) -> None:
    done = run("check", case, "--evidence", f"tickets={tmp_path / 'none.csv'}", "--json")
    assert done.exit_code == 2
    assert [problem["code"] for problem in json.loads(done.output)["problems"]] == ["missing_evidence_file"]

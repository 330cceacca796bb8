"""For each system: a proposal that a person can finish, and a first look at once."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from makeorbuy.case.loading import load_case
from makeorbuy.case.model import Period
from makeorbuy.case.template import write_template
from makeorbuy.cli.main import cli
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.errors import EvidenceError

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
SYSTEMS: dict[str, dict[str, str]] = {
    "remedy_hpd.csv": {"opened_at": "Submit Date", "time_zone": "Europe/Oslo"},
    "remedy_hpd_api.json": {"opened_at": "values.Submit Date", "constant_type": "incident"},
    "glpi.csv": {"time_zone": "Europe/Oslo"},
    "zendesk_view.csv": {"time_zone": "Europe/Oslo"},
    "freshservice.csv": {"time_zone": "Europe/Oslo"},
    "itop.csv": {"time_zone": "Europe/Oslo"},
    "zammad_tickets.json": {"constant_type": "request"},
    "pureservice_tickets.json": {"constant_type": "incident"},
    "manageengine_requests.json": {},
    "github_issues.json": {"constant_type": "incident"},
    "gitlab_issues.csv": {"constant_type": "incident"},
    "otrs_ticket_history.csv": {"constant_type": "incident", "time_zone": "UTC"},
    "log.xes": {"constant_type": "incident"},
    "log.xes.gz": {"constant_type": "incident"},
    "events_pm4py.csv": {"constant_type": "incident"},
    "events_generic.jsonl": {"constant_type": "incident"},
    "log.jsonocel": {"constant_type": "incident", "sheet": "Ticket"},
    "log.xmlocel": {"constant_type": "incident", "sheet": "Ticket"},
    "log_ocel2.sqlite": {"constant_type": "incident", "sheet": "Ticket", "time_zone": "Europe/Oslo"},
}
"""Fixture, and what is asked beyond when it was taken and how its rows were selected."""

TICKETS = {"manageengine_requests.json": 5, "otrs_ticket_history.csv": 7} | dict.fromkeys(
    ("log.jsonocel", "log.xmlocel", "log_ocel2.sqlite"), 7
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def finished(text: str, answers: dict[str, str]) -> str:
    """The proposal with every TODO answered, as a person would do it in an editor."""
    asked = set(re.findall(r"^ +(\w+): TODO\b", text, re.MULTILINE))
    assert asked == {*answers, "exported_at", "selection"}
    for key, answer in {**answers, "exported_at": "2025-11-05T10:00", "selection": "all"}.items():
        text = re.sub(rf"^( +{key}): TODO\b", rf'\1: "{answer}"', text, flags=re.MULTILINE)
    text = text.replace(
        'cancelled: ["merged", "removed"]\n      TODO: [', 'cancelled: ["merged", "removed", '
    )
    text = text.replace(
        'TODO: ["1", "2", "3"]', 'Desk: ["1"]\n      Network: ["2"]\n      Applications: ["3"]'
    )
    assert "TODO" not in text.partition("\n")[2]
    return text


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_person_finishes_the_proposal(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "case"
    write_template(folder)
    (folder / "evidence" / "mapping.yaml").unlink()
    file = Path(shutil.copy(EXPORTS / name, folder / "evidence"))
    result = run("map", file, "--out", folder / "evidence", "--language", "en")
    assert result.exit_code == 0, result.output
    assert "Agent 0" not in result.output and "Caller" not in result.output  # no person
    mapping = folder / "evidence" / "mapping.yaml"
    mapping.write_text(finished(mapping.read_text(encoding="utf-8"), SYSTEMS[name]), encoding="utf-8")
    case = load_case(folder)
    period = Period(datetime(2025, 9, 1), datetime(2025, 11, 5, 10))  # noqa: DTZ001  # the template has its own
    evidence = take_in(replace(case, period=period), folder, tmp_path / "out")
    connection = evidence.connect()
    ((tickets,),) = connection.execute("SELECT count(*) FROM tickets").fetchall()
    connection.close()
    aside = {reason.code: reason.rows for reason in evidence.reasons if reason.code != "duplicate_row"}
    assert tickets + sum(aside.values()) == TICKETS.get(name, 10)
    assert set(aside) <= {"closed_without_resolved", "daylight_saving_fold"}


@pytest.mark.parametrize("name", ["remedy_hpd.csv", "zammad_tickets.json", "log.xes.gz", "log_ocel2.sqlite"])
def test_a_first_look_needs_no_answer(tmp_path: Path, name: str) -> None:
    result = run("look", EXPORTS / name, "--json", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    page = (tmp_path / "look.html").read_text(encoding="utf-8")
    assert "Agent 0" not in page and "agent0" not in page
    assert ("zone" in told["assumed"]) == (name in ("remedy_hpd.csv", "log_ocel2.sqlite"))
    assert ("object_type" in told["assumed"]) == (name == "log_ocel2.sqlite")
    assert ("opened_column" in told["assumed"]) == (name == "remedy_hpd.csv")


def test_another_type_of_object_can_be_looked_at(tmp_path: Path) -> None:
    moment = f"{datetime(2025, 3, 1, 10):%Y-%m-%dT%H:%M:%SZ}"  # noqa: DTZ001
    log = {
        "objectTypes": [{"name": "Errand"}, {"name": "Desk"}], "eventTypes": [{"name": "Opened"}],
        "objects": [{"id": "a", "type": "Errand"}, {"id": "b", "type": "Desk"}],
        "events": [{"id": "e", "type": "Opened", "time": moment, "relationships": [{"objectId": "a"}]}],
    }  # fmt: skip
    file = tmp_path / "log.jsonocel"
    file.write_text(json.dumps(log), encoding="utf-8")
    refused = run("look", file)
    assert isinstance(refused.exception, EvidenceError)
    assert [problem.column for problem in refused.exception.problems] == ["sheet"]
    assert run("map", file).exit_code == 0  # rows cannot be shown before it is known
    told = json.loads(run("look", file, "--sheet", "Errand", "--json").output)
    assert told["figures"]["baseline.demand.tickets_count[all]"]["value"] == 1

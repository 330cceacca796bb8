"""From an export to a page in one command, and to a mapping that a person finishes."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from makeorbuy.case.loading import load_case
from makeorbuy.case.model import Period
from makeorbuy.case.template import write_template
from makeorbuy.cli.main import cli
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.errors import CaseError, EvidenceError, InputError

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("name", ["servicenow_list.xlsx", "servicenow_list_no_excel.csv"])
def test_an_export_becomes_a_page_in_one_command(tmp_path: Path, name: str, language: str) -> None:
    file = Path(shutil.copy(EXPORTS / name, tmp_path))
    result = run("look", file, "--language", language, "--out", tmp_path / "seen")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "seen" / "look.html").read_text(encoding="utf-8")
    assert f'lang="{language}"' in page
    assert "Agent 01" not in page and "Caller 01" not in page  # no person
    assert "http" not in page.replace("http://www.w3.org", "")  # nothing from outside
    assert "9" in result.output


def test_nothing_is_written_unless_it_is_asked_for(tmp_path: Path) -> None:
    file = Path(shutil.copy(EXPORTS / "servicenow_list.xlsx", tmp_path))
    assert run("look", file).exit_code == 0
    assert run("map", file).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_look_as_json_says_what_was_assumed() -> None:
    result = run("look", EXPORTS / "servicenow_list_en.csv", "--json")
    told = json.loads(result.output)
    assert told["recognised"] == ["ServiceNow, list"]
    assert set(told["assumed"]) == {"zone", "fold", "exported_at"}
    assert told["figures"]["baseline.demand.tickets_count[all]"]["value"] == 9  # number 10 has no end


def test_what_would_decide_is_asked_and_not_assumed(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("number,opened_at,assignment_group,state\nINC1,01/02/2024 10:00,Desk,New\n")
    result = run("look", file)
    assert isinstance(result.exception, EvidenceError)
    assert {problem.column for problem in result.exception.problems} == {"columns.resolved_at", "date_format"}


def test_a_file_that_nobody_knows_repeats_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Kari Testmann,12345678901\nOla Testmann,12345678902\n")
    for command in ("look", "map"):
        result = run(command, file)
        assert isinstance(result.exception, EvidenceError)
        assert "Testmann" not in str(result.exception) and "123456" not in str(result.exception)


@pytest.mark.parametrize(
    "name", ["ledger_unit4_no.csv", "saft_no_fragment.xml", "statuspage.json", "staffing.csv"]
)
def test_a_first_look_at_something_else_says_what_it_is(name: str) -> None:
    result = run("look", EXPORTS / name)
    assert isinstance(result.exception, EvidenceError)
    assert [problem.code for problem in result.exception.problems] == ["not_tickets"]


OTHERS = (
    "ledger_unit4_no.csv", "ledger_unit4_agltransact.csv", "ledger_standard_kontoplan.csv", "ledger_tbm.csv",
    "saft_no_fragment.xml", "staffing.csv", "staffing_dfo.json", "outages_servicenow.csv", "statuspage.json",
    "alertmanager_webhook.json", "zabbix_problems.csv", "zabbix_problems.ndjson", "focus.csv", "matters.csv",
    "matter_events.csv",
)  # fmt: skip


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("name", OTHERS)
def test_what_is_beside_tickets_is_proposed_with_every_question_in_words(name: str, language: str) -> None:
    result = run("map", EXPORTS / name, "--language", language)
    assert result.exit_code == 0, result.output
    mapping = YAML(typ="safe").load(result.output.partition("\n\n")[0])
    told = json.loads(run("map", EXPORTS / name, "--json").output)
    assert [source["kind"] for source in mapping["sources"]] == [source["kind"] for source in told["sources"]]
    text = result.output.partition("sources:")[2]
    assert text.count("TODO") == len(told["questions"]), told["questions"]
    for line in text.splitlines():
        assert "TODO" not in line or " # " in line or line.strip().startswith("date_format"), line
    assert told["rows"]


ITEMS = 'TODO: ["E-post", "Identitet", "Saksbehandling", "VPN"]'
UNITS = 'email: ["E-post"]\n      desk: ["Identitet", "Saksbehandling", "VPN"]'
MISSING = 'missing: [""]'
LEDGER_ORE = "SELECT sum(amount_ore)::BIGINT FROM ledger"
JUNE = """
    SELECT service, sum(person_years_thousandths)::BIGINT FROM staffing WHERE month = '2025-06'
    GROUP BY ALL ORDER BY ALL
"""
FINISHED = {
    "outages_servicenow.csv": (
        {"time_zone: TODO": "time_zone: UTC", ITEMS: UNITS},
        ("outages", 5, 4, 1), "SELECT service, kind, count(*) FROM outages GROUP BY ALL ORDER BY ALL",
        [("desk", "degradation", 1), ("desk", "outage", 1), ("desk", "planned", 1), ("email", "outage", 1)],
    ),
    "staffing_dfo.json": (
        {
            "service: TODO": "service: kostnadssted_eller_hovedstillingens", 'TODO: ["410100", "410200"]':
            'desk: ["410100"]\n      email: ["410200"]', 'TODO: ["1", "2"]':
            'employee: ["1"]\n      consultant: ["2"]',
        },
        ("staffing", 4, 4, 0),
        JUNE,
        [("desk", 2000), ("email", 1000)],
    ),
    "focus.csv": (
        {
            "amount: TODO": "amount: BilledCost", "cost_centre: TODO": "cost_centre: Tags.tjeneste",
            MISSING: f"{MISSING}\n    rates: {{USD: 10.75}}\n    leave_out: {{ChargeCategory: [Tax]}}",
        },
        ("ledger", 6, 5, 1), LEDGER_ORE, [(845975,)],
    ),
    "ledger_tbm.csv": (
        {"[TODO]": "[CapEx]"}, ("ledger", 7, 6, 1), LEDGER_ORE, [(75249950,)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FINISHED)
def test_a_person_finishes_what_was_proposed(tmp_path: Path, name: str) -> None:
    answers, expected, query, rows = FINISHED[name]
    folder = tmp_path / "case"
    write_template(folder)
    mapping = folder / "evidence" / "mapping.yaml"
    mapping.unlink()
    file = Path(shutil.copy(EXPORTS / name, folder / "evidence"))
    assert run("map", file, "--out", folder / "evidence", "--language", "en").exit_code == 0
    proposed, text, answered = mapping.read_text(encoding="utf-8").partition("sources:")
    assert "TODO" in proposed
    for question, answer in answers.items():
        assert question in answered
        answered = answered.replace(question, answer)
    mapping.write_text(proposed + text + answered, encoding="utf-8")
    period = Period(datetime(2025, 1, 1), datetime(2026, 1, 1))  # noqa: DTZ001
    evidence = take_in(replace(load_case(folder), period=period), folder, tmp_path / "out")
    (count,) = evidence.counts
    assert (count.source, count.rows_read, count.rows_used, count.rows_quarantined) == expected
    with closing(evidence.connect()) as connection:
        assert connection.execute(query).fetchall() == rows


def test_a_proposed_mapping_is_refused_until_a_person_has_answered(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    write_template(folder)
    (folder / "evidence" / "mapping.yaml").unlink()
    file = Path(shutil.copy(EXPORTS / "servicenow_list_en.csv", folder / "evidence"))
    assert run("map", file, "--out", folder / "evidence", "--language", "en").exit_code == 0
    mapping = folder / "evidence" / "mapping.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert text.count("TODO") == 1 + 3  # in the note at the top; zone, time of export, selection
    with pytest.raises(InputError):
        load_case(folder)

    again = run("map", file, "--out", folder / "evidence")
    assert isinstance(again.exception, InputError)
    assert mapping.read_text(encoding="utf-8") == text

    for answer in ("Europe/Oslo", "2025-11-05T10:00", "all"):
        text = text.replace(": TODO", f": {answer}", 1)
    mapping.write_text(text, encoding="utf-8")
    case = load_case(folder)
    evidence = take_in(case, folder, tmp_path / "out")
    assert [(count.rows_read, count.rows_quarantined) for count in evidence.counts] == [(10, 2)]


def test_selection_left_to_answer_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    write_template(folder)
    mapping = folder / "evidence" / "mapping.yaml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("selection: all ", "selection: TODO "))
    with pytest.raises(CaseError) as caught:
        load_case(folder)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("left_to_answer", "sources.tickets.selection")
    assert problem.row == 1 + mapping.read_text("utf-8")[: mapping.read_text("utf-8").index("TODO")].count(
        "\n"
    )


def test_every_question_that_is_left_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    write_template(folder)
    mapping = folder / "evidence" / "mapping.yaml"
    mapping.unlink()
    file = Path(shutil.copy(EXPORTS / "servicenow_list_en.csv", folder / "evidence"))
    assert run("map", file, "--out", folder / "evidence", "--language", "en").exit_code == 0
    lines = (
        mapping.read_text("utf-8")
        .replace("    states:", "    states:\n      TODO: [Odd, Strange]")
        .split("\n")
    )
    mapping.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        load_case(folder)
    problems = caught.value.problems
    told = {(problem.row, problem.column.rpartition(".")[2]) for problem in problems}
    assert {problem.code for problem in problems} == {"left_to_answer"}
    wanted = {(n, line) for n, line in enumerate(lines, 1) if "TODO" in line and not line.startswith("#")}
    assert {row for row, _ in told} == {row for row, _ in wanted}
    assert {name for _, name in told} == {"time_zone", "exported_at", "selection", "states"}


TICKETS = (
    "servicenow_list_default.csv", "servicenow_list.xlsx", "servicenow_raw.csv", "servicenow_table_api.json",
    "servicenow_table_api_raw.json", "servicenow_sc_req_item.csv", "servicenow_change_request.csv",
    "servicenow_task_sla.csv", "topdesk_incidents.csv", "topdesk_incidents_no.csv",
    "topdesk_incidents_api.json", "jira_export.csv", "jira_export_no_excel.csv", "jira_search_changelog.json",
)  # fmt: skip
HISTORIES = ("servicenow_sys_audit.csv", "servicenow_metric_instance.csv")
ANSWERS = {
    "time_zone": "Europe/Oslo", "exported_at": "2025-11-05T10:00", "selection": "all",
    "handling_unit": "hours",
}  # fmt: skip


def proposed(name: str, folder: Path) -> str:
    """The sources of a proposed mapping, every question answered as a person would."""
    result = run("map", EXPORTS / name, "--out", folder, "--language", "en")
    assert result.exit_code == 0, result.output
    assert "The first rows as they would be read" in result.output
    text = (folder / "mapping.yaml").read_text(encoding="utf-8")
    for key, answer in ANSWERS.items():
        text = text.replace(f" {key}: TODO", f" {key}: {answer}")
    sources = text.partition("\nsources:\n")[2]
    assert sources and "TODO" not in sources
    return sources


@pytest.mark.parametrize(
    "names", [*((name,) for name in TICKETS), *((TICKETS[2], name) for name in HISTORIES)]
)
def test_every_proposal_can_be_finished(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = tmp_path / "case"
    write_template(folder)
    sources = "".join(proposed(name, tmp_path / name) for name in names)
    (folder / "evidence" / "mapping.yaml").write_text(f"sources:\n{sources}", encoding="utf-8")
    for name in names:
        shutil.copy(EXPORTS / name, folder / "evidence")
    evidence = take_in(load_case(folder), folder, tmp_path / "out")
    assert all(count.rows_read for count in evidence.counts)
    assert {count.source for count in evidence.counts} >= {"tickets"}


@pytest.mark.parametrize(
    "names", [*((name,) for name in TICKETS), *((TICKETS[2], name) for name in HISTORIES)]
)
def test_every_export_gives_a_page(tmp_path: Path, names: tuple[str, ...]) -> None:
    result = run("look", *(EXPORTS / name for name in names), "--language", "en", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    page = (tmp_path / "look.html").read_text(encoding="utf-8")
    assert "Agent 0" not in page and "Caller" not in page
    if len(names) > 1:
        assert "A list has no history" not in page


def test_everything_is_asked_at_once_with_what_to_type(tmp_path: Path) -> None:
    file, other = tmp_path / "list.csv", tmp_path / "more.csv"
    header = "number,opened_at,assignment_group,state,finished"
    text = f"{header}\nINC1,01/02/2024 10:00,Desk,Resolved,03/02/2024 10:00\n"
    file.write_text(text)
    other.write_text(text)
    problems = run("look", file, other).exception.problems  # type: ignore[union-attr]
    assert [problem.file for problem in problems] == ["list.csv", "list.csv", "more.csv", "more.csv"]
    asked = {problem.column: problem.mend for problem in problems}
    assert '"finished"' in asked["columns.resolved_at"]
    assert (
        '--date-format "%d/%m/%Y %H:%M" if the 3rd of April is written 03/04/2025 14:05'
        in (asked["date_format"])
    )
    answer = ("--end", "finished", "--date-format", "%d/%m/%Y %H:%M")
    done = run("look", file, *answer, "--language", "en")
    assert done.exit_code == 0, done.output
    assert "too few to tell how the export was selected" in " ".join(done.output.split())


def test_a_list_and_its_history_of_no_known_system_are_looked_at_together(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "nummer,opprettet,løst,status,gruppe\n1,13.02.2024 10:00,14.02.2024 10:00,Løst,A\n", "utf-8"
    )
    (tmp_path / "changes.csv").write_text(
        "nummer,endret,status,gruppe\n1,13.02.2024 10:00,Ny,A\n1,13.02.2024 12:00,Under arbeid,B\n"
        "1,14.02.2024 10:00,Løst,B\n",
        "utf-8",
    )
    told = json.loads(run("look", tmp_path / "list.csv", tmp_path / "changes.csv", "--json").output)
    assert told["figures"]["baseline.handoffs.handed_over_share[all]"]["value"] == 1
    assert "no_history" not in told["remarks"]
    assert "Historikken" not in told["request"]


def test_several_files_are_mapped_into_one_yaml_that_can_be_pasted(tmp_path: Path) -> None:
    names = ("servicenow_list_en.csv", "ledger_unit4_no.csv")
    result = run("map", *(EXPORTS / name for name in names), "--out", tmp_path, "--language", "en")
    assert result.exit_code == 0, result.output
    for text in (result.output, (tmp_path / "mapping.yaml").read_text(encoding="utf-8")):
        sources = YAML(typ="safe").load(text)["sources"]
        assert [(source["kind"], source["file"]) for source in sources] == [
            ("tickets", names[0]), ("ledger", names[1]),
        ]  # fmt: skip
    assert [
        len(json.loads(run("map", *map(EXPORTS.joinpath, names[:n]), "--json").output)) for n in (1, 2)
    ] == [9, 2]

"""Positions become person-years by month; what stands beside them in DFØ's files goes nowhere."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import evidence_making as m
import fixtures_making as f
import pytest
import sources_making as s
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.cli.main import cli
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import dfo, staffing
from makeorbuy.evidence.recognition import Sample
from makeorbuy.evidence.selection import selection_findings
from makeorbuy.foundation.errors import EvidenceError

UNITS = {"IKT drift": "operations", "IKT utvikling": "development", "IKT nett": "network"}
CENTRES = {"410100": "operations", "410200": "development"}
GROUPS = {"1": "employee", "2": "consultant"}
SERVICES = ("operations", "development", "network")
BY_MONTH = """
    SELECT month, service, sum(person_years_thousandths)::BIGINT FROM staffing
    WHERE month >= '2025-01' GROUP BY ALL ORDER BY ALL
"""


def months(first: int, last: int, service: str, thousandths: int) -> list[tuple[str, str, int]]:
    return [(f"2025-{month:02d}", service, thousandths) for month in range(first, last + 1)]


def test_a_report_of_positions_asks_for_its_units_only(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "staffing.csv", of_case=SERVICES)
    (source,) = taken.recognition.sources
    assert source.missing == ("", "31.12.9999")  # the year 9999 is no end
    assert source.employments == {"Fast": "employee", "Vikar": "employee"}
    (question,) = taken.recognition.questions
    assert (question.key, question.choices) == ("services", ("IKT drift", "IKT nett", "IKT utvikling"))
    # a unit that belongs to no service is set aside, and says so
    assert taken.set_aside == {(n, "unknown_service") for n in range(1, 7)} | {(7, "vacant_position")}


def test_80_and_20_percent_a_change_of_percent_and_an_end(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "staffing.csv", of_case=SERVICES, services=UNITS)
    assert taken.counts == (7, 6, 0, 1, 0)
    assert taken.set_aside == {(7, "vacant_position")}
    # operations 100 + 80 %; development 20 %, and a substitute from February to September;
    # network 100 % to October, 60 % from November
    assert taken.rows(BY_MONTH) == sorted(
        months(1, 12, "operations", 1800)
        + months(1, 1, "development", 200)
        + months(2, 9, "development", 1200)
        + months(10, 12, "development", 200)
        + months(1, 10, "network", 1000)
        + months(11, 12, "network", 600)
    )
    assert taken.rows("SELECT min(month), max(month) FROM staffing WHERE record = 5") == [
        ("2015-06", "2025-10")
    ]
    assert taken.rows("SELECT DISTINCT employment FROM staffing") == [("employee",)]
    assert taken.evidence.notes == ()
    # 80 % on 17 of the 31 days of the month in which somebody came
    query = "SELECT person_years_thousandths FROM staffing WHERE record = 2 AND month = '2021-08'"
    assert taken.rows(query) == [(439,)]


def test_of_the_month_of_the_cut_its_days_before_the_cut_count(tmp_path: Path) -> None:
    cut = datetime(2025, 11, 6)  # noqa: DTZ001
    taken = s.take(tmp_path, "staffing.csv", of_case=SERVICES, services=UNITS, end=cut)
    assert [row[1:] for row in taken.rows(BY_MONTH) if row[0] == "2025-11"] == [
        ("development", 200), ("network", 600), ("operations", 1800)
    ]  # fmt: skip
    assert taken.rows("SELECT max(month) FROM staffing") == [("2025-11",)]
    before = datetime(2025, 11, 1)  # noqa: DTZ001
    taken = s.take(tmp_path, "staffing.csv", of_case=SERVICES, services=UNITS, end=before)
    assert taken.counts == (7, 5, 0, 1, 1)  # the 60 % begin after it


HEADER = ("Ansattnr", "Enhet", "Stillingsprosent", "Ansettelsesform", "Fra dato", "Til dato")


def positions(folder: Path, *rows: tuple[str, ...]) -> s.Taken:
    file = m.write(folder, "positions.csv", m.table(HEADER, rows, ";"))
    rules = {"delimiter": ";", "decimal": ",", "date_format": "%d.%m.%Y", "missing": ("", "31.12.9999")}
    words = {"services": UNITS, "employments": {"Fast": "employee", "Innleid": "consultant"}}
    return s.take(folder, file, of_case=SERVICES, **rules, **words)


def test_more_than_a_full_position_is_told(tmp_path: Path) -> None:
    taken = positions(
        tmp_path,
        ("A1", "IKT drift", "100,00", "Fast", "01.01.2025", "31.12.9999"),
        ("A1", "IKT nett", "60,00", "Fast", "01.06.2025", "31.12.9999"),  # the first was never ended
        ("A2", "IKT nett", "50,00", "Fast", "01.01.2025", "31.05.2025"),
        ("A2", "IKT nett", "100,00", "Fast", "01.06.2025", "31.12.9999"),
    )
    (finding,) = selection_findings(m.case(), taken.evidence)
    assert (finding.code, dict(finding.facts)) == ("more_than_full_time", {"persons_count": 1})


def test_what_is_wrong_with_a_position(tmp_path: Path) -> None:
    taken = positions(
        tmp_path,
        ("A1", "IKT drift", "100,00", "Fast", "", ""),
        ("A1", "IKT drift", "100,00", "Fast", "31.02.2025", "01.13.2025"),
        ("A1", "IKT drift", "100,00", "Fast", "02.01.2025", "01.01.2025"),
        ("A1", "IKT drift", "åtti", "Frivillig", "01.01.2025", ""),
        ("A1", "IKT drift", "-80,00", "Innleid", "01.01.2025", ""),
        ("", "Ukjent", "100,00", "", "01.01.2025", ""),
    )
    assert taken.set_aside == {
        (1, "missing_time"), (2, "invalid_date"), (3, "ended_before_started"), (4, "bad_number"),
        (4, "unknown_employment"), (5, "negative"), (6, "vacant_position"),
    }  # fmt: skip


# DFØ


def test_employees_of_dfo_with_extra_positions(tmp_path: Path) -> None:
    words = {"services": CENTRES, "employments": GROUPS}
    taken = s.take(
        tmp_path, "staffing_dfo.json", of_case=SERVICES, columns={"service": dfo.INHERITED}, **words
    )
    assert [question.key for question in taken.recognition.questions] == [
        "columns.service", "services", "employments"
    ]  # fmt: skip
    assert taken.counts == (4, 4, 0, 0, 0)
    assert taken.rows(BY_MONTH) == sorted(
        months(1, 12, "operations", 2000) + months(2, 9, "development", 1000)
    )
    assert taken.rows("SELECT DISTINCT record, employment FROM staffing ORDER BY ALL") == [
        (1, "employee"), (2, "employee"), (3, "employee"), (4, "consultant")
    ]  # fmt: skip
    assert taken.evidence.notes == ()  # 80 and 20 % are a full position


def test_an_extra_position_without_a_cost_centre_may_be_set_aside(tmp_path: Path) -> None:
    words = {"services": CENTRES, "employments": GROUPS}
    taken = s.take(
        tmp_path, "staffing_dfo.json", of_case=SERVICES, columns={"service": "kostnadssted"}, **words
    )
    assert taken.set_aside == {(3, "unknown_service")}


SECRETS = (
    "01019012345",
    "1990-01-01",
    "Testmann",
    "Kari Synnøve",
    "Hemmelig vei 4",
    "kari@example.org",
    "91234567",
)


def personal() -> list[dict[str, Any]]:
    """The fixture's employees as they come: with all that payroll knows."""
    employees: list[dict[str, Any]] = json.loads((f.EXPORTS / "staffing_dfo.json").read_text("utf-8"))
    beside = dict(
        zip(("fnr", "fodselsdato", "etternavn", "fornavn", "adresse", "epost", "mobil"), SECRETS, strict=True)
    )
    for employee in employees:
        employee |= {**beside, "privatKontakt": beside, "lister": [beside]}
        for extra in employee["tilleggsstilling"]:
            extra |= beside
    return employees


def test_nothing_personal_of_dfo_goes_anywhere(tmp_path: Path) -> None:
    file = m.write(tmp_path, "dfo.json", json.dumps(personal(), ensure_ascii=False))
    words = {"services": CENTRES, "employments": GROUPS, "columns": {"service": dfo.INHERITED}}
    taken = s.take(tmp_path, file, of_case=SERVICES, **words)
    assert taken.counts == (4, 4, 0, 0, 0)
    with open_evidence(tmp_path, str(file)) as opened:
        table = dfo.table(opened, taken.recognition.sources[0])
        given = json.dumps([table.header, *map(list, table.rows)], ensure_ascii=False)
    mapped = CliRunner().invoke(cli, ["map", str(file), "--out", str(tmp_path / "mapped"), "--json"])
    printed = CliRunner().invoke(cli, ["map", str(file)])
    assert mapped.exit_code == printed.exit_code == 0
    held = [taken.rows(f"SELECT * FROM {table}") for table in taken.evidence.tables]
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != file]
    assert len(written) > 3
    for secret in (*SECRETS, "05000001"):  # nor the number of the employee, which is an ordinal by then
        assert secret not in repr(held) and secret.encode() not in b"".join(written)
        assert secret not in printed.output and secret not in mapped.output
    assert not any(secret in given for secret in SECRETS)


def test_a_broken_file_of_dfo_repeats_nothing_of_it(tmp_path: Path) -> None:
    text = json.dumps(personal(), ensure_ascii=False)
    file = m.write(tmp_path, "dfo.json", text[: len(text) // 2])
    source = f.recognised("staffing_dfo.json").sources[0]
    with open_evidence(tmp_path, str(file)) as opened, pytest.raises(EvidenceError) as caught:
        dfo.table(opened, source)
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_what_is_no_employee_is_counted(tmp_path: Path) -> None:
    employees: list[Any] = json.loads((f.EXPORTS / "staffing_dfo.json").read_text("utf-8"))
    employees[0]["tilleggsstilling"] = ["x", {"dellonnsprosent": {"x": 1}}]
    file = m.write(tmp_path, "dfo.json", json.dumps([*employees, 7, None]))
    words = {"services": CENTRES, "employments": GROUPS, "columns": {"service": dfo.INHERITED}}
    taken = s.take(tmp_path, file, of_case=SERVICES, **words)
    assert taken.counts == (8, 4, 0, 4, 0)
    assert Counter(code for _, code in taken.set_aside) == {
        "not_a_record": 3, "bad_number": 1, "missing_time": 1
    }  # fmt: skip


# properties: person-years are the sum of percent day by day, whatever the dates

DAYS = st.dates(date(2024, 6, 1), date(2026, 6, 1))
POSITION = st.tuples(
    st.integers(0, 4), st.sampled_from(sorted(UNITS)), st.integers(1, 10_000), DAYS, st.none() | DAYS
)


def expected(drawn: list[tuple[int, str, int, date, date | None]]) -> dict[tuple[str, str], float]:
    """Thousandths of a person-year by month and service, day by day; by another way than the query's."""
    found: Counter[tuple[str, str]] = Counter()
    for _, unit, hundredths, begun, ended in dict.fromkeys(drawn):
        if ended is not None and ended < begun:
            continue
        day = begun
        while day < date(2026, 1, 1) and (ended is None or day <= ended):
            following = (day.replace(day=28) + timedelta(4)).replace(day=1)
            days = (following - timedelta(1)).day
            found[f"{day:%Y-%m}", UNITS[unit]] += hundredths / 10 / days
            day += timedelta(1)
    return dict(found)


@settings(deadline=None, max_examples=12)
@given(drawn=st.lists(POSITION, max_size=12))
def test_every_position_is_somewhere_on_each_of_its_days(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str, int, date, date | None]]
) -> None:
    rows = [
        (f"A{who}", unit, f"{hundredths / 100:.2f}".replace(".", ","), "Fast", f"{begun:%d.%m.%Y}",
         "31.12.9999" if ended is None else f"{ended:%d.%m.%Y}")
        for who, unit, hundredths, begun, ended in drawn
    ]  # fmt: skip
    taken = positions(tmp_path_factory.mktemp("positions"), *rows)
    found = taken.rows(
        "SELECT month, service, sum(person_years_thousandths)::BIGINT FROM staffing GROUP BY ALL"
    )
    # each row is rounded to a thousandth
    assert {(month, service): value for month, service, value in found} == {
        key: pytest.approx(value, abs=0.51 * len(drawn)) for key, value in expected(drawn).items()
    }
    assert taken.counts[0] == len(rows)


@settings(deadline=None, max_examples=12)
@given(
    drawn=st.lists(
        st.tuples(
            DAYS,
            st.sampled_from(["100", "80", "52.5"]),
            st.lists(st.sampled_from(["20", "10.25"]), max_size=2),
        )
    )
)
def test_every_position_of_dfo_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[date, str, list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("dfo")
    ends = {"sluttdato": dfo.NO_END}
    employees = [
        {
            **ends, "id": f"{number:08d}", "medarbeidergruppe": "1", "startdato": begun.isoformat(),
            "stillingId": number, "dellonnsprosent": percent, "kostnadssted": "410100",
            "tilleggsstilling": [
                {**ends, "stillingId": place, "startdato": begun.isoformat(), "dellonnsprosent": part}
                for place, part in enumerate(parts)
            ],
        }
        for number, (begun, percent, parts) in enumerate([(date(2025, 1, 1), "50.5", ["20"]), *drawn])
    ]  # fmt: skip
    words = {
        "services": CENTRES,
        "employments": GROUPS,
        "columns": {"service": dfo.INHERITED},
        "decimal": ".",
    }
    taken = s.take(folder, m.write(folder, "dfo.json", json.dumps(employees)), of_case=SERVICES, **words)
    count = sum(1 + len(parts) for _, _, parts in drawn) + 2
    assert taken.counts[0] == count and taken.set_aside == set()
    held = sum(
        float(percent) + sum(map(float, parts))
        for begun, percent, parts in drawn
        if begun <= date(2025, 12, 1)
    )
    found = taken.rows("SELECT sum(person_years_thousandths)::BIGINT FROM staffing WHERE month = '2025-12'")
    late = sum(
        (float(percent) + sum(map(float, parts))) * (32 - begun.day) / 31
        for begun, percent, parts in drawn if date(2025, 12, 1) < begun <= date(2025, 12, 31)
    )  # fmt: skip
    assert found[0][0] == pytest.approx(10 * (70.5 + held + late), abs=count)


@pytest.mark.parametrize("reader", [staffing, dfo])
def test_a_file_without_the_columns_is_not_recognised(reader: Any) -> None:
    assert reader.recognise(Sample("x.csv", "delimited", ("Fra dato", "Til dato"), (("1", "2"),))) is None
    assert reader.recognise(Sample("x.json", "json", ("stillingId",), document=[{"stillingId": 1}])) is None

"""Outages of four systems, by hand from the fixtures: what lasts, what was planned, what cannot be."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import evidence_making as m
import pytest
import sources_making as s
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.moments import utc_text
from makeorbuy.evidence.readers import alertmanager, servicenow_outages, statuspage, zabbix
from makeorbuy.evidence.recognition import Sample

OSLO = ZoneInfo("Europe/Oslo")
OUTAGES = "SELECT service, started_minute, ended_minute, is_planned, kind FROM outages ORDER BY record"


def outage(
    service: str, started: str, ended: str | None, kind: str = "outage"
) -> tuple[str, int, int | None, bool, str]:
    return service, s.minute(started), None if ended is None else s.minute(ended), kind == "planned", kind


def test_servicenow_outages(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "outages_servicenow.csv", time_zone="UTC", services=s.NAMES)
    assert {question.key for question in taken.recognition.questions} == {"time_zone", "services"}
    (source,) = taken.recognition.sources
    assert "duration" not in source.columns.values()  # a date of 1970
    assert taken.rows(OUTAGES) == [
        outage("matters_system", "2025-10-26T00:25Z", "2025-10-26T01:30Z"),
        outage("vpn", "2025-10-21T10:50Z", "2025-10-24T08:00Z", "degradation"),
        outage("vpn", "2025-10-21T20:00Z", "2025-10-21T22:00Z", "planned"),  # within the one above
        outage("email", "2025-11-05T08:40Z", None),
    ]
    assert m.reasons(taken.evidence) == [(5, "ended_before_started", "end")]
    assert taken.counts == (5, 4, 0, 1, 0)


def test_an_end_after_the_cut_is_not_known_at_the_cut(tmp_path: Path) -> None:
    cut = datetime(2025, 10, 24, 9)  # noqa: DTZ001  # 07:00 in UTC
    taken = s.take(tmp_path, "outages_servicenow.csv", time_zone="UTC", services=s.NAMES, end=cut)
    assert taken.rows(OUTAGES)[0] == outage("vpn", "2025-10-21T10:50Z", None, "degradation")
    assert taken.counts == (5, 2, 0, 1, 2)


def test_a_status_page(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "statuspage.json", services=s.NAMES)
    assert [question.key for question in taken.recognition.questions] == ["services"]
    assert taken.recognition.remarks == ("newest_fifty",)
    assert taken.rows(OUTAGES) == [
        outage("matters_system", "2025-10-26T02:40+02:00", "2025-10-26T02:45+01:00"),  # not the postmortem
        outage("vpn", "2025-10-21T13:30+02:00", "2025-10-24T10:10+02:00", "degradation"),
        outage("email", "2025-11-05T09:45+01:00", None),
        outage("vpn", "2025-10-21T22:00+02:00", "2025-10-22T00:00+02:00", "planned"),
    ]
    assert taken.counts == (4, 4, 0, 0, 0)


def test_an_incident_of_two_components_is_two_rows_and_of_none_is_set_aside(tmp_path: Path) -> None:
    times = {"started_at": "2025-10-01T10:00:00Z", "resolved_at": "2025-10-01T11:00:00Z"}
    entry = {**times, "status": "resolved", "impact": "none", "incident_updates": []}
    two = {**entry, "components": [{"name": "E-post"}, {"name": "VPN"}]}
    lasting = {**two, "status": "monitoring", "components": [{"name": "VPN"}]}  # a stray end
    page = {"page": {}, "incidents": [two, entry, "x", lasting]}
    file = m.write(tmp_path, "page.json", json.dumps(page))
    assert [q.key for q in s.recognised(file).questions] == ["services", "kinds"]
    taken = s.take(tmp_path, file, services=s.NAMES, kinds={"none": "degradation"})
    assert [row[:3:2] for row in taken.rows(OUTAGES)] == [
        ("email", s.minute("2025-10-01T11:00Z")), ("vpn", s.minute("2025-10-01T11:00Z")), ("vpn", None)
    ]  # fmt: skip
    assert taken.set_aside == {(3, "unknown_service"), (4, "not_a_record")}


def test_alerts_that_fire_have_no_end(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "alertmanager_webhook.json", services=s.NAMES, kinds={"critical": "outage"})
    assert [question.key for question in taken.recognition.questions] == ["services", "kinds"]
    assert taken.rows(OUTAGES) == [
        outage("matters_system", "2025-10-26T00:26Z", "2025-10-26T01:29Z"),
        outage("matters_system", "2025-11-05T08:41Z", None),  # until year 1
    ]
    assert taken.counts == (2, 2, 0, 0, 0)


def test_a_later_notification_completes_an_alert_and_a_lease_is_no_end(tmp_path: Path) -> None:
    alert = {
        "labels": {"alertname": "Down", "job": "mail"},
        "startsAt": "2025-10-01T10:00:00Z",
        "fingerprint": "a",
    }
    firing = {**alert, "status": "firing", "endsAt": "2025-10-01T10:04:00Z"}
    resolved = {**alert, "status": "resolved", "endsAt": "2025-10-01T12:00:00Z"}
    other = {**firing, "fingerprint": "b", "status": {"state": "active"}}
    lines = "\n".join(json.dumps({"alerts": alerts}) for alerts in ([firing], [resolved, other], [firing, 3]))
    taken = s.take(tmp_path, m.write(tmp_path, "alerts.json", lines), services={"mail": "email"})
    assert [row[:3] for row in taken.rows(OUTAGES)] == [
        outage("email", "2025-10-01T10:00Z", "2025-10-01T12:00Z")[:3],
        outage("email", "2025-10-01T10:00Z", None)[:3],
    ]
    assert taken.rows("SELECT DISTINCT is_planned FROM outages") == [(None,)]  # nobody says
    assert taken.set_aside == {(3, "not_a_record")}


SEVERITIES = {"5": "outage", "3": "degradation", "Disaster": "outage", "Average": "degradation"}
ZABBIX = [
    outage("matters_system", "2025-10-26T00:26Z", "2025-10-26T01:29Z"),
    outage("email", "2025-11-05T08:41Z", None, "degradation"),
]


def test_zabbix_recoveries_are_paired_with_their_problems(tmp_path: Path) -> None:
    taken = s.take(tmp_path, "zabbix_problems.ndjson", services=s.NAMES, kinds=SEVERITIES)
    assert [question.key for question in taken.recognition.questions] == ["services", "kinds"]
    assert taken.rows(OUTAGES) == ZABBIX
    assert taken.counts == (2, 2, 0, 0, 0)


def test_a_zabbix_recovery_without_its_problem_is_counted(tmp_path: Path) -> None:
    lines = (
        '{"clock": 1761442140, "value": 0, "eventid": 2, "p_eventid": 1}\n'
        '{"clock": 1761438360, "value": 1, "eventid": 3, "severity": 5, "hosts": [{"name": "Mail 01"}]}\n'
        '{"clock": 1761438360, "eventid": 4}\n{"clock": "x", "value": 1, "eventid": 5, "severity": 5,'
        ' "hosts": [{"host": "VPN"}]}\n'
    )
    taken = s.take(tmp_path, m.write(tmp_path, "z.ndjson", lines), services=s.NAMES, kinds=SEVERITIES)
    assert taken.counts == (4, 1, 0, 3, 0)
    assert taken.set_aside == {(2, "invalid_date"), (3, "not_a_record"), (4, "end_without_start")}


EXPORTED = datetime(2025, 11, 5, 10)  # noqa: DTZ001


def test_zabbix_times_without_a_date_are_of_the_day_of_the_export(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"services": s.NAMES, "kinds": SEVERITIES, "time_zone": "Europe/Oslo"}
    taken = s.take(tmp_path, "zabbix_problems.csv", **answers, exported_at=EXPORTED)
    assert {question.key for question in taken.recognition.questions} == {
        "time_zone", "services", "kinds", "exported_at"
    }  # fmt: skip
    # 02:26 and 02:29 come twice that night; 1h 3m says which
    assert taken.rows(OUTAGES) == ZABBIX
    assert taken.counts == (2, 2, 0, 0, 0)
    unknown = s.take(tmp_path, "zabbix_problems.csv", **answers)
    assert unknown.set_aside == {(2, "invalid_date")}


HEADER = ("Severity", "Time", "Recovery time", "Status", "Host", "Problem", "Duration")


def zabbix_list(folder: Path, *rows: tuple[str, str, str], **answers: Any) -> s.Taken:
    """Time, recovery time and duration of each problem."""
    lines = [("5", begin, end, "", "VPN", "", lasted) for begin, end, lasted in rows]
    file = m.write(folder, "zabbix.csv", m.table(HEADER, lines))
    rules = {"services": s.NAMES, "kinds": SEVERITIES, "time_zone": "Europe/Oslo", "exported_at": EXPORTED}
    return s.take(folder, file, **{**rules, **answers})


def test_what_the_duration_does_not_settle_is_set_aside_or_as_declared(tmp_path: Path) -> None:
    rows = [
        ("2025-10-26 02:10:00", "", ""),  # which of the two?
        ("2025-10-25 23:50:00", "01:10:00", "1h 20m"),  # past midnight
        ("2025-10-20 10:00:00", "11:00:00", "30m"),  # they contradict each other
        ("2025-10-20 10:00:00", "2025-10-22 12:30:00", "2d 2h"),
        ("2025-10-20 10:00:00", "2025-10-20 10:30:00", "soon"),
        ("2025-03-30 02:30:00", "", ""),  # does not exist
    ]
    taken = zabbix_list(tmp_path, *rows)
    assert taken.set_aside == {(1, "invalid_date"), (3, "invalid_date"), (6, "invalid_date")}
    assert [row[1:3] for row in taken.rows(OUTAGES)] == [
        (s.minute("2025-10-25T21:50Z"), s.minute("2025-10-25T23:10Z")),
        (s.minute("2025-10-20T08:00Z"), s.minute("2025-10-22T10:30Z")),
        (s.minute("2025-10-20T08:00Z"), s.minute("2025-10-20T08:30Z")),
    ]
    later = zabbix_list(tmp_path, rows[0], fold="later")
    assert later.rows("SELECT started_minute FROM outages") == [(s.minute("2025-10-26T01:10Z"),)]


# properties

MOMENTS = st.integers(0, 360 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
LASTING = st.none() | st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes))
DRAWN = st.lists(st.tuples(MOMENTS, LASTING, st.sampled_from(["E-post", "VPN", "Ukjent"])), max_size=15)
Outages = list[tuple[datetime, timedelta | None, str]]
SEARCH = settings(deadline=None, max_examples=12)


def assert_held(taken: s.Taken, drawn: Outages) -> None:
    """Hold the table against what was drawn; equal rows are one."""
    kept = [
        (s.NAMES[name], int(begun.timestamp() // 60), ended_minute(begun, lasted))
        for begun, lasted, name in drawn if name in s.NAMES
    ]  # fmt: skip
    found = taken.rows("SELECT service, started_minute, ended_minute FROM outages")
    assert Counter(found) == Counter(kept)
    read, used, _, aside, _ = taken.counts
    assert (read, used, aside) == (len(drawn), len(kept), len(drawn) - len(kept))


def ended_minute(begun: datetime, lasted: timedelta | None) -> int | None:
    end = None if lasted is None else begun + lasted
    return int(end.timestamp() // 60) if end and end < datetime(2025, 12, 31, 23, tzinfo=UTC) else None


@SEARCH
@given(drawn=DRAWN)
def test_every_outage_of_servicenow_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: Outages
) -> None:
    folder = tmp_path_factory.mktemp("outages")
    rows = [
        (str(n), name, "outage", f"{begun:%Y-%m-%d %H:%M:%S}",
         "" if lasted is None else f"{begun + lasted:%Y-%m-%d %H:%M:%S}")
        for n, (begun, lasted, name) in enumerate(drawn)
    ]  # fmt: skip
    file = m.write(folder, "outages.csv", m.table(("number", "cmdb_ci", "type", "begin", "end"), rows))
    form = "%Y-%m-%d %H:%M:%S"
    assert_held(s.take(folder, file, time_zone="UTC", date_format=form, services=s.NAMES), drawn)


@SEARCH
@given(drawn=DRAWN)
def test_every_incident_of_a_status_page_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: Outages
) -> None:
    folder = tmp_path_factory.mktemp("page")
    incidents = [
        {
            "id": str(n), "status": "investigating" if lasted is None else "postmortem", "impact": "major",
            "started_at": begun.astimezone(OSLO).isoformat("T", "milliseconds"),
            "resolved_at": None if lasted is None else (begun + lasted).astimezone(OSLO).isoformat(),
            "components": [{"name": name}], "incident_updates": [],
        }
        for n, (begun, lasted, name) in enumerate(drawn)
    ]  # fmt: skip
    first = {
        "incident_updates": [],
        "components": [],
        "impact": "major",
        "id": "0",
    }  # so that it is recognised
    file = m.write(folder, "page.json", json.dumps({"page": {}, "incidents": [*incidents, first]}))
    taken = s.take(folder, file, services=s.NAMES)
    assert (len(drawn) + 1, "missing_time") in taken.set_aside
    found = taken.rows("SELECT count(*), count(ended_minute) FROM outages")
    kept = [(begun, lasted) for begun, lasted, name in drawn if name in s.NAMES]
    assert found == [(len(kept), sum(ended_minute(*one) is not None for one in kept))]
    starts = sorted(int(begun.timestamp() // 60) for begun, _ in kept)
    assert [minute for (minute,) in taken.rows("SELECT started_minute FROM outages ORDER BY 1")] == starts


@SEARCH
@given(drawn=DRAWN)
def test_every_alert_is_somewhere(tmp_path_factory: pytest.TempPathFactory, drawn: Outages) -> None:
    folder = tmp_path_factory.mktemp("alerts")
    alerts = [
        {
            "labels": {"service": name}, "fingerprint": str(n),
            "status": "firing" if lasted is None else "resolved",
            "startsAt": f"{begun:%Y-%m-%dT%H:%M:%S}.123456789Z",
            "endsAt": "0001-01-01T00:00:00Z" if lasted is None else f"{begun + lasted:%Y-%m-%dT%H:%M:%SZ}",
        }
        for n, (begun, lasted, name) in enumerate([(datetime(2025, 1, 1, tzinfo=UTC), None, "VPN"), *drawn])
    ]  # fmt: skip
    file = m.write(folder, "alerts.json", json.dumps({"alerts": alerts}))
    whole: Outages = [(datetime(2025, 1, 1, tzinfo=UTC), None, "VPN"), *drawn]
    assert_held(s.take(folder, file, services=s.NAMES), whole)


@SEARCH
@given(drawn=DRAWN, seed=st.randoms())
def test_every_problem_of_zabbix_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: Outages, seed: Any
) -> None:
    folder = tmp_path_factory.mktemp("zabbix")
    drawn = [(datetime(2025, 1, 1, tzinfo=UTC), None, "VPN"), *drawn]
    records = []
    for n, (begun, lasted, name) in enumerate(drawn):
        clock = int(begun.timestamp())
        records.append({"clock": clock, "value": 1, "eventid": n, "severity": 5, "hosts": [{"name": name}]})
        if lasted is not None:
            end = clock + int(lasted.total_seconds())
            records.append({"clock": end, "value": 0, "eventid": f"r{n}", "p_eventid": n})
    seed.shuffle(records)
    file = m.write(folder, "zabbix.json", json.dumps(records))
    assert_held(s.take(folder, file, services=s.NAMES, kinds=SEVERITIES), drawn)


@SEARCH
@given(drawn=DRAWN)
def test_every_problem_of_a_zabbix_list_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, drawn: Outages
) -> None:
    # a duration of the list is told to the minute here, so that it settles the autumn hour too
    rows = [
        (
            f"{begun.astimezone(OSLO):%Y-%m-%d %H:%M:%S}",
            "" if lasted is None else f"{(begun + lasted).astimezone(OSLO):%Y-%m-%d %H:%M:%S}",
            "" if lasted is None else f"{lasted.total_seconds() // 60:.0f}m",
        )
        for begun, lasted, _ in drawn
    ]
    taken = zabbix_list(tmp_path_factory.mktemp("list"), *rows)
    found = Counter(taken.rows("SELECT started_minute, ended_minute FROM outages"))
    known = Counter((int(begun.timestamp() // 60), ended_minute(begun, lasted)) for begun, lasted, _ in drawn)
    assert not found - known  # what is told is true; the rest is set aside or merged
    assert taken.counts[0] == len(drawn)
    assert {code for _, code in taken.set_aside} <= {"invalid_date", "duplicate_row"}


def test_a_moment_that_is_none_stays_as_it_is() -> None:
    for written in (
        "",
        "2025-02-30T10:00:00Z",
        "2025-10-26T02:35:00+25:00",
        "2025-10-26",
        "0000-01-01T00:00:00Z",
    ):
        assert utc_text(written) == written


@pytest.mark.parametrize("reader", [servicenow_outages, statuspage, alertmanager, zabbix])
def test_a_file_without_the_columns_is_not_recognised(reader: Any) -> None:
    assert reader.recognise(Sample("x.csv", "delimited", ("begin", "type"), (("1", "2"),))) is None
    for document in ([], [1], {}, {"page": {}}, {"alerts": [1]}, [{"clock": 1}], None):
        assert reader.recognise(Sample("x.json", "json", document=document)) is None

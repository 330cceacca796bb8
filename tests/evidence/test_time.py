"""Written times: zones, the hours of spring and autumn, formats."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import evidence_making as m
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.calendar import (
    COUNTED_FORMATS,
    offset_changes,
    read_moment,
    utc_minute,
    wall_minute,
    wall_segments,
)
from makeorbuy.evidence.recognition import dates
from makeorbuy.foundation.errors import EvidenceError


def opened(folder: Path, text: str, zone: str = "Europe/Oslo", **rules: Any) -> tuple[int, int]:
    row = m.ticket("A1", opened_at=text, resolved_at="?", closed_at="?", state="New")
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, [row]))
    evidence = m.taken(folder, m.tickets(**rules), zone=zone)
    ((utc, local),) = m.ask(evidence, "SELECT opened_minute, opened_local_minute FROM tickets")
    return utc, local


def at(*parts: int) -> int:
    return wall_minute(datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001


def test_winter_and_summer_time(tmp_path: Path) -> None:
    assert opened(tmp_path, "15.01.2024 12:00") == (at(2024, 1, 15, 11), at(2024, 1, 15, 12))
    assert opened(tmp_path, "15.07.2024 12:00") == (at(2024, 7, 15, 10), at(2024, 7, 15, 12))


@pytest.mark.parametrize(("fold", "hour"), [("earlier", 0), ("later", 1)])
def test_the_autumn_hour_is_read_as_declared_and_counted(tmp_path: Path, fold: str, hour: int) -> None:
    text = "27.10.2024 02:30"
    assert opened(tmp_path, text, fold=fold) == (at(2024, 10, 27, hour, 30), at(2024, 10, 27, 2, 30))
    evidence = m.taken(tmp_path, m.tickets(fold=fold))
    assert "autumn_hour_as_declared[tickets]=1" in evidence.notes


@pytest.mark.parametrize("fold", ["earlier", "later"])
def test_nothing_is_resolved_before_it_is_opened_in_the_autumn_hour(tmp_path: Path, fold: str) -> None:
    row = m.ticket("A1", opened_at="27.10.2024 02:40", resolved_at="27.10.2024 02:10", closed_at="?")
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [row]))
    evidence = m.taken(tmp_path, m.tickets(fold=fold))
    assert m.ask(evidence, "SELECT end_minute - opened_minute FROM tickets") == [(30,)]


def test_an_export_in_utc_for_an_agency_in_oslo(tmp_path: Path) -> None:
    found = opened(tmp_path, "27.10.2024 01:30", time_zone="UTC")
    assert found == (at(2024, 10, 27, 1, 30), at(2024, 10, 27, 2, 30))
    assert opened(tmp_path, "31.03.2024 02:30", time_zone="UTC")[1] == at(2024, 3, 31, 4, 30)


def test_an_offset_behind_each_time_leaves_nothing_to_interpret(tmp_path: Path) -> None:
    form = "%Y-%m-%dT%H:%M:%S%z"
    assert opened(tmp_path, "2024-07-15T12:00:59+0000", date_format=form, time_zone="") == (
        at(2024, 7, 15, 12),
        at(2024, 7, 15, 14),
    )


@pytest.mark.parametrize("text", ["29/2/2016 1:16", "29/02/2016 01:16", "  29/2/2016 01:16 "])
def test_day_first_with_or_without_zeros(tmp_path: Path, text: str) -> None:
    row = m.ticket("A1", opened_at=text, resolved_at="?", closed_at="?", state="New")
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [row]))
    evidence = m.taken(tmp_path, m.tickets(date_format="%d/%m/%Y %H:%M"))
    assert m.ask(evidence, "SELECT opened_local_minute FROM tickets") == [(at(2016, 2, 29, 1, 16),)]


ZONES = (
    "Europe/Oslo",
    "UTC",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
)


@settings(deadline=None, max_examples=300)
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
)
def test_segments_of_the_wall_clock_agree_with_zoneinfo(moment: datetime, zone: str) -> None:
    minute = wall_minute(moment)
    _, kind, earlier, later = next(s for s in reversed(SEGMENTS[zone]) if s[0] <= minute)
    first = moment.replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone))
    both = [first.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    exists = both[0].astimezone(ZoneInfo(zone)).replace(tzinfo=None) == first.replace(tzinfo=None)
    expected = "gap" if not exists else "plain" if both[0] == both[1] else "fold"
    assert kind == expected
    if kind != "gap":
        assert [minute - earlier, minute - later] == [wall_minute(instant) for instant in both]


SEGMENTS = {zone: wall_segments(zone) for zone in ZONES}


def test_offsets_change_twice_a_year() -> None:
    years = {datetime.fromtimestamp(minute * 60, UTC).year for minute, _ in offset_changes("Europe/Oslo")[1:]}
    assert years == set(range(1990, 2101))
    assert offset_changes("UTC")[1:] == ()


def test_a_time_in_the_gap_is_read_with_the_offset_before_it() -> None:
    assert utc_minute(datetime(2024, 3, 31, 2, 30), "Europe/Oslo") == at(2024, 3, 31, 1, 30)  # noqa: DTZ001


NUMBERS = [
    # by hand: 1 March 2024 is day 45,352 from 1899-12-30; 10:00 is 10/24 of a day
    ("excel_serial", "45352.4166666667", at(2024, 3, 1, 9), at(2024, 3, 1, 10)),
    ("excel_serial", "45352", at(2024, 2, 29, 23), at(2024, 3, 1)),
    # 1,462 days less
    ("excel_serial_1904", "43890.4166666667", at(2024, 3, 1, 9), at(2024, 3, 1, 10)),
    ("epoch_seconds", "1709283600", at(2024, 3, 1, 9), at(2024, 3, 1, 10)),
    ("epoch_seconds", "1709283659.999", at(2024, 3, 1, 9), at(2024, 3, 1, 10)),
    ("epoch_milliseconds", "1709283659999", at(2024, 3, 1, 9), at(2024, 3, 1, 10)),
    ("epoch_milliseconds", "1721037600000", at(2024, 7, 15, 10), at(2024, 7, 15, 12)),
]


@pytest.mark.parametrize(("form", "text", "utc", "local"), NUMBERS)
def test_a_time_may_be_a_number_where_that_is_declared(
    tmp_path: Path, form: str, text: str, utc: int, local: int
) -> None:
    zone = "" if form.startswith("epoch") else "Europe/Oslo"
    assert opened(tmp_path, text, date_format=form, time_zone=zone) == (utc, local)
    moment = read_moment(text, form)
    assert moment is not None and wall_minute(moment) == (utc if form.startswith("epoch") else local)


@settings(deadline=None, max_examples=4)
@given(moments=st.lists(st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)), min_size=1, max_size=40))  # noqa: DTZ001
def test_a_number_is_the_inverse_of_counting(moments: list[datetime]) -> None:
    """Also for moments of which nobody thought: seconds, milliseconds and Excel's fractions of a day."""
    with tempfile.TemporaryDirectory() as name:
        for form in COUNTED_FORMATS:
            start, unit = COUNTED_FORMATS[form].start, COUNTED_FORMATS[form].seconds
            whole = [moment.replace(second=0, microsecond=0) for moment in moments]
            texts = [f"{(moment - start).total_seconds() / unit:.10f}" for moment in whole]
            rows = [m.ticket(f"A{n}", opened_at=text, resolved_at="?", closed_at="?", state="New")
                    for n, text in enumerate(texts)]  # fmt: skip
            m.write(Path(name), "tickets.csv", m.table(m.TICKET_HEADER, rows))
            period = {"start": datetime(1990, 1, 1), "end": datetime(2101, 1, 1)}  # noqa: DTZ001
            evidence = m.taken(
                Path(name), m.tickets(date_format=form, time_zone="UTC"), zone="UTC", **period
            )  # fmt: skip
            found = m.ask(evidence, "SELECT opened_minute FROM tickets ORDER BY record")
            assert [minute for (minute,) in found] == [wall_minute(moment) for moment in whole]


@pytest.mark.parametrize(
    ("form", "text", "code"),
    [
        ("excel_serial", "60", "out_of_range"),
        ("excel_serial", "0.0833333", "out_of_range"),  # two hours, as a date
        ("excel_serial", "01.03.2024 10:00", "invalid_date"),
        ("excel_serial", "45,352", "invalid_date"),
        ("epoch_seconds", "7200", "out_of_range"),  # two hours, as a date
        ("epoch_seconds", "1709283600000", "invalid_date"),  # milliseconds
        ("epoch_seconds", "1e9", "invalid_date"),
        ("epoch_milliseconds", "1709283600", "out_of_range"),  # seconds
        ("epoch_milliseconds", "999999999999999", "invalid_date"),
        ("%d.%m.%Y %H:%M", "01.01.1970 02:00", "out_of_range"),
        ("%d.%m.%Y %H:%M", "45352.41", "invalid_date"),
        ("%d.%m.%Y %H:%M", "03/01/2024 10:00", "invalid_date"),
        ("%d.%m.%Y", "01.03.24", "out_of_range"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T10:00:00", "invalid_date"),  # no offset
        ("%H:%M", "02:00", "out_of_range"),
    ],
)
def test_what_was_not_declared_is_set_aside_and_never_guessed(
    tmp_path: Path, form: str, text: str, code: str
) -> None:
    good = {"%d.%m.%Y": "01.03.2024", "%d.%m.%Y %H:%M": "01.03.2024 10:00", "excel_serial": "45352",
            "epoch_seconds": "1709283600", "epoch_milliseconds": "1709283600000",
            "%Y-%m-%dT%H:%M:%S%z": "2024-03-01T10:00:00+01:00"}  # fmt: skip
    rows = [m.ticket("A1", opened_at=good.get(form, text)), m.ticket("A2", opened_at=text)]
    rows = [[*row[:3], "?", "?", "New", *row[6:]] for row in rows]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    evidence = m.taken(tmp_path, m.tickets(date_format=form))
    assert (2, code, "opened_at") in m.reasons(evidence)
    assert evidence.counts[0].rows_used == (form in good)


MONTHS = ("jan", "feb", "mars", "april", "mai", "juni", "juli", "aug.", "sept.", "okt.", "nov.", "des.")


@pytest.mark.parametrize("month", range(1, 13))
def test_months_in_norwegian(tmp_path: Path, month: int) -> None:
    whole = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
             "november", "desember")[month - 1]  # fmt: skip
    expected = at(2024, month, 10, 14, 15)
    for form, text in (
        ("%d/%b/%y %I:%M %p", f"10/{MONTHS[month - 1]}/24 2:15 PM"),
        ("%d. %B %Y %H:%M", f"10. {whole} 2024 14:15"),
        ("%d. %B %Y %H:%M", f"10. {whole.capitalize()} 2024 14:15"),
    ):
        assert opened(tmp_path, text, date_format=form)[1] == expected
        moment = read_moment(text, form)
        assert moment is not None and wall_minute(moment) == expected


@pytest.mark.parametrize("offset", ["+0200", "+02:00", "+02"])
def test_offsets_as_they_are_written(tmp_path: Path, offset: str) -> None:
    form = "%Y-%m-%dT%H:%M:%S%z"
    assert opened(tmp_path, f"2024-07-15T12:00:00{offset}", date_format=form)[0] == at(2024, 7, 15, 10)


def test_a_z_is_an_offset_of_nothing(tmp_path: Path) -> None:
    form = "%Y-%m-%dT%H:%M:%S%z"
    assert opened(tmp_path, "2024-07-15T12:00:00Z", date_format=form)[0] == at(2024, 7, 15, 12)


def test_a_sample_settles_numbers_only_where_one_reading_fits() -> None:
    assert dates(["1709283600", "1721037600"]).settled == "epoch_seconds"
    assert dates(["1709283600000", ""]).settled == "epoch_milliseconds"
    assert dates(["45352.4166666667", "45353"]).settled == "excel_serial"
    assert dates(["7200", "3600"]).settled == ""
    assert dates(["10/okt./25 2:15 PM"]).settled == "%d/%b/%y %I:%M %p"


TWO_FORMS: dict[str, Any] = {"further_date_formats": ("%d.%m.%Y",)}


def test_a_column_that_has_days_only_is_read_beside_one_with_hours(tmp_path: Path) -> None:
    rows = [
        m.ticket("A1", closed_at="06.03.2024"),
        m.ticket("A2", closed_at="01.03.2024"),
        m.ticket("A3", resolved_at="?", closed_at="01.03.2024", state="Canceled"),
        m.ticket("A4", resolved_at="?", closed_at="29.02.2024", state="Canceled"),
        m.ticket("A5", closed_at="2024-03-01"),
    ]
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    evidence = m.taken(tmp_path, m.tickets(**TWO_FORMS))
    found = m.ask(evidence, "SELECT number, closed_minute - opened_minute FROM tickets ORDER BY number")
    # a close on the day of the opening or of the end is not put before them; one of another day is
    assert found == [("A1", 4 * 1440 + 840), ("A2", 120), ("A3", 0)]
    assert m.reasons(evidence) == [
        (4, "closed_before_opened", "closed_at"),
        (5, "invalid_date", "closed_at"),
    ]


@pytest.mark.parametrize(
    "forms", [("%m.%d.%Y %H:%M",), ("%d.%m.%y %I:%M",), ("%d.%m.%Y", "%m.%d.%Y"), ("%d.%m.%Y %H:%M%z",)]
)
def test_no_row_is_day_first_and_the_next_month_first(tmp_path: Path, forms: tuple[str, ...]) -> None:
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1")]))
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, m.tickets(further_date_formats=forms))
    assert [problem.code for problem in caught.value.problems] == ["date_formats_alike"]


@pytest.mark.parametrize(("exchanged", "is_refused"), [(0, False), (2, False), (60, True)])
def test_day_and_month_exchanged_in_many_rows_is_refused(
    tmp_path: Path, exchanged: int, is_refused: bool
) -> None:
    rows = []
    for place in range(400):
        day, form = datetime(2024, 3, 1) + timedelta(hours=place), "%d.%m.%Y %H:%M"  # noqa: DTZ001
        form = "%m.%d.%Y %H:%M" if place >= 400 - exchanged else form
        if place >= 400 - exchanged:
            day = day.replace(day=13 + place % 10)  # which no day-first format can read
        rows.append(
            m.ticket(
                f"A{place}", opened_at=day.strftime(form), closed_at="",
                resolved_at=(day + timedelta(minutes=5)).strftime(form),
            )
        )  # fmt: skip
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    if not is_refused:
        assert len(m.reasons(m.taken(tmp_path, m.tickets()))) == 2 * exchanged
        return
    with pytest.raises(EvidenceError) as caught:
        m.taken(tmp_path, m.tickets())
    (problem,) = caught.value.problems
    assert problem.code == "dates_mixed" and problem.file.endswith("tickets.csv")

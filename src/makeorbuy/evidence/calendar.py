"""Wall clocks and working hours as tables: time-zone segments and the working calendar.

Time is counted in whole minutes since 1970-01-01 00:00, in UTC or on a wall clock. A wall clock is
put forward in spring (an hour that does not exist, the *gap*) and back in autumn (an hour that
comes twice, the *fold*); what a written time in these hours means is declared for the whole
source, never guessed row by row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import version
from zoneinfo import ZoneInfo

from makeorbuy.case.model import WorkingCalendar
from makeorbuy.foundation.units import HOURS_PER_DAY, MINUTES_PER_HOUR

MINUTES_PER_DAY = HOURS_PER_DAY * MINUTES_PER_HOUR
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years that a date in an export can plausibly have; rows outside are set aside."""

LAST_SECOND = 2**33
"""No moment is this many seconds from where a count begins: some 270 years. [s]"""


@dataclass(frozen=True, slots=True)
class Count:
    """A time written as a number: of what, since when, and whether on a wall clock or in UTC."""

    start: datetime
    seconds: float
    is_utc: bool


COUNTED_FORMATS: dict[str, Count] = {
    "excel_serial": Count(datetime(1899, 12, 30), 86_400.0, False),  # noqa: DTZ001
    "excel_serial_1904": Count(datetime(1904, 1, 1), 86_400.0, False),  # noqa: DTZ001
    "epoch_seconds": Count(datetime(1970, 1, 1), 1.0, True),  # noqa: DTZ001
    "epoch_milliseconds": Count(datetime(1970, 1, 1), 0.001, True),  # noqa: DTZ001
}
"""What `date_format` may name besides a pattern.

Excel counts days on the wall clock from 1899-12-30, so that its 29 February 1900, which never was, comes
out right from March 1900 on; or from 1904-01-01, as old Macintosh workbooks do. Epochs are UTC.
"""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall clock has no zone
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)  # shorter than any pause of summer time on record


def is_utc(form: str) -> bool:
    """Whether a `date_format` leaves no zone to declare."""
    return "%z" in form or (form in COUNTED_FORMATS and COUNTED_FORMATS[form].is_utc)


def read_moment(written: str, form: str, decimal: str = ".") -> datetime | None:
    """Return a written time as the intake reads it, for a sample; None where it cannot be read.

    Examples
    --------
    >>> read_moment("10/okt./25 2:15 PM", "%d/%b/%y %I:%M %p")
    datetime.datetime(2025, 10, 10, 14, 15)
    >>> read_moment("45352,4166666667", "excel_serial", ",")
    datetime.datetime(2024, 3, 1, 10, 0)
    """
    count = COUNTED_FORMATS.get(form)
    if count is not None:
        if not re.fullmatch(rf"-?[0-9]{{1,15}}(\{decimal}[0-9]{{1,15}})?", written):
            return None
        seconds = float(written.replace(",", ".")) * count.seconds
        if abs(seconds) >= LAST_SECOND:
            return None
        return count.start + timedelta(seconds=seconds // 1 if count.is_utc else round(seconds))
    if "%b" in form or "%B" in form:
        form = form.replace("%B", "%b")
        for norwegian, english in (("mai", "May"), ("okt", "Oct"), ("des", "Dec")):
            written = re.sub(f"(?i){norwegian}", english, written)
        written = re.sub("(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.]?", r"\1", written)
    try:
        return datetime.strptime(written, form)  # noqa: DTZ007  # as written
    except ValueError:
        return None


def wall_minute(moment: datetime) -> int:
    """Return the minutes of a wall-clock time since 1970-01-01 00:00. [min]

    Examples
    --------
    >>> wall_minute(datetime(1970, 1, 2, 0, 1))
    1441
    """
    return (moment.replace(tzinfo=None) - _EPOCH) // timedelta(minutes=1)


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH.date()).days


def utc_minute(moment: datetime, zone: str, *, later: bool = False) -> int:
    """Return the minutes of a wall-clock time of a zone since 1970-01-01 00:00 UTC. [min]

    A time in the gap is read with the offset from before it.

    Examples
    --------
    >>> utc_minute(datetime(1970, 1, 1, 1, 0), "Europe/Oslo")
    0
    """
    offset = moment.replace(tzinfo=ZoneInfo(zone), fold=int(later)).utcoffset() or timedelta()
    return wall_minute(moment) - offset // timedelta(minutes=1)


@cache
def offset_changes(zone: str) -> tuple[tuple[int, int], ...]:
    """Return when a zone changes its offset: UTC minute, and the offset from then on. [min]

    The first entry holds from before `FIRST_YEAR`.

    Examples
    --------
    >>> first, spring = offset_changes("Europe/Oslo")[:2]
    >>> first[1], spring[1], datetime(1970, 1, 1) + timedelta(minutes=spring[0])
    (60, 120, datetime.datetime(1990, 3, 25, 1, 0))
    """
    info = ZoneInfo(zone)

    def offset_at(minute: int) -> int:
        moment = (_EPOCH_UTC + timedelta(minutes=minute)).astimezone(info)
        return (moment.utcoffset() or timedelta()) // timedelta(minutes=1)

    minute = wall_minute(datetime(FIRST_YEAR - 1, 12, 30))  # noqa: DTZ001
    end = wall_minute(datetime(LAST_YEAR + 1, 1, 3))  # noqa: DTZ001
    step = _STEP // timedelta(minutes=1)
    offset = offset_at(minute)
    changes = [(minute, offset)]
    while minute < end:
        following = minute + step
        if offset_at(following) != offset:
            low, high = minute, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle) == offset else (low, middle)
            offset = offset_at(high)
            changes.append((high, offset))
            following = high
        minute = following
    return tuple(changes)


def wall_segments(zone: str) -> list[tuple[int, str, int, int]]:
    """Cut a zone's wall clock into stretches: from which wall minute, which kind, both offsets.

    Returns
    -------
    list of (from_minute, kind, earlier_offset, later_offset)
        ``kind`` is ``plain``, ``gap`` (does not exist) or ``fold`` (comes twice). A wall time
        less its earlier offset is the earlier instant. [min]

    Examples
    --------
    >>> [segment[1:] for segment in wall_segments("Europe/Oslo")[:5]]
    [('plain', 60, 60), ('gap', 60, 60), ('plain', 120, 120), ('fold', 120, 60), ('plain', 60, 60)]
    """
    changes = offset_changes(zone)
    begin, offset = changes[0]
    segments = [(begin + offset, "plain", offset, offset)]
    for minute, following in changes[1:]:
        before, after = minute + offset, minute + following
        if after > before:
            segments.append((before, "gap", offset, offset))
        else:
            segments.append((after, "fold", offset, following))
        segments.append((max(before, after), "plain", following, following))
        offset = following
    return segments


def working_days(calendar: WorkingCalendar, first: int, last: int) -> list[tuple[int, int, int, int]]:
    """Return the working calendar, one row a day.

    Parameters
    ----------
    first, last : int
        Both included. [days since 1970-01-01]

    Returns
    -------
    list of (day_number, open_minute, close_minute, worked_before)
        Local minutes; on a day off both are the start of the day. ``worked_before`` counts the
        working minutes from the first day to the start of this one. [min]
    """
    free = {holiday.day for holiday in calendar.days_off}
    if calendar.country:
        import holidays  # 0.2 s, and only a calendar that names a country needs it

        free |= set(
            holidays.country_holidays(calendar.country, years=range(_day(first).year, _day(last).year + 1))
        )
    rows = []
    worked = 0
    for number in range(first, last + 1):
        day = _day(number)
        hours = None if day in free else calendar.hours[day.weekday()]
        opens, closes = hours or (0, 0)
        start = number * MINUTES_PER_DAY
        rows.append((number, start + opens, start + closes, worked))
        worked += closes - opens
    return rows


def _day(number: int) -> date:
    return _EPOCH.date() + timedelta(days=number)


def holidays_version(calendar: WorkingCalendar) -> str:
    """Return which edition of the public holidays a calendar rests on; it belongs to the digest."""
    return version("holidays") if calendar.country else "none"

"""The world's clock: whole minutes of standard time, and how they look on a wall in Oslo.

The clock never jumps. Only when a moment is written down does summer time count, as in a real export:
02:00 to 03:00 on 31 March 2024 does not exist, the same hour on 27 October 2024 exists twice.
"""

from __future__ import annotations

import datetime
from typing import Final

import holidays
import numpy as np
from numpy.typing import NDArray

DAY_MINUTES: Final = 1_440
FIRST_DAY: Final = datetime.date(2023, 1, 1)
"""Day 0. The year before the records is needed for what is still open when they begin."""

DAYS_COUNT: Final = 731
YEAR_START: Final = 365 * DAY_MINUTES
"""1 January 2024 00:00."""

END: Final = DAYS_COUNT * DAY_MINUTES
"""1 January 2025 00:00, when the records are exported."""

START: Final = 337 * DAY_MINUTES
"""4 December 2023: work is simulated from here, four weeks before the records begin."""

_SUMMER: Final = (
    # from and to in standard time: the last Sundays of March and October, 02:00 and 02:00
    ((84 * DAY_MINUTES) + 120, (301 * DAY_MINUTES) + 120),
    ((455 * DAY_MINUTES) + 120, (665 * DAY_MINUTES) + 120),
)

IntArray = NDArray[np.int64]


def day_number(date: datetime.date) -> int:
    """Number of a date, counted from 1 January 2023."""
    return (date - FIRST_DAY).days


def date_of(day: int) -> datetime.date:
    """Date of a day number.

    Examples
    --------
    >>> date_of(365).isoformat()
    '2024-01-01'
    """
    return FIRST_DAY + datetime.timedelta(days=day)


def wall_minutes(minutes: IntArray) -> IntArray:
    """Turn the world's minutes into wall-clock minutes in Oslo.

    Parameters
    ----------
    minutes : ndarray of int64
        Minutes of standard time since 1 January 2023. [min]

    Returns
    -------
    ndarray of int64
        An hour later during summer time. [min]

    Examples
    --------
    >>> import numpy as np
    >>> (wall_minutes(np.array([YEAR_START, YEAR_START + 182 * 1440])) - YEAR_START).tolist()
    [0, 262140]
    """
    summer = np.zeros(minutes.shape, dtype=bool)
    for begin, end in _SUMMER:
        summer |= (minutes >= begin) & (minutes < end)
    return np.asarray(minutes + 60 * summer, dtype=np.int64)


def summer_shift(days: IntArray) -> IntArray:
    """Minutes to take from a wall-clock time in office hours to get the world's minute. [min]"""
    midday = days * DAY_MINUTES + 720
    return wall_minutes(midday) - midday


def stamps(minutes: IntArray) -> list[str]:
    """Write moments as the export does, day first; empty where the minute is negative.

    Examples
    --------
    >>> import numpy as np
    >>> stamps(np.array([YEAR_START + 495, -1]))
    ['01.01.2024 08:15', '']
    """
    wall = wall_minutes(minutes)
    day, minute = np.divmod(wall, DAY_MINUTES)
    return [
        "" if original < 0 else _DAY_TEXT[d] + _MINUTE_TEXT[m]
        for original, d, m in zip(minutes.tolist(), day.tolist(), minute.tolist(), strict=True)
    ]


_DAY_TEXT: Final = [date_of(day).strftime("%d.%m.%Y ") for day in range(DAYS_COUNT + 400)]
_MINUTE_TEXT: Final = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)]

_PUBLIC: Final = holidays.country_holidays("NO", years=range(2023, 2026))


def _is_public_holiday(day: int) -> bool:
    # holidays lists every Sunday as one unless told otherwise; a Sunday is a weekend already
    date = date_of(day)
    return date.weekday() < 5 and date in _PUBLIC


def _is_free(day: int) -> bool:
    return date_of(day).weekday() >= 5 or _is_public_holiday(day)


WEEKDAY: Final = np.array([date_of(day).weekday() for day in range(DAYS_COUNT)])
PUBLIC_HOLIDAY: Final = np.array([_is_public_holiday(day) for day in range(DAYS_COUNT)])
BRIDGE_DAY: Final = np.array(
    [not _is_free(day) and _is_free(day - 1) and _is_free(day + 1) for day in range(DAYS_COUNT)]
)
"""A working day between two free days."""

OFFICE_DAY: Final = (WEEKDAY < 5) & ~PUBLIC_HOLIDAY

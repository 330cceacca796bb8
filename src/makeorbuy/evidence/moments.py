"""Moments that no `date_format` can read, such as a fraction of nine digits, rewritten for the intake."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

UTC_FORMAT = "%Y-%m-%d %H:%M:%S%z"
"""The `date_format` of what `utc_text` returns."""

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d))", re.ASCII
)


def utc_text(written: str) -> str:
    """Return an ISO 8601 time with its offset as UTC; anything else as it is, for the intake to set aside.

    Examples
    --------
    >>> utc_text("2025-10-26T02:40:00.000+02:00")
    '2025-10-26 00:40:00+00:00'
    >>> utc_text("2025-10-26T00:26:10.123456789Z")
    '2025-10-26 00:26:10+00:00'
    >>> utc_text("26.10.2025 02:40")
    '26.10.2025 02:40'
    """
    match = _ISO.fullmatch(written.strip())
    if match is None:
        return written
    day, time, seconds, _, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}:{seconds or '00'}")
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment = moment.replace(tzinfo=timezone(offset if sign == "+" else -offset))
        else:
            moment = moment.replace(tzinfo=UTC)
        return as_utc_text(moment)
    except (ValueError, OverflowError):  # a day or an offset that does not exist
        return written


def as_utc_text(moment: datetime) -> str:
    """Return a moment that knows its offset as `UTC_FORMAT` reads it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")

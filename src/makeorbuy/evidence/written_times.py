"""Rewrite moments that no declared format can read: ISO 8601 of mixed precision and offset, epochs.

A reader that makes rows itself hands moments over in one form, so that one `date_format` reads the
whole column. Nothing is added: a moment without an offset stays without one, and its zone is asked for;
an offset is carried over and never relabelled. What cannot be read stays as written, so that the
intake sets it aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

WITH_OFFSET = "%Y-%m-%d %H:%M:%S.%f%z"
"""`date_format` of rewritten moments that carry their offset."""

WITHOUT_OFFSET = "%Y-%m-%d %H:%M:%S.%f"
"""`date_format` of rewritten moments that do not; the source's zone is then asked for."""

_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d")
_HAS_OFFSET = re.compile(r".{16,}(Z|[+-]\d\d(:?\d\d)?)", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_PER_SECOND = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6}


def from_iso(written: str) -> str:
    """Return an ISO 8601 date with a time of day as `WITH_OFFSET` or `WITHOUT_OFFSET` reads it.

    Fractions of a second are kept (six digits): cutting them makes two events of one second look like
    one written twice. A date without a time of day stays as written: midnight would be made up.

    Examples
    --------
    >>> from_iso("2025-10-29T09:00:00.000+01:00"), from_iso("2025-10-20T06:15Z")
    ('2025-10-29 09:00:00.000000+01:00', '2025-10-20 06:15:00.000000+00:00')
    >>> from_iso("2025-10-20 06:15:00"), from_iso("2025-10-20"), from_iso("soon")
    ('2025-10-20 06:15:00.000000', '2025-10-20', 'soon')
    """
    text = written.strip()
    if _CLOCK.match(text) is None:
        return written
    try:
        return datetime.fromisoformat(text).isoformat(" ", "microseconds")
    except ValueError:
        return written


def from_epoch(written: str) -> str:
    """Return an epoch in seconds, milliseconds or microseconds as `WITH_OFFSET` reads it, in UTC.

    The unit is not guessed: between 1990 and 2100 seconds have 9 or 10 digits, milliseconds 12 or 13,
    microseconds 15 or 16. Any other text stays as written.

    Examples
    --------
    >>> from_epoch("1760940900000")
    '2025-10-20 06:15:00.000000+00:00'
    >>> from_epoch("1760940900") == from_epoch("1760940900000"), from_epoch("42")
    (True, '42')
    """
    digits = written.strip()
    per_second = _UNITS_PER_SECOND.get(len(digits)) if digits.isascii() and digits.isdigit() else None
    if per_second is None:
        return written
    moment = _EPOCH + timedelta(microseconds=int(digits) * (10**6 // per_second))
    return moment.isoformat(" ", "microseconds")


def rewritten(written: str) -> str:
    """Return an epoch or ISO 8601 moment in the one form."""
    return from_epoch(written) if written.strip().isdigit() else from_iso(written)


def form_of(moments: Iterable[str]) -> str:
    """Return the format of rewritten moments, or nothing where none of them could be rewritten.

    One offset decides: beside it, a moment without one cannot be placed and is set aside.

    Examples
    --------
    >>> form_of(["2025-10-20T06:15:00Z", ""]) == WITH_OFFSET, form_of(["1760940900"]) == WITH_OFFSET
    (True, True)
    >>> form_of(["2025-10-20 06:15:00"]) == WITHOUT_OFFSET, form_of(["20.10.2025 06:15"])
    (True, '')
    """
    changed = [new for old in moments if (new := rewritten(old)) != old or _CLOCK.match(old)]
    if not changed:
        return ""
    return WITH_OFFSET if any(_HAS_OFFSET.fullmatch(new) for new in changed) else WITHOUT_OFFSET

"""Moments are rewritten and never moved; what cannot be read stays as it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makeorbuy.evidence.written_times import (
    WITH_OFFSET,
    WITHOUT_OFFSET,
    form_of,
    from_epoch,
    from_iso,
)

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001


@given(MOMENTS, st.none() | ZONES, st.sampled_from(["minutes", "seconds", "milliseconds", "microseconds"]))
def test_a_moment_is_the_same_after_it(moment: datetime, zone: timezone | None, precision: str) -> None:
    written = moment.replace(tzinfo=zone).isoformat("T", precision)
    form = form_of([written])
    assert form == (WITHOUT_OFFSET if zone is None else WITH_OFFSET)
    read = datetime.strptime(from_iso(written), form)  # noqa: DTZ007
    assert read == datetime.fromisoformat(written)
    assert from_iso(from_iso(written)) == from_iso(written)


@given(MOMENTS)
def test_epochs_of_every_unit_are_the_same_moment(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC, microsecond=0)
    seconds = round(moment.timestamp())
    for factor in (1, 10**3, 10**6):
        assert datetime.fromisoformat(from_epoch(str(seconds * factor))) == moment


@given(st.text(max_size=30))
def test_any_other_text_stays_as_it_is_or_becomes_a_moment(text: str) -> None:
    for rewritten in (from_iso(text), from_epoch(text)):
        if rewritten != text:
            datetime.fromisoformat(rewritten)


@pytest.mark.parametrize(
    "text", ["2025-10-20", "20251020", "2025-W43-1", "2025-02-30T10:00", "12", "٢٠٢٥١٠٢٠٠٠"]
)
def test_what_would_be_made_up_is_left_alone(text: str) -> None:
    assert from_iso(text) == text
    assert from_epoch(text) == text

"""What a field of a case file can be: text, number, date, hours, a text in two languages, a quantity.

Every scalar arrives as text (`makeorbuy.case.written`) and gets its meaning here, with a grammar of
its own: Python's ``float`` and ``int`` accept ``1_000``, Arabic digits and ``nan``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

_NUMBER = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
LARGEST = 1e15
"""No amount, count or time in a case is larger; 10^15 kroner is some two hundred times Norway's output."""


def fault(code: str, expected: str, mend: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{expected}", {"expected": expected, "mend": mend})


def words(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            raise fault("empty_text", "some text", "Write it, or delete the key.")
        if any(ord(c) < 32 and c not in "\n\t" for c in value):
            raise fault(
                "control_character", "text without control characters", "Delete the control characters."
            )
        return str(value)
    raise fault("not_text", "text", "Write a text; put it in quotes if it contains `: ` or `#`.")


def _slug(value: Any) -> Any:
    if isinstance(value, str) and _SLUG.fullmatch(value):
        return str(value)
    strange = next((c for c in str(value) if not c.isascii() and c.isalpha()), "")
    # some letters of other alphabets look the same
    also = f"; {unicodedata.name(strange, 'another letter').lower()} is none of them" if strange else ""
    raise fault(
        "not_an_id",
        f"an id: a-z first, then a-z, 0-9 and _, at most 40 characters{also}",
        "Use plain small letters; the name that people see goes into `name`.",
    )


def number(value: Any) -> float:
    """Read a number as people may write it; refuse everything that looks like one by accident.

    Parameters
    ----------
    value : object
        Text of the scalar.

    Returns
    -------
    float

    Raises
    ------
    PydanticCustomError
        If it is no number (``not_a_number``) or larger than any amount in a case (``out_of_range``).

    Examples
    --------
    >>> number("1.2e6")
    1200000.0
    """
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise fault(
            "not_a_number",
            "a number such as 1200000, 0.85 or 1.2e6",
            "Use a point for decimals, no spaces, no unit.",
        )
    result = float(value)
    if abs(result) > LARGEST:
        raise fault("out_of_range", f"a number no larger than {LARGEST:.0e}", "Look for a zero too many.")
    return result


def whole(value: Any) -> int:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise fault("not_a_whole_number", "a whole number", "Write digits only.")
    return int(value)


def _flag(value: Any) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if isinstance(value, str) and value in known:
        return known[value]
    raise fault("not_true_or_false", "true or false", "Write `true` or `false`.")


def _day(value: Any) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            day = date.fromisoformat(value)
            if day.year >= 1970:
                return day
    except ValueError:
        pass
    raise fault("not_a_date", "a date from 1970 such as 2025-03-14", "Write year-month-day.")


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        value = value.replace(" ", "T")
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", value):
                moment = datetime.fromisoformat(value)
                if moment.year >= 1970:
                    return moment
            else:
                return datetime.combine(_day(value), time())
        except (ValueError, PydanticCustomError):
            pass
    raise fault(
        "not_a_date",
        "a date or a local date and time such as 2025-03-14T12:00",
        "Write year-month-day, with T and hours:minutes where the time matters.",
    )


def _hours(value: Any) -> tuple[int, int] | None:
    if value == "closed":
        return None
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match:
        first, last = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
        if first < last <= 24 * 60:
            return first, last
    raise fault(
        "not_opening_hours", 'opening hours such as "08:00-16:00", or closed', "Write them in quotes."
    )


def country(value: Any) -> str | None:
    if value == "none":
        return None
    if isinstance(value, str) and re.fullmatch("[A-Z]{2}", value):
        return str(value)
    raise fault(
        "not_a_country",
        "a country code of two letters such as NO, or none",
        "Public holidays are looked up by it; `none` means none.",
    )


def time_zone(value: Any) -> str:
    if isinstance(value, str) and value in _zones():
        return str(value)
    raise fault(
        "not_a_time_zone", "a time zone such as Europe/Oslo or UTC", "Use a name of the IANA database."
    )


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _years(value: Any) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2:
        first, last = (whole(part) for part in value)
        return first, last
    if isinstance(value, str):
        return whole(value), whole(value)
    raise fault(
        "not_years",
        "one year or two, such as [1, 5]",
        "Year 0 is the establishment, year 1 the first of operation.",
    )


Words = Annotated[str, BeforeValidator(words)]
Slug = Annotated[str, BeforeValidator(_slug)]
Number = Annotated[float, BeforeValidator(number)]
Whole = Annotated[int, BeforeValidator(whole)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Hours = Annotated[tuple[int, int] | None, BeforeValidator(_hours)]
Years = Annotated[tuple[int, int], BeforeValidator(_years)]
Country = Annotated[str | None, BeforeValidator(country)]
Zone = Annotated[str, BeforeValidator(time_zone)]


class Part(BaseModel):
    """A mapping in a file of the case; keys that it does not declare are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    _place: str = PrivateAttr("")

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        part = handler(cls.unfolded(data))
        part._place = getattr(data, "path", "")
        return part

    @classmethod
    def unfolded(cls, data: Any) -> Any:
        """Return the mapping that a shorter way of writing stands for."""
        return data

    @property
    def path(self) -> str:
        """Where it stands in its file."""
        return self._place


class Bilingual(Part):
    """A text in both languages; a plain text stands for both."""

    nb: Words = Field(description="In Bokmål.")
    en: Words = Field(description="In English.")

    @classmethod
    def unfolded(cls, data: Any) -> Any:
        """Return a plain text as the text in both languages."""
        return {"nb": data, "en": data} if isinstance(data, str) else data


Way = Literal["exact", "quantiles", "triangle", "range"]


class Quantity(Part):
    """A number that may be uncertain: a plain number, or one of four ways to write it, with its source.

    ``12`` or ``{value: 12}``; ``{p10: 10, p50: 12, p90: 17}`` for what is exceeded with 90, 50 and
    10 %; ``{low: 8, mode: 12, high: 20}`` for the ends of what is possible and the most likely;
    ``{from: 9, to: 16}`` for the 5th and 95th percentile.
    """

    value: Number | None = Field(None, description="One exact value.")
    p10: Number | None = Field(None, description="10th percentile (with p50 and p90).")
    p50: Number | None = Field(None, description="Median.")
    p90: Number | None = Field(None, description="90th percentile.")
    low: Number | None = Field(None, description="Lowest possible (with mode and high).")
    mode: Number | None = Field(None, description="Most likely.")
    high: Number | None = Field(None, description="Highest possible.")
    from_: Number | None = Field(None, alias="from", description="5th percentile (with to).")
    to: Number | None = Field(None, description="95th percentile.")
    source: Words | None = Field(
        None, description="A document, an offer, a person. Without it the number is shown as an assumption."
    )
    by: Words | None = Field(None, description="Who says so.")

    @classmethod
    def unfolded(cls, data: Any) -> Any:
        """Return a plain number as an exact value."""
        return {"value": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = {name for name in _WAYS_ALL if getattr(self, name) is not None}
        if not any(given == set(way) for way in WAYS.values()):
            raise fault(
                "quantity_unclear",
                "one number, or {p10, p50, p90}, {low, mode, high} or {from, to}",
                "Use one of the four ways, with all its parts.",
            )
        return self

    @property
    def kind(self) -> Way:
        """Which of the four ways it is written in."""
        return next(kind for kind, way in WAYS.items() if getattr(self, way[0]) is not None)

    @property
    def values(self) -> tuple[float, ...]:
        """Its parts, lowest first as declared."""
        return tuple(getattr(self, name) for name in WAYS[self.kind])


WAYS: Mapping[Way, tuple[str, ...]] = {
    "exact": ("value",),
    "quantiles": ("p10", "p50", "p90"),
    "triangle": ("low", "mode", "high"),
    "range": ("from_", "to"),
}
_WAYS_ALL = tuple(name for way in WAYS.values() for name in way)

"""Numbers as each language writes them.

=================== =================== ====================
what                Bokmål              English
=================== =================== ====================
thousands, decimal  1 246,4 (U+202F)    1,246.4
minus, signed       −8,6 +11,1 (U+2212) −8.6 +11.1
per cent            15 % (U+00A0)       15%
range               7–19; −14 til −3    7–19; −14 to −3
money               11,1 MNOK, 1 128 kr NOK 11.1m, NOK 1,128
=================== =================== ====================

Number and unit are joined by U+00A0, so that no line breaks between them. A number that rounds to
zero carries no sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Language = Literal["nb", "en"]

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
HARD_SPACE = "\u00a0"
MILLION = 1e6
HOURS_SHOWN_AS_HOURS = 72.0
"""Shorter times are written in hours, longer ones in days of 24 hours."""

_MONTHS = {
    "nb": ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


@dataclass(frozen=True)
class Numbers:
    """Write numbers in one language.

    Examples
    --------
    >>> Numbers("nb").decimal(1246.4)
    '1\\u202f246,4'
    >>> Numbers("en").mnok(11_100_000)
    'NOK\\xa011.1m'
    """

    language: Language

    def decimal(self, number: float, places: int = 1) -> str:
        """Return a number with a fixed number of decimals and separated thousands."""
        text = f"{abs(number):,.{places}f}"
        if self.language == "nb":
            text = text.replace(",", NARROW_SPACE).replace(".", ",")
        return MINUS + text if number < 0 and any(digit in "123456789" for digit in text) else text

    def whole(self, number: float) -> str:
        """Return a number without decimals."""
        return self.decimal(number, 0)

    def signed(self, number: float, places: int = 1) -> str:
        """Return a number with its sign, plus included; no sign when it rounds to zero."""
        text = self.decimal(number, places)
        return f"+{text}" if number > 0 and any(digit in "123456789" for digit in text) else text

    def percent(self, share: float, places: int = 0) -> str:
        """Return a share in per cent; what is not quite none or all says so (<1 %, >99 %).

        Examples
        --------
        >>> [Numbers("en").percent(share) for share in (0, 0.002, 0.15, 0.997, 1)]
        ['0%', '<1%', '15%', '>99%', '100%']
        """
        text = self.decimal(share * 100, places)
        if places == 0 and text == "0" and share > 0:
            text = "<1"
        elif places == 0 and text == "100" and share < 1:
            text = ">99"
        return self._per_cent(text)

    def probability(self, share: float, required: float | None = None) -> str:
        """Return a probability from draws in per cent: never certain, never impossible.

        What falls short of a requirement by less than rounding shows that it does.

        Examples
        --------
        >>> [Numbers("en").probability(share, 0.8) for share in (1, 0.804, 0.7988, 0.79996, 0.5)]
        ['>99%', '80%', '79.8%', '79.9%', '50%']
        """
        share = min(max(share, 0.001), 0.999)
        if required is not None and share < required <= round(share, 2):
            return self.percent(math.floor(share * 1000) / 1000, 1)
        return self.percent(share)

    def signed_percent(self, share: float, places: int = 0) -> str:
        """Return a change in per cent, with its sign."""
        return self._per_cent(self.signed(share * 100, places))

    def span(self, low: float | None, high: float | None, places: int = 0, signed: bool = False) -> str:
        """Return a range; an open end is an ellipsis, and signs ask for a word between.

        Examples
        --------
        >>> Numbers("nb").span(7, 19), Numbers("nb").span(-14, -3)
        ('7–19', '−14\\xa0til\\xa0−3')
        """
        signed = signed or min(low or 0.0, high or 0.0) < 0
        write = self.signed if signed else self.decimal
        first = "…" if low is None else write(low, places)
        last = "…" if high is None else write(high, places)
        if not signed:
            return f"{first}–{last}"
        word = "til" if self.language == "nb" else "to"
        return f"{first}{HARD_SPACE}{word}{HARD_SPACE}{last}"

    def mnok(self, nok: float, places: int = 1, signed: bool = False) -> str:
        """Return an amount in millions with its unit."""
        return self._money(self.millions(nok, places, signed), "m")

    def millions(self, nok: float, places: int = 1, signed: bool = False) -> str:
        """Return an amount in millions without its unit, for tables that say it in the head."""
        write = self.signed if signed else self.decimal
        return write(nok / MILLION, places)

    def bold_mnok(self, nok: float) -> str:
        """Return an amount in whole millions for a title; one decimal where that would be zero."""
        return self.mnok(nok, 0 if abs(nok) >= 0.95 * MILLION else 1)

    def millions_span(self, low: float | None, high: float | None, signed: bool = False) -> str:
        """Return a range of amounts in millions: whole, or one decimal when it is narrow."""
        scaled = [None if nok is None else nok / MILLION for nok in (low, high)]
        ends = [end for end in scaled if end is not None]
        width = ends[1] - ends[0] if len(ends) == 2 else 10.0
        return self.span(scaled[0], scaled[1], 0 if width >= 2 else 1, signed)

    def nok(self, nok: float) -> str:
        """Return an amount in whole kroner with its unit."""
        return self._money(self.whole(nok), "")

    def duration(self, hours: float, clock: str = "elapsed") -> str:
        """Return a time: minutes below one hour, hours below three days, else days of 24 hours.

        On the working clock it is always hours: a working day has no fixed length.

        Examples
        --------
        >>> nb = Numbers("nb")
        >>> [nb.duration(hours).replace("\\xa0", " ") for hours in (0.5, 4.26, 52, 264)]
        ['30 min', '4,3 t', '52 t', '11 døgn']
        """
        if 0 < hours < 1:
            return f"{self.whole(hours * 60)}{HARD_SPACE}min"
        if hours < HOURS_SHOWN_AS_HOURS or clock == "working":
            places = 1 if hours < 10 and hours != int(hours) else 0
            unit = "t" if self.language == "nb" else "h"
            if clock == "working":  # twelve working hours are no half day: the reader must see which they are
                unit = "arb.t" if self.language == "nb" else "work h"
            return f"{self.decimal(hours, places)}{HARD_SPACE}{unit}"
        days = hours / 24
        places = 1 if days < 10 and round(days, 1) != round(days) else 0
        if self.language == "nb":
            return f"{self.decimal(days, places)}{HARD_SPACE}døgn"
        return f"{self.decimal(days, places)}{HARD_SPACE}{'day' if days == 1 else 'days'}"

    def date(self, iso: str) -> str:
        """Return a date, given as YYYY-MM-DD with anything after it."""
        year, month, day = iso[:10].split("-")
        name = self.month(int(month))
        return (
            f"{int(day)}.{HARD_SPACE}{name} {year}"
            if self.language == "nb"
            else f"{int(day)}{HARD_SPACE}{name} {year}"
        )

    def month(self, number: int) -> str:
        """Return the short name of a month, 1 to 12."""
        return _MONTHS[self.language][number - 1]

    def _per_cent(self, text: str) -> str:
        return f"{text}{HARD_SPACE}%" if self.language == "nb" else f"{text}%"

    def _money(self, text: str, millions: str) -> str:
        if self.language == "nb":
            return f"{text}{HARD_SPACE}{'MNOK' if millions else 'kr'}"
        sign = text[0] if text[0] in f"{MINUS}+" else ""
        return f"{sign}NOK{HARD_SPACE}{text.removeprefix(sign)}{millions}"

"""Tell personal data by its form: identity, account and card numbers, telephone, e-mail, a person's name.

A number is told by its control digits, so that one in ten to one in a hundred of random digits passes as
well: one find says little, a column full of them is sure. Names are told by a list of common given names
before a surname, so that an uncommon name is not seen; nothing rests on this alone, because columns that
hold persons never reach here.

References
----------
.. [1] Skatteetaten, "Personal identification number: changes from 2032": the first control digit may
   leave the remainders 0 to 3; the second is unchanged; numbers of today stay valid.
.. [2] ISO/IEC 7812-1, "Identification cards", annex B: the Luhn formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Digits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data.

    Attributes
    ----------
    name : str
    pattern : str
        What looks like it; understood alike by Python and by RE2.
    lengths : range
        How many digits it has; empty where digits are not checked.
    passes : callable, optional
        Which rows of an array of digits (one number a row) pass the control.
    chance : float
        Share of random digits of this length that passes.
    """

    name: str
    pattern: str
    lengths: range = range(0)
    passes: Callable[[Digits], NDArray[np.bool_]] | None = None
    chance: float = 0.0


def is_identity_number(digits: Digits) -> NDArray[np.bool_]:
    """Return which numbers are Norwegian identity numbers, by today's rule or that of 2032.

    D-numbers (day + 40), H-numbers (month + 40) and synthetic ones (month + 65 or + 80) count.

    Parameters
    ----------
    digits : ndarray of uint8, shape (n, 11)

    Examples
    --------
    >>> import numpy as np
    >>> numbers = np.array([[*map(int, "01819012365")], [*map(int, "11111111111")]], dtype=np.uint8)
    >>> is_identity_number(numbers).tolist()
    [True, False]
    """
    import numpy as np

    d = digits.astype(np.int16)
    first = (d[:, :10] @ np.array([3, 7, 6, 1, 8, 9, 4, 5, 2, 1])) % 11
    second = (d @ np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1])) % 11
    day = d[:, 0] * 10 + d[:, 1]
    month = d[:, 2] * 10 + d[:, 3]
    months = np.concatenate([np.arange(1, 13) + added for added in (0, 40, 65, 80)])
    is_day = ((day >= 1) & (day <= 31)) | ((day >= 41) & (day <= 71))
    # the rule of 2032 takes in that of today: remainder 0
    found: NDArray[np.bool_] = (first <= 3) & (second == 0) & is_day & np.isin(month, months)
    return found


def is_account_number(digits: Digits) -> NDArray[np.bool_]:
    """Return which numbers are Norwegian bank account numbers (eleven digits, mod 11)."""
    import numpy as np

    d = digits.astype(np.int16)
    left = (d @ np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1])) % 11
    found: NDArray[np.bool_] = (left == 0) & (d[:, :4].sum(axis=1) > 0)
    return found


def is_card_number(digits: Digits) -> NDArray[np.bool_]:
    """Return which numbers are payment cards: Luhn's control digit, and a beginning that is in use."""
    import numpy as np

    d = digits.astype(np.int16)
    doubled = d.copy()
    doubled[:, -2::-2] *= 2
    doubled[doubled > 9] -= 9
    start = d[:, 0] * 1000 + d[:, 1] * 100 + d[:, 2] * 10 + d[:, 3]
    in_use = (
        (d[:, 0] == 4)
        | ((start >= 5100) & (start <= 5599))
        | ((start >= 2221) & (start <= 2720))
        | np.isin(start // 100, (34, 37, 62, 65))
        | (start == 6011)
    )
    found: NDArray[np.bool_] = (doubled.sum(axis=1) % 10 == 0) & in_use
    return found


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind that is looked for; of two that fit the same text, the first counts."""
    names = files("makeorbuy.foundation").joinpath("given_names.csv").read_text(encoding="utf-8")
    given = "|".join(names.split()[1:])
    capital, small = "A-ZÆØÅÄÖÜ", "a-zæøåäöüéèó"
    surname = f"(?:[{capital}]\\.|[{capital}][{small}]{{2,}})"
    # as registers write them; what is also a word of capitals (PER, LINE) says nothing
    loud = "|".join(name.upper() for name in names.split()[1:] if name.upper() not in _WORDS)
    loud_surname = f"(?:[{capital}]\\.|[{capital}]{{4,}})"
    return (
        Kind("e_mail", r"[^\s@,;:<>()\"'/\\]+@[^\s@,;:<>()\"'/\\]+\.[A-Za-z]{2,}"),
        Kind("identity_number", r"[0-9]{6}[ .\-]?[0-9]{5,}", range(11, 12), is_identity_number, 0.014),
        Kind(
            "account_number", r"[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{5,}", range(11, 12), is_account_number, 0.091
        ),
        Kind("card_number", r"[2-6][0-9]{3}(?:[ \-]?[0-9]{1,4}){3,}", range(13, 20), is_card_number, 0.1),
        Kind("telephone", r"(?:\+|00)47 ?[2-9](?: ?[0-9]){7,}", range(10, 13)),
        Kind(
            "telephone",
            r"[2-9][0-9] [0-9]{2} [0-9]{2} [0-9]{2,}|[49][0-9]{2} [0-9]{2} [0-9]{3,}",
            range(8, 9),
        ),
        Kind(
            "name",
            f"(?:{given})(?:[ _\\-]{surname})+|[{capital}][{small}]+, (?:{given})(?:[ .,;]|$)"
            f"|(?:^|[^{capital}{small}])(?:{given}|{loud})(?:[ _\\-]{loud_surname})+"
            f"|[{capital}]{{2,}}, (?:{given}|{loud})(?:[ .,;]|$)",
        ),
    )


BARE_TELEPHONE = Kind("telephone", r"[0-9]{8,}", range(8, 9))
"""Eight digits alone: a telephone number in a text, most often something else in a column of numbers."""

WORD_WITH_LETTERS = r"[0-9]*\p{L}[\p{L}0-9]*"
"""RE2: digits beside a letter are part of a word or an id, such as INC0012345 or d28cafdc, and no number."""

_WORDS = frozenset({"PER", "LINE", "EVEN", "ODD", "MAY", "BO", "TOR", "LIV", "ALF", "ART", "ROY", "KIM"})
"""Given names that in capitals may be words or abbreviations."""

_MAY_BE = re.compile(r"@|[0-9][0-9 .\-]{6,}[0-9]|[A-ZÆØÅÄÖÜ][A-ZÆØÅÄÖÜa-zæøåäöüéèó]+[ _,\-]+[A-ZÆØÅÄÖÜ]")

LOOKS_LIKE_ANY = r"@|[0-9][0-9 .\-]{6,}[0-9]|\p{Lu}\p{L}+[ _\-,]+\p{Lu}"
"""RE2: what no kind can do without, for a quick first look."""


def masked(text: str, *, is_name: bool = True) -> str:
    """Return a text with everything in it that looks personal masked.

    Parameters
    ----------
    text : str
    is_name : bool
        Whether it is the name of a file or a sheet, or a title: eight digits alone may be a telephone
        there, and are a count in a sentence.

    Examples
    --------
    >>> masked("tickets Kari Nordmann 2025.csv"), masked("mail fra ola@example.no")
    ('tickets aaaa aaaaaaaa 2025.csv', 'mail fra aaa@aaaaaaa.aa')
    >>> masked("KARI NORDMANN"), masked("NORDMANN, Kari"), masked("CANADA DESK PER TEAM")
    ('aaaa aaaaaaaa', 'aaaaaaaa, aaaa', 'CANADA DESK PER TEAM')
    """
    if _MAY_BE.search(text) is None:  # nearly always; a hostile file may bring thousands of messages
        return text
    for kind in (*kinds(), *([BARE_TELEPHONE] if is_name else [])):
        pattern = f"(?<![^\\W_])(?:{kind.pattern})(?![^\\W_])" if kind.lengths else kind.pattern
        text = re.sub(pattern, lambda found, kind=kind: _masked(found[0], kind), text)  # type: ignore[misc]
    return text


def _masked(found: str, kind: Kind) -> str:
    digits = re.sub("[^0-9]", "", found)
    if kind.lengths:
        if len(digits) not in kind.lengths or is_date(digits):
            return found
        if kind.passes is not None:
            import numpy as np

            if not kind.passes(np.array([list(map(int, digits))], dtype=np.uint8))[0]:
                return found
    return shape(found)


def is_date(digits: str) -> bool:
    """Whether eight digits are a day of this age, such as 20250131, and so no telephone number."""
    return re.fullmatch("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])", digits) is not None


def shape(text: str) -> str:
    """Return a text's shape: letters as a, digits as d.

    Examples
    --------
    >>> shape("Kari 12")
    'aaaa dd'
    """
    return "".join("a" if c.isalpha() else "d" if c.isdigit() else c for c in text)

"""A voice: the sentences of one language, and its numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from makeorbuy.wording.numbers import Language, Numbers

_SLOT = re.compile(r"\{([a-z_0-9]+)\}")


class Voice(Numbers):
    """Speak one language: sentences by code, numbers by rule.

    A slot is ``{name}``; it is replaced once, so that text from a case that looks like a slot
    stays text.

    Examples
    --------
    >>> Voice("en")("recommendation.keep")
    'Keep'
    """

    def __call__(self, code: str, /, **slots: str) -> str:
        """Return the sentence of a code, its slots filled.

        Raises
        ------
        KeyError
            If there is no such sentence, or a slot is not given: both are our fault.
        """
        return _SLOT.sub(lambda match: slots[match[1]], sentences(self.language)[code])

    def knows(self, code: str) -> bool:
        """Return whether there is a sentence for this code."""
        return code in sentences(self.language)

    def reason(self, code: str | None, /, **slots: str) -> str:
        """Return why something cannot be shown; a code from a newer stage is shown as it is."""
        full = f"reason.{code}"
        if not self.knows(full):
            return self("reason.unknown", code=str(code))
        return self(full, **{"value": "", "option": "", "change": "", **slots})

    def first(self, section: str, code: object, fallback: str) -> str:
        """Return the sentence of ``section.code``, or the fallback when there is none."""
        full = f"{section}.{code}"
        return self(full) if self.knows(full) else fallback

    def counted(self, code: str, count: int, /, **slots: str) -> str:
        """Return the sentence for one or for many, with the count in words up to twelve."""
        form = "one" if count == 1 else "many"
        return self(f"{code}_{form}", **{"count": self.count_word(count), **slots})

    def count_word(self, count: int) -> str:
        """Return a whole number in words up to twelve, then in figures."""
        return self.first("count", count, self.whole(count))

    def text(self, pair: Mapping[str, str] | str | None) -> str:
        """Return a text that people wrote, in this language, else in the other."""
        if pair is None or isinstance(pair, str):
            return pair or ""
        other = "en" if self.language == "nb" else "nb"
        return pair.get(self.language) or pair.get(other) or ""

    def listed(self, items: Iterable[str]) -> str:
        """Return items as a list in words: a, b and c."""
        *rest, last = [*items] or [""]
        return f"{', '.join(rest)} {self('word.and')} {last}" if rest else last


@cache
def sentences(language: Language) -> Mapping[str, str]:
    """Return every sentence of a language by code (``section.code``)."""
    text = files("makeorbuy.wording").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def slots(sentence: str) -> set[str]:
    """Return the names of a sentence's slots."""
    return set(_SLOT.findall(sentence))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

"""Say a selection finding in words: its sentence with its figures, what it spoils, what to ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from makeorbuy.wording.voice import Voice


def finding_in_words(voice: Voice, code: str, facts: Mapping[str, int | float | str]) -> str:
    """Return the sentence of a finding; the last word of a fact's name tells how it is written."""
    return voice(f"finding.{code}", **{name: _fact(voice, name, value) for name, value in facts.items()})


def facts_from(text: str) -> dict[str, int | float | str]:
    """Return facts from the text in which the series carries them.

    Examples
    --------
    >>> facts_from("first_day=2024-01-01;seen_count=3")
    {'first_day': '2024-01-01', 'seen_count': 3}
    """
    facts: dict[str, int | float | str] = {}
    for part in filter(None, text.split(";")):
        name, _, value = part.partition("=")
        try:
            facts[name] = float(value) if "." in value else int(value)
        except ValueError:
            facts[name] = value
    return facts


def spoilt_in_words(voice: Voice, spoils: Iterable[str], refuses: Iterable[str] = ()) -> str:
    """Return which figures a finding spoils, and which can therefore not be given."""
    refuses = tuple(refuses)
    words = [
        voice.listed(voice(f"look.spoilt.{name.rpartition('.')[2]}") for name in names)
        for names in ([name for name in spoils if name not in refuses], refuses)
    ]
    said = [words[0]] if words[0] else []
    said += [voice("look.refused", names=words[1])] if words[1] else []
    return "; ".join(said) or voice("look.nothing_spoilt")


def _fact(voice: Voice, name: str, value: int | float | str) -> str:
    unit = name.rpartition("_")[2]
    if unit == "day":
        return voice.date(str(value))
    if isinstance(value, str) or unit == "month":
        return str(value)
    if unit == "share":
        return voice.percent(value)
    if unit == "hours":
        return voice.decimal(value, 1)
    return voice.whole(value)

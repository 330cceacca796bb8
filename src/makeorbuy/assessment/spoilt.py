"""Follow what spoils a figure, or refuses it, to everything that is computed from it.

The stages leave out what they know to be refused. This walks the same way once more over the provenance
itself, so that no figure slips through: a number whose inputs, however far back, hold one that the records
cannot give is not given either. A verdict in words stays: *undecided* is what follows when a number is not
known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from makeorbuy.foundation.figure import Figure, Series, refused

REFUSED = "selection_"
"""How the reasons begin that come from the records."""


def carried(
    figures: Iterable[Figure], series: Iterable[Series]
) -> tuple[tuple[Figure, ...], tuple[Series, ...]]:
    """Return figures and series, marked or refused like what they are computed from.

    Parameters
    ----------
    figures, series : iterable
        Of all stages; the inputs of one name others.

    Examples
    --------
    >>> today = Figure("a.today", None, "hours", "selection_only_closed")
    >>> then, = carried([today, Figure("a.then", 4.0, "hours", inputs=("a.today",))], [])[0][1:]
    >>> then.value, then.reason
    (None, 'selection_only_closed')
    """
    figures, series = tuple(figures), tuple(series)
    entries: dict[str, Figure | Series] = {figure.id: figure for figure in figures}
    entries |= {table.id: table for table in series}
    known: dict[str, tuple[str | None, tuple[str, ...]]] = {}
    for key in entries:
        _follow(key, entries, known)

    told = []
    for figure in figures:
        reason, spoilt_by = known[figure.id]
        is_number = isinstance(figure.value, (int, float)) and not isinstance(figure.value, bool)
        if reason is not None and is_number:
            figure = refused(figure, reason)
        elif figure.value is not None and spoilt_by != figure.spoilt_by:
            figure = replace(figure, spoilt_by=spoilt_by)
        told.append(figure)
    return tuple(told), series


def _follow(
    first: str, entries: Mapping[str, Figure | Series], known: dict[str, tuple[str | None, tuple[str, ...]]]
) -> None:
    """Fill in what refuses and what spoils an entry, inputs before what is computed from them."""
    stack = [(first, False)]
    open_ones: set[str] = set()
    while stack:
        key, is_done = stack.pop()
        if key in known:
            continue
        entry = entries[key]
        inputs = [name for name in entry.inputs if name in entries]
        if not is_done:
            if key in open_ones:
                raise ValueError(f"{key} is computed from itself")
            open_ones.add(key)
            stack.append((key, True))
            stack += [(name, False) for name in inputs if name not in known]
            continue
        own = entry.reason if (entry.reason or "").startswith(REFUSED) else None
        # text is no number: what follows from a verdict is not refused because the verdict was hard
        reasons = [own, *(known[name][0] for name in inputs if not _is_words(entries[name]))]
        codes = [*(entry.spoilt_by if isinstance(entry, Figure) else ())]
        for name in inputs:
            codes += known[name][1]
        known[key] = next((reason for reason in reasons if reason), None), tuple(dict.fromkeys(codes))


def _is_words(entry: Figure | Series) -> bool:
    return isinstance(entry, Figure) and isinstance(entry.value, (str, bool))

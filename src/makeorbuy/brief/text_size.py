"""How wide a text becomes, so that labels can be placed before a browser has drawn them.

Advance widths of Inter (https://rsms.me/inter, SIL Open Font License) in thousandths of the size,
digits as tabular figures, plus a tenth of slack: a reader without Inter sees another sans-serif.
"""

from __future__ import annotations

SLACK = 1.06

_BY_WIDTH = {
    230: "ijlI|'.,:;!",
    280: " \u00a0()[]",
    185: "\u202f",
    370: "frt\"/\\-",
    545: "kvxyzcsJ?*^_`L–EF",
    590: "abdeghnopquøåäöéü§",
    625: "0123456789+−=<>BPRSTXYZ~",
    680: "AKVCDÅÄ$#&",
    745: "GHNOQUØÖÜ",
    870: "mMwWæ%…",
    960: "ÆŒ@—●",
}
_WIDTH = {character: width for width, characters in _BY_WIDTH.items() for character in characters}


def width_of(text: str, size: float = 12.0, bold: bool = False) -> float:
    """Return the width of a text at a size, in the same unit as the size.

    Examples
    --------
    >>> width_of("", 12), width_of("mm", 10) > width_of("ii", 10)
    (0.0, True)
    """
    total = sum(_WIDTH.get(character, 900) for character in text)
    return total / 1000 * size * SLACK * (1.045 if bold else 1.0)


def fitted(text: str, width: float, size: float = 12.0, bold: bool = False) -> str:
    """Return a text that fits a width, cut with an ellipsis where it must."""
    if width_of(text, size, bold) <= width:
        return text
    while text and width_of(text + "…", size, bold) > width:
        text = text[:-1]
    return text.rstrip(" ,.·-") + "…"


def wrapped(text: str, width: float, size: float = 12.0, bold: bool = False, lines: int = 2) -> list[str]:
    """Return a text in at most ``lines`` lines that fit a width; the last is cut if it must."""
    result: list[str] = []
    words = text.split(" ")
    while words and len(result) < lines - 1:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size, bold) <= width:
            line += f" {words.pop(0)}"
        result.append(fitted(line, width, size, bold))
    if words:
        result.append(fitted(" ".join(words), width, size, bold))
    return result

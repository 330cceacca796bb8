"""How wide a text becomes, so that labels can be placed before a browser has drawn them.

Advance widths of Inter (https://rsms.me/inter, SIL Open Font License) in hundredths of the size,
digits as tabular figures, with a little slack: a reader without Inter sees another sans-serif.
"""

from __future__ import annotations

SLACK = 1.03

_BY_WIDTH: tuple[tuple[int, str], ...] = (
    (18, "\u202f"),
    (22, "'"),
    (24, "ijl"),
    (26, "I"),
    (28, " !,.:;·\xa0"),
    (33, "|"),
    (36, "()/[\\]ft{}"),
    (37, "r"),
    (38, "“”"),
    (40, '"'),
    (45, "_"),
    (46, "-"),
    (47, "^"),
    (50, "*`–"),
    (51, "?"),
    (52, "s"),
    (54, "Jkxz«»"),
    (55, "§"),
    (56, "Lacvyåä"),
    (58, "euéü"),
    (59, "Fhn"),
    (60, "Eoøö"),
    (61, "gpq"),
    (62, "Zbd"),
    (63, "#P"),
    (64, "$&RSTX"),
    (65, "0123456789BK"),
    (66, "+<=>Y~−×≥≤"),
    (68, "AVÅÄ"),
    (72, "D"),
    (73, "C"),
    (74, "GHUÜ"),
    (75, "N"),
    (76, "OQØÖ"),
    (81, "%w"),
    (82, "…"),
    (87, "m"),
    (89, "M"),
    (92, "æ"),
    (94, "@"),
    (95, "W"),
    (99, "Æ"),
    (100, "—"),
)
_WIDTH: dict[str, int] = {character: width for width, characters in _BY_WIDTH for character in characters}


def width_of(text: str, size: float = 12.0, bold: bool = False) -> float:
    """Return the width of a text at a size, in the same unit as the size.

    Examples
    --------
    >>> width_of("", 12), width_of("mm", 10) > width_of("ii", 10)
    (0.0, True)
    """
    total = sum(_WIDTH.get(character, 90) for character in text)
    return total / 100 * size * SLACK * (1.04 if bold else 1.0)


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

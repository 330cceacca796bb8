"""Fit a page on A4: which column each chart goes in, and how wide its drawing may be.

Print has two columns of floats. The heights are estimated from the text, the drawing and the rows of
the table, in points; the next chart goes in the shorter column, and the drawings shrink together
until the longer column fits. A test prints the brief and counts its pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from makeorbuy.brief.chart import Chart
from makeorbuy.brief.markup import Content
from makeorbuy.brief.text_size import width_of

PAGE_HEIGHT = 786.0
"""A4 less its margins of 10 and 9 mm. [pt]"""

COLUMN = 255.0
"""Width of one of two columns. [pt]"""

PAGE_WIDTH = 527.0
ROWS_TEXT = 307.0
"""Width of the words in the table of recommendations. [pt]"""
LEAST_SCALE = 0.5
FOOT = 18.0
"""Height of the foot of a page, with some slack. [pt]"""

_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)" class="chart"')
_TAGS = re.compile(r"<[^>]+>")


def lines(text: str, size: float, width: float, bold: bool = False) -> int:
    """Return how many lines a text takes."""
    return max(1, math.ceil(width_of(text, size, bold) / (width * 0.96))) if text else 0


def plain_text(content: Content) -> str:
    """Return content without its tags."""
    if content is None:
        return ""
    if isinstance(content, str):
        return _TAGS.sub(" ", content)
    return "".join(plain_text(item) for item in content)


def fixed_height(chart: Chart, width: float = COLUMN) -> float:
    """Return the height of everything but the drawing. [pt]"""
    height = 11.0 + 11.6 * lines(chart.title, 9.6, width, True)
    height += 9.2 * lines(chart.subtitle, 7.4, width)
    if chart.reason:
        height += 14 + 10 * lines(chart.reason, 7.8, width - 14)
    if chart.key:
        height += 4 + 9.2 * lines(plain_text(chart.key), 7.4, width)
    if chart.table:
        height += 5 + table_height(chart.table, width)
    if chart.ids:
        height += 2 + 8 * lines(" · ".join(chart.ids), 7.0, width)
    if chart.after:
        text = "".join(str(part) for part in _parts(chart.after))
        if "<table" in text:
            start = text.index("<table")
            height += 4 + table_height(text[start:], width)
            text = text[:start] + text[text.rindex("</table>") :]
        words = _TAGS.sub(" ", text.replace("</li>", "\n")).strip()
        height += sum(2 + 10.2 * lines(part, 7.8, width - 12) for part in words.split("\n") if part.strip())
    return height


def table_height(table: str, width: float) -> float:
    """Return the height of a table; in a table of words the longest cell sets a row's height."""
    rows = table.split("<tr")[1:]
    if 'class="words' not in table:
        return 9.95 * len(rows)
    cells = [
        [_TAGS.sub("", cell.partition(">")[2]) for cell in re.split(r"<t[hd]\b", row)[1:]] for row in rows
    ]
    count = max(map(len, cells), default=1)
    widest = [max(width_of(row[i], 7.4) for row in cells if i < len(row)) + 1.0 for i in range(count)]
    room = width - 7.0 * count
    if sum(widest) > room:
        # a browser gives long columns more, but not in proportion
        whole = sum(map(math.sqrt, widest))
        widest = [max(room * math.sqrt(natural) / whole, 1.0) for natural in widest]
    return sum(
        3.0
        + 8.7
        * max((lines(cell, 7.4, natural) for cell, natural in zip(row, widest, strict=False)), default=1)
        for row in cells
    )


def drawing_height(chart: Chart) -> float:
    """Return the height of the drawing at full column width. [pt]"""
    if chart.svg is None:
        return 0.0
    match = _VIEW_BOX.search(chart.svg)
    return float(match[2]) / float(match[1]) * COLUMN if match else 0.0


def arrange(charts: Sequence[Chart], room: float, most: float) -> tuple[list[str], float]:
    """Return the side of each chart and the share of the column that drawings may take.

    Parameters
    ----------
    charts : sequence of Chart
    room : float
        Height left for the charts. [pt]
    most : float
        Largest share of the column's width.
    """
    sides: list[str] = []
    fixed, drawn = {"left": 0.0, "right": 0.0}, {"left": 0.0, "right": 0.0}
    for chart in charts:
        side = min(("left", "right"), key=lambda name: fixed[name] + most * drawn[name])
        sides.append(side)
        fixed[side] += fixed_height(chart)
        drawn[side] += drawing_height(chart)
    scale = most
    for side in ("left", "right"):
        if drawn[side]:
            scale = min(scale, (room - fixed[side]) / drawn[side])
    return sides, max(scale, LEAST_SCALE)


def room_below(headline: str, lead: str, about: str) -> float:
    """Return the height left for charts below a page's head and above its foot. [pt]"""
    head = 17.0 + 9.0 * lines(about, 7.0, PAGE_WIDTH * 0.7) + 18.0 * lines(headline, 14.5, PAGE_WIDTH, True)
    return PAGE_HEIGHT - head - 11.0 * lines(lead, 8.8, PAGE_WIDTH) - 6 - FOOT


def rows_height(rows: str) -> float:
    """Return the height of the table of recommendations. [pt]"""
    height = 6.0
    for row in rows.split("<tr")[2:]:
        words = _TAGS.sub("", "<" + row.rpartition("<td")[2])
        height += 3.6 + 9.6 * lines(words, 7.8, ROWS_TEXT)
    return height


def _parts(content: Content) -> list[str]:
    if content is None:
        return []
    if isinstance(content, str):
        return [content]
    return [part for item in content for part in _parts(item)]

"""What every chart shares: its frame, its ink, its symbols and its table.

One width for all, 360 units: the layout moves, the chart never changes. Left is cheaper, up is
faster. Colour says who does the work, never good or bad; a word or a symbol always repeats it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from makeorbuy.brief.markup import Content, Markup, join, number, tag
from makeorbuy.wording.voice import Voice

WIDTH = 360.0

INK = "#1A1F25"
SECOND = "#4F5963"
OWN = "#0A5F86"
SUPPLIER = "#B8480F"
KEEP = "#7C8793"
STAYS = "#6B7785"
BANNED = "#2E353D"
HATCH = "url(#hatch)"
HATCH_EDGE = "#5B6570"
BAND_OWN = "#B5D2E0"
BAND_SUPPLIER = "#EFC9B0"
BAND_TODAY = "#C3CAD1"
TICK = "#8A939D"
GRID = "#D3D8DD"
FIELD = "#EBEEF1"

KIND_COLOUR = {"improved": OWN, "bid": SUPPLIER, "market_estimate": INK}
KIND_BAND = {"improved": BAND_OWN, "bid": BAND_SUPPLIER, "market_estimate": BAND_TODAY}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart with all that stands around it.

    Attributes
    ----------
    title : str
        The finding.
    ids : tuple of str
        Addresses of the figures behind it.
    reason : str or None
        Sentence why it cannot be shown; the title then says what is missing.
    """

    title: str
    subtitle: str = ""
    svg: Markup | None = None
    key: Content = None
    table: Markup | None = None
    ids: tuple[str, ...] = ()
    reason: str | None = None
    after: Content = None


def missing(v: Voice, what: str, reason: str, *ids: str, table: Markup | None = None) -> Chart:
    """Return a chart that keeps its place and says why it is empty."""
    return Chart(v("missing.title", what=v(f"missing.{what}")), reason=reason, ids=ids, table=table)


def capital(text_: str) -> str:
    """Return a sentence that begins with a capital."""
    return text_[:1].upper() + text_[1:]


def block(chart: Chart, level: int = 2, class_: str = "") -> Markup:
    """Return a chart as a section of the page."""
    return tag(
        "section",
        tag(f"h{level}", capital(chart.title), class_="finding"),
        tag("p", chart.subtitle, class_="sub") if chart.subtitle else None,
        tag("p", chart.reason, class_="why-not") if chart.reason else None,
        chart.svg,
        tag("p", chart.key, class_="key") if chart.key else None,
        chart.table,
        tag("p", " · ".join(chart.ids), class_="id") if chart.ids else None,
        chart.after,
        class_=f"block {class_}".strip(),
    )


def drawing(height: float, label: str, *content: Content, width: float = WIDTH) -> Markup:
    """Return an SVG with its text alternative: the finding and its numbers."""
    return tag(
        "svg",
        *content,
        viewBox=f"0 0 {number(width)} {number(height)}",
        class_="chart",
        role="img",
        aria_label=label,
    )


def alternative(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return a text alternative: the title, then name and number of each mark."""
    told = "; ".join(f"{name}: {value}" for name, value in pairs)
    return f"{title}. {told}." if told else f"{title}."


def text(
    x: float, y: float, words: str, class_: str = "", anchor: str | None = None, fill: str | None = None
) -> Markup:
    """Return a text; ``anchor`` is ``middle`` or ``end``."""
    return tag(
        "text",
        words,
        x=x,
        y=y,
        class_=class_ or None,
        text_anchor=anchor,
        style=f"fill:{fill}" if fill else None,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = INK, width: float = 1, dash: str | None = None
) -> Markup:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def rect(x: float, y: float, width: float, height: float, fill: str) -> Markup:
    """Return a filled rectangle; a hatched one has an outline."""
    if fill == HATCH:
        return tag(
            "rect",
            x=x + 0.5,
            y=y + 0.5,
            width=max(width - 1, 0),
            height=height - 1,
            fill=fill,
            stroke=HATCH_EDGE,
            stroke_width=1,
        )
    return tag("rect", x=x, y=y, width=max(width, 0), height=height, fill=fill)


def whisker(x1: float, x2: float, y: float, colour: str = INK) -> Markup:
    """Return an interval: a line with a stroke at both ends."""
    return tag(
        "path",
        d=f"M{number(x1)} {number(y - 3)}v6m0-3H{number(x2)}m0-3v6",
        stroke=colour,
        fill="none",
        stroke_width=1.5,
    )


def symbol(x: float, y: float, radius: float, basis: str, colour: str) -> Markup:
    """Return a dot that says where a number comes from: more ink is more evidence.

    Filled: measured. Half: simulated. A quarter: a change that somebody states. Open: promised.
    """
    if basis in ("measured", "computed"):
        return tag("circle", cx=x, cy=y, r=radius, fill=colour)
    ring = tag("circle", cx=x, cy=y, r=radius - 0.8, fill="#fff", stroke=colour, stroke_width=1.6)
    if basis in ("simulated", "stated"):
        r = radius - 0.8
        if basis == "simulated":
            part = f"M{number(x)} {number(y - r)}A{number(r)} {number(r)} 0 0 0 {number(x)} {number(y + r)}Z"
        else:
            arc = f"A{number(r)} {number(r)} 0 0 1 {number(x + r)} {number(y)}Z"
            part = f"M{number(x)} {number(y)}V{number(y - r)}{arc}"
        return join(ring, tag("path", d=part, fill=colour))
    return ring


def sign(basis: str, colour: str = INK) -> Markup:
    """Return the symbol at the size of running text."""
    return tag("svg", symbol(6, 6, 5, basis, colour), viewBox="0 0 12 12", class_="sign", aria_hidden="true")


def nice_step(span: float, most: int = 5) -> float:
    """Return a round step that divides a span into at most ``most`` parts.

    Examples
    --------
    >>> nice_step(90), nice_step(1), nice_step(0.033)
    (20.0, 0.2, 0.01)
    """
    if span <= 0:
        return 1.0
    raw = span / most
    size = 10.0 ** math.floor(math.log10(raw))
    for factor in (1.0, 2.0, 5.0, 10.0):
        if raw <= factor * size * 1.000001:
            return float(f"{factor * size:.12g}")
    return 10.0 * size


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers within a range."""
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return the function from data to drawing; what lies outside is put on the edge."""
    span = (high - low) or 1.0

    def place(value: float) -> float:
        share = min(max((value - low) / span, 0.0), 1.0)
        return start + share * (end - start)

    return place


def table(
    title: str,
    head: Sequence[Content],
    rows: Iterable[Sequence[Content]],
    total_at: Sequence[int] = (),
    class_: str = "",
) -> Markup:
    """Return a table: first column names the row, ``total_at`` marks sums.

    A table of class ``stacked`` is shown as a list of entries on a phone: its cells carry the head of
    their column, and its parts keep their roles although the style changes how they are displayed.
    """
    stacked = "stacked" in class_
    labels = [str(cell) if isinstance(cell, str) else None for cell in head]

    def role(name: str) -> str | None:
        return name if stacked else None

    body = []
    for index, (name, *cells) in enumerate(rows):
        body.append(
            tag(
                "tr",
                tag("th", name, scope="row", role=role("rowheader")),
                [
                    tag(
                        "td",
                        "–" if cell is None or cell == "" else cell,
                        role=role("cell"),
                        data_label=label if stacked else None,
                    )
                    for cell, label in zip(cells, labels[1:], strict=True)
                ],
                class_="total" if index in total_at else None,
                role=role("row"),
            )
        )
    columns = [tag("th", cell, scope="col", role=role("columnheader")) for cell in head]
    return tag(
        "table",
        tag("thead", tag("tr", columns, role=role("row")), role=role("rowgroup")),
        tag("tbody", body, role=role("rowgroup")),
        aria_label=title,
        class_=class_ or None,
        role=role("table"),
    )

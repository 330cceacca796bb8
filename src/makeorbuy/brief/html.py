"""The whole brief as one HTML file: nothing outside it, no script, prints on A4.

>>> from makeorbuy.brief.html import render_html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from makeorbuy.brief import appendix, checklist_page, simulation_page
from makeorbuy.brief.first_page import first_page
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.option_page import option_page
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.service_page import service_page
from makeorbuy.wording.numbers import Language
from makeorbuy.wording.voice import Voice

_HATCH = (
    '<svg width="0" height="0" class="defs" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#fff"/>'
    '<rect width="1.5" height="5" fill="#5B6570"/></pattern></defs></svg>'
)
APPENDIX = ("evidence", "backtest", "checklist", "assumptions", "method", "positions", "provenance")


def render_html(assessment: Mapping[str, Any], language: Language) -> str:
    """Return the brief of an assessment in one language.

    Parameters
    ----------
    assessment : mapping
        ``assessment.json`` as plain values.
    language : {"nb", "en"}

    Returns
    -------
    str
        A complete HTML document; the same input gives the same text.
    """
    reading = Reading(assessment, Voice(language))
    v = reading.voice
    pages: list[Content] = [first_page(reading, footer(reading, 1), contents(reading))]
    for option in reading.options.values():
        pages.append(option_page(reading, option, footer(reading, len(pages) + 1)))
        if simulation_page.has_simulation(reading, option):
            pages.append(simulation_page.simulation_page(reading, option, footer(reading, len(pages) + 1)))
    for service in reading.services.values():
        pages.append(service_page(reading, service, footer(reading, len(pages) + 1)))
    end = footer(reading, None)
    pages += [
        appendix.evidence_page(reading, end),
        simulation_page.backtest_page(reading, end) if simulation_page.has_backtest(reading) else None,
        checklist_page.checklist_page(reading, end) if checklist_page.has_checklist(reading) else None,
        appendix.assumptions_page(reading, end),
        appendix.method_page(reading, end),
        appendix.positions_page(reading, end),
        appendix.provenance_page(reading, end),
    ]
    return complete_page(
        f"{v.text(reading.case['title'])} – {v('page.kind_short')}", pages, language, assessment
    )


def complete_page(title: str, pages: Content, language: Language, assessment: Mapping[str, Any]) -> str:
    """Return pages as one HTML document with everything it needs."""
    document = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="generator", content=f"makeorbuy {assessment.get('version', '')}"),
            tag("meta", name="color-scheme", content="light"),
            tag("title", title),
            tag("style", Markup(style())),
        ),
        tag("body", Markup(_HATCH), tag("main", pages)),
        lang=language,
    )
    return f"<!DOCTYPE html>\n{document}\n"


@cache
def style() -> str:
    """Return the style sheet without comments and indentation."""
    text = files("makeorbuy.brief").joinpath("style.css").read_text(encoding="utf-8")
    return "\n".join(
        line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("/*")
    )


def footer(reading: Reading, page: int | None) -> Markup:
    """Return the foot of a page: how it was computed, and its fingerprint."""
    v = reading.voice
    case = reading.case
    digest = str(reading.document.get("digest", ""))
    short = f"{digest[:4]}…{digest[-4:]}" if len(digest) > 8 else digest
    rate = reading.assumption("discount_rate_real", 0.04)
    words = v(
        "page.footer",
        agency=v.text(case["agency"]),
        draws=v.whole(reading.assumption("draws", 10000)),
        seed=str(case["seed"]),
        year=str(case["price_year"]),
        years=v.count_word(int(case["horizon_years"])),
        rate=v.percent(rate, 0 if abs(rate * 100 - round(rate * 100)) < 1e-9 else 1),
        digest=short,
    )
    end = "makeorbuy" if page is None else v("page.number", page=str(page))
    return tag("footer", tag("span", words), tag("span", end), class_="strip")


def contents(reading: Reading) -> Markup:
    """Return the contents: every page of the brief."""
    v = reading.voice
    groups = []
    if reading.options:
        links = [(f"option-{oid}", reading.label(option, 40)) for oid, option in reading.options.items()]
        groups.append((v("contents.options"), links))
    groups.append(
        (v("contents.services"), [(f"service-{sid}", reading.service_name(sid)) for sid in reading.services])
    )
    missing = set()
    if not simulation_page.has_backtest(reading):
        missing.add("backtest")
    if not checklist_page.has_checklist(reading):
        missing.add("checklist")
    behind = [anchor for anchor in APPENDIX if anchor not in missing]
    groups.append((v("contents.behind"), [(anchor, v(f"contents.{anchor}")) for anchor in behind]))
    lines: list[Content] = []
    for name, links in groups:
        items: list[Content] = []
        for anchor, label in links:
            items += [" · " if items else "", tag("a", label, href=f"#{anchor}")]
        lines.append(tag("p", tag("b", name), " ", items))
    return tag("nav", lines, aria_label=v("contents.label"))

"""Every item of the STRESS-DES guideline is answered, from the run where runs differ."""

from __future__ import annotations

import pytest

from makeorbuy.brief.checklist_page import ITEMS
from makeorbuy.brief.html import render_html

from .fixture import Document, example
from .test_html import Page
from .test_simulation import OPTION, section, series

ROWS = [
    ["1.1", "service", "desk", None], ["1.3", "option", OPTION, None], ["2.3", "team_changes", OPTION, 3],
    ["2.5.1", "classes", None, 36], ["2.5.3", "people", "Team <b>one</b>", 2.5],
    ["2.5.3", "people", "Team two", 4.0], ["3.1", "from", None, "2024-01-01"],
    ["3.3", "new_per_week", None, 1234.5],
    ["4.2", "weeks", None, 52.0], ["5.1", "numpy", None, "2.4.6"], ["5.2", "seed", None, 20240],
]  # fmt: skip


@pytest.fixture
def simulated() -> Document:
    document = example()
    document["series"]["projection.queue.checklist"] = series("item fact subject value", ROWS)
    return document


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_item_is_answered(simulated: Document, language: str) -> None:
    page = render_html(simulated, language)  # type: ignore[arg-type]
    Page(page)
    told = section(page, "checklist")
    for items in ITEMS.values():
        for item in items:
            assert f"<b>{item}</b>" in told
    assert "Team &lt;b&gt;one&lt;/b&gt; 2" in told and "Team two 4" in told
    assert "2.4.6" in told and "20240" in told and ">36" in told.replace(" ", "").replace("</b>", ">")
    assert 'href="#checklist"' in page


def test_without_a_simulation_there_is_no_checklist() -> None:
    page = render_html(example(), "en")
    assert 'id="checklist"' not in page and 'href="#checklist"' not in page

"""On paper: the first page on one A4, a page for each option and service. Needs Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.brief import fixture

from makeorbuy.brief.html import render_html

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
APPENDIX_PAGES = range(5, 13)
"""Five parts; the method and long tables take more than a page."""

pytestmark = pytest.mark.slow


def pages_of(html: str, folder: Path) -> list[str]:
    """Print a brief and return the text of each page."""
    if CHROMIUM is None or shutil.which("pdftotext") is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium and pdftotext are needed to count printed pages")
        pytest.skip("install Chromium and poppler-utils to count printed pages")
    (folder / "brief.html").write_text(html, encoding="utf-8")
    subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'brief.pdf'}",
            (folder / "brief.html").as_uri(),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    text = subprocess.run(
        ["pdftotext", "-layout", str(folder / "brief.pdf"), "-"], check=True, capture_output=True, timeout=60
    )
    return text.stdout.decode("utf-8").split("\f")[:-1]


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("stage", ["tender", "screening", "small"])
def test_one_page_each(stage: str, language: str, tmp_path: Path) -> None:
    document = {
        "tender": fixture.example,
        "screening": lambda: fixture.example("screening", False, True),
        "small": fixture.small,
    }[stage]()
    pages = pages_of(render_html(document, language), tmp_path)  # type: ignore[arg-type]
    case = document["case"]
    each = (
        1 + len(case["services"]) + sum(option["kind"] != "business_as_usual" for option in case["options"])
    )
    # the foot of each page says its number; it must stand on that page
    for number, page in enumerate(pages[:each], start=1):
        found = re.findall(r"(?:side|page) (\d+)\s*$", page.strip())
        assert found == [str(number)], f"page {number}: {page[:200]}"
    assert len(pages) - each in APPENDIX_PAGES

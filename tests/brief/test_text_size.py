"""Text sizes agree with the font, so that labels are neither cut nor laid on one another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.brief import fixture

from makeorbuy.brief.html import render_html
from makeorbuy.brief.text_size import SLACK, fitted, width_of, wrapped


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [
        # advance widths of Inter Regular, summed by hand from the font's hmtx table
        ("Gjenværende", 74 + 24 + 58 + 59 + 56 + 92 + 37 + 58 + 59 + 62 + 58),
        ("mill", 87 + 24 + 24 + 24),
        ("11,1", 65 * 3 + 28),
    ],
)
def test_width(text: str, hundredths: int) -> None:
    assert width_of(text, 10) == pytest.approx(hundredths / 10 * SLACK)


def test_bold_is_wider() -> None:
    assert width_of("Netto", 12, bold=True) > width_of("Netto", 12)


@given(st.text("abc ø–1,", max_size=60), st.floats(5, 300))
def test_fitted_fits_and_keeps_what_fits(text: str, width: float) -> None:
    cut = fitted(text, width)
    assert width_of(cut) <= width or cut == "…"
    if width_of(text) <= width:
        assert cut == text


@given(st.text("abc ø–1, ", min_size=1, max_size=80), st.floats(40, 300))
def test_wrapped_lines_fit(text: str, width: float) -> None:
    lines = wrapped(text, width)
    assert 1 <= len(lines) <= 2
    assert all(width_of(line) <= width or line == "…" for line in lines)


def test_few_labels_of_the_example_are_cut() -> None:
    text = render_html(fixture.example(), "nb")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", text)
    cut = [label for label in labels if label.endswith("…")]
    assert len(labels) > 1000
    assert len(cut) < 0.01 * len(labels), sorted(set(cut))

"""Numbers, ids and texts have a grammar of their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from makeorbuy.case.fields import LARGEST, Bilingual, Quantity, number
from makeorbuy.case.folder import leaves_folder


@pytest.mark.parametrize(
    "text", ["1_000", "١٢", "nan", ".inf", "1e400", "0x1F", "1 000", "1,5", "", "--1", "1e18", "9" * 5000]
)
def test_what_only_looks_like_a_number_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        number(text)


@given(st.floats(-LARGEST, LARGEST, allow_nan=False))
def test_a_number_that_python_writes_plainly_is_read_back(value: float) -> None:
    text = f"{value:.6f}"
    if abs(float(text)) <= LARGEST:
        assert number(text) == float(text)


@pytest.mark.parametrize(
    ("written", "kind", "values"),
    [
        ("12", "exact", (12.0,)),
        ({"value": "12"}, "exact", (12.0,)),
        ({"p10": "1", "p50": "2", "p90": "4"}, "quantiles", (1.0, 2.0, 4.0)),
        ({"low": "1", "mode": "2", "high": "4"}, "triangle", (1.0, 2.0, 4.0)),
        ({"from": "1", "to": "4"}, "range", (1.0, 4.0)),
        ({"from": "0", "to": "0"}, "range", (0.0, 0.0)),
    ],
)
def test_a_quantity_has_four_ways(written: object, kind: str, values: tuple[float, ...]) -> None:
    quantity = Quantity.model_validate(written)
    assert (quantity.kind, quantity.values) == (kind, values)


def test_a_plain_text_stands_for_both_languages() -> None:
    text = Bilingual.model_validate("Union")
    assert (text.nb, text.en) == ("Union", "Union")


@pytest.mark.parametrize(
    "path", ["..", "a/../b", "/dev/zero", "\\\\host\\x", "C:\\x", "~/x", "x\0y", "a.", "a /b", "x" * 300]
)
def test_a_path_that_could_leave_the_folder_is_seen(path: str) -> None:
    assert leaves_folder(path)

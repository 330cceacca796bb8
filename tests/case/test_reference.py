"""The page about the case folder says what is declared, and is up to date."""

from __future__ import annotations

from pathlib import Path

from makeorbuy.case import schema
from makeorbuy.case.assumptions import declarations
from makeorbuy.case.fields import Part
from makeorbuy.case.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "case-folder.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run: python -m makeorbuy.case.reference > docs/case-folder.md"
    )


def test_every_field_says_what_it_means() -> None:
    parts = [part for part in vars(schema).values() if isinstance(part, type) and issubclass(part, Part)]
    assert len(parts) > 25
    page = reference()
    for part in parts:
        assert part.__doc__, part
        for name, field in part.model_fields.items():
            assert field.description and field.description.endswith((".", "…", "closed.")), (part, name)
            assert (
                part is schema.KeyPart
                or part is schema.OverridePart
                or field.description.replace("|", "\\|") in page
            )


def test_every_assumption_is_listed_with_its_source() -> None:
    page = reference()
    for declared in declarations().values():
        assert f"| `{declared.name}` |" in page
        assert declared.source is None or declared.source in page

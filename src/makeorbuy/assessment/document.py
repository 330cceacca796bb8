"""The assessment as JSON: the same input gives the same bytes.

Floats are written with twelve significant digits: enough for a krone amount to the øre, few enough
that two platforms write the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from makeorbuy.assessment.model import FORMAT, Assessment
from makeorbuy.foundation.digest import sha256_of
from makeorbuy.foundation.errors import CaseError, Problem
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series

SIGNIFICANT_DIGITS = 12


def plain(value: Any) -> Any:
    """Return plain JSON values: dataclasses as mappings, floats rounded.

    Raises
    ------
    ValueError
        If a float is not finite: a figure without a value carries a reason instead.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} cannot be written: give a reason instead")
    rounded = float(f"{number:.{SIGNIFICANT_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def digest_of(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 that names an assessment: over everything but itself."""
    return sha256_of(plain(parts))


def as_document(assessment: Assessment) -> dict[str, Any]:
    """Return the assessment as plain JSON values, in the order a reader wants them."""
    return {
        "format": FORMAT,
        "version": assessment.version,
        "digest": assessment.digest,
        "case": plain(assessment.case),
        "figures": {key: _without(plain(figure), "id") for key, figure in assessment.figures.items()},
        "series": {key: _without(plain(series), "id") for key, series in assessment.series.items()},
        "assumptions": plain(assessment.assumptions),
        "specs": {key: _without(plain(spec), "name") for key, spec in assessment.specs.items()},
        "provenance": {"inputs": plain(assessment.inputs)},
    }


def to_json(assessment: Assessment) -> str:
    """Return the text of ``assessment.json``: one figure or row a line, so that git shows what moved."""
    document = as_document(assessment)
    lines = ["{"]
    for key, value in document.items():
        if key in ("figures", "series", "specs"):
            lines.append(f"{_dump(key)}: {{\n{_a_line_each(value)}\n}},")
        elif key == "provenance":
            lines.append(f'"provenance": {{"inputs": {{\n{_a_line_each(value["inputs"])}\n}}}},')
        elif isinstance(value, list):
            body = ",\n".join(f"  {_dump(item)}" for item in value)
            lines.append(f"{_dump(key)}: [\n{body}\n],")
        else:
            lines.append(f"{_dump(key)}: {_dump(value)},")
    lines[-1] = lines[-1].rstrip(",")
    return "\n".join([*lines, "}", ""])


def from_json(text: str, file: str) -> Assessment:
    """Read an assessment back.

    Raises
    ------
    CaseError
        If the file is not an assessment of this format, or was changed after it was written.
    """
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise CaseError(
                problems=[
                    Problem(
                        "unknown_format",
                        file,
                        None,
                        "format",
                        str(document["format"]),
                        str(FORMAT),
                        "Run `makeorbuy assess` again with this version.",
                    )
                ]
            )
        assessment = Assessment(
            version=document["version"],
            digest=document["digest"],
            case=document["case"],
            figures={key: _figure(key, item) for key, item in document["figures"].items()},
            series={key: _series(key, item) for key, item in document["series"].items()},
            assumptions=tuple(document["assumptions"]),
            specs={key: FigureSpec(name=key, **item) for key, item in document["specs"].items()},
            inputs=document["provenance"]["inputs"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CaseError(
            problems=[
                Problem(
                    "not_an_assessment",
                    file,
                    None,
                    None,
                    f"a file that cannot be read ({type(error).__name__})",
                    "assessment.json as written by `makeorbuy assess`",
                    "Run `makeorbuy assess` again.",
                )
            ]
        ) from error
    parts = {
        field.name: getattr(assessment, field.name) for field in fields(assessment) if field.name != "digest"
    }
    if digest_of(parts) != assessment.digest:
        raise CaseError(
            problems=[
                Problem(
                    "changed_after_writing",
                    file,
                    None,
                    "digest",
                    digest_of(parts)[:16],
                    assessment.digest[:16],
                    "The file was edited by hand; run `makeorbuy assess` again.",
                )
            ]
        )
    return assessment


def _a_line_each(mapping: Mapping[str, Any]) -> str:
    return ",\n".join(f"  {_dump(name)}: {_dump(item)}" for name, item in mapping.items())


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def _without(mapping: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in mapping.items() if name != key}


def _figure(figure_id: str, item: dict[str, Any]) -> Figure:
    return Figure(
        id=figure_id, **{**item, "inputs": tuple(item["inputs"]), "spoilt_by": tuple(item["spoilt_by"])}
    )


def _series(series_id: str, item: dict[str, Any]) -> Series:
    return Series(
        id=series_id,
        **{
            **item,
            "columns": tuple(Column(**column) for column in item["columns"]),
            "rows": tuple(tuple(row) for row in item["rows"]),
            "inputs": tuple(item["inputs"]),
        },
    )

"""Walk a figure back to its formula, assumptions with sources, files and row counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from makeorbuy.assessment.model import Assessment
from makeorbuy.foundation.errors import InputError, Problem
from makeorbuy.foundation.figure import Figure, FigureSpec, Series, split_address


@dataclass(frozen=True, slots=True)
class Step:
    """One node on the way back.

    Attributes
    ----------
    key : str
        Id of a figure or series, or key into the provenance.
    kind : {"figure", "series", "assumption", "case", "evidence", "unknown"}
    content : Figure, Series or mapping
    spec : FigureSpec or None
        Label, unit, formula and method of a figure or series.
    steps : tuple of Step
        What it rests on; empty where it has been walked already (`seen_before`).
    """

    key: str
    kind: str
    content: Any
    spec: FigureSpec | None
    steps: tuple[Step, ...]
    seen_before: bool = False


def matching(assessment: Assessment, pattern: str) -> tuple[str, ...]:
    """Return the ids that an id with ``*`` stands for, as the brief prints it under a chart of many.

    Examples
    --------
    ``decision.net_saving_nok[*]`` is that of every option,
    ``projection.speed.share_within_target[*,a_bid]`` that of every service under one option.
    """
    form = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    return tuple(key for key in (*assessment.figures, *assessment.series) if form.fullmatch(key))


def trace(assessment: Assessment, figure_id: str) -> Step:
    """Return the tree behind a figure or series.

    Raises
    ------
    InputError
        If nothing has this id; the nearest ids are named.

    Examples
    --------
    ``makeorbuy trace my-case "decision.net_saving_nok[a_bid]"``
    """
    if figure_id not in assessment.figures and figure_id not in assessment.series:
        known = [*assessment.figures, *assessment.series]
        name, _ = split_address(figure_id)
        near = [key for key in known if key == name or key.startswith(f"{name}[")]
        near = (near or get_close_matches(figure_id, known, n=5, cutoff=0.4))[:8]
        raise InputError(
            problems=[
                Problem(
                    "unknown_figure",
                    "out/assessment.json",
                    None,
                    None,
                    f"no figure {figure_id!r}",
                    "the id of a figure, as printed below it in the brief",
                    f"Perhaps one of: {', '.join(near)}." if near else "`makeorbuy trace FOLDER` lists all.",
                )
            ]
        )
    return _step(assessment, figure_id, set())


def _step(assessment: Assessment, key: str, seen: set[str]) -> Step:
    kind, content = _look_up(assessment, key)
    spec = assessment.specs.get(split_address(key)[0]) if kind in ("figure", "series") else None
    if key in seen:
        return Step(key, kind, content, spec, (), seen_before=True)
    seen.add(key)
    inputs = content.inputs if isinstance(content, (Figure, Series)) else ()
    return Step(key, kind, content, spec, tuple(_step(assessment, item, seen) for item in inputs))


def _look_up(assessment: Assessment, key: str) -> tuple[str, Any]:
    if key in assessment.figures:
        return "figure", assessment.figures[key]
    if key in assessment.series:
        return "series", assessment.series[key]
    prefix, _, rest = key.partition(":")
    if prefix == "assumption":
        found = [item for item in assessment.assumptions if item["name"] == rest]
        return ("assumption", found[0]) if found else ("unknown", {})
    if prefix == "evidence":
        content = assessment.inputs.get(key)
        return ("evidence", content) if content else ("unknown", {})
    if prefix == "case":
        return _written_in_case(assessment, key)
    return "unknown", {}


def _written_in_case(assessment: Assessment, key: str) -> tuple[str, Any]:
    """Return every value written at or below a place in the case, such as low, mode, high and source."""
    if key in assessment.inputs:
        return "case", assessment.inputs[key]
    below = {
        name[len(key) :].lstrip(".["): item["value"]
        for name, item in assessment.inputs.items()
        if name.startswith((f"{key}.", f"{key}[")) and "value" in item
    }
    return ("case", below) if below else ("unknown", {})


def unknown_inputs(assessment: Assessment) -> list[tuple[str, str]]:
    """Return (figure, input) for every input that leads nowhere: must be empty."""
    entries: list[Figure | Series] = [*assessment.figures.values(), *assessment.series.values()]
    return [
        (entry.id, key)
        for entry in entries
        for key in entry.inputs
        if _look_up(assessment, key)[0] == "unknown"
    ]

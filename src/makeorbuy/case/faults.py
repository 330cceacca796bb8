"""From what pydantic says to a `Problem` that its owner can mend: file, line, key path, mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from makeorbuy.case.fields import Part
from makeorbuy.case.model import Case
from makeorbuy.case.written import Node
from makeorbuy.foundation.errors import Problem

_SHAPES = {
    "model_type": ("not_a_mapping", "keys and values", "Write `key: value` on lines of their own."),
    "model_attributes_type": (
        "not_a_mapping",
        "keys and values",
        "Write `key: value` on lines of their own.",
    ),
    "dict_type": ("not_a_mapping", "keys and values", "Write `key: value` on lines of their own."),
    "list_type": ("not_a_list", "a list", "Write `- item` on lines of their own, or [a, b]."),
}


def unknown_word(word: str, known: Iterable[str]) -> str:
    """Return the advice to use the nearest known word, or nothing when none is near.

    Examples
    --------
    >>> unknown_word("emial", ["email", "desk"])
    'Did you mean `email`?'
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else ""


def validation_problems(error: ValidationError, model: type[Part], root: Node, file: str) -> list[Problem]:
    """Return one problem for each fault that pydantic found.

    Parameters
    ----------
    error : ValidationError
    model : type of Part
        The declared part, for the names of its keys.
    root : Node
        What was validated.
    file : str
        Its file.
    """
    problems = []
    for detail in error.errors(include_url=False):
        loc = tuple(part for part in detail["loc"] if part != "[key]")
        node = _follow(root, loc)
        kind, context = detail["type"], detail.get("ctx", {})
        path = node.path
        if kind == "missing":
            key = str(loc[-1])
            code, found = "missing_key", f"no key `{key}`"
            expected, mend = f"the key `{key}`", f"Add `{key}`: {_described(model, loc)}"
            path = f"{path}.{key}" if path else key
        elif kind == "extra_forbidden":
            code, found = "unknown_key", f"the key `{loc[-1]}`"
            keys = _keys(model, loc[:-1])
            expected = f"one of {', '.join(keys)}"
            below = node.child(loc[-1]) or node
            if below.shown() == "nothing" and " " in str(loc[-1]):
                mend = "Put a text with a comma in quotes."
            else:
                mend = unknown_word(str(loc[-1]), keys) or "Delete it or correct its name."
        elif kind == "literal_error":
            words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            code, found, expected = "not_one_of", node.shown(), f"one of {', '.join(words)}"
            mend = unknown_word(str(node.text), words) or "Use one of these words."
        elif kind in _SHAPES:
            code, expected, mend = _SHAPES[kind]
            found = node.shown()
        else:
            code, found = kind, node.shown()
            expected = str(context.get("expected", detail["msg"]))
            mend = str(context.get("mend", "Correct the value."))
        if "[key]" in detail["loc"]:
            found = f"the key `{loc[-1]}`"
        problems.append(Problem(code, file, node.line, path or None, found, expected, mend))
    return _without_misspelt(problems)


def _without_misspelt(problems: list[Problem]) -> list[Problem]:
    """Leave out each missing key that an unknown one beside it looks like: it is one mistake, not two."""
    missing = {problem.column: problem for problem in problems if problem.code == "missing_key"}
    for place, key in [((p.column or "").rpartition("."), p) for p in problems if p.code == "unknown_key"]:
        beside = {
            str(column).rpartition(".")[2]: column
            for column in missing
            if str(column).rpartition(".")[0] == place[0]
        }
        near = difflib.get_close_matches(place[2], list(beside), n=1, cutoff=0.6)
        if near and near[0] in key.mend:
            del missing[beside[near[0]]]
    return [p for p in problems if p.code != "missing_key" or p.column in missing]


def _follow(root: Node, loc: tuple[str | int, ...]) -> Node:
    """Return the deepest piece on the way to a fault that was written at all."""
    node = root
    for part in loc:
        below = node.child(part)
        if below is None:
            return node
        node = below
    return node


def _model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = _field(here, part)
            if field is None:
                return None
            here = field.annotation
        else:
            here = next(
                (arg for arg in _flat(here) if isinstance(arg, type) and issubclass(arg, BaseModel)), None
            )
        inner = [arg for arg in _flat(here) if isinstance(arg, type) and issubclass(arg, BaseModel)]
        if inner and not _is_collection(here):
            here = inner[0]
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _is_collection(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) in (list, dict)


def _flat(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [deep for arg in get_args(annotation) for deep in _flat(arg)]


def _field(model: type[BaseModel], key: str | int) -> Any:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    here = _model_at(model, loc)
    if here is None:
        return []
    return [field.alias or name for name, field in here.model_fields.items()]


def _described(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    here = _model_at(model, loc[:-1])
    field = _field(here, loc[-1]) if here else None
    return field.description if field and field.description else "it has no default."


Known = Mapping[str, AbstractSet[str]]
"""Ids of parts that were written but did not pass, by kind; ``*`` when nothing of a kind could be read."""


def problem_at(case: Case, place: str, code: str, found: str, expected: str, mend: str) -> Problem:
    """Return a problem at a place such as ``options/a_bid.yaml#lines.price.amount``, with its line."""
    place = place.removeprefix("case:")
    file, _, path = place.partition("#")
    return Problem(code, file, case.line_of(place), path or None, found, expected, mend)


def is_unknown(name: str, declared: Iterable[str], kind: str, known: Known) -> bool:
    """Whether an id is neither declared nor the id of a part that did not pass."""
    return name not in declared and name not in known.get(kind, ()) and not is_unread(kind, known)


def is_unread(kind: str, known: Known) -> bool:
    """Whether nothing of a kind could be read, so that what refers to it cannot be judged."""
    return "*" in known.get(kind, ())

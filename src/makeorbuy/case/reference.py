"""Write the reference of the case folder: ``python -m makeorbuy.case.reference > docs/case-folder.md``.

Fields come from `makeorbuy.case.schema`, assumptions from ``assumptions.csv``: what is documented is
what is read.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from makeorbuy.case import fields, schema
from makeorbuy.case.assumptions import declarations
from makeorbuy.case.checks import CHECKS
from makeorbuy.case.source_fields import SOURCE_FIELDS

FILES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("case.yaml", schema.CaseFile),
    ("services.yaml", schema.ServicesFile),
    ("options/<id>.yaml", schema.OptionFile),
    ("gates.yaml", schema.GatesFile),
    ("questions.yaml", schema.QuestionsFile),
    ("stakeholders.yaml", schema.StakeholdersFile),
    ("outside_ledger.yaml", schema.OutsideFile),
    ("evidence/mapping.yaml", schema.MappingFile),
)
_SHARED = (fields.Bilingual, fields.Quantity)
_PLAIN = {
    fields.Words: "text", fields.Slug: "id", fields.Number: "number", fields.Whole: "whole number",
    fields.Flag: "true or false", fields.Day: "date", fields.Moment: "date or date and time",
    fields.Hours: "opening hours", fields.Years: "year or [first, last]",
    fields.Country: "country code or none", fields.Zone: "time zone",
}  # fmt: skip

_INTRODUCTION = """\
# The case folder, file by file

This page is written by `python -m makeorbuy.case.reference` from the declarations that read the files; a
test holds it to them. `makeorbuy init FOLDER` writes a commented case to start from, `makeorbuy check FOLDER`
tells every problem at once.

Only `case.yaml` and `services.yaml` are required. A case without offers works (`stage: screening`).

```
case.yaml             the question and its frame
services.yaml         the catalogue
options/<id>.yaml     one way to deliver a set of services, one file each
gates.yaml            absolute requirements
questions.yaml        what is not known yet
stakeholders.yaml     who has a say
assumptions.yaml      what this case says instead of a default, and why
outside_ledger.yaml   costs that others pay
evidence/             the organisation's own records, with
  mapping.yaml          their columns and the rules of each export
  ledger_mapping.csv    where each cost centre and account range goes
  allocation_keys.yaml  how shared cost is spread
out/                  written by makeorbuy; safe to delete
```

## How to write

- YAML as lists, mappings and text. Tags, anchors and aliases, merge keys (`<<`), several documents, and a key
  that is written twice are refused; so are files that are not UTF-8, above 2 MB, or deeper than 64 levels.
- Every value is read as text and gets its meaning from its field: `no` may answer a gate, `010` be a cost
  centre.
- A number is written 1200000, 0.85 or 1.2e6: a point for decimals, no spaces, no unit, at most 10^15.
- An id is `a-z` first, then `a-z`, `0-9` and `_`, at most 40 characters. It stands in file names and figures.
- Paths in `evidence/mapping.yaml` lie below `evidence/`. Only the command line (`--evidence tickets=PATH`)
  may name a file elsewhere. Links that lead out of the folder are refused.
- A place in a case is written `options/a_bid.yaml#lines.price.amount`; items of a list are named by their id
  (a source by its kind), or by their number from 1.
- Without an option of kind `business_as_usual` one is implied: today's services carried on, no adopted lines.
"""

_SOURCE_FIELDS = """\
### What `columns` may name

By kind of source. Moments and dates are written as `date_format` says, decimals with the sign in `decimal`; a
month is YYYYMM or YYYY-MM. A person becomes a number before anything is written. How to get such a file out
of a system, and what to ask for: docs/exports.md.
"""
_ALLOCATION_KEYS = """\
## `evidence/allocation_keys.yaml`

A key's name, and below it `service: weight`, not negative. A rule of kind `driver` spreads its rows by these
weights.
"""
_CHECKED = """\
## What is checked

The shape of every file by the tables above, and then its meaning. All problems are told at once, each with
file, line, place, what was found, what was expected and how to mend it. `makeorbuy check` tells beside them
what is worth a look but does not stop, such as numbers without a source.
"""


def reference() -> str:
    """Return the page as Markdown.

    Returns
    -------
    str
        Ends with a line break.
    """
    parts = [_INTRODUCTION, *(_described(model) for model in _SHARED)]
    for _, model in FILES:
        parts.append(_described(model, heading="##"))
        parts += [_described(inner) for inner in _inner(model)]
        if model is schema.MappingFile:
            parts += [
                _source_fields(),
                _described(schema.LedgerRow, heading="##"),
                _ALLOCATION_KEYS,
            ]
    parts += [_assumptions(), _checked()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _described(model: type[BaseModel], heading: str = "###") -> str:
    text = (model.__doc__ or "").strip()
    first, _, rest = text.partition("\n")
    title, colon, meaning = first.partition(": ")
    if heading == "##" and colon:
        lines = [f"## {title}", "", meaning[0].upper() + meaning[1:]]
    else:
        lines = [f"### {_title(model)}", "", first]
    rest = " ".join(line.strip() for line in rest.strip().splitlines())
    if rest:
        lines += ["", rest]
    lines += ["", "| field | what | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else _default(field)
        lines.append(
            f"| `{field.alias or name}` | {_what(field)} | {default} | {_cell(field.description or '')} |"
        )
    return "\n".join(lines) + "\n"


def _title(model: type[BaseModel]) -> str:
    names = {fields.Bilingual: "Text in both languages", fields.Quantity: "Quantity"}
    name = model.__name__.removesuffix("Part")
    return names.get(model, "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ([], {}):
        return ""
    if isinstance(value, list):
        return "`[" + ", ".join(f'"{item}"' if isinstance(item, str) else f"{item}" for item in value) + "]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _what(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]
    return _cell(_type(annotation))


def _type(annotation: Any) -> str:
    for known, word in _PLAIN.items():
        if annotation == known:
            return word
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(arg) for arg in args if arg is not type(None))
    if origin is Annotated:
        return "number or [P10, P50, P90]" if get_origin(args[0]) is tuple else _type(args[0])
    if origin is list:
        return f"list of {_type(args[0])}"
    if origin is dict:
        return f"mapping of {_type(args[0])} to {_type(args[1])}"
    if origin is Literal:
        return ", ".join(f"`{arg}`" for arg in args)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        title = _title(annotation)
        return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    return {str: "text", float: "number", int: "whole number"}.get(annotation, "text")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for arg in get_args(annotation):
        yield from _models(arg)


def _inner(model: type[BaseModel]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for field in model.model_fields.values():
        for below in _models(field.annotation):
            if below not in _SHARED and below not in found:
                found += [below, *(deeper for deeper in _inner(below) if deeper not in found)]
    return found


def _source_fields() -> str:
    lines = [_SOURCE_FIELDS]
    for kind, declared in SOURCE_FIELDS.items():
        lines += [f"#### {kind}", "", "| field | what | required | meaning |", "|---|---|---|---|"]
        for name, field in declared.items():
            required = "yes" if field.required else ""
            lines.append(
                f"| `{name}` | {field.type.replace('_', ' ')} | {required} | {_cell(field.meaning)} |"
            )
        lines.append("")
    return "\n".join(lines)


def _assumptions() -> str:
    lines = [
        "## `assumptions.yaml`",
        "",
        "`name: {value: …, why: …, source: …}`: what the case says instead of a default, and why. An "
        "uncertain one is given as [P10, P50, P90]. A default without a source is shown as an assumption.",
        "",
        "| name | meaning | Bokmål | default | range | unit | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for declared in declarations().values():
        default = ", ".join(f"{value:.9g}" for value in declared.default)
        span = f"{declared.minimum:.9g} to {declared.maximum:.9g}"
        cells = (
            f"`{declared.name}`",
            declared.en,
            declared.nb,
            default,
            span,
            declared.unit,
            declared.source or "",
        )
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _checked() -> str:
    lines = [_CHECKED]
    for check in CHECKS:
        sentence = " ".join((check.__doc__ or "").split("\n\n")[0].split())
        name = getattr(check, "__name__", "")
        lines.append(f"- `{name}`: {sentence.removeprefix('Yield ')}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())

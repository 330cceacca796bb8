"""How the way back from a figure looks in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from makeorbuy.assessment.document import plain
from makeorbuy.assessment.model import Assessment
from makeorbuy.assessment.trace import Step
from makeorbuy.cli.show import amount, in_words, print_json
from makeorbuy.foundation.figure import Figure, Series, Value
from makeorbuy.wording.voice import Voice

SERIES_ROWS_SHOWN = 24
LEVELS_SHOWN = 4
"""How far down a figure is followed at first: to what the case and the ledger say of an offer's saving."""

MOST_SEEN = 2
"""So many files and assumptions that stand further up are named again; more are counted."""

NARROWEST = 110
"""Columns of a terminal that is none, such as a file: no id breaks in two."""


def show_ids(assessment: Assessment, ids: Sequence[str] | None, language: str, as_json: bool) -> None:
    """Print ids with their values: every one, or the given ones."""
    figures = {key: item for key, item in assessment.figures.items() if ids is None or key in ids}
    series = {key: item for key, item in assessment.series.items() if ids is None or key in ids}
    if as_json:
        print_json({**figures, **dict.fromkeys(series, "series")})
        return
    voice = Voice(language)  # type: ignore[arg-type]
    for figure in figures.values():
        sys.stdout.write(f"{figure.id:64} {in_words(voice, figure)}\n")
    for key, item in series.items():
        sys.stdout.write(f"{key:64} {voice.counted('trace.series', len(item.rows))}\n")


def show_trace(step: Step, folder: str, language: str, show_all: bool, as_json: bool) -> None:
    """Print the tree behind a figure, four levels deep or whole."""
    if as_json:
        print_json(_as_mapping(step))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, NARROWEST))
    voice = Voice(language)  # type: ignore[arg-type]
    tree = Tree(_headline(step, voice))
    _grow(tree, step, folder, voice, None if show_all else LEVELS_SHOWN)
    console.print(tree, highlight=False)


def _as_mapping(step: Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "kind": step.kind,
        "content": plain(step.content),
        "declared": plain(step.spec) if step.spec else None,
        "seen_before": step.seen_before,
        "steps": [_as_mapping(child) for child in step.steps],
    }


def _grow(tree: Tree, step: Step, folder: str, voice: Voice, levels: int | None) -> None:
    if levels == 0:
        if step.steps:
            below = voice.counted("trace.below", _count(step))
            tree.add(f'[dim]{below}[/] makeorbuy trace {escape(folder)} "{escape(step.key)}"')
        return
    if step.spec and not step.seen_before:
        page = step.spec.method.removeprefix("docs/methods/")
        tree.add(f"[dim]{voice('trace.formula')}[/] {escape(step.spec.formula)}")
        tree.add(f"[dim]{voice('trace.method')}[/] docs/methods/{escape(page)}")
    leaves = [child for child in step.steps if child.seen_before and child.kind not in ("figure", "series")]
    for child in step.steps:
        if child in leaves and len(leaves) > MOST_SEEN:
            continue
        branch = tree.add(_headline(child, voice))
        _grow(branch, child, folder, voice, None if levels is None else levels - 1)
    if len(leaves) > MOST_SEEN:
        tree.add(f"[dim]{voice('trace.more_above', count=voice.count_word(len(leaves)))}[/]")


def _count(step: Step) -> int:
    return sum(1 + _count(child) for child in step.steps)


def _headline(step: Step, voice: Voice) -> RenderableType:
    key = f"[bold cyan]{escape(step.key)}[/]"
    if step.seen_before:
        return f"{key} [dim]({voice('trace.above')})[/]"
    content = step.content
    if isinstance(content, Figure):
        counts = f", n = {content.n}" if content.n is not None else ""
        if content.censored is not None:
            counts += f", {voice('trace.not_ended', count=voice.whole(content.censored))}"
        return (
            f"{key}  [bold]{escape(in_words(voice, content))}[/]\n{_label(step, voice)} "
            f"[dim]{voice(f'basis.{content.basis}')}{counts}[/]"
        )
    if isinstance(content, Series):
        return _series(f"{key}  {_label(step, voice)}", content, voice)
    if step.kind == "assumption":
        values = " | ".join(f"{value:g}" for value in content["values"])
        source = content["source"] or voice("word.no_source")
        why = f"  [bold]({voice('trace.changed', why=escape(content['why'] or ''))})[/]"
        changed = why if content["overridden"] else ""
        return f"{key}  {values}{changed}\n{escape(content[voice.language])} [dim]{escape(source)}[/]"
    if step.kind == "evidence":
        counts = ", ".join(
            f"{voice.first('trace', name, name[5:])} {content[name]}"
            for name in content
            if name.startswith("rows_")
        )
        return f"{key}  {escape(content.get('file', ''))}  {counts}\n[dim]sha256 {content['sha256']}[/]"
    if step.kind == "case":
        if set(content) == {"value"}:
            return f"{key}  {escape(str(content['value']))}"
        written = ", ".join(f"{name or 'value'}: {value}" for name, value in content.items())
        return f"{key}  {escape(written)}"
    return f"{key}  [red]{voice('trace.nowhere')}[/]"


def _label(step: Step, voice: Voice) -> str:
    return "" if step.spec is None else escape(step.spec.nb if voice.language == "nb" else step.spec.en)


def _series(title: str, series: Series, voice: Voice) -> RenderableType:
    """Return a table as rows; years go crosswise, and a long table is only counted."""
    names = [column.name for column in series.columns]
    units = [column.unit for column in series.columns]
    rows = series.rows
    if units[:1] == ["year"] and len(names) == 3:
        cells = {(row[1], row[0]): row[2] for row in rows}
        years = list(dict.fromkeys(row[0] for row in rows))
        rows = tuple(
            (line, *(cells.get((line, year)) for year in years))
            for line in dict.fromkeys(row[1] for row in rows)
        )
        names, units = [names[1], *map(str, years)], [units[1], *([units[2]] * len(years))]
    if len(rows) > SERIES_ROWS_SHOWN:
        return f"{title}  [dim]{voice.counted('trace.series', len(rows))}[/]"
    other = "name_en" if voice.language == "nb" else "name_nb"
    kept = [place for place, name in enumerate(names) if name != other]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place in kept:
        is_text = units[place] in ("id", "text", "code", "truth")
        table.add_column(escape(names[place]), justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row[place], units[place], voice)) for place in kept))
    return Group(title, table)


def _cell(value: Value, unit: str, voice: Voice) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return voice("word.yes" if value else "word.no")
    return amount(voice, value, unit)

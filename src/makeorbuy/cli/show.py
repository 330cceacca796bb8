"""How results look in a terminal: tidy tables for people, JSON for other programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from makeorbuy.assessment.difference import Difference
from makeorbuy.assessment.document import as_document, plain
from makeorbuy.assessment.model import Assessment
from makeorbuy.brief.appendix import teams_of_no_service, what_was_rewritten, what_was_set_aside
from makeorbuy.brief.reading import Reading
from makeorbuy.case.assumptions import Declaration
from makeorbuy.evidence.pseudonyms import Key
from makeorbuy.foundation.errors import MakeOrBuyError, Problem
from makeorbuy.foundation.figure import Figure, split_address
from makeorbuy.pipeline import Outcome
from makeorbuy.wording.voice import Voice

FIRST_TO_TELL = (
    "decision.service_recommendation",
    "decision.recommendation",
    "decision.total_saving_nok",
    "decision.net_saving_nok",
    "decision.probability_cheaper",
    "decision.probability_faster",
    "baseline.flow_time.median_hours",
    "baseline.unit_cost.yearly_nok",
)
"""The kinds of figures that a difference names first."""

PROBLEMS_SHOWN_PER_CODE = 25
OF_NO_SERVICE_SHARE = 0.02
"""From this share of tickets of no service on, the terminal names their teams."""


def print_json(value: Any) -> None:
    """Print plain JSON, indented."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


@contextmanager
def progress_on_terminal() -> Iterator[Callable[[str, float], None]]:
    """Show the step that is running on standard error; nothing when nobody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(step: str, share: float) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=share)

        yield report


def show_problems(error: MakeOrBuyError, as_json: bool) -> None:
    """Print every problem: place, what was found, what was expected, how to mend it."""
    if as_json:
        print_json({"message": error.message, "problems": [asdict(problem) for problem in error.problems]})
        return
    console = Console(stderr=True)
    count = len(error.problems)
    title = error.message.rstrip(".:")
    console.print(f"[bold]{escape(title)}[/]" + (f": {count} to mend" if count > 1 else ""), highlight=False)
    print_problems(console, error.problems)


def show_key(key: Key | None, file: Path, deleted: int, as_json: bool) -> None:
    """Print whether there is a key of pseudonyms and where; never the key itself."""
    if as_json:
        told = None if key is None else {"id": key.id, "file": str(file)}
        print_json({"key": told, "deleted_files": deleted})
        return
    if key is None:
        sys.stdout.write("No key. Persons of different exports cannot be linked.\n")
    else:
        sys.stdout.write(f"Key {key.id}, in {file}\n")
    if deleted:
        sys.stdout.write(f"Pseudonyms of {deleted} snapshot(s) deleted.\n")


def print_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Print place, what was found, what was expected and the mend of each; many of a kind are cut."""
    shown: dict[str, int] = {}
    for problem in problems:
        shown[problem.code] = shown.get(problem.code, 0) + 1
        if shown[problem.code] > PROBLEMS_SHOWN_PER_CODE:
            continue
        place = problem.file + (f":{problem.row}" if problem.row is not None else "")
        column = f" [cyan]{escape(problem.column)}[/]" if problem.column else ""
        console.print(f"\n[bold]{escape(place)}[/]{column}", highlight=False)
        console.print(f"  found     {escape(problem.found)}", highlight=False)
        console.print(f"  expected  {escape(problem.expected)}", highlight=False)
        console.print(f"  mend      {escape(problem.mend)} [dim]({escape(problem.code)})[/]", highlight=False)
    for code, count in shown.items():
        if count > PROBLEMS_SHOWN_PER_CODE:
            console.print(f"\n… and {count - PROBLEMS_SHOWN_PER_CODE} more of {code}", highlight=False)


def in_words(voice: Voice, figure: Figure) -> str:
    """Return a figure as text: value, unit and interval, or the reason why there is none."""
    if figure.value is None:
        return voice.reason(figure.reason)
    text = amount(voice, figure.value, figure.unit)
    if figure.low is not None and figure.high is not None and figure.level is not None:
        low, high = (amount(voice, bound, figure.unit) for bound in (figure.low, figure.high))
        text += f"  ({voice.percent(figure.level)}: {low} – {high})"
    return text


def amount(voice: Voice, value: Any, unit: str) -> str:
    """Return a value with its unit as people write it."""
    if isinstance(value, (bool, str)) or value is None:
        return "" if value is None else str(value)
    if unit.startswith("nok"):
        return voice.mnok(value) if abs(value) >= 1e5 else voice.nok(value)
    if unit == "share":
        return voice.percent(value, 0 if abs(value) >= 0.1 else 1)
    if unit == "hours":
        return voice.duration(value)
    if unit == "count":
        return voice.whole(value)
    if unit == "year":
        return voice("unit.in_year", year=voice.whole(value))
    return voice.decimal(value, 2) + ("" if unit == "text" else f" {unit.replace('_', ' ')}")


def show_assumptions(declared: Sequence[Declaration], language: str, as_json: bool) -> None:
    """Print what each assumption is, its default, its range and where the default comes from."""
    if as_json:
        print_json(declared)
        return
    voice = Voice(language)  # type: ignore[arg-type]
    console = Console()
    for item in declared:
        default = " | ".join(f"{value:g}" for value in item.default)
        label = item.nb if language == "nb" else item.en
        console.print(f"[bold]{item.name}[/]  {escape(label)}", highlight=False)
        console.print(
            f"  {default} {escape(item.unit)}, {item.minimum:g} – {item.maximum:g}\n"
            f"  [dim]{escape(item.source or voice('word.no_source'))}[/]",
            highlight=False,
        )


def show_difference(found: Difference, language: str, show_all: bool, as_json: bool) -> None:
    """Print what changed in the input and every figure that moved because of it."""
    if as_json:
        print_json(found)
        return
    voice = Voice(language)  # type: ignore[arg-type]
    head = [voice(f"diff.{word}") for word in ("what", "before", "now", "figure", "why")]
    console = Console()
    if not found.causes and not found.moved:
        console.print(voice("diff.nothing"))
        return
    table = Table(*head[:3], title_justify="left", box=None, pad_edge=False)
    for cause in found.causes:
        table.add_row(escape(cause.key), *(escape(_short(value)) for value in (cause.old, cause.new)))
    console.print(table, highlight=False)
    order = {name: place for place, name in enumerate(FIRST_TO_TELL)}
    moved = sorted(found.moved, key=lambda item: (order.get(split_address(item.id)[0], len(order)), item.id))
    shown = moved if show_all else [item for item in moved if split_address(item.id)[0] in order]
    numbers = {cause.key: str(place) for place, cause in enumerate(found.causes, 1)}
    table = Table(box=None, pad_edge=False)
    for name in (head[3], *head[1:3], head[4]):
        table.add_column(name, overflow="fold")
    for item in shown:
        old, new = (in_words(voice, figure) if figure else "–" for figure in (item.old, item.new))
        why = ", ".join(numbers[key] for key in item.causes) or voice("diff.version")
        table.add_row(escape(item.id), escape(old), escape(new), why)
    if shown:
        console.print()
        console.print(table, highlight=False)
    rest = len(moved) - len(shown)
    counts = (len(moved), len(found.moved_series), found.unmoved_count)
    said = voice(
        "diff.moved", **dict(zip(("figures", "series", "rest"), map(voice.whole, counts), strict=True))
    )
    more = f" {voice('diff.more', count=voice.whole(rest))}" if rest else ""
    console.print(f"\n{said}{more} {voice('diff.numbers')}", highlight=False)


def _short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return " | ".join(map(str, value))
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def show_outcome(outcome: Outcome, language: str, as_json: bool) -> None:
    """Print the answer, service by service, and where the brief lies."""
    assessment = outcome.assessment
    if as_json:
        wanted = [key for key in assessment.figures if key.startswith("decision.")]
        print_json(
            {
                "digest": assessment.digest,
                "files": [str(file) for file in outcome.files],
                "seconds": dict(outcome.seconds),
                "figures": {key: assessment.figures[key] for key in wanted},
                "summary": assessment.series.get("decision.summary"),
            }
        )
        return
    _print_answer(assessment, language)
    console = Console()
    for file in outcome.files:
        console.print(f"  {escape(str(file))}", highlight=False, soft_wrap=True)
    total = sum(outcome.seconds.values())
    console.print(f"[dim]{total:.1f} s · {escape(assessment.digest[:16])}[/]", highlight=False)


def _print_answer(assessment: Assessment, language: str) -> None:
    from makeorbuy.brief.first_page import (
        RECOMMENDATIONS,
        caveats,
        headline,
        lead,
        services_by_recommendation,
    )
    from makeorbuy.brief.option_page import reason_sentence

    voice = Voice(language)  # type: ignore[arg-type]
    reading = Reading(as_document(assessment), voice)
    console = Console()
    console.print(f"\n[bold]{escape(headline(reading))}[/]", highlight=False)
    console.print(escape(lead(reading)), highlight=False)
    if caveats(reading):
        console.print(escape(caveats(reading)), highlight=False)
    told: dict[str, list[tuple[str, ...]]] = {}
    groups = services_by_recommendation(reading)
    for code in RECOMMENDATIONS:
        for service in groups[code]:
            reasons = reading.table("decision.service_reasons", service).rows
            reason = reason_sentence(reading, reasons[0]) if reasons else ""
            heading = f"[bold]{escape(voice(f'recommendation.{code}'))}.[/] {escape(reason)}"
            clock = reading.services[service]["clock"]
            yearly = reading.yearly_nok(service)
            median = reading.number("baseline.flow_time.median_hours", service, clock)
            count = reading.number("baseline.backlog.open_count", service)
            row = (
                reading.service_name(service),
                "–" if yearly is None else voice.millions(yearly),
                "–" if median is None else voice.duration(median, clock),
                "–" if count is None else voice.whole(count),
            )
            told.setdefault(heading, []).append(row)
    head = tuple(voice(f"head.{code}") for code in ("service", "mnok", "median", "open"))
    width = max(len(row[0]) for rows in told.values() for row in (head, *rows))
    _print_rows(console, [head], width, "dim")
    for heading, rows in told.items():
        console.print(f"\n{heading}", highlight=False)
        _print_rows(console, rows, width)
    console.print()
    _warn_of_rows_set_aside(console, reading)
    _tell_what_was_rewritten(console, reading)


def _warn_of_rows_set_aside(console: Console, reading: Reading) -> None:
    """Say so when much of a source could not be used, or belongs to no service."""
    told = what_was_set_aside(reading)
    tickets = reading.number("evidence.rows_used", "tickets") or 0.0
    if (reading.number("evidence.unassigned_tickets") or 0.0) >= OF_NO_SERVICE_SHARE * tickets:
        told.append(teams_of_no_service(reading))
    for said in filter(None, told):
        console.print(f"[bold red]![/] {escape(said)}\n", highlight=False)


def _tell_what_was_rewritten(console: Console, reading: Reading) -> None:
    """Say what this export has changed of what the last one said was settled."""
    for said in what_was_rewritten(reading):
        console.print(f"[bold]![/] {escape(said)}\n", highlight=False)


def _print_rows(console: Console, rows: Sequence[Sequence[str]], width: int, style: str = "") -> None:
    """Print a service and its three numbers a line; the same columns under every heading."""
    table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 2), show_header=False, style=style)
    table.add_column(min_width=width + 2)
    for _ in range(3):
        table.add_column(justify="right", min_width=11)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table, highlight=False)

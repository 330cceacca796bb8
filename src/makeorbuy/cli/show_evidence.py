"""What came in, what was set aside and why, how it was selected, and what to ask for: in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from makeorbuy.assessment.document import as_document
from makeorbuy.assessment.model import Assessment
from makeorbuy.brief.appendix import teams_of_no_service
from makeorbuy.brief.chart import capital
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.request import request_text
from makeorbuy.brief.selection_chart import findings_in_words, selection_title
from makeorbuy.case.model import Case
from makeorbuy.cli.show import print_json, print_problems
from makeorbuy.foundation.errors import Problem
from makeorbuy.wording.findings import facts_from
from makeorbuy.wording.voice import Voice

ROW_COUNTS = ("rows_read", "rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")


def show_checked(
    case: Case, remarks: Sequence[Problem], seen: Assessment | None, language: Any, as_json: bool
) -> None:
    """Print that a case is well-formed, what it holds, what is worth a look, and what its records are.

    Parameters
    ----------
    seen : Assessment or None
        What came in; None where the records were not read.
    """
    reading = None if seen is None else Reading(as_document(seen), Voice(language))
    counted = {
        "services": len(case.services),
        "options": len(case.options),
        "gates": len(case.gates),
        "sources": len(case.sources),
    }
    if as_json:
        print_json(
            {
                "problems": [],
                "remarks": [asdict(remark) for remark in remarks],
                **counted,
                "evidence": None if reading is None else _as_mapping(reading),
            }
        )
        return
    voice = Voice(language)
    console = Console()
    held = voice.listed(voice.counted(f"terminal.held_{name}", number) for name, number in counted.items())
    said = voice("terminal.checked_case" if seen is None and case.sources else "terminal.checked")
    console.print(f"[bold]{escape(said)}[/] {escape(capital(held))}.", highlight=False)
    if remarks:
        console.print(f"\n{escape(capital(voice.counted('terminal.remarks', len(remarks))))}")
        print_problems(console, remarks)
    if reading is not None:
        print_evidence(console, reading)
        print_request(console, reading)
    elif case.sources:
        console.print(f"\n{escape(voice('terminal.no_evidence'))}", highlight=False)


def print_evidence(console: Console, reading: Reading) -> None:
    """Print each source's rows, why some were set aside, and how the export was selected."""
    v = reading.voice
    sources = Table(box=None, padding=(0, 2, 0, 0))
    sources.add_column(v("look.file"), overflow="fold")
    for name in ROW_COUNTS:
        sources.add_column(v(f"head.{name}"), justify="right")
    for row in reading.table("evidence.files").rows:
        counts = (reading.number(f"evidence.{name}", row["source"]) or 0 for name in ROW_COUNTS)
        sources.add_row(escape(str(row["file"])), *map(v.whole, counts))
    console.print()
    console.print(sources)
    for row in sorted(reading.table("evidence.quarantine_reasons").rows, key=lambda row: -row["rows"]):
        what = v.first("quarantine.reason", row["code"], str(row["code"]))
        mend = v.first("quarantine.mend", row["code"], v("quarantine.mend.other"))
        where = v.first("source", row["source"], str(row["source"]))
        where += f", {row['column']}" if row.get("column") else ""
        console.print(
            f"  {v.whole(row['rows'])} × {escape(where)}: {escape(what)}. [dim]{escape(mend)}[/]",
            highlight=False,
        )
    if of_nobody := teams_of_no_service(reading):
        console.print(f"  {escape(of_nobody)}", highlight=False)
    found = findings_in_words(reading)
    console.print(f"\n[bold]{escape(capital(selection_title(reading)))}[/]", highlight=False)
    for said, spoils, ask in found:
        console.print(f"- {escape(said)}", highlight=False)
        console.print(f"  [dim]{v('look.spoils')}: {escape(spoils)}. {escape(ask)}[/]", highlight=False)


def print_request(console: Console, reading: Reading) -> None:
    """Print the request to whoever exported, to copy."""
    said = request_text(reading)
    if said:
        console.print(f"\n[bold]{escape(reading.voice('letter.title'))}[/]", highlight=False)
        for line in said.splitlines():
            console.print(f"  {escape(line)}" if line else "", highlight=False)


def _as_mapping(reading: Reading) -> dict[str, Any]:
    return {
        "sources": [
            {
                **row,
                **{name: reading.number(f"evidence.{name}", row["source"]) for name in ROW_COUNTS},
            }
            for row in reading.table("evidence.files").rows
        ],
        "set_aside": list(reading.table("evidence.quarantine_reasons").rows),
        "findings": [
            {
                **row,
                "facts": facts_from(str(row["facts"])),
                "spoils": str(row["spoils"] or "").split(", ") if row["spoils"] else [],
                "refuses": str(row["refuses"] or "").split(", ") if row["refuses"] else [],
                "said": said,
                "ask": ask,
            }
            for row, (said, _, ask) in zip(
                reading.table("evidence.selection_findings").rows, findings_in_words(reading), strict=True
            )
        ],
        "request": request_text(reading),
    }

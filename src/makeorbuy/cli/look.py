"""How a first look and a proposed mapping look in a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from makeorbuy.assessment.document import as_document
from makeorbuy.brief.chart import capital
from makeorbuy.brief.look_page import cannot, facts, headline, lead, render_look
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.selection_chart import findings_in_words
from makeorbuy.cli.show import print_json
from makeorbuy.evidence.proposal import Proposal, as_yaml
from makeorbuy.foundation.errors import InputError, Problem
from makeorbuy.pipeline import FirstLook, write_atomically
from makeorbuy.wording.voice import Voice

PAGE_FILE = "look.html"
MAPPING_FILE = "mapping.yaml"
FIRST_FIELDS = ("number", "updated_at", "opened_at", "resolved_at", "state", "team")
"""What of a proposal's rows fits a terminal."""


def show_look(seen: FirstLook, out: Path | None, language: Any, as_json: bool) -> None:
    """Print a first look, and write its page where it was asked for."""
    document = as_document(seen.assessment)
    page = None
    if out is not None:
        html = render_look(document, seen.systems, seen.assumed, seen.remarks, language)
        page = write_atomically(out / PAGE_FILE, html)
    reading = Reading(document, Voice(language))
    if as_json:
        print_json(
            {
                "recognised": seen.systems,
                "assumed": seen.assumed,
                "remarks": seen.remarks,
                "findings": [
                    {"code": f.code, "source": f.source, "facts": dict(f.facts), "spoils": f.spoils}
                    for f in seen.findings
                ],
                "figures": seen.assessment.figures,
                "files": [str(page)] if page else [],
            }
        )
        return
    v = reading.voice
    console = Console()
    console.print(f"[bold]{escape(headline(reading))}[/]", highlight=False)
    console.print(escape(lead(reading, seen.systems)), highlight=False)
    told = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for label, value in facts(reading):
        told.add_row(escape(label), escape(value))
    console.print(told)
    sources = Table(box=None, padding=(0, 2, 0, 0))
    names = ("rows_read", "rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")
    sources.add_column(v("look.file"))
    for name in names:
        sources.add_column(v(f"head.{name}"), justify="right")
    for row in reading.table("evidence.files").rows:
        counts = (reading.number(f"evidence.{name}", row["source"]) or 0 for name in names)
        sources.add_row(escape(str(row["file"])), *map(v.whole, counts))
    console.print()
    console.print(sources)
    for row in sorted(reading.table("evidence.quarantine_reasons").rows, key=lambda row: -row["rows"]):
        what = v.first("quarantine.reason", row["code"], str(row["code"]))
        mend = v.first("quarantine.mend", row["code"], v("quarantine.mend.other"))
        console.print(f"  {v.whole(row['rows'])} × {escape(what)}. [dim]{escape(mend)}[/]", highlight=False)
    found = findings_in_words(reading)
    title = v.counted("look.findings_title", len(found)) if found else v("look.findings_title_none")
    console.print(f"\n[bold]{escape(capital(title))}[/]", highlight=False)
    for said, spoils, ask in found:
        console.print(f"- {escape(said)}", highlight=False)
        console.print(f"  [dim]{v('look.spoils')}: {escape(spoils)}. {escape(ask)}[/]", highlight=False)
    console.print(f"\n[bold]{escape(v('look.cannot_title'))}[/]", highlight=False)
    for line in cannot(reading, seen.assumed, seen.remarks):
        console.print(f"- {escape(line)}", highlight=False)
    if page is not None:
        console.print(f"\n{escape(v('mapping.written', file=str(page)))}", highlight=False)


def show_proposal(proposal: Proposal, out: Path | None, language: Any, as_json: bool) -> None:
    """Print a proposed mapping with the first rows as they would be read; write it where asked."""
    voice = Voice(language)
    text = as_yaml(proposal.recognition, voice)
    written = None
    if out is not None:
        written = out / MAPPING_FILE
        if written.exists():
            problem = Problem(
                "file_exists", str(written), None, None, "a file", "none: nothing is overwritten",
                "Give another folder, or move the file away.",
            )  # fmt: skip
            raise InputError("The mapping is already there.", [problem])
        write_atomically(written, text)
    if as_json:
        known = proposal.recognition
        print_json(
            {
                "system": known.system,
                "score": known.score,
                "headers": known.headers,
                "values": known.values,
                "sources": known.sources,
                "questions": known.questions,
                "remarks": known.remarks,
                "rows": proposal.rows,
                "files": [str(written)] if written else [],
            }
        )
        return
    sys.stdout.write(text)
    if proposal.rows:
        console = Console()
        rows = Table(box=None, padding=(0, 2, 0, 0))
        shown = [field for field in FIRST_FIELDS if field in proposal.rows[0]]
        shown = shown if len(shown) > 2 else list(proposal.rows[0])[:6]
        for field in shown:
            rows.add_column(field)
        for row in proposal.rows:
            rows.add_row(*(escape(row[field]) for field in shown))
        console.print(f"\n# {escape(voice('mapping.rows'))}", highlight=False)
        console.print(rows)
    if written is not None:
        sys.stdout.write(f"\n# {voice('mapping.written', file=str(written))}\n")

"""How a first look and a proposed mapping look in a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from makeorbuy.assessment.document import as_document
from makeorbuy.brief.look_page import cannot, facts, headline, lead, render_look
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.request import request_text
from makeorbuy.cli.show import print_json
from makeorbuy.cli.show_evidence import print_evidence, print_request
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
                "request": request_text(reading),
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
    print_evidence(console, reading)
    console.print(f"\n[bold]{escape(v('look.cannot_title'))}[/]", highlight=False)
    for line in cannot(reading, seen.assumed, seen.remarks):
        console.print(f"- {escape(line)}", highlight=False)
    print_request(console, reading)
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

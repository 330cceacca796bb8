"""How a first look and a proposed mapping look in a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
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


def show_proposals(proposals: Sequence[Proposal], out: Path | None, language: Any, as_json: bool) -> None:
    """Print proposed mappings as one, with the first rows as they would be read; write it where asked.

    What is printed is YAML as a whole: everything else is a comment.
    """
    voice = Voice(language)
    text = "".join(
        as_yaml(proposal.recognition, voice) if place == 0 else _as_further(proposal, voice)
        for place, proposal in enumerate(proposals)
    )
    written = None
    if out is not None:
        written = out / MAPPING_FILE
        if written.exists():
            problem = Problem(
                "file_exists", str(written), None, None, "a file", "none: nothing is overwritten",
                "Give every file at once (`makeorbuy map FILE FILE`), or another folder, or move it away.",
            )  # fmt: skip
            raise InputError("The mapping is already there.", [problem])
        write_atomically(written, text)
    if as_json:
        told = [_as_mapping(proposal, written) for proposal in proposals]
        print_json(told[0] if len(told) == 1 else told)
        return
    sys.stdout.write(text)
    for proposal in proposals:
        if proposal.rows:
            name = " ".join(proposal.recognition.sources[0].path.rpartition("/")[2].split())
            said = voice("mapping.rows") if len(proposals) == 1 else f"{name}: {voice('mapping.rows')}"
            sys.stdout.write(f"\n# {said}\n")
            sys.stdout.write("".join(f"# {line}".rstrip() + "\n" for line in _first_rows(proposal)))
    if written is not None:
        sys.stdout.write(f"\n# {voice('mapping.written', file=str(written))}\n")


def _as_further(proposal: Proposal, voice: Voice) -> str:
    """Return a proposed mapping that goes on a list of sources."""
    comments, _, sources = as_yaml(proposal.recognition, voice).partition("\nsources:\n")
    return f"\n{comments}\n{sources}"


def _as_mapping(proposal: Proposal, written: Path | None) -> dict[str, Any]:
    known = proposal.recognition
    return {
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


def _first_rows(proposal: Proposal) -> list[str]:
    """Return the first rows as lines of a table as wide as the terminal, less the sign of a comment."""
    shown = [field for field in FIRST_FIELDS if field in proposal.rows[0]]
    shown = shown if len(shown) > 2 else list(proposal.rows[0])[:6]
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for field in shown:
        rows.add_column(field)
    for row in proposal.rows:
        rows.add_row(*(escape(row[field]) for field in shown))
    lines = io.StringIO()
    Console(file=lines, width=max(40, Console().width - 2)).print(rows)
    return lines.getvalue().splitlines()

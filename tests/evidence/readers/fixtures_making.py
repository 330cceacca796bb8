"""From a fixture to its tickets by the way a user goes, and the truth to hold them against."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.model import Evidence
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.recognition import Recognition
from makeorbuy.evidence.registry import recognitions
from makeorbuy.evidence.sample import samples_of

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
EXPORTED = datetime(2025, 11, 5, 10, 0)  # noqa: DTZ001  # local; 09:00Z
_STATES = {"canceled": "cancelled", "in_progress": "open", "on_hold": "waiting"}


def recognised(name: str) -> Recognition:
    """The best recognition of a fixture."""
    with open_evidence(EXPORTS, str((EXPORTS / name).resolve())) as file:
        found = recognitions(samples_of(file))
    assert found, f"nobody recognises {name}"
    return found[0]


@dataclass(frozen=True)
class Ticket:
    """What the snapshot says of one ticket, as far as the truth tells it too; times as UTC minutes."""

    opened: int
    ending: str
    end: int | None
    state: str
    team: str | None
    reopened: int | None
    handoffs: int | None


@dataclass(frozen=True)
class Taken:
    """One fixture after the intake."""

    recognition: Recognition
    evidence: Evidence
    tickets: dict[str, Ticket]  # by number
    set_aside: dict[int, set[str]]  # by record


def tickets_of(folder: Path, name: str, evidence_case: Any, **answers: Any) -> Taken:
    """Recognise a fixture, answer what is asked, take it in, return its tickets.

    ``answers`` are fields of `Source`: what a person would have filled in.
    """
    return together(folder, {name: answers}, evidence_case)


def together(folder: Path, files: Mapping[str, Mapping[str, Any]], evidence_case: Any) -> Taken:
    """Take in fixtures that belong together, such as tickets and their history, each with its answers.

    The recognition is that of the first.
    """
    (folder / "evidence").mkdir(exist_ok=True)
    sources = []
    for name, answers in files.items():
        shutil.copy(EXPORTS / name, folder / "evidence")
        sources += [_answered(source, answers) for source in recognised(name).sources]
    recognition = recognised(next(iter(files)))
    evidence = take_in(evidence_case(*sources), folder, folder / "out")
    connection = evidence.connect()
    try:
        rows = connection.execute(
            "SELECT number, opened_minute, ending, CASE WHEN ending <> 'open' THEN end_minute END, state,"
            " team, reopen_count, handoff_count FROM tickets"
        ).fetchall()
        set_aside: dict[int, set[str]] = {}
        for record, code in connection.execute(
            "SELECT record, code FROM quarantine WHERE source = 'tickets'"
        ).fetchall():
            set_aside.setdefault(record, set()).add(code)
    finally:
        connection.close()
    for count in evidence.counts:
        assert count.rows_read == (
            count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
        )
    return Taken(recognition, evidence, {row[0]: Ticket(*row[1:]) for row in rows}, set_aside)


def _answered(source: Source, answers: Mapping[str, Any]) -> Source:
    asked = {
        # a table of columns, states or teams is completed; anything else is said only where it was asked
        name: {**getattr(source, name), **value} if isinstance(value, dict) else value
        for name, value in answers.items()
        if isinstance(value, dict) or not getattr(source, name)
    }
    return replace(source, **{"exported_at": EXPORTED, "selection": "all", **asked})


def truth() -> dict[int, Ticket]:
    """The ten tickets as they were."""
    text = json.loads((EXPORTS / "truth.json").read_text(encoding="utf-8"))
    tickets = {}
    for ticket in text["tickets"]:
        resolved, closed = _minute(ticket["resolved"]), _minute(ticket["closed"])
        state = _STATES.get(ticket["final"], ticket["final"])
        ending = {"cancelled": "cancelled", "closed": "resolved" if resolved else "unknown"}.get(
            state, "open"
        )
        end = closed if ending == "cancelled" else resolved
        opened = _minute(ticket["opened"])
        assert opened is not None
        tickets[ticket["n"]] = Ticket(
            opened, ending, end, state, ticket["group_last"], ticket["reopened"], ticket["handoffs"]
        )
    return tickets


def _minute(written: str | None) -> int | None:
    return None if written is None else int(datetime.fromisoformat(written).timestamp() // 60)


def assert_true(
    taken: Taken,
    number_of: Any,
    *,
    without: Mapping[int, str],
    tickets: int = 10,
    ignoring: tuple[str, ...] = ("handoffs",),
    differing: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """Hold every ticket against the truth.

    Parameters
    ----------
    number_of : callable
        The ticket's number in this source, from its number in the truth.
    without : mapping of int to str
        Tickets that must be in quarantine, and the reason: what the source cannot tell.
    tickets : int
        How many of the ten the file holds.
    ignoring : tuple of str
        What this source does not say.
    differing : mapping of int to mapping
        What this source says otherwise, by ticket: each with its reason where it is given.
    """
    otherwise = differing or {}
    expected = {
        number_of(n): replace(ticket, **dict.fromkeys(ignoring), **otherwise.get(n, {}))
        for n, ticket in truth().items()
        if n <= tickets and n not in without
    }
    found = {number: replace(ticket, **dict.fromkeys(ignoring)) for number, ticket in taken.tickets.items()}
    assert found == expected
    codes = sorted(code for codes in taken.set_aside.values() for code in codes)
    assert sorted(without.values()) == [code for code in codes if code != "duplicate_row"]

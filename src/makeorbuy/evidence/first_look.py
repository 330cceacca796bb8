"""Answer the questions of a recognition for a first look: with what the reader of the page is told.

A case needs a person's answers. A first look may go on with stated assumptions where they move nothing
much (the zone moves flow times by an hour twice a year) and stops where they would decide (day before
month, which column is the end of the work).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np

from makeorbuy.case.model import Source
from makeorbuy.evidence.calendar import is_utc
from makeorbuy.evidence.model import Evidence
from makeorbuy.evidence.proposal import Proposal
from makeorbuy.evidence.recognition import Recognition, as_is_likely
from makeorbuy.foundation.errors import EvidenceError, Problem

LEAST_SHARE_OF_WEEK = 0.02
"""A week with less than this share of an ordinary one is beyond the end of the records."""

FAR = datetime(2100, 1, 1)  # noqa: DTZ001  # local
LONG_AGO = datetime(1990, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person at the keyboard has said; empty where nothing was."""

    time_zone: str = ""
    date_format: str = ""
    end_column: str = ""
    exported_at: datetime | None = None
    sheet: str = ""


def answered(
    paths: Sequence[Path], proposals: Sequence[Proposal], answers: Answers, zone: str
) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Return the sources of some files with every question answered, and the codes of what was assumed.

    With a history of states beside the tickets, no column needs to be the end of the work.

    Raises
    ------
    EvidenceError
        If questions must be answered first: all of them, with what to add to the command line.
    """
    assumed: list[str] = []
    problems: list[Problem] = []
    sources: list[Source] = []
    for path, proposal in zip(paths, proposals, strict=True):
        kinds = {source.kind for source in proposal.recognition.sources}
        if not kinds & {"tickets", "ticket_events"}:
            problems.append(
                Problem(
                    "not_tickets", path.name, None, None, proposal.recognition.system,
                    "an export of tickets", "`makeorbuy map FILE` proposes how a case reads it.",
                )
            )  # fmt: skip
    if problems:
        raise EvidenceError("A first look is about tickets.", problems)
    has_history = any(
        source.kind == "ticket_events" and "state" in source.columns
        for proposal in proposals
        for source in proposal.recognition.sources
    )
    for path, proposal in zip(paths, proposals, strict=True):
        sources += _answered(path, proposal, answers, zone, has_history, assumed, problems)
    if problems:
        raise EvidenceError("A first look needs an answer.", problems)
    if answers.exported_at is None:
        assumed.append("exported_at")
    return tuple(sources), tuple(dict.fromkeys(assumed))


def _answered(
    path: Path,
    proposal: Proposal,
    answers: Answers,
    zone: str,
    has_history: bool,
    assumed: list[str],
    problems: list[Problem],
) -> Iterator[Source]:
    recognition = proposal.recognition
    for proposed in recognition.sources:
        sheet = answers.sheet or proposed.sheet
        source, likely = as_is_likely(replace(proposed, sheet=sheet), recognition.questions)
        assumed += likely
        asked = next((question for question in recognition.questions if question.key == "sheet"), None)
        if asked is not None and not source.sheet:
            found = f"objects of the types {', '.join(asked.choices)}"
            problems.append(_ask(path, "sheet", found, "--sheet TYPE"))
        columns = dict(source.columns)
        if answers.end_column:
            columns["resolved_at"] = answers.end_column
        needs_end = source.kind == "tickets" and source.shape == "row_per_ticket" and not has_history
        if needs_end and "resolved_at" not in columns:
            left = ", ".join(f'"{name}"' for name in proposal.moments)
            option = f"--end COLUMN, where COLUMN is one of {left}" if left else "--end COLUMN"
            problems.append(_ask(path, "columns.resolved_at", "no column for the end of the work", option))
        form = answers.date_format or source.date_format
        if not form:
            choices = next((q.choices for q in recognition.questions if q.key == "date_format"), ())
            found = f"dates that fit {' and '.join(choices)}" if choices else "dates of no known format"
            problems.append(_ask(path, "date_format", found, _date_options(choices)))
        if not (answers.time_zone or source.time_zone) and not is_utc(form):
            assumed.append("zone")
        constant = source.constant_type
        if source.kind == "tickets" and constant is None and "type" not in columns:
            constant = "incident"
            assumed.append("one_type")
        unworked = ("handling_time" in columns and not source.handling_unit) or not source.decimal
        if unworked and columns.pop("handling_time", ""):
            assumed.append("handling_unit")
            source = replace(source, handling_unit="", decimal=source.decimal or ".")
        if source.shape == "row_per_event" and any(q.key == "states" for q in recognition.questions):
            assumed.append("activities")  # an end with an unknown name would leave its ticket open
        if source.fold == "quarantine" and source.time_zone != "UTC" and "%z" not in form:
            assumed.append("fold")
        yield replace(
            source,
            path=str(path.absolute()),
            columns=columns,
            date_format=form,
            further_date_formats=() if answers.date_format else source.further_date_formats,
            time_zone=answers.time_zone or source.time_zone or zone,
            constant_type=constant,
            exported_at=answers.exported_at,
            fold="earlier" if source.fold == "quarantine" else source.fold,
        )


def _date_options(choices: Sequence[str]) -> str:
    """Return what to add to the command line, with how the third of April would be written in each."""
    if not choices:
        return '--date-format FORMAT in the letters of strftime, such as "%d.%m.%Y %H:%M"'
    day = datetime(2025, 4, 3, 14, 5)  # noqa: DTZ001
    said = [f'--date-format "{form}" if the 3rd of April is written {day.strftime(form)}' for form in choices]
    return ", or ".join(said)


def _ask(path: Path, column: str, found: str, option: str) -> Problem:
    return Problem(
        "question", path.name, None, column, found, "an answer from whoever exported it", f"Say {option}."
    )


def remarks_together(recognised: Iterable[Recognition]) -> tuple[str, ...]:
    """Return the remarks on files that are looked at together: a history beside a list answers some."""
    recognised = list(recognised)
    kinds = {source.kind for known in recognised for source in known.sources}
    answered_by_another = {"no_history", "history_by_key"} if kinds >= {"tickets", "ticket_events"} else set()
    codes = dict.fromkeys(code for known in recognised for code in known.remarks)
    return tuple(code for code in codes if code not in answered_by_another)


SpeedMeasure = Literal["restore", "fulfil", "change_lead_time"]
_MEASURES: dict[str, SpeedMeasure] = {
    "incident": "restore", "request": "fulfil", "change": "change_lead_time"
}  # fmt: skip


def extent(evidence: Evidence) -> tuple[datetime, datetime, SpeedMeasure]:
    """Return the first day, the minute after the last moment, and what is timed of the commonest type.

    A few dates far in the future are mistakes and not the end of the records: the last week counts in
    which a fiftieth of an ordinary week's openings, ends and closings happens.

    Raises
    ------
    EvidenceError
        If there is no ticket.
    """
    query = files("makeorbuy.evidence").joinpath("sql", "first_look_days.sql").read_text(encoding="utf-8")
    with closing(evidence.connect()) as connection:
        rows = connection.execute(query).fetchall()
        types = connection.execute(
            "SELECT type, min(opened_local_minute) // 1440 FROM tickets"
            " GROUP BY type ORDER BY count(*) DESC, type"
        ).fetchall()
    if not rows:
        name = next((count.file for count in evidence.counts), "the file")
        problem = Problem(
            "no_tickets", name, None, None, "no ticket that could be read", "at least one",
            "See how rows would be read with `makeorbuy map`, and correct the mapping.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    days, counts, minutes = np.array(rows, dtype=np.int64).T
    by_day = np.zeros(int(days[-1] - days[0]) + 7, dtype=np.int64)
    by_day[days - days[0]] = counts
    weekly = np.convolve(by_day, np.ones(7, dtype=np.int64))[: len(by_day)]  # the seven days to each day
    usual = float(np.quantile(weekly, 0.9))  # years before the records proper may be nearly empty
    is_busy = weekly[days - days[0]] >= max(1.0, LEAST_SHARE_OF_WEEK * usual)
    last = int(minutes[is_busy][-1])
    day = datetime(1970, 1, 1) + timedelta(days=min(first for _, first in types))  # noqa: DTZ001
    end = datetime(1970, 1, 1) + timedelta(minutes=last + 1)  # noqa: DTZ001
    return day, end, _MEASURES[types[0][0]]

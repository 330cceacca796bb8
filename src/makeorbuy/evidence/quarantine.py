"""Rows set aside: why, and what mends each of them.

A row with two faults has two rows in the table ``quarantine``. Nothing is deleted: the record number
leads back to the file, and what was found is shown by its shape only.
"""

from __future__ import annotations

from dataclasses import dataclass

from makeorbuy.evidence.model import QuarantineReason
from makeorbuy.foundation.errors import Problem


@dataclass(frozen=True, slots=True)
class Reason:
    """What a reason code means: what was expected and how to mend it."""

    expected: str
    mend: str


_CORRECT = "Correct the row in the source system or the export, and run again."

REASONS: dict[str, Reason] = {
    "too_few_fields": Reason(
        "as many fields as the header has", "Look for a row that a line break has cut; export again."
    ),
    "too_many_fields": Reason(
        "as many fields as the header has", "Look for a delimiter in an unquoted text; export again."
    ),
    "bad_encoding": Reason(
        "text in the declared encoding", "Rows were joined from files in two encodings: export again."
    ),
    "formula_not_computed": Reason(
        "a value; the cell holds a formula that was never computed",
        "Open the workbook in a spreadsheet program, save it and take it in again; or export as CSV.",
    ),
    "formula_outside": Reason(
        "a value of this workbook; the cell reads another one, as it was some day",
        "Paste the column as values, and take it in again.",
    ),
    "error_cell": Reason("a value; the cell shows an error such as #REF!", _CORRECT),
    "bad_characters": Reason(
        "whole characters", "The row holds half a character (a lone surrogate): correct it at its source."
    ),
    "not_a_ticket": Reason(
        "something that happened to a ticket",
        "Nothing needs mending if it is about something else; else name the tickets' type in `sheet`.",
    ),
    "ticket_without_events": Reason(
        "at least one event for each ticket", "Export the events of the tickets' whole life."
    ),
    "not_a_record": Reason("a record with named fields", "Export a list of records, one for each ticket."),
    "broken_quotes": Reason(
        "quotes in pairs, doubled within quoted text",
        "Correct the quote on the line that is named; reading went on with the line after it.",
    ),
    "rows_within_text": Reason(
        "a text that is no rows of its own",
        "Look for a quote left open in the first of these lines; replace the line breaks of a real text.",
    ),
    "missing_number": Reason("a number", _CORRECT),
    "missing_opened": Reason("a time of opening", _CORRECT),
    "missing_time": Reason("a time", _CORRECT),
    "invalid_date": Reason(
        "a day that exists, in the declared date_format",
        "Correct the row, or `date_format` in evidence/mapping.yaml if most rows have it.",
    ),
    "out_of_range": Reason("a year from 1990 to 2100, or an amount below 1e15", _CORRECT),
    "daylight_saving_gap": Reason(
        "a time that exists; the clock was put forward over this one",
        "The zone in evidence/mapping.yaml may not be that of the export; otherwise correct the row.",
    ),
    "daylight_saving_fold": Reason(
        "a time that occurs once; the clock was put back over this one",
        "Say `fold: earlier` or `fold: later` in evidence/mapping.yaml if the export keeps to one.",
    ),
    "resolved_before_opened": Reason("a resolution after the opening", _CORRECT),
    "closed_before_opened": Reason("a close after the opening", _CORRECT),
    "ended_before_started": Reason("an end after the start", _CORRECT),
    "opened_in_future": Reason("an opening before the export was taken", _CORRECT),
    "resolved_in_future": Reason("a resolution before the export was taken", _CORRECT),
    "event_in_future": Reason("an event before the export was taken", _CORRECT),
    "unknown_state": Reason(
        "a state that `states` knows", "Add the spelling to `states` in evidence/mapping.yaml."
    ),
    "unknown_type": Reason(
        "a type that `types` knows", "Add the spelling to `types` in evidence/mapping.yaml."
    ),
    "closed_without_resolved": Reason(
        "a time of resolution for a resolved or closed ticket",
        "Export the time of resolution; the administrative close is not used in its place.",
    ),
    "cancelled_without_time": Reason(
        "a time for the cancellation", "Export closed_at for cancelled tickets."
    ),
    "duplicate_row": Reason("each row once", "Nothing needs mending: the first of them is used."),
    "superseded_row": Reason(
        "the state in the latest export", "Nothing needs mending: the row of the later file is used."
    ),
    "conflicting_duplicate": Reason(
        "one row for each key", "Find out which row is right; the first one is used until then."
    ),
    "conflicting_value": Reason(
        "the same value on every row of the ticket",
        "Find out which value is right; that of the ticket's first row is used until then.",
    ),
    "unknown_ticket": Reason(
        "a ticket of the ticket file", "Export the tickets of the same period and queues."
    ),
    "ticket_in_quarantine": Reason("a ticket that is used", "Mend the ticket's own row first."),
    "bad_number": Reason("a whole number, or a number with the declared decimal sign", _CORRECT),
    "bad_duration": Reason(
        "a duration in the declared `handling_unit`, from nothing to 100,000 hours",
        "Correct the row, or `handling_unit` in evidence/mapping.yaml if most rows have it.",
    ),
    "bad_amount": Reason(
        "an amount with the declared decimal sign", "Correct the row, or `decimal` in evidence/mapping.yaml."
    ),
    "negative": Reason("a number that is not negative", _CORRECT),
    "bad_period": Reason("a month as YYYYMM or YYYY-MM", _CORRECT),
    "missing_account": Reason("an account", "Leave title and total lines out of the export."),
    "missing_name": Reason("a name", _CORRECT),
    "total_line": Reason("postings only", "Nothing needs mending: a total is compared, and not counted."),
    "unknown_currency": Reason(
        "NOK, or a currency of `rates`", "Say in evidence/mapping.yaml what one unit is in NOK: `rates`."
    ),
    "left_out": Reason(
        "a row that counts", "Nothing needs mending: `leave_out` in evidence/mapping.yaml says so."
    ),
    "vacant_position": Reason(
        "a person in the position", "Nothing needs mending: nobody worked in a vacant position."
    ),
    "end_without_start": Reason(
        "a start for the end", "Export from before the first outage that ended in the period."
    ),
    "unknown_service": Reason(
        "the id of a service of services.yaml, or a spelling of one",
        "Add the spelling to `services` in evidence/mapping.yaml, or leave such rows out by `leave_out`.",
    ),
    "unknown_kind": Reason(
        "a kind that `kinds` knows", "Add the spelling to `kinds` in evidence/mapping.yaml."
    ),
    "unknown_team": Reason(
        "a team that a service names, or a spelling of one in `teams`",
        "Add the spelling to `teams` of this source in evidence/mapping.yaml, or leave such rows out.",
    ),
    "not_positive": Reason("a number above zero", _CORRECT),
    "more_away_than_people": Reason("at most as many away as the team has people", _CORRECT),
    "unknown_employment": Reason("employee, seconded or consultant", _CORRECT),
    "bad_yes_or_no": Reason("yes or no", _CORRECT),
    "history_cut": Reason(
        "every entry of the ticket's history",
        "Fetch the whole history of the ticket by itself; its hand-offs are unknown until then.",
    ),
    "more_pages": Reason("every page of the search", "Fetch the remaining pages and put them in the file."),
}
"""Every code that a row can be set aside for."""


def as_problem(reason: QuarantineReason) -> Problem:
    """Return a reason as a problem with its mend, at the first row that has it."""
    text = REASONS[reason.code]
    rows = "1 row" if reason.rows == 1 else f"{reason.rows} rows"
    return Problem(
        code=reason.code,
        file=reason.file,
        row=reason.example_records[0] if reason.example_records else None,
        column=reason.column,
        found=f"{rows} set aside as {reason.code}",
        expected=text.expected,
        mend=text.mend,
    )

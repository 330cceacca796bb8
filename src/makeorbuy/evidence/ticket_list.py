"""What the proposals for lists of tickets have in common, whatever system they are from.

A reader brings the tables of its system: names of columns, words for states and types. What these do
not settle for the file at hand becomes a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    dates_of_columns,
    handling_rules,
    proposal,
    spellings_of,
)

MOMENTS = ("opened_at", "resolved_at", "closed_at", "updated_at")
TYPES = ("incident", "request", "change")


def ticket_list(
    sample: Sample,
    system: str,
    score: float,
    columns: dict[str, str],
    *,
    states: Mapping[str, str],
    types: Mapping[str, str] | None = None,
    headers: Literal["labels", "field_names"] = "labels",
    values: Literal["display", "raw"] = "display",
    questions: Sequence[Question] = (),
    remarks: Sequence[str] = ("no_history",),
    handling_units: Sequence[str] = (),
    **rules: Any,
) -> Recognition:
    """Return the recognition of a list with a row per ticket.

    Parameters
    ----------
    sample : Sample
        Its header has the columns; where a reader makes the rows itself, they are those of its `table`.
    system : str
    score : float
    columns : dict of str to str
        Field to column.
    states, types : mapping of str to str
        Spelling to the word of the contract, as this system has them.
    headers, values, remarks
        See `Recognition`.
    questions : sequence of Question
        What this system leaves open beyond what every list does.
    handling_units : sequence of str
        What this system is known to write work in.
    **rules
        Any other field of `Source`. What is given here is not asked.
    """
    asked = list(questions)
    missing = rules.get("missing", ("",))

    def of(field: str) -> list[str]:
        if field not in columns:
            return []
        nothing = {word.strip() for word in missing}
        return [value for value in sample.column(columns[field]) if value.strip() not in nothing]

    if not rules.get("date_format"):
        dated, undated = dates_of_columns(sample, columns, MOMENTS, missing)
        rules |= {"date_format": "", **dated}
        asked += undated
    if not rules.get("time_zone") and "%z" not in rules["date_format"]:
        asked.append(Question("time_zone_of_export", "time_zone"))
    if "resolved_at" not in columns:
        asked.append(Question("end_of_work", "columns.resolved_at"))
    seen, unknown = spellings_of(of("state"), states)
    rules["states"] = {**states, **seen}  # a state that the first rows do not show may come later
    if unknown:
        asked.append(Question("states", "states", unknown))
    if "type" in columns:
        known = types or {}
        seen, unknown = spellings_of(of("type"), known)
        rules["types"] = {**known, **seen}
        if unknown:
            asked.append(Question("types", "types", unknown))
    elif not rules.get("constant_type"):
        asked.append(Question("one_type_or_a_column", "constant_type", TYPES))
    worked, unworked = handling_rules(sample, columns, handling_units, missing)
    rules |= worked
    asked += unworked
    asked += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    source = proposal(sample, "tickets", columns, **rules)
    return Recognition(system, score, (source,), headers, values, tuple(asked), tuple(remarks))

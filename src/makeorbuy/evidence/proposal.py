"""Propose ``mapping.yaml`` for an unknown file: what it is, its columns and rules, ten rows as read.

What the file does not tell stays ``TODO``, with the question beside it. A mapping with a ``TODO`` is
refused by the intake: nothing is guessed later, a person answers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from makeorbuy.case.model import Source
from makeorbuy.case.source_fields import SOURCE_FIELDS
from makeorbuy.evidence.calendar import read_moment
from makeorbuy.evidence.opening import EvidenceFile, open_evidence
from makeorbuy.evidence.recognition import (
    SAMPLE_ROWS,
    Question,
    Recognition,
    Sample,
    as_is_likely,
    dates,
    folded,
)
from makeorbuy.evidence.registry import recognitions, table_makers
from makeorbuy.evidence.sample import samples_of
from makeorbuy.evidence.text import Fault, plain_name
from makeorbuy.foundation.errors import EvidenceError, InputError, Problem
from makeorbuy.foundation.personal_data import masked
from makeorbuy.wording.voice import Voice

TODO = "TODO"
"""Stands where a person must answer."""

PARSED_ROWS = 10
MOST_BYTES_READ = 128 * 1024**2
"""Larger files are only looked at in the beginning: reading them takes long. [B]"""

_SPELT_FIELD = {
    "states": "state", "types": "type", "teams": "team", "services": "service", "employments": "employment",
    "kinds": "kind",
}  # fmt: skip
"""Table of spellings to the field that it is for; `kind` of matters is written as it is."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one file.

    Attributes
    ----------
    recognition : Recognition
        The best of all readers'.
    rows : tuple of dict
        For the first source: the first rows as they would be read, by field; ``?`` where a value could
        not be read, ``TODO`` where the file does not tell how. Persons are not shown.
    moments : tuple of str
        For the first source: columns with dates that no field of the proposal has taken; one of them may
        be the end of the work.
    """

    recognition: Recognition
    rows: tuple[dict[str, str], ...]
    moments: tuple[str, ...] = ()


def propose(path: Path) -> Proposal:
    """Recognise a file and propose its mapping.

    Raises
    ------
    EvidenceError
        If nobody recognises it, with the columns found.
    HostileFileError
        If it must not be read.
    """
    with open_evidence(path.parent, str(path.absolute())) as file:
        samples = samples_of(file)
        found = recognitions(samples)
        if not found:
            raise _unknown(file, samples)
        samples = _with_rare_words(file, samples, found[0].sources[0])
        found = recognitions(samples)
        questions = tuple(
            replace(question, choices=tuple(map(masked, question.choices))) for question in found[0].questions
        )
        best = replace(found[0], questions=questions)
        shown, _ = as_is_likely(best.sources[0], best.questions)
        has_rows = shown.sheet or all(question.key != "sheet" for question in best.questions)
        moments = _moments_left(samples, shown)
        return Proposal(best, tuple(_parsed(file, shown)) if has_rows else (), moments)


def _with_rare_words(file: EvidenceFile, samples: tuple[Sample, ...], source: Source) -> tuple[Sample, ...]:
    """Return the samples with rows from further down that hold a state or type not seen at the beginning.

    What is open at the end of a list has states that the old tickets at its beginning no longer have.
    """
    columns = [source.columns[name] for name in ("state", "type") if name in source.columns]
    if source.reader not in ("delimited", "workbook") or file.bytes_stored > MOST_BYTES_READ or not columns:
        return samples
    looked_at = next((sample for sample in samples if sample.sheet == source.sheet), samples[0])
    file.handle.seek(0)
    table = table_makers()[source.reader](file, source, None)
    header = [plain_name(name) for name in table.header]
    places = [header.index(plain_name(name)) for name in columns if plain_name(name) in header]
    begun = {(place, row[place]) for row in looked_at.rows for place in places if place < len(row)}
    seen = Counter(dict.fromkeys(begun, 2))
    added = []
    for row in table.rows:
        if isinstance(row, Fault) or len(row) != len(header):
            continue
        words = [(place, row[place]) for place in places if seen[place, row[place]] < 2]
        if words:  # twice, so that it is known for a word and not for a slip
            seen.update(words)
            added.append(tuple(row))
            if len(added) == SAMPLE_ROWS:
                break
    more = replace(looked_at, rows=(*looked_at.rows, *added))
    return tuple(more if sample is looked_at else sample for sample in samples)


def _moments_left(samples: tuple[Sample, ...], source: Source) -> tuple[str, ...]:
    """Return the columns of a source's sheet that hold dates and that no field has taken."""
    taken = {folded(column) for column in source.columns.values()}
    return tuple(
        masked(name.strip())
        for sample in samples
        if sample.sheet == source.sheet or len(samples) == 1
        for name in sample.header
        if name.strip() and folded(name) not in taken and dates(sample.column(name)).formats
    )


def system_of(file: EvidenceFile) -> str:
    """Return the system that a file seems to come from; empty where nobody recognises it."""
    try:
        found = recognitions(samples_of(file))
    except InputError:
        return ""
    return found[0].system if found else ""


def as_yaml(recognition: Recognition, voice: Voice) -> str:
    """Return the proposed mapping as YAML, with what must be asked as ``TODO`` and its question."""
    lines = [f"# {voice('mapping.recognised', system=recognition.system)}"]
    lines += [
        f"# {voice(f'mapping.headers_{recognition.headers}')} {voice(f'mapping.values_{recognition.values}')}"
    ]
    lines += [f"# {voice.first('remark', code, code)}" for code in recognition.remarks]
    lines.append("sources:")
    for source in recognition.sources:
        lines += _source_lines(source, recognition.questions, voice)
    return "\n".join(lines) + "\n"


def _source_lines(source: Source, questions: tuple[Question, ...], voice: Voice) -> Iterator[str]:
    asked = {question.key: question for question in questions}
    fields = SOURCE_FIELDS[source.kind]

    def line(key: str, value: str, indent: str = "    ") -> str:
        question = asked.get(key)
        if question is None:
            return f"{indent}{key.rpartition('.')[2]}: {value}"
        said = voice.first("question", question.code, question.code)
        choices = f" ({', '.join(question.choices)})" if question.choices else ""
        return f"{indent}{key.rpartition('.')[2]}: {value}  # {said}{choices}"

    yield f"  - kind: {source.kind}"
    yield line("file", _quoted(source.path))
    yield line("reader", source.reader)
    if (source.sheet and source.sheet != "$") or "sheet" in asked:
        yield line("sheet", _quoted(source.sheet) if source.sheet else TODO)
    if source.header_row > 1:
        yield line("header_row", str(source.header_row))
    if source.kind == "tickets":
        yield line("shape", source.shape)
    if source.reader == "delimited" or (source.encoding, source.delimiter) != ("utf-8", ","):
        yield line("encoding", source.encoding)
        yield line("delimiter", "tab" if source.delimiter == "\t" else _quoted(source.delimiter))
    types = {field.type for name, field in fields.items() if name in source.columns}
    if types & {"whole", "decimal"} or "decimal" in asked or source.decimal != ".":
        yield line("decimal", _quoted(source.decimal) if source.decimal else TODO)
    if "moment" in types or source.time_zone or "time_zone" in asked:
        # where each time has its offset, the zone is only that of exported_at
        is_told = "%z" in source.date_format and "time_zone" not in asked
        yield line("time_zone", source.time_zone or ("UTC" if is_told else TODO))
    if "duration" in types:
        yield line("handling_unit", source.handling_unit or TODO)
    if types & {"moment", "date"}:
        forms = ", ".join(_quoted(form) for form in source.date_formats if form)
        yield line("date_format", (f"[{forms}]" if source.further_date_formats else forms) or TODO)
    yield line("missing", "[" + ", ".join(map(_quoted, source.missing)) + "]")
    yield "    columns:"
    for field, column in source.columns.items():
        yield f"      {field}: {_quoted(column)}"
    for key in asked:
        if key.startswith("columns.") and key.removeprefix("columns.") in fields:
            yield line(key, TODO, "      ")
    tables = (
        ("states", source.states), ("types", source.types), ("teams", source.teams),
        ("services", source.services), ("employments", source.employments), ("kinds", source.kinds),
    )  # fmt: skip
    for key, spellings in tables:
        if spellings:
            yield f"    {key}:"
            for word in dict.fromkeys(spellings.values()):
                many = [_quoted(spelling) for spelling, meaning in spellings.items() if meaning == word]
                yield f"      {_plain_key(word)}: [{', '.join(many)}]"
        if key in asked and _SPELT_FIELD[key] in fields:
            if not spellings:
                yield f"    {key}:"
            said = voice.first("question", asked[key].code, asked[key].code)
            yield f"      {TODO}: [{', '.join(map(_quoted, asked[key].choices))}]  # {said}"
    if "rates" in asked and "currency" in source.columns:
        said = voice.first("question", asked["rates"].code, asked["rates"].code)
        yield "    rates:"
        yield from (f"      {_plain_key(choice)}: {TODO}  # {said}" for choice in asked["rates"].choices)
    leaving = [question for key, question in asked.items() if key.startswith("leave_out.")]
    if leaving and source.kind == "ledger":
        yield "    leave_out:"
        for question in leaving:
            said = voice.first("question", question.code, question.code)
            column = question.key.removeprefix("leave_out.")
            yield f"      {_quoted(column)}: [{TODO}]  # {said} ({', '.join(question.choices)})"
    if source.constant_type or "constant_type" in asked:
        yield line("constant_type", source.constant_type or TODO)
    if "moment" in types:
        yield line("fold", source.fold)
    if source.kind in ("tickets", "ticket_events") or "exported_at" in asked:
        yield line("exported_at", TODO if source.exported_at is None else source.exported_at.isoformat())
    if source.kind in ("tickets", "ticket_events"):
        yield line("selection", source.selection or TODO)


def _quoted(text: str) -> str:
    # half a character, which JSON can bring, is written as its escape
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _plain_key(word: str) -> str:
    return word if word.isidentifier() else _quoted(word)


def _parsed(file: EvidenceFile, source: Source) -> Iterator[dict[str, str]]:
    """Give the first rows as they would be read."""
    file.handle.seek(0)
    table = table_makers()[source.reader](file, source, None)
    header = [plain_name(name) for name in table.header]
    places = {
        field: header.index(plain_name(column))
        for field, column in source.columns.items()
        if plain_name(column) in header and field != "person"
    }
    records = (row for row in table.rows if not isinstance(row, Fault) and len(row) == len(header))
    for row in islice(records, PARSED_ROWS):
        yield {field: _read(source, field, row[place].strip()) for field, place in places.items()}


def _read(source: Source, field: str, written: str) -> str:
    if written in source.missing:
        return ""
    kind = SOURCE_FIELDS[source.kind][field].type
    if kind in ("moment", "date"):
        if not source.date_format:
            return TODO
        read = (read_moment(written, form, source.decimal) for form in source.date_formats)
        moment = next((moment for moment in read if moment is not None), None)
        return "?" if moment is None else moment.isoformat(" ", "minutes")
    if kind == "duration":
        return f"{masked(written)} ({source.handling_unit or TODO})"
    words = {
        "state": source.states, "state_before": source.states, "type": source.types,
        "employment": source.employments, "kind": source.kinds if source.kind == "outages" else None,
    }.get(field)  # fmt: skip
    if words is not None:
        known = {folded(spelling): word for spelling, word in words.items()}
        return known.get(folded(written), "?")
    return masked(written)


def _unknown(file: EvidenceFile, samples: tuple[Sample, ...]) -> EvidenceError:
    # a file without a header has a row of data in its place, so no name is repeated
    count = sum(len(sample.header) for sample in samples)
    problem = Problem(
        "not_recognised", file.name, None, None,
        f"{samples[0].container} with {count} columns, of no known system",
        "an export of a known system, or columns for a number, an opening and a state",
        "Write evidence/mapping.yaml by hand: docs/case-folder.md tells how; or export with these columns.",
    )  # fmt: skip
    return EvidenceError(problems=[problem])

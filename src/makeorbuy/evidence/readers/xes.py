"""XES event logs (.xes, .xes.gz), read as a stream: one trace is one ticket, one event one row.

Columns are the keys of the attributes: those of the event as they are, those of its trace with ``case:``
before them, and several joined by ``+`` as a classifier of the log joins them. Offsets may differ within
one log; each is carried over. Attributes that the mapping does not name take part in telling repeated
events apart, and go no further.

Read by the hardened container and not by r4pm: `docs/exports.md` says why.

References: IEEE 1849-2016, eXtensible Event Stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import xml
from makeorbuy.evidence.containers.xml import plain_tag
from makeorbuy.evidence.event_log import event_log
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Recognition, Sample
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.evidence.written_times import form_of, from_iso
from makeorbuy.foundation.errors import EvidenceError, Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

COLUMNS = {
    "team": ("org:group", "org:role"),
    "person": ("org:resource",),
    "category": ("case:service", "case:category", "service", "category"),
    "priority": ("case:priority", "priority"),
}
MISSING = ("", "__INVALID__", "UNKNOWN")
"""What the declarations of a log (``global``) say for attributes that have no value."""

TRACE = "case:"
MOMENTS = ("opened_at", "resolved_at", "closed_at", "updated_at")
OTHERS = "every other attribute"
"""The last column: only there so that events that differ in it are not taken for repetitions."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a log by its traces."""
    if sample.container != "xml" or sample.tree is None or plain_tag(sample.tree.tag) != "log":
        return None
    traces = [child for child in sample.tree if plain_tag(child.tag) == "trace"]
    events = [
        {f"{TRACE}{key}": value for key, value in _attributes(trace).items()} | _attributes(child)
        for trace in traces
        for child in trace
        if plain_tag(child.tag) == "event"
    ]
    if not events:
        return None
    keys = {key for event in events for key in event}
    columns = {"number": f"{TRACE}concept:name", "updated_at": "time:timestamp", "state": "concept:name"}
    columns |= {
        field: name
        for field, names in COLUMNS.items()
        if (name := next((name for name in names if name in keys), None)) is not None
    }
    steps = {event.get("lifecycle:transition", "").casefold() for event in events} - {""}
    if len(steps) > 1:  # where it has several, an activity means something only with its step
        columns["state"] = "concept:name+lifecycle:transition"
    return event_log(
        sample, "Event log, XES", 0.95, columns, reader="xes", missing=MISSING,
        activities={_value(event, columns["state"]) for event in events} - set(MISSING),
        date_format=form_of(event.get("time:timestamp", "") for event in events),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open a log as a table of its events; a trace without events becomes a fault.

    Raises
    ------
    EvidenceError
        If it is not XML; from the rows also if no event has an attribute that the mapping names.
    HostileFileError
        If it has a document type or entities, or is too deep.
    """
    wanted = tuple(dict.fromkeys(source.columns.values()))
    return Table((*wanted, OTHERS), _rows(file, source, wanted, tell))


def _rows(
    file: EvidenceFile, source: Source, wanted: Sequence[str], tell: Tell | None
) -> Iterator[Sequence[str] | Fault]:
    moments = {source.columns[field] for field in MOMENTS if field in source.columns}
    seen: dict[str, None] = {}
    trace: Element | None = None
    whole: dict[str, str] = {}
    is_empty = True
    for begun_or_ended, path in xml.walk(file, tell):
        if begun_or_ended != "end":
            continue
        element = path[-1]
        tag = plain_tag(element.tag)
        if tag == "event":
            parent = path[-2] if len(path) > 1 and plain_tag(path[-2].tag) == "trace" else None
            if parent is None or parent is not trace:  # its own attributes stand before its events
                trace = parent
                whole = {} if parent is None else _of_trace(parent)
            is_empty = is_empty and parent is None
            event = whole | _attributes(element)
            seen.update(dict.fromkeys(event))
            cells = (_value(event, name) for name in wanted)
            yield (
                *(from_iso(cell) if name in moments else cell
                  for name, cell in zip(wanted, cells, strict=True)),
                "\n".join(f"{key}={event[key]}" for key in sorted(event)),
            )  # fmt: skip
            xml.forget(path)
        elif tag == "trace":
            if is_empty:
                yield Fault("ticket_without_events")
            is_empty = True
            xml.forget(path)
        elif len(path) == 2:
            xml.forget(path)
    if seen:
        _check_seen(file, source, seen)


def _of_trace(trace: Element) -> dict[str, str]:
    return {f"{TRACE}{key}": value for key, value in _attributes(trace).items()}


def _attributes(element: Element) -> dict[str, str]:
    """Return key to value of an element's attributes; those of an attribute with its key before them."""
    found: dict[str, str] = {}
    for child in element:
        key = child.get("key")
        if key is not None:
            found[key] = child.get("value", "")
            if len(child):
                found |= {f"{key}/{inner}": value for inner, value in _attributes(child).items()}
        elif plain_tag(child.tag) == "values":
            found |= _attributes(child)
    return found


def _value(event: dict[str, str], name: str) -> str:
    if name in event or "+" not in name:
        return event.get(name, "")
    return "+".join(event.get(part, "") for part in name.split("+"))


def _check_seen(file: EvidenceFile, source: Source, seen: dict[str, None]) -> None:
    """Raise EvidenceError if a column of the mapping was on no event at all."""
    problems = []
    for field, name in source.columns.items():
        if name not in seen and not ("+" in name and set(name.split("+")) <= set(seen)):
            like = get_close_matches(name, list(seen), n=2, cutoff=0.75)
            problems.append(
                Problem(
                    "missing_column", file.name, None, field, f"no event with an attribute {name!r}",
                    " or ".join(map(repr, like)) or "a key of the log's attributes",
                    "Correct `columns` in evidence/mapping.yaml; a trace's own keys begin with `case:`.",
                )
            )  # fmt: skip
    if problems:
        raise EvidenceError(problems=problems)

"""OCEL 2.0 object-centric event logs, as JSON, XML or SQLite.

A ticket is an object of the one type that the mapping names in ``sheet``; which type that is, is asked.
Each event that touches a ticket is a row of that ticket, and so is each change of the ticket's own
attributes that no event tells. A ticket that nothing ever happened to, and an event that touches no
ticket, are counted and set aside: neither is lost.

Columns are ``ocel:oid`` (the ticket), ``ocel:activity``, ``ocel:timestamp``; an attribute of the event by
its name; an attribute of the ticket at that time as ``TYPE.NAME``; an object of another type that the
event or the ticket is related to as ``TYPE`` or ``TYPE:QUALIFIER,QUALIFIER``. Times without an offset
stay so: the same log may have an offset in JSON and none in SQLite.

Read by the hardened containers and not by r4pm or pm4py: `docs/exports.md` says why.

References: A. Berti et al., "OCEL (Object-Centric Event Log) 2.0 Specification", 2023.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import json, sqlite, xml
from makeorbuy.evidence.containers.xml import plain_tag
from makeorbuy.evidence.event_log import event_log
from makeorbuy.evidence.opening import EvidenceFile, unpacked_blocks, unpacked_bytes
from makeorbuy.evidence.recognition import Question, Recognition, Sample, folded
from makeorbuy.evidence.text import Fault, Table, Tell
from makeorbuy.evidence.written_times import form_of, from_iso
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TICKET, ACTIVITY, TIME, EVENT = "ocel:oid", "ocel:activity", "ocel:timestamp", "ocel:eid"
TICKET_TYPES = {
    "ticket", "incident", "case", "request", "service request", "issue", "sak", "hendelse", "bestilling",
    "henvendelse",
}  # fmt: skip
TEAM_TYPES = {"group", "team", "queue", "assignment group", "support group", "gruppe", "kø", "enhet"}
CATEGORY_TYPES = {"service", "category", "system", "application", "tjeneste", "kategori"}
PERSON_NAMES = {"resource", "org:resource", "user", "agent", "assignee", "saksbehandler"}
STATE_NAMES = {"status", "state", "tilstand"}
LEFT_BEHIND = {"from", "source", "old", "previous", "fra", "forrige"}
"""Qualifiers of what a ticket leaves: the team after an event is another one."""

MAX_BYTES = 512 * 1024**2
"""Largest log after unpacking: objects and events are held, to be put in order of time. [B]"""

FIRST = 2 * 86_400
"""Attributes with a time before this have it from the start (the standard says 1970-01-01). [s]"""

Relation = tuple[str, str]
"""Id of an object and the qualifier."""


@dataclass(slots=True)
class Thing:
    """An object of the log: its type, what its attributes were when, what it is related to."""

    type: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # name, time, value
    relations: list[Relation] = field(default_factory=list)


@dataclass(slots=True)
class Happening:
    """An event of the log."""

    id: str
    activity: str
    time: str
    attributes: dict[str, str]
    relations: list[Relation]


@dataclass(slots=True)
class Log:
    """Objects by id, events, the names of their types, and how many entries were neither.

    Attributes
    ----------
    declared : set of str
        Columns that the log says it has: attributes of events, and of objects as ``TYPE.NAME``.
    """

    types: set[str] = field(default_factory=set)
    activities: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    things: dict[str, Thing] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    not_read: int = 0

    def thing(self, name: str, kind: str) -> Thing:
        """Return the object of this id, new or known."""
        self.types.add(kind)
        return self.things.setdefault(name, Thing(kind))

    def declare(self, kind: str, attributes: Iterable[str], *, is_event: bool) -> None:
        """Take note of a type and the attributes that it may have."""
        (self.activities if is_event else self.types).add(kind)
        self.declared |= {name if is_event else f"{kind}.{name}" for name in attributes}


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a log by its four lists, its elements or its tables; ask which type is a ticket."""
    log = _sampled(sample)
    if log is None:
        return None
    types = sorted(log.types - {""})
    named = [kind for kind in types if folded(kind) in TICKET_TYPES]
    likely = named[0] if len(named) == 1 else ""
    columns, teams = _columns(log, likely)
    states = log.activities | {event.activity for event in log.happenings}
    if columns["state"] != ACTIVITY:
        name = columns["state"].removeprefix(f"{likely}.")
        own = (thing.changes for thing in log.things.values() if thing.type == likely)
        states = {value for changes in own for changed, _, value in changes if changed == name}
    times = [happening.time for happening in log.happenings]
    return event_log(
        sample, "Event log, OCEL 2.0", 0.95, columns, reader="ocel", teams=teams, sheet="",
        activities=states, date_format=form_of(times),
        questions=(Question("object_type", "sheet", tuple(types), likely),),
    )  # fmt: skip


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Open a log as a table of what happened to its tickets, in order of time.

    Raises
    ------
    EvidenceError
        If the mapping names no type of object, or one that the log does not have; or a column that is
        on no row; or from the container.
    HostileFileError
        If it must not be read, or is too large to hold.
    """
    log = whole_log(file, tell)
    types = sorted({thing.type for thing in log.things.values()})
    if not source.sheet or source.sheet not in types:
        problem = Problem(
            "missing_sheet", file.name, None, "sheet",
            f"no objects of type {source.sheet!r}" if source.sheet else "no type of object",
            f"one of {', '.join(map(repr, types[:20]))}",
            "Say in evidence/mapping.yaml which type of object is a ticket: `sheet`.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    _check_columns(file, source, log)
    wanted = tuple(dict.fromkeys(source.columns.values()))
    return Table((*wanted, EVENT), _rows(log, source.sheet, wanted))


def _check_columns(file: EvidenceFile, source: Source, log: Log) -> None:
    """Raise EvidenceError if the mapping names a column that no row can have."""
    own = {f"{thing.type}.{name}" for thing in log.things.values() for name, _, _ in thing.changes}
    possible = {TICKET, ACTIVITY, TIME} | log.declared | own | (log.types - {source.sheet})
    possible |= {name for happening in log.happenings for name in happening.attributes}
    problems = [
        Problem(
            "missing_column", file.name, None, field_name, f"no row with {name!r}",
            f"one of {', '.join(map(repr, sorted(possible)[:20]))}",
            "Correct `columns` in evidence/mapping.yaml.",
        )
        for field_name, name in source.columns.items()
        if name not in possible and name.partition(":")[0] not in possible
    ]  # fmt: skip
    if problems:
        raise EvidenceError(problems=problems)


def _rows(log: Log, kind: str, wanted: Sequence[str]) -> Iterator[tuple[str, ...] | Fault]:
    """Give the rows of the tickets of one type in order of time, then what is not about any."""
    histories = {name: _histories(thing) for name, thing in log.things.items() if thing.type == kind}
    told: dict[str, set[tuple[bool, float]]] = {name: set() for name in histories}
    rows: list[tuple[float, Happening, str]] = []
    faults = [Fault("not_a_record")] * log.not_read
    for happening in log.happenings:
        tickets = dict.fromkeys(name for name, _ in happening.relations if name in histories)
        when = _when(happening.time)
        rows += ((when[1] if when else 0.0, happening, ticket) for ticket in tickets)
        if not tickets:
            faults.append(Fault("not_a_ticket", "an event that touches no ticket"))
        for ticket in tickets:
            told[ticket].add(when or (False, 0.0))
    for ticket, history in histories.items():
        changes = {when: time for entries in history.values() for when, time, _ in entries
                   if when is not None and when[1] >= FIRST}  # fmt: skip
        left = {when: time for when, time in changes.items() if when not in told[ticket]}
        rows += (
            (when[1], Happening("", "", time, {}, [(ticket, "")]), ticket) for when, time in left.items()
        )
        if not told[ticket] and not left:
            faults.append(Fault("ticket_without_events"))
    rows.sort(key=lambda row: row[0])
    for _, happening, ticket in rows:
        when = _when(happening.time)
        known = dict(happening.attributes)
        known |= {f"{kind}.{name}": _as_of(entries, when) for name, entries in histories[ticket].items()}
        known |= {TICKET: ticket, ACTIVITY: happening.activity, TIME: from_iso(happening.time)}
        cells = (known[name] if name in known else _related(log, happening, ticket, name) for name in wanted)
        yield (*cells, happening.id)
    yield from faults


def _related(log: Log, happening: Happening, ticket: str, name: str) -> str:
    """Return the object of another type that the event, else the ticket, is related to."""
    kind, _, written = name.partition(":")
    qualifiers = set(written.split(",")) if written else None
    for other, qualifier in (*happening.relations, *log.things[ticket].relations):
        is_of_kind = other in log.things and log.things[other].type == kind and other != ticket
        if is_of_kind and (qualifiers is None or qualifier in qualifiers):
            return other
    return ""


def _histories(thing: Thing) -> dict[str, list[tuple[tuple[bool, float] | None, str, str]]]:
    """Return what each attribute was from when on, in order of time."""
    histories: dict[str, list[tuple[tuple[bool, float] | None, str, str]]] = {}
    for name, time, value in thing.changes:
        histories.setdefault(name, []).append((_when(time), time, value))
    for entries in histories.values():
        entries.sort(key=lambda entry: entry[0][1] if entry[0] else 0.0)
    return histories


def _as_of(entries: list[tuple[tuple[bool, float] | None, str, str]], when: tuple[bool, float] | None) -> str:
    """Return what an attribute was at a moment; nothing is compared that has no common zone."""
    usable = [entry for entry in entries
              if entry[0] is None or entry[0][1] < FIRST or (when and entry[0][0] == when[0])]  # fmt: skip
    moment = when[1] if when else float(FIRST)
    place = bisect_right(usable, moment, key=lambda entry: entry[0][1] if entry[0] else 0.0)
    return usable[place - 1][2] if place else ""


def _when(written: str) -> tuple[bool, float] | None:
    """Return whether a moment has an offset, and its seconds; a wall clock's are counted as UTC's."""
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return False, moment.replace(tzinfo=UTC).timestamp()
    return True, moment.timestamp()


def _columns(log: Log, kind: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns to propose for tickets of a type, and team by the ids of the teams' objects."""
    columns = {"number": TICKET, "updated_at": TIME, "state": ACTIVITY}
    attributes = {name for event in log.happenings for name in event.attributes}
    own = {name for thing in log.things.values() if thing.type == kind for name, _, _ in thing.changes}
    for name in sorted(own):
        if folded(name) in STATE_NAMES:
            columns["state"] = f"{kind}.{name}"
        elif folded(name) in ("priority", "prioritet"):
            columns["priority"] = f"{kind}.{name}"
    for name in sorted(attributes):
        if folded(name) in PERSON_NAMES:
            columns["person"] = name
    qualifiers: dict[str, set[str]] = {}
    for relations in (
        *(event.relations for event in log.happenings),
        *(thing.relations for thing in log.things.values() if thing.type == kind),
    ):
        for name, qualifier in relations:
            if name in log.things:
                qualifiers.setdefault(log.things[name].type, set()).add(qualifier)
    teams: dict[str, str] = {}
    for other, found in sorted(qualifiers.items()):
        after = sorted(found - {qualifier for qualifier in found if folded(qualifier) in LEFT_BEHIND})
        if folded(other) in TEAM_TYPES and after:
            columns["team"] = other if len(after) == len(found) else f"{other}:{','.join(after)}"
            teams = _without_prefix([name for name, thing in log.things.items() if thing.type == other])
        elif folded(other) in CATEGORY_TYPES:
            columns["category"] = other
    return columns, teams


def _without_prefix(names: Sequence[str]) -> dict[str, str]:
    """Return ids such as ``grp:Desk`` with the names after the prefix that all of them share."""
    prefixes = {name.partition(":")[0] for name in names if ":" in name}
    if len(prefixes) != 1 or not all(":" in name for name in names):
        return {}
    return {name: name.partition(":")[2] for name in sorted(names)}


def _sampled(sample: Sample) -> Log | None:
    document, tree = sample.document, sample.tree
    if sample.container == "json" and sample.sheet == "objects" and isinstance(document, dict):
        return _of_json(document) if {"objectTypes", "eventTypes", "events"} <= set(document) else None
    if sample.container == "xml" and tree is not None and plain_tag(tree.tag) == "log":
        parts = {plain_tag(child.tag) for child in tree}
        is_one = {"object-types", "objects"} <= parts
        return _of_elements(child for part in tree for child in part) if is_one else None
    if sample.container == "sqlite" and sample.sheet == "object":
        is_one = {"event_map_type", "object_map_type", "event", "object"} <= set(document)
        return _of_tables(document) if is_one else None
    return None


def whole_log(file: EvidenceFile, tell: Tell | None = None) -> Log:
    """Return everything that a log of any of the three forms says.

    Raises
    ------
    EvidenceError, HostileFileError
        See `table`.
    """
    start = unpacked_bytes(file, 64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"SQLite format 3\0"):
        with sqlite.opened(file) as ask:
            names = [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")[1:]]
            tables = {name: ask(f"SELECT * FROM {sqlite.quoted(name)}") for name in names}
        if tell is not None:
            tell(1.0)
        return _of_tables(tables)
    if start.startswith(b"<"):
        file.handle.seek(0)
        if sum(map(len, unpacked_blocks(file, is_text=False))) > MAX_BYTES:
            problem = Problem(
                "too_large_to_hold", file.name, None, None, f"more than {MAX_BYTES // 1024**2} MiB of OCEL",
                f"at most {MAX_BYTES // 1024**2} MiB", "Split the log by year.",
            )  # fmt: skip
            raise HostileFileError(problems=[problem])
        return _of_elements(xml.elements(file, depth=3, tell=tell))
    document = json.load(file, tell)
    return _of_json(document if isinstance(document, dict) else {})


def _of_json(document: Mapping[str, Any]) -> Log:
    log = Log()
    for many in ("objectTypes", "eventTypes"):
        for kind in _records(document, many):
            names = (_text(attribute, "name") for attribute in _records(kind, "attributes"))
            log.declare(_text(kind, "name"), names, is_event=many == "eventTypes")
    objects, events = _entries(document, "objects"), _entries(document, "events")
    for entry in objects:
        if not isinstance(entry, dict):
            log.not_read += 1
            continue
        thing = log.thing(_text(entry, "id"), _text(entry, "type"))
        thing.changes += ((_text(a, "name"), _text(a, "time"), _text(a, "value"))
                          for a in _records(entry, "attributes"))  # fmt: skip
        thing.relations += _relations_of(entry)
    for entry in events:
        if not isinstance(entry, dict):
            log.not_read += 1
            continue
        attributes = {_text(a, "name"): _text(a, "value") for a in _records(entry, "attributes")}
        log.happenings.append(
            Happening(_text(entry, "id"), _text(entry, "type"), _text(entry, "time"), attributes,
                      _relations_of(entry))
        )  # fmt: skip
    return log


def _relations_of(entry: Mapping[str, Any]) -> list[Relation]:
    return [(_text(r, "objectId"), _text(r, "qualifier")) for r in _records(entry, "relationships")]


def _entries(entry: Mapping[str, Any], name: str) -> list[Any]:
    found = entry.get(name)
    return found if isinstance(found, list) else []


def _records(entry: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [found for found in _entries(entry, name) if isinstance(found, dict)]


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return "" if isinstance(value, dict | list) else json.as_text(value)


def _of_elements(elements: Iterable[Element]) -> Log:
    """Return the log of the elements below ``objects`` and ``events``."""
    log = Log()
    for element in elements:
        tag = plain_tag(element.tag)
        if tag in ("object-type", "event-type"):
            names = (child.get("name", "") for part in element for child in part)
            log.declare(element.get("name", ""), names, is_event=tag == "event-type")
        if tag not in ("object", "event"):
            continue
        attributes: list[Element] = []
        relations: list[Relation] = []
        for part in element:
            for child in part:
                if plain_tag(child.tag) == "attribute":
                    attributes.append(child)
                elif "object-id" in child.attrib:
                    relations.append((child.get("object-id", ""), child.get("qualifier", "")))
        name, kind = element.get("id", ""), element.get("type", "")
        if tag == "object":
            thing = log.thing(name, kind)
            thing.changes += ((a.get("name", ""), a.get("time", ""), a.text or "") for a in attributes)
            thing.relations += relations
        else:
            values = {a.get("name", ""): a.text or "" for a in attributes}
            log.happenings.append(Happening(name, kind, element.get("time", ""), values, relations))
    return log


def _of_tables(tables: Mapping[str, Sequence[Sequence[str]]]) -> Log:
    """Return the log of the tables of a database, each a header and its rows.

    The tables ``event`` and ``object`` say what there is; a type that the maps leave out is looked for
    under its own name, and what stands only in the table of a type is not lost.
    """
    log = Log()
    for part in ("object", "event"):
        for row in _rows_of(tables, f"{part}_map_type"):
            header, *_ = tables.get(f"{part}_{row.get('ocel_type_map', '')}") or [()]
            names = (name for name in header if not name.startswith("ocel_"))
            log.declare(row.get("ocel_type", ""), names, is_event=part == "event")
    details = {kind: _details(tables, kind) for kind in ("object", "event")}
    objects = _by_id(tables, "object")
    for name, (kind, rows) in details["object"].items():
        objects.setdefault(name, kind)
        thing = log.thing(name, objects[name])
        for row in rows:
            changed = row.get("ocel_changed_field", "")
            thing.changes += (
                (attribute, row.get("ocel_time", ""), value)
                for attribute, value in row.items()
                if not attribute.startswith("ocel_") and (value or attribute == changed)
                and changed in ("", attribute)
            )  # fmt: skip
    for name, kind in objects.items():
        log.thing(name, kind)
    for row in _rows_of(tables, "object_object"):
        source = log.things.get(row.get("ocel_source_id", ""))
        if source is not None:
            source.relations.append((row.get("ocel_target_id", ""), row.get("ocel_qualifier", "")))
    relations: dict[str, list[Relation]] = {}
    for row in _rows_of(tables, "event_object"):
        relations.setdefault(row.get("ocel_event_id", ""), []).append(
            (row.get("ocel_object_id", ""), row.get("ocel_qualifier", ""))
        )
    events = {name: kind for name, (kind, _) in details["event"].items()} | _by_id(tables, "event")
    for name, kind in events.items():
        _, rows = details["event"].get(name, (kind, [{}]))
        values = {key: value for key, value in rows[0].items() if not key.startswith("ocel_")}
        time = rows[0].get("ocel_time", "")
        log.happenings.append(Happening(name, kind, time, values, relations.get(name, [])))
    return log


def _by_id(tables: Mapping[str, Sequence[Sequence[str]]], kind: str) -> dict[str, str]:
    return {row.get("ocel_id", ""): row.get("ocel_type", "") for row in _rows_of(tables, kind)}


def _details(
    tables: Mapping[str, Sequence[Sequence[str]]], kind: str
) -> dict[str, tuple[str, list[dict[str, str]]]]:
    """Return by id the type and the rows in the tables of the types."""
    types = {
        row.get("ocel_type_map", ""): row.get("ocel_type", "") for row in _rows_of(tables, f"{kind}_map_type")
    }
    found: dict[str, tuple[str, list[dict[str, str]]]] = {}
    for table_name in tables:
        mapped = table_name.removeprefix(f"{kind}_")
        if table_name == f"{kind}_{mapped}" and table_name not in _NO_TYPES:
            for row in _rows_of(tables, table_name):
                _, rows = found.setdefault(row.get("ocel_id", ""), (types.get(mapped, mapped), []))
                rows.append(row)
    return found


_NO_TYPES = {"event_map_type", "object_map_type", "event_object", "object_object"}


def _rows_of(tables: Mapping[str, Sequence[Sequence[str]]], name: str) -> Iterator[dict[str, str]]:
    header, *rows = tables.get(name) or [()]
    return (dict(zip(header, row, strict=True)) for row in rows)

"""Break a fixture in its own form, at random, and say how many records it then has."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

ODD = (
    "", "?", "x", "99.99.9999 25:61", "2025-02-30 10:00:00", "1989-01-01 00:00:00", "26/10/2025 02:30:00",
    "2025-10-26T02:30:00", "2025-10-20T06:15:00Z", "2199-01-01T00:00:00+14:00", "1760940900000", "New",
    "Closed", "=1+1", "Å\u00a0s\u0065\u030a", "a\x1fb", "a\nb\r\nc", "\u2028", "<b>", "1 201", "-1", "NaN",
)  # fmt: skip
"""What stands in cells, now and then."""

_NO_RECORDS: tuple[Any, ...] = (None, "x", 3, [], True)
Broken = tuple[bytes, int]
"""The file, and how many records it has."""


def csv_rows(data: bytes, chance: random.Random, delimiter: str = ",") -> Broken:
    """Rows repeated, left out, cut, lengthened, and cells garbled; the header stays."""
    bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    kept = [list(chance.choice(rows)) for _ in range(chance.randrange(40))]
    for row in kept:
        for _ in range(chance.choice((0, 0, 1, 2))):
            row[chance.randrange(len(row))] = chance.choice(ODD)
        cut = chance.choice((0,) * 8 + (1, -1))
        if cut > 0:
            row.append("beyond")
        elif cut < 0:
            row.pop()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([header, *kept])
    return bom + out.getvalue().encode(), len(kept)


def json_records(data: bytes, chance: random.Random, name: str = "$") -> Broken:
    """Records repeated, garbled, emptied, or no records at all; the first one stays as it is."""
    text = data.decode("utf-8-sig")
    is_lines = name == "lines"
    document = [json.loads(line) for line in text.splitlines()] if is_lines else json.loads(text)
    records = document if name in ("$", "lines") else document[name]
    kept = [records[0]]
    for _ in range(chance.randrange(40)):
        record = copy.deepcopy(chance.choice(records))
        for _ in range(chance.choice((0, 0, 1, 2))):
            _garble(record, chance)
        kept.append(chance.choice(_NO_RECORDS) if chance.random() < 0.1 else record)
    if is_lines:
        return "\n".join(map(json.dumps, kept)).encode(), len(kept)
    whole = kept if name == "$" else {**document, name: kept}
    return json.dumps(whole, ensure_ascii=False).encode(), len(kept)


def _garble(record: Any, chance: random.Random) -> None:
    """Put something odd in the place of some value, at any depth."""
    while isinstance(record, dict) and record:
        key = chance.choice(sorted(record))
        if isinstance(record[key], dict) and record[key] and chance.random() < 0.7:
            record = record[key]
            continue
        if chance.random() < 0.2:
            del record[key]
        else:
            record[key] = chance.choice((*ODD, None, 3, 1.5, True, [], {}, [{}], {"name": None}, ["a", None]))
        return


def xes_traces(data: bytes, chance: random.Random) -> Broken:
    """Traces repeated and emptied, attributes garbled and left out, events moved out; the first stays."""
    root = ET.fromstring(data)  # our own fixture
    traces = [child for child in root if child.tag.endswith("trace")]
    kept, records = [traces[0]], sum(child.tag.endswith("event") for child in traces[0])
    for _ in range(chance.randrange(12)):
        trace = copy.deepcopy(chance.choice(traces))
        events = [child for child in trace if child.tag.endswith("event")]
        for event in events:
            if chance.random() < 0.3 and len(event):
                place = event[chance.randrange(len(event))]
                if chance.random() < 0.3:
                    event.remove(place)
                else:
                    odd = chance.choice(ODD).replace("\x1f", " ")  # which no XML can hold
                    place.attrib[chance.choice(("key", "value"))] = odd
        if chance.random() < 0.2:
            for event in events:
                trace.remove(event)
        left = sum(child.tag.endswith("event") for child in trace)
        if chance.random() < 0.1 and left:
            kept += events  # below the log itself
            records += left
        else:
            kept.append(trace)
            records += left or 1
    for trace in traces:
        root.remove(trace)
    root.extend(kept)
    return ET.tostring(root), records


def ocel_entries(data: bytes, chance: random.Random) -> Broken:
    """Events and objects repeated, garbled and left out; counted by what each of them touches."""
    document = json.loads(data)
    for name in ("objects", "events"):
        entries = document[name]
        kept = [entry for entry in entries if chance.random() < 0.8] or entries[:1]
        for _ in range(chance.randrange(10)):
            entry = copy.deepcopy(chance.choice(entries))
            entry["id"] = f"copy {chance.randrange(5)}"
            kept.append(chance.choice(_NO_RECORDS) if chance.random() < 0.2 else entry)
        document[name] = kept
    if all(not isinstance(o, dict) or o["type"] != "Ticket" for o in document["objects"]):
        document["objects"].append({"id": "only", "type": "Ticket"})
    for event in document["events"]:
        if isinstance(event, dict) and chance.random() < 0.3:
            key = chance.choice(("time", "type", "relationships"))
            event[key] = chance.choice(ODD) if key != "relationships" else []
    return json.dumps(document).encode(), _ocel_records(document)


def _ocel_records(document: dict[str, Any]) -> int:
    objects = [entry for entry in document["objects"] if isinstance(entry, dict)]
    events = [entry for entry in document["events"] if isinstance(entry, dict)]
    kinds: dict[str, str] = {}
    for entry in objects:
        kinds.setdefault(entry["id"], entry["type"])
    tickets = {name for name, kind in kinds.items() if kind == "Ticket"}
    records = len(document["objects"]) + len(document["events"]) - len(objects) - len(events)
    told: dict[str, set[str]] = {name: set() for name in tickets}
    for event in events:
        touched = {relation["objectId"] for relation in event["relationships"]} & tickets
        records += len(touched) or 1
        for name in touched:
            told[name].add(event["time"])
    for name in tickets:
        changed = {
            change["time"] for entry in objects if entry["id"] == name
            for change in entry.get("attributes", []) if not change["time"].startswith("1970")
        }  # fmt: skip
        records += len(changed - told[name]) or (not told[name])
    return records


WAYS: dict[str, Callable[[bytes, random.Random], Broken]] = {
    "remedy_hpd.csv": csv_rows,
    "remedy_hpd_api.json": lambda data, chance: json_records(data, chance, "entries"),
    "glpi.csv": lambda data, chance: csv_rows(data, chance, ";"),
    "zendesk_view.csv": csv_rows,
    "freshservice.csv": csv_rows,
    "otrs_ticket_history.csv": lambda data, chance: csv_rows(data, chance, ";"),
    "zammad_tickets.json": json_records,
    "pureservice_tickets.json": lambda data, chance: json_records(data, chance, "tickets"),
    "manageengine_requests.json": lambda data, chance: json_records(data, chance, "requests"),
    "itop.csv": csv_rows,
    "github_issues.json": json_records,
    "gitlab_issues.csv": csv_rows,
    "log.xes": xes_traces,
    "events_pm4py.csv": csv_rows,
    "events_generic.jsonl": lambda data, chance: json_records(data, chance, "lines"),
    "log.jsonocel": ocel_entries,
}

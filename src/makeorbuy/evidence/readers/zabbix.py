"""Zabbix problems: the real-time export (a record on each line), or the list as CSV.

In the export a problem and its recovery are records of their own; the recovery points back by
``p_eventid`` and becomes the end of its problem. In the list, times of the day of the export have no
date, and a recovery may be a time only: the day of the export and the duration settle which day, and
which of the two in the autumn hour; what they do not settle is left as written, for the intake to set
aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited, json
from makeorbuy.evidence.moments import UTC_FORMAT, as_utc_text
from makeorbuy.evidence.opening import EvidenceFile, unpacked_bytes
from makeorbuy.evidence.recognition import Question, Recognition, Sample, has, proposal
from makeorbuy.evidence.text import Fault, Table, Tell, remade

LIST_TIMES = ("Time (UTC)", "Recovery time (UTC)")
"""Columns that are added to the list: its times, complete."""

TAG = "tags."
_DURATION = re.compile(r"(?:(\d+)y ?)?(?:(\d+)M ?)?(?:(\d+)d ?)?(?:(\d+)h ?)?(?:(\d+)m ?)?(?:(\d+)s)?")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")


def recognise(sample: Sample) -> Recognition | None:
    """Recognise problems; ask which hosts are which service and what the severities mean."""
    if has(sample, "Severity", "Time", "Recovery time", "Status", "Host", "Problem"):
        return _recognised_list(sample)
    document = sample.document
    if not isinstance(document, list) or not any("value" in _record(entry) for entry in document):
        return None
    if not all({"clock", "eventid"} <= set(_record(entry)) for entry in document):
        return None
    made = _problems(document)
    rows = [row for row in made.rows if not isinstance(row, Fault)]

    def values(name: str) -> tuple[str, ...]:
        return tuple(sorted({row[made.header.index(name)] for row in rows} - {""}))

    columns = {"service": "hosts", "started_at": "started_at", "ended_at": "ended_at", "kind": "severity"}
    questions = (
        Question("services", "services", values("hosts")),
        Question("kinds", "kinds", values("severity")),
    )
    rules = {"date_format": UTC_FORMAT, "time_zone": "UTC", "reader": "zabbix", "sheet": ""}
    return Recognition(
        "Zabbix, export", 0.95, (proposal(sample, "outages", columns, **rules),),
        "field_names", "raw", questions,
    )  # fmt: skip


def _recognised_list(sample: Sample) -> Recognition:
    columns = {"service": "Host", "started_at": LIST_TIMES[0], "ended_at": LIST_TIMES[1], "kind": "Severity"}
    hosts, severities = (tuple(sorted({*sample.column(name)} - {""})) for name in ("Host", "Severity"))
    questions = (
        Question("time_zone_of_export", "time_zone"),
        Question("services", "services", hosts),
        Question("kinds", "kinds", severities),
        Question("exported_at", "exported_at"),
    )
    source = proposal(sample, "outages", columns, date_format=UTC_FORMAT, reader="zabbix")
    return Recognition("Zabbix, list of problems", 0.9, (source,), questions=questions)


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Return a row for each problem, its times in UTC.

    Raises
    ------
    EvidenceError
        If it is neither JSON nor delimited text.
    HostileFileError
        If it must not be read.
    """
    start = unpacked_bytes(file, 4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        document = json.load(file, tell)
        return _problems(document if isinstance(document, list) else [document])
    listed = delimited.table(file, source, tell)
    names = [name.strip() for name in listed.header]
    if not {"Time", "Recovery time", "Duration"} <= set(names):
        return listed
    places = [names.index(name) for name in ("Time", "Recovery time", "Duration")]
    zone = ZoneInfo(source.time_zone) if source.time_zone else None

    def times(row: Sequence[str]) -> Sequence[str]:
        begin, end, duration = (row[place].strip() for place in places)
        return (*row, *((begin, end) if zone is None else _times(begin, end, duration, zone, source)))

    return remade(listed, (*listed.header, *LIST_TIMES), times)


def _problems(document: list[Any]) -> Table:
    """Pair recoveries with their problems; a recovery without its problem is counted as a fault."""
    problems: dict[str, dict[str, str]] = {}
    ends: dict[str, str] = {}
    broken = 0
    for entry in document:
        said = _record(entry)
        if json.as_text(said.get("value")) == "0" and "p_eventid" in said:
            ends[json.as_text(said["p_eventid"])] = _utc(said.get("clock"))
        elif json.as_text(said.get("value")) == "1":
            flat = {name: json.as_text(said.get(name)) for name in ("eventid", "name", "severity")}
            hosts = [_record(host) for host in _list(said.get("hosts"))]
            flat["hosts"] = ", ".join(json.as_text(host.get("name") or host.get("host")) for host in hosts)
            flat["groups"] = ", ".join(map(json.as_text, _list(said.get("groups"))))
            for tag in _list(said.get("tags")):
                flat.setdefault(
                    TAG + json.as_text(_record(tag).get("tag")), json.as_text(_record(tag).get("value"))
                )
            flat["started_at"] = _utc(said.get("clock"))
            problems[flat["eventid"]] = flat
        else:
            broken += 1
    rows = [{**flat, "ended_at": ends.pop(event, "")} for event, flat in problems.items()]
    made = json.table_of([*rows, *([None] * broken)])

    def with_orphans() -> Iterator[Sequence[str] | Fault]:
        yield from made.rows
        yield from (Fault("end_without_start") for _ in ends)

    return Table(made.header, with_orphans())


def _utc(clock: object) -> str:
    """Return an epoch in seconds as UTC; anything else as it is."""
    text = json.as_text(clock)
    if not re.fullmatch(r"\d{1,11}", text):
        return text
    return as_utc_text(datetime.fromtimestamp(int(text), UTC))


def _times(begin: str, end: str, duration: str, zone: ZoneInfo, source: Source) -> tuple[str, str]:
    """Return start and end in UTC as far as the row settles them, else as written."""
    starts, lasted = _instants(begin, source.exported_at, zone), _lasted(duration)
    if not end or lasted is None:
        ends = _instants(end, None, zone)
        return _kept(starts, source) or begin, _kept(ends, source) or end
    length, step = lasted
    # the list rounds a duration down to its last unit: the recovery lies within that unit after it
    pairs = [
        (start, stop)
        for start in starts
        for day in (0, 1)
        for stop in _instants(
            end, (start + length).astimezone(zone).replace(tzinfo=None) + day * timedelta(1), zone
        )
        if timedelta(0) <= stop - start - length < step
    ]
    if len({*pairs}) != 1:
        return begin, end
    return as_utc_text(pairs[0][0]), as_utc_text(pairs[0][1])


def _instants(written: str, day: datetime | None, zone: ZoneInfo) -> list[datetime]:
    """Return the instants that a local time may mean; a time without a date is on that day."""
    if _CLOCK.fullmatch(written):
        if day is None:
            return []
        written = f"{day:%Y-%m-%d} {written}"
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        return []
    if local.tzinfo is not None:
        return [local.astimezone(UTC)]
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    # a time that the clock skipped does not come back the same
    return sorted(moment for moment in found if moment.astimezone(zone).replace(tzinfo=None) == local)


def _kept(instants: list[datetime], source: Source) -> str:
    """Return the one instant as text, or of two the one that the mapping declares; else nothing."""
    if len(instants) == 2 and source.fold != "quarantine":
        instants = [instants[source.fold == "later"]]
    return as_utc_text(instants[0]) if len(instants) == 1 else ""


def _lasted(written: str) -> tuple[timedelta, timedelta] | None:
    """Return a duration such as 1h 3m and the unit that it is rounded down to."""
    match = _DURATION.fullmatch(written.strip())
    if match is None or not any(match.groups()):
        return None
    units = (365, 30, 1, 1 / 24, 1 / 1440, 1 / 86400)
    parts = [
        (int(number), timedelta(unit)) for number, unit in zip(match.groups(), units, strict=True) if number
    ]
    return sum((number * unit for number, unit in parts), timedelta(0)), parts[-1][1]


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

"""Take in the organisation's records: open, split, type, set aside, seal.

The one door of the stage. Everything that is wrong with a source as a whole is told at once, as
problems with their mends; everything that is wrong with a row ends in quarantine.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from makeorbuy.case.model import Case, Source
from makeorbuy.case.source_fields import HANDLING_UNITS, SOURCE_FIELDS, needed_fields
from makeorbuy.evidence import bulk, parts, pseudonyms, snapshot
from makeorbuy.evidence.calendar import (
    COUNTED_FORMATS,
    MINUTES_PER_DAY,
    day_number,
    holidays_version,
    is_utc,
    utc_minute,
    wall_minute,
)
from makeorbuy.evidence.model import Evidence, QuarantineReason, SourceCount
from makeorbuy.evidence.opening import EvidenceFile, open_evidence, paths_of
from makeorbuy.evidence.proposal import system_of
from makeorbuy.evidence.registry import read_source, table_makers
from makeorbuy.evidence.tables import Tables
from makeorbuy.evidence.text import Ordinals, Reading, plain_name
from makeorbuy.foundation.digest import sha256_of
from makeorbuy.foundation.errors import EvidenceError, Problem

INTAKE_VERSION = 5
"""Raised whenever the same files would give another snapshot; old snapshots are then taken in again."""

CALENDAR_MARGIN_DAYS = 31
"""The working calendar reaches this far beyond the period, and to the first ticket. [days]"""

Progress = Callable[[str, float], None]

_ORDER = tuple(SOURCE_FIELDS)
"""Sources are taken in as they are declared: tickets before their events, accounts after the ledger."""

_MAY_BE_ONE = ({"resolved_at", "closed_at"},)
"""Fields that some systems have one column for: a request is done when it is closed."""

_OWN_NUMBERS = ("number", "initiative", "matter")
"""Fields that tell one ticket, initiative or matter from the others."""

_DATE_FORMAT = re.compile(r"(?:%-?[dmYyHIMSpfjbBz]|[^%])*")


def take_in(
    case: Case,
    case_folder: Path,
    out_folder: Path,
    progress: Progress | None = None,
    *,
    threads: int | None = None,
    link_persons: bool = False,
) -> Evidence:
    """Take in every source of a case and return the evidence as one immutable snapshot.

    A snapshot whose input has not changed is used again: its name is the digest of the files, of
    their mapping, and of what in the case decides how rows are read.

    Parameters
    ----------
    case : Case
    case_folder : Path
        Sources are below its ``evidence/``, unless their paths are absolute (given on the command
        line).
    out_folder : Path
        Where the snapshot is written. Made if it is missing.
    progress : callable, optional
        Called with the name of the file and the share of it that has been read.
    threads : int, optional
        Threads of the engine; by default one per core. The snapshot does not depend on it.
    link_persons : bool
        Whether to keep the persons' pseudonyms beside the snapshot (`makeorbuy.evidence.pseudonyms`),
        so that another export's persons can be linked with them. The snapshot does not depend on it.

    Returns
    -------
    Evidence

    Raises
    ------
    EvidenceError
        If a source cannot be read as a whole, with every problem found.
    HostileFileError
        If a file must not be read.
    """
    sources = _checked(case)
    with ExitStack() as stack:
        opened: dict[str, list[EvidenceFile]] = {}
        problems: list[Problem] = []
        for source in sources:
            try:
                opened[source.kind] = [
                    stack.enter_context(open_evidence(case_folder, path))
                    for path in paths_of(case_folder, source)
                ]
            except EvidenceError as error:
                problems += error.problems
        if problems:
            raise EvidenceError(problems=problems)
        digest = _digest(case, sources, opened)
        out_folder.mkdir(parents=True, exist_ok=True)
        target = out_folder / snapshot.folder_name(digest)
        known = snapshot.open_snapshot(target, digest)
        has_persons = any("person" in source.columns for source in sources)
        key = pseudonyms.key_of(case_folder, create=True) if link_persons and has_persons else None
        linked = pseudonyms.pseudonym_file(out_folder, digest)
        if known is not None and (key is None or pseudonyms.kept(linked, key) is not None):
            return known
        snapshot.sweep(out_folder)
        work = Path(tempfile.mkdtemp(prefix=snapshot.WORK_PREFIX, dir=out_folder.resolve()))
        try:
            evidence, persons = _take(
                case, sources, opened, digest, work, target, progress, threads,
                key or pseudonyms.passing_key(), is_kept=key is not None,
            )  # fmt: skip
            if key is not None:
                pseudonyms.keep(linked, key, persons)
            parts.sweep(out_folder)
            return evidence
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _take(
    case: Case,
    sources: list[Source],
    opened: dict[str, list[EvidenceFile]],
    digest: str,
    work: Path,
    target: Path,
    progress: Progress | None,
    threads: int | None,
    key: pseudonyms.Key,
    is_kept: bool,
) -> tuple[Evidence, tuple[str, ...]]:
    out_folder = target.parent.resolve()
    texts, parquet = work / "texts", work / "snapshot"
    texts.mkdir()
    parquet.mkdir()
    counts = []
    connection = snapshot.engine(work, threads, out_folder / pseudonyms.PARTS)
    try:
        tables = Tables(connection, case)
        problems: list[Problem] = []
        for source in sources:
            given = opened[source.kind]
            readings, found = _read(
                source, given, texts / source.kind, out_folder, progress, threads, key, is_kept
            )
            problems += found
            if problems:
                continue  # tell what is wrong with the other files too, but compute no more
            if source.kind in ("tickets", "ticket_events"):
                tables.notes.append(f"system[{source.kind}]={system_of(given[0])}")
            try:
                used, merged, set_aside, after_cut = tables.take(
                    source, [file.name for file in given], readings
                )
            except EvidenceError as error:
                problems += error.problems
                parts.forget(out_folder, readings)
                continue
            if source.kind in tables.masked:  # what was masked must not stay behind
                parts.forget(out_folder, readings)
            shutil.rmtree(texts / source.kind)
            rows_read = sum(reading.rows_read for reading in readings)
            name = _common_name(source, given)
            if rows_read != used + merged + set_aside + after_cut:
                raise AssertionError(f"{name}: rows were lost on the way")
            counts.append(
                SourceCount(
                    source.kind, name, _common_digest(given), rows_read, used, merged, set_aside, after_cut,
                    () if len(given) == 1 else tuple(
                        (file.name, file.sha256, reading.rows_read)
                        for file, reading in zip(given, readings, strict=True)
                    ),
                )
            )  # fmt: skip
        if problems:
            raise EvidenceError(problems=problems)
        tables.place_tickets()
        tables.complete()
        start, end = case.period.start, case.period.end
        ((earliest, unassigned),) = connection.execute(
            "SELECT min(opened_local_minute), count(*) FILTER (WHERE service IS NULL) FROM tickets"
        ).fetchall()
        first = day_number(start.date()) - CALENDAR_MARGIN_DAYS
        tables.add_calendar(
            first if earliest is None else min(first, earliest // MINUTES_PER_DAY),
            day_number((end + timedelta(days=CALENDAR_MARGIN_DAYS)).date()),
        )
        names = (*tables.tables, "quarantine")
        evidence = Evidence(
            digest=digest,
            connect=snapshot.connector(target, names),
            counts=tuple(counts),
            reasons=tuple(
                QuarantineReason(kind, file, code, column, rows, tuple(examples))
                for kind, file, code, column, rows, examples in tables.run("reasons")
            ),
            tables=names,
            start_minute=utc_minute(start, case.calendar.time_zone),
            end_minute=utc_minute(end, case.calendar.time_zone),
            start_local_minute=wall_minute(start),
            end_local_minute=wall_minute(end),
            unassigned_tickets=unassigned,
            notes=tuple(tables.notes),
        )
        digests = snapshot.write_tables(connection, parquet, names)
    finally:
        connection.close()
    snapshot.seal(parquet, evidence, digests, target)
    return evidence, tuple(tables.persons)


def _read(
    source: Source,
    files: list[EvidenceFile],
    folder: Path,
    out_folder: Path,
    progress: Progress | None,
    threads: int | None,
    key: pseudonyms.Key,
    is_kept: bool,
) -> tuple[list[Reading], list[Problem]]:
    """Read every file of a source: large ones in bulk, and only those that no earlier run has read."""
    folder.mkdir()
    in_bulk = bulk.can_read(source, files)
    may_keep = is_kept or "person" not in source.columns
    persons = Ordinals(source.missing, key.pseudonym)
    readings: list[Reading] = []
    problems: list[Problem] = []
    for number, file in enumerate(files):

        def tell(share: float, name: str = file.name) -> None:
            if progress is not None:
                progress(name, share)

        try:
            if in_bulk:
                is_large = may_keep and file.bytes_stored >= parts.LEAST_BYTES
                name = parts.part_name(file, source, key) if is_large else ""
                reading = parts.open_part(out_folder, name) if is_large else None
                if reading is None:
                    reading = bulk.read_in_bulk(
                        file, source, folder / str(number), tell, key=key, threads=threads
                    )
                    file.check_unchanged()
                    if is_large:
                        reading = parts.keep_part(reading, out_folder, name)
            else:
                reading = read_source(file, source, folder / f"{number}.txt", tell, persons)
                file.check_unchanged()
        except EvidenceError as error:
            problems += error.problems
        else:
            readings.append(reading)
    return readings, problems


def _common_name(source: Source, files: list[EvidenceFile]) -> str:
    if len(files) == 1:
        return files[0].name
    return f"evidence/{source.path} and others: {len(files)} files"


def _common_digest(files: list[EvidenceFile]) -> str:
    return files[0].sha256 if len(files) == 1 else sha256_of([file.sha256 for file in files])


def _digest(case: Case, sources: list[Source], opened: dict[str, list[EvidenceFile]]) -> str:
    """Return the digest of everything that decides what the snapshot holds."""
    declared = []
    for source in sources:
        rules = asdict(source)
        files = opened[source.kind]
        rules["path"] = files[0].name if len(files) == 1 else [file.name for file in files]
        del rules["place"], rules["further_paths"]
        declared.append(rules)
    return sha256_of(
        {
            "version": INTAKE_VERSION,
            "holidays": holidays_version(case.calendar),
            "files": {kind: _common_digest(files) for kind, files in opened.items()},
            "sources": _plain(declared),
            "services": [
                [s.id, list(s.teams), list(s.categories), *(["all"] if s.takes_all_tickets else [])]
                for s in case.services
            ],
            "period": _plain(asdict(case.period)),
            "calendar": _plain(asdict(case.calendar)),
        }
    )


def _plain(value: object) -> object:
    """Return nested values as JSON has them; moments as text."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _checked(case: Case) -> list[Source]:
    """Return the sources in the order in which they are taken in; collect what is wrong with them."""
    problems: list[Problem] = []
    sources = sorted(
        case.sources, key=lambda source: _ORDER.index(source.kind) if source.kind in _ORDER else -1
    )

    def wrong(source: Source, code: str, column: str | None, found: str, expected: str, mend: str) -> None:
        problems.append(
            Problem(code, "evidence/mapping.yaml", None, f"{source.kind}.{column}" if column else source.kind,
                    found, expected, mend)
        )  # fmt: skip

    kinds = [source.kind for source in sources]
    for source in sources:
        fields = SOURCE_FIELDS.get(source.kind)
        if fields is None:
            wrong(
                source,
                "unknown_source",
                None,
                repr(source.kind),
                f"one of {', '.join(_ORDER)}",
                "Correct it.",
            )
            continue
        if kinds.count(source.kind) > 1:
            wrong(
                source,
                "source_given_twice",
                None,
                "more than one file",
                "one file",
                "Join the files into one.",
            )
        needed = needed_fields(source)
        if source.kind == "tickets" and any(
            other.kind == "ticket_events" and "state" in other.columns for other in sources
        ):
            needed.discard("resolved_at")  # the history tells
        for name in sorted(needed - set(source.columns)):
            mend = "Say which column of the file it is."
            if name == "type":
                mend = "Say which column of the file it is, or give `constant_type`."
            wrong(source, "missing_field", f"columns.{name}", "nothing", fields[name].meaning, mend)
        for name in sorted(set(source.columns) - set(fields)):
            wrong(
                source, "unknown_field", f"columns.{name}", repr(name), f"one of {', '.join(fields)}",
                "Correct the name; a column that is not needed is left out.",
            )  # fmt: skip
        for one, other in _alike_columns(source):
            wrong(
                source, "column_given_twice", f"columns.{other}",
                f"{source.columns[other]!r}, which is also {one}",
                f"another column for {other} than for {one}",
                "Say which column of the file it is; leave out a field that the file does not have.",
            )  # fmt: skip
        has_moments = any(field.type == "moment" for field in fields.values())
        counted = [form for form in source.date_formats if form in COUNTED_FORMATS]
        has_offset = all(is_utc(form) for form in source.date_formats)
        needs_zone = has_moments and not has_offset
        if (needs_zone or source.time_zone) and not _is_zone(source.time_zone):
            wrong(
                source, "unknown_time_zone", "time_zone", repr(source.time_zone), "a zone, as Europe/Oslo",
                "Say in which zone the export writes its times; it is never guessed.",
            )  # fmt: skip
        if "TODO" in (source.selection, source.sheet, *source.columns.values(), *source.states.values(),
                      *source.types.values(), *source.teams.values(),
                      *(value for values in source.leave_out.values() for value in values)):  # fmt: skip
            wrong(
                source, "left_to_answer", None, "TODO", "an answer",
                "Answer the questions beside each TODO in evidence/mapping.yaml.",
            )  # fmt: skip
        if source.kind != "matters" and "transferred" in source.states.values():
            wrong(
                source, "transferred_ticket", "states.transferred", "transferred",
                "open, waiting, resolved, closed or cancelled",
                "A ticket is transferred between teams; only a matter leaves for somebody else.",
            )  # fmt: skip
        if "handling_time" in source.columns and source.handling_unit not in HANDLING_UNITS:
            wrong(
                source, "missing_handling_unit", "handling_unit", repr(source.handling_unit),
                f"one of {', '.join(HANDLING_UNITS)}",
                "Say what handling_time is written in; it is never guessed.",
            )  # fmt: skip
        if source.reader not in table_makers():
            wrong(
                source, "unknown_reader", "reader", repr(source.reader),
                f"one of {', '.join(table_makers())}", "Correct it; `makeorbuy map FILE` proposes one.",
            )  # fmt: skip
        has_dates = any(fields[name].type in ("moment", "date") for name in source.columns if name in fields)
        unreadable = [
            form
            for form in source.date_formats
            if form not in counted and (not _DATE_FORMAT.fullmatch(form) or "%" not in form)
        ]
        if has_dates and unreadable:
            wrong(
                source, "unknown_date_format", "date_format", repr(unreadable[0]),
                "a format such as %d.%m.%Y %H:%M",
                f"Use the letters of strftime, or one of {', '.join(COUNTED_FORMATS)}.",
            )  # fmt: skip
        shapes = [_shape(form) for form in source.date_formats]
        mixed = len({"%z" in form for form in source.date_formats}) > 1 or (counted and len(shapes) > 1)
        if len(set(shapes)) < len(shapes) or mixed:
            wrong(
                source, "date_formats_alike", "date_format", ", ".join(map(repr, source.date_formats)),
                "formats that no text can be read by two of, all with an offset or none",
                "Keep the one that the export has: nothing is read day first in one row and month first in "
                "the next.",
            )  # fmt: skip
        if len(source.delimiter) != 1 or source.delimiter in '"\r\n\x1f':
            wrong(
                source,
                "unknown_delimiter",
                "delimiter",
                repr(source.delimiter),
                "one character",
                "Correct it.",
            )
    told = [source for source in sources if "handling_time" in source.columns]
    if len(told) > 1:
        wrong(
            told[1], "handling_time_twice", "columns.handling_time", "work both on tickets and on events",
            "one of them", "Leave it out of the tickets if the events tell when the work was done.",
        )  # fmt: skip
    if "ticket_events" in kinds and not any(
        source.kind == "tickets" and source.shape == "row_per_ticket" for source in sources
    ):
        events = next(source for source in sources if source.kind == "ticket_events")
        wrong(
            events, "events_without_tickets", None, "a file of events", "tickets with a row per ticket",
            "Add the tickets, or declare the file as tickets with `shape: row_per_event`.",
        )  # fmt: skip
    if problems:
        raise EvidenceError(problems=problems)
    return sources


def _alike_columns(source: Source) -> list[tuple[str, str]]:
    """Return pairs of fields that are read from one column and cannot be the same.

    Words may mean two things (a queue is a team and a category); a moment, a count, an amount, a number of
    its own and a person mean one.
    """
    fields = SOURCE_FIELDS[source.kind]
    first: dict[str, str] = {}
    pairs = []
    for name in (name for name in fields if name in source.columns):
        column = plain_name(source.columns[name])
        if column == "TODO":
            continue  # a question that is told as such
        before = first.setdefault(column, name)
        means_one = any(fields[n].type != "text" or n in _OWN_NUMBERS for n in (before, name))
        if before != name and means_one and {before, name} not in _MAY_BE_ONE:
            pairs.append((before, name))
    return pairs


def _shape(form: str) -> str:
    """Return what a format looks like to somebody who does not know which number is which.

    Examples
    --------
    >>> _shape("%d/%m/%Y %H:%M") == _shape("%m/%d/%y %I:%M")
    True
    """
    return re.sub(r"%-?([bBpz])|%-?[a-zA-Z]", lambda match: match[1] or "n", form)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return bool(name)

"""Turn what a reader handed over into the typed tables of the snapshot, by SQL.

Each query of ``sql/`` is one step; this module says in which order, and sets the variables that they
read. Python sees counts only, never rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from importlib.resources import files
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from makeorbuy.case.model import Case, Source
from makeorbuy.case.source_fields import SOURCE_FIELDS, has_changes, has_positions
from makeorbuy.evidence.calendar import (
    COUNTED_FORMATS,
    FIRST_YEAR,
    LAST_SECOND,
    LAST_YEAR,
    is_utc,
    offset_changes,
    plain_month,
    utc_minute,
    wall_minute,
    wall_segments,
    working_days,
)
from makeorbuy.evidence.contracts import (
    EMPLOYMENTS,
    MATTER_STATES,
    OUTAGE_KINDS,
    STATES,
    TABLES,
    TYPES,
)
from makeorbuy.evidence.personal_columns import look_for_personal_data
from makeorbuy.evidence.snapshot import literal
from makeorbuy.evidence.text import SEPARATOR, Reading, leave_out_fields
from makeorbuy.foundation.errors import EvidenceError, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_NOK = 10**15
"""Largest plausible amount; beyond it a row is set aside as ``out_of_range``. [NOK]"""

LEAST_MIXED = 10
MIXED_SHARE = 0.01
"""So many times, and such a share, that fit with day and month exchanged only are no slips of the hand."""

_DAY_OR_MONTH = re.compile("(%-?)([dm])")
_HOUR = re.compile(r"%-?[HI]")
_MAX_LINE_BYTES = 8 * 1024**2  # a record of the file may grow when its encoding changes to UTF-8
_SETUP = """
CREATE TABLE faults (source VARCHAR, record BIGINT, code VARCHAR, field VARCHAR, found VARCHAR);
CREATE TABLE files (source VARCHAR, file VARCHAR, first_record BIGINT);
CREATE TABLE file_columns (source VARCHAR, field VARCHAR, column_name VARCHAR);
CREATE TABLE service_ids (id VARCHAR);
CREATE TABLE claims (position BIGINT, service VARCHAR, teams VARCHAR[], categories VARCHAR[]);
CREATE TABLE agency_offsets (from_minute BIGINT, offset_minutes BIGINT);
CREATE TABLE spellings (field VARCHAR, spelling VARCHAR, meaning VARCHAR);
CREATE TABLE rates (currency VARCHAR, millionths BIGINT);
CREATE TABLE wall_segments (from_minute BIGINT, kind VARCHAR, earlier_offset BIGINT, later_offset BIGINT);
"""


class Tables:
    """The tables of one intake, in one engine.

    Parameters
    ----------
    connection : DuckDBPyConnection
    case : Case
        Its services, period and calendar are used.

    Attributes
    ----------
    persons : dict of str to int
        Names with their ordinals, of all sources; in memory only.
    """

    def __init__(self, connection: DuckDBPyConnection, case: Case) -> None:
        self.connection = connection
        self.case = case
        self.zone = case.calendar.time_zone
        self.tables: list[str] = []
        self.notes: list[str] = []
        self.shape: str | None = None
        self.persons: dict[str, int] = {}  # by pseudonym
        self.masked: set[str] = set()
        connection.execute(_SETUP)
        self.run("macros")
        self.fill("service_ids", [(service.id,) for service in case.services])
        self.fill(
            "claims",
            [
                (
                    place,
                    service.id,
                    [plain(team) for team in service.teams],
                    [plain(c) for c in service.categories],
                )
                for place, service in enumerate(case.services)
                if service.has_tickets
            ],
        )
        self.fill("agency_offsets", offset_changes(self.zone))
        end = case.period.end
        # the first month that begins at or after the cut
        months = end.year * 12 + end.month - 1 + (end > end.replace(day=1, hour=0, minute=0, second=0))
        self.set(
            first_year=FIRST_YEAR,
            last_year=LAST_YEAR,
            most_nok=MOST_NOK,
            cut_minute=utc_minute(end, self.zone),
            cut_local_minute=wall_minute(end),
            cut_month=months // 12 * 100 + months % 12 + 1,
            cut_day=(
                end + timedelta(days=1) - timedelta.resolution
            ).date(),  # the first that begins at or after it
        )

    def run(self, name: str) -> list[tuple[Any, ...]]:
        """Run one query file and return its rows, if it has any."""
        text = files("makeorbuy.evidence").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        return self.connection.execute(text).fetchall()

    def set(self, **values: Any) -> None:
        """Set variables that the queries read."""
        for name, value in values.items():
            if value is None:
                self.connection.execute(f"RESET VARIABLE {name}")
            else:
                self.connection.execute(f"SET VARIABLE {name} = $value", {"value": value})

    def file_of(self, source: Source) -> str:
        """Return the name of a source's first file."""
        ((name,),) = self.connection.execute(
            "SELECT arg_min(file, first_record) FROM files WHERE source = $kind", {"kind": source.kind}
        ).fetchall()
        return str(name)

    def fill(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows, column by column: a parameter for each value would take longer than the queries."""
        rows = list(rows)
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.connection.execute(
                f"INSERT INTO {table} SELECT {', '.join(['unnest(?)'] * len(columns))}", columns
            )

    def take(
        self, source: Source, names: Sequence[str], readings: Sequence[Reading]
    ) -> tuple[int, int, int, int]:
        """Type the rows of one source.

        Parameters
        ----------
        source : Source
        names : sequence of str
            Its files, oldest first. Records are numbered through all of them.
        readings : sequence of Reading

        Returns
        -------
        tuple of int
            Rows used, merged, set aside, hidden by the cut.

        Raises
        ------
        EvidenceError
            If a column that would be kept is full of personal data.
        """
        before = [0, *accumulate(reading.rows_read for reading in readings)]
        placed = list(zip(before, readings, strict=False))
        self._declare(source)
        self.set(several_files=len(readings) > 1)
        self.fill("files", [(source.kind, name, first) for name, first in zip(names, before, strict=False)])
        for first, reading in placed:
            self.fill(
                "faults",
                [
                    (source.kind, first + fault.record, fault.code, fault.field, fault.found)
                    for fault in reading.malformed
                ],
            )
        self._load(source, placed)
        self._leave_out(source)
        self._leave_totals_out(source)
        masked = self._refuse_personal_data(source, names[0])
        if masked:
            self.masked.add(source.kind)
        remarks = Counter(masked)
        for reading in readings:
            remarks.update(reading.remarks)  # which keeps differences below zero, as a plus would not
        self.notes += [f"{code}[{source.kind}]={n}" for code, n in sorted(remarks.items()) if n]
        if source.kind == "tickets":
            self._take_tickets(source)
        elif source.kind == "ticket_events":
            self._take_events(source)
        else:
            self._take_simple(source)
        ((used, after_cut),) = self.connection.execute("SELECT used, after_cut FROM fate").fetchall()
        ((merged, set_aside),) = self.run("counts")
        for table in (
            "given",
            "ticket_rows",
            "keyed",
            "moments",
            "moment_texts",
            "words",
            "typed",
            "persons",
            "older",
        ):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")  # they may be large
        return used, merged, set_aside, after_cut

    def _declare(self, source: Source) -> None:
        """Tell the engine the declared rules of the export."""
        zone = source.time_zone or self.zone
        sign = source.decimal
        exported = source.exported_at
        self.set(
            source=source.kind,
            missing=sorted({"", *(plain(word) for word in source.missing)}),
            **_moment_rules(source),
            fold=source.fold,
            same_zone=zone == self.zone,
            number_pattern=_number_pattern(sign),
            other_number_pattern=_number_pattern("." if sign == "," else ","),
            no_number_sign=rf"[^0-9{sign}]",
            exported_minute=None if exported is None else utc_minute(exported, zone, later=True),
            constant_type=source.constant_type if source.kind == "tickets" else None,
            key_field=_KEY_FIELDS.get(source.kind),
            row_per_ticket=source.kind == "tickets" and source.shape == "row_per_ticket",
            has_person="person" in source.columns,
            has_currency="currency" in source.columns,
            has_closed="closed_on" in source.columns,
            has_before=not {"state_before", "team_before"}.isdisjoint(source.columns),
            has_opened="opened_at" in source.columns,
            has_updated="updated_at" in source.columns,
            has_resolved="resolved_at" in source.columns,
            handling_unit=source.handling_unit or None,
            needs_state=source.kind == "tickets" and source.shape == "row_per_ticket",
            needs_type=source.kind == "tickets" and source.constant_type is None,
        )
        self.connection.execute("DELETE FROM spellings; DELETE FROM wall_segments; DELETE FROM rates;")
        self.fill("rates", [("NOK", 1_000_000), *((c, round(nok * 1e6)) for c, nok in source.rates.items())])
        self.fill("spellings", _spellings(source, self.case))
        self.fill("wall_segments", wall_segments(zone))
        columns = source.columns | leave_out_fields(source)
        self.fill("file_columns", [(source.kind, field, column) for field, column in columns.items()])

    def _load(self, source: Source, readings: list[tuple[int, Reading]]) -> None:
        """Read the reader's text or parts: every field is text, nothing is guessed."""
        names = SOURCE_FIELDS[source.kind]
        if source.kind in ("tickets", "ticket_events"):  # the same queries read both
            names = SOURCE_FIELDS["tickets"] | SOURCE_FIELDS["ticket_events"]
        fields = readings[0][1].fields
        picks = ", ".join(
            f'said("{field}") AS "{field}"' if field in fields else f'CAST(NULL AS VARCHAR) AS "{field}"'
            for field in names
            if field != "person"
        )
        picks = ", ".join([picks, *leave_out_fields(source)])
        texts = " UNION ALL ".join(
            f"SELECT CAST(record AS BIGINT) + {first} AS record, CAST(fingerprint AS BIGINT) AS fingerprint,"
            f" person, {picks} FROM {_relation(reading)}"
            for first, reading in readings
        )
        self._number_persons(readings)
        self.connection.execute(
            "CREATE OR REPLACE TABLE given AS"
            " SELECT texts.* REPLACE (CAST(persons.ordinal AS VARCHAR) AS person)"
            f" FROM ({texts}) AS texts LEFT JOIN persons ON texts.person = persons.person"
        )

    def _number_persons(self, readings: list[tuple[int, Reading]]) -> None:
        """Give a person of several sources one ordinal, that of the first appearance in all of them.

        In a reader's text a person is told by a number of the reading, in parts by the pseudonym.
        """
        last = readings[-1][1]
        told = [(str(number), pseudonym) for number, pseudonym in enumerate(last.persons, 1)]
        if last.parts:
            seen = " UNION ALL ".join(
                f"SELECT person, min(record) + {first} AS record FROM {_relation(reading)} GROUP BY person"
                for first, reading in readings
            )
            told = [
                (pseudonym, pseudonym)
                for (pseudonym,) in self.connection.execute(
                    f"SELECT person FROM ({seen}) WHERE person IS NOT NULL"
                    " GROUP BY person ORDER BY min(record)"
                ).fetchall()
            ]
        self.connection.execute("CREATE OR REPLACE TABLE persons (person VARCHAR, ordinal INTEGER)")
        self.fill(
            "persons",
            [
                (person, self.persons.setdefault(pseudonym, len(self.persons) + 1))
                for person, pseudonym in told
            ],
        )

    def _refuse_personal_data(self, source: Source, file: str) -> dict[str, int]:
        """Mask single finds in the text columns; refuse a column that is full of them."""
        fields = SOURCE_FIELDS[source.kind]
        texts = {field: column for field, column in source.columns.items() if fields[field].type == "text"}
        problems, masked = look_for_personal_data(self.connection, file, texts)
        if problems:
            raise EvidenceError("A column that would be kept holds personal data.", problems)
        return {f"masked_{kind}": rows for kind, rows in masked.items()}

    def _take_tickets(self, source: Source) -> None:
        openings: tuple[str, ...] = ()
        if source.shape == "row_per_event" and "opened_at" not in source.columns:
            openings = ("openings",)
        keyed = "tickets_keyed" if source.shape == "row_per_ticket" else "events_keyed"
        for step in ("ticket_words", self._moments_step()):
            self.run(step)
        self._refuse_mixed_dates(source)
        for step in ("ticket_rows", *openings, "ticket_faults", keyed, *self._repetitions()):
            self.run(step)
        self._note(source)
        self.shape = source.shape
        self.tables.append("tickets")
        if source.shape == "row_per_ticket":
            self.run("tickets_per_ticket")
            self.run("events_none")
        else:
            self.run("tickets_per_event")
            self.tables.append("ticket_events")

    def _take_events(self, source: Source) -> None:
        for step in ("ticket_words", self._moments_step()):
            self.run(step)
        self._refuse_mixed_dates(source)
        for step in ("ticket_rows", "ticket_faults", "ticket_events", "events_keyed", *self._repetitions(),
                     "events_used"):  # fmt: skip
            self.run(step)
        self._note(source)
        self.tables.append("ticket_events")

    def _refuse_mixed_dates(self, source: Source) -> None:
        """Refuse a source whose unreadable times fit with day and month exchanged.

        Of times written the other way, those after the twelfth cannot be read; the others were read as
        another day, and nothing tells which. A few typed by hand are set aside.

        Raises
        ------
        EvidenceError
            If there are at least ten, one in a hundred of all, and they are most of what cannot be read.
        """
        exchanged = [
            _DAY_OR_MONTH.sub(lambda found: found[1] + ("m" if found[2] == "d" else "d"), form)
            for form in source.date_formats
            if {found[1] for found in _DAY_OR_MONTH.findall(form)} == {"d", "m"}
        ]
        if not exchanged:
            return
        ((texts, unread, fitting),) = self.connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE fault = 'invalid_date'), count(*) FILTER (WHERE"
            " fault = 'invalid_date' AND try_strptime(evened(text), $forms::VARCHAR[]) IS NOT NULL)"
            " FROM moments",
            {"forms": exchanged},
        ).fetchall()
        if fitting >= LEAST_MIXED and fitting >= MIXED_SHARE * texts and 2 * fitting > unread:
            raise EvidenceError(
                "Days and months are exchanged in some rows.",
                [
                    Problem(
                        "dates_mixed", self.file_of(source), None, f"{source.kind}.date_format",
                        f"{fitting} of {texts} different times that can be read only with day and month "
                        f"exchanged ({exchanged[0]})",
                        f"times that are all written as {source.date_format}",
                        "Ask for an export in one form. Of the rows written the other way, those up to the "
                        "twelfth of a month would be read as another day.",
                    )
                ],
            )  # fmt: skip

    def _leave_out(self, source: Source) -> None:
        """Set aside the rows that the mapping leaves out; they are looked at no further."""
        for field, values in zip(leave_out_fields(source), source.leave_out.values(), strict=True):
            self.connection.execute(
                "INSERT INTO faults SELECT getvariable('source'), record, 'left_out', $field, ''"
                f" FROM given WHERE list_contains($values, plain({field}))",
                {"field": field, "values": [plain(value) for value in values]},
            )
        if source.leave_out:
            self.connection.execute(
                "DELETE FROM given WHERE record IN"
                " (SELECT record FROM faults WHERE source = getvariable('source') AND code = 'left_out')"
            )

    def _leave_totals_out(self, source: Source) -> None:
        """Set aside the line below a list that counts or sums it: no ticket has the number "Sum"."""
        key = _KEY_FIELDS.get(source.kind)
        if key in ("number", "initiative", "matter"):
            self.connection.execute(
                "INSERT INTO faults SELECT getvariable('source'), record, 'total_line', NULL, ''"
                f" FROM given WHERE is_total_word({key});"
                f"DELETE FROM given WHERE is_total_word({key})"
            )

    def _take_simple(self, source: Source) -> None:
        """Type a source that needs no other: its own query, and a second one where rows are not entries."""
        for field in ("service", "employment", "kind", "state", "team"):
            if field in SOURCE_FIELDS[source.kind]:  # what has no meaning stays as written, and is a fault
                self.connection.execute(
                    f"UPDATE given SET {field} = meaning FROM spellings"
                    f" WHERE spellings.field = '{field}' AND spelling = plain(given.{field})"
                )
        shape = source.kind
        if shape == "staffing" and has_positions(source):
            shape = "staffing_positions"
        if shape == "matters" and has_changes(source):
            shape = "matters_changes"
        if shape in _WORDS_AS:
            self.run(f"{shape}_words")
            self.run(self._moments_step() if _WORDS_AS[shape] == "moments" else "days")
        for step in (shape, "sound", *self._repetitions(), "used"):
            self.run(step)
        if shape in _FROM_USED:
            self.run(_FROM_USED[shape])
            self.connection.execute("DROP TABLE used")
        else:
            self.connection.execute(f"ALTER TABLE used RENAME TO {source.kind}")
        if shape in _NOTED:
            for code, count in self.run(_NOTED[shape]):
                self.notes += [f"{code}[{source.kind}]={count}"] if count else []
        self.tables.append(source.kind)

    def _repetitions(self) -> tuple[str, ...]:
        ((several,),) = self.connection.execute("SELECT getvariable('several_files')").fetchall()
        return ("superseded", "duplicates") if several else ("duplicates",)

    def _moments_step(self) -> str:
        ((has_offset,),) = self.connection.execute("SELECT getvariable('has_offset')").fetchall()
        return "moments_with_offset" if has_offset else "moments"

    def _note(self, source: Source) -> None:
        ((not_mapped, fold, early, end_early, open_with_end, unknown, twice),) = self.run("notes")
        counts = {
            "teams_not_mapped": not_mapped if source.teams else 0,
            "autumn_hour_as_declared": fold,
            "updated_before_opened": early,
            "end_known_too_early": end_early,
            "open_with_an_end": open_with_end,
            "unknown_and_without_end": unknown,
            "looks_twice_encoded": twice,
        }
        self.notes += [f"{code}[{source.kind}]={count}" for code, count in counts.items() if count]

    def place_tickets(self) -> None:
        """Make ``tickets`` and ``ticket_events`` from what the rows and events say, service by service.

        Raises
        ------
        EvidenceError
            If two services claim the same tickets.
        """
        if self.shape is None:
            return
        steps = ["histories", "tickets_from_rows", "claims"]
        if self.shape == "row_per_event":
            steps = ["histories", "endings", "tickets_from_events", "claims"]
        for step in steps:
            self.run(step)
        self._note_ends()
        twice = self.connection.execute(
            "SELECT team, category, tickets, services FROM claimed WHERE len(services) > 1 ORDER BY ALL"
        ).fetchall()
        if twice:
            raise EvidenceError(
                "Two services claim the same tickets.",
                [
                    Problem(
                        "claimed_twice", "services.yaml", None, f"{services[0]}, {services[1]}",
                        f"{tickets} tickets of team {team!r} and category {category!r} that both claim",
                        "one service for each ticket",
                        "Take the team or the category out of one of them, or give both services categories.",
                    )
                    for team, category, tickets, services in twice[:20]
                ],
            )  # fmt: skip
        self.run("tickets")

    def _note_ends(self) -> None:
        """Note how many tickets a list and its history end at different times."""
        (told,) = self.connection.execute(
            "SELECT count(*) FILTER (WHERE history_end <> 'same'), count(history_end),"
            " count(*) FILTER (WHERE history_end = 'open_after') FROM unplaced"
        ).fetchall()
        codes = ("ends_apart", "ends_told_twice", "open_after_end")
        if told[0]:
            self.notes += [f"{code}[tickets]={count}" for code, count in zip(codes, told, strict=True)]

    def complete(self) -> None:
        """Add what every snapshot has, perhaps empty: tickets and ledger; and the quarantine."""
        for table in ("tickets", "ledger"):
            if table not in self.tables:
                columns = ", ".join(f"{name} {kind}" for name, (kind, _) in TABLES[table].items())
                self.connection.execute(f"CREATE TABLE {table} ({columns})")
                self.tables.append(table)
        self.run("quarantine")

    def add_calendar(self, first: int, last: int) -> None:
        """Add the working calendar for these days. [days since 1970-01-01]"""
        days = working_days(self.case.calendar, first, last)
        self.connection.execute(
            "CREATE TABLE calendar AS SELECT unnest($days::BIGINT[]) AS day_number,"
            " unnest($opens::BIGINT[]) AS open_minute, unnest($closes::BIGINT[]) AS close_minute,"
            " unnest($worked::BIGINT[]) AS worked_before",
            dict(zip(("days", "opens", "closes", "worked"), map(list, zip(*days, strict=True)), strict=True)),
        )
        self.tables.append("calendar")


def _relation(reading: Reading) -> str:
    """Return what was read as a relation of texts."""
    if reading.parts:
        return f"read_parquet([{', '.join(literal(str(part)) for part in reading.parts)}])"
    texts = ", ".join(f"{literal(field)}: 'VARCHAR'" for field in reading.fields)
    return (
        f"read_csv({literal(str(reading.path))}, auto_detect = false, all_varchar = true,"
        f" delim = {literal(SEPARATOR)}, quote = '', escape = '', header = false, new_line = '\\n',"
        f" max_line_size = {_MAX_LINE_BYTES}, columns = {{{texts}}})"
    )


def _number_pattern(sign: str) -> str:
    """Return the pattern of a written number with a decimal sign."""
    grouping = " '’" + ("." if sign == "," else ",")
    body = rf"([0-9]+|[0-9]{{1,3}}([{grouping}][0-9]{{3}})+)(\{sign}[0-9]{{1,6}})?"
    return rf"[-+−]?{body}|{body}[-−]"


def _moment_rules(source: Source) -> dict[str, Any]:
    """Return the variables that say how a written time is read."""
    forms = source.date_formats
    count = COUNTED_FORMATS.get(source.date_format)
    used = count or COUNTED_FORMATS["excel_serial"]  # the engine wants a type even for what it does not use
    return {
        "date_formats": ["%Y"] if count else [plain_month(form) for form in forms],
        "day_formats": [plain_month(f) for f in forms if not count and not _HOUR.search(f)] or None,
        "has_month_names": any("%b" in form or "%B" in form for form in forms),
        "has_offset": is_utc(source.date_format),
        "is_counted": count is not None,
        "count_pattern": rf"-?[0-9]{{1,15}}(\{source.decimal}[0-9]{{1,15}})?",
        "count_from": used.start,
        "count_seconds": used.seconds,
        "count_limit": LAST_SECOND / used.seconds,
        "count_rounds": not used.is_utc,  # a day's fraction is never exact
    }


_KEY_FIELDS = {
    "tickets": "number",
    "request_counts": "service",
    "staffing": "service",
    "initiatives": "initiative",
    "accounts": "account",
    "matters": "matter",
}
_WORDS_AS = {
    "request_counts": "days", "matters": "days", "matters_changes": "days", "staffing_positions": "days",
    "outages": "moments", "leave": "days",
}  # fmt: skip
"""Sources with times, and how these are read."""

_FROM_USED = {
    "ledger": "ledger_ore", "staffing_positions": "staffing_months", "matters_changes": "matters_last",
}  # fmt: skip
"""Sources whose table is made from the rows that are used, and the query that makes it."""

_NOTED = {"ledger": "ledger_notes", "staffing_positions": "staffing_notes"}
"""Sources that are looked at as a whole, and the query: code and count."""


def _spellings(source: Source, case: Case) -> list[tuple[str, str, str]]:
    """Return every known spelling of a word; the mapping goes before the plain word."""
    known: dict[tuple[str, str], str] = {}
    known |= {("state", word): word for word in (MATTER_STATES if source.kind == "matters" else STATES)}
    known |= {("type", word): word for word in TYPES}
    known |= {("team", plain(team)): plain(team) for service in case.services for team in service.teams}
    known |= {("team", plain(team)): plain(team) for team in source.teams.values()}
    known |= {("employment", word): word for word in EMPLOYMENTS}
    known |= {("kind", word): word for word in OUTAGE_KINDS if source.kind == "outages"}
    tables = (
        ("state", source.states), ("type", source.types), ("team", source.teams),
        ("service", source.services), ("employment", source.employments), ("kind", source.kinds),
    )  # fmt: skip
    for field, spellings in tables:
        known |= {(field, plain(spelling)): plain(meaning) for spelling, meaning in spellings.items()}
    return [(field, spelling, meaning) for (field, spelling), meaning in known.items()]


def plain(text: str) -> str:
    """Return a text with composed letters and single spaces, as the queries compare them.

    Examples
    --------
    >>> plain(" Na\u030ar \u00a0 det ")
    'N\u00e5r det'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())

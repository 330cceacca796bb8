"""Vintages: what each export said when it was taken, kept, and compared with the one before.

A system of record is rewritten: closing dates are moved, tickets deleted, services coded anew. Whoever
has only the latest export cannot see it. So the typed rows of every export are kept in ``vintages/``,
which is no part of ``out/`` and is never overwritten: one folder for each source and export, numbered
in the order in which they came in. On one disk they share their bytes with the snapshot (hard links).

In: a snapshot and the folder of vintages. Out: for each source a `Comparison` with the last earlier
export that was read in the same way.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from makeorbuy.case.model import Case, Source
from makeorbuy.evidence.contracts import TABLES
from makeorbuy.evidence.model import Evidence, SourceCount
from makeorbuy.evidence.snapshot import engine, folder_name, literal
from makeorbuy.foundation.digest import canonical_json, sha256_of, sha256_of_bytes

FOLDER = "vintages"
MANIFEST = "vintage.json"
_WORK_PREFIX = ".keeping-"
_NO_READING = frozenset({"path", "further_paths", "place", "exported_at", "selection"})
_PASSES = {"tickets": "", "ledger": "", "request_counts": "", "staffing": "", "outages": "", "leave": "",
           "initiatives": "status", "matters": ""}  # fmt: skip
"""Sources that are compared, and the column of theirs that changes in the ordinary course of things."""

_PAST = {"matters": "WHERE closed IS NOT NULL"}


@dataclass(frozen=True, slots=True)
class Vintage:
    """One export as it was taken.

    Attributes
    ----------
    number : int
        In the order of import, from 1.
    export, reading : str
        Digest of the files; digest of the mapping and, for tickets, of the services.
    exported_on, imported_on : str
        Days, ISO 8601; the first is empty where the mapping does not give ``exported_at``.
    cut_minute : int
        End of the period, which hides what came later. UTC
    """

    source: str
    number: int
    export: str
    reading: str
    exported_on: str
    imported_on: str
    cut_minute: int
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Change:
    """How many past rows say otherwise in one column; ``any`` and ``gone`` stand for the whole row."""

    column: str
    rows: int
    moved_minutes: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one export has changed of what the last one said.

    Attributes
    ----------
    earlier : Vintage or None
    reason : str or None
        Why there is no comparison: ``first_vintage``, or ``read_otherwise`` where the mapping or the
        services have changed since.
    rows_compared : int
        Rows that were past when the earlier export was taken: tickets that had ended, matters that were
        closed, every row of the other sources.
    """

    later: Vintage
    earlier: Vintage | None
    reason: str | None
    rows_compared: int
    changes: tuple[Change, ...]

    @property
    def rewritten(self) -> int:
        """Past rows that changed or are gone."""
        return sum(change.rows for change in self.changes if change.column in ("any", "gone"))


def keep_vintages(
    case: Case, evidence: Evidence, out_folder: Path, folder: Path, today: date
) -> tuple[Comparison, ...]:
    """Keep what each source says now, if it is new, and compare it with what it said before.

    Parameters
    ----------
    case : Case
    evidence : Evidence
        Its snapshot is in ``out_folder``.
    out_folder, folder : Path
        The folder of snapshots and that of vintages; the latter is made if it is missing.
    today : date
        Written into a new vintage as the day of import; no figure depends on it.

    Returns
    -------
    tuple of Comparison
        One for each source that is kept, in the order of the snapshot.
    """
    snapshot = out_folder / folder_name(evidence.digest)
    declared = {source.kind: source for source in case.sources}
    found = []
    for count in evidence.counts:
        if count.source in _PASSES:
            known = _known(folder / count.source)
            later = _kept(case, declared[count.source], count, evidence, snapshot, folder, known, today)
            found.append(_compared(folder, later, known))
    return tuple(found)


def _kept(
    case: Case,
    source: Source,
    count: SourceCount,
    evidence: Evidence,
    snapshot: Path,
    folder: Path,
    known: list[Vintage],
    today: date,
) -> Vintage:
    """Return the vintage of this export; keep it first where it is not known."""
    rules = {name: value for name, value in asdict(source).items() if name not in _NO_READING and value}
    if source.kind == "tickets":
        rules["services"] = [[s.id, s.teams, s.categories] for s in case.services]
    reading = sha256_of(json.loads(json.dumps(rules, default=str)))
    for vintage in known:
        if (vintage.export, vintage.reading, vintage.cut_minute) == (
            count.sha256, reading, evidence.end_minute,
        ):  # fmt: skip
            return vintage
    table = snapshot / f"{source.kind}.parquet"
    vintage = Vintage(
        source.kind,
        max((vintage.number for vintage in known), default=0) + 1,
        count.sha256,
        reading,
        "" if source.exported_at is None else source.exported_at.date().isoformat(),
        today.isoformat(),
        evidence.end_minute,
        count.rows_used,
        sha256_of_bytes(table.read_bytes()),
    )
    home = folder / source.kind
    home.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=home))
    try:
        try:
            os.link(table, work / table.name)
        except OSError:  # another disk, or one that has no links
            shutil.copyfile(table, work / table.name)
        written = {"sha256": sha256_of(asdict(vintage)), "vintage": asdict(vintage)}
        with (work / MANIFEST).open("w", encoding="utf-8", newline="\n") as out:
            out.write(canonical_json(written) + "\n")
            out.flush()
            os.fsync(out.fileno())
        work.chmod(0o755)
        work.rename(home / _name(vintage))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return vintage


def _name(vintage: Vintage) -> str:
    return f"{vintage.number:04d}-{vintage.exported_on or vintage.imported_on}-{vintage.export[:8]}"


def _known(home: Path) -> list[Vintage]:
    """Return the vintages of one source that are whole, oldest first."""
    found = []
    for folder in home.glob("[0-9]*"):
        try:
            written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            vintage = Vintage(**written["vintage"])
            if written["sha256"] == sha256_of(written["vintage"]) and folder.name == _name(vintage):
                found.append(vintage)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written by hand, or not ours
    return sorted(found, key=lambda vintage: vintage.number)


def _compared(folder: Path, later: Vintage, known: list[Vintage]) -> Comparison:
    before = [v for v in known if v.number < later.number and v.export != later.export]
    alike = [v for v in before if v.reading == later.reading and _is_whole(folder, v)]
    if not alike:
        return Comparison(later, None, "read_otherwise" if before else "first_vintage", 0, ())
    earlier = alike[-1]
    home = (folder / later.source).resolve()
    connection = engine(home)
    try:
        for name, vintage in (("earlier", earlier), ("later", later)):
            file = literal(str(home / _name(vintage) / f"{later.source}.parquet"))
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({file})")
            columns = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
            if later.source == "tickets" and "handling_seconds" not in columns:  # kept by an earlier version
                connection.execute(
                    f"CREATE OR REPLACE VIEW {name} AS"
                    f" SELECT *, CAST(NULL AS BIGINT) AS handling_seconds FROM read_parquet({file})"
                )
        if later.source == "tickets":
            connection.execute(f"SET VARIABLE both_cuts = {min(earlier.cut_minute, later.cut_minute)}")
            text = files("makeorbuy.evidence").joinpath("sql", "vintage_tickets.sql").read_text("utf-8")
            rows = connection.execute(text).fetchall()
        else:
            rows = _rows_gone(connection, later.source)
    finally:
        connection.close()
    return Comparison(later, earlier, None, rows[0][3], tuple(Change(*row[:3]) for row in rows))


def _rows_gone(connection: Any, source: str) -> list[tuple[str, int, None, int]]:
    """Count past rows that the later export no longer has as they were."""
    columns = ", ".join(name for name in TABLES[source] if name not in ("record", _PASSES[source]))
    past = f"SELECT {columns} FROM earlier {_PAST.get(source, '')}"
    ((gone, compared),) = connection.execute(
        f"SELECT (SELECT count(*) FROM ({past} EXCEPT ALL SELECT {columns} FROM later)),"
        f" (SELECT count(*) FROM ({past}))"
    ).fetchall()
    return [("any", gone, None, compared)]


def _is_whole(folder: Path, vintage: Vintage) -> bool:
    try:
        file = folder / vintage.source / _name(vintage) / f"{vintage.source}.parquet"
        return sha256_of_bytes(file.read_bytes()) == vintage.sha256
    except OSError:
        return False

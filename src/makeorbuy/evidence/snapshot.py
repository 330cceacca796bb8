"""Write and open one immutable snapshot: Parquet files and a manifest, named by the digest of the input.

The folder appears under its name only when everything in it is written; a run that is stopped leaves
nothing that could be mistaken for a snapshot. It is opened read-only in an engine that may touch
nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from makeorbuy.evidence.contracts import TABLES
from makeorbuy.evidence.model import Evidence, QuarantineReason, SourceCount
from makeorbuy.foundation.digest import canonical_json, sha256_of_bytes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MANIFEST = "manifest.json"
WORK_PREFIX = ".taking-in-"
_LEFTOVER_SECONDS = 24 * 3600
ORDER = {
    "tickets": "ticket",
    "ticket_events": "ticket, at_minute, record",
    "quarantine": "source, record, code, column_name NULLS FIRST, found",
    "calendar": "day_number",
}
"""How each table is sorted, so that the bytes do not depend on the number of threads; else by record."""

MEMORY = "2500MB"
"""What the engine holds in memory before it spills to the work folder; with the rest below 4 GiB."""

_GUARD = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def engine(folder: Path, threads: int | None = None, *also: Path) -> DuckDBPyConnection:
    """Return an in-memory engine that can read and write within one folder (and ``also``) only."""
    import duckdb

    options: dict[str, Any] = {**_GUARD, "memory_limit": MEMORY, "preserve_insertion_order": "false"}
    if threads is not None:
        options["threads"] = threads
    connection = duckdb.connect(":memory:", config=options)
    connection.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
    folders = ", ".join(literal(str(place)) for place in (folder, *also))
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    return connection


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def sweep(out_folder: Path) -> None:
    """Remove what runs that were killed have left behind, once it is a day old."""
    for leftover in out_folder.glob(f"{WORK_PREFIX}*"):
        try:
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
        except OSError:  # another run has just removed it
            continue


def folder_name(digest: str) -> str:
    """Return the snapshot's folder name."""
    return f"snapshot-{digest[:16]}"


def write_tables(connection: DuckDBPyConnection, folder: Path, tables: tuple[str, ...]) -> dict[str, str]:
    """Write the tables as Parquet in a fixed order of rows and columns; return their digests."""
    digests = {}
    for table in tables:
        columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, (kind, _) in TABLES[table].items())
        file = folder / f"{table}.parquet"
        connection.execute(
            f"COPY (SELECT {columns} FROM {table} ORDER BY {ORDER.get(table, 'record')})"
            f" TO {literal(str(file))} (FORMAT parquet)"
        )
        digests[file.name] = sha256_of_bytes(file.read_bytes())
    return digests


def seal(folder: Path, evidence: Evidence, files: dict[str, str], target: Path) -> None:
    """Write the manifest last and give the folder its name, atomically."""
    manifest = {
        "digest": evidence.digest,
        "files": files,
        "tables": evidence.tables,
        "counts": [asdict(count) for count in evidence.counts],
        "reasons": [asdict(reason) for reason in evidence.reasons],
        "start_minute": evidence.start_minute,
        "end_minute": evidence.end_minute,
        "start_local_minute": evidence.start_local_minute,
        "end_local_minute": evidence.end_local_minute,
        "unassigned_tickets": evidence.unassigned_tickets,
        "notes": evidence.notes,
    }
    text = canonical_json(
        {"sha256": sha256_of_bytes(canonical_json(manifest).encode()), "manifest": manifest}
    )
    for name in files:
        _sync(folder / name)
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="\n") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        folder.rename(target)
    except OSError:
        if open_snapshot(target, evidence.digest) is not None:
            return  # another run was quicker and wrote the same
        shutil.rmtree(target)
        folder.rename(target)


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def open_snapshot(folder: Path, digest: str) -> Evidence | None:
    """Return the evidence of a snapshot, or None where there is none or it is not whole.

    Every file is compared with its digest in the manifest, and the manifest with its own: a snapshot
    that was cut or changed is not used, but taken in again.
    """
    try:
        text = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = text["manifest"]
        whole = (
            text["sha256"] == sha256_of_bytes(canonical_json(manifest).encode())
            and manifest["digest"] == digest
            and all(
                sha256_of_bytes((folder / name).read_bytes()) == expected
                for name, expected in manifest["files"].items()
            )
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not whole:
        return None
    tables = tuple(manifest["tables"])
    return Evidence(
        digest=digest,
        connect=connector(folder, tables),
        counts=tuple(
            SourceCount(**{**count, "files": tuple(map(tuple, count["files"]))})
            for count in manifest["counts"]
        ),
        reasons=tuple(
            QuarantineReason(**{**reason, "example_records": tuple(reason["example_records"])})
            for reason in manifest["reasons"]
        ),
        tables=tables,
        start_minute=manifest["start_minute"],
        end_minute=manifest["end_minute"],
        start_local_minute=manifest["start_local_minute"],
        end_local_minute=manifest["end_local_minute"],
        unassigned_tickets=manifest["unassigned_tickets"],
        notes=tuple(manifest["notes"]),
    )


def connector(folder: Path, tables: tuple[str, ...]) -> Callable[[], DuckDBPyConnection]:
    """Return the function that opens the snapshot: an in-memory engine with a view per table.

    The engine can read the snapshot's folder and nothing else, and its settings are locked.
    """
    place = folder.resolve()

    def connect() -> DuckDBPyConnection:
        connection = engine(place)
        for table in tables:
            file = literal(str(place / f"{table}.parquet"))
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({file})")
        connection.execute("SET lock_configuration = true")
        return connection

    return connect

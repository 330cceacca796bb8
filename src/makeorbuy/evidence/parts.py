"""Keep what large files have given, so that one more export costs about that export.

A part is the mapped rows of one file, named by the digest of its bytes and of what in the mapping
decides how it is read. It gets its name when it is whole: a run that is stopped goes on with the parts
that are there. Parts are a cache below ``out/`` and safe to delete.

Persons are pseudonyms in them (`makeorbuy.evidence.pseudonyms`): with the case's key, a part can be used
again; where there is none, none is kept. The snapshot does not depend on the key.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from makeorbuy.case.model import Source
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.pseudonyms import PARTS, Key
from makeorbuy.evidence.text import Malformed, Reading
from makeorbuy.foundation.digest import canonical_json, sha256_of, sha256_of_bytes

MANIFEST = "part.json"
LEAST_BYTES = 16 * 1024**2
"""Smaller files are read again instead. [B]"""

PARTS_VERSION = 1
"""Raised whenever the same file would give another part."""

_UNUSED_SECONDS = 30 * 24 * 3600
_DECIDES_NOTHING_HERE = frozenset({
    "path", "further_paths", "place", "states", "types", "constant_type", "teams", "fold", "exported_at",
    "selection", "shape", "date_format", "further_date_formats", "decimal", "time_zone",
    "handling_unit",
})  # fmt: skip
"""Rules of a source that are applied after its text has been read."""


def part_name(file: EvidenceFile, source: Source, key: Key) -> str:
    """Return the name of the part that a file gives."""
    import duckdb

    rules = {
        name: value for name, value in asdict(source).items() if value and name not in _DECIDES_NOTHING_HERE
    }
    return sha256_of(
        {
            "version": PARTS_VERSION,
            "engine": duckdb.__version__,  # whose hash tells rows apart
            "file": file.sha256,
            "packed": file.path.suffix.lower(),
            "rules": json.loads(json.dumps(rules, default=str)),
            "key": key.id if "person" in source.columns else "",
        }
    )[:32]


def open_part(out_folder: Path, name: str) -> Reading | None:
    """Return what a part holds, or None where there is none or it is not whole."""
    folder = out_folder / PARTS / name
    try:
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = written["manifest"]
        whole = written["sha256"] == sha256_of_bytes(canonical_json(manifest).encode()) and all(
            sha256_of_bytes((folder / file).read_bytes()) == digest
            for file, digest in manifest["files"].items()
        )
        if not whole:
            return None
        os.utime(folder)
        return Reading(
            folder,
            tuple(manifest["fields"]),
            manifest["rows_read"],
            tuple(Malformed(**fault) for fault in manifest["malformed"]),
            parts=tuple(folder / file for file in manifest["files"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_part(reading: Reading, out_folder: Path, name: str) -> Reading:
    """Give what was read its name, atomically, and return it from there."""
    folder = out_folder / PARTS / name
    manifest = {
        "files": {part.name: sha256_of_bytes(part.read_bytes()) for part in reading.parts},
        "fields": reading.fields,
        "rows_read": reading.rows_read,
        "malformed": [asdict(fault) for fault in reading.malformed],
    }
    written = {"sha256": sha256_of_bytes(canonical_json(manifest).encode()), "manifest": manifest}
    with (reading.path / MANIFEST).open("w", encoding="utf-8", newline="\n") as out:
        out.write(canonical_json(written) + "\n")
        out.flush()
        os.fsync(out.fileno())
    folder.parent.mkdir(exist_ok=True)
    try:
        reading.path.rename(folder)
    except OSError:
        if (known := open_part(out_folder, name)) is not None:
            return known  # another run was quicker
        shutil.rmtree(folder)
        reading.path.rename(folder)
    kept = open_part(out_folder, name)
    if kept is None:
        raise OSError(f"part {name} cannot be read back")
    return kept


def sweep(out_folder: Path) -> None:
    """Remove parts that no run has used for a month."""
    for folder in (out_folder / PARTS).glob("*"):
        try:
            if time.time() - folder.stat().st_mtime > _UNUSED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # another run has just removed it
            continue


def forget(out_folder: Path, readings: list[Reading]) -> None:
    """Remove the parts among these readings: they hold what must not stay behind."""
    home = out_folder / PARTS
    for reading in readings:
        if reading.path.parent == home:
            shutil.rmtree(reading.path, ignore_errors=True)

"""Evidence: the organisation's own records after intake, as one immutable snapshot.

The snapshot is a folder of Parquet files named by its digest; `Evidence.connect` (given by the
shell) opens an in-memory DuckDB with a view per table. A query against it counts as pure: the
snapshot never changes and is named by its hash. Columns are declared in
`makeorbuy.evidence.contracts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What happened to the rows of one source; the counts add up.

    ``rows_read == rows_used + rows_merged + rows_quarantined + rows_after_cut``

    Attributes
    ----------
    rows_merged : int
        Exact duplicates of another row (listed in the quarantine table as ``duplicate_row``), and older
        states that a later file of the same source has overtaken (``superseded_row``).
    rows_quarantined : int
        Set aside, each with all its reasons.
    rows_after_cut : int
        Hidden because they happened after the end of the period.
    files : tuple of (str, str, int)
        Where there are several files: name, SHA-256 and rows of each, oldest first; ``sha256`` is then
        that of their digests.
    """

    source: str
    file: str
    sha256: str
    rows_read: int
    rows_used: int
    rows_merged: int
    rows_quarantined: int
    rows_after_cut: int
    files: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class QuarantineReason:
    """How often one reason occurred in one source, with a few record numbers to look up."""

    source: str
    file: str
    code: str
    column: str | None
    rows: int
    example_records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Typed tables of one snapshot, what was set aside, and the digest.

    Attributes
    ----------
    digest : str
        SHA-256 over the inputs, the mapping and the version of the intake; names the snapshot.
    connect : callable
        Opens the snapshot: views ``tickets``, ``ticket_events``, ``ledger``, ``request_counts``, ``leave``,
        ``staffing``, ``outages``, ``initiatives``, ``matters``, ``quarantine``, ``calendar`` (those
        whose source the case has; ``tickets``, ``ledger`` and ``calendar`` always exist, perhaps empty).
    end_minute : int
        The cut, in minutes since 1970-01-01 UTC.
    """

    digest: str
    connect: Callable[[], DuckDBPyConnection]
    counts: tuple[SourceCount, ...]
    reasons: tuple[QuarantineReason, ...]
    tables: tuple[str, ...]
    start_minute: int
    end_minute: int
    start_local_minute: int
    end_local_minute: int
    unassigned_tickets: int
    notes: tuple[str, ...] = ()

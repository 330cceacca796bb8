"""Intake of large exports beside DuckDB alone, Polars, pandas and pm4py, on the same files in one run.

``python benchmarks/intake.py [EVENTS] [NAMES]``. The records are the example agency's, in as many worlds as
it takes (`benchmarks/large_evidence.py`). Every program runs in a process of its own; wall and processor
seconds and the peak of memory are its own. DuckDB alone reads the same two files and writes them as
Parquet, all texts; so does Polars. pandas reads them and parses the times; pm4py reads the events
into its log. Intake does more: it numbers every record, sets bad rows aside with their reasons, places
tickets in services and writes the sorted snapshot. Programs that are not installed are left out.

A machine that does other work besides spoils wall seconds more than processor seconds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from large_evidence import write_large_evidence

_WORK = {
    "duckdb": """
import duckdb
for name in ("tickets", "ticket_events"):
    duckdb.execute(f"COPY (FROM read_csv('{folder}/{name}.csv', all_varchar = true, quote = '\\"',"
                   f" ignore_errors = true)) TO '{out}/{name}.parquet'")
""",
    "makeorbuy": """
from pathlib import Path
from makeorbuy.case.loading import load_case
from makeorbuy.evidence.intake import take_in
case = Path(folder).parent
for count in take_in(load_case(case), case, Path(out), link_persons=True).counts:
    assert count.rows_read == (
        count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
    )
""",
    "polars": """
import polars
for name in ("tickets", "ticket_events"):
    polars.read_csv(f"{folder}/{name}.csv", infer_schema=False, truncate_ragged_lines=True).write_parquet(
        f"{out}/{name}.parquet"
    )
""",
    "pandas": """
import pandas
files = {"tickets": ["opened_at", "resolved_at", "closed_at"], "ticket_events": ["updated_at"]}
for name, times in files.items():
    table = pandas.read_csv(f"{folder}/{name}.csv", dtype=str, on_bad_lines="skip")
    for column in times:
        table[column] = pandas.to_datetime(table[column], format="%d.%m.%Y %H:%M", errors="coerce")
""",
    "pm4py": """
import pandas, pm4py
table = pandas.read_csv(f"{folder}/ticket_events.csv", dtype=str, on_bad_lines="skip")
table["updated_at"] = pandas.to_datetime(table["updated_at"], format="%d.%m.%Y %H:%M", errors="coerce")
pm4py.format_dataframe(
    table.dropna(subset=["updated_at"]), case_id="number", activity_key="state", timestamp_key="updated_at"
)
""",
}
_MEASURED = """
import resource, sys, time
folder, out = sys.argv[1:]
began = time.perf_counter()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def measured(name: str, evidence: Path, out: Path) -> tuple[float, float, float] | None:
    """Return wall seconds, processor seconds and MiB of one program; None where it is not installed."""
    command = [sys.executable, "-c", _MEASURED.format(work=_WORK[name]), str(evidence), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: left out ({done.stderr.strip().splitlines()[-1][:90]})")
        return None
    wall, processor, peak = map(float, done.stdout.split()[-3:])
    return wall, processor, peak / 1024


def main(events: int, names: list[str]) -> None:
    """Generate, run each program once, and print ratios to DuckDB alone."""
    from makeorbuy.case.template import write_example

    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_example(case, "nb")
        write_large_evidence(case / "evidence", events, print)
        size = sum(
            (case / "evidence" / f"{name}.csv").stat().st_size for name in ("tickets", "ticket_events")
        )
        print(f"{events:,} events, {size / 1024**2:,.0f} MiB of text")
        rows = {}
        for name in ["duckdb", *(name for name in names if name != "duckdb")]:
            out = Path(folder) / name
            out.mkdir()
            rows[name] = measured(name, case / "evidence", out)
        if "makeorbuy" in names:  # nothing typed, all files read: what a changed mapping costs
            for snapshot in (Path(folder) / "makeorbuy").glob("snapshot-*"):
                for file in snapshot.iterdir():
                    file.unlink()
                snapshot.rmdir()
            again = measured("makeorbuy", case / "evidence", Path(folder) / "makeorbuy")
            rows["makeorbuy, files read before"] = again
    base = rows["duckdb"]
    assert base is not None
    print(f"\n{'':30}{'wall s':>9}{'/ duckdb':>10}{'cpu s':>9}{'/ duckdb':>10}{'MiB':>8}")
    for name, row in rows.items():
        if row is not None:
            wall, processor, peak = row
            ratios = f"{wall / base[0]:10.1f}{processor:9.1f}{processor / base[1]:10.1f}"
            print(f"{name:30}{wall:9.1f}{ratios}{peak:8.0f}")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 2_100_000,
        sys.argv[2].split(",") if len(sys.argv) > 2 else list(_WORK),
    )

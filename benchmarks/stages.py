"""Wall time of the example by stage, of ``--help``, and of the public log.

``python benchmarks/stages.py [RUNS]``; the public log is looked for in ``MAKEORBUY_SHARED_DATA`` or
``../shared/data``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agency_world.export import write_evidence
from makeorbuy.case.template import write_example
from makeorbuy.pipeline import assess

ROOT = Path(__file__).parents[1]


def seconds_of(command: list[str], runs: int) -> list[float]:
    """Return wall times of a whole process."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return times


def table(title: str, rows: dict[str, list[float]]) -> None:
    """Print minimum, median and maximum of each row."""
    print(f"\n{title:42}{'min':>8}{'median':>8}{'max':>8}  seconds")
    for name, times in rows.items():
        print(f"{name:42}{min(times):8.2f}{statistics.median(times):8.2f}{max(times):8.2f}")


def stages_of(
    folder: Path, runs: int, evidence_paths: dict[str, Path] | None = None
) -> dict[str, list[float]]:
    """Return seconds by stage, each run with nothing kept from the one before."""
    rows: dict[str, list[float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as out:
            seconds = assess(folder, evidence_paths=evidence_paths, out=Path(out)).seconds
        for stage, value in seconds.items():
            rows.setdefault(stage, []).append(value)
        rows.setdefault("total", []).append(sum(seconds.values()))
    return rows


def main(runs: int) -> None:
    """Run all benchmarks."""
    table(
        "start-up (whole process)",
        {
            "python -c pass": seconds_of([sys.executable, "-c", "pass"], 2 * runs),
            "makeorbuy --help": seconds_of([sys.executable, "-m", "makeorbuy", "--help"], 2 * runs),
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_example(case, "nb")
        began = time.perf_counter()
        write_evidence(case / "evidence")
        world = time.perf_counter() - began
        table("the example agency", {"the agency's year (world)": [world], **stages_of(case, runs)})
    shared = Path(os.environ.get("MAKEORBUY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    log = shared / "servicenow_incident_event_log.csv.xz"
    if log.is_file():
        rows = stages_of(ROOT / "examples" / "servicenow", runs, {"tickets": log})
        rows["evidence + baseline (goal: below 5 s)"] = [
            a + b for a, b in zip(rows["evidence"], rows["baseline"], strict=True)
        ]
        table("the public log, 141,712 events", rows)
    else:
        print(f"\nThe public log is not at {log}: see examples/servicenow/README.md.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)

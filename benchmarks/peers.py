"""Kaplan-Meier beside lifelines, intake beside pandas, on the same data in one run.

``python benchmarks/peers.py [RUNS]``. The records are the example agency's. Intake does more than its
peer here: it numbers every record, sets bad rows aside with their reasons, places tickets in services
and writes the snapshot; pandas reads the same two files and parses their times.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from agency_world.export import write_evidence
from makeorbuy.baseline.flow_time import kaplan_meier
from makeorbuy.case.loading import load_case
from makeorbuy.case.template import write_example
from makeorbuy.evidence.intake import take_in


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median wall time of some work, after one run that does not count."""
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def read_with_pandas(folder: Path) -> object:
    """Read tickets and events and parse their times, bad ones to NaT."""
    tickets = pd.read_csv(folder / "tickets.csv", dtype=str, on_bad_lines="skip")
    events = pd.read_csv(folder / "ticket_events.csv", dtype=str, on_bad_lines="skip")
    for table, columns in ((tickets, ["opened_at", "resolved_at", "closed_at"]), (events, ["updated_at"])):
        for column in columns:
            table[column] = pd.to_datetime(table[column], format="%d.%m.%Y %H:%M", errors="coerce")
    return tickets, events


def main(runs: int) -> None:
    """Print both comparisons."""
    rng = np.random.default_rng(0)
    hours = np.round(rng.lognormal(3, 2, 100_000) * 60) / 60
    resolved = rng.random(hours.size) < 0.9

    def peer() -> object:
        return KaplanMeierFitter().fit(hours, resolved).confidence_interval_

    rows = [
        (
            "Kaplan-Meier and band, 100,000 tickets",
            median_seconds(lambda: kaplan_meier(hours, resolved), runs),
            "lifelines",
            median_seconds(peer, runs),
        )
    ]
    with tempfile.TemporaryDirectory() as name:
        case_folder = Path(name) / "case"
        write_example(case_folder, "nb")
        write_evidence(case_folder / "evidence")
        case = load_case(case_folder)

        def intake() -> object:
            with tempfile.TemporaryDirectory() as out:
                return take_in(case, case_folder, Path(out))

        rows.append(
            (
                "intake of the example, 8 files",
                median_seconds(intake, runs),
                "pandas, 2 of the files",
                median_seconds(lambda: read_with_pandas(case_folder / "evidence"), runs),
            )
        )
    print(f"{'':42}{'ours':>8}  {'peer':24}{'seconds':>8}{'peer/ours':>11}")
    for what, ours, peer_name, theirs in rows:
        print(f"{what:42}{ours:8.3f}  {peer_name:24}{theirs:8.3f}{theirs / ours:11.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

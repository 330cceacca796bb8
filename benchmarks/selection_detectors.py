"""How often each selection detector fires on records that were harmed, and on records that were not.

``python benchmarks/selection_detectors.py [WORLDS [ONE_OF [FIRST_SEED]]]``. Exports of the
generated agency, whole and service by service, over a year and over parts of it, are taken as they are and
with each fault planted at rising strength. A strength counts as harmful where it moves a figure that the
finding spoils by 5 % or more.
The table of ``docs/methods/selection.md`` is what this prints. What the intake itself counts (states that
disagree, ends copied back) and the ledger are planted in files by ``tests/evidence/test_selection.py``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb
import numpy as np
from numpy.typing import NDArray

from agency_world import timeline
from agency_world.demand import SERVICE_KEYS
from agency_world.work import History, live
from makeorbuy.baseline.flow_time import kaplan_meier, quantile_hours, restricted_mean_hours
from makeorbuy.case.first_look import case_of_first_look
from makeorbuy.evidence.detectors import LEAST_TICKETS, ticket_findings
from makeorbuy.evidence.model import Evidence, SourceCount

Ints = NDArray[np.int64]
DAY = timeline.DAY_MINUTES
EPOCH = (timeline.FIRST_DAY - date(1970, 1, 1)).days * DAY
OPEN, RESOLVED, CANCELLED = 0, 1, 2
HARMFUL = 0.05
ORDINARY = {"closed_by_the_clock"}
"""Findings that are true of the agency as it is: its system closes five days after the resolution."""


@dataclass(frozen=True)
class Export:
    """An export as it was taken at `cut`, in the world's minutes; `start` begins the period measured."""

    name: str
    start: int
    cut: int
    opened: Ints
    end: Ints
    kind: Ints
    closed: Ints
    service: Ints

    def keep(self, which: NDArray[np.bool_]) -> Export:
        """Leave rows out."""
        return replace(
            self, opened=self.opened[which], end=self.end[which], kind=self.kind[which],
            closed=self.closed[which], service=self.service[which],
        )  # fmt: skip

    @property
    def flow(self) -> Ints:
        """Minutes from opened to the end, or to the cut."""
        return self.end - self.opened


def export_of(history: History, name: str, start_day: int, cut_day: int) -> Export:
    """Return what was open at some time from `start_day` to `cut_day`, of one service or of all."""
    work = history.demand
    start, cut = start_day * DAY, cut_day * DAY
    own = np.ones(work.opened.size, dtype=bool)
    if name != "all":
        own = work.service == SERVICE_KEYS.index(name)
    kind = np.where(history.resolved >= 0, RESOLVED, np.where(history.canceled >= 0, CANCELLED, OPEN))
    end = np.select([kind == RESOLVED, kind == CANCELLED], [history.resolved, history.canceled], cut)
    kind, end = np.where(end >= cut, OPEN, kind), np.minimum(end, cut)
    closed = np.where((kind == RESOLVED) & (end + 5 * DAY < cut), end + 5 * DAY + 3, -1)
    rows = own & (work.opened < cut) & (end >= start)
    return Export(
        name, start, cut, *(values[rows] for values in (work.opened, end, kind, closed, work.service))
    )


PERIODS = ((365, 731), (365, 547), (547, 731), (400, 690), (456, 640), (452, 636), (452, 731), (366, 457))
"""First day and cut, from 1 January 2023; some begin or end at Easter or Christmas, when little is opened."""

PARTS = ((1.0, (*SERVICE_KEYS[:-1], "all")), (0.05, ("all", "desk")), (0.2, ("all", "desk")))
"""Size of the world, and the parts of it that are exported."""


def exports(seed: int) -> Iterator[Export]:
    """Give exports of one world as they are, by service and whole, over several periods."""
    for size, names in PARTS:
        history = live(seed, size)
        for start, cut in PERIODS:
            for name in names:
                made = export_of(history, name, start, cut)
                if made.opened.size >= LEAST_TICKETS:
                    yield replace(made, name=f"{name}@{size} seed {seed} {start}-{cut}")


def findings(export: Export) -> set[str]:
    """Return the codes that the detectors find in an export."""
    names = ("opened", "opened_local", "end", "end_local", "closed", "kind")
    local = timeline.wall_minutes
    values = (export.opened, local(export.opened), export.end, local(export.end), export.closed, export.kind)
    arrays = {
        name: value if name == "kind" else EPOCH + value for name, value in zip(names, values, strict=True)
    } | {"service": export.service}

    def connect() -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        connection.register("arrays", arrays)
        connection.execute(
            "CREATE TABLE tickets AS SELECT opened AS opened_minute, opened_local AS opened_local_minute,"
            ' "end" AS end_minute, end_local AS end_local_minute, nullif(closed, $none) AS closed_minute,'
            " list_extract(['open', 'resolved', 'cancelled'], kind + 1) AS ending,"
            " CAST(service AS VARCHAR) AS service FROM arrays",
            {"none": EPOCH - 1},
        )
        return connection

    rows = export.opened.size
    start, cut = (int(local(np.array([m]))[0]) + EPOCH for m in (export.start, export.cut))
    evidence = Evidence(
        "", connect, (SourceCount("tickets", "tickets.csv", "", rows, rows, 0, 0, 0),), (), ("tickets",),
        EPOCH + export.start, EPOCH + export.cut, start, cut, 0,
    )  # fmt: skip
    moment = datetime(2024, 1, 1)  # noqa: DTZ001  # the detectors read the period from the evidence
    case = case_of_first_look((), moment, moment, "Europe/Oslo")
    if len(np.unique(export.service)) > 1:
        case = replace(case, services=case.services * len(SERVICE_KEYS))  # only their number is read
    with connect() as connection:
        return {finding.code for finding in ticket_findings(connection, case, evidence)}


def figures(export: Export) -> dict[str, dict[str, float]]:
    """Return the figures that a selection can spoil, by kind."""
    own = export.opened >= export.start
    weeks = (export.cut - export.start) / (7 * DAY)
    made: dict[str, dict[str, float]] = {
        "demand": {"per_week": own.sum() / weeks},
        "backlog": {"open": float((export.kind == OPEN).sum())},
        "flow": {},
    }
    if own.sum() >= 50:
        curve = kaplan_meier(export.flow[own] / 60.0, export.kind[own] == RESOLVED)
        mean = restricted_mean_hours(curve, 720.0)
        values = (quantile_hours(curve, 0.5), mean)
        for name, estimate in zip(("median", "mean"), values, strict=True):
            if estimate.value:
                made["flow"][name] = estimate.value
    return made


def bias(clean: dict[str, dict[str, float]], harmed: dict[str, dict[str, float]], kind: str) -> float:
    """Return the largest relative move of a figure of one kind."""
    moves = [abs(harmed[kind].get(name, 0.0) / value - 1) for name, value in clean[kind].items() if value]
    return max(moves, default=0.0)


Fault = Callable[[Export, float, np.random.Generator], Export]


def only_closed(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Leave a share of the open ones out."""
    return export.keep((export.kind != OPEN) | (rng.random(export.kind.size) >= share))


def begin_late(export: Export, days: float, rng: np.random.Generator) -> Export:
    """Leave out what was opened before some days of the period."""
    return export.keep(export.opened >= export.start + days * DAY)


def end_early(export: Export, days: float, rng: np.random.Generator) -> Export:
    """Leave out what was opened in the last days."""
    return export.keep(export.opened < export.cut - days * DAY)


def closing_cohort(export: Export, days: float, rng: np.random.Generator) -> Export:
    """Keep what was resolved in the last days, whenever it was opened."""
    return export.keep((export.kind != OPEN) & (export.end >= export.cut - days * DAY))


def delayed_entry(export: Export, days: float, rng: np.random.Generator) -> Export:
    """Leave out what ended in the first days of the period."""
    return export.keep(export.end >= export.start + days * DAY)


def batch(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Somebody closes some of what is open, and leaves the rest: a share of all ends on one day."""
    day = export.start + (export.cut - export.start) * 6 // 10 // DAY * DAY + 600
    could = np.flatnonzero((export.opened < day) & (export.end > day))
    late = np.flatnonzero((export.opened < day - 3 * DAY) & (export.end <= day) & (export.kind == RESOLVED))
    # ends of the weeks before were left standing, and are cleared up together
    late = late[np.argsort(-export.end[late])]
    chosen = np.concatenate((could, late))[: int(share * (export.kind == RESOLVED).sum())]
    end, kind = export.end.copy(), export.kind.copy()
    end[chosen], kind[chosen] = day + np.arange(chosen.size) % 50, RESOLVED
    return replace(export, end=end, kind=kind)


def short_missing(export: Export, minutes: float, rng: np.random.Generator) -> Export:
    """Leave out what was resolved sooner than some minutes."""
    return export.keep((export.kind != RESOLVED) | (export.flow >= minutes))


def opened_by_date(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Know of a share only the day of opening."""
    into_day = timeline.wall_minutes(export.opened) % DAY
    return replace(export, opened=export.opened - np.where(rng.random(into_day.size) < share, into_day, 0))


def ended_by_date(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Know of a share only the day of resolution; the night after, so that nothing ends before it begins."""
    night = export.end + DAY - timeline.wall_minutes(export.end) % DAY
    which = (export.kind == RESOLVED) & (rng.random(night.size) < share) & (night < export.cut)
    return replace(export, end=np.where(which, night, export.end))


def whole_days(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Let the system end a share, five days after opening to the minute."""
    which = (export.kind == RESOLVED) & (rng.random(export.end.size) < share)
    end = export.opened + 5 * DAY
    return replace(export, end=np.where(which & (end < export.cut), end, export.end))


def administrative(export: Export, share: float, rng: np.random.Generator) -> Export:
    """Take the nightly close five days after the resolution for the end of the work."""
    night = (export.end // DAY + 6) * DAY + 195 + rng.integers(0, 3, export.end.size)
    which = (export.kind == RESOLVED) & (rng.random(export.end.size) < share) & (night < export.cut)
    return replace(export, end=np.where(which, night, export.end))


FAULTS: dict[str, tuple[Fault, tuple[float, ...], tuple[str, ...], tuple[str, ...]]] = {
    "only closed": (only_closed, (0.5, 0.75, 0.9, 1.0), ("flow", "backlog"), ("only_closed", "few_open")),
    "first days without openings": (
        begin_late, (1, 2, 4, 7, 10, 14, 28, 56), ("demand",), ("arrivals_begin_late",)),
    "last days without openings": (
        end_early, (1, 2, 4, 7, 10, 14, 28, 56), ("demand", "backlog"), ("arrivals_end_early",)),
    "ended in the last days only": (
        closing_cohort, (14, 30, 60, 90, 150), ("flow", "backlog"),
        ("only_closed", "delayed_entry", "arrivals_begin_late")),
    "first days without ends": (delayed_entry, (1, 2, 4, 7, 14, 28, 56), ("flow",), ("delayed_entry",)),
    "ended in one batch": (batch, (0.01, 0.02, 0.05, 0.1, 0.2), ("flow",), ("ends_in_one_batch",)),
    "quickest left out": (
        short_missing, (5, 15, 30, 60, 120, 240, 480, 1440), ("flow",), ("short_ones_missing",)),
    "opened by date only": (
        opened_by_date, (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0), ("flow",), ("opened_by_date_only",)),
    "ended by date only": (
        ended_by_date, (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0), ("flow",), ("ended_by_date_only",)),
    "ended after whole days": (
        whole_days, (0.01, 0.02, 0.05, 0.1, 0.25, 0.5), ("flow",), ("ends_after_whole_days",)),
    "nightly close as end": (
        administrative, (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0), ("flow",),
        ("ends_by_the_clock", "short_ones_missing")),
}  # fmt: skip
"""Fault: how it is planted, its strengths, the figures that it spoils, the findings that tell of it."""


@dataclass(frozen=True)
class Tally:
    """What the detectors made of clean and of harmed exports.

    Attributes
    ----------
    clean_count : int
    alarms : dict of str to list of str
        By finding: the clean exports on which it was raised.
    harmed : dict of (str, float) to list of (float, bool, str)
        By fault and strength: how far it moved a figure, whether it was found, in which export.
    """

    clean_count: int
    alarms: dict[str, list[str]]
    harmed: dict[tuple[str, float], list[tuple[float, bool, str]]]

    def alarm_share(self) -> float:
        """Share of clean exports with any false alarm."""
        return len({name for names in self.alarms.values() for name in names}) / self.clean_count

    def found_share(self, fault: str, strength: float | None = None) -> float:
        """Share of harmful plantings that were found; of one strength, or of all."""
        hits = [
            hit
            for (name, s), many in self.harmed.items()
            for moved, hit, _ in many
            if name == fault and moved >= HARMFUL and strength in (None, s)
        ]
        return float(np.mean(hits)) if hits else float("nan")


def tally(seeds: range, every: int) -> Tally:
    """Count false alarms on every clean export of these worlds, and plant faults in one of so many."""
    chosen = np.random.default_rng(0)
    alarms = defaultdict[str, list[str]](list)
    harmed = defaultdict[tuple[str, float], list[tuple[float, bool, str]]](list)
    clean_count = 0
    for seed in seeds:
        for place, export in enumerate(exports(seed)):
            clean_count += 1
            for code in findings(export) - ORDINARY:
                alarms[code].append(export.name)
            if chosen.random() * every >= 1:
                continue
            clean = figures(export)
            rng = np.random.default_rng([seed, place])
            for name, (fault, strengths, kinds, codes) in FAULTS.items():
                for strength in strengths:
                    planted = fault(export, strength, rng)
                    if planted.opened.size < LEAST_TICKETS:
                        continue
                    after = figures(planted)
                    moved = max(bias(clean, after, kind) for kind in kinds)
                    hit = bool(findings(planted) & set(codes))
                    harmed[name, strength].append((moved, hit, export.name))
    return Tally(clean_count, alarms, harmed)


def main(seeds: int, every: int, first: int, verbose: bool) -> None:
    """Print false alarms and detection, by fault and strength."""
    made = tally(range(first, first + seeds), every)
    print(f"{made.clean_count} clean exports of {seeds} worlds, {made.alarm_share():.2%} with a false alarm")
    for code, names in sorted(made.alarms.items()):
        print(f"  {code}: {len(names)} ({len(names) / made.clean_count:.2%}), as {'; '.join(names[:3])}")
    print("\n| fault | strength | moves (median) | harmful | found, of the harmful | found, of all |")
    print("|---|---|---|---|---|---|")
    for name, (_, strengths, _, _) in FAULTS.items():
        for strength in strengths:
            many = made.harmed[name, strength]
            bad = [hit for moved, hit, _ in many if moved >= HARMFUL]
            print(
                f"| {name} | {strength:g} | {np.median([moved for moved, _, _ in many]):.1%} | "
                f"{len(bad)} of {len(many)} | {f'{np.mean(bad):.0%}' if bad else '-'} | "
                f"{np.mean([hit for _, hit, _ in many]):.0%} |"
            )
            misses = [f"{moved:.0%} {where}" for moved, hit, where in many if moved >= HARMFUL and not hit]
            if verbose and misses:
                print(f"      missed: {'; '.join(misses[:5])}")
        print(f"| {name} | all harmful | | | {made.found_share(name):.1%} | |")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(*(numbers + [3, 16, 4][len(numbers) :]), "-v" in sys.argv)

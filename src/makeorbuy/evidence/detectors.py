"""What the tickets themselves tell of how they were selected and how their times were made.

A detector that fires on ordinary records is worse than none, so each compares what is seen with what the
records' own rates would give. The thresholds come from ``benchmarks/selection_detectors.py``, which counts
false alarms and misses on the generated agency; the table stands in ``docs/methods/selection.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case
from makeorbuy.evidence.calendar import free_days
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import split_address

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Ints = NDArray[np.int64]

LEAST_TICKETS = 200
"""Below this many tickets nothing is told from their pattern. [tickets]"""

LEAST_OPEN = 5.0
"""So many must be expected open where none is; by chance that happens in 0.7 % (Poisson). [tickets]"""

LEAST_OPENINGS = 10.0
"""So many openings must be expected in days that have none: offices have quiet days. [tickets]"""

LEAST_ENDS = 5.0
"""So many ends must be expected in days that have none; twice as many in days that have some. [tickets]"""

LEAST_PER_WEEK = 10
"""Openings of an ordinary week, so that an empty one says something. [tickets]"""

LOW_SHARE = 0.25
"""Fewer ends, or fewer open, than this share of those expected are too few."""

LEAST_WEEKS_OF_SERVICE = 3
"""So many weeks at an edge must be nearly empty in one service: single services are less even. [weeks]"""

VANISHED_SHARE = 0.15
"""A week below this share of a usual week has lost its tickets; the week of Christmas keeps a quarter."""

STILL_SHARE = 0.1
"""Days inside the log with less than this share of their usual openings are a closed office."""

BATCH_OF_A_DAY = (20, 0.03, 5)
"""Least tickets, least share of all ends, and least ratio to the median day, of a batch."""

BATCH_OF_AN_HOUR = (15, 0.015)
"""Least tickets and least share of all ends of a batch within one hour."""

LEAST_EDGE_MINUTES = 5
LEAST_NEAR_EDGE = 12
EDGE_RATIO = 3
"""Where nothing is cut off, half as much time again holds up to 2.3 times as many of the quickest."""

TIMES_SHARE = 0.01
"""Share of times at midnight that no work gives by itself."""

CLOCK_SHARE = 0.005
LEAST_BY_THE_CLOCK = 10
"""Least share, and least number, of ends in ten minutes of the day that stand out from those around."""

AT_ONCE_SHARE = 0.5
LEAST_AT_ONCE = 20
NEARLY_ALL = 0.9
"""Share and least number of ends in the minute of the opening, and the share that is nearly all."""

UNKNOWN_STATES_SHARE = 0.1
"""Rows of unknown state and without an end, as a share of the open tickets, that may move the backlog."""

LEAST_APART = 5
APART_SHARE = 0.01
"""Least number, and share of those that both end, of tickets that list and history end apart."""

WHOLE_DAYS_SHARE = 0.005
"""Share of ends a whole number of days after opening, to the minute; by chance 1 in 1,440."""

CLOCK_TIMES = 4
"""Ten minutes of the day with so many times the ends of those around are set by a clock."""

MOST_SHARE = 0.5
"""Where more than this share of the ends was set by a system or in one batch, they are not the work's."""

FLOW_TIME = ("baseline.flow_time", "baseline.service_level")
BACKLOG = ("baseline.backlog",)
DEMAND = ("baseline.demand",)

Facts = tuple[tuple[str, int | float | str], ...]
"""Names and values; the last word of a name is its unit."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the records tell of how they were selected.

    Attributes
    ----------
    code : str
        The sentence is ``finding.CODE`` of the wording, the request ``request.CODE``.
    source : str
        Kind of the source.
    facts : tuple of (str, value)
        What fills the sentence; the last word of a name is its unit (``share``, ``count``, ``days``,
        ``hours``, ``day``).
    spoils : tuple of str
        Beginnings of the names of the figures that it spoils.
    refuses : tuple of str
        Beginnings of the names of the figures that cannot be given at all.
    """

    code: str
    source: str
    facts: Facts = ()
    spoils: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()

    @property
    def service(self) -> str | None:
        """The service whose figures alone it is about; None where it is about all."""
        return next((str(value) for name, value in self.facts if name == "service"), None)

    def concerns(self, figure_id: str) -> bool:
        """Return whether it is about a figure's service."""
        return self.service is None or self.service in split_address(figure_id)[1]


def ticket_findings(connection: DuckDBPyConnection, case: Case, evidence: Evidence) -> Iterable[Finding]:
    """Give what the tickets tell of their selection and of their times.

    Parameters
    ----------
    connection : DuckDBPyConnection
        To the snapshot.
    case : Case
        Its sources tell what was declared.
    evidence : Evidence
        Its period, and what the intake has noted.
    """
    (row,) = run(connection, "selection_counts")
    names = ("tickets", "open", "resolved", "closed", "edge_minutes", "at_edge", "near_edge",
             "opened_at_midnight", "ended_at_midnight", "ended_after_whole_days", "ended_near_whole_days",
             "lag_hours", "lag_tickets", "busiest_hour", "busiest_hour_tickets", "ended_at_once")  # fmt: skip
    counts: dict[str, int] = {name: value or 0 for name, value in zip(names, row, strict=True)}
    yield from _of_states(evidence, counts)
    yield from _at_once(counts)
    if counts["tickets"] < LEAST_TICKETS:
        return
    days = Days.of_all(connection, case, evidence)
    selected = [*_only_closed(case, counts["open"], days), *_vanishing(days)]
    yield from selected
    yield from _of_services(connection, case, evidence, {finding.code for finding in selected})
    yield from delayed_entry(days)
    yield from _batch(counts, days)
    yield from _of_times(counts, connection)


class Days:
    """Arrivals and ends by local day, from the start of the period, or the first record, to the cut."""

    @classmethod
    def of_all(cls, connection: DuckDBPyConnection, case: Case, evidence: Evidence) -> Days:
        """Return those of every ticket."""
        return cls(case, evidence, run(connection, "selection_days"), run(connection, "selection_durations"))

    def __init__(
        self, case: Case, evidence: Evidence, by_day: list[tuple[Any, ...]], by_length: list[tuple[Any, ...]]
    ) -> None:
        rows = np.array(by_day, dtype=np.int64).reshape(-1, 3)
        self.start = evidence.start_local_minute // 1440
        self.last_whole = evidence.end_local_minute // 1440  # the first day that is not whole
        self.first = min(self.start, int(rows[:, 0].min()))
        self.end = -(-evidence.end_local_minute // 1440)
        length = max(1, self.end - self.first, int(rows[:, 0].max()) - self.first + 1)
        self.opened: Ints = np.zeros(length, dtype=np.int64)
        self.ended: Ints = np.zeros(length, dtype=np.int64)
        self.opened[rows[:, 0] - self.first] = rows[:, 1]
        self.ended[rows[:, 0] - self.first] = rows[:, 2]
        durations = np.array(by_length, dtype=np.int64).reshape(-1, 2)
        longest = int(durations[:, 0].max()) if len(durations) else 0
        by_days: Ints = np.zeros(longest + 1, dtype=np.int64)
        by_days[durations[:, 0]] = durations[:, 1]
        self.share_ended: NDArray[np.float64] = np.cumsum(by_days) / max(1, int(by_days.sum()))
        """Share of the resolved tickets that took at most so many whole days (and the day begun)."""
        free = free_days(case.calendar, int(rows[:, 0].min()), int(rows[:, 0].max()))
        dates = [date(1970, 1, 1) + timedelta(days=self.first + place) for place in range(length)]
        self.weekday: Ints = np.array([day.weekday() for day in dates], dtype=np.int64)
        self.is_still: NDArray[np.bool_] = np.array(
            [
                day in free or (day.month, day.day) >= (12, 24) or (day.month, day.day) == (1, 1)
                for day in dates
            ]
        )
        """Public holidays, and the days from Christmas to New Year."""

    @property
    def begin(self) -> int:
        """Place of the first day of the period."""
        return max(0, self.start - self.first)

    def ended_within(self, days: Ints) -> NDArray[np.float64]:
        """Return the share that has ended before the end of so many whole days; never flattering."""
        place = np.clip(days - 1, 0, len(self.share_ended) - 1)
        return np.where(days < 1, 0.0, self.share_ended[place])

    def expected_open(self) -> float:
        """Return how many would be open at the cut by their own times; cautious, never too many. [tickets]"""
        age = self.end - self.first - np.arange(len(self.opened))
        # at most a day too old, so that fewer are expected to be open than would be; and the share that has
        # ended is that of resolved ones only, which is too fast: where nothing is left out more are open
        return float((self.opened * (1 - self.ended_within(age + 1))).sum())

    def weeks_lost(self, forth: bool) -> tuple[int, float]:
        """Return the whole weeks at an edge that have next to no openings, and those of a usual week.

        None where as many weeks inside are as still: a service with seasons has such.
        """
        opened = self.opened[self.begin : self.last_whole - self.first]
        from_edge = opened if forth else opened[::-1]
        weekly = from_edge[: len(opened) // 7 * 7].reshape(-1, 7).sum(axis=1)
        usual = float(np.quantile(weekly, 0.75)) if len(weekly) >= 12 else 0.0
        low = weekly < VANISHED_SHARE * usual
        lost = len(weekly) if low.all() else int(np.argmax(~low))
        is_still = low[lost:] if usual >= LEAST_PER_WEEK else np.ones(1, dtype=np.bool_)
        return (0 if is_still.any() else lost), usual

    def day(self, place: int) -> date:
        """Return the date of a place."""
        return date(1970, 1, 1) + timedelta(days=self.first + place)


def _only_closed(case: Case, seen: int, days: Days) -> Iterable[Finding]:
    source = next((source for source in case.sources if source.kind == "tickets"), None)
    if source is not None and source.selection == "only_closed":
        yield Finding("declared_only_closed", "tickets", (), (*FLOW_TIME, *BACKLOG))
        return
    expected = days.expected_open()
    if not seen and expected >= LEAST_OPEN:
        facts: Facts = (("expected_count", round(expected)),)
        yield Finding("only_closed", "tickets", facts, FLOW_TIME, BACKLOG)
    elif seen < LOW_SHARE * expected and expected >= 4 * LEAST_OPEN:
        facts = (("expected_count", round(expected)), ("open_count", seen))
        yield Finding("few_open", "tickets", facts, (*FLOW_TIME, *BACKLOG))


def _of_services(
    connection: DuckDBPyConnection, case: Case, evidence: Evidence, told: set[str]
) -> Iterable[Finding]:
    """Look for what is missing in one service only: another system's export, or a team with a new name.

    What is told of the whole export is not told again. Many services are looked at, so each must show more:
    so many open are expected that by chance none of the services has none in 0.7 %.
    """
    is_declared = any(
        source.kind == "tickets" and source.selection == "only_closed" for source in case.sources
    )
    by_day, by_length = (
        run(connection, "selection_service_days"),
        run(connection, "selection_service_durations"),
    )
    counts = [
        (service, tickets, seen)
        for service, tickets, seen in run(connection, "selection_services")
        if tickets >= LEAST_TICKETS
    ]
    if len(case.services) < 2:
        return  # the whole export has been looked at
    for service, _, seen in counts:
        days = Days(
            case, evidence,
            [row[1:] for row in by_day if row[0] == service],
            [row[1:] for row in by_length if row[0] == service],
        )  # fmt: skip
        expected = days.expected_open()
        least = LEAST_OPEN + math.log(len(counts))
        if not (is_declared or told & {"only_closed", "few_open"}):
            facts: Facts = (("service", service), ("expected_count", round(expected)))
            if not seen and expected >= least:
                yield Finding("service_only_closed", "tickets", facts, FLOW_TIME, BACKLOG)
            elif seen < LOW_SHARE * expected and expected >= 4 * least:
                facts += (("open_count", seen),)
                yield Finding("service_few_open", "tickets", facts, (*FLOW_TIME, *BACKLOG))
        for code, told_as, forth in (
            ("service_begins_late", "arrivals_begin_late", True),
            ("service_ends_early", "arrivals_end_early", False),
        ):
            lost, usual = days.weeks_lost(forth)
            if lost >= LEAST_WEEKS_OF_SERVICE and told_as not in told:
                facts = (("service", service), ("lost_days", 7 * lost), ("usual_count", round(usual)))
                yield Finding(code, "tickets", facts, (*DEMAND, *BACKLOG))


def _vanishing(days: Days) -> Iterable[Finding]:
    """Compare the first and last weeks and days of the period with the others."""
    opened = days.opened[days.begin : days.last_whole - days.first]
    if len(opened) < 84:
        return
    for code, forth in (("arrivals_begin_late", True), ("arrivals_end_early", False)):
        from_edge = opened if forth else opened[::-1]
        weekly = from_edge[: len(opened) // 7 * 7].reshape(-1, 7).sum(axis=1)
        usual = float(np.quantile(weekly, 0.75))  # where half of the weeks are empty the median is nothing
        if usual < LEAST_PER_WEEK:
            continue
        low = weekly < VANISHED_SHARE * usual
        lost = 7 * (int(np.argmax(~low)) if not low.all() else len(weekly))
        if not lost:
            empty = int(np.argmax(from_edge > 0))
            lost = empty if _is_lost(opened, days, empty, forth) else 0
        if lost:
            facts: Facts = (("lost_days", lost), ("usual_count", round(usual)))
            yield Finding(code, "tickets", facts, (*DEMAND, *BACKLOG))


def _is_lost(opened: Ints, days: Days, lost: int, forth: bool) -> bool:
    """Return whether some empty days at an edge are more than a closed office.

    The days must have many openings usually, and no stretch of as many days inside the log may be as still:
    an agency that closes in between does so there too. Holidays do not count.
    """
    if not lost:
        return False
    place = slice(days.begin, days.begin + len(opened))
    usual = np.array([np.median(opened[days.weekday[place] == which]) for which in range(7)])[
        days.weekday[place]
    ]
    counted = usual * ~days.is_still[place]
    expected = float(counted[:lost].sum() if forth else counted[len(opened) - lost :].sum())
    within = slice(lost, len(opened) - 2 * lost + 1)
    inside = np.convolve(opened, np.ones(lost, dtype=np.int64), mode="valid")[within]
    counted_inside = np.convolve(counted, np.ones(lost), mode="valid")[within]
    still = (counted_inside >= expected) & (inside < STILL_SHARE * counted_inside)
    return expected >= LEAST_OPENINGS and not still.any()


def delayed_entry(days: Days) -> Iterable[Finding]:
    """Find tickets that could have ended before anything does: only those that lasted are there."""
    if len(days.ended) < 28 or not days.ended.any():
        return
    weekly = np.convolve(days.ended, np.ones(7, dtype=np.int64), mode="valid")
    usual = float(np.median(weekly[weekly > 0]))
    began = int(np.argmax(weekly >= LOW_SHARE * usual))
    place = began + 6  # the last day of the first week in which ends are as frequent as usual
    first = next((day for day in range(began, place + 1) if days.ended[day]), place)
    begin = days.begin  # what was opened before the period is not measured
    earliest = begin + int(np.argmax(days.ended[begin:] > 0))
    # a few strays before the ends begin in earnest, or days without any at all
    for until, least_days in ((first, 5), (earliest, 2)):
        working = (days.weekday[begin:until] < 5) & ~days.is_still[begin:until]
        if working.sum() < least_days:
            continue
        opened = days.opened[begin:until]
        expected = float((opened * days.ended_within(until - np.arange(begin, until))).sum())
        seen = int(days.ended[begin:until].sum())
        if expected >= (2 if seen else 1) * LEAST_ENDS and seen < LOW_SHARE * expected:
            facts: Facts = (
                ("first_day", days.day(until).isoformat()),
                ("opened_count", int(opened.sum())),
                ("expected_count", round(expected)),
                ("seen_count", seen),
            )
            # the times are estimated with late entry (`baseline.flow_time`), so that these are not spoilt
            yield Finding("delayed_entry", "tickets", facts, (*DEMAND, *BACKLOG))
            return


def _batch(counts: dict[str, int], days: Days) -> Iterable[Finding]:
    if not days.ended.any():
        return
    resolved = counts["resolved"]
    busiest = int(np.argmax(days.ended))
    count, usual = int(days.ended[busiest]), float(np.median(days.ended[days.ended > 0]))
    least, share, times = BATCH_OF_A_DAY
    is_batch = count >= least and count >= share * resolved and count >= times * usual
    if not is_batch:
        # a system that knows days only has all of a day's ends in one hour: midnight, which is not counted
        least, share = BATCH_OF_AN_HOUR
        is_batch = counts["busiest_hour_tickets"] >= max(least, share * resolved, 2 * usual)
        if is_batch:
            busiest = counts["busiest_hour"] // 24 - days.first
            count = int(days.ended[busiest])
    if is_batch:
        facts: Facts = (
            ("busiest_day", days.day(busiest).isoformat()),
            ("ended_count", count),
            ("ended_share", round(count / resolved, 4)),
            ("usual_count", round(usual)),
        )
        refuses = FLOW_TIME if count > MOST_SHARE * resolved else ()
        yield Finding("ends_in_one_batch", "tickets", facts, FLOW_TIME, refuses)


def _at_once(counts: dict[str, int]) -> Iterable[Finding]:
    """Find ends in the minute of the opening: opening and end are one column, or days without hours."""
    resolved, seen = counts["resolved"], counts["ended_at_once"]
    if seen >= LEAST_AT_ONCE and seen > AT_ONCE_SHARE * resolved:
        refuses = FLOW_TIME if seen > NEARLY_ALL * resolved else ()
        yield Finding(
            "ends_at_once", "tickets", (("ended_share", round(seen / resolved, 4)),), FLOW_TIME, refuses
        )


def _of_times(counts: dict[str, int], connection: DuckDBPyConnection) -> Iterable[Finding]:
    resolved = counts["resolved"]
    edge, at_edge, near = counts["edge_minutes"], counts["at_edge"], counts["near_edge"]
    is_sharp = near >= max(LEAST_NEAR_EDGE, EDGE_RATIO * at_edge)
    if resolved >= LEAST_TICKETS / 2 and edge >= LEAST_EDGE_MINUTES and is_sharp:
        facts: Facts = (("short_minutes", edge), ("near_count", near), ("short_count", at_edge))
        yield Finding("short_ones_missing", "tickets", facts, FLOW_TIME)
    for code, name, seen, of, least in (
        ("opened_by_date_only", "opened_share", counts["opened_at_midnight"], counts["tickets"], TIMES_SHARE),
        ("ended_by_date_only", "ended_share", counts["ended_at_midnight"], resolved, TIMES_SHARE),
        ("ends_after_whole_days", "ended_share", _whole_days(counts), resolved, WHOLE_DAYS_SHARE),
        ("ends_by_the_clock", "ended_share", _by_the_clock(connection), resolved, CLOCK_SHARE),
    ):
        if code == "ends_after_whole_days" and counts["ended_at_midnight"] > TIMES_SHARE * resolved:
            continue  # days without hours are whole days apart, which is told already
        if seen >= 5 and seen > least * of:
            is_most = code in ("ends_after_whole_days", "ends_by_the_clock") and seen > MOST_SHARE * of
            yield Finding(
                code, "tickets", ((name, round(seen / of, 4)),), FLOW_TIME, FLOW_TIME if is_most else ()
            )
    lag, closed = counts["lag_hours"], counts["closed"]
    if closed >= LEAST_TICKETS and lag >= 24 and lag % 24 == 0 and counts["lag_tickets"] > 0.3 * closed:
        facts = (("closed_share", round(counts["lag_tickets"] / closed, 4)), ("lag_days", lag // 24))
        yield Finding("closed_by_the_clock", "tickets", facts)


def _whole_days(counts: dict[str, int]) -> int:
    """Return the ends after whole days beyond those that round times give by themselves."""
    return counts["ended_after_whole_days"] - round(3 * counts["ended_near_whole_days"] / 6)


def _by_the_clock(connection: DuckDBPyConnection) -> int:
    """Return the ends in ten minutes of the day that stand out from those around: a nightly job.

    Compared with twenty and thirty minutes, and two and three hours, before and after: the morning's rush and
    the round hours that people type are there too. One hour away is the same job in summer, where it runs by
    a clock that knows no summer time.
    """
    rows = np.array(run(connection, "selection_clock"), dtype=np.int64).reshape(-1, 2)
    by_clock: Ints = np.zeros(144, dtype=np.int64)
    by_clock[rows[:, 0]] = rows[:, 1]
    around = np.stack([np.roll(by_clock, shift) for shift in (-18, -12, -3, -2, 2, 3, 12, 18)])
    stands_out = (
        (by_clock >= LEAST_BY_THE_CLOCK)
        & (by_clock > CLOCK_TIMES * around.max(axis=0))
        & (by_clock > CLOCK_TIMES * by_clock.mean() / 2)
    )
    return int(by_clock[stands_out].sum())


def _of_states(evidence: Evidence, counts: dict[str, int]) -> Iterable[Finding]:
    """Tell what the intake has noted about values and states that contradict each other."""
    noted = dict(note.partition("=")[::2] for note in evidence.notes)
    unknown = int(noted.get("unknown_and_without_end[tickets]", 0))
    if counts["tickets"] >= LEAST_TICKETS and unknown > UNKNOWN_STATES_SHARE * counts["open"]:
        lost: Facts = (("rows_count", unknown), ("open_count", counts["open"]))
        yield Finding("states_unknown", "tickets", lost, BACKLOG)
    rows = {count.source: count.rows_read for count in evidence.counts}
    early = int(noted.get("end_known_too_early[tickets]", 0))
    if early > 0.01 * rows["tickets"]:
        facts = (("rows_count", early), ("rows_share", round(early / rows["tickets"], 4)))
        yield Finding("end_copied_back", "tickets", facts)
    apart, both = (int(noted.get(f"ends_{name}[tickets]", 0)) for name in ("apart", "told_twice"))
    if apart >= max(LEAST_APART, APART_SHARE * both):
        of_ends: Facts = (
            ("tickets_count", apart),
            ("tickets_share", round(apart / both, 4)),
            ("open_count", int(noted.get("open_after_end[tickets]", 0))),
        )
        yield Finding("ends_apart", "tickets", of_ends, (*FLOW_TIME, *BACKLOG))
    disagree = int(noted.get("open_with_an_end[tickets]", 0))
    if disagree > 0.001 * rows["tickets"]:
        facts = (("rows_count", disagree), ("rows_share", round(disagree / rows["tickets"], 4)))
        yield Finding("open_with_an_end", "tickets", facts, (*FLOW_TIME, *BACKLOG))


def run(connection: DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    """Run one of the stage's queries and return its rows."""
    text = files("makeorbuy.evidence").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return connection.execute(text).fetchall()

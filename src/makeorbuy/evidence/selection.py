"""How an export was selected, told from the records themselves: findings, what they spoil, what to ask.

An export that holds only what somebody chose to export looks whole. What is missing still shows: no
ticket is open although tickets arrived yesterday, nothing was opened in the first weeks, a thousand
tickets end on one day. Each finding has its figures, names the figures that it spoils, and one request
to the colleague who exported. A detector that fires on ordinary records is worse than none, so each
compares what is seen with what the records' own rates would give.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case
from makeorbuy.evidence.model import Evidence
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_TICKETS = 200
"""Below this many tickets nothing is told from their pattern. [tickets]"""

LEAST_EXPECTED = 5.0
"""So many events must be expected where none is seen; by chance that happens in 0.7 % (Poisson). [tickets]"""

LOW_SHARE = 0.25
"""Fewer ends than this share of those expected are too few; and ends have begun at this share of a week."""

VANISHED_SHARE = 0.15
"""A week below this share of the median week has lost its tickets; the week of Christmas keeps a quarter."""

COHORT_SHARE = 0.05
"""Least share of all ends on the busiest day,"""

COHORT_TIMES = 10
"""and least ratio to the median day, for a batch of closings."""

SHORT_TO_MEDIAN = 0.4
"""The hundredth shortest of a hundred flow times is 0.1 of the median where the logarithms spread by 1."""

ROW_LIMITS = (1_000, 5_000, 10_000, 20_000, 32_000, 50_000, 65_535, 65_536, 100_000, 1_048_575)
"""Numbers of rows at which exports stop by themselves: Jira 1,000, ServiceNow 10,000 and 32,000, sheets."""

LEDGER_LIMIT = 1_000
"""A whole multiple of this many postings is no accident: 9,000 of 16,215 rows have been seen. [rows]"""

FLOW_TIME = ("baseline.flow_time", "baseline.service_level")
BACKLOG = ("baseline.backlog",)

Facts = tuple[tuple[str, int | float | str], ...]
"""Names and values; the last word of a name is its unit."""

SELECTION_FINDINGS = FigureSpec(
    "evidence.selection_findings", "text",
    "Hvordan uttrekket er valgt", "How the export was selected",
    "what the records themselves tell of how they were chosen; each finding with the figures it spoils",
    "selection.md#findings",
)  # fmt: skip
FIGURES = (SELECTION_FINDINGS,)


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


def selection_findings(case: Case, evidence: Evidence) -> tuple[Finding, ...]:
    """Return every finding about how the records were selected, in the order of the sources.

    Parameters
    ----------
    case : Case
        Its sources tell what was declared.
    evidence : Evidence
    """
    with closing(evidence.connect()) as connection:
        found = list(_row_limits(evidence))
        if "tickets" in {count.source for count in evidence.counts}:
            found += _of_tickets(connection, case, evidence)
        found += _of_ledger(connection)
    found += _of_notes(evidence)
    return tuple(found)


def resolutions_begin(evidence: Evidence) -> datetime | None:
    """Return the day on which resolutions begin, where tickets were opened long before; else None.

    Parameters
    ----------
    evidence : Evidence
        Of a period that begins before every record.
    """
    if sum(count.rows_used for count in evidence.counts if count.source == "tickets") < LEAST_TICKETS:
        return None
    with closing(evidence.connect()) as connection:
        for finding in _delayed_entry(_Days(connection, evidence)):
            return datetime.fromisoformat(str(dict(finding.facts)["first_day"]))
    return None


def findings_series(findings: Iterable[Finding]) -> Series:
    """Return the findings as the series ``evidence.selection_findings``."""
    rows = tuple(
        (
            finding.source,
            finding.code,
            ";".join(f"{name}={value}" for name, value in finding.facts),
            ", ".join(finding.spoils),
            ", ".join(finding.refuses),
        )
        for finding in findings
    )
    names = ("source", "code", "facts", "spoils", "refuses")
    inputs = tuple(sorted({f"evidence:{finding.source}" for finding in findings}))
    columns = tuple(Column(name, "text") for name in names)
    return Series(address(SELECTION_FINDINGS.name), columns, rows, inputs=inputs, basis="measured")


def with_remarks(findings: Iterable[Finding], figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the figures, with a note where a finding spoils one, refused where none can be given.

    The first finding is told where several spoil the same figure; all of them stand in the series.
    """
    told = []
    findings = tuple(findings)
    for figure in figures:
        refused = next((f for f in findings if figure.id.startswith(f.refuses)), None)
        spoilt = next((f for f in findings if figure.id.startswith(f.spoils)), None)
        if figure.value is None:
            told.append(figure)
        elif refused is not None:
            reason = f"selection_{refused.code}"
            told.append(replace(figure, value=None, low=None, high=None, level=None, reason=reason))
        elif spoilt is not None and figure.note is None:
            told.append(replace(figure, note=f"selection_{spoilt.code}"))
        else:
            told.append(figure)
    return tuple(told)


def _row_limits(evidence: Evidence) -> Iterable[Finding]:
    totals = sum(reason.rows for reason in evidence.reasons if reason.code == "total_line")
    for count in evidence.counts:
        is_ledger = count.source == "ledger"
        rows = count.rows_read - (totals if is_ledger else 0)
        # postings are not rounded: by chance a thousandth of all ledgers is
        if rows in ROW_LIMITS or (is_ledger and rows and rows % LEDGER_LIMIT == 0):
            spoils = ("baseline.unit_cost",) if count.source == "ledger" else ("baseline.demand", *BACKLOG)
            yield Finding("row_limit", count.source, (("rows_count", rows),), spoils)


def _of_tickets(connection: DuckDBPyConnection, case: Case, evidence: Evidence) -> Iterable[Finding]:
    (row,) = _run(connection, "selection_counts")
    names = ("tickets", "open", "resolved", "closed", "short_minutes", "median_minutes", "opened_at_midnight",
             "ended_at_midnight", "ended_after_whole_days", "lag_hours", "lag_tickets")  # fmt: skip
    counts: dict[str, int] = {name: value or 0 for name, value in zip(names, row, strict=True)}
    yield from _of_states(evidence)
    if counts["tickets"] < LEAST_TICKETS:
        return
    days = _Days(connection, evidence)
    yield from _only_closed(case, counts, days)
    yield from _vanishing(days)
    yield from _delayed_entry(days)
    yield from _cohort(counts, days)
    yield from _of_times(counts)


class _Days:
    """Arrivals and ends by local day, from the start of the period, or the first record, to the cut."""

    def __init__(self, connection: DuckDBPyConnection, evidence: Evidence) -> None:
        rows = np.array(_run(connection, "selection_days"), dtype=np.int64).reshape(-1, 3)
        self.start = evidence.start_local_minute // 1440
        self.first = min(self.start, int(rows[:, 0].min()))
        self.end = -(-evidence.end_local_minute // 1440)  # the first day that is not whole before the cut
        length = max(1, self.end - self.first, int(rows[:, 0].max()) - self.first + 1)
        self.opened: NDArray[np.int64] = np.zeros(length, dtype=np.int64)
        self.ended: NDArray[np.int64] = np.zeros(length, dtype=np.int64)
        self.opened[rows[:, 0] - self.first] = rows[:, 1]
        self.ended[rows[:, 0] - self.first] = rows[:, 2]
        durations = np.array(_run(connection, "selection_durations"), dtype=np.int64).reshape(-1, 2)
        longest = int(durations[:, 0].max()) if len(durations) else 0
        by_days: NDArray[np.int64] = np.zeros(longest + 1, dtype=np.int64)
        by_days[durations[:, 0]] = durations[:, 1]
        self.share_ended: NDArray[np.float64] = np.cumsum(by_days) / max(1, int(by_days.sum()))
        """Share of the resolved tickets that took at most so many whole days (and the day begun)."""

    def ended_within(self, days: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share that has ended before the end of so many whole days; never flattering."""
        place = np.clip(days - 1, 0, len(self.share_ended) - 1)
        return np.where(days < 1, 0.0, self.share_ended[place])

    def day(self, place: int) -> str:
        """Return a place as an ISO date."""
        return (date(1970, 1, 1) + timedelta(days=self.first + place)).isoformat()


def _only_closed(case: Case, counts: dict[str, int], days: _Days) -> Iterable[Finding]:
    source = next((source for source in case.sources if source.kind == "tickets"), None)
    if source is not None and source.selection == "only_closed":
        yield Finding("declared_only_closed", "tickets", (), (*FLOW_TIME, *BACKLOG))
        return
    if counts["open"]:
        return
    age = days.end - days.first - np.arange(len(days.opened))
    # at most a day too old, so that fewer are expected to be open than would be
    expected = float((days.opened * (1 - days.ended_within(age + 1))).sum())
    if expected >= LEAST_EXPECTED:
        facts = (("expected_count", round(expected)),)
        yield Finding("only_closed", "tickets", facts, FLOW_TIME, BACKLOG)


def _vanishing(days: _Days) -> Iterable[Finding]:
    """Compare the first and last whole weeks of the period with the median week."""
    begin = max(0, days.start - days.first)
    opened = days.opened[begin : days.end - days.first]
    weeks = len(opened) // 7
    if weeks < 12:
        return
    at_start = opened[: weeks * 7].reshape(-1, 7).sum(axis=1)
    at_end = opened[len(opened) - weeks * 7 :].reshape(-1, 7).sum(axis=1)
    for code, sums in (("arrivals_begin_late", at_start), ("arrivals_end_early", at_end[::-1])):
        median = float(np.median(sums[2:-2]))
        if median < 10:
            continue
        low = sums < VANISHED_SHARE * median
        lost = int(np.argmin(low)) if not low.all() else weeks
        if lost:
            facts = (("weeks_count", lost), ("median_count", round(median)))
            yield Finding(code, "tickets", facts, ("baseline.demand", *BACKLOG))


def _delayed_entry(days: _Days) -> Iterable[Finding]:
    """Find tickets that could have ended before anything does: only those that lasted are there."""
    if len(days.ended) < 28 or not days.ended.any():
        return
    weekly = np.convolve(days.ended, np.ones(7, dtype=np.int64), mode="valid")
    usual = float(np.median(weekly[weekly > 0]))
    began = int(np.argmax(weekly >= LOW_SHARE * usual))
    place = began + 6  # the last day of the first week in which ends are as frequent as usual
    first = next((day for day in range(began, place + 1) if days.ended[day]), place)
    begin = max(0, days.start - days.first)  # what was opened before the period is not measured
    if first - begin < 7:
        return
    before = np.arange(begin, first)
    opened = days.opened[begin:first]
    expected = float((opened * days.ended_within(first - before)).sum())
    seen = int(days.ended[begin:first].sum())
    if expected >= 2 * LEAST_EXPECTED and seen < LOW_SHARE * expected:
        facts = (
            ("first_day", days.day(first)),
            ("opened_count", int(opened.sum())),
            ("expected_count", round(expected)),
            ("seen_count", seen),
        )
        yield Finding("delayed_entry", "tickets", facts, FLOW_TIME)


def _cohort(counts: dict[str, int], days: _Days) -> Iterable[Finding]:
    if not days.ended.any():
        return
    busiest = int(np.argmax(days.ended))
    count = int(days.ended[busiest])
    usual = float(np.median(days.ended[days.ended > 0]))
    if count >= 50 and count >= COHORT_SHARE * counts["resolved"] and count >= COHORT_TIMES * usual:
        facts = (
            ("busiest_day", days.day(busiest)),
            ("ended_count", count),
            ("ended_share", round(count / counts["resolved"], 4)),
            ("usual_count", round(usual)),
        )
        yield Finding("ends_in_one_batch", "tickets", facts, FLOW_TIME)


def _of_times(counts: dict[str, int]) -> Iterable[Finding]:
    times: Facts
    resolved, short, median = counts["resolved"], counts["short_minutes"], counts["median_minutes"]
    if resolved >= LEAST_TICKETS and short >= 60 and short > SHORT_TO_MEDIAN * median:
        facts = (("short_hours", round(short / 60, 1)), ("median_hours", round(median / 60, 1)))
        yield Finding("short_ones_missing", "tickets", facts, FLOW_TIME)
    if counts["opened_at_midnight"] > 0.5 * counts["tickets"]:
        times = (("opened_share", round(counts["opened_at_midnight"] / counts["tickets"], 4)),)
        yield Finding("opened_by_date_only", "tickets", times, FLOW_TIME)
    if resolved and counts["ended_at_midnight"] > 0.5 * resolved:
        times = (("ended_share", round(counts["ended_at_midnight"] / resolved, 4)),)
        yield Finding("ended_by_date_only", "tickets", times, FLOW_TIME)
    elif resolved and counts["ended_after_whole_days"] > 0.1 * resolved:
        times = (("ended_share", round(counts["ended_after_whole_days"] / resolved, 4)),)
        yield Finding("ends_after_whole_days", "tickets", times, FLOW_TIME)
    lag, closed = counts["lag_hours"], counts["closed"]
    if closed >= LEAST_TICKETS and lag >= 24 and lag % 24 == 0 and counts["lag_tickets"] > 0.3 * closed:
        times = (("closed_share", round(counts["lag_tickets"] / closed, 4)), ("lag_days", lag // 24))
        yield Finding("closed_by_the_clock", "tickets", times)


def _of_states(evidence: Evidence) -> Iterable[Finding]:
    """Tell what the intake has noted about values and states that contradict each other."""
    noted = dict(note.partition("=")[::2] for note in evidence.notes)
    rows = {count.source: count.rows_read for count in evidence.counts}
    early = int(noted.get("end_known_too_early[tickets]", 0))
    if early > 0.01 * rows["tickets"]:
        facts = (("rows_count", early), ("rows_share", round(early / rows["tickets"], 4)))
        yield Finding("end_copied_back", "tickets", facts)
    disagree = int(noted.get("open_with_an_end[tickets]", 0))
    if disagree > 0.001 * rows["tickets"]:
        facts = (("rows_count", disagree), ("rows_share", round(disagree / rows["tickets"], 4)))
        yield Finding("open_with_an_end", "tickets", facts, (*FLOW_TIME, *BACKLOG))


def _of_ledger(connection: DuckDBPyConnection) -> Iterable[Finding]:
    """Find a month that does not sum to zero in a ledger whose months do."""
    rows = _run(connection, "selection_ledger")
    uneven = [(period, ore) for period, ore, _ in rows if ore]
    if uneven and 2 * len(uneven) <= len(rows):
        period, ore = max(uneven, key=lambda entry: abs(entry[1]))
        facts = (("periods_count", len(uneven)), ("largest_month", period), ("largest_nok", round(ore / 100)))
        yield Finding("ledger_month_incomplete", "ledger", facts, ("baseline.unit_cost",))


def _of_notes(evidence: Evidence) -> Iterable[Finding]:
    """Tell what a file says of itself and does not hold, and what no staff list can be."""
    noted = dict(note.partition("=")[::2] for note in evidence.notes)
    controls = {
        name: int(noted.get(f"control_{name}_differ{'s_ore' if name != 'vouchers' else ''}[ledger]", 0))
        for name in ("vouchers", "debit", "credit")
    }
    if any(controls.values()):
        facts: Facts = (
            ("vouchers_count", controls["vouchers"]),
            ("debit_nok", controls["debit"] / 100),
            ("credit_nok", controls["credit"] / 100),
        )
        yield Finding("control_sums_differ", "ledger", facts, ("baseline.unit_cost",))
    total = int(noted.get("total_line_differs_ore[ledger]", 0))
    if total:
        yield Finding("total_line_differs", "ledger", (("total_nok", total / 100),), ("baseline.unit_cost",))
    persons = int(noted.get("more_than_full_time[staffing]", 0))
    if persons:
        yield Finding("more_than_full_time", "staffing", (("persons_count", persons),))


def _run(connection: DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    text = files("makeorbuy.evidence").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return connection.execute(text).fetchall()

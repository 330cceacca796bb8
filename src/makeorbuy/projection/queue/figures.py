"""What the simulation of an option's teams shows: backlog, clearance, months, teams, and its backtest.

Loads without the compiler, so that every kind of figure is known where nothing is simulated.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.foundation.figure import Column, FigureSpec, Series, Value, address
from makeorbuy.foundation.units import HOURS_PER_DAY
from makeorbuy.projection.queue.checklist import CHECKLIST, checklist_series

if TYPE_CHECKING:
    from makeorbuy.projection.queue.backtest import Backtest
    from makeorbuy.projection.queue.effect import Simulation

BACKLOG = FigureSpec(
    "projection.queue.backlog", "table",
    "Restanse framover, uke for uke", "Backlog ahead, week by week",
    "open tickets at the end of each week over the worlds: median and 10-90 %; beside it today's teams",
    "queue.md#outcomes",
)  # fmt: skip
CLEARANCE = FigureSpec(
    "projection.queue.clearance", "table",
    "Når restansen er nedarbeidet", "When the backlog is cleared",
    "first week from which, for four weeks, no more tickets are open than when none waits more than a day "
    "for somebody to begin (Little's law); the day by which that holds in 50 and 85 % of worlds",
    "queue.md#outcomes",
)  # fmt: skip
MONTHS = FigureSpec(
    "projection.queue.within_by_month", "table",
    "Andel innen frist, måned for måned", "Share within target, month by month",
    "share of the tickets opened in a month that end within the target: mean over worlds, 10-90 %",
    "queue.md#outcomes",
)  # fmt: skip
TEAMS = FigureSpec(
    "projection.queue.teams", "table",
    "Hvor henvendelser venter, og hvor travelt teamene har det", "Where tickets wait, and how busy teams are",
    "hours at work on tickets over hours on duty, and mean wait of a visit for a free person, over worlds",
    "queue.md#outcomes",
)  # fmt: skip
BACKTEST = FigureSpec(
    "projection.queue.backtest", "table",
    "Etterprøving av simuleringen", "Backtest of the simulation",
    "share of held-out values within 50, 80 and 95 % intervals; mean CRPS over that of other forecasts",
    "queue.md#backtest",
)  # fmt: skip
BACKTEST_SERVICES = FigureSpec(
    "projection.queue.backtest_services", "table",
    "Etterprøving per tjeneste", "Backtest by service",
    "share of held-out means within the 80 % interval, by service; what follows from it",
    "queue.md#backtest",
)  # fmt: skip
LITERATURE = FigureSpec(
    "projection.queue.literature", "table",
    "Avstand mellom logger, som i faglitteraturen", "Distances of logs, as in papers",
    "distance from the tickets after four fifths of the log; what straddles the cut is dropped",
    "queue.md#distances-of-logs",
)  # fmt: skip
FIGURES = (BACKLOG, CLEARANCE, MONTHS, TEAMS, BACKTEST, BACKTEST_SERVICES, LITERATURE, CHECKLIST)

BAND = (0.1, 0.5, 0.9)
CLEARED_SHARES = (0.5, 0.85)


def simulation_series(case: Case, simulation: Simulation) -> list[Series]:
    """Return every table of the simulated options, and of the backtest that they rest on."""
    entries = [
        _backtest(simulation.tested),
        _backtest_services(simulation.tested),
        checklist_series(case, simulation),
        _literature(simulation.tested),
    ]
    for option in case.options:
        if option.id not in simulation.outcomes:
            continue
        inputs = _inputs(option)
        shown = [
            name
            for name in option.services
            if (effect := simulation.effects.get((name, option.id))) is not None and effect.reason is None
        ]
        entries += [_clearance(simulation, option.id, shown, inputs), _teams(simulation, option.id, inputs)]
        for name in shown:
            entries += [
                _backlog(simulation, name, option.id, inputs), _months(simulation, name, option.id, inputs),
            ]  # fmt: skip
    return entries


def _inputs(option: SourcingOption) -> tuple[str, ...]:
    places = [
        *(change.place for change in option.teams), *(one.place for one in option.handoffs),
        *(one.place for one in option.entry), *(value.place for value in option.demand.values()),
    ]  # fmt: skip
    return (*dict.fromkeys(places), "evidence:ticket_events")


def _both(simulation: Simulation, option: str, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one table of every world under the option and under today's teams."""
    from makeorbuy.projection.queue.effect import TODAY

    return tuple(  # type: ignore[return-value]  # two of them
        np.array([getattr(outcome, name) for outcome in simulation.outcomes[way]]) for way in (option, TODAY)
    )


def _day(simulation: Simulation, week: float) -> str:
    """Return the day on which a week after the cut has gone by, as ISO text."""
    days = simulation.cut / HOURS_PER_DAY + 7 * week
    return (date(1970, 1, 1) + timedelta(days=int(days))).isoformat()


def _backlog(simulation: Simulation, service: str, option: str, inputs: tuple[str, ...]) -> Series:
    place = simulation.services.index(service)
    columns = [Column("week_end", "date")]
    cells = []
    for way, table in zip(("", "today_"), _both(simulation, option, "backlog"), strict=True):
        bands = np.quantile(table[:, place], BAND, axis=0)
        for label, values in zip(("low", "median", "high"), bands, strict=True):
            columns.append(Column(f"{way}{label}", "count"))
            cells.append(values)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (_day(simulation, week), *(float(values[week]) for values in cells)) for week in range(cells[0].size)
    )
    return Series(
        address(BACKLOG.name, service, option), tuple(columns), rows, inputs=inputs, basis="simulated"
    )


def _clearance(simulation: Simulation, option: str, shown: list[str], inputs: tuple[str, ...]) -> Series:
    columns = (
        Column("service", "text"),
        Column("p50", "date"), Column("p85", "date"), Column("not_in_year", "share"),
        Column("today_p50", "date"), Column("today_p85", "date"), Column("today_not_in_year", "share"),
    )  # fmt: skip
    rows = []
    for service in shown:
        place = simulation.services.index(service)
        cells: list[Value] = [service]
        for table in _both(simulation, option, "cleared_week"):
            weeks = np.sort(table[:, place])
            for share in CLEARED_SHARES:
                week = weeks[int(np.ceil(share * weeks.size)) - 1]
                cells.append(_day(simulation, float(week)) if np.isfinite(week) else None)
            cells.append(float(np.isinf(weeks).mean()))
        rows.append(tuple(cells))
    return Series(address(CLEARANCE.name, option), columns, tuple(rows), inputs=inputs, basis="simulated")


def _months(simulation: Simulation, service: str, option: str, inputs: tuple[str, ...]) -> Series:
    place = simulation.services.index(service)
    own, usual = (table[:, place] for table in _both(simulation, option, "within"))
    columns = (
        Column("month", "month"), Column("mean", "share"), Column("low", "share"), Column("high", "share"),
        Column("today_mean", "share"),
    )  # fmt: skip
    first = date.fromisoformat(_day(simulation, 0.0))
    start = first.year * 12 + first.month - 1 + (first.day > 1 or simulation.cut % HOURS_PER_DAY > 0)
    rows = []
    for month in range(own.shape[1]):
        if np.isnan(own[:, month]).any() or np.isnan(usual[:, month]).any():
            continue
        year, number = divmod(start + month, 12)
        low, high = np.quantile(own[:, month], (BAND[0], BAND[2]))
        rows.append(
            (f"{year}-{number + 1:02d}", float(own[:, month].mean()), float(low), float(high),
             float(usual[:, month].mean()))
        )  # fmt: skip
    return Series(
        address(MONTHS.name, service, option), columns, tuple(rows),
        None if rows else "no_target", inputs=inputs, basis="simulated",
    )  # fmt: skip


def _teams(simulation: Simulation, option: str, inputs: tuple[str, ...]) -> Series:
    columns = [Column("team", "text")]
    cells: list[NDArray[np.float64]] = []
    names = ("people_hours", "worked_hours", "overtime_hours", "queue_hours", "visits")
    tables = {name: _both(simulation, option, name) for name in names}
    for number, way in enumerate(("", "today_")):
        on_duty, worked, over, queued, visits = (tables[name][number].sum(axis=0) for name in names)
        years = tables["visits"][number].shape[0]
        columns += [
            Column(f"{way}people_hours_per_week", "hours"), Column(f"{way}utilisation", "share"),
            Column(f"{way}wait_hours", "hours"), Column(f"{way}overtime_hours_per_week", "hours"),
        ]  # fmt: skip
        cells += [
            on_duty / (years * simulation.weeks), worked / np.maximum(on_duty, 1e-9),
            queued / np.maximum(visits, 1.0), over / (years * simulation.weeks),
        ]  # fmt: skip
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (team, *(float(values[place]) for values in cells))
        for place, team in enumerate(simulation.teams)
        if cells[0][place] > 0 or cells[4][place] > 0
    )
    return Series(address(TEAMS.name, option), tuple(columns), rows, inputs=inputs, basis="simulated")


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _backtest(tested: Backtest) -> Series:
    from makeorbuy.projection.queue.backtest import FORECASTS
    from makeorbuy.projection.queue.score import LEVELS, QUANTITIES

    columns = (
        Column("quantity", "text"),
        *(Column(f"held_{level:.0%}".replace("%", ""), "share") for level in LEVELS),
        *(Column(f"past_weeks_held_{level:.0%}".replace("%", ""), "share") for level in LEVELS),
        *(Column(f"score_over_{other.replace(' ', '_')}", "ratio") for other in FORECASTS[1:]),
        Column("mean_place", "share"),
        Column("leave_plan", "text"),
    )
    rows = tuple(
        (
            name,
            *(_finite(tested.coverage(level, name)) for level in LEVELS),
            *(_finite(tested.coverage_past_weeks(level, name)) for level in LEVELS),
            *(_finite(tested.ratio(other, name)) for other in FORECASTS[1:]),
            _finite(tested.mean_place(name)),
            "known" if tested.has_plan else "none",
        )
        for name in QUANTITIES
    )
    return Series(BACKTEST.name, columns, rows, inputs=("evidence:ticket_events",))


def _backtest_services(tested: Backtest) -> Series:
    columns = (
        Column("service", "text"), Column("held_80", "share"), Column("scored", "count"),
        Column("reason", "text"),
    )  # fmt: skip
    rows = tuple(
        (name, _finite(tested.of_mean(name)[0]), tested.of_mean(name)[1], tested.reason(name))
        for name in tested.services
    )
    return Series(BACKTEST_SERVICES.name, columns, rows, inputs=("evidence:ticket_events",))


def _literature(tested: Backtest) -> Series:
    from makeorbuy.projection.queue.literature import DISTANCES, ROWS

    columns = (
        Column("log", "text"), Column("tested", "count"), Column("dropped", "count"),
        *(Column(f"{name}_hours", "hours") for name in DISTANCES), Column("mix", "share"),
    )  # fmt: skip
    found = tested.literature
    rows = () if found is None else tuple(
        (name, found.tested, found.dropped, *(getattr(row, one) for one in DISTANCES), row.n_gram)
        for name, row in zip(ROWS, found.rows, strict=True)
    )  # fmt: skip
    return Series(LITERATURE.name, columns, rows, inputs=("evidence:ticket_events",))

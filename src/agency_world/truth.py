"""What really happens under each option: run the other option in the world, and look.

It answers the question that no record can: would it be faster? It belongs beside a case, never inside
it. ``python -m agency_world.truth --seeds 20 --out tests/agency_world/truth.json`` computes it anew.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from agency_world import agency, timeline
from agency_world.chance import stream
from agency_world.demand import SERVICE_KEYS, TYPES, Change
from agency_world.work import History, live

LONGEST_HOURS: Final = 720
"""Flow times are counted up to thirty days; a mean without a limit hangs on the few that last for years."""

DISCOUNT_RATE: Final = 0.04
"""Real rate of the yearly cost."""

YEARS_COUNT: Final = 5
"""Term of every option."""


@dataclass(frozen=True, slots=True)
class WorldOption:
    """One option as the world has it.

    Attributes
    ----------
    services : tuple of str
        What it covers.
    changes : mapping of str to Change
        How work goes otherwise than today.
    recurring_mnok : float
        Yearly cost of the option: bid, retained organisation, or the change in own cost. [MNOK]
    one_off_mnok : float
        Transition or investment. [MNOK]
    spread : float
        How unsure it is how well it goes: log-spread of a factor on work, waits and queues, drawn for
        each world, since nobody knows a provider before it has started.
    replaces : bool
        Whether the avoidable cost of the services falls away.
    """

    services: tuple[str, ...]
    changes: Mapping[str, Change]
    recurring_mnok: float
    one_off_mnok: float
    spread: float
    replaces: bool


OPTIONS: Final[dict[str, WorldOption]] = {
    "a_improved": WorldOption(
        services=("desk", "workplace", "field", "email"),
        changes={
            "desk": Change(handoffs=0.65, aside=0.85, capacity=1.05),
            "workplace": Change(handoffs=0.65, aside=0.8, capacity=1.08, queue=0.6),
            "field": Change(handoffs=0.65, aside=0.8, capacity=1.1, queue=0.5, growth=0.0),
            "email": Change(handoffs=0.65, aside=0.85, capacity=1.05, queue=0.7),
        },
        recurring_mnok=-12.0,
        one_off_mnok=15.0,
        spread=0.03,
        replaces=False,
    ),
    "a_bid": WorldOption(
        services=("desk", "workplace", "field", "email"),
        changes={
            "desk": Change(handling=1.03, aside=1.0),
            "workplace": Change(handoffs=0.95, aside=0.9, queue=0.8),
            "field": Change(handling=1.05, handoffs=1.1, aside=1.03, queue=1.2, growth=0.6),
            "email": Change(aside=0.98, outage=0.9),
        },
        recurring_mnok=248.0 + 12.0,
        one_off_mnok=42.0,
        spread=0.08,
        replaces=True,
    ),
    "b_bid": WorldOption(
        services=("network", "servers", "storage"),
        changes={
            "network": Change(handoffs=1.05, aside=1.0, queue=1.1, outage=0.95),
            "servers": Change(handoffs=1.05, aside=1.05, queue=1.2),
            "storage": Change(handoffs=1.1, aside=1.05, queue=1.2, outage=1.1),
        },
        recurring_mnok=190.0 + 18.0,
        one_off_mnok=130.0,
        spread=0.05,
        replaces=True,
    ),
    "payroll_bid": WorldOption(
        services=("payroll",),
        changes={"payroll": Change(handoffs=0.7, handling=0.7, aside=0.45, queue=0.4, growth=0.0)},
        recurring_mnok=14.5 + 1.5,
        one_off_mnok=12.0,
        spread=0.06,
        replaces=True,
    ),
    "desk_bid": WorldOption(
        services=("desk",),
        changes={"desk": Change(handoffs=1.3, handling=1.3, capacity=0.75, aside=1.3)},
        recurring_mnok=44.0 + 5.0,
        one_off_mnok=10.0,
        spread=0.04,
        replaces=True,
    ),
    "email_bid": WorldOption(
        services=("email",),
        changes={"email": Change(handoffs=1.05, aside=0.98, outage=0.8)},
        recurring_mnok=24.0 + 2.0,
        one_off_mnok=9.0,
        spread=0.06,
        replaces=True,
    ),
}
"""The options of the example, by their id."""

TODAY: Final = "today"
"""The option under which nothing changes."""


@dataclass(frozen=True, slots=True)
class ServiceTruth:
    """What one service does in one year of one world.

    Attributes
    ----------
    mean_flow_time_hours : float
        Mean time from opened to resolved, each counted up to 720 hours, of tickets of the service's
        measure that were opened early enough to be seen so long. [h]
    within_target_share : float
        Share of them resolved within the target.
    open_count : int
        Tickets of all types that are open when the year ends.
    outage_hours : float
        Unplanned outages that began in the year. [h]
    """

    mean_flow_time_hours: float
    within_target_share: float
    open_count: int
    outage_hours: float


def annuity_factor(rate: float = DISCOUNT_RATE, years: int = YEARS_COUNT) -> float:
    """Present value of one krone at the end of each year.

    Parameters
    ----------
    rate : float
        Real rate a year.
    years : int
        Number of years.

    Returns
    -------
    float
        What a one-off amount is divided by to become a yearly one.

    Examples
    --------
    >>> round(annuity_factor(), 4)
    4.4518
    """
    return sum((1.0 + rate) ** -year for year in range(1, years + 1))


def yearly_cost_change_mnok(option_id: str) -> float:
    """What an option costs a year beyond today's way, one-off cost spread over its term.

    Parameters
    ----------
    option_id : str
        One of `OPTIONS`.

    Returns
    -------
    float
        Negative is a saving. [MNOK per year, fixed prices]

    Examples
    --------
    >>> [round(yearly_cost_change_mnok(option), 1) for option in ("a_improved", "a_bid", "payroll_bid")]
    [-8.6, 11.1, -4.0]
    """
    option = OPTIONS[option_id]
    avoidable_mnok = 0.0
    if option.replaces:
        services = [agency.SERVICE_BY_ID[service] for service in option.services]
        avoidable_mnok = sum(service.total_nok * service.avoidable_share for service in services) / 1e6
    return option.recurring_mnok - avoidable_mnok + option.one_off_mnok / annuity_factor()


def simulate_option(option_id: str, seed: int, size: float = 1.0) -> dict[str, ServiceTruth]:
    """Run one option for a year in one world.

    Parameters
    ----------
    option_id : str
        One of `OPTIONS`, or `today`.
    seed : int
        The seed of the world; the same tickets arrive under every option.
    size : float
        Volume relative to the table.

    Returns
    -------
    dict of str to ServiceTruth
        By service, those with tickets.
    """
    if option_id == TODAY:
        return look(live(seed, size))
    option = OPTIONS[option_id]
    luck = math.exp(option.spread * float(stream(seed, f"luck with {option_id}").standard_normal()))
    changes = {
        key: replace(
            change, handling=change.handling * luck, aside=change.aside * luck, queue=change.queue * luck**2
        )
        for key, change in option.changes.items()
    }
    return look(live(seed, size, changes))


def look(history: History) -> dict[str, ServiceTruth]:
    """See what happened in each service.

    Parameters
    ----------
    history : History
        One year of one world.

    Returns
    -------
    dict of str to ServiceTruth
        By service, those with tickets.
    """
    work = history.demand
    is_wanted = history.canceled < 0
    latest = timeline.END - LONGEST_HOURS * 60
    is_seen = is_wanted & (work.opened >= timeline.YEAR_START) & (work.opened <= latest)
    hours = np.where(history.resolved >= 0, (history.resolved - work.opened) / 60.0, np.inf)
    result: dict[str, ServiceTruth] = {}
    for number, key in enumerate(SERVICE_KEYS):
        if not key:
            continue
        service = agency.SERVICE_BY_ID[key]
        is_own = work.service == number
        own = hours[is_own & is_seen & (work.type == TYPES.index(service.measure))]
        down_minutes = [
            outage.ended_at - outage.started_at
            for outage in history.outages
            if outage.service == key and not outage.is_planned and outage.started_at >= timeline.YEAR_START
        ]
        result[key] = ServiceTruth(
            mean_flow_time_hours=float(np.minimum(own, LONGEST_HOURS).mean()) if own.size else float("nan"),
            within_target_share=float((own <= service.target_hours).mean()) if own.size else float("nan"),
            open_count=int(np.count_nonzero(is_own & is_wanted & (history.resolved < 0))),
            outage_hours=sum(down_minutes) / 60.0,
        )
    return result


def _moments(values: list[float]) -> dict[str, float]:
    array = np.array(values, dtype=np.float64)
    deviation = float(array.std(ddof=1)) if array.size > 1 else 0.0
    return {"mean": round(float(array.mean()), 4), "sd": round(deviation, 4)}


_QUANTITIES: Final = ("mean_flow_time_hours", "within_target_share", "open_count", "outage_hours")


def truth(seeds: int, size: float = 1.0) -> dict[str, Any]:
    """Run every option under many seeds.

    Parameters
    ----------
    seeds : int
        How many worlds; their seeds are 0, 1, 2 and so on.
    size : float
        Volume relative to the table.

    Returns
    -------
    dict
        Ready for JSON: today's services; for each option its services with the difference to today in
        the same world, the share of worlds in which it is faster, and its yearly cost against today's.
    """
    today = [simulate_option(TODAY, seed, size) for seed in range(seeds)]
    result: dict[str, Any] = {
        "seeds": seeds,
        "size": size,
        "longest_hours": LONGEST_HOURS,
        "today": {
            key: {
                name: _moments([float(getattr(world[key], name)) for world in today]) for name in _QUANTITIES
            }
            for key in today[0]
        },
        "options": {},
    }
    for option_id, option in OPTIONS.items():
        worlds = [simulate_option(option_id, seed, size) for seed in range(seeds)]
        services: dict[str, Any] = {}
        for key in option.services:
            pairs = list(zip(worlds, today, strict=True))
            difference = [
                there[key].mean_flow_time_hours - here[key].mean_flow_time_hours for there, here in pairs
            ]
            services[key] = {
                **{
                    name: _moments([float(getattr(world[key], name)) for world in worlds])
                    for name in _QUANTITIES
                },
                "flow_time_change_hours": _moments(difference),
                "faster_share": round(sum(change < 0 for change in difference) / seeds, 4),
                "by_seed_hours": [round(world[key].mean_flow_time_hours, 6) for world in worlds],
            }
        result["options"][option_id] = {
            "services": services,
            "yearly_cost_change_mnok": round(yearly_cost_change_mnok(option_id), 4),
        }
    return result


def main(arguments: list[str] | None = None) -> None:
    """Compute the truth and write it as JSON.

    Parameters
    ----------
    arguments : list of str, optional
        Command line; that of the process if not given.
    """
    parser = argparse.ArgumentParser(
        description="What really happens under each option of the example agency."
    )
    parser.add_argument("--seeds", type=int, default=20, help="number of worlds")
    parser.add_argument("--size", type=float, default=1.0, help="volume relative to the table")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    chosen = parser.parse_args(arguments)
    text = json.dumps(truth(chosen.seeds, chosen.size), indent=1)
    chosen.out.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""What reaches the provider: outages, and tickets with the way that each will go.

A ticket's needs are settled when it arrives: which teams it will pass, how much work it is, whether it
waits for its user. How long that takes is settled by people, in `work`. So two ways of running a
service can be compared under exactly the same demand.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import simpy
from numpy.typing import NDArray

from agency_world import agency, timeline
from agency_world.chance import stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TYPES: Final = ("incident", "request", "change")
PRIORITIES: Final = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
CONTACTS: Final = ("Phone", "Self-service", "Email", "Monitoring")

TEAM_NUMBER: Final = {team.name: number for number, team in enumerate(agency.TEAMS)}
DESK_TEAM: Final = 0
LAST_DESK_TEAM: Final = 1


@dataclass(frozen=True, slots=True)
class Habit:
    """How the tickets of one service behave.

    Attributes
    ----------
    teams : tuple of (str, float)
        Who ends up with them, and in what share.
    handling_minutes : float
        Work on average at the team that solves it. [min]
    aside_share, aside_hours, aside_spread : float
        Share that is laid aside for parts, a change window or a colleague; median and log-spread of that.
    caller_share, caller_hours : float
        Share that waits for its user, and the median of that wait. [h]
    growth_per_week : float
        How many more tickets are open for every week that passes, as the teams are manned.
    queue_days : float
        How many days' arrivals lie untouched on an ordinary morning. [days]
    type_shares : tuple of float
        Shares of incident, request and change.
    second_half : float
        Volume after the middle of the year relative to before.
    """

    teams: tuple[tuple[str, float], ...]
    handling_minutes: float
    aside_share: float
    aside_hours: float
    aside_spread: float
    caller_share: float
    caller_hours: float
    growth_per_week: float
    queue_days: float
    type_shares: tuple[float, float, float]
    second_half: float


_INCIDENT: Final = (0.93, 0.07, 0.0)

HABITS: Final[dict[str, Habit]] = {
    "desk": Habit(
        (("Brukerstøtte 1. linje", 0.88), ("Brukerstøtte 2. linje", 0.12)),
        handling_minutes=14, aside_share=0.09, aside_hours=48, aside_spread=2.7, caller_share=0.19,
        caller_hours=119, growth_per_week=0.0, queue_days=0.02, type_shares=(0.95, 0.05, 0.0),
        second_half=1.0,
    ),
    "workplace": Habit(
        (("PC og mobil", 0.7), ("Utskrift og periferi", 0.3)),
        handling_minutes=150, aside_share=0.22, aside_hours=115, aside_spread=2.5, caller_share=0.27,
        caller_hours=128, growth_per_week=0.0, queue_days=0.32, type_shares=(0.9, 0.1, 0.0),
        second_half=0.9,
    ),
    "field": Habit(
        (("Lokal støtte Nord", 0.2), ("Lokal støtte Sør", 0.25), ("Lokal støtte Øst", 0.33),
         ("Lokal støtte Vest", 0.22)),
        handling_minutes=240, aside_share=0.21, aside_hours=138, aside_spread=2.4, caller_share=0.29,
        caller_hours=128, growth_per_week=1.6, queue_days=3.0, type_shares=(0.92, 0.08, 0.0),
        second_half=1.05,
    ),
    "email": Habit(
        (("E-post og samhandling", 1.0),),
        handling_minutes=80, aside_share=0.19, aside_hours=77, aside_spread=2.5, caller_share=0.27,
        caller_hours=102, growth_per_week=0.0, queue_days=0.2, type_shares=_INCIDENT,
        second_half=0.8,
    ),
    "identity": Habit(
        (("Tilgang og identitet", 1.0),),
        handling_minutes=70, aside_share=0.19, aside_hours=93, aside_spread=2.5, caller_share=0.27,
        caller_hours=102, growth_per_week=0.3, queue_days=0.32, type_shares=(0.23, 0.75, 0.02),
        second_half=1.25,
    ),
    "network": Habit(
        (("Nett og telefoni", 0.6), ("Nettverk sambånd", 0.4)),
        handling_minutes=180, aside_share=0.25, aside_hours=154, aside_spread=2.6, caller_share=0.21,
        caller_hours=128, growth_per_week=0.0, queue_days=0.32, type_shares=_INCIDENT,
        second_half=1.0,
    ),
    "servers": Habit(
        (("Serverdrift", 0.65), (agency.SHARED_TEAM, 0.35)),
        handling_minutes=240, aside_share=0.25, aside_hours=173, aside_spread=2.6, caller_share=0.17,
        caller_hours=128, growth_per_week=0.4, queue_days=0.4, type_shares=(0.85, 0.08, 0.07),
        second_half=1.1,
    ),
    "storage": Habit(
        ((agency.SHARED_TEAM, 1.0),),
        handling_minutes=180, aside_share=0.25, aside_hours=173, aside_spread=2.6, caller_share=0.17,
        caller_hours=128, growth_per_week=0.0, queue_days=0.4, type_shares=(0.85, 0.1, 0.05),
        second_half=0.95,
    ),
    "database": Habit(
        (("Database og integrasjon", 1.0),),
        handling_minutes=240, aside_share=0.29, aside_hours=346, aside_spread=2.4, caller_share=0.21,
        caller_hours=153, growth_per_week=0.3, queue_days=0.6, type_shares=(0.25, 0.05, 0.7),
        second_half=1.0,
    ),
    "case_system": Habit(
        (("Sakssystem forvaltning", 0.6), ("Sakssystem drift", 0.4)),
        handling_minutes=240, aside_share=0.22, aside_hours=173, aside_spread=2.6, caller_share=0.25,
        caller_hours=153, growth_per_week=0.3, queue_days=0.48, type_shares=(0.91, 0.09, 0.0),
        second_half=1.15,
    ),
    "operations": Habit(
        (("Operasjonsstøtte", 0.55), ("Kart og bilsystem", 0.45)),
        handling_minutes=200, aside_share=0.21, aside_hours=115, aside_spread=2.6, caller_share=0.19,
        caller_hours=128, growth_per_week=0.0, queue_days=0.2, type_shares=_INCIDENT,
        second_half=1.0,
    ),
    "intelligence": Habit(
        (("Analyse og innsikt", 1.0),),
        handling_minutes=240, aside_share=0.22, aside_hours=173, aside_spread=2.5, caller_share=0.25,
        caller_hours=153, growth_per_week=0.0, queue_days=0.4, type_shares=_INCIDENT,
        second_half=1.0,
    ),
    "digital_evidence": Habit(
        (("Digitale spor", 1.0),),
        handling_minutes=300, aside_share=0.25, aside_hours=230, aside_spread=2.5, caller_share=0.23,
        caller_hours=153, growth_per_week=0.4, queue_days=0.6, type_shares=(0.9, 0.1, 0.0),
        second_half=1.2,
    ),
    "passport": Habit(
        (("Pass og id", 0.6), ("Grense og sivil", 0.4)),
        handling_minutes=180, aside_share=0.26, aside_hours=269, aside_spread=2.4, caller_share=0.25,
        caller_hours=153, growth_per_week=0.0, queue_days=0.48, type_shares=(0.32, 0.06, 0.62),
        second_half=0.8,
    ),
    "payroll": Habit(
        (("Lønn og turnus", 1.0),),
        handling_minutes=100, aside_share=0.22, aside_hours=192, aside_spread=2.4, caller_share=0.32,
        caller_hours=153, growth_per_week=0.2, queue_days=0.6, type_shares=(0.28, 0.7, 0.02),
        second_half=1.05,
    ),
    "security": Habit(
        (("Sikkerhetsovervåking", 1.0),),
        handling_minutes=200, aside_share=0.19, aside_hours=93, aside_spread=2.5, caller_share=0.13,
        caller_hours=102, growth_per_week=0.0, queue_days=0.12, type_shares=(0.95, 0.05, 0.0),
        second_half=1.1,
    ),
    "": Habit(
        (("Eiendom og vakt", 0.55), ("Arkiv og post", 0.35), (agency.SHARED_TEAM, 0.1)),
        handling_minutes=60, aside_share=0.15, aside_hours=93, aside_spread=2.4, caller_share=0.16,
        caller_hours=102, growth_per_week=0.0, queue_days=0.2, type_shares=(0.6, 0.4, 0.0),
        second_half=1.0,
    ),
}  # fmt: skip
"""Habits of every service with tickets; the empty name stands for what no service claims."""

SERVICE_KEYS: Final = tuple(HABITS)
"""Services with tickets in their order, and last the empty name."""


@dataclass(frozen=True, slots=True)
class Change:
    """What another way of running one service changes in the world; 1 leaves it as it is.

    Attributes
    ----------
    handoffs : float
        Factor on the share of tickets that are handed over at all.
    handling : float
        Factor on the work that a ticket takes.
    capacity : float
        Factor on the hours that people have for it.
    aside : float
        Factor on the time that tickets lie aside.
    queue : float
        Factor on the queue at which a team calls for more hands.
    growth : float
        Factor on the growth of the backlog.
    outage : float
        Factor on the duration of outages.
    demand : float
        Factor on the number of tickets, at least 1.
    burst_count : int
        Tickets more on the first day of the change, as after an outage.
    is_first : bool
        Whether its tickets go before those of others.
    """

    handoffs: float = 1.0
    handling: float = 1.0
    capacity: float = 1.0
    aside: float = 1.0
    queue: float = 1.0
    growth: float = 1.0
    outage: float = 1.0
    demand: float = 1.0
    burst_count: int = 0
    is_first: bool = False


AS_IT_IS: Final = Change()
Changes = Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Outage:
    """One interruption of one service, in the world's minutes."""

    service: str
    started_at: int
    ended_at: int
    is_planned: bool
    users_affected_count: int


# unplanned outages a year, median hours, share of users affected
_OUTAGE_HABITS: Final[dict[str, tuple[float, float, float]]] = {
    "workplace": (5, 1.5, 0.10),
    "email": (8, 1.2, 0.5),
    "identity": (7, 0.9, 0.5),
    "network": (16, 1.3, 0.12),
    "servers": (10, 1.6, 0.2),
    "storage": (5, 2.0, 0.25),
    "database": (8, 1.4, 0.2),
    "case_system": (14, 1.5, 0.4),
    "operations": (10, 0.8, 0.15),
    "intelligence": (6, 1.6, 0.05),
    "digital_evidence": (7, 2.2, 0.04),
    "passport": (11, 1.5, 0.06),
    "payroll": (4, 2.0, 0.3),
    "desk": (2, 0.8, 0.3),
    "security": (2, 1.0, 0.01),
}


def outages(seed: int, changes: Changes | None = None) -> list[Outage]:
    """Let every service go down and come up again for two years.

    Parameters
    ----------
    seed : int
        The seed of the world.
    changes : mapping of str to Change, optional
        What another way of running the services changes.

    Returns
    -------
    list of Outage
        In order of their start.
    """
    environment = simpy.Environment()
    found: list[Outage] = []

    def going_down(service: str, rng: np.random.Generator, stretch: float) -> Generator[Any, Any, None]:
        yearly, median_hours, share = _OUTAGE_HABITS[service]
        while True:
            up_minutes = max(60, int(rng.exponential(525_600 / yearly)))
            down_minutes = max(4, int(median_hours * 60 * np.exp(0.9 * rng.standard_normal())))
            affected = int(agency.USERS_COUNT * share * rng.uniform(0.3, 1.0))
            yield environment.timeout(up_minutes)
            started = int(environment.now)
            yield environment.timeout(down_minutes)
            found.append(
                Outage(service, started, started + max(4, int(down_minutes * stretch)), False, affected)
            )

    def being_serviced(service: str, rng: np.random.Generator) -> Generator[Any, Any, None]:
        share = _OUTAGE_HABITS[service][2]
        yield environment.timeout(int(rng.integers(0, 60)) * timeline.DAY_MINUTES + 22 * 60)
        while True:
            minutes = int(rng.integers(40, 240))
            affected = int(agency.USERS_COUNT * share * rng.uniform(0.01, 0.05)) + 1
            begun = int(environment.now)
            found.append(Outage(service, begun, begun + minutes, True, affected))
            yield environment.timeout(int(rng.integers(26, 64)) * timeline.DAY_MINUTES)

    for service in _OUTAGE_HABITS:
        stretch = (changes or {}).get(service, AS_IT_IS).outage
        environment.process(going_down(service, stream(seed, f"outages of {service}"), stretch))
        environment.process(being_serviced(service, stream(seed, f"maintenance of {service}")))
    environment.run(until=timeline.END)
    found.sort(key=lambda outage: (outage.started_at, outage.service))
    return found


@dataclass(frozen=True, slots=True)
class Demand:
    """Every ticket with what it will need; one row a ticket, in order of arrival.

    Attributes
    ----------
    opened : ndarray of int64
        When it arrives. [min]
    service, team, category, type, priority, contact : ndarray of int64
        Numbers into `SERVICE_KEYS`, `agency.TEAMS`, `CATEGORY_NAMES`, `TYPES`, `PRIORITIES`, `CONTACTS`.
    first_step : ndarray of int64, shape (n + 1,)
        Where its steps begin in the two arrays below.
    step_team : ndarray of int64
        The teams that it passes, the last of which ends it.
    step_minutes : ndarray of float64
        The work that each of them has with it. [min]
    aside, caller, vendor, reopened_after : ndarray of float64
        How long it lies aside, waits for its user or a vendor, stays resolved before it is reopened; 0 if
        it does not. [min]
    is_canceled : ndarray of bool
        Whether nobody wants it any more.
    is_first : ndarray of bool
        Whether it goes before others.
    is_added : ndarray of bool
        Whether it comes only because of a change.
    carried : int
        How many of the first rows arrived before the simulation starts and are still waiting then.
    """

    opened: IntArray
    service: IntArray
    team: IntArray
    category: IntArray
    type: IntArray
    priority: IntArray
    contact: IntArray
    first_step: IntArray
    step_team: IntArray
    step_minutes: FloatArray
    aside: FloatArray
    caller: FloatArray
    vendor: FloatArray
    reopened_after: FloatArray
    is_canceled: NDArray[np.bool_]
    is_first: NDArray[np.bool_]
    is_added: NDArray[np.bool_]
    carried: int


CATEGORY_NAMES: Final = tuple(name for names in agency.CATEGORIES.values() for name in names)
_CATEGORY_NUMBER: Final = {name: number for number, name in enumerate(CATEGORY_NAMES)}
_SERVICE_NUMBER: Final = {key: number for number, key in enumerate(SERVICE_KEYS)}

# Share of a day's tickets by hour, Monday to Friday, near that of the public ServiceNow log.
_HOURS: Final = np.array(
    [10, 8, 6, 5, 5, 6, 13, 26, 102, 121, 116, 99, 60, 68, 90, 86, 75, 43, 19, 12, 10, 13, 10, 8], dtype=float
)
# Share of tickets by the number of times they are handed over, once they are handed over at all.
_HANDOFF_SHARES: Final = np.array(
    [0.549, 0.201, 0.109, 0.061, 0.0335, 0.0161, 0.0126, 0.0062, 0.0046, 0.0027, 0.0016, 0.0015, 0.0006,
     0.0004, 0.0002, 0.0002, *[0.0001] * 5, *[0.00005] * 2, *[0.00002] * 4]
)  # fmt: skip
_HANDED_OVER_SHARE: Final = {"desk": 0.12, "": 0.6}
_HANDED_OVER_ELSEWHERE: Final = 0.725
_FIRST_AT_DESK_SHARE: Final = 0.27
_TRIAGE_MINUTES: Final = 14.0
_UNREAD_MINUTES: Final = 60.0
_LONGEST_ASIDE_HOURS: Final = 5_500.0


def day_weights(seed: int) -> FloatArray:
    """Relative volume of each day of the two years: calendar, weeks and days that nobody can explain."""
    rng = stream(seed, "days")
    weights = np.array([1.12, 1.06, 1.02, 0.98, 0.90, 0.13, 0.13])[timeline.WEEKDAY]
    weights = np.where(timeline.PUBLIC_HOLIDAY, 0.12, weights)
    weights = np.where(timeline.BRIDGE_DAY, 0.5, weights)
    for year in (2023, 2024):
        january = 0 if year == 2023 else 365
        for first, last, factor in ((188, 214, 0.78), (181, 187, 0.9), (357, 365, 0.65)):
            weights[january + first : min(january + last + 1, timeline.DAYS_COUNT)] *= factor
    weeks = rng.gamma(250.0, 1 / 250.0, timeline.DAYS_COUNT // 7 + 2)
    days = rng.gamma(240.0, 1 / 240.0, timeline.DAYS_COUNT)
    weights = weights * weeks[np.arange(timeline.DAYS_COUNT) // 7] * days
    return np.asarray(weights, dtype=np.float64)


def _arrivals(seed: int, size: float, interruptions: list[Outage]) -> tuple[IntArray, IntArray]:
    weights = day_weights(seed)
    day_index = np.arange(timeline.DAYS_COUNT)
    hours = _HOURS / _HOURS.sum()
    opened_parts: list[IntArray] = []
    service_parts: list[IntArray] = []
    for number, key in enumerate(SERVICE_KEYS):
        rng = stream(seed, f"arrivals of {key}")
        yearly = agency.SERVICE_BY_ID[key].tickets_count if key else agency.NO_SERVICE_TICKETS_COUNT
        own = weights * rng.gamma(80.0, 1 / 80.0, timeline.DAYS_COUNT)
        own = np.where(day_index % 365 >= 182, own * HABITS[key].second_half, own)
        if key == "passport":
            own = np.where((day_index % 365 > 90) & (day_index % 365 < 180), own * 1.35, own)
        for first, last in ((0, 365), (365, timeline.DAYS_COUNT)):
            wanted = max(1, round(yearly * size))
            bursts: list[IntArray] = []
            for outage in interruptions:
                if outage.is_planned or not first <= outage.started_at // timeline.DAY_MINUTES < last - 1:
                    continue
                hears = 0.02 if outage.service == key else (0.012 if key == "desk" else 0.0)
                count = min(
                    int(rng.poisson(size * hears * min(outage.users_affected_count, 4_000))), wanted // 60
                )
                if count:
                    spread = 30 + (outage.ended_at - outage.started_at) * 0.7
                    bursts.append((outage.started_at + rng.exponential(spread, count)).astype(np.int64))
            burst = np.concatenate(bursts) if bursts else np.empty(0, dtype=np.int64)
            burst = burst[burst < last * timeline.DAY_MINUTES - 60][: wanted // 5]
            share = own[first:last] / own[first:last].sum()
            counts = rng.multinomial(wanted - burst.size, share)
            days = np.repeat(np.arange(first, last), counts)
            hour = rng.choice(24, days.size, p=hours)
            minute = days * timeline.DAY_MINUTES + hour * 60 + rng.integers(0, 60, days.size)
            # the profile is that of the wall clock; at night the hour that summer time takes is left alone
            minute -= np.where(hour >= 4, timeline.summer_shift(days), 0)
            opened_parts.append(np.concatenate([minute, burst]))
            service_parts.append(np.full(wanted, number, dtype=np.int64))
    opened = np.concatenate(opened_parts)
    # nothing arrives in the hour that the wall clock shows twice: who would know which one was meant
    twice = (opened >= 665 * timeline.DAY_MINUTES) & (opened < 665 * timeline.DAY_MINUTES + 240)
    opened = np.where(twice, opened + 360, opened)
    return opened, np.concatenate(service_parts)


def _routes(
    rng: np.random.Generator, service: IntArray, team: IntArray, handed_over_factor: FloatArray
) -> tuple[IntArray, IntArray]:
    n = service.size
    base = np.array([_HANDED_OVER_SHARE.get(key, _HANDED_OVER_ELSEWHERE) for key in SERVICE_KEYS])
    is_handed = rng.random(n) < base[service] * handed_over_factor
    shares = _HANDOFF_SHARES / _HANDOFF_SHARES.sum()
    handoffs = np.where(is_handed, 1 + rng.choice(shares.size, n, p=shares), 0)
    first_step = np.concatenate([[0], np.cumsum(handoffs + 1)])
    owner = np.repeat(np.arange(n), handoffs + 1)
    is_last = np.zeros(owner.size, dtype=bool)
    is_last[first_step[1:] - 1] = True
    is_first = np.zeros(owner.size, dtype=bool)
    is_first[first_step[:-1]] = True

    teams_count = len(agency.TEAMS)
    siblings = np.zeros((len(SERVICE_KEYS), 8), dtype=np.int64)
    for number, key in enumerate(SERVICE_KEYS):
        own = [TEAM_NUMBER[name] for name, _ in HABITS[key].teams]
        siblings[number] = np.resize(np.array(own), 8)
    stray = rng.integers(0, teams_count - 2, owner.size)
    sibling = siblings[service[owner], rng.integers(0, 8, owner.size)]
    pick = rng.random(owner.size)
    between = np.where(pick < 0.55, sibling, np.where(pick < 0.64, DESK_TEAM, stray))
    starts_at_desk = is_first & (rng.random(owner.size) < _FIRST_AT_DESK_SHARE)
    step_team = np.where(is_last, team[owner], np.where(starts_at_desk, DESK_TEAM, between))
    # a team does not hand over to itself
    for _ in range(40):
        same = np.flatnonzero((step_team[:-1] == step_team[1:]) & ~is_last[:-1])
        if not same.size:
            break
        step_team[same] = rng.integers(0, teams_count - 2, same.size)
    return first_step, step_team


def demand(
    seed: int,
    size: float,
    interruptions: list[Outage],
    changes: Changes | None = None,
    since: int = 0,
) -> Demand:
    """Draw every ticket of two years, and keep those that the simulated time sees.

    Parameters
    ----------
    seed : int
        The seed of the world.
    size : float
        Volume relative to the table.
    interruptions : list of Outage
        Outages, each of which brings a burst of tickets.
    changes : mapping of str to Change, optional
        What another way of running the services changes; the tickets that arrive today arrive all the same.
    since : int
        From when on; tickets that arrive before are as they were. [min]

    Returns
    -------
    Demand
        In order of arrival.
    """
    opened, service = _arrivals(seed, size, interruptions)
    order = np.argsort(opened, kind="stable")
    opened, service = opened[order], service[order]
    n = opened.size
    rng = stream(seed, "needs")
    changed = [(changes or {}).get(key, AS_IT_IS) for key in SERVICE_KEYS]
    habits = [HABITS[key] for key in SERVICE_KEYS]

    def by_service(values: list[float]) -> FloatArray:
        return np.array(values, dtype=np.float64)[service]

    def changed_by(values: list[float]) -> FloatArray:
        return np.where(opened >= since, by_service(values), 1.0)

    u_team, u_category, u_type, u_aside, u_caller, u_vendor, u_reopen, u_cancel = rng.random((8, n))
    team = np.zeros(n, dtype=np.int64)
    category = np.zeros(n, dtype=np.int64)
    ticket_type = np.zeros(n, dtype=np.int64)
    for number, key in enumerate(SERVICE_KEYS):
        rows = np.flatnonzero(service == number)
        numbers = np.array([TEAM_NUMBER[name] for name, _ in HABITS[key].teams])
        edges = np.cumsum([share for _, share in HABITS[key].teams])[:-1]
        team[rows] = numbers[np.searchsorted(edges, u_team[rows])]
        names = agency.CATEGORIES[key]
        own = np.array([_CATEGORY_NUMBER[name] for name in names])
        late = opened[rows] >= timeline.YEAR_START + 182 * timeline.DAY_MINUTES
        # the mix shifts within each service in the middle of the year
        skewed = np.where(late, u_category[rows] ** 0.7, u_category[rows] ** 1.3)
        category[rows] = own[np.minimum((skewed * len(names)).astype(np.int64), len(names) - 1)]
        ticket_type[rows] = np.searchsorted(np.cumsum(HABITS[key].type_shares)[:-1], u_type[rows])
    # the desk closes tickets about everything
    at_desk = np.flatnonzero((service == 0) & (rng.random(n) < 0.6))
    category[at_desk] = rng.integers(0, len(CATEGORY_NAMES) - 4, at_desk.size)
    # of what lands with the shared team for nobody, the category is not known
    nobody = _SERVICE_NUMBER[""]
    lost = (service == nobody) & (team == TEAM_NUMBER[agency.SHARED_TEAM])
    unknown = _CATEGORY_NUMBER["Ukjent"]
    category[lost] = unknown
    category[(service == nobody) & ~lost & (category == unknown)] = _CATEGORY_NUMBER["Postgang"]

    priority = np.searchsorted(np.array([0.012, 0.035, 0.96]), rng.random(n))
    contact = np.searchsorted(np.array([0.55, 0.83, 0.93]), rng.random(n))
    handoff_factor = changed_by([change.handoffs for change in changed])
    # routes and work draw from streams of their own, so that a change in one leaves the other as it was
    first_step, step_team = _routes(stream(seed, "routes"), service, team, handoff_factor)
    if since and (handoff_factor != 1.0).any():
        usual = _routes(stream(seed, "routes"), service, team, np.ones(n))
        first_step, step_team = _spliced(usual, (first_step, step_team), opened >= since)
    owner = np.repeat(np.arange(n), np.diff(first_step))
    work_rng = stream(seed, "handling")
    own_minutes = work_rng.gamma(0.6, 1 / 0.6, n) * by_service([habit.handling_minutes for habit in habits])
    own_minutes *= changed_by([change.handling for change in changed])
    own_minutes *= np.where(priority == 3, 0.8, 1.0)
    # the desk works on what it hands over; elsewhere it lies until somebody sorts the new ones
    first_work = np.where(step_team <= LAST_DESK_TEAM, _TRIAGE_MINUTES, _UNREAD_MINUTES)
    step_minutes = stream(seed, "triage").exponential(1.0, owner.size) * first_work + 2
    step_minutes[first_step[1:] - 1] = own_minutes + 2

    aside = (
        60
        * by_service([habit.aside_hours for habit in habits])
        * np.exp(by_service([habit.aside_spread for habit in habits]) * rng.standard_normal(n))
    )
    aside = np.where(u_aside < by_service([habit.aside_share for habit in habits]), aside, 0.0)
    aside = np.where(priority <= 1, aside * 0.25, aside) * changed_by([change.aside for change in changed])
    # after some months somebody asks
    aside = np.minimum(aside, 60 * _LONGEST_ASIDE_HOURS * rng.uniform(0.4, 1.0, n))
    caller = 60 * by_service([habit.caller_hours for habit in habits]) * np.exp(1.2 * rng.standard_normal(n))
    caller = np.where(u_caller < by_service([habit.caller_share for habit in habits]), caller, 0.0)
    vendor = np.where(u_vendor < 0.011, 60 * 120 * np.exp(1.0 * rng.standard_normal(n)), 0.0)
    reopened_after = np.where(u_reopen < 0.0115, rng.uniform(30, 4.5 * 1_440, n), 0.0)
    is_canceled = u_cancel < 0.006

    is_first = by_service([float(change.is_first) for change in changed]).astype(bool) & (opened >= since)

    # Of the year before, only those tickets matter that still lie aside or wait when the simulation starts.
    waiting = aside + caller + vendor
    is_kept = (opened >= timeline.START) | ((opened + waiting > timeline.START) & ~is_canceled)
    kept, moment = np.flatnonzero(is_kept), opened[is_kept]
    more, when = _more(seed, opened, service, changed, since)
    kept, moment = np.concatenate([kept, more]), np.concatenate([moment, when])
    in_order = np.argsort(moment, kind="stable")
    is_added = in_order >= kept.size - more.size
    kept, moment = kept[in_order], moment[in_order]
    lengths = np.diff(first_step)[kept]
    begins = np.concatenate([[0], np.cumsum(lengths)])
    steps = np.repeat(first_step[kept] - begins[:-1], lengths) + np.arange(begins[-1])
    return Demand(
        opened=moment, service=service[kept], team=team[kept], category=category[kept],
        type=ticket_type[kept], priority=priority[kept], contact=contact[kept],
        first_step=begins, step_team=step_team[steps], step_minutes=step_minutes[steps],
        aside=aside[kept], caller=caller[kept], vendor=vendor[kept], reopened_after=reopened_after[kept],
        is_canceled=is_canceled[kept], is_first=is_first[kept], is_added=is_added,
        carried=int(np.count_nonzero(moment < timeline.START)),
    )  # fmt: skip


def _spliced(
    before: tuple[IntArray, IntArray], after: tuple[IntArray, IntArray], is_after: NDArray[np.bool_]
) -> tuple[IntArray, IntArray]:
    """Take some tickets' steps from one set of routes, the others' from another."""
    lengths = np.where(is_after, np.diff(after[0]), np.diff(before[0]))
    begins = np.concatenate([[0], np.cumsum(lengths)])
    source = np.where(is_after, after[0][:-1] + before[1].size, before[0][:-1])
    steps = np.repeat(source - begins[:-1], lengths) + np.arange(begins[-1])
    return begins, np.concatenate([before[1], after[1]])[steps]


def _more(
    seed: int, opened: IntArray, service: IntArray, changed: list[Change], since: int
) -> tuple[IntArray, IntArray]:
    """Draw the tickets that a change adds: which ticket each is like, and when it arrives."""
    like, when = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for number, change in enumerate(changed):
        if change.demand == 1.0 and not change.burst_count:
            continue
        rng = stream(seed, f"more of {SERVICE_KEYS[number]}")
        own = np.flatnonzero((service == number) & (opened >= max(since, timeline.START)))
        twice = own[rng.random(own.size) < change.demand - 1.0]
        # at the time of day at which such tickets come, and like any other of the service
        when += [opened[twice], since + 540 + rng.exponential(120.0, change.burst_count).astype(np.int64)]
        like.append(rng.choice(np.flatnonzero(service == number), twice.size + change.burst_count))
    moment = np.concatenate(when)
    here = moment < timeline.END - 60
    return np.concatenate(like)[here], moment[here]

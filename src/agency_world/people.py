"""Who works when: people with names, speeds, holidays and days off sick.

Nobody has tickets all day. Each person on duty has a stretch of the day for them, at a time of their
own; the rest goes to operations, projects and meetings.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import simpy
from numpy.typing import NDArray

from agency_world import agency, timeline
from agency_world.chance import stream
from agency_world.demand import DESK_TEAM

FIRST_NAMES: Final = (
    "Aksel", "Amina", "Anders", "Ane", "Anja", "Are", "Arvid", "Astrid", "Berit", "Birger", "Bodil",
    "Cecilie", "Dag", "Ebba", "Eirik", "Elin", "Embla", "Erlend", "Eskil", "Fatima", "Frida", "Geir",
    "Gjertrud", "Gunnar", "Hallvard", "Hedda", "Helge", "Idun", "Ingrid", "Ivar", "Jorunn", "Kari",
    "Kjetil", "Knut", "Leif", "Liv", "Magnhild", "Marit", "Mohammed", "Nils", "Oda", "Olav", "Per",
    "Ragnhild", "Rolf", "Runa", "Samira", "Sigrid", "Sindre", "Solveig", "Stein", "Sunniva", "Tarjei",
    "Thea", "Tor", "Trygve", "Unni", "Vegard", "Vilde", "Øystein",
)  # fmt: skip
LAST_NAMES: Final = (
    "Askeland", "Bakketun", "Bergsvik", "Bjørndal", "Brattli", "Dalsbø", "Eikemo", "Elvestad", "Engebakk",
    "Fagerlid", "Fossheim", "Furuholt", "Granlund", "Grønvik", "Hagefoss", "Haugtun", "Heimdalsli",
    "Hestnes", "Holmefjell", "Kallestad", "Kirkebø", "Kleivane", "Kvamsøy", "Langeland", "Lerkebakk",
    "Lindtveit", "Lundemo", "Løvdal", "Moldskred", "Myrvang", "Nesbakken", "Nordhaug", "Olsvik", "Oterholt",
    "Rabbeli", "Reinfjord", "Roaldsnes", "Rugsveen", "Sandmo", "Selvåg", "Skarpnes", "Skogheim", "Solbakk",
    "Steinvåg", "Storlien", "Sundfær", "Sætermo", "Tangvik", "Teigland", "Tjeldnes", "Tveitane", "Ulvestad",
    "Vassbø", "Vestrheim", "Viksund", "Ådnøy", "Ågotnes", "Åsheim", "Øksnes", "Øvrebø",
)  # fmt: skip

_WINDOW_MINUTES: Final = 300.0
_LONGEST_WINDOW_MINUTES: Final = 450.0
_SHORTEST_WINDOW_MINUTES: Final = 45.0

_SUMMER_AGREED: Final = 105
"""Day of the year, 15 April: an employer must say at least two months ahead when holidays are."""

_CHRISTMAS_AGREED: Final = 319
_DAYS_OFF_AHEAD: Final = 21


@dataclass(frozen=True, slots=True)
class Stretches:
    """Every stretch of a day in which somebody takes tickets, in order of its start.

    Attributes
    ----------
    start : ndarray of int64
        When it begins. [min]
    length : ndarray of float64
        How long it lasts on an ordinary day. [min]
    person : ndarray of int64
        Who it is.
    team_of_person : ndarray of int64
        The team of each person.
    speed_of_person : ndarray of float64
        Work done in a minute by each person, 1 on average.
    leave : tuple of Leave
        Whose holidays and days off are agreed, in order of people.
    """

    start: NDArray[np.int64]
    length: NDArray[np.float64]
    person: NDArray[np.int64]
    team_of_person: NDArray[np.int64]
    speed_of_person: NDArray[np.float64]
    leave: tuple[Leave, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which somebody is away as agreed.

    Attributes
    ----------
    person : int
    first, last : int
        Days, both away.
    known : int
        The day from which it stands in the plan.
    """

    person: int
    first: int
    last: int
    known: int


def person_name(number: int) -> str:
    """Invented name of somebody, the same for the same number.

    Examples
    --------
    >>> person_name(0) == person_name(0)
    True
    """
    first = FIRST_NAMES[number * 7 % len(FIRST_NAMES)]
    return f"{first} {LAST_NAMES[(number // len(FIRST_NAMES) + number * 11) % len(LAST_NAMES)]}"


def _presence(seed: int, people_count: int) -> tuple[NDArray[np.bool_], tuple[Leave, ...]]:
    """Let everybody be away now and then: short illness, long leave, three weeks in summer.

    Holidays are agreed ahead, the summer's in April and Christmas in November, days off three weeks before.
    """
    environment = simpy.Environment()
    is_present = np.ones((people_count, timeline.DAYS_COUNT), dtype=bool)
    first_day = timeline.START // timeline.DAY_MINUTES
    leave: list[Leave] = []

    def falling_ill(person: int, rng: np.random.Generator) -> Generator[Any, Any, None]:
        while True:
            yield environment.timeout(int(rng.exponential(80)) + 1)
            days = int(rng.integers(25, 110)) if rng.random() < 0.06 else int(rng.geometric(0.33))
            is_present[person, int(environment.now) : int(environment.now) + days] = False
            yield environment.timeout(days)

    for person in range(people_count):
        rng = stream(seed, f"absence of {person}")
        environment.process(falling_ill(person, rng))
        summer = 365 + int(np.clip(rng.normal(192, 13), 165, 222))
        leave.append(Leave(person, summer, summer + 20, 365 + _SUMMER_AGREED))
        for _ in range(2):
            off = first_day + int(rng.integers(0, timeline.DAYS_COUNT - first_day - 5))
            leave.append(Leave(person, off, off + 3, off - _DAYS_OFF_AHEAD))
        if rng.random() < 0.5:
            leave.append(Leave(person, 365 + 357, timeline.DAYS_COUNT - 1, 365 + _CHRISTMAS_AGREED))
            leave.append(Leave(person, 357, 365, _CHRISTMAS_AGREED))
    for one in leave:
        is_present[one.person, one.first : one.last + 1] = False
    environment.run(until=timeline.DAYS_COUNT)
    return is_present, tuple(leave)


def stretches(
    seed: int,
    work_minutes: NDArray[np.float64],
    load: NDArray[np.float64],
    capacity: NDArray[np.float64],
    since: int = 0,
) -> Stretches:
    """Man every team so that its people have the hours that its tickets take in a year.

    Parameters
    ----------
    seed : int
        The seed of the world.
    work_minutes : ndarray of float64, shape (n_teams,)
        Work that arrives in the year as things are. [min]
    load : ndarray of float64, shape (n_teams,)
        Share of the planned hours that this work would fill.
    capacity : ndarray of float64, shape (n_teams,)
        Factor on the planned hours, for another way of running the team.
    since : int
        From when on that factor holds. [min]

    Returns
    -------
    Stretches
        From the start of the simulation to the end of the year.
    """
    first_day = timeline.START // timeline.DAY_MINUTES
    days = np.arange(first_day, timeline.DAYS_COUNT)
    office = np.flatnonzero(timeline.OFFICE_DAY[days]) + first_day
    in_year = office >= 365
    shift_of_day = timeline.summer_shift(np.arange(timeline.DAYS_COUNT))

    headcount = np.maximum(2, np.round(work_minutes / load / (205 * _WINDOW_MINUTES))).astype(np.int64)
    # the desk also mans evenings and nights
    headcount[DESK_TEAM] = max(12, int(headcount[DESK_TEAM]))
    team_of_person = np.repeat(np.arange(len(agency.TEAMS)), headcount)
    is_present, leave = _presence(seed, team_of_person.size)
    rng = stream(seed, "people")
    speed = np.exp(0.22 * rng.standard_normal(team_of_person.size) - 0.024)

    starts: list[NDArray[np.int64]] = []
    lengths: list[NDArray[np.float64]] = []
    persons: list[NDArray[np.int64]] = []
    for team in range(len(agency.TEAMS)):
        members = np.flatnonzero(team_of_person == team)
        needed = work_minutes[team] / load[team]
        if team == DESK_TEAM:
            # every day of the year: one on the night shift, two in the evening, two by day at weekends
            for name, count, wall, minutes in (("night", 1, 0, 450), ("evening", 2, 15 * 60 + 30, 510)):
                who = members[
                    (np.arange(days.size * count) * 5 + (3 if name == "night" else 0)) % members.size
                ]
                when = np.repeat(days, count) * timeline.DAY_MINUTES + wall
                starts.append(np.where(wall > 0, when - np.repeat(shift_of_day[days], count), when))
                lengths.append(np.full(when.size, float(minutes)))
                persons.append(who)
            free = days[~timeline.OFFICE_DAY[days]]
            who = members[(np.arange(free.size * 2) * 7) % members.size]
            starts.append(np.repeat(free * timeline.DAY_MINUTES + 450 - shift_of_day[free], 2))
            lengths.append(np.full(free.size * 2, 480.0))
            persons.append(who)
            needed *= 0.84
        here = is_present[np.ix_(members, office)]
        available = float((here[:, in_year] * speed[members][:, None]).sum())
        window = float(
            np.clip(needed / max(available, 1.0), _SHORTEST_WINDOW_MINUTES, _LONGEST_WINDOW_MINUTES)
        )
        if not since:
            window *= float(capacity[team])
        rows, columns = np.nonzero(here)
        day = office[columns]
        latest = max(1.0, 480.0 - window)
        begin = 450 + rng.random(rows.size) * latest
        starts.append((day * timeline.DAY_MINUTES + begin).astype(np.int64) - shift_of_day[day])
        longer = np.where(day * timeline.DAY_MINUTES >= since, capacity[team], 1.0) if since else 1.0
        lengths.append(window * rng.uniform(0.7, 1.3, rows.size) * longer)
        persons.append(members[rows])
    start = np.concatenate(starts)
    order = np.argsort(start, kind="stable")
    return Stretches(
        start=start[order],
        length=np.concatenate(lengths)[order],
        person=np.concatenate(persons)[order],
        team_of_person=team_of_person,
        speed_of_person=speed,
        leave=leave,
    )

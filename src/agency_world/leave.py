"""The leave plan: how many of each team are away as agreed, week by week, as it stood at the time.

Taken from a roster on the first of each month. It reaches eight weeks ahead, and over the whole summer once
that is agreed; illness is in no plan.
"""

from __future__ import annotations

import datetime
from typing import Final

import numpy as np

from agency_world import agency, timeline
from agency_world.work import History

WEEKS_AHEAD: Final = 8
_SUMMER_KNOWN_FROM: Final = 5
_SUMMER_UNTIL: Final = datetime.date(agency.YEAR, 8, 31)

PlanRow = tuple[int, int, int, int, int, float]


def plan_rows(history: History) -> list[PlanRow]:
    """Return what the roster said: day it was known, first and last day, team, people, how many are away.

    A later row about the same team and days takes the place of an earlier one; what has not changed since
    the month before is not written again.

    Parameters
    ----------
    history : History
        Days are numbers as in `timeline`.

    Returns
    -------
    list of tuple
        By day known, then team, then week. Away is the mean over the days that the office works.
    """
    people = np.bincount(history.team_of_person, minlength=len(agency.TEAMS)).tolist()
    said: dict[tuple[int, int], float] = {}
    rows: list[PlanRow] = []
    for month in range(1, 13):
        today = timeline.day_number(datetime.date(agency.YEAR, month, 1))
        until = today + 7 * WEEKS_AHEAD
        if month >= _SUMMER_KNOWN_FROM:
            until = max(until, timeline.day_number(_SUMMER_UNTIL))
        is_away = np.zeros((history.people_count, timeline.DAYS_COUNT), dtype=bool)
        for one in history.leave:
            if one.known <= today:
                is_away[one.person, one.first : one.last + 1] = True
        away = np.zeros((len(agency.TEAMS), timeline.DAYS_COUNT))
        np.add.at(away, history.team_of_person, is_away)
        monday = today - int(timeline.WEEKDAY[today])
        for team in range(len(agency.TEAMS)):
            for first in range(monday, min(until, timeline.DAYS_COUNT - 1) + 1, 7):
                days = np.arange(max(first, timeline.YEAR_START // timeline.DAY_MINUTES), first + 7)
                days = days[days < timeline.DAYS_COUNT]
                worked = days[timeline.OFFICE_DAY[days]]
                if not worked.size:
                    continue
                mean = round(float(away[team, worked].mean()), 2)
                if said.get((team, first)) != mean:
                    said[team, first] = mean
                    rows.append((today, int(days[0]), int(days[-1]), team, people[team], mean))
    return rows

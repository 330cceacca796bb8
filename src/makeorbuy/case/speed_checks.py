"""Checks of what the options say of speed, and of every uncertain number."""

from __future__ import annotations

from collections.abc import Iterator

from makeorbuy.case.faults import Known, problem_at
from makeorbuy.case.model import Case, Uncertain
from makeorbuy.case.option_checks import lines_of_options, written_options
from makeorbuy.foundation.errors import Problem

LEAST_OPEN_MINUTES = 60

TEAM_KEYS = ("teams", "handoffs", "entry", "demand")
"""Where an option says what changes; what was written there and has faults is told by itself."""


def check_speed(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each statement about speed that is missing, misplaced or on another clock."""
    services = {service.id: service for service in reversed(case.services)}
    for option in written_options(case):
        for name, said in option.speed.items():
            service = services.get(name)
            if name not in option.services:
                yield problem_at(
                    case,
                    said.place,
                    "speed_not_covered",
                    f'"{name}"',
                    f"one of {', '.join(option.services)}",
                    "Delete it, or cover the service.",
                )
            elif service and service.speed_measure == "none" and f"{option.file}#speed.{name}" in case.lines:
                yield problem_at(
                    case,
                    said.place,
                    "speed_without_measure",
                    f"a speed for `{name}`",
                    "a service with a speed_measure",
                    "Delete it, or say in services.yaml how its speed is measured.",
                )
            elif service and said.clock and said.clock != service.clock:
                yield problem_at(
                    case,
                    f"{said.place}.clock",
                    "speed_on_another_clock",
                    f"the {said.clock} clock",
                    f"the {service.clock} clock of `{name}`",
                    "Ask for the promise on the service's own clock.",
                )
        for name in option.services:
            if name in services and services[name].speed_measure != "none" and name not in option.speed:
                yield problem_at(
                    case,
                    f"{option.file}#speed",
                    "speed_missing",
                    f"nothing about `{name}`",
                    "a statement for each service covered",
                    f"Write `{name}: {{unchanged: true}}` if nothing is said.",
                )


def check_promises(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each promise that does not rise, or does not say how often it is kept."""
    for option in written_options(case):
        for said in option.speed.values():
            if said.kind != "promised":
                continue
            if said.kept_share_of_months is None:
                yield problem_at(
                    case,
                    said.place,
                    "promise_without_kept_share",
                    "a promise",
                    "`kept_share_of_months`",
                    "A promise is not kept every month; state how often, with a source if there is one.",
                )
            for number, point in enumerate(said.promises, start=1):
                place = f"{said.place}.promised[{number}]"
                if not 0 < point.share < 1 or point.hours <= 0:
                    yield problem_at(
                        case,
                        place,
                        "promise_out_of_range",
                        f"{point.share:g} in {point.hours:g} hours",
                        "a share between 0 and 1, hours above 0",
                        "Write 0.85 for 85 %.",
                    )
                before = said.promises[number - 2] if number > 1 else None
                if before and not (point.hours > before.hours and point.share > before.share):
                    yield problem_at(
                        case,
                        place,
                        "promise_not_rising",
                        f"{point.share:g} in {point.hours:g} h after {before.share:g} in {before.hours:g} h",
                        "a larger share in more hours",
                        "Put the points in order and correct them.",
                    )


def check_teams(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each team or service that is not there, or that two changes claim."""
    names = sorted({team for service in case.services for team in service.teams})
    for option in written_options(case):
        named = [(change.team, change.place) for change in option.teams]
        named += [(team, change.place) for change in option.teams for team in change.takes_over]
        twice = {team for team, _ in named if sum(team == other for other, _ in named) > 1}
        named += [(team, change.place) for change in option.teams for team in change.helps]
        named += [(team, one.place) for one in option.handoffs for team in (one.from_team, one.to_team)]
        named += [(one.team, one.place) for one in option.entry]
        for team, place in named:
            if team not in names:
                yield problem_at(
                    case, place, "team_unknown", f'"{team}"', "a team that services.yaml names",
                    "Spell it as there.",
                )  # fmt: skip
        for change in option.teams:
            for team in {change.team, *change.takes_over} & twice:
                yield problem_at(
                    case, change.place, "team_changed_twice", f'"{team}"', "each team once in `teams`",
                    "Put its changes together; a team that is taken over has none of its own.",
                )  # fmt: skip
            if change.team in change.helps:
                yield problem_at(
                    case, change.place, "team_helps_itself", f'"{change.team}" in its own `helps`',
                    "other teams, whose queues its people serve when their own is empty",
                    "Delete it from `helps`.",
                )  # fmt: skip
            for name, hours in (("hours", change.hours), ("free_day_hours", change.free_day_hours)):
                if hours is not None and hours[1] - hours[0] < LEAST_OPEN_MINUTES:
                    yield problem_at(
                        case, f"{change.place}.{name}", "open_too_short", f"{hours[1] - hours[0]} minutes",
                        "at least an hour: a day's working time is spread over the opening hours",
                        "Correct the hours; for fewer people write `people` or `people_factor`.",
                    )  # fmt: skip
        gone = {team: change.team for change in option.teams for team in change.takes_over}
        still = [(team, change.place) for change in option.teams for team in change.helps]
        still += [(team, one.place) for one in option.handoffs for team in (one.from_team, one.to_team)]
        still += [(one.team, one.place) for one in option.entry]
        for team, place in still:
            if team in gone:
                yield problem_at(
                    case, place, "team_taken_over", f'"{team}", which "{gone[team]}" takes over',
                    "a team that is there under the option",
                    f'Name "{gone[team]}"; the visits that go on within it are its `handoff_factor`.',
                )  # fmt: skip
        services = [(name, one.place) for one in option.entry for name in one.services]
        services += [(name, factor.place) for name, factor in option.demand.items()]
        for name, place in services:
            if name not in option.services:
                yield problem_at(
                    case, place, "speed_not_covered", f'"{name}"', f"one of {', '.join(option.services)}",
                    "Delete it, or cover the service.",
                )  # fmt: skip
        for name, said in option.speed.items():
            wrote = any(f"{option.file}#{key}" in case.lines for key in TEAM_KEYS)
            if said.kind == "teams" and not option.changes_teams and not wrote:
                yield problem_at(
                    case, said.place, "teams_missing", f"`from_teams` for `{name}` and no `teams`",
                    "`teams`, `handoffs`, `entry` or `demand` in the option",
                    "Write what changes in which team.",
                )  # fmt: skip


def _bounded(case: Case) -> Iterator[tuple[Uncertain, float, float]]:
    for service in case.services:
        yield service.avoidable.share, 0, 1
    for option in written_options(case):
        for said in option.speed.values():
            for share in (said.kept_share_of_months, said.share_when_missed):
                if share is not None:
                    yield share, 0, 1
            if said.time_factor is not None:
                yield said.time_factor, 0.01, 100
        for team in option.teams:
            for name, factor in team.factors:
                yield (
                    (factor, 0, 1)
                    if name == "first_people_factor"
                    else (
                        (factor, 0, 100_000)
                        if name == "people"
                        else (factor, 0 if name == "handoff_factor" else 0.01, 100)
                    )
                )
        for handoff in option.handoffs:
            yield handoff.factor, 0, 100
        for demand in option.demand.values():
            yield demand, 0.01, 10


def check_quantities(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each uncertain number out of order, and each share or factor out of range."""
    bounded = list(_bounded(case))
    amounts = [line.amount for _, line, _ in lines_of_options(case)]
    for quantity in [*(q for q, _, _ in bounded), *amounts]:
        if list(quantity.values) != sorted(quantity.values):
            names = {"quantiles": "p10 ≤ p50 ≤ p90", "triangle": "low ≤ mode ≤ high"}
            yield problem_at(
                case,
                quantity.place,
                "uncertain_out_of_order",
                ", ".join(f"{v:g}" for v in quantity.values),
                names.get(quantity.kind, "from ≤ to"),
                "Put the values in order.",
            )
    for quantity, low, high in bounded:
        if not all(low <= value <= high for value in quantity.values):
            yield problem_at(
                case,
                quantity.place,
                "share_out_of_range",
                ", ".join(f"{v:g}" for v in quantity.values),
                f"between {low:g} and {high:g}",
                "Write 0.85 for 85 %.",
            )


CHECKS = (check_speed, check_promises, check_teams, check_quantities)

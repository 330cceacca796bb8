"""Checks of the catalogue: what a service claims, its target, what falls away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from makeorbuy.case.faults import Known, is_unknown, problem_at, unknown_word
from makeorbuy.case.model import Case, Service
from makeorbuy.foundation.errors import Problem


def unknown(case: Case, place: str, what: str, name: str, declared: Iterable[str]) -> Problem:
    """Return the problem that an id names nothing; the code is ``unknown_`` and what it should name."""
    declared = list(dict.fromkeys(declared))
    return problem_at(
        case,
        place,
        f"unknown_{what}",
        f'"{name}"',
        f"one of {', '.join(declared) or 'none declared'}",
        unknown_word(name, declared) or f"Declare it, or use the id of a declared {what.replace('_', ' ')}.",
    )


def unknown_service(case: Case, place: str, name: str) -> Problem:
    """Return the problem that nobody has declared a service."""
    return unknown(case, place, "service", name, [service.id for service in case.services])


def check_targets(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each target that no service could meet or miss."""
    for service in case.services:
        if service.target is None:
            continue
        if not 0 < service.target.share <= 1:
            yield problem_at(
                case,
                f"{service.place}.target.share",
                "target_share_out_of_range",
                f"{service.target.share:g}",
                "a share above 0 and at most 1",
                "Write 0.85 for 85 %.",
            )
        if service.target.hours <= 0:
            yield problem_at(
                case,
                f"{service.place}.target.hours",
                "target_hours_not_positive",
                f"{service.target.hours:g}",
                "hours above 0",
                "Write the hours of the service level.",
            )


def check_drivers(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each cost driver of which there is none."""
    for service in case.services:
        if service.driver.count <= 0:
            yield problem_at(
                case,
                f"{service.place}.cost_driver.count",
                "driver_count_not_positive",
                f"{service.driver.count:g}",
                "a count above 0",
                "Write how many there are.",
            )


def check_run_off(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each run-off that falls or leaves [0, 1]: cost that is gone stays gone."""
    for service in case.services:
        steps = service.avoidable.run_off
        place = f"{service.place}.avoidable.run_off"
        if not steps:
            yield problem_at(
                case, place, "run_off_empty", "an empty list", "a share for each year", "Write [1.0]."
            )
        for number, step in enumerate(steps, start=1):
            if not 0 <= step <= 1:
                yield problem_at(
                    case,
                    f"{place}[{number}]",
                    "run_off_out_of_range",
                    f"{step:g}",
                    "a share in [0, 1]",
                    "It is the part of `share` that has fallen away by that year.",
                )
            elif number > 1 and step < steps[number - 2]:
                yield problem_at(
                    case,
                    f"{place}[{number}]",
                    "run_off_falls",
                    f"{step:g} after {steps[number - 2]:g}",
                    "shares that never fall",
                    "It adds up over the years; what has fallen away stays away.",
                )


def _shares_team(a: Service, b: Service) -> bool:
    return bool(set(a.teams) & set(b.teams)) or not (a.teams or b.teams)


def _shares_category(a: Service, b: Service) -> bool:
    return bool(set(a.categories) & set(b.categories)) or not (a.categories and b.categories)


def _pairs(case: Case) -> Iterator[tuple[Service, Service]]:
    claiming = [service for service in case.services if service.has_tickets]
    for number, later in enumerate(claiming):
        for earlier in claiming[:number]:
            yield earlier, later


def check_overlap(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each two services with the same claim: one ticket belongs to one service."""
    for earlier, later in _pairs(case):
        by_team = _shares_team(earlier, later) and _shares_category(earlier, later)
        by_category = not (earlier.teams and later.teams) and bool(
            set(earlier.categories) & set(later.categories)
        )
        if by_team or by_category:
            same = sorted(set(earlier.teams) & set(later.teams)) or sorted(
                set(earlier.categories) & set(later.categories)
            )
            yield problem_at(
                case,
                later.place,
                "services_overlap",
                f'"{same[0]}" of `{earlier.id}` too',
                "teams and categories of its own",
                "Tell the two apart by their categories, or join them.",
            )


def services_may_overlap(case: Case) -> Iterator[Problem]:
    """Yield a remark for each two services of which one claims by team only, the other by category only."""
    for earlier, later in _pairs(case):
        if (earlier.teams and not earlier.categories and later.categories and not later.teams) or (
            later.teams and not later.categories and earlier.categories and not earlier.teams
        ):
            yield problem_at(
                case,
                later.place,
                "services_may_overlap",
                f"a claim that may meet that of `{earlier.id}`",
                "both by team, or both by category",
                "Look at the tickets without a service after intake.",
            )


def check_outside_ledger(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each outside cost of an undeclared service, or below zero."""
    services = [service.id for service in case.services]
    for cost in case.outside_ledger:
        if is_unknown(cost.service, services, "services", known):
            yield unknown_service(case, f"{cost.place}.service", cost.service)
        if cost.nok_per_year < 0:
            yield problem_at(
                case,
                f"{cost.place}.nok_per_year",
                "negative_amount",
                f"{cost.nok_per_year:g}",
                "kroner above 0",
                "Write what others pay; income does not belong here.",
            )


CHECKS = (check_targets, check_drivers, check_run_off, check_overlap, check_outside_ledger)

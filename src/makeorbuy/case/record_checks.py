"""Checks of what describes the records: sources, ledger mapping, allocation keys."""

from __future__ import annotations

from collections.abc import Iterator

from makeorbuy.case.faults import Known, is_unknown, problem_at
from makeorbuy.case.model import Case, LedgerRule
from makeorbuy.case.service_checks import unknown, unknown_service
from makeorbuy.foundation.errors import Problem

MAPPING = "evidence/mapping.yaml"
LEDGER_MAPPING = "evidence/ledger_mapping.csv"
ALLOCATION_KEYS = "evidence/allocation_keys.yaml"
_TIMED = ("tickets", "ticket_events", "outages")


def check_sources(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each kind of source that is given twice or does not say its time zone."""
    seen: set[str] = set()
    for source in case.sources:
        if source.kind in seen:
            yield problem_at(
                case,
                f"{source.place}.kind",
                "duplicate_source",
                f'"{source.kind}" again',
                "each kind of source once",
                "Join the files into one.",
            )
        seen.add(source.kind)
        says_zone = f"{source.place.removeprefix('case:')}.time_zone" in case.lines
        if source.kind in _TIMED and not says_zone and "%z" not in source.date_format:
            yield problem_at(
                case,
                source.place,
                "time_zone_not_said",
                f"no time_zone for {source.kind}",
                "`time_zone`",
                "Ask whoever made the export; Europe/Oslo and UTC differ by one hour or two.",
            )


def check_spellings(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each spelling that two words of the contract claim."""
    for source in case.sources:
        for table in ("states", "types", "teams", "services", "employments", "kinds"):
            prefix = f"{source.place.removeprefix('case:')}.{table}."
            claimed: dict[str, str] = {}
            for place, spelling in _written_below(case, prefix):
                word = place.removeprefix(prefix).rpartition("[")[0]
                first = claimed.setdefault(spelling, word)
                if first != word:
                    yield problem_at(
                        case,
                        place,
                        "spelling_claimed_twice",
                        f'"{spelling}" of "{first}" too',
                        "each spelling under one word",
                        "Delete it from one of the two.",
                    )


def _written_below(case: Case, prefix: str) -> list[tuple[str, str]]:
    found = [(place, text) for place, text in case.values.items() if place.startswith(prefix)]
    return sorted(found, key=lambda entry: (case.lines[entry[0]], entry[0]))


def check_named_services(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each service that a source knows spellings of and that nobody has declared."""
    services = [service.id for service in case.services]
    for source in case.sources:
        for name in dict.fromkeys(source.services.values()):
            if is_unknown(name, services, "services", known):
                yield unknown_service(case, f"{source.place}.services.{name}", name)


def check_team_names(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each team of a service that the mapping knows as a mere spelling of another.

    It would never match. A team of the mapping that no service names is fine: its tickets are the
    remainder.
    """
    for source in case.sources:
        aliases = {spelling for spelling, word in source.teams.items() if spelling != word}
        for service in case.services:
            for number, team in enumerate(service.teams, start=1):
                if team in aliases:
                    yield problem_at(
                        case,
                        f"{service.place}.teams[{number}]",
                        "team_is_a_spelling",
                        f'"{team}"',
                        f'the canonical name "{source.teams[team]}"',
                        "Use the name on the left side of the mapping.",
                    )


def _place(rule: LedgerRule) -> str:
    return f"{LEDGER_MAPPING}#{rule.cost_centre},{rule.account_from}-{rule.account_to}"


def check_ledger_targets(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each ledger rule that leads nowhere."""
    services = [service.id for service in case.services]
    for rule in case.ledger_rules:
        if rule.kind == "direct" and is_unknown(rule.target, services, "services", known):
            yield unknown_service(case, f"{_place(rule)}.target", rule.target)
        elif rule.kind == "driver" and is_unknown(
            rule.target, case.allocation_keys, "allocation_keys", known
        ):
            yield unknown(case, f"{_place(rule)}.target", "allocation_key", rule.target, case.allocation_keys)
        elif rule.kind in ("overhead", "out_of_scope") and rule.target:
            yield problem_at(
                case,
                f"{_place(rule)}.target",
                "target_not_used",
                f'"{rule.target}"',
                f"nothing, as kind is {rule.kind}",
                "Delete it, or change the kind.",
            )


def check_ledger_ranges(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each account range that is reversed or overlaps another of its cost centre."""
    rules = case.ledger_rules
    for number, rule in enumerate(rules):
        if len(rule.account_from) != len(rule.account_to) or rule.account_from > rule.account_to:
            yield problem_at(
                case,
                f"{_place(rule)}.account_to",
                "account_range_reversed",
                f"{rule.account_from} to {rule.account_to}",
                "two accounts of the same length, the lower first",
                "Swap or correct them.",
            )
        for earlier in rules[:number]:
            overlap = earlier.account_from <= rule.account_to and rule.account_from <= earlier.account_to
            if earlier.cost_centre == rule.cost_centre and overlap:
                yield problem_at(
                    case,
                    f"{_place(rule)}.account_from",
                    "ledger_rules_overlap",
                    f"{rule.account_from}-{rule.account_to} of cost centre {rule.cost_centre}",
                    f"no overlap with {earlier.account_from}-{earlier.account_to} "
                    f"on line {case.line_of(_place(earlier))}",
                    "A krone can be counted once: narrow one of the two ranges.",
                )


def check_allocation_keys(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each key with an undeclared service, a weight below zero, or no weight at all."""
    services = [service.id for service in case.services]
    for key, weights in case.allocation_keys.items():
        place = f"{ALLOCATION_KEYS}#{key}"
        for name, weight in weights.items():
            if is_unknown(name, services, "services", known):
                yield unknown_service(case, f"{place}.{name}", name)
            if weight < 0:
                yield problem_at(
                    case,
                    f"{place}.{name}",
                    "negative_weight",
                    f"{weight:g}",
                    "a weight of 0 or more",
                    "Correct the weight.",
                )
        if not any(weight > 0 for weight in weights.values()):
            yield problem_at(
                case,
                place,
                "allocation_key_empty",
                "no weight above 0",
                "at least one",
                "Write the weights, or delete the key.",
            )


CHECKS = (
    check_sources,
    check_spellings,
    check_named_services,
    check_team_names,
    check_ledger_targets,
    check_ledger_ranges,
    check_allocation_keys,
)

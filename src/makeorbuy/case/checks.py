"""Every check of a case's meaning, collected: all problems at once, then what is worth a look.

One named ``check_*`` for each mistake; what belongs to services, options, speed and records stands in
`service_checks`, `option_checks`, `speed_checks` and `record_checks`. A problem stops the run; a
remark does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from makeorbuy.case import option_checks, record_checks, service_checks, speed_checks
from makeorbuy.case.faults import Known, is_unknown, is_unread, problem_at
from makeorbuy.case.model import Case, Uncertain
from makeorbuy.foundation.errors import Problem

Check = Callable[[Case, Known], Iterable[Problem]]
ABSENCES = option_checks.ABSENCES
"""Codes that say that something is missing; not raised for a file whose parts did not all pass."""

LONGEST_HORIZON_YEARS = 40
"""Circular R-109/21 gives one rate for years 0-40; a contract for an ICT service is far shorter."""


FARTHEST_PRICE_YEAR = 5
"""Years between the price year and the period beyond which one of the two must be a slip."""


def check_period(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem when the period ends before it begins."""
    if not is_unread("case", known) and case.period.start >= case.period.end:
        yield problem_at(
            case,
            "case.yaml#period.end",
            "period_reversed",
            f"{case.period.end:%Y-%m-%d %H:%M}",
            f"a time after the start, {case.period.start:%Y-%m-%d %H:%M}",
            "Swap the two, or correct one.",
        )


def check_horizon(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem when the horizon is no number of years that a contract could have."""
    if not is_unread("case", known) and not 1 <= case.horizon_years <= LONGEST_HORIZON_YEARS:
        yield problem_at(
            case,
            "case.yaml#horizon_years",
            "horizon_out_of_range",
            f"{case.horizon_years}",
            f"1 to {LONGEST_HORIZON_YEARS} years",
            "Use the length of the contract with its extensions.",
        )


def check_price_year(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem when the price year lies far from the period: then a sum is in the wrong kroner."""
    year = case.period.end.year
    if not is_unread("case", known) and abs(case.price_year - year) > FARTHEST_PRICE_YEAR:
        yield problem_at(
            case,
            "case.yaml#price_year",
            "price_year_far_off",
            f"{case.price_year}",
            f"a year near the period, which ends in {year}",
            "Set every amount to one price year near the period measured.",
        )


def check_gates(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each answer about a service that nobody has declared."""
    services = [service.id for service in case.services]
    for gate in case.gates:
        for name in gate.answers:
            if is_unknown(name, services, "services", known):
                yield service_checks.unknown_service(case, f"gates.yaml#gates.{gate.id}.answers.{name}", name)


def check_questions(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each question about an option that nobody has declared."""
    options = [option.id for option in case.options]
    for question in case.questions:
        for number, name in enumerate(question.options, start=1):
            if is_unknown(name, options, "options", known):
                place = f"questions.yaml#questions.{question.id}.options[{number}]"
                yield service_checks.unknown(case, place, "option", name, options)


def check_duplicate_ids(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each id that is used twice where it must be one's own."""
    lists: list[tuple[str, list[str]]] = [
        ("services.yaml#services", [s.id for s in case.services]),
        ("gates.yaml#gates", [g.id for g in case.gates]),
        ("questions.yaml#questions", [q.id for q in case.questions]),
        ("stakeholders.yaml#stakeholders", [s.id for s in case.stakeholders]),
    ]
    lists += [(f"{o.file}#lines", [line.id for line in o.lines]) for o in case.options if o.file]
    for place, ids in lists:
        for number, name in enumerate(ids, start=1):
            if name in ids[: number - 1]:
                first = case.line_of(f"{place}[{ids.index(name) + 1}].id")
                yield problem_at(
                    case,
                    f"{place}[{number}].id",
                    "duplicate_id",
                    f'"{name}" again',
                    f"each id once; it stands on line {first} already",
                    "Give one of the two another id.",
                )


CHECKS: tuple[Check, ...] = (
    check_period,
    check_horizon,
    check_price_year,
    check_duplicate_ids,
    check_gates,
    check_questions,
    *service_checks.CHECKS,
    *option_checks.CHECKS,
    *speed_checks.CHECKS,
    *record_checks.CHECKS,
)
"""Every check, in no order that matters."""


def check_case(case: Case, *, also_known: Known | None = None) -> tuple[Problem, ...]:
    """Return every problem in the meaning of a case.

    Parameters
    ----------
    case : Case
    also_known : mapping of str to set of str, optional
        Ids of parts that were left out because their own shape is broken.

    Returns
    -------
    tuple of Problem
        Empty when there is none.
    """
    return tuple(problem for check in CHECKS for problem in check(case, also_known or {}))


def remarks(case: Case) -> tuple[Problem, ...]:
    """Return what is worth a look but does not stop: each as a problem with its place.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Problem
    """
    every = (
        _numbers_without_source(case),
        _rule_not_fixed(case),
        _ledger_not_mapped(case),
        service_checks.services_may_overlap(case),
        option_checks.remarks(case),
    )
    return tuple(remark for part in every for remark in part)


def uncertain_numbers(case: Case) -> Iterator[Uncertain]:
    """Yield every number of the case that may be uncertain."""
    for service in case.services:
        yield service.avoidable.share
    for option in case.options:
        for line in option.lines:
            yield line.amount
        for said in option.speed.values():
            yield from (
                n
                for n in (said.time_factor, said.kept_share_of_months, said.share_when_missed)
                if n is not None
            )


def _ledger_not_mapped(case: Case) -> Iterator[Problem]:
    ledger = next((source for source in case.sources if source.kind == "ledger"), None)
    if ledger is not None and not case.ledger_rules:
        yield problem_at(
            case,
            f"{ledger.place.removeprefix('case:')}.file",
            "ledger_not_mapped",
            "a ledger, and no evidence/ledger_mapping.csv with a row",
            "rules that say which postings are which service's",
            "Write evidence/ledger_mapping.csv; until then no service has a cost.",
        )


def _numbers_without_source(case: Case) -> Iterator[Problem]:
    bare: dict[str, list[str]] = {}
    for quantity in uncertain_numbers(case):
        if quantity.source is None:
            file, _, path = quantity.place.removeprefix("case:").partition("#")
            bare.setdefault(file, []).append(path)
    for file, paths in sorted(bare.items()):
        yield problem_at(
            case,
            f"{file}#{paths[0]}",
            "numbers_without_source",
            f"{len(paths)} without a source, this first",
            "a source for each number",
            "Add `source:`; until then they are shown as assumptions.",
        )


def _rule_not_fixed(case: Case) -> Iterator[Problem]:
    if case.rule.fixed_on is None and any(option.kind == "bid" for option in case.options):
        yield problem_at(
            case,
            "case.yaml#",
            "rule_not_fixed",
            "offers, but no rule that was fixed before them",
            "`rule` with fixed_on and fixed_by",
            "Fix the decision rule, and say when, before offers are opened.",
        )

"""Checks of the options: what they cover, their lines, and the known traps of a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator

from makeorbuy.case.faults import Known, is_unknown, is_unread, problem_at
from makeorbuy.case.model import Case, CostLine, SourcingOption
from makeorbuy.case.service_checks import unknown, unknown_service
from makeorbuy.foundation.errors import Problem

ABSENCES = frozenset(
    {"no_retained_organisation", "no_transition", "no_price", "price_not_every_year", "speed_missing"}
)

_MAY_SAVE = ("measure", "risk", "adopted")
_CREDIT = re.compile(r"credit|kompensasjon|dagmulkt|dagbot|liquidated|penalt|bonus", re.IGNORECASE)
_VOLUME_TOLERANCE = 0.2


def written_options(case: Case) -> Iterator[SourcingOption]:
    """Yield every option that has a file; an implied business as usual has none."""
    return (option for option in case.options if option.file)


def lines_of_options(case: Case) -> Iterator[tuple[SourcingOption, CostLine, str]]:
    """Yield every line with its option and its place."""
    for option in written_options(case):
        for line in option.lines:
            yield option, line, line.amount.place.removesuffix(".amount")


def check_business_as_usual(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem when there are two to compare with; when there is none, one is implied."""
    found = [option for option in case.options if option.kind == "business_as_usual"]
    for second in found[1:]:
        yield problem_at(
            case,
            f"{second.file}#kind",
            "two_business_as_usual",
            f"a second one beside {found[0].file}",
            "one business as usual",
            "Merge the two, or make one of them `improved`.",
        )
    for option in found[:1]:
        left_out = [s.id for s in case.services if s.id not in option.services]
        if option.file and left_out:
            yield problem_at(
                case,
                f"{option.file}#services",
                "business_as_usual_not_all",
                f"no {', '.join(left_out)}",
                "every service",
                "Delete `services`: business as usual covers all.",
            )


def check_option_id(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each option whose id is not the name of its file."""
    for option in written_options(case):
        stem = option.file.rpartition("/")[2].removesuffix(".yaml")
        if option.id != stem:
            yield problem_at(
                case,
                f"{option.file}#id",
                "option_id_not_file_name",
                f'"{option.id}"',
                f'"{stem}", as its file',
                "Rename one of the two.",
            )


def check_services_covered(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each service that is unknown, twice, or not covered by the option of its line."""
    services = [service.id for service in case.services]
    for option in written_options(case):
        place = f"{option.file}#services"
        if not option.services and option.kind != "business_as_usual":
            yield problem_at(case, place, "no_services", "no services", "the services covered", "List them.")
        for number, name in enumerate(option.services, start=1):
            if is_unknown(name, services, "services", known):
                yield unknown_service(case, f"{place}[{number}]", name)
            if name in option.services[: number - 1]:
                yield problem_at(
                    case,
                    f"{place}[{number}]",
                    "service_twice",
                    f'"{name}" again',
                    "each service once",
                    "Delete one of the two.",
                )
    for option, line, place in lines_of_options(case):
        for number, name in enumerate(line.services, start=1):
            if name not in option.services:
                yield problem_at(
                    case,
                    f"{place}.services[{number}]",
                    "line_service_not_covered",
                    f'"{name}"',
                    f"one of {', '.join(option.services)}",
                    "Add it to the option, or take it off the line.",
                )


def check_gates_met(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each gate that an option claims to meet and nobody has declared."""
    gates = [gate.id for gate in case.gates]
    for option in written_options(case):
        for number, name in enumerate(option.meets, start=1):
            if is_unknown(name, gates, "gates", known):
                yield unknown(case, f"{option.file}#meets[{number}]", "gate", name, gates)


def check_questions_of_lines(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each line that waits for a question nobody has declared."""
    questions = [question.id for question in case.questions]
    for _, line, place in lines_of_options(case):
        if line.question and is_unknown(line.question, questions, "questions", known):
            yield unknown(case, f"{place}.question", "question", line.question, questions)


def check_line_kinds(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each line of a kind that its option cannot have."""
    for option, line, place in lines_of_options(case):
        if (option.kind == "business_as_usual") != (line.kind == "adopted"):
            allowed = "adopted" if option.kind == "business_as_usual" else "any kind but adopted"
            yield problem_at(
                case,
                f"{place}.kind",
                "line_kind_not_allowed",
                f'"{line.kind}" in {option.kind}',
                allowed,
                "What is decided already belongs to business as usual, all else to the options.",
            )


def check_line_years(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each line that leaves the horizon or ends before it begins."""
    for _, line, place in lines_of_options(case):
        if not 0 <= line.from_year <= line.to_year <= case.horizon_years:
            yield problem_at(
                case,
                f"{place}.years",
                "years_outside_horizon",
                f"[{line.from_year}, {line.to_year}]",
                f"years from 0 to {case.horizon_years}, the first not after the last",
                "The horizon is the same for every option; it stands in case.yaml.",
            )


def check_units(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each unit price whose number of units nobody can tell."""
    services = {service.id: service for service in reversed(case.services)}
    for _, line, place in lines_of_options(case):
        by_unit = line.per in ("unit_month", "unit_year")
        drivers = {services[name].driver.name.en for name in line.services if name in services}
        if by_unit and line.units is None and len(drivers) != 1:
            yield problem_at(
                case,
                f"{place}.per",
                "unit_price_without_units",
                f"{line.per} over {len(drivers)} kinds of units",
                "`units`, as the services have no one cost driver in common",
                "Write how many units are billed.",
            )
        elif not by_unit and line.units is not None:
            yield problem_at(
                case,
                f"{place}.units",
                "units_not_used",
                f"{line.units:g} with per: {line.per}",
                "no units, or per: unit_month or unit_year",
                "Delete units, or say per what.",
            )
        elif line.units is not None and line.units <= 0:
            yield problem_at(
                case,
                f"{place}.units",
                "units_not_positive",
                f"{line.units:g}",
                "units above 0",
                "Write how many units are billed.",
            )


def check_index(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each contract index without a wage share, or a wage share without the index."""
    for _, line, place in lines_of_options(case):
        written = f"{place}.index_wage_share".removeprefix("case:") in case.lines
        if line.growth == "contract_index" and not (written and 0 <= line.index_wage_share <= 1):
            found = f"{line.index_wage_share:g}" if written else "none"
            yield problem_at(
                case,
                f"{place}.index_wage_share",
                "index_wage_share_out_of_range",
                found,
                "a share in [0, 1] with growth: contract_index",
                "Write how much of the index is wages.",
            )
        elif written and line.growth != "contract_index":
            yield problem_at(
                case,
                f"{place}.index_wage_share",
                "index_wage_share_not_used",
                f"a wage share with growth: {line.growth}",
                "growth: contract_index",
                "Delete it, or change growth.",
            )


def check_chances(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each chance outside [0, 1] and each risk without one."""
    for _, line, place in lines_of_options(case):
        if line.chance is not None and not 0 <= line.chance <= 1:
            yield problem_at(
                case,
                f"{place}.chance",
                "chance_out_of_range",
                f"{line.chance:g}",
                "a share in [0, 1]",
                "Write 0.4 for 40 %.",
            )
        elif line.kind == "risk" and line.chance is None:
            yield problem_at(
                case,
                place,
                "risk_without_chance",
                "a risk that is certain",
                "`chance`",
                "Write how likely it is, or choose another kind.",
            )


def check_negative_amounts(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each cost below zero: a service credit is part payment for harm, no saving."""
    for _, line, place in lines_of_options(case):
        if line.kind in _MAY_SAVE or min(line.amount.values) >= 0:
            continue
        is_credit = any(_CREDIT.search(text) for text in (line.id, line.name.nb, line.name.en))
        if is_credit:
            code, expected = "credit_as_saving", "no credits or damages among the cost"
            mend = "Delete the line: the headline cost is told without credits."
        elif line.kind == "price":
            code, expected, mend = (
                "negative_price",
                "a price of 0 or more",
                "Savings in house are of kind `measure`.",
            )
        else:
            code, expected, mend = "negative_amount", "0 or more", "Savings in house are of kind `measure`."
        yield problem_at(case, f"{place}.amount", code, f"{min(line.amount.values):g}", expected, mend)


def check_estimates(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each market estimate that does not say where it comes from."""
    for option in written_options(case):
        sources = [line.amount.source for line in option.lines if line.kind == "price"]
        if option.kind == "market_estimate" and option.source is None and not (sources and all(sources)):
            yield problem_at(
                case,
                f"{option.file}#kind",
                "estimate_without_source",
                "a market estimate without a source",
                "`source`",
                "Name the report, the framework agreement or the people asked.",
            )


def check_completeness(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each part without which an offer looks cheaper than it is.

    Nobody buys without people who buy (retained organisation, 4-8 % of contract value by Willcocks),
    nobody moves in for nothing, and a price that stops before the horizon compares unlike years.
    """
    for option in written_options(case):
        kinds = {line.kind for line in option.lines}
        place = f"{option.file}#lines"
        if option.is_external and "price" not in kinds:
            yield problem_at(case, place, "no_price", "no line of kind price", "the price", "Add the line.")
        elif option.is_external:
            paid = {
                y
                for line in option.lines
                if line.kind == "price"
                for y in range(line.from_year, line.to_year + 1)
            }
            missing = sorted(set(range(1, case.horizon_years + 1)) - paid)
            if missing and not is_unread("case", known):
                yield problem_at(
                    case,
                    place,
                    "price_not_every_year",
                    f"no price in year {', '.join(map(str, missing))}",
                    f"a price in every year from 1 to {case.horizon_years}",
                    "Add the price of the option years, or shorten the horizon for every option.",
                )
        if option.kind == "bid" and "retained" not in kinds:
            yield problem_at(
                case,
                place,
                "no_retained_organisation",
                "no line of kind retained",
                "those who stay to buy and steer",
                "Add the line; an amount of 0 needs a source that says why.",
            )
        if option.kind == "bid" and "transition" not in kinds:
            yield problem_at(
                case,
                place,
                "no_transition",
                "no line of kind transition",
                "the cost of moving in",
                "Add the line; an amount of 0 needs a source that says why.",
            )


def check_rule_before_offers(case: Case, known: Known) -> Iterator[Problem]:
    """Yield a problem for each offer that was received before the rule was fixed."""
    for option in written_options(case):
        if case.rule.fixed_on and option.received and case.rule.fixed_on > option.received.date():
            yield problem_at(
                case,
                f"{option.file}#received",
                "rule_fixed_after_offer",
                f"{option.received:%Y-%m-%d}",
                f"a day after the rule was fixed, {case.rule.fixed_on}",
                "A rule made when the offers are known proves nothing; say when it was really fixed.",
            )


def remarks(case: Case) -> Iterator[Problem]:
    """Yield what is worth a look in the options but does not stop."""
    services = {service.id: service for service in reversed(case.services)}
    for option in written_options(case):
        if option.is_late:
            yield problem_at(
                case,
                f"{option.file}#received",
                "late_offer",
                f"{option.received:%Y-%m-%d %H:%M}",
                f"by {option.deadline:%Y-%m-%d %H:%M}",
                "It is shown, but cannot be chosen.",
            )
        if option.exclusions and all(line.kind != "scope_gap" for line in option.lines):
            yield problem_at(
                case,
                f"{option.file}#exclusions",
                "exclusion_not_priced",
                f"{len(option.exclusions)} exclusions",
                "a line of kind scope_gap",
                "Price what the offer leaves out and somebody must still deliver.",
            )
        if option.is_external:
            for gate in case.gates:
                asked = [n for n in option.services if gate.answers.get(n, gate.default).answer == "unknown"]
                if asked:
                    yield problem_at(
                        case,
                        f"gates.yaml#gates.{gate.id}",
                        "gate_unknown",
                        f"unknown for {', '.join(asked)}",
                        f"an answer, as {option.id} covers them",
                        "Find out; unknown never passes.",
                    )
    for _, line, place in lines_of_options(case):
        count = (
            services[line.services[0]].driver.count if line.services and line.services[0] in services else 0
        )
        if line.kind == "price" and line.units and count and abs(line.units / count - 1) > _VOLUME_TOLERANCE:
            yield problem_at(
                case,
                f"{place}.units",
                "volume_differs",
                f"{line.units:g}",
                f"near the {count:g} of services.yaml",
                "An offer at one volume against a service at another compares unlike things.",
            )


CHECKS = (
    check_business_as_usual,
    check_option_id,
    check_services_covered,
    check_gates_met,
    check_questions_of_lines,
    check_line_kinds,
    check_line_years,
    check_units,
    check_index,
    check_chances,
    check_negative_amounts,
    check_estimates,
    check_completeness,
    check_rule_before_offers,
)

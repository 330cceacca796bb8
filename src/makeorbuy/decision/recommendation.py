"""The rule: what follows for each option and each service, from numbers that were fixed beforehand.

An option is *better* when it saves at least the materiality, and is cheaper and faster with the required
probabilities. It is *worse* when it is dearer with that probability, or saves too little with that
probability and is not faster. All else is *undecided*: cheaper but slower, dear but uncertain, or unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from makeorbuy.case.model import Case, SourcingOption
from makeorbuy.decision.gates import closed_gates, gate_findings, unknown_gates
from makeorbuy.decision.materiality import materiality_of
from makeorbuy.decision.model import OptionVerdict, Recommendation, ServiceVerdict
from makeorbuy.decision.superiority import Comparison, Values, less
from makeorbuy.foundation.figure import (
    Column,
    Figure,
    FigureSpec,
    Series,
    Value,
    address,
    figure_from,
)

OPTION = FigureSpec(
    "decision.recommendation", "text", "Utfall etter beslutningsregelen", "Outcome by the decision rule",
    "better, worse, undecided, inadmissible or not_allowed", "decision.md#the-rule-for-an-option",
)  # fmt: skip
SERVICE = FigureSpec(
    "decision.service_recommendation", "text", "Tilråding", "Recommendation",
    "keep, improve, move, not_allowed or undecided", "decision.md#the-rule-for-a-service",
)  # fmt: skip
COUNTED_UNDER = FigureSpec(
    "decision.counted_under", "text", "Regnet under", "Counted under",
    "the option whose lot the service is counted under", "decision.md#each-service-once",
)  # fmt: skip
REASONS = FigureSpec(
    "decision.service_reasons", "table", "Begrunnelse", "Reasons",
    "the conditions of the rule that decided, the weightiest first", "decision.md#the-rule-for-a-service",
)  # fmt: skip
CONFLICTS = FigureSpec(
    "decision.conflicts", "table", "Andre alternativer som sier noe annet",
    "Other options that say something else",
    "options whose outcome would give the service another recommendation", "decision.md#each-service-once",
)  # fmt: skip
FIGURES = (OPTION, SERVICE, COUNTED_UNDER, REASONS, CONFLICTS)

RULE_INPUTS = tuple(
    f"assumption:{name}"
    for name in (
        "materiality_share",
        "materiality_nok",
        "required_probability_cheaper",
        "required_probability_faster",
    )
)


@dataclass(frozen=True, slots=True)
class Standard:
    """The numbers of the rule."""

    required_cheaper: float
    required_faster: float
    materiality_nok: float


@dataclass(frozen=True, slots=True)
class Merit:
    """What the figures alone say of an option, before gates and formalities."""

    outcome: Literal["better", "worse", "undecided"]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One option with its merit and its verdict; `gates` are those it does not pass, with the service."""

    comparison: Comparison
    merit: Merit
    verdict: OptionVerdict
    gates: tuple[tuple[str, str], ...]

    @property
    def option(self) -> SourcingOption:
        """The option itself."""
        return self.comparison.option

    @property
    def is_offer(self) -> bool:
        """Whether somebody has offered it and it may be chosen; a market estimate is no offer."""
        return self.option.kind == "bid" and self.verdict.outcome in ("better", "worse", "undecided")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a service gets its recommendation: a code, the option meant, and the number that decided."""

    code: str
    option: str | None
    value: Value


def standard_of(case: Case, comparison: Comparison) -> Standard:
    """Return the numbers of the rule for an option's lot."""
    materiality = 0.0 if comparison.cost is None else materiality_of(case, comparison.cost)
    return Standard(
        case.assumptions.number("required_probability_cheaper"),
        case.assumptions.number("required_probability_faster"),
        materiality,
    )


def merit(
    saving_nok: Values | None,
    speed_change: Values | None,
    standard: Standard,
    unknown: tuple[str, ...] = (),
) -> Merit:
    """Judge an option by its draws.

    Parameters
    ----------
    saving_nok : ndarray, shape (draws,), or None
        [NOK per year]
    speed_change : ndarray, shape (draws,), or None
        Negative is faster.
    standard : Standard
    unknown : tuple of str
        Why saving or speed cannot be given.

    Returns
    -------
    Merit
        ``better``, ``worse`` or ``undecided``.

    Examples
    --------
    >>> import numpy as np
    >>> standard = Standard(0.8, 0.8, 100.0)
    >>> merit(np.full(10, 150.0), np.full(10, -0.1), standard)
    Merit(outcome='better', reasons=('cheaper_and_faster',))
    >>> merit(np.full(10, 50.0), np.full(10, 0.1), standard)
    Merit(outcome='worse', reasons=('saving_immaterial',))
    >>> merit(np.full(10, 150.0), np.full(10, 0.1), standard)
    Merit(outcome='undecided', reasons=('slower',))
    """
    # what must be likely is counted itself: one minus a share is not exact
    faster = None if speed_change is None else float(less(speed_change, 0.0).mean())
    slower = None if speed_change is None else float(less(-speed_change, 0.0).mean())
    if saving_nok is None:
        return Merit("undecided", unknown or ("no_ledger",))
    cheaper, dearer = float(less(-saving_nok, 0.0).mean()), float(less(saving_nok, 0.0).mean())
    too_little = float((saving_nok < standard.materiality_nok).mean())
    if dearer >= standard.required_cheaper:
        return Merit("worse", ("dearer",))
    if too_little >= standard.required_cheaper and faster is not None and faster < standard.required_faster:
        return Merit("worse", ("saving_immaterial",))
    reasons = list(unknown)
    if slower is not None and slower >= standard.required_faster:
        reasons.append("slower")
    elif faster is not None and faster < standard.required_faster:
        reasons.append("faster_not_certain")
    if cheaper < standard.required_cheaper:
        reasons.append("cheaper_not_certain")
    if saving_nok.mean() < standard.materiality_nok:
        reasons.append("saving_below_materiality")
    return Merit("undecided", tuple(reasons)) if reasons else Merit("better", ("cheaper_and_faster",))


def judge(case: Case, comparison: Comparison) -> Judged:
    """Return the verdict on one option: gates first, then formalities, then merit."""
    option = comparison.option
    unknown = tuple(
        dict.fromkeys(code for code in (comparison.cost_reason, comparison.speed_reason) if code is not None)
    )
    by_figures = merit(comparison.saving_nok, comparison.speed_change, standard_of(case, comparison), unknown)
    findings = gate_findings(case, option)
    closed = [finding for finding in findings if finding.code == "gate_no"]
    formal = formalities(option, by_figures)
    if closed:
        verdict = OptionVerdict(option.id, "not_allowed", ("gate_no",))
    elif formal or findings:
        codes = dict.fromkeys((*formal, *(finding.code for finding in findings)))
        verdict = OptionVerdict(option.id, "inadmissible", (*codes, *by_figures.reasons))
    elif option.kind == "market_estimate" and by_figures.outcome == "better":
        verdict = OptionVerdict(option.id, "undecided", ("market_estimate_only",))
    else:
        verdict = OptionVerdict(option.id, by_figures.outcome, by_figures.reasons)
    return Judged(
        comparison, by_figures, verdict, tuple((finding.code, finding.gate) for finding in findings)
    )


def formalities(option: SourcingOption, by_figures: Merit) -> tuple[str, ...]:
    """Return why an option cannot be chosen whatever its figures.

    ``late`` and ``not_to_specification`` as the case says. ``exclusion_not_priced``: it leaves something
    out that no line of the case prices, so that its cost is not that of the same thing; an offer that is
    worse all the same stays worse.
    """
    unpriced = option.exclusions and not any(line.kind == "scope_gap" for line in option.lines)
    if unpriced and by_figures.outcome != "worse":
        return (*option.inadmissible, "exclusion_not_priced")
    return option.inadmissible


def chosen_options(candidates: Iterable[tuple[str, tuple[str, ...], float]]) -> tuple[str, ...]:
    """Choose the options to follow so that each service is counted once and most is saved.

    An option is taken with its whole lot or not at all. Among equal savings the wider lots win, then the
    order of names.

    Parameters
    ----------
    candidates : iterable of (str, tuple of str, float)
        Name, services and expected saving of each option that is better than business as usual.

    Returns
    -------
    tuple of str
        Names, sorted.

    Examples
    --------
    >>> chosen_options([("wide", ("a", "b"), 9.0), ("only_a", ("a",), 5.0), ("only_b", ("b",), 3.0)])
    ('wide',)
    >>> chosen_options([("wide", ("a", "b"), 7.0), ("only_a", ("a",), 5.0), ("only_b", ("b",), 3.0)])
    ('only_a', 'only_b')
    """
    ordered = sorted(candidates, key=lambda item: (-item[2], -len(item[1]), item[0]))
    left = [math.fsum(item[2] for item in ordered[index:]) for index in range(len(ordered) + 1)]
    best: tuple[float, int, tuple[str, ...]] = (0.0, 0, ())

    def search(
        index: int, taken: tuple[str, ...], services: frozenset[str], savings: tuple[float, ...]
    ) -> None:
        nonlocal best
        total = round(math.fsum(savings), 2)  # to the øre, so that equal sums are equal
        found = (-total, len(taken), tuple(sorted(taken)))
        if found < (-best[0], best[1], best[2]):
            best = (total, len(taken), found[2])
        if index == len(ordered) or total + left[index] < best[0] - 1:
            return
        name, lot, saving = ordered[index]
        if services.isdisjoint(lot):
            search(index + 1, (*taken, name), services | frozenset(lot), (*savings, saving))
        search(index + 1, taken, services, savings)

    search(0, (), frozenset(), ())
    return best[2]


def implied(judged: Judged) -> Recommendation:
    """Return what an option's outcome alone would mean for its services."""
    outcome = judged.verdict.outcome
    if outcome == "better":
        return "move" if judged.option.is_external else "improve"
    if outcome == "worse":
        return "keep"
    return "not_allowed" if outcome == "not_allowed" else "undecided"


def _widest_first(options: Iterable[Judged]) -> list[Judged]:
    return sorted(
        options,
        key=lambda item: (
            -len(item.option.services),
            -(item.comparison.expected_saving_nok or 0.0),
            item.option.id,
        ),
    )


def judge_service(
    case: Case, service: str, judged: Mapping[str, Judged], chosen: tuple[str, ...]
) -> tuple[ServiceVerdict, tuple[Reason, ...]]:
    """Return what follows for one service, and why.

    Parameters
    ----------
    judged : mapping of str to Judged
        Every option, by name.
    chosen : tuple of str
        The options to follow, from `chosen_options`.
    """
    covering = [item for _, item in sorted(judged.items()) if service in item.option.services]
    followed = next((judged[name] for name in chosen if service in judged[name].option.services), None)
    closed = closed_gates(case, service)
    offers = [item for item in covering if item.is_offer]
    in_house = [item for item in covering if item.option.kind == "improved"]
    barred = [item for item in covering if item.verdict.outcome in ("inadmissible", "not_allowed")]
    held_up = [  # an answer would make it a valid offer that may win
        item
        for item in barred
        if item.merit.outcome != "worse"
        and all(code == "gate_unknown" for code, _ in item.gates)
        and not formalities(item.option, item.merit)
    ]
    recommendation: Recommendation
    counted: Judged | None = None
    reasons: list[Reason]
    if followed is not None:
        recommendation, counted = implied(followed), followed
        reasons = [_reason("cheaper_and_faster", followed)]
    elif closed:
        recommendation = "not_allowed"
        reasons = [Reason("gate_no", None, gate) for gate in closed]
    elif offers and all(item.verdict.outcome == "worse" for item in (*offers, *in_house)) and not held_up:
        recommendation, counted = "keep", _widest_first(offers)[0]
        reasons = [_reason(code, item) for item in _widest_first(offers) for code in item.verdict.reasons]
    else:
        recommendation = "undecided"
        open_options = [
            item for item in (*offers, *in_house) if item.verdict.outcome in ("undecided", "better")
        ]
        if open_options:
            counted = _widest_first(open_options)[0]
        reasons = [
            _reason("lot_conflict" if item.verdict.outcome == "better" else code, item)
            for item in _widest_first(open_options)
            for code in item.verdict.reasons
        ]
        reasons += [
            Reason("gate_unknown", item.option.id, gate)
            for item in held_up
            for code, gate in item.gates
            if code == "gate_unknown"
        ]
        if not offers:
            reasons.append(Reason("no_admissible_offer" if barred else "no_offer", None, None))
            reasons += [
                Reason("gate_unknown", None, gate) for gate in unknown_gates(case, service) if not held_up
            ]
    reasons += _asides(covering, reasons)
    conflicts = tuple(
        item.option.id
        for item in _widest_first(covering)
        if item is not counted
        and item.verdict.outcome in ("better", "undecided")
        and item.option.kind != "market_estimate"
        and implied(item) != recommendation
    )
    verdict = ServiceVerdict(
        service,
        recommendation,
        tuple(dict.fromkeys(reason.code for reason in reasons)),
        None if counted is None else counted.option.id,
        conflicts,
    )
    return verdict, tuple(reasons)


def _asides(covering: list[Judged], given: list[Reason]) -> list[Reason]:
    """Return what did not decide but must be named: offers that cannot be chosen, and market estimates."""
    named = {(reason.code, reason.option) for reason in given}
    formal = ("late", "not_to_specification", "exclusion_not_priced", "gate_condition_unmet")
    found = [
        _reason(code, item)
        for item in covering
        for code in item.verdict.reasons
        if item.verdict.outcome == "inadmissible" and code in formal
    ]
    found += [
        _reason("market_estimate_only", item) for item in covering if item.option.kind == "market_estimate"
    ]
    return [reason for reason in found if (reason.code, reason.option) not in named]


def _reason(code: str, item: Judged) -> Reason:
    """Return a reason with the number that the code speaks of."""
    comparison = item.comparison
    value: Value = comparison.expected_saving_nok
    if code in ("slower", "faster_not_certain") and comparison.speed_change is not None:
        value = float(less(comparison.speed_change, 0.0).mean())
    elif code == "cheaper_not_certain" and comparison.saving_nok is not None:
        value = float(less(-comparison.saving_nok, 0.0).mean())
    elif code.startswith("gate_"):
        value = next((gate for found, gate in item.gates if found == code), None)
    return Reason(code, item.option.id, value)


def recommendation_entries(
    case: Case,
    judged: Mapping[str, Judged],
    services: Mapping[str, ServiceVerdict],
    reasons: Mapping[str, tuple[Reason, ...]],
) -> list[Figure | Series]:
    """Return the verdicts as figures and series."""
    entries: list[Figure | Series] = []
    for name, item in judged.items():
        inputs = (
            *(
                address(figure, name)
                for figure in (
                    "decision.net_saving_nok",
                    "decision.materiality_nok",
                    "decision.probability_cheaper",
                    "decision.probability_faster",
                )
            ),
            *RULE_INPUTS,
        )
        entries.append(figure_from(OPTION, (name,), item.verdict.outcome, inputs=inputs))
    conflict_rows: list[tuple[Value, ...]] = []
    for service in case.services:
        verdict = services[service.id]
        covering = [name for name, item in judged.items() if service.id in item.option.services]
        inputs = tuple(address(OPTION.name, name) for name in covering) or RULE_INPUTS
        entries.append(figure_from(SERVICE, (service.id,), verdict.recommendation, inputs=inputs))
        counted = verdict.counted_under
        entries.append(
            figure_from(
                COUNTED_UNDER, (service.id,), counted, reason=None if counted else "no_option", inputs=inputs
            )
        )
        rows = tuple((reason.code, reason.option, reason.value) for reason in reasons[service.id])
        columns = (Column("code", "code"), Column("option", "id"), Column("value", "mixed"))
        entries.append(Series(address(REASONS.name, service.id), columns, rows, None, inputs))
        conflict_rows += [
            (service.id, name, judged[name].verdict.outcome, counted) for name in verdict.conflicts
        ]
    conflict_columns = (
        Column("service", "id"),
        Column("option", "id"),
        Column("outcome", "code"),
        Column("counted_under", "id"),
    )
    every = tuple(address(OPTION.name, name) for name in judged)
    entries.append(Series(CONFLICTS.name, conflict_columns, tuple(conflict_rows), None, every))
    return entries

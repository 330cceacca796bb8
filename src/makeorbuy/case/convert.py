"""From the declared parts of the files to the frozen types of the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from makeorbuy.case import model, schema
from makeorbuy.case.assumptions import Assumption, Assumptions, declarations
from makeorbuy.case.faults import unknown_word
from makeorbuy.case.fields import Bilingual, Part, Quantity
from makeorbuy.foundation.errors import Problem

MAPPING = "evidence/mapping.yaml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNCHANGED = model.SpeedStatement("unchanged")


@dataclass(frozen=True, slots=True)
class Converted:
    """The case, and problems that only show when values meet their declaration."""

    case: model.Case
    problems: tuple[Problem, ...]


def convert(
    *,
    parts: Mapping[str, Any],
    options: Sequence[tuple[str, schema.OptionFile]],
    overrides: Sequence[tuple[str, schema.OverridePart]],
    allocation_keys: dict[str, dict[str, float]],
    ledger_rules: Sequence[tuple[int, schema.LedgerRow]],
    evidence_paths: Mapping[str, Path],
) -> Converted:
    """Return the case that the parts say; what is missing because it was broken is left empty.

    Parameters
    ----------
    parts : mapping
        File name to its part, None where there is none.
    options, overrides, ledger_rules : sequences
        With the file, the name or the record of each.
    allocation_keys : dict
    evidence_paths : mapping
        Absolute paths that replace those of the mapping, by kind.
    """
    head: schema.CaseFile | None = parts["case.yaml"]
    listed = parts["services.yaml"]
    services = tuple(_service(part) for part in (listed.services if listed else ()))
    ids = tuple(service.id for service in services)
    horizon = head.horizon_years if head else _HORIZON_OF_A_BROKEN_HEAD
    made = [_option(file, part, ids, horizon) for file, part in options]
    made.sort(key=lambda option: (option.kind != "business_as_usual", option.id))
    if not any(option.kind == "business_as_usual" for option in made):
        made.insert(0, _implied_business_as_usual(ids))
    assumptions, problems = _assumptions(overrides)
    mapping = parts[MAPPING]
    calendar = _calendar(head.calendar) if head else _NO_CALENDAR
    case = model.Case(
        title=_words(head.title) if head else _NOTHING,
        agency=_words(head.agency) if head else _NOTHING,
        stage=head.stage if head else "tender",
        language=head.language if head else "nb",
        price_year=head.price_year if head else 2000,
        horizon_years=horizon,
        period=model.Period(head.period.start, head.period.end) if head else _ALL_TIME,
        calendar=calendar,
        rule=_rule(head),
        seed=head.seed if head else 0,
        services=services,
        options=tuple(made),
        gates=tuple(_gate(part) for part in _listed(parts["gates.yaml"], "gates")),
        questions=tuple(
            model.Question(q.id, _words(q.text), _words(q.ask), _words(q.effort), tuple(q.options))
            for q in _listed(parts["questions.yaml"], "questions")
        ),
        stakeholders=tuple(
            model.Stakeholder(s.id, _words(s.name), _words(s.role), _words(s.position), s.left_on)
            for s in _listed(parts["stakeholders.yaml"], "stakeholders")
        ),
        sources=tuple(_source(s, calendar.time_zone, evidence_paths) for s in _listed(mapping, "sources")),
        ledger_rules=tuple(_ledger_rule(record, row) for record, row in ledger_rules),
        allocation_keys=allocation_keys,
        outside_ledger=tuple(
            model.OutsideLedger(
                o.service,
                _words(o.name),
                o.nok_per_year,
                o.is_staff,
                _words(o.paid_by),
                o.source,
                _place("outside_ledger.yaml", o),
            )
            for o in _listed(parts["outside_ledger.yaml"], "outside_ledger")
        ),
        assumptions=assumptions,
    )
    return Converted(case, tuple(problems))


def with_places(
    case: model.Case, digests: dict[str, str], values: dict[str, str], lines: dict[str, int]
) -> model.Case:
    """Return the case with the digest of every file and the place of everything written, sorted."""
    return replace(
        case,
        digests=dict(sorted(digests.items())),
        values=dict(sorted(values.items())),
        lines=lines,
    )


_HORIZON_OF_A_BROKEN_HEAD = 100
_NOTHING = model.LocalText("", "")
_ALL_TIME = model.Period(datetime(1970, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - wall clock of the agency
_NO_CALENDAR = model.WorkingCalendar(None, (None,) * 7, (), "UTC")


def _listed(part: Any, name: str) -> Any:
    return getattr(part, name) if part is not None else ()


def _place(file: str, part: Part) -> str:
    return f"case:{file}#{part.path}"


def _words(part: Bilingual) -> model.LocalText:
    return model.LocalText(part.nb, part.en)


def _uncertain(file: str, part: Quantity, path: str) -> model.Uncertain:
    return model.Uncertain(part.kind, part.values, part.source, part.by, f"case:{file}#{path}")


def _rule(head: schema.CaseFile | None) -> model.Rule:
    if head is None or head.rule is None:
        return model.Rule(None, None)
    return model.Rule(head.rule.fixed_on, _words(head.rule.fixed_by))


def _calendar(part: schema.CalendarPart) -> model.WorkingCalendar:
    return model.WorkingCalendar(
        part.country,
        tuple(getattr(part.hours, day) for day in WEEKDAYS),
        tuple(model.Holiday(day.day, day.name) for day in part.days_off),
        part.time_zone,
    )


def _service(part: schema.ServicePart) -> model.Service:
    file, path = "services.yaml", part.path
    return model.Service(
        id=part.id,
        name=_words(part.name),
        owner=part.owner,
        teams=tuple(part.teams),
        categories=tuple(part.categories),
        speed_measure=part.speed_measure,
        clock=part.clock,
        target=model.Target(part.target.hours, part.target.share) if part.target else None,
        driver=model.CostDriver(
            _words(part.cost_driver.name), part.cost_driver.count, part.cost_driver.source
        ),
        avoidable=model.Avoidable(
            _uncertain(file, part.avoidable.share, f"{path}.avoidable.share"),
            tuple(part.avoidable.run_off),
            _words(part.avoidable.reason) if part.avoidable.reason else None,
        ),
        place=_place(file, part),
    )


def _option(file: str, part: schema.OptionFile, every: tuple[str, ...], horizon: int) -> model.SourcingOption:
    covered = tuple(part.services) if part.services is not None else ()
    speed = {name: _speed(file, said, name) for name, said in part.speed.items()}
    if part.kind == "business_as_usual":
        covered = covered or every
        speed = {name: speed.get(name, _UNCHANGED) for name in covered} | speed
    return model.SourcingOption(
        id=part.id,
        name=_words(part.name),
        short_name=_words(part.short_name or part.name),
        kind=part.kind,
        services=covered,
        supplier=part.supplier,
        received=part.received,
        deadline=part.deadline,
        source=part.source,
        meets=tuple(part.meets),
        lines=tuple(_line(file, line, covered, horizon) for line in part.lines),
        speed=speed,
        teams=tuple(_team(file, team) for team in part.teams),
        handoffs=tuple(
            model.HandoffChange(
                one.from_team,
                one.to_team,
                _uncertain(file, one.factor, f"{one.path}.factor"),
                _place(file, one),
            )
            for one in part.handoffs
        ),
        entry=tuple(model.Entry(tuple(one.services), one.team, _place(file, one)) for one in part.entry),
        demand={name: _uncertain(file, value, f"demand.{name}") for name, value in part.demand.items()},
        exclusions=tuple(_words(words) for words in part.exclusions),
        remarks=tuple(_words(words) for words in part.remarks),
        file=file,
        not_to_specification=_words(part.not_to_specification) if part.not_to_specification else None,
    )


def _implied_business_as_usual(every: tuple[str, ...]) -> model.SourcingOption:
    return model.SourcingOption(
        id="business_as_usual",
        name=model.LocalText("Nullalternativet", "Business as usual"),
        short_name=model.LocalText("Nullalternativet", "Business as usual"),
        kind="business_as_usual",
        services=every,
        supplier=None,
        received=None,
        deadline=None,
        source=None,
        meets=(),
        lines=(),
        speed=dict.fromkeys(every, _UNCHANGED),
    )


def _line(file: str, part: schema.LinePart, covered: tuple[str, ...], horizon: int) -> model.CostLine:
    first, last = part.years or ((0, 0) if part.per == "once" else (1, horizon))
    return model.CostLine(
        id=part.id,
        name=_words(part.name),
        kind=part.kind,
        amount=_uncertain(file, part.amount, f"{part.path}.amount"),
        per=part.per,
        units=part.units,
        from_year=first,
        to_year=last,
        growth=part.growth or "consumer_prices",
        index_wage_share=part.index_wage_share or 0.0,
        chance=part.chance,
        question=part.question,
        falls_away=part.falls_away,
        services=tuple(part.services) if part.services is not None else covered,
    )


def _speed(file: str, part: schema.SpeedPart, service: str) -> model.SpeedStatement:
    path = f"speed.{service}"

    def uncertain(name: str) -> model.Uncertain | None:
        value = getattr(part, name)
        return _uncertain(file, value, f"{path}.{name}") if value else None

    if part.promised is not None:
        kind = "promised"
    elif part.from_teams:
        kind = "teams"
    else:
        kind = "change" if part.time_factor else "unchanged"
    return model.SpeedStatement(
        kind=kind,  # type: ignore[arg-type]  # one of the four words above
        time_factor=uncertain("time_factor"),
        promises=tuple(model.Promise(p.share, p.hours) for p in part.promised or ()),
        kept_share_of_months=uncertain("kept_share_of_months"),
        share_when_missed=uncertain("share_when_missed"),
        place=f"case:{file}#{path}",
        clock=part.clock,
    )


def _team(file: str, part: schema.TeamPart) -> model.TeamChange:
    def uncertain(name: str) -> model.Uncertain | None:
        value = getattr(part, name)
        return _uncertain(file, value, f"{part.path}.{name}") if value else None

    return model.TeamChange(
        part.team, uncertain("people_factor"), uncertain("work_factor"), uncertain("stay_factor"),
        uncertain("handoff_factor"), _place(file, part), uncertain("people"), part.hours, part.free_day_hours,
        tuple(part.takes_over), part.first_weeks, uncertain("first_people_factor"),
        part.order, tuple(part.helps),
    )  # fmt: skip


def _answer(part: schema.AnswerPart) -> model.GateAnswer:
    return model.GateAnswer(part.answer, _words(part.condition) if part.condition else None)


def _gate(part: schema.GatePart) -> model.Gate:
    return model.Gate(
        part.id,
        _words(part.name),
        part.source,
        _answer(part.default),
        {service: _answer(answer) for service, answer in part.answers.items()},
    )


def _source(part: schema.SourcePart, zone: str, given: Mapping[str, Path]) -> model.Source:
    teams = {canonical: canonical for canonical in part.teams}
    teams |= {spelling: canonical for canonical, many in part.teams.items() for spelling in many}
    return model.Source(
        kind=part.kind,
        path=str(given[part.kind]) if part.kind in given else part.file[0],
        shape=part.shape,
        encoding=part.encoding,
        delimiter=part.delimiter,
        decimal=part.decimal,
        time_zone=part.time_zone or zone,
        date_format=part.date_format[0],
        missing=tuple(part.missing),
        columns=dict(part.columns),
        states=_by_spelling(part.states),
        types=_by_spelling(part.types),
        constant_type=part.constant_type,
        teams=teams,
        fold=part.fold,
        exported_at=part.exported_at,
        selection=part.selection,
        place=_place(MAPPING, part),
        reader=part.reader,
        header_row=part.header_row,
        sheet=part.sheet or "",
        further_paths=() if part.kind in given else tuple(part.file[1:]),
        services=_by_spelling(part.services),
        employments=_by_spelling(part.employments),
        handling_unit=part.handling_unit or "",
        kinds=_by_spelling(part.kinds),
        rates=dict(part.rates),
        leave_out={column: tuple(values) for column, values in part.leave_out.items()},
        further_date_formats=tuple(part.date_format[1:]),
    )


def _by_spelling(tables: Mapping[Any, list[str]]) -> dict[str, str]:
    return {spelling: word for word, many in tables.items() for spelling in many}


def _ledger_rule(record: int, row: schema.LedgerRow) -> model.LedgerRule:
    return model.LedgerRule(
        row.cost_centre,
        row.account_from,
        row.account_to,
        row.kind,
        row.target or "",
        row.is_staff,
        row.component_nb,
        row.component_en,
        record,
    )


def _assumptions(overrides: Sequence[tuple[str, schema.OverridePart]]) -> tuple[Assumptions, list[Problem]]:
    known, made, problems = declarations(), {}, []
    for name, part in overrides:
        declared = known.get(name)
        if declared is None:
            problems.append(
                _fault(
                    "unknown_assumption",
                    name,
                    f"the assumption `{name}`",
                    "a declared assumption",
                    unknown_word(name, known) or "docs/case-folder.md lists every one.",
                )
            )
            continue
        low, high, count = declared.minimum, declared.maximum, len(declared.default)
        shown = ", ".join(f"{value:g}" for value in part.value)
        if len(part.value) != count:
            expected = "[P10, P50, P90]" if count == 3 else "one number"
            problems.append(_fault("assumption_shape", name, shown, expected, f"Unit: {declared.unit}."))
        elif declared.type == "int" and not part.value[0].is_integer():
            problems.append(
                _fault("assumption_shape", name, shown, "a whole number", f"Unit: {declared.unit}.")
            )
        elif not all(low <= value <= high for value in part.value):
            problems.append(
                _fault(
                    "assumption_out_of_range",
                    name,
                    shown,
                    f"between {low:g} and {high:g}",
                    f"Unit: {declared.unit}.",
                )
            )
        elif list(part.value) != sorted(part.value):
            problems.append(
                _fault("uncertain_out_of_order", name, shown, "P10 ≤ P50 ≤ P90", "Swap the values.")
            )
        else:
            made[name] = Assumption(declared, part.value, True, part.source, part.why)
    return Assumptions(made), problems


def _fault(code: str, name: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(
        code,
        "assumptions.yaml",
        None,
        f"{name}.value" if code != "unknown_assumption" else name,
        found,
        expected,
        mend,
    )

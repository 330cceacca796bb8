"""The one declaration of the files that people write: every field, its meaning, its default.

pydantic checks the shape here and nowhere else; `makeorbuy.case.loading` turns what passes into the
frozen types of `makeorbuy.case.model`, and `makeorbuy.case.reference` turns the descriptions into
``docs/case-folder.md``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from makeorbuy.case.fields import (
    Bilingual,
    Country,
    Day,
    Flag,
    Hours,
    Moment,
    Number,
    Part,
    Quantity,
    Slug,
    Whole,
    Words,
    Years,
    Zone,
    fault,
    number,
    words,
)
from makeorbuy.case.model import Answer, Clock, Growth, LineKind, OptionKind, SpeedMeasure, Stage

# ---- case.yaml


class PeriodPart(Part):
    """The period that the baseline measures."""

    start: Moment = Field(description="First day, or local date and time; included.")
    end: Moment = Field(
        description="The cut, not included: what the records say after it is hidden, and a ticket that was "
        "resolved later is still open."
    )


class WeekPart(Part):
    """Opening hours by weekday; a day that is left out is closed."""

    monday: Hours = Field(None, description='Such as "08:00-16:00", or closed.')
    tuesday: Hours = Field(None, description="The same.")
    wednesday: Hours = Field(None, description="The same.")
    thursday: Hours = Field(None, description="The same.")
    friday: Hours = Field(None, description="The same.")
    saturday: Hours = Field(None, description="The same.")
    sunday: Hours = Field(None, description="The same.")


class DayOffPart(Part):
    """A day on which the agency does not work, beside the public holidays."""

    day: Day = Field(description="The day.")
    name: Words = Field(description="What it is called.")


class CalendarPart(Part):
    """When the agency works (*arbeidstid*): the working clock runs then and stands still otherwise."""

    country: Country = Field(
        description="Country code for public holidays, such as NO; none for no public holidays."
    )
    time_zone: Zone = Field(description="The agency's time zone, such as Europe/Oslo.")
    hours: WeekPart = Field(description="Opening hours by weekday.")
    days_off: list[DayOffPart] = Field(default_factory=list, description="Further days off.")


class RulePart(Part):
    """When and by whom the decision rule was fixed; its numbers are assumptions."""

    fixed_on: Day = Field(description="Before the first offer was opened, or the rule is worth nothing.")
    fixed_by: Bilingual = Field(description="Who fixed it.")


class CaseFile(Part):
    """`case.yaml`: the question and its frame (*utredningen*)."""

    title: Bilingual = Field(description="What the case is called.")
    agency: Bilingual = Field(description="Whose case it is.")
    stage: Stage = Field(
        "screening", description="How far the market has been asked: screening, dialogue, tender, contract."
    )
    language: Literal["nb", "en"] = Field("nb", description="Language of the brief.")
    price_year: Whole = Field(description="Every amount is in kroner of this year (*kroneår*).")
    horizon_years: Whole = Field(5, description="Years compared, the same for every option.")
    period: PeriodPart = Field(description="What the baseline measures.")
    seed: Whole = Field(0, description="Recorded start of the random numbers; 0 is a seed.")
    calendar: CalendarPart = Field(description="When the agency works.")
    rule: RulePart | None = Field(None, description="When the decision rule was fixed, and by whom.")


# ---- services.yaml


class TargetPart(Part):
    """A service level (*frist*): this share within this many hours on the service's clock."""

    hours: Number = Field(description="Hours.")
    share: Number = Field(description="Share in (0, 1].")


class DriverPart(Part):
    """What the cost is counted per (*kostnadsdriver*): user, device, server, terabyte, site."""

    name: Bilingual = Field(description="One of them, in the singular.")
    count: Number = Field(description="How many.")
    source: Words | None = Field(None, description="Where the number comes from.")


class AvoidablePart(Part):
    """The share of today's cost that falls away if the service leaves (*bortfallende kostnad*)."""

    share: Quantity = Field(description="Share in [0, 1] that has fallen away in the end.")
    run_off: list[Number] = Field(
        default_factory=lambda: [1.0],
        description="How much of `share` is gone by year 1, 2, …: rising in [0, 1]; the last holds on.",
    )
    reason: Bilingual | None = Field(None, description="Why the rest remains.")


class ServicePart(Part):
    """One ICT service (*tjeneste*): a ticket belongs to it by its team and its category."""

    id: Slug = Field(description="Short name in files and figures.")
    name: Bilingual = Field(description="Name that people see.")
    owner: Words | None = Field(None, description="Who answers for it.")
    teams: list[Words] = Field(
        default_factory=list, description="Teams whose tickets are its own; all teams if none."
    )
    categories: list[Words] = Field(
        default_factory=list,
        description="Categories that are its own; all categories if none. Neither: no tickets.",
    )
    speed_measure: SpeedMeasure = Field(
        "restore",
        description="restore (incidents), fulfil (requests), change_lead_time (changes), or none.",
    )
    clock: Clock = Field(
        "elapsed", description="elapsed (round the clock) or working (only while the agency works)."
    )
    target: TargetPart | None = Field(None, description="The service level today, if there is one.")
    cost_driver: DriverPart = Field(description="What its cost is counted per.")
    avoidable: AvoidablePart = Field(description="What falls away if it leaves.")


class ServicesFile(Part):
    """`services.yaml`: the catalogue (*tjenestekatalogen*)."""

    services: list[ServicePart] = Field(description="Every service once.")


# ---- options/*.yaml


class LinePart(Part):
    """One line of an option's cost (*kostnadslinje*)."""

    id: Slug = Field(description="Short name, once in the option.")
    name: Bilingual = Field(description="Name that people see.")
    kind: LineKind = Field(
        description="price (paid to the supplier), scope_gap (what the offer leaves out), retained (those "
        "who buy and steer), transition, parallel_run, exit, risk (may or may not happen), measure (an "
        "improvement in house: cost positive, saving negative), adopted (business as usual: decided)."
    )
    amount: Quantity = Field(description="Kroner of the price year, net of VAT that is refunded.")
    per: Literal["year", "unit_month", "unit_year", "once"] = Field(
        "year", description="year, once, or per unit of the cost driver and month or year."
    )
    units: Number | None = Field(
        None, description="Units for unit_*; by default the count of the first service covered."
    )
    years: Years | None = Field(
        None,
        description="First and last year, both included; year 0 is the establishment. By default years of "
        "operation; for once [0, 0].",
    )
    growth: Growth | None = Field(
        None,
        description="wages, prices, consumer_prices, contract_index or fixed_nominal; a price must say, the "
        "others follow consumer prices if they do not.",
    )
    index_wage_share: Number | None = Field(
        None, description="For contract_index: share of the index that is wages."
    )
    chance: Number | None = Field(
        None, description="Probability that the line happens at all; a risk must say."
    )
    question: Slug | None = Field(None, description="The open question that would settle it.")
    falls_away: Flag = Field(True, description="For adopted: whether it ends when the service leaves.")
    services: list[Slug] | None = Field(
        None, description="Services that it falls on; by default all of the option."
    )

    @model_validator(mode="after")
    def _growth_of_a_price(self) -> Self:
        if self.kind == "price" and self.growth is None:
            raise fault(
                "price_without_growth",
                "`growth` on a line of kind price",
                "Write how the contract adjusts the price; fixed_nominal if it never does.",
            )
        return self


class PromisePart(Part):
    """One promised point: this share within this many hours."""

    share: Number = Field(description="Share in (0, 1).")
    hours: Number = Field(description="Hours on the service's clock.")


class TeamPart(Part):
    """What the option changes in one team against how it is today, from which times are simulated."""

    team: Words = Field(description="Name of the team, as in services.yaml.")
    people: Quantity | None = Field(
        None, description="People who take tickets on a worked day, in place of today's (or people_factor)."
    )
    people_factor: Quantity | None = Field(
        None, description="The same as a factor on today: 1.25 is one more where there are four."
    )
    hours: Hours = Field(
        None, description='Opening hours on worked days, such as "07:00-21:00"; the same work time is spread.'
    )
    free_day_hours: Hours = Field(None, description="Opening hours on free days, with as many at work.")
    work_factor: Quantity | None = Field(None, description="Work of a visit; 0.9 is ten per cent less.")
    stay_factor: Quantity | None = Field(
        None, description="Time for which a ticket lies aside or awaits its user or a vendor."
    )
    handoff_factor: Quantity | None = Field(
        None, description="Share that goes on to another team; 0.5 ends half of those where they are."
    )
    order: Literal["first_come", "priority", "preemptive", "due_date"] | None = Field(
        None,
        description="Who is next: first_come, priority, preemptive (urgent ones interrupt), due_date.",
    )
    helps: list[Words] = Field(
        default_factory=list, description="Teams whose queues its people serve when their own is empty."
    )
    takes_over: list[Words] = Field(
        default_factory=list, description="Teams whose tickets and people become this team's."
    )
    first_weeks: Whole = Field(
        0, ge=0, le=104, description="Weeks until it works as stated (transition, learning)."
    )
    first_people_factor: Quantity | None = Field(
        None, description="With first_weeks: share of the stated people at the start, rising to all of them."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.people is not None and self.people_factor is not None:
            raise fault(
                "people_said_twice",
                "one of `people`, `people_factor`",
                "Keep the one that you have a source for.",
            )
        if (self.first_weeks > 0) != (self.first_people_factor is not None):
            raise fault(
                "first_weeks_incomplete",
                "`first_weeks` and `first_people_factor` together",
                "Write how many weeks, and which share of the people work as stated on the first day.",
            )
        return self


class HandoffPart(Part):
    """Another share of tickets that one team hands to another; the rest ends where it is."""

    from_team: Words = Field(description="The team that hands over.")
    to_team: Words = Field(description="The team that it hands to.")
    factor: Quantity = Field(description="On today's share; 0 ends these hand-offs.")


class EntryPart(Part):
    """One team that sees all new tickets first."""

    services: list[Slug] = Field(description="Services whose new tickets come to it.")
    team: Words = Field(description="Name of the team, as in services.yaml.")


class SpeedPart(Part):
    """What the option says about the speed of one service: one of the four."""

    unchanged: Flag | None = Field(None, description="true: as measured today.")
    time_factor: Quantity | None = Field(
        None, description="Every time is multiplied by it; below 1 is faster."
    )
    promised: list[PromisePart] | None = Field(
        None, description="Points of the promised service level, rising."
    )
    kept_share_of_months: Quantity | None = Field(
        None, description="With promised: share of months in which the promise is kept."
    )
    share_when_missed: Quantity | None = Field(
        None,
        description="With promised: share reached within the last promised hours in a month of a miss.",
    )
    from_teams: Flag | None = Field(
        None,
        description="true: simulated from the option's `teams`, if the model passes its backtest; needs the "
        "extra makeorbuy[simulate] and a log of changes.",
    )
    clock: Clock | None = Field(
        None, description="The clock the statement is made on; must be the service's own."
    )

    @model_validator(mode="after")
    def _one_statement(self) -> Self:
        given = [
            self.unchanged is True, self.time_factor is not None, self.promised is not None,
            self.from_teams is True,
        ]  # fmt: skip
        only_promise = self.promised is None and (self.kept_share_of_months or self.share_when_missed)
        if (
            sum(given) != 1
            or False in (self.unchanged, self.from_teams)
            or only_promise
            or self.promised == []
        ):
            raise fault(
                "speed_statement_unclear",
                "one of `unchanged: true`, `time_factor`, `promised`, `from_teams: true`",
                "Keep one of the four; kept_share_of_months belongs to promised.",
            )
        return self


class OptionFile(Part):
    """`options/<id>.yaml`: a way to deliver a set of services (*alternativ*; the set is a *delkontrakt*)."""

    id: Slug = Field(description="The same as the name of the file.")
    name: Bilingual = Field(description="Name that people see.")
    short_name: Bilingual | None = Field(None, description="For charts; by default the name.")
    kind: OptionKind = Field(
        description="business_as_usual (*nullalternativet*), improved, bid or market_estimate."
    )
    services: list[Slug] | None = Field(
        None, description="Services covered; business_as_usual may leave it out: all."
    )
    supplier: Words | None = Field(None, description="Who offers.")
    received: Moment | None = Field(None, description="When the offer came, local time.")
    deadline: Moment | None = Field(
        None, description="The deadline for offers; a later offer is inadmissible."
    )
    source: Words | None = Field(None, description="The document; a market_estimate must have one.")
    meets: list[Slug] = Field(default_factory=list, description="Gates whose condition the offer meets.")
    not_to_specification: Bilingual | None = Field(
        None, description="Why the offer departs from the specification, if it does: it is then inadmissible."
    )
    exclusions: list[Bilingual] = Field(default_factory=list, description="What the offer leaves out.")
    remarks: list[Bilingual] = Field(default_factory=list, description="What else a reader should know.")
    lines: list[LinePart] = Field(default_factory=list, description="Every line of cost.")
    teams: list[TeamPart] = Field(
        default_factory=list, description="What it changes in its teams; a service says from_teams."
    )
    handoffs: list[HandoffPart] = Field(
        default_factory=list, description="Hand-offs between two teams that become fewer or more."
    )
    entry: list[EntryPart] = Field(
        default_factory=list,
        description="Teams that see all new tickets of a service first, and pass on as many unread as today.",
    )
    demand: dict[Slug, Quantity] = Field(
        default_factory=dict, description="Factor on the number of new tickets, by service, 0.01 to 10."
    )
    speed: dict[Slug, SpeedPart] = Field(
        default_factory=dict, description="What is said of each service's speed."
    )


# ---- gates, questions, stakeholders, assumptions, outside_ledger


class AnswerPart(Part):
    """The answer to a gate; a plain word stands for an answer without condition."""

    answer: Answer = Field(
        description="yes (others may deliver), no, conditional, or unknown, which never passes."
    )
    condition: Bilingual | None = Field(None, description="With conditional: what must hold.")

    @classmethod
    def unfolded(cls, data: Any) -> Any:
        """Return a plain word as an answer."""
        return {"answer": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _condition(self) -> Self:
        if (self.answer == "conditional") != (self.condition is not None):
            raise fault(
                "gate_condition",
                "a `condition` when the answer is conditional, and only then",
                "Write what must hold, or answer yes, no or unknown.",
            )
        return self


class GatePart(Part):
    """An absolute requirement on letting others deliver (*absolutt krav*)."""

    id: Slug = Field(description="Short name; offers state it in `meets`.")
    name: Bilingual = Field(description="Name that people see.")
    source: Words | None = Field(None, description="The law or decision behind it.")
    default: AnswerPart = Field(description="Answer for every service that is not listed.")
    answers: dict[Slug, AnswerPart] = Field(default_factory=dict, description="Answers by service.")


class GatesFile(Part):
    """`gates.yaml`: absolute requirements."""

    gates: list[GatePart] = Field(description="Every gate once.")


class QuestionPart(Part):
    """An open question that would settle something (*finn ut først*)."""

    id: Slug = Field(description="Short name; lines state it in `question`.")
    text: Bilingual = Field(description="The question.")
    ask: Bilingual = Field(description="Whom to ask.")
    effort: Bilingual = Field(description="What it takes to find out.")
    options: list[Slug] = Field(default_factory=list, description="Options that the answer bears on.")


class QuestionsFile(Part):
    """`questions.yaml`: what is not known yet."""

    questions: list[QuestionPart] = Field(description="Every question once.")


class StakeholderPart(Part):
    """Somebody who has a say, or had one (*interessent*)."""

    id: Slug = Field(description="Short name.")
    name: Bilingual = Field(description="Who: a function rather than a person's name.")
    role: Bilingual = Field(description="In what role.")
    position: Bilingual = Field(description="What they say, in their words.")
    left_on: Day | None = Field(None, description="When they left, if they have.")


class StakeholdersFile(Part):
    """`stakeholders.yaml`: who has a say."""

    stakeholders: list[StakeholderPart] = Field(description="Everybody once.")


def _one_or_three(value: Any) -> tuple[float, ...]:
    if isinstance(value, list) and len(value) == 3:
        return tuple(number(part) for part in value)
    if isinstance(value, str):
        return (number(value),)
    raise fault(
        "not_a_number", "a number, or three as [P10, P50, P90]", "Write it as in the table of assumptions."
    )


class OverridePart(Part):
    """What the case says instead of a default."""

    value: Annotated[tuple[float, ...], BeforeValidator(_one_or_three)] = Field(
        description="One number, or [P10, P50, P90] for an uncertain assumption."
    )
    why: Words = Field(description="Why the default does not fit.")
    source: Words | None = Field(None, description="Where the value comes from.")


class OutsidePart(Part):
    """A cost of a service that the provider's own ledger does not hold, such as seconded people."""

    service: Slug = Field(description="The service.")
    name: Bilingual = Field(description="What it is.")
    nok_per_year: Number = Field(description="Kroner of the price year.")
    is_staff: Flag = Field(description="Whether it grows with wages.")
    paid_by: Bilingual = Field(description="Who pays.")
    source: Words | None = Field(None, description="Where the amount comes from.")


class OutsideFile(Part):
    """`outside_ledger.yaml`: what others pay (*utenfor regnskapet*)."""

    outside_ledger: list[OutsidePart] = Field(description="Every such cost once.")


# ---- evidence/mapping.yaml

SourceKind = Literal[
    "tickets",
    "ticket_events",
    "ledger",
    "accounts",
    "request_counts",
    "staffing",
    "outages",
    "leave",
    "initiatives",
    "matters",
]


class SourcePart(Part):
    """One file of the organisation's own records and the declared rules of its export."""

    kind: SourceKind = Field(description="What it holds; each kind once.")
    file: Annotated[
        list[Words], BeforeValidator(lambda value: value if isinstance(value, list) else [value])
    ] = Field(
        min_length=1,
        max_length=500,
        description="Path below evidence/; several exports of the same columns as a list, oldest first, or "
        "as a pattern with * or ?, in order of name.",
    )
    reader: Slug = Field(
        "delimited",
        description="Who makes rows of it: delimited, workbook, json, xml, sqlite, or a source system that "
        "`makeorbuy map FILE` has recognised.",
    )
    sheet: Words | None = Field(
        None, description="Sheet of a workbook, table of a database, list of a JSON document."
    )
    header_row: Whole = Field(1, ge=1, le=100, description="Row on which the header stands, from 1.")
    shape: Literal["row_per_ticket", "row_per_event"] = Field(
        "row_per_ticket", description="For tickets: a row per ticket, or a row for each change of a ticket."
    )
    encoding: Words = Field("utf-8", description="utf-8, cp1252 …")
    delimiter: Annotated[str, BeforeValidator(lambda value: "\t" if value == "tab" else words(value))] = (
        Field(",", description='Such as "," or ";", or the word tab.')
    )
    decimal: Literal[".", ","] = Field(".", description="Decimal sign.")
    time_zone: Zone | None = Field(
        None, description="Zone of the times in the file; where there are times it must be said."
    )
    date_format: Annotated[
        list[Words], BeforeValidator(lambda value: value if isinstance(value, list) else [value])
    ] = Field(
        ["%Y-%m-%d %H:%M"],
        min_length=1,
        description="As in strftime, such as %d.%m.%Y %H:%M; or excel_serial, excel_serial_1904, "
        "epoch_seconds or epoch_milliseconds. Never guessed. Several where columns differ, "
        "such as a closing by date only; no text may fit two of them.",
    )
    handling_unit: (
        Literal["hours", "minutes", "seconds", "h:mm", "h:mm:ss", "since_1970", "in_words"] | None
    ) = Field(
        None,
        description="What handling_time is written in: hours, minutes or seconds as a number; h:mm; h:mm:ss; "
        "since_1970 (a date that long after it began); in_words (1 Day 4 Hours). Never guessed.",
    )
    missing: list[Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]] = Field(
        default_factory=lambda: [""], description='Texts that mean nothing, such as "" or "?".'
    )
    columns: dict[str, Words] = Field(description="Field of the contract: column of the file.")
    states: dict[
        Literal["open", "waiting", "resolved", "closed", "cancelled", "transferred"], list[Words]
    ] = Field(
        default_factory=dict,
        description="Word of the contract: spellings in the file; transferred is for matters only.",
    )
    types: dict[Literal["incident", "request", "change"], list[Words]] = Field(
        default_factory=dict, description="Word of the contract: spellings in the file."
    )
    constant_type: Literal["incident", "request", "change"] | None = Field(
        None, description="When the file has no column for the type."
    )
    teams: dict[str, list[Words]] = Field(
        default_factory=dict, description="Team as in services.yaml: further spellings in the file."
    )
    services: dict[Slug, list[Words]] = Field(
        default_factory=dict,
        description="Service: spellings in the file, such as its units, cost centres or configuration items.",
    )
    employments: dict[Literal["employee", "seconded", "consultant"], list[Words]] = Field(
        default_factory=dict, description="For staffing: word of the contract: spellings in the file."
    )
    kinds: dict[Literal["outage", "degradation", "planned"], list[Words]] = Field(
        default_factory=dict, description="For outages: word of the contract: spellings in the file."
    )
    rates: dict[Words, Annotated[Number, Field(gt=0, lt=1_000_000)]] = Field(
        default_factory=dict, description="Currency code: NOK for one unit, as the agency accounts for it."
    )
    leave_out: dict[Words, list[Words]] = Field(
        default_factory=dict,
        description="Column of the file: values whose rows do not count; they are set aside and counted.",
    )
    fold: Literal["earlier", "later", "quarantine"] = Field(
        "quarantine", description="Which instant a local time in the hour that comes twice in autumn means."
    )
    exported_at: Moment | None = Field(None, description="When the export was taken, local time of its zone.")
    selection: Words = Field("all", description="How it was selected, such as all or only_closed.")


class MappingFile(Part):
    """`evidence/mapping.yaml`: the organisation's records, their columns and rules (*datagrunnlaget*)."""

    sources: list[SourcePart] = Field(description="Every file once.")


# ---- evidence/ledger_mapping.csv, evidence/allocation_keys.yaml


class LedgerRow(Part):
    """`evidence/ledger_mapping.csv`: where the rows of a cost centre and account range go."""

    cost_centre: Words = Field(description="Exact cost centre, or * for every one that no other row names.")
    account_from: Words = Field(description="First account of the range.")
    account_to: Words = Field(description="Last account of the range, included.")
    kind: Literal["out_of_scope", "direct", "driver", "overhead"] = Field(
        description="direct (to the service in target), driver (by the allocation key in target), overhead "
        "(in proportion to direct staff cost), or out_of_scope."
    )
    target: Words | None = Field(None, description="Service or allocation key; empty otherwise.")
    is_staff: Flag = Field(description="yes or no: whether it grows with wages.")
    component_nb: Words = Field(description="Name of the row in the build-up of the unit cost, in Bokmål.")
    component_en: Words = Field(description="The same in English.")


class KeyPart(Part):
    """`evidence/allocation_keys.yaml`: a key's name, and below it a weight for each service."""

    weights: dict[Slug, Number] = Field(description="Service: weight, not negative.")

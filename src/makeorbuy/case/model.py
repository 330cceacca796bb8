"""The case as written by people: frozen types, no input or output.

`Case` is what `makeorbuy.case.loading.load_case` gives and every later stage reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from makeorbuy.case.assumptions import Assumptions

Stage = Literal["screening", "dialogue", "tender", "contract"]
OptionKind = Literal["business_as_usual", "improved", "bid", "market_estimate"]
Clock = Literal["elapsed", "working"]
SpeedMeasure = Literal["restore", "fulfil", "change_lead_time", "none"]
Answer = Literal["yes", "no", "conditional", "unknown"]
Growth = Literal["wages", "prices", "consumer_prices", "contract_index", "fixed_nominal"]
LineKind = Literal[
    "price",         # what the supplier is paid
    "scope_gap",     # what the offer leaves out and somebody must still deliver
    "retained",      # the retained organisation: those who buy and steer
    "transition",    # moving in
    "parallel_run",  # both at once
    "exit",          # moving out or back
    "risk",          # an event that may or may not happen
    "measure",       # an improvement in house: what it costs (positive) or saves (negative)
    "adopted",       # business as usual: what is already decided
]  # fmt: skip

TICKET_TYPE = {"restore": "incident", "fulfil": "request", "change_lead_time": "change"}
"""Which type of ticket each speed measure is taken on."""


@dataclass(frozen=True, slots=True)
class LocalText:
    """The same text in Bokmål and English."""

    nb: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text in ``nb`` or ``en``."""
        return self.nb if language == "nb" else self.en


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A number that may be uncertain, with where it comes from.

    Attributes
    ----------
    kind : {"exact", "quantiles", "triangle", "range"}
        ``exact`` one value; ``quantiles`` P10, P50, P90; ``triangle`` low, mode, high (the ends
        of what is possible); ``range`` P5, P95.
    values : tuple of float
    source : str or None
        A document, an offer, a person. A number without a source is shown as an assumption.
    place : str
        ``case:options/a_bid.yaml#lines.price.amount``: the key into the provenance.
    """

    kind: Literal["exact", "quantiles", "triangle", "range"]
    values: tuple[float, ...]
    source: str | None = None
    by: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A service-level target: this share within this many hours on the service's clock."""

    hours: float
    share: float


@dataclass(frozen=True, slots=True)
class CostDriver:
    """What the cost is counted per: user, device, server, terabyte, site."""

    name: LocalText
    count: float
    source: str | None


@dataclass(frozen=True, slots=True)
class Avoidable:
    """The share of today's cost that falls away if the service leaves, and how fast.

    Attributes
    ----------
    share : Uncertain
        Share of the service's yearly cost that falls away in the end.
    run_off : tuple of float
        For each year from year 1, how much of ``share`` has fallen away by then, in [0, 1], never
        falling; the last value holds for the years after. ``(1.0,)`` is all at once.
    reason : LocalText or None
        Why the rest remains: contract end, shared platform, staff not released, overhead.
    """

    share: Uncertain
    run_off: tuple[float, ...]
    reason: LocalText | None


@dataclass(frozen=True, slots=True)
class Service:
    """One ICT service: a partition of the tickets by team and/or category.

    A ticket belongs to the service whose ``teams`` (if any are given) hold its team and whose
    ``categories`` (if any are given) hold its category. A service with neither has no tickets.
    """

    id: str
    name: LocalText
    owner: str | None
    teams: tuple[str, ...]
    categories: tuple[str, ...]
    speed_measure: SpeedMeasure
    clock: Clock
    target: Target | None
    driver: CostDriver
    avoidable: Avoidable
    place: str = ""
    takes_all_tickets: bool = False  # the one service of a first look

    @property
    def has_tickets(self) -> bool:
        """Whether any ticket can belong to this service."""
        return bool(self.teams or self.categories or self.takes_all_tickets)


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The answer to a gate for one service, perhaps for one option only."""

    answer: Answer
    condition: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """An absolute requirement on letting others deliver; ``unknown`` never passes.

    ``yes`` means that others may deliver; ``no`` that they may not; ``conditional`` that they may if
    the condition is met, which an option states by naming the gate in ``meets``.
    """

    id: str
    name: LocalText
    source: str | None
    default: GateAnswer
    answers: dict[str, GateAnswer]


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of an option's cost.

    Attributes
    ----------
    amount : Uncertain
        In NOK of the price year. Negative for a saving.
    per : {"year", "unit_month", "unit_year", "once"}
        ``unit_*``: times the number of the cost driver (`units`).
    units : float or None
        Number of driver units, for ``unit_*``; by default that of the first service covered.
    from_year, to_year : int
        Years in which it falls, both included; year 0 is the establishment before takeover,
        year 1 the first year of operation. ``once`` is spread evenly over them.
    chance : float or None
        Probability that the line happens at all (one yes or no per draw), None for certain.
    question : str or None
        Id of the open question that would settle it.
    falls_away : bool
        For ``adopted`` lines: whether it ends when the service leaves.
    """

    id: str
    name: LocalText
    kind: LineKind
    amount: Uncertain
    per: Literal["year", "unit_month", "unit_year", "once"]
    units: float | None
    from_year: int
    to_year: int
    growth: Growth
    index_wage_share: float
    chance: float | None
    question: str | None
    falls_away: bool
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised point on the curve: this share within this many hours."""

    share: float
    hours: float


@dataclass(frozen=True, slots=True)
class TeamChange:
    """What an option changes in one team, measured against how it is today; None where it changes nothing.

    Attributes
    ----------
    people : Uncertain or None
        People who take tickets, in place of today's.
    people_factor, work_factor, stay_factor, handoff_factor : Uncertain or None
        On the people, on the work of a visit, on the time for which a ticket lies aside or awaits its user
        or a vendor, on the share of tickets that go on to another team instead of ending here.
    hours, free_day_hours : tuple of int or None
        When it is open on worked and on free days, in minutes of the day. The same working time is spread
        over them.
    takes_over : tuple of str
        Teams whose tickets and people become its own.
    order : str or None
        Who is next: ``first_come``; ``priority``, urgent tickets first; ``preemptive``, which also interrupts
        work on others; ``due_date``, by the services' targets.
    helps : tuple of str
        Teams whose queues its people serve when their own is empty.
    first_weeks : int
        Weeks until it works as stated; until then the people count rises from `first_people_factor` of what
        is stated, in a straight line.
    """

    team: str
    people_factor: Uncertain | None = None
    work_factor: Uncertain | None = None
    stay_factor: Uncertain | None = None
    handoff_factor: Uncertain | None = None
    place: str = ""
    people: Uncertain | None = None
    hours: tuple[int, int] | None = None
    free_day_hours: tuple[int, int] | None = None
    takes_over: tuple[str, ...] = ()
    first_weeks: int = 0
    first_people_factor: Uncertain | None = None
    order: Literal["first_come", "priority", "preemptive", "due_date"] | None = None
    helps: tuple[str, ...] = ()

    @property
    def factors(self) -> tuple[tuple[str, Uncertain], ...]:
        """Return the numbers that are given, with their names."""
        given = (
            ("people", self.people), ("people_factor", self.people_factor),
            ("work_factor", self.work_factor), ("stay_factor", self.stay_factor),
            ("handoff_factor", self.handoff_factor), ("first_people_factor", self.first_people_factor),
        )  # fmt: skip
        return tuple((name, factor) for name, factor in given if factor is not None)


@dataclass(frozen=True, slots=True)
class HandoffChange:
    """Another share of tickets that one team hands to another; the rest ends where it is."""

    from_team: str
    to_team: str
    factor: Uncertain
    place: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The team that all new tickets of some services come to first."""

    services: tuple[str, ...]
    team: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class SpeedStatement:
    """What an option says about the speed of one service.

    Attributes
    ----------
    kind : {"unchanged", "change", "promised", "teams"}
        ``unchanged``: as measured today. ``change``: every time is multiplied by `time_factor`.
        ``promised``: points of a service level, kept in a share of the months. ``teams``: simulated from
        what the option changes in its teams.
    kept_share_of_months : Uncertain or None
        Share of months in which the promise is kept. An assumption; the figure says "if kept".
    share_when_missed : Uncertain or None
        What share is reached within the hours of the last promise in a month when it is missed.
    """

    kind: Literal["unchanged", "change", "promised", "teams"]
    time_factor: Uncertain | None = None
    promises: tuple[Promise, ...] = ()
    kept_share_of_months: Uncertain | None = None
    share_when_missed: Uncertain | None = None
    place: str = ""
    clock: Clock | None = None
    """The clock it is made on, where it says so; it must be the service's own."""


@dataclass(frozen=True, slots=True)
class SourcingOption:
    """A way to deliver a set of services (a lot).

    Attributes
    ----------
    not_to_specification : LocalText or None
        Why it departs from the specification, if it does: it is then inadmissible.
    meets : tuple of str
        Gates whose condition this option meets, with a source.
    """

    id: str
    name: LocalText
    short_name: LocalText
    kind: OptionKind
    services: tuple[str, ...]
    supplier: str | None
    received: datetime | None
    deadline: datetime | None
    source: str | None
    meets: tuple[str, ...]
    lines: tuple[CostLine, ...]
    speed: dict[str, SpeedStatement]
    exclusions: tuple[LocalText, ...] = ()
    remarks: tuple[LocalText, ...] = ()
    file: str = ""
    not_to_specification: LocalText | None = None
    teams: tuple[TeamChange, ...] = ()
    handoffs: tuple[HandoffChange, ...] = ()
    entry: tuple[Entry, ...] = ()
    demand: dict[str, Uncertain] = field(default_factory=dict)

    @property
    def changes_teams(self) -> bool:
        """Whether it says anything from which times can be simulated."""
        return bool(self.teams or self.handoffs or self.entry or self.demand)

    @property
    def is_external(self) -> bool:
        """Whether somebody else delivers."""
        return self.kind in ("bid", "market_estimate")

    @property
    def is_late(self) -> bool:
        """Whether it was received after its deadline."""
        return self.received is not None and self.deadline is not None and self.received > self.deadline

    @property
    def inadmissible(self) -> tuple[str, ...]:
        """Codes why it cannot be chosen whatever its figures: ``late``, ``not_to_specification``."""
        departs = self.not_to_specification is not None
        return ("late",) * self.is_late + ("not_to_specification",) * departs


@dataclass(frozen=True, slots=True)
class Question:
    """An open question that would settle something: whom to ask and what it costs to find out."""

    id: str
    text: LocalText
    ask: LocalText
    effort: LocalText
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """Somebody who has a say, or had one."""

    id: str
    name: LocalText
    role: LocalText
    position: LocalText
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which the agency does not work, beside the public holidays."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When the agency works: minutes of the day by weekday, public holidays of a country, own days off.

    Attributes
    ----------
    country : str or None
        ISO code for public holidays, None for none.
    hours : tuple of (int, int) or None, length 7
        Monday first: opening and closing minute of the day, None for a day off.
    """

    country: str | None
    hours: tuple[tuple[int, int] | None, ...]
    days_off: tuple[Holiday, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Rule:
    """When and by whom the decision rule was fixed; its numbers are assumptions."""

    fixed_on: date | None
    fixed_by: LocalText | None


@dataclass(frozen=True, slots=True)
class OutsideLedger:
    """A cost of a service that the provider's own ledger does not hold, such as seconded people."""

    service: str
    name: LocalText
    nok_per_year: float
    is_staff: bool
    paid_by: LocalText
    source: str | None
    place: str


@dataclass(frozen=True, slots=True)
class LedgerRule:
    """One row of ``ledger_mapping.csv``: where ledger rows of this cost centre and account go.

    Attributes
    ----------
    cost_centre : str
        Exact cost centre, or ``*``.
    account_from, account_to : str
        Account range, both ends included.
    kind : {"out_of_scope", "direct", "driver", "overhead"}
        ``direct`` to the service `target`; ``driver`` to all services by the allocation key
        `target`; ``overhead`` in proportion to direct staff cost.
    is_staff : bool
        Whether it grows with wages.
    component : str
        Name of the row in the build-up of the unit cost.
    """

    cost_centre: str
    account_from: str
    account_to: str
    kind: Literal["out_of_scope", "direct", "driver", "overhead"]
    target: str
    is_staff: bool
    component_nb: str
    component_en: str
    record: int


@dataclass(frozen=True, slots=True)
class Source:
    """One source of evidence and the declared rules of its export (``evidence/mapping.yaml``).

    Attributes
    ----------
    kind : str
        ``tickets``, ``ticket_events``, ``ledger``, ``accounts``, ``request_counts``, ``staffing``,
        ``outages``, ``initiatives``, ``matters``.
    shape : {"row_per_ticket", "row_per_event"}
        For ``tickets``: whether the file has a row per ticket or a row per event.
    path : str
        Relative to ``evidence/``, or absolute when given on the command line. May be a pattern with
        ``*`` or ``?``: every file that fits, in order of name.
    columns : dict
        Field of the contract to column of the file.
    states, types, teams : dict
        Spelling in the file to the word of the contract (``open``, ``waiting``, ``resolved``,
        ``closed``, ``cancelled``; ``incident``, ``request``, ``change``; the team's name).
    fold : {"earlier", "later", "quarantine"}
        Which of the two instants a local time in the autumn hour means.
    exported_at : datetime or None
        When the export was taken; local time of the export's zone.
    selection : str
        How the export was selected, such as ``all`` or ``only_closed``.
    reader : str
        Who makes rows of the file: ``delimited``, ``workbook``, ``json``, ``xml``, ``sqlite``, or the
        reader of a source system whose file is no plain table.
    header_row : int
        Row of the file on which the header stands, from 1.
    sheet : str
        Sheet of a workbook, table of a database, list of a JSON document; empty for the only one.
    further_paths : tuple of str
        Later exports of the same columns, oldest first, as `path`.
    services, employments, kinds : dict
        Further spellings, as `states`: a service's id; ``employee``, ``seconded`` or ``consultant``;
        ``outage``, ``degradation`` or ``planned``.
    rates : dict of str to float
        Currency code to NOK per unit. [NOK]
    leave_out : dict of str to tuple of str
        Column of the file to values; rows that have one of them are set aside as ``left_out``.
    further_date_formats : tuple of str
        Formats beside ``date_format``, of columns that are written otherwise, such as a day without a
        time. No text can be read by two of them.
    handling_unit : str
        What ``handling_time`` is written in, one of `makeorbuy.case.source_fields.HANDLING_UNITS`.
    """

    kind: str
    path: str
    shape: Literal["row_per_ticket", "row_per_event"]
    encoding: str
    delimiter: str
    decimal: str
    time_zone: str
    date_format: str
    missing: tuple[str, ...]
    columns: dict[str, str]
    states: dict[str, str]
    types: dict[str, str]
    constant_type: str | None
    teams: dict[str, str]
    fold: Literal["earlier", "later", "quarantine"]
    exported_at: datetime | None
    selection: str
    place: str = ""
    reader: str = "delimited"
    header_row: int = 1
    sheet: str = ""
    further_paths: tuple[str, ...] = ()
    services: dict[str, str] = field(default_factory=dict)
    employments: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    further_date_formats: tuple[str, ...] = ()
    handling_unit: str = ""

    @property
    def date_formats(self) -> tuple[str, ...]:
        """Every format that a written time may have."""
        return (self.date_format, *self.further_date_formats)


@dataclass(frozen=True, slots=True)
class Period:
    """The period that the baseline measures; whatever the log says after its end is hidden.

    Attributes
    ----------
    start, end : datetime
        Local time of the agency; start included, end not. ``end`` is the cut: a ticket that was
        resolved after it is still open.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that people have written: the question, its options, its people."""

    title: LocalText
    agency: LocalText
    stage: Stage
    language: Literal["nb", "en"]
    price_year: int
    horizon_years: int
    period: Period
    calendar: WorkingCalendar
    rule: Rule
    seed: int
    services: tuple[Service, ...]
    options: tuple[SourcingOption, ...]
    gates: tuple[Gate, ...]
    questions: tuple[Question, ...]
    stakeholders: tuple[Stakeholder, ...]
    sources: tuple[Source, ...]
    ledger_rules: tuple[LedgerRule, ...]
    allocation_keys: dict[str, dict[str, float]]
    outside_ledger: tuple[OutsideLedger, ...]
    assumptions: Assumptions
    digests: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    """Every scalar that people wrote, by place (``options/a_bid.yaml#lines.price.amount``): for `diff`."""
    lines: dict[str, int] = field(default_factory=dict)
    """Line in its file of everything that people wrote, by place: for messages."""

    def line_of(self, place: str) -> int | None:
        """Return the line of a place, or of the nearest thing around it that was written."""
        place = place.removeprefix("case:")
        while place not in self.lines:
            file, _, path = place.partition("#")
            if not path:
                return None
            place = f"{file}#{path[: max(path.rfind('.'), path.rfind('['), 0)]}"
        return self.lines[place]

    @property
    def business_as_usual(self) -> SourcingOption:
        """The option that the others are compared with."""
        return next(option for option in self.options if option.kind == "business_as_usual")

    def service(self, service_id: str) -> Service:
        """Return a service by id."""
        return next(service for service in self.services if service.id == service_id)

    def option(self, option_id: str) -> SourcingOption:
        """Return an option by id."""
        return next(option for option in self.options if option.id == option_id)

"""The Agency's records, written as an agency would export them."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agency_world import agency, ledger, timeline
from agency_world.chance import stream
from agency_world.demand import CATEGORY_NAMES, CONTACTS, PRIORITIES, TYPES, Outage
from agency_world.dirt import Fault, FaultLedger, Row, soil_events, soil_ledger, soil_tickets
from agency_world.leave import plan_rows
from agency_world.people import person_name
from agency_world.work import (
    CANCELED,
    REOPENED,
    RESOLVED,
    WAITS_FOR_CALLER,
    WAITS_FOR_VENDOR,
    History,
    live,
    waiting_from_before,
)

TICKET_COLUMNS: Final = (
    "number", "type", "opened_at", "resolved_at", "closed_at", "state", "priority", "category",
    "assignment_group", "assigned_to", "caller_id", "contact_type", "reopen_count", "short_description",
)  # fmt: skip
EVENT_COLUMNS: Final = ("number", "updated_at", "state", "assignment_group", "assigned_to", "hold_reason")
LEDGER_COLUMNS: Final = (
    "voucher_no", "voucher_date", "period", "account", "account_text", "cost_centre", "cost_centre_text",
    "amount",
)  # fmt: skip
MISSING: Final = "?"

_PREFIX: Final = {"incident": "INC", "request": "RITM", "change": "CHG"}
_NEW, _IN_PROGRESS, _ON_HOLD, _RESOLVED_STATE, _CLOSED, _CANCELED = range(6)
_STATES: Final = ("New", "In Progress", "On Hold", "Resolved", "Closed", "Canceled")
_HOLDS: Final = ("", "Awaiting Caller", "Awaiting Vendor")

Progress = Callable[[float], None]


def write_evidence(
    folder: Path, *, seed: int = 0, size: float = 1.0, progress: Progress | None = None
) -> FaultLedger:
    """Generate the Agency and write its records into a folder.

    Parameters
    ----------
    folder : Path
        The evidence folder of a case; made if it does not exist.
    seed : int
        The seed of the world; the same seed and size give the same bytes.
    size : float
        Volume of tickets relative to the table of the Agency; staff and cost stay as they are.
    progress : callable, optional
        Called with the share of the work that is done, from 0 to 1.

    Returns
    -------
    FaultLedger
        Every fault that was planted in the files; it is not written.

    Raises
    ------
    ValueError
        If the size is not positive.
    """
    if not size > 0:
        raise ValueError(f"size is {size}, expected a positive number")
    folder.mkdir(parents=True, exist_ok=True)
    say = progress or _silent
    faults: list[Fault] = []

    say(0.0)
    history = live(seed, size)
    say(0.3)
    sheet = _Sheet(history, seed)
    rows, found = soil_tickets(sheet.ticket_rows(), sheet.spare_numbers(), stream(seed, "faults in tickets"))
    faults += found
    _write(folder / "tickets.csv", TICKET_COLUMNS, rows)

    say(0.5)
    rows, found = soil_events(sheet.event_rows(), stream(seed, "faults in events"))
    faults += found
    _write(folder / "ticket_events.csv", EVENT_COLUMNS, rows)

    say(0.9)
    _write(folder / "request_counts.csv", ("date", "service", "count"), _request_rows(seed, size))
    columns = ("month", "service", "employment", "person_years", "paid_by")
    _write(folder / "staffing.csv", columns, _staffing_rows(seed))
    columns_leave = ("known_on", "from", "to", "team", "people", "away")
    _write(folder / "leave.csv", columns_leave, _leave_rows(history))

    say(0.92)
    rows, found = soil_ledger(_ledger_rows(seed), stream(seed, "faults in the ledger"))
    faults += found
    _write(folder / "ledger.csv", LEDGER_COLUMNS, rows, delimiter=";")

    in_year = [outage for outage in history.outages if outage.started_at >= timeline.YEAR_START]
    in_year = [outage for outage in in_year if outage.ended_at < timeline.END]
    columns_outages = ("outage_id", "service", "started_at", "ended_at", "planned", "users_affected")
    _write(folder / "outages.csv", columns_outages, _outage_rows(in_year))
    columns_initiatives = (
        "initiative_id", "title", "service", "wanted_from", "estimated_nok", "status", "needs_role",
    )  # fmt: skip
    _write(folder / "initiatives.csv", columns_initiatives, _initiative_rows(seed))
    columns_matters = ("matter_id", "district", "opened_on", "closed_on", "kind")
    _write(folder / "matters.csv", columns_matters, _matter_rows(seed, in_year))
    say(1.0)
    return FaultLedger(sorted(faults, key=lambda fault: (fault.file, fault.record, fault.kind)))


def _silent(_share: float) -> None:
    return None


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


class _Sheet:
    """Tickets and events as text; numbers, names and close times are settled once."""

    def __init__(self, history: History, seed: int) -> None:
        self.seed = seed
        self.history = history
        work = history.demand
        rng = stream(seed, "records")
        n = work.opened.size
        resolved, canceled = history.resolved, history.canceled
        self.closed = _closing_times(rng, resolved, canceled)
        ended = np.where(resolved >= 0, resolved, np.where(canceled >= 0, canceled, timeline.END))
        # the export holds what was open at some time in the year
        self.is_exported = ended >= timeline.YEAR_START
        self.state = np.select(
            [
                canceled >= 0,
                self.closed >= 0,
                resolved >= 0,
                history.is_waiting >= 2,
                history.is_waiting == 1,
            ],
            [_CANCELED, _CLOSED, _RESOLVED_STATE, _ON_HOLD, _IN_PROGRESS],
            _NEW,
        )
        # every second number is left for nobody, as where drafts were thrown away
        odd = rng.integers(0, 2, n)
        prefixes = [_PREFIX[TYPES[kind]] for kind in work.type.tolist()]
        base = 1_000_000 + 2 * np.arange(n)
        self.numbers = [f"{p}{v}" for p, v in zip(prefixes, (base + odd).tolist(), strict=True)]
        self._spare = [f"{p}{v}" for p, v in zip(prefixes, (base + 1 - odd).tolist(), strict=True)]
        # most rows carry the careful spelling of a team
        self.spelling = [list(agency.TEAM_SPELLINGS[team.name]) for team in agency.TEAMS]
        self.people = [person_name(number) for number in range(history.people_count)]
        self.order = self._order(rng)

    def _order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """By time of opening, but for a few that came in late."""
        rows = np.flatnonzero(self.is_exported)
        place = np.arange(rows.size, dtype=np.float64)
        late = rng.random(rows.size) < 0.004
        place[late] += rng.uniform(10, 900, int(late.sum()))
        return rows[np.argsort(place, kind="stable")]

    def _group_texts(self, teams: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
        variant = np.searchsorted(np.array([0.86, 0.93]), rng.random(teams.size))
        spelling = self.spelling
        return [spelling[team][which] for team, which in zip(teams.tolist(), variant.tolist(), strict=True)]

    def spare_numbers(self) -> list[str]:
        """A number that nobody has for each ticket row."""
        return [self._spare[ticket] for ticket in self.order.tolist()]

    def ticket_rows(self) -> list[Row]:
        """Every row of the ticket file."""
        work, order = self.history.demand, self.order
        rng = stream(self.seed, "ticket texts")
        groups = self._group_texts(self.history.team[order], rng)
        callers = rng.integers(0, 3_400, order.size).tolist()
        caller_names = [person_name(10_000 + number) for number in range(3_400)]
        texts = _descriptions(rng, work.category[order], callers, caller_names)
        people = self.people
        closed_or_canceled = np.where(self.closed >= 0, self.closed, -1)
        columns = zip(
            [self.numbers[ticket] for ticket in order.tolist()],
            [TYPES[kind] for kind in work.type[order].tolist()],
            timeline.stamps(work.opened[order]),
            timeline.stamps(self.history.resolved[order]),
            timeline.stamps(closed_or_canceled[order]),
            [_STATES[state] for state in self.state[order].tolist()],
            [PRIORITIES[priority] for priority in work.priority[order].tolist()],
            [CATEGORY_NAMES[category] for category in work.category[order].tolist()],
            groups,
            [people[person] if person >= 0 else MISSING for person in self.history.person[order].tolist()],
            [caller_names[caller] for caller in callers],
            [CONTACTS[contact] for contact in work.contact[order].tolist()],
            [str(count) for count in self.history.reopened[order].tolist()],
            texts,
            strict=True,
        )
        return [list(row) for row in columns]

    def event_rows(self) -> list[Row]:
        """Every row of the event file."""
        history = self.history
        work = history.demand
        rng = stream(self.seed, "event texts")
        tickets = np.arange(work.opened.size)
        first_team = work.step_team[work.first_step[:-1]]
        # those carried over from before the simulation were picked up within a day of their opening
        carried = tickets[: work.carried]
        first_team = np.where(tickets < work.carried, work.team, first_team)
        closes = tickets[self.closed >= 0]
        closes = closes[history.canceled[closes] < 0]
        kind = history.event_kind
        state = np.full(kind.size, _IN_PROGRESS)
        state[(kind == WAITS_FOR_CALLER) | (kind == WAITS_FOR_VENDOR)] = _ON_HOLD
        state[kind == RESOLVED] = _RESOLVED_STATE
        state[kind == REOPENED] = _IN_PROGRESS
        state[kind == CANCELED] = _CANCELED
        hold = (kind == WAITS_FOR_CALLER) + 2 * (kind == WAITS_FOR_VENDOR)
        before = waiting_from_before(work)
        held = carried[before >= 2]

        def joined(*parts: NDArray[np.int64]) -> NDArray[np.int64]:
            return np.concatenate(parts).astype(np.int64)

        none = np.zeros(tickets.size + carried.size, dtype=np.int64)
        minute = joined(
            work.opened,
            work.opened[carried] + 300,
            work.opened[held] + 420,
            history.event_minute,
            self.closed[closes],
        )
        ticket = joined(tickets, carried, held, history.event_ticket, closes)
        states = joined(
            np.full(tickets.size, _NEW),
            np.full(carried.size, _IN_PROGRESS),
            np.full(held.size, _ON_HOLD),
            state,
            np.full(closes.size, _CLOSED),
        )
        team = joined(
            first_team, work.team[carried], work.team[held], history.event_team, history.team[closes]
        )
        person = joined(none - 1, np.full(held.size, -1), history.event_person, history.person[closes])
        holds = joined(none, before[before >= 2] - 1, hold, np.zeros(closes.size, dtype=np.int64))
        keep = np.flatnonzero(self.is_exported[ticket])
        # one change a minute and kind: a real log would show the same row twice otherwise
        key = ((minute[keep] * 8 + states[keep]) * 4 + holds[keep]) * 64 + team[keep]
        pair = np.stack([ticket[keep], key, person[keep]])
        by_key = np.lexsort(pair[::-1])
        ordered = pair[:, by_key]
        is_new = np.ones(by_key.size, dtype=bool)
        is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
        keep = keep[np.sort(by_key[is_new])]
        # a few rows arrive in the file hours after they were written
        place = minute[keep].astype(np.float64)
        late = rng.random(keep.size) < 0.003
        place[late] += rng.uniform(30, 2_000, int(late.sum()))
        keep = keep[np.argsort(place, kind="stable")]

        people = [*self.people, MISSING]
        columns = zip(
            [self.numbers[which] for which in ticket[keep].tolist()],
            timeline.stamps(minute[keep]),
            [_STATES[which] for which in states[keep].tolist()],
            self._group_texts(team[keep], rng),
            [people[which] for which in person[keep].tolist()],
            [_HOLDS[which] for which in holds[keep].tolist()],
            strict=True,
        )
        return [list(row) for row in columns]


def _closing_times(
    rng: np.random.Generator, resolved: NDArray[np.int64], canceled: NDArray[np.int64]
) -> NDArray[np.int64]:
    """When the administration closes: mostly five days after, some by hand, some by a monthly script."""
    n = resolved.size
    pick = rng.random(n)
    automatic = resolved + 5 * timeline.DAY_MINUTES + rng.integers(1, 50, n)
    by_hand = resolved + rng.exponential(1.2 * timeline.DAY_MINUTES, n).astype(np.int64) + 5
    month_days = np.array(
        [
            timeline.day_number(datetime.date(year, month, 3))
            for year in (2023, 2024)
            for month in range(1, 13)
        ]
        + [timeline.DAYS_COUNT + 30]
    )
    runs = month_days * timeline.DAY_MINUTES + 195
    by_script = runs[np.minimum(np.searchsorted(runs, resolved + 8 * timeline.DAY_MINUTES), runs.size - 1)]
    closed = np.where(pick < 0.83, automatic, np.where(pick < 0.9, by_hand, by_script))
    closed = np.where(resolved >= 0, closed, np.where(canceled >= 0, canceled, -1))
    return np.where(closed < timeline.END, closed, -1)


_SUBJECTS: Final = (
    "virker ikke", "er treg i dag", "gir feilmelding 0x{code}", "forsvant etter oppdatering",
    "kan ikke åpnes", "må settes opp på nytt", "henger ved pålogging", "mangler for ny medarbeider",
    "stopper midt i arbeidet", "trenger tilgang", "viser feil opplysninger", "ønskes flyttet",
)  # fmt: skip


def _national_id_number(rng: np.random.Generator) -> str:
    """An eleven-digit number that nobody can have: the month is 80 too high, as in synthetic test data."""
    weights_1, weights_2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    while True:
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(50, 100))
        digits = [int(c) for c in f"{day:02d}{month + 80:02d}{year:02d}{int(rng.integers(0, 500)):03d}"]
        first = 11 - sum(w * d for w, d in zip(weights_1, digits, strict=True)) % 11
        first = 0 if first == 11 else first
        second = 11 - sum(w * d for w, d in zip(weights_2, [*digits, first], strict=True)) % 11
        second = 0 if second == 11 else second
        if first < 10 and second < 10:
            return "".join(str(d) for d in [*digits, first, second])


def _descriptions(
    rng: np.random.Generator, category: NDArray[np.int64], callers: list[int], caller_names: list[str]
) -> list[str]:
    n = category.size
    subjects = rng.integers(0, len(_SUBJECTS), n).tolist()
    codes = rng.integers(4096, 65535, n).tolist()
    ids = [_national_id_number(rng) for _ in range(400)]
    # telephone numbers that no subscriber has: none begins with 0
    pairs = rng.integers(0, 100, (400, 3)).tolist()
    phones = [f"+47 0{a % 9 + 1} {a:02d} {b:02d} {c:02d}" for a, b, c in pairs]
    kinds = np.searchsorted(np.array([0.80, 0.88, 0.94, 0.965, 0.98, 0.99]), rng.random(n)).tolist()
    picks = rng.integers(0, 400, n).tolist()
    texts: list[str] = []
    for subject, name, code, kind, pick, caller in zip(
        subjects, category.tolist(), codes, kinds, picks, callers, strict=True
    ):
        text = f"{CATEGORY_NAMES[name]} {_SUBJECTS[subject]}"
        if subject == 2:
            text = text.format(code=f"{code:X}")
        if kind == 1:
            text += f", ring {caller_names[caller]} på {phones[pick]}"
        elif kind == 2:
            text += f" (melder: {caller_names[caller]})"
        elif kind == 3:
            text += f" - gjelder fnr {ids[pick]}"
        elif kind == 4:
            text = f'Bruker skriver: "{text}, haster!"'
        elif kind == 5:
            text += f"\nHilsen {caller_names[caller]}"
        elif kind == 6:
            text += f'; se "kladd, versjon 2"\nRing {phones[pick]}'
        texts.append(text)
    return texts


def _request_rows(seed: int, size: float) -> list[Row]:
    rng = stream(seed, "requests")
    days = np.arange(365, timeline.DAYS_COUNT)
    weights = np.where(timeline.OFFICE_DAY[days], 1.0, 0.22) * rng.gamma(60.0, 1 / 60.0, days.size)
    weights = np.where((days - 365 > 180) & (days - 365 < 215), weights * 0.72, weights)
    counts = rng.multinomial(round(agency.REQUESTS_COUNT * size), weights / weights.sum())
    return [
        [timeline.date_of(int(day)).isoformat(), "desk", str(count)]
        for day, count in zip(days, counts.tolist(), strict=True)
    ]


def _staffing_rows(seed: int) -> list[Row]:
    """A row for each month, service and employment; the year's average is the table's figure."""
    rng = stream(seed, "staffing")
    rows: list[tuple[int, Row]] = []
    for service in agency.SERVICES:
        for employment, person_years, paid_by in (
            ("employee", service.employees, "provider"),
            ("seconded", service.seconded, "districts"),
            ("consultant", service.consultants, "provider"),
        ):
            if not person_years:
                continue
            # up in some months and down by as much in others, in quarters of a person-year
            quarters = rng.integers(0, max(1, round(person_years * 0.2)) + 1, 6)
            swing = np.concatenate([quarters, -quarters]) / 4.0
            swing = np.clip(swing[rng.permutation(12)], -person_years, person_years)
            for month in range(12):
                value = f"{person_years + swing[month]:.2f}"
                rows.append(
                    (month, [f"{agency.YEAR}-{month + 1:02d}", service.id, employment, value, paid_by])
                )
    rows.sort(key=lambda item: item[0])
    return [row for _, row in rows]


def _leave_rows(history: History) -> list[Row]:
    """What the roster said on the first of each month: numbers of people, never who."""
    return [
        [*(timeline.date_of(day).isoformat() for day in (known, first, last)), agency.TEAMS[team].name,
         str(people), f"{away:.2f}"]
        for known, first, last, team, people, away in plan_rows(history)
    ]  # fmt: skip


def _ledger_rows(seed: int) -> list[Row]:
    texts = {centre.id: centre.text for centre in agency.COST_CENTRES}
    return [
        [
            str(posting.voucher_no),
            posting.date.strftime("%d.%m.%Y"),
            posting.date.strftime("%Y%m"),
            posting.account,
            ledger.ACCOUNTS[posting.account],
            posting.cost_centre,
            texts[posting.cost_centre],
            ledger.amount_text(posting.amount_ore),
        ]
        for posting in ledger.postings(seed)
    ]


def _outage_rows(found: list[Outage]) -> list[Row]:
    starts = timeline.stamps(np.array([outage.started_at for outage in found], dtype=np.int64))
    ends = timeline.stamps(np.array([outage.ended_at for outage in found], dtype=np.int64))
    return [
        [f"OUT{100 + number}", outage.service, start, end, "yes" if outage.is_planned else "no",
         str(outage.users_affected_count)]
        for number, (outage, start, end) in enumerate(zip(found, starts, ends, strict=True))
    ]  # fmt: skip


_INITIATIVE_WORDS: Final = (
    "Ny plattform for", "Utfasing av gammel", "Selvbetjening for", "Integrasjon mot", "Sikkerhetsløft for",
    "Mobil utgave av", "Ny lagringsløsning for", "Automatisering av",
)  # fmt: skip
_ROLES: Final = (
    "arkitekt", "utvikler", "prosjektleder", "databasespesialist", "nettspesialist", "sikkerhetsrådgiver",
    "testleder", "fagansvarlig",
)  # fmt: skip
_INITIATIVES_COUNT: Final = 60
_INITIATIVES_MNOK: Final = 1_150
_MATTERS_COUNT: Final = 12_000


def _initiative_rows(seed: int) -> list[Row]:
    rng = stream(seed, "initiatives")
    weights = np.exp(0.8 * rng.standard_normal(_INITIATIVES_COUNT))
    # whole hundred thousand kroner that add up
    units = np.floor(np.cumsum(weights) / weights.sum() * _INITIATIVES_MNOK * 10).astype(np.int64)
    units[-1] = _INITIATIVES_MNOK * 10
    amounts = np.diff(units, prepend=0).tolist()
    services = [service for service in agency.SERVICES if service.id not in ("development", "management")]
    rows: list[Row] = []
    for number, amount in enumerate(amounts):
        service = services[int(rng.integers(0, len(services)))]
        wanted = datetime.date(2017, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 2_900)))
        status = str(rng.choice(["waiting", "under way", "planned"], p=[0.68, 0.15, 0.17]))
        title = f"{_INITIATIVE_WORDS[int(rng.integers(0, len(_INITIATIVE_WORDS)))]} {service.name_nb.lower()}"
        role = _ROLES[int(rng.integers(0, len(_ROLES)))]
        rows.append(
            [
                f"INI{number + 1:03d}",
                title,
                service.id,
                wanted.isoformat(),
                str(amount * 100_000),
                status,
                role,
            ]
        )
    return rows


def _matter_rows(seed: int, found: list[Outage]) -> list[Row]:
    """Investigations; those in a week with long outages of what they need take a little longer."""
    rng = stream(seed, "matters")
    days = np.sort(rng.integers(0, timeline.DAYS_COUNT, _MATTERS_COUNT))
    needed = ("case_system", "network", "identity", "digital_evidence")
    down_hours = np.zeros(timeline.DAYS_COUNT // 7 + 60)
    for outage in found:
        if outage.service in needed and not outage.is_planned:
            down_hours[outage.started_at // (7 * timeline.DAY_MINUTES)] += (
                outage.ended_at - outage.started_at
            ) / 60.0
    median_days = np.array([25.0, 80.0, 55.0, 20.0, 60.0, 30.0])
    kinds = rng.choice(len(agency.MATTER_KINDS), _MATTERS_COUNT, p=[0.3, 0.15, 0.15, 0.2, 0.1, 0.1])
    length = median_days[kinds] * np.exp(0.8 * rng.standard_normal(_MATTERS_COUNT))
    ends = days + length
    weeks_touched = [
        float(down_hours[int(begin) // 7 : int(min(end, timeline.DAYS_COUNT)) // 7 + 1].sum())
        for begin, end in zip(days, ends, strict=True)
    ]
    ends = ends + 0.12 * np.array(weeks_touched)
    districts = rng.integers(0, len(agency.DISTRICTS), _MATTERS_COUNT).tolist()
    rows: list[Row] = []
    for number, (begin, end, kind, district) in enumerate(
        zip(days.tolist(), ends.tolist(), kinds.tolist(), districts, strict=True)
    ):
        if end < 365:
            continue
        closed = timeline.date_of(int(end)).isoformat() if end < timeline.DAYS_COUNT else ""
        rows.append(
            [f"S{number + 1:06d}", agency.DISTRICTS[district], timeline.date_of(begin).isoformat(), closed,
             agency.MATTER_KINDS[kind]]
        )  # fmt: skip
    return rows

# ruff: noqa: E501  # tables of numbers read best as one row a line
"""An assessment made by hand, for tests of the brief: the example agency's sums, invented intervals.

Every figure that the stages declare is there for 18 services and 11 options, consistent with one
another: lines add up to the yearly cost, the difference is the bridge, shares lie on the curves.
"""

from __future__ import annotations

import math
import random
from typing import Any

Document = dict[str, Any]
MILLION = 1e6
ANNUITY = (1 - 1.04**-5) / 0.04

# id, nb, en, thousand tickets, staff, other, seconded, avoidable, gate, driver nb, driver en, count, median hours
SERVICES: list[tuple[Any, ...]] = [
    ("desk", "Brukerstøtte døgnet rundt", "Service desk 24/7", 43.0, 57.3, 8.0, 4, 0.85, "C", "bruker", "user", 17500, 3.0),
    ("workplace", "Arbeidsplass: PC, mobil, utskrift", "Workplace: PC, mobile, print", 5.6, 39.7, 92.0, 1, 0.93, "O", "bruker", "user", 17500, 44.0),
    ("field", "Feltstøtte i distriktene", "Field support in districts", 7.812, 54.5, 7.0, 14, 0.80, "C", "bruker", "user", 17500, 52.0),
    ("email", "E-post og samhandling", "E-mail and collaboration", 3.2, 12.6, 22.0, 0, 0.90, "C", "postkasse", "mailbox", 19000, 30.0),
    ("identity", "Identitet og tilgang", "Identity and access", 5.1, 20.4, 12.0, 1, 0.60, "C", "bruker", "user", 17500, 20.0),
    ("network", "Nett", "Network", 3.9, 33.0, 80.0, 1, 0.80, "C", "sted", "site", 312, 38.0),
    ("servers", "Datasenter og servere", "Data centre, servers", 3.1, 52.3, 78.0, 0, 0.75, "C", "server", "server", 2400, 60.0),
    ("storage", "Lagring og sikkerhetskopi", "Storage and backup", 2.3, 14.8, 34.0, 0, 0.70, "C", "terabyte", "terabyte", 9000, 55.0),
    ("database", "Database og integrasjon", "Database and integration", 2.7, 27.2, 30.0, 0, 0.55, "C", "database", "database", 850, 70.0),
    ("case_system", "Saksbehandlingssystem", "Case system (investigations)", 3.3, 55.4, 34.0, 5, 0.35, "N", "bruker", "user", 12000, 80.0),
    ("operations", "Operasjonssentral, kart og bil", "Operations centre, maps, in-car", 2.8, 53.4, 62.0, 7, 0.30, "N", "bil", "car", 2100, 48.0),
    ("intelligence", "Etterretning og analyse", "Intelligence and analysis", 1.6, 21.6, 18.0, 2, 0.25, "N", "bruker", "user", 1400, 90.0),
    ("digital_evidence", "Digitale bevis", "Digital evidence", 1.8, 17.0, 20.0, 2, 0.35, "N", "beslag", "seizure", 5200, 120.0),
    ("passport", "Pass, ID, grense og sivilt", "Passport, ID, border, civil", 4.2, 40.8, 29.0, 1, 0.50, "C", "sted", "site", 78, 26.0),
    ("payroll", "Lønn, turnus, regnskap", "Payroll, rosters, finance", 3.5, 9.2, 16.0, 0, 0.90, "O", "ansatt", "employee", 16900, 33.0),
    ("security", "Sikkerhetsovervåking", "Security monitoring", 0.7, 17.1, 14.0, 0, 0.50, "N", "enhet", "device", 26000, 12.0),
    ("development", "Utviklingsportefølje", "Development portfolio", 0.0, 89.3, 26.0, 2, 0.60, "C", "tiltak", "initiative", 60, None),
    ("management", "Ledelse, arkitektur, anskaffelse", "Management, architecture, procurement", 0.0, 30.8, 18.0, 0, 0.10, "N", "ansatt", "employee", 500, None),
]  # fmt: skip

# id, kind, short nb, short en, services, lines (kind, MNOK, low, high, sourced), net low/high, speed factor,
# basis, P cheaper, faster, both, outcome, payback, chances
OPTIONS: list[Document] = [
    {"id": "a_bid", "kind": "bid", "short": ("A, tilbud", "A, bid"), "services": ["desk", "workplace", "field", "email"],
     "lines": [("price", 248.0, 240.6, 257.9, True), ("remaining", 34.8, 29.0, 41.0, True), ("retained", 12.0, 9.0, 15.0, False), ("transition", 9.434, 7.0, 14.0, True)],
     "spread": 10.0, "factor": 0.90, "speed_spread": 0.10, "basis": "promised", "p": (0.08, 0.72, 0.06), "outcome": "worse", "payback": "never_paid_back"},
    {"id": "a_improved", "kind": "improved", "short": ("A, forbedret", "A, improved"), "services": ["desk", "workplace", "field", "email"],
     "lines": [("business_as_usual", 293.1, 293.1, 293.1, True), ("measure", -12.0, -17.5, -6.5, False), ("measure", 3.37, 3.0, 4.0, True)],
     "spread": 5.6, "factor": 0.88, "speed_spread": 0.045, "basis": "stated", "p": (0.98, 0.98, 0.96), "outcome": "better", "payback": 2},
    {"id": "b_bid", "kind": "bid", "short": ("B, tilbud", "B, bid"), "services": ["network", "servers", "storage"],
     "lines": [("price", 190.0, 183.0, 198.0, True), ("remaining", 69.8, 62.0, 80.0, True), ("retained", 18.0, 14.0, 22.0, False), ("transition", 29.2, 22.0, 40.0, False)],
     "spread": 15.0, "factor": 1.04, "speed_spread": 0.12, "basis": "promised", "p": (0.10, 0.36, 0.05), "outcome": "worse", "payback": "never_paid_back"},
    {"id": "payroll_bid", "kind": "bid", "short": ("Lønn m.m., tilbud", "Payroll, bid"), "services": ["payroll"],
     "lines": [("price", 14.5, 14.1, 15.7, True), ("remaining", 2.52, 1.9, 3.2, True), ("retained", 1.5, 1.1, 1.9, False), ("transition", 2.696, 2.2, 3.4, True)],
     "spread": 2.0, "factor": 0.82, "speed_spread": 0.09, "basis": "promised", "p": (0.98, 0.97, 0.95), "outcome": "better", "payback": 3},
    {"id": "desk_bid", "kind": "bid", "short": ("Brukerstøtte, tilbud", "Desk, bid"), "services": ["desk"],
     "lines": [("price", 44.0, 42.0, 47.0, True), ("remaining", 9.8, 7.5, 12.5, True), ("retained", 5.0, 4.0, 6.0, False), ("transition", 2.25, 1.8, 2.9, True)],
     "spread": 5.0, "factor": 1.12, "speed_spread": 0.09, "basis": "promised", "p": (0.85, 0.14, 0.12), "outcome": "undecided", "payback": 3},
    {"id": "email_bid", "kind": "bid", "short": ("E-post i sky", "E-mail in a cloud"), "services": ["email"],
     "lines": [("price", 24.0, 22.9, 25.5, True), ("remaining", 3.46, 2.6, 4.4, True), ("retained", 2.0, 1.5, 2.5, False), ("transition", 2.02, 1.6, 2.7, False)],
     "spread": 4.5, "factor": 0.97, "speed_spread": 0.07, "basis": "promised", "p": (0.78, 0.61, 0.49), "outcome": "undecided", "payback": 4},
    {"id": "b_late_bid", "kind": "bid", "short": ("B, sent tilbud", "B, late bid"), "services": ["network", "servers", "storage"],
     "lines": [("price", 171.0, 165.0, 179.0, True), ("remaining", 69.8, 62.0, 80.0, True), ("retained", 18.0, 14.0, 22.0, False), ("transition", 24.0, 18.0, 31.0, False)],
     "spread": 14.0, "factor": 1.0, "speed_spread": 0.12, "basis": "promised", "p": (0.74, 0.49, 0.37), "outcome": "inadmissible", "payback": 4},
    {"id": "field_bid_no_hours", "kind": "bid", "short": ("Felt, uten vakt", "Field, no hours"), "services": ["field"],
     "lines": [("price", 43.0, 41.0, 46.0, True), ("scope_gap", 9.0, 6.0, 12.0, False), ("remaining", 12.3, 9.5, 15.0, True), ("retained", 3.0, 2.0, 4.0, False), ("transition", 1.8, 1.4, 2.4, False)],
     "spread": 4.4, "factor": 1.05, "speed_spread": 0.10, "basis": "promised", "p": (0.05, 0.27, 0.02), "outcome": "worse", "payback": "never_paid_back"},
    {"id": "identity_bid", "kind": "bid", "short": ("Identitet, tilbud", "Identity, bid"), "services": ["identity"],
     "lines": [("price", 16.4, 15.9, 17.3, True), ("scope_gap", 4.8, 3.0, 7.0, False), ("remaining", 12.96, 10.0, 15.5, True), ("retained", 1.6, 1.2, 2.0, False)],
     "spread": 3.6, "factor": 0.99, "speed_spread": 0.08, "basis": "promised", "p": (0.14, 0.55, 0.08), "outcome": "inadmissible", "payback": "no_investment"},
    {"id": "database_estimate", "kind": "market_estimate", "short": ("Database, anslag", "Database, estimate"), "services": ["database"],
     "lines": [("price", 31.0, 25.0, 38.0, True), ("remaining", 25.74, 21.0, 30.0, True), ("retained", 1.9, 1.4, 2.4, False), ("transition", 2.57, 2.0, 3.3, False)],
     "spread": 8.0, "factor": 1.0, "speed_spread": 0.0, "basis": "measured", "p": (0.32, 0.5, 0.16), "outcome": "undecided", "payback": "never_paid_back"},
]  # fmt: skip

RECOMMENDATION = {
    **dict.fromkeys(("network", "servers", "storage"), "keep"),
    **dict.fromkeys(("desk", "workplace", "field", "email"), "improve"),
    "payroll": "move",
    **dict.fromkeys(
        ("case_system", "operations", "intelligence", "digital_evidence", "security", "management"),
        "not_allowed",
    ),
}
COUNTED = {
    **dict.fromkeys(("desk", "workplace", "field", "email"), "a_improved"),
    **dict.fromkeys(("network", "servers", "storage"), "b_bid"),
    "payroll": "payroll_bid",
}
LINE_NAMES = {
    "price": ("Tilbudspris", "Price offered"),
    "remaining": ("Gjenværende kostnad", "Stranded cost"),
    "retained": ("Bestillerorganisasjon", "Retained organisation"),
    "transition": ("Etablering", "Transition"),
    "scope_gap": ("Utelatt av tilbudet", "Left out of the offer"),
    "business_as_usual": ("Dagens drift", "Today's operation"),
    "measure": ("Tiltak", "Measure"),
}
KIND_WORDS = {
    "bid": ("tilbud", "bid"),
    "improved": ("forbedret egenregi", "improved in-house"),
    "market_estimate": ("markedsanslag", "market estimate"),
}


def text(nb: str, en: str) -> Document:
    return {"nb": nb, "en": en}


class Builder:
    """Collect figures and series of one assessment."""

    def __init__(self) -> None:
        self.figures: Document = {}
        self.series: Document = {}
        self.specs: Document = {}

    def figure(
        self, key: str, value: Any = None, unit: str = "", reason: str | None = None, **rest: Any
    ) -> None:
        low, high = rest.pop("low", None), rest.pop("high", None)
        item = {"value": value, "unit": unit, "reason": reason, "low": low, "high": high, "level": None, "n": None,
                "censored": None, "basis": "computed", "inputs": [], "note": None, "spoilt_by": []}  # fmt: skip
        item.update(rest)
        if value is None and reason is None:
            item["reason"] = "not_computed"
        self.figures[key] = item
        self._spec(key, unit)

    def table(
        self, key: str, columns: str, rows: list[Any], reason: str | None = None, basis: str = "computed"
    ) -> None:
        names = columns.split()
        self.series[key] = {
            "columns": [{"name": name, "unit": ""} for name in names],
            "rows": [list(row) for row in rows],
            "reason": reason,
            "inputs": [],
            "basis": basis,
        }
        self._spec(key, "table")

    def _spec(self, key: str, unit: str) -> None:
        name = key.partition("[")[0]
        last = name.rpartition(".")[2].replace("_", " ")
        self.specs[name] = {
            "unit": unit,
            "nb": last,
            "en": last,
            "formula": "as declared",
            "method": "method.md",
        }


def lognormal(median: float, spread: float = 1.9) -> Any:
    """Return the share not resolved by hours."""
    return lambda hours: (
        0.5 * math.erfc((math.log(max(hours, 1e-9)) - math.log(median)) / spread / math.sqrt(2))
    )


def curve_rows(open_at: Any, band: float, last: float = 900.0, count: int = 110) -> list[tuple[float, ...]]:
    rows = []
    for index in range(count):
        hours = 0.25 * (last / 0.25) ** (index / (count - 1))
        share = open_at(hours)
        half = band * math.sqrt(max(share * (1 - share), 0.0)) * 2
        rows.append((hours, share, max(share - half, 0.0), min(share + half, 1.0)))
    return rows


def quantile(open_at: Any, share: float) -> float | None:
    low, high = 0.01, 5000.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if open_at(middle) > 1 - share else (low, middle)
    return high if high < 3000 else None


def restricted_mean(open_at: Any, horizon: float) -> float:
    steps = 600
    return sum(open_at(horizon * (k + 0.5) / steps) for k in range(steps)) * horizon / steps


def example(stage: str = "tender", with_offers: bool = True, with_ledger: bool = True) -> Document:
    """Return the assessment of the example agency, at 18 services and 11 options."""
    b, chance = Builder(), random.Random(7)  # a fixture, not a forecast
    services = [_service(b, chance, row, with_ledger) for row in SERVICES]
    sizes = {row[0]: (row[4] + row[5]) * MILLION for row in SERVICES}
    options: list[Document] = [_usual(services)]
    if with_offers:
        options += [_option(b, option, sizes) for option in OPTIONS]
    _decision(b, sizes, with_offers, with_ledger)
    _evidence(b, chance)
    return {
        "format": 1,
        "version": "0.1.0",
        "digest": "3f9c" + "0123456789abcdef" * 3 + "5d2ea0b3c4d1" + "",
        "case": {
            "title": text("Oppdiktet etat", "Invented agency"),
            "agency": text("Etaten (eksempel)", "The Agency (example)"),
            "stage": stage,
            "language": "nb",
            "price_year": 2025,
            "horizon_years": 5,
            "seed": 0,
            "period": {"start": "2024-01-01T00:00:00", "end": "2025-01-01T00:00:00"},
            "calendar": {"country": "NO", "time_zone": "Europe/Oslo", "hours": [[480, 960]] * 5 + [None] * 2},
            "rule": {"fixed_on": "2024-11-15", "fixed_by": text("Styringsgruppen", "The steering group")},
            "services": services,
            "options": options,
            "gates": [
                {"id": "national", "name": text("Må bli i nasjonal egenregi", "Must stay national and in-house"), "source": "Sikkerhetsloven"},
                {"id": "clearance", "name": text("Klarering", "Clearance"), "source": None},
            ],
            "questions": [
                {"id": "graded_mail", "text": text("Må gradert e-post bli igjen i egen drift?", "Must graded mail stay in-house?"),
                 "ask": text("sikkerhetsleder", "the head of security"), "effort": text("to ukers arbeid", "two weeks' work"), "options": ["email_bid"]}
            ],
            "stakeholders": _people(),
            "outside_ledger": [],
        },
        "figures": dict(sorted(b.figures.items())),
        "series": dict(sorted(b.series.items())),
        "assumptions": _assumptions(),
        "specs": dict(sorted(b.specs.items())),
        "provenance": {"inputs": _inputs()},
    }  # fmt: skip


def _service(b: Builder, chance: random.Random, row: tuple[Any, ...], with_ledger: bool) -> Document:
    (sid, nb, en, thousands, staff, other, seconded, _, gate, driver_nb, driver_en, count, median) = row
    yearly = (staff + other) * MILLION
    outside = seconded * 1.10 * MILLION
    if with_ledger:
        b.figure(f"baseline.unit_cost.yearly_nok[{sid}]", yearly, "nok_per_year", basis="measured")
        b.figure(f"baseline.unit_cost.unit_nok[{sid}]", yearly / count, "nok_per_unit_year", basis="measured")
        b.figure(f"baseline.unit_cost.outside_ledger_nok[{sid}]", outside, "nok_per_year", basis="stated")
        b.figure(f"baseline.unit_cost.staff_share[{sid}]", staff / (staff + other), "share", basis="measured")
        parts = [("Ansatte", "Employees", "direct", staff * MILLION - outside, True)]
        if outside:
            parts.append(("Innbeordret", "Seconded", "outside_ledger", outside, True))
        for name_nb, name_en, origin, share in (
            ("Lisenser og verktøy", "Licences and tools", "direct", 0.45), ("Utstyr", "Equipment", "direct", 0.25),
            ("Lokaler", "Premises", "driver", 0.18), ("Felleskostnader", "Overhead", "overhead", 0.12),
        ):  # fmt: skip
            parts.append((name_nb, name_en, origin, share * other * MILLION, False))
        b.table(
            f"baseline.unit_cost.build_up[{sid}]",
            "component_nb component_en origin nok is_staff",
            parts,
            basis="measured",
        )
    else:
        for name in ("yearly_nok", "unit_nok", "outside_ledger_nok", "staff_share"):
            b.figure(f"baseline.unit_cost.{name}[{sid}]", reason="no_ledger")
        b.table(
            f"baseline.unit_cost.build_up[{sid}]",
            "component_nb component_en origin nok is_staff",
            [],
            "no_ledger",
        )
    target = {"hours": 8.0 if sid == "desk" else 120.0, "share": 0.80} if median else None
    _speed(b, chance, sid, median, thousands * 1000, target)
    answers = {"C": ("yes", "conditional"), "O": ("yes", "yes"), "N": ("no", "conditional")}[gate]
    condition = text("leverandøren må være klarert", "the supplier must be cleared")
    return {
        "id": sid,
        "name": text(nb, en),
        "owner": None,
        "teams": [sid],
        "categories": [],
        "speed_measure": "restore" if median else "none",
        "clock": "working" if sid == "payroll" else "elapsed",
        "target": target,
        "driver": {"name": text(driver_nb, driver_en), "count": count, "source": "CMDB"},
        "avoidable_reason": text("felles plattform og folk som ikke frigjøres", "a shared platform and staff not released"),
        "avoidable_source": None,
        "gates": [
            {"id": "national", "name": text("Må bli i nasjonal egenregi", "Must stay national and in-house"), "answer": answers[0], "condition": None},
            {"id": "clearance", "name": text("Klarering", "Clearance"), "answer": answers[1], "condition": condition if answers[1] == "conditional" else None},
        ],
    }  # fmt: skip


def _speed(
    b: Builder, chance: random.Random, sid: str, median: float | None, tickets: float, target: Document | None
) -> None:
    clock = "working" if sid == "payroll" else "elapsed"
    horizon = 160.0 if clock == "working" else 720.0
    names = ["median_hours", "p85_hours", "p95_hours"]
    if median is None:
        for name in names:
            b.figure(f"baseline.flow_time.{name}[{sid},{clock}]", reason="no_speed_measure")
        for key in (
            "service_level.share_within_target",
            "backlog.growth_per_week",
            "backlog.open_count",
            "flow_time.restricted_mean_hours",
        ):
            b.figure(f"baseline.{key}[{sid}]", reason="no_speed_measure")
        b.table(
            f"baseline.flow_time.curve[{sid},{clock}]", "hours share_open low high", [], "no_speed_measure"
        )
        b.table(f"baseline.backlog.weekly[{sid}]", "week_start arrived ended open", [], "no_speed_measure")
        b.table(f"baseline.row_counts[{sid}]", "what count", [], "no_tickets")
        b.figure(f"baseline.demand.tickets_count[{sid}]", reason="no_tickets")
        return
    open_at = lognormal(median, 1.75)
    b.table(
        f"baseline.flow_time.curve[{sid},{clock}]",
        "hours share_open low high",
        curve_rows(open_at, 0.012),
        basis="measured",
    )
    b.table(
        f"projection.speed.curve[{sid},business_as_usual]",
        "hours share_open low high",
        curve_rows(open_at, 0.012),
        basis="measured",
    )
    for name, share in zip(names, (0.5, 0.85, 0.95), strict=True):
        hours = quantile(open_at, share)
        b.figure(
            f"baseline.flow_time.{name}[{sid},{clock}]",
            hours,
            "hours",
            basis="measured",
            low=hours * 0.93 if hours else None,
            high=hours * 1.08 if hours else None,
        )
        b.figure(f"projection.speed.{name}[{sid},business_as_usual]", hours, "hours", basis="measured")
    mean = restricted_mean(open_at, horizon)
    for key in (
        f"baseline.flow_time.restricted_mean_hours[{sid}]",
        f"projection.speed.restricted_mean_hours[{sid},business_as_usual]",
    ):
        b.figure(key, mean, "hours", basis="measured", low=mean * 0.96, high=mean * 1.04)
    b.figure(f"baseline.flow_time.closed_only_misleads_by_share[{sid}]", -0.07, "share", basis="measured")
    assert target is not None
    within = 1 - open_at(target["hours"])
    b.figure(
        f"baseline.service_level.share_within_target[{sid}]",
        within,
        "share",
        basis="measured",
        low=within - 0.015,
        high=within + 0.014,
        level=0.95,
    )
    b.figure(
        f"projection.speed.share_within_target[{sid},business_as_usual]",
        within,
        "share",
        basis="measured",
        low=within - 0.01,
        high=within + 0.01,
    )
    b.figure(
        f"baseline.service_level.closed_only_share_within_target[{sid}]",
        min(within + 0.05, 0.99),
        "share",
        basis="measured",
    )
    b.figure(f"projection.speed.backtest[{sid},business_as_usual]", reason="no_queue_model")
    slope = {"field": 0.9, "identity": 1.6, "email": -0.4}.get(sid, chance.uniform(-0.15, 0.2))
    level = max(tickets / 70, 12.0)
    weeks, value = [], level
    for week in range(53):
        value = max(level + slope * week + chance.gauss(0, 1.3) * math.sqrt(level) * 0.4, 0)
        day = 1 + week * 7
        month, left = 1, day
        for length in (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31):
            if left <= length:
                break
            left -= length
            month += 1
        arrived = max(int(tickets / 52 + chance.gauss(0, 1) * math.sqrt(tickets / 52)), 0)
        weeks.append(
            (f"2024-{min(month, 12):02d}-{left:02d}", arrived, max(arrived - int(slope), 0), round(value))
        )
    open_count = weeks[-1][3]
    b.table(f"baseline.backlog.weekly[{sid}]", "week_start arrived ended open", weeks, basis="measured")
    b.figure(
        f"baseline.backlog.growth_per_week[{sid}]",
        slope,
        "per_week",
        basis="measured",
        low=slope - 0.42,
        high=slope + 0.41,
    )
    b.figure(f"baseline.backlog.open_count[{sid}]", open_count, "count", basis="measured")
    b.figure(f"baseline.demand.tickets_count[{sid}]", int(tickets), "count", basis="measured")
    if sid == "desk":
        b.figure("baseline.demand.request_count[desk]", 70112, "count", basis="measured")
    counts = [("tickets", int(tickets)), ("open", open_count), ("cancelled", int(tickets * 0.012)),
              ("unknown_end", int(tickets * 0.009)), ("handed_over", int(tickets * 0.46)), ("reopened", int(tickets * 0.01))]  # fmt: skip
    b.table(f"baseline.row_counts[{sid}]", "what count", counts, basis="measured")


def _usual(services: list[Document]) -> Document:
    name = text("Nullalternativet", "Business as usual")
    return {
        "id": "business_as_usual", "name": name, "short_name": name, "kind": "business_as_usual",
        "services": [service["id"] for service in services], "supplier": None, "received": None, "deadline": None,
        "is_late": False, "source": None, "meets": [], "exclusions": [], "remarks": [], "file": "", "speed": {},
    }  # fmt: skip


def _option(b: Builder, option: Document, sizes: dict[str, float]) -> Document:
    oid = option["id"]
    usual = sum(sizes[sid] for sid in option["services"])
    total = sum(line[1] for line in option["lines"]) * MILLION
    saving, spread = usual - total, option["spread"] * MILLION
    b.figure(f"projection.cost.business_as_usual_nok[{oid}]", usual, "nok_per_year")
    b.figure(
        f"projection.cost.yearly_nok[{oid}]", total, "nok_per_year", low=total - spread, high=total + spread
    )
    b.figure(f"projection.cost.present_value_nok[{oid}]", total * ANNUITY, "nok")
    rows, years = [], []
    for index, (kind, mnok, low, high, sourced) in enumerate(option["lines"]):
        nb, en = LINE_NAMES[kind]
        line = f"{kind}_{index}"
        rows.append((line, nb, en, kind, mnok * MILLION, low * MILLION, high * MILLION, sourced))
        once = kind == "transition" or (kind == "measure" and mnok > 0)
        years += [
            (
                year,
                line,
                (mnok * MILLION * ANNUITY if year == 0 else 0.0)
                if once
                else (0.0 if year == 0 else mnok * MILLION),
            )
            for year in range(6)
        ]
    b.table(f"projection.cost.lines[{oid}]", "line name_nb name_en kind nok low high has_source", rows)
    b.table(f"projection.cost.years[{oid}]", "year line nok", years)
    b.figure(
        f"decision.net_saving_nok[{oid}]", saving, "nok_per_year", low=saving - spread, high=saving + spread
    )
    if isinstance(option["payback"], int):
        b.figure(f"decision.payback_year[{oid}]", option["payback"], "year")
    else:
        b.figure(f"decision.payback_year[{oid}]", reason=option["payback"])
    for name, p in zip(("cheaper", "faster", "both"), option["p"], strict=True):
        b.figure(
            f"decision.probability_{name}[{oid}]", p, "share", low=max(p - 0.01, 0), high=min(p + 0.01, 1)
        )
    change = option["factor"] - 1
    half = option["speed_spread"]
    b.figure(
        f"decision.speed_change_share[{oid}]",
        change,
        "share",
        low=change - half,
        high=change + half,
        basis=option["basis"],
    )
    b.figure(f"decision.materiality_nok[{oid}]", min(3 * MILLION, 0.05 * usual), "nok_per_year")
    b.figure(f"decision.recommendation[{oid}]", option["outcome"], "text")
    if option["kind"] != "improved":
        price = option["lines"][0][1] * MILLION
        b.figure(
            f"decision.break_even_price_nok[{oid}]",
            price + saving,
            "nok_per_year",
            low=price + saving - spread,
            high=price + saving + spread,
        )
        units = 17500 * 12
        b.figure(
            f"decision.break_even_unit_nok[{oid}]",
            (price + saving) / units,
            "nok_per_unit_month",
            low=(price + saving - spread) / units,
            high=(price + saving + spread) / units,
        )
        b.figure(f"decision.break_even_avoidable_share[{oid}]", 0.81, "share", low=0.76, high=0.86)
        sourced = sum(line[1] for line in option["lines"] if line[4] and line[0] != "price") * MILLION
        unsourced = sum(line[1] for line in option["lines"] if not line[4]) * MILLION
        b.table(
            f"decision.assumed_split[{oid}]",
            "price_nok sourced_nok unsourced_nok",
            [(price, sourced, unsourced)],
        )
        b.figure(
            f"decision.assumed_share[{oid}]", (sourced + unsourced) / (price + sourced + unsourced), "share"
        )
    speed: Document = {}
    for sid in option["services"]:
        _option_speed(b, option, sid)
        kind = {"promised": "promised", "stated": "change", "measured": "unchanged"}[option["basis"]]
        hours = 8.0 if sid == "desk" else 120.0
        speed[sid] = {
            "kind": kind,
            "promises": [{"share": 0.8, "hours": hours}] if kind == "promised" else [],
        }
    words = KIND_WORDS[option["kind"]]
    late = oid == "b_late_bid"
    return {
        "id": oid,
        "name": text(f"{option['short'][0]} – {words[0]} på delkontrakten", f"{option['short'][1]} – {words[1]} for the lot"),
        "short_name": text(*option["short"]), "kind": option["kind"], "services": option["services"],
        "supplier": "Leverandør Fjord AS" if option["kind"] == "bid" else None,
        "received": "2025-03-14T12:30:00" if late else "2025-03-14T11:30:00", "deadline": "2025-03-14T12:00:00",
        "is_late": late, "source": "Tilbudsbrev", "meets": ["clearance"],
        "exclusions": [text("Vakt utenom arbeidstid", "After-hours"), text("Reiser nord for Bodø", "Travel north of Bodø")] if oid in ("field_bid_no_hours", "identity_bid") else [],
        "remarks": [], "file": f"options/{oid}.yaml", "speed": speed,
    }  # fmt: skip


def _option_speed(b: Builder, option: Document, sid: str) -> None:
    oid, basis = option["id"], option["basis"]
    median = next(row[12] for row in SERVICES if row[0] == sid)
    clock_horizon = 160.0 if sid == "payroll" else 720.0
    if median is None:
        b.figure(f"projection.speed.restricted_mean_hours[{sid},{oid}]", reason="no_speed_measure")
        b.table(f"projection.speed.curve[{sid},{oid}]", "hours share_open low high", [], "no_speed_measure")
        return
    spread = 1.35 if basis == "promised" else 1.75
    open_at = lognormal(median * option["factor"] * (1.12 if basis == "promised" else 1.0), spread)
    b.table(
        f"projection.speed.curve[{sid},{oid}]",
        "hours share_open low high",
        curve_rows(open_at, 0.10 if basis == "promised" else 0.04),
        basis=basis,
    )
    for name, share in zip(("median_hours", "p85_hours", "p95_hours"), (0.5, 0.85, 0.95), strict=True):
        b.figure(f"projection.speed.{name}[{sid},{oid}]", quantile(open_at, share), "hours", basis=basis)
    mean = restricted_mean(open_at, clock_horizon)
    note = "if_kept" if basis == "promised" else None
    b.figure(
        f"projection.speed.restricted_mean_hours[{sid},{oid}]",
        mean,
        "hours",
        basis=basis,
        low=mean * 0.9,
        high=mean * 1.1,
        note=note,
    )
    within = 1 - open_at(8.0 if sid == "desk" else 120.0)
    half = 0.09 if basis == "promised" else 0.03
    b.figure(
        f"projection.speed.share_within_target[{sid},{oid}]",
        within,
        "share",
        basis=basis,
        low=max(within - half, 0),
        high=min(within + half, 1),
        note=note,
    )
    b.figure(f"projection.speed.backtest[{sid},{oid}]", reason="no_queue_model")
    b.figure(f"decision.probability_faster[{sid},{oid}]", option["p"][1], "share")


def _decision(b: Builder, sizes: dict[str, float], with_offers: bool, with_ledger: bool) -> None:
    offered = (
        {
            sid
            for option in OPTIONS
            if option["kind"] == "bid" and option["outcome"] != "inadmissible"
            for sid in option["services"]
        }
        if with_offers
        else set()
    )
    avoidable = {row[0]: row[7] for row in SERVICES}
    count = {row[0]: row[11] for row in SERVICES}
    for sid, yearly in sizes.items():
        recommendation = RECOMMENDATION.get(sid, "undecided")
        if not with_offers and recommendation != "not_allowed":
            recommendation = "undecided"
        b.figure(f"decision.service_recommendation[{sid}]", recommendation, "text")
        under = COUNTED.get(sid) if with_offers else None
        b.figure(f"decision.counted_under[{sid}]", under, "text", None if under else "no_option")
        rows = []
        if recommendation == "not_allowed":
            rows.append(("gate_no", None, "national"))
        elif under:
            rows.append(
                {
                    "keep": ("dearer", under, -14.9e6),
                    "improve": ("cheaper_and_faster", under, 8.63e6),
                    "move": ("cheaper_and_faster", under, 3.98e6),
                }[recommendation]
            )
        else:
            rows.append(("no_offer", None, None))
        b.table(f"decision.service_reasons[{sid}]", "code option value", rows)
        if sid in offered or recommendation == "not_allowed":
            continue
        if not with_ledger:
            for name in ("price_to_beat_nok", "price_to_beat_unit_nok", "transition_nok"):
                b.figure(f"decision.{name}[{sid}]", reason="no_ledger")
            continue
        price = (yearly * avoidable[sid] - 0.2 * yearly / ANNUITY) / 1.06
        b.figure(f"decision.transition_nok[{sid}]", 0.2 * yearly, "nok", basis="assumed")
        b.figure(
            f"decision.price_to_beat_nok[{sid}]", price, "nok_per_year", low=price * 0.9, high=price * 1.08
        )
        b.figure(f"decision.price_to_beat_unit_nok[{sid}]", price / count[sid] / 12, "nok_per_unit_month")
    if with_ledger:
        b.figure("decision.total_cost_nok", sum(sizes.values()), "nok_per_year")
        b.figure("baseline.unit_cost.total_nok", sum(sizes.values()), "nok_per_year")
    else:
        b.figure("decision.total_cost_nok", reason="no_ledger")
        b.figure("baseline.unit_cost.total_nok", reason="no_ledger")
    columns = "option quantity now flips_at low high unit distance_share flips_within_interval would_win"
    if not with_offers:
        b.figure("decision.total_saving_nok", reason="no_option_with_cost")
        b.figure("decision.assumed_share", reason="no_offer")
        b.table("decision.flips", columns, [], "nothing_settled")
        b.table("decision.first_question", "question option moves_nok if_yes if_no", [], "no_open_question")
        b.table("decision.conflicts", "service option outcome counted_under", [])
        b.table("decision.summary", "recommendation nok share services options reason", [])
        return
    b.figure("decision.total_saving_nok", 12.61e6, "nok_per_year", low=7e6, high=19e6)
    counted = ("a_bid", "b_bid", "payroll_bid")
    b.figure(
        "decision.assumed_share",
        0.2847,
        "share",
        inputs=[f"decision.assumed_share[{oid}]" for oid in counted],
    )
    b.table("decision.flips", columns, [
        ("a_bid", "price", 248e6, 236.9e6, 240.6e6, 257.9e6, "nok_per_year", -0.0448, False, "move"),
        ("b_bid", "avoidable_share", 0.76, 0.811, 0.70, 0.80, "share", 0.067, False, "move"),
        ("payroll_bid", "price", 14.5e6, 18.5e6, 14.1e6, 15.7e6, "nok_per_year", 0.276, False, "keep"),
    ])  # fmt: skip
    b.table(
        "decision.first_question",
        "question option moves_nok if_yes if_no",
        [("graded_mail", "email_bid", 4e6, "keep", "move")],
    )
    b.table("decision.conflicts", "service option outcome counted_under", [
        ("desk", "desk_bid", "undecided", "a_improved"), ("email", "email_bid", "undecided", "a_improved")])  # fmt: skip
    rows = []
    for code in ("keep", "improve", "move", "not_allowed", "undecided"):
        ids = [sid for sid in sizes if RECOMMENDATION.get(sid, "undecided") == code]
        reason = {
            "keep": "dearer",
            "improve": "cheaper_and_faster",
            "move": "cheaper_and_faster",
            "not_allowed": "gate_no",
        }.get(code, "no_offer")
        rows.append((code, sum(sizes[sid] for sid in ids), 0.2, ",".join(ids), "", reason))
    b.table("decision.summary", "recommendation nok share services options reason", rows)


def _evidence(b: Builder, chance: random.Random) -> None:
    for source, read in (
        ("tickets", 99214),
        ("ticket_events", 301442),
        ("request_counts", 365),
        ("staffing", 612),
        ("ledger", 18204),
    ):
        merged, aside, after = int(read * 0.004), int(read * 0.011), int(read * 0.002)
        for name, value in (
            ("read", read),
            ("merged", merged),
            ("quarantined", aside),
            ("after_cut", after),
            ("used", read - merged - aside - after),
        ):
            b.figure(f"evidence.rows_{name}[{source}]", value, "count", basis="measured")
    b.figure("evidence.unassigned_tickets", 2104, "count", basis="measured")
    b.table("evidence.quarantine_reasons", "source code column rows example_records", [
        ("tickets", "duplicate_row", None, 309, "17, 1240, 1241"), ("tickets", "resolved_before_opened", "resolved_at", 412, "88, 912, 1003"),
        ("tickets", "unknown_team", "assignment_group", 93, "44, 45, 2210"), ("ticket_events", "unknown_ticket", "number", 1402, "9, 12, 13"),
        ("ledger", "bad_number", "amount", 12, "803, 804"), ("tickets", "a_code_of_tomorrow", None, 3, "5"),
    ])  # fmt: skip
    b.table("evidence.files", "source file sha256 rows system has_history", [
        ("tickets", "evidence/tickets.csv", "0" * 64, 99214, "ServiceNow, list", False),
    ])  # fmt: skip
    b.table("evidence.selection_findings", "source code facts spoils refuses", [
        ("tickets", "closed_by_the_clock", "closed_share=0.81;lag_days=5", "", ""),
        ("tickets", "arrivals_end_early", "lost_days=4;usual_count=1908",
         "baseline.demand, baseline.backlog", ""),
    ])  # fmt: skip


def _people() -> list[Document]:
    return [
        {"id": "directorate", "name": text("Direktoratet", "The directorate"), "role": text("Eier", "Owner"),
         "position": text("Det viktigste er at politiet får hjelp raskt; prisen kommer etter.", "Fast help matters most; price comes after."), "left_on": None},
        {"id": "provider", "name": text("IKT-ledelsen", "The provider's management"), "role": text("Leverandør i dag", "Provider today"),
         "position": text("Vi kan bli raskere selv hvis vi får to år.", "We can become faster ourselves if given two years."), "left_on": None},
        {"id": "union", "name": text("Fagforeningen", "The union"), "role": text("Ansatte", "Employees"),
         "position": text("De ansatte må være med fra første dag.", "Employees must take part from day one."), "left_on": None},
        {"id": "predecessor", "name": text("Forrige direktør", "The former director"), "role": text("Signerte mandatet", "Signed the mandate"),
         "position": text("Alt som kan kjøpes, bør kjøpes.", "Whatever can be bought should be bought."), "left_on": "2024-06-30"},
    ]  # fmt: skip


def _assumptions() -> list[Document]:
    rows = [
        ("discount_rate_real", [0.04], "share per year", "cost", "Real kalkulasjonsrente", "Real discount rate", "R-109/21"),
        ("real_wage_growth", [0.002, 0.009, 0.016], "share per year", "cost", "Reallønnsvekst (P10|P50|P90)", "Real wage growth (P10|P50|P90)", "R-109/21, FRAM"),
        ("draws", [10000], "count", "cost", "Antall trekninger", "Monte Carlo draws", None),
        ("screening_transition_share", [0.2], "share of yearly cost", "cost", "Etablering, der ingen har gitt tilbud", "Transition, where nobody has offered", None),
        ("speed_horizon_hours", [720], "hours", "speed", "Horisont for avgrenset gjennomsnittstid", "Horizon of the restricted mean time", None),
        ("speed_horizon_working_hours", [160], "hours", "speed", "Horisont, i arbeidstid", "Horizon, on the working clock", None),
        ("materiality_nok", [3000000], "NOK per year", "decision", "Vesentlighetsgrense i kroner", "Materiality in kroner", None),
        ("required_probability_cheaper", [0.9], "share", "decision", "Krav til sannsynlighet for billigere", "Required probability of being cheaper", None),
        ("required_probability_faster", [0.9], "share", "decision", "Krav til sannsynlighet for raskere", "Required probability of being faster", None),
    ]  # fmt: skip
    return [
        {"name": name, "values": values, "unit": unit, "section": section, "overridden": name.startswith("required"),
         "source": source, "why": "Vedtatt av styringsgruppen" if name.startswith("required") else None, "nb": nb, "en": en}
        for name, values, unit, section, nb, en, source in rows
    ]  # fmt: skip


def _inputs() -> Document:
    sha = "9a7c" * 16
    return {
        "case:case.yaml": {"sha256": sha},
        "case:services.yaml": {"sha256": sha[::-1]},
        "case:options/a_bid.yaml#lines.price.amount": {"value": "248000000"},
        "evidence:tickets": {"file": "tickets.csv", "sha256": sha, "rows_read": 99214, "rows_used": 97528, "rows_merged": 396, "rows_quarantined": 1091, "rows_after_cut": 198},
        "evidence:ledger": {"file": "ledger.csv", "sha256": sha, "rows_read": 18204, "rows_used": 18000, "rows_merged": 0, "rows_quarantined": 12, "rows_after_cut": 0},
        "evidence:snapshot": {"sha256": sha},
    }  # fmt: skip


def small() -> Document:
    """Return a case of three services and two options, for the golden brief."""
    document = example()
    keep = {"field", "payroll", "development"}
    case = document["case"]
    case["services"] = [service for service in case["services"] if service["id"] in keep]
    case["options"] = [
        option for option in case["options"] if option["id"] in ("business_as_usual", "payroll_bid")
    ]
    case["options"][0]["services"] = sorted(keep)
    names = {"payroll_bid", "business_as_usual"}
    options = {option["id"] for option in OPTIONS}

    def wanted(key: str) -> bool:
        subject = key.partition("[")[2].rstrip("]").split(",")
        services = {row[0] for row in SERVICES}
        return all(
            (part not in services or part in keep) and (part not in options or part in names)
            for part in subject
        )

    for group in ("figures", "series"):
        document[group] = {key: item for key, item in document[group].items() if wanted(key)}
    for sid in ("field", "development"):
        document["figures"][f"decision.service_recommendation[{sid}]"]["value"] = "undecided"
        item = document["figures"][f"decision.counted_under[{sid}]"]
        item["value"], item["reason"] = None, "no_option"
        document["series"][f"decision.service_reasons[{sid}]"]["rows"] = [["no_offer", None, None]]
    flips = document["series"]["decision.flips"]
    flips["rows"] = [row for row in flips["rows"] if row[0] == "payroll_bid"]
    document["series"]["decision.conflicts"]["rows"] = []
    document["series"]["decision.first_question"]["rows"] = []
    for name, value in (("decision.total_saving_nok", 3.98e6), ("decision.total_cost_nok", 202e6)):
        item = document["figures"][name]
        item["value"], item["low"], item["high"] = value, value * 0.5, value * 1.5
    return document

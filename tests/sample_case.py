"""Cases and baselines built in memory for the tests of projection and decision: no files, no tickets.

`agency_lots` holds the example agency's own arithmetic (costs, offers, avoidable shares), so that a test can
ask for the printed numbers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from makeorbuy.baseline.model import Baseline, CostComponent, ServiceBaseline, ServiceCost, SurvivalCurve
from makeorbuy.case.assumptions import Assumption, Assumptions, declarations
from makeorbuy.case.model import (
    Avoidable,
    Case,
    CostDriver,
    CostLine,
    Gate,
    GateAnswer,
    LocalText,
    Period,
    Promise,
    Question,
    Rule,
    Service,
    SourcingOption,
    SpeedStatement,
    Target,
    Uncertain,
    WorkingCalendar,
)

MNOK = 1_000_000
PERIOD = Period(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2025-01-01"))
NO_GROWTH = {"real_wage_growth": (0, 0, 0), "real_price_growth": (0, 0, 0), "inflation": (0, 0, 0)}


def text(words: str) -> LocalText:
    return LocalText(words, words)


def number(written: Any, place: str = "", factor: float = 1.0) -> Uncertain:
    """Read a number as it is written in YAML."""
    if isinstance(written, Uncertain):
        return written
    if not isinstance(written, dict):
        return Uncertain("exact", (float(written) * factor,), None, None, place)
    keys = [key for key in written if key not in ("source", "by")]
    kind = {
        ("p10", "p50", "p90"): "quantiles",
        ("low", "mode", "high"): "triangle",
        ("from", "to"): "range",
        ("value",): "exact",
    }[tuple(keys)]
    values = tuple(float(written[key]) * factor for key in keys)
    return Uncertain(kind, values, written.get("source"), None, place)  # type: ignore[arg-type]


def assumptions(**overrides: Any) -> Assumptions:
    """Override assumptions by name; a value, or three."""
    table = {}
    for name, given in overrides.items():
        values = tuple(float(part) for part in (given if isinstance(given, (tuple, list)) else (given,)))
        table[name] = Assumption(declarations()[name], values, True, "test")
    return Assumptions(table)


def service(
    name: str, avoidable: Any = 1.0, run_off: Any = (1.0,), count: float = 1.0, **rest: Any
) -> Service:
    target = rest.get("target")
    return Service(
        id=name, name=text(name), owner=None, teams=(name,), categories=(),
        speed_measure=rest.get("speed_measure", "restore"), clock=rest.get("clock", "elapsed"),
        target=Target(*target) if target else None,
        driver=CostDriver(text("user"), count, None),
        avoidable=Avoidable(
            number(avoidable, f"case:services.yaml#services.{name}.avoidable.share"), tuple(run_off), None
        ),
    )  # fmt: skip


def line(
    name: str, kind: str, amount: Any, option: str = "o", services: tuple[str, ...] = (), **rest: Any
) -> CostLine:
    """Make a cost line; the amount is in NOK."""
    per = rest.get("per", "year")
    years = rest.get("years", [0, 0] if per == "once" else [1, 99])
    return CostLine(
        id=name, name=text(name), kind=kind,  # type: ignore[arg-type]
        amount=number(amount, f"case:options/{option}.yaml#lines.{name}.amount"),
        per=per, units=rest.get("units"), from_year=years[0], to_year=years[1],
        growth=rest.get("growth", "consumer_prices"), index_wage_share=rest.get("index_wage_share", 0.0),
        chance=rest.get("chance"), question=rest.get("question"), falls_away=rest.get("falls_away", False),
        services=tuple(rest.get("covers", services)),
    )  # fmt: skip


def promised(share: float, hours: float, kept: Any = None, missed: Any = None) -> SpeedStatement:
    return SpeedStatement(
        "promised", None, (Promise(share, hours),),
        None if kept is None else number(kept), None if missed is None else number(missed),
    )  # fmt: skip


def change(factor: Any) -> SpeedStatement:
    return SpeedStatement("change", number(factor))


UNCHANGED = SpeedStatement("unchanged")


def option(
    name: str, kind: str, services: tuple[str, ...], *lines: CostLine, speed: Any = None, **rest: Any
) -> SourcingOption:
    """Make an option; its lines cover all its services unless they say otherwise."""
    placed = tuple(
        replace(
            item,
            services=item.services or services,
            amount=replace(item.amount, place=f"case:options/{name}.yaml#lines.{item.id}.amount"),
        )
        for item in lines
    )
    if speed is not None and not isinstance(speed, dict):
        speed = dict.fromkeys(services, speed)
    return SourcingOption(
        id=name, name=text(name), short_name=text(name), kind=kind,  # type: ignore[arg-type]
        services=services, supplier=None, received=rest.get("received"), deadline=rest.get("deadline"),
        source=rest.get("source"), meets=rest.get("meets", ()), lines=placed, speed=speed or {},
        exclusions=rest.get("exclusions", ()), file=f"options/{name}.yaml",
    )  # fmt: skip


def gate(name: str, default: str = "yes", **answers: str) -> Gate:
    return Gate(
        name, text(name), None, GateAnswer(default),  # type: ignore[arg-type]
        {key: GateAnswer(answer) for key, answer in answers.items()},  # type: ignore[arg-type]
    )  # fmt: skip


def case(services: tuple[Service, ...], options: tuple[SourcingOption, ...] = (), **rest: Any) -> Case:
    """Make a case; business as usual is added where there is none."""
    if not any(item.kind == "business_as_usual" for item in options):
        names = tuple(item.id for item in services)
        options = (option("business_as_usual", "business_as_usual", names), *options)
    given = {"draws": 1000, **rest.pop("assume", {})}
    return Case(
        title=text("t"), agency=text("a"), stage=rest.get("stage", "tender"), language="nb", price_year=2025,
        horizon_years=rest.get("horizon", 5), period=PERIOD,
        calendar=WorkingCalendar(None, (None,) * 7, (), "Europe/Oslo"), rule=Rule(None, None),
        seed=rest.get("seed", 0), services=services, options=options, gates=tuple(rest.get("gates", ())),
        questions=tuple(rest.get("questions", ())), stakeholders=(), sources=(), ledger_rules=(),
        allocation_keys={}, outside_ledger=(), assumptions=assumptions(**given),
    )  # fmt: skip


def question(name: str, *options: str) -> Question:
    return Question(name, text(name), text("somebody"), text("a week"), options)


def cost(staff_nok: float = 0.0, other_nok: float = 0.0) -> ServiceCost:
    parts = (("staff", True, staff_nok), ("other", False, other_nok))
    return ServiceCost(
        tuple(CostComponent(name, name, "direct", staff, round(nok * 100), ()) for name, staff, nok in parts)
    )


NO_LEDGER = ServiceCost(())


def measured(
    name: str,
    yearly: ServiceCost,
    *,
    median_hours: float = 24.0,
    tickets: int = 1000,
    spread: float = 1.5,
    replicates: int = 200,
    grid: int = 100,
    jitter: float = 0.05,
) -> ServiceBaseline:
    """Make a service whose times are lognormal; the bootstrap samples differ by a few per cent."""
    from statistics import NormalDist

    z = np.array([NormalDist().inv_cdf((i + 0.5) / grid) for i in range(grid)])
    hours = median_hours * np.exp(spread * z)
    rng = np.random.default_rng(sum(map(ord, name)))
    samples = hours * np.exp(jitter * rng.standard_normal((replicates, 1)))
    share_open = 1 - (np.arange(grid) + 0.5) / grid
    curve = SurvivalCurve(hours, share_open, share_open, share_open, float(hours[-1]), tickets, 0)
    return ServiceBaseline(name, tickets, tickets, curve, samples, hours, None, yearly)


def unmeasured(name: str, yearly: ServiceCost, reason: str = "no_tickets") -> ServiceBaseline:
    return ServiceBaseline(name, 0, 0, None, None, None, reason, yearly)


def baseline(*services: ServiceBaseline) -> Baseline:
    return Baseline({item.service: item for item in services}, (), ())


AGENCY = {  # MNOK staff, other, avoidable share, driver units, tickets
    "desk": (57.3, 8.0, 0.85, 17500, 43000),
    "workplace": (39.7, 92.0, 0.93, 17500, 5600),
    "field": (54.5, 7.0, 0.80, 17500, 7800),
    "email": (12.6, 22.0, 0.90, 17500, 3200),
    "network": (33.0, 80.0, 0.80, 300, 3900),
    "servers": (52.3, 78.0, 0.75, 900, 3100),
    "storage": (14.8, 34.0, 0.70, 4000, 2300),
    "payroll": (9.2, 16.0, 0.90, 17500, 3500),
}
LOT_A = ("desk", "workplace", "field", "email")
LOT_B = ("network", "servers", "storage")


def agency_options() -> tuple[SourcingOption, ...]:
    """The six options with their printed arithmetic, every amount exact."""

    def bid(name: str, lot: Any, price: float, retained: float, transition: float, speed: Any) -> Any:
        return option(
            name, "bid", lot,
            line("price", "price", {"value": price * MNOK, "source": "the offer"}),
            line("retained", "retained", retained * MNOK),
            line("transition", "transition", {"value": transition * MNOK, "source": "a plan"}, per="once"),
            speed=speed,
        )  # fmt: skip

    return (
        bid("a_bid", LOT_A, 248, 12, 42, change(0.9)),
        option(
            "a_improved", "improved", LOT_A,
            line("fewer_calls", "measure", -12 * MNOK), line("tools", "measure", 15 * MNOK, per="once"),
            speed=change(0.88),
        ),
        bid("b_bid", LOT_B, 190, 18, 130, change(1.04)),
        bid("payroll_bid", ("payroll",), 14.5, 1.5, 12, change(0.82)),
        bid("desk_bid", ("desk",), 44, 5, 10, change(1.12)),
        bid("email_bid", ("email",), 24, 2, 9, change(0.97)),
    )  # fmt: skip


def agency(options: tuple[SourcingOption, ...] | None = None, **rest: Any) -> tuple[Case, Baseline]:
    """The eight services that have offers, with the printed costs and no growth."""
    services = tuple(
        service(name, {"value": share, "source": "ledger"}, count=count, target=(48.0, 0.8))
        for name, (_, _, share, count, _) in AGENCY.items()
    )
    given = {**NO_GROWTH, **rest.pop("assume", {})}
    whole = case(services, agency_options() if options is None else options, assume=given, **rest)
    measures = [
        measured(name, cost(staff * MNOK, other * MNOK), tickets=tickets)
        for name, (staff, other, _, _, tickets) in AGENCY.items()
    ]
    return whole, baseline(*measures)

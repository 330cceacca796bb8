"""The first page: what is recommended, why, and how sure we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import (
    assumed_chart,
    backlog_chart,
    bridge_chart,
    flips_chart,
    map_chart,
    target_chart,
    titles,
)
from makeorbuy.brief import chart as c
from makeorbuy.brief.chart import Chart, block, missing, table
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.option_page import near_required
from makeorbuy.brief.paper import arrange, room_below, rows_height
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.recommendation_rows import (
    RECOMMENDATIONS,
    recommendation_rows,
    savings_by_recommendation,
    services_by_recommendation,
)

# the command line shows the same sentences and rows in the terminal
__all__ = ["RECOMMENDATIONS", "caveats", "first_page", "headline", "lead", "services_by_recommendation"]

MOST_OPTIONS = 8

SLACK = 14.0
"""What the first page keeps free on paper, for a browser that breaks a line earlier. [pt]"""


def first_page(reading: Reading, footer: Content, contents: Content) -> Markup:
    """Return the first page."""
    v = reading.voice
    groups = services_by_recommendation(reading)
    bid = bridge_option(reading)
    charts = _full(reading, bid) if bid is not None else _screening(reading)
    rows = recommendation_rows(reading, groups)
    said = headline(reading)
    room = room_below(said, lead_with_bars(reading), "") - rows_height(rows) - SLACK
    sides, scale = arrange(charts, room, most=0.86)
    first, second, *rest = (block(chart, class_=side) for chart, side in zip(charts, sides, strict=True))
    return tag(
        "section",
        tag(
            "header",
            tag(
                "p",
                tag("span", v("page.kind", title=v.text(reading.case["title"]))),
                tag("span", _about(reading)),
                class_="strip",
            ),
            tag("h1", c.capital(said)),
            tag("p", lead_with_bars(reading), class_="lead"),
        ),
        rows,
        tag(
            "div",
            first,
            second,
            tag("div", rest, class_="stack"),
            class_="charts first",
            style=f"--drawing: {scale:.0%}",
        ),
        contents,
        footer,
        class_="page",
        id="top",
    )


def headline(reading: Reading) -> str:
    """Return the one sentence that answers the case."""
    groups = services_by_recommendation(reading)
    offers = [option for option in reading.options.values() if option["kind"] in ("bid", "market_estimate")]
    only = reading.service_name(next(iter(reading.services))) if len(reading.services) == 1 else None
    counts = {code: len(ids) for code, ids in groups.items()}
    savings = savings_by_recommendation(reading, groups)
    if savings.get("improve", 0.0) < _most_still_open(reading):
        savings["improve"] = 0.0  # an offer that is not settled might save more
    return c.capital(titles.headline(reading.voice, counts, savings, bool(offers), only))


def _most_still_open(reading: Reading) -> float:
    """Return the largest expected saving of an offer that the rule has not settled. [NOK per year]"""
    return max(
        (
            reading.number("decision.net_saving_nok", oid) or 0.0
            for oid, option in reading.options.items()
            if option["kind"] == "bid" and reading.outcome(oid) == "undecided"
        ),
        default=0.0,
    )


def _about(reading: Reading) -> str:
    v = reading.voice
    stage = v.first("stage", reading.case["stage"], str(reading.case["stage"]))
    return v(
        "page.about", agency=v.text(reading.case["agency"]), stage=stage, year=str(reading.case["price_year"])
    )


def bridge_option(reading: Reading) -> Mapping[str, Any] | None:
    """Return the option whose bridge stands on the first page.

    The external option that touches the most money: the largest cost today among bids, then among
    market estimates, whose cost could be compared and which may be chosen; if none may be chosen,
    the largest that could be compared. The first in the case wins a tie.
    """
    compared = [
        option
        for option in reading.options.values()
        if option["kind"] in ("bid", "market_estimate")
        and reading.number("decision.net_saving_nok", option["id"]) is not None
    ]

    def weight(option: Mapping[str, Any]) -> tuple[bool, bool, float]:
        size = reading.number("projection.cost.business_as_usual_nok", option["id"]) or 0.0
        return is_admissible(reading, option), option["kind"] == "bid", size

    return max(compared, key=weight, default=None)


def is_admissible(reading: Reading, option: Mapping[str, Any]) -> bool:
    """Return whether an option may be chosen at all, whatever its figures."""
    return reading.outcome(option["id"]) not in ("inadmissible", "not_allowed")


def options_on_map(reading: Reading) -> list[Mapping[str, Any]]:
    """Return the options of the map: those that may be chosen, at most eight.

    Those that are better than business as usual come first, then the largest lots.
    """
    allowed = [option for option in reading.options.values() if is_admissible(reading, option)]
    compared = [o for o in allowed if reading.number("decision.net_saving_nok", o["id"]) is not None]
    compared.sort(
        key=lambda o: (
            reading.outcome(o["id"]) != "better",
            -(reading.number("projection.cost.business_as_usual_nok", o["id"]) or 0.0),
        )
    )
    return compared[:MOST_OPTIONS]


def _full(reading: Reading, bid: Mapping[str, Any]) -> list[Chart]:
    v = reading.voice
    on_map = options_on_map(reading)
    left_out = [option for option in reading.options.values() if option not in on_map]
    note: Content = None
    if left_out:
        names = [tag("a", reading.label(option), href=f"#option-{option['id']}") for option in left_out]
        note = [" ", v("map.left_out"), " ", _commas(names), "."]
    flips = reading.table("decision.flips")
    return [
        bridge_chart.bridge(reading, bid),
        map_chart.superiority(reading, on_map, note),
        flips_chart.flips(reading, flips.rows[:3], flips.id, find_out_first(reading)),
        assumed_chart.assumptions(reading),
    ]


def _commas(items: Sequence[Content]) -> list[Content]:
    result: list[Content] = []
    for item in items:
        if result:
            result.append(", ")
        result.append(item)
    return result


def _screening(reading: Reading) -> list[Chart]:
    """Return the charts when nobody has offered anything: today's speed, and the prices to beat."""
    speed = target_chart.services_within_target(reading, None, list(reading.services))
    growth = backlog_chart.growth_of_services(reading)
    return [
        speed,
        growth,
        prices_to_beat(reading),
        still_missing(reading),
    ]


def prices_to_beat(reading: Reading) -> Chart:
    """Return the price that an offer on each service must beat, and what moving may cost."""
    v = reading.voice
    rows: list[list[Content]] = []
    total, reason = 0.0, None
    for sid, service in reading.services.items():
        price = reading.figure("decision.price_to_beat_nok", sid)
        if price.number is None:
            reason = reason or price.reason or reading.figure("baseline.unit_cost.yearly_nok", sid).reason
            continue
        yearly = reading.yearly_nok(sid)
        unit = reading.number("decision.price_to_beat_unit_nok", sid)
        total += price.number
        rows.append(
            [
                tag("a", reading.service_name(sid), href=f"#service-{sid}"),
                None if yearly is None else v.millions(yearly),
                v.millions(price.number),
                None if unit is None else _per_unit(v.whole(unit), v.text(service["driver"]["name"])),
            ]
        )
    ids = "decision.price_to_beat_nok[*]"
    if not rows:
        return missing(v, "price_to_beat", v.reason(reason or "no_ledger"), ids)
    title = v("title.beat.plain", count=v.count_word(len(rows)), amount=v.bold_mnok(total))
    head = [v("head.service"), v("head.today"), v("head.price_to_beat"), v("head.unit_month")]
    return Chart(title, v("beat.subtitle"), table=table(title, head, rows, class_="spans"), ids=(ids,))


def _per_unit(amount: str, driver: str) -> Content:
    return [amount, " ", tag("span", f"/ {driver}", class_="span")]


def still_missing(reading: Reading) -> Chart:
    """Return what must be found before anything can be recommended."""
    v = reading.voice
    items: list[str] = []
    if not any(option["kind"] in ("bid", "market_estimate") for option in reading.options.values()):
        items.append(v("lacking.offers"))
    if all(reading.yearly_nok(sid) is None for sid in reading.services):
        items.append(v("lacking.ledger"))
    unknown = [
        reading.service_name(sid)
        for sid, service in reading.services.items()
        if any(gate["answer"] == "unknown" for gate in service.get("gates", []))
    ]
    if unknown:
        items.append(v("lacking.gates", services=v.listed(unknown)))
    without_target = [
        reading.service_name(sid) for sid, service in reading.services.items() if not service.get("target")
    ]
    if without_target:
        items.append(v("lacking.targets", services=v.listed(without_target)))
    if not items:
        items.append(v("lacking.nothing"))
    return Chart(
        v.counted("title.lacking.things", len(items)) if items else "",
        after=tag("ul", [tag("li", item) for item in items], class_="plain"),
    )


def find_out_first(reading: Reading) -> Content:
    """Return the question that moves most: what it moves, what it costs, whom to ask."""
    v = reading.voice
    answers = reading.table("decision.first_question")
    questions = {question["id"]: question for question in reading.case.get("questions", [])}
    row = next((row for row in answers.rows if row["question"] in questions), None)
    if row is not None:
        question = questions[row["question"]]
        option = reading.options.get(str(row.get("option")))
        yes, no = v.first("outcome", row.get("if_yes"), ""), v.first("outcome", row.get("if_no"), "")
        moves = v("ask.moves", amount=v.mnok(abs(row["moves_nok"] or 0.0)))
        if option is not None and yes and no:
            code = "ask.decides" if yes != no else "ask.same"
            moves += " " + v(code, option=reading.object(option), yes=yes.lower(), no=no.lower())
        effort, whom = v.text(question["effort"]), v.text(question["ask"])
        parts = [v.text(question["text"]), moves]
        if effort:
            parts.append(v("ask.effort", effort=effort.rstrip(".")))
        if whom:
            parts.append(v("ask.whom", whom=whom.rstrip(".")))
    elif questions:
        question = next(iter(questions.values()))
        parts = [v.text(question["text"]), v("ask.whom", whom=v.text(question["ask"]).rstrip("."))]
    else:
        return None
    return tag("p", tag("b", v("ask.first")), " ", " ".join(parts), class_="ask")


def lead_with_bars(reading: Reading) -> str:
    """Return the line below the headline, and what the bars under it show."""
    v = reading.voice
    said, care = lead(reading), caveats(reading)
    bars = v("lead.bars_cost")
    if total_cost(reading) is None:
        bars = v("lead.bars_count", services=v.whole(len(reading.services)))
    return " ".join(filter(None, (said, care, bars)))


def total_cost(reading: Reading) -> float | None:
    """Return what the services cost; None where that is not known. [NOK a year]"""
    total = reading.number("decision.total_cost_nok")
    return reading.number("baseline.unit_cost.total_nok") if total is None else total


def caveats(reading: Reading) -> str:
    """Return how to read the answer where the records spoil it: its times, its costs; else nothing."""
    options = list(reading.options)
    times = [reading.figure("decision.probability_faster", option) for option in options]
    if not options:
        times = [
            reading.figure("baseline.flow_time.median_hours", sid, service["clock"])
            for sid, service in reading.services.items()
        ]
    costs = [reading.figure("decision.net_saving_nok", option) for option in options]
    costs.append(reading.figure("decision.total_cost_nok"))
    near = [words for option in reading.options.values() for words in near_required(reading, option)]
    return " ".join(filter(None, (reading.caveat("times", *times), reading.caveat("costs", *costs), *near)))


def lead(reading: Reading) -> str:
    """Return the line below the headline: what the recommendations save, and of how much."""
    v = reading.voice
    saving = reading.figure("decision.total_saving_nok")
    total = total_cost(reading)
    if total is None:
        reason = reading.figure("baseline.unit_cost.total_nok").reason or "no_ledger"
        return (
            v("lead.no_cost") if reason == "no_ledger" else v("lead.no_cost_because", reason=v.reason(reason))
        )
    if not saving.number:
        return v("lead.no_saving", total=v.millions(total))
    code = "lead.saves" if saving.number > 0 else "lead.costs"
    return v(
        code,
        amount=v.millions(abs(saving.number)),
        unit=v("lead.unit"),
        span=v.millions_span(saving.low, saving.high),
        total=v.millions(total),
    )

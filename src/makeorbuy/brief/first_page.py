"""The first page: what is recommended, why, and how sure we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import map_chart, money_charts, speed_charts, titles
from makeorbuy.brief.chart import Chart, block, missing, table
from makeorbuy.brief.markup import Content, Markup, join, number, tag
from makeorbuy.brief.paper import arrange, room_below, rows_height
from makeorbuy.brief.reading import Reading, Row

RECOMMENDATIONS = ("keep", "improve", "move", "not_allowed", "undecided")
"""The order of the rows: fixed, also when a row is empty."""

FILL = {
    "keep": c.KEEP,
    "improve": c.OWN,
    "move": c.SUPPLIER,
    "not_allowed": c.BANNED,
    "undecided": c.HATCH,
}
MOST_OPTIONS = 8


def first_page(reading: Reading, footer: Content, contents: Content) -> Markup:
    """Return the first page."""
    v = reading.voice
    groups = services_by_recommendation(reading)
    bid = bridge_option(reading)
    charts = _full(reading, bid) if bid is not None else _screening(reading)
    rows = recommendation_rows(reading, groups)
    said = headline(reading)
    room = room_below(said, lead(reading), "") - rows_height(rows)
    sides, scale = arrange(charts, room, most=0.86)
    first, second, *rest = (block(chart, class_=side) for chart, side in zip(charts, sides, strict=True))
    return tag(
        "section",
        tag(
            "header",
            tag("p", tag("span", v("page.kind", title=v.text(reading.case["title"]))), tag("span", _about(reading)), class_="strip"),
            tag("h1", c.capital(said)),
            tag("p", lead(reading), class_="lead"),
        ),
        rows,
        tag("div", first, second, tag("div", rest, class_="stack"), class_="charts first", style=f"--drawing: {scale:.0%}"),
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
    return c.capital(titles.headline(reading.voice, counts, savings, bool(offers), only))


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
        money_charts.bridge(reading, bid),
        map_chart.superiority(reading, on_map, note),
        money_charts.flips(reading, flips.rows[:3], flips.id, find_out_first(reading)),
        money_charts.assumptions(reading),
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
    speed = speed_charts.services_within_target(reading, None, list(reading.services))
    growth = speed_charts.growth_of_services(reading)
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
                None if unit is None else f"{v.whole(unit)} / {v.text(service['driver']['name'])}",
            ]
        )
    ids = "decision.price_to_beat_nok[*]"
    if not rows:
        return missing(v, "price_to_beat", v.reason(reason or "no_ledger"), ids)
    title = v("title.beat.plain", count=v.count_word(len(rows)), amount=v.bold_mnok(total))
    head = [v("head.service"), v("head.today"), v("head.price_to_beat"), v("head.unit_month")]
    return Chart(title, v("beat.subtitle"), table=table(title, head, rows), ids=(ids,))


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
    without_target = [reading.service_name(sid) for sid, service in reading.services.items() if not service.get("target")]
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


# recommendation rows


def services_by_recommendation(reading: Reading) -> dict[str, list[str]]:
    """Return the services of each recommendation, the dearest first; every service once."""
    groups: dict[str, list[str]] = {code: [] for code in RECOMMENDATIONS}
    for sid in reading.services:
        groups.setdefault(reading.recommendation(sid), []).append(sid)
    for ids in groups.values():
        ids.sort(key=lambda sid: -(reading.yearly_nok(sid) or 0.0))
    return groups


def counted_options(reading: Reading, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the options that these services are counted under, the largest first."""
    found = []
    for sid in ids:
        option = reading.options.get(str(reading.figure("decision.counted_under", sid).value))
        if option is not None and option not in found:
            found.append(option)
    return sorted(found, key=lambda o: -(reading.number("projection.cost.business_as_usual_nok", o["id"]) or 0.0))


def savings_by_recommendation(reading: Reading, groups: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the expected yearly saving of what is recommended. [NOK per year]"""
    return {
        code: sum(
            reading.number("decision.net_saving_nok", option["id"]) or 0.0
            for option in counted_options(reading, groups.get(code, ()))
        )
        for code in ("improve", "move")
    }


def lead(reading: Reading) -> str:
    """Return the line below the headline: what the recommendations save, and of how much."""
    v = reading.voice
    saving = reading.figure("decision.total_saving_nok")
    total = reading.number("decision.total_cost_nok")
    if total is None:
        total = reading.number("baseline.unit_cost.total_nok")
    if total is None:
        return v("lead.no_cost", services=v.whole(len(reading.services)))
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


def recommendation_rows(reading: Reading, groups: Mapping[str, Sequence[str]]) -> Markup:
    """Return the table of recommendations, with a bar in each row on one common scale."""
    v = reading.voice
    summary = {str(row["recommendation"]): row for row in reading.table("decision.summary").rows}
    sums = {code: sum(reading.yearly_nok(sid) or 0.0 for sid in groups[code]) for code in RECOMMENDATIONS}
    whole, longest = sum(sums.values()), max(sums.values(), default=0.0)
    most = max((len(ids) for ids in groups.values()), default=0)
    rows = []
    for code in RECOMMENDATIONS:
        ids = groups[code]
        if whole > 0:
            amount = v.millions(sums[code]) if ids else "–"
            share = v.percent(sums[code] / whole) if ids else ""
            sizes = [reading.yearly_nok(sid) or 0.0 for sid in ids]
        else:
            amount, share = (v.whole(len(ids)) if ids else "–"), ""
            sizes = [1.0] * len(ids)
        bar = _bar(code, sizes, longest if whole > 0 else float(most), v("rows.bar", name=v(f"recommendation.{code}")))
        rows.append(
            tag(
                "tr",
                tag("th", v(f"recommendation.{code}"), scope="row", role="rowheader"),
                tag("td", amount, class_="amount", role="cell"),
                tag("td", share, class_="part", role="cell"),
                tag("td", bar, class_="bar", role="cell"),
                tag("td", _reason_and_services(reading, code, ids, summary.get(code), whole > 0), class_="say", role="cell"),
                role="row",
            )
        )
    return tag(
        "table",
        tag("colgroup", [tag("col", class_=f"c-{name}") for name in ("name", "amount", "part", "bar", "say")]),
        tag(
            "thead",
            tag(
                "tr",
                [
                    tag("th", v(f"rows.head.{k}"), scope="col", role="columnheader")
                    for k in ("recommendation", "mnok" if whole > 0 else "count", "share", "bar", "reason")
                ],
                role="row",
            ),
            role="rowgroup",
            class_="unseen",
        ),
        tag("tbody", rows, role="rowgroup"),
        class_="rows",
        role="table",
        aria_label=v("rows.label"),
    )


def _bar(code: str, sizes: Sequence[float], longest: float, label: str) -> Markup | None:
    if not sizes or longest <= 0:
        return None
    parts: list[Content] = []
    at = 0.0
    for size in sizes:
        width = size / longest * 100
        if code == "undecided":
            parts.append(
                tag("rect", x=f"{number(at)}%", y="0.5", width=f"{number(width)}%", height="15", fill=c.HATCH,
                    stroke=c.HATCH_EDGE)
            )  # fmt: skip
        else:
            parts.append(
                tag("rect", x=f"{number(at)}%", y="0", width=f"{number(width)}%", height="16", fill=FILL[code],
                    stroke="#fff", stroke_width=1.2)
            )  # fmt: skip
        at += width
    return tag("svg", *parts, width="100%", height="16", role="img", aria_label=label)


def _reason_and_services(
    reading: Reading, code: str, ids: Sequence[str], row: Row | None, with_money: bool
) -> Content:
    v = reading.voice
    if not ids:
        return tag("span", v("rows.none"), class_="second")
    names: list[Content] = []
    for sid in ids:
        yearly = reading.yearly_nok(sid)
        name: list[Content] = [tag("a", reading.service_name(sid), href=f"#service-{sid}")]
        if with_money and yearly is not None and len(ids) > 1:
            name.append("\u00a0" + v.millions(yearly))
        names.append(tag("span", name, class_="item"))
    told: list[Content] = [tag("b", reason_for(reading, code, ids, row)), " "]
    for index, item in enumerate(names):
        told += [" · " if index else "", item]
    aside = _conflicts(reading, ids)
    return [*told, ". " + aside if aside else ""]


def reason_for(reading: Reading, code: str, ids: Sequence[str], row: Row | None = None) -> str:
    """Return in one or two sentences why these services got this recommendation."""
    v = reading.voice
    counted = counted_options(reading, ids)
    best = counted[0] if counted else None
    if code == "not_allowed":
        return v("why.not_allowed", gates=v.listed(_gates(reading, ids)) or v("word.gate"))
    if code == "improve" and best is not None:
        saving = reading.number("decision.net_saving_nok", best["id"]) or 0.0
        words = [v("why.improve", amount=v.millions(saving))]
        rival = next(
            (o for o in reading.options.values() if o["kind"] == "bid" and set(o["services"]) == set(best["services"])), None
        )
        if rival is not None:
            words.append(_against(reading, rival))
        return _sentence(words)
    if code == "move" and best is not None:
        saving = sum(reading.number("decision.net_saving_nok", o["id"]) or 0.0 for o in counted)
        faster = reading.number("decision.probability_faster", best["id"])
        if faster is None or len(counted) > 1:
            return v("why.move", amount=v.millions(saving))
        return v("why.move_faster", amount=v.millions(saving), probability=titles.probability_words(v, faster))
    if code == "keep" and best is not None:
        return _sentence([_against(reading, best)])
    if code == "undecided":
        return _undecided(reading, ids, row)
    return v.first("why", code, v("why.other"))


def _against(reading: Reading, option: Mapping[str, Any]) -> str:
    v = reading.voice
    saving = reading.number("decision.net_saving_nok", option["id"])
    subject = reading.object(option)
    if saving is None:
        return v("why.not_compared", subject=subject)
    if saving < 0:
        return v("why.costs_more", subject=subject, amount=v.millions(-saving))
    return v("why.saves_only", subject=subject, amount=v.millions(saving))


def _sentence(parts: Sequence[str]) -> str:
    whole = "; ".join(parts)
    return whole[:1].upper() + whole[1:] + "."


def _undecided(reading: Reading, ids: Sequence[str], row: Row | None) -> str:
    v = reading.voice
    offered = [sid for sid in ids if any(o["kind"] in ("bid", "market_estimate") for o in reading.options_over(sid))]
    if not offered:
        known = any(reading.number("decision.price_to_beat_nok", sid) is not None for sid in ids)
        return v("why.no_offers" if known else "why.no_offers_no_price")
    if len(offered) < len(ids):
        return v("why.some_offers", count=v.count_word(len(ids) - len(offered)))
    code = str(row["reason"]) if row and row.get("reason") else ""
    return v.first("reason", code, v("why.undecided"))


def _gates(reading: Reading, ids: Sequence[str]) -> list[str]:
    names: list[str] = []
    for sid in ids:
        for gate in reading.services[sid].get("gates", []):
            name = reading.voice.text(gate["name"])
            if gate["answer"] == "no" and name not in names:
                names.append(name)
    return [name[:1].lower() + name[1:] for name in names]


def _conflicts(reading: Reading, ids: Sequence[str]) -> str:
    """Return what narrower offers over the same services say, each option once."""
    v = reading.voice
    said: dict[str, list[str]] = {}
    for row in reading.table("decision.conflicts").rows:
        option = reading.options.get(str(row["option"]))
        if row["service"] in ids and option is not None and row["outcome"] in ("better", "undecided"):
            names = said.setdefault(str(row["outcome"]), [])
            label = reading.label(option)
            if label not in names:
                names.append(label)
    return "; ".join(f"{v.listed(names)}: {v('outcome.' + outcome).lower()}" for outcome, names in said.items())

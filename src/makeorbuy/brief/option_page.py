"""A page for each option: what it costs, how fast it is, what the rule says and what would turn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from makeorbuy.brief import bridge_chart, flips_chart, target_chart, titles, years_chart
from makeorbuy.brief import chart as c
from makeorbuy.brief.chart import Chart, block, missing, table
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.paper import arrange, room_below
from makeorbuy.brief.reading import Reading
from makeorbuy.wording.numbers import MILLION


def option_page(reading: Reading, option: Mapping[str, Any], footer: Content) -> Markup:
    """Return the page of one option."""
    v = reading.voice
    oid = option["id"]
    outcome = reading.outcome(oid)
    yearly = [reading.yearly_nok(service) for service in option["services"]]
    size = None if None in yearly else sum(nok or 0.0 for nok in yearly)
    about = [v(f"kind.{option['kind']}"), v.counted("page.services", len(option["services"]))]
    if size is not None:
        about.append(v("page.today_cost", amount=v.mnok(size)))
    if option.get("supplier"):
        about.append(str(option["supplier"]))
    charts = [
        bridge_chart.bridge(reading, option),
        target_chart.services_within_target(reading, option, option["services"]),
        _rule(reading, option),
        years_chart.by_year(reading, option),
        _lines(reading, option),
        _turning_points(reading, option),
    ]
    said, lead = headline(reading, option, outcome), _lead(reading, option)
    sides, scale = arrange(charts, room_below(said, lead, " · ".join(about)), most=0.83)
    return tag(
        "section",
        tag(
            "header",
            tag(
                "p",
                tag("span", tag("a", v("page.to_top"), href="#top"), " · ", v.text(option["name"])),
                tag("span", " · ".join(about)),
                class_="strip",
            ),
            tag("h1", c.capital(said)),
            tag("p", lead, class_="lead"),
        ),
        tag(
            "div",
            [block(chart, class_=side) for chart, side in zip(charts, sides, strict=True)],
            class_="charts option",
            style=f"--drawing: {scale:.0%}",
        ),
        footer,
        class_="page",
        id=f"option-{oid}",
    )


def headline(reading: Reading, option: Mapping[str, Any], outcome: str) -> str:
    """Return what the rule says of an option, with the number that weighs most."""
    v = reading.voice
    subject = reading.subject(option)
    saving = reading.number("decision.net_saving_nok", option["id"])
    code = f"verdict.{outcome}"
    said = v(code, subject=subject) if v.knows(code) else v("verdict.not_assessed", subject=subject)
    if saving is None:
        return said
    end = "verdict.saves" if saving > 0 else "verdict.costs"
    return f"{said}: {v(end, amount=v.mnok(abs(saving)))}"


def reasons(reading: Reading, option: Mapping[str, Any]) -> list[str]:
    """Return the reasons that the decision gives for an option, as sentences."""
    v = reading.voice
    found: list[str] = []
    for sid in option["services"]:
        for row in reading.table("decision.service_reasons", sid).rows:
            if row.get("option") == option["id"]:
                sentence = reason_sentence(reading, row)
                if sentence not in found:
                    found.append(sentence)
    late = v.reason("late", option=reading.label(option, 40))
    if option.get("is_late") and late not in found:
        found.insert(0, late)
    return found


def reason_sentence(reading: Reading, row: Mapping[str, Any]) -> str:
    """Return one reason of the decision as a sentence; a number goes in as the unit of its code asks."""
    v = reading.voice
    code, value = str(row["code"]), row.get("value")
    option = reading.options.get(str(row.get("option")))
    words = change = ""
    if code.startswith("gate_"):
        words = gate_name(reading, str(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if code in ("slower", "faster_not_certain", "cheaper_not_certain"):
            kind = "cheaper" if code == "cheaper_not_certain" else "faster"
            words = v.probability(value, reading.assumption(f"required_probability_{kind}", 0.8))
        else:
            words, change = v.mnok(abs(value)), v.mnok(-value, signed=True)
    label = reading.label(option, 40) if option else ""
    sentence = v.reason(code, value=words, option=label, change=change)
    return sentence[:1].upper() + sentence[1:]


def gate_name(reading: Reading, gate_id: str) -> str:
    """Return the name of a gate by its id, inside a sentence."""
    for gate in reading.case.get("gates", []):
        if gate["id"] == gate_id:
            name = reading.voice.text(gate["name"])
            return name[:1].lower() + name[1:]
    return gate_id


def _lead(reading: Reading, option: Mapping[str, Any]) -> str:
    v = reading.voice
    said = reasons(reading, option)
    remarks = [v.text(text) for text in option.get("remarks", [])]
    services = v("page.covers", services=v.listed(map(reading.service_name, option["services"])))
    caveat = reading.caveat("times", reading.figure("decision.probability_faster", option["id"]))
    costs = reading.caveat("costs", reading.figure("decision.net_saving_nok", option["id"]))
    near = near_required(reading, option)
    return " ".join([*said[:4], *near, services, *remarks[:2], *filter(None, (caveat, costs))])


def near_required(reading: Reading, option: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each probability that other draws could carry past what the rule requires."""
    v = reading.voice
    found = []
    for kind in ("cheaper", "faster"):
        chance = reading.figure(f"decision.probability_{kind}", option["id"])
        if chance.note == "near_required" and chance.low is not None and chance.high is not None:
            required = v.percent(reading.assumption(f"required_probability_{kind}", 0.8))
            span = v.span(chance.low * 100, chance.high * 100)
            words = v(f"near.{kind}", subject=reading.object(option), span=span, required=required)
            found.append(words)
    return found


def _rule(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return the rule criterion by criterion: what it asks, what the option gives."""
    v = reading.voice
    oid = option["id"]
    rows: list[list[Content]] = []
    passed: list[bool] = []
    saving = reading.figure("decision.net_saving_nok", oid)
    materiality = reading.number("decision.materiality_nok", oid)
    if saving.number is not None and materiality is not None:
        passed.append(saving.number >= materiality)
        asked = v("rule.at_least", value=v.mnok(materiality))
        rows.append([v("rule.saving"), asked, v.mnok(saving.number, signed=True), _yes(reading, passed[-1])])
    for kind in ("cheaper", "faster"):
        chance = reading.figure(f"decision.probability_{kind}", oid)
        required = reading.assumption(f"required_probability_{kind}", 0.8)
        if chance.number is None:
            rows.append(
                [
                    v(f"rule.{kind}"),
                    v("rule.at_least", value=v.percent(required)),
                    "–",
                    v.reason(chance.reason),
                ]
            )
            continue
        passed.append(chance.number >= required)
        given = v.probability(chance.number, required)
        rows.append(
            [
                v(f"rule.{kind}"),
                v("rule.at_least", value=v.percent(required)),
                given,
                _yes(reading, passed[-1]),
            ]
        )
    if option["kind"] in ("bid", "market_estimate"):
        rows += _gate_rows(reading, option, passed)
    both = reading.figure("decision.probability_both", oid)
    if both.number is not None:
        span = ""
        if both.low is not None and both.high is not None and both.high - both.low >= 0.01:
            span = v("rule.bounds", span=v.span(both.low * 100, both.high * 100))
        rows.append([v("rule.both"), span, v.probability(both.number), " "])
    title = (
        v("title.rule.passed", count=v.count_word(sum(passed)), total=v.count_word(len(passed)))
        if passed
        else v("title.rule.nothing")
    )
    head = [v("rule.head"), v("rule.asks"), v("rule.gives"), v("rule.met")]
    after: Content = None
    exclusions = [v.text(text) for text in option.get("exclusions", [])]
    if exclusions:
        after = [
            tag("h3", v.counted("option.exclusions", len(exclusions)), class_="small"),
            tag("ul", [tag("li", item) for item in exclusions], class_="plain"),
        ]
    return Chart(
        title,
        v("rule.subtitle"),
        table=table(title, head, rows, class_="words"),
        ids=(f"decision.recommendation[{oid}]",),
        after=after,
    )


def _gate_rows(reading: Reading, option: Mapping[str, Any], passed: list[bool]) -> list[list[Content]]:
    v = reading.voice
    answers: dict[str, tuple[str, list[str], str]] = {}
    order = ("no", "unknown", "conditional", "yes")
    for sid in option["services"]:
        for gate in reading.services[sid].get("gates", []):
            name = v.text(gate["name"])
            worst, services, condition = answers.get(gate["id"], ("yes", [], ""))
            if order.index(gate["answer"]) < order.index(worst):
                worst, services, condition = gate["answer"], [], v.text(gate.get("condition"))
            if gate["answer"] == worst:
                services = [*services, reading.service_name(sid)]
            answers[gate["id"]] = (worst, services, condition)
            _ = name
    names = {
        gate["id"]: v.text(gate["name"]) for s in reading.services.values() for gate in s.get("gates", [])
    }
    rows: list[list[Content]] = []
    for gate_id, (answer, services, condition) in answers.items():
        met = answer == "yes" or (answer == "conditional" and gate_id in option.get("meets", []))
        passed.append(met)
        asks = condition or v("gate.asks")
        who = "" if met or len(services) == len(option["services"]) else f": {v.listed(services)}"
        rows.append([names[gate_id], asks, v(f"gate.{answer}") + who, _yes(reading, met)])
    return rows


def _yes(reading: Reading, met: bool) -> Content:
    return tag("b", reading.voice("word.yes" if met else "word.no"))


def _lines(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return every line of the option's cost, with its range and whether it has a source."""
    v = reading.voice
    series = reading.table("projection.cost.lines", option["id"])
    if series.reason:
        return missing(v, "lines", v.reason(series.reason), series.id)
    without = [row for row in series.rows if not row.get("has_source")]
    assumed = sum(abs(row["nok"] or 0.0) for row in without)
    title = (
        v.counted("title.lines.without", len(without), amount=v.bold_mnok(assumed))
        if without
        else v("title.lines.all_sourced")
    )
    rows: list[list[Content]] = []
    for row in series.rows:
        span = ""
        if row.get("low") is not None and row.get("high") is not None and row["low"] != row["high"]:
            span = v.millions_span(row["low"], row["high"])
        name = row.get(f"name_{v.language}") or row["line"]
        source = v("word.source") if row.get("has_source") else v("word.no_source")
        rows.append([name, v.millions(row["nok"] or 0.0), span, source])
    yearly = reading.figure("projection.cost.yearly_nok", option["id"])
    if yearly.number is not None:
        rows.append(
            [v("word.in_all"), v.millions(yearly.number), v.millions_span(yearly.low, yearly.high), " "]
        )
    present = reading.number("projection.cost.present_value_nok", option["id"])
    said = [] if present is None else [v("lines.present_value", amount=v.mnok(present, 0))]
    if yearly.number is not None and shows_rounding(
        [row["nok"] or 0.0 for row in series.rows], yearly.number
    ):
        said.append(v("lines.rounded"))
    after = tag("p", " ".join(said), class_="key") if said else None
    head = [v("head.line"), v("head.mnok"), v("head.p10_p90"), v("head.rests_on")]
    return Chart(
        title,
        v("lines.subtitle"),
        table=table(title, head, rows, (len(rows) - 1,)),
        ids=(series.id,),
        after=after,
    )


def shows_rounding(parts: Sequence[float], whole: float) -> bool:
    """Return whether amounts, as shown in millions with one decimal, do not add up to their shown sum.

    Examples
    --------
    >>> shows_rounding([1.04e6, 1.04e6], 2.08e6), shows_rounding([1.1e6, 1.0e6], 2.1e6)
    (True, False)
    """
    tenth = MILLION / 10
    return sum(round(part / tenth) for part in parts) != round(whole / tenth)


def _turning_points(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return what would turn the outcome: the flips of this option and its break-even values."""
    v = reading.voice
    oid = option["id"]
    driver = v.text(reading.services[option["services"][0]]["driver"]["name"]) if option["services"] else ""
    rows: list[list[Content]] = []
    for quantity in ("price_nok", "unit_nok", "avoidable_share"):
        figure = reading.figure(f"decision.break_even_{quantity}", oid)
        if figure.number is None:
            continue
        unit = figure.unit
        if quantity == "unit_nok" and "unit" not in unit:
            unit = "nok_per_unit_month"
        if quantity == "price_nok":
            unit = "nok_per_year"
        span = flips_chart.quantity_span(reading, figure.low, figure.high, unit)
        rows.append(
            [
                v(f"break_even.{quantity}", driver=driver),
                flips_chart.plain_quantity(reading, figure.number, unit),
                span,
            ]
        )
    all_flips = reading.table("decision.flips")
    mine = [row for row in all_flips.rows if row.get("option") == oid]
    break_even = (
        table(v("break_even.label"), [v("break_even.head"), v("head.flips_at"), v("head.p10_p90")], rows)
        if rows
        else None
    )
    said = _cheaper_only_below(reading, option, driver)
    if mine:
        chart = flips_chart.flips(reading, mine, all_flips.id, break_even)
        return replace(chart, after=[said, chart.after] if said else chart.after)
    if not rows:
        if option["kind"] == "improved":
            return missing(v, "flips", v.reason("only_for_offers"), all_flips.id)
        price = reading.figure("decision.break_even_price_nok", oid)
        return missing(v, "flips", v.reason(price.reason or "no_flips"), price.id)
    saving = reading.figure("decision.net_saving_nok", oid)
    sure = titles.direction(saving.number, saving.low, saving.high)
    title = v(
        {1: "title.turning.cheaper", -1: "title.turning.dearer", 0: "title.turning.unclear"}[sure],
        subject=reading.subject(option),
    )
    ids = (f"decision.break_even_price_nok[{oid}]",)
    return Chart(title, v("break_even.subtitle"), table=break_even, ids=ids, after=said)


def _cheaper_only_below(reading: Reading, option: Mapping[str, Any], driver: str) -> Content:
    """Return the break-even price in the unit that people buy in, with the establishment it presumes."""
    v = reading.voice
    unit = reading.number("decision.break_even_unit_nok", option["id"])
    price = reading.number("decision.break_even_price_nok", option["id"])
    if unit is None or price is None:
        return None
    lines = reading.table("projection.cost.lines", option["id"]).rows
    moving_in = {row["line"] for row in lines if row["kind"] == "transition"}
    years = reading.table("projection.cost.years", option["id"]).rows
    once = sum(row["nok"] for row in years if row["line"] in moving_in)
    return tag(
        "p",
        v(
            "break_even.sentence",
            subject=c.capital(reading.subject(option)),
            unit=v.nok(unit),
            driver=driver,
            year=v.mnok(price),
            transition=v.mnok(once),
        ),
        class_="key",
    )

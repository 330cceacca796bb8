"""A page for each service: how fast it is and would be, its backlog, its cost, its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makeorbuy.brief import backlog_chart, cost_charts, flow_time_chart, target_chart
from makeorbuy.brief import chart as c
from makeorbuy.brief.chart import Chart, block, table
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.option_page import reason_sentence
from makeorbuy.brief.paper import arrange, room_below
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.recommendation_rows import reason_for

MOST_CURVES = 2


def service_page(reading: Reading, service: Mapping[str, Any], footer: Content) -> Markup:
    """Return the page of one service: six charts, in three columns or two."""
    v = reading.voice
    sid = service["id"]
    options = reading.options_over(sid)
    curves = options_with_curves(reading, sid, options)
    charts: list[Chart] = [flow_time_chart.flow_time(reading, service, option) for option in curves]
    if not curves:
        charts.append(flow_time_chart.flow_time(reading, service, None))
    charts.append(target_chart.within_target(reading, service, options))
    charts.append(backlog_chart.backlog(reading, service))
    charts.append(cost_charts.unit_cost(reading, service))
    charts.append(cost_charts.rows_of_service(reading, service, options))
    if len(charts) < 6:
        charts.append(_answers(reading, service, options))
    said, about = headline(reading, service), _about(reading, service)
    lead = _lead(reading, service, options, len(curves) == MOST_CURVES)
    sides, scale = arrange(charts, room_below(said, lead, about), most=0.83)
    return tag(
        "section",
        tag(
            "header",
            tag(
                "p",
                tag("span", tag("a", v("page.to_top"), href="#top"), " · ", reading.service_name(sid)),
                tag("span", about),
                class_="strip",
            ),
            tag("h1", c.capital(said)),
            tag("p", lead, class_="lead"),
        ),
        tag(
            "div",
            [block(chart, class_=side) for chart, side in zip(charts, sides, strict=True)],
            class_="charts service",
            style=f"--drawing: {scale:.0%}",
        ),
        footer,
        class_="page",
        id=f"service-{sid}",
    )


def options_with_curves(
    reading: Reading, sid: str, options: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the options whose flow-time curve is drawn: at most two.

    First the one that the service is counted under, then the widest of another kind, then the widest;
    the chart of shares and its table hold all.
    """
    able = [o for o in options if reading.table("projection.speed.curve", sid, o["id"]).rows]
    counted = str(reading.figure("decision.counted_under", sid).value)
    able.sort(key=lambda o: (o["id"] != counted, reading.outcome(o["id"]) == "inadmissible"))
    chosen = able[:1]
    rest = able[1:]
    rest.sort(key=lambda o: bool(chosen) and o["kind"] == chosen[0]["kind"])
    chosen += rest[: MOST_CURVES - len(chosen)]
    return sorted(chosen, key=lambda o: o["kind"] != "improved")


def headline(reading: Reading, service: Mapping[str, Any]) -> str:
    """Return the recommendation for a service, and its share within target today."""
    v = reading.voice
    sid = service["id"]
    said = v(f"service.{reading.recommendation(sid)}", service=reading.service_name(sid))
    share = reading.number("baseline.service_level.share_within_target", sid)
    if share is None:
        return said
    under = str(reading.figure("decision.counted_under", sid).value)
    later = reading.figure("projection.speed.share_within_target", sid, under)
    if (
        reading.recommendation(sid) in ("improve", "move")
        and later.number is not None
        and later.basis != "measured"
        and round(later.number * 100) != round(share * 100)
    ):
        code = "service.within_if_kept" if later.basis == "promised" else "service.within_later"
        return f"{said}; {v(code, share=v.percent(share), later=v.percent(later.number))}"
    return f"{said}; {v('service.within', share=v.percent(share))}"


def _about(reading: Reading, service: Mapping[str, Any]) -> str:
    v = reading.voice
    sid = service["id"]
    parts = []
    under = reading.options.get(str(reading.figure("decision.counted_under", sid).value))
    if under is not None:
        parts.append(v("page.counted_under", option=reading.label(under, 30)))
    tickets = reading.number("baseline.demand.tickets_count", sid)
    if tickets:
        parts.append(v("page.tickets", count=v.whole(tickets), year=str(reading.case["period"]["start"])[:4]))
    yearly = reading.yearly_nok(sid)
    if yearly is not None:
        parts.append(v("page.a_year", amount=v.mnok(yearly)))
    staff = reading.number("baseline.unit_cost.staff_share", sid)
    if staff is not None:
        parts.append(v("page.staff_share", share=v.percent(staff)))
    for gate in service.get("gates", []):
        if gate["answer"] != "yes":
            parts.append(
                v("page.gate", gate=v.text(gate["name"]), answer=v(f"gate.{gate['answer']}").lower())
            )
    return " · ".join(parts)


def _lead(
    reading: Reading, service: Mapping[str, Any], options: list[Mapping[str, Any]], with_answers: bool
) -> str:
    v = reading.voice
    sid = service["id"]
    said = _reasons(reading, sid)
    if not said:
        said = [reason_for(reading, reading.recommendation(sid), [sid])]
    beat = cost_charts.price_to_beat(reading, service)
    parts = said[:3]
    if isinstance(beat, str):
        parts.append(beat)
    parts += filter(None, (_clocks(reading, sid),))
    if with_answers and len(options) > MOST_CURVES:
        parts.append(v("service.all_options", count=v.count_word(len(options))))
    clock = service["clock"]
    caveat = reading.caveat("times", reading.figure("baseline.flow_time.median_hours", sid, clock))
    return " ".join([*parts, *filter(None, (caveat,))])


def _clocks(reading: Reading, sid: str) -> str:
    """Return today's median on each of the three clocks, which are never added or divided."""
    v = reading.voice
    said = []
    for clock in ("elapsed", "working"):
        hours = reading.number("baseline.flow_time.median_hours", sid, clock)
        if hours is not None:
            said.append(v(f"service.clock_{clock}", hours=v.duration(hours, clock)))
    worked = reading.figure("baseline.handling_time.median_hours", sid)
    if worked.number is not None:
        share = reading.number("baseline.handling_time.recorded_share", sid) or 0.0
        taken = v.duration(worked.number)
        said.append(v("service.clock_handling", hours=taken, share=v.percent(share)))
    elif worked.reason == "no_handling_time":
        said.append(v("service.clock_handling_none"))
    return c.capital(v.listed(said)) + "." if said else ""


def _reasons(reading: Reading, sid: str) -> list[str]:
    found: list[str] = []
    for row in reading.table("decision.service_reasons", sid).rows:
        sentence = reason_sentence(reading, row)
        if sentence not in found:
            found.append(sentence)
    return found


def _answers(reading: Reading, service: Mapping[str, Any], options: list[Mapping[str, Any]]) -> Chart:
    """Return what each option over the service leads to, and what the absolute requirements say."""
    v = reading.voice
    rows: list[list[Content]] = []
    for option in options:
        oid = option["id"]
        saving = reading.number("decision.net_saving_nok", oid)
        rows.append(
            [
                tag("a", reading.label(option, 28), href=f"#option-{oid}"),
                None if saving is None else v.millions(saving, signed=True),
                v.first("outcome", reading.outcome(oid), v("outcome.not_assessed")),
            ]
        )
    gates: list[list[Content]] = [
        [v.text(gate["name"]), v(f"gate.{gate['answer']}"), v.text(gate.get("condition")) or None]
        for gate in service.get("gates", [])
    ]
    reason = v.text(service.get("avoidable_reason"))
    title = v.counted("title.answers", len(options)) if options else v("title.answers_none")
    parts: list[Content] = []
    if gates:
        parts.append(
            table(
                v("gate.label"),
                [v("gate.head"), v("gate.answer"), v("gate.condition")],
                gates,
                class_="words gap",
            )
        )
    if reason:
        parts.append(tag("p", v("service.remains", reason=reason.rstrip(".")), class_="key"))
    beat = cost_charts.price_to_beat(reading, service)
    if not options and isinstance(beat, str):
        parts.insert(0, tag("p", beat, class_="key"))
    return Chart(
        title,
        table=table(title, [v("head.option"), v("head.saves"), v("head.outcome")], rows, class_="words")
        if rows
        else None,
        ids=(f"decision.service_recommendation[{service['id']}]",),
        after=parts,
    )

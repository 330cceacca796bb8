"""A first look at an export on one page: what it holds, how fast, what it cannot answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from makeorbuy.brief import appendix, backlog_chart, flow_time_chart
from makeorbuy.brief import chart as c
from makeorbuy.brief.chart import Chart, alternative, block, drawing, rect, table, text, ticks
from makeorbuy.brief.html import complete_page
from makeorbuy.brief.markup import Content, tag
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.request import request
from makeorbuy.brief.selection_chart import selection
from makeorbuy.wording.numbers import Language
from makeorbuy.wording.voice import Voice

SHOWN = (
    "baseline.demand.tickets_count", "baseline.demand.tickets_per_week", "baseline.flow_time.median_hours",
    "baseline.flow_time.p85_hours", "baseline.flow_time.p95_hours",
    "baseline.flow_time.restricted_mean_hours", "baseline.backlog.open_count",
    "baseline.backlog.growth_per_week", "baseline.handoffs.handed_over_share",
    "baseline.handling_time.median_hours", "baseline.handling_time.recorded_share",
    "baseline.rework.reopened_share",
)  # fmt: skip
"""The figures of a first look, in the order told."""

TIMES = tuple(name for name in SHOWN if name.startswith("baseline.flow_time."))

SET_ASIDE_TO_TELL_SHARE = 0.02
"""From this share of rows in quarantine on, a first look says so under its headline."""

_HEIGHT = 150.0


def render_look(
    assessment: Mapping[str, Any],
    systems: Iterable[str],
    assumed: Iterable[str],
    remarks: Iterable[str],
    language: Language,
) -> str:
    """Return the page of a first look as a complete HTML document.

    Parameters
    ----------
    assessment : mapping
        As plain values; of a case with one service that takes every ticket.
    systems, assumed, remarks : iterable of str
        What the files were recognised as; codes of what was assumed and of what the exporter should know.
    language : {"nb", "en"}
    """
    reading = Reading(assessment, Voice(language))
    v = reading.voice
    (service,) = reading.services.values()
    page = tag(
        "section",
        tag(
            "header",
            tag("p", tag("span", v("look.kind")), tag("span", v.text(reading.case["title"])), class_="strip"),
            tag("h1", c.capital(headline(reading))),
            tag("p", lead(reading, systems), class_="lead"),
        ),
        tag(
            "div",
            block(_facts(reading)),
            block(flow_time_chart.flow_time(reading, service, None)),
            block(_weekly(reading)),
            block(backlog_chart.backlog(reading, service)),
            block(selection(reading), class_="wide"),
            block(appendix.rows_of_sources(reading)),
            block(_cannot(reading, assumed, remarks)),
            block(appendix.quarantine(reading), class_="wide"),
            block(request(reading), class_="wide"),
            class_="charts people look",
        ),
        tag(
            "footer",
            tag("span", v("look.footer", digest=str(assessment.get("digest", ""))[:12])),
            class_="strip",
        ),
        class_="page long",
        id="top",
    )
    return complete_page(f"{v.text(reading.case['title'])} – {v('look.kind')}", [page], language, assessment)


def headline(reading: Reading) -> str:
    """Return the one sentence of the page: how soon half are resolved."""
    v = reading.voice
    median = reading.number("baseline.flow_time.median_hours", *_subject(reading, "median_hours"))
    return v("look.title_none") if median is None else v("look.title_median", median=v.duration(median))


def lead(reading: Reading, systems: Iterable[str]) -> str:
    """Return what was looked at: the system, how many tickets, the period."""
    v = reading.voice
    sid = next(iter(reading.services))
    weekly = reading.number("baseline.demand.tickets_per_week", sid)
    said = v(
        "look.lead",
        system=c.capital(systems_in_words(v, systems)),
        count=v.whole(reading.number("baseline.demand.tickets_count", sid) or 0),
        start=v.date(str(reading.case["period"]["start"])[:10]),
        end=v.date(str(reading.case["period"]["end"])[:10]),
        weekly="–" if weekly is None else v.whole(weekly),
    )
    count = reading.number("baseline.backlog.open_count", sid)
    told = [said] if count is None else [said, v("look.open", count=v.whole(count))]
    return " ".join([*told, *appendix.what_was_set_aside(reading, SET_ASIDE_TO_TELL_SHARE)])


def systems_in_words(v: Voice, systems: Iterable[str]) -> str:
    """Return the names of the systems that files were recognised as; a system that has none says so."""
    named = [system.partition(",")[0] for system in systems if system and "unknown" not in system]
    return v.listed(dict.fromkeys(named)) if named else v("look.unknown_system")


def facts(reading: Reading) -> list[tuple[str, str]]:
    """Return label and value of each figure of a first look; a reason where there is no value."""
    v = reading.voice
    told: list[tuple[str, str]] = []
    times = [reading.figure(name, *_subject(reading, name.rpartition(".")[2])) for name in TIMES]
    without = {figure.reason for figure in times if figure.number is None}
    as_one = len(without) == 1 and all(figure.number is None for figure in times)
    for name in SHOWN:
        if as_one and name in TIMES:  # the same reason four times tells nothing more
            if name == TIMES[0]:
                told.append((v("look.times"), v.reason(times[0].reason)))
            continue
        subject = _subject(reading, name.rpartition(".")[2])
        figure = reading.figure(name, *(subject if "handling" not in name else subject[:1]))
        spec = reading.document["specs"].get(name, {})
        label = str(spec.get(v.language, name))
        if figure.number is None:
            told.append((label, v.reason(figure.reason)))
            continue
        said = _amount(v, figure.number, figure.unit)
        if figure.low is not None and figure.high is not None:
            low, high = _amount(v, figure.low, figure.unit), _amount(v, figure.high, figure.unit)
            said += f" ({v('look.between', low=low, high=high)})"
        for remark in (figure.note, *(f"selection_{code}" for code in figure.spoilt_by)):
            said += f" · {v.reason(remark)}" if remark else ""
        told.append((label, said))
    return told


def cannot(reading: Reading, assumed: Iterable[str], remarks: Iterable[str]) -> list[str]:
    """Return what was assumed on the way and what the export does not answer."""
    v = reading.voice
    zone = str(reading.case["calendar"]["time_zone"])
    start = v.date(str(reading.case["period"]["start"])[:10])
    said = [v(f"look.assumed_{code}", zone=zone, start=start) for code in assumed]
    said += [v.first("remark", code, code) for code in remarks]
    return [*said, v("look.service"), v("look.cost")]


def _subject(reading: Reading, quantity: str) -> tuple[str, ...]:
    (service,) = reading.services.values()
    by_clock = quantity in ("median_hours", "p85_hours", "p95_hours")
    return (service["id"], service["clock"]) if by_clock else (service["id"],)


def _amount(v: Voice, value: float, unit: str) -> str:
    if unit == "hours":
        return v.duration(value)
    if unit == "share":
        return v.percent(value)
    return v.whole(value) if abs(value) >= 100 or value == round(value) else v.decimal(value, 1)


def _facts(reading: Reading) -> Chart:
    v = reading.voice
    title = v("look.facts")
    rows: list[list[Content]] = [[label, said] for label, said in facts(reading)]
    return Chart(title, table=table(title, [v("look.what"), v("look.value")], rows, class_="words"))


def _weekly(reading: Reading) -> Chart:
    """Return new tickets by week as bars."""
    v = reading.voice
    sid = next(iter(reading.services))
    weekly = reading.table("baseline.backlog.weekly", sid)
    mean = reading.number("baseline.demand.tickets_per_week", sid)
    ids = (weekly.id,)
    if len(weekly.rows) < 2 or mean is None:
        return c.missing(v, "backlog", v.reason(weekly.reason or "too_few_weeks"), *ids)
    title = v("look.weekly_title", count=v.whole(mean))
    most = max(float(row["arrived"]) for row in weekly.rows)
    across = c.scale(0, len(weekly.rows), 34, c.WIDTH)
    down = c.scale(0, most or 1, _HEIGHT - 20, 10)
    parts: list[Content] = []
    for tick in ticks(0, most, 4):
        parts.append(text(30, down(tick) + 3, v.whole(tick), anchor="end"))
    for place, row in enumerate(weekly.rows):
        left, right, top = across(place), across(place + 1), down(float(row["arrived"]))
        parts.append(rect(left, top, max(0.5, (right - left) * 0.8), _HEIGHT - 20 - top, c.INK))
    first, last = str(weekly.rows[0]["week_start"]), str(weekly.rows[-1]["week_start"])
    parts.append(text(34, _HEIGHT - 5, v.date(first)))
    parts.append(text(c.WIDTH, _HEIGHT - 5, v.date(last), anchor="end"))
    said = [(v.date(str(row["week_start"])), v.whole(row["arrived"])) for row in weekly.rows[-4:]]
    return Chart(
        title, v("look.weekly_subtitle"), drawing(_HEIGHT, alternative(title, said), *parts), ids=ids
    )


def _cannot(reading: Reading, assumed: Iterable[str], remarks: Iterable[str]) -> Chart:
    said = cannot(reading, assumed, remarks)
    return Chart(reading.voice("look.cannot_title"), after=tag("ul", [tag("li", line) for line in said]))

"""Charts of a simulated option: the backlog ahead, the months, the teams; an option against today's teams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, symbol, table, text
from makeorbuy.brief.flow_time_chart import path_of
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading, Row
from makeorbuy.brief.target_chart import name_of_row

TOP, BOTTOM, LEFT, RIGHT = 14.0, 158.0, 34.0, 306.0
PAST_WEEKS = 26
CHANGED_SHARE = 0.02
"""A team outside the lot whose people change by less than this is not drawn."""


def backlog_ahead(reading: Reading, service: str, option: Mapping[str, Any]) -> Chart:
    """Return the backlog of half a year past, and a year ahead with the option's teams and with today's."""
    v = reading.voice
    ahead = reading.table("projection.queue.backlog", service, option["id"])
    name = reading.service_name(service)
    if len(ahead.rows) < 2:
        return missing(v, "backlog", v.reason(ahead.reason), ahead.id)
    past = [
        row for row in reading.table("baseline.backlog.weekly", service).rows if row.get("is_whole", True)
    ]
    last = ahead.rows[-1]
    clearance = _clearance(reading, service, option)
    day = clearance["p50"] if clearance is not None else None
    code = "never" if day is None else "small" if day == ahead.rows[0]["week_end"] else "cleared"
    title = titles.fitting(
        *(v(f"title.ahead.{code}{end}", service=name, day=_month(reading, day)) for end in ("", "_short"))
    )
    head = [
        v("ahead.head"),
        v("ahead.p50"),
        v("ahead.p85"),
        v("ahead.open_after_year"),
    ]
    rows: list[list[Content]] = []
    for way, label in (("today_", v("option.today")), ("", reading.label(option, 26))):
        cells: list[Content] = [label]
        if clearance is not None:
            cells += [_day(reading, clearance[f"{way}p50"]), _day(reading, clearance[f"{way}p85"])]
        else:
            cells += [None, None]
        cells.append(f"{v.whole(last[f'{way}median'])} ({v.span(last[f'{way}low'], last[f'{way}high'])})")
        rows.append(cells)
    return Chart(
        title,
        v("ahead.subtitle", service=name),
        _draw_ahead(reading, title, past[-PAST_WEEKS:], ahead.rows, option, clearance),
        None,
        table(title, head, rows),
        (ahead.id,),
    )


def _clearance(reading: Reading, service: str, option: Mapping[str, Any]) -> Row | None:
    rows = reading.table("projection.queue.clearance", option["id"]).rows
    return next((row for row in rows if row["service"] == service), None)


def _day(reading: Reading, day: str | None) -> str:
    return reading.voice("ahead.never") if day is None else reading.voice.date(day)


def _month(reading: Reading, day: str | None) -> str:
    return "" if day is None else f"{reading.voice.month(int(day[5:7]))} {day[:4]}"


def _draw_ahead(
    reading: Reading,
    title: str,
    past: Sequence[Row],
    ahead: Sequence[Row],
    option: Mapping[str, Any],
    clearance: Row | None,
) -> Markup:
    v = reading.voice
    colour, band = c.KIND_COLOUR[option["kind"]], c.KIND_BAND[option["kind"]]
    days = [date.fromisoformat(row["week_start"]).toordinal() + 7 for row in past]
    days_ahead = [date.fromisoformat(row["week_end"]).toordinal() for row in ahead]
    days = [day for day in days if day <= days_ahead[0]]
    values = [float(row["open"]) for row in past][: len(days)]
    high = max([*values, *(float(row[key]) for row in ahead for key in ("high", "today_high"))], default=1.0)
    marks = c.ticks(0, max(high * 1.05, 1.0), 4)
    y = c.scale(0, max(high * 1.05, marks[-1], 1.0), BOTTOM, TOP)
    x = c.scale((days or days_ahead)[0], days_ahead[-1], LEFT, RIGHT)
    parts: list[Content] = []
    for mark in marks:
        parts.append(line(LEFT, y(mark), RIGHT, y(mark), c.INK if mark == 0 else c.GRID))
        parts.append(text(LEFT - 6, y(mark) + 4, v.decimal(mark, 0), "t", "end"))
    parts += _months(reading, (days or days_ahead)[0], days_ahead[-1], x)
    cut = x(days_ahead[0])
    parts.append(line(cut, TOP - 6, cut, BOTTOM, c.TICK, 1, "2 3"))
    parts.append(_fan(ahead, days_ahead, x, y, "today_", c.BAND_TODAY))
    parts.append(_fan(ahead, days_ahead, x, y, "", band))
    if values:
        points = [(x(day), y(value)) for day, value in zip(days, values, strict=True)]
        parts.append(tag("path", d=path_of(points), fill="none", stroke=c.INK, stroke_width=1.7))
    ends = []
    for way, ink, dash in (("today_", c.INK, "4 3"), ("", colour, None)):
        middle = [(x(day), y(float(row[f"{way}median"]))) for day, row in zip(days_ahead, ahead, strict=True)]
        parts.append(
            tag("path", d=path_of(middle), fill="none", stroke=ink, stroke_width=1.7, stroke_dasharray=dash)
        )
        ends.append((middle[-1][1], ink, v.whole(float(ahead[-1][f"{way}median"]))))
    low, up = sorted(ends)
    gap = max(0.0, 15.0 - (up[0] - low[0])) / 2
    for (at, ink, words), shift in ((low, -gap), (up, gap)):
        parts.append(text(RIGHT + 6, at + 4 + shift, words, "b", fill=ink))
    if clearance is not None and clearance["p50"] is not None:
        when = date.fromisoformat(clearance["p50"]).toordinal()
        row = min(range(len(days_ahead)), key=lambda i: abs(days_ahead[i] - when))
        parts.append(symbol(x(when), y(float(ahead[row]["median"])), 4.4, "simulated", colour))
    told = [
        (v("option.today"), v.whole(float(ahead[-1]["today_median"]))),
        (reading.label(option, 26), v.whole(float(ahead[-1]["median"]))),
    ]
    return drawing(BOTTOM + 22, alternative(title, told), *parts)


def _fan(
    rows: Sequence[Row], days: Sequence[int], x: Callable[[float], float], y: Callable[[float], float],
    way: str, fill: str,
) -> Markup:  # fmt: skip
    upper = [(x(day), y(float(row[f"{way}high"]))) for day, row in zip(days, rows, strict=True)]
    lower = [(x(day), y(float(row[f"{way}low"]))) for day, row in zip(days, rows, strict=True)]
    return tag("path", d=f"{path_of(upper)}L{path_of(lower[::-1])[1:]}Z", fill=fill, fill_opacity=0.6)


def _months(reading: Reading, first: int, last: int, x: Callable[[float], float]) -> list[Content]:
    """Return the quarters on the axis, the year at its first."""
    v = reading.voice
    parts: list[Content] = []
    for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
        for month in (1, 4, 7, 10):
            at = date(year, month, 1).toordinal()
            if first <= at <= last:
                parts.append(line(x(at), BOTTOM, x(at), BOTTOM + 4, c.TICK))
                words = v.month(month) if month > 1 else f"{v.month(month)} {year}"
                parts.append(text(x(at), BOTTOM + 16, words, "t", "middle"))
    return parts


def within_by_month(reading: Reading, service: str, option: Mapping[str, Any]) -> Chart:
    """Return the share within target by month, with the option's teams and with today's."""
    v = reading.voice
    months = reading.table("projection.queue.within_by_month", service, option["id"])
    if len(months.rows) < 2:
        return missing(v, "within_target", v.reason(months.reason), months.id)
    name = reading.service_name(service)
    target = reading.number("baseline.service_level.target_share", service)
    colour, band = c.KIND_COLOUR[option["kind"]], c.KIND_BAND[option["kind"]]
    met = None if target is None else sum(float(row["mean"]) >= target for row in months.rows)
    total = len(months.rows)
    if met is None:
        title = v("title.months.plain", service=name)
    else:
        title = titles.fitting(
            v("title.months.met", service=name, met=v.count_word(met), total=v.count_word(total))
        )
    shares = [float(row[key]) for row in months.rows for key in ("low", "high", "today_mean")]
    shares += [target] if target is not None else []
    low, high = max(min(shares) - 0.05, 0.0), min(max(shares) + 0.05, 1.0)
    y, x = c.scale(low, high, BOTTOM - 30, TOP), c.scale(0, total - 1, LEFT + 6, RIGHT)
    parts: list[Content] = []
    for mark in c.ticks(low, high, 4):
        parts.append(line(LEFT, y(mark), RIGHT, y(mark), c.GRID))
        parts.append(text(LEFT - 6, y(mark) + 4, v.percent(mark), "t", "end"))
    upper = [(x(place), y(float(row["high"]))) for place, row in enumerate(months.rows)]
    lower = [(x(place), y(float(row["low"]))) for place, row in enumerate(months.rows)]
    parts.append(tag("path", d=f"{path_of(upper)}L{path_of(lower[::-1])[1:]}Z", fill=band, fill_opacity=0.6))
    if target is not None:
        parts.append(line(LEFT, y(target), RIGHT, y(target), c.SECOND, 1.2, "2 3"))
        parts.append(text(RIGHT + 6, y(target) + 4, v("months.target"), "t"))
    for key, ink, dash in (("today_mean", c.INK, "4 3"), ("mean", colour, None)):
        points = [(x(place), y(float(row[key]))) for place, row in enumerate(months.rows)]
        parts.append(
            tag("path", d=path_of(points), fill="none", stroke=ink, stroke_width=1.7, stroke_dasharray=dash)
        )
    for place, row in enumerate(months.rows):
        if place % 2 == 0:
            parts.append(text(x(place), BOTTOM - 14, v.month(int(row["month"][5:7])), "t", "middle"))
    told = [(row["month"], v.percent(float(row["mean"]))) for row in months.rows]
    return Chart(
        title, v("months.subtitle"), drawing(BOTTOM - 6, alternative(title, told), *parts), None, None,
        (months.id,),
    )  # fmt: skip


def team_loads(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return how busy the people of the lot's teams are: the option against today."""
    v = reading.voice
    series = reading.table("projection.queue.teams", option["id"])
    rows = _rows_of_teams(reading, option)
    if not rows:
        return missing(v, "teams", v.reason(series.reason or "no_rows"), series.id)
    colour = c.KIND_COLOUR[option["kind"]]
    busiest = max(rows, key=lambda row: float(row["utilisation"]))
    code = "title.teams.full" if busiest["utilisation"] >= 0.95 else "title.teams.busiest"
    title = titles.fitting(v(code, team=busiest["team"], share=v.percent(busiest["utilisation"])))
    names_to, pitch, top = 150.0, 22.0, 18.0
    bottom = top + pitch * len(rows) - 6
    most = max(1.0, *(float(row[key]) for row in rows for key in ("utilisation", "today_utilisation")))
    x = c.scale(0, most, names_to + 12, 352)
    parts: list[Content] = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line(x(mark), 6, x(mark), bottom, c.INK if mark in (0.0, 1.0) else c.GRID))
        parts.append(text(x(mark), bottom + 14, v.percent(mark), "t", "middle"))
    for place, row in enumerate(rows):
        y = top + pitch * place - 2
        parts += name_of_row(str(row["team"]), y, names_to, pitch)
        ends = []
        for way, ink in (("today_", c.INK), ("", colour)):
            if float(row[f"{way}people_hours_per_week"]) > 0:
                ends.append((x(float(row[f"{way}utilisation"])), ink))
        if len(ends) == 2:
            parts.append(line(ends[0][0], y, ends[1][0], y, c.KEEP, 1.2))
        parts += [symbol(at, y, 4.4, "simulated", ink) for at, ink in ends]
    told = [(str(row["team"]), v.percent(float(row["utilisation"]))) for row in rows]
    return Chart(
        title,
        v("teams.subtitle"),
        drawing(bottom + 20, alternative(title, told), *parts),
        v("teams.over") if most >= 1.005 else None,
        ids=(series.id,),
    )


def team_waits(reading: Reading, option: Mapping[str, Any]) -> Chart:
    """Return team by team how many are on duty, how busy they are, how long a visit waits for one of them."""
    v = reading.voice
    series = reading.table("projection.queue.teams", option["id"])
    rows = _rows_of_teams(reading, option)
    with_waits = bool(rows) and "wait_hours" in rows[0]
    head: list[Content] = [v("teams.head")]
    body: list[list[Content]] = [[str(row["team"])] for row in rows]
    for quantity, digits in (("people_hours_per_week", 0), ("utilisation", None), ("wait_hours", 1)):
        if quantity == "wait_hours" and not with_waits:
            continue
        head.append(v(f"teams.{quantity}"))
        for cells, row in zip(body, rows, strict=True):
            ends = []
            for way in ("today_", ""):
                value = float(row[f"{way}{quantity}"])
                nobody = float(row[f"{way}people_hours_per_week"]) <= 0
                shown = v.percent(value) if digits is None else v.decimal(value, digits)
                ends.append("–" if nobody else shown)
            cells.append(" → ".join(ends))
    title = v("title.waits.hours")
    if with_waits:
        longest = max(rows, key=lambda row: float(row["wait_hours"]))
        hours = v.duration(float(longest["wait_hours"]), "elapsed")
        title = titles.fitting(v("title.waits.longest", team=str(longest["team"]), hours=hours))
    return Chart(title, v("teams.waits_subtitle"), table=table(title, head, body), ids=(series.id,))


def _rows_of_teams(reading: Reading, option: Mapping[str, Any]) -> list[Row]:
    """Return the teams of the lot and those that the option names, the busiest first."""
    named = {team for sid in option["services"] for team in reading.services[sid].get("teams", [])}
    rows = [
        row
        for row in reading.table("projection.queue.teams", option["id"]).rows
        if row["team"] in named or _moves(row)
    ]
    return sorted(rows, key=lambda row: -max(float(row["utilisation"]), float(row["today_utilisation"])))


def _moves(row: Row) -> bool:
    """Return whether an option has other people in a team than today."""
    today, then = float(row["today_people_hours_per_week"]), float(row["people_hours_per_week"])
    return abs(then - today) > CHANGED_SHARE * max(today, 1e-9)

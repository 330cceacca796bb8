"""Charts of the share within target: of one service and its options, and of several services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, drawing, line, missing, symbol, table, text
from makeorbuy.brief.flow_time_chart import speed_reason
from makeorbuy.brief.markup import Content, Markup, number, tag
from makeorbuy.brief.reading import Reading, Shown
from makeorbuy.brief.text_size import fitted, width_of, wrapped


def within_target(
    reading: Reading, service: Mapping[str, Any], options: Sequence[Mapping[str, Any]]
) -> Chart:
    """Return the share within target: closed tickets only, today, and each option, against the target."""
    v = reading.voice
    sid = service["id"]
    today = reading.figure("baseline.service_level.share_within_target", sid)
    target = service.get("target")
    if today.number is None or not target:
        reason = "no_target" if not target else speed_reason(reading, service) or today.reason
        return missing(v, "within_target", v.reason(reason), today.id)
    marks: list[tuple[str, str, float, float | None, float | None, str, str]] = [
        (
            v("option.business_as_usual" if options else "option.today"),
            "",
            today.number,
            today.low,
            today.high,
            "measured",
            c.INK,
        )
    ]
    best: tuple[float, str, bool] | None = None
    for option in options:
        figure = reading.figure("projection.speed.share_within_target", sid, option["id"])
        if figure.number is None:
            continue
        promised = figure.basis == "promised"
        note = v("speed.if_kept") if promised else ""
        marks.append(
            (
                reading.label(option, 20),
                note,
                figure.number,
                figure.low,
                figure.high,
                figure.basis,
                c.KIND_COLOUR[option["kind"]],
            )
        )
        if best is None or figure.number > best[0]:
            best = (figure.number, reading.object(option), promised)
    closed = reading.number("baseline.service_level.closed_only_share_within_target", sid)
    title = titles.within_target(
        v,
        target["share"],
        today.number,
        today.low,
        today.high,
        best[1] if best else None,
        best[0] if best else None,
        bool(best and best[2]),
    )
    rows: list[list[Content]] = []
    if closed is not None:
        rows.append([v("target.closed_only"), v.percent(closed), "", v("target.not_used")])
    for name, _, value, low, high, basis, _ in marks:
        span = "" if low is None or high is None else v.span(low * 100, high * 100)
        rows.append([name, v.percent(value), span, v("basis." + basis)])
    rows.append([v("target.target"), v.percent(target["share"]), "", v("target.of_the_case")])
    return Chart(
        title,
        v(f"target.subtitle_{service['clock']}", hours=v.duration(target["hours"], service["clock"])),
        _draw_within(reading, title, marks, closed, target["share"]),
        None,
        table(title, [v("head.share_within"), v("head.share"), v("head.interval"), v("head.basis")], rows),
        (today.id,),
    )


def _draw_within(
    reading: Reading,
    title: str,
    marks: Sequence[tuple[str, str, float, float | None, float | None, str, str]],
    closed: float | None,
    target: float,
) -> Markup:
    v = reading.voice
    values = [x for m in marks for x in (m[2], m[3], m[4]) if x is not None] + [target]
    values += [closed] if closed is not None else []
    low, high = max(min(values) - 0.03, 0.0), min(max(values) + 0.03, 1.0)
    if high - low < 0.12:
        low, high = max(low - 0.06, 0.0), min(high + 0.06, 1.0)
    x = c.scale(low, high, 142, 350)
    top, pitch = 34.0, 32.0
    count = len(marks) + (closed is not None)
    bottom = top + pitch * count - 4
    parts: list[Content] = []
    right_end = -10.0
    for mark in c.ticks(low, high, 4):
        parts.append(line(x(mark), 20, x(mark), bottom, c.GRID))
        name = v.percent(mark)
        half = width_of(name, 11) / 2
        at = min(x(mark), c.WIDTH - half)
        if at - half > right_end + 4:
            parts.append(text(at, bottom + 14, name, "t", "middle"))
            right_end = at + half
    parts.append(line(x(target), 16, x(target), bottom, c.INK, 1.2, "3 3"))
    words = v("target.mark", share=v.percent(target))
    half = width_of(words, 12, True) / 2
    parts.append(text(min(max(x(target), half), c.WIDTH - half), 11, words, "b", "middle"))
    y = top
    told = [(v("target.target"), v.percent(target))]
    if closed is not None:
        parts.append(text(0, y + 4, v("target.closed_only"), "second"))
        points = v.whole(abs(round(closed * 100) - round(marks[0][2] * 100)))
        code = "too_high" if closed > marks[0][2] else "too_low"
        if points != "0":
            parts.append(text(0, y + 17, v(f"target.{code}", points=points), "s"))
        d = f"M{number(x(closed) - 4)} {number(y - 4)}l8 8m0-8l-8 8"
        parts.append(tag("path", d=d, stroke=c.TICK, stroke_width=1.8, fill="none"))
        parts.append(value_label(x(closed), y - 8, v.whole(closed * 100), "t h"))
        told.append((v("target.closed_only"), v.percent(closed)))
        y += pitch
    for name, note, value, mark_low, mark_high, basis, colour in marks:
        parts.append(text(0, y + 4, fitted(name, 134)))
        if note:
            parts.append(text(0, y + 17, fitted(note, 134, 11), "s"))
        if mark_low is not None and mark_high is not None:
            parts.append(line(x(mark_low), y, x(mark_high), y, colour, 1.8))
        parts.append(symbol(x(value), y, 5, basis, colour))
        parts.append(
            value_label(x(value), y - 9, v.percent(value).replace("\u00a0%", "").replace("%", ""), "b h")
        )
        told.append((name, v.percent(value)))
        y += pitch
    return drawing(bottom + 20, alternative(title, told), *parts)


def value_label(x: float, y: float, words: str, class_: str) -> Markup:
    half = width_of(words, 12, True) / 2
    return text(min(max(x, half), c.WIDTH - half), y, words, class_, "middle")


def services_within_target(
    reading: Reading, option: Mapping[str, Any] | None, service_ids: Sequence[str]
) -> Chart:
    """Return the share within target of several services: today, and under an option when one is given."""
    v = reading.voice
    ids = ("baseline.service_level.share_within_target[*]",)
    if option:
        ids = (f"projection.speed.share_within_target[*,{option['id']}]",)
    rows: list[tuple[str, float, Shown, Shown]] = []
    for sid in service_ids:
        service = reading.services[sid]
        today = reading.figure("baseline.service_level.share_within_target", sid)
        if today.number is None or not service.get("target"):
            continue
        other = (
            reading.figure("projection.speed.share_within_target", sid, option["id"])
            if option
            else Shown("", reason="-")
        )
        rows.append((sid, service["target"]["share"], today, other))
    if not rows:
        return missing(v, "within_target", v.reason("no_speed"), *ids)
    met = sum(
        (today.low if today.low is not None else today.number or 0) >= target for _, target, today, _ in rows
    )
    met_at_all = sum((today.number or 0.0) >= target for _, target, today, _ in rows)
    if option:
        known = [(target, other.number) for _, target, _, other in rows if other.number is not None]
        reached = sum(share >= target - 1e-9 for target, share in known)
        promised = any(other.basis == "promised" for *_, other in rows)
        if not known:
            title = v("title.lot_speed.unknown", subject=reading.subject(option))
        elif len(rows) == 1:
            _, target, today, other = rows[0]
            title = v(
                "title.lot_speed.one_" + ("promised" if promised else "plain"),
                share=v.percent(other.number or 0.0),
                today=v.percent(today.number or 0.0),
                target=v.percent(target),
            )
        else:
            title = titles.fitting(
                v(
                    "title.lot_speed." + ("promised" if promised else "plain"),
                    reached=v.count_word(reached),
                    total=v.count_word(len(known)),
                    today=v.count_word(met_at_all),
                ),
            )
    else:
        title = v.counted("title.all_speed.met", met, total=v.count_word(len(rows)))
        if not met:
            title = v("title.all_speed.none", total=v.count_word(len(rows)))
    colour = c.KIND_COLOUR[option["kind"]] if option else c.INK
    known_shares = [f.number for _, _, today, other in rows for f in (today, other) if f.number is not None]
    low = max(min([*known_shares, *(target for _, target, _, _ in rows)]) - 0.08, 0.0)
    names_to = 138.0 if len(rows) <= 8 else 168.0
    x = c.scale(low, 1.0, names_to + 12, 352)
    pitch, top = (34.0, 24.0) if len(rows) <= 8 else (24.0 if len(rows) <= 12 else 18.0, 22.0)
    bottom = top + pitch * len(rows) - 8
    parts: list[Content] = []
    for mark in c.ticks(low, 1.0, 4):
        parts.append(line(x(mark), 6, x(mark), bottom, c.GRID))
        name = v.percent(mark)
        parts.append(text(min(x(mark), c.WIDTH - width_of(name, 11) / 2), bottom + 14, name, "t", "middle"))
    told, body = [], []
    for index, (sid, target, today, other) in enumerate(rows):
        y = top + pitch * index - 4
        share = today.number or 0.0
        parts += name_of_row(reading.service_name(sid), y, names_to, pitch)
        parts.append(line(x(target), y - 8, x(target), y + 8, c.INK, 1.4, "2 2"))
        if other.number is not None:
            parts.append(line(x(share), y, x(other.number), y, colour, 1.4))
        elif today.low is not None and today.high is not None:
            parts.append(line(x(today.low), y, x(today.high), y, c.INK, 1.6))
        parts.append(symbol(x(share), y, 4.4, "measured", c.INK))
        if other.number is not None:
            parts.append(symbol(x(other.number), y, 5, other.basis, colour))
        told.append((reading.service_name(sid), v.percent(share)))
        cells: list[Content] = [
            tag("a", reading.service_name(sid), href=f"#service-{sid}"),
            v.percent(target),
            v.percent(share),
        ]
        if option:
            cells.append(v.percent(other.number) if other.number is not None else None)
            faster = reading.number("decision.probability_faster", sid, option["id"])
            cells.append(v.probability(faster) if faster is not None else None)
        else:
            cells.append(
                "–" if today.low is None or today.high is None else v.span(today.low * 100, today.high * 100)
            )
            clock = reading.services[sid]["clock"]
            median = reading.number("baseline.flow_time.median_hours", sid, clock)
            cells.append(v.duration(median, clock) if median is not None else v("speed.not_reached"))
        body.append(cells)
    head: list[Content] = [v("head.service"), v("head.target"), v("head.today")]
    head += (
        [c.capital(v("basis." + rows[0][3].basis)), v("head.faster")]
        if option
        else [v("head.interval"), v("head.median")]
    )
    return Chart(
        title,
        v("lot_speed.subtitle" if option else "all_speed.subtitle"),
        drawing(bottom + 20, alternative(title, told), *parts),
        None,
        table(title, head, body),
        ids,
    )


def name_of_row(name: str, y: float, width: float, pitch: float) -> list[Content]:
    """Return the name of a row, in two lines where it must and there is room."""
    if pitch < 30 or width_of(name) <= width:
        return [text(0, y + 4, fitted(name, width))]
    first, *rest = wrapped(name, width)
    return [text(0, y - 3, first), *(text(0, y + 11, second) for second in rest)]

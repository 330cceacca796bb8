"""The recommendations as rows: money, share, a bar cut into services, and the reason in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import (
    titles,
)
from makeorbuy.brief.markup import Content, Markup, number, tag
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
    return sorted(
        found, key=lambda o: -(reading.number("projection.cost.business_as_usual_nok", o["id"]) or 0.0)
    )


def savings_by_recommendation(reading: Reading, groups: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the expected yearly saving of what is recommended. [NOK per year]"""
    return {
        code: sum(
            reading.number("decision.net_saving_nok", option["id"]) or 0.0
            for option in counted_options(reading, groups.get(code, ()))
        )
        for code in ("improve", "move")
    }


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
        bar = _bar(
            code,
            sizes,
            longest if whole > 0 else float(most),
            v("rows.bar", name=v(f"recommendation.{code}")),
        )
        rows.append(
            tag(
                "tr",
                tag("th", v(f"recommendation.{code}"), scope="row", role="rowheader"),
                tag("td", amount, class_="amount", role="cell"),
                tag("td", share, class_="part", role="cell"),
                tag("td", bar, class_="bar", role="cell"),
                tag(
                    "td",
                    _reason_and_services(reading, code, ids, summary.get(code), whole > 0),
                    class_="say",
                    role="cell",
                ),
                role="row",
            )
        )
    return tag(
        "table",
        tag(
            "colgroup", [tag("col", class_=f"c-{name}") for name in ("name", "amount", "part", "bar", "say")]
        ),
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
                tag(
                    "rect",
                    x=f"{number(at)}%",
                    y="0.5",
                    width=f"{number(width)}%",
                    height="15",
                    fill=c.HATCH,
                    stroke=c.HATCH_EDGE,
                )
            )
        else:
            parts.append(
                tag(
                    "rect",
                    x=f"{number(at)}%",
                    y="0",
                    width=f"{number(width)}%",
                    height="16",
                    fill=FILL[code],
                    stroke="#fff",
                    stroke_width=1.2,
                )
            )
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
            (
                o
                for o in reading.options.values()
                if o["kind"] == "bid" and set(o["services"]) == set(best["services"])
            ),
            None,
        )
        if rival is not None:
            words.append(_against(reading, rival))
        return _sentence(words)
    if code == "move" and best is not None:
        saving = sum(reading.number("decision.net_saving_nok", o["id"]) or 0.0 for o in counted)
        faster = reading.number("decision.probability_faster", best["id"])
        if faster is None or len(counted) > 1:
            return v("why.move", amount=v.millions(saving))
        return v(
            "why.move_faster", amount=v.millions(saving), probability=titles.probability_words(v, faster)
        )
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
    code = "why.saves_but" if reading.outcome(option["id"]) == "undecided" else "why.saves_only"
    return v(code, subject=subject, amount=v.millions(saving))


def _sentence(parts: Sequence[str]) -> str:
    whole = "; ".join(parts)
    return whole[:1].upper() + whole[1:] + "."


def _undecided(reading: Reading, ids: Sequence[str], row: Row | None) -> str:
    v = reading.voice
    offered = [sid for sid in ids if any(o["kind"] == "bid" for o in reading.options_over(sid))]
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
    return "; ".join(
        f"{v.listed(names)}: {v('outcome.' + outcome).lower()}" for outcome, names in said.items()
    )

"""The pages behind: evidence, assumptions, method and words, positions, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from makeorbuy.brief import chart as c
from makeorbuy.brief import titles
from makeorbuy.brief.chart import Chart, alternative, block, drawing, missing, rect, table, text
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading
from makeorbuy.brief.request import request
from makeorbuy.brief.selection_chart import selection
from makeorbuy.brief.text_size import fitted
from makeorbuy.foundation.figure import split_address

GLOSSARY = (
    "avoidable",
    "backlog",
    "business_as_usual",
    "break_even",
    "draw",
    "flow_time",
    "gate",
    "lot",
    "materiality",
    "not_resolved",
    "option",
    "probability",
    "quarantine",
    "retained",
    "stranded",
    "superiority",
    "transition",
    "unit_cost",
    "within_target",
)
SOURCES = (
    "tickets",
    "ticket_events",
    "request_counts",
    "staffing",
    "ledger",
    "accounts",
    "outages",
    "leave",
    "initiatives",
    "matters",
)
METHODS = ("cost", "speed", "decision", "evidence")


def page(
    reading: Reading,
    anchor: str,
    title: str,
    lead: str,
    content: Content,
    footer: Content,
    class_: str = "",
    name: str | None = None,
) -> Markup:
    """Return a page of the appendix."""
    v = reading.voice
    return tag(
        "section",
        tag(
            "header",
            tag(
                "p",
                tag("span", tag("a", v("page.to_top"), href="#top"), " · ", name or v(f"contents.{anchor}")),
                class_="strip",
            ),
            tag("h1", c.capital(title)),
            tag("p", lead, class_="lead"),
        ),
        content,
        footer,
        class_=f"page long {class_}".strip(),
        id=anchor,
    )


def evidence_page(reading: Reading, footer: Content) -> Markup:
    """Return how far the records could be used: per source, and why rows were set aside."""
    v = reading.voice
    sources = _sources(reading)
    read = sum(counts["rows_read"] for counts in sources.values())
    used = sum(counts["rows_used"] for counts in sources.values())
    aside = sum(counts["rows_quarantined"] for counts in sources.values())
    title = titles.rows_used(v, used / read, aside) if read else v("title.rows.nothing")
    unassigned = reading.number("evidence.unassigned_tickets")
    lead = v("evidence.lead")
    if unassigned is not None:
        lead += " " + (teams_of_no_service(reading) or v("evidence.unassigned", count=v.whole(unassigned)))
    lead = " ".join([lead, *what_was_rewritten(reading)])
    return page(
        reading,
        "evidence",
        title,
        lead,
        tag(
            "div",
            tag(
                "div",
                block(_source_bars(reading, sources, title)),
                block(_ledger_bridge(reading)),
                class_="stack",
            ),
            block(_quarantine(reading), class_="wide"),
            block(selection(reading), class_="wide"),
            block(request(reading), class_="wide"),
            class_="charts two",
        ),
        footer,
    )


SET_ASIDE_TO_WARN_SHARE = 0.2
"""From this share of a source's rows in quarantine on, it is said at once: the answer rests on little."""

TEAMS_SHOWN = 3


def what_was_set_aside(reading: Reading, least_share: float = SET_ASIDE_TO_WARN_SHARE) -> list[str]:
    """Return a sentence for each source of which much could not be used; else only its absence shows."""
    v = reading.voice
    sentences = []
    for key in reading.document["figures"]:
        name, subject = split_address(key)
        if name != "evidence.rows_quarantined":
            continue
        aside = reading.number(name, *subject) or 0.0
        read = reading.number("evidence.rows_read", *subject) or 0.0
        if not aside or not read or aside / read < least_share:
            continue
        rows = [
            row for row in reading.table("evidence.quarantine_reasons").rows if row["source"] == subject[0]
        ]
        worst = max(rows, key=lambda row: row["rows"] or 0)
        said = v(
            "terminal.set_aside",
            rows=v.whole(aside),
            total=v.whole(read),
            source=v.first("source", subject[0], subject[0]),
            reason=v.first("quarantine.reason", worst["code"], str(worst["code"])),
            mend=v.first("quarantine.mend", worst["code"], v("quarantine.mend.other")),
        )
        sentences.append(said)
    return sentences


def teams_of_no_service(reading: Reading) -> str:
    """Return whose the tickets are that no service claims, in one sentence; empty where all have one."""
    v = reading.voice
    count = reading.number("evidence.unassigned_tickets")
    rows = reading.table("evidence.unassigned_teams").rows
    if not count or not rows:
        return ""
    named = [
        v(
            "evidence.unassigned_team",
            team=" / ".join(str(row[name]) for name in ("team", "category") if row[name])
            or v("evidence.unassigned_nobody"),
            count=v.whole(row["tickets"]),
            first=v.date(str(row["first_opened"])),
            last=v.date(str(row["last_opened"])),
        )
        for row in rows[:TEAMS_SHOWN]
    ]
    said = v("evidence.unassigned_teams", count=v.whole(count), teams="; ".join(named))
    return said + (" " + v("evidence.unassigned_more") if len(rows) > TEAMS_SHOWN else "")


def what_was_rewritten(reading: Reading) -> list[str]:
    """Return a sentence for each source of whose settled rows the last export said something else."""
    v = reading.voice
    sentences = []
    for key, figure in reading.document["figures"].items():
        name, subject = split_address(key)
        rows = reading.number(name, *subject) if name == "evidence.rewritten_rows" else None
        if not rows:
            continue
        said = v(
            "terminal.rewritten",
            share=v.percent(reading.number("evidence.rewritten_share", *subject) or 0.0),
            rows=v.whole(rows),
            total=v.whole(figure["n"]),
            source=v.first("source", subject[0], subject[0]),
        )
        closings = reading.number("evidence.rewritten_closings_share", *subject)
        if closings:
            said += " " + v("terminal.rewritten_closings", share=v.percent(closings))
        sentences.append(said)
    return sentences


def rows_of_sources(reading: Reading) -> Chart:
    """Return what happened to the rows of every source."""
    return _source_bars(reading, _sources(reading), "")


def quarantine(reading: Reading) -> Chart:
    """Return why rows were set aside, and how to mend them."""
    return _quarantine(reading)


def _sources(reading: Reading) -> dict[str, dict[str, float]]:
    names = []
    for key in reading.document["figures"]:
        if key.startswith("evidence.rows_read["):
            names.append(key[len("evidence.rows_read[") : -1])
    names.sort(key=lambda name: (SOURCES.index(name) if name in SOURCES else len(SOURCES), name))
    return {
        name: {
            what: reading.number(f"evidence.{what}", name) or 0.0
            for what in ("rows_read", "rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")
        }
        for name in names
    }


def _source_bars(reading: Reading, sources: Mapping[str, Mapping[str, float]], page_title: str) -> Chart:
    v = reading.voice
    ids = ("evidence.rows_used[*]",)
    if not sources:
        return missing(v, "evidence", v.reason("no_rows"), *ids)
    worst = min(sources, key=lambda name: sources[name]["rows_used"] / (sources[name]["rows_read"] or 1))
    share = sources[worst]["rows_used"] / (sources[worst]["rows_read"] or 1)
    title = v("title.sources", source=v.first("source", worst, worst).lower(), share=v.percent(share))
    left, pitch, top = 126.0, 25.0, 4.0
    parts: list[Content] = []
    rows: list[list[Content]] = []
    told = []
    for index, (name, counts) in enumerate(sources.items()):
        y = top + pitch * index
        label = v.first("source", name, name)
        parts.append(text(0, y + 12, fitted(label, left - 8)))
        total, at = counts["rows_read"] or 1.0, left
        for what, fill in (
            ("rows_used", c.STAYS),
            ("rows_merged", c.BAND_TODAY),
            ("rows_quarantined", c.SUPPLIER),
            ("rows_after_cut", c.HATCH),
        ):
            if counts[what]:
                width = max((c.WIDTH - 50 - left) * counts[what] / total, 1.4)
                parts.append(rect(at, y, max(width - 0.8, 1.0), 16, fill))
                at += width
        parts.append(text(c.WIDTH, y + 12, v.percent(counts["rows_used"] / total), "b", "end"))
        told.append((label, v.percent(counts["rows_used"] / total)))
        rows.append(
            [
                label,
                *(
                    v.whole(counts[k])
                    for k in ("rows_read", "rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")
                ),
            ]
        )
    head = [
        v("head.source"),
        *(
            v(f"head.{k}")
            for k in ("rows_read", "rows_used", "rows_merged", "rows_quarantined", "rows_after_cut")
        ),
    ]
    return Chart(
        title,
        v("sources.subtitle"),
        drawing(top + pitch * len(sources), alternative(title, told), *parts),
        None,
        table(title, head, rows),
        ids,
    )


def _ledger_bridge(reading: Reading) -> Chart:
    """Return how the ledger becomes the cost of the services, step by step."""
    v = reading.voice
    series = reading.table("baseline.unit_cost.bridge")
    steps = {str(row["step"]): row["nok"] for row in series.rows}
    if not steps or steps.get("total") is None:
        return missing(v, "ledger_bridge", v.reason(series.reason or "no_ledger"), series.id)
    title = v("title.ledger_bridge.plain", ledger=v.mnok(steps["ledger_total"]), total=v.mnok(steps["total"]))
    rows: list[list[Content]] = [
        [v(f"ledger_bridge.{step}"), v.millions(-nok if step in ("out_of_scope", "unallocated") else nok)]
        for step, nok in steps.items()
    ]
    body = table(title, [v("head.line"), v("head.mnok")], rows, (len(rows) - 1,))
    return Chart(title, v("ledger_bridge.subtitle"), table=body, ids=(series.id,))


def _quarantine(reading: Reading) -> Chart:
    v = reading.voice
    series = reading.table("evidence.quarantine_reasons")
    if not series.rows:
        return Chart(v("title.quarantine.nothing"), reason=v("quarantine.nothing"), ids=(series.id,))
    rows: list[list[Content]] = []
    for row in sorted(series.rows, key=lambda row: -(row["rows"] or 0)):
        code = str(row["code"])
        what = v.first("quarantine.reason", code, code)
        mend = v.first("quarantine.mend", code, v("quarantine.mend.other"))
        where = v.first("source", row["source"], str(row["source"]))
        column = f", {row['column']}" if row.get("column") else ""
        rows.append(
            [what, f"{where}{column}", v.whole(row["rows"] or 0), str(row.get("example_records") or ""), mend]
        )
    # a row may have two reasons: count rows, and a reason over all its sources
    counts = _sources(reading).values()
    total = sum(count["rows_merged"] + count["rows_quarantined"] for count in counts)
    by_source: dict[tuple[str, str], int] = {}
    for row in series.rows:
        key = str(row["code"]), str(row["source"])
        by_source[key] = max(by_source.get(key, 0), row["rows"] or 0)
    by_code: dict[str, int] = {}
    for (code, _), count in by_source.items():
        by_code[code] = by_code.get(code, 0) + count
    largest = max(by_code, key=lambda code: by_code[code])
    title = titles.fitting(
        v(
            "title.quarantine.largest",
            reason=v.first("quarantine.reason", largest, largest).lower(),
            rows=v.whole(by_code[largest]),
            total=v.whole(total),
        ),
        v("title.quarantine.count", count=v.whole(len(rows))),
    )
    head = [v("head.reason"), v("head.where"), v("head.rows"), v("head.examples"), v("head.mend")]
    return Chart(
        title,
        v("quarantine.subtitle"),
        table=table(title, head, rows, class_="words stacked reasons"),
        ids=(series.id,),
    )


def assumptions_page(reading: Reading, footer: Content) -> Markup:
    """Return every assumption with its source or without one, and the cost lines without a source."""
    v = reading.voice
    items = list(reading.assumptions.values())
    lines = [
        (option, row)
        for option in reading.options.values()
        for row in reading.table("projection.cost.lines", option["id"]).rows
        if not row.get("has_source") and row["kind"] not in ("business_as_usual",)
    ]
    without = sum(not item["source"] for item in items)
    changed = sum(bool(item["overridden"]) for item in items)
    title = v("title.assumptions", without=v.whole(without), total=v.whole(len(items)))
    content: list[Content] = []
    for section, group in groupby(items, key=lambda item: item.get("section") or ""):
        name = v.first("section", section, str(section))
        rows = [
            [
                [v.text(item), tag("code", item["name"], class_="name")],
                _values(reading, item),
                [tag("b", v("assumption.changed")), " ", item.get("why") or ""]
                if item["overridden"]
                else v("assumption.default"),
                item["source"] or tag("b", v("word.no_source")),
            ]
            for item in group
        ]
        head = [v("assumption.head"), v("assumption.value"), v("assumption.set_by"), v("head.source")]
        content.append(tag("h2", name, class_="finding"))
        content.append(table(name, head, rows, class_="words stacked assumptions"))
    if lines:
        name = v("assumption.lines")
        rows = [
            [
                str(row.get(f"name_{v.language}") or row["line"]),
                tag("a", reading.label(option, 30), href=f"#option-{option['id']}"),
                v.mnok(row["nok"] or 0.0),
                ""
                if row.get("low") is None or row["low"] == row.get("high")
                else v.millions_span(row["low"], row["high"]),
            ]
            for option, row in lines
        ]
        content.append(tag("h2", name, class_="finding"))
        content.append(
            table(
                name,
                [v("head.line"), v("head.option"), v("head.a_year"), v("head.p10_p90")],
                rows,
                class_="words stacked lines",
            )
        )
    return page(
        reading, "assumptions", title, v("assumption.lead", changed=v.count_word(changed)), content, footer
    )


def _values(reading: Reading, item: Mapping[str, Any]) -> str:
    v = reading.voice
    unit = str(item["unit"])
    shares = unit.startswith("share") or "share" in unit.split()[0]
    written = []
    for value in item["values"]:
        if shares:
            written.append(v.percent(value, 0 if abs(value * 100 - round(value * 100)) < 1e-9 else 1))
        elif "NOK" in unit:
            written.append(v.mnok(value) if abs(value) >= 1e5 else v.nok(value))
        elif unit.startswith("hour"):
            written.append(f"{v.whole(value)}\u00a0{v('unit.hours')}")
        else:
            written.append(v.decimal(value, 0 if float(value).is_integer() else 2))
    return " | ".join(written)


def method_page(reading: Reading, footer: Content) -> Markup:
    """Return the method in short, the glossary, and every kind of figure with its formula."""
    v = reading.voice
    methods: list[Content] = []
    for name in METHODS:
        methods.append(
            tag(
                "section",
                tag("h2", v(f"method.{name}_title"), class_="finding"),
                tag("p", v(f"method.{name}")),
                class_="block",
            )
        )
    rule = reading.case.get("rule") or {}
    if rule.get("fixed_on"):
        fixed = v(
            "method.rule_fixed", date=v.date(str(rule["fixed_on"])), by=v.text(rule.get("fixed_by")) or "–"
        )
    else:
        fixed = v("method.rule_not_fixed")
    words: list[Content] = []
    for term in sorted(GLOSSARY, key=lambda term: v(f"glossary.{term}.term").lower()):
        words.append(tag("dt", v(f"glossary.{term}.term")))
        words.append(tag("dd", v(f"glossary.{term}.means")))
    specs = reading.document.get("specs", {})
    rows = [
        [
            tag("code", name),
            str(spec.get(v.language) or ""),
            v.first("unit.name", spec.get("unit"), str(spec.get("unit"))),
            str(spec.get("formula") or ""),
        ]
        for name, spec in specs.items()
    ]
    head = [v("formula.figure"), v("formula.label"), v("formula.unit"), v("formula.formula")]
    content: list[Content] = [
        tag("div", methods, class_="prose"),
        tag("p", fixed, class_="key"),
        tag("h2", v("glossary.title"), class_="finding"),
        tag("dl", words, class_="words"),
    ]
    if rows:
        content += [
            tag("h2", v("formula.title", count=v.whole(len(rows))), class_="finding"),
            table(v("formula.label"), head, rows, class_="words stacked formulas"),
        ]
    return page(reading, "method", v("title.method"), v("method.lead"), content, footer)


def positions_page(reading: Reading, footer: Content) -> Markup:
    """Return who says what, in their words."""
    v = reading.voice
    people = reading.case.get("stakeholders") or []
    if not people:
        return page(reading, "positions", v("title.positions.nobody"), v("positions.nobody"), None, footer)
    entries: list[Content] = []
    for person in people:
        role = v.text(person.get("role"))
        if person.get("left_on"):
            role += f" · {v('positions.left', date=v.date(str(person['left_on'])))}"
        entries.append(
            tag(
                "section",
                tag("h2", v.text(person["name"]), class_="finding"),
                tag("p", role, class_="sub"),
                tag("blockquote", v.text(person.get("position"))),
                class_="block",
            )
        )
    return page(
        reading,
        "positions",
        v.counted("title.positions.people", len(people)),
        v("positions.lead"),
        tag("div", entries, class_="charts people"),
        footer,
    )


def provenance_page(reading: Reading, footer: Content) -> Markup:
    """Return what went in, with its fingerprints, and how to check it."""
    v = reading.voice
    inputs = (reading.document.get("provenance") or {}).get("inputs", {})
    files: list[list[Content]] = []
    for key, item in inputs.items():
        if not isinstance(item, Mapping) or not item.get("sha256"):
            continue
        rows = item.get("rows_read")
        name = str(item.get("file") or key.partition(":")[2])
        files.append(
            [
                [name, tag("code", key, class_="name")],
                None if rows is None else v.whole(rows),
                tag("code", str(item["sha256"])),
            ]
        )
    document = reading.document
    about: list[list[Content]] = [
        [v("provenance.digest"), tag("code", str(document.get("digest", "")))],
        [v("provenance.version"), f"makeorbuy {document.get('version', '')}"],
        [v("provenance.format"), str(document.get("format", ""))],
        [v("provenance.seed"), str(reading.case.get("seed", ""))],
        [v("provenance.draws"), v.whole(reading.assumption("draws", 0))],
        [
            v("provenance.period"),
            f"{v.date(str(reading.case['period']['start']))} – {v.date(str(reading.case['period']['end']))}",
        ],
    ]
    given = sum(figure["value"] is not None for figure in document["figures"].values())
    content: list[Content] = [
        table(
            v("provenance.label"), [v("provenance.what"), v("assumption.value")], about, class_="words about"
        ),
        tag("h2", v("provenance.files"), class_="finding"),
        table(
            v("provenance.files"),
            [v("provenance.file"), v("head.rows"), "SHA-256"],
            files,
            class_="words stacked files",
        ),
    ]
    lead = v("provenance.lead", figures=v.whole(len(document["figures"])), given=v.whole(given))
    return page(
        reading, "provenance", v("title.provenance", count=v.whole(len(files))), lead, content, footer
    )

"""The page from which somebody else could judge the simulation and repeat it: the STRESS-DES checklist."""

from __future__ import annotations

from makeorbuy.brief.appendix import page
from makeorbuy.brief.chart import Chart, block, table
from makeorbuy.brief.markup import Content, Markup, tag
from makeorbuy.brief.reading import Reading, Row

SERIES = "projection.queue.checklist"
ITEMS = {
    "objectives": ("1.1", "1.2", "1.3"),
    "logic": ("2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
    "data": ("3.1", "3.2", "3.3", "3.4"),
    "experimentation": ("4.1", "4.2", "4.3"),
    "implementation": ("5.1", "5.2", "5.3", "5.4"),
    "code_access": ("6.1",),
}
"""Every item of the guideline, by its section."""

_DAYS = ("from", "until")
_AS_WRITTEN = ("numpy", "seed")


def has_checklist(reading: Reading) -> bool:
    """Return whether anything was simulated."""
    return bool(reading.table(SERIES).rows)


def checklist_page(reading: Reading, footer: Content) -> Markup:
    """Return every item of the guideline: what holds for each run, and what this one was given."""
    v = reading.voice
    rows = reading.table(SERIES).rows
    charts = []
    for section, items in ITEMS.items():
        title = v(f"checklist.section.{section}")
        body: list[list[Content]] = []
        for item in items:
            code = item.replace(".", "_")
            found = [row for row in rows if row["item"] == item]
            body.append(
                [
                    tag("span", tag("b", item), " ", v(f"checklist.item.{code}")),
                    [v(f"checklist.text.{code}"), *_facts(reading, found)],
                ]
            )
        head = [v("checklist.asked"), v("checklist.answer")]
        charts.append(
            block(
                Chart(
                    title,
                    "",
                    table=table(title, head, body, class_="words"),
                    ids=(SERIES,) if section == "code_access" else (),
                )
            )
        )
    return page(
        reading, "checklist", v("title.checklist.all"), v("checklist.lead"),
        tag("div", charts, class_="checklist"), footer,
    )  # fmt: skip


def _facts(reading: Reading, rows: list[Row]) -> list[Content]:
    """Return the facts of an item, those of one kind together."""
    v = reading.voice
    told: list[Content] = []
    for fact in dict.fromkeys(str(row["fact"]) for row in rows):
        values = [
            " ".join(filter(None, (_subject(reading, row), _value(reading, row))))
            for row in rows
            if row["fact"] == fact
        ]
        told += [tag("br"), tag("b", f"{v(f'checklist.fact.{fact}')}: "), " · ".join(values)]
    return told


def _subject(reading: Reading, row: Row) -> str | None:
    subject = row["subject"]
    if subject is None:
        return None
    if row["fact"] == "service":
        return reading.service_name(str(subject))
    if subject in reading.options:
        return reading.label(reading.options[subject], 40)
    return str(subject)


def _value(reading: Reading, row: Row) -> str | None:
    v, value = reading.voice, row["value"]
    if value is None:
        return None
    if row["fact"] in _DAYS:
        return v.date(str(value))
    if row["fact"] in _AS_WRITTEN:
        return str(value)
    number = float(value)
    return v.whole(number) if number == round(number) or number >= 100 else v.decimal(number, 1)

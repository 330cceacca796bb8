"""What the records tell of how they were selected: finding, what it spoils, what to ask for."""

from __future__ import annotations

from makeorbuy.brief.chart import Chart, table
from makeorbuy.brief.markup import Content
from makeorbuy.brief.reading import Reading
from makeorbuy.evidence.detectors import LEAST_TICKETS
from makeorbuy.wording.findings import facts_from, finding_in_words, spoilt_in_words


def selection(reading: Reading) -> Chart:
    """Return the selection findings as a table of words."""
    v = reading.voice
    rows: list[list[Content]] = [[*words] for words in findings_in_words(reading)]
    ids = ("evidence.selection_findings",)
    title = selection_title(reading)
    if not rows:
        return Chart(title, ids=ids)
    head: list[Content] = [v("look.finding"), v("look.spoils"), v("look.ask")]
    return Chart(
        title, v("look.findings_subtitle"), table=table(title, head, rows, class_="words stacked"), ids=ids
    )


def selection_title(reading: Reading) -> str:
    """Return how many findings there are; none, and whether there are enough tickets to tell."""
    v = reading.voice
    found = len(reading.table("evidence.selection_findings").rows)
    if found:
        return v.counted("look.findings_title", found)
    tickets = reading.number("evidence.rows_used", "tickets")
    if tickets is not None and tickets < LEAST_TICKETS:
        return v("look.findings_title_few", least=v.whole(LEAST_TICKETS))
    return v("look.findings_title_none")


def _names(joined: object) -> list[str]:
    return [name for name in str(joined or "").split(", ") if name]


def findings_in_words(reading: Reading) -> list[tuple[str, str, str]]:
    """Return sentence, spoilt figures and request of every selection finding."""
    v = reading.voice
    return [
        (
            finding_in_words(v, str(row["code"]), facts_from(str(row["facts"]))),
            spoilt_in_words(v, _names(row["spoils"]), _names(row["refuses"])),
            v(f"request.{row['code']}"),
        )
        for row in reading.table("evidence.selection_findings").rows
    ]

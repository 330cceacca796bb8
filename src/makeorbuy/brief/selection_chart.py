"""What the records tell of how they were selected: finding, what it spoils, what to ask for."""

from __future__ import annotations

from makeorbuy.brief.chart import Chart, table
from makeorbuy.brief.markup import Content
from makeorbuy.brief.reading import Reading
from makeorbuy.wording.findings import facts_from, finding_in_words, spoilt_in_words


def selection(reading: Reading) -> Chart:
    """Return the selection findings as a table of words."""
    v = reading.voice
    rows: list[list[Content]] = [[*words] for words in findings_in_words(reading)]
    ids = ("evidence.selection_findings",)
    if not rows:
        return Chart(v("look.findings_title_none"), ids=ids)
    title = v.counted("look.findings_title", len(rows))
    head: list[Content] = [v("look.finding"), v("look.spoils"), v("look.ask")]
    return Chart(
        title, v("look.findings_subtitle"), table=table(title, head, rows, class_="words stacked"), ids=ids
    )


def findings_in_words(reading: Reading) -> list[tuple[str, str, str]]:
    """Return sentence, spoilt figures and request of every selection finding."""
    v = reading.voice
    return [
        (
            finding_in_words(v, str(row["code"]), facts_from(str(row["facts"]))),
            spoilt_in_words(v, str(row["spoils"] or "").split(", ")),
            v(f"request.{row['code']}"),
        )
        for row in reading.table("evidence.selection_findings").rows
    ]

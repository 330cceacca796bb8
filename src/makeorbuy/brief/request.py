"""One request to the colleague who exported, ready to send: what a new export would answer."""

from __future__ import annotations

from makeorbuy.brief.chart import Chart
from makeorbuy.brief.markup import tag
from makeorbuy.brief.reading import Reading

NOTHING_TO_ASK = ("closed_by_the_clock", "end_copied_back", "many_set_aside")
"""Findings that spoil nothing, or whose rows are told of by their reasons: there is nothing to ask for."""

MOST_REASONS = 3
"""So many reasons why rows were set aside are named in the request."""

NO_ROW_IS_LOST = (
    "duplicate_row", "daylight_saving_fold", "daylight_saving_gap", "total_line", "left_out", "unknown_state",
    "unknown_type", "ticket_in_quarantine",
)  # fmt: skip
"""Reasons that a new export would not mend otherwise than by raw values, which are asked for anyway."""


def request(reading: Reading) -> Chart:
    """Return the request as a block of the page, to copy."""
    v = reading.voice
    said = request_text(reading)
    if not said:
        return Chart(v("letter.title"), reason=v("letter.no_tickets"))
    return Chart(v("letter.title"), v("letter.subtitle"), after=tag("pre", said, class_="letter"))


def request_text(reading: Reading) -> str:
    """Return the request as plain text in the reading's language; empty where there are no tickets.

    It names the system, asks for what every export should have told (raw values, the history, the list of
    states, the zone), and for what each finding and each frequent fault of rows would be mended by.
    """
    v = reading.voice
    files = [
        row for row in reading.table("evidence.files").rows if row["source"] in ("tickets", "ticket_events")
    ]
    if not files:
        return ""
    systems = [str(row.get("system") or "").partition(",")[0] for row in files]
    system = next((name for name in systems if name and "unknown" not in name), "")
    has_history = any(row["source"] == "ticket_events" or row.get("has_history") for row in files)
    slug = "".join(letter for letter in system.lower() if letter.isalnum())

    is_raw = all(str(row["file"]).endswith(".json") for row in files)  # asked for as JSON, it is that
    asked = [v("letter.raw") + ("" if is_raw else v.first("letter.raw_in", slug, ""))]
    if not has_history:
        asked.append(v("letter.history") + v.first("letter.history_in", slug, ""))
    asked += [v("letter.states"), v("letter.zone")]
    codes = [str(row["code"]) for row in reading.table("evidence.selection_findings").rows]
    asked += dict.fromkeys(v(f"request.{code}") for code in codes if code not in NOTHING_TO_ASK)
    asked += _of_rows(reading)

    names = v.listed(dict.fromkeys(str(row["file"]).rpartition("/")[2] for row in files))
    start, end = (v.date(str(reading.case["period"][name])) for name in ("start", "end"))
    head = v("letter.subject", system=system) if system else v("letter.subject_unknown")
    lines = [
        head,
        "",
        v("letter.hello"),
        v("letter.why", files=names, start=start, end=end),
        "",
        *(f"{place}. {item}" for place, item in enumerate(asked, 1)),
        "",
        v("letter.not_needed"),
    ]
    return "\n".join(lines)


def _of_rows(reading: Reading) -> list[str]:
    """Return what the most frequent faults of rows ask for."""
    v = reading.voice
    by_code: dict[str, int] = {}
    for row in reading.table("evidence.quarantine_reasons").rows:
        if row["source"] in ("tickets", "ticket_events") and row["code"] not in NO_ROW_IS_LOST:
            code = str(row["code"])
            by_code[code] = max(by_code.get(code, 0), int(row["rows"] or 0))
    most = sorted(by_code, key=lambda code: -by_code[code])[:MOST_REASONS]
    if not most:
        return []
    said = [
        v.counted(
            "letter.reason",
            by_code[code],
            reason=_lower(v.first("quarantine.reason", code, code)),
        )
        for code in most
    ]
    return [v("letter.rows", reasons="; ".join(said))]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]

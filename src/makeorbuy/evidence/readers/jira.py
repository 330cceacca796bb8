"""Jira and Jira Service Management: the CSV of a search, and the answer of the search interface.

The CSV repeats the column of a field that has several values, and writes dates as the site and the
language of whoever exported have it, with names of months. It has no history and one end, *Resolved*.
The answer of the search has a changelog, newest first, of which the oldest entries are lost where there
are many (``changelog.total`` tells how many there were), and the cycles of each agreement. The end of
the work is the last move into a state that is done; ``resolutiondate`` moves with each resolution, and is
empty where a workflow sets none. Moves between groups show only where the group is a field.

References: Jira Cloud platform REST API, "Search for issues", "Get changelogs"; Jira Service Management,
"Request SLA information"; airbytehq/airbyte#33040 (the oldest entries of a changelog are lost).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited, json, workbook
from makeorbuy.evidence.opening import EvidenceFile, container_of
from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    folded,
    has,
    proposal,
    spellings_of,
)
from makeorbuy.evidence.text import Fault, Table, Tell, plain_name
from makeorbuy.evidence.ticket_list import ticket_list
from makeorbuy.foundation.errors import EvidenceError, Problem

LABELS = {
    "number": ("Issue key", "Key", "Sakskode", "Nøkkel"),
    "opened_at": ("Created", "Opprettet"),
    "resolved_at": ("Resolved", "Løst"),
    "state": ("Status",),
    "team": ("Custom field (Assigned group)", "Custom field (Support group)", "Custom field (Team)",
             "Egendefinert felt (Gruppe)"),
    "person": ("Assignee Id", "Assignee", "Ansvarlig"),
    "handling_time": ("Time Spent", "Tid brukt"),
    "category": ("Custom field (Affected services)", "Component/s", "Components", "Komponenter"),
    "priority": ("Priority", "Prioritet"),
    "type": ("Issue Type", "Sakstype"),
}  # fmt: skip
STATES = {
    "Open": "open", "New": "open", "To Do": "open", "Backlog": "open", "Selected for Development": "open",
    "In Progress": "open", "Work in progress": "open", "In Review": "open", "Reopened": "open",
    "Escalated": "open", "Waiting for support": "open", "Waiting for customer": "waiting",
    "Waiting for approval": "waiting", "Pending": "waiting", "On Hold": "waiting", "Blocked": "waiting",
    "Resolved": "resolved", "Done": "resolved", "Completed": "resolved", "Closed": "closed",
    "Canceled": "cancelled", "Cancelled": "cancelled", "Declined": "cancelled",
    "Åpen": "open", "Å gjøre": "open", "Pågår": "open", "Under arbeid": "open", "Gjenåpnet": "open",
    "Venter på kunde": "waiting", "Venter på godkjenning": "waiting", "På vent": "waiting",
    "Løst": "resolved", "Ferdig": "resolved", "Lukket": "closed", "Avbrutt": "cancelled",
    "Avvist": "cancelled",
}  # fmt: skip
"""Names that Jira's own workflows have; a site may have any other."""

TYPES = {
    "Incident": "incident", "[System] Incident": "incident", "Service Request": "request",
    "[System] Service request": "request", "Service Request with Approvals": "request",
    "[System] Service request with approvals": "request", "Change": "change", "[System] Change": "change",
    "Hendelse": "incident", "Tjenesteforespørsel": "request", "Bestilling": "request", "Endring": "change",
}  # fmt: skip
_RESOLUTION = re.compile(r"resol|løs", re.IGNORECASE)
_ISSUE = {
    "number": ("key",), "opened_at": ("fields.created",), "resolved_at": ("done",), "closed_at": ("closed",),
    "state": ("fields.status.name",), "person": ("fields.assignee.accountId", "fields.assignee.name"),
    "priority": ("fields.priority.name",), "type": ("fields.issuetype.name",),
    "handling_time": ("fields.timespent",),
}  # fmt: skip
ISSUE_DATE_FORMAT = "%Y-%m-%dT%H:%M:%S.%f%z"
CHANGED = ("key", "created", "status", "status_before", "group", "group_before", "assignee", "lost")
"""What one entry of a changelog becomes."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a CSV by its key, id and status; an answer by its issues with fields."""
    if sample.container == "json":
        issues = [entry for entry in _listed(sample.document) if _is_issue(entry)]
        return _answer(sample, issues) if issues and sample.sheet in ("issues", "$") else None
    if not any(has(sample, *names) for names in (("Issue key", "Issue id", "Status"),
                                                 ("Sakskode", "Sammendrag", "Status"))):  # fmt: skip
        return None
    columns = columns_by_name(sample, LABELS)
    return ticket_list(
        sample,
        "Jira, CSV",
        0.9,
        columns,
        states=STATES,
        types=TYPES,
        reader="jira",
        handling_units=("seconds",),
    )


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Make rows of a CSV whose columns repeat, or of the issues or changelogs of an answer.

    Raises
    ------
    EvidenceError, HostileFileError
        From the container, or when the answer holds no issues.
    """
    container = container_of(file)
    file.handle.seek(0)
    if container != "json":
        plain = (workbook if container == "workbook" else delimited).table(file, source, tell)
        return Table(_told_apart(plain.header), plain.rows)
    document = json.load(file)
    listed = list(_listed(document))
    issues = [entry for entry in listed if _is_issue(entry)]
    if not issues:
        problem = Problem(
            "no_issues", file.name, None, None, "no list of issues", "the answer of a search, with `issues`",
            "Save the answer of /rest/api/3/search as it is.",
        )  # fmt: skip
        raise EvidenceError(problems=[problem])
    if source.kind == "ticket_events":
        return Table(CHANGED, _changes(issues, _group_fields(issues)))
    made = json.table_of([_flat(entry, source.states) if _is_issue(entry) else None for entry in listed])
    return Table(made.header, _with_missing_pages(made.rows, document, len(listed)))


# ---- CSV


def _told_apart(header: Sequence[str]) -> tuple[str, ...]:
    """Return a header whose repeated names are numbered.

    Examples
    --------
    >>> _told_apart(["Labels", "Key", "Labels", "Labels (2)", "Labels"])
    ('Labels', 'Key', 'Labels (3)', 'Labels (2)', 'Labels (4)')
    """
    given, apart = {plain_name(name) for name in header}, list[str]()
    seen: set[str] = set()
    for name in header:
        plain, number = plain_name(name), 1
        while (plain in seen) or (number > 1 and plain in given):
            number += 1
            plain = f"{plain_name(name)} ({number})"
        seen.add(plain)
        apart.append(name if number == 1 else plain)
    return tuple(apart)


# ---- the answer of a search


def _listed(document: Any) -> Iterator[Any]:
    """Give what is listed in an answer, in several answers (pages), or in a bare list."""
    for page in document if isinstance(document, list) else [document]:
        listed = page.get("issues") if isinstance(page, dict) else None
        yield from listed if isinstance(listed, list) else [page]


def _is_issue(entry: Any) -> bool:
    return isinstance(entry, dict) and "key" in entry and isinstance(entry.get("fields"), dict)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _answer(sample: Sample, issues: list[dict[str, Any]]) -> Recognition:
    flat = [_flat(issue, STATES) for issue in issues]
    made = json.table_of([dict(issue) for issue in flat])
    seen = Sample(sample.file, "json", made.header, (), sheet=sample.sheet)
    columns = columns_by_name(seen, _ISSUE)
    groups = _group_fields(issues)
    columns |= columns_by_name(
        seen, {"team": [f"fields.{field}{part}" for field in groups[:1] for part in ("", ".value", ".name")]}
    )
    if any(issue["components"] for issue in flat):
        columns["category"] = "components"
    if any(issue["cycles"] for issue in flat):
        columns["reopen_count"] = "reopenings"
    rules: dict[str, Any] = {"reader": "jira", "date_format": ISSUE_DATE_FORMAT}
    worked = {"handling_unit": "seconds"} if "handling_time" in columns else {}
    questions: list[Question] = []
    entries = [entry for issue in issues for entry in _entries(issue)]
    states = [value for entry in entries for value in entry[2:4] if value]
    for key, known, written in (
        ("states", STATES, [*(issue.get("fields.status.name", "") for issue in flat), *states]),
        ("types", TYPES, [issue.get("fields.issuetype.name", "") for issue in flat]),
    ):
        found, unknown = spellings_of(written, known)
        rules[key] = {**known, **found}
        if unknown:
            questions.append(Question(key, key, unknown))
    questions += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    sources = [proposal(seen, "tickets", columns, **rules, **worked)]
    remarks = []
    if entries:
        events = {"number": "key", "updated_at": "created", "state": "status",
                  "state_before": "status_before", "person": "assignee", "lost_count": "lost"}  # fmt: skip
        if groups:
            events |= {"team": "group", "team_before": "group_before"}
        else:
            remarks.append("no_team_history")
        shared = {name: rules[name] for name in ("reader", "date_format", "states")}
        sources.append(proposal(seen, "ticket_events", events, **shared))
        if any(_lost(issue) for issue in issues):
            remarks.append("history_cut")
        if any(not isinstance(issue["changelog"].get("total"), int) for issue in issues if _histories(issue)):
            remarks.append("changelog_without_total")
    else:
        remarks.append("no_history")
    if _missing_issues(sample.document, len(issues)):
        remarks.append("more_pages")
    return Recognition(
        "Jira, search", 0.95, tuple(sources), "field_names", "raw", tuple(questions), tuple(remarks)
    )


def _flat(issue: dict[str, Any], states: Mapping[str, str]) -> dict[str, str]:
    """Return an issue as flat text, with its components, its ends and its cycles."""
    fields = issue["fields"]
    flat = json.flatten({name: value for name, value in issue.items() if name != "changelog"})
    components = [part.get("name") for part in _dicts(fields.get("components"))]
    done, closed = _ends(issue, {folded(name): word for name, word in states.items()})
    cycles = _cycles(fields)
    return flat | {
        "components": ", ".join(map(json.as_text, components)),
        "done": done or json.as_text(fields.get("resolutiondate")),
        "closed": closed,
        "cycles": str(cycles or ""),
        "reopenings": str(cycles - 1) if cycles else "",
    }


def _ends(issue: dict[str, Any], states: Mapping[str, str]) -> tuple[str, str]:
    """Return when it last moved into a state that is done, and when it was last closed."""
    done = closed = ""
    finished = ("resolved", "closed", "cancelled")
    for _, created, status, before, *_ in _entries(issue):
        word, word_before = states.get(folded(status)), states.get(folded(before))
        if word in finished and word_before not in finished:
            done = created
        if word == "closed" and word_before != "closed":
            closed = created
    return done, closed


def _cycles(fields: dict[str, Any]) -> int:
    """Return how many times the clock of the resolution has run: once more for each reopening."""
    for value in fields.values():
        if (
            isinstance(value, dict)
            and "completedCycles" in value
            and _RESOLUTION.search(str(value.get("name")))
        ):
            return len(_dicts(value["completedCycles"])) + (value.get("ongoingCycle") is not None)
    return 0


def _group_fields(issues: list[dict[str, Any]]) -> list[str]:
    """Return the fields of a changelog that people call a group or a team, the busiest first."""
    named: Counter[str] = Counter()
    for issue in issues:
        for history in _histories(issue):
            for item in _dicts(history.get("items")):
                if re.search(r"group|team|gruppe|enhet", str(item.get("field")), re.IGNORECASE):
                    named[str(item.get("fieldId") or item.get("field"))] += 1
    return [name for name, _ in sorted(named.items(), key=lambda entry: (-entry[1], entry[0]))]


def _histories(issue: dict[str, Any]) -> list[dict[str, Any]]:
    changelog = issue.get("changelog")
    return _dicts(changelog.get("histories")) if isinstance(changelog, dict) else []


def _entries(issue: dict[str, Any], groups: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return the entries of a changelog, the oldest first, as `CHANGED` has them."""
    lost = str(_lost(issue) or "")
    made = []
    for history in sorted(_histories(issue), key=_age):
        entry = dict.fromkeys(CHANGED, "") | {
            "key": json.as_text(issue["key"]), "created": json.as_text(history.get("created")), "lost": lost
        }  # fmt: skip
        for item in _dicts(history.get("items")):
            field, name = str(item.get("field")), str(item.get("fieldId") or item.get("field"))
            before, after = json.as_text(item.get("fromString")), json.as_text(item.get("toString"))
            if field == "status":
                entry |= {"status": after, "status_before": before}
            elif field == "assignee":
                entry["assignee"] = json.as_text(item.get("to")) or after
            elif name in groups[:1]:
                entry |= {"group": after, "group_before": before}
        made.append(tuple(entry.values()))
    return made


def _age(history: dict[str, Any]) -> tuple[int, str, int]:
    """Return what orders entries: the number of the entry where it is one, else the time as written."""
    number = json.as_text(history.get("id"))
    is_number = number.isascii() and number.isdigit() and len(number) <= 30
    return (0, "", int(number)) if is_number else (1, json.as_text(history.get("created")), 0)


def _lost(issue: dict[str, Any]) -> int:
    """Return how many of the oldest entries of a changelog are not in the file."""
    changelog = issue.get("changelog")
    total = changelog.get("total") if isinstance(changelog, dict) else None
    return max(0, total - len(_histories(issue))) if isinstance(total, int) else 0


def _changes(issues: list[dict[str, Any]], groups: list[str]) -> Iterator[tuple[str, ...] | Fault]:
    for issue in issues:
        if lost := _lost(issue):
            yield Fault("history_cut", f"{lost} of {lost + len(_histories(issue))}")
        yield from _entries(issue, groups)


def _missing_issues(document: Any, found: int) -> bool:
    pages = [
        page for page in (document if isinstance(document, list) else [document]) if isinstance(page, dict)
    ]
    totals = [page["total"] for page in pages if isinstance(page.get("total"), int)]
    return max(totals, default=0) > found or (bool(pages) and pages[-1].get("isLast") is False)


def _with_missing_pages(rows: Any, document: Any, found: int) -> Iterator[Sequence[str] | Fault]:
    yield from rows
    if _missing_issues(document, found):
        yield Fault("more_pages")

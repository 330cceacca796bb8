"""ServiceNow: lists of incidents, requests and changes, and what tells their history.

One list comes in three forms by default: CSV with field names over displayed values, a workbook with
labels over displayed values, JSON and XML with field names over raw values. So header and values are
told apart. Displayed times are in the zone of whoever exported, which no file tells; raw times are UTC.
The Table API adds three display forms of its own, in which a field is text, ``{link, value}``,
``{display_value, link}`` or all of it; JSONv2 writes ``dv_<field>`` beside the raw field, XML an
attribute. Where a file has both, times and states are taken raw, names as displayed.

Histories are ``sys_audit`` (a row for each changed field, which names the ticket by its sys_id and
has no row for the creation) and ``metric_instance`` (a row for each stay in a value). ``task_sla`` is
a clock of its own that starts, pauses and stops by the conditions of an agreement.

References: ServiceNow product documentation, "Export data: headers and values", "Export limits",
"Incident states", "Change state model", "Table API", "Understanding the sys_audit table", "Metric
instance", "Task SLA table".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from makeorbuy.case.model import Source
from makeorbuy.evidence.containers import delimited, json, sqlite, workbook, xml
from makeorbuy.evidence.opening import EvidenceFile, container_of
from makeorbuy.evidence.recognition import (
    Question,
    Recognition,
    Sample,
    columns_by_name,
    dates_of_columns,
    folded,
    handling_rules,
    has,
    proposal,
    share_matching,
    spellings_of,
)
from makeorbuy.evidence.text import Fault, Table, Tell

RAW_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

FIELDS = {
    "number": ("number",),
    "opened_at": ("opened_at",),
    "resolved_at": ("resolved_at",),
    "closed_at": ("closed_at",),
    "updated_at": ("sys_updated_on", "sys_updated_at"),
    "state": ("state", "incident_state"),
    "team": ("assignment_group",),
    "person": ("assigned_to",),
    "category": ("business_service", "category"),
    "priority": ("priority",),
    "reopen_count": ("reopen_count",),
    "handling_time": ("time_worked",),
    "type": ("sys_class_name", "type"),
    "key": ("sys_id",),
}
LABELS = {
    "number": ("Number", "Nummer"),
    "opened_at": ("Opened", "Åpnet"),
    "resolved_at": ("Resolved", "Løst"),
    "closed_at": ("Closed", "Lukket"),
    "state": ("State", "Tilstand"),
    "team": ("Assignment group", "Tildelingsgruppe"),
    "person": ("Assigned to", "Tildelt til"),
    "category": ("Service", "Category", "Kategori"),
    "priority": ("Priority", "Prioritet"),
    "reopen_count": ("Reopen count", "Antall gjenåpninger"),
    "handling_time": ("Time worked", "Medgått tid"),
    "type": ("Task type", "Oppgavetype", "Type"),
}
STATES = {
    "New": "open", "In Progress": "open", "On Hold": "waiting", "Resolved": "resolved", "Closed": "closed",
    "Canceled": "cancelled", "Active": "open", "Awaiting Problem": "waiting",
    "Awaiting User Info": "waiting", "Awaiting Evidence": "waiting", "Awaiting Vendor": "waiting",
    "Ny": "open", "Pågår": "open", "På vent": "waiting", "Løst": "resolved", "Lukket": "closed",
    "Avbrutt": "cancelled",
    # requests and tasks; closed incomplete or skipped was not delivered
    "Pending": "waiting", "Open": "open", "Work in Progress": "open", "Closed Complete": "closed",
    "Closed Incomplete": "cancelled", "Closed Skipped": "cancelled",
    # changes; in review the work is done
    "Assess": "open", "Authorize": "open", "Scheduled": "open", "Implement": "open", "Review": "resolved",
}  # fmt: skip
CODES = {
    "incident": {"1": "open", "2": "open", "3": "waiting", "6": "resolved", "7": "closed", "8": "cancelled"},
    "request": {"-5": "waiting", "1": "open", "2": "open", "3": "closed", "4": "cancelled", "7": "cancelled"},
    "change": {"-5": "open", "-4": "open", "-3": "open", "-2": "open", "-1": "open", "0": "resolved",
               "3": "closed", "4": "cancelled"},
}  # fmt: skip
STAGES = {
    "in_progress": "open", "In progress": "open", "breached": "open", "paused": "waiting",
    "completed": "resolved", "cancelled": "cancelled", "canceled": "cancelled",
}  # fmt: skip
TYPES = {
    "incident": "incident", "sc_request": "request", "sc_req_item": "request", "sc_task": "request",
    "change_request": "change", "change_task": "change", "Incident": "incident", "Request": "request",
    "request": "request", "change": "change", "Requested Item": "request", "Catalog Task": "request",
    "Change Request": "change",
}  # fmt: skip
PREFIXES = {
    "INC": "incident", "REQ": "request", "RITM": "request", "SCTASK": "request", "CHG": "change",
    "CTASK": "change",
}  # fmt: skip
AUDIT = ("tablename", "fieldname", "documentkey", "oldvalue", "newvalue", "sys_created_on")
METRIC = ("definition", "id", "start", "end", "calculation_complete")
SLA = ("task", "sla", "stage", "start_time", "end_time")
UNLOADED = (
    *("sys_id", "number", "opened_at", "resolved_at", "closed_at", "work_end", "state", "incident_state"),
    *("assignment_group", "dv_assignment_group", "assigned_to", "business_service", "dv_business_service"),
    *("category", "priority", "reopen_count", "time_worked"),
)
"""What is taken of an XML record; ``dv_`` is the attribute ``display_value``."""


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list, an answer of an interface, an XML unload, or one of the histories."""
    if sample.container == "xml":
        return _unload(sample)
    plain, real = _with_plain_names(sample)
    for names, what in ((AUDIT, _audit), (METRIC, _metrics), (SLA, _sla)):
        if has(plain, *names):
            return what(plain, real)
    return _list(plain, real)


def table(file: EvidenceFile, source: Source, tell: Tell | None = None) -> Table:
    """Make rows of an XML unload, of ``sys_audit`` and of ``metric_instance``; a list stays as it is.

    Raises
    ------
    EvidenceError, HostileFileError
        From the container.
    """
    container = container_of(file)
    file.handle.seek(0)
    if container == "xml":
        tags = (source.sheet,) if source.sheet else xml.outline(file)[1]
        tag = next((tag for tag in tags if tag in TYPES), source.sheet)
        return Table(UNLOADED, _unloaded(file, tag, tell))
    plain = _CONTAINERS[container](file, source, tell)
    known = _chosen(plain.header)
    is_told_once = len(set(map(folded, plain.header))) == len(plain.header)
    for names, header, make in ((AUDIT, CHANGED, _audited), (METRIC, STAYED, _stayed)):
        if set(names) <= set(known) and is_told_once:
            return Table(header, _remade(plain, make))
    return plain  # a list, or a header that the writer refuses


_CONTAINERS = {
    "delimited": delimited.table, "workbook": workbook.table, "json": json.table, "sqlite": sqlite.table
}  # fmt: skip


# ---- lists


def _list(sample: Sample, real: dict[str, str], **known_rules: Any) -> Recognition | None:
    if has(sample, "number", "opened_at", "assignment_group"):
        columns, headers, score = columns_by_name(sample, FIELDS), "field_names", 0.95
    elif any(
        has(sample, *names)
        for names in (
            ("Number", "Opened", "State", "Assignment group"),
            ("Nummer", "Åpnet", "Tilstand", "Tildelingsgruppe"),
        )
    ):
        columns, headers, score = columns_by_name(sample, LABELS), "labels", 0.9
    else:
        return None
    if "state" not in columns:
        score -= 0.3
    missing = ("", "?") if any("?" in sample.column(name) for name in columns.values()) else ("",)
    rules: dict[str, Any] = {"missing": missing, **known_rules}
    if _has_row_per_event(sample, columns):
        rules["shape"] = "row_per_event"
        columns.pop("handling_time", None)  # a running total, on every row
    else:
        columns.pop("updated_at", None)
    questions: list[Question] = []
    remarks = [] if "shape" in rules else ["no_history"]
    kind, unknown = ({}, []) if "constant_type" in rules else _kind(sample, columns)
    rules |= kind
    questions += unknown
    seen_types = spellings_of(sample.column(columns.get("type", "")), TYPES)[0].values()
    types: set[str | None] = set(seen_types) or {rules.get("constant_type")}
    remarks += _end_of_work(sample, columns, types, questions)
    dated, undated = dates_of_columns(
        sample, columns, ("opened_at", "resolved_at", "closed_at", "updated_at"), missing
    )
    if "date_format" not in rules:
        questions += undated
        rules |= dated
    raw = ("since_1970",) if sample.container == "xml" else ()
    worked, unworked = handling_rules(sample, columns, raw, missing)
    rules |= worked
    questions += unworked
    states = [value for value in sample.column(columns.get("state", "")) if value.strip() not in missing]
    has_codes = sample.container == "xml" or share_matching(states, r"-?\d+") > 0.5
    teams_are_ids = share_matching(sample.column(columns.get("team", "")), r"[0-9a-f]{32}") > 0.5
    has_both = real.get("opened_at", "").endswith(".value") or has(sample, "dv_opened_at beside")
    is_raw = has_codes or teams_are_ids or has_both
    if is_raw and rules.get("date_format") == RAW_DATE_FORMAT:
        rules["time_zone"] = "UTC"
    else:
        questions.append(Question("time_zone_of_export", "time_zone"))
    if teams_are_ids:
        remarks.append("teams_are_ids")
    (one,) = types if len(types) == 1 else (None,)
    # a code means one thing for incidents and another for changes; without the type it is asked
    known = STATES if not has_codes else CODES.get(one or "", {})
    if has_codes and "types" in rules:
        rules["types"] = {word: kind for word, kind in rules["types"].items() if kind in types}
    seen, strange = spellings_of(states, known)
    rules["states"] = {**known, **seen}  # a state that the first rows do not show may come later
    if strange:
        questions.append(Question("states", "states", strange))
    questions += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    return Recognition(
        "ServiceNow, log of changes" if "shape" in rules else "ServiceNow, list",
        score,
        (_proposal(sample, real, "tickets", columns, **rules),),
        "field_names" if headers == "field_names" else "labels",
        "raw" if is_raw else "display",
        tuple(questions),
        tuple(remarks),
    )


def _kind(sample: Sample, columns: dict[str, str]) -> tuple[dict[str, Any], list[Question]]:
    """Return how the type is told: by a column, else by the prefix that all numbers share."""
    if "type" in columns:
        types, unknown = spellings_of(sample.column(columns["type"]), TYPES)
        if types:
            asked = [Question("types", "types", unknown)] if unknown else []
            return {"types": {**TYPES, **types}}, asked
        del columns["type"]  # of a change it is normal, standard or emergency
    prefixes = {number.strip().rstrip("0123456789") for number in sample.column(columns["number"])}
    kinds = {PREFIXES[prefix] for prefix in prefixes if prefix in PREFIXES}
    if len(kinds) == 1:
        return {"constant_type": kinds.pop()}, []
    return {}, [Question("one_type_or_a_column", "constant_type", ("incident", "request", "change"))]


def _end_of_work(
    sample: Sample, columns: dict[str, str], types: set[str | None], questions: list[Question]
) -> list[str]:
    """Say which column is the end of the work: a change has its own, a request only its closing."""
    if "resolved_at" in columns:
        return []
    if types == {"change"} and has(sample, "work_end"):
        columns["resolved_at"] = "work_end"
        return []
    if types == {"request"} and "closed_at" in columns:
        columns["resolved_at"] = columns["closed_at"]
        return ["one_end"]
    choices = (columns["closed_at"],) if "closed_at" in columns and types == {"change"} else ()
    questions.append(Question("end_of_work", "columns.resolved_at", choices))
    return []


def _has_row_per_event(sample: Sample, columns: dict[str, str]) -> bool:
    """Return whether a ticket stands on a row for each of its changes, and not on two by mistake."""
    if "updated_at" not in columns:
        return False
    moments = zip(sample.column(columns["number"]), sample.column(columns["updated_at"]), strict=False)
    different = set(moments)
    return len(different) > 1.5 * len({number for number, _ in different})


# ---- the forms of the interfaces

_NAMES = ("assignment_group", "assigned_to", "business_service", "category", "priority", "task", "sla", "id")


def _chosen(header: Sequence[str]) -> dict[str, str]:
    """Return field to the column that is best at it: names as displayed, all else raw.

    Examples
    --------
    >>> _chosen(["state.value", "state.display_value", "task.value", "task.display_value", "task"])
    {'state': 'state.value', 'task': 'task.display_value'}
    """
    written = {folded(name): name for name in header}
    fields = dict.fromkeys(name.removeprefix("dv_").partition(".")[0] for name in written)
    chosen = {}
    for field in fields:
        shown, raw = (f"dv_{field}", f"{field}.display_value"), (f"{field}.value", field)
        forms = (*shown, *raw) if field in _NAMES else (*raw, *shown)
        best = next((form for form in forms if form in written), None)
        if best is not None:
            chosen[field] = written[best]
    return chosen


def _with_plain_names(sample: Sample) -> tuple[Sample, dict[str, str]]:
    """Return a sample as if each field had one column, and how that column is really called."""
    real = _chosen(sample.header)
    fields = {name: field for field, name in real.items()}
    plain = tuple(name if fields.get(name) == folded(name) else fields.get(name, f"{name} beside")
                  for name in sample.header)  # fmt: skip
    return replace(sample, header=plain), real


def _proposal(
    sample: Sample, real: dict[str, str], kind: str, columns: dict[str, str], **rules: Any
) -> Source:
    written = {field: real.get(folded(column), column) for field, column in columns.items()}
    return proposal(sample, kind, written, **rules)


def _unload(sample: Sample) -> Recognition | None:
    """Recognise an XML unload by the tags of its records; its columns are known, its values are raw."""
    root, tags = sample.document
    known = [tag for tag in tags if tag in TYPES]
    if xml.plain_tag(root) != "unload" or not known:
        return None
    one = TYPES[known[0]]
    others = {"incident": ("work_end",), "request": ("work_end", "resolved_at"), "change": ("resolved_at",)}
    header = tuple(name for name in UNLOADED if name not in others[one])
    plain, real = _with_plain_names(replace(sample, header=header, sheet=known[0]))
    found = _list(plain, real, constant_type=one, reader="servicenow", date_format=RAW_DATE_FORMAT)
    if found is None:
        return None
    remarks = (*found.remarks, *(["other_tables"] if len(known) > 1 else []))
    return replace(found, system="ServiceNow, XML", remarks=remarks)


def _unloaded(file: EvidenceFile, tag: str, tell: Tell | None) -> Iterator[list[str]]:
    for record in xml.elements(file, depth=2, tell=tell):
        if xml.plain_tag(record.tag) == tag:
            values = {}
            for field in record:
                name = xml.plain_tag(field.tag)
                values[name] = field.text or ""
                values[f"dv_{name}"] = field.get("display_value", "")
            yield [values.get(name, "") for name in UNLOADED]


# ---- histories

CHANGED = ("ticket", "at", "state", "state_before", "team", "team_before", "person")
"""What one row of ``sys_audit`` becomes: only the changed field is filled, and what it was before."""

STAYED = ("ticket", "at", "state", "team", "person")
"""What one row of ``metric_instance`` becomes: the value that began then."""

_FIELD_OF = {"state": "state", "incident_state": "state", "assignment_group": "team",
             "assigned_to": "person"}  # fmt: skip


def _audit(sample: Sample, real: dict[str, str]) -> Recognition:
    """Recognise ``sys_audit``; its times are in UTC or displayed, and nothing in the file tells which."""
    tables = {TYPES[name] for name in sample.column("tablename") if name in TYPES}
    fields, values = sample.column("fieldname"), sample.column("newvalue")
    codes = [value for field, value in zip(fields, values, strict=False) if _FIELD_OF.get(field) == "state"]
    (one,) = tables if len(tables) == 1 else (None,)
    known = STATES if share_matching(codes, r"-?\d+") < 0.5 else CODES.get(one or "", {})
    columns = {"number": "ticket", "updated_at": "at"} | {name: name for name in CHANGED[2:]}
    return _history(sample, "ServiceNow, sys_audit", columns, "sys_created_on", "", codes, known,
                    ("history_by_key",))  # fmt: skip


def _metrics(sample: Sample, real: dict[str, str]) -> Recognition:
    """Recognise ``metric_instance``; a duration as a date is raw, and then so are its times."""
    is_raw = share_matching(sample.column("duration"), r"\d{4}-\d\d-\d\d .*") > 0.5
    rows = [dict(zip(sample.header, row, strict=False)) for row in sample.rows]
    stays = [_stay(row) for row in rows]
    states = [state for field, state in stays if field == "state"]
    fields = {field for field, _ in stays} - {""}
    columns = {"number": "ticket", "updated_at": "at"} | {name: name for name in STAYED[2:] if name in fields}
    known = STATES if share_matching(states, r"-?\d+") < 0.5 else CODES["incident"]
    remarks = () if "team" in fields else ("no_team_history",)
    return _history(sample, "ServiceNow, metric_instance", columns, "start", "UTC" if is_raw else "",
                    states, known, remarks)  # fmt: skip


def _is_newest_first(moments: Sequence[str], form: str) -> bool:
    """Return whether most moments are before the one above them."""
    try:
        read = [datetime.strptime(moment, form) for moment in moments if moment]  # noqa: DTZ007
    except ValueError:
        return False
    falls = sum(later < earlier for earlier, later in itertools.pairwise(read))
    return falls > sum(later > earlier for earlier, later in itertools.pairwise(read))


def _history(
    sample: Sample, system: str, columns: dict[str, str], moment: str, zone: str, states: Sequence[str],
    known: dict[str, str], remarks: tuple[str, ...],
) -> Recognition:  # fmt: skip
    rules, questions = dates_of_columns(sample, {"updated_at": moment}, ("updated_at",))
    if not zone:
        questions.append(Question("time_zone_of_export", "time_zone"))
    seen, unknown = spellings_of(states, known)
    if unknown:
        questions.append(Question("states", "states", unknown))
    if _is_newest_first(sample.column(moment), rules.get("date_format", "")):
        remarks = (*remarks, "newest_first")
    source = proposal(
        sample,
        "ticket_events",
        columns,
        reader="servicenow",
        time_zone=zone,
        states={**known, **seen},
        **rules,
    )
    questions += [Question("exported_at", "exported_at"), Question("selection", "selection")]
    return Recognition(system, 0.97, (source,), "field_names", "raw" if zone else "display",
                       tuple(questions), remarks)  # fmt: skip


def _audited(row: dict[str, str]) -> list[str]:
    made = dict.fromkeys(CHANGED, "") | {"ticket": row["documentkey"], "at": row["sys_created_on"]}
    field = _FIELD_OF.get(row["fieldname"])
    if field is not None:
        made[field] = row["newvalue"]
        if field != "person":
            made[f"{field}_before"] = row["oldvalue"]
    return [made[name] for name in CHANGED]


def _stayed(row: dict[str, str]) -> list[str]:
    field, value = _stay(row)
    made = dict.fromkeys(STAYED, "") | {"ticket": row["id"].rpartition(": ")[2], "at": row["start"]}
    if field:
        made[field] = value
    return [made[name] for name in STAYED]


def _stay(row: dict[str, str]) -> tuple[str, str]:
    """Return what a stay is of and in which value: a state by its code where there is one, a team by name."""
    named = row.get("field") or row["definition"]
    field = next((what for name, what in _FIELD_OF.items() if name in named.casefold().replace(" ", "_")), "")
    shown, code = row.get("value", ""), row.get("field_value", "")
    return field, (code or shown) if field == "state" else (shown or code)


def _remade(plain: Table, make: Callable[[dict[str, str]], list[str]]) -> Iterator[Sequence[str] | Fault]:
    fields = {name: field for field, name in _chosen(plain.header).items()}
    names = [fields.get(name, "") for name in plain.header]
    for row in plain.rows:
        if isinstance(row, Fault) or len(row) == 0:
            yield row
        elif len(row) != len(names):
            yield Fault("too_few_fields" if len(row) < len(names) else "too_many_fields",
                        f"{len(row)} of {len(names)} fields")  # fmt: skip
        else:
            yield make(dict(zip(names, row, strict=True)))


def _sla(sample: Sample, real: dict[str, str]) -> Recognition:
    """Recognise ``task_sla`` as tickets of a kind: the clock of one agreement, not the work itself."""
    columns = {"number": "task", "opened_at": "start_time", "resolved_at": "end_time", "state": "stage",
               "category": "sla"}  # fmt: skip
    is_raw = share_matching(sample.column("pause_duration"), r"\d{4}-\d\d-\d\d .*") > 0.5
    rules, questions = dates_of_columns(sample, columns, ("opened_at", "resolved_at"))
    if not is_raw:
        questions.append(Question("time_zone_of_export", "time_zone"))
    kind, unknown = _kind(sample, columns)
    seen, strange = spellings_of(sample.column("stage"), STAGES)
    if strange:
        questions.append(Question("states", "states", strange))
    tasks = [task for task in sample.column("task") if task]
    remarks = ("sla_clock",) if len(set(tasks)) == len(tasks) else ("sla_clock", "several_agreements")
    source = _proposal(sample, real, "tickets", columns, time_zone="UTC" if is_raw else "",
                       states={**STAGES, **seen}, **rules, **kind)  # fmt: skip
    questions += [*unknown, Question("exported_at", "exported_at"), Question("selection", "selection")]
    return Recognition("ServiceNow, task_sla", 0.97, (source,), "field_names",
                       "raw" if is_raw else "display", tuple(questions), remarks)  # fmt: skip

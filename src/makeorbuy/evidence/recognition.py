"""What a reader sees of an unknown file, and what it may say of it.

Recognised is not accepted: a recognition proposes a mapping and names what must be asked. It settles
nothing that the file does not show: a zone of the times, which of two orders of day and month, what a
state of the agency's own means. Header style and value style are told apart, because one says nothing
about the other: an export may have field names over displayed values.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from makeorbuy.case.model import Source
from makeorbuy.evidence.calendar import COUNTED_FORMATS, read_moment
from makeorbuy.foundation.personal_data import shape

Container = Literal["delimited", "workbook", "json", "xml", "sqlite"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a file, or of one sheet or table of it.

    Attributes
    ----------
    file : str
        Name of the file.
    header : tuple of str
        Names of the columns as written; empty where the container has none (nested JSON, XML).
    rows : tuple of tuple of str
        The first rows, at most `SAMPLE_ROWS`.
    header_row : int
        Row of the file on which the header stands, from 1.
    sheet : str
        Sheet of a workbook, table of a database, list of a JSON document.
    document : object
        JSON: the parsed document. XML: ``(root tag with namespace, tags of its children)``. Database: the
        beginning of every table, ``{name: (header, row, row, …)}``.
    tree : object
        XML: the root with what the beginning of the file holds; the last elements may be unfinished.
    texts : mapping of str to tuple of str
        XML: plain tags and a few of the texts in them, from the beginning of the file.
    """

    file: str
    container: Container
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = 1
    sheet: str = ""
    document: Any = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tree: Any = None

    def column(self, name: str) -> list[str]:
        """Return what stands in a column, by its name in any case; empty when there is none."""
        names = [folded(written) for written in self.header]
        if folded(name) not in names:
            return []
        place = names.index(folded(name))
        return [row[place] for row in self.rows if place < len(row)]


SAMPLE_ROWS = 200
"""How many rows are looked at."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the file does not tell and a person must.

    Attributes
    ----------
    code : str
        The sentence is ``question.CODE`` of the wording.
    key : str
        What of the source in ``evidence/mapping.yaml`` waits for the answer, such as ``time_zone``.
    choices : tuple of str
        Answers that the file allows, where it narrows them down.
    likely : str
        What a first look may go on with, and says that it did (``look.assumed_CODE``). A mapping never
        does: a person answers.
    """

    code: str
    key: str
    choices: tuple[str, ...] = ()
    likely: str = ""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A file that a reader knows: what it is, the mapping proposed, what must be asked.

    Attributes
    ----------
    system : str
        Source system and form, such as ``ServiceNow, list``.
    score : float
        From 0 to 1; of several recognitions the highest counts.
    sources : tuple of Source
        Proposed mapping, one source for each kind that the file holds. What is not known is empty
        (``""``), and a question names it.
    headers : {"labels", "field_names"}
        Whether the columns carry the names people see or those of the database.
    values : {"display", "raw"}
        Whether the values are those that people see (local time, names) or those of the database.
    questions : tuple of Question
    remarks : tuple of str
        Codes of what the exporter should know (``remark.CODE`` of the wording), such as that the file
        has no history.
    """

    system: str
    score: float
    sources: tuple[Source, ...]
    headers: Literal["labels", "field_names"] = "labels"
    values: Literal["display", "raw"] = "display"
    questions: tuple[Question, ...] = ()
    remarks: tuple[str, ...] = ()


def as_is_likely(source: Source, questions: Iterable[Question]) -> tuple[Source, tuple[str, ...]]:
    """Return a source with the likely answers to what was asked, and the codes of those questions."""
    assumed = []
    for question in questions:
        if not question.likely:
            continue
        kind, _, field_name = question.key.partition(".")
        if kind == "columns" and field_name not in source.columns:
            source = replace(source, columns={**source.columns, field_name: question.likely})
            assumed.append(question.code)
        elif kind == "sheet" and not source.sheet:
            source = replace(source, sheet=question.likely)
            assumed.append(question.code)
    return source, tuple(assumed)


@dataclass(frozen=True, slots=True)
class Dates:
    """Formats that fit every moment of a sample, and whether the file itself decides between them."""

    formats: tuple[str, ...] = field(default=())

    @property
    def settled(self) -> str:
        """The one format, or nothing."""
        return self.formats[0] if len(self.formats) == 1 else ""


_DAYS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d/%b/%y", "%d/%b/%Y", "%d %b %Y", "%d-%b-%Y", "%d.%b.%y", "%d.%b.%Y", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
DATE_FORMATS = (
    *(f"{day} {time}" for time in _TIMES for day in _DAYS),
    *(f"%Y-%m-%dT{time}{zone}" for time in _TIMES[:3] for zone in ("", "%z")),
    *(f"%Y-%m-%d {time}{space}%z" for time in _TIMES[:3] for space in ("", " ")),
    *_DAYS,
    "excel_serial",
    "epoch_seconds",
    "epoch_milliseconds",
)
"""Every format that is tried; a file that needs another gets none proposed."""


def dates(*columns: Iterable[str], missing: Iterable[str] = ("",)) -> Dates:
    """Return the formats that fit every moment of some columns; no value is read by a format of its own.

    Examples
    --------
    >>> dates(["20.10.2025 08:15", ""]).settled
    '%d.%m.%Y %H:%M'
    >>> dates(["01/02/2025 08:15"]).formats
    ('%d/%m/%Y %H:%M', '%m/%d/%Y %H:%M')
    >>> dates(["01/02/2025 08:15", "13/02/2025 08:15"]).settled
    '%d/%m/%Y %H:%M'
    """
    nothing = set(missing) | {""}
    written = {value.strip() for column in columns for value in column} - nothing
    if not written:
        return Dates()
    return Dates(tuple(form for form in DATE_FORMATS if all(_fits(value, form) for value in written)))


def dates_of_columns(
    sample: Sample, columns: Mapping[str, str], fields: Iterable[str], missing: tuple[str, ...] = ("",)
) -> tuple[dict[str, Any], list[Question]]:
    """Return the rules of `Source` for how some fields are dated, and the question if that is not settled.

    One format for all of them where there is one; else one for each column, as where a list writes the
    closing without its hour. Two columns that the file leaves open are never settled one by one.

    Parameters
    ----------
    sample : Sample
    columns : mapping of str to str
        Field to column.
    fields : iterable of str
        Those that hold moments.
    missing : tuple of str
        Texts that mean nothing.
    """
    written = [sample.column(columns[name]) for name in fields if name in columns]
    if sample.container == "workbook":
        written = [_without_date_cells(column, missing) for column in written]
    together = dates(*written, missing=missing)
    if together.settled:
        return {"date_format": together.settled}, []
    if not together.formats:
        apart = [dates(column, missing=missing) for column in written]
        forms = tuple(dict.fromkeys(found.settled for found in apart if found.settled))
        if forms and all(found.settled or not set(column) - {"", *missing}
                         for found, column in zip(apart, written, strict=True)):  # fmt: skip
            return {"date_format": forms[0], "further_date_formats": forms[1:]}, []
    return {}, [Question("date_format", "date_format", together.formats)]


_DATE_CELL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def _without_date_cells(column: list[str], missing: tuple[str, ...]) -> list[str]:
    """Return the texts of a workbook's column, where there are texts: a true date is read by any format."""
    texts = [value for value in column if _DATE_CELL.fullmatch(value.strip()) is None]
    return texts if set(texts) - {"", *missing} else column


_DURATIONS = {
    "since_1970": r"19[78]\d-\d\d-\d\d \d\d:\d\d:\d\d",
    "in_words": r"(?i)(\d+ *[a-zøæå]+[ ,]*)+",
    "h:mm:ss": r"\d+:[0-5]\d:[0-5]\d",
    "h:mm": r"\d+:[0-5]\d",
    **dict.fromkeys(("hours", "minutes", "seconds"), r"[\d\s.,]+"),
}
_TOLD_BY_FORM = ("since_1970", "in_words", "h:mm:ss")
"""Ways to write work that can mean one thing only; a number, and two numbers with a colon, can mean more."""


def handling_rules(
    sample: Sample, columns: Mapping[str, str], known: Sequence[str] = (), missing: Iterable[str] = ("",)
) -> tuple[dict[str, Any], list[Question]]:
    """Return the rules of `Source` for how registered work is written, and what must be asked.

    Parameters
    ----------
    sample : Sample
    columns : mapping of str to str
        Field to column; without ``handling_time`` there is nothing to say.
    known : sequence of str
        Units that the source system is known to write; the first that fits counts.
    missing : iterable of str
        Texts that mean nothing.

    Examples
    --------
    >>> seen = Sample("x.csv", "delimited", ("Spent",), (("0,75",), ("1,5",)))
    >>> handling_rules(seen, {"handling_time": "Spent"}, ["hours"])
    ({'handling_unit': 'hours', 'decimal': ','}, [])
    >>> [question.key for question in handling_rules(seen, {"handling_time": "Spent"})[1]]
    ['handling_unit']
    """
    if "handling_time" not in columns:
        return {}, []
    nothing = {"", *missing}
    written = [v for value in sample.column(columns["handling_time"]) if (v := value.strip()) not in nothing]
    fitting = [unit for unit, form in _DURATIONS.items() if all(re.fullmatch(form, v) for v in written)]
    settled = [unit for unit in known if unit in fitting]
    if written and len(fitting) == 1 and fitting[0] in _TOLD_BY_FORM:
        settled = fitting
    rules: dict[str, Any] = {"handling_unit": settled[0]} if settled else {}
    asked = [] if settled else [Question("handling_unit", "handling_unit", tuple(fitting))]
    if written and {"hours", "minutes", "seconds"} & set(settled or fitting):
        rules["decimal"] = decimal_sign(written)
        if not rules["decimal"]:
            asked.append(Question("decimal", "decimal", (",", ".")))
    return rules, asked


def _fits(value: str, form: str) -> bool:
    moment = read_moment(value, form)
    if moment is None:
        return False
    if form in COUNTED_FORMATS and "." not in value and len(value) not in (5, 10, 13):
        return False
    return 1990 <= moment.year <= 2100 and not (form.startswith("%Y%m%d") and len(value.split()[0]) != 8)


def folded(name: str) -> str:
    """Return a name as headers are compared: composed, trimmed, in one case.

    Examples
    --------
    >>> folded(" Assignment  Group ")
    'assignment group'
    """
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def has(sample: Sample, *names: str) -> bool:
    """Return whether the header has every one of these columns."""
    return {folded(name) for name in names} <= {folded(name) for name in sample.header}


def columns_by_name(sample: Sample, known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return field to column as written, for each field whose first known name stands in the header.

    Parameters
    ----------
    sample : Sample
    known : mapping of str to sequence of str
        Field of the contract to the names that a column of it may have, the best first.
    """
    written = {folded(name): name.strip() for name in reversed(sample.header)}
    return {
        field: written[folded(name)]
        for field, names in known.items()
        if (name := next((name for name in names if folded(name) in written), None)) is not None
    }


MOST_WORDS_SEEN_ONCE = 3
"""More unknown words than these that occur once in a sample are no words of a workflow."""


def spellings_of(values: Iterable[str], known: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the spellings of a column that have a known meaning, and those that must be asked for.

    A column with several unknown spellings of which each occurs once holds something else than words,
    perhaps persons: these are given by their shape only.

    Parameters
    ----------
    values : iterable of str
    known : mapping of str to str
        Spelling, in any case, to the word of the contract.

    Examples
    --------
    >>> spellings_of(["Closed", "Parkert", ""], {"closed": "closed", "new": "open"})
    ({'Closed': 'closed'}, ('Parkert',))
    """
    meanings = {folded(spelling): word for spelling, word in known.items()}
    counts = Counter(" ".join(value.split()) for value in values)
    seen = sorted(counts.keys() - {""})
    unknown = [value for value in seen if folded(value) not in meanings]
    once = {value for value in unknown if counts[value] == 1}
    if len(once) > MOST_WORDS_SEEN_ONCE:
        unknown = sorted({shape(value) if value in once else value for value in unknown})
    return {value: meanings[folded(value)] for value in seen if folded(value) in meanings}, tuple(unknown)


def decimal_sign(values: Iterable[str]) -> str:
    """Return the decimal sign that fits every number of some columns; nothing where both signs fit.

    Examples
    --------
    >>> decimal_sign(["482\u00a0500,00", "-10 000,00"])
    ','
    >>> decimal_sign(["1,250"])
    ''
    """
    written = [re.sub(r"\s", "", value) for value in values if value.strip()]
    if not any(sign in value for sign in ",." for value in written):
        return "."  # whole numbers only: no sign to tell
    fitting = [
        sign
        for sign, grouping in ((",", r"\."), (".", ","))
        if all(
            re.fullmatch(rf"[-+\u2212]?([0-9]+|[0-9]{{1,3}}({grouping}[0-9]{{3}})+)(\{sign}[0-9]+)?-?", value)
            for value in written
        )
    ]
    return fitting[0] if len(fitting) == 1 else ""


def share_matching(values: Iterable[str], pattern: str | re.Pattern[str]) -> float:
    """Return the share of the values, empty ones aside, that a pattern matches as a whole."""
    written = [value.strip() for value in values if value.strip()]
    return sum(re.fullmatch(pattern, value) is not None for value in written) / max(1, len(written))


def proposal(sample: Sample, kind: str, columns: dict[str, str], **rules: Any) -> Source:
    """Return a source with what the sample tells and these further rules; the rest is not settled.

    Parameters
    ----------
    sample : Sample
    kind : str
    columns : dict of str to str
        Field to column.
    **rules
        Any other field of `Source`; ``time_zone`` and ``date_format`` are empty unless given.
    """
    source = Source(
        kind=kind, path=sample.file, shape="row_per_ticket", encoding=sample.encoding,
        delimiter=sample.delimiter, decimal=".", time_zone="", date_format="", missing=("",),
        columns=columns, states={}, types={}, constant_type=None, teams={}, fold="quarantine",
        exported_at=None, selection="", reader=sample.container, header_row=sample.header_row,
        sheet=sample.sheet,
    )  # fmt: skip
    return replace(source, **rules)

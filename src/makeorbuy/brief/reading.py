"""The assessment as the brief reads it: figures and series by address, never a missing key.

The input is ``assessment.json`` as plain values. Whatever is not there comes back as a figure or a
table with a reason, so that a chart can say why it is empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from makeorbuy.wording.voice import Voice

BUSINESS_AS_USUAL = "business_as_usual"
WEAKEST_FIRST = ("promised", "stated", "simulated", "measured")
MOST_CAVEATS = 2
"""So many findings about the records are told beside a figure; the page on evidence tells all."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as shown: its value or the reason why there is none.

    Attributes
    ----------
    value : float, str or None
        None exactly when ``reason`` is given.
    low, high : float or None
    """

    id: str
    value: Any = None
    unit: str = ""
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    basis: str = "computed"
    note: str | None = None
    spoilt_by: tuple[str, ...] = ()

    @property
    def number(self) -> float | None:
        """The value as a number, None when there is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            return None
        return float(self.value)


@dataclass(frozen=True, slots=True)
class Table:
    """A series as shown: rows by column name, or the reason why there are none."""

    id: str
    rows: tuple[Row, ...] = ()
    reason: str | None = None
    basis: str = "computed"


@dataclass(frozen=True)
class Reading:
    """Read one assessment in one language."""

    document: Mapping[str, Any]
    voice: Voice
    case: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", isolated(self.document))
        object.__setattr__(self, "case", self.document["case"])

    def figure(self, name: str, *subject: str) -> Shown:
        """Return a figure by address."""
        key = f"{name}[{','.join(subject)}]" if subject else name
        item = self.document["figures"].get(key)
        if item is None:
            return Shown(key, reason="not_computed")
        return Shown(
            key,
            item["value"],
            item.get("unit", ""),
            item.get("reason"),
            item.get("low"),
            item.get("high"),
            item.get("level"),
            item.get("n"),
            item.get("basis", "computed"),
            item.get("note"),
            tuple(item.get("spoilt_by") or ()),
        )

    def number(self, name: str, *subject: str) -> float | None:
        """Return the value of a figure as a number, None when there is none."""
        return self.figure(name, *subject).number

    def table(self, name: str, *subject: str) -> Table:
        """Return a series by address."""
        key = f"{name}[{','.join(subject)}]" if subject else name
        item = self.document["series"].get(key)
        if item is None:
            return Table(key, reason="not_computed")
        names = [column["name"] for column in item["columns"]]
        rows = tuple(dict(zip(names, row, strict=True)) for row in item["rows"])
        reason = item.get("reason") or (None if rows else "no_rows")
        return Table(key, rows, reason, item.get("basis", "computed"))

    @cached_property
    def services(self) -> dict[str, Mapping[str, Any]]:
        """Services by id, in the order of the case."""
        return {service["id"]: service for service in self.case["services"]}

    @cached_property
    def options(self) -> dict[str, Mapping[str, Any]]:
        """Options by id but business as usual, in the order of the case."""
        return {o["id"]: o for o in self.case["options"] if o["kind"] != BUSINESS_AS_USUAL}

    @cached_property
    def baseline_option(self) -> str:
        """The id of business as usual."""
        for option in self.case["options"]:
            if option["kind"] == BUSINESS_AS_USUAL:
                return str(option["id"])
        return BUSINESS_AS_USUAL

    @cached_property
    def assumptions(self) -> dict[str, Mapping[str, Any]]:
        """Assumptions by name."""
        return {assumption["name"]: assumption for assumption in self.document["assumptions"]}

    def assumption(self, name: str, default: float) -> float:
        """Return the middle value of an assumption."""
        values = self.assumptions.get(name, {}).get("values") or [default]
        return float(values[len(values) // 2])

    def service_name(self, service_id: str) -> str:
        """Return a service's name."""
        service = self.services.get(service_id)
        return self.voice.text(service["name"]) if service else service_id

    def options_over(self, service_id: str) -> list[Mapping[str, Any]]:
        """Return the options whose lot holds the service, the widest lot first."""
        covering = [option for option in self.options.values() if service_id in option["services"]]
        return sorted(covering, key=lambda option: -len(option["services"]))

    def yearly_nok(self, service_id: str) -> float | None:
        """Return what a service costs a year today. [NOK]"""
        return self.number("baseline.unit_cost.yearly_nok", service_id)

    def outcome(self, option_id: str) -> str:
        """Return the rule's outcome for an option, ``not_assessed`` when there is none."""
        return str(self.figure("decision.recommendation", option_id).value or "not_assessed")

    def recommendation(self, service_id: str) -> str:
        """Return the recommendation for a service, ``undecided`` when there is none."""
        return str(self.figure("decision.service_recommendation", service_id).value or "undecided")

    def caveat(self, what: str, *figures: Shown) -> str:
        """Return how to read figures that the records spoil: "Times, with care: ..."; empty where none is.

        Parameters
        ----------
        what : {"times", "costs", "backlog"}
        figures : Shown
        """
        v = self.voice
        codes = list(dict.fromkeys(code for figure in figures for code in figure.spoilt_by))
        if not codes:
            return ""
        why = " ".join(v.reason(f"selection_{code}") for code in codes[:MOST_CAVEATS])
        more = f" {v('spoilt.more')}" if len(codes) > MOST_CAVEATS else ""
        return v(f"spoilt.{what}", why=why) + more

    # names of options in running text

    def lot(self, option: Mapping[str, Any], longest: int = 26) -> str:
        """Return the short name of what an option covers: its short name up to the comma."""
        return shortened(self.voice.text(option["short_name"]).partition(", ")[0], longest)

    def speed_basis(self, option: Mapping[str, Any]) -> str:
        """Return where an option's speed comes from: the weakest of its services."""
        found = {
            self.figure("projection.speed.restricted_mean_hours", service, option["id"]).basis
            for service in option["services"]
        }
        return next((basis for basis in WEAKEST_FIRST if basis in found), "measured")

    def label(self, option: Mapping[str, Any], longest: int = 22) -> str:
        """Return an option's short name for a chart."""
        return shortened(self.voice.text(option["short_name"]), longest)

    def subject(self, option: Mapping[str, Any]) -> str:
        """Return how a sentence begins about an option: "The bid for A"."""
        has_lot = ", " in self.voice.text(option["short_name"])
        lot = self.lot(option)
        if has_lot and len(option["services"]) == 1 and len(lot) > 1 and not lot[1].isupper():
            lot = lot[:1].lower() + lot[1:]  # one service is a common noun; a lot of several has a name
        return self.voice(f"subject.{option['kind']}{'_lot' if has_lot else ''}", lot=lot)

    def object(self, option: Mapping[str, Any]) -> str:
        """Return the same inside a sentence, without a capital."""
        text = self.subject(option)
        return text[0].lower() + text[1:]


def shortened(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters, with an ellipsis where it was cut."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rstrip(" ,.·-") + "…"
    return cut + POP if cut.startswith(ISOLATE) else cut


ISOLATE, POP = "\u2068", "\u2069"
_CONTROLS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


def isolated(value: Any) -> Any:
    """Return nested values in which a text that runs from right to left stands apart from its surroundings.

    A name in Hebrew, or one with a control character that turns the direction, would else turn the words
    and figures beside it. The text is set between an isolate and its end, as ``<bdi>`` would do, which holds
    in a chart, a title and a terminal as well.

    References
    ----------
    .. [1] Unicode Standard Annex no. 9, "Unicode bidirectional algorithm", 2.4 and 6.1.

    Examples
    --------
    >>> isolated({"name": "\u202edesk", "n": 3}) == {"name": "\u2068\u202edesk\u2069", "n": 3}
    True
    >>> isolated("Brukerstøtte")
    'Brukerstøtte'
    """
    if isinstance(value, str):
        if value.isascii() or not any(unicodedata.bidirectional(c) in _TURNS for c in value):
            return value
        return ISOLATE + value.translate(_CONTROLS) + POP
    if isinstance(value, Mapping):
        return {key: isolated(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [isolated(entry) for entry in value]
    return value


_TURNS = {"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "PDF", "LRI", "RLI", "FSI", "PDI"}

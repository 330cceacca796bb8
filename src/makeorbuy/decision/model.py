"""What the decision gives: a recommendation per option and per service, with reasons as codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from makeorbuy.foundation.figure import Figure, Series

Recommendation = Literal["keep", "improve", "move", "not_allowed", "undecided"]


@dataclass(frozen=True, slots=True)
class OptionVerdict:
    """What the rule says of one option against business as usual.

    Attributes
    ----------
    outcome : {"better", "worse", "undecided", "inadmissible", "not_allowed"}
        ``better``: passes every gate, saves more than the materiality, and is cheaper and faster with
        the required probabilities.
    reasons : tuple of str
        Codes, the weightiest first; their sentences are in the wording.
    """

    option: str
    outcome: Literal["better", "worse", "undecided", "inadmissible", "not_allowed"]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceVerdict:
    """What follows for one service, counted once.

    Attributes
    ----------
    counted_under : str or None
        The option whose lot it is counted under.
    conflicts : tuple of str
        Other options over the same service that say something else.
    """

    service: str
    recommendation: Recommendation
    reasons: tuple[str, ...]
    counted_under: str | None
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionAnalysis:
    """Verdicts per option and service, and all figures of the stage."""

    options: dict[str, OptionVerdict]
    services: dict[str, ServiceVerdict]
    figures: tuple[Figure, ...]
    series: tuple[Series, ...]

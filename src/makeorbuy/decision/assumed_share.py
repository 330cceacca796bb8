"""How much of an offer's full cost is assumed: what its supplier has priced, and what we put beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from makeorbuy.decision.recommendation import Judged
from makeorbuy.foundation.figure import Column, Figure, FigureSpec, Series, address, figure_from
from makeorbuy.projection.model import OptionCost

SHARE = FigureSpec(
    "decision.assumed_share", "share", "Andel av kostnaden som er antatt",
    "Share of the cost that is assumed",
    "all but the sourced price, over the full yearly cost; in all: over valid offers, each service once",
    "decision.md#assumed-share",
)  # fmt: skip
SPLIT = FigureSpec(
    "decision.assumed_split", "table", "Hva kostnaden bygger på", "What the cost rests on",
    "expected yearly cost: price with a source, other lines with a source, lines without",
    "decision.md#assumed-share",
)  # fmt: skip
FIGURES = (SHARE, SPLIT)


@dataclass(frozen=True, slots=True)
class Split:
    """The yearly cost by what it rests on. [NOK per year]"""

    price_nok: float
    sourced_nok: float
    unsourced_nok: float

    @property
    def total_nok(self) -> float:
        """All of it."""
        return self.price_nok + self.sourced_nok + self.unsourced_nok


def split_of(cost: OptionCost) -> Split:
    """Return what an offer's yearly cost rests on.

    A price without a source is an assumption like any other.
    """
    price = tuple(line for line in cost.lines if line.kind == "price" and line.has_source)
    sourced = tuple(line for line in cost.lines if line.kind != "price" and line.has_source)
    unsourced = tuple(line for line in cost.lines if not line.has_source)
    parts = [
        float(cost.equivalent_yearly_nok(lines).mean()) if lines else 0.0
        for lines in (price, sourced, unsourced)
    ]
    return Split(*parts)


def assumed_share(split: Split) -> float | None:
    """Return the share of the cost that no supplier has priced, or None where there is no cost.

    Examples
    --------
    >>> round(assumed_share(Split(248.0, 44.2, 12.0)), 3)
    0.185
    """
    if not split.total_nok > 0:
        return None
    return (split.sourced_nok + split.unsourced_nok) / split.total_nok


def assumed_entries(judged: Mapping[str, Judged]) -> list[Figure | Series]:
    """Return the share and the split of every offer and market estimate, and the share in all."""
    columns = tuple(Column(name, "nok_per_year") for name in ("price_nok", "sourced_nok", "unsourced_nok"))
    entries: list[Figure | Series] = []
    splits: dict[str, Split] = {}
    for name, item in judged.items():
        if not item.option.is_external:
            continue
        inputs = (address("projection.cost.lines", name),)
        cost = item.comparison.cost
        if cost is None:
            reason = item.comparison.cost_reason
            entries.append(figure_from(SHARE, (name,), reason=reason, inputs=inputs))
            entries.append(Series(address(SPLIT.name, name), columns, (), reason, inputs))
            continue
        split = splits[name] = split_of(cost)
        share = assumed_share(split)
        entries.append(
            figure_from(SHARE, (name,), share, reason=None if share is not None else "no_cost", inputs=inputs)
        )
        row = (split.price_nok, split.sourced_nok, split.unsourced_nok)
        entries.append(Series(address(SPLIT.name, name), columns, (row,), None, inputs))
    counted = [judged[name] for name in splits if judged[name].is_offer]
    taken: set[str] = set()
    total: list[Split] = []
    keys: list[str] = []
    for item in sorted(counted, key=lambda item: (-len(item.option.services), item.option.id)):
        if taken.isdisjoint(item.option.services):
            taken.update(item.option.services)
            total.append(splits[item.option.id])
            keys.append(address(SHARE.name, item.option.id))
    whole = Split(
        sum(split.price_nok for split in total),
        sum(split.sourced_nok for split in total),
        sum(split.unsourced_nok for split in total),
    )
    share = assumed_share(whole)
    entries.append(
        figure_from(SHARE, (), share, reason=None if share is not None else "no_offer", inputs=tuple(keys))
    )
    return entries

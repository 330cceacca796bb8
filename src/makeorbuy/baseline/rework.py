"""What was not done the first time: the share of tickets reopened."""

from __future__ import annotations

from makeorbuy.case.model import Service
from makeorbuy.foundation.figure import Figure, FigureSpec, figure_from

REOPENED_SHARE = FigureSpec(
    "baseline.rework.reopened_share", "share",
    "Andel gjenåpnet", "Share reopened",
    "tickets reopened at least once / tickets whose source says", "backlog.md#rework",
)  # fmt: skip
FIGURES = (REOPENED_SHARE,)


def figures(service: Service, counts: dict[str, int] | None) -> list[Figure]:
    """Return the share reopened of one service; reasons ``no_tickets`` and ``not_recorded``."""
    known = counts["reopen_known"] if counts else 0
    return [
        figure_from(
            REOPENED_SHARE, (service.id,), counts["reopened"] / known if counts and known else None,
            reason="no_tickets" if not counts else None if known else "not_recorded",
            n=known or None, censored=counts["open"] if counts and known else None,
            basis="measured", inputs=("evidence:tickets", "case:case.yaml#period"),
        )
    ]  # fmt: skip

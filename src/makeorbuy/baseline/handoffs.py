"""How often a ticket changes hands: share handed over between teams, and hand-offs per ticket.

Counted in the event log, over tickets of every type opened in the period. A ticket that is still open
may be handed over yet, so both are slightly low. See ``docs/methods/backlog.md#handoffs``.
"""

from __future__ import annotations

from makeorbuy.case.model import Service
from makeorbuy.foundation.figure import Figure, FigureSpec, figure_from

HANDED_OVER_SHARE = FigureSpec(
    "baseline.handoffs.handed_over_share", "share",
    "Andel videresendt minst én gang", "Share handed over at least once",
    "tickets with at least one change of team / tickets with an event log", "backlog.md#handoffs",
)  # fmt: skip
MEAN_HANDOFFS = FigureSpec(
    "baseline.handoffs.mean_handoffs", "count",
    "Videresendinger per henvendelse", "Hand-offs per ticket",
    "changes of team / tickets with an event log", "backlog.md#handoffs",
)  # fmt: skip
FIGURES = (HANDED_OVER_SHARE, MEAN_HANDOFFS)


def figures(service: Service, counts: dict[str, int] | None) -> list[Figure]:
    """Return the hand-offs of one service; reasons ``no_tickets`` and ``no_event_log``."""
    known = counts["handoff_known"] if counts else 0
    reason = "no_tickets" if not counts else None if known else "no_event_log"
    values = (counts["handed_over"] / known, counts["handoffs"] / known) if counts and known else (None, None)
    return [
        figure_from(
            spec, (service.id,), value,
            reason=reason, n=known or None, censored=counts["open"] if counts and known else None,
            basis="measured", inputs=("evidence:tickets", "evidence:ticket_events", "case:case.yaml#period"),
        )
        for spec, value in zip(FIGURES, values, strict=True)
    ]  # fmt: skip

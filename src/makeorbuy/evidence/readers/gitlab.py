"""GitLab: issues exported as CSV.

Time spent is in seconds. An issue has one end only: when it was closed, whatever for. The mail with the
export is cut at 15 MB without a word in the file.

References: docs.gitlab.com, "Export issues to CSV".
"""

from __future__ import annotations

from makeorbuy.evidence.recognition import Recognition, Sample, columns_by_name, has
from makeorbuy.evidence.ticket_list import ticket_list

COLUMNS = {
    "number": ("Issue ID",),
    "opened_at": ("Created At (UTC)",),
    "resolved_at": ("Closed At (UTC)",),
    "state": ("State",),
    "person": ("Assignee",),
    "category": ("Labels",),
    "handling_time": ("Time Spent",),
}
STATES = {"Open": "open", "Closed": "closed"}


def recognise(sample: Sample) -> Recognition | None:
    """Recognise a list by columns that name their zone."""
    if not has(sample, "Issue ID", "State", "Created At (UTC)", "Closed At (UTC)"):
        return None
    return ticket_list(
        sample, "GitLab, issues", 0.95, columns_by_name(sample, COLUMNS), states=STATES, values="raw",
        time_zone="UTC", remarks=("no_history", "one_end"), handling_units=("seconds",),
    )  # fmt: skip

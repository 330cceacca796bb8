"""The public ServiceNow log, given by path: cut at a date, so that tickets are open as they are in life."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOG = (
    Path(os.environ.get("MAKEORBUY_SHARED_DATA", ROOT.parent / "shared" / "data"))
    / "servicenow_incident_event_log.csv.xz"
)


@pytest.fixture(scope="module")
def document(run: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not LOG.is_file():
        where = f"the public log is not at {LOG}; examples/servicenow/README.md says where to get it"
        if os.environ.get("CI") == "true":
            pytest.fail(where)
        pytest.skip(where)
    out = tmp_path_factory.mktemp("public") / "out"
    done = run("assess", ROOT / "examples" / "servicenow", "--evidence", f"tickets={LOG}", "--out", out)
    assert done.returncode == 0, done.stderr
    assert (out / "brief.html").stat().st_size > 50_000
    found: dict[str, Any] = json.loads((out / "assessment.json").read_text("utf-8"))
    return found


def figure(document: dict[str, Any], figure_id: str) -> Any:
    return document["figures"][figure_id]


def test_every_event_is_accounted_for(document: dict[str, Any]) -> None:
    counts = {
        part: figure(document, f"evidence.rows_{part}[tickets]")["value"]
        for part in ("read", "used", "merged", "quarantined", "after_cut")
    }
    assert counts["read"] == 141_712
    assert counts["read"] == sum(counts.values()) - counts["read"]
    assert counts["after_cut"] > 1_000


def test_tickets_are_open_at_the_cut_and_closed_only_would_mislead(document: dict[str, Any]) -> None:
    misled = 0
    for service in (item["id"] for item in document["case"]["services"]):
        median = figure(document, f"baseline.flow_time.median_hours[{service},elapsed]")
        assert median["censored"] > 0
        closed = figure(document, f"baseline.flow_time.closed_only_median_hours[{service}]")["value"]
        misled += closed < median["value"]
    assert misled >= 4


def test_without_a_ledger_cost_is_unknown_and_says_so(document: dict[str, Any]) -> None:
    for service in (item["id"] for item in document["case"]["services"]):
        cost = figure(document, f"baseline.unit_cost.yearly_nok[{service}]")
        assert (cost["value"], cost["reason"]) == (None, "no_ledger")
        assert figure(document, f"decision.service_recommendation[{service}]")["value"] == "undecided"

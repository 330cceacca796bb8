"""The rates of docs/methods/selection.md hold: few false alarms, and harmful selections are found."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "selection_detectors.py"
MOST_FALSE_ALARMS = 0.01
LEAST_FOUND = 0.95
FROM = {"only closed": 1.0, "last days without openings": 7.0, "quickest left out": 30.0,
        "nightly close as end": 0.05}  # fmt: skip
"""Weaker than this a fault is not promised to be found; the table tells how often it is."""


@pytest.fixture(scope="module")
def rates() -> ModuleType:
    spec = importlib.util.spec_from_file_location("selection_detectors", BENCHMARK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.nightly
@pytest.mark.slow
def test_the_detectors_are_as_good_as_they_say(rates: ModuleType) -> None:
    # a world that the thresholds were not chosen on
    made = rates.tally(range(100, 101), every=16)
    assert made.clean_count > 100
    assert made.alarm_share() <= MOST_FALSE_ALARMS, dict(made.alarms)
    for fault in rates.FAULTS:
        hits = [
            hit
            for (name, strength), many in made.harmed.items()
            for moved, hit, _ in many
            if name == fault and moved >= rates.HARMFUL and strength >= FROM.get(fault, 0.0)
        ]
        assert hits and sum(hits) / len(hits) >= LEAST_FOUND, fault


def test_an_export_made_in_memory_is_one_read_from_a_file(rates: ModuleType, tmp_path: Path) -> None:
    """The rates are counted on tables made without the intake: for one export both ways say the same."""
    import evidence_making as m

    history = rates.live(0, 0.02)
    export = rates.export_of(history, "all", 365, 731)
    export = rates.closing_cohort(export, 120, None)
    stamps = rates.timeline.stamps
    lines = [
        m.ticket(
            f"INC{place:07d}", opened_at=opened, resolved_at=end if kind == 1 else "",
            closed_at=closed if kind == 1 else end,
            state=("In Progress", "Closed", "Canceled")[kind],
        )
        for place, (opened, end, closed, kind) in enumerate(
            zip(stamps(export.opened), stamps(export.end), stamps(export.closed), export.kind.tolist(),
                strict=True)
        )
    ]  # fmt: skip
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, lines))
    case = m.case(m.tickets(fold="earlier"), country="NO")
    evidence = m.take_in(case, tmp_path, tmp_path / "out")
    from makeorbuy.evidence.selection import selection_findings

    read = {finding.code for finding in selection_findings(case, evidence)}
    assert read == rates.findings(export)
    assert "only_closed" in read and "delayed_entry" in read

"""The example agency: every fault that was planted is found, and nothing else is set aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import evidence_making as m
import pytest

import makeorbuy.case
from agency_world.dirt import FaultLedger
from agency_world.export import write_evidence
from agency_world.ledger import postings
from makeorbuy.case.loading import load_case
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.model import Evidence

CODES = {"bad_date_format": "invalid_date"}
"""Where the world and the intake use different words."""


@pytest.fixture(scope="module", params=[0, 1, 2])
def taken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FaultLedger, Evidence]]:
    folder = tmp_path_factory.mktemp("agency") / "case"
    shutil.copytree(Path(makeorbuy.case.__file__).parent / "examples" / "agency", folder)
    faults = write_evidence(folder / "evidence", seed=request.param, size=0.1)
    yield faults, take_in(load_case(folder), folder, folder / "out")


def test_the_ledger_of_planted_faults_is_met_exactly(taken: tuple[FaultLedger, Evidence]) -> None:
    ledger, evidence = taken
    planted = {(fault.file, fault.record, CODES.get(fault.kind, fault.kind)) for fault in ledger.faults}
    found = m.ask(evidence, "SELECT DISTINCT file, record, code FROM quarantine")
    assert {(file.removeprefix("evidence/"), record, code) for file, record, code in found} == planted
    assert len(planted) > 300


def test_the_counts_add_up(taken: tuple[FaultLedger, Evidence]) -> None:
    ledger, evidence = taken
    for count in evidence.counts:
        assert count.rows_read == sum(
            (count.rows_used, count.rows_merged, count.rows_quarantined, count.rows_after_cut)
        )
        records = ledger.records(count.file.removeprefix("evidence/"))
        assert count.rows_merged + count.rows_quarantined == len(records)
        assert count.rows_after_cut == 0


def test_three_spellings_are_one_team_and_the_remainder_is_small(taken: tuple[FaultLedger, Evidence]) -> None:
    _, evidence = taken
    (teams,) = m.ask(evidence, "SELECT count(DISTINCT team) FROM tickets")[0]
    assert teams <= 27
    assert not [note for note in evidence.notes if note.startswith("teams_not_mapped")]
    (used,) = m.ask(evidence, "SELECT count(*) FROM tickets")[0]
    assert 0.01 < evidence.unassigned_tickets / used < 0.04  # property and archives are no ICT service


def test_the_ledger_adds_up_to_what_was_booked(
    taken: tuple[FaultLedger, Evidence], request: pytest.FixtureRequest
) -> None:
    _, evidence = taken
    ((total,),) = m.ask(evidence, "SELECT sum(amount_ore) FROM ledger")
    seed = request.node.callspec.params["taken"]
    assert total == sum(posting.amount_ore for posting in postings(seed))

"""Whatever JSON or XML is below the names that a reader knows: rows, faults or a refusal, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import evidence_making as m
import fixtures_making as f
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.readers import alertmanager, dfo, saft, statuspage, zabbix
from makeorbuy.evidence.recognition import Sample
from makeorbuy.evidence.sample import samples_of
from makeorbuy.evidence.text import Fault
from makeorbuy.foundation.errors import MakeOrBuyError

READERS = {
    "dfo": (dfo, "staffing_dfo.json", "id tilleggsstilling dellonnsprosent stillingId kostnadssted", {}),
    "statuspage": (
        statuspage, "statuspage.json",
        "page incidents incident_updates components affected_components name status resolved_at", {},
    ),
    "alertmanager": (
        alertmanager, "alertmanager_webhook.json",
        "alerts labels severity service startsAt endsAt status state fingerprint", {"labels": st.just({})},
    ),
    "zabbix": (
        zabbix, "zabbix_problems.ndjson", "clock p_eventid hosts host name groups tags tag severity",
        {"value": st.sampled_from([0, 1, "1", 2]), "eventid": st.integers(0, 3)},
    ),
}  # fmt: skip
"""Reader, a fixture of its, the keys that it knows, and what every record has."""


def documents(names: str, always: dict[str, Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(names.split())
    text = st.text(max_size=5)
    plain = st.none() | st.booleans() | st.integers(-5, 2_000_000_000) | text | st.floats(-1e9, 1e9)
    inner = st.recursive(
        plain,
        lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=6),
        max_leaves=20,
    )
    record = st.tuples(st.fixed_dictionaries(always), st.dictionaries(keys, inner, max_size=8)).map(
        lambda both: {**both[0], **both[1]}
    )
    return st.lists(record, max_size=4) | record


@pytest.mark.parametrize("name", READERS)
def test_odd_json_never_crashes(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    reader, fixture, names, always = READERS[name]
    source = f.recognised(fixture).sources[0]
    folder = tmp_path_factory.mktemp(name)

    @settings(deadline=None, max_examples=80)
    @given(document=documents(names, always))
    def check(document: Any) -> None:
        file = m.write(folder, "odd.json", json.dumps(document))
        with open_evidence(folder, str(file)) as opened:
            for sample in (*samples_of(opened), Sample("odd.json", "json", document=document)):
                reader.recognise(sample)  # type: ignore[attr-defined]
            table = reader.table(opened, source)  # type: ignore[attr-defined]
            for row in table.rows:
                assert isinstance(row, Fault) or len(row) == len(table.header)
                assert isinstance(row, Fault) or all(isinstance(field, str) for field in row)

    check()


TAGS = (
    "Transaction", "Line", "Account", "AccountID", "Analysis", "AnalysisType", "AnalysisID", "DebitAmount",
    "CreditAmount", "Amount", "Period", "PeriodYear", "NumberOfEntries", "TotalDebit", "SourceDocuments",
)  # fmt: skip


def elements() -> st.SearchStrategy[str]:
    leaf = st.tuples(st.sampled_from(TAGS), st.sampled_from(["", "1", "-2.5", "NaN", "1e400", "KST", "x"]))
    return st.recursive(
        leaf.map(lambda one: f"<{one[0]}>{one[1]}</{one[0]}>"),
        lambda below: st.tuples(st.sampled_from(TAGS), st.lists(below, max_size=4)).map(
            lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>"
        ),
        max_leaves=20,
    )


@settings(deadline=None, max_examples=80)
@given(inside=st.lists(elements(), max_size=5), cut=st.integers(0, 40))
def test_odd_xml_never_crashes(tmp_path_factory: pytest.TempPathFactory, inside: list[str], cut: int) -> None:
    folder: Path = tmp_path_factory.mktemp("odd")
    text = f'<AuditFile xmlns="{saft.NAMESPACE}">{"".join(inside)}</AuditFile>'
    file = m.write(folder, "odd.xml", text[: len(text) - cut] if cut > 30 else text)
    for source in f.recognised("saft_no_fragment.xml").sources:
        with open_evidence(folder, str(file)) as opened:
            try:
                for sample in samples_of(opened):
                    saft.recognise(sample)
                table = saft.table(opened, source)
                rows = [row for row in table.rows if not isinstance(row, Fault)]
            except MakeOrBuyError:
                assert cut > 30
                continue
            assert all(len(row) == len(table.header) for row in rows)

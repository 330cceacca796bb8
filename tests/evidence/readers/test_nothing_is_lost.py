"""Whatever is broken in an export, rows in are rows typed, merged, set aside or after the cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fixtures_breaking as b
import fixtures_making as f
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.case.model import Case, Source
from makeorbuy.evidence.intake import take_in
from makeorbuy.evidence.opening import open_evidence
from makeorbuy.evidence.recognition import as_is_likely
from makeorbuy.evidence.registry import read_source, recognitions
from makeorbuy.evidence.sample import samples_of


def answered(name: str) -> Source:
    """The proposed source of a fixture with every question answered."""
    recognition = f.recognised(name)
    source, _ = as_is_likely(recognition.sources[0], recognition.questions)
    return replace(
        source, path=name, time_zone=source.time_zone or "Europe/Oslo", exported_at=f.EXPORTED,
        selection="all",
        constant_type=None if "type" in source.columns else source.constant_type or "incident",
    )  # fmt: skip


@pytest.mark.parametrize("name", b.WAYS)
def test_every_record_of_a_broken_export_is_somewhere(
    tmp_path_factory: pytest.TempPathFactory, case_of: Callable[..., Case], name: str
) -> None:
    source = answered(name)
    data = (f.EXPORTS / name).read_bytes()

    @settings(deadline=None, max_examples=4)
    @given(seed=st.integers(0, 10**9))
    def is_somewhere(seed: int) -> None:
        broken, records = b.WAYS[name](data, random.Random(seed))
        folder = tmp_path_factory.mktemp("broken")
        (folder / "evidence").mkdir()
        (folder / "evidence" / name).write_bytes(broken)
        (count,) = take_in(case_of(source), folder, folder / "out").counts
        assert count.rows_read == records
        assert records == (
            count.rows_used + count.rows_merged + count.rows_quarantined + count.rows_after_cut
        )

    is_somewhere()


@pytest.mark.parametrize("name", b.WAYS)
def test_a_broken_export_is_still_looked_at_and_read_whole(tmp_path: Path, name: str) -> None:
    source = answered(name)
    data = (f.EXPORTS / name).read_bytes()
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / name

    @settings(deadline=None, max_examples=25)
    @given(seed=st.integers(0, 10**9))
    def is_read(seed: int) -> None:
        broken, records = b.WAYS[name](data, random.Random(seed))
        path.write_bytes(broken)
        with open_evidence(tmp_path, name) as file:
            recognitions(samples_of(file))  # whatever it is taken for, nobody stumbles
            file.handle.seek(0)
            reading = read_source(file, source, tmp_path / "text")
        lines = (tmp_path / "text").read_bytes().count(b"\n")
        assert reading.rows_read == records == lines + len(reading.malformed)

    is_read()

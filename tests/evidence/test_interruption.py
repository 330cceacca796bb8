"""A run that is stopped at any moment leaves no half snapshot; the next one goes on with what is whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence import bulk, intake, parts, pseudonyms
from makeorbuy.evidence.pseudonyms import KEY_FOLDER_VARIABLE

ROWS = 20_000
_RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import evidence_making as m
from test_interruption import case, small_parts
from makeorbuy.evidence.intake import take_in
small_parts()
print("begun", flush=True)
take_in(case(), Path(sys.argv[2]), Path(sys.argv[2]) / "out", link_persons=True)
"""


def small_parts() -> None:
    parts.LEAST_BYTES = bulk.LEAST_BYTES = 0
    bulk.CHUNK_BYTES = 400_000


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setattr(parts, "LEAST_BYTES", 0)
    monkeypatch.setattr(bulk, "LEAST_BYTES", 0)
    monkeypatch.setattr(bulk, "CHUNK_BYTES", 400_000)
    monkeypatch.setenv(KEY_FOLDER_VARIABLE, str(tmp_path_factory.mktemp("keys")))


def case() -> m.Case:
    return m.case(replace(m.tickets(), path="tickets_*.csv"), m.events())


def prepare(folder: Path, files: int = 3, rows: int = ROWS) -> None:
    for file in range(files):
        lines = [
            m.ticket(f"A{n:06d}", priority=str(n % 5))
            for n in range(file * rows // 2, file * rows // 2 + rows)
        ]
        m.write(folder, f"tickets_{file}.csv", m.table(m.TICKET_HEADER, lines))
    events = [(f"A{n:06d}", "01.03.2024 10:30", "New", "Desk", f"Person {n % 70}") for n in range(2 * rows)]
    m.write(folder, "ticket_events.csv", m.table(m.EVENT_HEADER, events))


def snapshot_of(folder: Path) -> dict[str, bytes]:
    (snapshot,) = (folder / "out").glob("snapshot-*")
    return {file.name: file.read_bytes() for file in snapshot.iterdir()}


def test_only_new_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    really = bulk.read_in_bulk

    def noted(file: bulk.EvidenceFile, *rest: object, **more: object) -> bulk.Reading:
        read.append(file.name)
        return really(file, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "read_in_bulk", noted)
    prepare(tmp_path, files=2, rows=1_000)
    m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert sorted(read) == [f"evidence/{name}.csv" for name in ("ticket_events", "tickets_0", "tickets_1")]
    read.clear()
    m.write(tmp_path, "tickets_2.csv", m.table(m.TICKET_HEADER, [m.ticket("A000001", priority="9")]))
    evidence = m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert read == ["evidence/tickets_2.csv"]
    assert m.ask(evidence, "SELECT priority FROM tickets WHERE number = 'A000001'") == [("9",)]
    # with nothing kept the result is the same
    other = m.take_in(case(), tmp_path, tmp_path / "anew", link_persons=True)
    assert other.digest == evidence.digest
    one, two = (
        {
            file.name: file.read_bytes()
            for file in (tmp_path / out / f"snapshot-{evidence.digest[:16]}").iterdir()
        }
        for out in ("out", "anew")
    )
    assert one == two


@pytest.mark.parametrize("how", ["cut", "manifest", "key"])
def test_a_part_that_is_not_whole_is_made_anew(tmp_path: Path, how: str) -> None:
    prepare(tmp_path, files=1, rows=500)
    m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    whole = snapshot_of(tmp_path)
    for snapshot in (tmp_path / "out").glob("snapshot-*"):
        m.remove(snapshot)
    for part in (tmp_path / "out" / "parts").iterdir():
        file = part / ("part.json" if how == "manifest" else "00000.parquet")
        file.write_bytes(file.read_bytes()[:-20])
    if how == "key":  # rotation: pseudonyms change, persons are numbered as before
        pseudonyms.rotate(tmp_path, tmp_path / "out")
    m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert snapshot_of(tmp_path) == whole


def test_without_a_key_no_part_is_kept(tmp_path: Path) -> None:
    prepare(tmp_path, files=1, rows=100)
    m.take_in(m.case(replace(m.tickets(), path="tickets_0.csv"), m.events()), tmp_path, tmp_path / "out")
    kept = list((tmp_path / "out" / "parts").iterdir())
    assert len(kept) == 1, "the tickets, which name nobody"


def test_parts_go_with_the_key(tmp_path: Path) -> None:
    prepare(tmp_path, files=1, rows=100)
    m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert list((tmp_path / "out" / "parts").iterdir())
    pseudonyms.forget(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out" / "parts").exists()


def test_a_part_in_which_something_was_masked_is_not_kept(tmp_path: Path) -> None:
    prepare(tmp_path, files=1, rows=100)
    rows = [m.ticket(f"A{n}", category="kari@example.org" if n == 7 else "Mail") for n in range(100)]
    m.write(tmp_path, "tickets_0.csv", m.table(m.TICKET_HEADER, rows))
    evidence = m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert any(note.startswith("masked_") for note in evidence.notes)
    for file in (tmp_path / "out").rglob("*"):
        assert not file.is_file() or b"kari@example.org" not in file.read_bytes()
    assert len(list((tmp_path / "out" / "parts").iterdir())) == 1


def test_stopped_while_the_second_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, files=2, rows=1_000)

    def stop(name: str, share: float) -> None:
        if name.endswith("tickets_1.csv"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.take_in(case(), tmp_path, tmp_path / "out", stop, link_persons=True)
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["parts"]
    assert len(list((tmp_path / "out" / "parts").iterdir())) == 1


@pytest.mark.nightly
@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path)
    m.take_in(case(), tmp_path, tmp_path / "calm")
    calm = next((tmp_path / "calm").glob("snapshot-*"))
    here = str(Path(__file__).parent)
    chance = random.Random(7)
    stopped = 0
    for turn in range(14):
        process = subprocess.Popen([sys.executable, "-c", _RUN, here, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        time.sleep(chance.uniform(0, 2.5))
        process.send_signal(signal.SIGINT if turn % 3 == 2 else signal.SIGKILL)
        stopped += process.wait(60) != 0
        process.stdout.close()
        for snapshot in (tmp_path / "out").glob("snapshot-*"):
            assert {f.name: f.read_bytes() for f in snapshot.iterdir()} == {
                f.name: f.read_bytes() for f in calm.iterdir()
            }
            m.remove(snapshot)
    assert stopped >= 5
    m.take_in(case(), tmp_path, tmp_path / "out", link_persons=True)
    assert snapshot_of(tmp_path) == {f.name: f.read_bytes() for f in calm.iterdir()}

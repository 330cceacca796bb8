"""Pseudonyms: keyed, outside the case, gone when told; no figure and no digest depends on them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import evidence_making as m
import pytest

from makeorbuy.evidence import pseudonyms
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.errors import InputError


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "keys"
    monkeypatch.setenv(pseudonyms.KEY_FOLDER_VARIABLE, str(folder))
    return folder


def write(folder: Path, persons: list[str]) -> m.Evidence:
    rows = [m.ticket(f"A{n}", caller=person) for n, person in enumerate(persons)]
    events = [
        [f"A{n}", "01.03.2024 11:00", "In Progress", "Desk", p] for n, p in enumerate(reversed(persons))
    ]
    m.write(folder, "tickets.csv", m.table(m.TICKET_HEADER, rows))
    m.write(folder, "ticket_events.csv", m.table(m.EVENT_HEADER, events))
    sources = (m.tickets(columns={**m.TICKET_COLUMNS, "person": "caller"}), m.events())
    return take_in(m.case(*sources), folder, folder / "out", link_persons=True)


def held(folder: Path) -> dict[str, object]:
    (file,) = (folder / "out").glob("pseudonyms-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found: dict[str, object] = json.loads(file.read_text("utf-8"))
    return found


def snapshot_bytes(folder: Path) -> dict[str, bytes]:
    (place,) = (folder / "out").glob("snapshot-*")
    return {path.name: path.read_bytes() for path in place.iterdir()}


def test_a_person_of_two_sources_is_one_ordinal_and_one_pseudonym(tmp_path: Path, keys: Path) -> None:
    case = tmp_path / "case"
    evidence = write(case, ["Kari  Testmann", "Ola Test", " Kari Testmann"])
    assert m.ask(evidence, "SELECT person FROM ticket_events ORDER BY record") == [(1,), (2,), (1,)]
    key = pseudonyms.key_of(case)
    assert key is not None
    assert held(case) == {
        "key": key.id, "persons": [key.pseudonym("Kari Testmann"), key.pseudonym("Ola Test")],
    }  # fmt: skip
    (file,) = keys.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(file.read_bytes()) == 32
    assert not any(file.read_bytes() in data for data in snapshot_bytes(case).values())
    assert str(case) not in file.name and key.secret.hex() not in repr(key)


def test_neither_digest_nor_bytes_depend_on_the_key(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    digests = {write(folder, ["Kari Testmann", "Ola Test"]).digest for folder in (first, second)}
    assert len(digests) == 1
    assert snapshot_bytes(first) == snapshot_bytes(second)
    assert held(first)["persons"] != held(second)["persons"], "a case of its own, a key of its own"


def test_the_same_person_is_found_in_the_next_export(tmp_path: Path) -> None:
    case = tmp_path / "case"
    write(case, ["Kari Testmann", "Ola Test"])
    before = held(case)["persons"]
    (case / "out" / next((case / "out").glob("pseudonyms-*")).name).rename(tmp_path / "last-year.json")
    write(case, ["Ny Person", "Kari Testmann"])
    after = held(case)["persons"]
    assert isinstance(before, list) and isinstance(after, list)
    assert set(before) & set(after) == {before[0]} == {after[1]}


def test_rotation_forgets_and_the_next_intake_keeps_anew(tmp_path: Path) -> None:
    case = tmp_path / "case"
    digest = write(case, ["Kari Testmann"]).digest
    before = held(case)
    key, deleted = pseudonyms.rotate(case, case / "out")
    assert deleted == 1 and key.id != before["key"]
    assert not list((case / "out").glob("pseudonyms-*"))
    assert write(case, ["Kari Testmann"]).digest == digest
    assert held(case)["key"] == key.id and held(case)["persons"] != before["persons"]
    assert pseudonyms.forget(case, case / "out") == 1
    assert pseudonyms.key_of(case) is None
    assert len(list((case / "out").glob("snapshot-*"))) == 1, "the figures keep their evidence"


def test_no_key_is_made_where_no_person_is_read_or_nothing_is_to_be_linked(
    tmp_path: Path, keys: Path
) -> None:
    case = tmp_path / "case"
    m.write(case, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1")]))
    take_in(m.case(m.tickets()), case, case / "out", link_persons=True)
    sources = (m.tickets(columns={**m.TICKET_COLUMNS, "person": "caller"}),)
    take_in(m.case(*sources), case, case / "out")
    assert not keys.exists() and not list((case / "out").glob("pseudonyms-*"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_figures_do_without_a_key_where_none_can_be_kept(tmp_path: Path, keys: Path) -> None:
    keys.mkdir(mode=0o500)
    assert write(tmp_path / "case", ["Kari Testmann"]).counts[0].rows_used == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, keys: Path) -> None:
    case = tmp_path / "case"
    write(case, ["Kari Testmann"])
    (file,) = keys.iterdir()
    file.chmod(0o644)
    with pytest.raises(InputError) as caught:
        write(case, ["Kari Testmann", "Ola Test"])
    assert [problem.code for problem in caught.value.problems] == ["no_key"]
    file.unlink()
    file.symlink_to("/dev/zero")
    with pytest.raises(InputError):
        pseudonyms.key_of(case)


def test_keys_do_not_lie_in_the_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pseudonyms.KEY_FOLDER_VARIABLE, str(tmp_path / "case" / "keys"))
    with pytest.raises(InputError) as caught:
        write(tmp_path / "case", ["Kari Testmann"])
    assert [problem.code for problem in caught.value.problems] == ["key_in_case_folder"]

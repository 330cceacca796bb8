"""What was simulated once is found again, and only while everything that it follows from is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.foundation.kept_blocks import KeptFolder
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue import backtest as subject
from makeorbuy.projection.queue import effect, keeping
from makeorbuy.projection.queue.backtest import Backtest, backtest_log
from makeorbuy.projection.queue.keeping import question
from makeorbuy.projection.queue.model import Floats
from makeorbuy.projection.queue.outcome import Outcome

from .test_calibrate import START, a_log


def bits(tested: Backtest) -> bytes:
    tables = [getattr(tested, one.name) for one in fields(tested)]
    lessons = [(one.shift.tobytes(), one.weight, one.stretch) for one in tested.lessons.values()]
    return b"".join(one.tobytes() for one in tables if isinstance(one, np.ndarray)) + repr(lessons).encode()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Draws that are really run, one entry each."""
    seen: list[int] = []
    real = subject.predicted

    def counted(*given: object) -> Floats:
        seen.append(1)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(subject, "predicted", counted)
    yield seen


def run(keep: KeptFolder | None, targets: dict[int, float] | None = None, **changed: object) -> Backtest:
    log = replace(a_log(), **changed)  # type: ignore[arg-type]
    return backtest_log(log, START, targets or {0: 48.0}, Streams(1), replications=8, moments=2, keep=keep)


def test_a_backtest_is_run_once_and_then_found(tmp_path: Path, runs: list[int]) -> None:
    alone = bits(run(None))
    assert bits(run(KeptFolder(tmp_path))) == alone
    runs.clear()
    assert bits(run(KeptFolder(tmp_path))) == alone
    assert not runs


def test_what_it_follows_from_makes_it_new(tmp_path: Path, runs: list[int]) -> None:
    run(KeptFolder(tmp_path))
    log = a_log()
    gone = log.gone.copy()
    gone[100] += 1.0
    for targets, changed in (({0: 47.0}, {}), ({0: 48.0}, {"gone": gone}), ({0: 48.0}, {"cut": log.cut - 1})):
        runs.clear()
        kept = bits(run(KeptFolder(tmp_path), targets, **changed))
        assert runs
        assert kept == bits(run(None, targets, **changed))


def test_an_interrupted_backtest_goes_on(
    tmp_path: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = bits(run(None))
    whole, after = len(runs), []
    counted = subject.predicted

    def stops(*given: object) -> Floats:
        after.append(1)
        if len(after) > 20:
            raise KeyboardInterrupt
        return counted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(subject, "predicted", stops)
    with pytest.raises(KeyboardInterrupt):
        run(KeptFolder(tmp_path))
    monkeypatch.setattr(subject, "predicted", counted)
    runs.clear()
    assert bits(run(KeptFolder(tmp_path))) == alone
    assert 0 < len(runs) <= whole - 16  # two moments of eight draws were kept


def test_a_damaged_block_is_run_again(tmp_path: Path, runs: list[int]) -> None:
    alone = bits(run(KeptFolder(tmp_path)))
    file = sorted(tmp_path.rglob("*.block"))[0]
    content = bytearray(file.read_bytes())
    content[-9] ^= 1
    file.write_bytes(bytes(content))
    runs.clear()
    assert bits(run(KeptFolder(tmp_path))) == alone
    assert len(runs) == 8


@dataclass
class Memory:
    """Blocks of one question, in memory."""

    blocks: dict[str, Floats]

    def load(self, name: str) -> Floats | None:
        return self.blocks.get(name)

    def save(self, name: str, block: Floats) -> None:
        self.blocks[name] = block


def test_a_changed_option_runs_alone() -> None:
    """Ways of organising are kept apart: one that has changed does not make the others run again."""
    shapes = Outcome.shapes(1, 1, 2)
    size = sum(int(np.prod(shape)) for shape in shapes)
    ran: list[tuple[int, str]] = []

    def one(world: int, missing: list[effect._Way]) -> list[Floats]:
        ran.extend((world, way.question) for way in missing)
        return [np.full(size + 3, world + len(way.question) / 100) for way in missing]

    store: dict[str, Memory] = {}

    def keep(asked: str) -> Memory:
        return store.setdefault(asked, Memory({}))

    def worlds(*asked: str) -> list[tuple[tuple[Outcome, ...], list[Floats]]]:
        ways = [effect._Way(None, [(0, 0, 3)], name) for name in asked]
        return effect._worlds(one, ways, shapes, keep, lambda share: None)

    first = worlds("today", "a bid")
    assert len(ran) == 2 * effect.WORLDS
    assert [told.cleared_week[0] for told in first[1][0]] == [
        world + 0.05 for world in range(1, effect.WORLDS + 1)
    ]
    ran.clear()
    again = worlds("today", "another bid")
    assert {name for _, name in ran} == {"another bid"} and len(ran) == effect.WORLDS
    assert again[0][1][0].tobytes() == first[0][1][0].tobytes()
    # of a block that is not as it should be only that way and those worlds are run again
    store["today"].blocks["00000011"] = np.zeros((2, 2))
    ran.clear()
    worlds("today", "another bid")
    assert ran == [(world, "today") for world in range(11, 21)]


def test_a_question_tells_values_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [
        (1,), (1.0,), ("1",), (True,), (None,), ((1, 2), 3), (1, (2, 3)), ({"a": 1},), ({"a": 2},),
        (np.zeros(2),), (np.zeros((1, 2)),), (np.zeros(2, np.float32),), ([1],), (frozenset({1}),),
    ]  # fmt: skip
    assert len({question(*one) for one in several}) == len(several)
    assert question({"a": 1, "b": 2}) == question({"b": 2, "a": 1})
    with pytest.raises(TypeError):
        question(len)
    before = question(1)
    monkeypatch.setattr(keeping, "code_digest", lambda: "other code")
    assert question(1) != before


def test_the_folder_does_not_grow_for_ever(tmp_path: Path) -> None:
    for number in range(6):
        KeptFolder(tmp_path)(f"{number:064d}"[::-1]).save("1", np.zeros(1))
    folder = KeptFolder(tmp_path)
    folder("0" * 64)
    folder.tidy(3)
    assert len(list(tmp_path.iterdir())) == 3
    assert (tmp_path / ("0" * 16)).is_dir()
    KeptFolder(tmp_path / "none").tidy()

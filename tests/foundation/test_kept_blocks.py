"""A block comes back whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from makeorbuy.foundation.kept_blocks import KeptBlocks


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (0, 2)])
def test_what_is_kept_comes_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    block = np.random.default_rng(1).random(shape)
    kept = KeptBlocks(tmp_path, "a" * 64)
    assert kept.load("1") is None
    kept.save("1", block)
    found = kept.load("1")
    assert found is not None and found.shape == shape and found.tobytes() == block.tobytes()
    assert KeptBlocks(tmp_path, "b" * 64).load("1") is None


def test_a_damaged_block_is_not_believed(tmp_path: Path) -> None:
    kept = KeptBlocks(tmp_path, "a" * 64)
    kept.save("1", np.arange(6.0))
    (file,) = tmp_path.rglob("*.block")
    content = file.read_bytes()
    for broken in (content[:-3], content[:50] + b"x" + content[51:], b"", content + b"12345678"):
        file.write_bytes(broken)
        assert kept.load("1") is None
    kept.save("1", np.arange(6.0))
    assert kept.load("1") is not None


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptBlocks(tmp_path, "a" * 64)
    kept.save("1", np.arange(3.0))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        kept.save("1", np.arange(4.0))
    assert [file.suffix for file in tmp_path.rglob("*") if file.is_file()] == [".block"]
    found = kept.load("1")
    assert found is not None and found.tolist() == [0.0, 1.0, 2.0]

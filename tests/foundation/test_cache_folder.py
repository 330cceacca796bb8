"""Compiled code is kept where it can be, and never where others may write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from makeorbuy.foundation.cache_folder import cache_folder

NOBODY: dict[str, str] = {}


def test_beside_the_sources_first(tmp_path: Path) -> None:
    found = cache_folder("queue-1", tmp_path, {"HOME": str(tmp_path / "home")})
    assert found == str(tmp_path / "__pycache__" / "queue-1")


def closed(tmp_path: Path) -> Path:
    """Return sources beside which nothing can be written: their __pycache__ is a file."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "__pycache__").write_text("")
    return sources


@pytest.mark.skipif(sys.platform == "win32", reason="other folders there")
def test_else_in_the_users_own_folder(tmp_path: Path) -> None:
    sources = closed(tmp_path)
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    assert cache_folder("q", sources, home) == str(tmp_path / cache / "makeorbuy" / "q")
    other = {"XDG_CACHE_HOME": str(tmp_path / "xdg")}
    assert cache_folder("q", sources, other) == str(tmp_path / "xdg" / "makeorbuy" / "q")
    assert (tmp_path / "xdg" / "makeorbuy" / "q").stat().st_mode & 0o077 == 0


def test_or_nowhere(tmp_path: Path) -> None:
    assert cache_folder("q", closed(tmp_path), NOBODY) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_never_where_others_may_write(tmp_path: Path) -> None:
    folder = tmp_path / "all" / "q"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert cache_folder("q", closed(tmp_path), {"MAKEORBUY_CACHE_DIR": str(tmp_path / "all")}) is None

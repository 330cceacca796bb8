"""Where compiled code may be kept: beside the sources, or in a folder that only this user can write."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path


def cache_folder(name: str, beside: Traversable, environment: Mapping[str, str] | None = None) -> str | None:
    """Return a folder of this name that can be written, or None.

    Compiled code is run unseen, so a folder that others may write is never used, and nothing is kept in the
    common folder for temporary files.

    Parameters
    ----------
    name : str
        Names what was compiled, so that another version never finds this one's code.
    beside : Traversable
        Folder of the sources; its ``__pycache__`` is asked first.
    environment : mapping, optional
        Of variables; the process's own by default.
    """
    given = os.environ if environment is None else environment
    places = [Path(str(beside)) / "__pycache__"]
    if "MAKEORBUY_CACHE_DIR" in given:
        places.insert(0, Path(given["MAKEORBUY_CACHE_DIR"]))
    own = _user_folder(given)
    if own is not None:
        places.append(own)
    return next((str(place / name) for place in places if _can_write(place / name)), None)


def _user_folder(given: Mapping[str, str]) -> Path | None:
    if sys.platform == "win32":
        return Path(given["LOCALAPPDATA"]) / "makeorbuy" if "LOCALAPPDATA" in given else None
    if given.get("XDG_CACHE_HOME"):
        return Path(given["XDG_CACHE_HOME"]) / "makeorbuy"
    if not given.get("HOME"):
        return None
    home = Path(given["HOME"])
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "makeorbuy"


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform != "win32":
            status = folder.stat()
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False

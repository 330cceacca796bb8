"""The compiler, where it is installed: the inner loop becomes fast, the numbers stay the same."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from makeorbuy.foundation.cache_folder import cache_folder

njit: Any
try:
    import numba

    njit = numba.njit
except ImportError:
    njit = None

EXTRA = "makeorbuy[simulate]"

_SOURCES = ("compiling.py", "kernel.py", "model.py", "random_numbers.py")
"""What the compiled code depends on. numba itself only looks at the file of the function that it compiles,
so that a change in another one would leave old code in use."""


@cache
def source_digest() -> str:
    """Return a digest of the loop's sources: the name of the folder in which its compiled code is kept."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update(files("makeorbuy.projection.queue").joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function of plain arrays when it is first called, and keep the result on disk.

    Beside the sources where that folder can be written, else in the user's own cache folder, else nowhere:
    then each process compiles anew. Without the compiler the function stays as it is.
    """
    if njit is None:
        return function
    made = njit(nogil=True)(function)
    folder = cache_folder(f"queue-{source_digest()}", files("makeorbuy.projection.queue"))
    if folder is None or not hasattr(made, "enable_caching"):  # the compiler may be turned off
        return made
    config: Any = numba.config
    own, config.CACHE_DIR = config.CACHE_DIR, folder
    try:
        made.enable_caching()
    except RuntimeError:  # no folder after all
        return made
    finally:
        config.CACHE_DIR = own
    return made


@cache
def say_if_slow() -> None:
    """Warn, once, when there is no compiler."""
    if njit is None:
        warnings.warn(
            "numba is not installed: teams are simulated by plain Python. The figures are the same and take "
            f"some hundred times as long. For speed: pip install '{EXTRA}'",
            stacklevel=3,
        )

"""The compiler, where it is installed: the inner loop becomes fast, the numbers stay the same."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from makeorbuy.foundation.errors import ModelError

EXTRA = "makeorbuy[simulate]"


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function of plain arrays, keeping the result on disk where the folder can be written.

    Raises
    ------
    ModelError
        If the packages of the extra are missing.
    """
    if find_spec("numba") is None or find_spec("joblib") is None:
        raise ModelError(
            f"Simulating teams needs numba and joblib. Install them with: pip install '{EXTRA}'. "
            "Everything else works without."
        )
    from numba import njit

    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder can be written: compile anew each time
        return njit(nogil=True)(function)

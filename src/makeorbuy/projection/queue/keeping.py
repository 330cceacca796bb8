"""What long runs are known by, so that what was computed once is not computed again.

A question is the digest of everything that an answer follows from: the very numbers that go in, and the code
of this room. What does not go in, such as a cost line, does not change it. Where answers are kept, and
whether a kept one may be believed, is not this module's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.queue.model import Floats


class Kept(Protocol):
    """Where the blocks of one question are kept, so that a run that was interrupted goes on."""

    def load(self, name: str) -> NDArray[np.float64] | None:
        """Return a block, or None if there is none or it is damaged."""

    def save(self, name: str, block: NDArray[np.float64]) -> None:
        """Keep a block, whole or not at all."""


Keep = Callable[[str], Kept]
"""From a question to where its blocks are kept."""


def load(kept: Kept | None, name: str, shape: tuple[int, ...]) -> Floats | None:
    """Return a kept block of the expected shape, or None."""
    block = None if kept is None else kept.load(name)
    return block if block is not None and block.shape == shape else None


@cache
def code_digest() -> str:
    """Return a digest of the code that decides what a simulation gives, and of NumPy's version."""
    digest = hashlib.sha256(np.__version__.encode())
    room = files("makeorbuy.projection.queue")
    sources = sorted((one for one in room.iterdir() if one.name.endswith(".py")), key=lambda one: one.name)
    for source in (*sources, files("makeorbuy.foundation").joinpath("streams.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def question(*parts: Any) -> str:
    """Return the digest of some values and of the code.

    Raises
    ------
    TypeError
        If a value has no bytes of its own, such as a function.

    Examples
    --------
    >>> question(np.zeros(2)) == question(np.zeros(2)), question(1) == question(1.0)
    (True, False)
    """
    digest = hashlib.sha256(code_digest().encode())

    def add(value: Any) -> None:
        digest.update(f"\x1e{type(value).__name__}\x1f".encode())
        if isinstance(value, np.ndarray):
            digest.update(f"{value.dtype.str}{value.shape}".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        elif is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                add(one.name)
                add(getattr(value, one.name))
        elif isinstance(value, Mapping):
            for key in sorted(value, key=repr):
                add(key)
                add(value[key])
            digest.update(b"\x1d")
        elif isinstance(value, (tuple, list)):
            for one in value:
                add(one)
            digest.update(b"\x1d")
        elif isinstance(value, (set, frozenset)):
            add(sorted(value, key=repr))
        elif value is None or isinstance(value, (str, bytes, int, float)):
            digest.update(repr(value).encode())
        else:
            raise TypeError(f"a {type(value).__name__} has no bytes of its own")

    add(parts)
    return digest.hexdigest()

"""The only maker of random generators: one named stream per purpose.

A stream depends on the seed of the case and on its own name, never on the order in which
streams are asked for, so that any number of workers draws the same numbers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Streams:
    """Give named, independent random generators for one seed.

    Attributes
    ----------
    seed : int
        Seed of the case; 0 is a seed.

    Examples
    --------
    >>> bool(Streams(0).named("wage").random() == Streams(0).named("wage").random())
    True
    >>> bool(Streams(0).named("wage").random() == Streams(1).named("wage").random())
    False
    """

    seed: int

    def named(self, *name: str) -> np.random.Generator:
        """Return the generator of this name: PCG64 seeded from SHA-256 of the seed and the name."""
        text = "\x1f".join((str(self.seed), *name)).encode()
        words = np.frombuffer(hashlib.sha256(text).digest(), dtype="<u4")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words.tolist())))

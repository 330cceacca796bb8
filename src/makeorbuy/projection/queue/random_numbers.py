"""Counter-based random numbers: a number has an address, not a place in a sequence.

Philox 4x32-10: the four words depend on (ticket, visit, purpose, replication) and the seed alone, so two
ways of organising the same tickets see the same work, the same waits and the same routes, whatever the
order of events.

References
----------
.. [1] J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
   3", Proc. SC11, 2011.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from makeorbuy.projection.queue.compiling import compiled

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_UNIT = 2.0**-32


@compiled
def philox(ticket: Any, visit: Any, purpose: Any, replication: Any, seed: Any) -> Any:
    """Return four words of 32 bits for an address.

    Parameters
    ----------
    ticket, visit, purpose, replication : int
        Each below 2**32.
    seed : int
        Below 2**63.

    Returns
    -------
    tuple of uint64
        Each below 2**32. The products of two such words never exceed 64 bits, so compiled and plain
        Python give the same words.
    """
    a, b = np.uint64(ticket), np.uint64(visit)
    c, d = np.uint64(purpose), np.uint64(replication)
    k0 = np.uint64(seed) & _LOW
    k1 = np.uint64(seed) >> _HALF
    for _ in range(10):
        first, second = _M0 * a, _M1 * c
        a, b, c, d = (second >> _HALF) ^ b ^ k0, second & _LOW, (first >> _HALF) ^ d ^ k1, first & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return a, b, c, d


@compiled
def unit(word: Any) -> Any:
    """Return a word of 32 bits as a number strictly between 0 and 1."""
    return (float(word) + 0.5) * _UNIT

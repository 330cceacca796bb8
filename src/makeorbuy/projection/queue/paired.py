"""Options in the same worlds: differences, probabilities and spreads, in memory that does not grow.

A world gives a table, option by figure. Tables are folded into exact whole-number sums and histograms, so
that neither the number of workers, nor blocks, nor an interruption moves a bit, and forgotten. Worlds are run
in blocks of one size; a block that has been kept is not run again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from makeorbuy.projection.queue.keeping import Kept
from makeorbuy.projection.queue.model import Floats, Ints
from makeorbuy.projection.queue.simulate import in_order

BLOCK = 10
"""Worlds in a block: after each the precision is looked at, whatever the number of workers."""

LEAST_WORLDS = 20
"""Fewest worlds before a standard error is believed."""

_FIXED = 1 << 24
"""Sums are of whole 2^-24 parts, exact in any order."""

_SUBBINS_BITS = 6
_SHIFT = 52 - _SUBBINS_BITS
_LOWEST = int(np.float64(2.0**-12).view(np.int64) >> _SHIFT)
_BINS = int(np.float64(2.0**24).view(np.int64) >> _SHIFT) - _LOWEST


@dataclass(slots=True)
class Sketch:
    """A histogram whose bins are a 64th of an octave: quantiles to 1.6 %, merged by adding.

    Attributes
    ----------
    counts : ndarray of int64, shape (bins + 2,)
        First what is below 2^-12, last what is above 2^24 or has not ended.
    """

    counts: Ints = field(default_factory=lambda: np.zeros(_BINS + 2, np.int64))

    def add(self, values: Floats) -> None:
        """Count values, not negative; inf counts as not ended."""
        # the bits of a positive float rise with it, and its leading bits are octave and 64th
        place = (np.ascontiguousarray(values, np.float64).view(np.int64) >> _SHIFT) - (_LOWEST - 1)
        self.counts += np.bincount(np.clip(place, 0, _BINS + 1), minlength=_BINS + 2)

    def merge(self, other: Sketch) -> None:
        """Take in what another has counted."""
        self.counts += other.counts

    def quantile(self, share: float) -> float:
        """Return a quantile, straight within its bin; inf where it has not ended.

        Examples
        --------
        >>> sketch = Sketch()
        >>> sketch.add(np.array([1.0, 2.0, 4.0, np.inf]))
        >>> round(sketch.quantile(0.5), 1), sketch.quantile(0.9)
        (2.0, inf)
        """
        total = int(self.counts.sum())
        if not total:
            return math.nan
        wanted = share * total
        before = np.cumsum(self.counts)
        place = int(np.searchsorted(before, wanted, side="left"))
        if place > _BINS:
            return math.inf
        if place == 0:
            return 0.0
        low, high = (
            float(np.int64((place - 1 + step + _LOWEST) << _SHIFT).view(np.float64)) for step in (0, 1)
        )
        inside = (wanted - float(before[place - 1])) / float(self.counts[place])
        return low + (high - low) * inside


@dataclass(frozen=True, slots=True)
class Paired:
    """What the worlds have shown, by option and figure; option 0 is what the others are compared with.

    Attributes
    ----------
    worlds : int
    mean, difference, error : ndarray, shape (options, figures)
        Mean; mean difference from option 0 in the same world, and its standard error.
    lower : ndarray, shape (options, figures)
        Share of worlds in which it is lower than for option 0.
    sketches : tuple of tuple of Sketch
        Of the figures over worlds, by option and figure.
    """

    worlds: int
    mean: Floats
    difference: Floats
    error: Floats
    lower: Floats
    sketches: tuple[tuple[Sketch, ...], ...]

    def is_precise(self, share: float) -> bool:
        """Tell whether every difference is known to a share of option 0's mean."""
        return self.worlds >= LEAST_WORLDS and bool((self.error <= share * np.abs(self.mean[0])).all())


class _Sums:
    """Exact sums: Python's whole numbers, of any length."""

    def __init__(self, options: int, figures: int) -> None:
        self.worlds = 0
        shape = (options, figures)
        self.first, self.apart, self.square, self.lower = (np.zeros(shape, object) for _ in range(4))
        self.sketches = tuple(tuple(Sketch() for _ in range(figures)) for _ in range(options))

    def add(self, table: Floats) -> None:
        whole = np.array([[round(value * _FIXED) for value in row] for row in table.tolist()], object)
        apart = whole - whole[0]
        self.worlds += 1
        self.first += whole
        self.apart += apart
        self.square += apart * apart
        self.lower += (apart < 0).astype(int)
        for row, sketches in zip(table, self.sketches, strict=True):
            for value, sketch in zip(row, sketches, strict=True):
                sketch.add(np.array([value]))

    def result(self) -> Paired:
        count = self.worlds
        spread = (self.square * count - self.apart * self.apart).astype(np.float64)
        variance = spread / (count * max(count - 1, 1)) / _FIXED**2
        return Paired(
            count,
            self.first.astype(np.float64) / count / _FIXED,
            self.apart.astype(np.float64) / count / _FIXED,
            np.sqrt(np.maximum(variance, 0.0) / count),
            self.lower.astype(np.float64) / count,
            self.sketches,
        )


def in_the_same_worlds(
    one: Callable[[int], Floats],
    worlds: int,
    *,
    threads: int = 1,
    precise: float | None = None,
    kept: Kept | None = None,
) -> Paired:
    """Run worlds, block by block, until there are enough or the differences are precise.

    Parameters
    ----------
    one : callable
        From the number of a world to a table of figures, shape (options, figures), finite.
    worlds : int
        At most so many, rounded up to whole blocks.
    precise : float, optional
        Stop when the standard error of every difference is at most so large a share of option 0's mean.
    kept : Kept, optional
        Blocks of a run that was interrupted are taken from here.

    Raises
    ------
    ValueError
        If a figure is not finite: a mean of it would say nothing.
    """
    sums: _Sums | None = None
    blocks = range(0, worlds, BLOCK)
    found = {first: None if kept is None else kept.load(f"{first:08d}") for first in blocks}
    # no worker waits for the end of a block, only for the last world
    missing = [first + place for first in blocks if found[first] is None for place in range(BLOCK)]
    run = in_order(one, missing, threads)
    for first in blocks:
        block = found.pop(first)
        if block is None:
            block = np.array(list(islice(run, BLOCK)))
            if not np.isfinite(block).all():
                raise ValueError("a figure of a world is not finite")
            if kept is not None:
                kept.save(f"{first:08d}", block)
        if sums is None:
            sums = _Sums(*block.shape[1:])
        for table in block:
            sums.add(table)
        if precise is not None and sums.result().is_precise(precise):
            break
    run.close()
    if sums is None:
        raise ValueError("at least one world is needed")
    return sums.result()

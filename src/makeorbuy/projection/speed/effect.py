"""What teams do to the times of a service: the type that the simulation hands over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Effect:
    """What an option's teams do to the times of one service.

    Attributes
    ----------
    ratio : ndarray, shape (worlds, grid), or None
        Time under the option over time today, at the midpoints of equal shares of tickets; None with
        `reason`.
    reason : str or None
        ``too_few_held_out_weeks``, ``backtest_failed``, ``simulated_on_elapsed_clock``,
        ``service_not_in_log``, ``too_few_simulated_tickets``.
    coverage : float or None
        Share of held-out means that the 80 % intervals of the backtest held.
    scored : int
        How many they were.
    """

    ratio: NDArray[np.float64] | None
    reason: str | None
    coverage: float | None = None
    scored: int = 0

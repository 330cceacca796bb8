"""What earlier weeks of the same log teach about the simulation: shift, weight, stretch.

A model of teams is wrong in ways that repeat. Where it was run at earlier moments and what followed is known,
three things a quantity are learned: by how much its predictions lie too high or low (by service, drawn
towards what all services show); how much to trust it beside whole past weeks drawn anew (the weight that
would have scored best, CRPS); and by how much each interval must be stretched to have held as often as it
says (conformal prediction). With little to learn from they stay near 0, one half and 1.

References
----------
.. [1] T. Gneiting, A. E. Raftery, A. H. Westveld and T. Goldman, "Calibrated probabilistic forecasting using
   ensemble model output statistics", Mon. Weather Rev. 133(5), 1098-1118, 2005 (shift, learned by CRPS).
.. [2] Y. Romano, E. Patterson and E. Candes, "Conformalized quantile regression", NeurIPS 2019 (stretch).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makeorbuy.projection.queue.model import Floats
from makeorbuy.projection.queue.score import FOLLOWED_HOURS, LEVELS

WEIGHTS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
MEMBERS = 60
PRIOR_ORIGINS = 2.0
"""What is not learned counts like so many earlier moments."""

AS_IT_IS = (1.0,) * len(LEVELS)

OUTLIER = 1.5
"""No single moment moves a shift by more than so many standard deviations of past weeks."""

LIKE_SERVICES = 4
"""A moment counts as so many independent cases: what happens to its services is alike."""

FORGETTING = 0.97
"""Weight of a moment relative to the one after it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned of one quantity.

    Attributes
    ----------
    shift : ndarray, shape (services,)
        Added to the simulated predictions, on the scale of `forward`.
    weight : float
        Of the simulation; past weeks have the rest.
    stretch : tuple of float
        Factor on the distance of each prediction from the middle one, at the edges of the intervals of
        `score.LEVELS`.
    origins : int
        Earlier moments that it was learned from.
    """

    shift: Floats
    weight: float
    stretch: tuple[float, ...]
    origins: int

    @property
    def level_error(self) -> float:
        """Root mean square of the shifts: by how much the model's level is wrong for a service."""
        return float(np.sqrt((self.shift**2).mean())) if self.shift.size else 0.0


def forward(quantity: str, values: Floats) -> Floats:
    """Return values on a scale on which errors add up: logarithms, and log-odds of shares.

    Examples
    --------
    >>> forward("share_within_target", np.array([0.5])).tolist()
    [0.0]
    """
    if quantity == "share_within_target":
        inside = np.clip(values, 0.005, 0.995)
        return np.asarray(np.log(inside / (1.0 - inside)))
    if quantity.endswith("_hours"):
        return np.asarray(np.log(np.maximum(values, 0.02)))
    return np.asarray(np.log(np.maximum(values, 0.0) + 3.0))


def backward(quantity: str, values: Floats) -> Floats:
    """Return what `forward` came from.

    Examples
    --------
    >>> backward("mean_hours", forward("mean_hours", np.array([5.0, 400.0]))).round(6).tolist()
    [5.0, 336.0]
    """
    if quantity == "share_within_target":
        return np.asarray(1.0 / (1.0 + np.exp(-values)))
    if quantity.endswith("_hours"):
        return np.asarray(np.minimum(np.exp(values), FOLLOWED_HOURS))
    return np.asarray(np.maximum(np.exp(values) - 3.0, 0.0))


def learn(quantity: str, found: Floats, simulated: Floats, past: Floats) -> Lesson:
    """Learn from earlier moments, the latest last.

    Parameters
    ----------
    found : ndarray, shape (origins, services)
    simulated, past : ndarray, shape (origins, services, members)
        NaN where a member says nothing.
    """
    origins, services = found.shape
    if not origins:
        return Lesson(np.zeros(services), 0.5, AS_IT_IS, 0)
    truth, own, other = (forward(quantity, values) for values in (found, simulated, past))
    known = np.isfinite(truth) & np.isfinite(own).any(axis=2) & np.isfinite(other).any(axis=2)
    age = np.where(known, FORGETTING ** np.arange(origins - 1, -1, -1.0)[:, None], 0.0)
    total = age.sum()
    if not total:
        return Lesson(np.zeros(services), 0.5, AS_IT_IS, 0)
    with np.errstate(invalid="ignore"):
        unit = _mean(np.where(known, _nan(np.nanstd, other), 0.0), age, axis=0)
        unit = np.maximum(unit, 0.25 * unit.max() + 1e-9)
        error = np.where(known, (truth - _nan(np.nanmedian, own)) / unit, 0.0)
    shift = np.zeros(services)
    count = age.sum(axis=0)
    for _ in range(5):  # a mean in which no moment pulls more than `OUTLIER`
        pulled = shift + np.clip(error - shift, -OUTLIER, OUTLIER)
        common = float((age * pulled).sum()) / (total + PRIOR_ORIGINS)
        single = (age * pulled).sum(axis=0) / np.maximum(count, 1e-9)
        shift = common + count / (count + 2.0 * PRIOR_ORIGINS) * (single - common)
    shift = shift * unit
    moved = shifted(quantity, own, shift)
    scale = np.where(known, 1.0 / unit, 0.0) * age
    best = (np.inf, 0.5)
    for weight in WEIGHTS:
        scored = _crps(*mixed(moved, other, weight), truth)
        loss = float(np.where(known, scored * scale, 0.0).sum()) / total
        best = min(best, (loss + 0.1 * abs(weight - 0.5) / (origins / PRIOR_ORIGINS + 1.0), weight))
    points, mass = mixed(moved, other, best[1])
    middle = _quantile(points, mass, 0.5)
    # where both lie at the limit of a time, its place among the predictions says nothing of their spread
    tells = known & ~((truth >= limit(quantity)) & (middle >= limit(quantity)))
    moments = float(tells.sum()) / services
    trust = moments / (moments + PRIOR_ORIGINS)
    cases = max(LIKE_SERVICES * moments, 1.0)
    stretch = []
    for level in LEVELS:
        low, high = (_quantile(points, mass, (1.0 + side * level) / 2) for side in (-1.0, 1.0))
        above = truth >= middle
        reach = np.where(above, high - middle, middle - low)
        needed = np.abs(truth - middle) / np.maximum(reach, 1e-3 * unit)
        telling = tells & (reach > 0.05 * unit)  # predictions that all lie at the limit have no spread
        order = np.argsort(needed[telling])
        upto = np.cumsum(age[telling][order])
        factor = 1.0
        if order.size:
            place = int(np.searchsorted(upto, min(level * (cases + 1) / cases, 0.99) * upto[-1]))
            factor = float(needed[telling][order][min(place, order.size - 1)])
        stretch.append(float(np.clip(1.0 + trust * (factor - 1.0), 0.25, 4.0)))
    return Lesson(shift, best[1], tuple(stretch), origins)


def recalibrated(lesson: Lesson, quantity: str, simulated: Floats, past: Floats) -> Floats:
    """Return predictions after the lesson.

    Parameters
    ----------
    simulated, past : ndarray, shape (services, members)

    Returns
    -------
    ndarray, shape (services, MEMBERS)
        In rising order; NaN where neither says anything.
    """
    own = shifted(quantity, forward(quantity, simulated), lesson.shift)
    points, mass = mixed(own, forward(quantity, past), lesson.weight)
    share = (np.arange(MEMBERS) + 0.5) / MEMBERS
    stretch = np.interp(np.abs(2.0 * share - 1.0), LEVELS, lesson.stretch)
    middle = _quantile(points, mass, 0.5)
    result = np.stack([_quantile(points, mass, float(one)) for one in share], axis=-1)
    at_limit = result >= limit(quantity)
    result = np.sort(
        np.where(at_limit, result, middle[:, None] + stretch * (result - middle[:, None])), axis=-1
    )
    result[mass.sum(axis=-1) == 0] = np.nan
    return backward(quantity, result)


def limit(quantity: str) -> float:
    """Return where times end, on the scale of `forward`; no limit for others."""
    return float(np.log(FOLLOWED_HOURS)) - 1e-9 if quantity.endswith("_hours") else float("inf")


def shifted(quantity: str, values: Floats, shift: Floats) -> Floats:
    """Return predictions by service, shifted; what lies at the limit of a time stays there."""
    return np.where(values >= limit(quantity), values, values + shift[:, None])


def mixed(own: Floats, other: Floats, weight: float) -> tuple[Floats, Floats]:
    """Return the members of both in rising order, and the probability of each, summing to 1."""
    points = np.concatenate([own, other], axis=-1)
    known = np.isfinite(points)
    size = own.shape[-1]
    mass = np.where(known, 1.0, 0.0)
    for part, share in ((slice(0, size), weight), (slice(size, None), 1.0 - weight)):
        mass[..., part] *= share / np.maximum(mass[..., part].sum(axis=-1, keepdims=True), 1.0)
    mass /= np.maximum(mass.sum(axis=-1, keepdims=True), 1e-12)
    points = np.where(known, points, 0.0)
    order = np.argsort(np.where(known, points, np.inf), axis=-1, kind="stable")
    return np.take_along_axis(points, order, -1), np.take_along_axis(mass, order, -1)


def _crps(points: Floats, mass: Floats, truth: Floats) -> Floats:
    """Return the score of weighted predictions in rising order."""
    upto = np.cumsum(mass, axis=-1)
    apart = (mass * points * (2.0 * upto - mass - 1.0)).sum(axis=-1)
    return np.asarray((mass * np.abs(points - truth[..., None])).sum(axis=-1) - apart)


def _quantile(points: Floats, mass: Floats, share: float) -> Floats:
    """Return a quantile of weighted predictions in rising order, between the middles of their masses."""
    at = np.cumsum(mass, axis=-1) - mass / 2
    last = np.maximum((mass > 0).cumsum(axis=-1).argmax(axis=-1), 0)
    right = np.clip((at < share).sum(axis=-1), 0, last)
    left = np.maximum(right - 1, 0)

    def take(table: Floats, place: NDArray[np.intp]) -> Floats:
        return np.asarray(np.take_along_axis(table, place[..., None], axis=-1)[..., 0])

    low, high = take(at, left), take(at, right)
    part = np.clip((share - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    return np.asarray(take(points, left) + part * (take(points, right) - take(points, left)))


def _mean(values: Floats, weight: Floats, axis: int) -> Floats:
    return np.asarray((values * weight).sum(axis=axis) / np.maximum(weight.sum(axis=axis), 1e-9))


def _nan(function: object, values: Floats) -> Floats:
    """Apply a function that skips NaN over the last axis, 0 where there is nothing else."""
    empty = np.asarray(~np.isfinite(values).any(axis=-1))
    filled = np.where(empty[..., None], 0.0, values)
    return np.asarray(function(filled, axis=-1))  # type: ignore[operator]

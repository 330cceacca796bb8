"""Place names at dots so that they do not overlap.

Every label tries places around its dot, near ones first, then ever farther rings, then every free
row of the frame. Dots and fixed texts are obstacles that a label may not touch; lines may be crossed
at a small price (labels have a white halo). Labels are placed in order of how few good places they
have, and then each is moved once more with the others in place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

OVERLAP_PRICE = 1000.0
LEADER_FROM = 9.0
"""Gap between dot and label beyond which a leader line ties them together."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box, gap: float = 0.0) -> float:
        """Return the common area, with a gap kept between the two."""
        width = min(self.right, other.right) - max(self.left, other.left) + gap
        height = min(self.bottom, other.bottom) - max(self.top, other.top) + gap
        return width * height if width > 0 and height > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot with the size of its label."""

    x: float
    y: float
    radius: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label goes, and how far it is from the edge of its dot."""

    box: Box
    gap: float


# the side of the dot: factor for x and y, with a small dislike for each
_SIDES = (
    (1, 0, 0.0),
    (1, -1, 0.5),
    (-1, 0, 1.0),
    (-1, -1, 1.5),
    (1, 1, 1.2),
    (-1, 1, 2.0),
    (0, -1, 1.6),
    (0, 1, 2.2),
)
_RINGS = (2.0, 6.0, 12.0, 20.0, 30.0, 42.0, 56.0, 72.0)


def place(
    dots: Sequence[Dot], frame: Box, obstacles: Sequence[Box] = (), lines: Sequence[Box] = ()
) -> list[Placed]:
    """Return a place for every label, in the order of the dots.

    Parameters
    ----------
    dots : sequence of Dot
    frame : Box
        Labels stay inside.
    obstacles : sequence of Box
        What no label may cover, beside all dots.
    lines : sequence of Box
        What a label had better not cover.
    """
    solid = [*obstacles, *(Box(d.x - d.radius, d.y - d.radius, d.x + d.radius, d.y + d.radius) for d in dots)]
    choices = [_candidates(dot, frame) for dot in dots]
    fixed = [
        [(place, cost + _price(place.box, solid, lines)) for place, cost in candidates]
        for candidates in choices
    ]
    order = sorted(range(len(dots)), key=lambda i: (sum(cost < 20 for _, cost in fixed[i][:24]), i))
    chosen: dict[int, Placed] = {}
    for _ in range(3):
        for index in order:
            others = [other.box for i, other in chosen.items() if i != index]
            chosen[index] = min(
                fixed[index],
                key=lambda item: item[1] + OVERLAP_PRICE * _touches(item[0].box, others),
            )[0]
    return [chosen[i] for i in range(len(dots))]


def _touches(box: Box, others: Sequence[Box]) -> float:
    return sum(1.0 + box.overlap(other, 1.0) for other in others if box.overlap(other, 1.0) > 0)


def _price(box: Box, solid: Sequence[Box], lines: Sequence[Box]) -> float:
    return OVERLAP_PRICE * _touches(box, solid) + sum(4.0 for line in lines if box.overlap(line) > 0)


def _candidates(dot: Dot, frame: Box) -> list[tuple[Placed, float]]:
    found: list[tuple[Placed, float]] = []
    half_width, half_height = dot.width / 2, dot.height / 2
    for ring in _RINGS:
        for side_x, side_y, dislike in _SIDES:
            diagonal = 0.72 if side_x and side_y else 1.0
            reach = dot.radius * diagonal + ring
            x = dot.x + side_x * (reach + half_width)
            y = dot.y + side_y * (reach * (0.75 if side_x else 1.0) + half_height)
            _add(found, dot, frame, x, y, dislike + ring * 0.9)
    rows = max(1, int((frame.bottom - frame.top) // (dot.height + 2)))
    columns = max(1, int((frame.right - frame.left - dot.width) // 24) + 1)
    for row in range(rows):
        for column in range(columns):
            x = frame.left + half_width + min(column * 24, frame.right - frame.left - dot.width)
            y = frame.top + half_height + row * (dot.height + 2)
            _add(found, dot, frame, x, y, 60 + math.hypot(x - dot.x, y - dot.y) * 0.5)
    return found


def _add(found: list[tuple[Placed, float]], dot: Dot, frame: Box, x: float, y: float, cost: float) -> None:
    x = min(max(x, frame.left + dot.width / 2), frame.right - dot.width / 2)
    y = min(max(y, frame.top + dot.height / 2), frame.bottom - dot.height / 2)
    box = Box(x - dot.width / 2, y - dot.height / 2, x + dot.width / 2, y + dot.height / 2)
    near_x = min(max(dot.x, box.left), box.right)
    near_y = min(max(dot.y, box.top), box.bottom)
    gap = math.hypot(near_x - dot.x, near_y - dot.y) - dot.radius
    found.append((Placed(box, max(gap, 0.0)), cost + max(gap, 0.0) * 0.4))

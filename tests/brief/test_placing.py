"""Names on the map do not overlap, whatever the data."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makeorbuy.brief.map_chart import FRAME, bounds
from makeorbuy.brief.placing import Box, Dot, place

INSIDE = Box(FRAME.left + 3, FRAME.top + 2, FRAME.right - 3, FRAME.bottom - 2)


def overlaps(dots: list[Dot], obstacles: tuple[Box, ...] = ()) -> list[tuple[int, int]]:
    boxes = [placed.box for placed in place(dots, INSIDE, obstacles)]
    return [(i, j) for i, j in itertools.combinations(range(len(boxes)), 2) if boxes[i].overlap(boxes[j]) > 0]


@pytest.mark.parametrize(
    "points",
    [
        [(180.0, 170.0)] * 12,  # all on one spot
        [(2.0, 23.0), (358.0, 23.0), (2.0, 329.0), (358.0, 329.0)] * 3,  # in the corners
        [(180.0 + i * 0.5, 170.0) for i in range(14)],  # a dense row
        [(180.0, 23.0 + i * 3) for i in range(14)],  # a dense column at the top
        [(358.0, 30.0 + i * 2) for i in range(12)],  # against the right edge
    ],
)
def test_names_do_not_overlap(points: list[tuple[float, float]]) -> None:
    dots = [Dot(x, y, 5 + i % 4 * 4, 60.0 + i % 3 * 30, 13.0) for i, (x, y) in enumerate(points)]
    assert overlaps(dots) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1, 359), st.floats(22, 330), st.floats(4, 24), st.floats(20, 130)),
        min_size=1,
        max_size=14,
    )
)
def test_no_two_names_overlap_and_all_stay_inside(values: list[tuple[float, float, float, float]]) -> None:
    dots = [Dot(x, y, radius, width, 13.0) for x, y, radius, width in values]
    assert overlaps(dots) == []
    for placed in place(dots, INSIDE):
        assert placed.box.left >= INSIDE.left - 1e-6 and placed.box.right <= INSIDE.right + 1e-6
        assert placed.box.top >= INSIDE.top - 1e-6 and placed.box.bottom <= INSIDE.bottom + 1e-6


def test_names_keep_off_dots_and_fixed_texts() -> None:
    dots = [Dot(60.0 + 55 * (i % 5), 80.0 + 70 * (i // 5), 12, 60, 13) for i in range(10)]
    caption = Box(1, 310, 120, 330)
    for placed in place(dots, INSIDE, (caption,)):
        assert placed.box.overlap(caption) == 0
        for dot in dots:
            circle = Box(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)
            assert placed.box.overlap(circle) == 0


def test_a_lone_name_stands_beside_its_dot() -> None:
    (placed,) = place([Dot(100, 100, 10, 50, 13)], INSIDE)
    assert placed.gap < 4
    assert placed.box.left > 100


def test_the_same_dots_give_the_same_places() -> None:
    dots = [Dot(100 + i, 100, 10, 50, 13) for i in range(6)]
    assert place(dots, INSIDE) == place(dots, INSIDE)


def test_a_map_holds_its_points_and_is_not_dwarfed_by_an_interval() -> None:
    low, high = bounds([-8.6, 11.1], [-1e6, 1e6], 3.0)
    assert low < -8.6 and high > 11.1
    assert high < 60 and low > -60
    low, high = bounds([], [], 3.0)
    assert low < 0 < high

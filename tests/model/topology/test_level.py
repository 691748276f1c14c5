"""Machines go where most is free."""

from itertools import product

import pytest

from fleetui.model.topology.level import level_fill


@pytest.mark.parametrize(
    ("free", "count", "cap", "filled"),
    [
        ((10, 10, 10), 7, 9, (3, 2, 2)),
        ((10, 4, 10), 8, 9, (4, 0, 4)),
        ((10, 4, 10), 15, 9, (7, 1, 7)),
        ((10, 4, 10), 8, 3, (3, 2, 3)),
        ((2, 2, 2), 0, 0, (0, 0, 0)),
        ((2, 2, 2), 7, 9, None),
        ((9, 9, 9), 4, 1, None),
        ((), 1, 1, None),
    ],
)
def test_they_are_spread(free: tuple[int, ...], count: int, cap: int, filled: tuple[int, ...] | None) -> None:
    assert level_fill(free, count, cap=cap) == filled


def test_what_is_left_is_as_even_as_it_can_be() -> None:
    """Against every other way: no sum of squares of what stays free is smaller."""
    for free in product(range(4), repeat=3):
        for count, cap in product(range(1, 8), range(1, 4)):
            ways = [way for way in product(*(range(min(cap, places) + 1) for places in free)) if sum(way) == count]
            filled = level_fill(free, count, cap=cap)
            assert (filled is None) == (not ways)
            if filled is not None:
                assert filled in ways
                assert _unevenness(free, filled) == min(_unevenness(free, way) for way in ways)


def _unevenness(free: tuple[int, ...], filled: tuple[int, ...]) -> int:
    return sum((places - some) ** 2 for places, some in zip(free, filled, strict=True))

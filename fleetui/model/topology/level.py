"""Machines of one kind spread over racks, so that what stays free is as even as it can be."""

from collections.abc import Sequence


def level_fill(free: Sequence[int], count: int, *, cap: int) -> tuple[int, ...] | None:
    """How many go into each rack, at most ``cap`` into any; None when they do not fit. ``free``: places of each.

    They go where most is free. That leaves the most even remainder there is, so where racks and machines are alike
    whatever could be placed before in any way can still be placed after it.
    """
    if count > sum(min(cap, places) for places in free):
        return None
    level = _level(free, count, cap)
    taken = [_above(places, level + 1, cap) for places in free]
    rest = count - sum(taken)
    for at, places in enumerate(free):
        if rest and _above(places, level, cap) > taken[at]:
            taken[at] += 1
            rest -= 1
    return tuple(taken)


def _level(free: Sequence[int], count: int, cap: int) -> int:
    """The highest water that leaves room for ``count`` above it."""
    low, high = 0, max(free, default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(_above(places, middle, cap) for places in free) >= count:
            low = middle
        else:
            high = middle - 1
    return low


def _above(places: int, level: int, cap: int) -> int:
    return min(cap, max(0, places - level))

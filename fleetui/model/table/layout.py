"""Which columns are there at a width, and how wide each is: decided by priorities, never cut off at the edge."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from fleetui.model.table.column import Column

R = TypeVar("R")

GAP = 2
"""Cells between columns."""

EXTRA = 6
"""From this priority on a column is welcome, but not at the price of another's text."""


class Placed(msgspec.Struct, Generic[R], frozen=True):
    """A column at its place: ``x`` and ``width`` in cells."""

    column: Column[R]
    x: int
    width: int


def place(
    columns: Sequence[Column[R]], *, width: int, needs: Mapping[str, int], wide: bool = False, start: int = 0
) -> tuple[Placed[R], ...]:
    """The columns that survive in ``width`` cells, in screen order.

    ``needs`` is the widest text met for each column id; missing when no row was met. A column gets that much, at most
    its most, the important ones first; where its title and its texts are short, it does with less than its least.
    Optional columns without a text are not there.
    """
    offered = [column for column in columns if (wide or not column.wide) and _has_source(column, needs)]
    kept = _survivors(offered, width - start, needs)
    widths = _share(kept, width - start, needs)
    placed: list[Placed[R]] = []
    x = start
    for column in offered:
        if column.id in widths:
            placed.append(Placed(column, x, widths[column.id]))
            x += widths[column.id] + GAP
    return tuple(placed)


def _has_source(column: Column[R], needs: Mapping[str, int]) -> bool:
    return not column.optional or needs.get(column.id, 0) > 0


def _survivors(columns: Iterable[Column[R]], room: int, needs: Mapping[str, int]) -> list[Column[R]]:
    """By priority, while they fit: none takes the place of a more important one, which a wider screen would take back.
    An ``EXTRA`` column fits only in what the ones before it leave when none of them cuts a text."""
    kept: list[Column[R]] = []
    whole = room  # what is left when every column before has all it wants
    full = False
    for column in sorted(columns, key=lambda column: column.priority):
        needed = _least(column, needs) + (GAP if kept else 0)
        if column.priority < EXTRA:
            full = full or (needed > room and column.priority > 1)
        if needed <= whole if column.priority >= EXTRA else not full:
            room -= needed
            kept.append(column)
        whole -= _wanted(column, needs) + GAP
    return kept


def _wanted(column: Column[R], needs: Mapping[str, int]) -> int:
    """Cells in which no text met so far is cut, within the column's bounds."""
    return max(_least(column, needs), min(max(needs.get(column.id, 0), len(column.title) + 2), column.most))


def _least(column: Column[R], needs: Mapping[str, int]) -> int:
    """Nobody needs more than the widest of what is there, the title included."""
    return min(column.least, max(needs[column.id], len(column.title))) if column.id in needs else column.least


def _share(kept: Sequence[Column[R]], width: int, needs: Mapping[str, int]) -> dict[str, int]:
    """Least widths first, then what each needs, the important ones first."""
    widths = {column.id: _least(column, needs) for column in kept}
    spare = width - sum(widths.values()) - GAP * max(0, len(kept) - 1)
    for column in kept:
        more = min(_wanted(column, needs) - widths[column.id], max(0, spare))
        widths[column.id] += more
        spare -= more
    return widths

"""A table on a terminal: lesser columns left out and the longest texts cut, as on a screen, so that a row is one line.

Only where the whole table is wider than the terminal, and never in a pipe.
"""

from collections.abc import Collection, Sequence
from typing import TypeVar

from fleetui.model.table.column import Column
from fleetui.model.table.layout import GAP as SCREEN_GAP
from fleetui.model.table.layout import place

R = TypeVar("R")


def fitted(columns: Sequence[Column[R]], needs: Sequence[int], *, width: int, gap: int) -> dict[int, int]:
    """Which columns stay, by their position, each with its width. ``needs``: the widest text of each."""
    everything = dict(enumerate(needs))
    if _total(everything.values(), gap) <= width:
        return everything
    by_id = {column.id: need for column, need in zip(columns, needs, strict=True)}
    narrower = width - len(columns) * (gap - SCREEN_GAP)
    survivors = {placed.column.id for placed in place(columns, width=narrower, needs=by_id, wide=True)}
    kept = {at: need for at, need in everything.items() if columns[at].id in survivors}
    return _cut(kept, [column.least for column in columns], room=width - gap * (len(kept) - 1))


def _total(widths: Collection[int], gap: int) -> int:
    return sum(widths) + gap * (len(widths) - 1)


def _cut(needs: dict[int, int], least: Sequence[int], *, room: int) -> dict[int, int]:
    """The widest are cut to one common width, the largest with which all fit; none below its column's least."""

    def at_most(level: int) -> dict[int, int]:
        return {at: min(need, max(level, least[at])) for at, need in needs.items()}

    levels = range(max(needs.values()), 0, -1)
    return next((widths for level in levels if sum((widths := at_most(level)).values()) <= room), at_most(1))

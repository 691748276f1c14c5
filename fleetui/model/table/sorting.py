"""The keys by which rows are ordered: trouble first, or one column up or down; unknown always last."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.table.column import SortKey, Table
from fleetui.model.table.order import Key

R = TypeVar("R")

RANKS = {
    rank: index for index, rank in enumerate((Health.BROKEN, Health.WARNING, Health.BUSY, Health.UNKNOWN, Health.CALM))
}
"""0 is the worst."""
CALM = RANKS[Health.CALM]

TROUBLE = ""
"""Sorts by the verdict, then by name; or by what the table says comes first."""

_KNOWN, _UNKNOWN = 0, 1
_LAST = "\x7f"
"""Sorts after every turned ASCII character, so that a prefix comes after what it begins."""


class Sort(msgspec.Struct, frozen=True):
    """``column`` is a column's id, or ``TROUBLE``."""

    column: str = TROUBLE
    descending: bool = False

    def chosen(self, column: str) -> "Sort":
        """Another column ascending; the same one turned round; turned round twice is trouble first again."""
        if column != self.column or column == TROUBLE:
            return Sort(column)
        return Sort(TROUBLE) if self.descending else Sort(column, descending=True)


def key_maker(table: Table[R], sort: Sort) -> Callable[[R, int, str, str], Key]:
    """``(row, rank, tie, id) -> key``. Raises ValueError when there is no such column."""
    if sort.column == TROUBLE:
        return _unsorted(table)
    column = table.column(sort.column)
    if column is None:
        names = ", ".join(column.id for column in table.columns)
        raise ValueError(f"no column {sort.column!r}: write one of {names}")
    sort_key, turn = column.sort_key, turned if sort.descending else _same

    def key(row: R, _rank: int, tie: str, row_id: str) -> Key:
        value = sort_key(row)
        return (_UNKNOWN, tie, row_id) if value is None else (_KNOWN, turn(value), tie, row_id)

    return key


def _unsorted(table: Table[R]) -> Callable[[R, int, str, str], Key]:
    first = table.first
    if first is None:
        return lambda _row, rank, tie, row_id: (rank, tie, row_id)
    return lambda row, _rank, tie, row_id: (first(row), tie, row_id)


def turned(value: SortKey) -> SortKey:
    """A key that sorts the other way round."""
    if isinstance(value, str):
        return value.translate(_TURN) + _LAST
    return tuple(-part for part in value) if isinstance(value, tuple) else -value


def _same(value: SortKey) -> SortKey:
    return value


class _Turn(dict[int, int]):
    """ASCII stays ASCII, which keeps the keys small; the rest mirrors above it."""

    def __missing__(self, point: int) -> int:
        turned_point = 0x7F - point if point < 0x80 else 0x10FFFF - point + 0x80
        self[point] = turned_point
        return turned_point


_TURN = _Turn()

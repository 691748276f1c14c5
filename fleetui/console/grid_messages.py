"""What a grid tells the screen around it."""

from typing import Any

from textual.message import Message
from textual.widget import Widget

from fleetui.model.table.sorting import Sort
from fleetui.model.table.view import Counts


class GridMessage(Message):
    """Base of them: from which grid."""

    def __init__(self, grid: Widget) -> None:
        super().__init__()
        self.grid = grid

    @property
    def control(self) -> Widget:
        return self.grid


class RowMessage(GridMessage):
    """About a line. ``row`` is None on a headline or a folded line, and in an empty grid."""

    def __init__(self, grid: Widget, row_id: str | None, row: Any | None) -> None:
        super().__init__(grid)
        self.row_id = row_id
        self.row = row


class RowRested(RowMessage):
    """The cursor has rested on a row for a while, or the row that it rests on has changed."""


class RowChosen(RowMessage):
    """Enter, or a double click, on a row."""


class MarksChanged(GridMessage):
    """Rows were marked or unmarked, or marked ones have gone."""

    def __init__(self, grid: Widget, marks: frozenset[str]) -> None:
        super().__init__(grid)
        self.marks = marks


class SortChanged(GridMessage):
    """The rows are in another order."""

    def __init__(self, grid: Widget, sort: Sort) -> None:
        super().__init__(grid)
        self.sort = sort


class Settled(GridMessage):
    """A long piece of work has come to its end; the counts are final."""

    def __init__(self, grid: Widget, counts: Counts) -> None:
        super().__init__(grid)
        self.counts = counts

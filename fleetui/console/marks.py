"""The marked rows of a table, by their ids: they outlive filters and orders, and go with their rows. What an action is
about comes from here."""

from collections.abc import Iterable
from typing import Any

from fleetui.model.picture import Delta
from fleetui.model.table.section import RowLine
from fleetui.model.table.view import View


class Marks:
    def __init__(self, view: View[Any]) -> None:
        self._view = view
        self._ids: set[str] = set()
        self._anchor: str | None = None
        """The row that was marked last: a range begins there."""

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._ids

    def __bool__(self) -> bool:
        return bool(self._ids)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._ids)

    def toggle(self, row_id: str) -> None:
        self._ids ^= {row_id}
        self._anchor = row_id

    def add_range(self, line_id: str | None, *, at: int) -> None:
        """The rows from the last one that was marked to the line at this place."""
        start = self._view.index_of(self._anchor) if self._anchor is not None else None
        first, last = sorted((at if start is None else start, at))
        lines = self._view.window(first, last - first + 1)
        self._ids.update(line.id for line in lines if isinstance(line, RowLine))
        self._anchor = line_id

    def add_shown(self, line_id: str | None) -> None:
        """Every row that the filter lets through, folded ones too; the next range begins at this line."""
        self._ids.update(map(self._view.table.id, self._view.rows()))
        self._anchor = line_id

    def clear(self) -> None:
        self._ids.clear()
        self._anchor = None

    def drop(self, delta: Delta[Any]) -> bool:
        """What is gone is not marked. True when a mark went."""
        if not self._ids:
            return False
        gone = self._ids.difference(row_id for row_id, _ in delta.upserts) if delta.reset else delta.removes
        return self.remove(gone)

    def remove(self, row_ids: Iterable[str]) -> bool:
        """These alone. True when a mark went."""
        before = len(self._ids)
        self._ids.difference_update(row_ids)
        return len(self._ids) < before

    def hidden(self) -> tuple[Any, ...]:
        """The marked rows that stand on no line now: filtered away, or folded."""
        hidden = sorted(row_id for row_id in self._ids if self._view.index_of(row_id) is None)
        return tuple(row for row in map(self._view.row, hidden) if row is not None)

    def rows(self) -> tuple[Any, ...]:
        """In the order of the view, hidden ones last."""
        places = {row_id: self._view.index_of(row_id) for row_id in self._ids}
        ordered = sorted(places, key=lambda row_id: (places[row_id] is None, places[row_id] or 0, row_id))
        return tuple(row for row in map(self._view.row, ordered) if row is not None)

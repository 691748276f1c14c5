"""The marked rows of a table, by their ids: they outlive filters and orders, and go with their rows."""

from collections.abc import Iterable
from typing import Any

from fleetui.model.picture import Delta


class Marks:
    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._ids = set(ids)
        self.anchor: str | None = None
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
        self.anchor = row_id

    def add(self, ids: Iterable[str], *, anchor: str | None) -> None:
        self._ids.update(ids)
        self.anchor = anchor

    def clear(self) -> None:
        self._ids.clear()
        self.anchor = None

    def drop(self, delta: Delta[Any]) -> bool:
        """What is gone is not marked. True when a mark went."""
        if not self._ids:
            return False
        gone = self._ids.difference(row_id for row_id, _ in delta.upserts) if delta.reset else delta.removes
        before = len(self._ids)
        self._ids.difference_update(gone)
        return len(self._ids) < before

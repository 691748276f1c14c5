"""A list that stands still while somebody chooses from it: what would move a row waits, and is counted. Pure.

The hand that marks or aims must meet what the eye saw. What can be shown in its place is shown at once all the same: an
ack by a colleague, a value.
"""

from collections.abc import Callable
from typing import Any

from fleetui.model.picture import Delta

STILL_S = 5.0
"""After the cursor was moved by hand: long enough to read a row and to press the next key, short enough that a list
which nobody touches is never old."""

LOOKED_AT = 500
"""Rows of one delta whose places are compared: 6 ms. In a storm the rest waits unseen, as what moves does."""


class Held:
    """What waits. ``is_shown(row id)``: whether the list has it. ``stays(row id, row)``: whether it would show this row
    at the same place."""

    def __init__(self, *, is_shown: Callable[[str], bool], stays: Callable[[str, Any], bool]) -> None:
        self._is_shown = is_shown
        self._stays = stays
        self._rows: dict[str, Any] = {}
        self._gone: set[str] = set()

    @property
    def fresh(self) -> tuple[Any, ...]:
        """Rows that the list does not have."""
        return tuple(row for row_id, row in self._rows.items() if not self._is_shown(row_id))

    @property
    def moved(self) -> int:
        """Rows that belong to another place now, or that are gone."""
        return sum(self._is_shown(row_id) for row_id in self._rows) + len(self._gone)

    def __bool__(self) -> bool:
        return bool(self._rows or self._gone)

    def sift(self, delta: Delta[Any]) -> Delta[Any]:
        """Keeps what would move a row; gives back the rest. A reset is never kept: the list begins anew."""
        if delta.reset:
            self.release()
            return delta
        for row_id in delta.removes:
            self._rows.pop(row_id, None)
            if self._is_shown(row_id):
                self._gone.add(row_id)
        looked, rest = delta.upserts[:LOOKED_AT], delta.upserts[LOOKED_AT:]
        self._rows.update(rest)
        self._gone.difference_update(row_id for row_id, _ in rest)
        return Delta(upserts=tuple((row_id, row) for row_id, row in looked if self._may_be_shown(row_id, row)))

    def _may_be_shown(self, row_id: str, row: Any) -> bool:
        self._gone.discard(row_id)
        if self._stays(row_id, row):
            self._rows.pop(row_id, None)
            return True
        self._rows[row_id] = row
        return False

    def release(self) -> Delta[Any]:
        """All of it; nothing waits any more."""
        delta: Delta[Any] = Delta(upserts=tuple(self._rows.items()), removes=tuple(sorted(self._gone)))
        self._rows, self._gone = {}, set()
        return delta

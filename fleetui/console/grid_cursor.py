"""Where the cursor of a grid stands, and from which line on the screen shows the view. Pure: no widget, no time.

An action must never meet another object than the one that was looked at, whatever the table does meanwhile:

- ``FRESH``: nobody can have looked yet. The cursor stays on the first line, whatever comes in.
- ``SEEN``: it has stood on one row for a moment (the grid keeps the time). It holds this row while the row is on the
  screen; then it is fresh again. So a table that nobody has touched goes on showing its top, where the trouble is.
- ``HELD``: from the first key or click of any kind. It holds its row wherever that goes.

A row that is gone cannot be held: the cursor takes the line that stands for it (a fold, a headline), else the line at
its place. This, and every other move that no hand has made, is a slip: ``follow`` tells it, and for a moment nothing
acts on the row under the cursor, because the hand may have meant the one before.
"""

from enum import StrEnum
from typing import Any

from fleetui.model.table.view import Line, View


class Grip(StrEnum):
    FRESH = "fresh"
    SEEN = "seen"
    HELD = "held"


class GridCursor:
    """``id`` is that of the line it is on, ``at`` its place; ``top`` is the first line shown, of ``height``."""

    def __init__(self, view: View[Any]) -> None:
        self._view = view
        self.id: str | None = None
        self.at = 0
        self.top = 0
        self.height = 0
        self.grip = Grip.FRESH

    # By hand.

    def hold(self) -> None:
        """A key or a click of any kind."""
        self.grip = Grip.HELD

    def move_to(self, at: int) -> None:
        """To the line at this place, the last one at most; the window moves as little as it must."""
        self.hold()
        self._stand_at(at)
        self.show()

    def page(self, by: int) -> None:
        """The window and the cursor move together."""
        self._shift(by)
        self.move_to(self.at + by)

    def scroll(self, by: int) -> None:
        """The window moves; the cursor only as far as it must to stay inside."""
        self._shift(by)
        self.move_to(max(self.top, min(self.at, self.top + self.height - 1)))

    def show(self) -> None:
        """Brings the cursor's line into the window, once there is one."""
        if self.height <= 0:
            return
        if self.at < self.top:
            self.top = self.at
        elif self.at >= self.top + self.height:
            self.top = self.at - self.height + 1
        self._shift(0)

    # By itself.

    @property
    def lost(self) -> bool:
        """Its row is not shown just now: it is on its way to another place, or a filter has not come to it yet."""
        return self.id is not None and self._view.index_of(self.id) is None

    def see(self) -> None:
        """It has stood still for a moment."""
        if self.grip is Grip.FRESH and self.id is not None:
            self.grip = Grip.SEEN

    def follow(self) -> bool:
        """The lines have moved. True when it slipped: another line than before is under the cursor."""
        before = self.id
        at = self._place()
        if at is None:
            self._give_way()
        else:
            # Its row stays where the eye is, unless the top of the table is on screen: there the trouble comes in.
            if self.top > 0:
                self._shift(at - self.at)
            self.at = at
        self.show()
        return before is not None and self.id != before

    def _place(self) -> int | None:
        """Where the line is that it holds; None when there is none to hold."""
        if self.id is None or self.grip is Grip.FRESH:
            return None
        at = self._view.index_of(self.id)
        if self.grip is Grip.SEEN and at is not None and at >= self.height:
            return None
        return at

    def _give_way(self) -> None:
        if self.grip is not Grip.HELD or self.id is None:
            self.grip = Grip.FRESH
            self.top = 0
            self._stand_at(0)
        elif not self._view.is_coming(self.id):
            stand_in = self._view.stands_for(self.id)
            at = None if stand_in is None else self._view.index_of(stand_in)
            self._stand_at(self.at if at is None else at)

    def _stand_at(self, at: int) -> None:
        self.at = max(0, min(at, len(self._view) - 1))
        found: list[Line[Any]] = self._view.window(self.at, 1)
        self.id = found[0].id if found else None

    def _shift(self, by: int) -> None:
        self.top = max(0, min(self.top + by, len(self._view) - self.height))

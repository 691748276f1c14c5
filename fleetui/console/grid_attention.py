"""What an operator can have taken in of a grid: a cursor that rests, and a row that came under it by itself."""

from typing import Any

from textual.app import ScreenStackError
from textual.timer import Timer
from textual.widget import Widget

from fleetui.console.grid_cursor import GridCursor, Grip
from fleetui.console.grid_messages import RowRested
from fleetui.model.table.view import View

REST_S = 0.15
"""A cursor that stood this long rests: the inspector follows then, not at every key of a held-down arrow."""
SEEN_S = 0.5
"""A row that came under the cursor by itself has been seen after this long. A person needs a quarter of a second to see
a change and as long to keep a finger back that is already on its way."""


class Attention:
    """Follows the cursor of one grid, and keeps both times."""

    def __init__(self, grid: Widget, view: View[Any], cursor: GridCursor) -> None:
        self._grid = grid
        self._view = view
        self._cursor = cursor
        self._slipped = False
        self._sight: Timer | None = None
        self._rest: Timer | None = None
        self._rested_on: tuple[str | None, Any] = (None, None)

    @property
    def row(self) -> Any | None:
        """The one under the cursor."""
        return None if self._cursor.id is None else self._view.row(self._cursor.id)

    @property
    def slipped(self) -> bool:
        """Another row has come under the cursor by itself, just now: what a key is about may be the one before."""
        return self._slipped or self._cursor.lost

    def follow(self, *, by_hand: bool) -> None:
        """The lines have moved. ``by_hand``: an operator has asked for that, and looks at what becomes of it."""
        before = self._cursor.id
        slipped = self._cursor.follow()
        self._slipped |= slipped and not by_hand
        if self._grid.is_mounted and self._cursor.id != before:
            self._await_sight()

    def point(self) -> None:
        """Whoever points at a row means this one, whatever has slipped before."""
        self._slipped = False

    def uncovered(self) -> None:
        """The grid is shown again: what has come under the cursor meanwhile has not been seen yet."""
        if self._slipped or self._cursor.grip is Grip.FRESH:
            self._await_sight()

    def await_rest(self) -> None:
        """Tells, once it rests, where the cursor is and what its row says."""
        if (self._cursor.id, self.row) == self._rested_on or not self._grid.is_mounted:
            return
        if self._rest is None:
            self._rest = self._grid.set_timer(REST_S, self._rested)
        else:
            self._rest.reset()

    def _rested(self) -> None:
        self._rest = None
        self._rested_on = (self._cursor.id, self.row)
        self._grid.post_message(RowRested(self._grid, *self._rested_on))

    def _await_sight(self) -> None:
        """The row under the cursor came by itself: it takes a moment to be seen."""
        if self._sight is None:
            self._sight = self._grid.set_timer(SEEN_S, self._seen)
        else:
            self._sight.reset()

    def _seen(self) -> None:
        self._sight = None
        if self._is_shown():
            self._slipped = False
            self._cursor.see()

    def _is_shown(self) -> bool:
        try:
            return self._grid.screen is self._grid.app.screen
        except ScreenStackError:  # the app is being left
            return False

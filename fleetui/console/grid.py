"""The table on the screen: a window over a view, drawn line by line; only what changed is sent to the terminal.

The stock DataTable took 14.8 s to the first paint of 150,000 rows and sends the whole widget for one cell. Here the
rows stay in the view; the grid knows the lines that are on the screen, compares them cell by cell with what they should
be, and refreshes the regions that differ. The cursor and the marks belong to rows, not to places.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from fleetui.console import textual_compat
from fleetui.console.glyphs import UNICODE, Glyphs
from fleetui.console.grid_paint import Painter, Situation
from fleetui.console.grid_window import GridWindow
from fleetui.console.marks import Marks
from fleetui.model.picture import Delta
from fleetui.model.table.filter import FilterError, parse
from fleetui.model.table.section import RowLine
from fleetui.model.table.sorting import Sort
from fleetui.model.table.view import Change, Counts, Line, View

REST_S = 0.15
"""A cursor that stood this long rests: the inspector follows then, not at every key of a held-down arrow."""
WHEEL = 3


class FilterResult(msgspec.Struct, frozen=True):
    """What became of a filter. On an error the filter before it stays."""

    counts: Counts
    error: FilterError | None = None
    settled: bool = True
    """False: the counts go on growing while the rest is looked at."""


class Position(msgspec.Struct, frozen=True):
    """Where a grid stood, to come back to."""

    cursor: str | None
    marks: frozenset[str]
    top: int


class Grid(Widget, can_focus=True):
    """Shows a ``View``. Keys that move are its own; marking, choosing and sorting are methods for the commands."""

    DEFAULT_CSS = "Grid { width: 1fr; height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("ctrl+d", "half_page(1)", show=False),
        Binding("ctrl+u", "half_page(-1)", show=False),
        Binding("ctrl+f,pagedown", "page(1)", show=False),
        Binding("ctrl+b,pageup", "page(-1)", show=False),
        Binding("g,home", "edge(-1)", show=False),
        Binding("G,end", "edge(1)", show=False),
    ]

    class RowHighlighted(Message):
        """The cursor is on another line. ``row`` is None on a headline or a folded line, and in an empty grid."""

        def __init__(self, grid: "Grid", row_id: str | None, row: Any | None) -> None:
            super().__init__()
            self.grid = grid
            self.row_id = row_id
            self.row = row

        @property
        def control(self) -> "Grid":
            return self.grid

    class RowRested(RowHighlighted):
        """The cursor has rested on a row for a while, or the row that it rests on has changed."""

    class RowChosen(RowHighlighted):
        """Enter, or a double click, on a row."""

    class MarksChanged(Message):
        def __init__(self, grid: "Grid", marks: frozenset[str]) -> None:
            super().__init__()
            self.grid = grid
            self.marks = marks

    class SortChanged(Message):
        def __init__(self, grid: "Grid", sort: Sort) -> None:
            super().__init__()
            self.grid = grid
            self.sort = sort

    class Settled(Message):
        """A long piece of work has come to its end; the counts are final."""

        def __init__(self, grid: "Grid", counts: Counts) -> None:
            super().__init__()
            self.grid = grid
            self.counts = counts

    def __init__(
        self,
        view: View[Any],
        styles: Mapping[str, Style],
        *,
        now: Callable[[], float],
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(id=id)
        self._view = view
        self._styles = styles
        self._glyphs = glyphs
        self._now = now
        self._wide = False
        self._distrusted: frozenset[str] = frozenset()
        self._cursor: str | None = None
        self._cursor_at = 0
        self._placed = False
        """The operator has put the cursor somewhere; until then it stays on the first line."""
        self._top = 0
        self._marks = Marks()
        self._rest: Timer | None = None
        self._rested_on: tuple[str | None, Any] = (None, None)
        self._working = False
        self._worn: tuple[Style, tuple[Style, ...]] = (Style(), ())
        self._window = self._new_window(Style())

    # What is shown.

    @property
    def view(self) -> View[Any]:
        return self._view

    def set_view(self, view: View[Any]) -> None:
        """Another view, from the top and without marks."""
        self._view = view
        self._cursor, self._cursor_at, self._placed, self._top = None, 0, False, 0
        self._marks = Marks()
        self._restart()

    def restyle(self, styles: Mapping[str, Style], glyphs: Glyphs | None = None) -> None:
        """Another theme."""
        self._styles = styles
        self._glyphs = glyphs or self._glyphs
        self._restart()

    def apply(self, delta: Delta[Any]) -> None:
        """Takes in a (coalesced) delta and repaints what it changed on the screen."""
        change = self._view.apply(delta)
        if self._marks.drop(delta):
            self.post_message(self.MarksChanged(self, self.marks))
        self._window.measure([row for _, row in delta.upserts], self._now())
        self._after(change)

    def set_filter(self, text: str) -> FilterResult:
        """Shows the rows that match; the first screenful is painted at once. A wrong filter changes nothing."""
        try:
            wanted = parse(text, self._view.table)
        except FilterError as error:
            return FilterResult(self._view.counts, error, self._view.settled)
        self._view.now = self._now()
        self._view.refine(wanted)
        self._top = 0
        self._after(Change(moved=True))
        return FilterResult(self._view.counts, None, self._view.settled)

    def set_faults_only(self, only: bool) -> None:
        """Hides what is calm."""
        self._view.refine(self._view.filter, faults_only=only)
        self._after(Change(moved=True))

    def sort_by(self, column: str, *, descending: bool | None = None) -> None:
        """By a column's id or title, ``""`` for trouble first; the same again turns it round. Raises ValueError."""
        found = self._view.table.column(column) if column else None
        if column and found is None:
            raise ValueError(f"no column {column!r}")
        column_id = found.id if found else ""
        sort = self._view.sort.chosen(column_id) if descending is None else Sort(column_id, descending)
        self._view.arrange(sort)
        self._top = 0
        self._after(Change(moved=True))
        self.post_message(self.SortChanged(self, self._view.sort))

    def group_by(self, by: str) -> None:
        """``""`` for no groups. Raises ValueError with the choices."""
        self._view.arrange(by=by)
        self._after(Change(moved=True))

    def set_folding(self, folding: bool) -> None:
        """Whether calm rows fold into one line."""
        self._view.arrange(folding=folding)
        hidden_by = None if self._cursor is None else self._view.stands_for(self._cursor)
        if hidden_by is not None and self._cursor is not None and self._view.index_of(self._cursor) is None:
            self._cursor = hidden_by
        self._after(Change(moved=True))

    def set_wide(self, wide: bool) -> None:
        """All columns that fit, or the usual ones."""
        self._wide = wide
        self._window.lay_out(self.size.width, wide=wide)
        self._repaint()

    @property
    def wide(self) -> bool:
        return self._wide

    def set_distrusted(self, clusters: frozenset[str]) -> None:
        """Clusters whose rows may no longer be true: shown as stale, in tables that do not say it themselves."""
        if clusters != self._distrusted and self._view.table.follows_cluster:
            self._distrusted = clusters
            self._repaint()

    def tick(self) -> None:
        """Time has passed: ages are said anew where their coarse text differs. Call it a few times a minute."""
        self._after(self._view.tick(self._now()))
        self._repaint(afresh=True)

    # The cursor.

    @property
    def cursor(self) -> str | None:
        """Id of the line under the cursor."""
        return self._cursor

    @property
    def cursor_row(self) -> Any | None:
        return None if self._cursor is None else self._view.row(self._cursor)

    def go_to(self, line_id: str) -> bool:
        """Puts the cursor on a row; False when it is not shown."""
        at = self._view.index_of(line_id)
        if at is None:
            return False
        self._move_to(at)
        return True

    def action_move(self, by: int) -> None:
        self._move_to(self._cursor_at + by)

    def action_half_page(self, by: int) -> None:
        self._page(by * max(1, self._height // 2))

    def action_page(self, by: int) -> None:
        self._page(by * max(1, self._height - 1))

    def action_edge(self, to: int) -> None:
        self._move_to(0 if to < 0 else len(self._view) - 1)

    def choose(self) -> None:
        """Enter: opens or closes a headline or a folded line, and tells about a row."""
        if self._cursor is None:
            return
        if self._view.toggle(self._cursor):
            self._placed = True
            self._after(Change(moved=True))
        else:
            self.post_message(self.RowChosen(self, self._cursor, self.cursor_row))

    # The marks.

    @property
    def marks(self) -> frozenset[str]:
        return self._marks.ids

    def toggle_mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one line down."""
        row_id = self._cursor
        if row_id is not None and self._view.row(row_id) is not None:
            self._marks.toggle(row_id)
            self.post_message(self.MarksChanged(self, self.marks))
        self.action_move(1)

    def mark_range(self) -> None:
        """Marks the rows from the last one that was marked to the cursor."""
        start = self._view.index_of(self._marks.anchor) if self._marks.anchor is not None else None
        start = self._cursor_at if start is None else start
        first, last = sorted((start, self._cursor_at))
        lines = self._view.window(first, last - first + 1)
        self._marks.add((line.id for line in lines if isinstance(line, RowLine)), anchor=self._cursor)
        self._placed = True
        self._repaint()
        self.post_message(self.MarksChanged(self, self.marks))

    def clear_marks(self) -> None:
        if self._marks:
            self._marks.clear()
            self._repaint()
            self.post_message(self.MarksChanged(self, self.marks))

    def targets(self) -> tuple[Any, ...]:
        """What an action is about: the marked rows in the order of the view, hidden ones last; else the cursor's."""
        if not self._marks:
            return () if self.cursor_row is None else (self.cursor_row,)
        places = {row_id: self._view.index_of(row_id) for row_id in self.marks}
        ordered = sorted(places, key=lambda row_id: (places[row_id] is None, places[row_id] or 0, row_id))
        return tuple(row for row in map(self._view.row, ordered) if row is not None)

    @property
    def position(self) -> Position:
        return Position(self._cursor if self._placed else None, self.marks, self._top)

    def restore_position(self, position: Position) -> None:
        """Back to where a grid stood, as far as its rows are still there."""
        self._marks = Marks(row_id for row_id in position.marks if self._view.row(row_id) is not None)
        at = self._view.index_of(position.cursor) if position.cursor is not None else None
        if at is not None:
            self._top = position.top
            self._move_to(at)
        self._repaint()

    # Moving.

    @property
    def _height(self) -> int:
        """Lines below the heading."""
        return max(0, self.size.height - 1)

    def _page(self, by: int) -> None:
        self._top = self._clamp_top(self._top + by)
        self._move_to(self._cursor_at + by)

    def _move_to(self, at: int) -> None:
        self._placed = True
        self._stand_at(at)
        self._show_cursor()
        self._repaint()

    def _stand_at(self, at: int) -> None:
        """The cursor on the line at this place, or on the last one before it."""
        self._cursor_at = max(0, min(at, len(self._view) - 1))
        found = self._view.window(self._cursor_at, 1)
        self._set_cursor(found[0] if found else None)

    def _set_cursor(self, line: Line[Any] | None) -> None:
        cursor = None if line is None else line.id
        row = line.row if isinstance(line, RowLine) else None
        if cursor != self._cursor:
            self._cursor = cursor
            self.post_message(self.RowHighlighted(self, cursor, row))
        if (cursor, row) != self._rested_on and self.is_mounted:
            self._await_rest()

    def _await_rest(self) -> None:
        if self._rest is None:
            self._rest = self.set_timer(REST_S, self._rested)
        else:
            self._rest.reset()

    def _rested(self) -> None:
        self._rest = None
        row = self.cursor_row
        self._rested_on = (self._cursor, row)
        self.post_message(self.RowRested(self, self._cursor, row))

    def _clamp_top(self, top: int) -> int:
        return max(0, min(top, len(self._view) - self._height))

    def _show_cursor(self) -> None:
        """Scrolls as little as is needed."""
        if self._cursor_at < self._top:
            self._top = self._cursor_at
        elif self._cursor_at >= self._top + self._height:
            self._top = self._cursor_at - self._height + 1
        self._top = self._clamp_top(self._top)

    # Following the data.

    def _after(self, change: Change) -> None:
        if change.moved:
            self._follow()
        if change:
            self._note_cursor_row()
            self._repaint()
        self._work_on()

    def _follow(self) -> None:
        """The cursor stays on its row, and its row stays where the eye is, unless the top of the table is on screen."""
        if not self._placed or self._cursor is None:
            self._stand_at(0)
            self._top = 0
            return
        at = self._view.index_of(self._cursor)
        if at is None:
            self._stand_at(self._cursor_at)
        else:
            if self._top > 0:
                self._top = self._clamp_top(self._top + at - self._cursor_at)
            self._cursor_at = at
        self._show_cursor()

    def _note_cursor_row(self) -> None:
        if self._cursor is not None and (self._cursor, self.cursor_row) != self._rested_on and self.is_mounted:
            self._await_rest()

    def _work_on(self) -> None:
        """Long work goes on between two messages, so that a key never waits for it."""
        if not self._working and not self._view.settled:
            self._working = True
            self.call_later(self._work)

    def _work(self) -> None:
        self._working = False
        change = self._view.advance()
        if self._view.settled:
            self.post_message(self.Settled(self, self._view.counts))
        self._after(change)

    # Painting.

    def on_mount(self) -> None:
        textual_compat.install()
        self._restart()
        self._work_on()

    def on_resize(self, _: Resize) -> None:
        self._window.lay_out(self.size.width, wide=self._wide)
        self._show_cursor()
        self._repaint()
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted and self._look() != self._worn:
            self._restart()

    def _restart(self) -> None:
        """Everything anew: another view or theme."""
        self._worn = base, _ = self._look()
        self._window = self._new_window(base)
        self._follow()
        self._repaint()
        self.refresh()

    def _new_window(self, base: Style) -> GridWindow:
        painter = Painter(self._view.table, self._styles, self._glyphs, base)
        return GridWindow(self._view, painter, now=self._now(), width=self.size.width, wide=self._wide)

    def _look(self) -> tuple[Style, tuple[Style, ...]]:
        """What a theme decides: when it is the same, an update of styles (focus, hover) repaints nothing."""
        return self._base_style(), tuple(self._styles.values())

    def _base_style(self) -> Style:
        """The colours of the widget; the terminal's own are not said at all."""
        rich = self.rich_style
        color = rich.color if rich.color is not None and not rich.color.is_default else None
        bgcolor = rich.bgcolor if rich.bgcolor is not None and not rich.bgcolor.is_default else None
        return Style(color=color, bgcolor=bgcolor)

    def _repaint(self, *, afresh: bool = False) -> None:
        """Paints the window and refreshes the regions that differ from what is on the screen."""
        if self.is_mounted and self.size.width:
            now = self._now()
            for region in self._window.repaint(self._top, self._height, self._situation, now=now, afresh=afresh):
                self.refresh(region)

    def _situation(self, line: Line[Any]) -> Situation:
        stale = bool(self._distrusted) and isinstance(line, RowLine) and self._is_distrusted(line.row)
        return Situation(line.id == self._cursor, line.id in self._marks, stale)

    def _is_distrusted(self, row: Any) -> bool:
        return self._view.table.cluster(row) in self._distrusted

    def render_line(self, y: int) -> Strip:
        return self._window.strip(y)

    # The mouse.

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL)

    def _scroll(self, by: int) -> None:
        """The window moves; the cursor only as far as it must to stay inside."""
        self._top = self._clamp_top(self._top + by)
        inside = max(self._top, min(self._cursor_at, self._top + self._height - 1))
        self._move_to(inside)

    def on_click(self, event: Click) -> None:
        if event.y == 0:
            column = self._window.column_at(event.x)
            if column is not None:
                self.sort_by(column)
        elif event.y <= len(self._window):
            self._move_to(self._top + event.y - 1)
            if event.chain == 2:
                self.choose()

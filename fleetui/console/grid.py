"""The table on the screen: a window over a view, drawn line by line; only what changed is sent to the terminal.

The stock DataTable took 14.8 s to the first paint of 150,000 rows and sends the whole widget for one cell. Here the
rows stay in the view; the grid knows the lines that are on the screen, compares them cell by cell with what they should
be, and refreshes the regions that differ. The cursor and the marks belong to rows, not to places (``grid_cursor``).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import msgspec
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from fleetui.console import ink, textual_compat
from fleetui.console.glyphs import UNICODE, Glyphs
from fleetui.console.grid_attention import Attention
from fleetui.console.grid_cursor import GridCursor, Grip
from fleetui.console.grid_messages import MarksChanged, RowChosen, Settled, SortChanged
from fleetui.console.grid_paint import GUTTER, Painter, Situation
from fleetui.console.grid_window import GridWindow
from fleetui.console.marks import Marks
from fleetui.model.picture import Delta
from fleetui.model.table.filter import FilterError, parse
from fleetui.model.table.section import RowLine
from fleetui.model.table.sorting import Sort
from fleetui.model.table.view import Change, Counts, Line, View

WHEEL = 3
WORDS_FROM = 2
"""Line of the screen where the words of an empty table begin."""

Words = Callable[[int], tuple[ink.Line, ...]]
"""Given the width in cells."""


class FilterResult(msgspec.Struct, frozen=True):
    """What became of a filter. On an error the filter before it stays."""

    counts: Counts
    error: FilterError | None = None
    settled: bool = True
    """False: the counts go on growing while the rest is looked at."""


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
        self._distrusted: Mapping[str, float | None] = {}
        self._cursor = GridCursor(view)
        self._attention = Attention(self, view, self._cursor)
        self._marks = Marks(view)
        self._working = False
        self.when_empty: Words = lambda _: ()
        """What stands in the place of the rows when there is none to show."""
        self._words: tuple[ink.Line, ...] = ()
        self._worn: tuple[Style, tuple[Style, ...]] = (Style(), ())
        self._fitted = Size(0, 0)
        self._window = self._new_window(Style())

    # What is shown.

    @property
    def view(self) -> View[Any]:
        return self._view

    def apply(self, delta: Delta[Any]) -> None:
        """Takes in a (coalesced) delta and repaints what it changed on the screen."""
        change = self._view.apply(delta)
        if self._marks.drop(delta):
            self.post_message(MarksChanged(self, self.marks))
        self._window.measure([row for _, row in delta.upserts], self._now())
        self._after(change, by_hand=False)

    def set_filter(self, text: str) -> FilterResult:
        """Shows the rows that match; the first screenful is painted at once. A wrong filter changes nothing."""
        try:
            wanted = parse(text, self._view.table)
        except FilterError as error:
            return FilterResult(self._view.counts, error, self._view.settled)
        self._view.now = self._now()
        self._view.refine(wanted)
        self._cursor.top = 0
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
        self._cursor.top = 0
        self._after(Change(moved=True))
        self.post_message(SortChanged(self, self._view.sort))

    def group_by(self, by: str) -> None:
        """``""`` for no groups. Raises ValueError with the choices."""
        self._view.arrange(by=by)
        self._after(Change(moved=True))

    def set_folding(self, folding: bool) -> None:
        """Whether calm rows fold into one line."""
        self._view.arrange(folding=folding)
        self._after(Change(moved=True))

    def set_wide(self, wide: bool) -> None:
        """All columns that fit, or the usual ones."""
        self._wide = wide
        self._window.lay_out(self.size.width, wide=wide)
        self._repaint()

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the columns that are shown."""
        return self._window.columns

    @property
    def wide(self) -> bool:
        return self._wide

    def set_distrusted(self, clusters: Mapping[str, float | None]) -> None:
        """Clusters whose rows may no longer be true, and when each was last heard (Unix seconds; None: nobody knows).
        Their rows are shown as last known, in tables that do not say it themselves."""
        if clusters != self._distrusted and self._view.table.follows_cluster:
            self._distrusted = clusters
            self._repaint()

    def tick(self) -> None:
        """Time has passed: ages are said anew where their coarse text differs. Call it a few times a minute."""
        self._after(self._view.tick(self._now()), by_hand=False)
        self._repaint(afresh=True)

    def say_why_empty(self) -> None:
        """The reason may be another one now."""
        if self._words != (words := self._why_empty()):
            self._words = words
            self.refresh()

    def _why_empty(self) -> tuple[ink.Line, ...]:
        return () if len(self._view) or not self.is_mounted else self.when_empty(max(1, self.size.width - GUTTER))

    def shown_rows(self) -> tuple[Any, ...]:
        """The rows that stand on the screen now."""
        lines = self._view.window(self._cursor.top, self._height)
        return tuple(line.row for line in lines if isinstance(line, RowLine))

    def say_again(self) -> None:
        """Something beside the rows has changed that cells show: those that read otherwise now are painted."""
        self._repaint(afresh=True)

    # The cursor.

    @property
    def cursor(self) -> str | None:
        """Id of the line under the cursor."""
        return self._cursor.id

    @property
    def cursor_row(self) -> Any | None:
        return self._attention.row

    @property
    def grip(self) -> Grip:
        """How firmly the cursor holds its row."""
        return self._cursor.grip

    @property
    def slipped(self) -> bool:
        """Another row has come under the cursor by itself, just now: what a key is about may be the one before."""
        return self._attention.slipped

    def go_to(self, line_id: str) -> bool:
        """Puts the cursor on a row; False when it is not shown."""
        at = self._view.index_of(line_id)
        if at is None:
            return False
        self._point_at(at)
        return True

    def on_key(self, _: Key) -> None:
        """From the first key on the cursor holds its row; it comes here before any command that the key runs."""
        self._cursor.hold()

    def action_move(self, by: int) -> None:
        self._move_to(self._cursor.at + by)

    def action_half_page(self, by: int) -> None:
        self._cursor.page(by * max(1, self._height // 2))
        self._moved()

    def action_page(self, by: int) -> None:
        self._cursor.page(by * max(1, self._height - 1))
        self._moved()

    def action_edge(self, to: int) -> None:
        self._move_to(0 if to < 0 else len(self._view) - 1)

    def choose(self) -> None:
        """Enter: opens or closes a headline or a folded line, and tells about a row."""
        if self.cursor is None:
            return
        self._cursor.hold()
        if self._view.toggle(self.cursor):
            self._after(Change(moved=True))
        else:
            self.post_message(RowChosen(self, self.cursor, self.cursor_row))

    # The marks.

    @property
    def marks(self) -> frozenset[str]:
        return self._marks.ids

    def toggle_mark(self) -> None:
        """Marks or unmarks the row under the cursor and goes one line down."""
        row_id = self.cursor
        if row_id is not None and self._view.row(row_id) is not None:
            self._marks.toggle(row_id)
            self.post_message(MarksChanged(self, self.marks))
        self.action_move(1)

    def mark_range(self) -> None:
        """Marks the rows from the last one that was marked to the cursor."""
        self._marks.add_range(self.cursor, at=self._cursor.at)
        self._cursor.hold()
        self._marks_changed()

    def mark_shown(self) -> None:
        """Marks every row that the filter lets through, folded ones too."""
        self._marks.add_shown(self.cursor)
        self._cursor.hold()
        self._marks_changed()

    def clear_marks(self) -> None:
        if self._marks:
            self._marks.clear()
            self._marks_changed()

    def unmark(self, row_ids: Iterable[str]) -> None:
        """These alone."""
        if self._marks.remove(row_ids):
            self._marks_changed()

    def _marks_changed(self) -> None:
        self._repaint()
        self.post_message(MarksChanged(self, self.marks))

    def hidden_marks(self) -> tuple[Any, ...]:
        """The marked rows that stand on no line now: filtered away, or folded."""
        return self._marks.hidden()

    def targets(self) -> tuple[Any, ...]:
        """What an action is about: the marked rows in the order of the view, hidden ones last; else the cursor's."""
        if not self._marks:
            return () if self.cursor_row is None else (self.cursor_row,)
        return self._marks.rows()

    def of_headline(self) -> tuple[Any, ...]:
        """The rows that the headline or the folded line under the cursor stands for; none on a row."""
        return () if self.cursor is None else self._view.rows_of(self.cursor)

    # Moving.

    @property
    def _height(self) -> int:
        """Lines below the heading."""
        return max(0, self.size.height - 1)

    def _move_to(self, at: int) -> None:
        self._cursor.move_to(at)
        self._moved()

    def _point_at(self, at: int) -> None:
        """Whoever points at a row means this one, whatever has slipped before."""
        self._attention.point()
        self._move_to(at)

    def _moved(self) -> None:
        self._attention.await_rest()
        self._repaint()

    def uncovered(self) -> None:
        """The screen is shown again: what has come under the cursor meanwhile has not been seen yet."""
        self._attention.uncovered()

    # Following the data.

    def _after(self, change: Change, *, by_hand: bool = True) -> None:
        """``by_hand``: an operator has asked for the change, and looks at what becomes of it."""
        if change.moved:
            self._attention.follow(by_hand=by_hand)
        if change:
            self._attention.await_rest()
            self._repaint()
        self._work_on()

    def _work_on(self) -> None:
        """Long work goes on after what is there has been painted, slice by slice, so that neither a paint nor a key
        waits for it."""
        if not self._working and not self._view.settled:
            self._working = True
            self.call_after_refresh(self._work)

    def _work(self) -> None:
        self._working = False
        change = self._view.advance()
        if self._view.settled:
            self.post_message(Settled(self, self._view.counts))
        self._after(change, by_hand=False)

    # Painting.

    def on_mount(self) -> None:
        textual_compat.install()
        self._restart()
        self._work_on()

    def on_resize(self, _: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        """Another size has other columns and lines. It is painted before its event comes: whoever is first."""
        if self._fitted == self.size:
            return
        self._fitted = self.size
        self._window.lay_out(self.size.width, wide=self._wide)
        self._cursor.height = self._height
        self._cursor.show()
        for _ in self._window.repaint(self._cursor.top, self._height, self._situation, now=self._now()):
            pass  # all of it is painted: Textual has seen the size too
        self._words = self._why_empty()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted and self._look() != self._worn:
            self._restart()

    def _restart(self) -> None:
        """Everything anew: another theme."""
        self._worn = base, _ = self._look()
        self._window = self._new_window(base)
        self._attention.follow(by_hand=True)
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
            regions = self._window.repaint(self._cursor.top, self._height, self._situation, now=now, afresh=afresh)
            if differs := tuple(regions):  # told at once: each telling costs as much as some cells; none means all
                self.refresh(*differs)
            self.say_why_empty()

    def _situation(self, line: Line[Any]) -> Situation:
        cluster = self._view.table.cluster(line.row) if self._distrusted and isinstance(line, RowLine) else None
        stale = cluster is not None and cluster in self._distrusted
        as_of = self._distrusted[cluster] if cluster is not None and stale else None
        return Situation(line.id == self.cursor, line.id in self._marks, stale, as_of)

    def render_lines(self, crop: Region) -> list[Strip]:
        """As Textual's, which looks at each line anew for borders, padding, tint and opacity: a grid has none, and a
        whole page costs a fifth less."""
        strips = [self.render_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips if crop.width == self.size.width else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        self._fit()
        if y < WORDS_FROM or y - WORDS_FROM >= len(self._words):
            return self._window.strip(y)
        said = ((" " * GUTTER, "text"), *self._words[y - WORDS_FROM])
        return ink.strip(said, self._styles, self.size.width, self._worn[0])

    # The mouse.

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL)

    def _scroll(self, by: int) -> None:
        self._cursor.scroll(by)
        self._moved()

    def on_click(self, event: Click) -> None:
        if event.y == 0:
            column = self._window.column_at(event.x)
            if column is not None:
                self.sort_by(column)
        elif event.y <= len(self._window):
            self._point_at(self._cursor.top + event.y - 1)
            if event.chain == 2:
                self.choose()

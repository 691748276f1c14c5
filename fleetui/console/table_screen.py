"""A screen around one table: grid, inspector, filter, marks, sorting. The screens differ in their data only."""

from collections.abc import Iterator, Set
from typing import Any, ClassVar

import msgspec
from textual import on
from textual.widget import Widget

from fleetui.console.command import Item, PromptKind, TableFace
from fleetui.console.emptiness import all_hidden
from fleetui.console.feeding import Feeding
from fleetui.console.filter_help import FILTER_HELP
from fleetui.console.frame import Frame, Go, Refocused
from fleetui.console.grid import FilterResult, Grid
from fleetui.console.grid_messages import MarksChanged, RowChosen, RowRested, Settled
from fleetui.console.headline import cluster_trust_line, standing, trust_line
from fleetui.console.ink import Line, join, line, spread, width
from fleetui.console.narrowing import Narrowing, counted_line, narrowing_line
from fleetui.console.newspaper import in_two_columns
from fleetui.console.page import Page
from fleetui.console.prompt import Prompt
from fleetui.console.session import Session
from fleetui.console.views import View
from fleetui.model.freshness import Trust
from fleetui.model.picture import Delta, Row
from fleetui.model.table.column import Table
from fleetui.model.table.grammar import suggest
from fleetui.model.table.sorting import TROUBLE
from fleetui.model.table.view import View as TableView

LOW_LINES = 5
"""Lines of the inspector below the table (``app.tcss``: one more for its border)."""
HIGH_CELLS = 50
"""The inspector beside the table is no wider than this; only below it there is room for two columns."""


class TableScreen(Frame):
    """Implements ``TableFace``. Subclasses say which table, and what the inspector shows of a row."""

    TABLE: ClassVar[Table[Any]]
    FOLDING: ClassVar[bool] = False

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._rows = TableView(self.columns(), now=session.clock.now(), folding=self.FOLDING)
        self._grid = Grid(self._rows, session.styles, now=session.clock.now, glyphs=session.glyphs, id="grid")
        self._grid.when_empty = self._why_empty
        self._inspector = Page(session.styles, id="inspector")
        self._inspector.can_focus = False
        self._wanted = view.query
        """The filter to begin with, once there is a table."""
        self._query = ""
        self._tried = ""
        """What the rows are filtered by: ``_query``, or while one is typed the last text that made sense."""
        self._faults = False
        self._feeding = self.feeding()

    def columns(self) -> Table[Any]:
        """The table with the columns that make sense here."""
        return self.TABLE

    def feeding(self) -> Feeding | None:
        """Where the rows come from; None when the screen feeds itself."""
        return None

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        """The inspector's text of one row."""
        raise NotImplementedError

    def summary(self, cells: int) -> tuple[Line, ...]:  # noqa: ARG002 - subclasses sum up
        """The inspector's text on a headline, on a folded line and in an empty table."""
        return ()

    def nothing(self, cells: int) -> tuple[Line, ...]:
        """Why there is no row at all, and what to do about it."""
        raise NotImplementedError

    def is_known(self) -> bool:
        """False while nobody can say how many rows there are, so that none is not 0."""
        return True

    def is_whole(self) -> bool:
        """False while there may be more rows than anybody has told of."""
        return True

    def is_mine(self, row: Any) -> bool:  # noqa: ARG002 - subclasses narrow
        """Whether a row belongs to what this screen is narrowed to."""
        return True

    def body(self) -> Iterator[Widget]:
        yield self._grid
        yield self._inspector

    @property
    def table(self) -> TableFace:
        return self

    @property
    def rows(self) -> TableView[Any]:
        return self._rows

    # Life.

    def begin(self) -> None:
        super().begin()
        self.clusters_changed()
        self._grid.focus()
        if self._feeding is not None:
            self._feeding.start()
        self.narrow(self._wanted)

    def appear(self) -> None:
        super().appear()
        self._grid.uncovered()
        if self._feeding is not None:
            self._feeding.start()

    def disappear(self) -> None:
        super().disappear()
        if self._feeding is not None:
            self._feeding.pause()

    def close(self) -> None:
        super().close()
        if self._feeding is not None:
            self._feeding.close()

    def take(self, delta: Delta[Row]) -> None:
        """Rows of the feed into the grid; those of other clusters or machines are not this screen's."""
        mine = tuple((row_id, row) for row_id, row in delta.upserts if self.is_mine(row))
        gone = tuple(row_id for row_id, row in delta.upserts if not self.is_mine(row)) if not delta.reset else ()
        self.apply(msgspec.structs.replace(delta, upserts=mine, removes=(*delta.removes, *gone)))

    def apply(self, delta: Delta[Any]) -> None:
        """Rows into the grid, counts into the headlines."""
        self._grid.apply(delta)
        self.refresh_headlines()
        if self.built and any(row_id == self._grid.cursor for row_id, _ in delta.upserts):
            self.inspect_again()  # beside a row that has changed, the inspector must not say what it was

    def clusters_changed(self) -> None:
        """Rows of a cluster that is not live may no longer be true."""
        clusters = self.session.clusters.items()
        self._grid.set_distrusted({name: row.last_contact for name, row in clusters if row.trust is not Trust.LIVE})
        self._grid.say_why_empty()
        self.refresh_headlines()
        if self.built and self._grid.cursor_row is not None:
            self.inspect_again()

    def tick(self) -> None:
        self._grid.tick()
        self.inspect_again()
        super().tick()

    def focus_body(self) -> None:
        self._grid.focus()

    # What the grid says.

    @on(RowRested)
    def _rested(self) -> None:
        self.inspect_again()

    @on(MarksChanged)
    def _marked(self) -> None:
        self.refresh_headlines()
        self.refresh_keys()

    @on(Settled)
    def _counted(self) -> None:
        self.refresh_headlines()
        if self._prompt.is_open and self.prompting == "/" and self._tried == self._prompt.text.strip():
            self._prompt.hint(self._shown_line())

    @on(RowChosen)
    def _chosen(self, event: RowChosen) -> None:
        view = self.view_below(event.row)
        if view is not None:
            self.post_message(Go(view))

    def view_below(self, row: Any) -> View | None:  # noqa: ARG002 - subclasses lead on
        """Where enter leads from a row."""
        return None

    def inspect_again(self) -> None:
        """The inspector as things stand now; unchanged lines are not painted."""
        row = self._grid.cursor_row

        def said(cells: int) -> tuple[Line, ...]:
            return self.inspect(row, cells) if row is not None else self.summary(cells)

        def low(cells: int) -> tuple[Line, ...]:
            return in_two_columns(said, cells=cells, height=LOW_LINES) if cells > HIGH_CELLS else said(cells)

        self._inspector.show(low)
        self.refresh_keys()

    def _why_empty(self, cells: int) -> tuple[Line, ...]:
        counts = self._rows.counts
        if not counts.total:
            return self.nothing(cells)
        return all_hidden(
            self.TABLE.name, counts, query=self._tried, faults=self._faults, settled=self._rows.settled,
            change=self.session.key_of("look.filter"),
        )  # fmt: skip

    # The filter.

    def narrow(self, query: str) -> None:
        """A query that makes no sense leaves the one before it."""
        if not self.built:
            self._wanted = query
            return
        result = self._refine(query)
        self._judge(result)
        if result.error is not None and not self._prompt.is_open:
            self.call_later(self.flash, str(result.error), "danger")

    def _refine(self, query: str) -> FilterResult:
        """Makes the query the filter. One that makes no sense leaves the filter before it, and nothing half-typed."""
        result = self._try(query)
        if result.error is None:
            self._query = self._tried
            self.post_message(Refocused())
        elif self._tried != self._query:
            self._try(self._query)
        return result

    def _try(self, query: str) -> FilterResult:
        """Shows the rows of a query, while it is typed; one that makes no sense (yet) changes nothing."""
        result = self._grid.set_filter(query)
        if result.error is None:
            self._tried = query.strip()
        return result

    @property
    def query_text(self) -> str:
        """The filter in force; of a screen that is only coming, the one that it will open with."""
        return self._query if self.built else self._wanted

    def complete(self, text: str) -> tuple[str, ...]:
        if self.prompting == ":":
            return super().complete(text)
        before, blank, last = text.rpartition(" ")
        names = suggest(text, self.TABLE) if last else ()
        return tuple(f"{before}{blank}{name}=" for name in names if name.startswith(last) and "=" not in last)

    def prompt(self, kind: PromptKind, text: str = "") -> None:
        before = f"{self._query} " if kind == "/" and self._query else ""
        super().prompt(kind, text or before)

    def typed(self, kind: PromptKind, text: str) -> None:
        if kind == "/":
            self._judge(self._try(text))

    @on(Prompt.Done)
    def _typed_out(self, event: Prompt.Done) -> None:
        """A refused filter stays in the prompt, with what is wrong with it."""
        if event.kind == "/":
            result = self._refine(event.text)
            if result.error is None:
                self._prompt.close()
            self._judge(result)

    @on(Prompt.Cancelled)
    def _typed_in_vain(self, event: Prompt.Cancelled) -> None:
        if event.kind == "/":
            self._judge(self._try(self._query))

    def _judge(self, result: FilterResult) -> None:
        """What became of the filter, beside what is typed; a wrong one says where and what instead."""
        if result.error is not None:
            self._prompt.hint(line((f" {result.error} ", "danger")))
        else:
            self._prompt.hint(self._shown_line())
        self.refresh_headlines()

    # TableFace.

    def current(self) -> Item | None:
        row: Item | None = self._grid.cursor_row
        return row

    def can_open(self) -> bool:
        return self._grid.cursor is not None

    def doubt(self) -> str:
        return "the row under the cursor has just changed: look, then press again" if self._grid.slipped else ""

    def marked(self) -> bool:
        return bool(self._grid.marks)

    def chosen(self) -> tuple[Item, ...]:
        return self._grid.targets()

    def hidden(self) -> tuple[Item, ...]:
        return self._grid.hidden_marks()

    def hidden_by(self) -> str:
        return "the filter" if self._query or self._faults else "a fold"

    def drill(self) -> None:
        self._grid.choose()

    def toggle_mark(self) -> None:
        self._grid.toggle_mark()

    def mark_range(self) -> None:
        self._grid.mark_range()

    def clear_marks(self) -> None:
        self._grid.clear_marks()

    def unmark(self, uids: Set[str]) -> None:
        marked = ((row_id, self._rows.row(row_id)) for row_id in self._grid.marks)
        self._grid.unmark(row_id for row_id, row in marked if row is not None and row.uid in uids)

    def escape(self) -> bool:
        if self._query:
            self.narrow("")
        elif self._faults:
            self.toggle_faults()
        elif self._grid.marks:
            self._grid.clear_marks()
        else:
            return False
        return True

    def toggle_faults(self) -> None:
        self._faults = not self._faults
        self._grid.set_faults_only(self._faults)
        self.refresh_headlines()

    def toggle_wide(self) -> None:
        """More columns, in the inspector's place too; a word when there is no room for one more."""
        before, wide = self._grid.columns, not self._grid.wide
        self._grid.set_wide(wide)
        self._inspector.display = not wide

        def tell() -> None:
            if wide and self._grid.columns == before:
                self.flash(f"no room for more columns at {self.size.width} cells", "muted")

        self.call_after_refresh(tell)

    def toggle_calm(self) -> None:
        self._grid.set_folding(not self._rows.folding)

    def sort_choices(self) -> tuple[tuple[str, str, str], ...]:
        columns = ((column.id, column.title, column.doc) for column in self.TABLE.columns)
        return (("", "TROUBLE", "Trouble first, then by name."), *columns)

    def sort(self, column: str) -> None:
        """``trouble``, or what the chooser lists first, is the order of the beginning."""
        beginning = ("trouble", self.sort_choices()[0][1].lower())
        self._grid.sort_by("" if column.lower() in beginning else column)
        self.refresh_headlines()

    def group(self, by: str) -> None:
        self._grid.group_by("" if by in ("", "none") else by)

    # Lines 1 and 2.

    def counts(self) -> Line:
        marks = len(self._grid.marks)
        total = self._rows.counts.total
        more = "" if self.is_whole() else "+"
        number = f"{total:,}{more}" if total or self.is_known() else "?"
        said = line((f"{number} {self.TABLE.name.removesuffix('s') if total == 1 else self.TABLE.name}", "muted"))
        return join([said, line((f"{self.session.glyphs.mark} {marks} marked", "mark")) if marks else ()], "  ")

    def trust(self, cells: int) -> Line:
        now, glyphs, clusters = self.session.clock.now(), self.session.glyphs, self.session.clusters
        if self.view.cluster:
            cluster = clusters.get(self.view.cluster)
            return cluster_trust_line(cluster, now=now, glyphs=glyphs, cells=cells)
        return trust_line(standing(clusters.values()), now=now, glyphs=glyphs, cells=cells)

    def is_late(self) -> bool:
        return standing(self.session.clusters.values()).late

    def second_line(self, cells: int) -> Line:
        """A filter is in sight on every table and at every size: it has at least half of the line."""
        told = self._narrowing()
        key, glyphs = self.session.key_of("go.back"), self.session.glyphs
        if not told.hides and not told.hidden and not told.order:
            return self.trust(cells)
        room = max(cells - width(self.trust(cells)) - 1, cells // 2)
        said = narrowing_line(told, key=key, glyphs=glyphs, cells=room)
        return spread(self.trust(cells - width(said) - 1), said, cells)

    def _narrowing(self) -> Narrowing:
        counts, order = self._rows.counts, self._rows.sort
        return Narrowing(
            shown=counts.shown, total=counts.total, query=self._query, faults=self._faults,
            unknown=counts.unknown, counting=not self._rows.settled,
            marks=len(self._grid.marks), hidden=len(self._grid.hidden_marks()), hidden_by=self.hidden_by(),
            order="" if order.column == TROUBLE else f"{order.column}{', last first' if order.descending else ''}",
        )  # fmt: skip

    def _shown_line(self) -> Line:
        return counted_line(self._narrowing(), self.session.glyphs)

    def help_sections(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        columns = tuple((column.id, column.doc) for column in self.TABLE.columns)
        words = tuple((word, state.doc) for word, state in self.TABLE.words.items())
        states = ((f"Words of {self.TABLE.name}", words),) if words else ()
        return (("Filter", FILTER_HELP), *states, (f"Columns of {self.TABLE.name}", columns))


def without(table: Table[Any], *columns: str) -> Table[Any]:
    """The table less some columns."""
    return msgspec.structs.replace(table, columns=tuple(column for column in table.columns if column.id not in columns))

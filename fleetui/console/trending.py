"""A table whose rows show their last hour: one sparkline a row, the row's other figures in the inspector.

What is asked follows what is seen: the rows on the screen, in one question, again when others come into sight.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from textual.timer import Timer

from fleetui.console.ink import Line
from fleetui.console.session import Session
from fleetui.console.sparkline import Sparklines, after_first, wished
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.console.working import start
from fleetui.model.chart.subject import Wish
from fleetui.model.table.column import Table

LOOK_S = 0.5
"""How soon rows that have come into sight are asked for: a held-down arrow asks for nothing."""
BEFORE = "source"
"""The column before which the sparkline stands."""


class Trending(TableScreen):
    """Subclasses say what of a row is drawn. Without any source of metrics there is no such column."""

    def __init__(self, session: Session, view: View) -> None:
        self._sparks = Sparklines(session)
        self._looking: Timer | None = None
        self._seen: tuple[Wish, ...] = ()
        self._charted = session.charts is not None
        super().__init__(session, view)

    def wish(self, row: Any) -> Wish | None:
        """The figure that decided the row's verdict."""
        raise NotImplementedError

    def wishes_beside(self, row: Any) -> Sequence[Wish]:  # noqa: ARG002 - subclasses have some
        """Further figures of the row, for the inspector."""
        return ()

    def columns(self) -> Table[Any]:
        if not self._charted:
            return self.TABLE
        columns = list(self.TABLE.columns)
        place = next((n for n, column in enumerate(columns) if column.id == BEFORE), len(columns))
        columns.insert(place, self._sparks.column(self.wish))
        return msgspec.structs.replace(self.TABLE, columns=tuple(columns))

    def beside(self, row: Any, lines: Sequence[Line], cells: int) -> tuple[Line, ...]:
        """The inspector's lines with the last hour of the row's figures after what is said first."""
        wishes = [wish for wish in (self.wish(row), *self._beside(row)) if wish is not None]
        found = self._sparks.lines(list({wish.key: wish for wish in wishes}.values()), cells)
        return after_first(lines, found)

    def _beside(self, row: Any) -> Sequence[Wish]:
        """Below the table there is no room for more than the one that decided."""
        return () if row is None or self.has_class("-narrow") else self.wishes_beside(row)

    def help_sections(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        sections = super().help_sections()
        if not self._charted:
            return sections
        own = self._sparks.column(self.wish)
        return (*sections, ("Last hour", ((own.id, own.doc),)))

    # Life.

    def appear(self) -> None:
        super().appear()
        if self._charted and self._looking is None:
            self._looking = self.set_interval(LOOK_S, self._look)

    def disappear(self) -> None:
        super().disappear()
        if self._looking is not None:
            self._looking.stop()
            self._looking = None
        self.workers.cancel_group(self, "sparks")

    def _look(self) -> None:
        """Asks for what is on the screen; what was asked for rows that have gone is not waited for."""
        if not self.built:
            return
        row = self._grid.cursor_row
        beside = self._beside(row)
        own = {wish.key: wish for wish in (*wished(self._grid.shown_rows(), self.wish), *beside)}
        wishes = tuple(own.values())
        if self._sparks.due(wishes) and (wishes != self._seen or not self._is_asking()):
            self._seen = wishes
            start(self, partial(self._ask, wishes), group="sparks")

    def _is_asking(self) -> bool:
        return any(worker.group == "sparks" and worker.is_running for worker in self.workers)

    async def _ask(self, wishes: Sequence[Wish]) -> None:
        if await self._sparks.ask(wishes) and self.built:
            self._grid.say_again()
            self.inspect_again()

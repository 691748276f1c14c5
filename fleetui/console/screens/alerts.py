"""The alerts of the fleet: what pages first, who is at it, and above all whether the pipeline that tells it lives."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol, cast

from textual import on
from textual.timer import Timer

from fleetui.console.alert_text import (
    alert_lines,
    counts_line,
    held_line,
    no_alerts,
    not_configured,
    pipeline_line,
    pipeline_lines,
    quiet_line,
)
from fleetui.console.alert_trend import AlertTrend
from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.freezing import STILL_S, Held
from fleetui.console.grid_cursor import Grip
from fleetui.console.grid_messages import MarksChanged, RowRested
from fleetui.console.ink import Line, fit, join, line, spread, width
from fleetui.console.session import Session
from fleetui.console.sparkline import after_first
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.console.working import start
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import Tally
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.alerts.silence import Silence
from fleetui.model.picture import Delta
from fleetui.model.table.columns_alert import ALERTS

WATCH_S = 0.5
"""As often as the board takes stock."""


class AlertPicture(Protocol):
    """What the board of alerts knows beside its rows."""

    @property
    def pipeline(self) -> Pipeline | None: ...
    @property
    def silences(self) -> Mapping[str, Silence]: ...


class AlertsScreen(TableScreen):
    PLACE = "alerts"
    TABLE = ALERTS
    FOLDING = True
    BINDINGS = bindings("alerts")

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._tally = Tally()
        """Of all rows, also of those that a filter hides or that wait for their turn in the table: what rings is never
        0 for a word in a prompt, and never fewer for a slow paint."""
        self._held = Held(is_shown=lambda row_id: self.rows.row(row_id) is not None, stays=self.rows.stays)
        self._touched: tuple[str | None, float] = (None, float("-inf"))
        """Where a hand has put the cursor, and when."""
        self._resumed = False
        """Somebody has asked for the list as it is; until it is touched again."""
        self._thaw: Timer | None = None
        self._trend = AlertTrend(session)
        self._worth: object = None
        """What the pipeline was worth when the headlines were last drawn."""
        self._watching: Timer | None = None

    # Life: no row changes when a source falls silent, and nothing is more urgent.

    def begin(self) -> None:
        super().begin()
        self._watch()

    def appear(self) -> None:
        super().appear()
        self._watch()

    def disappear(self) -> None:
        super().disappear()
        if self._watching is not None:
            self._watching.stop()
            self._watching = None

    def _watch(self) -> None:
        if self._watching is None:
            self._watching = self.set_interval(WATCH_S, self._look_at_pipeline)

    def _look_at_pipeline(self) -> None:
        found = self._pipeline
        worth = None if found is None else (found.level, found.failed, found.silent, len(found.troubles))
        if worth != self._worth and self.built:
            self._worth = worth
            self.tick()

    # What comes while somebody chooses waits.

    def apply(self, delta: Delta[Any]) -> None:
        self._show(self._held.sift(delta) if self._is_still() else self._with_held(delta))

    def _show(self, delta: Delta[Any]) -> None:
        self._tally.take(delta)
        super().apply(delta)

    def _is_still(self) -> bool:
        if self._resumed:
            return False
        return bool(self._grid.marks) or self.session.clock.monotonic() - self._touched[1] < STILL_S

    def _with_held(self, delta: Delta[Any]) -> Delta[Any]:
        if self._held and not delta.reset:
            self._show(self._held.release())
        return delta

    @on(RowRested)
    def _moved(self) -> None:
        """A row that comes under the cursor by itself is no touch."""
        if self._grid.grip is Grip.HELD and self._grid.cursor != self._touched[0]:
            self._touch()
        row = self._grid.cursor_row
        if isinstance(row, Alert) and self._trend.due(row):
            start(self, partial(self._ask_trend, row), group="trend")

    @on(MarksChanged)
    def _chosen_otherwise(self) -> None:
        if self._grid.marks:
            self._touch()
        else:
            self._settle()

    def _touch(self) -> None:
        self._touched, self._resumed = (self._grid.cursor, self.session.clock.monotonic()), False
        if self._thaw is not None:
            self._thaw.stop()
        self._thaw = self.set_timer(STILL_S + 0.05, self._settle)

    def _settle(self) -> None:
        """Nobody chooses any more."""
        if self._held and not self._is_still():
            self._show(self._held.release())

    @property
    def holds(self) -> bool:
        return bool(self._held)

    def resume(self) -> None:
        self._resumed = True
        self._settle()

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "alerts", self.take)

    def boards(self) -> frozenset[str]:
        return frozenset({"alerts"})

    @property
    def _board(self) -> AlertPicture | None:
        """None where no source of alerts is configured."""
        return cast("AlertPicture | None", self.session.fleet.board("alerts"))

    @property
    def _pipeline(self) -> Pipeline | None:
        return self._board.pipeline if self._board is not None else None

    def is_known(self) -> bool:
        return self._pipeline is not None and self._pipeline.level is Level.OK

    def is_late(self) -> bool:
        """The pipeline's age grows by itself."""
        return True

    def tick(self) -> None:
        """What the pipeline is worth may change while no row does."""
        super().tick()
        self._grid.say_why_empty()

    def crumbs(self) -> tuple[str, ...]:
        return ("Alerts",)

    def counts(self) -> Line:
        """What is loud; the number of rows where there is none."""
        return counts_line(self._tally.total, self.session.glyphs) if self._rows.counts.total else super().counts()

    def trust(self, cells: int) -> Line:
        if self._board is None:
            return fit(line((f" {self.session.glyphs.idle} no source of alerts is configured", "muted")), cells)
        # What waits must not be cut: the list is not what it would be, and what a key would be about.
        waits = join([self._marks_said(), self._held_said()], "  ")
        room = cells - width(waits) - 2 if waits else cells
        said = pipeline_line(self._pipeline, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=room)
        quiet = quiet_line(self._tally.total)
        if quiet and width(said) + width(waits) + width(quiet) + 4 < cells:
            waits = join([waits, quiet], "  ")
        return fit(spread(said, waits, cells), cells) if waits else said

    def _marks_said(self) -> Line:
        marks = len(self._grid.marks)
        return line((f"{self.session.glyphs.mark} {marks} marked", "mark")) if marks else ()

    def _held_said(self) -> Line:
        return held_line(self._held.fresh, self._held.moved, key=self.session.key_of("alert.resume"))

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Alert)
        said = alert_lines(
            row,
            self.rows.all_rows(),
            found=self._pipeline,
            silences=self._board.silences if self._board is not None else {},
            now=self.session.clock.now(),
            glyphs=self.session.glyphs,
            cells=cells,
        )
        return after_first(said, self._trend.lines(row, cells))

    async def _ask_trend(self, alert: Alert) -> None:
        if await self._trend.ask(alert) and self.built:
            self.inspect_again()

    def summary(self, cells: int) -> tuple[Line, ...]:
        if self._board is None:
            return ()
        return pipeline_lines(self._pipeline, self.rows.all_rows(), glyphs=self.session.glyphs, cells=cells)

    def nothing(self, cells: int) -> tuple[Line, ...]:
        if self._board is None:
            return not_configured(cells)
        return no_alerts(self._pipeline, glyphs=self.session.glyphs, cells=cells)

    # What is acked and silenced.

    def chosen_alerts(self) -> tuple[Alert, ...]:
        marked: tuple[Any, ...] = self._grid.targets()
        return marked or self._grid.of_headline()

    def mark_shown(self) -> None:
        self._grid.mark_shown()

    def view_below(self, row: Any) -> View | None:
        """The lens of the cluster that it is about, where the session has it."""
        return View("lens", cluster=row.cluster, query=row.name) if row.cluster in self.session.clusters else None

    def sort_choices(self) -> tuple[tuple[str, str, str], ...]:
        _, *columns = super().sort_choices()
        return (("", "URGENCY", "Pages first, then what fires, then the oldest; what is hushed below."), *columns)

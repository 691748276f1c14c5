"""From a subscription to a screen: as often as its pace allows, and never when nothing has changed."""

from collections.abc import Callable

from textual.dom import DOMNode
from textual.timer import Timer

from fleetui.console.doors import LiveTable, TableName
from fleetui.console.pace import Pace
from fleetui.console.session import Session
from fleetui.model.cluster import Cluster
from fleetui.model.picture import Delta, Row

AT_ONCE_S = 0.001
"""A timer of 0 s divides by it when it is late (Textual 8.2.8, timer.py)."""


class Feeding:
    """One subscription, taken when something has changed and its pace allows."""

    def __init__(self, owner: DOMNode, session: Session, table: TableName, apply: Callable[[Delta[Row]], None]) -> None:
        """``owner``'s loop keeps the time; ``apply`` gets every delta."""
        self._owner = owner
        self._apply = apply
        self._session = session
        self._table: TableName = table
        self._live: LiveTable | None = None
        self._timer: Timer | None = None
        self._paused = False
        self._pace = Pace()

    def start(self) -> None:
        """Takes what there is at once: the first frame shows the last known picture."""
        if self._live is None:
            self._live = self._session.fleet.subscribe(self._table, self._wake)
        self._paused = False
        self._stop_timer()
        self._take()

    def pause(self) -> None:
        """Nobody looks: changes gather, coalesced, until ``start``."""
        self._paused = True
        self._stop_timer()

    def close(self) -> None:
        self.pause()
        if self._live is not None:
            self._live.close()
            self._live = None

    def _wake(self) -> None:
        if self._timer is None and self._live is not None and not self._paused:
            wait = self._pace.wait(self._session.clock.monotonic())
            self._timer = self._owner.set_timer(max(AT_ONCE_S, wait), self._due)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _due(self) -> None:
        """An app that is leaving has no widgets left to show anything in."""
        if self._owner.app.is_running:
            self._take()

    def _take(self) -> None:
        self._timer = None
        if self._live is None:
            return
        self._pace.painted(self._session.clock.monotonic())
        delta = self._live.take()
        if delta:
            self._apply(delta)


def keep(clusters: dict[str, Cluster], delta: Delta[Row]) -> None:
    """Brings ``clusters`` (by name) up to date."""
    if delta.reset:
        clusters.clear()
    for row_id in delta.removes:
        clusters.pop(row_id, None)
    clusters.update((row_id, row) for row_id, row in delta.upserts if isinstance(row, Cluster))

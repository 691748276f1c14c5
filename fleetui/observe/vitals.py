"""What the boards of etcd and of alerts say of each cluster, for its row in the fleet: joined while somebody looks at
them, a few times a second at most."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol, cast

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.pipeline import Pipeline
from fleetui.model.cluster import AlertSign, EtcdSign
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.vitals import Firing, etcd_sign
from fleetui.observe.board import Board
from fleetui.observe.subscription import Subscription
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Clock

AT_MOST_EVERY_S = 0.5
JUDGE_EVERY_S = 5.0
"""A pipeline dies without any row saying so."""

Tell = Callable[[str, EtcdSign | None, AlertSign | None], None]
"""(cluster, what its etcd is like, what fires of it)."""


class AlertPicture(Protocol):
    """The board of alerts, as far as it matters here."""

    @property
    def pipeline(self) -> Pipeline | None:
        """None before the first look has ended."""
        ...


class Vitals:
    """Of one fleet. ``attach`` a board once it is looked at."""

    def __init__(self, names: Callable[[], Iterable[str]], tell: Tell, *, clock: Clock) -> None:
        self._names = names
        self._tell = tell
        self._clock = clock
        self._bell = Bell(clock)
        self._feeds: dict[str, Subscription[Any]] = {}
        self._etcd: dict[str, EtcdSign | None] = {}
        self._firing = Firing()
        self._alerts: AlertPicture | None = None
        self._told: dict[str, tuple[EtcdSign | None, AlertSign | None]] = {}

    def attach(self, name: str, board: Board) -> None:
        """A second time is harmless."""
        if name in self._feeds:
            return
        self._feeds[name] = board.rows.subscribe(self._bell.ring)
        if name == "alerts":
            self._alerts = cast("AlertPicture", board)
        self._bell.ring()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        while True:
            await self._bell.wait(JUDGE_EVERY_S)
            self.take()
            await self._clock.sleep(AT_MOST_EVERY_S)

    def take(self) -> None:
        """What is new, to the rows."""
        if feed := self._feeds.get("etcd"):
            self._take_etcd(feed)
        if feed := self._feeds.get("alerts"):
            self._take_alerts(feed)
        pipeline = self._alerts.pipeline if self._alerts is not None else None
        for name in self._names():
            signs = (self._etcd.get(name), None if pipeline is None else self._firing.sign(name, pipeline))
            if self._told.get(name, (None, None)) != signs:
                self._told[name] = signs
                self._tell(name, *signs)

    def _take_etcd(self, feed: Subscription[Any]) -> None:
        """Of a cluster that has left the board nothing is known any more."""
        delta = feed.take()
        if delta.reset:
            self._etcd.clear()
        for name in delta.removes:
            self._etcd.pop(name, None)
        for name, state in delta.upserts:
            assert isinstance(state, EtcdState)
            self._etcd[name] = etcd_sign(state)

    def _take_alerts(self, feed: Subscription[Any]) -> None:
        delta = feed.take()
        if delta.reset:
            self._firing = Firing()
        for key, alert in delta.upserts:
            assert isinstance(alert, Alert)
            self._firing.see(key, alert)
        for key in delta.removes:
            self._firing.forget(key)

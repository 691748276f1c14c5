"""What the boards say of each cluster, for its row in the fleet: joined while somebody looks at them, twice a second at
most. Each board is asked its own fixed questions, however many clusters there are."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol, cast

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import Tally
from fleetui.model.alerts.pipeline import Pipeline
from fleetui.model.board_signs import BOARDS, board_sign
from fleetui.model.cluster import BoardSign, EtcdSign, Signs
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.picture import Delta
from fleetui.model.vitals import Alarms, Firing, etcd_sign
from fleetui.observe.board import Board
from fleetui.observe.subscription import Subscription
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Clock

AT_MOST_EVERY_S = 0.5
JUDGE_EVERY_S = 5.0
"""A pipeline dies without any row saying so."""
_NOTHING = Signs()

Tell = Callable[[str, Signs], None]
"""(cluster, what monitoring says of it)."""


class AlertPicture(Protocol):
    """The board of alerts, as far as it matters here."""

    @property
    def pipeline(self) -> Pipeline | None:
        """None before the first look has ended."""
        ...


class BoardWords:
    """What one board of metrics says of each cluster, kept by what changes."""

    def __init__(self, board: str) -> None:
        self._board = board
        self._rows: dict[str, dict[str, Any]] = {}
        """By cluster and id."""
        self._of: dict[str, str] = {}
        """A row's cluster, by its id."""
        self._signs: dict[str, BoardSign | None] = {}

    def take(self, delta: Delta[Any]) -> None:
        if delta.reset:
            self._rows, self._of, self._signs = {}, {}, {}
        touched = {cluster for id_ in delta.removes if (cluster := self._forget(id_)) is not None}
        for id_, row in delta.upserts:
            self._forget(id_)
            self._of[id_] = row.cluster
            self._rows.setdefault(row.cluster, {})[id_] = row
            touched.add(row.cluster)
        for cluster in touched:
            self._signs[cluster] = board_sign(self._board, self._rows.get(cluster, {}).values())

    def _forget(self, id_: str) -> str | None:
        """Of which cluster it was."""
        cluster = self._of.pop(id_, None)
        if cluster is not None:
            self._rows[cluster].pop(id_, None)
        return cluster

    def sign(self, cluster: str) -> BoardSign | None:
        return self._signs.get(cluster)


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
        self._tally = Tally()
        self._alerts: AlertPicture | None = None
        self._words = {board: BoardWords(board) for board in BOARDS}
        self._told: dict[str, Signs] = {}

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
        for board in self._feeds.keys() & self._words.keys():
            self._words[board].take(self._feeds[board].take())
        pipeline = self._pipeline
        for name in self._names():
            signs = self._signs(name, pipeline)
            if self._told.get(name, _NOTHING) != signs:
                self._told[name] = signs
                self._tell(name, signs)

    @property
    def alarms(self) -> Alarms | None:
        """Of the whole fleet; None before the first look at the alerts has ended."""
        pipeline = self._pipeline
        return None if pipeline is None else Alarms(self._tally.total, pipeline)

    @property
    def _pipeline(self) -> Pipeline | None:
        return self._alerts.pipeline if self._alerts is not None else None

    def _signs(self, name: str, pipeline: Pipeline | None) -> Signs:
        return Signs(
            self._etcd.get(name),
            None if pipeline is None else self._firing.sign(name, pipeline),
            tuple(sign for words in self._words.values() if (sign := words.sign(name)) is not None),
        )

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
        self._tally.take(delta)
        if delta.reset:
            self._firing = Firing()
        for key, alert in delta.upserts:
            assert isinstance(alert, Alert)
            self._firing.see(key, alert)
        for key in delta.removes:
            self._firing.forget(key)

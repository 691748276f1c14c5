"""The public face of the live picture: which clusters there are, what is known of them, and what changes."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, overload

from fleetui.model.cluster import Cluster, Feed, Signs, Tags
from fleetui.model.cluster_verdict import VITAL
from fleetui.model.details import Details
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.history import Transition
from fleetui.model.incident.past import Told
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta
from fleetui.model.pod import Pod
from fleetui.model.work import Work
from fleetui.observe.board import Board, Boards, MakeBoard
from fleetui.observe.gate import Gate
from fleetui.observe.history import History
from fleetui.observe.identities import Identities
from fleetui.observe.memory import Memory
from fleetui.observe.scene import Member, OpenReader, Scene
from fleetui.observe.shelf import Turns
from fleetui.observe.subscription import Subscription
from fleetui.observe.supervisor import Supervisor
from fleetui.observe.table import Table
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.reader import ClusterReader, Kind

if TYPE_CHECKING:
    from fleetui.model.vitals import Alarms
    from fleetui.observe.vitals import Vitals

__all__ = ["Delta", "Fleet", "OpenReader", "Subscription", "TableName"]

_log = logging.getLogger(__name__)

TableName = Literal[
    "clusters", "machines", "pods", "alerts", "silences", "etcd", "replication", "controlplane", "slo",
    "executive", "oncall", "debug", "coverage", "incidents",
]  # fmt: skip

TICK_S = 0.5
"""How often time alone is asked for its verdict; one timer for the whole fleet."""
GAP_S = 2.0
"""A tick later than this was no tick: the program was stopped, the machine slept, or the clock was set."""
LONG_GAP_S = 30.0
"""After that long, connections may have died unheard; shorter gaps leave them as they are."""


class Fleet:
    """One per session; everything on the loop that ``run`` runs on. ``add`` and ``load_cache`` may come before it."""

    def __init__(self, *, clock: Clock, chance: Chance, cache_file: Path | None = None) -> None:
        """Without ``cache_file`` nothing is remembered from one session to the next."""
        self._scene = Scene(
            clock=clock,
            chance=chance,
            clusters=Table(),
            machines=Table(),
            pods=Table(),
            history=History(),
            identities=Identities(),
            gate=Gate(clock),
            turns=Turns(),
        )
        self._clock = clock
        self._memory = Memory(cache_file, clock=clock, clusters=self._scene.clusters, machines=self._scene.machines)
        self._supervisors: dict[str, Supervisor] = {}
        self._wanted: dict[str, None] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._boards = Boards(clock)
        self._joined: Vitals | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the operator should know about the session itself: ``the last known picture is damaged``."""
        return self._memory.notes

    # Which clusters there are.

    def add(self, name: str, *, open_reader: OpenReader, context: str = "", tags: Tags | None = None) -> None:
        """A cluster of the configuration, as a row "not connected". ``name`` is unique; a second add is an error."""
        if name in self._supervisors:
            raise ValueError(f"two clusters named {name!r}")
        order = len(self._supervisors)
        member = Member(name, context or name, tags or Tags(), order, open_reader)
        supervisor = self._supervisors[name] = Supervisor(member, self._scene)
        supervisor.show()

    def connect(self, names: Iterable[str]) -> None:
        """Connect clusters, or try again now those that wait for their next attempt. Unknown names raise KeyError."""
        for name in names:
            supervisor = self._supervisors[name]
            if name in self._wanted:
                supervisor.ring()
                continue
            self._wanted[name] = None
            supervisor.want()
            self._start(supervisor)

    def disconnect(self, names: Iterable[str]) -> None:
        """Close the connections; the rows stay as last known, "not connected"."""
        for name in names:
            self._wanted.pop(name, None)
            if name in self._running:
                self._running[name].cancel()

    def focus_pods(self, clusters: frozenset[str]) -> None:
        """Which clusters watch their pods now. One that leaves is watched half a minute longer; then its rows go and
        its numbers stay, with ``pods_at``."""
        for name, supervisor in self._supervisors.items():
            supervisor.focus(focused=name in clusters)

    def add_board(self, name: TableName, make: MakeBoard) -> None:
        """A table that is asked for while somebody looks at it."""
        self._boards.add(name, make)

    def look(self, boards: Iterable[str]) -> None:
        """Which boards somebody looks at now; the others are not asked for, and keep what they know."""
        wanted = frozenset(boards)
        self._boards.look(wanted)
        for name in wanted & VITAL:
            if (board := self._boards.board(name)) is not None:
                self._vitals.attach(name, board)

    @property
    def _vitals(self) -> "Vitals":
        """Made when somebody first looks: the start needs none of it."""
        if self._joined is None:
            from fleetui.observe.vitals import Vitals

            self._joined = Vitals(lambda: self._supervisors, self._tell_vitals, clock=self._clock)
            if self._group is not None:
                self._group.create_task(self._joined.run(), name="vitals")
        return self._joined

    def take_vitals(self) -> None:
        """What the boards that are looked at have said by now, to the rows at once."""
        if self._joined is not None:
            self._joined.take()

    @property
    def alarms(self) -> "Alarms | None":
        """What fires in the whole fleet; None before somebody has looked at the alerts and they have answered."""
        return None if self._joined is None else self._joined.alarms

    def _tell_vitals(self, name: str, signs: Signs) -> None:
        self._supervisors[name].tell_vitals(signs)

    def tell_work(self, works: tuple[Work, ...]) -> None:
        """The operations that are under way, as the store knows them: every cluster's row says its own. Call it again
        when they change."""
        for supervisor in self._supervisors.values():
            supervisor.tell_work(works)

    # What is known of them.

    @overload
    def subscribe(
        self, table: Literal["clusters"], wake: Callable[[], None] | None = None
    ) -> Subscription[Cluster]: ...
    @overload
    def subscribe(
        self, table: Literal["machines"], wake: Callable[[], None] | None = None
    ) -> Subscription[Machine]: ...
    @overload
    def subscribe(self, table: Literal["pods"], wake: Callable[[], None] | None = None) -> Subscription[Pod]: ...
    @overload
    def subscribe(self, table: TableName, wake: Callable[[], None] | None = None) -> Subscription[Any]: ...
    def subscribe(self, table: TableName, wake: Callable[[], None] | None = None) -> Subscription[Any]:
        """Take once right away: the first delta is a reset with every row. ``wake`` is called on the loop at most once
        between two takes, when something is pending; it must not block."""
        tables: dict[TableName, Table[Any]] = {
            "clusters": self._scene.clusters,
            "machines": self._scene.machines,
            "pods": self._scene.pods,
        }
        board = self._boards.board(table)
        rows = board.rows if board is not None else tables.get(table, Table())
        return rows.subscribe(wake)

    def board(self, name: TableName) -> Board | None:
        """What a board knows beside its rows; None where the session has none of that name."""
        return self._boards.board(name)

    def cluster(self, name: str) -> Cluster | None:
        """The row of a cluster as last published; None for a name that is not in the configuration."""
        supervisor = self._supervisors.get(name)
        return supervisor.row if supervisor is not None else None

    def machines(self, cluster: str) -> tuple[Machine, ...]:
        """Those of one cluster, as far as they are known."""
        return tuple(self._scene.machines.part(cluster).values())

    def feed(self, cluster: str, kind: str) -> Feed | None:
        """The state of one stream (``nodes``, ``pods``, ``readyz``); None when the cluster is not connected."""
        row = self.cluster(cluster)
        return next((feed for feed in row.feeds if feed.kind == kind), None) if row is not None else None

    def history(self, since: float) -> tuple[Transition, ...]:
        """What changed since a moment (Unix seconds), newest first; bounded for each cluster."""
        return self._scene.history.since(since)

    async def describe(self, row: Machine | Pod) -> str:
        """The whole object as YAML, read now. Raises ClusterError."""
        reader = self._reader(row.cluster)
        if isinstance(row, Pod):
            return await reader.describe(Kind.PODS, namespace=row.namespace, name=row.name)
        return await reader.describe(Kind.MACHINES, namespace="", name=row.name)

    async def details(self, row: Machine | Pod) -> Details:
        """The object with what belongs to it, read now. Raises ClusterError."""
        reader = self._reader(row.cluster)
        if isinstance(row, Pod):
            return await reader.details(Kind.PODS, namespace=row.namespace, name=row.name)
        return await reader.details(Kind.MACHINES, namespace="", name=row.name)

    async def events(self, cluster: str, *, since: float) -> Told:
        """What its events say since then (Unix seconds), read now. Raises ClusterError."""
        return await self._reader(cluster).events(since=since)

    async def changes(self, cluster: str, *, since: float) -> Told:
        """Who changed what in it since then, read now. Raises ClusterError."""
        return await self._reader(cluster).changes(since=since)

    def _reader(self, cluster: str) -> ClusterReader:
        supervisor = self._supervisors.get(cluster)
        reader = supervisor.reader if supervisor is not None else None
        if reader is None:
            raise ClusterError(_not_connected(cluster))
        return reader

    # Running it.

    async def run(self) -> NoReturn:
        """Supervise until cancelled; then connections are closed and the picture is saved."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self._memory.restore(self._supervisors), name="last picture")
                group.create_task(self._memory.save_regularly(), name="save picture")
                group.create_task(self._boards.run(), name="boards")
                if self._joined is not None:
                    group.create_task(self._joined.run(), name="vitals")
                for name in self._wanted:
                    self._start(self._supervisors[name])
                await self._keep_time()
        finally:
            self._group = None
            self._running.clear()
            self._memory.save_or_note()

    def _start(self, supervisor: Supervisor) -> None:
        if self._group is None:
            return
        name = supervisor.member.name
        work = self._supervise(supervisor, self._running.get(name))
        self._running[name] = self._group.create_task(work, name=f"cluster {name}")

    async def _supervise(self, supervisor: Supervisor, before: "asyncio.Task[None] | None") -> None:
        """A connection that is still being closed has the cluster until it is closed."""
        if before is not None:
            await asyncio.wait((before,))
        supervisor.want()
        await supervisor.run()

    async def _keep_time(self) -> NoReturn:
        """One timer for all: it judges, and it notices when time has jumped."""
        while True:
            before, wall_before = self._clock.monotonic(), self._clock.now()
            await self._clock.sleep(TICK_S)
            now = self._clock.monotonic()
            passed, wall_passed = now - before, self._clock.now() - wall_before
            jumped = abs(wall_passed - passed) > GAP_S
            if passed > TICK_S + GAP_S or jumped:
                self._woke(now, long=jumped or passed > LONG_GAP_S)
            for name in self._wanted:
                self._judge(self._supervisors[name], now)

    def _judge(self, supervisor: Supervisor, now: float) -> None:
        try:
            supervisor.judge(now)
        except Exception:  # fence: a defect in one cluster's verdict must not stop the clock of all
            _log.exception("judging %s failed", supervisor.member.name)

    def _woke(self, now: float, *, long: bool) -> None:
        for name in self._wanted:
            self._supervisors[name].woke(now, long=long)

    # The last known picture.

    def load_cache(self) -> None:
        """Show the clusters of the last session at once, with their age; their machines follow when ``run`` runs.
        What cannot be read becomes a note. Clusters that are no longer configured are dropped."""
        self._memory.load(self._supervisors)


def _not_connected(cluster: str) -> Fault:
    return Fault(
        kind=FaultKind.CONFIG,
        word=Trust.IDLE.value,
        detail=f"{cluster} is not connected",
        remedy=f"connect it first: :connect {cluster}",
    )

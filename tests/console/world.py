"""A fleet that stands still until a test moves it: real tables, real desk, real store, a clock of the test's own."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from fleetui.clients.yaml_file import load as load_yaml
from fleetui.console.app import FleetApp
from fleetui.console.doors import TableName
from fleetui.console.glyphs import UNICODE, Glyphs
from fleetui.console.session import Session
from fleetui.console.theme import Themes
from fleetui.console.views import FLEET, View
from fleetui.control.desk import Desk
from fleetui.control.memory_store import MemoryStore
from fleetui.model import journal
from fleetui.model.cluster import Cluster, ClusterRef, Feed
from fleetui.model.config import Config
from fleetui.model.details import Details
from fleetui.model.history import Transition
from fleetui.model.machine import Machine
from fleetui.model.operation import Actor, Plan
from fleetui.model.picture import Row, row_id
from fleetui.model.plan_pages import plan_records
from fleetui.model.pod import Pod
from fleetui.model.vitals import Alarms
from fleetui.model.work import Work
from fleetui.observe.subscription import Subscription
from fleetui.observe.table import Table

THEMES = Path(__file__).parents[2] / "themes"

NOON = 1_800_000_000.0
"""2027-01-15 08:00 UTC."""

ANA = Actor("ana", "jump-1", "10.0.0.7")


class StillClock:
    """Moves when told."""

    def __init__(self, now: float = NOON) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


class CountedIds:
    """``op-0001`` and so on, 26 characters as real ones are."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def new(self) -> str:
        return f"01JD8Q2M4X0000000000OP{next(self._next):04d}"


class ScriptedFleet:
    """The live picture as a test wants it. What was asked of it is in ``focused``, ``connected`` and ``let_go``."""

    def __init__(self) -> None:
        self.tables: dict[str, Table[Row]] = {
            name: Table()
            for name in (
                "clusters",
                "machines",
                "pods",
                "alerts",
                "etcd",
                "replication",
                "controlplane",
                "slo",
                "executive",
                "oncall",
                "debug",
                "coverage",
            )
        }
        self.focused: list[frozenset[str]] = []
        self.looked: list[frozenset[str]] = []
        self.boards: dict[str, object] = {}
        """What a board knows beside its rows, by its name."""
        self.connected: list[frozenset[str]] = []
        self.let_go: list[frozenset[str]] = []
        self.running = asyncio.Event()
        self.documents: dict[str, str] = {}
        self.read: dict[str, Details] = {}
        """What a reading of an object finds, by its name."""
        self.seen: list[Transition] = []
        self.fails: Exception | None = None
        self.alarms: Alarms | None = None

    def put(self, *rows: Row) -> None:
        for row in rows:
            self._table(row).apply(_part(row), [(row_id(row), row)])

    def drop(self, *rows: Row) -> None:
        for row in rows:
            self._table(row).apply(_part(row), removes=[row_id(row)])

    def _table(self, row: Row) -> Table[Row]:
        return self.tables[{Cluster: "clusters", Machine: "machines", Pod: "pods"}[type(row)]]

    def subscribe(self, table: TableName, wake: Callable[[], None] | None = None) -> Subscription[Row]:
        return self.tables[table].subscribe(wake)

    def focus_pods(self, clusters: frozenset[str]) -> None:
        self.focused.append(clusters)

    def board(self, name: TableName) -> object | None:
        return self.boards.get(name)

    def look(self, boards: Iterable[str]) -> None:
        self.looked.append(frozenset(boards))

    def connect(self, names: Iterable[str]) -> None:
        self.connected.append(frozenset(names))

    def disconnect(self, names: Iterable[str]) -> None:
        self.let_go.append(frozenset(names))

    def tell_work(self, works: tuple[Work, ...]) -> None:
        """As the real one: every cluster's row says its own."""
        for row in [row for _, row in self.tables["clusters"].snapshot() if isinstance(row, Cluster)]:
            own = tuple(work for work in works if work.is_of(name=row.name, uid=row.uid))
            if own != row.works:
                self.put(msgspec.structs.replace(row, works=own))

    async def run(self) -> None:
        self.running.set()
        if self.fails is not None:
            raise self.fails
        await asyncio.Event().wait()

    async def describe(self, row: Machine | Pod) -> str:
        return self.documents[row.name]

    async def details(self, row: Machine | Pod) -> Details:
        return self.read[row.name]

    def history(self, since: float) -> tuple[Transition, ...]:
        return tuple(one for one in self.seen if one.at >= since)

    def feed(self, cluster: str, kind: str) -> Feed | None:
        return None


def _part(row: Row) -> str:
    return row.name if isinstance(row, Cluster) else row.cluster


class World:
    """Everything an app needs, and the hand that plays the controller."""

    def __init__(self, *, config: Config | None = None, glyphs: Glyphs = UNICODE, readonly: bool = False) -> None:
        self.clock = StillClock()
        self.ids = CountedIds()
        self.fleet = ScriptedFleet()
        self.store = MemoryStore(self.clock)
        self.desk = Desk(self.store, clock=self.clock, ids=self.ids, actor=ANA)
        self.written: list[str] = []
        self.problem = ""
        self.session = Session(
            fleet=self.fleet,
            desk=self.desk,
            clock=self.clock,
            ids=self.ids,
            actor=ANA,
            cluster_ref=self.cluster_ref,
            config=config or Config(),
            glyphs=glyphs,
            readonly=readonly,
            controller_status=lambda: self.problem,
        )

    def cluster_ref(self, name: str) -> ClusterRef | None:
        row = dict(self.fleet.tables["clusters"].snapshot()).get(name)
        return ClusterRef(name=name, context=name, uid=row.uid) if isinstance(row, Cluster) and row.uid else None

    def app(self, *, theme: str = "dark", view: View = FLEET) -> FleetApp:
        return FleetApp(self.session, themes=themes(), theme=(theme,), view=view)

    def plan(self, op_id: str, plan: Plan) -> None:
        """What the controller does with a proposal: its plan, sealed, in the journal."""
        self.write(op_id, *plan_records(plan))

    def write(self, op_id: str, *records: journal.Record) -> None:
        """More of the journal."""
        fence = self.store.claim(op_id, "jump-1/4711", 60)
        for record in records:
            self.store.append(op_id, fence, len(self.store.load(op_id).records), record)

    def plan_of(self, op_id: str, **changes: object) -> Plan:
        """A small plan for what was proposed: nothing moves, nothing blocks."""
        from tests.console.samples import calm_plan

        return msgspec.structs.replace(calm_plan(self.desk.operation(op_id).intent, self.clock.now()), **changes)


def themes() -> Themes:
    """Those that are shipped."""
    sources = {path.stem: path.read_text for path in sorted(THEMES.glob("*.yaml"))}
    return Themes(sources, load_yaml=load_yaml)

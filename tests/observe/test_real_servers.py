"""Real API servers under real faults: the row tells the truth within ten seconds, and the neighbour's is unmoved."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import Cluster
from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.fleet import Fleet
from tests.bed import objects
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed

TRUTH_WITHIN_S = 10.0
BACK_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[BedCluster, BedCluster]]:
    """The one that suffers, and its neighbour. Every test leaves both well."""
    with (
        BedCluster("victim", controllers=False, kubelets=False) as victim,
        BedCluster("neighbour", controllers=False, kubelets=False) as neighbour,
    ):
        for bed in (victim, neighbour):
            bed.api().create(objects.NODES, objects.node(f"{bed.name}-n1"))
        yield victim, neighbour


class Watched:
    """A fleet over real clients, with every trust that the neighbour's row ever showed."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.neighbour: set[Trust] = set()
        self.subscription = fleet.subscribe("clusters", self._look)
        self.subscription.take()

    def _look(self) -> None:
        self.subscription.take()
        self.neighbour.add(self.row("neighbour").trust)

    def row(self, name: str = "victim") -> Cluster:
        row = self.fleet.cluster(name)
        assert row is not None
        return row

    async def until(self, wanted: Callable[[Cluster], object], *, within: float, name: str = "victim") -> float:
        """Seconds until the row is as wanted."""
        began = time.monotonic()
        while not wanted(self.row(name)):
            assert time.monotonic() - began < within, f"not within {within} s: {[(n, self.row(n).trust.value, self.row(n).fault, self.row(n).aliases) for n in self.fleet._supervisors]}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def live(self, name: str = "victim") -> None:
        await self.until(lambda row: row.trust is Trust.LIVE, within=BACK_WITHIN_S, name=name)

    def machines(self) -> dict[str, Machine]:
        return {row.name: row for _, row in self.fleet.subscribe("machines").take().upserts}

    def pods(self) -> dict[str, Pod]:
        return {row.name: row for _, row in self.fleet.subscribe("pods").take().upserts}


@asynccontextmanager
async def watching(*beds: BedCluster, users: dict[str, str] | None = None) -> AsyncIterator[Watched]:
    """All of them, live. ``users`` maps further cluster names to a user of the first bed."""
    clock, chance = SystemClock(), SystemChance()
    files = {bed.name: (bed.kubeconfig, bed.name) for bed in beds}
    for name, user in (users or {}).items():
        files[name] = (beds[0].kubeconfig_for(user), beds[0].name)
    connectors = {name: Connector((path,), clock=clock, chance=chance) for name, (path, _) in files.items()}
    fleet = Fleet(clock=clock, chance=chance)
    for name, (_, context) in files.items():
        fleet.add(name, open_reader=lambda name=name, context=context: connectors[name].open_reader(context, name=name))
    watched = Watched(fleet)
    fleet.connect(files)
    running = asyncio.create_task(fleet.run())
    try:
        for bed in beds:
            await watched.live(bed.name)
        watched.neighbour.clear()
        yield watched
    finally:
        running.cancel()
        await asyncio.wait({running})
        for connector in connectors.values():
            await connector.close()


async def test_rows_follow_the_server(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        row = watched.row()
        assert row.uid
        assert row.uid != watched.row("neighbour").uid
        assert row.version.startswith("v1.")
        await asyncio.to_thread(victim.api().create, objects.NODES, objects.node("late"))
        await watched.until(lambda row: row.nodes_total == 2, within=5.0)
        await asyncio.to_thread(victim.api().patch, f"{objects.NODES}/late", {"spec": {"unschedulable": True}})
        await watched.until(lambda row: row.cordoned == 1, within=5.0)
        assert watched.machines()["late"].cordoned
        await asyncio.to_thread(victim.api().delete, f"{objects.NODES}/late")
        await watched.until(lambda row: row.nodes_total == 1, within=5.0)
        assert {entry.field for entry in watched.fleet.history(0.0) if entry.name == "late"} == {"exists", "cordoned"}


async def test_a_frozen_api_server(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        victim.freeze_api()
        try:
            await watched.until(lambda row: row.trust is not Trust.LIVE, within=TRUTH_WITHIN_S)
            await watched.until(lambda row: row.fault is not None, within=5.0)
            assert watched.row().fault.kind is FaultKind.TIMEOUT
            assert watched.row().nodes_total == 1
        finally:
            victim.thaw_api()
        await watched.live()
        assert watched.neighbour <= {Trust.LIVE}


async def test_a_stopped_api_server_and_what_happened_meanwhile(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        victim.stop_api()
        await watched.until(lambda row: row.trust is Trust.SILENT, within=TRUTH_WITHIN_S)
        assert watched.row().fault.kind in (FaultKind.REFUSED, FaultKind.NETWORK)
        await asyncio.to_thread(victim.start_api)
        await asyncio.to_thread(victim.api().create, objects.NODES, objects.node("meanwhile"))
        await watched.live()
        await watched.until(lambda row: row.nodes_total == 2, within=BACK_WITHIN_S)
        await asyncio.to_thread(victim.api().delete, f"{objects.NODES}/meanwhile")
        await watched.until(lambda row: row.nodes_total == 1, within=5.0)
        assert watched.neighbour <= {Trust.LIVE}


async def test_etcd_stopped_and_started(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        victim.stop_etcd()
        await watched.until(lambda row: row.trust is not Trust.LIVE, within=TRUTH_WITHIN_S)
        await asyncio.to_thread(victim.start_etcd)
        await watched.live()
        await asyncio.to_thread(victim.api().create, objects.NODES, objects.node("after"))
        await watched.until(lambda row: row.nodes_total == 2, within=BACK_WITHIN_S)
        await asyncio.to_thread(victim.api().delete, f"{objects.NODES}/after")
        await watched.until(lambda row: row.nodes_total == 1, within=5.0)
        assert watched.neighbour <= {Trust.LIVE}


async def test_rights_to_some_kinds_show_those(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    pods = objects.pods_in("default")
    victim.api().create(pods, objects.pod("seen", node="victim-n1"))
    async with watching(neighbour) as watched:
        assert watched.pods() == {}
    clock, chance = SystemClock(), SystemChance()
    for user, expected in (("nodes-only", (1, None)), ("pods-only", (None, 1))):
        connector = Connector((victim.kubeconfig_for(user),), clock=clock, chance=chance)
        fleet = Fleet(clock=clock, chance=chance)
        fleet.add("victim", open_reader=lambda connector=connector: connector.open_reader("victim", name="victim"))
        watched = Watched.__new__(Watched)
        watched.fleet = fleet
        fleet.focus_pods(frozenset({"victim"}))
        fleet.connect(["victim"])
        running = asyncio.create_task(fleet.run())
        await watched.until(lambda row, expected=expected: (row.nodes_total, row.pods_total) == expected, within=10.0)
        forbidden = "pods" if user == "nodes-only" else "nodes"

        def said(row: Cluster, forbidden: str = forbidden) -> bool:
            return any(feed.kind == forbidden and feed.fault is not None for feed in row.feeds)

        await watched.until(said, within=10.0)
        assert watched.row().trust is Trust.LIVE
        assert fleet.feed("victim", forbidden).fault.kind is FaultKind.FORBIDDEN
        running.cancel()
        await asyncio.wait({running})
        await connector.close()
    victim.api().delete(f"{pods}/seen", {"gracePeriodSeconds": 0})


async def test_credentials_that_are_refused_and_then_renewed(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    good = victim.kubeconfig_for("other").read_text()
    path = victim.kubeconfig_for("other")
    async with watching(victim, neighbour) as watched:
        path.write_text(good.replace("tok-other", "tok-expired"))
        clock, chance = SystemClock(), SystemChance()
        connector = Connector((path,), clock=clock, chance=chance)
        watched.fleet.add("renewed", open_reader=lambda: connector.open_reader("victim", name="renewed"))
        watched.fleet.connect(["renewed"])
        await watched.until(lambda row: row.trust is Trust.SILENT, within=TRUTH_WITHIN_S, name="renewed")
        assert watched.row("renewed").fault.kind is FaultKind.UNAUTHORIZED
        assert watched.row("renewed").fault.remedy
        path.write_text(good)
        watched.fleet.connect(["renewed"])
        await watched.until(lambda row: row.aliases == ("renewed",), within=BACK_WITHIN_S)
        assert watched.neighbour <= {Trust.LIVE}
        assert len(watched.machines()) == 2
    await connector.close()

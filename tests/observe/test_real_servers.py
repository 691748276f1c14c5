"""Real API servers under real faults: the row tells the truth within ten seconds, and the neighbour's is unmoved."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import Cluster
from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.observe.fleet import Fleet
from tests.bed import objects
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed

TRUTH_WITHIN_S = 10.0
BACK_WITHIN_S = 60.0
"""Of a busy machine; an idle one needs seconds."""


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
        if (row := self.fleet.cluster("neighbour")) is not None:
            self.neighbour.add(row.trust)

    def row(self, name: str = "victim") -> Cluster:
        row = self.fleet.cluster(name)
        assert row is not None
        return row

    async def until(self, wanted: Callable[[Cluster], object], *, within: float, name: str = "victim") -> float:
        """Seconds until the row is as wanted."""
        began = time.monotonic()
        while not wanted(self.row(name)):
            row = self.row(name)
            assert time.monotonic() - began < within, f"not within {within} s: {row.trust.value}, {row.fault}, {row}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def live(self, name: str = "victim") -> None:
        await self.until(lambda row: row.trust is Trust.LIVE, within=BACK_WITHIN_S, name=name)

    def machines(self) -> dict[str, Machine]:
        return {row.name: row for _, row in self.fleet.subscribe("machines").take().upserts}


@asynccontextmanager
async def opened(kubeconfig: Path) -> AsyncIterator[Connector]:
    connector = Connector((kubeconfig,), clock=SystemClock(), chance=SystemChance())
    try:
        yield connector
    finally:
        await connector.close()


@asynccontextmanager
async def watching(*beds: BedCluster) -> AsyncIterator[Watched]:
    """All of them, live."""
    fleet = Fleet(clock=SystemClock(), chance=SystemChance())
    async with AsyncExitStack() as stack:
        for bed in beds:
            connector = await stack.enter_async_context(opened(bed.kubeconfig))
            fleet.add(bed.name, open_reader=lambda name=bed.name, via=connector: via.open_reader(name, name=name))
        watched = Watched(fleet)
        fleet.connect(bed.name for bed in beds)
        running = asyncio.create_task(fleet.run())
        try:
            for bed in beds:
                await watched.live(bed.name)
            watched.neighbour.clear()
            yield watched
        finally:
            running.cancel()
            await asyncio.wait({running})


async def test_rows_follow_the_server(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        row = watched.row()
        assert row.uid
        assert row.uid != watched.row("neighbour").uid
        assert row.version.startswith("v1.")
        await asyncio.to_thread(victim.api().create, objects.NODES, objects.node("late"))
        await watched.until(lambda row: row.nodes_total == 2, within=BACK_WITHIN_S)
        await asyncio.to_thread(victim.api().patch, f"{objects.NODES}/late", {"spec": {"unschedulable": True}})
        await watched.until(lambda row: row.cordoned == 1, within=BACK_WITHIN_S)
        assert watched.machines()["late"].cordoned
        await asyncio.to_thread(victim.api().delete, f"{objects.NODES}/late")
        await watched.until(lambda row: row.nodes_total == 1, within=BACK_WITHIN_S)
        assert {entry.field for entry in watched.fleet.history(0.0) if entry.name == "late"} == {"exists", "cordoned"}


async def test_a_frozen_api_server(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    async with watching(victim, neighbour) as watched:
        victim.freeze_api()
        try:
            await watched.until(lambda row: row.trust is not Trust.LIVE, within=TRUTH_WITHIN_S)
            await watched.until(lambda row: row.fault is not None, within=BACK_WITHIN_S)
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
        await watched.until(lambda row: row.nodes_total == 1, within=BACK_WITHIN_S)
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
        await watched.until(lambda row: row.nodes_total == 1, within=BACK_WITHIN_S)
        assert watched.neighbour <= {Trust.LIVE}


@pytest.mark.parametrize(
    ("user", "shown", "forbidden"), [("nodes-only", (1, None), "pods"), ("pods-only", (None, 1), "nodes")]
)
async def test_rights_to_some_kinds_show_those(
    pair: tuple[BedCluster, BedCluster], user: str, shown: tuple[int | None, int | None], forbidden: str
) -> None:
    victim, neighbour = pair
    pods = objects.pods_in("default")
    await asyncio.to_thread(victim.api().create, pods, objects.pod("seen", node="victim-n1"))
    async with watching(neighbour) as watched, opened(victim.kubeconfig_for(user)) as connector:
        watched.fleet.add("victim", open_reader=lambda: connector.open_reader("victim", name="victim"))
        watched.fleet.focus_pods(frozenset({"victim"}))
        watched.fleet.connect(["victim"])
        await watched.until(lambda row: (row.nodes_total, row.pods_total) == shown, within=BACK_WITHIN_S)
        await watched.until(lambda row: any(feed.fault for feed in row.feeds), within=BACK_WITHIN_S)
        assert watched.fleet.feed("victim", forbidden).fault.kind is FaultKind.FORBIDDEN
        assert watched.row().trust is Trust.LIVE
    await asyncio.to_thread(victim.api().delete, f"{pods}/seen", {"gracePeriodSeconds": 0})


async def test_credentials_that_are_refused_and_then_renewed(pair: tuple[BedCluster, BedCluster]) -> None:
    victim, neighbour = pair
    path = victim.kubeconfig_for("other")
    good = path.read_text()
    path.write_text(good.replace("tok-other", "tok-expired"))
    async with watching(victim, neighbour) as watched, opened(path) as connector:
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

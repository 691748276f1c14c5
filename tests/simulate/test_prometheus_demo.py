"""The demo's alerts: what is wrong in the simulated fleet is found by the clients that real servers are asked with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.pipeline import Level
from fleetui.model.config import Config
from fleetui.observe.alert_board import AlertBoard
from fleetui.simulate.demo import demo_fleet
from fleetui.simulate.etcd_demo import DemoEtcds
from fleetui.simulate.handout import config_document
from fleetui.simulate.objects import Node
from fleetui.simulate.prometheus_demo import DemoMonitoring
from fleetui.simulate.request import Patch
from fleetui.wiring.alerts import alert_board, looked

CLOCK = SystemClock()


@dataclass
class Demo:
    board: AlertBoard
    fleet: Any
    monitoring: DemoMonitoring

    def alerts(self) -> dict[tuple[str, str], Alert]:
        return {(alert.name, alert.cluster): alert for _, alert in self.board.rows.snapshot()}

    async def until(self, name: str, cluster: str) -> Alert:
        async with asyncio.timeout(30):
            while (name, cluster) not in self.alerts():  # noqa: ASYNC110 - another task's rows
                await asyncio.sleep(0.02)
        return self.alerts()[name, cluster]


@asynccontextmanager
async def seen() -> AsyncIterator[Demo]:
    fleet = demo_fleet(seed=1, speed=1.0, clock=CLOCK)
    etcds = DemoEtcds(seed=1, clock=CLOCK)
    monitoring = DemoMonitoring(fleet, etcds, seed=1, clock=CLOCK)
    await etcds.start()
    await monitoring.start()
    document = {**config_document(fleet, etcd=etcds.endpoints), **monitoring.settings()}
    board = alert_board(msgspec.convert(document, Config), clock=CLOCK, chance=SystemChance())
    try:
        async with looked(board):
            yield Demo(board, fleet, monitoring)
    finally:
        await monitoring.stop()
        await etcds.stop()


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with seen() as made:
        yield made


async def test_what_is_wrong_in_the_fleet_is_in_the_list_soon() -> None:
    async with seen() as demo, asyncio.timeout(60):
        while len((await demo.until("KubeNodeNotReady", "edge-cadiz-01")).sources) < 4:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)  # a busy machine answers late
        found = demo.alerts()
    full, thin = found["etcdDatabaseQuotaLowSpace", "data-north-1"], found["etcdMembersDown", "pci-east-1"]
    assert (full.phase, full.call, full.value) == (Phase.FIRING, "page", 100.0)
    assert (thin.phase, thin.call, thin.hush) == (Phase.FIRING, "page", Hush.NONE)
    node = found["KubeNodeNotReady", "edge-cadiz-01"]
    assert dict(node.labels)["node"] == "cadiz1-wk-a-05"
    assert node.annotation("runbook_url")
    assert node.sources == ("am-east", "am-west", "ruler-a", "ruler-b"), "each alert once, from all who say it"
    assert found["TargetDown", "edge-cadiz-01"].hush is Hush.INHIBITED
    assert found["TargetDown", "edge-cadiz-01"].inhibited_by == (node.key,)
    assert found["KubePodCrashLooping", "prod-east-1"].elsewhere == 1
    acked, silenced = found["etcdMembersDown", "edge-lima-02"], found["KubeNodeCordoned", "nonprod-west-1"]
    assert (acked.hush, acked.ack and acked.ack.by) == (Hush.ACKED, "jonas@jump-1")
    assert silenced.hush is Hush.SILENCED
    assert any(alert.phase is Phase.PENDING for alert in found.values())


async def test_the_pipeline_lives_and_its_slow_half_is_named(demo: Demo) -> None:
    found = demo.board.pipeline
    assert found is not None
    assert found.level is Level.LATE
    assert [trouble.what.split(" evaluated")[0] for trouble in found.troubles] == ["Prometheus ruler-b"]
    assert [watchdog.route for watchdog in found.living] == [(("prometheus", "monitoring/rulers"),)]
    assert found.evaluating == {"ruler-a"}


async def test_a_drain_that_a_budget_holds_is_told(demo: Demo) -> None:
    """A machine locked by an operation, with a pod of payments/api on it."""
    host = demo.fleet.host("prod-east-1")
    pod = next(pod for pod in host.world.all("pods") if pod.namespace == "payments" and pod.ready)
    lock = {"metadata": {"annotations": {"fleetui.dev/lock": "{}"}}, "spec": {"unschedulable": True}}
    host.ask(Patch("nodes", pod.node, lock))
    assert isinstance(next(node for node in host.world.all("nodes") if node.name == pod.node), Node)
    for name, ruler in demo.monitoring.rulers.items():  # the next evaluation is half a minute away
        demo.monitoring.mesh.receive(ruler.tick(CLOCK.now() + 120), CLOCK.now())
        assert ruler.active("NodeDrainBlocked"), name
    alert = await demo.until("NodeDrainBlocked", "prod-east-1")
    assert alert.phase is Phase.PENDING
    assert dict(alert.labels)["node"] == pod.node
    assert alert.annotation("summary") == f"the drain of {pod.node} waits for the budget payments/api"

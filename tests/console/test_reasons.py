"""The sick machine says why: read once when the cursor rests on it, and only then."""

import pytest
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.details import Condition, Details, MachineDetails
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from tests.console.samples import EXPIRED, fill
from tests.console.test_table_keys import cursor_on, started
from tests.console.waiting import until
from tests.console.world import NOON, World

SICK, WELL = "prod-east-2/uid-prod-east-2-wk-c-03", "prod-east-2/uid-prod-east-2-wk-b-01"
WHY = Condition("Ready", "Unknown", NOON - 7200, "NodeStatusUnknown", "Kubelet stopped posting node status.")
NODE = NodeState("uid-prod-east-2-wk-c-03", "wk-c-03", "9", ready=None)


def inspected(app: FleetApp) -> str:
    return " ".join(app.frame.query_one("#inspector", Page).text.split())


class Readings:
    """Counts the readings of a world's fleet."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, *, refused: bool = False) -> None:
        self.names: list[str] = []
        self._refused = refused
        monkeypatch.setattr(world.fleet, "details", self._details)

    async def _details(self, row: Machine | Pod) -> Details:
        self.names.append(row.name)
        if self._refused:
            raise ClusterError(EXPIRED)
        return MachineDetails(NODE, conditions=(Condition("DiskPressure", "False"), WHY))


async def visit(pilot: Pilot[int], app: FleetApp, row_id: str, says: str) -> None:
    await cursor_on(pilot, app, row_id)
    await until(pilot, lambda: says in inspected(app))


async def test_a_machine_that_is_not_ready_says_why_and_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fill(World())
    readings = Readings(world, monkeypatch)
    async with world.app(view=View("machines", query="@prod-east-2")).run_test(size=(160, 40)) as pilot:
        app = await started(pilot, world)
        await visit(pilot, app, SICK, "NotReady since 2h: Kubelet stopped posting node status. d describe")
        await visit(pilot, app, WELL, "wk-b-01 in prod-east-2 status")
        await visit(pilot, app, SICK, "NotReady since 2h: Kubelet stopped")

    assert readings.names.count("wk-c-03") == 1
    assert "wk-b-01" not in readings.names


async def test_a_reading_that_fails_leaves_the_word_and_is_not_tried_at_every_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = fill(World())
    readings = Readings(world, monkeypatch, refused=True)
    async with world.app(view=View("machines", query="wk-c-03")).run_test(size=(160, 40)) as pilot:
        app = await started(pilot, world)
        await visit(pilot, app, SICK, "NotReady d describe")
        await until(pilot, lambda: readings.names)
        for _ in range(3):
            app.frame.tick()
        await until(pilot, lambda: "NotReady d describe" in inspected(app))

    assert readings.names == ["wk-c-03"]

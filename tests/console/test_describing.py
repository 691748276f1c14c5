"""``d`` shows words and ``y`` the YAML, of what the cursor is on."""

import pytest
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.describing import section_lines
from fleetui.console.ink import plain, width
from fleetui.console.page import Page
from fleetui.console.screens.document import DocumentScreen
from fleetui.console.views import View
from fleetui.model.details import Condition, Details, MachineDetails
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError
from fleetui.model.history import Transition
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.section import Fact, Section
from tests.console.samples import EXPIRED, fill, running_drain
from tests.console.test_table_keys import cursor_on, started
from tests.console.waiting import until
from tests.console.world import NOON, World

WK = "prod-east-2/uid-prod-east-2-wk-c-03"
NODE = NodeState("uid-prod-east-2-wk-c-03", "wk-c-03", "9", ready=None, ready_since=NOON - 840)
READ = MachineDetails(NODE, conditions=(Condition("Ready", "Unknown", NOON - 840, "NodeStatusUnknown"),))


async def described(pilot: Pilot[int], app: FleetApp, *, key: str = "d", until_said: str) -> str:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, DocumentScreen) and until_said in app.screen.query_one(Page).text)
    return app.screen.query_one(Page).text


async def test_d_says_a_machine_in_words_and_y_its_yaml() -> None:
    world = fill(World())
    world.fleet.read["wk-c-03"] = READ
    world.fleet.documents["wk-c-03"] = "kind: Node"
    world.fleet.seen = [
        Transition(NOON - 840, "prod-east-2", "machine", "wk-c-03", "status", "Ready", "NotReady", NODE.uid),
        Transition(NOON - 900, "prod-east-2", "machine", "wk-c-04", "status", "Ready", "NotReady", "uid-of-another"),
    ]
    async with world.app(view=View("machines")).run_test(size=(100, 40)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, WK)
        text = await described(pilot, app, until_said="conditions")
        assert "Unknown since 14m: NodeStatusUnknown" in text
        assert text.count("status: Ready → NotReady") == 1
        assert "kind: Node" not in text
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        assert "conditions" not in await described(pilot, app, key="y", until_said="kind: Node")


async def test_what_cannot_be_read_is_said_above_what_the_row_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fill(World())

    async def refuse(row: Machine | Pod) -> Details:
        raise ClusterError(EXPIRED)

    monkeypatch.setattr(world.fleet, "details", refuse)
    async with world.app(view=View("machines")).run_test(size=(100, 40)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, WK)
        text = await described(pilot, app, until_said="not read now")
        assert text.index("cert expired 2h ago") < text.index("wk-c-03")
        assert "kubeadm certs renew apiserver" in text


async def test_d_on_a_cluster_says_its_feeds_and_on_an_operation_its_record() -> None:
    world = fill(World())
    running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app().run_test(size=(100, 40)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "pci-east")
        text = await described(pilot, app, until_said="feeds")
        assert "silent, never read" in text
        assert "ask for list and watch on pods" in " ".join(text.split())
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        app.go.open(View("operations"))
        await until(pilot, lambda: app.table is not None and isinstance(app.table.current(), Operation))
        assert "digest" in await described(pilot, app, until_said="checks")


@pytest.mark.parametrize("cells", [30, 60, 120])
def test_values_are_aligned_and_every_line_fits(cells: int) -> None:
    long = "words " * 40
    sections = (
        Section("wk-1", (Fact("status", long), Fact("", "below"), Fact("a label of its own line, long", "x"))),
        Section("room", (Fact("cpu", "4 cores", "warn"),)),
    )
    lines = section_lines(sections, cells)

    assert all(width(said) <= cells for said in lines)
    texts = [plain(said) for said in lines]
    assert " ".join(" ".join(texts).split()).count("words") == 40
    assert "room" in texts
    assert ("4 cores", "warn") in [span for said in lines for span in said]

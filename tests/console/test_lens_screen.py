"""The cluster lens as the one on call meets it: from the alert to the cause, the runbook and the proposed operation."""

import threading
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from fleetui.clients.runbook_files import RunbookFiles
from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.screens.runbook import RunbookScreen
from fleetui.console.views import View
from fleetui.model.alerts.alert import Ack, Hush
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.cluster import AlertSign, BoardSign, Health, Quiet
from fleetui.model.cluster_verdict import VITAL
from fleetui.model.details import Condition, Happening, MachineDetails
from fleetui.model.drain import NodeState
from fleetui.model.health.etcd import Alarm, AlarmKind
from fleetui.model.health.sample import Age
from fleetui.model.health.slo import Call as BurnCall
from fleetui.model.health.slo_board import SloRow
from fleetui.model.history import Transition
from tests.console import etcd_samples
from tests.console.alert_samples import ALERTS, alert, ring
from tests.console.samples import CLUSTERS, fill, machine
from tests.console.test_table_keys import cursor_on, grid, started
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World

EAST = "prod-east-2"
TICKETS = tuple(one for one in ALERTS if one.call is Call.TICKET)


def filled() -> World:
    world = fill(World())
    world.session.runbooks = RunbookFiles(Path("/nowhere"))
    return world


def text(app: FleetApp) -> str:
    """Its words, wherever its lines break."""
    return " ".join(app.frame.query_one("#lens", Page).text.split())


async def opened(pilot: Pilot[int], world: World, view: View) -> FleetApp:
    app = await started(pilot, world)
    app.go.open(view)
    return app


async def at_lens(pilot: Pilot[int], app: FleetApp, said: str, cluster_name: str = EAST) -> None:
    await until(pilot, lambda: app.go.here.screen == "lens" and app.go.here.cluster == cluster_name)
    await until(pilot, lambda: app.screen is app.frame and app.frame.built and said in text(app))


async def test_a_key_on_the_fleet_leads_to_what_is_wrong_and_what_to_do() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, EAST)
        await pilot.press("i")
        await at_lens(pilot, app, "NODE FAILURE")
        said = text(app)
        assert "2 of 45 machines not Ready: wk-a-12, wk-c-03" in said
        assert "x cordon wk-a-12, wk-c-03" in said
        assert "b runbook: node failure" in said
        assert "fence the machine first" in said
        assert "43/45 Ready" in said
        assert "storage lag: no way to its etcd is configured" in said, "what cannot be seen is said"


async def test_it_asks_for_its_pods_and_boards_only_while_it_is_looked_at() -> None:
    world = filled()
    async with world.app().run_test() as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await until(pilot, lambda: bool(world.fleet.focused) and world.fleet.focused[-1] == {EAST})
        await until(pilot, lambda: bool(world.fleet.looked) and world.fleet.looked[-1] == VITAL)
        app.go.open(View("machines"))
        await until(pilot, lambda: world.fleet.focused[-1] == frozenset() and world.fleet.looked[-1] == frozenset())


async def test_as_the_first_screen_it_imports_what_its_boards_need_beside_the_keys() -> None:
    world, imported = filled(), []
    world.session.import_boards = lambda: imported.append(threading.current_thread())
    async with world.app(view=View("lens", cluster=EAST)).run_test() as pilot:
        await until(pilot, lambda: bool(world.fleet.looked) and world.fleet.looked[-1] == VITAL)
        assert imported
        assert imported[0] is not threading.main_thread()


async def test_a_change_is_judged_without_a_key() -> None:
    world = filled()
    async with world.app().run_test() as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "wk-a-12, wk-c-03")
        world.fleet.put(machine("wk-c-03", rack="c"), machine("wk-a-12", rack="a"))
        await until(pilot, lambda: "NODE FAILURE" not in text(app))
        etcd_samples.put(world, etcd_samples.full(EAST))
        await until(pilot, lambda: "RESOURCE EXHAUSTION" in text(app))
        assert "comes back full" in text(app)


WALK = ("a", "enter", "x")
"""docs/walk.md: the page, its cluster, the plan of what is proposed."""


async def test_from_the_page_to_the_proposed_operation_in_at_most_five_keys() -> None:
    """Keys alone, among other alerts: the cursor is on what pages, and the targets are frozen."""
    world = filled()
    ring(world, *TICKETS, alert("KubeNodeNotReady", EAST, page=True, labels={"node": "wk-c-03"}))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press(WALK[0])
        await until(pilot, lambda: app.go.here.screen == "alerts" and app.screen is app.frame and app.frame.built)
        await until(pilot, lambda: "KubeNodeNotReady" in app.frame.query_one("#inspector", Page).text)
        await pilot.press(WALK[1])
        await at_lens(pilot, app, "KubeNodeNotReady fires since 22m")
        await pilot.press(WALK[2])
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        (operation,) = world.desk.operations()
        assert operation.intent.kind == "cordon"
        assert [target.name for target in operation.intent.targets] == ["wk-a-12", "wk-c-03"]
        assert operation.intent.cluster.name == EAST
    assert len(WALK) <= 5


async def test_a_full_etcd_leads_to_its_recovery() -> None:
    raised = (Alarm("cp-b", AlarmKind.NOSPACE, "NOSPACE"),)
    members = [
        etcd_samples.member(name, alarms=raised, db_size=etcd_samples.QUOTA, cluster_id="5eed")
        for name in ("cp-a", "cp-b", "cp-c")
    ]
    world = etcd_samples.put(filled(), etcd_samples.state("dr-west", *members))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="dr-west"))
        await at_lens(pilot, app, "x etcd-recover-space dr-west", "dr-west")
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        (operation,) = world.desk.operations()
        assert operation.intent.kind == "etcd-recover-space"
        assert operation.intent.cluster.name == "dr-west"


async def test_without_a_proposal_the_key_says_the_first_step() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="edge-lima-02"))
        await at_lens(pilot, app, "CERTIFICATE EXPIRY", "edge-lima-02")
        await pilot.press("x")
        await until(pilot, lambda: "no operation is proposed" in app.frame.query_one("#keys", Paper).text)
        assert world.desk.operations() == ()


async def test_a_silent_cluster_is_unknown_on_every_board_and_nothing_of_it_is_calm() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="edge-lima-02"))
        await at_lens(pilot, app, "CERTIFICATE EXPIRY", "edge-lima-02")
        said = text(app)
        assert "? nodes: silent 6m (cert expired 2h ago)" in said
        assert "? pods: silent 6m (cert expired 2h ago)" in said
        assert "control-plane outage" in said.split("Other failure modes")[1]
        assert "not found: " not in said or "control-plane outage" not in said.split("not found: ")[1]


async def test_the_runbook_of_the_diagnosis_opens_with_its_context_in_the_commands() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "NODE FAILURE")
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and app.screen.is_mounted)
        await until(pilot, lambda: f"kubectl --context {EAST} cordon wk-a-12" in app.screen.query_one(Page).text)


async def test_a_runbook_opens_by_its_name_and_a_wrong_name_tells_which_there_are() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.on_command_line(type("Typed", (), {"text": "runbook nothing"})())  # type: ignore[arg-type]
        await until(pilot, lambda: "there are alert-pipeline" in app.frame.query_one("#keys", Paper).text)
        app.on_command_line(type("Typed", (), {"text": "runbook storage lag"})())  # type: ignore[arg-type]
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen))


@pytest.mark.parametrize(
    ("key", "view"),
    [
        ("m", View("machines", cluster=EAST)),
        ("p", View("pods", cluster=EAST)),
        ("e", View("etcd", cluster=EAST)),
        ("a", View("alerts", query=f"@{EAST}")),
        ("s", View("slo", cluster=EAST)),
        ("c", View("controlplane", cluster=EAST)),
        ("r", View("replication", cluster=EAST)),
    ],
)
async def test_one_key_leads_to_each_board(key: str, view: View) -> None:
    world = filled()
    ring(world)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "NODE FAILURE")
        await pilot.press(key)
        await until(pilot, lambda: app.go.here == view)


async def test_the_machines_open_with_the_cursor_on_the_named_one() -> None:
    world = filled()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "NODE FAILURE")
        named = app.frame.named_machine()
        assert named is not None
        assert named.name == "wk-a-12"
        world.fleet.put(machine("wk-c-03", rack="c"))
        world.fleet.put(machine("wk-b-99", status="NotReady"))
        await pilot.press("m")
        await until(pilot, lambda: app.go.here.screen == "machines" and app.screen is app.frame and app.frame.built)
        await until(pilot, lambda: getattr(grid(app).cursor_row, "name", "") == "wk-a-12")


BURNING = (BoardSign("slo", Health.BROKEN, "gone 6.7 h"), BoardSign("replication", Health.WARNING, "lagging"))
BURNS = SloRow(
    cluster="dr-west", objective="api-errors", title="API requests without error", level=Health.BROKEN,
    word="gone in 6.7 h", reason="burns 53.3 x its pace", call=BurnCall.PAGE, burn=53.3, value=0.95, age=Age.FRESH,
    settled=True,
)  # fmt: skip


async def test_what_the_boards_say_of_it_is_named_with_the_keys_that_open_them() -> None:
    world = filled()
    quiet = next(row for row in CLUSTERS if row.name == "dr-west")
    world.fleet.put(msgspec.structs.replace(quiet, boards=BURNING))
    world.fleet.tables["slo"].apply("dr-west", [("dr-west/api-errors", BURNS)])  # type: ignore[list-item]
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="dr-west"))
        await at_lens(pilot, app, "control-plane outage suspected", "dr-west")
        said = text(app)
        assert "boards ✖ slo gone 6.7 h ▲ repl lagging" in said
        assert "API requests without error: budget gone in 6.7 h, burns 53.3 x its pace" in said
        assert "s Service levels: gone 6.7 h" in said
        assert "✖ API requests without error gone in 6.7 h" in said
        assert "c Control plane figures" in said
        assert "r Replication: lagging" in said
        assert "nothing is wrong" not in said


async def test_a_page_that_somebody_is_at_reads_as_that_and_not_as_well() -> None:
    world = filled()
    acked = msgspec.structs.replace(
        alert("KubeAPIDown", "dr-west", page=True),
        hush=Hush.ACKED,
        ack=Ack(silence="s", by="kim", until=NOON + 720, comment=""),
    )
    put_aside = msgspec.structs.replace(alert("KubeJobFailed", "dr-west", page=True), hush=Hush.SILENCED)
    ring(world, acked, put_aside)
    quiet = next(row for row in CLUSTERS if row.name == "dr-west")
    sign = AlertSign(hushed=2, quiet=(Quiet("ack", "acked by kim", until=NOON + 720), Quiet("mute", "silenced")))
    world.fleet.put(msgspec.structs.replace(quiet, alerts=sign))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="dr-west"))
        await at_lens(pilot, app, "page, acked by kim 12m", "dr-west")
        said = text(app)
        assert "~ KubeAPIDown page, acked by kim 12m firing" in said
        assert "· KubeJobFailed page, silenced firing" in said
        assert "boards ~ alerts 1 page acked by kim ~ alerts 1 page silenced" in said
        assert "nothing is wrong" not in said
        await until(pilot, lambda: "1 page acked by kim 12m" in app.frame.query_one("#where", Paper).text)


async def test_a_rule_that_cannot_be_evaluated_is_a_warning_and_blinds_nothing() -> None:
    world = filled()
    bad = Trouble(Level.LATE, "rule KubeX at p cannot be evaluated", "mend it", cluster="dr-west", rule="KubeX")
    ring(world, pipeline=Pipeline(at=NOON, level=Level.LATE, troubles=(bad,)))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster="dr-west"))
        await at_lens(pilot, app, "▲ rule KubeX at p", "dr-west")


async def test_what_happened_stands_in_one_order_whoever_saw_it() -> None:
    world = filled()
    status = Transition(NOON - 300, EAST, "machine", "wk-c-03", "status", "Ready", "NotReady", "uid")
    elsewhere = Transition(NOON - 200, "dr-west", "machine", "wk-9", "status", "Ready", "NotReady", "uid")
    world.fleet.seen = [elsewhere, status]
    ring(world, alert("KubeNodeNotReady", EAST, page=True, since=NOON - 250, firing_since=NOON - 60))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "wk-c-03 status Ready → NotReady")
        said = text(app).split("What happened")[1]
        assert said.index("KubeNodeNotReady fires: page") < said.index("wk-c-03 status")
        assert "wk-9" not in said


async def test_events_of_failed_machines_stand_in_what_happened_and_their_reason_on_the_board() -> None:
    world = filled()
    stopped = Condition("Ready", "Unknown", NOON - 400, "NodeStatusUnknown", "Kubelet stopped posting node status.")
    told = Happening(NOON - 390, "NodeNotReady", "Node wk-c-03 status is now: NodeNotReady", warning=True)
    for name in ("wk-a-12", "wk-c-03"):
        node = NodeState(f"uid-{name}", name, "1")
        happenings = (told,) if name == "wk-c-03" else None
        world.fleet.read[name] = MachineDetails(node, conditions=(stopped,), happenings=happenings)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "wk-c-03 NodeNotReady: Node wk-c-03 status is now")
        assert "NodeStatusUnknown, Kubelet" in text(app)
        assert "events" in text(app).split("What happened")[1]


async def test_80_by_24_shows_the_verdict_and_the_first_step_without_scrolling() -> None:
    world = filled()
    async with world.app().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "NODE FAILURE")
        page = app.frame.query_one("#lens", Page)
        lines = page.text.splitlines()
        assert max(map(len, lines)) <= 78
        first = " ".join(" ".join(lines[: page.size.height]).split())
        for word in ("NODE FAILURE", "because", "likely", "first", "x cordon", "Control plane"):
            assert word in first


async def test_a_cluster_of_another_name_is_not_taken_for_one_that_is_well() -> None:
    world = filled()
    async with world.app().run_test() as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "lens nowhere")
        await pilot.press("enter")
        await at_lens(pilot, app, "? nothing is found", "nowhere")
        assert "nothing is wrong" not in text(app)

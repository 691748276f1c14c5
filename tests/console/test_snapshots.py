"""How every screen looks: pictures in ``snapshots/``. ``make snapshots`` draws them anew; look before you commit."""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.clients.runbook_files import RunbookFiles
from fleetui.console.app import FleetApp
from fleetui.console.arming import Arming
from fleetui.console.controls import Choice
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.chart import ChartScreen
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.screens.hush import HushScreen
from fleetui.console.screens.runbook import RunbookScreen
from fleetui.console.views import View
from fleetui.model.alerts.alert import Ack, Hush
from fleetui.model.alerts.grouping import total
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.board_signs import board_sign
from fleetui.model.cluster import AlertSign, Quiet
from fleetui.model.history import Transition
from fleetui.model.operation import Blast
from fleetui.model.vitals import Alarms
from tests.console import etcd_samples, incident_samples, replication_samples
from tests.console.alert_samples import ALERTS, FROZEN, LIVING, NO_LEADER, STANDINGS, alert, hush, lost, ring, tell
from tests.console.chart_samples import ScriptedCharts
from tests.console.panel_samples import put_board, put_control_planes, put_coverage, put_promises
from tests.console.samples import CLUSTERS, fill, running_drain, tense_plan, watched
from tests.console.test_table_keys import cursor_on, started
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World

PICTURES = Path(__file__).parents[2] / "snapshots"

LARGE, SMALL = (160, 50), (80, 24)

Steps = Callable[[Pilot[int], World, FleetApp], Awaitable[None]]

YAML = """apiVersion: v1
kind: Node
metadata:
  name: wk-b-04
  labels:
    kubernetes.io/hostname: wk-b-04
    topology.kubernetes.io/zone: rack-b
spec:
  podCIDR: 10.32.4.0/24
status:
  conditions:
  - lastHeartbeatTime: "2027-01-15T07:59:51Z"
    message: kubelet is posting ready status
    reason: KubeletReady
    status: "True"
    type: Ready"""


def shows(app: FleetApp) -> bool:
    """The screen of the current view is there, and its table has the keys."""
    return app.screen is app.frame and app.frame.built and app.frame.query_one(Grid).has_focus


async def fleet(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    world.fleet.put(*watched())
    world.fleet.alarms = Alarms(total(ALERTS), LIVING)
    app.frame.tick()
    await until(pilot, lambda: "page" in app.frame.query_one("#trust", Paper).text)
    await cursor_on(pilot, app, "edge-lima-02")


async def machines(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    app.go.open(View("machines", cluster="prod-east-2"))
    await until(pilot, lambda: shows(app))
    app.frame.query_one(Grid).go_to("prod-east-2/uid-prod-east-2-wk-b-03")
    await pilot.press("space", "space")
    await cursor_on(pilot, app, "prod-east-2/uid-prod-east-2-wk-b-07")


async def filtered(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    app.go.open(View("machines"))
    await until(pilot, lambda: shows(app))
    await pilot.press("slash")
    await type_text(pilot, "status!=Ready @prod-*")
    await until(pilot, lambda: "wk-c-03" in app.frame.query_one("#inspector", Page).text)


async def pods(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    app.go.open(View("pods", cluster="prod-east-2"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).cursor_row is not None)
    await until(pilot, lambda: "ledger-0" in app.frame.query_one("#inspector", Page).text)


async def operations(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    app.go.open(View("operations"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).cursor_row is not None)
    await until(pilot, lambda: "budget shut since 14m" in app.frame.query_one("#inspector", Page).text)


async def alerts(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    ring(world, *ALERTS)
    app.go.open(View("alerts"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to(NO_LEADER.key))
    await until(pilot, lambda: "quorum" in app.frame.query_one("#inspector", Page).text)


async def alerts_dead(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """The Prometheus of one cluster is frozen, one Alertmanager of two is down."""
    board = ring(world, *(lost(one) if one.cluster == "prod-east-1" else one for one in ALERTS))
    board.pipeline = FROZEN
    app.go.open(View("alerts"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to(NO_LEADER.key))
    await until(pilot, lambda: "unknown since" in app.frame.query_one("#inspector", Page).text)


async def alerts_held(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Two are marked; what comes meanwhile waits."""
    await alerts(pilot, world, app)
    await pilot.press("g", "space", "space")
    await until(pilot, lambda: len(app.frame.query_one(Grid).marks) == 2)
    tell(world, *(alert("KubeAPIDown", name, page=True) for name in ("edge-oslo-01", "edge-lima-02")))
    await until(pilot, lambda: "2 new" in app.frame.query_one("#trust", Paper).text)


async def silences(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    ring(world, *ALERTS)
    hush(world, *STANDINGS)
    app.go.open(View("silences"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("9f00"))
    await until(pilot, lambda: "not everywhere" in app.frame.query_one("#trust", Paper).text)
    await until(pilot, lambda: "RAID" in app.frame.query_one("#inspector", Page).text)


async def hush_ack(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """The three crashing pods are acked; changes are allowed."""
    world.session.arming = Arming("bad image, CHG-1", until=world.clock.at + 1260)
    app.arming_changed()
    await alerts(pilot, world, app)
    for one in ALERTS:
        if one.name == "KubePodCrashLooping":
            app.frame.query_one(Grid).go_to(one.key)
            await pilot.press("space")
    await pilot.press("A")
    await hush_open(pilot, app)


async def hush_silence(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Read-only, of the name: it would mute more than was chosen."""
    await alerts(pilot, world, app)
    app.frame.query_one(Grid).go_to(next(one.key for one in ALERTS if one.name == "KubePodCrashLooping"))
    await pilot.press("s")
    await hush_open(pilot, app)
    app.screen.query_one(Choice).focus()
    await pilot.press("right")
    await until(pilot, lambda: "not chosen" in app.screen.query_one("#outlook", Page).text)


async def hush_open(pilot: Pilot[int], app: FleetApp) -> None:
    await until(pilot, lambda: isinstance(app.screen, HushScreen) and app.screen.query("#post"))
    await until(pilot, lambda: "mutes" in app.screen.query_one("#outlook", Page).text)


async def etcd(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    etcd_samples.put_all(world)
    app.go.open(View("etcd"))
    await until(pilot, lambda: shows(app))
    await cursor_on(pilot, app, "prod-east-1")


async def controlplane(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    put_control_planes(world)
    app.go.open(View("controlplane"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("prod-east-1"))
    await until(pilot, lambda: "beyond" in app.frame.query_one("#inspector", Page).text)


async def last_hour(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """The control planes with their last hour."""
    _with_history(world)
    await controlplane(pilot, world, app)
    await until(pilot, lambda: "last hour" in app.frame.query_one("#inspector", Page).text)


async def chart(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Three API servers, a gap, a limit that is passed, the cursor on it."""
    _with_history(world).members = ("cp-a", "cp-bb", "cp-ccc")
    await controlplane(pilot, world, app)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, ChartScreen) and app.screen.chart)
    await pilot.press("tab")
    await until(pilot, lambda: "limit from 1 s" in app.screen.query_one("#chart", Paper).text)
    for _ in range(12):
        if " 07:3" not in app.screen.query_one("#trust", Paper).text:
            await pilot.press("shift+left")
    assert " 07:3" in app.screen.query_one("#trust", Paper).text


def _with_history(world: World) -> ScriptedCharts:
    charts = ScriptedCharts()
    charts.now = world.clock.now
    world.session.charts = charts
    return charts


async def slo(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    put_promises(world)
    app.go.open(View("slo"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("prod-east-1/api-errors"))
    await until(pilot, lambda: "burns" in app.frame.query_one("#inspector", Page).text)


async def incidents(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    await incident_samples.register(world, *incident_samples.STORY)
    await app.incidents.begin()
    app.go.open(View("incidents"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to(incident_samples.FEED))
    await until(pilot, lambda: "rack C dark" in app.frame.query_one("#inspector", Page).text)


async def incident(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Ten minutes in: two items are done, one source was silent for a while."""
    await incidents(pilot, world, app)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.frame and app.frame.built and app.frame.PLACE == "incident")
    await until(pilot, lambda: "first symptom" in app.frame.query_one("#incident", Page).text)


async def lens(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """A machine has failed while another is drained; its etcd is well, an alert pages."""
    ring(world, *ALERTS, alert("KubeNodeNotReady", "prod-east-2", page=True, labels={"node": "wk-c-03"}))
    etcd_samples.put(world, etcd_samples.well("prod-east-2"))
    world.fleet.seen = [
        Transition(NOON - 240, "prod-east-2", "machine", "wk-b-07", "operation", "", "drain by ana"),
        Transition(NOON - 410, "prod-east-2", "machine", "wk-c-03", "status", "Ready", "NotReady"),
        Transition(NOON - 425, "prod-east-2", "pod", "ledger-0", "status", "Running", "CrashLoopBackOff"),
    ]
    app.go.open(View("lens", cluster="prod-east-2", query="KubeNodeNotReady"))
    await until(pilot, lambda: app.screen is app.frame and app.frame.built)
    await until(pilot, lambda: "KubeNodeNotReady fires" in app.frame.query_one("#lens", Page).text)


async def walk_page(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Where docs/walk.md begins: ``a``, and the cursor is on the page."""
    tickets = (one for one in ALERTS if one.call is Call.TICKET)
    ring(world, *tickets, alert("KubeNodeNotReady", "prod-east-2", page=True, labels={"node": "wk-c-03"}))
    await pilot.press("a")
    await until(pilot, lambda: shows(app) and "KubeNodeNotReady" in app.frame.query_one("#inspector", Page).text)


async def lens_burning(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Its API server answers: what is wrong is on the boards, and its page is acked."""
    name = "prod-east-1"
    put_promises(put_control_planes(world))
    rows = {board: [row for _, row in world.fleet.tables[board].snapshot()] for board in ("slo", "controlplane")}
    signs = [board_sign(board, [row for row in found if row.cluster == name]) for board, found in rows.items()]
    quiet = AlertSign(hushed=1, quiet=(Quiet("ack", "acked by kim", until=NOON + 720),))
    row = next(one for one in CLUSTERS if one.name == name)
    world.fleet.put(msgspec.structs.replace(row, alerts=quiet, boards=tuple(filter(None, signs))))
    ack = Ack(silence="s", by="kim", until=NOON + 720, comment="")
    ring(world, msgspec.structs.replace(alert("KubeAPIErrorBudgetBurn", name, page=True), hush=Hush.ACKED, ack=ack))
    etcd_samples.put(world, etcd_samples.well(name))
    app.go.open(View("lens", cluster=name))
    await until(pilot, lambda: app.screen is app.frame and app.frame.built)
    lens = app.frame.query_one("#lens", Page)
    await until(pilot, lambda: all(said in lens.text for said in ("acked by kim", "5xx 4%", "API requests without")))


async def lens_silent(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """Nothing of it is known but why."""
    app.go.open(View("lens", cluster="edge-lima-02"))
    await until(pilot, lambda: app.screen is app.frame and app.frame.built)
    await until(pilot, lambda: "CERTIFICATE" in app.frame.query_one("#lens", Page).text)


async def runbook(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    world.session.runbooks = RunbookFiles(Path("/nowhere"))
    await lens(pilot, world, app)
    await pilot.press("b")
    await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and app.screen.is_mounted)
    await until(pilot, lambda: "Node failure" in app.screen.query_one(Page).text)
    await pilot.press("tab")


async def proposed(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """What ``x`` of the lens leads to."""
    await lens(pilot, world, app)
    await pilot.press("x")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
    operation = next(one for one in world.desk.operations() if one.intent.kind == "cordon")
    steps = [msgspec.structs.replace(step, pods=()) for step in world.plan_of(operation.op_id).steps]
    world.plan(operation.op_id, world.plan_of(operation.op_id, blast=Blast(pods_moved=0), steps=tuple(steps)))
    await until(pilot, lambda: "wk-c-03" in app.screen.query_one("#plan", Page).text)


async def replication(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    replication_samples.put_all(world)
    app.go.open(View("replication"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to(replication_samples.ROWS[1].id))
    await until(pilot, lambda: "link broken" in app.frame.query_one("#inspector", Page).text)


async def oncall(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    put_board(world, "oncall")
    app.go.open(View("oncall"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("errors"))
    await until(pilot, lambda: "verdict" in app.frame.query_one("#inspector", Page).text)


async def executive(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    put_board(world, "executive")
    app.go.open(View("executive"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("ready"))
    await until(pilot, lambda: "verdict" in app.frame.query_one("#inspector", Page).text)


async def coverage(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    put_coverage(world)
    app.go.open(View("coverage"))
    await until(pilot, lambda: shows(app) and app.frame.query_one(Grid).go_to("prod-east-2"))
    await until(pilot, lambda: "3 targets" in app.frame.query_one("#inspector", Page).text)


async def confirm(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    await machines(pilot, world, app)
    for name in ("wk-b-01", "wk-b-09", "wk-b-10"):
        app.frame.query_one(Grid).go_to(f"prod-east-2/uid-prod-east-2-{name}")
        await pilot.press("space")
    await pilot.press("D")
    await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
    operation = world.desk.operations()[0]
    world.plan(operation.op_id, tense_plan(operation.intent))
    await until(pilot, lambda: "at risk" in app.screen.query_one("#plan", Page).text)


async def confirm_armed(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    """The word is asked for, the options are open."""
    world.session.arming = Arming("CHG-1", until=world.clock.at + 1260)
    app.arming_changed()
    await confirm(pilot, world, app)
    await until(pilot, lambda: isinstance(app.focused, Input))
    await pilot.press("tab", "o")
    await until(pilot, lambda: isinstance(app.focused, Choice))


async def armed(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    await pilot.press("colon")
    await type_text(pilot, "write")
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is not app.frame and app.focused is not None)


async def help_(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    app.go.open(View("machines"))
    await until(pilot, lambda: shows(app) and app.frame.query_one("#inspector", Page).text)
    await pilot.press("question_mark")
    await until(pilot, lambda: app.screen is not app.frame and app.screen.query_one(Page).text)


async def palette(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    await pilot.press("ctrl+k")
    await until(pilot, lambda: app.screen is not app.frame and app.focused is not None)
    await type_text(pilot, "prod")


async def document(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    world.fleet.documents["wk-b-04"] = YAML
    await machines(pilot, world, app)
    await cursor_on(pilot, app, "prod-east-2/uid-prod-east-2-wk-b-04")
    await pilot.press("y")
    await until(pilot, lambda: app.screen is not app.frame and "KubeletReady" in app.screen.query_one(Page).text)


PICTURED: dict[str, tuple[Steps, tuple[int, int], str]] = {
    "fleet": (fleet, LARGE, "dark"),
    "fleet-80x24": (fleet, SMALL, "dark"),
    "fleet-ansi-16": (fleet, LARGE, "ansi-16"),
    "fleet-ansi-16-80x24": (fleet, SMALL, "ansi-16"),
    "machines": (machines, LARGE, "dark"),
    "filter": (filtered, LARGE, "dark"),
    "pods": (pods, LARGE, "dark"),
    "operations": (operations, LARGE, "dark"),
    "alerts": (alerts, LARGE, "dark"),
    "alerts-80x24": (alerts, SMALL, "dark"),
    "alerts-dead-pipeline": (alerts_dead, LARGE, "dark"),
    "alerts-dead-pipeline-80x24": (alerts_dead, SMALL, "dark"),
    "alerts-held": (alerts_held, LARGE, "dark"),
    "alerts-held-80x24": (alerts_held, SMALL, "dark"),
    "incidents": (incidents, LARGE, "dark"),
    "incidents-80x24": (incidents, SMALL, "dark"),
    "incident": (incident, LARGE, "dark"),
    "incident-80x24": (incident, SMALL, "dark"),
    "silences": (silences, LARGE, "dark"),
    "silences-80x24": (silences, SMALL, "dark"),
    "hush-ack": (hush_ack, LARGE, "dark"),
    "hush-ack-80x24": (hush_ack, SMALL, "dark"),
    "hush-silence": (hush_silence, LARGE, "dark"),
    "hush-silence-80x24": (hush_silence, SMALL, "dark"),
    "etcd": (etcd, LARGE, "dark"),
    "etcd-80x24": (etcd, SMALL, "dark"),
    "controlplane": (controlplane, LARGE, "dark"),
    "controlplane-80x24": (controlplane, SMALL, "dark"),
    "controlplane-last-hour": (last_hour, LARGE, "dark"),
    "chart": (chart, LARGE, "dark"),
    "chart-80x24": (chart, SMALL, "dark"),
    "slo": (slo, LARGE, "dark"),
    "slo-80x24": (slo, SMALL, "dark"),
    "oncall": (oncall, LARGE, "dark"),
    "oncall-80x24": (oncall, SMALL, "dark"),
    "executive": (executive, LARGE, "dark"),
    "executive-80x24": (executive, SMALL, "dark"),
    "coverage": (coverage, LARGE, "dark"),
    "coverage-80x24": (coverage, SMALL, "dark"),
    "lens": (lens, LARGE, "dark"),
    "lens-80x24": (lens, SMALL, "dark"),
    "lens-burning": (lens_burning, LARGE, "dark"),
    "lens-burning-80x24": (lens_burning, SMALL, "dark"),
    "lens-silent": (lens_silent, LARGE, "dark"),
    "lens-proposed": (proposed, LARGE, "dark"),
    "runbook": (runbook, LARGE, "dark"),
    "walk-page": (walk_page, LARGE, "dark"),
    "replication": (replication, LARGE, "dark"),
    "replication-80x24": (replication, SMALL, "dark"),
    "confirm": (confirm, LARGE, "dark"),
    "confirm-80x24": (confirm, SMALL, "dark"),
    "confirm-ansi-16": (confirm, LARGE, "ansi-16"),
    "confirm-ansi-16-80x24": (confirm, SMALL, "ansi-16"),
    "confirm-armed": (confirm_armed, LARGE, "dark"),
    "confirm-armed-80x24": (confirm_armed, SMALL, "dark"),
    "arm": (armed, LARGE, "dark"),
    "help": (help_, LARGE, "dark"),
    "palette": (palette, LARGE, "dark"),
    "document": (document, LARGE, "dark"),
}


def normalised(svg: str) -> str:
    """The ids that Rich makes up are replaced by fixed ones, fonts are not fetched from anywhere."""
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


async def settled(pilot: Pilot[int], app: FleetApp, wanted: str) -> str:
    """The picture once it is the wanted one; else the last one, when it has stayed as it is for a while."""
    before, same = "", 0
    while same < 20:
        drawn = normalised(app.export_screenshot(title="fleetui"))
        if drawn == wanted:
            break
        before, same = drawn, same + 1 if drawn == before else 0
        await pilot.pause(0.05)
    return drawn


@pytest.mark.parametrize("name", PICTURED)
async def test_snapshot(name: str) -> None:
    steps, size, theme = PICTURED[name]
    world = fill(World(), whole=True)
    running_drain(world, "wk-b-12", "wk-b-07", "wk-b-13")
    async with world.app(theme=theme).run_test(size=size) as pilot:
        app = await started(pilot, world)
        # What a dialog covers stays as it is: the row and line 2 say what is under way before it opens.
        await until(pilot, lambda: app.frame.query_one(Grid).view.row("prod-east-2").works)
        await until(pilot, lambda: "drain 1/3" in app.frame.query_one("#trust", Paper).text)
        await steps(pilot, world, app)
        picture = PICTURES / f"{name}.svg"
        drawn = await settled(pilot, app, picture.read_text(encoding="utf-8") if picture.exists() else "")
    if os.environ.get("FLEETUI_UPDATE_SNAPSHOTS"):
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(drawn, encoding="utf-8")
    assert picture.exists(), f"no {picture.name}: make snapshots, then look at it"
    assert drawn == picture.read_text(encoding="utf-8"), (
        f"{picture.name} looks different: make snapshots, then look at it"
    )


def test_every_picture_has_its_test() -> None:
    assert {path.stem for path in PICTURES.glob("*.svg")} == set(PICTURED)

"""Hostile text in every field a cluster controls, on every screen: nothing reaches the terminal that it would obey.

The rows here were not cleaned by any client: the console is the last fence and must hold alone.
"""

import unicodedata

import pytest

from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.views import View
from fleetui.model import journal
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.journal import Waiting
from fleetui.model.machine import Machine
from fleetui.model.operation import Blast, Outcome, Plan, PlannedPod, PlannedStep, Severity
from fleetui.model.pod import Pod
from tests.console.samples import NOON, check, cluster, machine, pod
from tests.console.test_table_keys import grid, started
from tests.console.waiting import type_text, until
from tests.console.world import World

EVIL = (
    "x\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\u200b\ufeff[red]not markup[/red]\u0301\u0301\u0301\u0301\n\r\ty"
    + "z" * 100_000
)

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

FAULT = Fault(FaultKind.TLS, EVIL, EVIL, EVIL)


def sent(app: FleetApp) -> str:
    """Every character that the screen would send as text, line by line."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


def assert_harmless(app: FleetApp) -> None:
    text = sent(app)
    bad = {char for char in text if char != "\n" and unicodedata.category(char) in UNSAFE}
    assert not bad
    for line in text.split("\n"):
        assert len(line) <= app.size.width + 8  # combining marks take no cell


def hostile_cluster() -> Cluster:
    return cluster(
        "evil", EVIL, 3, trust=Trust.SILENT, fault=FAULT, operation=EVIL, version=EVIL,
        feeds=(Feed("nodes", Trust.SILENT, Source.PUSHED, NOON, FAULT),), aliases=(EVIL,),
    )  # fmt: skip


def hostile_machine() -> Machine:
    return machine("evil", "evil", status=EVIL, roles=(EVIL,), version=EVIL, os_image=EVIL, kernel=EVIL, runtime=EVIL,
                   internal_ip=EVIL, cordoned_by=EVIL, operation=EVIL, labels=((EVIL, EVIL),))  # fmt: skip


def hostile_pod() -> Pod:
    return pod(
        "evil", namespace=EVIL, status=EVIL, node=EVIL, owner=EVIL, ip=EVIL, cluster="evil", labels=((EVIL, EVIL),)
    )


def hostile_plan(plan: Plan) -> Plan:
    evil = EVIL[:900]
    bad = check("evil", evil, evil, Outcome.FAIL, Severity.FORCE, target=evil, source=evil, remedy=evil)
    target = plan.intent.targets[0]
    step = PlannedStep(
        "evict/evil", "evict", target, evil, evil, evil, 1.0, (PlannedPod(evil, evil, evil, "evict", evil, evil, evil),)
    )
    return Plan(plan.intent, (step,), (bad,), Blast(1, (evil,), None, None, (evil,), (evil,), "evil", evil), NOON)


def world() -> World:
    made = World()
    made.session.title = "demo"
    made.fleet.put(hostile_cluster(), hostile_machine(), hostile_pod())
    made.fleet.put(cluster(EVIL[:80], "prod", 3))
    return made


@pytest.mark.parametrize("screen", ["fleet", "machines", "pods"])
@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_tables_and_their_inspectors(screen: str, size: tuple[int, int]) -> None:
    hostile = world()
    async with hostile.app(view=View(screen)).run_test(size=size) as pilot:
        app = await started(pilot, hostile)
        await pilot.press("g", "j")
        await until(pilot, lambda: app.frame.query_one("#inspector", Page).text)
        await pilot.press("w")
        await pilot.pause()
        assert_harmless(app)
        assert "�" in sent(app)
        await pilot.press("ctrl+k")
        await until(pilot, lambda: app.screen is not app.frame and app.focused is not None)
        assert_harmless(app)


async def test_the_dialog_and_the_operations() -> None:
    hostile = world()
    async with hostile.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, hostile)
        await until(pilot, lambda: grid(app).cursor_row is not None)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and hostile.desk.operations())
        operation = hostile.desk.operations()[0]
        hostile.plan(operation.op_id, hostile_plan(hostile.plan_of(operation.op_id)))
        await until(pilot, lambda: "at risk" in app.screen.query_one("#plan", Page).text)
        await pilot.press("r", "m", "K")
        await pilot.pause()
        assert_harmless(app)
        hostile.desk.approve(operation.op_id, hostile.desk.operation(operation.op_id).plan.digest)  # type: ignore[union-attr]
        hostile.write(
            operation.op_id,
            journal.Started("h", 1, NOON),
            journal.StepStarted("evict/evil", NOON),
            journal.StepWaiting(
                "evict/evil", (Waiting(EVIL[:900], EVIL[:900], EVIL[:900], EVIL[:900], NOON, EVIL[:900]),), 1, NOON
            ),
        )
        await pilot.press("escape")
        app.go.open(View("operations"))
        await until(pilot, lambda: app.screen is app.frame and app.frame.built and grid(app).cursor_row is not None)
        await until(pilot, lambda: app.frame.query_one("#inspector", Page).text)
        assert_harmless(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not app.frame and "digest" in app.screen.query_one(Page).text)
        assert_harmless(app)


async def test_yaml_and_what_goes_wrong_with_it() -> None:
    hostile = world()
    hostile.fleet.documents["evil"] = f"kind: {EVIL}\n  - {EVIL}"
    async with hostile.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, hostile)
        await until(pilot, lambda: grid(app).cursor_row is not None)
        await pilot.press("y")
        await until(pilot, lambda: app.screen is not app.frame and "kind" in app.screen.query_one(Page).text)
        assert_harmless(app)
        hostile.fleet.documents.clear()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "evil" in app.screen.query_one(Page).text)
        assert_harmless(app)


async def test_what_is_typed_and_said_back() -> None:
    from textual.events import Paste

    hostile = world()
    async with hostile.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, hostile)
        await pilot.press("colon")
        await until(pilot, lambda: app.focused is app.frame.query_one("#prompt-input"))
        await type_text(pilot, "a")
        app.post_message(Paste(EVIL[:60]))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "no command" in sent(app))
        assert_harmless(app)

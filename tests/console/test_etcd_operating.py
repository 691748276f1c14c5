"""From a key on the etcd screen to a proposed operation: which etcd is meant is frozen, and read-only stays so."""

import msgspec
import pytest
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.controls import Push
from fleetui.console.kubectl import for_intent
from fleetui.console.page import Page
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.views import View
from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import ETCD_TARGET, Option, PlannedStep, Target
from tests.console import etcd_samples
from tests.console.samples import fill
from tests.console.test_etcd_screen import cursor_on
from tests.console.test_table_keys import said, started
from tests.console.waiting import type_text, until
from tests.console.world import World

EAST = "prod-east-2"
HERE = View("etcd")


def _world(*ids: str) -> World:
    members = [
        etcd_samples.member(f"cp-{n}", cluster_id=id_) for n, id_ in zip("abc", ids or ("5eed",) * 3, strict=True)
    ]
    return etcd_samples.put(fill(World()), etcd_samples.state(EAST, *members))


async def _at_row(pilot: Pilot[int], world: World) -> FleetApp:
    app = await started(pilot, world)
    await cursor_on(pilot, app, EAST)
    return app


async def _line(pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    await type_text(pilot, text)
    await pilot.press("enter")


async def _proposed(pilot: Pilot[int], world: World, app: FleetApp) -> Operation:
    await until(
        pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted and world.desk.operations()
    )
    return world.desk.operations()[0]


@pytest.mark.parametrize(
    ("typed", "kind", "options"),
    [
        ("D", "etcd-defragment", ()),
        (":defrag", "etcd-defragment", ()),
        ("L", "etcd-move-leader", ()),
        (":move-leader cp-b", "etcd-move-leader", (("to", "cp-b"),)),
        ("R", "etcd-recover-space", ()),
        (":recover-space", "etcd-recover-space", ()),
        (":snapshot /backup/east.db", "etcd-snapshot", (("path", "/backup/east.db"),)),
    ],
)
async def test_a_key_or_a_word_proposes_it_for_the_etcd_under_the_cursor(
    typed: str, kind: str, options: tuple[tuple[str, Option], ...]
) -> None:
    world = _world()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await _at_row(pilot, world)
        await (_line(pilot, typed[1:]) if typed.startswith(":") else pilot.press(typed))
        operation = await _proposed(pilot, world, app)
        assert (operation.intent.kind, operation.intent.options) == (kind, options)
        assert operation.intent.targets == (Target(ETCD_TARGET, "5eed"),)
        assert operation.intent.cluster.name == EAST
        assert for_intent(operation.intent).startswith(f"fleetui run {kind} --cluster {EAST}")


async def test_the_dialog_lists_the_steps_and_stays_a_rehearsal_until_write() -> None:
    world = _world()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await _at_row(pilot, world)
        await pilot.press("D")
        operation = await _proposed(pilot, world, app)
        await until(pilot, lambda: "asks every member of etcd itself" in app.screen.query_one("#plan", Page).text)
        target = operation.intent.targets[0]
        steps = tuple(
            PlannedStep(f"defragment/{n}", "defragment", target, f"no holes in cp-{n}", "why", "stands still", 1.0)
            for n in "bca"
        )
        made = msgspec.structs.replace(world.plan_of(operation.op_id), steps=steps)
        world.plan(operation.op_id, made)
        await until(pilot, lambda: "no holes in cp-a" in app.screen.query_one("#plan", Page).text)
        text = app.screen.query_one("#plan", Page).text
        assert text.index("no holes in cp-b") < text.index("no holes in cp-c") < text.index("no holes in cp-a")
        approve = app.screen.query_one("#approve", Push)  # the text may come a moment before: with another size
        await until(pilot, lambda: approve.label == "rehearsal only: arm with :write")
        assert "etcd: defragment in prod-east-2" in str(app.screen.query_one("#box").border_title)
        await pilot.press("escape")
        await until(pilot, lambda: world.desk.operation(operation.op_id).aborting)
        assert not any(it.kind is RequestKind.APPROVE for it in world.store.load(operation.op_id).requests)


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (("5eed", "5eed", "bad"), "ids 5eed bad answer"),
        (("", "", ""), "no member answers us directly"),
    ],
)
async def test_an_etcd_of_which_it_is_not_clear_which_it_is_is_not_acted_on(ids: tuple[str, ...], words: str) -> None:
    world = _world(*ids)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await _at_row(pilot, world)
        await pilot.press("D")
        await until(pilot, lambda: words in said(app, "keys"))
        assert world.desk.operations() == ()
        assert not isinstance(app.screen, ConfirmScreen)


async def test_a_snapshot_without_a_file_is_not_proposed() -> None:
    world = _world()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await _at_row(pilot, world)
        await pilot.press("B")
        await until(pilot, lambda: ":snapshot /backup/etcd.db" in said(app, "keys"))
        assert world.desk.operations() == ()
        assert not isinstance(app.screen, ConfirmScreen)

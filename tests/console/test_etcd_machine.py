"""A machine that is Ready may carry an etcd member that is dead: whoever looks at the machine is told."""

from types import SimpleNamespace

import pytest

from fleetui.console.describing import describe
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.cluster import Health
from fleetui.model.details import MachineDetails
from fleetui.model.drain import NodeState
from fleetui.model.health.etcd_machine import member_told, member_trouble
from fleetui.model.picture import row_id
from tests.console import etcd_samples
from tests.console.samples import fill, machine
from tests.console.test_lens_screen import EAST, at_lens, filled, opened
from tests.console.test_table_keys import grid
from tests.console.waiting import until
from tests.console.world import NOON, World

DEAD = machine("cp-c", rack="c", roles=("control-plane",))


def asked() -> World:
    """Somebody has looked at the board of etcd in this session."""
    world = etcd_samples.put(fill(World()), etcd_samples.thin(EAST))
    world.fleet.boards["etcd"] = SimpleNamespace(rows=world.fleet.tables["etcd"])
    world.session.boards_imported = True
    return world


@pytest.mark.parametrize(("name", "told"), [("cp-a", None), ("cp-c", (Health.BROKEN, "etcd member refused"))])
def test_only_the_machine_of_the_dead_member_has_trouble(name: str, told: tuple[Health, str] | None) -> None:
    assert member_trouble(etcd_samples.thin(EAST), name) == told
    assert member_trouble(None, name) is None


def test_it_says_when_it_was_asked() -> None:
    told = member_told(etcd_samples.thin(EAST), "cp-c", NOON + 119)
    assert told == (Health.BROKEN, "etcd member refused, asked 2m ago")


async def test_the_inspector_of_the_machine_says_it() -> None:
    world = asked()
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("machines", cluster=EAST))
        await until(pilot, lambda: app.go.here.screen == "machines" and app.screen is app.frame and app.frame.built)
        await until(pilot, lambda: grid(app).go_to(row_id(DEAD)))
        await until(pilot, lambda: "✖ etcd member refused, asked" in app.frame.query_one("#inspector", Page).text)


async def test_its_description_says_it_and_asks_nobody() -> None:
    world = asked()
    world.fleet.read[DEAD.name] = MachineDetails(NodeState(DEAD.uid, DEAD.name, "1"))
    said = [(fact.label, fact.text) for section in await describe(world.session, DEAD) for fact in section.facts]
    assert any(label == "etcd" and text.startswith("etcd member refused") for label, text in said)
    world.session.boards_imported = False
    unasked = [fact.label for section in await describe(world.session, DEAD) for fact in section.facts]
    assert "etcd" not in unasked


async def test_the_lens_names_it_under_the_control_plane() -> None:
    world = etcd_samples.put(filled(), etcd_samples.thin(EAST))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "✖ cp-c Ready etcd member refused")

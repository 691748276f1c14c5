"""Keys that arrive all at once, as from a fast hand or a slow line, do what they do one at a time."""

from textual import events
from textual.pilot import Pilot

from fleetui.console.grid import Grid
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.views import View
from tests.console.samples import fill
from tests.console.test_table_keys import grid, started
from tests.console.waiting import until
from tests.console.world import World

NAMED = {"\r": "enter", " ": "space", ":": "colon", "/": "slash", "@": "at", "-": "minus"}


def burst(pilot: Pilot[int], text: str) -> None:
    """Every key in the app's queue before the first is looked at."""
    for char in text:
        pilot.app.post_message(events.Key(NAMED.get(char, char), None if char == "\r" else char))


async def test_a_command_line_typed_ahead_is_one_command() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        burst(pilot, ":machines\r")
        await until(pilot, lambda: app.go.here.screen == "machines")
        assert world.desk.operations() == ()


async def test_a_filter_typed_ahead_does_not_run_its_letters_as_commands() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        burst(pilot, "/wk-b-0\r")
        await until(pilot, lambda: grid(app).view.filter.text == "wk-b-0" and isinstance(app.focused, Grid))
        assert app.go.here.screen == "machines"


async def test_a_dangerous_key_behind_moves_means_the_row_that_they_lead_to() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        rows = [line.id for line in grid(app).view.window(0, 4)]
        burst(pilot, "gjjjD")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and world.desk.operations())
        (target,) = world.desk.operations()[0].intent.targets
        assert f"prod-east-2/{target.uid}" == rows[3]

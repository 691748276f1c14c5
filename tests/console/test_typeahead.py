"""Keys that arrive all at once, as from a fast hand or a slow line, do what they do one at a time."""

import asyncio
import time

import pytest
from textual import events
from textual.pilot import Pilot

from fleetui.console import typeahead
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


@pytest.mark.parametrize("patience", [0.5, 0.0001])
async def test_no_key_is_lost_while_plans_arrive(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """Each plan is laid out while the keys behind it wait; without any patience they go on beside it, all the same."""
    monkeypatch.setattr(typeahead, "PATIENCE_S", patience)
    folded: list[str] = []
    fold = ConfirmScreen.action_fold

    def counted(self: ConfirmScreen, part: str) -> None:
        folded.append(part)
        fold(self, part)

    monkeypatch.setattr(ConfirmScreen, "action_fold", counted)
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
        for number in range(1, 21):
            burst(pilot, "mrmp")
            await until(pilot, lambda number=number: len(world.desk.operations()) == number + 1)
            op_id = world.desk.operations()[0].op_id
            burst(pilot, "rm")
            world.plan(op_id, world.plan_of(op_id))
            app.poll_desk()
            burst(pilot, "rr")
        await until(pilot, lambda: len(folded) >= 7 * 20)
        assert folded == ["pods", "checks", "pods", "checks", "pods", "checks", "checks"] * 20


async def test_a_key_whose_turn_meets_a_busy_program_is_not_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that the program was busy is not time that a key has had."""
    monkeypatch.setattr(typeahead, "PATIENCE_S", 0.05)
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        ready = app.ready_for_key

        async def busy() -> None:
            await ready()
            end = time.perf_counter() + 0.1
            while time.perf_counter() < end:
                pass
            await asyncio.sleep(0)

        monkeypatch.setattr(app, "ready_for_key", busy)
        burst(pilot, ":ops\r")
        await until(pilot, lambda: app.go.here.screen == "operations")
        assert world.desk.operations() == ()

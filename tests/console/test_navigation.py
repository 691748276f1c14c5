"""One screen at a time: a covered screen would repaint what lies on it."""

import pytest

from fleetui.console.app import SCREENS, build
from fleetui.console.command import PLACES
from fleetui.console.views import View
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World


async def test_no_screen_lies_under_another() -> None:
    world = fill(World())
    async with world.app().run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        first = app.screen
        for view in (View("machines"), View("pods"), View("fleet"), View("operations")):
            app.go.open(view)
            await until(pilot, lambda view=view: app.screen is app.go.frame and app.go.here == view)
            assert app.screen_stack == [app.screen]
        app.go.open(View("fleet"))
        await until(pilot, lambda: app.screen is first)
        assert app.screen_stack == [first]


def test_each_place_of_the_commands_has_its_screen() -> None:
    session = World().session
    assert set(SCREENS) == set(PLACES)
    for name in SCREENS:
        place = build(View(name), session).PLACE
        assert place == name


def test_a_screen_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no screen 'racks': there are fleet, machines, pods, operations"):
        build(View("racks"), World().session)

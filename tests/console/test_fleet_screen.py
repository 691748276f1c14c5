"""The Fleet screen looks at monitoring too: after its own rows, for every row alike, and only while it is shown."""

import threading

from fleetui.console.page import Page
from fleetui.console.views import View
from tests.console.samples import fill, watched
from tests.console.test_table_keys import cursor_on, grid, started
from tests.console.waiting import until
from tests.console.world import StillClock, World

BOTH = frozenset({"etcd", "alerts"})


class PassingClock(StillClock):
    """Whoever waits has waited long enough once ``passed`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = False

    async def sleep(self, seconds: float) -> None:
        if not self.passed:
            await super().sleep(seconds)


async def test_monitoring_is_looked_at_once_its_modules_are_there() -> None:
    world, imported = fill(World()), []
    world.session.clock = clock = PassingClock()
    clock.passed = True
    world.session.import_boards = lambda: imported.append(threading.current_thread())
    async with world.app().run_test() as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: world.fleet.looked == [BOTH])
        assert imported
        assert imported[0] is not threading.main_thread(), "importing takes a while: keys are answered meanwhile"
        app.go.open(View("machines"))
        await until(pilot, lambda: world.fleet.looked == [BOTH, frozenset()])
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.looked == [BOTH, frozenset(), BOTH])
        assert len(imported) == 1


async def test_nothing_is_imported_before_the_rows_had_their_time() -> None:
    world, imported = fill(World()), []
    world.session.import_boards = lambda: imported.append(True)
    async with world.app().run_test() as pilot:
        await started(pilot, world)
        await pilot.press("j", "k")
        assert imported == []
        assert world.fleet.looked == []


async def test_without_monitoring_there_is_no_column_of_it() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        titles = "".join(strip.text for strip in [grid(app).render_line(0)])
        assert "NODES" in titles
        assert "ETCD" not in titles
        assert "ALERTS" not in titles
        world.fleet.put(*watched())
        await until(pilot, lambda: "ETCD" in grid(app).render_line(0).text)
        assert "ALERTS" in grid(app).render_line(0).text


async def test_the_inspector_says_why() -> None:
    world = fill(World())
    world.fleet.put(*watched())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-west-2")
        assert "Watchdog of prod-west-2 last sent 6m ago" in " ".join(
            app.frame.query_one("#inspector", Page).text.split()
        )
        await cursor_on(pilot, app, "prod-east-1")
        said = " ".join(app.frame.query_one("#inspector", Page).text.split())
        assert "NOSPACE: the database of cp-b has reached its quota" in said
        assert "2 pages, 3 tickets, 1 hushed" in said

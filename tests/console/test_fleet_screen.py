"""The Fleet screen looks at monitoring too: after its own rows, for every row alike, and only while it is shown."""

import threading

import msgspec
import pytest

from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.views import View
from fleetui.model.alerts.grouping import total
from fleetui.model.alerts.pipeline import Level
from fleetui.model.cluster import BoardSign, Health
from fleetui.model.vitals import Alarms
from tests.console.alert_samples import FROZEN, LIVING, NO_LEADER, alert
from tests.console.samples import CLUSTERS, fill, watched
from tests.console.test_table_keys import cursor_on, grid, started
from tests.console.waiting import until
from tests.console.world import StillClock, World

BOARDS = frozenset({"etcd", "alerts", "slo", "controlplane", "replication"})


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
        await until(pilot, lambda: world.fleet.looked == [BOARDS])
        assert imported
        assert imported[0] is not threading.main_thread(), "importing takes a while: keys are answered meanwhile"
        app.go.open(View("machines"))
        await until(pilot, lambda: world.fleet.looked == [BOARDS, frozenset()])
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.looked == [BOARDS, frozenset(), BOARDS])
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
        assert "2 pages, 3 tickets, 1 ticket hushed" in said


async def test_etcd_survives_at_80_cells() -> None:
    world = fill(World())
    world.fleet.put(*watched())
    async with world.app().run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "ETCD" in grid(app).render_line(0).text)
        title = grid(app).render_line(0).text
        for column in ("NAME", "STATE", "NODES", "CP", "ALERTS", "OPERATION"):
            assert column in title


def trust_line(app: FleetApp) -> str:
    return app.frame.query_one("#trust", Paper).text


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_what_rings_comes_before_who_is_heard(size: tuple[int, int]) -> None:
    world = fill(World())
    async with world.app().run_test(size=size) as pilot:
        app = await started(pilot, world)
        assert "page" not in trust_line(app), "nobody has looked yet"
        world.fleet.alarms = Alarms(total([NO_LEADER, alert("KubeJobFailed", "east")]), LIVING)
        app.frame.tick()
        await until(pilot, lambda: "1 page" in trust_line(app))
        assert trust_line(app).split()[:6] == ["✖", "1", "page", "▲", "1", "ticket"]
        assert " live" in trust_line(app)


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_a_dead_pipeline_is_the_first_thing_said_and_a_late_one_a_word(size: tuple[int, int]) -> None:
    world = fill(World())
    world.fleet.alarms = Alarms(total([NO_LEADER]), FROZEN)
    async with world.app().run_test(size=size) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: trust_line(app).startswith(" ✖ PIPELINE DEAD: Watchdog of prod"))
        assert "1 page" in trust_line(app), "what is known to fire is counted all the same"
        late = msgspec.structs.replace(FROZEN, level=Level.LATE)
        world.fleet.alarms = Alarms(total([]), late)
        app.frame.tick()
        await until(pilot, lambda: trust_line(app).startswith(" ▲ pipeline late"))
        assert "0 page" in trust_line(app)


async def test_a_budget_that_burns_is_on_the_row_and_beside_it() -> None:
    world = fill(World())
    burning = BoardSign("slo", Health.BROKEN, "gone 6.7 h", "control plane available: burns 53.3 x its pace", more=2)
    world.fleet.put(msgspec.structs.replace(CLUSTERS[5], boards=(burning,)))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "dr-west")
        said = " ".join(app.frame.query_one("#inspector", Page).text.split())
        assert "✖ slo gone 6.7 h :slo" in said
        assert "control plane available: burns 53.3 x its pace (+2 more)" in said
        shown = "\n".join(grid(app).render_line(y).text for y in range(grid(app).size.height))
        assert "slo gone 6.7 h" in shown

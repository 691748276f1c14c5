"""``:etcd`` as an operator meets it: trouble first, the bad host and the guard's word beside it, unknown never calm."""

from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.views import View
from tests.console import etcd_samples
from tests.console.samples import fill
from tests.console.test_table_keys import cursor_on as move_cursor
from tests.console.test_table_keys import started
from tests.console.waiting import type_text, until
from tests.console.world import World

SMALL = (80, 24)


def shown(app: FleetApp) -> list[str]:
    return [row.cluster for row in app.frame.rows.rows()]  # type: ignore[attr-defined]


def inspector(app: FleetApp) -> str:
    """Its words, wherever its lines break."""
    return " ".join(app.frame.query_one("#inspector", Page).text.split())


async def cursor_on(pilot: Pilot[int], app: FleetApp, cluster: str) -> None:
    """Once its row has come."""
    await until(pilot, lambda: cluster in shown(app))
    await move_cursor(pilot, app, cluster)


async def at_etcd(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    await pilot.press("colon")
    await type_text(pilot, "etcd")
    await pilot.press("enter")
    await until(pilot, lambda: app.go.here.screen == "etcd" and app.frame.built and app.screen is app.frame)


async def test_it_is_asked_for_only_while_it_is_shown() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app().run_test() as pilot:
        app = await started(pilot, world)
        assert world.fleet.looked == []
        await at_etcd(pilot, world, app)
        await until(pilot, lambda: world.fleet.looked == [frozenset({"etcd"})])
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.looked == [frozenset({"etcd"}), frozenset()])


async def test_trouble_stands_first_and_what_is_unknown_is_not_calm() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app(view=View("etcd")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == 5)
        assert set(shown(app)[:2]) == {"dr-west", "edge-oslo-01"}
        assert shown(app)[2:] == ["prod-east-1", "edge-lima-02", "prod-east-2"]


async def test_the_inspector_names_the_bad_host_the_reason_and_what_may_be_stopped() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app(view=View("etcd")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-1")
        await until(pilot, lambda: "2/3 up, next loss fatal" in inspector(app) and "figures" in inspector(app))
        text = inspector(app)
        assert "look at" in text
        assert "refused" in text
        assert "without cp-a" in text, "the guard refuses the two that are left"
        assert "1 healthy of 3 voters, quorum 2" in text
        assert "cp-c is down" in text.partition("may be stopped now")[2], "it cannot be stopped: it has"
        await cursor_on(pilot, app, "edge-oslo-01")
        await until(pilot, lambda: "quorum lost" in inspector(app))
        assert "the quorum is lost: who still answers" in inspector(app)


async def test_a_change_is_on_the_screen_without_a_key() -> None:
    world = etcd_samples.put(fill(World()), etcd_samples.well("prod-east-2"))
    async with world.app(view=View("etcd")).run_test() as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-2")
        await until(pilot, lambda: "can lose 1" in inspector(app))
        etcd_samples.put(world, etcd_samples.full("prod-east-2"))
        await until(pilot, lambda: "NOSPACE" in inspector(app))


async def test_the_filter_finds_clusters_that_may_lose_no_more_also_those_under_an_alarm() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app(view=View("etcd", query="margin<1")).run_test() as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: set(shown(app)) == {"prod-east-1", "edge-oslo-01", "dr-west"})


async def test_an_empty_table_says_how_to_configure_it() -> None:
    world = fill(World())
    async with world.app(view=View("etcd")).run_test(size=SMALL) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "no etcd is watched" in drawn(app))
        assert "endpoints:" in drawn(app)


async def test_80_by_24_shows_verdict_members_and_margin() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app(view=View("etcd")).run_test(size=SMALL) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-1")
        await until(pilot, lambda: "2/3" in drawn(app))
        words = ("quorum lost", "NOSPACE", "not configured", "+0", "MARGIN")
        await until(pilot, lambda: all(word in drawn(app) for word in words))


async def test_enter_opens_the_machines_of_the_cluster() -> None:
    world = etcd_samples.put_all(fill(World()))
    async with world.app(view=View("etcd")).run_test() as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-2")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("machines", cluster="prod-east-2"))


def drawn(app: FleetApp) -> str:
    """What stands in the grid."""
    grid = app.frame.query_one(Grid)
    return "\n".join(grid.render_line(y).text for y in range(grid.size.height))

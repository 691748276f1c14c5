"""``:replication`` as an operator meets it: trouble first, the evidence beside it, no lag where nothing is received."""

from types import SimpleNamespace

from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.views import View
from fleetui.model.fault import Fault, FaultKind
from tests.console import replication_samples as samples
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import type_text, until
from tests.console.world import World

SMALL, LARGE = (80, 24), (160, 50)
REFUSED = Fault(FaultKind.REFUSED, "refused", "nothing listens at https://prometheus.example", "is it running?")
WRONG = Fault(FaultKind.CONFIG, "kind mine", "kinds/mine.yaml:3: title: Expected `str`, got `int`", "mend the file")


def drawn(app: FleetApp) -> list[str]:
    grid = app.frame.query_one(Grid)
    return [grid.render_line(y).text for y in range(grid.size.height)]


def shown(app: FleetApp) -> list[str]:
    """Instances in the order of the screen."""
    names = [row.instance or row.title for row in samples.ROWS]
    found = (next((name for name in names if f" {name} " in line), "") for line in drawn(app))
    return [name for name in found if name]


def inspector(app: FleetApp) -> str:
    """Its words, wherever its lines break."""
    return " ".join(app.frame.query_one("#inspector", Page).text.split())


def trust(app: FleetApp) -> str:
    return app.frame.query_one("#trust", Paper).text


async def looked_at(pilot: Pilot[int], app: FleetApp, number: int) -> str:
    row = samples.ROWS[number]
    app.frame.query_one(Grid).go_to(row.id)
    await until(pilot, lambda: inspector(app).startswith(row.instance or row.title))
    return inspector(app)


async def test_it_is_asked_for_only_while_it_is_shown() -> None:
    world = samples.put_all(fill(World()))
    async with world.app().run_test() as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "repl")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here.screen == "replication")
        await until(pilot, lambda: world.fleet.looked == [frozenset({"replication"})])
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.looked[-1] == frozenset())


async def test_trouble_stands_first_then_the_unknown_and_the_calm_last() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(samples.ROWS))
        order = shown(app)
        assert set(order[:2]) == {"10.1.0.12:9187", "10.2.0.12:9187"}
        assert set(order[2:5]) == {"10.1.0.11:9187", "Ceph", "clicks"}
        assert set(order[5:7]) == {"10.7.0.12:9187", "10.7.0.51:9104"}
        await until(pilot, lambda: "2 broken" in trust(app) and "3 warning" in trust(app) and "2 unknown" in trust(app))


async def test_no_lag_is_shown_of_what_receives_nothing_or_has_a_state_alone() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(samples.ROWS))
        for line in drawn(app):
            if any(word in line for word in ("link broken", "link unknown", "silent", "HEALTH_WARN", "Synced")):
                assert " s " not in line
        assert sum(" 0 s " in line for line in drawn(app)) == 3


async def test_the_inspector_says_the_evidence_its_age_and_the_first_safe_step() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(samples.ROWS))
        text = await looked_at(pilot, app, 1)
        for part in ("link broken", "means nothing", "pg_stat_wal_receiver", "nobody knows how long", "sample 4s old"):
            assert part in text
        text = await looked_at(pilot, app, 0)
        assert "WAL of unread slot (analytics): 9 GiB" in text
        assert "drop it only when nobody will ever read it" in text
        assert "connection refused" in await looked_at(pilot, app, 8)
        assert "nobody knows" in await looked_at(pilot, app, 4)
        assert "behind" not in await looked_at(pilot, app, 11)


async def test_filters_read_the_figures() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication", query="lag>30s")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: set(shown(app)) == {"clicks", "10.2.0.12:9187"})


async def test_80_by_24_shows_verdict_link_and_lag() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication")).run_test(size=SMALL) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: any("link broken" in line and "broken " in line for line in drawn(app)))
        assert any("lagging" in line and "<41 s" in line for line in drawn(app))


async def test_enter_opens_the_machines_where_the_cluster_is_one_of_ours() -> None:
    world = samples.put_all(fill(World()))
    async with world.app(view=View("replication")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(samples.ROWS))
        await looked_at(pilot, app, 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("machines", cluster="prod-east-1"))


async def test_sources_that_do_not_answer_and_wrong_files_are_told_beside_the_rows_and_without_any() -> None:
    world = fill(World())
    board = SimpleNamespace(faults=(), mistakes=(WRONG,), waiting=frozenset({"central"}))
    world.fleet.boards["replication"] = board
    async with world.app(view=View("replication")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "asking central" in "\n".join(drawn(app)))
        board.waiting, board.faults = frozenset(), (("central", REFUSED),)
        app.frame.tick()
        await until(pilot, lambda: "nothing that replicates is scraped" in "\n".join(drawn(app)))
        words = " ".join(" ".join(drawn(app)).split())
        assert "nothing listens at https://prometheus.example" in words
        assert "kinds/mine.yaml:3" in words
        samples.put_all(world)
        await until(pilot, lambda: "central: refused" in trust(app) and "1 wrong in kinds/" in trust(app))

"""``:controlplane`` and ``:slo`` as an operator meets them: trouble first, its limit beside it, unknown never calm."""

from types import SimpleNamespace

from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.health.fleet_boards import ON_CALL
from fleetui.model.table.sorting import RANKS
from tests.console.panel_samples import put_board, put_control_planes, put_coverage, put_promises
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import type_text, until
from tests.console.world import World

LARGE, SMALL = (160, 50), (80, 24)


def shown(app: FleetApp) -> list[str]:
    return [row.cluster for row in app.frame.rows.rows()]  # type: ignore[attr-defined]


def inspector(app: FleetApp) -> str:
    return " ".join(app.frame.query_one("#inspector", Page).text.split())


def drawn(app: FleetApp) -> str:
    grid = app.frame.query_one(Grid)
    return "\n".join(grid.render_line(y).text for y in range(grid.size.height))


async def cursor_on(pilot: Pilot[int], app: FleetApp, row_id: str) -> None:
    await until(pilot, lambda: app.frame.query_one(Grid).go_to(row_id))


async def go(pilot: Pilot[int], app: FleetApp, word: str, screen: str) -> None:
    await pilot.press("colon")
    await type_text(pilot, word)
    await pilot.press("enter")
    await until(pilot, lambda: app.go.here.screen == screen and app.frame.built and app.screen is app.frame)


async def test_both_are_asked_for_only_while_they_are_shown() -> None:
    world = fill(World())
    async with world.app().run_test() as pilot:
        app = await started(pilot, world)
        for word, screen in (("cp", "controlplane"), ("slo", "slo")):
            await go(pilot, app, word, screen)
            await until(pilot, lambda screen=screen: world.fleet.looked[-1] == frozenset({screen}))  # type: ignore[misc]
        await go(pilot, app, "fleet", "fleet")
        await until(pilot, lambda: world.fleet.looked[-1] == frozenset())


async def test_while_nobody_has_answered_it_says_who_is_asked_and_only_then_how_a_source_is_named() -> None:
    world = fill(World())
    board = SimpleNamespace(waiting=frozenset({"central", "east"}))
    world.fleet.boards["slo"] = board
    async with world.app(view=View("slo")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "asking central, east" in drawn(app))
        assert "no service level is measured" not in drawn(app)
        board.waiting = frozenset()
        app.frame.tick()
        await until(pilot, lambda: "no service level is measured" in drawn(app))


async def test_trouble_stands_first_and_what_is_unknown_before_what_is_calm() -> None:
    world = put_control_planes(fill(World()))
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: len(shown(app)) == 6)
        assert shown(app)[0] == "prod-east-1"
        assert set(shown(app)[1:3]) == {"prod-east-2", "dr-west"}
        assert set(shown(app)[3:5]) == {"edge-oslo-01", "edge-lima-02"}
        assert shown(app)[5] == "nonprod-west"
        line = app.frame.query_one("#trust").render_line(0).text
        assert "4/6 fresh" in line
        assert "1 stale" in line
        assert "1 silent" in line


async def test_the_inspector_says_every_limit_that_is_passed_and_why_a_figure_is_missing() -> None:
    world = put_control_planes(fill(World()))
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-1")
        await until(pilot, lambda: "5xx 4%, limit 0.10%" in inspector(app))
        assert "2.4 s, limit 1 s (SLO of Kubernetes" in inspector(app)
        assert "SERVFAIL not scraped" in inspector(app)
        await cursor_on(pilot, app, "edge-lima-02")
        await until(pilot, lambda: "not scraped" in inspector(app))


async def test_enter_on_a_control_plane_opens_its_promises() -> None:
    world = put_promises(put_control_planes(fill(World())))
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-1")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("slo", cluster="prod-east-1"))
        await until(pilot, lambda: set(shown(app)) == {"prod-east-1"})


async def test_a_budget_that_burns_says_when_it_is_gone_and_who_is_called() -> None:
    world = put_promises(fill(World()))
    async with world.app(view=View("slo")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await cursor_on(pilot, app, "prod-east-1/api-errors")
        await until(pilot, lambda: "burns 20.0 x its pace over 1h" in inspector(app))
        text = drawn(app)
        assert "gone in 22 h" in text
        assert "page" in text
        assert "calm" in text, "what is kept is folded"


async def test_80_by_24_shows_who_is_called_and_what_is_left() -> None:
    world = put_promises(fill(World()))
    async with world.app(view=View("slo")).run_test(size=SMALL) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: all(word in drawn(app) for word in ("page", "BUDGET", "60%", "gone in")))


async def test_the_on_call_board_has_a_line_a_panel_trouble_first_and_names_the_worst_clusters() -> None:
    world = put_board(fill(World()), "oncall")
    async with world.app(view=View("oncall")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "provider rate limits" in drawn(app))
        lines = drawn(app).splitlines()
        titles = [panel.title for panel in ON_CALL.panels]
        assert all(sum(title in line for line in lines) == 1 for title in titles)
        ranks = [list(RANKS).index(row.level) for row in app.frame.rows.rows()]  # type: ignore[attr-defined]
        assert ranks == sorted(ranks)
        assert len(set(ranks)) == 3, "broken, warning, unknown"
        errors = next(line for line in lines if "API errors" in line)
        assert errors.split()[4:][:4] == ["4%", "<0.10%", "1", "beyond"]
        assert "prod-east-1" in errors
        pending = next(line for line in lines if "pending pods" in line)
        assert ("14" in pending.split(), "sum 14" in pending) == (True, True)
        missing = next(line for line in lines if "reconcile errors" in line)
        assert "not exported" in missing
        await cursor_on(pilot, app, "errors")
        await until(pilot, lambda: "limit <0.10% (SLO 0.1 %" in inspector(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("controlplane", cluster="prod-east-1"))


async def test_a_board_says_of_how_many_clusters_it_is_and_which_are_silent() -> None:
    world = put_board(fill(World()), "oncall")
    async with world.app(view=View("oncall")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "clusters unheard" in drawn(app))
        await until(pilot, lambda: "4 of 6 clusters known" in app.frame.query_one("#where").render_line(0).text)
        await cursor_on(pilot, app, "silent")
        await until(pilot, lambda: "edge-oslo-01 stale for 7m" in inspector(app))
        assert "edge-lima-02 not scraped" in inspector(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("coverage"))


async def test_the_coverage_matrix_says_what_is_missing_and_what_to_do() -> None:
    world = put_coverage(fill(World()))
    async with world.app(view=View("coverage")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: shown(app)[:2] == ["edge-lima-02", "prod-east-2"])
        await until(pilot, lambda: "unheard" in inspector(app) and "the pipeline is the matter" in inspector(app))
        assert "install" not in inspector(app)
        await cursor_on(pilot, app, "prod-east-2")
        await until(pilot, lambda: "3 targets, 3 down" in inspector(app))
        await cursor_on(pilot, app, "nonprod-west")
        await until(pilot, lambda: "install the node exporter" in inspector(app))
        assert "all scraped" in next(line for line in drawn(app).splitlines() if "dr-west" in line)


async def test_an_empty_table_says_how_to_name_a_source() -> None:
    world = fill(World())
    async with world.app(view=View("controlplane")).run_test(size=SMALL) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "no control plane is measured" in drawn(app) and "metrics:" in drawn(app))

"""The last hour beside each row: asked for what is seen, in one question, and never in the way."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from fleetui.console.app import FleetApp
from fleetui.console.glyphs import ASCII, UNICODE
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.sparkline import EVERY_S
from fleetui.console.views import View
from fleetui.model.health.panel_board import PanelRow
from tests.console import replication_samples
from tests.console.chart_samples import ScriptedCharts, wave
from tests.console.panel_samples import put_control_planes, put_promises
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World

LARGE = (200, 50)
BARS = set(UNICODE.spark)


def world_with(charts: ScriptedCharts, **more: object) -> World:
    world = put_promises(put_control_planes(fill(World(**more))))  # type: ignore[arg-type]
    replication_samples.put_all(world)
    charts.now = world.clock.now
    world.session.charts = charts
    return world


def lines(app: FleetApp) -> list[str]:
    grid = app.frame.query_one(Grid)
    return [grid.render_line(y).text for y in range(grid.size.height)]


def line_of(app: FleetApp, name: str) -> str:
    return next((line for line in lines(app) if name in line[:24]), "")


async def opened(pilot: Pilot[int], world: World, charts: ScriptedCharts) -> FleetApp:
    app = await started(pilot, world)
    await until(pilot, lambda: charts.asked and BARS & set(line_of(app, "prod-east-1")))
    return app


async def test_all_rows_on_the_screen_are_one_question_and_what_is_unknown_stays_blank() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world, charts)
        clusters = {wish.place[0] for wish in charts.asked[0]}
        assert clusters == {"prod-east-1", "prod-east-2", "dr-west", "nonprod-west", "edge-oslo-01", "edge-lima-02"}
        assert not BARS & set(line_of(app, "edge-lima-02"))
        assert "█  ▁▁███████" in line_of(app, "prod-east-1"), "ten minutes without a sample, then errors"
        wishes = {wish.place[0]: wish.subject.id for wish in charts.asked[0] if wish.subject.id.endswith("errors")}
        assert wishes["prod-east-1"] == "controlplane/errors", "the figure that decided the verdict"


async def test_it_is_asked_again_after_a_while_and_no_sooner() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world, charts)
        await until(pilot, lambda: "last hour" in app.frame.query_one("#inspector", Page).text)
        asked = len(charts.asked)
        app.frame._look()  # type: ignore[attr-defined]
        await pilot.pause()
        assert len(charts.asked) == asked
        world.clock.at += EVERY_S + 1
        await until(pilot, lambda: len(charts.asked) > asked)


async def test_what_has_not_changed_repaints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world, charts)
        await until(pilot, lambda: "last hour" in app.frame.query_one("#inspector", Page).text)
        painted: list[object] = []
        refresh = Widget.refresh
        monkeypatch.setattr(
            Widget, "refresh", lambda self, *regions, **said: (painted.append(self), refresh(self, *regions, **said))[1]
        )
        before, asked = lines(app), len(charts.asked)
        world.clock.at += EVERY_S + 1
        await until(pilot, lambda: len(charts.asked) > asked)
        await pilot.pause()
        assert lines(app) == before
        assert not [widget for widget in painted if isinstance(widget, Grid | Page)]


async def test_rows_that_are_scrolled_away_are_not_waited_for() -> None:
    charts = ScriptedCharts(lambda *_: 1.0)
    charts.held = asyncio.Event()
    world = world_with(charts)
    for number in range(60):
        row = PanelRow(cluster=f"many-{number:02}", settled=True)
        world.fleet.tables["controlplane"].apply(row.cluster, [(row.cluster, row)])  # type: ignore[list-item]
    async with world.app(view=View("controlplane")).run_test(size=(200, 24)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: charts.asked)
        await pilot.press("G")
        await until(pilot, lambda: charts.cancelled)
        seen = {row.cluster for row in app.frame.query_one(Grid).shown_rows()}
        await until(pilot, lambda: {wish.place[0] for wish in charts.asked[-1]} == seen)
        assert "many-59" in seen
        assert not seen & {"prod-east-1"}


async def test_nobody_is_asked_where_nobody_looks_and_all_is_closed_at_the_end() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world, charts)
        before = app.frame
        app.go.open(View("fleet"))
        await until(pilot, lambda: app.screen is app.frame and app.go.here.screen == "fleet")
        await until(pilot, lambda: before._looking is None)  # type: ignore[attr-defined]
    assert charts.closed


@pytest.mark.parametrize("screen", ["slo", "replication"])
async def test_promises_and_instances_have_theirs(screen: str) -> None:
    charts = ScriptedCharts(lambda figure, cluster, at: 1.0)
    world = world_with(charts)
    async with world.app(view=View(screen)).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: any(BARS & set(line) for line in lines(app)))
        assert {wish.subject.id.partition("/")[0] for wish in charts.asked[0]} == {screen}


async def test_without_a_source_of_metrics_there_is_no_such_column() -> None:
    world = put_control_planes(fill(World()))
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: line_of(app, "prod-east-1"))
        assert "LAST HOUR" not in lines(app)[0]


async def test_a_terminal_of_ascii_has_signs_of_its_own() -> None:
    charts = ScriptedCharts(wave)
    world = world_with(charts, glyphs=ASCII)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: charts.asked and "##" in line_of(app, "prod-east-1"))
        assert line_of(app, "prod-east-1").isascii()

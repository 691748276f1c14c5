"""The history of a figure on the whole screen, as an operator walks through it."""

import asyncio
import json
import re
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.chart_view import Outlook
from fleetui.console.glyphs import ASCII
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.chart import AGAIN_S, ChartScreen
from fleetui.console.views import View
from fleetui.model.alerts.evidence import Rule
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.drawing import Drawing, Look, draw
from fleetui.model.fault import Fault, FaultKind
from tests.console.alert_samples import NO_LEADER, alert, ring
from tests.console.chart_samples import ScriptedCharts
from tests.console.panel_samples import put_board, put_control_planes
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World

LARGE, SMALL = (160, 50), (80, 24)


def world_with(charts: ScriptedCharts, **more: object) -> World:
    world = put_board(put_control_planes(fill(World(**more))), "oncall")  # type: ignore[arg-type]
    charts.now = world.clock.now
    world.session.charts = charts
    return world


def text(app: FleetApp, where: str = "#chart") -> str:
    return app.screen.query_one(where, Paper).text


async def opened(pilot: Pilot[int], world: World, *, on: str = "prod-east-1") -> FleetApp:
    app = await started(pilot, world)
    await until(pilot, lambda: app.frame.query_one(Grid).go_to(on))
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, ChartScreen) and app.screen.chart and "asking" not in text(app))
    return app


async def test_a_key_leads_from_a_row_to_the_history_of_what_decided_it() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        assert "prod-east-1 API errors (5xx)" in text(app, "#where")
        assert "live  last 1h, every 15s" in text(app, "#trust")
        assert "central" in text(app, "#trust")
        assert " a cp-a" in text(app)
        assert "limit from 0.10% (SLO 0.1 %" in text(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


async def test_the_cursor_says_the_values_of_its_moment_and_leaves_where_it_came_from() -> None:
    charts = ScriptedCharts(lambda figure, cluster, at: 0.002 if at < NOON + 100 else 0.043)
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        assert "cp-a  4%" in text(app)
        await pilot.press("shift+left")
        await until(pilot, lambda: "cp-a  0.20%" in text(app))
        moment = app.screen.chart.window.moments[-10]  # type: ignore[attr-defined]
        assert f"{(moment % 3600) // 60:02}:{moment % 60:02}" in text(app, "#trust")
        await pilot.press("shift+right")
        await until(pilot, lambda: "cp-a  4%" in text(app))


async def test_zoom_and_pan_ask_for_another_time_and_a_key_makes_it_live_again() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        await pilot.press("minus")
        await until(pilot, lambda: "last 6h" in text(app, "#trust"))
        assert charts.drawn[-1][1].span_s == 6 * 3_600
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "past  6h until" in text(app, "#trust"))
        assert charts.drawn[-1][1].end == pytest.approx(NOON - 3 * 3_600, abs=300)
        await pilot.press("plus", "plus", "plus", "plus")
        await until(pilot, lambda: "past  15m until" in text(app, "#trust"))
        await pilot.press("full_stop")
        await until(pilot, lambda: "live  last 15m" in text(app, "#trust"))
        assert charts.drawn[-1][1].end == NOON // 15 * 15


async def test_what_is_live_goes_on_and_what_is_past_stands_still() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        asked = len(charts.drawn)
        world.clock.at += AGAIN_S + 1
        await until(pilot, lambda: len(charts.drawn) > asked)
        assert charts.drawn[-1][1].end > charts.drawn[0][1].end - 1
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "past" in text(app, "#trust"))
        asked = len(charts.drawn)
        world.clock.at += 100 * AGAIN_S
        await until(pilot, lambda: "asked 1" in text(app, "#trust"))
        assert len(charts.drawn) == asked


async def test_a_source_slower_than_the_next_look_still_gets_to_answer() -> None:
    charts = ScriptedCharts()
    charts.held = asyncio.Event()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: app.frame.query_one(Grid).go_to("prod-east-1"))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, ChartScreen) and charts.drawn)
        world.clock.at += AGAIN_S + 1
        cast("ChartScreen", app.screen)._look()  # as its interval does
        await pilot.pause()
        assert len(charts.drawn) == 1
        charts.held.set()
        await until(pilot, lambda: "limit from" in text(app))
        cast("ChartScreen", app.screen)._look()
        await until(pilot, lambda: len(charts.drawn) == 2)


async def test_the_other_figures_of_the_board_follow_and_one_can_be_named() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        await pilot.press("tab")
        await until(pilot, lambda: "prod-east-1 API writes p99" in text(app, "#where"))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        await pilot.press("colon")
        await type_text(pilot, "chart memory")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ChartScreen) and "memory" in text(app, "#where"))


async def test_nothing_to_draw_is_said_with_its_reason() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("controlplane")).run_test(size=SMALL) as pilot:
        app = await opened(pilot, world, on="edge-lima-02")
        assert "central has no sample of it in this time" in " ".join(text(app).split())
        charts.fault = Fault(FaultKind.TIMEOUT, "no answer", "central is silent for 10 s", "is it alive?")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "central: no answer" in text(app))
        assert "is it alive?" in text(app)


@pytest.mark.parametrize("size", [LARGE, SMALL, (60, 16)])
@pytest.mark.parametrize("glyphs", [None, ASCII])
async def test_it_fits_every_terminal(size: tuple[int, int], glyphs: object) -> None:
    charts = ScriptedCharts(lambda figure, cluster, at: 0.2 + at % 15 / 10, members=("cp-a", "cp-bb", "cp-ccc"))
    world = world_with(charts, **({"glyphs": glyphs} if glyphs else {}))
    async with world.app(view=View("controlplane")).run_test(size=size) as pilot:
        app = await opened(pilot, world)
        lines = text(app).splitlines()
        assert len(lines) <= size[1] - 3
        assert max(map(len, lines)) <= size[0]
        assert [line[1] for line in lines if line[:3] in (" a ", " b ", " c ")] == ["a", "b", "c"]
        if glyphs is ASCII:
            assert all(line.isascii() for line in lines)
            assert any("bbb" in line for line in lines)


async def test_without_colours_curves_are_drawn_by_their_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    charts = ScriptedCharts(lambda figure, cluster, at: 0.2 + at % 15 / 10, members=("cp-a", "cp-bb"))
    world = world_with(charts)
    async with world.app(theme="ansi-16", view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        assert "aaaa" in text(app)
        assert "bbbb" in text(app)


@pytest.mark.parametrize(("key", "suffix", "holds"), [("e", "svg", "<svg"), ("T", "txt", "API errors")])
async def test_it_is_written_to_a_file(
    key: str, suffix: str, holds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = world_with(ScriptedCharts())
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        await pilot.press(key)
        await until(pilot, lambda: f".{suffix}" in text(app, "#keys"))
        await pilot.press("J")
        await until(pilot, lambda: ".json" in text(app, "#keys"))
    assert holds in _the_one(tmp_path, suffix)
    assert json.loads(_the_one(tmp_path, "json"))["chart"] == "controlplane/errors"


async def test_nothing_that_is_there_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    world = world_with(ScriptedCharts())
    name = f"fleetui-controlplane-errors-{int(NOON)}"
    kept = tmp_path / "kept"
    kept.write_text("mine", encoding="utf-8")
    (tmp_path / f"{name}.svg").symlink_to(kept)
    (tmp_path / f"{name}-2.svg").write_text("mine too", encoding="utf-8")
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world)
        asked_at = app.screen.chart.asked_at  # type: ignore[attr-defined]
        assert int(asked_at) == int(NOON)
        await pilot.press("e")
        await until(pilot, lambda: f"{name}-3.svg" in text(app, "#keys"))
    assert kept.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / f"{name}-2.svg").read_text(encoding="utf-8") == "mine too"
    assert "<svg" in (tmp_path / f"{name}-3.svg").read_text(encoding="utf-8")


def _the_one(folder: Path, suffix: str) -> str:
    (written,) = folder.glob(f"*.{suffix}")
    return written.read_text(encoding="utf-8")


async def test_a_figure_of_the_fleet_is_drawn_of_the_worst_clusters() -> None:
    charts = ScriptedCharts()
    world = world_with(charts)
    async with world.app(view=View("oncall")).run_test(size=LARGE) as pilot:
        app = await opened(pilot, world, on="errors")
        assert charts.drawn[-1][0].clusters == ("prod-east-1",)
        assert "prod-east-1 API errors" in text(app, "#where")


async def test_an_alert_shows_its_value_against_its_threshold_and_opens_its_rule() -> None:
    charts = ScriptedCharts(lambda figure, cluster, at: 12.0 if at % 3_600 < 1_800 else 3.0)
    world = world_with(charts)
    rule = Rule("Full", "max by (cluster) (queue) > 10")
    full = alert("Full", "prod-east-1", rule=rule)
    ring(world, full, NO_LEADER)
    async with world.app(view=View("alerts")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: app.frame.query_one(Grid).go_to(full.key))
        await until(pilot, lambda: "value, last hour" in app.frame.query_one("#inspector").text)  # type: ignore[attr-defined]
        inspected = app.frame.query_one("#inspector", Page).text
        assert re.search(r"value, last hour .* 12\n\s+trouble +above 10\n", inspected), inspected
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, ChartScreen) and "limit from 10" in text(app))
        assert charts.drawn[-1][0].subject.query == "max by (cluster) (queue)"


async def test_keys_are_answered_while_a_chart_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def slowly(found: Chart, look: Look) -> Drawing:
        begun.set()
        go_on.wait(60)
        return draw(found, look)

    monkeypatch.setattr("fleetui.console.screens.chart.draw", slowly)
    world = world_with(ScriptedCharts())
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: app.frame.query_one(Grid).go_to("prod-east-1"))
        await pilot.press("t")
        await until(pilot, begun.is_set)
        await pilot.press("minus")
        await until(pilot, lambda: "last 6h" in text(app, "#trust"))
        assert "asking" in text(app)
        go_on.set()
        await until(pilot, lambda: "limit from" in text(app))


async def test_without_a_source_the_key_says_so() -> None:
    world = put_control_planes(fill(World()))
    async with world.app(view=View("controlplane")).run_test(size=LARGE) as pilot:
        app = await started(pilot, world)
        await pilot.press("t")
        await until(pilot, lambda: "without one there is no history" in app.frame.query_one("#keys", Paper).text)


def test_zooming_keeps_what_the_cursor_stands_on_in_the_middle() -> None:
    near_now = Outlook(zoom=3, cursor=10).zoomed(-1, NOON - 7_200.0, now=NOON)
    assert (near_now.range_name, near_now.end, near_now.cursor) == ("6h", None, None)
    earlier = Outlook(zoom=2).zoomed(-1, NOON - 7_200.0, now=NOON)
    assert (earlier.range_name, earlier.end) == ("1h", NOON - 7_200 + 1_800)


def test_panning_back_to_now_is_live() -> None:
    past = Outlook().panned(-1, now=NOON)
    assert past.end == NOON - 1_800
    assert past.panned(1, now=NOON).end is None
    assert Outlook(zoom=0).zoomed(-1, None, now=NOON) == Outlook(zoom=0)

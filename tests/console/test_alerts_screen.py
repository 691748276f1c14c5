"""``:alerts``: what pages stands first, and no silence of the pipeline looks like peace."""

import msgspec
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from fleetui.console import frame
from fleetui.console.alert_text import alert_lines, no_alerts, pipeline_line
from fleetui.console.app import FleetApp
from fleetui.console.glyphs import UNICODE
from fleetui.console.grid import Grid
from fleetui.console.ink import Line, plain, width
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.alerts.alert import Alert, Hush
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.table.view import PLACED_PER_SLICE
from fleetui.observe.table import Table
from tests.console.alert_samples import ACKED, ALERTS, FROZEN, LIVING, NO_LEADER, SILENCE, alert, lost, ring, tell
from tests.console.samples import fill
from tests.console.test_table_keys import said, started
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World

HERE = View("alerts")


async def opened(pilot: Pilot[int], world: World) -> FleetApp:
    app = await started(pilot, world)
    await until(pilot, lambda: app.frame.built and app.frame.query_one(Grid).has_focus)
    return app


def shown(app: FleetApp) -> list[str]:
    """Names of the rows, from top to bottom."""
    lines = app.frame.rows.window(0, 100)  # type: ignore[attr-defined]
    return [line.row.name for line in lines if hasattr(line, "row")]


def inspector(app: FleetApp) -> str:
    return app.frame.query_one("#inspector", Page).text


def body(app: FleetApp) -> str:
    grid = app.frame.query_one(Grid)
    return "\n".join(grid.render_line(y).text for y in range(grid.size.height))


def words(lines: tuple[Line, ...]) -> str:
    return "\n".join(map(plain, lines))


async def test_the_command_leads_there_and_the_board_is_asked_while_it_is_looked_at() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        assert world.fleet.looked == []
        await pilot.press("a")
        await until(pilot, lambda: app.go.here == HERE and NO_LEADER.name in shown(app))
        assert world.fleet.looked == [frozenset({"alerts"})]
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.looked[-1] == frozenset())


async def test_pages_stand_first_and_line_1_counts_what_is_loud() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(ALERTS))
        assert shown(app)[:2] == ["etcdInsufficientMembers", "etcdInsufficientMembers"]
        assert shown(app)[-2:] == ["KubeNodeNotReady", "KubeJobFailed"]
        assert "✖ 2 page (1 acked)  ▲ 4 ticket  ? 1" in said(app, "where")
        for part in ("the pipeline lives", "the Watchdog was sent 30s ago", "1 pending", "1 hushed"):
            assert part in said(app, "trust")
        tell(world, lost(NO_LEADER))
        await until(pilot, lambda: "✖ 2 page (1 acked)  ▲ 4 ticket  ? 2" in said(app, "where"))


async def test_line_1_counts_all_of_a_storm_however_slowly_the_table_takes_them_in() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        storm = [replace(NO_LEADER, key=f"storm-{number}") for number in range(2 * PLACED_PER_SLICE)]
        tell(world, *storm)
        await until(pilot, lambda: f"✖ {2 + len(storm):,} page (1 acked)  ▲ 4 ticket  ? 1" in said(app, "where"))


async def test_a_filter_hides_rows_but_neither_what_rings_nor_where_else_it_does() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "✖ 2 page (1 acked)  ▲ 4 ticket  ? 1" in said(app, "where"))
        await pilot.press("slash")
        await type_text(pilot, f"cluster={NO_LEADER.cluster} etcd")
        await pilot.press("enter")
        await until(pilot, lambda: len(shown(app)) == 1)
        tell(world, lost(NO_LEADER))
        await until(pilot, lambda: "1 changed" in said(app, "trust") or "? 2" in said(app, "where"))
        assert "✖ 2 page (1 acked)  ▲ 4 ticket  ? " in said(app, "where")
        await cursor_on_alert(pilot, app, NO_LEADER)
        await until(pilot, lambda: "also in" in inspector(app))


async def test_a_dead_pipeline_is_told_at_once_though_no_row_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "LATE_TICK_S", 3_600.0)
    world = fill(World())
    board = ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "the pipeline lives" in said(app, "trust"))
        board.pipeline = FROZEN
        await until(pilot, lambda: "PIPELINE DEAD" in said(app, "trust"))
        board.pipeline = LIVING
        await until(pilot, lambda: "the pipeline lives" in said(app, "trust"))


async def test_rows_can_be_grouped_and_the_headlines_count() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "group name")
        await pilot.press("enter")
        await until(pilot, lambda: "KubePodCrashLooping  3 alerts" in body(app))


async def test_the_inspector_says_what_it_is_who_is_at_it_and_where_else() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await cursor_on_alert(pilot, app, NO_LEADER)
        for part in (
            "has lost its quorum",
            "value     1, trouble",
            "rule      sum by",
            "runbooks.example.org",
            "also in",
            "edge-lima-02",
            "job=etcd",
        ):
            assert part in inspector(app).replace("\n", " ")
        await cursor_on_alert(pilot, app, ACKED)
        for part in ("ben: replacing the disk", "silences", "12m left", SILENCE.id, "none: its rule names"):
            assert part in inspector(app).replace("\n", " ")


async def test_a_dead_pipeline_is_the_loudest_line_and_said_beside_each_alert_that_it_concerns() -> None:
    world = fill(World())
    board = ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        board.pipeline = FROZEN
        tell(world, lost(NO_LEADER))
        await until(pilot, lambda: "PIPELINE DEAD: Watchdog of prod-east-1" in said(app, "trust"))
        await cursor_on_alert(pilot, app, NO_LEADER)
        await until(pilot, lambda: "unknown since 6m ago" in inspector(app))
        assert "Watchdog of prod-east-1 last sent" in inspector(app).replace("\n", " ")
        assert "resolved" not in inspector(app)


async def test_without_any_source_the_table_says_how_to_have_one() -> None:
    world = fill(World())
    world.fleet.tables["alerts"] = Table()
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "no source of alerts is configured" in body(app))
        assert "alertmanagers:" in body(app)
        assert "? alerts" in said(app, "where")


@pytest.mark.parametrize(
    ("pipeline", "told"),
    [
        (None, "asking the sources of alerts"),
        (LIVING, "no alert fires or waits"),
        (FROZEN, "no alert is known, and that proves nothing"),
    ],
)
async def test_an_empty_table_is_good_news_only_under_a_pipeline_that_lives(
    pipeline: Pipeline | None, told: str
) -> None:
    world = fill(World())
    ring(world, pipeline=pipeline)
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: told in body(app))
        assert ("0 alerts" in said(app, "where")) is (pipeline is LIVING)


async def test_enter_leads_to_the_cluster_and_a_filter_narrows() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("slash")
        await type_text(pilot, "ack")
        await pilot.press("enter")
        await until(pilot, lambda: shown(app) == [ACKED.name])
        await cursor_on_alert(pilot, app, ACKED)
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here.key == View("lens", cluster="prod-east-2").key)


async def test_a_page_that_somebody_is_at_is_no_calm_row() -> None:
    """Nor is the fold under it called calm: what it stands for fires, and was put aside."""
    world = fill(World())
    ring(world, NO_LEADER, ACKED, *(alert("Noise", f"eu-{number}", hush=Hush.SILENCED) for number in range(9)))
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "9 hushed, over or info" in body(app))
        row = next(line for line in body(app).splitlines() if ACKED.name in line)
        assert row.strip(" ▸").startswith("~ ")
        assert "calm" not in body(app)
        assert "✖ 1 page (1 acked)" in said(app, "where")


def test_the_inspector_says_since_when_it_fires_and_how_long_it_was_pending() -> None:
    row = alert("Slow", "eu-1", since=NOON - 900, firing_since=NOON - 300)
    shown = words(alert_lines(row, (), found=LIVING, silences={}, now=NOON, glyphs=UNICODE, cells=60))
    assert "5m, pending 10m before" in shown


@pytest.mark.parametrize(("row", "sign"), [(ACKED, "~"), (alert("Noise", "eu-1", hush=Hush.SILENCED), "·")])
def test_the_inspector_of_what_fires_hushed_has_no_healthy_head(row: Alert, sign: str) -> None:
    shown = alert_lines(row, (), found=LIVING, silences={}, now=NOON, glyphs=UNICODE, cells=60)
    assert plain(shown[0]) == f"{sign} {row.name}"


async def test_keys_of_other_tables_are_not_there() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot, world)
        await cursor_on_alert(pilot, app, NO_LEADER)
        for key in ("d", "y", "K", "D", "C"):
            await pilot.press(key)
        assert app.screen is app.frame
        await pilot.press("c")
        await until(pilot, lambda: f"copied {NO_LEADER.name}" in said(app, "keys"))


async def cursor_on_alert(pilot: Pilot[int], app: FleetApp, alert: Alert) -> None:
    grid = app.frame.query_one(Grid)
    await until(pilot, lambda: grid.go_to(alert.key))
    await until(pilot, lambda: alert.name in inspector(app) and f"in {alert.cluster}" in inspector(app))


def test_a_pipeline_line_fits_and_tells_the_picture_s_age() -> None:
    for cells in (80, 160):
        late = pipeline_line(FROZEN, now=NOON + 60, glyphs=UNICODE, cells=cells)
        assert width(late) <= cells
        assert "PIPELINE DEAD" in plain(late)
        assert late[0][1] == "button-danger"
    assert "as of 1m ago" in plain(pipeline_line(LIVING, now=NOON + 60, glyphs=UNICODE, cells=160))
    assert "as of" not in plain(pipeline_line(LIVING, now=NOON + 5, glyphs=UNICODE, cells=160))


def test_an_unproven_pipeline_is_unknown_and_an_empty_table_says_so() -> None:
    trouble = Trouble(
        Level.UNKNOWN, "no Watchdog alert at any Alertmanager: an empty list proves nothing", "add a rule"
    )
    found = Pipeline(at=NOON, level=Level.UNKNOWN, troubles=(trouble,))
    assert "proves nothing" in words(no_alerts(found, glyphs=UNICODE, cells=100))
    assert pipeline_line(found, now=NOON, glyphs=UNICODE, cells=160)[0][1] == "unknown"


def test_a_trouble_of_another_cluster_does_not_doubt_this_one() -> None:
    def told(alert: Alert) -> str:
        return words(alert_lines(alert, (), found=FROZEN, silences={}, now=NOON, glyphs=UNICODE, cells=60)).replace(
            "\n", " "
        )

    assert "Watchdog of prod-east-1" in told(NO_LEADER)
    assert "Watchdog of prod-east-1" not in told(ACKED)
    assert "Alertmanager eu-b: refused" in told(ACKED)


def test_what_was_only_pending_is_not_said_to_have_fired() -> None:
    pending = msgspec.structs.replace(lost(NO_LEADER), firing_since=None)
    for one, told in ((pending, "it was pending, and nobody"), (lost(NO_LEADER), "it fired, and nobody")):
        lines = alert_lines(one, (), found=None, silences={}, now=NOON, glyphs=UNICODE, cells=200)
        assert told in words(lines)


@pytest.mark.parametrize(
    ("severity", "call", "why", "wanted"),
    [
        ("warning", Call.PAGE, "control-plane outage",
         "page by us (control-plane outage), ticket by its label, severity warning, told to team-tickets"),
        ("critical", Call.TICKET, "drift",
         "ticket by us (drift), page by its label, severity critical, told to team-tickets"),
        ("urgent", Call.PAGE, "control-plane outage",
         "page by us (control-plane outage), no call by its label, told to team-tickets"),
        ("Warning", Call.TICKET, "severity warning", ""),
        ("", Call.TICKET, "its rule has no severity", ""),
    ],
)  # fmt: skip
def test_where_our_verdict_and_the_label_call_differently_both_are_said(
    severity: str, call: Call, why: str, wanted: str
) -> None:
    plain_one = alert("etcdMembersDown", "prod-1", receivers=("team-tickets",))
    one = replace(plain_one, severity=severity, call=call, why=why)
    text = words(alert_lines(one, (), found=None, silences={}, now=NOON, glyphs=UNICODE, cells=120))

    assert wanted in text
    assert ("by us" in text) is bool(wanted)
    assert ("fleetui export routes" in text) is bool(wanted)

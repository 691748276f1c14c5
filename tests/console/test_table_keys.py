"""Keys in, views and rows out: moving, filtering, marking, sorting, going back."""

import base64
import re

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.console.app import FleetApp
from fleetui.console.frame import CommandLine
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.prompt import Prompt
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust
from tests.console.samples import CLUSTERS, cluster, fill, machine
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World


def grid(app: FleetApp) -> Grid:
    return app.frame.query_one(Grid)


def said(app: FleetApp, name: str) -> str:
    return app.frame.query_one(f"#{name}", Paper).text


def names(app: FleetApp) -> list[str]:
    """What the table shows, in order."""
    frame = app.frame
    assert isinstance(frame, TableScreen)
    return [row.name for row in frame.rows.rows()]


async def started(pilot: Pilot[int], world: World) -> FleetApp:
    app = pilot.app
    assert isinstance(app, FleetApp)
    await until(pilot, lambda: world.fleet.running.is_set() and grid(app).has_focus)
    return app


async def cursor_on(pilot: Pilot[int], app: FleetApp, row_id: str) -> None:
    """The inspector has followed."""
    table = app.frame.query_one(Grid)
    assert table.go_to(row_id)
    await until(pilot, lambda: app.frame.query_one("#inspector", Page).text.startswith(table.cursor_row.name))


async def test_the_first_frame_is_the_last_known_picture() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        assert "23 clusters" in said(app, "where")
        assert "READ-ONLY" in said(app, "where")
        assert "ana@jump-1" in said(app, "where")
        assert "20 live" in said(app, "trust")
        assert "1 silent: edge-lima-02 (6m, cert expired 2h ago)" in said(app, "trust")
        assert "1 stale (max 40s)" in said(app, "trust")


async def test_an_empty_fleet_is_a_screen_too() -> None:
    world = World()
    async with world.app().run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        assert "0 clusters" in said(app, "where")
        await pilot.press("enter", "D", "space", "d")
        assert app.is_running


async def test_enter_leads_from_fleet_to_machines_to_pods_and_esc_back_but_never_out() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-2")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("machines", cluster="prod-east-2") and grid(app).has_focus)
        assert set(names(app)) == {row.name for row in world_machines(world, "prod-east-2")}
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-04")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("pods", cluster="prod-east-2", machine="wk-b-04"))
        assert world.fleet.focused[-1] == frozenset({"prod-east-2"})
        await until(pilot, lambda: names(app)[:1] == ["ledger-0"])
        await pilot.press("escape")
        await until(pilot, lambda: app.go.here.screen == "machines" and app.screen is app.frame)
        await pilot.press("escape")
        await until(pilot, lambda: app.go.here.screen == "fleet" and app.screen is app.frame)
        assert grid(app).cursor == "prod-east-2"
        for _ in range(5):
            await pilot.press("escape")
        assert app.is_running
        assert app.go.here.screen == "fleet"
        assert world.fleet.focused[-1] == frozenset()


def world_machines(world: World, cluster: str) -> list[object]:
    return [row for _, row in world.fleet.tables["machines"].snapshot() if row.cluster == cluster]  # type: ignore[union-attr]


async def test_a_filter_narrows_as_it_is_typed_and_esc_gives_all_back() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        everything = len(names(app))
        await pilot.press("slash")
        await type_text(pilot, "status=NotReady")
        await until(pilot, lambda: names(app) == ["wk-c-03", "wk-e-09"])
        await pilot.press("enter")
        await until(pilot, lambda: grid(app).has_focus)
        assert "/status=NotReady" in said(app, "trust").replace(" ", "")
        assert "2 of 54" in said(app, "trust")
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == everything)


async def test_a_wrong_filter_says_so_and_changes_nothing() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        everything = names(app)
        await pilot.press("slash")
        await type_text(pilot, "colour=red")
        await until(pilot, lambda: "colour" in app.frame.query_one("#prompt-hint", Paper).text)
        await pilot.press("escape")
        await until(pilot, lambda: grid(app).has_focus)
        assert names(app) == everything


async def test_what_a_filter_cannot_tell_is_counted() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("slash")
        await type_text(pilot, "nodes>100")
        await pilot.press("enter")
        await until(pilot, lambda: "2 unknown" in said(app, "trust"))
        assert names(app) == ["prod-east-1", "prod-west-2", "prod-west-1"]


async def test_text_is_pasted_into_the_filter() -> None:
    from textual.events import Paste

    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("slash")
        await until(pilot, lambda: app.focused is app.frame.query_one("#prompt-input"))
        app.post_message(Paste("wk-a-11"))
        await until(pilot, lambda: names(app) == ["wk-a-11"])


async def test_faults_only_and_back() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "faults only" in said(app, "trust"))
        assert "dr-west" not in names(app)
        await pilot.press("escape")
        await until(pilot, lambda: "dr-west" in names(app))


async def test_marks_follow_the_objects_while_the_table_changes() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-01")
        await pilot.press("space", "space")
        assert [row.name for row in grid(app).targets()] == ["wk-b-01", "wk-b-02"]
        assert "2 marked" in said(app, "where")
        world.fleet.put(machine("wk-b-02", status="NotReady"), machine("aa-new-01"))
        await until(pilot, lambda: "aa-new-01" in names(app))
        assert {row.name for row in grid(app).targets()} == {"wk-b-01", "wk-b-02"}
        assert grid(app).cursor_row.name == "wk-b-03"


async def test_a_range_is_marked_with_v() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-08")
        await pilot.press("space", "j", "j", "v")
        assert [row.name for row in grid(app).targets()] == ["wk-b-08", "wk-b-09", "wk-b-10", "wk-b-11"]
        await pilot.press("escape")
        await until(pilot, lambda: not grid(app).marks)


async def test_the_sort_picker_sorts() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("S")
        await until(pilot, lambda: app.screen is not app.frame)
        await type_text(pilot, "age")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        await pilot.press("S")
        await until(pilot, lambda: app.screen is not app.frame)
        await type_text(pilot, "age")
        await pilot.press("enter")
        await until(pilot, lambda: names(app)[0] == "cp-a")


@pytest.mark.parametrize("word", ["trouble", "TROUBLE"])
async def test_a_sort_is_said_and_taken_back_by_the_word_that_the_chooser_shows(word: str) -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        trust = app.frame.query_one("#trust", Paper)
        begun = names(app)
        await pilot.press("colon")
        await type_text(pilot, "sort name")
        await pilot.press("enter")
        await until(pilot, lambda: "by name" in trust.text and names(app) != begun)
        await pilot.press("colon")
        await type_text(pilot, "sort name")
        await pilot.press("enter")
        await until(pilot, lambda: "by name, last first" in trust.text)
        await pilot.press("colon")
        await type_text(pilot, f"sort {word}")
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == begun)
        assert "by name" not in trust.text


async def test_views_are_walked_like_pages() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        for word in ("machines", "ops"):
            await pilot.press("colon")
            await type_text(pilot, word)
            await pilot.press("enter")
            await until(pilot, lambda word=word: app.go.here.screen == {"ops": "operations"}.get(word, word))  # type: ignore[misc]
        await pilot.press("minus")
        await until(pilot, lambda: app.go.here.screen == "machines")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: app.go.here.screen == "machines")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.go.here.screen == "fleet")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.go.here.screen == "machines")


async def test_a_command_opens_a_view_with_its_filter() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "machines @prod-east-1")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here.screen == "machines" and len(names(app)) == 9)


async def test_an_unknown_command_is_answered_in_words() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "machnes")
        await pilot.press("enter")
        await until(pilot, lambda: "no command :machnes" in said(app, "keys"))
        assert ":machines" in said(app, "keys")


async def test_the_inspector_shows_the_row_under_the_cursor() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: "versions" in inspector.text)
        grid(app).go_to("edge-lima-02")
        await until(pilot, lambda: "edge-lima-02" in inspector.text)
        assert "cert expired 2h ago" in inspector.text
        text = " ".join(inspector.text.split())
        assert "kubeadm certs renew apiserver, on each control plane" in text
        assert "? of 12 ready" in text


async def test_nothing_is_painted_when_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "versions" in app.frame.query_one("#inspector", Page).text)
        painted: list[object] = []
        for widget in app.frame.query("Grid, Paper, Page"):
            monkeypatch.setattr(
                widget, "refresh", lambda *regions, widget=widget, **_: painted.append((widget, regions))
            )
        app.frame.refresh_headlines()
        app.frame.tick()
        assert painted == []
        world.fleet.put(CLUSTERS[2])
        world.clock.at += 60
        app.frame.tick()
        assert painted


async def test_late_rows_get_an_age_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        world.clock.at += 120
        app.frame.tick()
        await until(pilot, lambda: "(8m, cert expired 2h ago)" in said(app, "trust"))
        assert "20 live " in said(app, "trust") + " "


async def test_leaving_takes_two_ctrl_c_or_a_command() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "ctrl-c again" in said(app, "keys"))
        world.clock.at += 5
        await pilot.press("ctrl+c")
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.return_code == 0)


async def test_the_summary_of_the_fleet_follows_the_clusters() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: "1 broken" in inspector.text)
        world.fleet.put(msgspec.structs.replace(CLUSTERS[3], control_plane_ready=1))
        await until(pilot, lambda: "2 broken" in inspector.text)


@pytest.mark.parametrize("screen", ["fleet", "machines"])
async def test_a_refused_filter_stays_in_the_prompt_and_esc_gives_back_the_one_before(screen: str) -> None:
    world = fill(World())
    async with world.app(view=View(screen, query="@prod-*")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        shown = grid(app).view.counts.shown
        await pilot.press("slash")
        await type_text(pilot, "east foo>3")
        await pilot.press("enter")
        field = app.screen.query_one("#prompt-input", Input)
        await until(pilot, lambda: field.value == "@prod-* east foo>3" and "foo" in said(app, "prompt-hint"))
        assert app.focused is field
        assert grid(app).view.counts.shown == shown, "not those of what was typed on the way"
        assert "/@prod-*" in said(app, "trust")
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid(app) and not app.frame.query_one(Prompt).is_open)
        assert grid(app).view.counts.shown == shown
        assert "/@prod-*" in said(app, "trust")
        await pilot.press("escape")
        await until(pilot, lambda: grid(app).view.counts.shown == grid(app).view.counts.total)
        assert app.go.here.screen == screen


async def test_esc_in_the_prompt_takes_back_what_was_typed() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        everything = names(app)
        await pilot.press("slash")
        await type_text(pilot, "status=NotReady")
        await until(pilot, lambda: names(app) == ["wk-c-03", "wk-e-09"])
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is grid(app))
        assert names(app) == everything
        assert "NotReady" not in said(app, "trust")


async def test_esc_on_an_empty_table_clears_the_filter_before_it_goes_back() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.go.open(View("machines"))
        await until(pilot, lambda: app.screen is app.frame and app.frame.built and grid(app).has_focus)
        await pilot.press("slash")
        await type_text(pilot, "nosuchname")
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == [] and grid(app).has_focus)
        assert "/nosuchname" in said(app, "trust")
        await pilot.press("escape")
        await until(pilot, lambda: names(app) != [])
        assert app.go.here.screen == "machines"
        await pilot.press("escape")
        await until(pilot, lambda: app.go.here.screen == "fleet")


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_an_error_leaves_the_typed_filter_its_room(size: tuple[int, int]) -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=size) as pilot:
        app = await started(pilot, world)
        await pilot.press("slash")
        await type_text(pilot, "foo>3")
        await until(pilot, lambda: "foo" in said(app, "prompt-hint"))
        await until(pilot, lambda: app.screen.query_one("#prompt-input", Input).size.width >= 30)
        if size[0] == 80:
            assert said(app, "prompt-hint").endswith("…")


async def test_a_command_with_a_filter_that_makes_no_sense_says_so() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "machines foo>3")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here.screen == "machines" and app.frame.built and "foo" in said(app, "keys"))
        assert len(names(app)) == 54


@pytest.mark.parametrize("key", ["D", "enter", "space", "y"])
async def test_a_key_about_a_row_is_refused_while_another_has_just_come_under_the_cursor(key: str) -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-01")
        world.fleet.drop(machine("wk-b-01"))
        await until(pilot, lambda: "wk-b-01" not in names(app))
        assert grid(app).cursor_row.name == "wk-b-02"
        await pilot.press(key)
        await until(pilot, lambda: "look, then press again" in said(app, "keys"))
        assert app.screen is app.frame
        assert app.go.here.screen == "machines"
        assert not grid(app).marks


async def test_marked_rows_are_acted_on_wherever_the_cursor_has_slipped() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-02")
        await pilot.press("space")
        world.fleet.drop(machine("wk-b-03"))
        await until(pilot, lambda: grid(app).slipped)
        await pilot.press("D")
        await until(pilot, lambda: app.screen is not app.frame)
        assert [row.name for row in grid(app).targets()] == ["wk-b-02"]


async def test_half_a_command_runs_the_only_one_it_begins_and_says_so_on_its_screen() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "mach")
        await pilot.press("enter")
        await until(pilot, lambda: app.go.here == View("machines") and app.frame.built)
        await until(pilot, lambda: ":mach ran :machines" in said(app, "keys"))


async def test_c_copies_the_name_or_all_marked_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")  # GNU screen would cut the sequence into pieces
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        copied: list[str] = []
        world.session.write_terminal = copied.append
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-01")
        await pilot.press("c")
        await until(pilot, lambda: "copied wk-b-01" in said(app, "keys"))
        await pilot.press("space", "space", "j", "c")
        await until(pilot, lambda: "copied 2 names" in said(app, "keys"))
        assert [text_of(sequence) for sequence in copied] == ["wk-b-01", "wk-b-01\nwk-b-02"]


def text_of(sequence: str) -> str:
    """What an OSC 52 would put into the clipboard, whatever it is wrapped in."""
    found = re.search(r"52;c;([A-Za-z0-9+/=]+)", sequence)
    assert found is not None
    return base64.b64decode(found[1]).decode()


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_pods_of_several_clusters_say_whose_they_are(size: tuple[int, int]) -> None:
    world = fill(World())
    async with world.app().run_test(size=size) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("prod-east-1")
        app.on_command_line(CommandLine("pods @prod-*"))
        await until(pilot, lambda: app.go.here == View("pods", query="@prod-*") and app.frame.built)
        await until(pilot, lambda: "CLUSTER" in grid(app).render_line(0).text)
        assert "prod-east-2" in grid(app).render_line(1).text
        app.on_command_line(CommandLine("pods"))
        await until(pilot, lambda: app.go.here == View("pods", cluster="prod-east-2") and app.frame.built)
        await until(pilot, lambda: "NAMESPACE" in grid(app).render_line(0).text)
        assert "CLUSTER" not in grid(app).render_line(0).text


@pytest.mark.parametrize(("size", "columns"), [((160, 50), 1), ((80, 24), 2)])
async def test_the_inspector_uses_the_width_it_has(size: tuple[int, int], columns: int) -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=size) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: "10.4." in inspector.text)
        first = inspector.text.splitlines()[0]
        assert len(first.split()) == (1 if columns == 1 else 3), "a second column stands beside the name"
        await until(pilot, lambda: not inspector.show_vertical_scrollbar)


async def test_help_at_80_columns_is_whole_and_says_that_there_is_more() -> None:
    world = fill(World())
    async with world.app().run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen is not app.frame and app.screen.query_one("#page", Page).text)
        page, keys = app.screen.query_one("#page", Page), app.screen.query_one("#keys", Paper)
        await until(pilot, lambda: page.show_vertical_scrollbar and "more" in keys.text)
        room = page.scrollable_content_region.width
        assert max(map(len, page.text.splitlines())) <= room
        shown, total = page.place[1], page.place[2]
        assert f"lines 1-{shown} of {total}" in keys.text
        await pilot.press("pagedown")
        await until(pilot, lambda: "lines 11-" in keys.text)
        for _ in range(total // 10):
            await pilot.press("pagedown")
        await until(pilot, lambda: f"-{total} of {total}" in keys.text)
        assert "more" not in keys.text


async def test_a_column_of_question_marks_gives_its_place_until_a_row_knows() -> None:
    world = World()
    row = cluster("edge-1", "edge", 3)
    world.fleet.put(row)
    async with world.app().run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        assert "NODES" in grid(app).render_line(0).text
        assert "PODS" not in grid(app).render_line(0).text
        world.fleet.put(msgspec.structs.replace(row, pods_ready=9, pods_total=10, pods_at=NOON))
        await until(pilot, lambda: "PODS" in grid(app).render_line(0).text)
        await pilot.press("z")
        await until(pilot, lambda: "90.0%" in grid(app).render_line(2).text)


REFUSED = Fault(FaultKind.UNAUTHORIZED, "401 unauthorized", "Unauthorized", "renew the token")


async def test_the_arrow_of_the_sorting_column_finds_room_at_once() -> None:
    world = World()
    world.fleet.put(
        cluster("platform-north-1", "management", 3, trust=Trust.SILENT, fault=REFUSED), cluster("edge-1", "edge", 3)
    )
    async with world.app().run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        assert "STATE             NODES  CP" in grid(app).render_line(0).text  # no cell to spare
        grid(app).sort_by("nodes")
        assert "NODES ↑  CP" in grid(app).render_line(0).text


async def test_w_shows_more_columns_where_the_inspector_was_and_less_again() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        usual = grid(app).columns
        await pilot.press("w")
        await until(pilot, lambda: set(grid(app).columns) > set(usual))
        await pilot.press("w")
        await until(pilot, lambda: grid(app).columns == usual)


async def test_w_says_when_no_column_more_has_room() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        await pilot.press("w")
        await until(pilot, lambda: "no room for more columns at 80 cells" in said(app, "keys"))

"""A runbook as an operator reads it: it scrolls, a command is chosen and copied, nothing is run."""

import base64
from pathlib import Path

from fleetui.clients.runbook_files import RunbookFiles
from fleetui.console.app import FleetApp
from fleetui.console.glyphs import UNICODE
from fleetui.console.grid import Grid
from fleetui.console.ink import plain, width
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.runbook_text import runbook_lines
from fleetui.console.screens.runbook import RunbookScreen
from fleetui.console.views import View
from fleetui.model.runbook import read
from tests.console.alert_samples import alert, ring
from tests.console.samples import fill
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World

LONG = "x" * 200
BOOK = read(
    "node-failure",
    "# Node failure\n\nIt is **not** `Ready`, and here the line\n"
    + "goes on " * 30
    + f"\n- item\n\n```\nfirst command\nsecond {LONG}\n```\n"
    + "\nmore\n" * 40
    + "```\nthe last\n```",
    source="shipped",
)


def test_lines_are_no_wider_than_the_screen_and_a_long_command_stays_whole() -> None:
    for cells in (40, 80, 160):
        lines, at = runbook_lines(BOOK, 1, glyphs=UNICODE, cells=cells)
        assert max(map(width, lines)) <= cells
        said = [plain(one) for one in lines]
        assert "second" in said[at]
        assert sum(text.count("x") for text in said[at:]) == len(LONG)


def test_bold_and_code_are_looks_and_not_signs() -> None:
    lines, _ = runbook_lines(BOOK, 0, glyphs=UNICODE, cells=80)
    spans = [span for one in lines for span in one]
    assert ("not", "strong") in spans
    assert ("Ready", "accent") in spans
    assert any(plain(one).startswith("It is not Ready, and") for one in lines), "no blank before the comma"


async def opened(pilot: object, world: World) -> tuple[FleetApp, RunbookScreen]:
    app = await started(pilot, world)  # type: ignore[arg-type]
    screen = RunbookScreen(world.session, BOOK, about="prod-east-2", url="https://runbooks.example.org/x")
    app.push_screen(screen)
    await until(
        pilot, lambda: app.screen is screen and screen.is_mounted and "Node failure" in screen.query_one(Page).text
    )  # type: ignore[arg-type]
    return app, screen


def sent(world: World) -> list[str]:
    return [base64.b64decode(text.split(";c;")[1].rstrip("\x07\x1b\\")).decode() for text in world.written]


async def test_the_chosen_command_is_copied_and_brought_into_sight() -> None:
    world = fill(World())
    async with world.app().run_test(size=(80, 24)) as pilot:
        _, screen = await opened(pilot, world)
        world.session.write_terminal = world.written.append
        await pilot.press("y")
        await until(pilot, lambda: sent(world) == ["first command"])
        assert "copied, not run" in screen.query_one("#keys", Paper).text
        await pilot.press("shift+tab", "c")
        await until(pilot, lambda: sent(world) == ["first command", "the last"])
        page = screen.query_one(Page)
        shown = page.text.splitlines()[page.place[0] - 1 : page.place[1]]
        assert any("the last" in text for text in shown)


async def test_the_url_of_the_rule_and_where_it_was_read_stand_beside_it() -> None:
    world = fill(World())
    async with world.app().run_test(size=(80, 24)) as pilot:
        app, screen = await opened(pilot, world)
        said = screen.query_one("#from", Paper).text
        assert "shipped" in said
        assert "https://runbooks.example.org/x" in said
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


async def test_a_runbook_that_only_its_address_leads_to_is_shown_whole_and_copied() -> None:
    """A message on one line would cut it where it matters."""
    world = World()
    world.session.runbooks = RunbookFiles(Path("/nowhere"))
    url = "https://runbooks.example.org/teams/storage/on-call/volumes/what-to-do-when-a-volume-fills/NODE#first-steps"
    full = alert("NobodyWroteThis", "prod-east-2", annotations=(("runbook_url", url),), labels={"node": "wk-1"})
    ring(world, full)
    async with world.app().run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        world.session.write_terminal = world.written.append
        app.go.open(View("alerts"))
        await until(pilot, lambda: app.frame.built and app.frame.query_one(Grid).has_focus)
        await until(pilot, lambda: app.frame.query_one(Grid).go_to(full.key))
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and app.screen.is_mounted)
        await until(pilot, lambda: url in "".join(app.screen.query_one(Page).text.split()))
        await pilot.press("y")
        await until(pilot, lambda: sent(world) == [url])


async def test_the_runbook_that_a_rule_names_opens_where_it_ships() -> None:
    """As our own rules do; the alert's name says nothing here."""
    world = World()
    world.session.runbooks = RunbookFiles(Path("/nowhere"))
    late = alert("FleetRulesLate", "prod-east-2", annotations=(("runbook", "alert-pipeline"),))
    ring(world, late)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.go.open(View("alerts"))
        await until(pilot, lambda: app.frame.built and app.frame.query_one(Grid).has_focus)
        await until(pilot, lambda: app.frame.query_one(Grid).go_to(late.key))
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RunbookScreen) and app.screen.is_mounted)
        await until(pilot, lambda: "Which part is dead?" in app.screen.query_one(Page).text)
        assert "the rule names" not in app.screen.query_one("#from", Paper).text

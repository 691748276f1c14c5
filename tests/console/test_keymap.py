"""Keys of the operator's own: they work, footer and help show them, a wrong one is told before there is a screen."""

import pytest

from fleetui.clients.config_file import ConfigError, parse_config
from fleetui.console.app import FleetApp
from fleetui.console.commands import by_id, hints
from fleetui.console.frame import CommandLine, key_line
from fleetui.console.grid import Grid
from fleetui.console.ink import plain
from fleetui.console.keymap import MOVING, bound, keys_of, problems
from fleetui.console.screens.help import help_lines
from fleetui.console.views import View
from fleetui.model.config import Config
from fleetui.model.freshness import Trust
from fleetui.wiring.session import _check_keys
from tests.console.samples import cluster, fill, machine
from tests.console.test_table_keys import said, started
from tests.console.waiting import until
from tests.console.world import World


def test_what_moves_the_cursor_is_what_the_grid_says() -> None:
    keys = {key for binding in Grid.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
    assert keys == MOVING


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("x", ("x",)),
        ("X f5", ("X", "f5")),
        ("^x ctrl+y", ("ctrl+x", "ctrl+y")),
        ("/ - [ , ;", ("slash", "minus", "left_square_bracket", "comma", "semicolon")),
        ("^\\", ("ctrl+backslash",)),
        ("space question_mark", ("space", "question_mark")),
    ],
)
def test_keys_are_written_as_the_help_shows_them(text: str, keys: tuple[str, ...]) -> None:
    assert keys_of(text) == keys


@pytest.mark.parametrize("text", ["", "xx", "ctrl+", "f99", "hyper+x", "ctrl+xx", "é"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        keys_of(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "keys:\n  machine.drian: x\n",
            r"^c\.yaml:2: keys\.machine\.drian: no such command; did you mean machine\.drain",
        ),
        (
            "keys:\n  look.wide: W\n  machine.drain: hyper+d\n",
            r"^c\.yaml:3: keys\.machine\.drain: 'hyper\+d' is no key",
        ),
        ("keys:\n  machine.drain: C\n", r"^c\.yaml:2: .*key C of machine\.drain and machine\.cordon: give one"),
        ("keys:\n  machine.drain: j\n", r"^c\.yaml:2: .*j moves the cursor: choose another key"),
        ("keys:\n  go.back: q\n", r"^c\.yaml:2: .*every dialog obeys it"),
        ("keys:\n  look.wide: 3\n", r"^c\.yaml:2: .*Expected `str`"),
    ],
)
def test_a_wrong_key_is_told_with_its_line_and_the_fix(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(text, where="c.yaml", check=_check_keys)


def test_two_commands_may_change_places() -> None:
    assert list(problems({"machine.drain": "C", "machine.cordon": "D"})) == []


def test_footer_and_help_show_the_key_that_is_bound() -> None:
    keys = {"machine.drain": "f8", "go.machines": "m"}
    assert bound(by_id("machine.drain"), keys).shown_keys == "f8"
    assert "f8 drain" in plain(key_line(hints("machines"), 160, keys))
    shown = [plain(row) for row in help_lines("machines", [], (), 120, keys)]
    assert any("f8" in row and ":drain" in row for row in shown)
    assert any(row.strip().startswith("m ") and ":machines" in row for row in shown)


async def test_the_bound_key_works_and_the_old_one_no_more() -> None:
    world = fill(World(config=Config(keys={"go.machines": "m", "go.operations": "f8", "look.filter": "ctrl+o"})))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("o", "slash")
        await pilot.pause()
        assert app.go.here.screen == "fleet"
        assert not app.frame.has_class("-prompting")
        await pilot.press("m")
        await until(pilot, lambda: app.go.here.screen == "machines" and app.screen is app.frame)
        await pilot.press("f8")
        await until(pilot, lambda: app.go.here.screen == "operations" and app.screen is app.frame)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: app.frame.has_class("-prompting"))


async def test_what_is_said_names_the_key_that_works() -> None:
    keys = {"session.help": "f1", "machine.drain": "f9", "session.connect": "f5", "look.filter": "f7"}
    world = World(config=Config(keys=keys))
    world.fleet.put(cluster("dr-west", "dr", 3, trust=Trust.IDLE, feeds=()))
    async with world.app(view=View("operations")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "C and f9 on :machines" in painted(app))
        app.post_message(CommandLine("zzz"))
        await until(pilot, lambda: "no command :zzz; f1 shows them all" in said(app, "keys"))
        app.go.open(View("machines", cluster="dr-west"))
        await until(pilot, lambda: "f5 connects it" in painted(app))
        world.fleet.put(machine("wk-1", "dr-west"))
        app.go.open(View("machines", query="wk-9"))
        await until(pilot, lambda: "f7 changes it" in painted(app))


def painted(app: FleetApp) -> str:
    tables = app.frame.query(Grid)  # none while the screen is still coming
    return "\n".join(table.render_line(y).text for table in tables for y in range(10))

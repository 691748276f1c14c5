"""Start, crash, connect, copy, stop and go on: what surrounds the screens."""

import asyncio
import base64
import subprocess
import sys

import pytest
from textual.events import Key

from fleetui.console import frame
from fleetui.console.app import FleetApp
from fleetui.console.clipboard import LIMIT, osc_52
from fleetui.console.crash import MASK, SupervisorError, crash_report, redact
from fleetui.console.frame import CommandLine
from fleetui.console.paper import Paper
from fleetui.console.views import View
from fleetui.model.freshness import Trust
from tests.console.samples import CLUSTERS, cluster, fill
from tests.console.test_table_keys import REFUSED, grid, names, started
from tests.console.waiting import type_text, until
from tests.console.world import World

ALLOWED = (
    "textual",
    "rich",
    "msgspec",
    "fleetui",
    "platformdirs",
    "markdown_it",
    "mdurl",
    "pygments",
    "typing_extensions",
)

PROBE = """
import sys
before = set(sys.modules)
import fleetui.console.app
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(" ".join(sorted(root for root in roots if root not in sys.stdlib_module_names)))
"""

OURS = """
import sys
import fleetui.console.app
print(" ".join(sorted(name for name in sys.modules if name.startswith("fleetui."))))
"""


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_console_imports_nothing_heavy() -> None:
    assert {root for root in run_python(PROBE).split() if not root.startswith("_")} <= set(ALLOWED)


def test_no_window_is_imported_before_it_is_opened() -> None:
    imported = run_python(OURS).split()
    assert not [name for name in imported if name.startswith("fleetui.console.screens.")]


async def test_nothing_connects_before_the_first_frame() -> None:
    world = fill(World())
    app = world.app()
    seen: list[bool] = []
    original = world.fleet.run

    async def run() -> None:
        seen.append("prod-east-1" in app.export_screenshot().replace("&#160;", " "))
        await original()

    world.fleet.run = run  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: seen)
    assert seen == [True]


async def run_to_the_end(app: FleetApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        while app.return_code is None:
            await pilot.pause(0.01)


async def test_a_dead_supervisor_is_loud() -> None:
    world = fill(World())
    world.fleet.fails = RuntimeError("the loop is gone")
    with pytest.raises(SupervisorError):
        await run_to_the_end(world.app())


def test_a_crash_report_has_no_locals_and_no_secrets() -> None:
    def fail() -> None:
        password = "hunter2"
        raise ValueError(f"Authorization: Bearer abc.def.ghi token={password} \x1b[2J")

    try:
        fail()
    except ValueError as error:
        report = crash_report(error)
    assert "in fail" in report
    assert "hunter2" not in report.replace('password = "hunter2"', "")
    assert "abc.def" not in report
    assert "\x1b" not in report
    assert MASK in report


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("Bearer eyJhbGciOi.eyJzdWIi.c2ln", f"Bearer {MASK}"),
        ("password: hunter2", f"password: {MASK}"),
        ('"token": "abcd"', f'"token": "{MASK}"'),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----", MASK),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_credentials_are_masked(secret: str, shown: str) -> None:
    assert redact(secret) == shown


def test_a_bad_theme_is_said_and_the_console_starts() -> None:
    async def start() -> str:
        world = fill(World())
        app = FleetApp(world.session, themes=world.app().themes, theme=("solarized", "dark"))
        async with app.run_test(size=(120, 24)) as pilot:
            await until(pilot, lambda: "no theme 'solarized'" in app.frame.query_one("#keys", Paper).text)
            return app.theme

    assert asyncio.run(start()) == "dark"


async def test_clusters_are_connected_by_pattern_and_by_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "FLASH_S", 60.0)  # a busy machine looks seldom
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "connect edge-oslo-* edge-rome-01")
        await pilot.press("enter")
        await until(pilot, lambda: world.fleet.connected)
        assert world.fleet.connected == [frozenset({"edge-oslo-01", "edge-oslo-02", "edge-rome-01"})]
        grid(app).go_to("edge-lima-02")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(world.fleet.connected) == 2)
        assert world.fleet.connected[-1] == frozenset({"edge-lima-02"})
        await pilot.press("colon")
        await type_text(pilot, "disconnect nowhere-*")
        await pilot.press("enter")
        await until(pilot, lambda: "no cluster matches" in app.frame.query_one("#keys", Paper).text)
        assert world.fleet.let_go == []


@pytest.mark.parametrize(("cells", "said"), [(160, "get node wk-b-04 -o yaml"), (60, "get node wk-b-04 -…")])
async def test_a_name_and_its_kubectl_line_are_copied_whole_and_said(cells: int, said: str) -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(cells, 30)) as pilot:
        app = await started(pilot, world)
        written: list[str] = []
        await until(pilot, lambda: world.session.write_terminal is not None)
        world.session.write_terminal = written.append
        grid(app).go_to("prod-east-2/uid-prod-east-2-wk-b-04")
        await pilot.press("c")
        await until(pilot, lambda: written)
        assert base64.b64encode(b"wk-b-04").decode() in written[0]
        await pilot.press("K")
        await until(pilot, lambda: "copied  $ kubectl --context prod" in app.frame.query_one("#keys", Paper).text)
        assert app.frame.query_one("#keys", Paper).text.endswith(said)
        command = b"kubectl --context prod-east-2 get node wk-b-04 -o yaml"
        assert base64.b64encode(command).decode() in written[1]


async def test_without_a_terminal_the_kubectl_line_is_only_shown() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="prod-east-2")).run_test(size=(160, 30)) as pilot:
        app = await started(pilot, world)
        world.session.write_terminal = None
        await pilot.press("K")
        await until(pilot, lambda: app.frame.query_one("#keys", Paper).text.startswith(" $ kubectl --context prod"))


def test_the_clipboard_is_reached_through_tmux_and_screen() -> None:
    encoded = base64.b64encode(b"wk-b-04").decode()
    assert osc_52("wk-b-04", {}) == f"\x1b]52;c;{encoded}\x07"
    assert osc_52("wk-b-04", {"TMUX": "/tmp/tmux-0/default,1,0"}) == f"\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\"
    assert osc_52("wk-b-04", {"TERM": "screen-256color"}) == f"\x1bP\x1b]52;c;{encoded}\x07\x1b\\"
    with pytest.raises(ValueError, match="too long"):
        osc_52("x" * LIMIT, {})


async def test_it_is_usable_at_any_size_from_80x24_on() -> None:
    world = fill(World())
    async with world.app().run_test(size=(200, 60)) as pilot:
        app = await started(pilot, world)
        for columns, rows in ((80, 24), (300, 80), (81, 25), (120, 30)):
            await pilot.resize_terminal(columns, rows)
            await until(pilot, lambda columns=columns: app.screen.size.width == columns)  # type: ignore[misc]
            await until(pilot, lambda rows=rows: app.frame.query_one("#keys", Paper).region.bottom == rows)  # type: ignore[misc]
            await until(pilot, lambda: app.frame.query_one("#where", Paper).text.rstrip().endswith("08:00"))
            assert grid(app).size.height >= 12


async def test_keys_typed_ahead_reach_the_line_they_were_meant_for() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        for char in ":machines\r/wk-a-11\r":
            app.post_message(Key({"\r": "enter", ":": "colon", "/": "slash"}.get(char, char), char))
        await until(pilot, lambda: app.go.here.screen == "machines" and app.frame.built and names(app) == ["wk-a-11"])
        await until(pilot, lambda: grid(app).has_focus)
        assert world.desk.operations() == ()


async def test_pods_of_the_whole_fleet_follow_the_clusters_that_are_connected() -> None:
    """From the first moment, and through a silence: rows that somebody reads do not go because a server is away."""
    world = fill(World())
    world.fleet.put(cluster("edge-rome-01", "edge", 3, trust=Trust.IDLE))
    async with world.app(view=View("pods")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: world.fleet.focused)
        assert "edge-rome-01" not in world.fleet.focused[-1]
        assert "prod-east-1" in world.fleet.focused[-1]
        world.fleet.put(cluster("edge-rome-01", "edge", 3, trust=Trust.CONNECTING))
        await until(pilot, lambda: "edge-rome-01" in world.fleet.focused[-1])
        world.fleet.put(cluster("prod-east-1", "prod", 3, trust=Trust.SILENT, fault=REFUSED))
        await until(pilot, lambda: app.session.clusters["prod-east-1"].trust is Trust.SILENT)
        assert "prod-east-1" in world.fleet.focused[-1]
        app.go.open(View("fleet"))
        await until(pilot, lambda: world.fleet.focused[-1] == frozenset())


async def test_pods_of_named_clusters_are_watched_there_and_nowhere_else() -> None:
    world = fill(World())
    everywhere = frozenset(row.name for row in CLUSTERS if row.trust is not Trust.IDLE)
    async with world.app().run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        app.post_message(CommandLine("pods @prod-east-*"))
        await until(pilot, lambda: app.go.here.screen == "pods" and grid(app).has_focus)
        await until(pilot, lambda: world.fleet.focused[-1:] == [frozenset({"prod-east-1", "prod-east-2"})])
        assert everywhere not in world.fleet.focused
        await pilot.press("escape")
        await until(pilot, lambda: world.fleet.focused[-1] == everywhere)
        await pilot.press("slash")
        await type_text(pilot, "@dr-west")
        assert world.fleet.focused[-1] == everywhere  # half a word names other clusters with each letter
        await pilot.press("enter")
        await until(pilot, lambda: world.fleet.focused[-1] == frozenset({"dr-west"}))

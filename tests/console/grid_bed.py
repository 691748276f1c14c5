"""A grid alone in an app: with a pilot, or with a driver that keeps every byte it is given."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from rich.style import Style
from textual import on
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.message import Message
from textual.pilot import Pilot

from fleetui.console.glyphs import UNICODE, Glyphs
from fleetui.console.grid import Grid
from fleetui.console.grid_messages import GridMessage
from fleetui.console.theme import LoadedTheme, load_theme
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.view import View
from tests.model.table.rows import NOW, delta

THEMES = Path(__file__).parents[2] / "themes"


def theme(name: str) -> LoadedTheme:
    path = THEMES / f"{name}.yaml"
    return load_theme(path.read_text(encoding="utf-8"), where=name, load_yaml=lambda text, _: yaml.safe_load(text))


class Recorder(HeadlessDriver):
    """A terminal that takes everything and answers nothing."""

    sent: list[str]

    def __init__(self, *args: Any, **said: Any) -> None:
        super().__init__(*args, **said)
        self.sent = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)

    def take(self) -> str:
        """What was sent since the last take."""
        said, self.sent = "".join(self.sent), []
        return said


class GridApp(App[None]):
    CSS = "Screen { background: $background; color: $text; } Screen:ansi { background: ansi_default; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, view: View[Any] | None = None, *, look: str = "dark", glyphs: Glyphs = UNICODE, recorded: bool = False
    ) -> None:
        loaded = theme(look)
        super().__init__(driver_class=Recorder if recorded else None, ansi_color=loaded.ansi)
        self.styles_worn: dict[str, Style] = {}
        self.wear(loaded)
        self.time = NOW
        shown = View(MACHINES, now=NOW) if view is None else view
        self.grid = Grid(shown, self.styles_worn, now=lambda: self.time, glyphs=glyphs)
        self.heard: list[Message] = []

    def wear(self, loaded: LoadedTheme) -> None:
        """As the console does it."""
        self.styles_worn.clear()
        self.styles_worn.update(loaded.styles)
        self.register_theme(loaded.textual)
        self.ansi_color = loaded.ansi
        self.theme = loaded.name

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    @on(GridMessage)
    def _hear(self, event: GridMessage) -> None:
        self.heard.append(event)

    def heard_of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.heard if type(message) is kind]

    @property
    def recorder(self) -> Recorder:
        assert isinstance(self._driver, Recorder)
        return self._driver

    @property
    def lines(self) -> list[str]:
        """What the grid shows, line by line, the heading first."""
        return [self.grid.render_line(y).text.rstrip() for y in range(self.grid.size.height)]

    @property
    def names(self) -> list[str]:
        """The names on screen, from the top."""
        return [line[4:].split()[0] for line in self.lines[1:] if line]


@asynccontextmanager
async def showing(
    *rows: Any, size: tuple[int, int] = (120, 12), **said: Any
) -> AsyncIterator[tuple[GridApp, Pilot[None]]]:
    """An app whose grid shows these rows."""
    app = GridApp(**said)
    async with app.run_test(size=size) as pilot:
        app.grid.apply(delta(*rows, reset=True))
        await pilot.pause()
        yield app, pilot


async def recorded(app: GridApp, size: tuple[int, int], drive: Callable[[Pilot[None]], Any]) -> None:
    """Runs the app with its recorder until ``drive`` has ended."""
    failures: list[BaseException] = []

    async def ride(pilot: Pilot[None]) -> None:
        try:
            await drive(pilot)
        except BaseException as error:  # kept for the test: Textual would turn it into a screen of its own
            failures.append(error)
        app.exit()

    await app.run_async(size=size, auto_pilot=ride)
    if failures:
        raise failures[0]

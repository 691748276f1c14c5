"""The grammar of every screen: where am I, may I write; how trustworthy is what I see; the body; the keys that matter.

A screen says what stands in these places; the frame paints them and keeps the clock.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.messages import Prune
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from fleetui.console import command_line, commands
from fleetui.console.command import Command, Console, PromptKind, TableFace, show_key
from fleetui.console.headline import where_line
from fleetui.console.ink import Line, fit, join, line, width
from fleetui.console.keymap import NO_KEYS, bound
from fleetui.console.paper import Paper
from fleetui.console.prompt import Prompt
from fleetui.console.session import Session
from fleetui.console.views import View
from fleetui.model.ledger import Operation

NARROW = 110
"""Cells: below this the inspector goes under the table instead of beside it."""

MIDDLE = 150
"""Cells: below this the inspector beside the table is narrower than a UID."""

LATE_TICK_S = 5.0
"""How often ages on the trust line grow once something is late. Nothing ticks while all is live."""


FLASH_S = 4.0


class CommandLine(Message):
    """A line was typed after ``:``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Go(Message):
    """A screen asks for another view."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view


class OpenOperation(Message):
    """A screen asks for the whole of one operation."""

    def __init__(self, operation: Operation) -> None:
        super().__init__()
        self.operation = operation


class Refocused(Message):
    """A screen may want the pods of other clusters watched than before: ``Frame.pods_focus``."""


def bindings(place: str) -> list[BindingType]:
    """The keys of a place, from the registry. The binding's id is the command's, so that a keymap can name it: also one
    that has no key unless the configuration gives it one."""
    return [
        Binding(
            ",".join(command.keys) or f"none_{command.id}",
            f"app.command('{command.id}')",
            command.title,
            show=False,
            id=command.id,
        )
        for command in commands.of_place(place)
    ]


class Frame(Screen[None], inherit_bindings=False):
    """Base of the screens. Subclasses give ``body``, ``crumbs``, ``counts``, ``trust`` and ``PLACE``."""

    PLACE = ""
    AUTO_FOCUS = ""

    def __init__(self, session: Session, view: View) -> None:
        super().__init__()
        self.session = session
        self.view = view
        self._minute: Timer | None = None
        self._flash: Timer | None = None
        self._prompt = Prompt(session.styles, self.complete, self.typed)
        self.built = False
        """True while its widgets are there. Textual's own is_mounted comes after on_mount, and stays True for ever."""
        self.whole = asyncio.Event()
        """Set once the prompt is there too: a key before it could only miss it."""
        self.prompting: PromptKind = ":"

    def compose(self) -> ComposeResult:
        self._fit_to(self.app.size)
        styles = self.session.styles
        yield Paper(styles, base="bar", id="where")
        yield Paper(styles, id="trust")
        with Horizontal(id="body"):
            yield from self.body()
        yield Paper(styles, base="bar", id="keys")
        if self.session.painted:
            yield self._prompt

    def body(self) -> Iterator[Widget]:
        """The widgets between the trust line and the keys."""
        raise NotImplementedError

    def crumbs(self) -> tuple[str, ...]:
        """The way to this screen: ``("Fleet", "prod-east-1")``."""
        raise NotImplementedError

    def counts(self) -> Line:
        """What line 1 counts."""
        return ()

    def trust(self, cells: int) -> Line:
        """How trustworthy is what is seen: line 2, or as much of it as there is."""
        raise NotImplementedError

    def second_line(self, cells: int) -> Line:
        """Line 2."""
        return self.trust(cells)

    # What the app and the commands ask of a screen; screens with a table answer.

    @property
    def table(self) -> TableFace | None:
        return None

    def pods_focus(self) -> frozenset[str]:
        """Clusters whose pods this screen wants watched."""
        return frozenset()

    def boards(self) -> frozenset[str]:
        """Tables that are asked for only while somebody looks, and that this screen shows: ``etcd``."""
        return frozenset()

    def narrow(self, query: str) -> None:
        """Filters by ``query``."""

    def help_sections(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """What the help says of this screen beside its commands: (heading, (term, meaning) pairs)."""
        return ()

    def complete(self, text: str) -> tuple[str, ...]:
        """What may be typed on."""
        return command_line.complete(text) if self.prompting == ":" else ()

    def close(self) -> None:
        """The screen will not be shown again."""
        self.built = False

    def clusters_changed(self) -> None:
        """The session's clusters are others than before."""
        self.refresh_headlines()

    def is_late(self) -> bool:
        """True while line 2 shows ages that grow."""
        return False

    # Life. Textual calls a handler of every class in the order of inheritance, so each has one handler, here, and
    # subclasses extend what it calls.

    def on_mount(self) -> None:
        self.begin()

    def on_screen_resume(self) -> None:
        self.appear()

    def on_screen_suspend(self) -> None:
        self.disappear()

    async def on_prune(self, event: Prune) -> None:  # noqa: ARG002 - Textual's signature; its own handler is called too
        """The widgets go first, the screen after them: in between it must not look for them."""
        self.built = False

    def begin(self) -> None:
        """Its widgets are there."""
        self.built = True
        self.refresh_headlines()
        self.show_keys()
        if self.session.painted:
            self.whole.set()
        else:
            # Its style sheet is the largest of all, and nobody can type before there is something to see.
            self.call_after_refresh(self._complete)

    async def _complete(self) -> None:
        await self.mount(self._prompt)
        self.whole.set()

    def appear(self) -> None:
        """It is on top: for the first time, or again."""
        self.refresh_headlines()
        self._wait_for_minute()

    def disappear(self) -> None:
        """Another screen or a dialog is on top of it."""
        if self._minute is not None:
            self._minute.stop()

    def refresh_headlines(self) -> None:
        """Lines 1 and 2; costs nothing on the terminal when they say the same."""
        if self.built:
            self.query_one("#where", Paper).show(lambda cells: (self._where(cells),))
            self.query_one("#trust", Paper).show(lambda cells: (self.second_line(cells),))

    def on_resize(self, event: Resize) -> None:
        self._fit_to(event.size)

    def _fit_to(self, size: Size) -> None:
        """Which layout there is room for: known before the first, and before the event of a new size is there."""
        self.set_class(size.width < NARROW, "-narrow")
        self.set_class(NARROW <= size.width < MIDDLE, "-middle")

    def flash(self, text: str, style: str) -> None:
        """One line in the place of the keys, for a few seconds."""
        if self.built:
            self._flash_up(text, style)
        else:
            self.call_later(self._flash_up, text, style)

    def _flash_up(self, text: str, style: str) -> None:
        if not self.built:
            return
        self.query_one("#keys", Paper).show(lambda cells: (fit(((f" {text}", style),), cells),))
        if self._flash is not None:
            self._flash.stop()
        self._flash = self.set_timer(FLASH_S, self._flash_out)

    def _flash_out(self) -> None:
        self._flash = None
        self.show_keys()

    def refresh_keys(self) -> None:
        """Some key does something else now; a passing line in their place is left its time."""
        if self._flash is None:
            self.show_keys()

    def show_keys(self) -> None:
        if self.built:
            self.query_one("#keys", Paper).show(self._keys)

    def prompt(self, kind: PromptKind, text: str = "") -> None:
        """Opens the line for a command or a filter."""
        if not self.whole.is_set():
            self.call_after_refresh(self.prompt, kind, text)
        elif self.built:
            self.prompting = kind
            self._prompt.open(kind, text)

    def typed(self, kind: PromptKind, text: str) -> None:
        """A letter more or less in the prompt."""

    @on(Prompt.Done)
    def _prompt_done(self, event: Prompt.Done) -> None:
        if not self._prompt.is_open:  # a refused filter stays in it
            self.focus_body()
        if event.kind == ":":
            self.post_message(CommandLine(event.text))

    @on(Prompt.Cancelled)
    def _prompt_cancelled(self) -> None:
        self.focus_body()

    def focus_body(self) -> None:
        """The keys go to the body again."""

    def _where(self, cells: int) -> Line:
        session = self.session
        crumbs = (session.title, *self.crumbs()) if session.title else self.crumbs()
        return where_line(
            crumbs, self.counts(), arming=session.arming, actor=str(session.actor),
            now=session.clock.now(), glyphs=session.glyphs, cells=cells,
        )  # fmt: skip

    def _keys(self, cells: int) -> tuple[Line, ...]:
        console = self.app if getattr(self.app, "frame", None) is self else None
        shown = commands.hints(self.PLACE, cast("Console | None", console))
        return (key_line(shown, cells, self.session.config.keys, self.key_titles()),)

    def key_titles(self) -> Mapping[str, str]:
        """By command, what its key does now, where that is not what the command is called."""
        return {}

    def _wait_for_minute(self) -> None:
        """The clock shows minutes: a ticking second would repaint all day long."""
        now = self.session.clock.now()
        wait = LATE_TICK_S if self.is_late() else 60 - now % 60
        self._minute = self.set_timer(max(0.05, wait), self._ticked)

    def _ticked(self) -> None:
        self.tick()
        self._wait_for_minute()

    def tick(self) -> None:
        """Time has passed: once a minute, more often while something is late."""
        self.refresh_headlines()


NO_TITLES: Mapping[str, str] = {}


GAPS = (3, 2)
"""Cells between entries; fewer where that lets one more be shown."""


def key_line(
    shown: Sequence[Command], cells: int, keys: Mapping[str, str] = NO_KEYS, titles: Mapping[str, str] = NO_TITLES
) -> Line:
    """`` / filter   : command   enter open``: whole entries only; the last one is help, and never goes."""
    entries = [
        line((show_key(own.keys[0]), "key"), (f" {titles.get(own.id, own.title)}", "muted"))
        for own in (bound(command, keys) for command in shown)
    ]
    while True:
        for gap in GAPS:
            said = (*line(" "), *join(entries, " " * gap))
            if len(entries) <= 1 or width(said) < cells:
                return said
        entries = [*entries[:-2], entries[-1]]

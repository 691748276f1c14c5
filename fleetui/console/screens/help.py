"""Every key and command of a place, searchable; read from the registry, so it cannot lie."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from fleetui.console import commands
from fleetui.console.command import Command, Danger
from fleetui.console.controls import Field
from fleetui.console.dialog import Dialog
from fleetui.console.ink import Line, line, spread, width, wrap
from fleetui.console.keymap import NO_KEYS, bound
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.session import Session

GROUPS = {
    "go": "Moving",
    "look": "Looking",
    "lens": "Lens",
    "mark": "Marking",
    "alert": "Alerts",
    "incident": "Incidents",
    "machine": "Machines",
    "etcd": "etcd",
    "operation": "Operations",
    "session": "Session",
}
"""Headings by the first part of a command's id."""

MARGIN, KEY_CELLS = 2, 10
WORD_CELLS, NARROW_WORD_CELLS = 26, 20
ROOMY = 100
"""Cells: below this the column of words is narrow."""

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A heading, and (term, meaning) pairs."""


class HelpScreen(Dialog[None]):
    """Opened with ``?``; typing searches."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, priority=True),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(10)", show=False, priority=True),
        Binding("pageup", "scroll(-10)", show=False, priority=True),
    ]

    def __init__(self, session: Session, place: str, extra: tuple[Section, ...] = ()) -> None:
        """``extra``: what else there is to know at this place, such as the columns and the filter language."""
        super().__init__(session)
        self._place = place
        self._extra = extra

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        yield Paper(styles, base="bar", id="where")
        yield Field(id="typed", placeholder="type to search")
        yield Page(styles, id="page")
        yield Paper(styles, base="bar", id="keys")

    def on_mount(self) -> None:
        crumb = f" {self.session.glyphs.crumb} "
        where = line(
            (" fleetui", "brand"),
            (crumb, "crumb"),
            (self._place.capitalize(), "crumb"),
            (crumb, "crumb"),
            ("Help", "title"),
        )
        self.query_one("#where", Paper).show((where,))
        self.query_one("#typed").focus()
        self._show("")

    @on(Page.Read)
    def _show_place(self) -> None:
        """The keys, and how much more there is: a page that ends at the edge looks like the whole of it."""
        keys = line((" esc", "key"), (" back   ", "muted"), ("up down pgup pgdn", "key"), (" scroll", "muted"))
        first, last, total = self.query_one("#page", Page).place
        more = f"  {self.session.glyphs.down} more" if last < total else ""
        said = line((f"lines {first}-{last} of {total}", "muted"), (more, "accent"), " ")
        self.query_one("#keys", Paper).show(lambda cells: (spread(keys, said, cells),))

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        self._show(event.value)

    def action_scroll(self, by: int) -> None:
        self.query_one("#page", Page).scroll_relative(y=by, animate=False)

    def _show(self, typed: str) -> None:
        words = typed.lower().split()
        self.query_one("#page", Page).show(
            lambda cells: help_lines(self._place, words, self._extra, cells, self.session.config.keys)
        )


def help_lines(
    place: str, words: list[str], extra: tuple[Section, ...], cells: int, keys: Mapping[str, str] = NO_KEYS
) -> tuple[Line, ...]:
    """What exists at ``place`` and contains every word, under its headings. ``keys``: the operator's own."""
    lines: list[Line] = []
    for group, heading in GROUPS.items():
        found = [
            command for command in commands.of_place(place) if _in_group(command, group) and _matches(command, words)
        ]
        if found:
            lines += [(), line((heading, "heading"))]
            for command in found:
                lines += _command_lines(bound(command, keys), cells)
    for heading, entries in extra:
        kept = [
            (term, meaning) for term, meaning in entries if all(word in f"{term} {meaning}".lower() for word in words)
        ]
        if kept:
            lines += [(), line((heading, "heading"))]
            for term, meaning in kept:
                lines += _entry_lines(term, meaning, cells)
    return tuple(lines[1:]) or (line(("nothing like that here", "muted")),)


def _in_group(command: Command, group: str) -> bool:
    return command.id.partition(".")[0] == group


def _matches(command: Command, words: list[str]) -> bool:
    text = f"{command.title} {command.help} {' '.join(command.words)}".lower()
    return all(word in text for word in words)


def _command_lines(command: Command, cells: int) -> list[Line]:
    word = f":{command.words[0]} {command.arguments}".strip() if command.words else ""
    danger = "warn" if command.danger is Danger.CHANGES else "key"
    return _explained(((command.shown_keys.ljust(KEY_CELLS), danger), (word, "muted")), command.help, cells)


def _entry_lines(term: str, meaning: str, cells: int) -> list[Line]:
    return _explained(((term, "accent"),), meaning, cells)


def _explained(term: Line, meaning: str, cells: int) -> list[Line]:
    """The term and beside it what it means; below it where it leaves no room."""
    indent = MARGIN + KEY_CELLS + (WORD_CELLS if cells >= ROOMY else NARROW_WORD_CELLS)
    head: Line = ((" " * MARGIN, "text"), *term)
    lines = wrap(meaning, max(20, cells - indent), "text")
    if width(head) < indent:
        head = (*head, (" " * (indent - width(head)), "text"), *lines.pop(0))
    return [head, *(((" " * indent, "text"), *more) for more in lines)]

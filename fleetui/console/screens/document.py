"""A long text of one object: its description in words, or its YAML, read with the keys of a pager."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from fleetui.console.describing import section_lines
from fleetui.console.dialog import Dialog
from fleetui.console.ink import Line, line, wrap
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.session import Session
from fleetui.model.section import Section
from fleetui.model.text import clean_block

Content = str | tuple[Section, ...]
"""YAML or a record, line by line; or a description."""

Fetch = Callable[[], Awaitable[Content]]


class DocumentScreen(Dialog[None]):
    """Fetches when it opens; says so while it waits, and says what went wrong in the place of the text."""

    CSS_PATH = "document.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "cancel", show=False),
        Binding("w", "wrap", show=False),
        Binding("ctrl+r", "fetch", show=False),
    ]

    def __init__(self, session: Session, title: str, fetch: Fetch) -> None:
        super().__init__(session)
        self._heading = title
        self._fetch_content = fetch
        self._content: Content = ""
        self._problem = ""
        self._wrapped = True

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        yield Paper(styles, base="bar", id="where")
        yield Page(styles, id="page")
        yield Paper(styles, base="bar", id="keys")

    def on_mount(self) -> None:
        self.query_one("#where", Paper).show(
            (line((" fleetui ", "brand"), (f"{self.session.glyphs.crumb} ", "crumb"), (self._heading, "title")),)
        )
        keys = (("j k", "move"), ("g G", "ends"), ("w", "wrap"), ("^r", "read again"), ("esc", "back"))
        said: Line = ((" ", "text"),)
        for key, word in keys:
            said = (*said, (key, "key"), (f" {word}   ", "muted"))
        self.query_one("#keys", Paper).show((said,))
        self.query_one("#page").focus()
        self.action_fetch()

    def action_fetch(self) -> None:
        self._problem, self._content = "", ""
        self.run_worker(self._fetch(), group="document", exclusive=True, exit_on_error=False)
        self._show()

    def action_wrap(self) -> None:
        self._wrapped = not self._wrapped
        self._show()

    async def _fetch(self) -> None:
        content = await self._fetch_content()
        self._content = clean_block(content) if isinstance(content, str) else content
        self._show()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._problem = str(event.worker.error)
            self._show()

    def _show(self) -> None:
        self.query_one("#page", Page).show(self._lines)

    def _lines(self, cells: int) -> tuple[Line, ...]:
        if self._problem:
            return tuple(wrap(f"{self.session.glyphs.broken} {self._problem}", cells - 1, "danger"))
        if not self._content:
            return (line(("reading…", "busy")),)
        if not isinstance(self._content, str):
            return section_lines(self._content, cells - 1)
        lines: list[Line] = []
        for text in self._content.split("\n"):
            lines += wrap_yaml(text, cells - 1) if self._wrapped else [yaml_line(text)]
        return tuple(lines)


def yaml_line(text: str) -> Line:
    """Keys stand back, values stand out."""
    key, colon, value = text.partition(": ") if ": " in text else text.partition(":")
    if not colon or (value and not text[len(key) + 1 : len(key) + 2].isspace()) or " " in key.strip().lstrip("- "):
        return line((text, "text"))
    return line((key + ":", "muted"), (f" {value}" if value else "", "text"))


def wrap_yaml(text: str, cells: int) -> list[Line]:
    """A long line continues under its own indentation, two further."""
    if len(text) <= cells:
        return [yaml_line(text)]
    indent = len(text) - len(text.lstrip()) + 2
    first, *rest = [text[:cells], *_chunks(text[cells:], max(10, cells - indent))]
    return [yaml_line(first), *(line((" " * indent + piece, "text")) for piece in rest)]


def _chunks(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]

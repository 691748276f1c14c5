"""A runbook to read beside the trouble: it scrolls, and a command of it can be copied. None is ever run from here."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleetui.console.clipboard import copied
from fleetui.console.dialog import Dialog
from fleetui.console.ink import Line, fit, line
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.runbook_text import runbook_lines
from fleetui.console.session import Session
from fleetui.model.runbook import Runbook

_KEYS = (("j k", "move"), ("tab", "next command"), ("y", "copy it"), ("g G", "ends"), ("esc", "back"))


class RunbookScreen(Dialog[None]):
    CSS_PATH = "runbook.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "cancel", show=False),
        Binding("tab,n", "choose(1)", show=False),
        Binding("shift+tab,N", "choose(-1)", show=False),
        Binding("y,c", "copy", show=False),
    ]

    def __init__(self, session: Session, runbook: Runbook, *, about: str = "", url: str = "") -> None:
        """``about``: what it was opened for; ``url``: the runbook that an alert's rule names."""
        super().__init__(session)
        self._runbook = runbook
        self._about = about
        self._url = url
        self._chosen = 0

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        yield Paper(styles, base="bar", id="where")
        yield Paper(styles, id="from")
        yield Page(styles, id="page")
        yield Paper(styles, base="bar", id="keys")

    def on_mount(self) -> None:
        crumb = (f" {self.session.glyphs.crumb} ", "crumb")
        about = ((self._about, "crumb"), crumb) if self._about else ()
        title = (f"Runbook: {self._runbook.title}", "title")
        self.query_one("#where", Paper).show((line((" fleetui", "brand"), crumb, *about, title),))
        self.query_one("#from", Paper).show(lambda cells: (fit(self._from(), cells),))
        self._show_keys(line(*(span for key, word in _KEYS for span in ((f" {key}", "key"), (f" {word}  ", "muted")))))
        self.query_one("#page").focus()
        self._show()

    def _from(self) -> Line:
        beside = ((f"   the rule names {self._url}", "accent"),) if self._url else ()
        return line((f" {self._runbook.source or self._runbook.name}", "muted"), *beside)

    def _show_keys(self, said: Line) -> None:
        self.query_one("#keys", Paper).show(lambda cells: (fit(said, cells),))

    def _show(self) -> None:
        self.query_one("#page", Page).show(lambda cells: self._lines(cells)[0])

    def _lines(self, cells: int) -> tuple[tuple[Line, ...], int]:
        return runbook_lines(self._runbook, self._chosen, glyphs=self.session.glyphs, cells=cells - 1)

    def action_choose(self, by: int) -> None:
        """The next command, brought into sight."""
        commands = self._runbook.commands
        if not commands:
            return
        self._chosen = (self._chosen + by) % len(commands)
        self._show()
        page = self.query_one("#page", Page)
        at, height = self._lines(page.scrollable_content_region.width)[1], page.size.height
        if not page.scroll_offset.y <= at < page.scroll_offset.y + height - 1:
            page.scroll_to(y=max(0, at - height // 3), animate=False)

    def action_copy(self) -> None:
        """To the clipboard of the operator's own machine."""
        commands = self._runbook.commands
        if not commands:
            return
        command = commands[self._chosen]
        done = copied(command, self.session.write_terminal)
        said = "copied, not run" if done else "cannot be copied here"
        self._show_keys(line((f" {said}  ", "ok" if done else "warn"), (f"$ {command.splitlines()[0]}", "accent")))

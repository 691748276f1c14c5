"""A few words that become part of an incident: its title, a note, its summary."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from fleetui.console.controls import Field, Push
from fleetui.console.dialog import WALK, Dialog
from fleetui.console.ink import line, wrap
from fleetui.console.paper import Paper
from fleetui.console.session import Session


class WordsScreen(Dialog[str]):
    """Dismissed with the words, or None. Nothing is written without any."""

    CSS_PATH = "incident_words.tcss"
    BINDINGS: ClassVar[list[BindingType]] = WALK

    def __init__(self, session: Session, title: str, about: str, *, label: str, yes: str, value: str = "") -> None:
        super().__init__(session)
        self._heading = title
        self._about = about
        self._label = label
        self._yes = yes
        self._value = value

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        with Vertical(id="box"):
            yield Paper(styles, id="about")
            with Horizontal(classes="field"):
                yield Paper(styles, id="ask")
                yield Field(self._value, id="words")
            yield Paper(styles, id="problem")
            with Horizontal(id="buttons"):
                yield Push("Cancel", styles, id="cancel")
                yield Push(self._yes, styles, id="yes")

    def on_mount(self) -> None:
        self.query_one("#box").border_title = f" {self._heading} "
        self.query_one("#about", Paper).show(lambda cells: tuple(wrap(self._about, cells, "muted")))
        self.query_one("#ask", Paper).show((line((self._label, "muted")),))
        self.query_one("#words").focus()

    @on(Input.Submitted)
    @on(Push.Pressed, "#yes")
    def _try(self) -> None:
        words = self.query_one("#words", Input).value.strip()
        if words:
            self.answer(words)
        else:
            self.query_one("#problem", Paper).show((line(("a few words are needed", "danger")),))

    @on(Push.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

"""A question with two answers, the harmless one focused."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from fleetui.console.controls import Push
from fleetui.console.dialog import WALK, Dialog
from fleetui.console.ink import wrap
from fleetui.console.paper import Paper
from fleetui.console.session import Session


class AskScreen(Dialog[bool]):
    """Dismissed with True for yes."""

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = WALK

    def __init__(self, session: Session, question: str, about: str, *, yes: str) -> None:
        super().__init__(session)
        self._question = question
        self._about = about
        self._yes = yes

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        with Vertical(id="box"):
            yield Paper(styles, id="about")
            with Horizontal(id="buttons"):
                yield Push("Cancel", styles, id="cancel")
                yield Push(self._yes, styles, danger=True, id="yes")

    def on_mount(self) -> None:
        self.query_one("#box").border_title = f" {self._question} "
        self.query_one("#about", Paper).show(lambda cells: tuple(wrap(self._about, cells)))
        self.query_one("#cancel").focus()

    @on(Push.Pressed)
    def _pressed(self, event: Push.Pressed) -> None:
        self.answer(event.button.id == "yes")

"""Base of everything that opens over a screen: what leaves and stops the program works there too."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from fleetui.console.session import Session

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """``esc`` closes it with None unless a subclass says otherwise. Answers once: a second enter finds it closed."""

    AUTO_FOCUS = ""
    """Each dialog says itself what has the keys first; Textual's own choice would race with that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "app.command('session.interrupt')", show=False, priority=True),
        Binding("ctrl+z", "app.command('session.suspend')", show=False, priority=True),
        Binding("escape", "cancel", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._answered = False

    def answer(self, answer: Answer | None) -> None:
        """Closes the dialog; the second call does nothing."""
        if not self._answered:
            self._answered = True
            self.dismiss(answer)

    def action_cancel(self) -> None:
        self.answer(None)

    def action_next(self, by: int) -> None:
        """The focus, within the dialog."""
        self.focus_next() if by > 0 else self.focus_previous()


WALK: list[BindingType] = [
    Binding("tab,down", "next(1)", show=False),
    Binding("shift+tab,up", "next(-1)", show=False),
]
"""Keys of a dialog with several controls."""

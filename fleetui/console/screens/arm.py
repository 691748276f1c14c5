"""Arming the session: why, and for how long. Nothing changes by it; it only lets operations be submitted."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from fleetui.console.arming import Arming, arm
from fleetui.console.controls import Field, Push
from fleetui.console.dialog import WALK, Dialog
from fleetui.console.ink import line, wrap
from fleetui.console.paper import Paper
from fleetui.console.session import Session
from fleetui.model.duration import parse_duration

ABOUT = (
    "Until the time ends, operations can be submitted from this console. Each is still planned, checked and confirmed."
)


class ArmScreen(Dialog[Arming]):
    """Dismissed with the arming, or None."""

    CSS_PATH = "arm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = WALK

    def __init__(self, session: Session, *, reason: str = "", duration: str = "") -> None:
        super().__init__(session)
        self._reason = reason
        self._duration = duration or session.config.operations.write_for

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        with Vertical(id="box"):
            yield Paper(styles, id="about")
            with Horizontal(classes="field"):
                yield Paper(styles, id="ask-reason")
                yield Field(self._reason, id="reason", placeholder="rack C repair, CHG-1234")
            with Horizontal(classes="field"):
                yield Paper(styles, id="ask-time")
                yield Field(self._duration, id="time")
            yield Paper(styles, id="problem")
            with Horizontal(id="buttons"):
                yield Push("Cancel", styles, id="cancel")
                yield Push("allow changes", styles, danger=True, id="arm")

    def on_mount(self) -> None:
        self.query_one("#box").border_title = " Allow changes "
        self.query_one("#about", Paper).show(lambda cells: tuple(wrap(ABOUT, cells, "muted")))
        self.query_one("#ask-reason", Paper).show((line(("because  ", "muted")),))
        self.query_one("#ask-time", Paper).show((line(("for      ", "muted")),))
        self.query_one("#reason").focus()

    @on(Input.Submitted)
    @on(Push.Pressed, "#arm")
    def _try(self) -> None:
        try:
            seconds = parse_duration(self.query_one("#time", Input).value)
            arming = arm(self.query_one("#reason", Input).value, seconds=seconds, now=self.session.clock.now())
        except ValueError as error:
            said = str(error)
            self.query_one("#problem", Paper).show(lambda cells: tuple(wrap(said, cells, "danger")))
            return
        self.answer(arming)

    @on(Push.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()


def read_words(words: str, session: Session) -> tuple[Arming | None, str, str]:
    """``rack C repair 30m`` as (the arming, the reason, the time): no arming while something is missing.

    The last word is the time when it reads as one; the configured time stands in for it. Raises ValueError.
    """
    *before, last = words.split() or [""]
    duration = last if _is_duration(last) else ""
    reason = " ".join(before if duration else [*before, last]).strip()
    if not reason:
        return None, "", duration
    seconds = parse_duration(duration or session.config.operations.write_for)
    return arm(reason, seconds=seconds, now=session.clock.now()), reason, duration


def _is_duration(word: str) -> bool:
    """A bare number is more likely part of a reason: ``:write ticket 4711``."""
    if not word or word.isdigit():
        return False
    try:
        parse_duration(word)
    except ValueError:
        return False
    return True

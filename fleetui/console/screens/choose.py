"""A window to choose one thing by typing a few letters of it: the command palette, the sort picker."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from fleetui.console.controls import Field
from fleetui.console.dialog import Dialog
from fleetui.console.ink import Line, line, spread
from fleetui.console.paper import Paper
from fleetui.console.session import Session

SHOWN = 14
"""Rows on show; what lies below is reached by typing on."""


class Offer(msgspec.Struct, frozen=True):
    """One thing to choose."""

    id: str
    title: str
    detail: str = ""
    keys: str = ""
    unavailable: str = ""
    """Why it cannot be chosen now; it is shown, and choosing it says this."""


def matching(offers: Sequence[Offer], typed: str) -> list[Offer]:
    """Offers in which every typed word occurs; those whose title begins with it come first, in their order."""
    words = typed.lower().split()
    found = [offer for offer in offers if all(word in f"{offer.title} {offer.detail}".lower() for word in words)]
    return sorted(found, key=lambda offer: _rank(offer.title.lower(), words))


def _rank(title: str, words: list[str]) -> int:
    if not words:
        return 0
    if title.startswith(words[0]):
        return 0
    return 1 if words[0] in title else 2


class ChooseScreen(Dialog[str]):
    """Dismissed with the id of the chosen offer, or None."""

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self, session: Session, title: str, offers: Sequence[Offer]) -> None:
        super().__init__(session)
        self._title_text = title
        self._offers = tuple(offers)
        self._found = list(self._offers)
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Field(id="typed", placeholder="type to search")
            yield Paper(self.session.styles, id="offers")

    def on_mount(self) -> None:
        self.query_one("#box").border_title = f" {self._title_text} "
        self.query_one("#typed").focus()
        self._show()

    @on(Input.Changed, "#typed")
    def _search(self, event: Input.Changed) -> None:
        self._found = matching(self._offers, event.value)
        self._at = 0
        self._show()

    @on(Input.Submitted, "#typed")
    def _choose(self) -> None:
        if self._found:
            self.answer(self._found[self._at].id)

    def action_move(self, by: int) -> None:
        self._at = max(0, min(len(self._found) - 1, self._at + by))
        self._show()

    def _show(self) -> None:
        self.query_one("#offers", Paper).show(self._lines)

    def _lines(self, cells: int) -> tuple[Line, ...]:
        first = max(0, min(self._at - SHOWN // 2, len(self._found) - SHOWN))
        shown = self._found[first : first + SHOWN]
        lines = [self._line(offer, first + at == self._at, cells) for at, offer in enumerate(shown)]
        more = len(self._found) - len(shown)
        foot: Line = line((f" {len(self._found)} of {len(self._offers)}" if more or not lines else "", "faint"))
        return (*lines, *[()] * (SHOWN - len(lines)), foot)

    def _line(self, offer: Offer, here: bool, cells: int) -> Line:
        title = "faint" if offer.unavailable else ("mark" if here else "text")
        left = line((f"{self.session.glyphs.mark} " if here else "  ", "accent"), (offer.title.ljust(18), title))
        detail = offer.unavailable or offer.detail
        return spread((*left, (f" {detail}", "muted")), line((f"{offer.keys} ", "key")), cells)

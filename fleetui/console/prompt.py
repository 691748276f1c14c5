"""The line where commands and filters are typed. It stands where the keys stand, and goes when it is done."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Region
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from fleetui.console.command import PromptKind
from fleetui.console.controls import Field
from fleetui.console.ink import Line, Styles, fit, line, spread
from fleetui.console.paper import Paper

Complete = Callable[[str], tuple[str, ...]]
"""What may stand after what was typed, best first; whole texts."""

Typed = Callable[[PromptKind, str], None]
"""Told each text as it is typed, before the letter is painted. A message would come after that paint, and Textual
leaves up to two frames between one paint and the next: the letter's answer would be 30 ms late."""

HISTORY_LIMIT = 100


class Completer(Suggester):
    """The best completion, greyed behind the cursor; the right arrow or tab takes it."""

    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(self.complete(value)), None)


class PromptInput(Field):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "cursor_right", show=False),
        Binding("escape", "leave", show=False),
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
    ]

    class Left(Message):
        """esc."""

    class Recalled(Message):
        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> "PromptInput":
        """What is typed never changes where anything stands: the style sheet fixes its size. Textual lays the whole
        screen out anew for each letter, because the text has another width."""
        _ = layout
        return super().refresh(*regions, repaint=repaint, layout=False, recompose=recompose)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_recall(self, by: int) -> None:
        self.post_message(self.Recalled(by))


class Prompt(Horizontal):
    """Opened with ``:`` or ``/``. Every change of the text is told at once; a command waits for enter."""

    class Ended(Message):
        def __init__(self, kind: PromptKind, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Done(Ended):
        """Enter. A command is away with it; a filter goes when whoever hears this closes the prompt."""

    class Cancelled(Ended):
        """esc: the text is what stood there when it opened. The filter in force then is the screen's to know."""

    def __init__(self, styles: Styles, complete: Complete, typed: Typed) -> None:
        super().__init__(id="prompt")
        self._styles = styles
        self._complete = complete
        self._typed = typed
        self._kind: PromptKind = ":"
        self._before = ""
        self._history: dict[PromptKind, list[str]] = {":": [], "/": []}
        self._recalled = 0
        self._told = ""
        """The text that was told last, or that it opened with."""

    def compose(self) -> ComposeResult:
        yield Paper(self._styles, id="prompt-sign")
        yield PromptInput(id="prompt-input", suggester=Completer(self._complete))
        yield Paper(self._styles, id="prompt-hint")

    def on_mount(self) -> None:
        for field in self.query(PromptInput):  # none when the screen goes while it comes
            self.watch(field, "value", self._changed, init=False)

    def open(self, kind: PromptKind, text: str = "") -> None:
        self._kind, self._before, self._recalled = kind, text, 0
        field = self._input
        self._told = field.value = text
        self.add_class("-open")
        self.screen.add_class("-prompting")
        self.query_one("#prompt-sign", Paper).show((line((f" {kind}", "key")),))
        self.hint(())
        field.cursor_position = len(text)
        field.focus()

    def close(self) -> None:
        self.remove_class("-open")
        self.screen.remove_class("-prompting")

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def text(self) -> str:
        """What stands in it now."""
        return self._input.value

    def hint(self, said: Line) -> None:
        """What stands at the right end: how many rows match, what is wrong with the text."""
        if self.is_open:
            # Its width is fixed: a new layout for each letter would paint the whole screen anew.
            self.query_one("#prompt-hint", Paper).show(lambda cells: (spread((), fit(said, cells), cells),))

    @property
    def _input(self) -> PromptInput:
        return self.query_one("#prompt-input", PromptInput)

    def _changed(self, text: str) -> None:
        if self.is_open and text != self._told:
            self._told = text
            self._typed(self._kind, text)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text, history = event.value.strip(), self._history[self._kind]
        if text and text not in history[-1:]:
            history.append(text)
            del history[:-HISTORY_LIMIT]
        if self._kind == ":":
            self.close()
        self.post_message(self.Done(self._kind, text))

    @on(PromptInput.Left)
    def _left(self, event: PromptInput.Left) -> None:
        event.stop()
        self.close()
        self.post_message(self.Cancelled(self._kind, self._before))

    @on(PromptInput.Recalled)
    def _recall(self, event: PromptInput.Recalled) -> None:
        event.stop()
        history = self._history[self._kind]
        self._recalled = max(-len(history), min(0, self._recalled + event.by))
        self._input.value = history[self._recalled] if self._recalled else ""
        self._input.cursor_position = len(self._input.value)

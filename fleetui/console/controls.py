"""The few controls of the dialogs, one line high: a button, a choice between values, a field to type into."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from fleetui.console.ink import Line, Styles, line, strip, width
from fleetui.console.options import Offered
from fleetui.model.operation import Option
from fleetui.model.text import LINE_LIMIT, clean

FOCUS = "▸"
TITLE_CELLS, VALUE_CELLS = 18, 13
"""Columns of a ``Choice``."""


class Field(Input):
    """One line to type into. Its cursor does not blink: on a thin line every blink is a packet."""

    def __init__(
        self,
        value: str = "",
        *,
        id: str,  # noqa: A002
        placeholder: str = "",
        suggester: Suggester | None = None,
        replaced: bool = False,
    ) -> None:
        """``replaced``: on focus all of it is selected, and what is typed takes its place."""
        super().__init__(
            value, placeholder=placeholder, suggester=suggester, id=id, compact=True, select_on_focus=replaced
        )
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """What is pasted may have been copied from anywhere."""
        return clean(value, limit=LINE_LIMIT)


class Push(Widget, can_focus=True):
    """A button. Pressed with enter or a click, never with space: space marks rows everywhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", show=False)]

    class Pressed(Message):
        def __init__(self, button: "Push") -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> "Push":
            return self.button

    def __init__(self, label: str, styles: Styles, *, danger: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._styles = styles
        self._danger = danger
        self.label = label

    def relabel(self, label: str) -> None:
        if label != self.label:
            self.label = label
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return len(self.label) + 4

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - one line
        focused = "button-danger" if self._danger else "button-focus"
        left, right = (f"{FOCUS} ", "  ") if self.has_focus else ("[ ", " ]")
        said = line((f"{left}{self.label}{right}", focused if self.has_focus else "button"))
        return strip(said, self._styles, self.size.width, self.rich_style)

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        self.action_press()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class Choice(Widget, can_focus=True):
    """One option of an operation on a line: its name, its value, what it decides. Changed with the arrows or space."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space,enter", "turn(1)", show=False),
        Binding("left,h", "turn(-1)", show=False),
    ]

    class Changed(Message):
        def __init__(self, choice: "Choice", value: Option) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

    def __init__(self, option: Offered, value: Option, styles: Styles) -> None:
        """``value`` is the one that stands when the dialog opens."""
        super().__init__(id=f"option-{option.key.replace('_', '-')}")
        self.option = option
        self._styles = styles
        self._at = self._default = [known for _, known in option.values].index(value)

    @property
    def value(self) -> Option:
        return self.option.values[self._at][1]

    def _said(self) -> Line:
        shown = self.option.values[self._at][0]
        style = "button-focus" if self.has_focus else ("warn" if self._at != self._default else "text")
        value = f"‹{shown}›" if self.has_focus else f" {shown} "
        return line(
            (self.option.title.ljust(TITLE_CELLS), "muted"),
            (value, style),
            (" " * (VALUE_CELLS - len(value)), "text"),
            (self.option.about, "muted"),
        )

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return width(self._said())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - one line
        return strip(self._said(), self._styles, self.size.width, self.rich_style)

    def action_turn(self, by: int) -> None:
        self._at = (self._at + by) % len(self.option.values)
        self.refresh(layout=True)
        self.post_message(self.Changed(self, self.value))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

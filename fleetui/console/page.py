"""A text that scrolls: YAML, help, the checks of a plan. Lines are composed for the width; only what shows is drawn."""

from itertools import zip_longest
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fleetui.console.ink import Line, Styles, plain, strip
from fleetui.console.paper import LayOut


class Page(ScrollView, can_focus=True):
    """Read with the keys of a pager."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", show=False),
        Binding("k,up", "scroll_up", show=False),
        Binding("ctrl+f,pagedown,space", "page_down", show=False),
        Binding("ctrl+b,pageup", "page_up", show=False),
        Binding("ctrl+d", "half(1)", show=False),
        Binding("ctrl+u", "half(-1)", show=False),
        Binding("g,home", "scroll_home", show=False),
        Binding("G,end", "scroll_end", show=False),
    ]

    class Read(Message):
        """Another part of the text is shown, or another text."""

        def __init__(self, page: "Page") -> None:
            super().__init__()
            self.page = page

    def __init__(self, styles: Styles, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._styles = styles
        self._ground: Style | None = None
        self._lay_out: LayOut = lambda _: ()
        self._lines: tuple[Line, ...] = ()
        self._told = (0, 0, 0)

    def show(self, lines: LayOut) -> None:
        """Replaces the text; the place that is read stays."""
        self._lay_out = lines
        self._fill()

    @property
    def text(self) -> str:
        return "\n".join(plain(said).rstrip() for said in self._lines)

    def on_resize(self) -> None:
        self._fill()
        self.refresh()

    def _fill(self) -> None:
        self._drop_bar()
        cells = self.scrollable_content_region.width
        before, self._lines = self._lines, self._lay_out(cells) if cells else ()
        self._tell_place()
        if len(before) != len(self._lines) and not self._grown(Size(cells, len(self._lines))):
            return
        for row, (old, new) in enumerate(zip_longest(before, self._lines)):
            if old != new:
                self.refresh_line(row)

    def _drop_bar(self) -> None:
        """The bar goes when the text fits without it: beside it the same text may wrap to more lines, and Textual looks
        again only when the text's size differs from the place's (8.2.8, ``ScrollView._size_updated``)."""
        if self.show_vertical_scrollbar:
            whole = self.content_region.size
            size = Size(whole.width, len(self._lay_out(whole.width)))
            if size.height <= whole.height:
                self.set_reactive(Page.virtual_size, size)
                self.show_vertical_scrollbar = False

    def _grown(self, size: Size) -> bool:
        """Takes another length without a layout, which would paint the whole screen; False where it needs one because
        the place itself or its scroll bar changes."""
        needs_bar = size.height > self.scrollable_content_region.height
        if self.styles.auto_dimensions or needs_bar or self.show_vertical_scrollbar:
            self.virtual_size = size
            self.refresh(layout=bool(self.styles.auto_dimensions))
            return False
        self.set_reactive(Page.virtual_size, size)
        return True

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._lay_out(width))

    def watch_show_vertical_scrollbar(self) -> None:
        """The bar takes a cell: the lines are composed for what is left beside it."""
        if self._lines:
            self._fill()
            self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell_place()

    def _tell_place(self) -> None:
        if self.place != self._told:
            self._told = self.place
            self.post_message(self.Read(self))

    @property
    def place(self) -> tuple[int, int, int]:
        """The first and the last line shown, and how many there are."""
        first, total = int(self.scroll_offset.y), len(self._lines)
        return min(first + 1, total), min(first + self.scrollable_content_region.height, total), total

    def render_line(self, y: int) -> Strip:
        row = y + int(self.scroll_offset.y)
        said = self._lines[row] if row < len(self._lines) else ()
        if self._ground is None:
            self._ground = self.rich_style
        return strip(said, self._styles, self.size.width, self._ground)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ground = None

    def action_half(self, direction: int) -> None:
        self.scroll_relative(y=direction * max(1, self.size.height // 2), animate=False)

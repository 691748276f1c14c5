"""A widget that shows a few lines and repaints only those that changed: header, trust line, inspector, footer."""

from collections.abc import Callable

from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from fleetui.console.ink import Line, Styles, plain, strip, width

LayOut = Callable[[int], tuple[Line, ...]]
"""Given the width in cells, the lines to show."""


class Paper(Widget):
    """Call ``show`` with lines, or with a function of the width when the lines depend on it."""

    def __init__(self, styles: Styles, *, base: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._styles = styles
        self._base = base
        self._ground: Style | None = None
        self._lay_out: LayOut = lambda _: ()
        self._lines: tuple[Line, ...] = ()
        self._laid_for = 0
        """The width of ``_lines``. A new size is painted before its resize event comes: the first frame is one."""

    def show(self, lines: tuple[Line, ...] | LayOut) -> None:
        """Replaces what is shown; unchanged lines are not painted again."""
        self._lay_out = lines if callable(lines) else lambda _: lines
        self._repaint()

    @property
    def text(self) -> str:
        """What it says, without looks: for tests and screen readers."""
        return "\n".join(plain(said).rstrip() for said in self._lines)

    def _repaint(self) -> None:
        before = self._lines
        self._fit()
        if self.styles.auto_dimensions and before != self._lines:
            self.refresh(layout=True)
        for y in range(max(len(before), len(self._lines))):
            if _at(before, y) != _at(self._lines, y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _fit(self) -> None:
        self._laid_for = self.size.width
        self._lines = self._lay_out(self._laid_for)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return max((width(said) for said in self._lines), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._lay_out(width))

    def render_line(self, y: int) -> Strip:
        if self._laid_for != self.size.width:
            self._fit()
        if self._ground is None:
            self._ground = self.rich_style + self._styles[self._base] if self._base else self.rich_style
        return strip(_at(self._lines, y), self._styles, self.size.width, self._ground)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ground = None


def _at(lines: tuple[Line, ...], y: int) -> Line:
    return lines[y] if y < len(lines) else ()

"""The history of one figure on the whole screen: as far back as asked, values under a cursor, live at its right edge.

Asking and drawing happen beside the keys: drawing takes up to 0.2 s, in a thread, and only when curves or size change.
The cursor moves over what is drawn.
"""

import asyncio
from errno import EEXIST
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from fleetui.console.chart_text import keys_line, range_line, why_lines
from fleetui.console.chart_view import Outlook
from fleetui.console.charting import Requested
from fleetui.console.dialog import Dialog
from fleetui.console.glyphs import ASCII
from fleetui.console.ink import Line, fit, line
from fleetui.console.paper import Paper
from fleetui.console.session import Session
from fleetui.console.working import start
from fleetui.model.chart import export
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.drawing import Drawing, Look, draw, picture
from fleetui.model.chart.subject import Request

LOOK_S = 1.0
"""How often the right edge is looked at."""
AGAIN_S = 10.0
"""A live chart is asked for again after this, or after half a step if that is longer."""
MOST_FILES = 100
"""Exports of one chart at one moment."""
PAGE = 10
"""Moments of a big step of the cursor."""


class ChartScreen(Dialog[None]):
    CSS_PATH = "chart.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "cancel", show=False),
        Binding("left,h", "cursor(-1)", show=False),
        Binding("right,l", "cursor(1)", show=False),
        Binding("shift+left,H", f"cursor(-{PAGE})", show=False),
        Binding("shift+right,L", f"cursor({PAGE})", show=False),
        Binding("plus,equals_sign,i", "zoom(-1)", show=False),
        Binding("minus,o", "zoom(1)", show=False),
        Binding("left_square_bracket,pageup", "pan(-1)", show=False),
        Binding("right_square_bracket,pagedown", "pan(1)", show=False),
        Binding("end,G,full_stop", "live", show=False),
        Binding("tab,n", "panel(1)", show=False),
        Binding("shift+tab,N", "panel(-1)", show=False),
        Binding("e", "export('svg')", show=False),
        Binding("J", "export('json')", show=False),
        Binding("T", "export('txt')", show=False),
        Binding("ctrl+r", "ask", show=False),
    ]

    def __init__(self, session: Session, wanted: Requested) -> None:
        super().__init__(session)
        self._wanted = wanted
        self._outlook = Outlook(at=wanted.at)
        self._chart: Chart | None = None
        self._drawing: Drawing | None = None
        self._asked_at = float("-inf")

    @property
    def request(self) -> Request:
        return self._wanted.requests[self._outlook.at]

    @property
    def chart(self) -> Chart | None:
        """As it was answered last; None while the first answer is awaited."""
        return self._chart

    def compose(self) -> ComposeResult:
        styles = self.session.styles
        yield Paper(styles, base="bar", id="where")
        yield Paper(styles, id="trust")
        yield Paper(styles, id="chart")
        yield Paper(styles, base="bar", id="keys")

    def on_mount(self) -> None:
        self.query_one("#keys", Paper).show(lambda cells: (keys_line(cells, many=len(self._wanted.requests) > 1),))
        self.set_interval(LOOK_S, self._look)
        self.action_ask()

    def on_resize(self, _: Resize) -> None:
        self._redraw()

    # What is asked.

    def action_ask(self) -> None:
        self._asked_at = self.session.clock.monotonic()
        start(self, self._ask, group="ask")
        self._show()

    async def _ask(self) -> None:
        assert self.session.charts is not None
        end = self._outlook.end or self.session.clock.now()
        cells = max(40, self.size.width)
        chart = await self.session.charts.chart(
            self.request, end=end, span_s=self._outlook.span_s, moments=min(2 * cells, 400)
        )
        self._chart = chart
        self._outlook = self._outlook.within(len(chart.window.moments))
        self._redraw()

    def _is_asking(self) -> bool:
        return any(worker.group == "ask" and worker.is_running for worker in self.workers)

    def _look(self) -> None:
        """Live: what has been scraped since comes in at the right. A slow source is not asked before it has answered:
        it never would."""
        step = self._chart.window.step_s if self._chart is not None else 0
        old = self.session.clock.monotonic() - self._asked_at > max(AGAIN_S, step / 2)
        if self._outlook.end is None and old and not self._is_asking():
            self.action_ask()
        else:
            self._show_trust()

    # What is drawn.

    def _redraw(self) -> None:
        if self._chart is not None and self.is_mounted and self.size.width:
            start(self, partial(self._draw, self._chart), group="draw")

    async def _draw(self, chart: Chart) -> None:
        size = self.query_one("#chart", Paper).size
        ascii_only = self.session.glyphs is ASCII
        look = Look(cells=size.width, lines=size.height, ascii=ascii_only, letters=ascii_only or self.app.no_color)
        self._drawing = await asyncio.to_thread(draw, chart, look)
        self._show()

    def _show(self) -> None:
        crumb = (f" {self.session.glyphs.crumb} ", "crumb")
        title = (self.request.title, "title")
        self.query_one("#where", Paper).show(
            lambda cells: (fit(line((" fleetui", "brand"), crumb, ("Chart", "crumb"), crumb, title), cells),)
        )
        self._show_trust()
        self.query_one("#chart", Paper).show(self._lines)

    def _show_trust(self) -> None:
        said = range_line(self._chart, self._outlook, now=self.session.clock.now(), glyphs=self.session.glyphs)
        self.query_one("#trust", Paper).show(lambda cells: (fit(said, cells),))

    def _lines(self, cells: int) -> tuple[Line, ...]:
        if self._drawing is None or self._chart is None:
            return (line((f" {self.session.glyphs.connecting} asking …", "busy")),)
        if not self._drawing.canvas:
            return why_lines(self._drawing.chart, self.session.glyphs, cells)
        return tuple(fit(said, cells) for said in picture(self._drawing, cursor=self._outlook.cursor))

    # Keys.

    def action_cursor(self, by: int) -> None:
        """From the right edge on; beyond it the cursor is gone, and the legend has the last values again."""
        if self._chart is not None and self._chart.curves:
            self._outlook = self._outlook.stepped(by, len(self._chart.window.moments))
            self._show()

    def action_zoom(self, by: int) -> None:
        self._look_at(self._outlook.zoomed(by, self._cursor_at(), now=self.session.clock.now()))

    def action_pan(self, by: int) -> None:
        self._look_at(self._outlook.panned(by, now=self.session.clock.now()))

    def action_live(self) -> None:
        self._look_at(self._outlook.live())

    def action_panel(self, by: int) -> None:
        self._look_at(self._outlook.turned(by, len(self._wanted.requests)))

    def _look_at(self, outlook: Outlook) -> None:
        if outlook != self._outlook:
            if outlook.at != self._outlook.at:
                self._chart = self._drawing = None
            self._outlook = outlook
            self.action_ask()

    def _cursor_at(self) -> float | None:
        """Unix seconds under the cursor."""
        cursor = self._outlook.cursor
        return None if self._chart is None or cursor is None else float(self._chart.window.moments[cursor])

    def action_export(self, suffix: str) -> None:
        """Into a new file of the directory that fleetui was started in."""
        chart = self._chart
        if chart is None:
            return
        stem = f"fleetui-{self.request.subject.id}-{int(chart.asked_at)}".replace("/", "-").replace(":", "-")
        look = Look(cells=100, lines=30, ascii=self.session.glyphs is ASCII, letters=True)
        try:
            path = write_new(stem, suffix, _written(chart, suffix, look))
        except OSError as error:
            self._say(f"{stem}.{suffix}: {error.strerror or error}", "danger")
        else:
            self._say(f"written: {path}, in {path.resolve().parent}", "ok")  # a narrow screen cuts the end

    def _say(self, text: str, style: str) -> None:
        self.query_one("#keys", Paper).show(lambda cells: (fit(line((f" {text}", style)), cells),))


def write_new(stem: str, suffix: str, text: str) -> Path:
    """Never into a file, or through a link, that is there already: ``stem-2``, ``stem-3`` instead.

    Raises OSError where none can be made, also when so many are there that it is no accident.
    """
    for number in range(1, MOST_FILES + 1):
        path = Path(f"{stem}.{suffix}" if number == 1 else f"{stem}-{number}.{suffix}")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(EEXIST, f"{MOST_FILES} files of that name are there already")


def _written(chart: Chart, suffix: str, look: Look) -> str:
    match suffix:
        case "svg":
            return export.svg(chart)
        case "json":
            return export.json(chart)
    return export.text(chart, look)

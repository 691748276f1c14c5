"""The lines of a grid that are on screen: painted once, compared with what they should be, kept while they scroll."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from textual.geometry import Region
from textual.strip import Strip

from fleetui.console.grid_paint import Cells, Painter, Situation, changed_spans
from fleetui.model.table.section import RowLine
from fleetui.model.table.view import Line, View

MEASURED = 200
"""Rows that are looked at to find the widths of columns."""

Situate = Callable[[Line[Any]], Situation]


class Painted(msgspec.Struct, eq=False):
    """One line as it is on the screen. Its strip, with what Textual remembers of it, scrolls with it."""

    line: Line[Any]
    situation: Situation
    cells: Cells
    strip: Strip | None = None


class GridWindow:
    """What is on the screen of one view at one width in one look."""

    def __init__(self, view: View[Any], painter: Painter[Any], *, now: float, width: int, wide: bool) -> None:
        self._view = view
        self._painter = painter
        self._width = width
        self._wide = wide
        self._heading: Cells = []
        self._heading_strip: Strip | None = None
        self._painted: list[Painted] = []
        self._measured = 0
        """How many rows there were when columns were measured."""
        self.measure((), now)

    def __len__(self) -> int:
        return len(self._painted)

    def measure(self, fresh: Sequence[Any], now: float) -> None:
        """A column may have found its source, in a row that is not on the screen; and widths are measured again
        whenever the rows have doubled. The next ``repaint`` shows it."""
        found = self._painter.discover(fresh[:MEASURED], now)
        total = self._view.counts.total
        if total and total >= 2 * self._measured:
            self._measured = total
            self._painter.learn(self._view.sample(MEASURED), now)
            found = True
        if found:
            self.lay_out(self._width, wide=self._wide)

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the columns that are shown, from the left."""
        return tuple(placed.column.id for placed in self._painter.placed)

    def lay_out(self, width: int, *, wide: bool) -> None:
        """Places the columns. At another width nothing that was painted can be used."""
        if width != self._width:
            self._heading, self._painted = [], []
        self._width, self._wide = width, wide
        self._painter.arrange(width, wide=wide)

    def repaint(self, top: int, height: int, situate: Situate, *, now: float, afresh: bool = False) -> Iterator[Region]:
        """Paints ``height`` lines from line ``top``; the regions that differ from what was there before.

        ``afresh`` says the same rows anew, because time has passed.
        """
        before = self._painted
        self._paint(top, height, situate, now=now, known=() if afresh else before)
        heading = self._painter.heading(self._view.sort)
        if self._painter.grew:
            self.lay_out(self._width, wide=self._wide)
            self._paint(top, height, situate, now=now, known=self._painted)
            heading = self._painter.heading(self._view.sort)
        yield from self._repaint_heading(heading)
        for y in range(max(len(before), len(self._painted))):
            yield from _difference(y + 1, _cells(before, y), _cells(self._painted, y))

    def strip(self, y: int) -> Strip:
        """The line of the screen, the heading first."""
        if y == 0:
            if self._heading_strip is None:
                self._heading_strip = self._painter.strip(self._heading, self._width)
            return self._heading_strip
        if y > len(self._painted):
            return self._painter.strip([], self._width)
        painted = self._painted[y - 1]
        if painted.strip is None:
            painted.strip = self._painter.strip(painted.cells, self._width)
        return painted.strip

    def column_at(self, x: int) -> str | None:
        """Id of the column whose title is there."""
        for placed in self._painter.placed:
            if placed.x <= x < placed.x + placed.width:
                return placed.column.id
        return None

    def _paint(self, top: int, height: int, situate: Situate, *, now: float, known: Sequence[Painted]) -> None:
        by_id = {painted.line.id: painted for painted in known}
        self._painted = [self._line(line, situate(line), by_id, now) for line in self._view.window(top, height)]

    def _line(self, line: Line[Any], situation: Situation, known: Mapping[str, Painted], now: float) -> Painted:
        situation = msgspec.structs.replace(situation, layout=self._painter.layout)
        painted = known.get(line.id)
        if painted is not None and painted.situation == situation and _says_the_same(painted.line, line):
            return painted
        return Painted(line, situation, self._painter.line(line, situation, now))

    def _repaint_heading(self, heading: Cells) -> Iterator[Region]:
        if heading != self._heading:
            yield from _difference(0, self._heading, heading)
            self._heading, self._heading_strip = heading, None


def _difference(y: int, before: Cells, after: Cells) -> Iterator[Region]:
    if before is not after:
        for x, width in changed_spans(before, after):
            yield Region(x, y, width, 1)


def _cells(painted: Sequence[Painted], y: int) -> Cells:
    return painted[y].cells if y < len(painted) else []


def _says_the_same(before: Line[Any], line: Line[Any]) -> bool:
    """Rows never change: the same object says the same."""
    if isinstance(before, RowLine) and isinstance(line, RowLine):
        return before.row is line.row
    return before == line

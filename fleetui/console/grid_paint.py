"""From a view's lines to cells and strips, and from two states of a line to what must be sent again. No widget here.

A painted line is a list of cells that cover it from the left without holes. Cells are compared one by one, so that what
did not change does not travel; neighbours that look alike become one segment, so that what travels is short.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fleetui.console.glyphs import Glyphs
from fleetui.model.cluster import Health
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES, last_known_text
from fleetui.model.table.column import UNKNOWN, Align, Column, Table
from fleetui.model.table.layout import GAP, Placed, place
from fleetui.model.table.section import FoldLine, GroupLine
from fleetui.model.table.sorting import Sort
from fleetui.model.table.view import Line
from fleetui.model.text import clean

R = TypeVar("R")

GUTTER = 4
"""Cells before the first column: mark, cursor, sign of the verdict, blank."""
JOIN_WITHIN = 10
"""Unchanged cells between two changed ones that are cheaper to send again than to jump over (about 10 bytes)."""

Look = tuple[str, ...]
"""Semantic style names, each laid over the one before."""


class Cell(msgspec.Struct, frozen=True, gc=False):
    text: str
    """Padded to its width."""
    look: Look
    width: int


Cells = list[Cell]


class Situation(msgspec.Struct, frozen=True):
    """What a line looks like apart from what it says."""

    cursor: bool = False
    marked: bool = False
    stale: bool = False
    """What it says may no longer be true."""
    as_of: float | None = None
    """When a stale line was last known to be true, Unix seconds; None when nobody knows."""
    layout: int = 0
    """Which arrangement of columns it was painted for."""


class Painter(Generic[R]):
    """Paints the lines of one table at one layout."""

    def __init__(self, table: Table[R], styles: Mapping[str, Style], glyphs: Glyphs, base: Style) -> None:
        self.table = table
        self.glyphs = glyphs
        self.placed: tuple[Placed[R], ...] = ()
        self.needs: dict[str, int] = {}
        """The widest text met of each column, in cells."""
        self.grew = False
        """A text did not fit its column, which may get more room."""
        self.layout = 0
        self._styles = styles
        self._base = base
        self._looks: dict[Look, Style] = {}

    def style(self, look: Look) -> Style:
        style = self._looks.get(look)
        if style is None:
            style = self._base
            for name in look:
                style += self._styles[name]
            self._looks[look] = style
        return style

    def heading(self, sort: Sort) -> Cells:
        """The titles, with an arrow at the column that sorts."""
        cells = [_cell(" " * GUTTER, ("heading",))]
        for placed in self.placed:
            title = placed.column.title
            look: tuple[str, ...] = ("heading",)
            if placed.column.id == sort.column:
                title += " " + (self.glyphs.down if sort.descending else self.glyphs.up)
                look = ("heading", "strong")
            cells += self._padded(title, look, placed)
        return cells

    def line(self, line: Line[R], situation: Situation, now: float) -> Cells:
        if isinstance(line, GroupLine):
            return self._group(line, situation)
        if isinstance(line, FoldLine):
            return self._fold(line, situation)
        return self._row(line.row, situation, now)

    def strip(self, cells: Cells, width: int) -> Strip:
        """Exactly ``width`` cells; neighbours of one look are one segment."""
        segments: list[Segment] = []
        texts: list[str] = []
        look: Look = ()
        covered = 0
        for cell in cells:
            covered += cell.width
            if cell.look != look and texts:
                segments.append(Segment("".join(texts), self.style(look)))
                texts = []
            look = cell.look
            texts.append(cell.text)
        if texts:
            segments.append(Segment("".join(texts), self.style(look)))
        if covered < width:
            segments.append(Segment(" " * (width - covered), self._base))
        strip = Strip(segments, max(covered, width))
        return strip if covered <= width else strip.crop(0, width)

    def arrange(self, width: int, *, wide: bool) -> None:
        """Places the columns anew, with what was learnt about their texts."""
        self.grew = False
        placed = place(self.table.columns, width=width, needs=self.needs, wide=wide, start=GUTTER)
        if placed != self.placed:
            self.placed = placed
            self.layout += 1

    def learn(self, rows: Iterable[R], now: float) -> None:
        """Learns from rows how wide their columns want to be."""
        for row in rows:
            for column in self.table.columns:
                self._learn(column, row, now)

    def discover(self, rows: Iterable[R], now: float) -> bool:
        """True when a row says something in a column that was not there because no row did."""
        absent = [column for column in self.table.columns if column.optional and not self.needs.get(column.id)]
        return any([self._learn(column, row, now) for row in rows for column in absent] if absent else ())

    def _learn(self, column: Column[R], row: R, now: float) -> bool:
        """Where a column may be absent, a question mark says nothing, as in plain output."""
        text = column.text(row, now)
        if column.optional and text in ("", UNKNOWN):
            return False
        sign = 2 if column.sign is not None else 0
        return self._need(column.id, sign + cell_len(self._text(text)))

    def _need(self, column_id: str, cells: int) -> bool:
        if cells <= self.needs.get(column_id, 0):
            return False
        self.needs[column_id] = cells
        return True

    def _row(self, row: R, situation: Situation, now: float) -> Cells:
        cells = self._gutter(self.table.health(row), situation)
        for placed in self.placed:
            column = placed.column
            said = column.text(row, now)
            if situation.stale and column.id == self.table.state:
                said = last_known_text(said, situation.as_of, now)
            text = self._text(said)
            style = column.style(row, now) if column.style is not None else ""
            if column.sign is not None:
                sign = getattr(self.glyphs, column.sign(row), "") if column.sign(row) else ""
                text = f"{sign} {text}".rstrip() if sign else text
            look: Look = ("stale",) if situation.stale else (style,) if style else ()
            if column.id == self.table.headline:
                look = _lit(look, situation)
            cells += self._padded(text, look, placed)
        return cells

    def _gutter(self, health: Health, situation: Situation) -> Cells:
        glyphs = self.glyphs
        sign = "stale" if situation.stale else HEALTH_SIGNS[health]
        style = "stale" if situation.stale else HEALTH_STYLES[health]
        look = _lit((style,) if style else (), situation) if situation.cursor else (style,) if style else ()
        return [
            _cell(glyphs.mark if situation.marked else " ", ("mark",) if situation.marked else ()),
            _cell(glyphs.crumb if situation.cursor else " ", ("mark", "cursor") if situation.cursor else ()),
            _cell(getattr(glyphs, sign) if sign else " ", look),
            _cell(" ", ("cursor",) if situation.cursor else ()),
        ]

    def _group(self, line: GroupLine, situation: Situation) -> Cells:
        glyphs = self.glyphs
        cells = [
            _cell(" ", ()),
            _cell(glyphs.crumb if situation.cursor else " ", ("mark", "cursor") if situation.cursor else ()),
            _cell(f"{glyphs.unfolded if line.open else glyphs.folded} ", _lit(("group",), situation)),
            _cell(self._text(line.label) or "not said", _lit(("group",), situation)),
            _cell(
                f"  {line.rows:,} {self.table.name.removesuffix('s') if line.rows == 1 else self.table.name}",
                ("muted",),
            ),
        ]
        for health, count in line.counts:
            sign = getattr(glyphs, HEALTH_SIGNS[health])
            cells.append(_cell(f"  {sign} {count} {health.value}", (HEALTH_STYLES[health],)))
        return cells

    def _fold(self, line: FoldLine, situation: Situation) -> Cells:
        sign = self.glyphs.unfolded if line.open else self.glyphs.folded
        return [
            _cell(" ", ()),
            _cell(self.glyphs.crumb if situation.cursor else " ", ("mark", "cursor") if situation.cursor else ()),
            _cell("  ", ("cursor",) if situation.cursor else ()),
            _cell(f"{sign} {line.rows:,} {self.table.folded}", _lit(("muted",), situation)),
        ]

    def _padded(self, text: str, look: Look, placed: Placed[R]) -> Cells:
        """The text in its column and the gap after it. The gap is not lit, so a lit name ends where its column ends."""
        width = placed.width
        size = len(text) if text.isascii() else cell_len(text)
        if size > width:
            self.grew |= self._need(placed.column.id, size)
            text, size = self._cut(text, width, middle=placed.column.id == self.table.headline), width
        if placed.column.align is Align.RIGHT:
            text = " " * (width - size) + text
        else:
            text += " " * (width - size)
        return [Cell(text, look, width), _GAP_CELL]

    def _cut(self, text: str, width: int, *, middle: bool) -> str:
        """Names differ at their ends, so they lose their middle: ``prod-p…nts-2``; domain names before the dot."""
        tail = (width - 1) // 2 if middle and text.isascii() and "." not in text else 0
        return set_cell_size(text, max(0, width - 1 - tail)) + self.glyphs.ellipsis + (text[-tail:] if tail else "")

    def _text(self, text: str) -> str:
        """Foreign text is clean already, and cleaned here again: it must not depend on every client remembering it."""
        return clean(text)


_GAP_CELL = Cell(" " * GAP, (), GAP)


def _cell(text: str, look: Look) -> Cell:
    return Cell(text, look, cell_len(text))


def _lit(look: Look, situation: Situation) -> Look:
    if situation.cursor:
        return (*look, "cursor")
    return (*look, "marked") if situation.marked else look


def changed_spans(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """(x, width) of what differs between two states of a line; stretches that are close are one."""
    begin = end = -1
    for x, width in _differences(before, after):
        if end >= 0 and x - end > JOIN_WITHIN:
            yield begin, end - begin
            begin = x
        elif end < 0:
            begin = x
        end = x + width
    if end >= 0:
        yield begin, end - begin


def _differences(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    x = 0
    for old, new in zip(before, after, strict=False):
        if old.width != new.width:
            break
        if old != new:
            yield x, new.width
        x += new.width
    else:
        if len(before) == len(after):
            return
    rest = max(sum(cell.width for cell in before), sum(cell.width for cell in after)) - x
    if rest > 0:
        yield x, rest

"""Boxes of lines side by side, all of one height: the boards of a screen that shows several. Pure."""

from collections.abc import Sequence

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, width

Box = tuple[Line, tuple[Line, ...]]
"""Title and lines."""
GAP = 1


def row_of_boxes(boxes: Sequence[Box], *, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Across the whole width, shared evenly; what a box has no room for is cut at its wall."""
    each = (cells - GAP * (len(boxes) - 1)) // len(boxes)
    rest = cells - GAP * (len(boxes) - 1) - each * len(boxes)
    sizes = [each + (1 if index < rest else 0) for index in range(len(boxes))]
    height = max(len(lines) for _, lines in boxes)
    drawn = [_drawn(box, height, size, glyphs) for box, size in zip(boxes, sizes, strict=True)]
    return tuple(_beside(lines) for lines in zip(*drawn, strict=True))


def _beside(lines: tuple[Line, ...]) -> Line:
    said = lines[0]
    for more in lines[1:]:
        said = (*said, (" " * GAP, "text"), *more)
    return said


def _drawn(box: Box, height: int, cells: int, glyphs: Glyphs) -> list[Line]:
    title, lines = box
    top_left, top_right, bottom_left, bottom_right = tuple(glyphs.corners)
    shown = fit(title, max(0, cells - 6))
    rule = glyphs.rule * max(0, cells - 5 - width(shown))
    head: Line = ((f"{top_left}{glyphs.rule} ", "rule"), *shown, (f" {rule}{top_right}", "rule"))
    body = [_walled(said, cells, glyphs) for said in (*lines, *((),) * (height - len(lines)))]
    return [head, *body, ((f"{bottom_left}{glyphs.rule * (cells - 2)}{bottom_right}", "rule"),)]


def _walled(said: Line, cells: int, glyphs: Glyphs) -> Line:
    shown = fit(said, max(0, cells - 4))
    blank = " " * (cells - 4 - width(shown))
    return ((f"{glyphs.wall} ", "rule"), *shown, (f"{blank} {glyphs.wall}", "rule"))

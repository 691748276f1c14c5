"""Lines in two columns, as a newspaper sets them: a low and wide place then shows twice as much. Pure."""

from fleetui.console.ink import Line, fit, plain, width
from fleetui.console.paper import LayOut

GUTTER = 3
"""Cells between the columns."""


def in_two_columns(lay_out: LayOut, *, cells: int, height: int) -> tuple[Line, ...]:
    """``lay_out`` for half the width; its first ``height`` lines on the left, the next on the right, in ``cells``.

    Lines that only part others are left out: there is no room for them.
    """
    column = (cells - GUTTER) // 2
    lines = [said for said in lay_out(max(1, column)) if said]
    foot = _foot(lines, height)
    left, right = lines[:foot], lines[foot : foot + height]
    longest = max(len(left), len(right))
    left += [()] * (longest - len(left))
    right += [()] * (longest - len(right))
    return tuple(_beside(one, other, column) for one, other in zip(left, right, strict=True))


def _foot(lines: list[Line], height: int) -> int:
    """Where the left column ends: before a line whose rest would stand at the top of the right one, if that has room
    for both."""
    foot = height
    while 1 < foot < len(lines) and plain(lines[foot]).startswith(" "):
        foot -= 1
    return foot if foot > 1 and len(lines) - foot <= height else height


def _beside(left: Line, right: Line, column: int) -> Line:
    if not right:
        return left
    shown = fit(left, column)
    return (*shown, (" " * (column - width(shown) + GUTTER), "text"), *fit(right, column))

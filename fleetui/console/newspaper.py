"""Lines in two columns, as a newspaper sets them: a low and wide place then shows twice as much. Pure."""

from fleetui.console.ink import Line, fit, width
from fleetui.console.paper import LayOut

GUTTER = 3
"""Cells between the columns."""


def in_two_columns(lay_out: LayOut, *, cells: int, height: int) -> tuple[Line, ...]:
    """``lay_out`` for half the width; its first ``height`` lines on the left, the next on the right, in ``cells``.

    Lines that only part others are left out: there is no room for them.
    """
    column = (cells - GUTTER) // 2
    lines = [said for said in lay_out(max(1, column)) if said]
    left, right = lines[:height], lines[height : 2 * height]
    right += [()] * (len(left) - len(right))
    return tuple(_beside(one, other, column) for one, other in zip(left, right, strict=True))


def _beside(left: Line, right: Line, column: int) -> Line:
    if not right:
        return left
    shown = fit(left, column)
    return (*shown, (" " * (column - width(shown) + GUTTER), "text"), *fit(right, column))

"""Curves as dots in cells, by plotext. It is given values and a size and gives text; axes, legend and cursor are ours,
because they know units, times and themes.

Each drawing has a figure of its own (plotext 5.3.2 ``_figure``, pinned): the module's functions share one. Imported
when the first chart is drawn: that takes 0.2 s.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import msgspec

from fleetui.model.chart.curve import Value

Span = tuple[str, str]
"""(text, name of its style)."""
Spans = tuple[Span, ...]
BRAILLE = "braille"
"""Eight dots a cell, where the terminal has the glyphs."""
_FIRST_COLOR = 16
"""plotext paints in colours; ours are numbers that stand for styles. Below 16 it has names of its own."""
_PAINT = re.compile("\x1b\\[([0-9;]*)m")


class Stroke(msgspec.Struct, frozen=True):
    """One curve, or a line at one height."""

    values: Sequence[Value]
    style: str
    marker: str = BRAILLE


def canvas(strokes: Sequence[Stroke], *, cells: int, lines: int, low: float, high: float) -> tuple[Spans, ...]:
    """As many lines as said, from the top, each as wide as said. Values beyond ``low`` and ``high`` are at the edge."""
    from plotext._figure import _figure_class

    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(cells, lines)
    figure.theme("clear")
    figure.xaxes(False, False)
    figure.yaxes(False, False)
    figure.xfrequency(0)
    figure.yfrequency(0)
    figure.xlim(0, max(1, max((len(stroke.values) for stroke in strokes), default=1) - 1))
    figure.ylim(low, high)
    styles: dict[str, str] = {}
    for number, stroke in enumerate(strokes, start=_FIRST_COLOR):
        styles[str(number)] = stroke.style
        for first, values in runs(stroke.values):
            clipped = [min(high, max(low, value)) for value in values]
            draw = figure.plot if len(values) > 1 else figure.scatter
            draw(list(range(first, first + len(values))), clipped, marker=stroke.marker, color=number)
    if not any(True for stroke in strokes for _ in runs(stroke.values)):
        return ((),) * lines
    return tuple(_spans(text, styles) for text in figure.build().split("\n")[:lines])


def runs(values: Sequence[Value]) -> Iterator[tuple[int, list[float]]]:
    """(index of the first, the values) of each stretch without a gap: nothing is drawn over what is not known."""
    run: list[float] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append(value)
        elif run:
            yield index - len(run), run
            run = []
    if run:
        yield len(values) - len(run), run


def _spans(painted: str, styles: Mapping[str, str]) -> Spans:
    """From a terminal's colours to names of styles."""
    found: list[Span] = []
    style, at = "", 0
    for paint in [*_PAINT.finditer(painted), None]:
        text = painted[at : paint.start() if paint is not None else len(painted)]
        if text:
            found.append((text, style or "text"))
        if paint is not None:
            style, at = _style(paint[1], styles, style), paint.end()
    return tuple(found)


def _style(codes: str, styles: Mapping[str, str], before: str) -> str:
    if codes.startswith("38;5;"):
        return styles.get(codes.removeprefix("38;5;"), "")
    return "" if codes in ("", "0") else before


def finite(values: Sequence[Value]) -> list[float]:
    return [value for value in values if value is not None and isfinite(value)]

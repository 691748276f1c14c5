"""A whole chart as lines of styled text: curves on the canvas, the limit, both axes, the cursor, and a legend that
names each curve by a letter, so that it survives no colour."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from math import isinf

import msgspec

from fleetui.model.chart.axis import moment_text, scale, time_ticks, value_ticks
from fleetui.model.chart.canvas import BRAILLE, Span, Spans, Stroke, canvas
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.curve import Curve
from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.board import value_text
from fleetui.model.health.threshold import Threshold

LETTERS = "abcdefghijkl"
COLORS = ("accent", "busy", "ok", "unknown", "stale", "strong", "muted", "text")
"""Styles of curves, in turn. Amber and red are kept for limits and what is beyond them."""
_LEVELS = {Health.BROKEN: "danger", Health.WARNING: "warn"}
LEAST_LINES, LEAST_CELLS = 4, 20
"""Of the canvas."""

_NEXT_TO_NOTHING = 1e-300


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How it is drawn, apart from what."""

    cells: int
    lines: int
    """Axes and legend included."""
    zone: tzinfo | None = None
    """None: the clock of this machine."""
    ascii: bool = False
    letters: bool = False
    """Curves are drawn by their letters: where colours are missing and there are several."""


class Drawing(msgspec.Struct, frozen=True):
    """A chart without its cursor: drawing it takes a tenth of a second, moving the cursor must not."""

    chart: Chart
    look: Look
    labels: tuple[str, ...]
    """Left of each line of the canvas, of one width."""
    canvas: tuple[Spans, ...]
    axis: tuple[str, str]
    """The line below the canvas, and the times below that."""

    @property
    def cells(self) -> int:
        """Of the canvas."""
        return self.look.cells - len(self.labels[0]) - 1 if self.labels else 0


def draw(chart: Chart, look: Look) -> Drawing:
    """What takes long. Of a chart without curves there is nothing to draw."""
    if not chart.curves:
        return Drawing(chart, look, (), (), ("", ""))
    subject = chart.request.subject
    rows = max(LEAST_LINES, look.lines - 2 - len(chart.curves) - bool(_limit_text(chart)))
    values = [curve.values for curve in chart.curves]
    low, high = scale(values, limit=subject.limit, mark=subject.mark)
    ticks = value_ticks(low, high, unit=subject.unit, most=max(3, rows // 2))
    room = max((len(text) for _, text in ticks), default=1) + 1
    cells = max(LEAST_CELLS, look.cells - room - 1)
    drawn = canvas([*_limits(chart, look, low, high), *_strokes(chart, look)],
                   cells=cells, lines=rows, low=low, high=high)  # fmt: skip
    return Drawing(chart, look, _labels(ticks, rows, room, low, high), drawn, _times(chart, look, room, cells))


def picture(drawing: Drawing, *, cursor: int | None = None) -> tuple[Spans, ...]:
    """All lines, with the cursor on the moment of this index, and the values of that moment in the legend."""
    chart, wall = drawing.chart, "|" if drawing.look.ascii else "│"
    column = None if cursor is None else _column(cursor, chart, drawing.cells)
    lines: list[Spans] = [
        ((label, "muted"), (wall, "rule"), *(_crossed(spans, column, wall, drawing.cells)))
        for label, spans in zip(drawing.labels, drawing.canvas, strict=True)
    ]
    lines += [((text, "muted"),) for text in drawing.axis if text]
    return (*lines, *legend(chart, cursor=cursor, cells=drawing.look.cells))


def legend(chart: Chart, *, cursor: int | None, cells: int) -> tuple[Spans, ...]:
    """A line a curve: its letter, its name, its value at the cursor or its last one; then the limit."""
    names = chart.names
    room = min(max((len(name) for name in names), default=0), max(8, cells - 24))
    found = [
        (
            (f" {letter} ", color_of(number)),
            (name[:room].ljust(room), "text"),
            *_said(chart, curve, cursor),
        )
        for number, (letter, name, curve) in enumerate(zip(LETTERS, names, chart.curves, strict=False))
    ]
    limit = _limit_text(chart)
    return (*found, ((f" {limit}"[:cells], "muted"),)) if limit else tuple(found)


def color_of(number: int) -> str:
    return COLORS[number % len(COLORS)]


def _said(chart: Chart, curve: Curve, cursor: int | None) -> Iterator[Span]:
    subject = chart.request.subject
    value = curve.values[cursor] if cursor is not None else curve.last[1] if curve.last else None
    if value is None:
        yield "  no sample", "unknown"
    else:
        yield f"  {exact(value, subject.unit)}", _LEVELS.get(subject.judge(value), "strong")
    if curve.ended_at is not None and cursor is None:
        yield f"  ended {format_duration(chart.window.end - curve.ended_at)} before", "stale"


def exact(value: float, unit: str) -> str:
    """Shares just below the whole keep the digits that count."""
    if isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    return f"{value:.3%}" if unit == "ratio" and 0.99 < value < 1 else value_text(value, unit)


def _limit_text(chart: Chart) -> str:
    subject, limit = chart.request.subject, chart.request.subject.limit
    parts = [f"{chart.left_out} more curves are not drawn"] if chart.left_out else []
    if limit is not None and not isinf(first := limit.red if isinf(limit.amber) else limit.amber):
        parts.append(f"limit {_from(first, subject.unit, falling=limit.falling)} ({limit.source})")
    if subject.mark is not None:
        parts.append(f"line at {exact(subject.mark, subject.unit)}")
    return "; ".join(parts)


def _from(first: float, unit: str, *, falling: bool) -> str:
    """``from 80%``. The first value beyond nothing at all (``> 0``) is nobody's number."""
    if first != 0 and abs(first) < _NEXT_TO_NOTHING:
        return f"{'below' if falling else 'above'} {exact(0.0, unit)}"
    return f"{'at or below' if falling else 'from'} {exact(first, unit)}"


def _strokes(chart: Chart, look: Look) -> Iterator[Stroke]:
    """The worst last: it is drawn over the others."""
    lettered = look.letters and len(chart.curves) > 1
    found = [
        Stroke(curve.values, color_of(number), letter if lettered else "*" if look.ascii else BRAILLE)
        for number, (curve, letter) in enumerate(zip(chart.curves, LETTERS, strict=False))
    ]
    yield from reversed(found)


def _limits(chart: Chart, look: Look, low: float, high: float) -> Iterator[Stroke]:
    limit, mark = chart.request.subject.limit, chart.request.subject.mark
    marker = "-" if look.ascii else "╌"
    for value, style in _heights(limit, mark):
        if low < value < high:
            yield Stroke([value] * len(chart.window.moments), style, marker)


def _heights(limit: Threshold | None, mark: float | None) -> Iterator[tuple[float, str]]:
    if mark is not None:
        yield mark, "rule"
    if limit is not None:
        if limit.amber != limit.red:
            yield limit.amber, "warn"
        yield limit.red, "danger"


def _labels(ticks: Sequence[tuple[float, str]], rows: int, room: int, low: float, high: float) -> tuple[str, ...]:
    texts = [""] * rows
    for value, text in ticks:
        row = round((high - value) / (high - low) * (rows - 1))
        texts[min(rows - 1, max(0, row))] = text
    return tuple(f"{text.rjust(room - 1)} " for text in texts)


def _times(chart: Chart, look: Look, room: int, cells: int) -> tuple[str, str]:
    corner, rule, notch = ("+", "-", "+") if look.ascii else ("└", "─", "┴")
    window = chart.window
    line, words = [rule] * cells, [" "] * (cells + room + 1)
    for at, text in time_ticks(window, cells=cells, zone=look.zone):
        column = round((at - window.start) / max(1, window.span_s) * (cells - 1))
        line[column] = notch
        begin = min(max(0, room + 1 + column - len(text) // 2), len(words) - len(text))
        if all(sign == " " for sign in words[max(0, begin - 1) : begin + len(text)]):
            words[begin : begin + len(text)] = text
    return f"{' ' * room}{corner}{''.join(line)}", "".join(words).rstrip()


def _column(cursor: int, chart: Chart, cells: int) -> int:
    return round(cursor / max(1, len(chart.window.moments) - 1) * (cells - 1))


def _crossed(spans: Spans, column: int | None, wall: str, cells: int) -> Iterator[Span]:
    """With the cursor through it: a line where nothing is drawn, what is drawn there lit."""
    at = 0
    for text, style in (*spans, (" " * max(0, cells - sum(len(text) for text, _ in spans)), "text")):
        if column is None or not at <= column < at + len(text):
            yield text, style
        else:
            here = column - at
            sign = text[here]
            yield text[:here], style
            yield (wall, "mark") if sign in (" ", "⠀") else (sign, "mark")
            yield text[here + 1 :], style
        at += len(text)


def title(chart: Chart, zone: tzinfo | None) -> str:
    """What, of whom, from when to when."""
    window = chart.window
    span = f"{moment_text(window.start, zone)} to {moment_text(window.end, zone)}"
    return f"{chart.request.title}  {span}, every {format_duration(window.step_s)}"

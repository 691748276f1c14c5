"""A chart to keep or to send: text as it stands on the screen, JSON with every value, SVG for a document."""

from collections.abc import Iterator
from datetime import tzinfo
from html import escape
from math import isfinite

import msgspec

from fleetui.model.chart.axis import scale, time_ticks, value_ticks
from fleetui.model.chart.canvas import runs
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.curve import Curve
from fleetui.model.chart.drawing import LETTERS, Look, draw, exact, picture, title
from fleetui.model.duration import time_text

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 960, 400, 90, 40, 30, 20
_LINE = 20
_INKS = ("#0b7285", "#1c5fd4", "#2b8a3e", "#7048a8", "#a5651e", "#495057", "#8b5a83", "#212529")
"""Dark on white, told apart in grey too; each curve has its letter beside."""
_LIMITS = {"amber": "#e69500", "red": "#d62828"}


def text(chart: Chart, look: Look) -> str:
    """With its title; where there is nothing to draw, why."""
    head = title(chart, look.zone)
    if not chart.curves:
        return "\n".join((head, "", *(f"  {said}" for said in chart.why_none if said))) + "\n"
    lines = ("".join(said for said, _ in spans).rstrip() for spans in picture(draw(chart, look)))
    return "\n".join((head, *lines, *(f" {note}" for note in notes(chart)))) + "\n"


def notes(chart: Chart) -> Iterator[str]:
    """What the picture does not show: who did not answer, what may be missing."""
    yield from (f"{source} did not answer: {fault.word}: {fault.detail}" for source, fault in chart.faults)
    if chart.partial:
        yield f"partial answer: {chart.partial}"


def json(chart: Chart) -> str:
    """One object; times in RFC 3339, UTC; a gap is null, and so is what JSON has no number for."""
    subject, limit = chart.request.subject, chart.request.subject.limit
    said = {
        "chart": subject.id,
        "title": subject.title,
        "clusters": list(chart.request.clusters),
        "unit": subject.unit or None,
        "limit": None if limit is None else {"amber": _number(limit.amber), "red": _number(limit.red),
                                             "falling": limit.falling, "source": limit.source},
        "from": time_text(chart.window.start),
        "to": time_text(chart.window.end),
        "stepSeconds": chart.window.step_s,
        "moments": [time_text(at) for at in chart.window.moments],
        "curves": [_curve(name, curve) for name, curve in zip(chart.names, chart.curves, strict=True)],
        "leftOut": chart.left_out,
        "sources": list(chart.asked),
        "faults": [{"source": source, "fault": fault.word, "detail": fault.detail} for source, fault in chart.faults],
        "partial": chart.partial or None,
        "why": None if chart.curves else chart.why_none[0],
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(said), indent=1).decode() + "\n"


def _curve(name: str, curve: Curve) -> dict[str, object]:
    return {
        "name": name,
        "labels": dict(curve.labels),
        "source": curve.source or None,
        "values": [_number(value) for value in curve.values],
        "endedAt": time_text(curve.ended_at),
    }


def _number(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def svg(chart: Chart, zone: tzinfo | None = None) -> str:
    """A picture on its own, without scripts or foreign references."""
    return "\n".join(_Picture(chart, zone).lines()) + "\n"


class _Picture:
    """One chart at one size."""

    def __init__(self, chart: Chart, zone: tzinfo | None) -> None:
        subject = chart.request.subject
        self.chart = chart
        self.zone = zone
        self.low, self.high = scale([c.values for c in chart.curves], limit=subject.limit, mark=subject.mark)
        self.bottom = _HEIGHT - _BOTTOM

    def lines(self) -> Iterator[str]:
        rows = max(1, len(self.chart.curves)) + 1
        height = _HEIGHT + rows * _LINE
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
            f'height="{height}" font-family="sans-serif" font-size="13">'
        )
        yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        yield f'<text x="12" y="22" font-weight="bold">{escape(title(self.chart, self.zone))}</text>'
        if self.chart.curves:
            yield from (*self._grid(), *self._limits(), *self._curves(), *self._legend())
        else:
            yield from (f'<text x="{_LEFT}" y="{80 + n * _LINE}">{escape(said)}</text>'
                        for n, said in enumerate(self.chart.why_none))  # fmt: skip
        yield "</svg>"

    def _x(self, at: float) -> float:
        window = self.chart.window
        return round(_LEFT + (at - window.start) / max(1, window.span_s) * (_WIDTH - _LEFT - _RIGHT), 1)

    def _y(self, value: float) -> float:
        share = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return round(self.bottom - share * (self.bottom - _TOP), 1)

    def _grid(self) -> Iterator[str]:
        unit = self.chart.request.subject.unit
        for value, said in value_ticks(self.low, self.high, unit=unit, most=7):
            y = self._y(value)
            yield f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#e3e6ea"/>'
            yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#5c6770">{escape(said)}</text>'
        for at, said in time_ticks(self.chart.window, cells=110, zone=self.zone):
            x = self._x(at)
            yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{self.bottom}" stroke="#eef0f3"/>'
            yield f'<text x="{x}" y="{self.bottom + 18}" text-anchor="middle" fill="#5c6770">{escape(said)}</text>'

    def _limits(self) -> Iterator[str]:
        subject = self.chart.request.subject
        heights = [] if subject.mark is None else [("#868e96", subject.mark)]
        if subject.limit is not None:
            heights += [(_LIMITS["amber"], subject.limit.amber), (_LIMITS["red"], subject.limit.red)]
        for ink, value in heights:
            if self.low < value < self.high:
                y = self._y(value)
                yield f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="{ink}" stroke-dasharray="6 4" fill="none"/>'

    def _curves(self) -> Iterator[str]:
        """A gap lifts the pen; one value alone is a dot."""
        moments = self.chart.window.moments
        for number, curve in enumerate(self.chart.curves):
            ink = _INKS[number % len(_INKS)]
            for first, values in runs(curve.values):
                points = [(self._x(moments[first + n]), self._y(value)) for n, value in enumerate(values)]
                if len(points) == 1:
                    yield f'<circle cx="{points[0][0]}" cy="{points[0][1]}" r="2" fill="{ink}"/>'
                else:
                    path = " ".join(f"{x},{y}" for x, y in points)
                    yield f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="1.6"/>'
            if curve.last is not None:
                x, y = self._x(curve.last[0]), self._y(curve.last[1])
                yield f'<text x="{x + 4}" y="{y - 4}" fill="{ink}">{LETTERS[number]}</text>'

    def _legend(self) -> Iterator[str]:
        unit = self.chart.request.subject.unit
        for number, (name, curve) in enumerate(zip(self.chart.names, self.chart.curves, strict=True)):
            y = _HEIGHT + (number + 1) * _LINE
            ink = _INKS[number % len(_INKS)]
            value = exact(curve.last[1], unit) if curve.last is not None else "no sample"
            yield f'<text x="{_LEFT}" y="{y}" fill="{ink}" font-weight="bold">{LETTERS[number]}</text>'
            yield f'<text x="{_LEFT + 20}" y="{y}">{escape(name)}  {escape(value)}</text>'

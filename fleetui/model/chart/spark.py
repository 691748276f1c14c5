"""A curve in a few cells: how high each stands, and how bad the last one is. What is unknown has no height.

A cell is a stretch of the clock, not of the picture: as time passes only the last one changes, until all of them move.
"""

from collections.abc import Sequence
from math import isfinite

from fleetui.model.chart.curve import Curve, Value
from fleetui.model.cluster import Health
from fleetui.model.health.threshold import Threshold

HEIGHTS = 8
SPAN_S = 3_600
"""What a sparkline looks back."""
CELLS = 12
CELL_S = SPAN_S // CELLS
MOMENTS = 61
"""A minute each: a cell shows the worst of its five."""
_STYLES = {Health.BROKEN: "danger", Health.WARNING: "warn", Health.CALM: "muted"}


def heights(curve: Curve, limit: Threshold | None = None) -> tuple[int | None, ...]:
    """0 to 7 for each cell, the youngest last; None where no sample was. A limit is in the picture: what is far from it
    stands low."""
    worst = _worst(curve, falling=limit is not None and limit.falling)
    low, high = _scale([value for value in worst if value is not None and isfinite(value)], limit)
    return tuple(None if value is None else _height(value, low, high) for value in worst)


def spark_text(found: Sequence[int | None], glyphs: str) -> str:
    """``glyphs``: eight, from low to high."""
    return "".join(" " if height is None else glyphs[height] for height in found)


def spark_style(curve: Curve, limit: Threshold | None) -> str:
    """By the last known value; one that has ended is old whatever it was."""
    if curve.last is None:
        return "unknown"
    if curve.ended_at is not None:
        return "stale"
    return _STYLES[limit.judge(curve.last[1]) if limit is not None else Health.CALM]


def _worst(curve: Curve, *, falling: bool) -> list[Value]:
    """Of each cell."""
    worst = min if falling else max
    newest = curve.window.end // CELL_S
    cells: list[Value] = [None] * CELLS
    for at, value in zip(curve.window.moments, curve.values, strict=True):
        place = CELLS - 1 - (newest - at // CELL_S)
        if value is not None and place >= 0:
            known = cells[place]
            cells[place] = value if known is None else worst(known, value)
    return cells


def _scale(known: Sequence[float], limit: Threshold | None) -> tuple[float, float]:
    low, high = min(known, default=0.0), max(known, default=0.0)
    if limit is not None and isfinite(limit.amber):
        low, high = min(low, limit.amber), max(high, limit.amber)
    return (low if limit is not None and limit.falling else min(low, 0.0)), high


def _height(value: float, low: float, high: float) -> int:
    if not isfinite(value):
        return HEIGHTS - 1 if value > 0 else 0
    if high <= low:
        return 0
    return min(HEIGHTS - 1, int((value - low) / (high - low) * HEIGHTS))

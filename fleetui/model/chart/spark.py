"""A curve in a few cells: how high each stands, and how bad the last one is. What is unknown has no height."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

from fleetui.model.chart.curve import Curve, Value
from fleetui.model.cluster import Health
from fleetui.model.health.threshold import Threshold

HEIGHTS = 8
SPAN_S = 3_600.0
"""What a sparkline looks back."""
CELLS = 12
"""Of a sparkline in a table: five minutes each."""
_STYLES = {Health.BROKEN: "danger", Health.WARNING: "warn"}


def heights(values: Sequence[Value], cells: int, limit: Threshold | None = None) -> tuple[int | None, ...]:
    """0 to 7 for each cell, None where no sample was. A limit is in the picture: what is far from it stands low."""
    buckets = _buckets(values, cells, falling=limit is not None and limit.falling)
    known = [value for value in buckets if value is not None and isfinite(value)]
    low, high = _scale(known, limit)
    return tuple(None if value is None else _height(value, low, high) for value in buckets)


def spark_style(curve: Curve, limit: Threshold | None) -> str:
    """By the last known value; one that has ended is old whatever it was."""
    if curve.last is None:
        return "unknown"
    if curve.ended_at is not None:
        return "stale"
    level = limit.judge(curve.last[1]) if limit is not None else Health.CALM
    return _STYLES.get(level, "muted")


def spark_text(found: Sequence[int | None], glyphs: str) -> str:
    """``glyphs``: eight, from low to high."""
    return "".join(" " if height is None else glyphs[height] for height in found)


def _buckets(values: Sequence[Value], cells: int, *, falling: bool) -> list[Value]:
    """The worst of each; a short curve stands at the right, where now is."""
    if len(values) <= cells:
        return [None] * (cells - len(values)) + list(values)
    worst = min if falling else max
    edges = [round(index * len(values) / cells) for index in range(cells + 1)]
    parts = ([v for v in values[a:b] if v is not None] for a, b in pairwise(edges))
    return [worst(part) if part else None for part in parts]


def _scale(known: Sequence[float], limit: Threshold | None) -> tuple[float, float]:
    low, high = min(known, default=0.0), max(known, default=0.0)
    if limit is not None and isfinite(limit.amber):
        return min(low, limit.amber), max(high, limit.amber)
    return min(low, 0.0), high


def _height(value: float, low: float, high: float) -> int:
    if not isfinite(value):
        return HEIGHTS - 1 if value > 0 else 0
    if high <= low:
        return 0
    return min(HEIGHTS - 1, int((value - low) / (high - low) * HEIGHTS))

"""Where the ticks stand: round values in the unit that is shown, round times on the operator's clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from math import ceil, floor, log10

from fleetui.model.chart.canvas import finite
from fleetui.model.chart.curve import Value
from fleetui.model.chart.window import Window
from fleetui.model.health.board import value_text
from fleetui.model.health.threshold import Threshold

NEAR = 4.0
"""A limit that is no more than so many times above what is drawn is drawn too; one further away would flatten it."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TIMES = (
    *(_MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 5 * _DAY, 7 * _DAY),
)
_MIB, _GIB = float(2**20), float(2**30)


def scale(
    curves: Sequence[Sequence[Value]], *, limit: Threshold | None = None, mark: float | None = None
) -> tuple[float, float]:
    """(low, high) of the axis: all that is finite, 0 where it is near, and the limit where it is."""
    known = [value for values in curves for value in finite(values)]
    if mark is not None:
        known.append(mark)
    low, high = min(known, default=0.0), max(known, default=1.0)
    if limit is not None and _is_near(limit, low, high):
        low, high = min(low, limit.amber), max(high, limit.amber)
    falling = limit is not None and limit.falling
    if 0 <= low < high * 0.75 and not (falling and low > high / 2):
        low = 0.0
    if high == low > 0 and not falling:
        low = 0.0
    if high <= low:
        high = low + (abs(low) * 0.1 or 1.0)
    room = (high - low) * 0.05
    return low - (room if low else 0.0), high + room


def _is_near(limit: Threshold, low: float, high: float) -> bool:
    if limit.falling:
        return limit.amber >= low - (high - low) * NEAR
    return limit.amber <= max(high, 0.0) * NEAR or high == 0


def value_ticks(low: float, high: float, *, unit: str, most: int) -> list[tuple[float, str]]:
    """At most so many round values with their texts, from below."""
    divisor = _divisor(max(abs(low), abs(high)), unit)
    step = _round_step((high - low) / divisor / max(1, most - 1))
    first, last = ceil(low / divisor / step - 1e-9), floor(high / divisor / step + 1e-9)
    return [(at, tick_text(at, unit, step * divisor)) for n in range(first, last + 1) for at in [n * step * divisor]]


def tick_text(value: float, unit: str, step: float) -> str:
    """Exact enough that two ticks differ: shares near 100 % need more digits than ``value_text`` gives."""
    if unit == "ratio" and step < 0.01:
        digits = max(1, ceil(-log10(step)) - 2)
        return f"{value:.{digits}%}"
    if unit == "B" and step < _MIB:
        return f"{value:,.0f} B"
    return value_text(value, unit) if value else "0"


def time_ticks(window: Window, *, cells: int, zone: tzinfo | None) -> list[tuple[float, str]]:
    """(Unix seconds, text), round on the clock of the zone (None: this machine's), far enough apart to be read."""
    most = max(1, cells // 14)
    step = next((each for each in _TIMES if window.span_s / each <= most), ceil(window.span_s / most / _DAY) * _DAY)
    return [(at, time_text(at, step, zone)) for at in _round_times(window, step, zone)]


def _round_times(window: Window, step: int, zone: tzinfo | None) -> Iterator[float]:
    at = ceil((window.start + _offset(window.start, zone)) / step) * step
    while (moment := at - _offset(at - _offset(at, zone), zone)) <= window.end:
        yield moment
        at += step


def _offset(at: float, zone: tzinfo | None) -> float:
    """Seconds east of Greenwich, then and there."""
    return (datetime.fromtimestamp(at, zone).astimezone(zone).utcoffset() or timedelta()).total_seconds()


def time_text(at: float, step: int, zone: tzinfo | None) -> str:
    """``14:05``; ``Mon 14:00`` where the steps are hours long, ``21 Nov`` where they are days."""
    local = datetime.fromtimestamp(at, zone)
    if step >= _DAY:
        return f"{local.day} {local:%b}"
    return f"{local:%a %H:%M}" if step >= 6 * _HOUR else f"{local:%H:%M}"


def moment_text(at: float, zone: tzinfo | None) -> str:
    """The time of the cursor: ``Sat 21 Nov 14:05:30``."""
    local = datetime.fromtimestamp(at, zone)
    return f"{local:%a} {local.day} {local:%b %H:%M:%S}"


def _divisor(most: float, unit: str) -> float:
    if unit == "s" and most < 1:
        return 0.001
    if unit == "B":
        return _GIB if most >= _GIB else _MIB if most >= _MIB else 1.0
    return 0.01 if unit == "ratio" else 1.0


def _round_step(wanted: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    if wanted <= 0:
        return 1.0
    power = 10.0 ** floor(log10(wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * (1 - 1e-9))

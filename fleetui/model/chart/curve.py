"""One series over a window: a value a moment, None where there was no sample. A gap is never 0 and never bridged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan

import msgspec

from fleetui.model.chart.window import Window
from fleetui.model.health.series import Labels, Line

ENDED_AFTER = 2
"""Steps without a value at the end after which a curve has ended: the last moment may be asked before its scrape."""

Value = float | None


class Curve(msgspec.Struct, frozen=True):
    """As many values as the window has moments."""

    labels: Labels
    window: Window
    values: tuple[Value, ...]
    source: str = ""

    @property
    def last(self) -> tuple[int, float] | None:
        """The last known value and its moment."""
        for at, value in zip(reversed(self.window.moments), reversed(self.values), strict=True):
            if value is not None:
                return at, value
        return None

    @property
    def empty(self) -> bool:
        return all(value is None for value in self.values)

    @property
    def ended_at(self) -> int | None:
        """Its last moment, where it has ended before the window does; None of one that goes on."""
        if self.last is None or self.window.end - self.last[0] <= ENDED_AFTER * self.window.step_s:
            return None
        return self.last[0]

    def at(self, moment: float) -> Value:
        index = self.window.index(moment)
        return None if index is None else self.values[index]


def curve(line: Line, window: Window, *, source: str = "") -> Curve:
    """What a source answered, by the window's moments. NaN (a quantile of no observations) is no value to draw."""
    values: list[Value] = [None] * len(window.moments)
    for at, value in zip(line.times, line.values, strict=True):
        index = window.index(at)
        if index is not None and not isnan(value):
            values[index] = value
    return Curve(line.labels, window, tuple(values), source)


def folded(curves: Sequence[Curve], *, falling: bool = False) -> Curve:
    """The worst of several at each moment: of a pair's two views, of a cluster's members. At least one is needed."""
    worst = min if falling else max
    values = tuple(
        worst(known) if (known := [value for value in column if value is not None]) else None
        for column in zip(*(one.values for one in curves), strict=True)
    )
    return msgspec.structs.replace(curves[0], values=values)


def by_key(curves: Iterable[Curve], key: Callable[[Labels], str], *, falling: bool = False) -> Mapping[str, Curve]:
    """One curve a key, the worst of those that share it; those with an empty key are left out."""
    groups: dict[str, list[Curve]] = {}
    for one in curves:
        if name := key(one.labels):
            groups.setdefault(name, []).append(one)
    return {name: folded(found, falling=falling) for name, found in groups.items()}

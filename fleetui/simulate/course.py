"""What a simulated metric does in time, as functions of time: the same moment always has the same value, a month back
as well as now, and nothing has to be kept.

A metric without a course of its own is only known since somebody looked: ``Recorded``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from math import cos, inf, pi, sin

DAY_S = 86_400.0
LOOKS = 60
"""Moments out of a window from which a mean or an extreme is taken where there is no closed form."""


class Course:
    """Base of all. Times are Unix seconds."""

    def at(self, t: float, /) -> float | None:
        """None: there is no sample."""
        raise NotImplementedError

    def known(self, t: float, /) -> bool:
        """Whether there is a sample."""
        return self.at(t) is not None

    def grew(self, start: float, end: float) -> float:
        """Of a counter."""
        before, after = self.at(start), self.at(end)
        return 0.0 if before is None or after is None else after - before

    def mean(self, start: float, end: float) -> float | None:
        found = self.looks(start, end)
        return sum(found) / len(found) if found else None

    def looks(self, start: float, end: float, /) -> list[float]:
        """Values at moments spread over a window, its end among them."""
        step = (end - start) / LOOKS
        values = (self.at(end - step * number) for number in range(LOOKS))
        return [value for value in values if value is not None]


class Always(Course):
    """Base of those that are there at any time."""

    def known(self, _: float) -> bool:
        return True


class Steady(Always):
    def __init__(self, value: float) -> None:
        self._value = value

    def at(self, _: float) -> float | None:
        return self._value

    def looks(self, _: float, __: float) -> list[float]:
        return [self._value]


class Told(Course):
    """Any function of time."""

    def __init__(self, tell: Callable[[float], float | None]) -> None:
        self._tell = tell

    def at(self, t: float) -> float | None:
        return self._tell(t)


class Wave(Always):
    """A day's rise and fall with small waves on it: people sleep, jobs run each quarter of an hour."""

    def __init__(self, mean: float, *, swing: float = 0.35, phase: float = 0.0, ripple: float = 0.06) -> None:
        """``swing`` and ``ripple`` are shares of the mean; ``phase`` is in turns."""
        self.average = mean
        self._parts = tuple(
            (mean * share, 2 * pi / period_s, 2 * pi * phase * turn)
            for share, period_s, turn in (
                (swing, DAY_S, 1), (ripple, 5_400.0, 3), (ripple, 900.0, 7), (ripple / 2, 137.0, 11),
            )
        )  # fmt: skip
        self._asked: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def at(self, t: float) -> float:
        return self.average + sum(size * sin(speed * t + turn) for size, speed, turn in self._parts)

    def grew(self, start: float, end: float) -> float:
        """Its integral: of a rate, what was counted. Many series of one wave ask for the same window in a row."""
        if self._asked[:2] != (start, end):
            waves = sum(size / speed * (cos(speed * start + turn) - cos(speed * end + turn))
                        for size, speed, turn in self._parts)  # fmt: skip
            self._asked = start, end, self.average * (end - start) + waves
        return self._asked[2]

    def mean(self, start: float, end: float) -> float | None:
        return self.grew(start, end) / (end - start)


class Counter(Always):
    """Counts ``share`` of a wave since ``since``, and within each of ``bursts`` (from, until, share) so much more."""

    def __init__(
        self, wave: Wave, share: float = 1.0, *, bursts: Sequence[tuple[float, float, float]] = (), since: float = 0.0
    ) -> None:
        self._wave, self._share, self._bursts, self._since = wave, share, tuple(bursts), since

    def at(self, t: float) -> float | None:
        return self.grew(self._since, t)

    def grew(self, start: float, end: float) -> float:
        counted = self._share * self._wave.grew(start, end) if self._share else 0.0
        for begin, until, share in self._bursts:
            first, last = max(start, begin), min(end, until)
            if last > first:
                counted += share * self._wave.grew(first, last)
        return counted


class Spells:
    """When something held, as it is seen to begin and to end."""

    def __init__(self, since: float | None = None) -> None:
        """``since``: it has held since then, until it is seen not to."""
        self._spans: list[tuple[float, float]] = [] if since is None else [(since, inf)]

    def see(self, holds: bool, now: float) -> None:
        going = bool(self._spans) and self._spans[-1][1] == inf
        if holds and not going:
            self._spans.append((now, inf))
        elif going and not holds:
            self._spans[-1] = self._spans[-1][0], now

    def within(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        for begin, until in self._spans:
            first, last = max(start, begin), min(end, until)
            if last > first:
                yield first, last


class Shifted(Counter):
    """Counts ``share`` of a wave, and while something holds ``change`` more of it."""

    def __init__(self, wave: Wave, share: float, *, spells: Spells, change: float) -> None:
        super().__init__(wave, share)
        self._spells, self._change = spells, change

    def grew(self, start: float, end: float) -> float:
        spent = sum(self._wave.grew(first, last) for first, last in self._spells.within(start, end))
        return super().grew(start, end) + self._change * spent


class Rounded(Course):
    """Of things that are counted in ones."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def at(self, t: float) -> float | None:
        value = self._course.at(t)
        return None if value is None else float(round(value))


class Switch(Always):
    """1, and 0 within each of ``down`` (from, until), which do not overlap."""

    def __init__(self, down: Sequence[tuple[float, float]] = ()) -> None:
        self._down = tuple(down)

    def at(self, t: float) -> float | None:
        return 0.0 if any(begin <= t < until for begin, until in self._down) else 1.0

    def mean(self, start: float, end: float) -> float | None:
        lost = sum(max(0.0, min(end, until) - max(start, begin)) for begin, until in self._down)
        return 1.0 - lost / (end - start)


class Flapping(Always):
    """1, and from ``first`` on 0 for the first ``down_s`` of each ``every_s``."""

    def __init__(self, first: float, every_s: float, down_s: float) -> None:
        self._first, self._every_s, self._down_s = first, every_s, down_s

    def at(self, t: float) -> float | None:
        return 0.0 if t >= self._first and (t - self._first) % self._every_s < self._down_s else 1.0

    def mean(self, start: float, end: float) -> float | None:
        return 1.0 - (self._lost(end) - self._lost(start)) / (end - start)

    def _lost(self, t: float) -> float:
        """Seconds since ``first``."""
        rounds, into = divmod(max(0.0, t - self._first), self._every_s)
        return rounds * self._down_s + min(into, self._down_s)


class Recorded(Course):
    """What somebody has seen: each value from the moment on when it was new, the first one since ever.

    ``trend`` is what it was before, as (its value now, seconds before the first look) -> value.
    """

    def __init__(self, trend: Callable[[float, float], float] | None = None) -> None:
        self._times: list[float] = []
        self._values: list[float] = []
        self._trend = trend
        self.ended: float | None = None
        """When it was not there any more."""

    def see(self, value: float, t: float) -> None:
        self.ended = None
        if not self._values or self._values[-1] != value:
            self._times.append(t)
            self._values.append(value)

    def forget(self, before: float) -> None:
        """Changes of long ago, but not the value that they led to."""
        kept = max(0, bisect_right(self._times, before) - 1)
        del self._times[:kept], self._values[:kept]

    def at(self, t: float) -> float | None:
        if not self._times or (self.ended is not None and t >= self.ended):
            return None
        place = bisect_right(self._times, t) - 1
        if place >= 0:
            return self._values[place]
        first = self._values[0]
        return self._trend(first, self._times[0] - t) if self._trend is not None else first

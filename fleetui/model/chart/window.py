"""A stretch of time as moments: the steps are round, so that whoever asks again meets the same moments."""

from math import ceil

import msgspec

MOST_MOMENTS = 1_000
"""Of one line. A terminal has no more columns than that, and a source answers them at once."""
LEAST_STEP_S = 15
"""Hardly anything is scraped oftener."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
STEPS = (
    *(5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY),
)
"""Seconds between two moments; beyond them whole days."""


class Window(msgspec.Struct, frozen=True):
    """Whole Unix seconds; ``start`` and ``end`` are moments, multiples of the step."""

    start: int
    end: int
    step_s: int

    @property
    def moments(self) -> range:
        return range(self.start, self.end + 1, self.step_s)

    @property
    def span_s(self) -> int:
        return self.end - self.start

    def index(self, at: float) -> int | None:
        """Of the moment that is nearest, at most half a step away."""
        found = round((at - self.start) / self.step_s)
        return found if 0 <= found < len(self.moments) else None


def step_of(span_s: float, *, moments: int, least_s: float = LEAST_STEP_S) -> int:
    """The shortest round step with which ``span_s`` has no more than so many moments, and none oftener than its
    samples come (``least_s``)."""
    wanted = max(span_s / max(1, min(moments, MOST_MOMENTS) - 1), least_s)
    found = next((step for step in STEPS if step >= wanted), None)
    return found if found is not None else ceil(wanted / _DAY) * _DAY


def window(*, end: float, span_s: float, moments: int, least_s: float = LEAST_STEP_S) -> Window:
    """The last moments before ``end`` (or at it), no more than ``moments``."""
    step = step_of(span_s, moments=moments, least_s=least_s)
    last = int(end // step) * step
    return Window(last - int(span_s // step) * step, last, step)

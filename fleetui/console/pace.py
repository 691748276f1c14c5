"""How often a screen is painted: news after a rest at once, a stream of news a few times a second."""

PAINT_S = 0.25
"""Four paints a second, in the long run, show everything an eye can follow and cost a thin line little."""
BURST = 3.0
"""Paints that may come sooner after a rest: what is new right after a start or a key is the first rows."""
GAP_S = 0.03
"""Between two of these: what a server answers in one go arrives in many small pieces."""


class Pace:
    """A bucket of ``BURST`` paints that fills at one in ``PAINT_S`` seconds. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._left = BURST
        self._last = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next paint may come; 0 when it is due."""
        left = self._filled(now)
        due = now + (1 - left) * PAINT_S if left < 1 else self._last + GAP_S
        return max(0.0, due - now)

    def painted(self, now: float) -> None:
        self._left = max(0.0, self._filled(now) - 1)
        self._last = now

    def _filled(self, now: float) -> float:
        return min(BURST, self._left + (now - self._last) / PAINT_S)

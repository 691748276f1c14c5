"""Which part of time a chart looks at, and where its cursor is. Values only; each key makes another one."""

import msgspec
from msgspec.structs import replace

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
RANGES = ((15 * _MINUTE, "15m"), (_HOUR, "1h"), (6 * _HOUR, "6h"), (_DAY, "24h"), (7 * _DAY, "7d"), (30 * _DAY, "30d"))
"""(seconds, name), what zoom steps through."""
FIRST = 1


class Outlook(msgspec.Struct, frozen=True):
    at: int = 0
    """Which of the charts that were asked for."""
    zoom: int = FIRST
    """Index of ``RANGES``."""
    end: float | None = None
    """Unix seconds of the right edge; None is live: now."""
    cursor: int | None = None
    """Index of a moment; None while there is none: then the last values are told."""

    @property
    def span_s(self) -> int:
        return RANGES[self.zoom][0]

    @property
    def range_name(self) -> str:
        return RANGES[self.zoom][1]

    def stepped(self, by: int, moments: int) -> "Outlook":
        """The cursor comes in from the right, and leaves there."""
        found = (moments if self.cursor is None else self.cursor) + by
        return replace(self, cursor=None if found >= moments else max(0, found))

    def zoomed(self, by: int, around: float | None, *, now: float) -> "Outlook":
        """A longer (+1) or shorter (-1) time; what the cursor stands on stays in the middle."""
        zoom = min(max(0, self.zoom + by), len(RANGES) - 1)
        if zoom == self.zoom:
            return self
        end = self.end if around is None else around + RANGES[zoom][0] / 2
        return replace(self, zoom=zoom, end=None if end is None or end >= now else end, cursor=None)

    def panned(self, by: int, *, now: float) -> "Outlook":
        """Half of what is shown, to either side; at the right edge it is live again."""
        end = (self.end or now) + by * self.span_s / 2
        return replace(self, end=None if end >= now else end, cursor=None)

    def live(self) -> "Outlook":
        return replace(self, end=None, cursor=None)

    def turned(self, by: int, charts: int) -> "Outlook":
        """To another chart, over the same time."""
        return replace(self, at=(self.at + by) % charts, cursor=None)

    def within(self, moments: int) -> "Outlook":
        """After an answer with so many moments."""
        return self if self.cursor is None or self.cursor < moments else replace(self, cursor=None)

"""One measured value with all that decides how far it can be trusted: when it was true, who said it, and what is in
its way when there is none. Unknown is a value with a reason; it is never zero and never green."""

from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from fleetui.model.freshness import Source

T = TypeVar("T")

LATE_AFTER = 2.0
"""Periods of its own source after which a value is late: one delivery has certainly been missed."""
STALE_AFTER = 4.0
"""Periods after which a value says nothing any more: a rate over four of them has lost its data too."""


class Age(StrEnum):
    """How old a value is, in units of how often its source speaks."""

    FRESH = "fresh"
    LATE = "late"
    """Shown dimmed, with its age in figures."""
    STALE = "stale"
    """Shown as stale; it counts as unknown for every verdict."""
    NONE = "no data"
    """There never was a value; ``Sample.why`` says the reason."""


class Sample(msgspec.Struct, Generic[T], frozen=True):
    """A value and where it comes from. Times are Unix seconds by our clock."""

    source: Source
    received_at: float
    """When the answer (or the failure) reached us."""
    value: T | None = None
    """None is unknown."""
    sample_at: float | None = None
    """When the value was true at its source; None without a value."""
    why: str = ""
    """Why there is no value: ``not scraped``, ``refused``. Empty when there is one."""

    @property
    def known(self) -> bool:
        return self.value is not None

    def age_s(self, now: float) -> float | None:
        """Seconds since the value was true, None without a value. A clock that was set back makes nothing younger
        than now."""
        return None if self.sample_at is None else max(0.0, now - self.sample_at)

    def age(self, now: float, *, period_s: float) -> Age:
        """``period_s`` is how often the source delivers: the poll's period or the target's scrape interval."""
        seconds = self.age_s(now)
        if self.value is None or seconds is None:
            return Age.NONE
        if seconds > STALE_AFTER * period_s:
            return Age.STALE
        return Age.LATE if seconds > LATE_AFTER * period_s else Age.FRESH

    def usable(self, now: float, *, period_s: float) -> bool:
        """Whether a verdict may rest on it."""
        return self.age(now, period_s=period_s) in (Age.FRESH, Age.LATE)


def sampled(value: T, *, at: float, source: Source, received_at: float | None = None) -> Sample[T]:
    """A value that was true ``at``; received then too unless said otherwise."""
    return Sample(source=source, received_at=at if received_at is None else received_at, value=value, sample_at=at)


def missing(why: str, *, at: float, source: Source) -> Sample[Any]:
    """No value, and the reason. An empty reason would be drawn as an empty cell, so it is refused."""
    if not why:
        raise ValueError("an unknown value needs its reason")
    return Sample(source=source, received_at=at, why=why)

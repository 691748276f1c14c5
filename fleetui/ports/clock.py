"""Time, identifiers and chance, passed in everywhere so that tests and fault schedules own them."""

from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix time, seconds, UTC: for records and ages."""
        ...

    def monotonic(self) -> float:
        """Seconds that are never set, and go on while the machine is suspended: for freshness, timeouts, locks."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    def new(self) -> str:
        """A fresh identifier, sortable by time of creation (26 characters, Crockford base 32, as ULID)."""
        ...


class Chance(Protocol):
    def uniform(self, low: float, high: float) -> float: ...

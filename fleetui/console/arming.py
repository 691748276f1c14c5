"""May this session change anything? Read-only until armed with a reason and a time; the end of the time disarms.

Arming guards submissions only: an operation that was confirmed goes on after the time has ended.
"""

import math

import msgspec

MAX_S = 8 * 3600.0
"""Nobody arms a session for longer than a shift."""


class Arming(msgspec.Struct, frozen=True):
    """Not armed by default."""

    reason: str = ""
    until: float = 0.0
    """Unix seconds."""

    def armed(self, now: float) -> bool:
        return now < self.until

    def minutes_left(self, now: float) -> int:
        """Whole minutes, rounded up: the last minute reads 1."""
        return max(0, math.ceil((self.until - now) / 60))


def arm(reason: str, *, seconds: float, now: float) -> Arming:
    """Raises ValueError with the fix when the reason is empty or the time is out of bounds."""
    if not reason.strip():
        raise ValueError("say why: the reason is written into every operation's record")
    if not 0 < seconds <= MAX_S:
        raise ValueError("arm for at least 1 second and at most 8 hours, such as 30m")
    return Arming(reason=reason.strip(), until=now + seconds)

"""How far a value can be trusted: where it came from, when it was last known to be true, and the word for that."""

from enum import StrEnum


class Source(StrEnum):
    """The three kinds of live, and the one that is not."""

    PUSHED = "pushed"
    """A watch delivers it."""
    POLLED = "polled"
    """Asked for at intervals."""
    SCRAPED = "scraped"
    """Read from a monitoring system that asked for it."""
    CACHED = "cached"
    """From the local cache of an earlier run."""


class Trust(StrEnum):
    """The verdict on a feed. Only LIVE may be drawn as if it were now."""

    LIVE = "live"
    IDLE = "not connected"
    """Nobody asked to connect; what is shown, if anything, is from an earlier run. Unknown, never green."""
    CONNECTING = "connecting"
    """Nothing from this session yet; what is shown, if anything, is cached."""
    STALE = "stale"
    """Was live; the last sign of life is older than the limit, or the feed is being rebuilt."""
    SILENT = "silent"
    """The last attempt failed; ``Fault`` says why and what to do."""


STALE_AFTER_S = 8.0
"""A /readyz poll every 5 s with a timeout of 3 s: after 8 s without an answer one poll has certainly been missed."""

SILENT_AFTER_S = 9.0
"""Nothing at all for this long is a failure even if no attempt has reported one (an attempt that hangs never does).
One second under the 10 s within which a row must tell the truth."""


def trust(
    *, connected: bool, failed: bool, last_contact: float | None, now: float, wanted: bool = True, since: float = 0.0
) -> Trust:
    """The verdict from what is known: a failure outweighs silence, silence outweighs a connection.

    Times are seconds of one monotonic clock. ``since`` is when the connection was asked for: who has never answered
    is connecting only so long.
    """
    if not wanted:
        return Trust.IDLE
    if failed:
        return Trust.SILENT
    if not connected or last_contact is None:
        return Trust.SILENT if since and now - since > SILENT_AFTER_S else Trust.CONNECTING
    quiet = now - last_contact
    if quiet > SILENT_AFTER_S:
        return Trust.SILENT
    return Trust.STALE if quiet > STALE_AFTER_S else Trust.LIVE

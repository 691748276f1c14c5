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


TOLD_WITHIN_S = 10.0
"""After a server has fallen silent its row says so. What follows is made to fit in here."""

POLL_EVERY_S = 5.0
"""From one question after /readyz to the next, at most, of a server that answers."""
ANSWER_WITHIN_S = 3.0
"""Of /readyz. Then a second question tells a frozen server from one that is merely not ready."""
LIFE_WITHIN_S = 1.0
"""Of that second question, /livez/ping."""
POLL_TIMEOUT_S = ANSWER_WITHIN_S + LIFE_WITHIN_S + 0.5
"""Of a poll in all, if its reader does not keep the two limits above: one whose login has to be renewed on the way."""

STALE_AFTER_S = POLL_EVERY_S + ANSWER_WITHIN_S
"""The last answer of a server that answers is never older: it came after a question, and the next was asked at most
``POLL_EVERY_S`` after that one. So the answer that should have come by now has not, and the server is being asked for a
sign of life: stale is as short as that question."""

SILENT_AFTER_S = STALE_AFTER_S + LIFE_WITHIN_S
"""Both questions have had their time. It holds for a poll that hangs as well, which reports its failure only after
``POLL_TIMEOUT_S``, or never."""


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

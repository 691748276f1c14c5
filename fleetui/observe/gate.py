"""A start of many clusters at once: a few connect at a time, and one that hangs does not keep its place.

Connecting costs this process TLS handshakes, decoding and perhaps a credential plugin; waiting for an answer costs it
nothing, so a place is given back when the answer is there or when it is overdue, whichever is first.
"""

import asyncio
from contextlib import suppress

from fleetui.ports.clock import Clock

PLACES = 16
PATIENCE_S = 0.1
"""30 hanging clusters ahead of the others then cost two rounds, 0.2 s: within the second to the first rows."""


class Gate:
    def __init__(self, clock: Clock, *, places: int = PLACES, patience_s: float = PATIENCE_S) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._places = asyncio.Semaphore(places)

    async def enter(self) -> "Place":
        """Waits for a free place, in the order of asking."""
        await self._places.acquire()
        return Place(self._places, self._clock, self._patience_s)


class Place:
    """Held while connecting. ``leave`` as soon as the first rows are there; it is safe to leave twice."""

    def __init__(self, places: asyncio.Semaphore, clock: Clock, patience_s: float) -> None:
        self._places: asyncio.Semaphore | None = places
        self._overdue = asyncio.ensure_future(self._expire(clock, patience_s))

    def leave(self) -> None:
        self._overdue.cancel()
        self._give_back()

    async def _expire(self, clock: Clock, seconds: float) -> None:
        with suppress(asyncio.CancelledError):  # leaving cancels it; nobody waits for this task
            await clock.sleep(seconds)
            self._give_back()

    def _give_back(self) -> None:
        places, self._places = self._places, None
        if places is not None:
            places.release()

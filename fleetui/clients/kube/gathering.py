"""The pieces of a stream, gathered while they come fast: a single change is told at once, a storm of them in batches.

What gathers is the kernel. An API server sends each change by itself, and to be woken, to read, to decrypt and to parse
for each of 300 a second costs more than the changes are about; read together they cost an eighth of the wake-ups.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from fleetui.clients.http.library import aiohttp
from fleetui.ports.clock import Clock

GATHER_S = 0.05
"""What comes on a busy stream is left where it is for as long: a fifth of the pause between two paints of a screen."""
BUSY_S = 2 * GATHER_S
"""A stream is busy while its pieces are closer together than this, the pause between them included."""
BEHIND = 1 << 17
"""Bytes of a piece behind which more is waiting: who cannot keep up does not pause."""


async def gathered(response: aiohttp.ClientResponse, clock: Clock) -> AsyncGenerator[bytes, None]:
    """Pieces of the answer's body. Raises what reading it raises."""
    read_at = float("-inf")
    async for piece in response.content.iter_any():
        yield piece
        before, read_at = read_at, clock.monotonic()
        if read_at - before < BUSY_S and len(piece) < BEHIND:
            with _unread(response):
                await clock.sleep(GATHER_S)


@contextmanager
def _unread(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Nothing is read from the connection meanwhile, not even to be decrypted."""
    transport = response.connection.transport if response.connection is not None else None
    if transport is None:  # the answer is at its end
        yield
        return
    # A paused TLS transport goes on reading its socket (asyncio, sslproto.py); the one below it does not. Without
    # these private names, held by a test, it would be as right and cost more.
    lowest = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None) or transport
    lowest.pause_reading()
    try:
        yield
    finally:
        lowest.resume_reading()

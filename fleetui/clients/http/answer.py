"""Whole answers, which may not be endless."""

from collections.abc import Mapping

from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.unseen import Unseen

_CHUNK = 1 << 16


class Answer(Unseen, frozen=True):
    """A whole answer. Its repr shows nothing of it: bodies and headers may hold secrets."""

    code: int
    headers: Mapping[str, str]
    body: bytes


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The whole body, unpacked; None when it has more than ``limit`` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)

"""The HTTP session that all clients open, and whole answers that may not be endless."""

from collections.abc import Mapping

from fleetui import __version__
from fleetui.clients.kube.http import aiohttp
from fleetui.clients.kube.resolver import Resolver

USER_AGENT = f"fleetui/{__version__}"
_CHUNK = 1 << 16


def http_session(
    headers: Mapping[str, str] | None = None, *, read_buffer: int = 1 << 16, socks: str | None = None
) -> aiohttp.ClientSession:
    """No cookies, no limit of connections, names looked up without holding up anybody else's. ``read_buffer``: bytes of
    one read. ``socks``: the proxy that makes all connections. To be opened on the event loop."""
    return aiohttp.ClientSession(
        connector=_connector(socks),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=read_buffer,
        headers={"User-Agent": USER_AGENT, **(headers or {})},
    )


def _connector(socks: str | None) -> aiohttp.TCPConnector:
    if socks is None:
        return aiohttp.TCPConnector(limit=0, resolver=Resolver(), ttl_dns_cache=30)
    from fleetui.clients.kube.socks import SocksConnector  # few need it

    return SocksConnector(socks)


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The whole body, unpacked; None when it has more than ``limit`` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)

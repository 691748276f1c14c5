"""The HTTP session that all clients open."""

from collections.abc import Mapping

from fleetui import __version__
from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.resolver import Resolver

USER_AGENT = f"fleetui/{__version__}"


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
    from fleetui.clients.http.socks import SocksConnector  # few need it

    return SocksConnector(socks)

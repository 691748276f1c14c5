"""The way through a SOCKS5 proxy: ``ssh -D`` to a bastion, most often. What connects by it imports this module."""

import asyncio
import socket
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

import python_socks
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from python_socks.async_.asyncio import Proxy

from fleetui.clients.http.errors import ProxyRefusedError
from fleetui.clients.http.library import aiohttp

DEFAULT_PORT = 1080
"""As IANA registered it, and Go takes it."""


class _Unresolved(AbstractResolver):
    """Names are looked up behind the proxy, as kubectl has them: here they often mean nothing."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [{"hostname": host, "host": host, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


class SocksConnector(aiohttp.TCPConnector):
    """aiohttp's connections, made by the proxy. TLS is between us and the server behind it."""

    def __init__(self, url: str) -> None:
        """``url``: ``socks5://[USER:PASSWORD@]HOST[:PORT]``, or ``socks5h``, which is the same to kubectl."""
        super().__init__(limit=0, resolver=_Unresolved(), use_dns_cache=False)
        parts = urlsplit(url)
        self._way = parts.hostname or "", parts.port or DEFAULT_PORT
        self._login = unquote(parts.username or "") or None, unquote(parts.password or "") or None

    async def _wrap_create_connection(
        self, *args: Any, addr_infos: Any, req: Any, timeout: Any, client_error: Any = None, **kwargs: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """In the place of aiohttp's own (3.14), which makes the socket itself; private, held by a test."""
        host, port = addr_infos[0][4][:2]
        through = await self._through(host, port, req=req, timeout_s=timeout.sock_connect)
        try:
            return await self._loop.create_connection(*args, **kwargs, sock=through)
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except OSError as error:
            raise (client_error or aiohttp.ClientConnectorError)(req.connection_key, error) from error

    async def _through(self, host: str, port: int, *, req: Any, timeout_s: float | None) -> socket.socket:
        (way, at), (user, password) = self._way, self._login
        proxy = Proxy(python_socks.ProxyType.SOCKS5, way, at, username=user, password=password, rdns=True)
        try:
            return await proxy.connect(host, port, timeout=timeout_s)
        except python_socks.ProxyTimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        except python_socks.ProxyConnectionError as error:
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else OSError(error.errno, str(error))
            raise aiohttp.ClientProxyConnectionError(req.connection_key, cause) from error
        except python_socks.ProxyError as error:
            raise ProxyRefusedError(str(error)) from error

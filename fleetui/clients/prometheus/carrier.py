"""Requests of the API over aiohttp: one session for each source, every failure a ``MetricsError``."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fleetui.clients.kube.connection import Server
from fleetui.clients.kube.failures import CONNECT_TIMEOUT_S
from fleetui.clients.kube.http import aiohttp
from fleetui.clients.kube.http_session import http_session, read_up_to
from fleetui.clients.kube.tls import tls_context
from fleetui.clients.prometheus import faults
from fleetui.clients.prometheus.origin import Origin
from fleetui.clients.prometheus.secret import Proof

ANSWER_LIMIT = 32 << 20
"""Bytes, unpacked. 500 clusters by member and peer are 0.5 MB; what is larger was asked without thinking."""


@dataclass(frozen=True, slots=True)
class Call:
    """One question."""

    path: str
    """``/api/v1/query``"""
    form: tuple[tuple[str, str], ...] = ()
    """Sent as the body: a query may be longer than any proxy lets a URL be."""
    get: bool = False
    """The API takes this one as GET only; then the form is the URL's query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whole."""

    code: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Carrier(Protocol):
    """Brings a question to a source and its answer back, whatever its code. Raises MetricsError without one."""

    async def carry(self, call: Call, proof: Proof) -> Answer: ...

    async def close(self) -> None: ...


class Trust:
    """The TLS context of a source; its files are read again when they have changed."""

    def __init__(self, origin: Origin) -> None:
        auth = origin.auth
        self._origin = origin
        self._files = {
            name: Path(said).expanduser()
            for name, said in (("ca", auth.ca), ("cert", auth.cert), ("key", auth.key or auth.cert))
            if said
        }
        self._kept: tuple[tuple[int, ...], ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext | None:
        """None for plain HTTP. Raises MetricsError (CONFIG)."""
        if not self._origin.secure and not (self._origin.proxy or "").startswith("https:"):
            return None
        try:
            stamp = tuple(path.stat().st_mtime_ns for path in self._files.values())
            if self._kept is None or self._kept[0] != stamp:
                self._kept = stamp, self._load()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise faults.unusable(self._origin.host, error) from error
        return self._kept[1]

    def _load(self) -> ssl.SSLContext:
        pem = {name: path.read_bytes() for name, path in self._files.items()}
        server = Server(url=self._origin.url, ca_pem=pem.get("ca"))
        return tls_context(server, cert_pem=pem.get("cert"), key_pem=pem.get("key"))


class AsyncCarrier:
    """``Carrier`` on the event loop."""

    def __init__(self, origin: Origin, trust: Trust) -> None:
        self._origin = origin
        self._trust = trust
        self._http = http_session()

    async def carry(self, call: Call, proof: Proof) -> Answer:
        origin, context = self._origin, self._trust.context()
        patience = aiohttp.ClientTimeout(total=origin.timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        form = list(call.form)
        try:
            async with self._http.request(
                "GET" if call.get else "POST",
                f"{origin.url}{call.path}",
                params=form if call.get else None,
                data=None if call.get else aiohttp.FormData(form, charset="utf-8"),
                headers=proof.headers,
                ssl=True if context is None else context,
                server_hostname=origin.auth.server_name or None,
                proxy=origin.proxy,
                timeout=patience,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, response.headers, await self._read(response))
        except aiohttp.ConnectionTimeoutError as error:
            raise faults.unreachable(origin.host, min(CONNECT_TIMEOUT_S, origin.timeout_s)) from error
        except TimeoutError as error:
            raise faults.silent(origin.host, origin.timeout_s) from error
        except (aiohttp.ClientError, OSError) as error:
            raise faults.broken(error, host=origin.host) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = await read_up_to(response, ANSWER_LIMIT)
        if body is None:
            raise faults.too_large(self._origin.host, ANSWER_LIMIT)
        return body

    async def close(self) -> None:
        await self._http.close()

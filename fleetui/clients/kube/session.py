"""HTTP to one API server as one user: what a request carries, and what becomes of it.

It adds the proof to every request, renews it once on a 401, and turns every failure into a ``ClusterError``.
"""

import os
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

from yarl import URL

from fleetui.clients.http import tls
from fleetui.clients.http.answer import Answer, read_up_to
from fleetui.clients.http.errors import WIRE_ERRORS, connect_within
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.proxy import HTTP, SOCKS, environment_proxy, is_loopback
from fleetui.clients.http.session import http_session
from fleetui.clients.http.unseen import Unseen
from fleetui.clients.kube import faults
from fleetui.clients.kube.connection import Connection
from fleetui.clients.kube.failures import Failures
from fleetui.clients.kube.gathering import gathered
from fleetui.clients.kube.identity import Identity, Proof
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.ports.clock import Clock

READ_BUFFER = 1 << 18
"""Bytes: one read of the transport (asyncio reads at most 256 KiB at once)."""
ANSWER_LIMIT = 64 << 20
"""Bytes, unpacked, of an answer that is read whole: ten thousand pods. What is larger is listed in pieces, or a lie: a
megabyte of gzip may unpack to a gigabyte."""
SMALL_ANSWER = 1 << 20
"""For what an honest server says in a few hundred bytes."""
_ERROR_BODY_LIMIT = 2 << 20
"""Bytes of a refusal: a Status with a message as long as the largest object, which has to be read whole to be one."""

Query: TypeAlias = Sequence[tuple[str, str]]


class Call(Unseen, frozen=True):
    """One request. ``what`` is the kind it is about (``pods``), for the words of a fault."""

    path: str
    query: Query = ()
    accept: str = "application/json"
    what: str = ""
    method: str = "GET"
    content_type: str = "application/json"
    body: bytes | None = None
    timeout_s: float | None = 30.0
    """Until the whole answer is here; None has no such limit."""
    silence_s: float | None = None
    """The longest wait between two pieces of the answer."""
    gather: bool = False
    """Of a stream: pieces that follow one another closely come as one."""
    limit: int = ANSWER_LIMIT
    """Bytes of an answer that is read whole."""


class Session:
    """Connections are kept and reused. Cancelling any call is safe."""

    def __init__(self, connection: Connection, *, identity: Identity, clock: Clock) -> None:
        server = connection.server
        self._server = server
        self._identity = identity
        self._clock = clock
        self._failures = Failures(server, clock)
        proxy = server.proxy_url or environment_proxy(server.url, os.environ, spoken=(*HTTP, *SOCKS))
        socks = proxy if proxy and urlsplit(proxy).scheme in SOCKS else None
        self._proxy = proxy if socks is None else None
        self._http = http_session({"Accept-Encoding": self._encoding()}, read_buffer=READ_BUFFER, socks=socks)
        self._tls: tuple[Proof, ssl.SSLContext] | None = None

    @property
    def host(self) -> str:
        return self._server.host

    @property
    def held_up(self) -> Fault | None:
        return self._identity.held_up

    async def get(self, call: Call) -> Answer:
        """The whole answer. Raises ClusterError for every code but 2xx."""
        async with self._open(call) as response:
            await self._need_success(response, call)
            return await self._whole(response, call)

    async def send(self, call: Call) -> Answer:
        """The whole answer, whatever its code but 401: for writes, whose refusals mean something to the caller."""
        async with self._open(call) as response:
            return await self._whole(response, call)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[tuple[Answer, AsyncIterator[bytes]]]:
        """The answer's head (its body empty) and its pieces as the network brings them. Raises as ``get`` does."""
        async with self._open(call) as response:
            await self._need_success(response, call)
            head = Answer(response.status, response.headers, b"")
            if not call.gather:
                yield head, response.content.iter_any()
                return
            async with aclosing(gathered(response, self._clock)) as pieces:
                yield head, pieces

    def refusal(self, answer: Answer, *, what: str) -> ClusterError:
        """The error of an answer that is not 2xx."""
        now = self._clock.now()
        return faults.refused(answer.code, answer.body, answer.headers, host=self.host, what=what, now=now)

    async def close(self) -> None:
        await self._http.close()

    async def _need_success(self, response: aiohttp.ClientResponse, call: Call) -> None:
        if response.status // 100 != 2:
            refused = Answer(response.status, response.headers, await _error_body(response))
            raise self.refusal(refused, what=call.what)

    async def _whole(self, response: aiohttp.ClientResponse, call: Call) -> Answer:
        if response.status // 100 != 2:
            return Answer(response.status, response.headers, await _error_body(response))
        body = await read_up_to(response, call.limit)
        if body is None:
            raise faults.too_large(self.host, call.path, call.limit)
        return Answer(response.status, response.headers, body)

    @asynccontextmanager
    async def _open(self, call: Call) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            response = await self._authorized(call)
            try:
                yield response
            finally:
                _drop(response)
        except WIRE_ERRORS as error:
            raise await self._failures.explain(error, timeout_s=call.timeout_s, silence_s=call.silence_s) from error

    async def _authorized(self, call: Call) -> aiohttp.ClientResponse:
        """The response, after at most one renewal. A 401 was not carried out, so a write may be repeated too."""
        proof = await self._identity.proof()
        response = await self._request(call, proof)
        if response.status != 401:
            return response
        said = await _error_body(response)
        renewed = await self._identity.renew(proof)
        if renewed is not None:
            proof, response = renewed, await self._request(call, renewed)
            if response.status != 401:
                return response
            said = await _error_body(response)
        status = faults.read_status(said)
        raise self._identity.refused(proof, status.message if status else "")

    async def _request(self, call: Call, proof: Proof) -> aiohttp.ClientResponse:
        headers = [("Accept", call.accept), *self._identity.headers]
        if proof.authorization:
            headers.append(("Authorization", proof.authorization))
        if call.body is not None:
            headers.append(("Content-Type", call.content_type))
        timeout = aiohttp.ClientTimeout(
            total=call.timeout_s, sock_connect=connect_within(call.timeout_s), sock_read=call.silence_s
        )
        try:
            return await self._http.request(
                call.method,
                self._url(call),
                headers=headers,
                data=call.body,
                ssl=self._context(proof),
                server_hostname=self._server.tls_server_name or None,
                proxy=self._proxy,
                timeout=timeout,
                allow_redirects=False,
            )
        except aiohttp.ClientError:  # some of them are ValueErrors too
            raise
        except ValueError as error:  # a line break in a token; aiohttp's message may quote it
            detail = f"the credentials for {self.host} cannot be sent in a header"
            fix = "look for line breaks in the token or in the names to impersonate"
            raise ClusterError(fault(FaultKind.CONFIG, "bad token", detail, fix)) from error

    def _url(self, call: Call) -> URL:
        query = f"?{urlencode(call.query)}" if call.query else ""
        return URL(f"{self._server.url}{call.path}{query}", encoded=True)

    def _encoding(self) -> str:
        """Compressing costs the server 0.3 s on a list of 100 MB: worth it only where there is a network."""
        near = is_loopback(urlsplit(self._server.url).hostname or "")
        return "gzip" if self._server.compress and not near else "identity"

    def _context(self, proof: Proof) -> ssl.SSLContext | bool:
        """The TLS context of a proof; a renewed client certificate gets a context, and so a connection, of its own."""
        if not any(url.startswith("https:") for url in (self._server.url, self._proxy or "")):
            return True
        if self._tls is None or (self._tls[0].cert_pem, self._tls[0].key_pem) != (proof.cert_pem, proof.key_pem):
            try:
                self._tls = proof, self._new_context(proof)
            except ssl.SSLError as error:
                detail = f"the certificates for {self.host} cannot be used: {error.reason or error}"
                fix = "certificate and key must be one pair, unencrypted PEM"
                raise ClusterError(fault(FaultKind.CONFIG, "bad certificate", detail, fix)) from error
        return self._tls[1]

    def _new_context(self, proof: Proof) -> ssl.SSLContext:
        server = self._server
        return tls.tls_context(
            ca_pem=server.ca_pem, insecure=server.insecure, cert_pem=proof.cert_pem, key_pem=proof.key_pem
        )


async def _error_body(response: aiohttp.ClientResponse) -> bytes:
    """As much of a refusal as anyone reads; the response is done with then."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) >= _ERROR_BODY_LIMIT:
                break
    finally:
        _drop(response)
    return bytes(body[:_ERROR_BODY_LIMIT])


def _drop(response: aiohttp.ClientResponse) -> None:
    """Ends a response. One that has not been read to its end takes its connection with it, at once: a TLS farewell
    would wait for a server that may hang."""
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()

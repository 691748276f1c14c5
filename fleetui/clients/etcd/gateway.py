"""HTTP to the members of one etcd cluster: one session, one set of certificates, every failure an ``EtcdError``."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from fleetui.clients.etcd import faults, wire
from fleetui.clients.etcd.faults import EtcdError
from fleetui.clients.http.answer import read_up_to
from fleetui.clients.http.certificate_files import CertificateFiles
from fleetui.clients.http.errors import WIRE_ERRORS
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.session import http_session
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.ports.etcd import Dialer

LOOK_TIMEOUT_S = 1.0
"""For what a member answers from memory; measured at 1 to 8 ms. Who takes longer is not well."""
ANSWER_LIMIT = 16 << 20
"""Bytes, unpacked: a member's metrics are one or two million, everything else that is asked is small."""
_ERROR_LIMIT = 1 << 16

T = TypeVar("T")


class Gateway:
    """Requests to endpoints such as ``https://10.0.0.11:2379``. Cancelling any call is safe."""

    def __init__(self, certificates: CertificateFiles, *, server_name: str = "", dialer: Dialer | None = None) -> None:
        """``server_name``: what the members' certificates are checked against; empty takes the endpoint's host."""
        self._certificates = certificates
        self._server_name = server_name
        self._dialer = dialer
        self._http = http_session()

    async def ask(
        self, endpoint: str, path: str, answer: type[T], *, body: object = None, timeout_s: float = LOOK_TIMEOUT_S
    ) -> T:
        """POST with a JSON body, its answer decoded. Raises EtcdError."""
        async with self._open("POST", endpoint, path, body={} if body is None else body, timeout_s=timeout_s) as got:
            said = await _whole(got, endpoint)
        try:
            return wire.decode(said, answer)
        except msgspec.DecodeError as error:
            raise faults.not_understood(host_of(endpoint), error) from error

    async def text(self, endpoint: str, path: str, *, timeout_s: float) -> bytes:
        """GET. Raises EtcdError."""
        async with self._open("GET", endpoint, path, body=None, timeout_s=timeout_s) as got:
            return await _whole(got, endpoint)

    @asynccontextmanager
    async def stream(self, endpoint: str, path: str, *, silence_s: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """POST whose answer comes in pieces, however long it takes in all. Raises EtcdError."""
        async with self._open("POST", endpoint, path, body={}, timeout_s=None, silence_s=silence_s) as got:
            yield got.content.iter_any()

    async def close(self) -> None:
        await self._http.close()

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        endpoint: str,
        path: str,
        *,
        body: object,
        timeout_s: float | None,
        silence_s: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        host = host_of(endpoint)
        dialled = await self._dial(endpoint)
        patience = aiohttp.ClientTimeout(total=timeout_s, sock_read=silence_s)
        name = self._server_name or (urlsplit(endpoint).hostname if dialled != endpoint else None)
        data = None if body is None else msgspec.json.encode(body)
        try:
            async with self._http.request(
                method,
                f"{dialled}{path}",
                data=data,
                ssl=self._tls(endpoint),
                server_hostname=name or None,
                timeout=patience,
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    raise faults.refused(response.status, await response.content.read(_ERROR_LIMIT), host=host)
                yield response
        except WIRE_ERRORS as error:
            encrypted = endpoint.startswith("https:")
            waited_s = timeout_s or silence_s or 0.0
            raise faults.broken(error, host=host, encrypted=encrypted, waited_s=waited_s) from error

    async def _dial(self, endpoint: str) -> str:
        if self._dialer is None:
            return endpoint
        try:
            return await self._dialer.address(endpoint)
        except ClusterError as error:
            raise EtcdError(error.fault, sent=False) from error

    def _tls(self, endpoint: str) -> ssl.SSLContext | bool:
        if not endpoint.startswith("https:"):
            return True
        try:
            return self._certificates.context()
        except (OSError, ValueError) as error:
            detail = f"the certificates for {host_of(endpoint)} cannot be used: {error}"
            unusable = fault(FaultKind.CONFIG, "bad certificates", detail, faults.CERTIFICATES)
            raise EtcdError(unusable, sent=False) from error


def host_of(endpoint: str) -> str:
    """``10.0.0.11:2379``: host and port as an operator knows them."""
    parts = urlsplit(endpoint)
    return parts.netloc.rpartition("@")[2] or endpoint


async def _whole(response: aiohttp.ClientResponse, endpoint: str) -> bytes:
    body = await read_up_to(response, ANSWER_LIMIT)
    if body is None:
        raise faults.too_large(host_of(endpoint), ANSWER_LIMIT)
    return body

"""Requests of the API over aiohttp: one session for each source, every failure a ``MetricsError``."""

from dataclasses import dataclass
from typing import Protocol

from fleetui.clients.http.answer import Answer, read_up_to
from fleetui.clients.http.errors import WIRE_ERRORS, connect_within
from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.session import http_session
from fleetui.clients.monitoring import faults as way
from fleetui.clients.monitoring.origin import Origin
from fleetui.clients.monitoring.secret import Proof
from fleetui.clients.monitoring.trust import Trust
from fleetui.clients.prometheus import faults

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


class Carrier(Protocol):
    """Brings a question to a source and its answer back, whatever its code. Raises MetricsError without one."""

    async def carry(self, call: Call, proof: Proof) -> Answer: ...

    async def close(self) -> None: ...


class AsyncCarrier:
    """``Carrier`` on the event loop."""

    def __init__(self, origin: Origin, trust: Trust) -> None:
        self._origin = origin
        self._trust = trust
        self._http = http_session()

    async def carry(self, call: Call, proof: Proof) -> Answer:
        origin, context = self._origin, self._trust.context()
        patience = aiohttp.ClientTimeout(total=origin.timeout_s, sock_connect=connect_within(origin.timeout_s))
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
            raise way.unreachable(origin.host, connect_within(origin.timeout_s)) from error
        except TimeoutError as error:
            raise way.silent(origin.host, origin.timeout_s) from error
        except WIRE_ERRORS as error:
            raise way.broken(error, host=origin.host) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = await read_up_to(response, ANSWER_LIMIT)
        if body is None:
            raise faults.too_large(self._origin.host, ANSWER_LIMIT)
        return body

    async def close(self) -> None:
        await self._http.close()

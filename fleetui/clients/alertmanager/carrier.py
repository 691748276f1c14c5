"""Requests to one Alertmanager over aiohttp, each with its proof; every failure a ``MetricsError``.

A failure says whether the request can have been carried out: a silence must not be posted twice because an answer was
lost.
"""

from dataclasses import dataclass
from functools import partial

from fleetui.clients.alertmanager import faults
from fleetui.clients.http.answer import Answer, read_up_to
from fleetui.clients.http.errors import WIRE_ERRORS, connect_within
from fleetui.clients.http.library import aiohttp
from fleetui.clients.http.session import http_session
from fleetui.clients.monitoring import faults as way
from fleetui.clients.monitoring.faults import NoSecretError
from fleetui.clients.monitoring.origin import Origin
from fleetui.clients.monitoring.secret import Credentials, Proof
from fleetui.clients.monitoring.trust import Trust
from fleetui.ports.clock import Clock
from fleetui.ports.metrics import MetricsError

ANSWER_LIMIT = 64 << 20
"""Bytes, unpacked: 60,000 alerts."""


class NotSentError(MetricsError):
    """The request certainly never reached the server: no connection was made for it."""

    def __init__(self, error: MetricsError) -> None:
        super().__init__(error.fault, asked_wrong=error.asked_wrong)


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    """``/api/v2/alerts``"""
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Carrier:
    """Cancelling any call is safe."""

    def __init__(self, origin: Origin, clock: Clock) -> None:
        self._origin = origin
        self._trust = Trust(origin)
        self._credentials = Credentials(origin.auth, clock)
        self._http = http_session({"Accept": "application/json"})

    async def carry(self, call: Call) -> Answer:
        """The answer, whatever its code. Raises MetricsError."""
        try:
            return await self._credentials.carried(partial(self._ask, call))
        except NoSecretError as error:
            raise NotSentError(error) from error

    async def close(self) -> None:
        await self._http.close()

    async def _ask(self, call: Call, proof: Proof) -> Answer:
        origin = self._origin
        try:
            return await self._request(call, proof)
        except aiohttp.ConnectionTimeoutError as error:
            raise NotSentError(way.unreachable(origin.host, connect_within(origin.timeout_s))) from error
        except TimeoutError as error:
            raise way.silent(origin.host, origin.timeout_s) from error
        except aiohttp.ClientConnectorError as error:
            raise NotSentError(way.broken(error, host=origin.host)) from error
        except WIRE_ERRORS as error:
            raise way.broken(error, host=origin.host) from error

    async def _request(self, call: Call, proof: Proof) -> Answer:
        origin, context = self._origin, self._trust.context()
        headers = {"Content-Type": "application/json"} if call.body is not None else {}
        async with self._http.request(
            call.method,
            f"{origin.url}{call.path}",
            params=list(call.query),
            data=call.body,
            headers={**headers, **proof.headers},
            ssl=True if context is None else context,
            server_hostname=origin.auth.server_name or None,
            proxy=origin.proxy,
            timeout=aiohttp.ClientTimeout(total=origin.timeout_s, sock_connect=connect_within(origin.timeout_s)),
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await self._read(response))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = await read_up_to(response, ANSWER_LIMIT)
        if body is None:
            raise faults.too_large(self._origin.host, ANSWER_LIMIT)
        return body

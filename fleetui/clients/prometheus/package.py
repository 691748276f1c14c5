"""prometheus-api-client as a carrier, in threads, with its traps disarmed.

What it does by itself, in 0.7.2: POST puts the query into the URL; no timeout; six seconds of retries; warnings are
dropped; a redirect is followed with the credentials. It takes the session that it is given, so it is given one that
sends the parameters as a body, keeps the answer whole, asks once, and can be cut off from outside.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fleetui.clients.http.answer import Answer
from fleetui.clients.http.errors import connect_within
from fleetui.clients.http.session import USER_AGENT
from fleetui.clients.monitoring import faults as way
from fleetui.clients.monitoring.breaker import AT_ONCE
from fleetui.clients.monitoring.origin import Origin
from fleetui.clients.monitoring.secret import Proof
from fleetui.clients.monitoring.trust import Trust
from fleetui.clients.prometheus import faults
from fleetui.clients.prometheus.carrier import ANSWER_LIMIT, Call
from fleetui.clients.prometheus.workers import Workers

if TYPE_CHECKING:
    import urllib3

QUERY = "/api/v1/query"
QUERY_RANGE = "/api/v1/query_range"
_CHUNK = 1 << 16


class PackageCarrier:
    """``Carrier`` for instant and range queries, the two that the package has."""

    def __init__(self, origin: Origin, trust: Trust) -> None:
        self._origin = origin
        self._trust = trust
        self._workers: Workers[Line] = Workers(lambda: Line(origin), count=AT_ONCE, name=f"prometheus {origin.name}")

    async def carry(self, call: Call, proof: Proof) -> Answer:
        context = self._trust.context()
        try:
            async with asyncio.timeout(self._origin.timeout_s):
                return await self._workers.run(lambda line: line.ask(call, proof, context))
        except TimeoutError as error:
            raise way.silent(self._origin.host, self._origin.timeout_s) from error

    async def close(self) -> None:
        self._workers.close()


class Line:
    """What one thread holds: one of the package's clients and one connection. Imports the package: 75 ms, in the
    thread."""

    def __init__(self, origin: Origin) -> None:
        from prometheus_api_client import PrometheusConnect
        from prometheus_api_client.exceptions import PrometheusApiClientException

        self._refusal = PrometheusApiClientException
        self._origin = origin
        self._session = WholeSession(origin)
        self._connect = PrometheusConnect(url=origin.url, session=self._session, method="POST", retry=False)

    def ask(self, call: Call, proof: Proof, context: ssl.SSLContext | None) -> Answer:
        """Raises MetricsError without an answer."""
        self._session.begin(context)
        self._connect.headers = {**proof.headers, "User-Agent": USER_AGENT}
        try:
            self._query(call)
        except self._refusal:
            pass  # not 200; it is in the session, where nothing of it is lost
        except OSError as error:
            raise way.broken(error, host=self._origin.host) from error
        return self._session.answer

    def abort(self) -> None:
        self._session.abort()

    def _query(self, call: Call) -> None:
        form = dict(call.form)
        query = form.pop("query")
        if call.path == QUERY:
            self._connect.custom_query(query, params=form)
            return
        start, end, step = (form.pop(name) for name in ("start", "end", "step"))
        self._connect.custom_query_range(query, _moment(start), _moment(end), step, params=form)


def _moment(seconds: str) -> datetime:
    """Aware: the package would read a naive one as local time. Whole seconds, because it rounds to them."""
    return datetime.fromtimestamp(int(seconds), tz=UTC)


@dataclass(frozen=True, slots=True)
class _Response:
    """What the package looks at. Its own decoding would drop the warnings, so it is handed nothing to decode."""

    status_code: int
    content: bytes

    def json(self) -> dict[str, dict[str, list[Any]]]:
        return {"data": {"result": []}}


class WholeSession:
    """Stands where the package would make a ``requests.Session``."""

    verify = True
    cert = None

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._pool: urllib3.PoolManager | None = None
        self._context: ssl.SSLContext | None = None
        self._sock: socket.socket | None = None
        self._answer: Answer | None = None

    @property
    def answer(self) -> Answer:
        """Of the last request."""
        assert self._answer is not None
        return self._answer

    def begin(self, context: ssl.SSLContext | None) -> None:
        """Renewed certificates get a connection of their own."""
        self._answer = None
        if self._pool is None or context is not self._context:
            self._pool, self._context = _pool(self._origin, context, self._connected), context

    def mount(self, _prefix: str, _adapter: object) -> None:
        """The package brings an adapter that asks again; ours asks once."""

    def close(self) -> None:
        """The pool goes with its thread."""

    def abort(self) -> None:
        sock = self._sock
        if sock is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own, which would wait for a farewell

    def request(
        self, *, method: str, url: str, params: Mapping[str, object], headers: Mapping[str, str], **_: object
    ) -> _Response:
        """Raises OSError."""
        import urllib3

        assert self._pool is not None
        try:
            response = self._pool.request(
                method,
                url,
                body=urlencode(list(params.items())),
                headers={**headers, "Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"},
                timeout=urllib3.Timeout(connect=connect_within(self._origin.timeout_s), read=self._origin.timeout_s),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            self._answer = Answer(response.status, response.headers, self._read(response))
        except urllib3.exceptions.NewConnectionError as error:  # in urllib3 a kind of timeout
            raise OSError(str(error)) from error
        except urllib3.exceptions.ConnectTimeoutError as error:
            raise way.unreachable(self._origin.host, connect_within(self._origin.timeout_s)) from error
        except urllib3.exceptions.TimeoutError as error:
            raise way.silent(self._origin.host, self._origin.timeout_s) from error
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise OSError(str(error)) from error
        return _Response(self._answer.code, self._answer.body)

    def _read(self, response: "urllib3.BaseHTTPResponse") -> bytes:
        body = bytearray()
        for chunk in response.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > ANSWER_LIMIT:
                response.close()
                raise faults.too_large(self._origin.host, ANSWER_LIMIT)
        response.release_conn()
        return bytes(body)

    def _connected(self, sock: socket.socket) -> None:
        self._sock = sock


def _pool(origin: Origin, context: ssl.SSLContext | None, connected: Any) -> "urllib3.PoolManager":
    """Connections of it tell their sockets."""
    import urllib3

    class Plain(urllib3.connection.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    class Secure(urllib3.connection.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    options: dict[str, Any] = {"maxsize": 1}
    if context is not None:
        options |= {"ssl_context": context, "server_hostname": origin.auth.server_name or None}
    pool = urllib3.ProxyManager(origin.proxy, **options) if origin.proxy else urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return pool

"""One context's way to its server, which follows the kubeconfig: a login that rewrites the file is picked up at the
next request after a failure, without a restart."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from fleetui.clients.http.answer import Answer
from fleetui.clients.kube.connection import Connection
from fleetui.clients.kube.credentials import Plugins
from fleetui.clients.kube.identity import Identity
from fleetui.clients.kube.kubeconfig import Kubeconfig, read_kubeconfig, sign
from fleetui.clients.kube.session import Call, Session
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.ports.clock import Clock

_CURABLE = frozenset(
    {FaultKind.CONFIG, FaultKind.CREDENTIALS, FaultKind.UNAUTHORIZED, FaultKind.TLS, FaultKind.UNKNOWN_HOST}
)
"""Failures that another kubeconfig may cure."""


class Kubeconfigs:
    """The session's kubeconfigs, read again when a file has changed."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.config = read_kubeconfig(paths)
        self._lock = asyncio.Lock()

    async def refresh(self) -> Kubeconfig:
        """In a thread: 300 contexts are a tenth of a second of parsing, and the files may lie on a slow disk."""
        async with self._lock:
            paths = self.config.paths
            if await asyncio.to_thread(sign, paths) != self.config.signature:
                self.config = await asyncio.to_thread(read_kubeconfig, paths)
            return self.config


class Sessions:
    """Sessions by connection: contexts that lead to the same server as the same user share one."""

    def __init__(self, clock: Clock, plugins: Plugins) -> None:
        self._clock = clock
        self._plugins = plugins
        self._open: dict[Connection, tuple[Session, int]] = {}

    def acquire(self, connection: Connection) -> Session:
        session, users = self._open.get(connection) or (self._new(connection), 0)
        self._open[connection] = session, users + 1
        return session

    async def release(self, connection: Connection) -> None:
        session, users = self._open[connection]
        if users > 1:
            self._open[connection] = session, users - 1
            return
        del self._open[connection]
        await session.close()

    def _new(self, connection: Connection) -> Session:
        return Session(connection, identity=Identity(connection, self._plugins, self._clock), clock=self._clock)


class Link:
    """Requests of one context. Methods raise ClusterError as those of ``Session`` do."""

    def __init__(self, context: str, *, kubeconfigs: Kubeconfigs, sessions: Sessions) -> None:
        self._context = context
        self._kubeconfigs = kubeconfigs
        self._sessions = sessions
        self._held: tuple[Connection, Session] | None = None
        self._doubtful = True  # a login may have rewritten the file since it was read
        self._lock = asyncio.Lock()

    @property
    def held_up(self) -> Fault | None:
        return self._held[1].held_up if self._held is not None else None

    async def get(self, call: Call) -> Answer:
        with self._noticing_faults():
            return await (await self._session()).get(call)

    async def send(self, call: Call) -> Answer:
        with self._noticing_faults():
            return await (await self._session()).send(call)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[tuple[Answer, AsyncIterator[bytes]]]:
        with self._noticing_faults():
            async with (await self._session()).stream(call) as answered:
                yield answered

    async def refusal(self, answer: Answer, *, what: str = "") -> ClusterError:
        """The error of an answer from ``send`` that the caller cannot use."""
        error = (await self._session()).refusal(answer, what=what)
        self._notice(error)
        return error

    async def host(self) -> str:
        """The server's host and port."""
        return (await self._session()).host

    async def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._sessions.release(held[0])

    async def _session(self) -> Session:
        async with self._lock:
            if self._held is None or self._doubtful:
                await self._follow()
            assert self._held is not None
            return self._held[1]

    async def _follow(self) -> None:
        config = await self._kubeconfigs.refresh() if self._doubtful else self._kubeconfigs.config
        self._doubtful = True  # until the entry has been read without a fault
        connection = config.connection(self._context)
        self._doubtful = False
        if self._held is None or self._held[0] != connection:
            await self.close()
            self._held = connection, self._sessions.acquire(connection)

    @contextmanager
    def _noticing_faults(self) -> Iterator[None]:
        try:
            yield
        except ClusterError as error:
            self._notice(error)
            raise

    def _notice(self, error: ClusterError) -> None:
        self._doubtful = self._doubtful or error.fault.kind in _CURABLE

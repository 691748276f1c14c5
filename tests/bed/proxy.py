"""A proxy on loopback that stands before a bed's API server and misbehaves on command.

It ends TLS with the cluster's own certificate, so that clients see one server with faults, and runs in a thread of its
own, so that it misbehaves whatever the test's loop does. Client certificates end at it: use tokens.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.bed.cluster import BedCluster
from tests.bed.faults import EVERYTHING, WATCHES, Answer, Cut, Delay, Fault, Limit, Replace
from tests.bed.ports import Port
from tests.bed.relay import Line, Seen, abort, status_of

F = TypeVar("F", bound=Fault)


class FaultProxy:
    """`FaultProxy(cluster)` listens until `close`; point clients at `url`, or take `kubeconfig`."""

    def __init__(self, cluster: BedCluster) -> None:
        self.cluster, self._port = cluster, Port()
        self.requests: list[Seen] = []
        self.skew = 0.0  # seconds added to the Date header of every answer
        self.faults: list[Fault] = []
        self._open: set[asyncio.StreamWriter] = set()
        self.watches: set[asyncio.Queue[bytes]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self.flows = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bed-proxy", daemon=True)
        self._thread.start()
        self.thaw()
        self.listen()

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._port.number}"

    def kubeconfig_for(self, user: str = "admin", *, context: str = "") -> Path:
        """A kubeconfig by token that goes through this proxy."""
        return self.cluster.kubeconfig_for(user, server=self.url, context=context)

    def seen(self, match: str) -> int:
        """How many requests with `match` in "METHOD /path?query" arrived."""
        return sum(match in f"{request.method} {request.path}" for request in self.requests)

    @property
    def open_watches(self) -> int:
        return len(self.watches)

    # -- what it does --------------------------------------------------------------------------------------------------

    def answer(
        self, code: int, match: str = EVERYTHING, *, times: int | None = None, retry_after: int | None = None
    ) -> Answer:
        """Answer `code` with a Status object instead of asking the API server."""
        return self._add(Answer(match, times, code=code, retry_after=retry_after))

    def delay(self, seconds: float, match: str = EVERYTHING) -> Delay:
        return self._add(Delay(match, seconds=seconds))

    def limit(self, rate: float, match: str = EVERYTHING) -> Limit:
        """Bodies of answers come at `rate` bytes a second."""
        return self._add(Limit(match, rate=rate))

    def replace(self, old: bytes, new: bytes, match: str = EVERYTHING) -> Replace:
        """Change bytes in answers. `old` is looked for within one event or one piece of 64 kB."""
        return self._add(Replace(match, old=old, new=new))

    def cut(self, match: str = WATCHES, *, times: int | None = 1, clean: bool = False) -> Cut:
        """End watches in the middle of the next event that they bring."""
        return self._add(Cut(match, times, clean=clean))

    def expire_watches(self) -> None:
        """Every open watch gets an ERROR event with code 410, as after a compaction, and ends."""
        event = {"type": "ERROR", "object": json.loads(status_of(410))}
        for queue in list(self.watches):
            self._loop.call_soon_threadsafe(queue.put_nowait, json.dumps(event).encode() + b"\n")

    def freeze(self) -> None:
        """Nothing passes in either direction; connections stay open."""
        self._on_loop(self.flows.clear)

    def thaw(self) -> None:
        self._on_loop(self.flows.set)

    def drop(self) -> None:
        """Every open connection breaks now; new ones are taken."""
        self._on_loop(self._abort_all)

    def refuse(self) -> None:
        """New connections are refused and open ones break, until `listen`."""
        self._run(self._stop_listening())

    def listen(self) -> None:
        """Take connections, at the same port as ever."""
        self._run(self._start_listening())

    def clear(self) -> None:
        """Forget all faults and the clock's skew."""
        self.faults, self.skew = [], 0.0
        self.thaw()

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._run(self._stop_listening())
        self._on_loop(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._port.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- how it does it ------------------------------------------------------------------------------------------------

    def _add(self, fault: F) -> F:
        self.faults = [*self.faults, fault]  # a fresh list: the loop's thread reads it without a lock
        return fault

    def _on_loop(self, act: Callable[[], object]) -> None:
        done: Future[object] = Future()
        self._loop.call_soon_threadsafe(lambda: done.set_result(act()))
        done.result(30)

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start_listening(self) -> None:
        if self._server is not None:
            return
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cluster.serving_cert, self.cluster.serving_key)
        # HTTP/1.1 alone: a client that would rather speak HTTP/2 falls back.
        context.set_alpn_protocols(["http/1.1"])
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port.number, ssl=context, limit=1 << 20
        )

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None
        self._abort_all()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _abort_all(self) -> None:
        for writer in list(self._open):
            abort(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        await Line(reader, writer, self).serve()
        self._open.discard(writer)

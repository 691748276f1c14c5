"""One client's connection through a fault proxy: requests in, faults applied, answers out."""

import asyncio
import email.utils
import json
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar

from tests.bed.cluster import BedCluster
from tests.bed.faults import WATCHES, Answer, Cut, Delay, Fault, Limit, Replace
from tests.bed.http_message import LAST_CHUNK, Head, chunk, read_body, read_head

F = TypeVar("F", bound=Fault)
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_REASONS = {401: "Unauthorized", 403: "Forbidden", 410: "Expired", 429: "TooManyRequests", 500: "InternalError"}
_GONE = (OSError, EOFError, asyncio.LimitOverrunError)  # EOFError: asyncio's IncompleteReadError


@dataclass(frozen=True)
class Seen:
    """One request that arrived: `at` is monotonic seconds."""

    method: str
    path: str
    at: float


class Orders(Protocol):
    """What a line obeys, and where it tells what it saw."""

    cluster: BedCluster
    faults: list[Fault]
    flows: asyncio.Event
    skew: float
    requests: list[Seen]
    watches: set[asyncio.Queue[bytes]]


class Line:
    """A client's connection and, once it is needed, the connection to the API server behind it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orders: Orders) -> None:
        self._reader, self._writer, self._orders = reader, writer, orders
        self._upstream: Pair | None = None

    async def serve(self) -> None:
        """Requests one after another, until either side leaves or a fault ends the connection."""
        try:
            with suppress(*_GONE):
                while True:
                    head = await read_head(self._reader)
                    await self._exchange(head, b"".join([piece async for piece in read_body(self._reader, head)]))
        finally:
            abort(self._writer)
            self._hang_up()

    async def _exchange(self, head: Head, body: bytes) -> None:
        method, path, _ = head.first.split(" ", 2)
        request = f"{method} {path}"
        self._orders.requests.append(Seen(method, path, time.monotonic()))
        await self._orders.flows.wait()
        if answer := self._striking(Answer, request):
            self._writer.write(_canned(answer, self._date()))
            await self._writer.drain()
            return
        if delay := self._striking(Delay, request):
            await asyncio.sleep(delay.seconds)
        replace = self._striking(Replace, request)
        if replace:
            head.drop("Accept-Encoding")
        await self._relay(request, await self._send(head, body), replace)
        if _is_watch(request):
            self._hang_up()  # it may have ended here with the server still talking

    async def _send(self, head: Head, body: bytes) -> asyncio.StreamReader:
        if self._upstream is None:
            cluster = self._orders.cluster
            context = ssl.create_default_context(cafile=str(cluster.ca))
            self._upstream = await asyncio.open_connection("127.0.0.1", cluster.port, ssl=context, limit=1 << 20)
        if head.chunked:
            head.drop("Transfer-Encoding")
            head.set("Content-Length", str(len(body)))
        reader, writer = self._upstream
        writer.write(head.encode() + body)
        await writer.drain()
        return reader

    async def _relay(self, request: str, reader: asyncio.StreamReader, replace: Replace | None) -> None:
        """Bring the answer to the client, always chunked, so that its length may change on the way."""
        head = await read_head(reader)
        pieces = read_body(reader, Head(head.first, list(head.headers)))
        bodiless = request.startswith("HEAD") or head.first.split(" ")[1] in ("204", "304")
        if self._orders.skew:
            head.set("Date", self._date())
        if not bodiless:
            head.drop("Content-Length")
            head.set("Transfer-Encoding", "chunked")
        await self._orders.flows.wait()
        self._writer.write(head.encode())
        if not bodiless:
            await self._relay_body(request, self._events(pieces) if _is_watch(request) else pieces, replace)
        await self._writer.drain()

    async def _relay_body(self, request: str, pieces: AsyncIterator[bytes], replace: Replace | None) -> None:
        limit = self._striking(Limit, request)
        async for piece in pieces:
            await self._orders.flows.wait()
            if _is_watch(request) and (cut := self._striking(Cut, request)):
                await self._cut_short(piece, clean=cut.clean)
            if limit:
                await asyncio.sleep(len(piece) / limit.rate)
            self._writer.write(chunk(piece.replace(replace.old, replace.new) if replace else piece))
            await self._writer.drain()
        self._writer.write(LAST_CHUNK)

    async def _events(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """A watch's pieces until it ends, its client leaves, or the proxy ends it with an event of its own."""
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._orders.watches.add(queue)
        told, left = asyncio.ensure_future(queue.get()), asyncio.ensure_future(self._writer.wait_closed())
        coming = asyncio.ensure_future(anext(pieces, b""))
        try:
            while not left.done():
                await asyncio.wait([coming, told, left], return_when=asyncio.FIRST_COMPLETED)
                if told.done():
                    yield told.result()
                    return
                if coming.done():
                    if not (piece := coming.result()):
                        return
                    yield piece
                    coming = asyncio.ensure_future(anext(pieces, b""))
        finally:
            self._orders.watches.discard(queue)
            for task in (told, left, coming):
                task.cancel()
            await asyncio.gather(told, left, coming, return_exceptions=True)

    async def _cut_short(self, piece: bytes, *, clean: bool) -> NoReturn:
        self._writer.write(chunk(piece[: len(piece) // 2]) + (LAST_CHUNK if clean else b""))
        await self._writer.drain()
        self._writer.close()
        raise ConnectionAbortedError("cut as told")

    def _striking(self, kind: type[F], request: str) -> F | None:
        return next((f for f in self._orders.faults if isinstance(f, kind) and f.strikes(request)), None)

    def _date(self) -> str:
        return email.utils.formatdate(time.time() + self._orders.skew, usegmt=True)

    def _hang_up(self) -> None:
        if self._upstream is not None:
            abort(self._upstream[1])
            self._upstream = None


def abort(writer: asyncio.StreamWriter) -> None:
    """Break the connection now."""
    writer.transport.abort()
    writer.close()  # else the writer believes that it was forgotten open


def status_of(code: int) -> bytes:
    """A Kubernetes Status object as an API server words it."""
    reason = _REASONS.get(code, "ServiceUnavailable")
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code}
    return json.dumps(status | {"reason": reason, "message": f"the bed's proxy says {reason}"}).encode()


def _is_watch(request: str) -> bool:
    return re.search(WATCHES, request) is not None


def _canned(answer: Answer, date: str) -> bytes:
    body = answer.body if answer.body is not None else status_of(answer.code)
    head = Head(f"HTTP/1.1 {answer.code} {_REASONS.get(answer.code, 'Fault')}", [("Content-Type", "application/json")])
    head.set("Date", date)
    head.set("Content-Length", str(len(body)))
    if answer.retry_after is not None:
        head.set("Retry-After", str(answer.retry_after))
    return head.encode() + body

"""A watch as a stream of lines: first what is there, when asked for, then every change, and bookmarks in between."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from fleetui.simulate import refusals
from fleetui.simulate.encoding import Form, encode, status_document
from fleetui.simulate.history import Chooser, TooOldError
from fleetui.simulate.host import Host
from fleetui.simulate.refusals import expired
from fleetui.simulate.request import Document, List, Refused

BOOKMARK_EVERY_S = 60.0
LONGEST_S = 1800.0
"""Of a watch that sets no timeoutSeconds; a real server takes 30 to 60 minutes."""


class WatchQuery(msgspec.Struct, frozen=True):
    resource: str
    chosen: Chooser
    since: str = ""
    """resourceVersion; empty and ``0`` begin with everything there is."""
    bookmarks: bool = False
    initial: bool = False
    """sendInitialEvents."""
    timeout_s: float = LONGEST_S


class Watch:
    """One watch of one client."""

    def __init__(self, host: Host, query: WatchQuery, form: Form) -> None:
        self._host = host
        self._query = query
        self._form = form
        self._ends = host.now() + query.timeout_s

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Ends when the client's time is over, after an ERROR, or as the cluster's troubles have it."""
        since = self._start()
        if self._from_the_beginning:
            for line in self._everything():
                yield line
            since = self._host.world.revision
            if self._query.initial:
                yield self._line("BOOKMARK", self._form.bookmark(since, initial_end=True))
        while (left := self._ends - self._host.now()) > 0:
            try:
                async for line, revision in self._next(since, left):
                    yield line
                    since = revision
            except TooOldError as error:
                yield self._line("ERROR", status_document(expired(str(error))))
                return
            if self._host.trouble.cut:
                return

    @property
    def _from_the_beginning(self) -> bool:
        return self._query.initial or self._query.since in ("", "0")

    def _start(self) -> int:
        if self._from_the_beginning:
            return 0
        try:
            return int(self._query.since)
        except ValueError as error:
            raise Refused(refusals.bad_version(self._query.since)) from error

    def _everything(self) -> list[bytes]:
        answer = self._host.ask(List(self._query.resource, chosen=self._query.chosen))
        return [self._line("ADDED", self._form.one(thing, self._host.now())) for thing in answer.items]

    async def _next(self, since: int, left: float) -> AsyncGenerator[tuple[bytes, int], None]:
        """The next changes, or a bookmark when there were none for a while."""
        query, wait = self._query, min(left, BOOKMARK_EVERY_S)
        try:
            changes = await asyncio.wait_for(self._host.next_changes(query.resource, since, query.chosen), wait)
        except TimeoutError:
            revision = max(since, self._host.world.revision)
            if query.bookmarks:
                yield self._line("BOOKMARK", self._form.bookmark(revision)), revision
            return
        for change in changes:
            yield self._line(change.type.value, self._form.one(change.after, self._host.now())), change.revision

    def _line(self, kind: str, document: Document) -> bytes:
        return encode({"type": kind, "object": document}) + b"\n"

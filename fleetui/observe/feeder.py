"""Keeps one kind of one cluster flowing: list, watch, and again, whatever the server does in between.

All decisions about rows are the ``Reflector``'s; this module does the asking, the waiting and the bookkeeping of
what went wrong. Nothing raised in here ends the feed.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, NoReturn, TypeVar

from fleetui.model.fault import ClusterError, Fault, FaultKind, GoneError
from fleetui.observe.backoff import Backoff
from fleetui.observe.feed import FeedState
from fleetui.observe.reflector import Reflector
from fleetui.observe.shelf import SLICE, K, Shelf
from fleetui.observe.standing import internal_error
from fleetui.observe.waiting import Bell, Stretch
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.reader import ClusterReader, Kind

_log = logging.getLogger(__name__)
T = TypeVar("T")

SHORT_S = 1.0
"""A watch that ends sooner was no watch; asking again at once would be a busy loop (client-go draws the same line)."""
SETTLED_S = 3.0
"""A watch open this long without an error has been accepted: only then is an earlier fault over, for a watch of a
quiet cluster says nothing by itself."""
STEADY_S = 10.0
"""Open this long, the next break is news: it is retried at once and the delays start small again."""
QUIET_S = 180.0
"""Bookmarks come about once a minute. Three missed: the connection may be half-open, so the watch is opened anew.
Readers notice sooner; this is for one that does not."""
STALLED_S = 60.0
"""No page of a list for this long: the list is given up."""


class Feeder(Generic[K]):
    """One run per connection; the reflector, the shelf and the feed's state outlive it."""

    def __init__(
        self,
        *,
        kind: Kind,
        reader: ClusterReader,
        core: Reflector[K],
        shelf: Shelf[K],
        feed: FeedState,
        clock: Clock,
        chance: Chance,
        confirm: Callable[[], Awaitable[None]],
        changed: Callable[[], None],
        alarmed: Callable[[], None],
    ) -> None:
        """``confirm`` asks the cluster who it is, before rows are taken from it after a break. ``changed``: rows or
        state did. ``alarmed``: the connection broke, ask the server now whether it lives."""
        self._kind = kind
        self._reader = reader
        self._core = core
        self._shelf = shelf
        self._feed = feed
        self._clock = clock
        self._confirm = confirm
        self._changed = changed
        self._alarmed = alarmed
        self._backoff = Backoff(chance)
        self._relists = Backoff(chance)
        self._bell = Bell(clock)
        self._stretch = Stretch()
        self._doubtful = False
        self._server_errors = 0
        self._opened: float | None = None
        self._listing: float | None = None
        self._stalled = False
        self._expired = False

    async def run(self) -> NoReturn:
        while True:
            await self._bell.wait(await self._round())

    def ring(self) -> None:
        """Try now: the operator asked, or the server is back."""
        self._bell.ring()

    def reopen(self) -> None:
        """Open the stream anew: its connection may be dead without knowing."""
        self._doubtful = True
        self._stretch.cut()
        self._bell.ring()

    def judge(self, now: float) -> None:
        """Called twice a second: what only time can tell. Does no I/O."""
        if self._listing is not None and now - self._listing > STALLED_S:
            self._stalled = True
            self._stretch.cut()
        if self._opened is None:
            return
        lived = now - self._opened
        if lived > SETTLED_S and (self._feed.fault or self._feed.broken_since is not None):
            self._feed.mended()
            self._expired = False
            self._changed()
        if lived > STEADY_S:
            self._settle()
        if now - max(self._opened, self._feed.contact or 0.0) > QUIET_S:
            self._stretch.cut()

    def _settle(self) -> None:
        self._backoff.reset()
        self._relists.reset()
        self._server_errors = 0

    async def _round(self) -> float:
        """One connection's worth; the seconds to wait before the next."""
        try:
            await self._stretch.run(self._follow())
        except GoneError:
            delay = self._gone()
        except ClusterError as error:
            delay = self._failed(error.fault)
        except Exception as error:  # fence: a defect here costs this feed a retry, not the cluster or the session
            _log.exception("feed %s of %s failed", self._kind, self._reader.name)
            self._core.gone()
            delay = self._failed(internal_error(error))
        else:
            delay = self._ended()
        self._opened = self._listing = None
        return delay

    async def _follow(self) -> None:
        if self._doubtful:
            await self._confirm()
            self._doubtful = False
        if self._core.position is None:
            await self._list()
        await self._watch()

    async def _list(self) -> None:
        self._listing = self._clock.monotonic()
        self._core.begin_list()
        pages = 0
        async with _closing(self._reader.list_all(self._kind)) as stream:
            async for page in stream:
                pages += 1
                self._core.page(page.resource_version, page.undecodable)
                for start in range(0, len(page.items), SLICE):
                    await self._put_rows(page.items[start : start + SLICE])
                self._heard()
        if not pages:
            raise ClusterError(_empty_list(self._kind))
        await self._shelf.put([], self._core.end_list().removes, news=self._feed.complete)
        self._feed.complete = True
        if not self._expired:
            self._feed.mended()
        self._heard()
        self._listing = None

    async def _put_rows(self, items: tuple[object, ...]) -> None:
        changes = self._core.rows(items)  # type: ignore[arg-type]
        await self._shelf.put(changes.upserts, changes.removes, news=self._feed.complete)

    async def _watch(self) -> None:
        assert self._core.position is not None
        self._opened = self._clock.monotonic()
        async with _closing(self._reader.watch(self._kind, resource_version=self._core.position)) as stream:
            async for batch in stream:
                changes = self._core.changes(batch)
                await self._shelf.put(changes.upserts, changes.removes, news=True)
                self._core.applied(batch)
                self._expired = False
                self._heard()

    def _heard(self) -> None:
        self._feed.heard(self._clock)
        self._feed.undecodable = self._core.undecodable
        if self._listing is None:
            self._feed.mended()
        else:
            self._feed.fault = None
            self._listing = self._clock.monotonic()
        self._changed()

    def _ended(self) -> float:
        if self._stalled:
            self._stalled = False
            return self._failed(_stalled_list(self._kind))
        return 0.0 if self._lived() >= SHORT_S else self._backoff.delay()

    def _gone(self) -> float:
        """The next list is fresh, but only a watch that holds keeps it so: a server that refuses each of them would
        else look live with rows as old as the delays between lists."""
        self._core.gone()
        if self._expired:
            self._feed.suspect(self._clock.monotonic())
        self._expired = True
        self._mending()
        return self._relists.delay()

    def _failed(self, fault: Fault) -> float:
        if not fault.kind.answered:
            self._doubtful = True
            self._alarmed()
        if self._lived() >= STEADY_S and fault.kind is FaultKind.NETWORK:
            self._mending()  # connections break; only a second failure is worth a word
            return 0.0
        self._count_server_errors(fault)
        self._feed.fault = fault
        self._changed()
        return self._backoff.delay(fault)

    def _mending(self) -> None:
        if self._feed.broken_since is None:
            self._feed.broken_since = self._clock.monotonic()

    def _count_server_errors(self, fault: Fault) -> None:
        """A position that the server answers with errors each time may be the reason: the third list is a new one."""
        self._server_errors += fault.kind is FaultKind.SERVER_ERROR
        if self._server_errors >= 3:
            self._server_errors = 0
            self._core.gone()

    def _lived(self) -> float:
        return 0.0 if self._opened is None else self._clock.monotonic() - self._opened


@asynccontextmanager
async def _closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Ends a generator where we stop reading, not where the garbage collector finds it."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _empty_list(kind: Kind) -> Fault:
    return Fault(
        kind=FaultKind.SERVER_ERROR,
        word="empty answer",
        detail=f"the list of {kind} ended without a single page",
        remedy="check what stands between here and the API server",
        what=kind.value,
    )


def _stalled_list(kind: Kind) -> Fault:
    return Fault(
        kind=FaultKind.TIMEOUT,
        word="list stalled",
        detail=f"the list of {kind} stopped for {STALLED_S:.0f} s",
        remedy="check the network path and the API server's load",
        what=kind.value,
    )

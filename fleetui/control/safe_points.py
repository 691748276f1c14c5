"""Where the lanes of one operation stop: pause, resume and abort take hold at safe points, never inside a request."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager

from fleetui.control.logbook import Logbook
from fleetui.model.journal import Paused, Resumed
from fleetui.ports.clock import Clock


class AbortRequestedError(Exception):
    """Raised at a safe point once a person wants the operation to end and be undone."""


class StopRequestedError(Exception):
    """Raised at a safe point once the controller is to end: the next one goes on from here."""


class SafePoints:
    """One per operation, shared by its lanes. ``Paused`` is written when every lane stands still."""

    def __init__(self, logbook: Logbook, clock: Clock) -> None:
        self._logbook = logbook
        self._clock = clock
        self._lanes = 0
        self._parked = 0
        self._requests = 0
        self._paused_on_record = logbook.operation.paused
        self._changed = asyncio.Event()
        self._stopping = False
        self._pause = False
        self.abort = False
        self.look()

    def look(self) -> None:
        """Takes in what people have asked for; the last of pause and resume counts, an abort stays."""
        operation = self._logbook.refresh()
        self._pause = operation.pausing or (operation.paused and not operation.resuming)
        self.abort = operation.aborting
        if len(self._logbook.requests) != self._requests:
            self._requests = len(self._logbook.requests)
            self._wake()

    def stop(self) -> None:
        """The controller is to end."""
        self._stopping = True
        self._wake()

    @contextmanager
    def lane(self) -> Iterator[None]:
        """A part of the operation that runs beside others and stops at safe points of its own."""
        self._lanes += 1
        try:
            yield
        finally:
            self._lanes -= 1
            self._wake()

    async def wait(self, seconds: float) -> None:
        """Sleeps; returns earlier when a person asks for something, or a lane ends."""
        await first(self._clock.sleep(seconds), self._changed)

    def check(self, *, abortable: bool = True) -> None:
        """Raises StopRequestedError, AbortRequestedError."""
        if self._stopping:
            raise StopRequestedError
        if self.abort and abortable:
            raise AbortRequestedError

    async def stand(self, seconds: float, safe_point: str) -> bool:
        """Stands here for at most ``seconds`` while paused; True when it may go on. Raises as ``check``."""
        self.check()
        if not self._pause:
            self._record_resumed()
            return True
        self._parked += 1
        self._record_paused(safe_point)
        try:
            await self.wait(seconds)
        finally:
            self._parked -= 1
        return False

    def _record_paused(self, safe_point: str) -> None:
        if not self._paused_on_record and self._parked == self._lanes:
            self._paused_on_record = True
            self._logbook.write(Paused(self._clock.now(), safe_point))

    def _record_resumed(self) -> None:
        if self._paused_on_record:
            self._paused_on_record = False
            self._logbook.write(Resumed(self._clock.now()))

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def first(sleep: Coroutine[None, None, None], changed: asyncio.Event) -> None:
    """Returns once the sleep is over or the event is set."""
    tasks = {asyncio.ensure_future(sleep), asyncio.ensure_future(changed.wait())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

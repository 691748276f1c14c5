"""Waiting that others may end: a pause with a bell, an attempt with a deadline, a stretch of work that can be cut, work
that goes on beside a block.

All on the injected clock, so that fault schedules run in virtual time.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fleetui.ports.clock import Clock

T = TypeVar("T")


class Bell:
    """A pause that ``ring`` ends early. One waiter; a ring before the pause is not lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until ``seconds`` have passed or the bell rings."""
        if seconds > 0 and not self._rung.is_set():
            await _first(asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._rung.wait()))
        self._rung.clear()


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``; raises TimeoutError after ``seconds``, when the work is cancelled."""
    attempt = asyncio.ensure_future(work)
    await _first(attempt, asyncio.ensure_future(clock.sleep(seconds)))
    if attempt.cancelled():
        raise TimeoutError
    return attempt.result()


@asynccontextmanager
async def running(work: Coroutine[Any, Any, T]) -> "AsyncIterator[asyncio.Task[T]]":
    """The work goes on beside the block, and has ended when that is left."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _first(*tasks: "asyncio.Future[Any]") -> None:
    """Wait for the first of the tasks, then cancel the others and see them end; the same when cancelled itself."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            _ = task.cancelled() or task.exception()  # seen: a loser's failure is not reported as forgotten


class Stretch:
    """One piece of work that somebody else may cut short without harming who waits for it."""

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._cut = False

    def cut(self) -> None:
        """End the running work, if any."""
        if self._task is not None and not self._task.done():
            self._cut = True
            self._task.cancel()

    async def run(self, work: Coroutine[Any, Any, object]) -> bool:
        """True when the work ended by itself, False when it was cut. Its exceptions pass through."""
        self._cut = False
        self._task = task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task,))
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        if task.cancelled() and self._cut:
            return False
        task.result()
        return True

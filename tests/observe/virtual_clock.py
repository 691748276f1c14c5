"""A clock that stands still until a test moves it: minutes of timeouts and backoff in milliseconds, always alike."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count


class VirtualClock:
    """A ``ports.clock.Clock`` for tests on a running loop. Only ``advance`` makes time pass."""

    def __init__(self, *, wall: float = 1_790_000_000.0, monotonic: float = 1_000.0) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), due))
        await due

    async def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, waking every sleeper at its own moment; everybody else settles in between."""
        await settle()
        end = self._monotonic + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, sleeper = heapq.heappop(self._sleepers)
            if sleeper.done():
                continue
            self._pass(max(0.0, due - self._monotonic))
            sleeper.set_result(None)
            await settle()
        self._pass(end - self._monotonic)
        await settle()

    async def until(self, happened: Callable[[], bool], *, within: float, step: float = 0.1) -> float:
        """Advance until ``happened()``; the seconds that took. AssertionError after ``within`` seconds."""
        await settle()
        passed = 0.0
        while not happened():
            assert passed < within, f"not within {within} s"
            await self.advance(step)
            passed += step
        return passed

    def freeze(self, seconds: float, *, slept: bool = False) -> None:
        """Time passes and nobody runs, as under SIGSTOP. ``slept``: as when the machine sleeps, where the monotonic
        clock stands still."""
        self._wall += seconds
        if not slept:
            self._monotonic += seconds

    def _pass(self, seconds: float) -> None:
        self._wall += seconds
        self._monotonic += seconds


class Share:
    """A ``ports.clock.Chance`` that draws the same share of every range: with 1.0 delays are the longest."""

    def __init__(self, share: float) -> None:
        self.share = share

    def uniform(self, low: float, high: float) -> float:
        return low + self.share * (high - low)


async def settle() -> None:
    """Run the loop until no callback is ready: everything that can happen now has happened."""
    loop = asyncio.get_running_loop()
    ready = loop._ready  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready:  # noqa: ASYNC110  # an event could not say that nothing is left to run
        await asyncio.sleep(0)

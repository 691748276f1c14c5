"""A simulated cluster in time: a World, the clock it lives by, its troubles, and the watchers to wake."""

import asyncio
from collections.abc import Callable
from functools import cached_property

from fleetui.ports.clock import Clock
from fleetui.simulate.history import Chooser, Happening
from fleetui.simulate.request import Answer, Request, everything
from fleetui.simulate.trouble import Trouble
from fleetui.simulate.world import World


class Host:
    """Single-threaded: everything happens on the loop that asks."""

    def __init__(self, name: str, build: Callable[[], World], clock: Clock, trouble: Trouble | None = None) -> None:
        """``build`` makes the World when it is first needed: a fleet of 150 starts with the clusters one looks at."""
        self.name = name
        self._build = build
        self.trouble = trouble or Trouble()
        self._clock = clock
        self._sleepers: set[asyncio.Event] = set()

    @cached_property
    def world(self) -> World:
        return self._build()

    def now(self) -> float:
        """True time: what happens in the cluster."""
        return self._clock.now()

    def says_it_is(self) -> float:
        """The cluster's own clock, which may be wrong."""
        return self._clock.now() + self.trouble.skew_s

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def ask(self, request: Request) -> Answer:
        """The answer at once; watchers hear of it afterwards."""
        answer = self.world.apply(request, self.now())
        self.wake()
        return answer

    def wake(self) -> None:
        """Every watcher looks again: something changed, or an earlier moment is planned now."""
        for sleeper in self._sleepers:
            sleeper.set()

    async def next_changes(self, resource: str, since: int, chosen: Chooser = everything) -> list[Happening]:
        """Waits for at least one, for ever once the cluster is mute. Raises TooOldError. Cancelling is safe."""
        woken = asyncio.Event()
        self._sleepers.add(woken)
        try:
            while True:
                self.world.tick(self.now())
                changes = self.world.changes(resource, since, chosen)
                if self.trouble.mute:
                    await asyncio.Event().wait()
                if changes:
                    return changes
                since = self.world.revision
                await self._until_something(woken)
        finally:
            self._sleepers.discard(woken)

    async def _until_something(self, woken: asyncio.Event) -> None:
        """A watcher drives the life it watches: it sleeps until the next thing is due, unless it is woken."""
        woken.clear()
        due = self.world.next_due
        if due is None:
            await woken.wait()
            return
        sleep = asyncio.ensure_future(self._clock.sleep(max(0.0, due - self.now())))
        wait = asyncio.ensure_future(woken.wait())
        try:
            await asyncio.wait((sleep, wait), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            wait.cancel()

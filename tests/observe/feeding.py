"""One feeder on one scripted server, without a cluster around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fleetui.model.freshness import Source, Trust
from fleetui.model.history import machine_transitions
from fleetui.model.machine import Machine
from fleetui.observe.feed import FeedState
from fleetui.observe.feeder import Feeder
from fleetui.observe.history import History
from fleetui.observe.reflector import Reflector
from fleetui.observe.shelf import Shelf, Turns
from fleetui.observe.table import Table
from fleetui.observe.tally import MachineTally
from fleetui.ports.reader import Kind
from tests.observe.fleets import server
from tests.observe.scripted import ScriptedReader, Server
from tests.observe.virtual_clock import Share, VirtualClock, settle


class Feeding:
    """A feeder of machines on one scripted server. Delays are the longest that may be drawn: 1, 2, 4 s and so on."""

    def __init__(self, made: Server) -> None:
        self.clock = VirtualClock()
        self.server = made
        self.reader = ScriptedReader("a", made, self.clock)
        self.table: Table[Machine] = Table()
        self.feed = FeedState("nodes", Source.PUSHED)
        self.feed.want(self.clock)
        self.confirmed = 0
        self.alarms = 0
        self.told: list[tuple[str, bool]] = []
        """What the feed said each time that it told of a change: a fault's word, and whether its rows are all there."""
        self.shelf = self._shelf()
        self.feeder = self._feeder()

    def _shelf(self) -> Shelf[Machine]:
        return Shelf(
            cluster="a",
            table=self.table,
            tally=MachineTally(),
            history=History(),
            transitions=machine_transitions,
            now=self.clock.now,
            turns=Turns(),
        )

    def _feeder(self) -> Feeder[Machine]:
        return Feeder(
            kind=Kind.MACHINES,
            reader=self.reader,
            core=Reflector(cluster="a", rows=self.shelf.rows),
            shelf=self.shelf,
            feed=self.feed,
            clock=self.clock,
            chance=Share(1.0),
            confirm=self._confirm,
            changed=self._changed,
            alarmed=self._alarmed,
        )

    async def _confirm(self) -> None:
        self.confirmed += 1

    def _changed(self) -> None:
        self.told.append((self.word, self.feed.complete))

    def _alarmed(self) -> None:
        self.alarms += 1

    async def passes(self, seconds: float) -> None:
        """Time passes and is judged twice a second."""
        for _ in range(round(seconds * 2)):
            await self.clock.advance(0.5)
            self.feeder.judge(self.clock.monotonic())
        await settle()

    async def breaks(self, error: Exception | None = None) -> None:
        self.server.break_watches(error)
        await settle()

    @property
    def word(self) -> str:
        return self.feed.fault.word if self.feed.fault else ""

    @property
    def verdict(self) -> Trust:
        """Were its server live."""
        return self.feed.watched(self.clock.monotonic(), Trust.LIVE)

    @property
    def mending_s(self) -> float | None:
        return None if self.feed.broken_since is None else self.clock.monotonic() - self.feed.broken_since

    def asked(self, what: str) -> int:
        return self.server.count(f"{what} nodes")


@asynccontextmanager
async def feeding(made: Server | None = None) -> AsyncIterator[Feeding]:
    fed = Feeding(made or server(3))
    task = asyncio.create_task(fed.feeder.run())
    await settle()
    try:
        yield fed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

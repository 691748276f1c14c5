"""Asks the members of one etcd cluster every few seconds, for as long as somebody looks."""

import asyncio
import logging
from collections.abc import Callable
from typing import NoReturn

from fleetui.model.health.etcd_course import Course
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.etcd import EtcdCluster

_log = logging.getLogger(__name__)

EVERY_S = 5.0
RATE_S = 2.0
"""Between two looks, and between two samples, for who cannot wait longer."""
PACES_EVERY_S = 15.0
"""Latencies are differences between two looks at the metrics: shorter spans hold too few fsyncs for a percentile."""

OpenEtcd = Callable[[], EtcdCluster]
"""Called on the loop, when the cluster is first looked at; opening imports the client."""


class EtcdPoll:
    """Keeps what was seen while nobody looks, and ages with it. Nothing raised in here ends it."""

    def __init__(self, name: str, open_etcd: OpenEtcd, *, clock: Clock, chance: Chance) -> None:
        self._name = name
        self._open = open_etcd
        self._clock = clock
        self._chance = chance
        self._client: EtcdCluster | None = None
        self.course = Course()
        self.heard_at: float | None = None
        """When a member last answered, Unix seconds."""
        self.hasty = False
        """Its looks and samples come soon after each other, for who cannot wait for more than two."""
        self._looked = asyncio.Event()
        self._looks = 0
        self._samples = 0

    @property
    def asked(self) -> bool:
        """Somebody was there to be asked, or it is certain that nobody is configured."""
        picture = self.course.picture
        return picture is not None and bool(picture.members)

    @property
    def compared(self) -> bool:
        """It was looked at twice, a third time where nobody answered, and who gives samples of its metrics gave two."""
        answering = self.course.picture is not None and self.course.picture.answering
        sampled = self._samples > 1 or (self._samples == 1 and not self.course.counters)
        return self._looks > (1 if answering else 2) and sampled

    async def run(self, told: Callable[[], None]) -> NoReturn:
        """Until cancelled. ``told`` after every look."""
        if self._client is None:
            self._client = self._open()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_on(self._client, told), name=f"etcd {self._name}")
            group.create_task(self._measure_on(self._client, told), name=f"etcd metrics {self._name}")
        raise AssertionError("both go on until they are cancelled")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _look_on(self, client: EtcdCluster, told: Callable[[], None]) -> NoReturn:
        while True:
            began = self._clock.monotonic()
            try:
                await self._look(client)
            except Exception:  # fence: a defect in one cluster's look must not end the others'; its row grows stale
                _log.exception("looking at the etcd of %s failed", self._name)
            self._looks += 1
            self._looked.set()
            told()
            pause = RATE_S if self.hasty else self._chance.uniform(EVERY_S * 0.9, EVERY_S)
            await self._clock.sleep(max(0.5, pause - (self._clock.monotonic() - began)))

    async def _look(self, client: EtcdCluster) -> None:
        picture = await client.look()
        self.course = self.course.after(picture)
        if picture.answering:
            self.heard_at = picture.at

    async def _measure_on(self, client: EtcdCluster, told: Callable[[], None]) -> NoReturn:
        """The first after the first look, which finds the members; the second soon, so that there is a pace."""
        await self._looked.wait()
        pause = RATE_S if self.hasty else EVERY_S
        while True:
            began = self._clock.monotonic()
            try:
                found = await client.counters()
                self.course = self.course.measured(found)
            except Exception:  # fence: as for the look
                _log.exception("the metrics of the etcd of %s failed", self._name)
            self._samples += 1
            told()
            await self._clock.sleep(max(0.0, pause - (self._clock.monotonic() - began)))
            pause = self._chance.uniform(PACES_EVERY_S * 0.9, PACES_EVERY_S)

"""Sources of metrics as tests open them, and the loop's own pulse."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fleetui.clients.monitoring.breaker import Door
from fleetui.clients.prometheus.origin import origin
from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.monitoring import MetricsConfig
from tests.clients.scripted import LowChance

CLIENTS = ("async", "package")


@asynccontextmanager
async def source(url: str, *, clock: SystemClock | None = None, **config: Any) -> AsyncIterator[PrometheusSource]:
    """``config`` are more fields of MetricsConfig."""
    clock = clock or SystemClock()
    where = origin("s", MetricsConfig(url=url, **config), environ={})
    made = PrometheusSource(where, door=Door(clock, LowChance()), clock=clock)
    try:
        yield made
    finally:
        await made.close()


class LoopGap:
    """The longest time that the event loop did not get to its callbacks."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._last = time.monotonic()
        self._handle: asyncio.Handle | None = None

    def __enter__(self) -> "LoopGap":
        self._last = time.monotonic()
        self._tick()
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        if self._handle is not None:
            self._handle.cancel()

    def _tick(self) -> None:
        now = time.monotonic()
        self.worst = max(self.worst, now - self._last)
        self._last = now
        if self._handle is not None:
            self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(0.001, self._tick)

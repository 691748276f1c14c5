"""The machine's own clock, for the process that serves the demo."""

import asyncio
import time


class MachineClock:
    """A ``ports.clock.Clock``."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

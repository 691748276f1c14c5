"""A server that does not answer is asked now and then by one question, not by every board's all at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec

from fleetui.clients.monitoring.origin import Origin
from fleetui.model.duration import format_duration
from fleetui.model.fault import Fault
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.metrics import MetricsError

OPENS_AFTER = 3
"""Failures in a row. One lost connection is no dead server; a board's first round of questions is enough to tell."""
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
PATIENT_PAUSE_S = 60.0
"""Where only a person can help (credentials, certificates)."""
AT_ONCE = 6
"""Questions to one server at the same time. Prometheus computes 20 (query.max-concurrency), and not for us alone."""


class Breaker:
    """Closed while the server answers. Open: nobody asks. After the pause one question may try."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._pauses = 0
        self._fault: Fault | None = None
        self._until = 0.0
        self._trying = False

    @property
    def fault(self) -> Fault | None:
        """What keeps it open."""
        return self._fault

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around one question. Raises MetricsError at once while open."""
        trial = self._admit()
        try:
            yield
        except MetricsError as error:
            if error.asked_wrong or error.fault.kind.answered:
                self._well()
            else:
                self._failed(error.fault)
            raise
        else:
            self._well()
        finally:
            if trial:
                self._trying = False

    def _admit(self) -> bool:
        """True for the one question that tries whether it answers again."""
        if self._fault is None:
            return False
        left = self._until - self._clock.monotonic()
        if left > 0 or self._trying:
            raise MetricsError(_waiting(self._fault, max(0.0, left)))
        self._trying = True
        return True

    def _well(self) -> None:
        self._failures = self._pauses = 0
        self._fault = None

    def _failed(self, fault: Fault) -> None:
        self._failures += 1
        now = self._clock.monotonic()
        if self._fault is not None and now < self._until:
            return  # asked before it opened, answered after
        if self._fault is None and self._failures < OPENS_AFTER and not fault.kind.needs_a_person:
            return
        self._fault = fault
        self._until = now + self._pause(fault)
        self._pauses += 1

    def _pause(self, fault: Fault) -> float:
        step = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._pauses, 8))
        step = PATIENT_PAUSE_S if fault.kind.needs_a_person else step
        return max(self._chance.uniform(step / 2, step), min(fault.retry_after_s or 0.0, LONGEST_PAUSE_S))


def _waiting(fault: Fault, left_s: float) -> Fault:
    again = f"asked again in {format_duration(left_s)}" if left_s else "being asked again now"
    return msgspec.structs.replace(fault, detail=f"{fault.detail}; {again}", retry_after_s=left_s)


class Door:
    """What all sources of one server share: its breaker, and room for a few questions at a time."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self.breaker = Breaker(clock, chance)
        self._room = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Whoever has waited for room is still refused when the server has proved dead meanwhile."""
        async with self._room:
            with self.breaker.asking():
                yield


class Doors:
    """One for each server, so that its silence is found out once for all that is asked of it."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._known: dict[str, Door] = {}

    def of(self, origin: Origin) -> Door:
        if origin.door not in self._known:
            self._known[origin.door] = Door(self._clock, self._chance)
        return self._known[origin.door]

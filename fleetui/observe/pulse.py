"""Asks a server every few seconds whether it lives: a silent watch looks healthy, a frozen server is silent."""

import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from fleetui.model.fault import ClusterError, Fault
from fleetui.model.freshness import POLL_EVERY_S, POLL_TIMEOUT_S
from fleetui.observe.backoff import Backoff
from fleetui.observe.standing import Standing, internal_error, no_answer
from fleetui.observe.waiting import Bell, within
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.reader import ClusterReader, Ready

_log = logging.getLogger(__name__)

SLOWEST_S = 20.0
"""Between two questions to a server that has long been dead."""
IDENTIFY_EVERY_S = 60.0
"""Who it is and which version are asked again this often: a balancer may lead elsewhere, an upgrade may have come."""


class Pulse:
    """The poll of ``/readyz`` of one connection. Nothing raised in here ends it."""

    def __init__(
        self,
        *,
        reader: ClusterReader,
        standing: Standing,
        clock: Clock,
        chance: Chance,
        confirm: Callable[[], Awaitable[None]],
        beaten: Callable[[], None],
        recovered: Callable[[], None],
        refused: Callable[[Fault], None],
    ) -> None:
        """``beaten`` after every answer or failure; ``recovered`` when a failing server answers again; ``refused``
        when only new credentials or a new configuration can help, so that the connection has to be made anew."""
        self._reader = reader
        self._standing = standing
        self._clock = clock
        self._chance = chance
        self._confirm = confirm
        self._beaten = beaten
        self._recovered = recovered
        self._refused = refused
        self._backoff = Backoff(chance, first_s=POLL_EVERY_S, cap_s=SLOWEST_S)
        self._bell = Bell(clock)
        self._identified = clock.monotonic()
        self._failing = False

    async def run(self) -> NoReturn:
        while True:
            started = self._clock.monotonic()
            pause = await self._beat()
            await self._bell.wait(pause - (self._clock.monotonic() - started))

    def ring(self) -> None:
        """Ask now."""
        self._bell.ring()

    def alarm(self) -> None:
        """A connection to this server broke: ask now, unless it is known not to answer."""
        if not self._failing:
            self._bell.ring()

    async def _beat(self) -> float:
        try:
            ready = await within(self._clock, POLL_TIMEOUT_S, self._reader.readyz())
            await self._identify_when_due()
        except ClusterError as error:
            return self._failed(error.fault)
        except TimeoutError:
            return self._failed(self._reader.held_up or no_answer())
        except Exception as error:  # fence: a defect here must not stop the only witness of this server's life
            _log.exception("readyz of %s failed", self._reader.name)
            return self._failed(internal_error(error))
        return self._answered(ready)

    async def _identify_when_due(self) -> None:
        if self._failing or self._clock.monotonic() - self._identified >= IDENTIFY_EVERY_S:
            await within(self._clock, POLL_TIMEOUT_S, self._confirmed())

    async def _confirmed(self) -> None:
        await self._confirm()
        self._identified = self._clock.monotonic()

    def _answered(self, ready: Ready) -> float:
        self._standing.latency_s = ready.latency_s
        self._standing.skew_s = ready.skew_s
        self._standing.readyz.heard(self._clock)
        self._standing.readyz.mended()
        self._backoff.reset()
        was_failing, self._failing = self._failing, False
        self._beaten()
        if was_failing:
            self._recovered()
        return self._chance.uniform(POLL_EVERY_S * 0.9, POLL_EVERY_S)

    def _failed(self, fault: Fault) -> float:
        self._standing.readyz.fault = fault
        self._standing.latency_s = None
        if fault.kind.answered:
            self._standing.readyz.heard(self._clock)
        else:
            self._failing = True
        self._beaten()
        if fault.kind.needs_a_person and not fault.kind.answered:
            self._refused(fault)
        return POLL_EVERY_S if fault.kind.answered else self._backoff.delay(fault)

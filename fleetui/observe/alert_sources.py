"""Who is asked about alerts, and what each said last: one poll for each source, so that none waits for another."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

import msgspec

from fleetui.model.alerts.evidence import AlertmanagerSays, Origin, PrometheusSays
from fleetui.model.alerts.heard import heard, unheard
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.fault import Fault, FaultKind
from fleetui.observe.standing import internal_error
from fleetui.observe.waiting import Bell, within
from fleetui.ports.alerting import Alerting, Alertmanager
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.metrics import MetricsError, MetricsSource

_log = logging.getLogger(__name__)

A = TypeVar("A")

EVERY_S = 5.0
"""Between two questions to one source, while somebody looks. Rules are evaluated every 15 to 60 s as a rule; silences
and acks of colleagues should be seen sooner."""
NOW_S = 0.1
"""A moment that is so near has just been: clocks and sums of fractions are not exact."""
ON_LOOP = 300
"""Alerts up to which an answer is read, and all are merged, at once: 6 ms. More are in a thread."""
PATIENCE_S = 15.0
"""For one answer, whatever the configuration allows: past three polls it is no picture of the present."""


@dataclass(frozen=True, slots=True)
class AlertSources:
    """All of a session."""

    prometheis: tuple[tuple[Origin, MetricsSource], ...]
    alerting: Alerting

    async def close(self) -> None:
        for _, source in self.prometheis:
            await source.close()
        await self.alerting.close()


class AlertmanagerAnswer(msgspec.Struct, frozen=True):
    """Alerts and silences of one Alertmanager, asked together."""

    alerts: AlertmanagerSays
    silences: SilencesSaid

    @property
    def fault(self) -> Fault | None:
        return self.alerts.fault


class Beat:
    """When the sources are asked: all at the same moments, so that one picture is made of what they answer, and at
    others than a colleague's console asks them."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self.every_s = chance.uniform(0.9 * EVERY_S, EVERY_S)
        self._clock = clock
        self._begun = clock.monotonic()

    def left(self) -> float:
        """Seconds to the next one that is not just now."""
        left = self.every_s - (self._clock.monotonic() - self._begun) % self.every_s
        return left if left > NOW_S else left + self.every_s


class Poll(Generic[A]):
    """One source. ``said`` is its last answer, a failure too; None until the first."""

    def __init__(
        self,
        name: str,
        ask: Callable[[], Coroutine[Any, Any, A]],
        missed: Callable[[Fault], A],
        *,
        told: Callable[[], None],
        clock: Clock,
        beat: Beat,
    ) -> None:
        """``missed`` makes an answer of a failure; ``told`` is called after each answer."""
        self.name = name
        self.said: A | None = None
        self.asking = False
        """Its answer is awaited now."""
        self._ask = ask
        self._missed = missed
        self._told = told
        self._clock = clock
        self._beat = beat
        self._again = Bell(clock)

    def ask_again(self) -> None:
        """Soon: something was changed there. Whoever is being asked is asked once more after that."""
        self._again.ring()

    def latest(self) -> A:
        """The last answer; before the first one, that it is awaited."""
        return self._missed(_awaited(self.name)) if self.said is None else self.said

    async def run(self) -> NoReturn:
        while True:
            started, self.asking = self._clock.monotonic(), True
            self.said = await self._once()
            self.asking = False
            self._told()
            late = self._clock.monotonic() - started >= self._beat.every_s
            await self._again.wait(0.0 if late else self._beat.left())

    async def _once(self) -> A:
        try:
            return await within(self._clock, PATIENCE_S, self._ask())
        except TimeoutError:
            return self._missed(_no_answer(self.name))
        except Exception as error:  # fence: a defect in reading one source must not silence the others
            _log.exception("asking %s for its alerts failed", self.name)
            return self._missed(internal_error(error))


def poll_prometheus(
    origin: Origin, source: MetricsSource, *, told: Callable[[], None], clock: Clock, beat: Beat
) -> Poll[PrometheusSays]:
    """Its rules with their alerts, pending ones too."""

    async def ask() -> PrometheusSays:
        try:
            answer = await source.rules()
        except MetricsError as error:
            return missed(error.fault)
        many = sum(len(rule.alerts) for rule in answer.rules) > ON_LOOP
        return await asyncio.to_thread(heard, answer, origin) if many else heard(answer, origin)

    def missed(fault: Fault) -> PrometheusSays:
        return unheard(fault, origin, at=clock.now())

    return Poll(origin.name, ask, missed, told=told, clock=clock, beat=beat)


def poll_alertmanager(
    member: Alertmanager, *, told: Callable[[], None], clock: Clock, beat: Beat
) -> Poll[AlertmanagerAnswer]:
    async def ask() -> AlertmanagerAnswer:
        alerts = await member.alerts()
        if alerts.fault is not None:
            return missed(alerts.fault)
        return AlertmanagerAnswer(alerts, await member.silences())

    def missed(fault: Fault) -> AlertmanagerAnswer:
        now = clock.now()
        return AlertmanagerAnswer(
            AlertmanagerSays(member.name, now, fault=fault), SilencesSaid(member.name, now, fault=fault)
        )

    return Poll(member.name, ask, missed, told=told, clock=clock, beat=beat)


def _awaited(name: str) -> Fault:
    return Fault(
        kind=FaultKind.AWAITED,
        word="no answer yet",
        detail=f"{name} was asked a moment ago",
        remedy=f"it is slow: it has {PATIENCE_S:.0f} s before it counts as dead",
    )


def _no_answer(name: str) -> Fault:
    return Fault(
        kind=FaultKind.TIMEOUT,
        word="no answer",
        detail=f"{name} has not answered in time",
        remedy="is it up, and does the network path to it work? it is asked again every few seconds",
    )

"""One stretch of looking at all sources of alerts: when what they have said becomes a picture."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import msgspec

from fleetui.model.alerts.evidence import PrometheusSays
from fleetui.model.alerts.inventory import SilencesSaid, by_id
from fleetui.model.alerts.merge import Evidence
from fleetui.observe.alert_sources import (
    EVERY_S,
    AlertmanagerAnswer,
    AlertSources,
    Beat,
    Poll,
    poll_alertmanager,
    poll_prometheus,
)
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Chance, Clock

AT_MOST_EVERY_S = 0.5
"""Between two pictures, however many sources answer."""
FIRST_S = 0.4
"""Whose answer takes longer is awaited in a screen's first picture: a page is not kept back by a slow colleague. Of
5,000 alerts an Alertmanager needs 0.15 s for its answer, a Prometheus 0.05 s."""
TOGETHER_S = 0.02
"""In which all of one beat are sure to have been asked."""
SOON_S = 0.1
"""Between two pictures while somebody's first answer is awaited."""


class Heard(msgspec.Struct, frozen=True):
    """One round."""

    evidence: Evidence
    silences: tuple[SilencesSaid, ...]


class AlertWatch:
    """From the first question to the end of ``run``."""

    def __init__(self, sources: AlertSources, *, clock: Clock, chance: Chance, first_s: float) -> None:
        self._clock = clock
        self._first_s = first_s
        self._bell = Bell(clock)
        beat = Beat(clock, chance)
        self._prometheis = [
            poll_prometheus(origin, source, told=self._bell.ring, clock=clock, beat=beat)
            for origin, source in sources.prometheis
        ]
        self._alertmanagers = [
            poll_alertmanager(member, told=self._bell.ring, clock=clock, beat=beat)
            for member in sources.alerting.members
        ]
        self._polls: tuple[Poll[PrometheusSays] | Poll[AlertmanagerAnswer], ...]
        self._polls = (*self._prometheis, *self._alertmanagers)

    def ask_again(self) -> None:
        """The Alertmanagers; rules know nothing of silences."""
        for poll in self._alertmanagers:
            poll.ask_again()

    async def run(self, take_stock: Callable[[Heard], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for poll in self._polls:
                group.create_task(poll.run(), name=f"alerts of {poll.name}")
            await self._keep(take_stock)

    async def _keep(self, take_stock: Callable[[Heard], Awaitable[None]]) -> NoReturn:
        """After each answer, and when none comes: time alone makes a pipeline late. The first picture waits a moment
        for all, or the alerts of the slowest would be unknown for that moment."""
        begun = self._clock.monotonic()
        while True:
            left = begun + self._first_s - self._clock.monotonic()
            if left > 0 and not self._heard_all():
                await self._bell.wait(left)
                continue
            pace = AT_MOST_EVERY_S if self._heard_all() else SOON_S
            await take_stock(self._heard())
            await self._clock.sleep(pace)
            await self._bell.wait(EVERY_S)
            if self._heard_all():
                await self._gather()

    async def _gather(self) -> None:
        """Sources that are asked together answer within a moment of each other: one picture for all is half the work
        of one for each, and of 5,000 alerts that is a twentieth of a second."""
        until = self._clock.monotonic() + FIRST_S
        await self._clock.sleep(TOGETHER_S)
        while (left := until - self._clock.monotonic()) > 0 and any(poll.asking for poll in self._polls):
            await self._bell.wait(left)

    def _heard_all(self) -> bool:
        return all(poll.said is not None for poll in self._polls)

    def _heard(self) -> Heard:
        """Of the last round: who has not answered in it is in it with that."""
        told = [poll.latest() for poll in self._alertmanagers]
        evidence = Evidence(
            prometheis=tuple(poll.latest() for poll in self._prometheis),
            alertmanagers=tuple(answer.alerts for answer in told),
            silences=by_id(answer.silences for answer in told),
        )
        return Heard(evidence, tuple(answer.silences for answer in told))

"""The alerts of the fleet: what all sources say, made one list, and whether the pipeline that brings them lives."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NoReturn

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.evidence import PrometheusSays
from fleetui.model.alerts.grouping import listed
from fleetui.model.alerts.inventory import SilencesSaid, Standing, by_id, inventory
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.label_set import USUAL, Scheme
from fleetui.model.alerts.lifetime import follow
from fleetui.model.alerts.merge import Evidence, Memory, Reading, keys_of, merge
from fleetui.model.alerts.mesh import NO_MESH
from fleetui.model.alerts.pipeline import USUAL_RHYTHM, Level, Pipeline, Rhythm, Trouble, pipeline
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.model.fault import ClusterError, Fault
from fleetui.observe.alert_keeper import AckKeeper
from fleetui.observe.alert_sources import (
    EVERY_S,
    ON_LOOP,
    AlertmanagerAnswer,
    AlertSources,
    Poll,
    poll_alertmanager,
    poll_prometheus,
)
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.alerting import Outcome
from fleetui.ports.clock import Chance, Clock

AT_MOST_EVERY_S = 0.5
"""Between two pictures, however many sources answer."""
FIRST_S = 0.4
"""Whose answer takes longer is awaited in a screen's first picture: a page is not kept back by a slow colleague. Of
5,000 alerts an Alertmanager needs 0.15 s for its answer, a Prometheus 0.05 s."""
SOON_S = 0.1
"""Between two pictures while somebody's first answer is awaited."""


class _Heard(msgspec.Struct, frozen=True):
    """One round."""

    evidence: Evidence
    silences: tuple[SilencesSaid, ...]


class AlertBoard:
    """A ``Board``. Rows are alerts by their key, without the pipeline's own."""

    def __init__(
        self,
        open_sources: Callable[[], AlertSources],
        *,
        clock: Clock,
        chance: Chance,
        scheme: Scheme = USUAL,
        rhythm: Rhythm = USUAL_RHYTHM,
        first_s: float = FIRST_S,
        by: str = "",
    ) -> None:
        """``open_sources`` is called once, on the loop, when somebody first looks; it may raise ClusterError.
        ``first_s``: how long the first picture of a look waits for all sources. ``by``: whose acks are kept, whoever
        posts them; empty: only those that ``keep`` is told."""
        self.rows: Table[Alert] = Table()
        self.silence_rows: Table[Standing] = Table()
        """Every silence by its id, with what it mutes."""
        self.pipeline: Pipeline | None = None
        """The verdict with the rows; None until the first look has ended."""
        self.silences: Mapping[str, Silence] = {}
        """Of all Alertmanagers, by id."""
        self.drawn = asyncio.Event()
        """Set once there is a verdict."""
        self.scheme = scheme
        self._open = open_sources
        self._sources: AlertSources | None = None
        self._watch: _Watch | None = None
        self._clock = clock
        self._chance = chance
        self._rhythm = rhythm
        self._first_s = first_s
        self._memory = Memory()
        self._picture: dict[str, Alert] = {}
        self._said: tuple[SilencesSaid, ...] = ()
        self._keeper = AckKeeper(self, read=self._silences_now, clock=clock, by=by)

    async def watch(self) -> None:
        """Poll every source and keep the picture until cancelled."""
        if self._sources is None:
            try:
                self._sources = self._open()
            except ClusterError as error:
                self._cannot_begin(error.fault)
                return
        self._watch = _Watch(self._sources, clock=self._clock, chance=self._chance, first_s=self._first_s)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keeper.run(), name="acks that are kept")
                group.create_task(self._sources.alerting.statuses(), name="who gossips with whom")
                await self._watch.run(self._take_stock)
        finally:
            self._watch = None

    async def close(self) -> None:
        if self._sources is not None:
            await self._sources.close()
            self._sources = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All, the pipeline's own among them: what a preview has to look at."""
        return tuple(self._picture.values())

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """(kind, name) of all that are asked; nobody before the first look."""
        if self._sources is None:
            return ()
        prometheis = (("Prometheus", origin.name) for origin, _ in self._sources.prometheis)
        return (*prometheis, *(("Alertmanager", name) for name in self._sources.alerting.names))

    @property
    def takes_silences(self) -> bool:
        """Whether there is an Alertmanager that they can be given to."""
        return self._sources is not None and bool(self._sources.alerting.names)

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        """Once to each mesh of ``near`` (of a changed one: of those who have it), then everybody is looked at again.
        Nobody is asked before the first look."""
        if self._sources is None:
            return ()
        outcomes = await self._sources.alerting.post(draft, near or self._holders(draft.id))
        self._look_again()
        return outcomes

    async def expire(self, silence_id: str) -> tuple[Outcome, ...]:
        """At those who have it, then everybody is looked at again."""
        if self._sources is None:
            return ()
        outcomes = await self._sources.alerting.expire(silence_id, self._holders(silence_id))
        self._look_again()
        return outcomes

    def keep(self, kept: Kept) -> None:
        """An ack that was just posted: prolonged while this board is watched and what it mutes fires, ended when that
        has resolved."""
        self._keeper.keep(kept)

    @property
    def keeps(self) -> bool:
        """Whether it has to be watched for the sake of acks."""
        return bool(self._keeper.kept)

    def _holders(self, silence_id: str) -> tuple[str, ...]:
        return tuple(said.source for said in self._said if any(one.id == silence_id for one in said.silences))

    async def _silences_now(self) -> Mapping[str, Silence]:
        members = self._sources.alerting.members if self._sources is not None else ()
        return by_id(await asyncio.gather(*(member.silences() for member in members)))

    def _look_again(self) -> None:
        if self._watch is not None:
            self._watch.ask_again()

    async def _take_stock(self, heard: _Heard) -> None:
        """A new picture of what was said. Nothing that was known is let go but by a pipeline that lives."""
        now, before, evidence = self._clock.now(), self._picture, heard.evidence
        found = pipeline(
            evidence.prometheis,
            evidence.alertmanagers,
            now=now,
            rhythm=self._rhythm,
            scheme=self.scheme,
            known=self.pipeline.watchdogs if self.pipeline is not None else (),
        )

        def drawn() -> dict[str, Alert]:
            reading = Reading(scheme=self.scheme, keys=keys_of(before.values()))
            return follow(before, merge(evidence, reading, self._memory), found, rhythm=self._rhythm)

        after = await asyncio.to_thread(drawn) if _said(evidence) > ON_LOOP else drawn()
        self.pipeline, self.silences, self._picture = found, evidence.silences, after
        self._said = heard.silences
        self._publish(before, after)
        self._publish_silences(evidence, now)
        self.drawn.set()

    def _publish_silences(self, evidence: Evidence, now: float) -> None:
        heard = frozenset(answer.source for answer in evidence.alertmanagers if answer.fault is None)
        meshes = self._sources.alerting.meshes if self._sources is not None else NO_MESH
        found = inventory(self._said, self.alerts, now=now, heard=heard, meshes=meshes)
        before, after = self.silence_rows.part(""), {one.silence.id: one for one in found}
        upserts = [(id_, one) for id_, one in after.items() if before.get(id_) != one]
        if heard:  # nobody answers: what was known stays
            self.silence_rows.apply("", upserts, removes=[id_ for id_ in before if id_ not in after])

    def _publish(self, before: Mapping[str, Alert], after: Mapping[str, Alert]) -> None:
        upserts = [(alert.key, alert) for alert in listed(after.values()) if before.get(alert.key) is not alert]
        self.rows.apply("", upserts, removes=before.keys() - after.keys())

    def _cannot_begin(self, fault: Fault) -> None:
        trouble = Trouble(Level.DEAD, f"the sources of alerts cannot be opened: {fault.word}", fault.remedy)
        self.pipeline = Pipeline(at=self._clock.now(), level=Level.DEAD, troubles=(trouble,))
        self.drawn.set()


class _Watch:
    """One stretch of looking, from the first question to its end."""

    def __init__(self, sources: AlertSources, *, clock: Clock, chance: Chance, first_s: float) -> None:
        self._clock = clock
        self._first_s = first_s
        self._bell = Bell(clock)
        self._prometheis = [
            poll_prometheus(origin, source, told=self._bell.ring, clock=clock, chance=chance)
            for origin, source in sources.prometheis
        ]
        self._alertmanagers = [
            poll_alertmanager(member, told=self._bell.ring, clock=clock, chance=chance)
            for member in sources.alerting.members
        ]
        self._polls: tuple[Poll[PrometheusSays] | Poll[AlertmanagerAnswer], ...]
        self._polls = (*self._prometheis, *self._alertmanagers)

    def ask_again(self) -> None:
        """The Alertmanagers; rules know nothing of silences."""
        for poll in self._alertmanagers:
            poll.ask_again()

    async def run(self, take_stock: Callable[[_Heard], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for poll in self._polls:
                group.create_task(poll.run(), name=f"alerts of {poll.name}")
            await self._keep(take_stock)

    async def _keep(self, take_stock: Callable[[_Heard], Awaitable[None]]) -> NoReturn:
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

    def _heard_all(self) -> bool:
        return all(poll.said is not None for poll in self._polls)

    def _heard(self) -> _Heard:
        """Of the last round: who has not answered in it is in it with that."""
        told = [poll.latest() for poll in self._alertmanagers]
        evidence = Evidence(
            prometheis=tuple(poll.latest() for poll in self._prometheis),
            alertmanagers=tuple(answer.alerts for answer in told),
            silences=by_id(answer.silences for answer in told),
        )
        return _Heard(evidence, tuple(answer.silences for answer in told))


def _said(evidence: Evidence) -> int:
    active = sum(len(answer.active) for answer in evidence.prometheis)
    return active + sum(len(answer.posted) for answer in evidence.alertmanagers)


class SilenceBoard:
    """A ``Board``: the silences, as the board of alerts reads them. Whoever looks at it looks at that one too."""

    def __init__(self, alerts: AlertBoard) -> None:
        self.rows = alerts.silence_rows

    async def watch(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""

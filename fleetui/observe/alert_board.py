"""The alerts of the fleet: what all sources say, made one list, and whether the pipeline that brings them lives."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from fleetui.model.alerts.alert import Alert
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
from fleetui.observe.alert_sources import ON_LOOP, AlertSources
from fleetui.observe.alert_watch import FIRST_S, AlertWatch, Heard
from fleetui.observe.table import Table
from fleetui.ports.alerting import Outcome
from fleetui.ports.clock import Chance, Clock


class _Drawn(msgspec.Struct, frozen=True):
    """What a round comes to, and what of it is new."""

    found: Pipeline
    picture: Mapping[str, Alert]
    upserts: Sequence[tuple[str, Alert]]
    removes: Set[str]
    standings: tuple[Standing, ...] | None


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
        self._watch: AlertWatch | None = None
        self._clock = clock
        self._chance = chance
        self._rhythm = rhythm
        self._first_s = first_s
        self._memory = Memory()
        self._picture: Mapping[str, Alert] = {}
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
        self._memory = Memory()  # of its own: a thread of the watch before may still write to that one
        self._watch = AlertWatch(self._sources, clock=self._clock, chance=self._chance, first_s=self._first_s)
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

    async def _take_stock(self, heard: Heard) -> None:
        """A new picture of what was said. Of a storm it is drawn in a thread; the loop only takes over what changed."""
        many = _said(heard.evidence) > ON_LOOP
        memory = self._memory
        drawn = await asyncio.to_thread(self._draw, heard, memory) if many else self._draw(heard, memory)
        self.pipeline, self.silences, self._picture = drawn.found, heard.evidence.silences, drawn.picture
        self._said = heard.silences
        self.rows.apply("", drawn.upserts, removes=drawn.removes)
        self._publish_silences(drawn.standings)
        self.drawn.set()

    def _draw(self, heard: Heard, memory: Memory) -> _Drawn:
        """Nothing that was known is let go but by a pipeline that lives."""
        now, before, evidence = self._clock.now(), self._picture, heard.evidence
        found = pipeline(
            evidence.prometheis,
            evidence.alertmanagers,
            now=now,
            rhythm=self._rhythm,
            scheme=self.scheme,
            known=self.pipeline.watchdogs if self.pipeline is not None else (),
        )
        reading = Reading(scheme=self.scheme, keys=keys_of(before.values()))
        after = follow(before, merge(evidence, reading, memory), found, rhythm=self._rhythm)
        return _Drawn(
            found=found,
            picture=after,
            upserts=[(alert.key, alert) for alert in listed(after.values()) if before.get(alert.key) is not alert],
            removes=before.keys() - after.keys(),
            standings=self._standings(heard, after, now),
        )

    def _standings(self, heard: Heard, picture: Mapping[str, Alert], now: float) -> tuple[Standing, ...] | None:
        """None while nobody answers: what was known stays."""
        answering = frozenset(answer.source for answer in heard.evidence.alertmanagers if answer.fault is None)
        meshes = self._sources.alerting.meshes if self._sources is not None else NO_MESH
        return (
            inventory(heard.silences, picture.values(), now=now, heard=answering, meshes=meshes) if answering else None
        )

    def _publish_silences(self, found: tuple[Standing, ...] | None) -> None:
        if found is None:
            return
        before, after = self.silence_rows.part(""), {one.silence.id: one for one in found}
        upserts = [(id_, one) for id_, one in after.items() if before.get(id_) != one]
        self.silence_rows.apply("", upserts, removes=[id_ for id_ in before if id_ not in after])

    def _cannot_begin(self, fault: Fault) -> None:
        trouble = Trouble(Level.DEAD, f"the sources of alerts cannot be opened: {fault.word}", fault.remedy)
        self.pipeline = Pipeline(at=self._clock.now(), level=Level.DEAD, troubles=(trouble,))
        self.drawn.set()


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

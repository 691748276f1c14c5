"""The past of an incident's clusters, as they remember it themselves: events, and who changed what."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.diagnosis.timeline import BEFORE_S
from fleetui.model.fault import ClusterError
from fleetui.model.incident.before import CHANGES_BEFORE_S, looks_back
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.past import Happened, Told, change_entry, event_entry
from fleetui.model.incident.record import LackOf, Looked, Record
from fleetui.observe.incident_recorder import Author, Picture, Recorder
from fleetui.ports.clock import Clock

_log = logging.getLogger(__name__)


AT_ONCE = 8
"""Clusters that are read at the same time: their lists are long."""


READ_FOR_S = 12 * 3600.0
"""After its beginning, how long an incident's past is read by itself: one that nobody closes must not ask clusters for
their whole lists for ever."""


class _Question(msgspec.Struct, frozen=True):
    about: str
    before_s: float
    """How far before the first symptom."""
    ask: Callable[..., Awaitable[Told]]
    entry: Callable[[str, Happened], Entry]


class Past:
    """Asks the clusters of an incident: for events again and again, for changes until there was an answer."""

    def __init__(self, picture: Picture, recorder: Recorder, author: Author, *, clock: Clock) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._recorder = recorder
        self._author = author
        self._clock = clock
        self._events = _Question("events", BEFORE_S, picture.events, event_entry)
        self._changes = _Question("changes", CHANGES_BEFORE_S, picture.changes, change_entry)
        self._known: dict[tuple[str, str, str], tuple[LackOf, ...]] = {}
        """By incident, cluster and subject: what could not be read, as it was written down last."""

        self._failed: dict[tuple[str, str, str], tuple[LackOf, ...]] = {}
        """By the same: that there was no answer, as it was written down last."""

    def forget_changes(self) -> None:
        """They are asked for once more."""
        self._known = {key: lacks for key, lacks in self._known.items() if key[2] != "changes"}

    async def read(self, incident: Incident, write: Callable[[list[Record]], Awaitable[None]]) -> None:
        """What is to be written down, cluster by cluster as each answers: one that is dead keeps no other waiting.
        A cluster that does not answer is asked again the next time."""
        await asyncio.gather(*(self._in_turn(incident, name, write) for name in incident.clusters))

    def over(self, incident: Incident, now: float) -> list[Record]:
        """That its past is not read by itself any more, to be written down once; nothing as long as it is."""
        if now - incident.opened < READ_FOR_S:
            return []
        text = f"events are not read any more: open for {READ_FOR_S / 3600:.0f} hours; close it, or look back"
        entry = Entry(kind=EntryKind.COURSE, at=now, text=text, fact="past/over", once=True, level=Health.UNKNOWN)
        return [*self._recorder.fresh(incident, (entry,), now)]

    async def _in_turn(
        self, incident: Incident, cluster: str, write: Callable[[list[Record]], Awaitable[None]]
    ) -> None:
        async with self._turns:
            found = await self._read(incident, cluster)
        if found:
            await write(found)

    async def _read(self, incident: Incident, cluster: str) -> list[Record]:
        records = await self._ask(incident, cluster, self._events)
        if (incident.id, cluster, "changes") not in self._known:
            records += await self._ask(incident, cluster, self._changes)
        return records

    async def _ask(self, incident: Incident, cluster: str, question: _Question) -> list[Record]:
        since = looks_back(incident, question.before_s)
        try:
            told = await question.ask(cluster, since=since)
            entries = [self._entry(question, cluster, one) for one in told.said]
        except ClusterError as error:
            return self._not_read(incident, cluster, question.about, since, error.fault.word)
        except Exception as error:  # fence: a defect in reading one cluster must not end the recording of all
            _log.exception("reading the %s of %s failed", question.about, cluster)
            return self._not_read(incident, cluster, question.about, since, type(error).__name__)
        looked = self._looked(incident, cluster, question.about, since, told.lacks)
        return [*looked, *self._recorder.fresh(incident, entries, self._clock.now())]

    def _entry(self, question: _Question, cluster: str, one: Happened) -> Entry:
        """The fact is the same from every console, also from one whose audit does not know the person."""
        entry = question.entry(cluster, one)
        return msgspec.structs.replace(entry, who=self._recorder.person(cluster, one))

    def _not_read(self, incident: Incident, cluster: str, about: str, since: float, why: str) -> list[Record]:
        """Named until somebody has read it; after that, its silence is a gap."""
        key, lacks = (incident.id, cluster, about), (LackOf(about, f"not read ({why})"),)
        if incident.was_read(cluster, about) or self._failed.get(key) == lacks:
            return []
        self._failed[key] = lacks
        return [self._record(incident, cluster, about, since, lacks)]

    def _looked(
        self, incident: Incident, cluster: str, about: str, since: float, lacks: tuple[LackOf, ...]
    ) -> list[Record]:
        """Written down when it is the first time, and when something else is missing than before."""
        key = (incident.id, cluster, about)
        before, self._known[key] = self._known.get(key), lacks
        failed = self._failed.pop(key, None)
        if before == lacks and failed is None:
            return []
        return [self._record(incident, cluster, about, since, lacks)]

    def _record(self, incident: Incident, cluster: str, about: str, since: float, lacks: tuple[LackOf, ...]) -> Looked:
        return Looked(
            incident=incident.id, at=self._clock.now(), by=self._author.by, console=self._author.console,
            cluster=cluster, about=about, since=since, lacks=lacks,
        )  # fmt: skip

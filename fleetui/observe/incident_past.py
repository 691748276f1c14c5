"""The past of an incident's clusters, as they remember it themselves: events, and who changed what."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fleetui.model.fault import ClusterError
from fleetui.model.incident.entry import Entry
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.past import Happened, Told, change_entry, event_entry
from fleetui.model.incident.record import LackOf, Looked, Record
from fleetui.observe.incident_recorder import (
    CHANGES_BEFORE_S,
    EVENTS_BEFORE_S,
    Author,
    Picture,
    Recorder,
    looks_back,
)
from fleetui.ports.clock import Clock

_log = logging.getLogger(__name__)


AT_ONCE = 8
"""Clusters that are read at the same time: their lists are long."""


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
        self._events = _Question("events", EVENTS_BEFORE_S, picture.events, event_entry)
        self._changes = _Question("changes", CHANGES_BEFORE_S, picture.changes, change_entry)
        self._known: dict[tuple[str, str, str], tuple[LackOf, ...]] = {}
        """By incident, cluster and subject: what could not be read, as it was written down last."""

    def forget_changes(self) -> None:
        """They are asked for once more."""
        self._known = {key: lacks for key, lacks in self._known.items() if key[2] != "changes"}

    async def read(self, incident: Incident) -> list[Record]:
        """What is to be written down. A cluster that does not answer is asked again the next time."""
        found = await asyncio.gather(*(self._in_turn(incident, name) for name in incident.clusters))
        return [record for records in found for record in records]

    async def _in_turn(self, incident: Incident, cluster: str) -> list[Record]:
        async with self._turns:
            return await self._read(incident, cluster)

    async def _read(self, incident: Incident, cluster: str) -> list[Record]:
        records = await self._ask(incident, cluster, self._events)
        if (incident.id, cluster, "changes") not in self._known:
            records += await self._ask(incident, cluster, self._changes)
        return records

    async def _ask(self, incident: Incident, cluster: str, question: _Question) -> list[Record]:
        since = looks_back(incident, question.before_s)
        try:
            told = await question.ask(cluster, since=since)
        except ClusterError:
            return []  # nothing is written down: the incident says that it was not read
        except Exception:  # fence: a defect in reading one cluster must not end the recording of all
            _log.exception("reading the %s of %s failed", question.about, cluster)
            return []
        entries = (question.entry(cluster, one) for one in told.said)
        looked = self._looked(incident, cluster, question.about, since, told.lacks)
        return [*looked, *self._recorder.fresh(incident, entries, self._clock.now())]

    def _looked(
        self, incident: Incident, cluster: str, about: str, since: float, lacks: tuple[LackOf, ...]
    ) -> list[Record]:
        """Written down when it is the first time, and when something else is missing than before."""
        key = (incident.id, cluster, about)
        before, self._known[key] = self._known.get(key), lacks
        if before == lacks:
            return []
        return [
            Looked(
                incident=incident.id, at=self._clock.now(), by=self._author.by, console=self._author.console,
                cluster=cluster, about=about, since=since, lacks=lacks,
            )
        ]  # fmt: skip

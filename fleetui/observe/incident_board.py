"""The incidents of this machine, and what is recorded of those that are open while a console runs."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, NoReturn

from fleetui.model.alerts.alert import Alert
from fleetui.model.incident import deeds
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.record import Record
from fleetui.model.ledger import Operation
from fleetui.observe.incident_past import READ_FOR_S, Past
from fleetui.observe.incident_recorder import Author, Picture, Recorder
from fleetui.observe.journal_reading import JournalReading
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Clock, Ids
from fleetui.ports.incidents import IncidentJournal, JournalError

_log = logging.getLogger(__name__)

EVERY_S = 1.0
"""How late a record of another console is seen, and a moment of our own written down."""
READ_EVERY_S = 30.0
"""How often clusters are asked for their events while an incident is open."""


class IncidentBoard:
    """A ``Board``. Rows are incidents by id."""

    def __init__(
        self,
        journal: IncidentJournal,
        picture: Picture,
        operations: Callable[[], Iterable[Operation]],
        *,
        by: str,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """``by``: who sits here, ``ana@jump-1``."""
        self.rows: Table[Incident] = Table()
        self._broken: dict[str, str] = {}
        """By what is done again and again, why it does not work now."""
        self._journal = journal
        self._known = JournalReading(journal)
        self._picture = picture
        self._clock = clock
        self._ids = ids
        self._author = Author(by, ids.new())
        self._recorder = Recorder(picture, operations, self._author)
        self._seen: list[Record] = []
        """What was seen, and is not written down yet."""
        self._writing = asyncio.Lock()
        self._bell = Bell(clock)
        self._look_back = Bell(clock)
        self._asked = False
        """Somebody wants the past to be read, however old the incident is."""
        self._past = Past(picture, self._recorder, self._author, clock=clock)

    # A board.

    async def watch(self) -> None:
        """Follow the journal, and record what happens while an incident is open, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep(), name="incidents")
            group.create_task(self._read_past(), name="what clusters remember")

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def trouble(self) -> str:
        """Why the journal cannot be read or written now, what cannot be recorded, or what of the journal is damaged;
        empty when all is well."""
        return (
            next(iter(self._broken.values()), "") or (self._recorder.trouble if self.open else "") or self._known.damage
        )

    @property
    def open(self) -> tuple[Incident, ...]:
        """Those that are not closed, the newest first."""
        return tuple(reversed([incident for _, incident in self.rows.snapshot() if incident.open]))

    async def _keep(self) -> NoReturn:
        while True:
            await self._unless_broken(self.refresh)
            if self.open:
                await self._unless_broken(self._record)
            else:
                self._broken.pop(self._record.__name__, None)
            await self._bell.wait(EVERY_S)

    async def refresh(self) -> None:
        """What is new in the journal, to the rows. Raises JournalError."""
        news = await self._known.read()
        if news.anew:
            self.rows.apply("", removes=tuple(self.rows.part("")))
        if news.changed - self.rows.part("").keys():
            self._look_back.ring()
        self.rows.apply("", [(one, self._known.folding.incident(one)) for one in sorted(news.changed)])

    async def _unless_broken(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
            self._broken.pop(work.__name__, None)
        except JournalError as error:
            self._broken[work.__name__] = str(error)
        except Exception as error:  # fence: what is defect here must be seen, and must not end the recording for good
            _log.exception("recording incidents failed")
            self._broken[work.__name__] = f"incidents are not recorded: {type(error).__name__}: {error}"

    async def _record(self) -> None:
        now = self._clock.now()
        self._recorder.look()
        self._seen += [record for incident in self.open for record in self._recorder.news(incident, now)]
        await self._write_seen()

    async def _write_seen(self) -> None:
        """What cannot be written now is kept for the next time."""
        async with self._writing:
            batch = tuple(self._seen)
            await self._write(batch)
            del self._seen[: len(batch)]

    async def _write(self, records: Sequence[Record]) -> None:
        """Durable, and seen. Raises JournalError."""
        if records:
            await asyncio.to_thread(self._journal.append, records)
            self._broken.pop(self._write_seen.__name__, None)
            await self.refresh()

    # What people do. All raise JournalError, and ValueError with the fix.

    async def start(self, title: str, *, alerts: Sequence[Alert] = (), clusters: Iterable[str] = ()) -> str:
        """Begins one, for these alerts and clusters; its id. It is recorded from now on, and its past is read."""
        opened = deeds.begin(self._hand, self._ids.new(), title, alerts=alerts, clusters=clusters)
        await self._write([opened])
        self._bell.ring()
        return opened.incident

    async def note(self, incident_id: str, text: str) -> None:
        await self._write([deeds.note(self._hand, self._known.folding.incident(incident_id), text)])

    async def tick(self, incident_id: str, item: str, *, done: bool) -> None:
        await self._write([deeds.tick(self._hand, self._known.folding.incident(incident_id), item, done=done)])

    async def finish(self, incident_id: str, summary: str) -> None:
        await self._write([deeds.close(self._hand, self._known.folding.incident(incident_id), summary)])

    @property
    def _hand(self) -> deeds.Hand:
        return deeds.Hand(self._author.by, self._clock.now(), self._author.console)

    def look_back(self) -> None:
        """Ask the clusters for their past again, now."""
        self._past.forget_changes()
        self._asked = True
        self._look_back.ring()

    async def _read_past(self) -> NoReturn:
        while True:
            now, asked, self._asked = self._clock.now(), self._asked, False
            recent = [one for one in self.open if asked or now - one.opened < READ_FOR_S]
            await asyncio.gather(*(self._past.read(incident, self._write_past) for incident in recent))
            await self._write_past([record for one in self.open for record in self._past.over(one, now)])
            await self._look_back.wait(READ_EVERY_S)

    async def _write_past(self, found: list[Record]) -> None:
        self._seen += found
        await self._unless_broken(self._write_seen)

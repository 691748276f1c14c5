"""The journal of incidents as far as it has been read: only what is new is read again."""

import asyncio

import msgspec

from fleetui.model.incident.incident import Folding, Incident
from fleetui.ports.incidents import IncidentJournal


class News(msgspec.Struct, frozen=True):
    """What one reading has brought."""

    changed: frozenset[str]
    """Ids of incidents that are others than before."""
    anew: bool = False
    """What was known before does not stand in the journal any more."""


class JournalReading:
    """One reader's place in it, and what the records up to there come to."""

    def __init__(self, journal: IncidentJournal) -> None:
        self.folding = Folding()
        self.damage = ""
        """What of it could not be read, the last line that said so."""
        self._journal = journal
        self._place = 0
        self._reading = asyncio.Lock()

    @property
    def open(self) -> tuple[Incident, ...]:
        """Those that are not closed, the oldest first."""
        return tuple(incident for incident in self.folding.incidents() if incident.open)

    async def read(self) -> News:
        """What is new. Raises JournalError."""
        async with self._reading:
            load = await asyncio.to_thread(self._journal.load, self._place)
            self._place = load.place
            if load.anew:
                self.folding, self.damage = Folding(), ""
            self.damage = load.damage[-1] if load.damage else self.damage
            return News(self.folding.feed(load.records), load.anew)

"""The incidents that are open, for a board that shows them beside figures: read from the journal when it is judged."""

from fleetui.model.incident.open_figure import Opened
from fleetui.observe.journal_reading import JournalReading
from fleetui.ports.clock import Clock
from fleetui.ports.incidents import IncidentJournal, JournalError


class OpenIncidents:
    """``opened`` is what the last look came to."""

    def __init__(self, journal: IncidentJournal, *, clock: Clock) -> None:
        self.opened = Opened()
        self._reading = JournalReading(journal)
        self._clock = clock

    async def look(self) -> None:
        """Never raises: a journal that cannot be read is told as that."""
        try:
            await self._reading.read()
        except JournalError as error:
            self.opened = Opened(trouble=str(error))
        else:
            self.opened = Opened(self._reading.open, read_at=self._clock.now(), damage=self._reading.damage)

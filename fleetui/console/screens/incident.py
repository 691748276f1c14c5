"""One incident, live: its timeline, what changed before its first symptom, its checklist. Notes are written here."""

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from textual.widget import Widget

from fleetui.console.feeding import Feeding
from fleetui.console.frame import Frame, bindings
from fleetui.console.incident_text import IncidentView, counts_line, incident_lines, trust_line
from fleetui.console.ink import Line, line
from fleetui.console.page import Page
from fleetui.console.session import Session
from fleetui.console.views import View
from fleetui.model.incident.incident import Incident
from fleetui.model.picture import Delta


class IncidentScreen(Frame):
    CSS_PATH = "incident.tcss"
    PLACE = "incident"
    BINDINGS = bindings("incident")

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self.incident: Incident | None = None
        """None until the journal was read, and for an id that it does not have."""
        self._feeding = Feeding(self, session, "incidents", self._take)

    def body(self) -> Iterator[Widget]:
        yield Page(self.session.styles, id="incident")

    def crumbs(self) -> tuple[str, ...]:
        return ("Incidents", self.incident.title if self.incident is not None else self.view.item[-6:])

    def counts(self) -> Line:
        return counts_line(self.incident, self.session.clock.now()) if self.incident is not None else ()

    def trust(self, cells: int) -> Line:
        if self.incident is None:
            return line((" reading…", "busy"))
        return trust_line(self._view(self.incident), glyphs=self.session.glyphs, cells=cells)

    def is_late(self) -> bool:
        """While it is open, its ages grow."""
        return self.incident is not None and self.incident.open

    def boards(self) -> frozenset[str]:
        return frozenset({"incidents"})

    def focus_body(self) -> None:
        self.query_one("#incident", Page).focus()

    # Life.

    def begin(self) -> None:
        super().begin()
        self.focus_body()
        self._feeding.start()
        self._show()

    def appear(self) -> None:
        super().appear()
        self._feeding.start()

    def disappear(self) -> None:
        super().disappear()
        self._feeding.pause()

    def close(self) -> None:
        super().close()
        self._feeding.close()

    def tick(self) -> None:
        super().tick()
        self._show()

    def _take(self, delta: Delta[Any]) -> None:
        for row_id, row in delta.upserts:
            if row_id == self.view.item:
                self.incident = row
                self._show()
                self.refresh_headlines()
                self.refresh_keys()

    def _show(self) -> None:
        if self.built:
            said = lru_cache(maxsize=2)(partial(self._lines, self.incident))
            self.query_one("#incident", Page).show(said)

    def _lines(self, incident: Incident | None, cells: int) -> tuple[Line, ...]:
        if incident is None:
            return (line(("no such incident is known here", "muted")),)
        return incident_lines(self._view(incident), glyphs=self.session.glyphs, cells=cells)

    def _view(self, incident: Incident) -> IncidentView:
        trouble = getattr(self.session.fleet.board("incidents"), "trouble", "")
        return IncidentView(incident, self.session.clock.now(), trouble)

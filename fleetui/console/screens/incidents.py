"""All incidents of this machine: what is open on top, how far the checklist is, what is still firing."""

from typing import Any

from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.incident_text import inspector_lines
from fleetui.console.ink import Line, line
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.incident.incident import Incident
from fleetui.model.table.columns_incident import INCIDENTS


class IncidentsScreen(TableScreen):
    PLACE = "incidents"
    TABLE = INCIDENTS
    BINDINGS = bindings("incidents")

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "incidents", self.take)

    def boards(self) -> frozenset[str]:
        return frozenset({"incidents"})

    def crumbs(self) -> tuple[str, ...]:
        return ("Incidents",)

    def is_late(self) -> bool:
        """What is open grows older."""
        return any(row.open for row in self.rows.all_rows())

    def clusters_changed(self) -> None:
        """No row says anything of a cluster's own."""
        self.refresh_headlines()

    def trust(self, cells: int) -> Line:  # noqa: ARG002 - short enough for any width
        glyphs = self.session.glyphs
        trouble = getattr(self.session.fleet.board("incidents"), "trouble", "")
        if trouble:
            return line((f" {glyphs.broken} {trouble}", "danger"))
        going = sum(row.open for row in self.rows.all_rows())
        if not going:
            return line((f" {glyphs.idle} none is open", "muted"))
        return line((f" {glyphs.live} ", "ok"), f"{going} open, recorded while this console runs")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Incident)
        return inspector_lines(row, self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

    def nothing(self, cells: int) -> tuple[Line, ...]:  # noqa: ARG002 - short enough for any width
        key = self.session.key_of("incident.start")
        return (
            line(("no incident yet", "strong")),
            line((key, "key"), (" on ", "muted"), (":alerts", "accent"), (" begins one for what is marked", "muted")),
        )  # fmt: skip

    def view_below(self, row: Any) -> View | None:
        assert isinstance(row, Incident)
        return View("incident", cluster=next(iter(row.clusters), ""), item=row.id)

    def sort_choices(self) -> tuple[tuple[str, str, str], ...]:
        _, *columns = super().sort_choices()
        return (("", "OPEN", "What is open, then the newest."), *columns)

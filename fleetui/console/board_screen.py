"""A board of the whole fleet: a panel a line, its figure over all clusters, and the clusters that are worst."""

from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.ink import Line, join, line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.console.views import View
from fleetui.model.health.fleet_boards import PAGES
from fleetui.model.health.fleet_figures import SILENT, FleetFigure
from fleetui.model.health.sample import Age
from fleetui.model.incident.open_figure import INCIDENTS
from fleetui.model.panel_description import figure_sections

_COUNTED = {SILENT.id: "coverage", INCIDENTS.id: "incidents", PAGES.id: "alerts"}
"""Where what a row counts has a row each."""


class BoardScreen(MetricsScreen):
    """Subclasses say which board."""

    NOUN = "panels"
    UNHEARD = "unknown"
    EMPTY = "nothing of this board is measured"

    def is_mine(self, row: Any) -> bool:  # noqa: ARG002 - its rows are of all clusters
        return True

    def counts(self) -> Line:
        """With how many clusters any of it is of."""
        of = max(self.rows.all_rows(), key=lambda row: row.clusters, default=None)
        silent = next((row for row in self.rows.all_rows() if row.id == SILENT.id), None)
        if of is None or not of.clusters:
            return super().counts()
        known = f"{of.clusters if silent is None else silent.known:,} of {of.clusters:,} clusters known"
        return join([super().counts(), line((known, "muted" if silent is None else "unknown"))], "  ")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, FleetFigure)
        return section_lines(figure_sections(row, now=self.session.clock.now()), cells)

    def _ages(self) -> dict[str, tuple[Age, float | None]]:
        """By panel."""
        return {row.id: (row.age, row.sample_at) for row in self.rows.all_rows()}

    def view_below(self, row: Any) -> View | None:
        """What is counted, or the control plane of the cluster that is worst, else of all."""
        assert isinstance(row, FleetFigure)
        if (counted := _COUNTED.get(row.id)) is not None:
            return View(counted)
        return View("controlplane", cluster=row.worst[0][0] if row.worst else "")

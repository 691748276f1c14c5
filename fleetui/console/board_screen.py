"""A board of the whole fleet: a panel a line, its figure over all clusters, and the clusters that are worst."""

from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.ink import Line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.console.views import View
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.sample import Age
from fleetui.model.panel_description import figure_sections


class BoardScreen(MetricsScreen):
    """Subclasses say which board."""

    NOUN = "panels"
    EMPTY = "nothing of this board is measured"

    def is_mine(self, row: Any) -> bool:  # noqa: ARG002 - its rows are of all clusters
        return True

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, FleetFigure)
        return section_lines(figure_sections(row, now=self.session.clock.now()), cells)

    def _ages(self) -> dict[str, tuple[Age, float | None]]:
        """By panel."""
        return {row.id: (row.age, row.sample_at) for row in self.rows.all_rows()}

    def view_below(self, row: Any) -> View | None:
        """The control plane of the cluster that is worst, else of all."""
        assert isinstance(row, FleetFigure)
        return View("controlplane", cluster=row.worst[0][0] if row.worst else "")

"""The control plane and the nodes of every cluster: every figure beside its limit. Asked for while it is looked at."""

from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.console.views import View
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.panel_description import panel_sections
from fleetui.model.table.columns_controlplane import CONTROLPLANE


class ControlPlaneScreen(MetricsScreen):
    PLACE = "controlplane"
    TABLE = CONTROLPLANE
    BOARD = "controlplane"
    CRUMB = "control plane"
    EMPTY = "no control plane is measured"
    BINDINGS = bindings("controlplane")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, PanelRow)
        return section_lines(panel_sections(row, now=self.session.clock.now()), cells)

    def view_below(self, row: Any) -> View | None:
        """What its promises come to."""
        return View("slo", cluster=row.cluster)

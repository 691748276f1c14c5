"""The control plane and the nodes of every cluster: every figure beside its limit. Asked for while it is looked at."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.console.trending import Trending
from fleetui.console.views import View
from fleetui.model.chart.board_subjects import CONTROLPLANE as CONTROLPLANE_SUBJECTS
from fleetui.model.chart.board_subjects import controlplane_subject
from fleetui.model.chart.subject import Wish
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.panel_description import panel_sections
from fleetui.model.table.columns_controlplane import CONTROLPLANE

BESIDE = 12
"""Sparklines in the inspector."""


class ControlPlaneScreen(Trending, MetricsScreen):
    PLACE = "controlplane"
    TABLE = CONTROLPLANE
    BOARD = "controlplane"
    CRUMB = "control plane"
    EMPTY = "no control plane is measured"
    BINDINGS = bindings("controlplane")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, PanelRow)
        lines = section_lines(panel_sections(row, now=self.session.clock.now()), cells)
        return self.beside(row, lines, cells)

    def wish(self, row: Any) -> Wish:
        return Wish(controlplane_subject(row), (row.cluster, "", ""))

    def wishes_beside(self, row: Any) -> Sequence[Wish]:
        """Of what is known of it."""
        known = (cell.panel for cell in row.cells if cell.sample.known)
        return [Wish(CONTROLPLANE_SUBJECTS[panel], (row.cluster, "", "")) for panel in islice(known, BESIDE)]

    def view_below(self, row: Any) -> View | None:
        """What its promises come to."""
        return View("slo", cluster=row.cluster)

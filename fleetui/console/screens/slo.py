"""The service levels of every cluster: who is called, what is left of each budget, when it is gone."""

from collections import Counter
from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.frame import bindings
from fleetui.console.ink import Line, join, line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.console.trending import Trending
from fleetui.model.chart.board_subjects import slo_subject
from fleetui.model.chart.subject import Wish
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow
from fleetui.model.panel_description import slo_sections
from fleetui.model.table.columns_slo import SLO


class SloScreen(Trending, MetricsScreen):
    PLACE = "slo"
    TABLE = SLO
    FOLDING = True
    BOARD = "slo"
    CRUMB = "service levels"
    NOUN = "promises"
    EMPTY = "no service level is measured"
    BINDINGS = bindings("slo")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, SloRow)
        return self.beside(row, section_lines(slo_sections(row, now=self.session.clock.now()), cells), cells)

    def wish(self, row: Any) -> Wish:
        return Wish(slo_subject(row), (row.cluster, "", ""))

    def verdicts(self) -> Line:
        """How many call."""
        glyphs, calls = self.session.glyphs, Counter(row.call for row in self.rows.all_rows())
        told = [
            line((f"{glyphs.broken} {calls[Call.PAGE]} page", "danger")) if calls[Call.PAGE] else (),
            line((f"{glyphs.warning} {calls[Call.TICKET]} ticket", "warn")) if calls[Call.TICKET] else (),
        ]
        return join(told, "  ")

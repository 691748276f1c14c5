"""Which cluster has metrics for which board, and what to do where it has none: what nobody scrapes looks calm."""

from typing import Any

from fleetui.console.describing import section_lines
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.metrics_screen import MetricsScreen
from fleetui.model.health.coverage import CoverageRow
from fleetui.model.panel_description import coverage_sections
from fleetui.model.table.columns_coverage import COVERAGE


class CoverageScreen(MetricsScreen):
    PLACE = "coverage"
    TABLE = COVERAGE
    BOARD = "coverage"
    CRUMB = "coverage"
    EMPTY = "no source of metrics is asked"
    BINDINGS = bindings("coverage")

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, CoverageRow)
        return section_lines(coverage_sections(row), cells)

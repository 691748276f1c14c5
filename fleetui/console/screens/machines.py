"""The nodes of all clusters in one table, or those of one cluster."""

from typing import Any

from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.inspector import machine_lines
from fleetui.console.scoped_screen import ScopedScreen
from fleetui.console.table_screen import without
from fleetui.console.views import View
from fleetui.model.machine import Machine
from fleetui.model.table.column import Table
from fleetui.model.table.columns_machine import MACHINES


class MachinesScreen(ScopedScreen):
    PLACE = "machines"
    TABLE = MACHINES
    FEED = "nodes"
    BINDINGS = bindings("machines")

    def columns(self) -> Table[Any]:
        """Of one cluster, its name in every row says nothing."""
        return without(MACHINES, "cluster") if self.view.cluster else MACHINES

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "machines", self.take)

    def crumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.view.cluster, "Machines") if self.view.cluster else ("Machines",)

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Machine)
        cluster = self.session.clusters.get(row.cluster)
        return machine_lines(row, cluster, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

    def view_below(self, row: Any) -> View | None:
        return View("pods", cluster=row.cluster, machine=row.name) if isinstance(row, Machine) else None

"""The nodes of all clusters in one table, or those of one cluster."""

from collections.abc import Coroutine
from typing import Any

from fleetui.console.describing import etcd_told
from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.inspector import machine_lines
from fleetui.console.reasons import Reasons
from fleetui.console.scoped_screen import ScopedScreen
from fleetui.console.session import Session
from fleetui.console.table_screen import without
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta
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

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._reasons = Reasons(session, self._read_apart, self.inspect_again)
        self._aimed = ""
        """Row that the cursor shall be on once it is shown; empty once it is, or a hand has moved it."""

    def aim(self, row_id: str) -> None:
        """Opened for this machine: the cursor goes there, now or when its row has come."""
        self._aimed = row_id
        self._try_aim()

    def apply(self, delta: Delta[Any]) -> None:
        super().apply(delta)
        self._try_aim()

    def tick(self) -> None:
        super().tick()
        self._try_aim()

    def on_key(self) -> None:
        self._aimed = ""

    def _try_aim(self) -> None:
        if self._aimed and self.built and self._grid.go_to(self._aimed):
            self._aimed = ""

    def _read_apart(self, reading: Coroutine[Any, Any, None]) -> None:
        self.run_worker(reading, group="reason", exclusive=True, exit_on_error=False)

    def total_of(self, cluster: Cluster) -> int | None:
        return cluster.nodes_total

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "machines", self.take)

    def crumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.view.cluster, "Machines") if self.view.cluster else ("Machines",)

    def inspect_again(self) -> None:
        """Called when the cursor rests, when its row changes, and at every tick: what is known is not read again."""
        super().inspect_again()
        row = self.current()
        if isinstance(row, Machine):
            self._reasons.look(row)

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Machine)
        return machine_lines(
            row,
            self.session.clusters.get(row.cluster),
            ready=self._reasons.of(row),
            describe=self.session.key_of("look.describe"),
            etcd=etcd_told(self.session, row),
            now=self.session.clock.now(),
            glyphs=self.session.glyphs,
            cells=cells,
        )

    def view_below(self, row: Any) -> View | None:
        return View("pods", cluster=row.cluster, machine=row.name) if isinstance(row, Machine) else None

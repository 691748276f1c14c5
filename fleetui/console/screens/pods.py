"""The pods of one cluster or one machine; without either, of every connected cluster that the filter lets through."""

from typing import Any

from fleetui.console.feeding import Feeding
from fleetui.console.frame import bindings
from fleetui.console.ink import Line
from fleetui.console.inspector import pod_lines
from fleetui.console.scoped_screen import ScopedScreen
from fleetui.console.table_screen import without
from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.pod import Pod
from fleetui.model.table.column import Table
from fleetui.model.table.columns_pod import PODS


class PodsScreen(ScopedScreen):
    PLACE = "pods"
    TABLE = PODS
    FEED = "pods"
    BINDINGS = bindings("pods")

    def columns(self) -> Table[Any]:
        """What is the same in every row says nothing."""
        same = ["cluster"] if self.view.cluster else []
        return without(PODS, *same, *(["node"] if self.view.machine else []))

    def total_of(self, cluster: Cluster) -> int | None:
        return cluster.pods_total

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "pods", self.take)

    def pods_focus(self) -> frozenset[str]:
        """A cluster's pods are watched only while they are looked at: from the first moment of its connection, and on
        through a silence, for what is last known of them must not go while somebody reads it."""
        if self.view.cluster:
            return frozenset({self.view.cluster})
        return frozenset(row.name for row in self.scope() if row.trust is not Trust.IDLE)

    def is_mine(self, row: Any) -> bool:
        return super().is_mine(row) and (not self.view.machine or row.node == self.view.machine)

    def crumbs(self) -> tuple[str, ...]:
        way = tuple(part for part in (self.view.cluster, self.view.machine) if part)
        return ("Fleet", *way, "Pods") if way else ("Pods",)

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Pod)
        cluster = self.session.clusters.get(row.cluster)
        return pod_lines(row, cluster, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

"""Base of the screens whose rows belong to clusters: of one cluster, of one of its machines, or of all."""

from typing import Any, ClassVar

from fleetui.console.emptiness import Wanted, none_there, unknown_cluster
from fleetui.console.ink import Line
from fleetui.console.inspector import cluster_lines
from fleetui.console.table_screen import TableScreen
from fleetui.model.cluster import Cluster
from fleetui.model.table.grammar import read
from fleetui.model.table.scope import concerned
from fleetui.model.table.terms import FilterError


class ScopedScreen(TableScreen):
    FEED: ClassVar[str]
    """Kind of the feed that brings the rows."""

    def is_mine(self, row: Any) -> bool:
        return not self.view.cluster or row.cluster == self.view.cluster

    def scope(self) -> tuple[Cluster, ...]:
        """The clusters whose rows belong here: that of the view, else those that the filter's ``@`` lets through."""
        clusters = self.session.clusters
        if self.view.cluster:
            return (clusters[self.view.cluster],) if self.view.cluster in clusters else ()
        try:
            wanted = concerned(read(self.query_text, self.TABLE), clusters)
        except FilterError:  # of a view that is only coming; it will say so
            return tuple(clusters.values())
        return tuple(row for name, row in clusters.items() if name in wanted)

    def wanted(self) -> Wanted:
        view = self.view
        place = f"on {view.machine}" if view.machine else f"in {view.cluster}" if view.cluster else ""
        return Wanted(self.TABLE.name, self.FEED, self.scope(), place, self.session.key_of("session.connect"))

    def is_known(self) -> bool:
        return self.wanted().is_known()

    def is_whole(self) -> bool:
        return all(self.total_of(cluster) is not None for cluster in self.scope())

    def total_of(self, cluster: Cluster) -> int | None:
        """How many rows it has; None while nobody knows."""
        raise NotImplementedError

    def nothing(self, cells: int) -> tuple[Line, ...]:
        wanted = self.wanted()
        if self.view.cluster and not wanted.clusters:
            return unknown_cluster(self.view.cluster)
        return none_there(wanted, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

    def summary(self, cells: int) -> tuple[Line, ...]:
        """Of one cluster what is known of it; of all nothing."""
        if not self.view.cluster or not self.scope():
            return ()
        return cluster_lines(self.scope()[0], now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

    def clusters_changed(self) -> None:
        """Why there is nothing to see may have another reason now."""
        super().clusters_changed()
        if self.built and self.current() is None:
            self.inspect_again()

"""The fleet: one row a cluster, trouble first, what is calm folded."""

from typing import Any

from textual import work

from fleetui.console.emptiness import no_clusters
from fleetui.console.feeding import Feeding
from fleetui.console.frame import Refocused, bindings
from fleetui.console.ink import Line, join, line, width
from fleetui.console.inspector import cluster_lines, fleet_lines
from fleetui.console.session import Session
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.cluster_verdict import VITAL
from fleetui.model.table.columns_cluster import CLUSTERS

BESIDE_AFTER_S = 1.0
"""After the first frame: the first live rows are on the screen by then."""


class FleetScreen(TableScreen):
    PLACE = "fleet"
    TABLE = CLUSTERS
    FOLDING = True
    BINDINGS = bindings("fleet")

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(session, view)
        self._group_by(session.config.group_by)

    def _group_by(self, by: str) -> None:
        """The configured grouping, where the rows have it; a wrong one is none."""
        try:
            self.rows.arrange(by=by)
        except ValueError:
            self.rows.arrange(by="")

    def feeding(self) -> Feeding:
        return Feeding(self, self.session, "clusters", self.take)

    def on_show(self) -> None:
        """The rows themselves come first; what stands beside them needs more modules, and more questions."""
        if not self.session.boards_imported:
            self._import_boards()

    @work(exclusive=True, group="boards")
    async def _import_boards(self) -> None:
        await self.session.clock.sleep(BESIDE_AFTER_S)
        await self.session.bring_boards()
        self.post_message(Refocused())

    def boards(self) -> frozenset[str]:
        """Every row has a word of each: a fixed number of questions, however many clusters there are."""
        return VITAL if self.session.boards_imported else frozenset()

    def crumbs(self) -> tuple[str, ...]:
        return ("Fleet",)

    def counts(self) -> Line:
        clusters = self.session.clusters.values()
        known = [cluster.nodes_total for cluster in clusters if cluster.nodes_total is not None]
        plus = "+" if len(known) < len(clusters) else ""
        machines = line((f"{sum(known):,}{plus} machines", "muted")) if known else ()
        return join([super().counts(), machines], "  ")

    def trust(self, cells: int) -> Line:
        """What rings comes before who is heard; a pipeline that does not live is the loudest thing here."""
        alarms = self.session.fleet.alarms
        if alarms is None:
            return super().trust(cells)
        from fleetui.console.alarm_line import alarm_line  # the first frame needs none of it

        said = alarm_line(alarms, glyphs=self.session.glyphs, cells=cells)
        return join([said, super().trust(cells - width(said) - 1)], " ")

    def tick(self) -> None:
        """A pipeline dies, and alerts of no cluster come, without any row saying so."""
        super().tick()
        self.refresh_headlines()

    def inspect(self, row: Any, cells: int) -> tuple[Line, ...]:
        assert isinstance(row, Cluster)
        return cluster_lines(row, now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells)

    def clusters_changed(self) -> None:
        """The rows are the clusters themselves, each with its own verdict; only the summary follows them all."""
        self.refresh_headlines()
        if self.built and self.current() is None:
            self.inspect_again()

    def summary(self, cells: int) -> tuple[Line, ...]:
        return fleet_lines(
            tuple(self.session.clusters.values()), now=self.session.clock.now(), glyphs=self.session.glyphs, cells=cells
        )

    def nothing(self, cells: int) -> tuple[Line, ...]:
        return no_clusters(cells)

    def view_below(self, row: Any) -> View | None:
        return View("machines", cluster=row.name) if isinstance(row, Cluster) else None

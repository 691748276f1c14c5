"""What is drawn: one figure as a query, its unit and its limit, and of whom it is asked."""

import msgspec

from fleetui.model.alerts.label_set import Labels
from fleetui.model.cluster import Health
from fleetui.model.health.panels import Panel
from fleetui.model.health.threshold import Threshold

Place = tuple[str, str, str]
"""(cluster, group, instance) of a row; group and instance are empty where a row is a cluster."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One figure."""

    id: str
    """``BOARD/PANEL``, as the command line calls it."""
    title: str
    query: str
    """Template of a ``promql.Query``: one series a member, instance or cluster."""
    doc: str = ""
    unit: str = ""
    limit: Threshold | None = None
    """In the figure's own unit."""
    mark: float | None = None
    """A value to draw a line at, where none of the two sides is worse."""
    jobs: str = ".*"
    group: tuple[str, ...] = ()
    """Labels that tell groups of rows apart."""
    instance: tuple[str, ...] = ()
    """Labels that tell the rows of a group apart."""
    peers: bool = False
    """The primary says it of its followers: ``instance`` are the labels by which it names them."""

    @property
    def falling(self) -> bool:
        """Less is worse."""
        return self.limit is not None and self.limit.falling

    @property
    def row_query(self) -> str:
        """One series a row of its table: of several members the worst."""
        labels = ", ".join(("$cluster", *self.group, *self.instance))
        return f"{'min' if self.falling else 'max'} by ({labels}) ({self.query})"

    def judge(self, value: float) -> Health:
        return Health.CALM if self.limit is None else self.limit.judge(value)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A chart that somebody wants to see."""

    subject: Subject
    clusters: tuple[str, ...] = ()
    """Display names; empty is all."""
    sources: tuple[str, ...] = ()
    """Sources that are asked before those of the clusters: whoever evaluates a rule need not keep its series."""
    place: Place | None = None
    """Of one row alone."""
    labels: Labels = ()
    """Of an alert: a line that says otherwise of one of these is another alert's."""

    @property
    def title(self) -> str:
        where = ", ".join(self.clusters[:3]) + (f" and {len(self.clusters) - 3} more" if len(self.clusters) > 3 else "")
        whose = " ".join(filter(None, self.place[1:])) if self.place is not None else ""
        return " ".join(filter(None, (where, whose, self.subject.title)))


class Wish(msgspec.Struct, frozen=True):
    """A sparkline that somebody wants to see: one figure of one row."""

    subject: Subject
    place: Place

    @property
    def key(self) -> tuple[str, Place]:
        return self.subject.id, self.place


def panel_subject(board: str, panel: Panel) -> Subject:
    """Of a board of panels. Where only the recording rule's series are kept they are drawn."""
    query = f"({panel.promql}) or ({panel.recorded})" if panel.recorded else panel.promql
    return Subject(
        id=f"{board}/{panel.id}", title=panel.title, query=query, doc=panel.doc, unit=panel.unit, limit=panel.limit
    )

"""What one source of metrics said to the queries of a board, and how old each word of it is."""

from collections.abc import Mapping

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.health.series import Point, Target, Vector
from fleetui.model.monitoring import covers


class Answers(msgspec.Struct, frozen=True):
    """What one source answered to the board's queries."""

    source: str
    replies: Mapping[str, Vector | Fault]
    """By the id of the query."""
    cluster_label: str = "cluster"
    replica_label: str = ""
    cluster: str = ""
    """The one cluster that the source is of; its series need no label then."""
    names: Mapping[str, str] = {}
    """The label's value to our display name, where they differ."""
    clusters: tuple[str, ...] = ("*",)
    """Patterns of display names: those that the source is asked about."""
    targets: tuple[Target, ...] = ()
    """What the source scrapes itself; none where it only stores."""
    fault: Fault | None = None
    """Why it could not be asked just now; the replies are then older ones, and only age."""

    @property
    def partial(self) -> str:
        """What is missing in its answers, in its own words; empty when they are whole."""
        for reply in self.replies.values():
            if isinstance(reply, Vector) and reply.reply.partial:
                return next(iter(reply.reply.warnings), "the answer is partial")
        return ""

    def about(self, name: str) -> bool:
        """Whether the source is asked about this cluster."""
        return covers(name, cluster=self.cluster, patterns=self.clusters)

    def points(self, query: str) -> tuple[Point, ...]:
        found = self.replies.get(query)
        return found.points if isinstance(found, Vector) else ()

    def fault_of(self, query: str) -> Fault | None:
        found = self.replies.get(query)
        return found if isinstance(found, Fault) else None

    def name(self, labels: Mapping[str, str]) -> str:
        """The cluster's display name; empty for a series that says none."""
        said = labels.get(self.cluster_label, "") if self.cluster_label else ""
        return self.cluster or self.names.get(said, said)


def sampled_at(point: Point, reply: Vector) -> float:
    """The time in a point of ``timestamp()`` by our clock: as long before the answer came as it was before the moment
    of asking by the source's. So its clock may go wrong without making anything old."""
    return reply.reply.received_at - max(0.0, point.at - point.value) - reply.reply.behind_s

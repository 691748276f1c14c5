"""What the supervisors of one session share, and what makes each of them another cluster's."""

from collections.abc import Callable
from dataclasses import dataclass

from fleetui.model.cluster import Cluster, Tags
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.gate import Gate
from fleetui.observe.history import History
from fleetui.observe.identities import Identities
from fleetui.observe.shelf import Turns
from fleetui.observe.table import Table
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.reader import ClusterReader

OpenReader = Callable[[], ClusterReader]
"""Makes a reader; called on the loop for every new connection, so that new credentials on disk are read. May raise
``ClusterError``. The first call may import the client."""


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster as the configuration names it."""

    name: str
    context: str
    tags: Tags
    order: int
    """Its place in the configuration."""
    open_reader: OpenReader

    def blank(self) -> Cluster:
        """The row before anything is known."""
        return Cluster(name=self.name, context=self.context, tags=self.tags, trust=Trust.IDLE)


@dataclass(frozen=True, slots=True)
class Scene:
    clock: Clock
    chance: Chance
    clusters: Table[Cluster]
    machines: Table[Machine]
    pods: Table[Pod]
    history: History
    identities: Identities
    gate: Gate
    turns: Turns

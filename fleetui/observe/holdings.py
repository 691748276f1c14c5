"""What we hold of one cluster, over all its connections: its rows, where its watches stand, how it stands."""

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Source
from fleetui.model.history import machine_transitions, pod_transitions
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.reflector import Reflector
from fleetui.observe.scene import Member, Scene
from fleetui.observe.shelf import Shelf
from fleetui.observe.standing import Standing


class Holdings:
    """Owned by the cluster's supervisor. A new connection goes on where the last one was cut."""

    def __init__(self, member: Member, scene: Scene) -> None:
        self._member = member
        self.standing = Standing(member.blank())
        self.machines: Shelf[Machine] = Shelf(
            cluster=member.name,
            table=scene.machines,
            tally=self.standing.machine_tally,
            history=scene.history,
            transitions=machine_transitions,
            now=scene.clock.now,
            turns=scene.turns,
        )
        self.pods: Shelf[Pod] = Shelf(
            cluster=member.name,
            table=scene.pods,
            tally=self.standing.pod_tally,
            history=scene.history,
            transitions=pod_transitions,
            now=scene.clock.now,
            turns=scene.turns,
        )
        self.machine_core: Reflector[Machine] = Reflector(cluster=member.name, rows=self.machines.rows)
        self.pod_core: Reflector[Pod] = Reflector(cluster=member.name, rows=self.pods.rows)

    def recall(self, cached: Cluster) -> None:
        """The row of an earlier run: its numbers count until there are new ones."""
        self.standing.last = cached
        self.standing.pods_at = cached.pods_at

    @property
    def recallable(self) -> bool:
        """Whether machines of an earlier run may be shown: nothing newer has come, and it is still the same cluster."""
        last = self.standing.last
        listed = self.standing.nodes.complete or self.machine_core.position is not None
        return not listed and last.source is Source.CACHED and last.uid != ""

    def forget(self) -> None:
        """Nothing learned or cached counts any more: it was about another cluster, or belongs to another row."""
        self.machines.clear()
        self.pods.clear()
        self.machine_core.gone()
        self.pod_core.gone()
        standing = self.standing
        standing.last, standing.uid, standing.version, standing.pods_at = self._member.blank(), "", None, None
        for feed in (standing.nodes, standing.pods):
            feed.complete = False
            feed.contact = feed.contact_at = feed.shown_at = None

    def release_pods(self) -> None:
        """Nobody looks at the pods: the numbers stay with their age, the rows go."""
        self.standing.pods.wanted = self.standing.pods.complete = False
        self.standing.pods.mended()
        self.pods.clear()
        self.pod_core.gone()

    def retire(self) -> None:
        """No longer connected: everything stays as last known, and the next connection may find another cluster."""
        self.release_pods()
        standing = self.standing
        standing.fault, standing.uid, standing.latency_s, standing.skew_s, standing.aliases = None, "", None, None, ()
        for feed in standing.feeds:
            feed.wanted = feed.complete = False
            feed.mended()
        self.machine_core.gone()

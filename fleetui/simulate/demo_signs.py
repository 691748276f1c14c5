"""What the demo's rules find: the simulated clusters and their etcd, as series would show them."""

from collections.abc import Iterable, Iterator
from typing import cast

from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.ports.clock import Clock
from fleetui.simulate import disruption
from fleetui.simulate.etcd_cluster import SimulatedEtcd
from fleetui.simulate.etcd_demo import DemoEtcds
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.objects import DisruptionBudget, Node, Pod
from fleetui.simulate.prometheus_rules import Sign
from fleetui.simulate.world import World

SLOW_FSYNC_S = 0.025
FRAGMENTED = 0.5
"""Of the database, in use (etcd mixin)."""
FULL = 0.95
"""Of the quota (etcd mixin)."""
STORIES_BEGAN_S = 47 * 60.0
"""Before the demo: what was wrong from the start has been wrong for so long."""


class DemoSigns:
    """Each method is the look of a rule; clusters that nobody reaches send nothing."""

    def __init__(self, fleet: Fleet, etcds: DemoEtcds, clock: Clock) -> None:
        self._fleet = fleet
        self._etcds = etcds
        self._clock = clock
        self._begun = clock.now() - STORIES_BEGAN_S

    # Machines.

    def not_ready(self) -> Iterator[Sign]:
        for cluster, node in self._nodes():
            condition = node.ready_condition
            if not node.ready:
                labels = {"cluster": cluster, "node": node.name, "condition": "Ready", "status": "true"}
                yield Sign(labels, 0.0, condition.since if condition is not None else None)

    def kubelets_down(self) -> Iterator[Sign]:
        for sign in self.not_ready():
            labels = {"cluster": sign.labels["cluster"], "node": sign.labels["node"], "job": "kubelet"}
            yield Sign(labels, 100.0, sign.since)

    def cordoned(self) -> Iterator[Sign]:
        """By hand; a machine that an operation works on has its lock."""
        for cluster, node in self._nodes():
            notes = dict(node.annotations)
            if node.unschedulable and LOCK_ANNOTATION not in notes:
                since = self._begun if CORDON_ANNOTATION in notes else None
                yield Sign({"cluster": cluster, "node": node.name}, 1.0, since)

    def kubelets_behind(self) -> Iterator[Sign]:
        for member, world in self._worlds():
            minors = {_minor(node.kubelet) for node in _nodes(world)} | {_minor(world.version)}
            if len(minors) > 1:
                yield Sign({"cluster": member.host.name}, float(len(minors)), self._begun)

    # Pods and budgets.

    def crash_loops(self) -> Iterator[Sign]:
        for cluster, pod in self._pods():
            for container in pod.containers:
                if container.reason == "CrashLoopBackOff":
                    known = pod.created if pod.template.crashes else None  # any other backs off once, for seconds
                    yield Sign({**_of_pod(cluster, pod), "container": pod.template.containers[0].name}, 1.0, known)

    def pending(self) -> Iterator[Sign]:
        for cluster, pod in self._pods():
            if pod.phase == "Pending" and pod.unschedulable:
                yield Sign(_of_pod(cluster, pod), 1.0, pod.created)

    def budgets_shut(self) -> Iterator[Sign]:
        for member, world in self._worlds():
            for budget in _budgets(world):
                if budget.allowed == 0 and budget.expected:
                    labels = {"cluster": member.host.name, "namespace": budget.namespace}
                    yield Sign({**labels, "poddisruptionbudget": budget.name}, 0.0, budget.changed)

    def drains_held(self) -> Iterator[Sign]:
        """A machine that is being emptied has a pod whose budget lets none go."""
        for member, world in self._worlds():
            shut = [budget for budget in _budgets(world) if budget.allowed == 0 and budget.expected]
            for node in _nodes(world):
                if node.unschedulable and LOCK_ANNOTATION in dict(node.annotations):
                    yield from _held(member.host.name, node, world, shut)

    # etcd.

    def etcd_members_down(self) -> Iterator[Sign]:
        for cluster, etcd in self._etcd():
            down = sum(not member.alive for member in etcd.members)
            if down:
                yield Sign({"cluster": cluster, "job": "etcd"}, float(down), self._begun)

    def etcd_targets_down(self) -> Iterator[Sign]:
        for cluster, etcd in self._etcd():
            down = [member for member in etcd.members if not member.alive]
            if down:
                share = 100 * len(down) / len(etcd.members)
                yield Sign({"cluster": cluster, "job": "etcd"}, share, self._begun)

    def etcd_full(self) -> Iterator[Sign]:
        for cluster, etcd in self._etcd():
            for member in etcd.members:
                if member.works and member.db_size > FULL * etcd.quota:
                    labels = {"cluster": cluster, "job": "etcd", "instance": f"{member.name}:2379"}
                    yield Sign(labels, 100 * member.db_size / etcd.quota, self._begun)

    def etcd_fragmented(self) -> Iterator[Sign]:
        for cluster, etcd in self._etcd():
            for member in etcd.members:
                share = member.db_in_use / member.db_size
                if member.works and share < FRAGMENTED:
                    labels = {"cluster": cluster, "job": "etcd", "instance": f"{member.name}:2379"}
                    yield Sign(labels, share, self._begun)

    def etcd_slow(self) -> Iterator[Sign]:
        for cluster, etcd in self._etcd():
            for member in etcd.members:
                if member.works and member.fsync_s > SLOW_FSYNC_S:
                    labels = {"cluster": cluster, "job": "etcd", "instance": f"{member.name}:2379"}
                    yield Sign(labels, member.fsync_s, self._begun)

    # The way of the metrics.

    def silent(self) -> Iterator[Sign]:
        for member in self._fleet.members:
            if not member.listening:
                yield Sign({"cluster": member.host.name}, 1.0, self._begun)
            elif member.host.trouble.hang:
                yield Sign({"cluster": member.host.name}, 1.0)

    # Reading.

    def _worlds(self) -> Iterator[tuple[Member, World]]:
        for member in self._fleet.members:
            host = member.host
            if member.listening and not host.trouble.hang:
                host.world.tick(self._clock.now())
                host.wake()
                yield member, host.world

    def _nodes(self) -> Iterator[tuple[str, Node]]:
        for member, world in self._worlds():
            for node in _nodes(world):
                yield member.host.name, node

    def _pods(self) -> Iterator[tuple[str, Pod]]:
        for member, world in self._worlds():
            for pod in cast("Iterable[Pod]", tuple(world.all("pods"))):
                yield member.host.name, pod

    def _etcd(self) -> Iterator[tuple[str, SimulatedEtcd]]:
        yield from self._etcds.etcds.items()


def _held(cluster: str, node: Node, world: World, shut: Iterable[DisruptionBudget]) -> Iterator[Sign]:
    pods = [pod for pod in world.pods_on(node.name) if pod.active]
    for budget in shut:
        if any(disruption.selects(budget, pod) for pod in pods if pod.namespace == budget.namespace):
            labels = {"cluster": cluster, "node": node.name, "namespace": budget.namespace}
            yield Sign({**labels, "poddisruptionbudget": budget.name})


def _nodes(world: World) -> tuple[Node, ...]:
    return cast("tuple[Node, ...]", tuple(world.all("nodes")))


def _budgets(world: World) -> tuple[DisruptionBudget, ...]:
    return cast("tuple[DisruptionBudget, ...]", tuple(world.all("poddisruptionbudgets")))


def _of_pod(cluster: str, pod: Pod) -> dict[str, str]:
    return {"cluster": cluster, "namespace": pod.namespace, "pod": pod.name}


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])

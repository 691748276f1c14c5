"""The simulated cluster behind ``ports.target``, without a wire: what the controller core is drilled on."""

from collections.abc import Callable
from typing import cast

import msgspec

from fleetui.model.drain import Budget, NodeState, PodState
from fleetui.model.fault import ClusterError
from fleetui.ports.reader import Identity
from fleetui.ports.target import Capacity, EvictionAnswer, OwnerState, PatchAnswer, Permission
from fleetui.simulate import rows
from fleetui.simulate.gate import Gate, forbidden, raise_for
from fleetui.simulate.host import Host
from fleetui.simulate.objects import DisruptionBudget, Node, Pod, Resource, Workload
from fleetui.simulate.request import Evict, Get, List, Patch, Status

PodChooser = Callable[[Pod], bool]


class SimulatedTarget:
    """A ``ports.target.TargetCluster``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._gate = Gate(host)

    async def identify(self) -> Identity:
        answer = await self._gate.ask(Get("namespaces", "kube-system"), verb="get", resource="namespaces")
        return Identity(uid=answer.item.uid, version=self._host.world.version)

    async def server_now(self) -> float:
        await self._gate.enter()
        return float(int(self._host.says_it_is()))

    async def allowed(self, permissions: tuple[Permission, ...]) -> dict[Permission, bool | None]:
        answers: dict[Permission, bool | None] = {}
        for permission in permissions:
            try:
                await self._gate.enter()
            except ClusterError:
                answers[permission] = None
            else:
                resource = permission.resource.partition(".")[0]
                answers[permission] = not self._host.trouble.denies(permission.verb, resource)
        return answers

    async def node(self, name: str) -> NodeState | None:
        thing = await self._get("nodes", "", name)
        return None if thing is None else rows.node_state(cast("Node", thing))

    async def nodes(self) -> tuple[NodeState, ...]:
        return tuple(rows.node_state(cast("Node", thing)) for thing in await self._list("nodes"))

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        return await self._pods(lambda pod: pod.node == node)

    async def pods_in(self, namespace: str) -> tuple[PodState, ...]:
        return await self._pods(lambda pod: pod.namespace == namespace)

    async def pod(self, namespace: str, name: str) -> PodState | None:
        thing = await self._get("pods", namespace, name)
        return None if thing is None else rows.pod_state(cast("Pod", thing))

    async def budgets(self, namespace: str) -> tuple[Budget, ...]:
        found = await self._list("poddisruptionbudgets", namespace)
        return tuple(rows.budget_state(cast("DisruptionBudget", thing)) for thing in found)

    async def owner(self, pod: PodState) -> OwnerState | None:
        if pod.controller is None:
            return None
        found: Workload | None = None
        kind, name = pod.controller.kind, pod.controller.name
        while True:
            above = await self._workload(kind, pod.namespace, name)
            if above is None:
                break
            found = above
            if above.owner is None:
                break
            kind, name = above.owner.kind, above.owner.name
        return None if found is None else _owner_state(found)

    async def _workload(self, kind: str, namespace: str, name: str) -> Workload | None:
        """None when it is gone, forbidden or of a kind without pods of its own."""
        resource = f"{kind.lower()}s"
        if resource not in ("deployments", "replicasets", "statefulsets", "daemonsets"):
            return None
        if self._host.trouble.denies("get", resource):
            return None
        return cast("Workload | None", await self._get(resource, namespace, name))

    async def daemon_set_exists(self, namespace: str, name: str) -> bool | None:
        if self._host.trouble.denies("get", "daemonsets"):
            return None
        return await self._get("daemonsets", namespace, name) is not None

    async def capacity(self, *, without: frozenset[str]) -> Capacity:
        nodes = [node for node in await self.nodes() if node.ready and not node.unschedulable]
        left = {node.name: node for node in nodes if node.name not in without}
        pods = [pod for pod in await self._pods(lambda pod: pod.node in left) if pod.phase in ("Pending", "Running")]
        return Capacity(
            allocatable_cpu=sum(node.cpu or 0.0 for node in left.values()),
            allocatable_memory=sum(node.memory or 0.0 for node in left.values()),
            requested_cpu=sum(pod.cpu for pod in pods),
            requested_memory=sum(pod.memory for pod in pods),
            nodes=len(left),
        )

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        body = msgspec.json.decode(patch)
        meta = {**(body.get("metadata") or {}), "uid": uid, "resourceVersion": resource_version}
        request = Patch("nodes", name, {**body, "metadata": meta})
        await self._gate.enter()
        if self._host.trouble.denies("patch", "nodes"):
            return PatchAnswer(403, forbidden("patch", "nodes").detail)
        answer = self._host.ask(request)
        if answer.status is not None:
            return PatchAnswer(_conflict_or(answer.status), answer.status.message)
        return PatchAnswer(answer.code, node=rows.node_state(cast("Node", answer.item)))

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        request = Evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)
        await self._gate.enter()
        if self._host.trouble.denies("create", "pods/eviction"):
            return EvictionAnswer(403, "Forbidden", forbidden("create", "pods/eviction").detail)
        return _eviction_answer(self._host.ask(request).status or Status(201))

    async def close(self) -> None:
        """Nothing is held."""

    async def _get(self, resource: str, namespace: str, name: str) -> Resource | None:
        answer = await self._gate.ask(Get(resource, name, namespace), verb="get", resource=resource)
        return answer.item if answer.status is None else None

    async def _list(self, resource: str, namespace: str = "") -> tuple[Resource, ...]:
        answer = await self._gate.ask(List(resource, namespace), verb="list", resource=resource)
        raise_for(answer.status, resource)
        return answer.items

    async def _pods(self, chosen: PodChooser) -> tuple[PodState, ...]:
        request = List("pods", chosen=lambda thing: chosen(cast("Pod", thing)))
        answer = await self._gate.ask(request, verb="list", resource="pods")
        return tuple(rows.pod_state(cast("Pod", thing)) for thing in answer.items)


def _conflict_or(status: Status) -> int:
    """The server calls another uid an invalid change of a field (422); to the port it is a conflict."""
    another = any(cause.field == "metadata.uid" for cause in status.causes)
    return 409 if another else status.code


def _eviction_answer(status: Status) -> EvictionAnswer:
    return EvictionAnswer(
        code=status.code,
        reason=status.reason,
        message=status.message,
        causes=tuple(f"{cause.reason}: {cause.message}" for cause in status.causes),
        retry_after_s=None if status.retry_after_s is None else float(status.retry_after_s),
    )


def _owner_state(workload: Workload) -> OwnerState:
    counts = workload.counts
    replicas = counts.pods if workload.kind == "DaemonSet" else workload.replicas
    return OwnerState(workload.kind, workload.namespace, workload.name, replicas, counts.ready)

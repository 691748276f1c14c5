"""A simulated cluster's objects as the rows and states of the ports: what real adapters make of the same documents.

Equal texts are one object: a row costs little more than its struct, and 150,000 of them fit in one process.
"""

import sys
from functools import lru_cache

import msgspec

from fleetui.model.drain import Budget, NodeState, PodState, Toleration
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.machine import CONTROL_PLANE_ROLES, Machine
from fleetui.model.pod import Pod as PodRow
from fleetui.model.text import clean
from fleetui.simulate import printing
from fleetui.simulate.objects import DisruptionBudget, Node, Pairs, Pod
from fleetui.simulate.wire_text import whole_second


class Mark(msgspec.Struct, gc=False):
    """What the rows show of our annotations: who, what, for which operation."""

    by: str = ""
    kind: str = ""
    op: str = ""


def machine(node: Node, cluster: str) -> Machine:
    hardware = node.hardware
    cordoned_by, operation = _marks(node.annotations) if node.annotations else ("", "")
    return Machine(
        uid=clean(node.uid),
        name=clean(node.name),
        cluster=cluster,
        status=printing.node_status(node),
        roles=_roles(printing.roles(node.labels)),
        version=_shared(node.kubelet),
        created=whole_second(node.created),
        internal_ip=clean(node.internal_ip),
        os_image=_shared(hardware.os_image),
        kernel=_shared(f"{hardware.kernel} ({hardware.architecture})"),
        runtime=_shared(hardware.runtime),
        labels=_clean(node.labels),
        cordoned_by=cordoned_by,
        operation=operation,
        resource_version=str(node.revision),
    )


def pod_row(pod: Pod, cluster: str) -> PodRow:
    return PodRow(
        uid=clean(pod.uid),
        name=clean(pod.name),
        namespace=clean(pod.namespace),
        cluster=cluster,
        status=clean(printing.pod_status(pod)),
        ready=printing.pod_ready_containers(pod),
        containers=len(pod.template.containers),
        restarts=printing.pod_restarts(pod),
        node=clean(pod.node),
        ip=clean(pod.ip),
        owner=clean(f"{pod.owner.kind}/{pod.owner.name}") if pod.owner else "",
        created=whole_second(pod.created),
        deleting_since=_deleting_since(pod),
        labels=_clean(pod.labels),
        resource_version=str(pod.revision),
    )


def node_state(node: Node) -> NodeState:
    condition = node.ready_condition
    ready = None if condition is None else {"True": True, "False": False}.get(condition.status)
    return NodeState(
        uid=node.uid,
        name=node.name,
        resource_version=str(node.revision),
        unschedulable=node.unschedulable,
        ready=ready,
        ready_since=whole_second(condition.since) if condition is not None else None,
        control_plane=not CONTROL_PLANE_ROLES.isdisjoint(printing.node_roles(node)),
        annotations=node.annotations,
        labels=node.labels,
        taints=node.taints,
        cpu=node.hardware.cpu_m / 1000,
        memory=float(node.hardware.memory),
    )


def pod_state(pod: Pod) -> PodState:
    template = pod.template
    return PodState(
        uid=pod.uid,
        namespace=pod.namespace,
        name=pod.name,
        node=pod.node,
        phase=pod.phase,
        ready=pod.ready,
        ready_changed=whole_second(pod.ready_changed),
        resource_version=str(pod.revision),
        mirror=pod.mirror,
        controller=pod.owner,
        labels=pod.labels,
        empty_dirs=template.empty_dirs,
        host_paths=template.host_paths,
        local_claims=template.claims,
        finalizers=pod.finalizers,
        deleting_since=_deleting_since(pod),
        deletes_at=whole_second(pod.deletes_at),
        grace_s=template.grace_s,
        cpu=template.cpu_m / 1000,
        memory=float(template.memory),
        tolerations=tuple(Toleration(it.key, "Exists", "", it.effect) for it in template.tolerations),
        node_selector=template.node_selector,
    )


def budget_state(budget: DisruptionBudget) -> Budget:
    blocked = budget.sufficient is False
    return Budget(
        namespace=budget.namespace,
        name=budget.name,
        uid=budget.uid,
        match_labels=budget.match_labels,
        match_expressions=budget.match_expressions,
        selects_nothing=budget.selects_nothing,
        min_available=budget.min_available,
        max_unavailable=budget.max_unavailable,
        always_allow_unhealthy=budget.always_allow_unhealthy,
        disruptions_allowed=budget.allowed,
        current_healthy=budget.healthy,
        desired_healthy=budget.desired,
        expected_pods=budget.expected,
        blocked_since=whole_second(budget.changed) if blocked else None,
    )


def _deleting_since(pod: Pod) -> float | None:
    if pod.deletes_at is None:
        return None
    return whole_second(pod.deletes_at - (pod.grace_s or 0))


def _marks(annotations: Pairs) -> tuple[str, str]:
    """(who cordoned it, the operation that holds the lock), empty where our annotations do not say."""
    said = dict(annotations)
    cordon, lock = (_mark(said.get(key)) for key in (CORDON_ANNOTATION, LOCK_ANNOTATION))
    cordoned_by = " ".join(part for part in (cordon.by, cordon.kind, cordon.op) if part) if cordon else ""
    return _shared(cordoned_by), _shared(f"{lock.kind or 'operation'} by {lock.by or '?'}") if lock else ""


def _mark(text: str | None) -> Mark | None:
    """Anyone may write our annotations; what is not ours to read is no mark."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=Mark)
    except (msgspec.DecodeError, UnicodeError):
        return None


@lru_cache(maxsize=4096)
def _shared(text: str) -> str:
    return sys.intern(clean(text))


@lru_cache(maxsize=4096)
def _roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_shared(role) for role in roles)


def _clean(labels: Pairs) -> Pairs:
    """The node's own tuple when there is nothing to clean, which is nearly always."""
    return labels if all(map(_plain, labels)) else tuple((clean(key), clean(value)) for key, value in labels)


@lru_cache(maxsize=65_536)
def _plain(label: tuple[str, str]) -> bool:
    return all(clean(part) == part for part in label)

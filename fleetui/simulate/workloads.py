"""The workload controllers: as many pods as wanted, no more. Each looks at what is, never at what happened."""

import hashlib
import math
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from fleetui.model.drain import OwnerRef
from fleetui.simulate import kubelet
from fleetui.simulate.objects import (
    CORDON_TAINT,
    Counts,
    Node,
    Pod,
    PodTemplate,
    Toleration,
    Workload,
)
from fleetui.simulate.scheduler import selected, untolerated
from fleetui.simulate.state import State

SURGE = UNAVAILABLE = 0.25
"""The defaults of a Deployment's rolling update: surge rounded up, unavailable rounded down."""
HISTORY_LIMIT = 10
"""The default of a Deployment's revisionHistoryLimit."""

DAEMON_TOLERATIONS = (
    Toleration(key="node.kubernetes.io/not-ready"),
    Toleration(key="node.kubernetes.io/unreachable"),
    Toleration(key=CORDON_TAINT.key),
)
"""What the DaemonSet controller adds to its pods: they stay on silent nodes and come back to cordoned ones."""


def reconcile(state: State, uid: str, now: float) -> None:
    """One look at the workload of this uid; nothing when it is gone."""
    workload = state.workload(uid)
    if workload is None:
        return
    match workload.kind:
        case "Deployment":
            _deployment(state, workload, now)
        case "ReplicaSet":
            _replica_set(state, workload, now)
        case "StatefulSet":
            _stateful_set(state, workload, now)
        case "DaemonSet":
            _daemon_set(state, workload, now)
    _report(state, uid)


def _report(state: State, uid: str) -> None:
    """The status, written when it changed: who watches the workload hears of it."""
    workload = state.workload(uid)
    if workload is not None:
        state.put(replace(workload, counts=_count(state, workload)))


def _count(state: State, workload: Workload) -> Counts:
    if workload.kind != "Deployment":
        active = [pod for pod in state.pods_of(workload.uid) if pod.active]
        return Counts(len(active), sum(pod.ready for pod in active), len(active))
    total = Counts()
    for replica_set in state.replica_sets_of(workload.uid):
        part = _count(state, replica_set)
        newest = replica_set.template_hash == workload.template_hash
        total += part if newest else replace(part, updated=0)
    return total


def template_hash(template: PodTemplate) -> str:
    """Ten characters that change with the template: part of the names of ReplicaSets and pods."""
    digest = hashlib.blake2s(msgspec.json.encode(template), digest_size=5).hexdigest()
    return digest.translate(str.maketrans("01aeiou3", "bcdfghjk"))


def _deployment(state: State, deployment: Workload, now: float) -> None:
    wanted = deployment.replicas
    sets = state.replica_sets_of(deployment.uid)
    current = next((each for each in sets if each.template_hash == deployment.template_hash), None)
    if current is None:
        current = _new_set(state, deployment, now)
        sets = (*sets, current)
    old = tuple(each for each in sets if each.uid != current.uid and each.replicas)
    if not old:
        _scale(state, current, wanted)
        _forget(state, (each for each in sets if each.uid != current.uid))
        return
    room = wanted + math.ceil(wanted * SURGE) - sum(each.replicas for each in sets)
    grown = _scale(state, current, min(wanted, current.replicas + max(0, room)))
    available = sum(_available(state, each) for each in (*old, grown))
    _shrink(state, old, spare=available - (wanted - math.floor(wanted * UNAVAILABLE)))


def _forget(state: State, finished: Iterable[Workload]) -> None:
    """revisionHistoryLimit: the oldest sets without pods go."""
    empty = [each for each in finished if not state.pods_of(each.uid)]
    for each in empty[: max(0, len(empty) - HISTORY_LIMIT)]:
        state.remove(each)


def _new_set(state: State, deployment: Workload, now: float) -> Workload:
    hashed = deployment.template_hash
    labels = tuple(sorted({*deployment.template.labels, ("pod-template-hash", hashed)}))
    return state.put(
        Workload(
            kind="ReplicaSet",
            name=f"{deployment.name}-{hashed}",
            namespace=deployment.namespace,
            uid=state.new_uid(),
            created=now,
            labels=labels,
            owner=deployment.reference,
            template=replace(deployment.template, labels=labels),
            selector=labels,
            replicas=0,
            template_hash=hashed,
        )
    )


def _scale(state: State, workload: Workload, replicas: int) -> Workload:
    if workload.replicas == replicas:
        return workload
    return state.put(replace(workload, replicas=replicas, generation=workload.generation + 1))


def _available(state: State, replica_set: Workload) -> int:
    """Ready pods that the set still wants; those it is about to delete do not count twice."""
    ready = sum(pod.ready for pod in state.pods_of(replica_set.uid) if pod.active)
    return min(ready, replica_set.replicas)


def _shrink(state: State, old: Iterable[Workload], *, spare: int) -> None:
    """Pods that are not ready go first: they cost nothing."""
    for each in old:
        broken = each.replicas - _available(state, each)
        gone = min(each.replicas, broken + max(0, spare))
        spare -= max(0, gone - broken)
        _scale(state, each, each.replicas - gone)


def _replica_set(state: State, replica_set: Workload, now: float) -> None:
    active = [pod for pod in state.pods_of(replica_set.uid) if pod.active]
    for _ in range(replica_set.replicas - len(active)):
        _create(state, replica_set, f"{replica_set.name}-{state.suffix()}", now)
    surplus = len(active) - replica_set.replicas
    if surplus > 0:
        for pod in sorted(active, key=lambda pod: (pod.ready, -pod.created, pod.name))[:surplus]:
            kubelet.delete(state, pod, now)


def _stateful_set(state: State, stateful_set: Workload, now: float) -> None:
    """Names stay: a replacement waits until its predecessor is really gone."""
    for ordinal in range(stateful_set.replicas):
        name = f"{stateful_set.name}-{ordinal}"
        if state.pod((stateful_set.namespace, name)) is None:
            _create(state, stateful_set, name, now)


def _daemon_set(state: State, daemon_set: Workload, now: float) -> None:
    covered = {pod.node for pod in state.pods_of(daemon_set.uid)}
    tolerant = replace(daemon_set, template=daemon_template(daemon_set.template))
    for node in tuple(state.nodes()):
        if node.name not in covered and _runs_daemon(node, tolerant.template):
            _create(state, tolerant, f"{daemon_set.name}-{state.suffix()}", now, node=node.name)


def daemon_template(template: PodTemplate) -> PodTemplate:
    return replace(template, tolerations=(*template.tolerations, *DAEMON_TOLERATIONS))


def _runs_daemon(node: Node, template: PodTemplate) -> bool:
    return selected(node, template.node_selector) and untolerated(node.taints, template.tolerations) is None


def _create(state: State, owner: Workload, name: str, now: float, *, node: str = "") -> None:
    stored = state.put(new_pod(owner, name=name, uid=state.new_uid(), created=now, node=node or owner.template.node))
    if stored.node:
        kubelet.take(state, stored, now)


def new_pod(owner: Workload, *, name: str, uid: str, created: float, node: str = "") -> Pod:
    template = owner.template
    return Pod(
        name=name,
        namespace=owner.namespace,
        uid=uid,
        created=created,
        labels=template.labels,
        annotations=template.annotations,
        owner=OwnerRef(kind=owner.kind, name=owner.name, uid=owner.uid, api_version="apps/v1"),
        finalizers=template.finalizers,
        template=template,
        containers=kubelet.waiting(template) if node else (),
        node=node,
    )

"""What a drain must know of nodes, pods and budgets, read from the objects that the server sends."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from fleetui.clients.kube.objects import seconds
from fleetui.clients.kube.quantity import quantity
from fleetui.model.drain import Budget, LabelRequirement, NodeState, NodeTerm, OwnerRef, PodState, Taint, Toleration
from fleetui.model.labels import ROLE_PREFIX
from fleetui.model.machine import CONTROL_PLANE_ROLES

MIRROR = "kubernetes.io/config.mirror"

Resources = dict[str, str | int | float]


class Owner(msgspec.Struct, rename="camel"):
    kind: str = ""
    name: str = ""
    uid: str = ""
    api_version: str = ""
    controller: bool | None = None


class Meta(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: list[str] | None = None
    owner_references: list[Owner] | None = None


class Condition(msgspec.Struct, rename="camel"):
    type: str = ""
    status: str = ""
    last_transition_time: datetime | None = None


class WireTaint(msgspec.Struct):
    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(msgspec.Struct):
    unschedulable: bool | None = None
    taints: list[WireTaint] | None = None


class NodeStatus(msgspec.Struct):
    conditions: list[Condition] | None = None
    allocatable: Resources | None = None


class WireNode(msgspec.Struct):
    metadata: Meta
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class Requests(msgspec.Struct):
    requests: Resources | None = None


class Container(msgspec.Struct, rename="camel"):
    resources: Requests | None = None
    restart_policy: str | None = None


class Claim(msgspec.Struct, rename="camel"):
    claim_name: str = ""


class Volume(msgspec.Struct, rename="camel"):
    name: str = ""
    empty_dir: dict[str, msgspec.Raw] | None = None
    host_path: dict[str, msgspec.Raw] | None = None
    persistent_volume_claim: Claim | None = None
    ephemeral: dict[str, msgspec.Raw] | None = None


class PodSpec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    termination_grace_period_seconds: int | None = None
    volumes: list[Volume] | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    overhead: Resources | None = None
    resources: Requests | None = None
    """Pod-level requests, which stand for those of the containers."""


class WireToleration(msgspec.Struct):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class Expression(msgspec.Struct):
    key: str = ""
    operator: str = ""
    values: list[str] | None = None


class WireTerm(msgspec.Struct, rename="camel"):
    match_expressions: list[Expression] | None = None
    match_fields: list[Expression] | None = None


class Terms(msgspec.Struct, rename="camel"):
    node_selector_terms: list[WireTerm] | None = None


class NodeAffinity(msgspec.Struct, rename="camel"):
    required_during_scheduling_ignored_during_execution: Terms | None = None


class Affinity(msgspec.Struct, rename="camel"):
    node_affinity: NodeAffinity | None = None


class PlacedSpec(PodSpec, rename="camel"):
    """With the rules of where it may run, which a sum over all pods of a cluster does not need."""

    tolerations: list[WireToleration] | None = None
    node_selector: dict[str, str] | None = None
    affinity: Affinity | None = None


class PodStatus(msgspec.Struct):
    phase: str = ""
    conditions: list[Condition] | None = None


class WirePod(msgspec.Struct):
    metadata: Meta
    spec: PlacedSpec = msgspec.field(default_factory=PlacedSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class Selector(msgspec.Struct, rename="camel"):
    match_labels: dict[str, str] | None = None
    match_expressions: list[Expression] | None = None


class BudgetSpec(msgspec.Struct, rename="camel"):
    selector: Selector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    unhealthy_pod_eviction_policy: str | None = None


class BudgetStatus(msgspec.Struct, rename="camel"):
    observed_generation: int | None = None
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: list[Condition] | None = None


class WireBudget(msgspec.Struct):
    metadata: Meta
    spec: BudgetSpec = msgspec.field(default_factory=BudgetSpec)
    status: BudgetStatus = msgspec.field(default_factory=BudgetStatus)


def node_state(node: WireNode) -> NodeState:
    meta, ready = node.metadata, _condition(node.status.conditions, "Ready")
    labels = meta.labels or {}
    allocatable = node.status.allocatable or {}
    return NodeState(
        uid=meta.uid,
        name=meta.name,
        resource_version=meta.resource_version,
        unschedulable=bool(node.spec.unschedulable),
        ready={"True": True, "False": False}.get(ready.status) if ready else None,
        ready_since=seconds(ready.last_transition_time) if ready else None,
        control_plane=any(f"{ROLE_PREFIX}{role}" in labels for role in CONTROL_PLANE_ROLES),
        annotations=_pairs(meta.annotations),
        labels=_pairs(labels),
        taints=tuple(Taint(taint.key, taint.value, taint.effect) for taint in node.spec.taints or ()),
        cpu=quantity(allocatable.get("cpu")),
        memory=quantity(allocatable.get("memory")),
    )


def pod_state(pod: WirePod) -> PodState:
    meta, spec, ready = pod.metadata, pod.spec, _condition(pod.status.conditions, "Ready")
    deletes_at = seconds(meta.deletion_timestamp)
    volumes = spec.volumes or []
    return PodState(
        uid=meta.uid,
        namespace=meta.namespace,
        name=meta.name,
        node=spec.node_name,
        phase=pod.status.phase,
        ready=ready is not None and ready.status == "True",
        ready_changed=seconds(ready.last_transition_time) if ready else None,
        resource_version=meta.resource_version,
        mirror=MIRROR in (meta.annotations or {}),
        controller=controller_of(meta),
        labels=_pairs(meta.labels),
        empty_dirs=tuple(volume.name for volume in volumes if volume.empty_dir is not None),
        host_paths=tuple(volume.name for volume in volumes if volume.host_path is not None),
        local_claims=tuple(_claims(volumes, pod=meta.name)),
        finalizers=tuple(meta.finalizers or ()),
        deleting_since=None if deletes_at is None else deletes_at - (meta.deletion_grace_period_seconds or 0),
        deletes_at=deletes_at,
        grace_s=spec.termination_grace_period_seconds,
        cpu=requested(spec, "cpu"),
        memory=requested(spec, "memory"),
        tolerations=tuple(Toleration(it.key, it.operator, it.value, it.effect) for it in spec.tolerations or ()),
        node_selector=_pairs(spec.node_selector),
        node_terms=_node_terms(spec.affinity),
    )


def budget(found: WireBudget) -> Budget:
    meta, spec, status = found.metadata, found.spec, found.status
    observed = status.observed_generation is not None and status.observed_generation >= meta.generation
    allowed = _condition(status.conditions, "DisruptionAllowed")
    selector = spec.selector or Selector()
    return Budget(
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        match_labels=_pairs(selector.match_labels),
        match_expressions=_requirements(selector.match_expressions),
        selects_nothing=spec.selector is None,
        min_available=_said(spec.min_available),
        max_unavailable=_said(spec.max_unavailable),
        always_allow_unhealthy=spec.unhealthy_pod_eviction_policy == "AlwaysAllow",
        disruptions_allowed=status.disruptions_allowed if observed else None,
        current_healthy=status.current_healthy if observed else None,
        desired_healthy=status.desired_healthy if observed else None,
        expected_pods=status.expected_pods if observed else None,
        blocked_since=seconds(allowed.last_transition_time) if allowed and allowed.status == "False" else None,
    )


def _node_terms(affinity: Affinity | None) -> tuple[NodeTerm, ...] | None:
    required = affinity and affinity.node_affinity
    terms = required and required.required_during_scheduling_ignored_during_execution
    if not terms:
        return None
    return tuple(
        NodeTerm(_requirements(term.match_expressions), _requirements(term.match_fields))
        for term in terms.node_selector_terms or ()
    )


def _requirements(rules: Iterable[Expression] | None) -> tuple[LabelRequirement, ...]:
    return tuple(LabelRequirement(rule.key, rule.operator, tuple(rule.values or ())) for rule in rules or ())


def controller_of(meta: Meta) -> OwnerRef | None:
    for owner in meta.owner_references or ():
        if owner.controller:
            return OwnerRef(kind=owner.kind, name=owner.name, uid=owner.uid, api_version=owner.api_version)
    return None


def requested(spec: PodSpec, resource: str) -> float:
    """What the scheduler reserves: containers and sidecars together, or more while an init container runs; plus the
    overhead (component-helpers/resource/helpers.go, PodRequests)."""
    whole = _amount(spec.resources, resource)
    overhead = quantity((spec.overhead or {}).get(resource)) or 0.0
    if whole is not None:
        return whole + overhead
    sidecars = peak = 0.0
    for container in spec.init_containers or ():
        amount = _amount(container.resources, resource) or 0.0
        if container.restart_policy == "Always":
            sidecars += amount
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + amount)
    running = sidecars + sum(_amount(container.resources, resource) or 0.0 for container in spec.containers or ())
    return max(running, peak) + overhead


def _amount(resources: Requests | None, resource: str) -> float | None:
    return quantity((resources.requests or {}).get(resource)) if resources else None


def _claims(volumes: list[Volume], *, pod: str) -> Iterable[str]:
    for volume in volumes:
        if volume.persistent_volume_claim is not None:
            yield volume.persistent_volume_claim.claim_name
        elif volume.ephemeral is not None:
            yield f"{pod}-{volume.name}"


def _condition(conditions: list[Condition] | None, condition_type: str) -> Condition | None:
    return next((found for found in conditions or () if found.type == condition_type), None)


def _pairs(said: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((said or {}).items()))


def _said(value: int | str | None) -> str:
    return "" if value is None else str(value)

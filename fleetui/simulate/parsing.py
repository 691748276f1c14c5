"""Documents into objects: what a POST creates, and what a patched document means. What a simulated cluster does not
know about an object is dropped, as a server drops unknown fields."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from fleetui.model.drain import LabelRequirement, OwnerRef, Taint
from fleetui.simulate import kubelet
from fleetui.simulate.documents import BudgetDoc, MetaDoc, NamespaceDoc, NodeDoc, PodDoc, PodSpecDoc, WorkloadDoc
from fleetui.simulate.objects import (
    Condition,
    Container,
    ContainerStatus,
    DisruptionBudget,
    Hardware,
    Namespace,
    Node,
    Pairs,
    Pod,
    PodTemplate,
    Resource,
    Toleration,
    Workload,
)
from fleetui.simulate.request import Document
from fleetui.simulate.workloads import template_hash

_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)([a-zA-Z]*)$")
_UNITS = {"": 1.0, "m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
          "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}  # fmt: skip


class Birth(msgspec.Struct, frozen=True):
    """What the server adds to a created object."""

    uid: str
    now: float
    namespace: str = ""


def create(resource: str, document: Document, birth: Birth) -> Resource:
    """Raises msgspec.ValidationError when the document is not of the kind."""
    return _CREATORS[resource](document, birth)


def change(thing: Resource, document: Document) -> Resource:
    """``thing`` as the patched document has it. Raises msgspec.ValidationError."""
    meta = msgspec.convert(document.get("metadata") or {}, MetaDoc)
    changed = replace(
        thing,
        labels=_pairs(meta.labels),
        annotations=_pairs(meta.annotations),
        finalizers=tuple(meta.finalizers or ()),
    )
    if isinstance(changed, Node):
        return _change_node(changed, document)
    if isinstance(changed, DisruptionBudget):
        return _change_budget(changed, document)
    if isinstance(changed, Workload):
        return _change_workload(changed, document)
    return changed


def change_status(thing: Resource, document: Document, now: float) -> Resource:
    """What a kubelet says of its node (conditions) or of its pod (phase, readiness). Other kinds stay as they are."""
    if isinstance(thing, Node):
        said = _conditions(msgspec.convert(document, NodeDoc), now)
        known = {each.type: each for each in thing.conditions}
        return replace(thing, conditions=tuple(_kept(known.get(each.type), each) for each in said))
    if isinstance(thing, Pod):
        status = msgspec.convert(document, PodDoc).status
        moved = thing.ready_changed if status.ready == thing.ready else now
        containers = tuple(replace(each, ready=status.ready) for each in thing.containers)
        return replace(thing, phase=status.phase, ready=status.ready, ready_changed=moved, containers=containers)
    return thing


def _kept(known: Condition | None, said: Condition) -> Condition:
    """A condition that did not change keeps the time of its last transition."""
    return replace(said, since=known.since) if known is not None and known.status == said.status else said


def quantity(text: str | float) -> float:
    """``250m`` is 0.25, ``2Gi`` is 2147483648. Raises msgspec.ValidationError."""
    match = _QUANTITY.match(str(text))
    if match is None or match.group(2) not in _UNITS:
        raise msgspec.ValidationError(f"quantities must match the regular expression: {text!r}")
    return float(match.group(1)) * _UNITS[match.group(2)]


def _pairs(mapping: Mapping[str, str] | None) -> Pairs:
    return tuple(sorted((mapping or {}).items()))


def _metadata(meta: MetaDoc, birth: Birth) -> dict[str, Any]:
    owner = next((each for each in meta.owner_references or () if each.controller), None)
    reference = None
    if owner is not None:
        reference = OwnerRef(kind=owner.kind, name=owner.name, uid=owner.uid, api_version=owner.api_version)
    return {
        "name": meta.name,
        "namespace": birth.namespace,
        "uid": birth.uid,
        "created": birth.now,
        "labels": _pairs(meta.labels),
        "annotations": _pairs(meta.annotations),
        "finalizers": tuple(meta.finalizers or ()),
        "owner": reference,
    }


def _create_namespace(document: Document, birth: Birth) -> Resource:
    meta = msgspec.convert(document, NamespaceDoc).metadata
    return Namespace(**_metadata(meta, birth))


def _create_node(document: Document, birth: Birth) -> Resource:
    doc = msgspec.convert(document, NodeDoc)
    info, has = doc.status.node_info, doc.status.allocatable or doc.status.capacity or {}
    hardware = Hardware(
        cpu_m=int(quantity(has.get("cpu", 4)) * 1000),
        memory=int(quantity(has.get("memory", "8Gi"))),
        pods=int(quantity(has.get("pods", 110))),
        gpus=int(quantity(has.get("nvidia.com/gpu", 0))),
        kernel=info.kernel_version or "6.1.0",
        os_image=info.os_image or "linux",
        runtime=info.container_runtime_version or "containerd://2.2.0",
    )
    address = next((each.address for each in doc.status.addresses or () if each.type == "InternalIP"), "")
    node = Node(
        **_metadata(doc.metadata, birth), hardware=hardware, kubelet=info.kubelet_version, internal_ip=address,
        conditions=_conditions(doc, birth.now) or kubelet.healthy_conditions(birth.now),
    )  # fmt: skip
    return _change_node(node, document)


def _conditions(doc: NodeDoc, now: float) -> tuple[Condition, ...]:
    return tuple(
        Condition(each.type, each.status, each.reason, each.message, now) for each in doc.status.conditions or ()
    )


def _change_node(node: Node, document: Document) -> Node:
    spec = msgspec.convert(document, NodeDoc).spec
    taints = tuple(Taint(key=each.key, value=each.value, effect=each.effect) for each in spec.taints or ())
    return replace(node, unschedulable=bool(spec.unschedulable), taints=taints)


def _create_pod(document: Document, birth: Birth) -> Resource:
    """With ``status.phase: Running`` the pod runs at once, which a real server does not do: tests need it."""
    doc = msgspec.convert(document, PodDoc)
    template = replace(_template(doc.spec), labels=_pairs(doc.metadata.labels))
    pod = Pod(
        **_metadata(doc.metadata, birth), template=template, node=doc.spec.node_name,
        containers=kubelet.waiting(template) if doc.spec.node_name else (),
    )  # fmt: skip
    if doc.status.phase in ("", "Pending"):
        return pod
    ready = doc.status.phase == "Running" and doc.status.ready
    running = ContainerStatus("running", ready=ready, since=birth.now)
    return replace(
        pod, phase=doc.status.phase, ready=ready, ready_changed=birth.now, started=birth.now,
        containers=tuple(running for _ in template.containers),
    )  # fmt: skip


def _template(spec: PodSpecDoc) -> PodTemplate:
    volumes = spec.volumes or ()
    grace = spec.termination_grace_period_seconds
    return PodTemplate(
        containers=tuple(_container(each.name, each.image, each.resources) for each in spec.containers),
        grace_s=30 if grace is None else grace,
        empty_dirs=tuple(each["name"] for each in volumes if "emptyDir" in each),
        host_paths=tuple(each["hostPath"]["path"] for each in volumes if "hostPath" in each),
        claims=tuple(each["persistentVolumeClaim"]["claimName"] for each in volumes if "persistentVolumeClaim" in each),
        node_selector=_pairs(spec.node_selector),
        tolerations=tuple(
            Toleration(each.key, each.effect, each.toleration_seconds) for each in spec.tolerations or ()
        ),
        host_network=bool(spec.host_network),
        node=spec.node_name,
    )


def _container(name: str, image: str, resources: Document | None) -> Container:
    requests = (resources or {}).get("requests") or {}
    return Container(
        name=name,
        image=image,
        cpu_m=int(quantity(requests.get("cpu", 0)) * 1000),
        memory=int(quantity(requests.get("memory", 0))),
    )


def _create_budget(document: Document, birth: Birth) -> Resource:
    doc = msgspec.convert(document, BudgetDoc)
    return _change_budget(DisruptionBudget(**_metadata(doc.metadata, birth)), document)


def _change_budget(budget: DisruptionBudget, document: Document) -> DisruptionBudget:
    spec = msgspec.convert(document, BudgetDoc).spec
    selector = spec.selector
    return replace(
        budget,
        match_labels=_pairs(selector.match_labels if selector else None),
        match_expressions=tuple(
            LabelRequirement(key=each.key, operator=each.operator, values=tuple(each.values or ()))
            for each in (selector.match_expressions if selector else None) or ()
        ),
        selects_nothing=selector is None,
        min_available="" if spec.min_available is None else str(spec.min_available),
        max_unavailable="" if spec.max_unavailable is None else str(spec.max_unavailable),
        always_allow_unhealthy=spec.unhealthy_pod_eviction_policy == "AlwaysAllow",
    )


def _workload_creator(kind: str) -> Callable[[Document, Birth], Resource]:
    def create_workload(document: Document, birth: Birth) -> Resource:
        doc = msgspec.convert(document, WorkloadDoc)
        template = replace(_template(doc.spec.template.spec), labels=_pairs(doc.spec.template.metadata.labels))
        return Workload(
            **_metadata(doc.metadata, birth), kind=kind, template=template, template_hash=template_hash(template),
            selector=_pairs(doc.spec.selector.match_labels), replicas=doc.spec.replicas,
        )  # fmt: skip

    return create_workload


def _change_workload(workload: Workload, document: Document) -> Workload:
    """Replicas, images and the template's labels and annotations: enough to scale, to roll and to restart."""
    doc = msgspec.convert(document, WorkloadDoc)
    images = {each.name: each.image for each in doc.spec.template.spec.containers}
    meta, old = doc.spec.template.metadata, workload.template
    template = replace(
        old,
        labels=_pairs(meta.labels),
        annotations=_pairs(meta.annotations),
        containers=tuple(replace(each, image=images.get(each.name, each.image)) for each in old.containers),
    )
    if template == old:
        return replace(workload, replicas=doc.spec.replicas)
    return replace(workload, replicas=doc.spec.replicas, template=template, template_hash=template_hash(template))


_CREATORS: MappingProxyType[str, Callable[[Document, Birth], Resource]] = MappingProxyType(
    {
        "namespaces": _create_namespace,
        "nodes": _create_node,
        "pods": _create_pod,
        "poddisruptionbudgets": _create_budget,
        "deployments": _workload_creator("Deployment"),
        "replicasets": _workload_creator("ReplicaSet"),
        "statefulsets": _workload_creator("StatefulSet"),
        "daemonsets": _workload_creator("DaemonSet"),
    }
)

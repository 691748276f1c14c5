"""Objects as the JSON documents of the Kubernetes API. Made when read, never kept."""

from functools import singledispatch

from fleetui.model.drain import Taint
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.objects import (
    Condition,
    DisruptionBudget,
    Event,
    Hardware,
    Namespace,
    Node,
    Pairs,
    Pod,
    Resource,
    Workload,
)
from fleetui.simulate.pod_manifest import pod_body, pod_spec
from fleetui.simulate.request import Document
from fleetui.simulate.wire_text import cores, filled, timestamp


def manifest(thing: Resource) -> Document:
    """The whole object."""
    kind = BY_RESOURCE[thing.resource]
    document = {"kind": kind.kind, "apiVersion": kind.group_version, "metadata": metadata(thing)}
    document.update(_body(thing))
    return document


def partial(thing: Resource) -> Document:
    """A PartialObjectMetadata, as server-side Tables carry it."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata(thing)}


def metadata(thing: Resource) -> Document:
    document: Document = {"name": thing.name, "uid": thing.uid, "resourceVersion": str(thing.revision)}
    if thing.namespace:
        document["namespace"] = thing.namespace
    if not isinstance(thing, (Node, Namespace, Event)):
        document["generation"] = thing.generation
    document["creationTimestamp"] = timestamp(thing.created)
    if thing.deletes_at is not None:
        document["deletionTimestamp"] = timestamp(thing.deletes_at)
        document["deletionGracePeriodSeconds"] = thing.grace_s
    return document | filled(
        labels=dict(thing.labels),
        annotations=dict(thing.annotations),
        ownerReferences=_owners(thing),
        finalizers=list(thing.finalizers),
        managedFields=_managers(thing),
    )


def _managers(thing: Resource) -> list[Document]:
    """Who wrote its spec last, where that was not its maker."""
    if not isinstance(thing, Workload) or thing.edited_at is None:
        return []
    fields = {"fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:template": {}}}}
    written = {"manager": thing.edited_by, "operation": "Update", "time": timestamp(thing.edited_at)}
    return [{**written, "apiVersion": "apps/v1", **fields}]


def _owners(thing: Resource) -> list[Document]:
    owner = thing.owner
    if owner is None:
        return []
    reference = {"apiVersion": owner.api_version, "kind": owner.kind, "name": owner.name, "uid": owner.uid}
    return [{**reference, "controller": True, "blockOwnerDeletion": True}]


@singledispatch
def _body(thing: Resource) -> Document:
    raise TypeError(type(thing).__name__)


@_body.register
def _namespace(thing: Namespace) -> Document:
    phase = "Active" if thing.deletes_at is None else "Terminating"
    return {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": phase}}


@_body.register
def _node(thing: Node) -> Document:
    hardware = thing.hardware
    return {
        "spec": filled(unschedulable=thing.unschedulable, taints=[_taint(taint) for taint in thing.taints]),
        "status": {
            "capacity": _amounts(
                hardware, hardware.cpu_m + hardware.system_cpu_m, hardware.memory + hardware.system_memory
            ),
            "allocatable": _amounts(hardware, hardware.cpu_m, hardware.memory),
            "conditions": [_condition(each) for each in thing.conditions],
            "addresses": [
                {"type": "InternalIP", "address": thing.internal_ip},
                {"type": "Hostname", "address": thing.name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": _node_info(thing),
        },
    }


def _node_info(node: Node) -> Document:
    hardware = node.hardware
    return {
        "machineID": node.uid.replace("-", ""),
        "systemUUID": node.uid,
        "bootID": node.uid,
        "kernelVersion": hardware.kernel,
        "osImage": hardware.os_image,
        "containerRuntimeVersion": hardware.runtime,
        "kubeletVersion": node.kubelet,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": hardware.architecture,
    }


def _amounts(hardware: Hardware, cpu_m: int, memory: int) -> Document:
    amounts = {
        "cpu": cores(cpu_m),
        "ephemeral-storage": f"{hardware.storage // 1024}Ki",
        "memory": f"{memory // 1024}Ki",
        "pods": str(hardware.pods),
    }
    return {**amounts, "nvidia.com/gpu": str(hardware.gpus)} if hardware.gpus else amounts


def _taint(taint: Taint) -> Document:
    return {"key": taint.key, **filled(value=taint.value), "effect": taint.effect}


def _condition(each: Condition) -> Document:
    since = timestamp(each.since)
    return {
        "type": each.type, "status": each.status, "lastHeartbeatTime": since, "lastTransitionTime": since,
        "reason": each.reason, "message": each.message,
    }  # fmt: skip


@_body.register
def _pod(thing: Pod) -> Document:
    return pod_body(thing)


@_body.register
def _workload(thing: Workload) -> Document:
    labels = filled(labels=dict(thing.template.labels), annotations=dict(thing.template.annotations))
    spec: Document = {
        "selector": {"matchLabels": dict(thing.selector)},
        "template": {"metadata": labels, "spec": pod_spec(thing.template)},
    }
    if thing.kind == "DaemonSet":
        return {"spec": {**spec, "updateStrategy": {"type": "RollingUpdate"}}, "status": _daemon_status(thing)}
    spec = {"replicas": thing.replicas, **spec}
    if thing.kind == "Deployment":
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
        spec |= {"strategy": rolling, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
    return {"spec": spec, "status": _replica_status(thing)}


def _replica_status(thing: Workload) -> Document:
    said = thing.counts
    counts = {"replicas": said.pods, "readyReplicas": said.ready, "availableReplicas": said.ready}
    if thing.kind != "ReplicaSet":
        counts["updatedReplicas"] = said.updated
        counts["unavailableReplicas"] = max(0, thing.replicas - said.ready)
    return {"observedGeneration": thing.generation, **filled(**counts)}


def _daemon_status(thing: Workload) -> Document:
    said = thing.counts
    return {
        "observedGeneration": thing.generation,
        "currentNumberScheduled": said.pods,
        "desiredNumberScheduled": said.pods,
        "numberMisscheduled": 0,
        "numberReady": said.ready,
        "numberAvailable": said.ready,
        "updatedNumberScheduled": said.pods,
    }


@_body.register
def _budget(thing: DisruptionBudget) -> Document:
    spec: Document = {}
    if thing.min_available:
        spec["minAvailable"] = _int_or_percent(thing.min_available)
    if thing.max_unavailable:
        spec["maxUnavailable"] = _int_or_percent(thing.max_unavailable)
    if not thing.selects_nothing:
        spec["selector"] = _selector(thing)
    if thing.always_allow_unhealthy:
        spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow"
    return {"spec": spec, "status": _budget_status(thing)}


def _budget_status(thing: DisruptionBudget) -> Document:
    counts = {
        "disruptionsAllowed": thing.allowed or 0,
        "currentHealthy": thing.healthy or 0,
        "desiredHealthy": thing.desired or 0,
        "expectedPods": thing.expected or 0,
    }
    if thing.sufficient is None:
        return counts
    condition = {
        "type": "DisruptionAllowed",
        "status": "True" if thing.sufficient else "False",
        "observedGeneration": thing.generation,
        "lastTransitionTime": timestamp(thing.changed),
        "reason": "SufficientPods" if thing.sufficient else "InsufficientPods",
        "message": "",
    }
    return {"observedGeneration": thing.generation, **counts, "conditions": [condition]}


def _selector(thing: DisruptionBudget) -> Document:
    expressions = [
        {"key": each.key, "operator": each.operator, **filled(values=list(each.values))}
        for each in thing.match_expressions
    ]
    return filled(matchLabels=_dict(thing.match_labels), matchExpressions=expressions)


def _int_or_percent(text: str) -> int | str:
    return text if text.endswith("%") else int(text)


def _dict(pairs: Pairs) -> dict[str, str]:
    return dict(pairs)


@_body.register
def _event(thing: Event) -> Document:
    namespace, name = thing.about
    return {
        "involvedObject": {
            "kind": thing.about_kind,
            "name": name,
            "uid": thing.about_uid,
            **filled(namespace=namespace),
        },
        "reason": thing.reason,
        "message": thing.message,
        "source": {"component": thing.source},
        "firstTimestamp": timestamp(thing.created),
        "lastTimestamp": timestamp(thing.last),
        "count": thing.count,
        "type": thing.type,
        "eventTime": None,
        "reportingComponent": thing.source,
        "reportingInstance": "",
    }

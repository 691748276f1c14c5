"""Kubernetes objects for tests: the least that an API server accepts, and every field a test may want to set."""

from collections.abc import Mapping, Sequence
from typing import Any

Object = dict[str, Any]
NODES = "/api/v1/nodes"


def pods_in(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/pods"


def budgets_in(namespace: str) -> str:
    return f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"


def workloads_in(namespace: str, kind: str = "deployments") -> str:
    """`kind`: deployments, replicasets, daemonsets, statefulsets."""
    return f"/apis/apps/v1/namespaces/{namespace}/{kind}"


def namespace(name: str) -> Object:
    return {"metadata": {"name": name}}


def node(
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    ready: bool = True,
    kubelet: bool = True,
    unschedulable: bool = False,
    taints: Sequence[Object] = (),
    cpu: str = "64",
    memory: str = "256Gi",
    images: int = 0,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """A machine. With `kubelet` kwok runs its pods and keeps it Ready; without, nothing changes what a test has set."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **(labels or {})},
            "annotations": {**({"kwok.x-k8s.io/node": "fake"} if kubelet else {}), **(annotations or {})},
        },
        "spec": {"unschedulable": unschedulable, "taints": list(taints), "providerID": f"bed://{name}"},
        "status": node_status(name, ready=ready, cpu=cpu, memory=memory, images=images),
    }


def node_status(name: str, *, ready: bool, cpu: str = "64", memory: str = "256Gi", images: int = 0) -> Object:
    resources = {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "400Gi"}
    return {
        "capacity": resources,
        "allocatable": resources,
        "conditions": node_conditions(ready=ready),
        "addresses": [{"type": "InternalIP", "address": "10.1.2.3"}, {"type": "Hostname", "address": name}],
        "nodeInfo": _NODE_INFO,
        "images": [_image(number) for number in range(images)],
    }


def node_conditions(*, ready: bool, at: str = "2026-01-01T00:00:00Z") -> list[Object]:
    """The five conditions a kubelet reports; `at` is heartbeat and transition."""
    stamps = {"lastHeartbeatTime": at, "lastTransitionTime": at}
    pressures = [
        {
            "type": f"{what}Pressure",
            "status": "False",
            "reason": f"KubeletHasNo{what}Pressure",
            "message": "fine",
            **stamps,
        }
        for what in ("Memory", "Disk", "PID")
    ]
    network = {"type": "NetworkUnavailable", "status": "False", "reason": "RouteCreated", "message": "fine", **stamps}
    word = ("True", "KubeletReady") if ready else ("False", "KubeletNotReady")
    return [
        *pressures,
        network,
        {"type": "Ready", "status": word[0], "reason": word[1], "message": "as told", **stamps},
    ]


def pod(
    name: str,
    *,
    node: str | None = None,
    labels: Mapping[str, str] | None = None,
    owner: Object | None = None,
    finalizers: Sequence[str] = (),
    grace: int | None = None,
    volumes: Sequence[Object] = (),
    tolerations: Sequence[Object] = (),
    annotations: Mapping[str, str] | None = None,
    cpu: str = "10m",
    memory: str = "16Mi",
    mirror: bool = False,
    priority_class: str | None = None,
) -> Object:
    """A pod on `node`, or where the scheduler puts it. `owner`: a reference; `mirror`: looks like a static pod."""
    container: Object = {
        "name": "main",
        "image": "registry.example/app:1",
        "resources": {"requests": {"cpu": cpu, "memory": memory}},
    }
    if volumes:
        container["volumeMounts"] = [{"name": volume["name"], "mountPath": f"/{volume['name']}"} for volume in volumes]
    spec: Object = {"containers": [container], "volumes": list(volumes), "tolerations": list(tolerations)}
    optional = {"nodeName": node, "terminationGracePeriodSeconds": grace, "priorityClassName": priority_class}
    spec |= {key: value for key, value in optional.items() if value is not None}
    marks = {"kubernetes.io/config.mirror": "static"} if mirror else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": dict(labels or {}),
            "annotations": {**marks, **(annotations or {})},
            "ownerReferences": [owner] if owner else [],
            "finalizers": list(finalizers),
        },
        "spec": spec,
    }


def empty_dir(name: str = "scratch", *, medium: str = "") -> Object:
    return {"name": name, "emptyDir": {"medium": medium} if medium else {}}


def pdb(
    name: str,
    match: Mapping[str, str],
    *,
    min_available: int | str | None = None,
    max_unavailable: int | str | None = None,
    unhealthy: str | None = None,
) -> Object:
    """A PodDisruptionBudget over the pods with labels `match`; `unhealthy`: IfHealthyBudget or AlwaysAllow."""
    spec: Object = {"selector": {"matchLabels": dict(match)}}
    optional = {
        "minAvailable": min_available,
        "maxUnavailable": max_unavailable,
        "unhealthyPodEvictionPolicy": unhealthy,
    }
    spec |= {key: value for key, value in optional.items() if value is not None}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}


def deployment(name: str, *, replicas: int, labels: Mapping[str, str] | None = None, node: str | None = None) -> Object:
    """A Deployment; with `node` its pods are born bound there, cordoned or not."""
    return _workload("Deployment", name, labels or {"app": name}, node) | {"spec": _spec(name, labels, node, replicas)}


def replicaset(name: str, *, replicas: int, labels: Mapping[str, str] | None = None, node: str | None = None) -> Object:
    return _workload("ReplicaSet", name, labels or {"app": name}, node) | {"spec": _spec(name, labels, node, replicas)}


def daemonset(name: str, *, labels: Mapping[str, str] | None = None) -> Object:
    """A DaemonSet: its pods go where they belong by affinity, so each needs binding by hand, as in `pod(owner=...)`."""
    return _workload("DaemonSet", name, labels or {"app": name}, None) | {"spec": _spec(name, labels, None, None)}


def _workload(kind: str, name: str, labels: Mapping[str, str], node: str | None) -> Object:
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": dict(labels)}}


def _spec(name: str, labels: Mapping[str, str] | None, node: str | None, replicas: int | None) -> Object:
    chosen = dict(labels or {"app": name})
    template = pod(name, node=node, labels=chosen)
    spec: Object = {
        "selector": {"matchLabels": chosen},
        "template": {"metadata": {"labels": chosen}, "spec": template["spec"]},
    }
    return spec if replicas is None else spec | {"replicas": replicas}


def _image(number: int) -> Object:
    digest = f"{number:02x}" * 32
    repository = (
        f"registry.example/platform-engineering/team-{number % 7}/service-with-a-long-name-as-they-are-in-life-{number}"
    )
    return {"names": [f"{repository}@sha256:{digest}", f"{repository}:v1.{number}.0"], "sizeBytes": 10_000_000 + number}


_NODE_INFO = {
    "machineID": "0" * 32,
    "systemUUID": "00000000-0000-0000-0000-000000000000",
    "bootID": "00000000-0000-0000-0000-000000000000",
    "kernelVersion": "6.1.0-31-amd64",
    "osImage": "Debian GNU/Linux 12 (bookworm)",
    "containerRuntimeVersion": "containerd://2.2.0",
    "kubeletVersion": "v1.36.3",
    "kubeProxyVersion": "",
    "operatingSystem": "linux",
    "architecture": "amd64",
}

"""Who owns a pod: controller references followed upward to the workload that a person wrote."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fleetui.clients.kube.rest import Response
from fleetui.clients.kube.target_objects import Meta, controller_of
from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.fault import ClusterError
from fleetui.ports.target import OwnerState

DEPTH = 4
"""ReplicaSet, Deployment, and whatever an operator put above; more is a loop."""


class Spec(msgspec.Struct):
    replicas: int | None = None
    parallelism: int | None = None


class Status(msgspec.Struct, rename="camel"):
    ready_replicas: int | None = None
    desired_number_scheduled: int | None = None
    number_ready: int | None = None
    ready: int | None = None


class Workload(msgspec.Struct):
    metadata: Meta
    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)


Read = Callable[[str, str], Awaitable[Response]]
"""(name, namespace) to an answer."""
Refuse = Callable[[Response, str], Awaitable[ClusterError]]


class Owners:
    """The kinds we can read; of any other we know the name only."""

    def __init__(self, *, core: Any, apps: Any, batch: Any, refuse: Refuse) -> None:
        self._refuse = refuse
        self._reads: dict[tuple[str, str], Read] = {
            ("apps", "ReplicaSet"): apps.read_namespaced_replica_set_without_preload_content,
            ("apps", "Deployment"): apps.read_namespaced_deployment_without_preload_content,
            ("apps", "StatefulSet"): apps.read_namespaced_stateful_set_without_preload_content,
            ("apps", "DaemonSet"): apps.read_namespaced_daemon_set_without_preload_content,
            ("batch", "Job"): batch.read_namespaced_job_without_preload_content,
            ("batch", "CronJob"): batch.read_namespaced_cron_job_without_preload_content,
            ("", "ReplicationController"): core.read_namespaced_replication_controller_without_preload_content,
        }

    async def top(self, pod: PodState) -> OwnerState | None:
        """None for a naked pod, and for one whose owner we may not read. Raises ClusterError."""
        if pod.controller is None:
            return None
        ref, found = pod.controller, None
        for _ in range(DEPTH):
            read = self._reads.get((ref.api_version.rpartition("/")[0], ref.kind))
            if read is None:
                return OwnerState(kind=ref.kind, namespace=pod.namespace, name=ref.name)
            response = await read(ref.name, pod.namespace)
            if response.status == 403:
                return found
            if response.status == 404:
                return found or OwnerState(kind=ref.kind, namespace=pod.namespace, name=ref.name)
            if response.status != 200:
                raise await self._refuse(response, ref.kind)
            workload = msgspec.json.decode(response.data, type=Workload)
            found = _state(ref, pod.namespace, workload)
            above = controller_of(workload.metadata)
            if above is None:
                break
            ref = above
        return found

    async def exists(self, kind: str, *, namespace: str, name: str) -> bool | None:
        """Of a kind in ``apps``; None when we may not know. Raises ClusterError."""
        response = await self._reads["apps", kind](name, namespace)
        if response.status in (200, 404):
            return response.status == 200
        if response.status == 403:
            return None
        raise await self._refuse(response, kind)


def _state(ref: OwnerRef, namespace: str, workload: Workload) -> OwnerState:
    spec, status = workload.spec, workload.status
    if ref.kind == "DaemonSet":
        replicas, ready = status.desired_number_scheduled, status.number_ready or 0
    elif ref.kind == "Job":
        replicas, ready = spec.parallelism, status.ready or 0
    elif ref.kind == "CronJob":
        return OwnerState(kind=ref.kind, namespace=namespace, name=ref.name)
    else:
        replicas, ready = spec.replicas, status.ready_replicas or 0
    return OwnerState(kind=ref.kind, namespace=namespace, name=ref.name, replicas=replicas, ready=ready)

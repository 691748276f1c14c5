"""What a contract test arranges in a cluster, whoever plays the cluster: the real server, or a face of the simulation.

Every method returns when the cluster shows what was asked for. Names are new with every call, so that tests can share a
cluster.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import ClusterRef
from fleetui.ports.reader import ClusterReader
from fleetui.ports.target import TargetCluster
from tests.bed import objects
from tests.bed.api import ApiError
from tests.bed.cluster import BedCluster

T = TypeVar("T")
NAME = "contract"
"""The display name of the cluster in every world."""


class World(Protocol):
    async def reader(self) -> ClusterReader: ...

    async def target(self) -> TargetCluster: ...

    async def namespace(self) -> str: ...

    async def node(self, *, labels: Mapping[str, str] | None = None, name: str = "") -> str:
        """A Ready machine with a kubelet, 64 cores and 256 GiB; its name."""
        ...

    async def pod(
        self, namespace: str, *, node: str, labels: Mapping[str, str] | None = None, finalizer: str = ""
    ) -> str:
        """A naked pod, Running and Ready, that requests 10m and 16Mi; its name."""
        ...

    async def deployment(self, namespace: str, *, node: str, replicas: int) -> str:
        """Its pods are Running and Ready on ``node`` and carry the label ``app`` with its name; its name."""
        ...

    async def budget(self, namespace: str, match: Mapping[str, str], *, min_available: int) -> str:
        """A PodDisruptionBudget whose status is up to date; its name."""
        ...

    async def merge_node(self, name: str, patch: Mapping[str, Any]) -> None:
        """What another client does to a node meanwhile."""
        ...

    async def delete_pod(self, namespace: str, name: str) -> None:
        """Asks for it; the pod may take its time."""
        ...

    async def delete_node(self, name: str) -> None: ...

    async def close(self) -> None: ...


async def until(attempt: Callable[[], Awaitable[T | None]], *, within_s: float = 60.0) -> T:
    """What ``attempt`` returns once it is not None."""
    deadline = time.monotonic() + within_s
    while (found := await attempt()) is None:
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)
    return found


class BedWorld:
    """The real API server with its controllers and fake kubelets."""

    _numbers = itertools.count(1)

    def __init__(self, bed: BedCluster, *, user: str = "admin") -> None:
        self._bed = bed
        self._api = bed.api()
        self._kubeconfig = bed.kubeconfig_for(user)
        self._connector = Connector((self._kubeconfig,), clock=SystemClock(), chance=SystemChance())
        self._opened: list[ClusterReader | TargetCluster] = []

    async def reader(self) -> ClusterReader:
        self._opened.append(reader := self._connector.open_reader(self._bed.name, name=NAME))
        return reader

    async def target(self) -> TargetCluster:
        ref = ClusterRef(name=NAME, context=self._bed.name, kubeconfig=(str(self._kubeconfig),))
        self._opened.append(target := self._connector.open_target(ref))
        return target

    async def namespace(self) -> str:
        return str((await self._create("/api/v1/namespaces", objects.namespace(self._name("ns"))))["metadata"]["name"])

    async def node(self, *, labels: Mapping[str, str] | None = None, name: str = "") -> str:
        name = name or self._name("node")
        await self._create(objects.NODES, objects.node(name, labels=labels))
        return name

    async def pod(
        self, namespace: str, *, node: str, labels: Mapping[str, str] | None = None, finalizer: str = ""
    ) -> str:
        name = self._name("pod")
        finalizers = [finalizer] if finalizer else []
        await self._create(
            objects.pods_in(namespace), objects.pod(name, node=node, labels=labels, finalizers=finalizers)
        )
        await until(lambda: self._ready_pods(namespace, lambda pod: pod["metadata"]["name"] == name, count=1))
        return name

    async def deployment(self, namespace: str, *, node: str, replicas: int) -> str:
        name = self._name("app")
        body = objects.deployment(name, replicas=replicas, node=node)
        await self._create(objects.workloads_in(namespace), body)
        await until(
            lambda: self._ready_pods(
                namespace, lambda pod: pod["metadata"]["labels"].get("app") == name, count=replicas
            )
        )
        path = f"{objects.workloads_in(namespace)}/{name}"
        await until(lambda: self._when(path, lambda found: found["status"].get("readyReplicas") == replicas))
        return name

    async def budget(self, namespace: str, match: Mapping[str, str], *, min_available: int) -> str:
        name = self._name("pdb")
        path = objects.budgets_in(namespace)
        await self._create(path, objects.pdb(name, match, min_available=min_available))
        await until(lambda: self._when(f"{path}/{name}", _budget_is_observed))
        return name

    async def merge_node(self, name: str, patch: Mapping[str, Any]) -> None:
        await asyncio.to_thread(self._api.patch, f"{objects.NODES}/{name}", dict(patch))

    async def delete_pod(self, namespace: str, name: str) -> None:
        await asyncio.to_thread(self._api.delete, f"{objects.pods_in(namespace)}/{name}")

    async def delete_node(self, name: str) -> None:
        await asyncio.to_thread(self._api.delete, f"{objects.NODES}/{name}")

    async def close(self) -> None:
        for opened in self._opened:
            await opened.close()
        await self._connector.close()

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}-{time.time_ns() % 1_000_000}"

    async def _create(self, path: str, body: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._api.create, path, body)

    async def _ready_pods(self, namespace: str, wanted: Callable[[Any], bool], *, count: int) -> bool | None:
        listed = await asyncio.to_thread(self._api.get, objects.pods_in(namespace))
        found = [pod for pod in listed["items"] if wanted(pod) and _is_ready(pod)]
        return True if len(found) == count else None

    async def _when(self, path: str, wanted: Callable[[Any], bool]) -> bool | None:
        try:
            return True if wanted(await asyncio.to_thread(self._api.get, path)) else None
        except ApiError:
            return None


def _is_ready(pod: Any) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)


def _budget_is_observed(budget: Any) -> bool:
    """All its pods are Ready in these tests; the controller may learn of that after the tests do."""
    status = budget.get("status", {})
    observed = status.get("observedGeneration") == budget["metadata"]["generation"]
    return bool(observed and 0 < status.get("expectedPods", 0) == status.get("currentHealthy"))

"""The two faces of the simulation as players of the contract suites."""

import itertools
from collections.abc import Mapping
from typing import Any

from fleetui.ports.reader import ClusterReader
from fleetui.ports.target import TargetCluster
from fleetui.simulate.inprocess import SimulatedReader
from fleetui.simulate.inprocess_target import SimulatedTarget
from fleetui.simulate.objects import Pod
from fleetui.simulate.request import Create, Delete, Document, Patch
from tests.bed import objects
from tests.contracts.worlds import NAME, BedWorld, until
from tests.simulate.wire_bed import WireBed, bare_host


class InProcessWorld:
    """No wire, and the machine's own clock."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self._host = bare_host(NAME)

    async def reader(self) -> ClusterReader:
        return SimulatedReader(self._host)

    async def target(self) -> TargetCluster:
        return SimulatedTarget(self._host)

    async def namespace(self) -> str:
        return self._create("namespaces", objects.namespace(self._name("ns")))

    async def node(self, *, name: str = "", labels: Mapping[str, str] | None = None) -> str:
        return self._create("nodes", objects.node(name or self._name("node"), labels=labels))

    async def pod(
        self, namespace: str, *, node: str, labels: Mapping[str, str] | None = None, finalizer: str = ""
    ) -> str:
        finalizers = [finalizer] if finalizer else []
        body = objects.pod(self._name("pod"), node=node, labels=labels, finalizers=finalizers)
        name = self._create("pods", body, namespace)
        await until(lambda: self._ready(namespace, name, count=1))
        return name

    async def deployment(self, namespace: str, *, node: str, replicas: int) -> str:
        name = self._create(
            "deployments", objects.deployment(self._name("app"), replicas=replicas, node=node), namespace
        )
        await until(lambda: self._ready(namespace, name, count=replicas))
        return name

    async def budget(self, namespace: str, match: Mapping[str, str], *, min_available: int) -> str:
        body = objects.pdb(self._name("pdb"), match, min_available=min_available)
        return self._create("poddisruptionbudgets", body, namespace)

    async def merge_node(self, name: str, patch: Mapping[str, Any]) -> None:
        assert self._host.ask(Patch("nodes", name, dict(patch))).code == 200

    async def delete_pod(self, namespace: str, name: str) -> None:
        assert self._host.ask(Delete("pods", name, namespace)).code == 200

    async def delete_node(self, name: str) -> None:
        assert self._host.ask(Delete("nodes", name)).code == 200

    async def close(self) -> None:
        """Nothing is held."""

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"

    def _create(self, resource: str, body: Document, namespace: str = "") -> str:
        answer = self._host.ask(Create(resource, body, namespace))
        assert answer.code == 201, answer.status
        return answer.item.name

    async def _ready(self, namespace: str, prefix: str, *, count: int) -> bool | None:
        self._host.world.tick(self._host.now())
        pods = [thing for thing in self._host.world.all("pods") if isinstance(thing, Pod) and thing.ready]
        mine = [pod for pod in pods if pod.namespace == namespace and pod.name.startswith(prefix)]
        return True if len(mine) == count else None


class WireWorld(BedWorld):
    """Arranged over HTTPS as the real server is, seen through the real clients."""

    def __init__(self, bed: WireBed) -> None:
        super().__init__(bed)  # type: ignore[arg-type]  # it hands out what a BedCluster does

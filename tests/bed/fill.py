"""A cluster the size of a large one: 5,000 machines of 15 kB and 20,000 running pods of 5.5 kB, made once and kept.

Making it takes minutes, so etcd's data and the keys are kept in the cache under a digest of what made them; the next
fill is a copy of that folder.
"""

import asyncio
import hashlib
import json
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.bed import build, objects
from tests.bed.cluster import BedCluster

Object = dict[str, Any]
CONNECTIONS = 32
NAMESPACES = 20
ROLES = ("main",)  # containers of a pod
IMAGES = 40  # per machine: what a kubelet reports by default is 50
_STARTED = "2026-01-01T00:00:00Z"


def filled(name: str = "big", *, nodes: int = 5_000, pods: int = 20_000) -> BedCluster:
    """A cluster that holds `nodes` and `pods`, with neither controllers nor kubelets, so that it is at rest."""
    build.ensure()
    seed = build.cache_dir() / f"filled-{nodes}-{pods}-{_digest()}"
    with build.locked(build.cache_dir() / "fill.lock"):
        if not seed.exists():
            _make(seed, nodes=nodes, pods=pods)
    return BedCluster(name, controllers=False, kubelets=False, seed=seed)


def fill(cluster: BedCluster, *, nodes: int = 5_000, pods: int = 20_000) -> None:
    """Create them all as a user that the audit log does not tell of. Raises RuntimeError where the server refuses."""
    asyncio.run(_fill(cluster, nodes=nodes, pods=pods))


def machine(number: int) -> Object:
    """The machine of that number: about 15 kB, in one of 40 racks and 3 zones."""
    rack = number % 40
    labels = {
        "topology.kubernetes.io/zone": f"zone-{rack % 3}",
        "fleetui.dev/rack": f"r{rack:02}",
        "node.kubernetes.io/instance-type": f"metal-{number % 4}",
        **({"node-role.kubernetes.io/control-plane": ""} if number < 3 else {}),
    }
    return objects.node(node_name(number), labels=labels, kubelet=False, images=IMAGES)


def node_name(number: int) -> str:
    return f"wk-{number:05}"


def pod_place(number: int, *, nodes: int) -> tuple[str, str]:
    """(namespace, name) of the pod of that number."""
    return f"team-{number % NAMESPACES:02}", f"service-{number % 97:02}-7d9c6b5f4d-{number:05}"


def workload(number: int, *, nodes: int) -> Object:
    """The pod of that number, as a Deployment makes it: about 5.5 kB once its status is set."""
    namespace, name = pod_place(number, nodes=nodes)
    made = objects.pod(name, node=node_name(number % nodes), labels=_labels(number), annotations=_annotations(number))
    made["metadata"] |= {"namespace": namespace, "generateName": f"service-{number % 97:02}-7d9c6b5f4d-"}
    made["spec"]["containers"] = [_container(role, number) for role in ROLES]
    made["spec"]["tolerations"] = [
        {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for what in ("not-ready", "unreachable")
    ]
    return made


def running(number: int) -> Object:
    """The status that a kubelet reports for `workload(number)` once it runs and is ready."""
    conditions = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    address = f"10.{64 + number // 65_536}.{number // 256 % 256}.{number % 256}"
    return {
        "phase": "Running",
        "hostIP": "10.1.2.3",
        "hostIPs": [{"ip": "10.1.2.3"}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": _STARTED,
        "qosClass": "Burstable",
        "conditions": [
            {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": _STARTED}
            for kind in conditions
        ],
        "containerStatuses": [_container_status(role, number) for role in ROLES],
    }


def _make(seed: Path, *, nodes: int, pods: int) -> None:
    with BedCluster("filling", controllers=False, kubelets=False) as cluster:
        fill(cluster, nodes=nodes, pods=pods)
        scratch = Path(tempfile.mkdtemp(dir=build.cache_dir(), prefix="filling-"))
        try:
            cluster.save(scratch)
            scratch.rename(seed)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


async def _fill(cluster: BedCluster, *, nodes: int, pods: int) -> None:
    async with _Filler.open(cluster) as filler:
        spaces = [objects.namespace(f"team-{number:02}") for number in range(NAMESPACES)]
        await filler.each(filler.create("/api/v1/namespaces", space) for space in spaces)
        await filler.each(filler.create(objects.NODES, machine(number)) for number in range(nodes))
        await filler.each(filler.run(number, nodes=nodes) for number in range(pods))


class _Filler:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    @asynccontextmanager
    async def open(cls, cluster: BedCluster) -> AsyncIterator["_Filler"]:
        headers = {"Authorization": "Bearer tok-filler"}
        context = ssl.create_default_context(cafile=str(cluster.ca))
        connector = aiohttp.TCPConnector(ssl=context, limit=CONNECTIONS)
        async with aiohttp.ClientSession(cluster.url, headers=headers, connector=connector) as session:
            yield cls(session)

    async def each(self, works: Iterable[Any]) -> None:
        """Run them, `CONNECTIONS` at a time; the first error ends all."""
        source: Iterator[Any] = iter(works)

        async def worker() -> None:
            for work in source:
                await work

        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(worker())

    async def create(self, path: str, body: Object) -> None:
        async with self._session.post(path, json=body) as answer:
            await _accept(answer)

    async def run(self, number: int, *, nodes: int) -> None:
        """Create the pod and make it Running: a pod starts Pending whatever one sends."""
        namespace, name = pod_place(number, nodes=nodes)
        await self.create(objects.pods_in(namespace), workload(number, nodes=nodes))
        status = {"status": running(number)}
        headers = {"Content-Type": "application/merge-patch+json"}
        path = f"{objects.pods_in(namespace)}/{name}/status"
        async with self._session.patch(path, data=json.dumps(status), headers=headers) as answer:
            await _accept(answer)


async def _accept(answer: aiohttp.ClientResponse) -> None:
    if answer.status >= 400:
        raise RuntimeError(f"{answer.method} {answer.url.path}: {answer.status} {(await answer.text())[:500]}")
    await answer.read()


def _labels(number: int) -> dict[str, str]:
    service = f"service-{number % 97:02}"
    return {
        "app.kubernetes.io/name": service,
        "app.kubernetes.io/instance": f"{service}-blue",
        "app.kubernetes.io/version": "v1.42.0",
        "pod-template-hash": "7d9c6b5f4d",
        "team": f"team-{number % NAMESPACES:02}",
    }


def _annotations(number: int) -> dict[str, str]:
    return {
        "checksum/config": f"{number:064x}",
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9090",
        "kubectl.kubernetes.io/restartedAt": _STARTED,
    }


def _container(role: str, number: int) -> Object:
    probe = {"httpGet": {"path": f"/healthz/{role}", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 2}
    variables = {f"SERVICE_{part}_URL": f"http://{part.lower()}.team.svc:8080/v1" for part in ("AUTH", "DATA", "QUEUE")}
    return {
        "name": role,
        "image": _image(role, number),
        "args": ["--listen=:8080", f"--role={role}", "--log-format=json", "--config=/etc/service/config.yaml"],
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "ports": [{"name": "http", "containerPort": 8080}],
        "livenessProbe": probe,
        "readinessProbe": probe,
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
    }


def _container_status(role: str, number: int) -> Object:
    return {
        "name": role,
        "image": _image(role, number),
        "imageID": f"registry.example/service@sha256:{number:064x}",
        "containerID": f"containerd://{number:064x}",
        "ready": True,
        "started": True,
        "restartCount": number % 3,
        "state": {"running": {"startedAt": _STARTED}},
    }


def _image(role: str, number: int) -> str:
    return f"registry.example/team-{number % NAMESPACES:02}/service-{number % 97:02}-{role}:v1.42.0"


def _digest() -> str:
    made_of = Path(__file__).read_bytes() + Path(objects.__file__).read_bytes() + build.digest().encode()
    return hashlib.sha256(made_of).hexdigest()[:12]

"""What only a real API server can say: its permissions, its own STATUS words, its audit log, its ends and silences."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import pytest

from fleetui.clients.kube.connect import Connector
from fleetui.clients.kube.reader import KubeReader
from fleetui.clients.kube.target import KubeTarget
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import ClusterRef
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError, FaultKind, GoneError
from fleetui.model.pod import Pod
from fleetui.ports.reader import Kind
from fleetui.ports.target import Permission
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.contracts.worlds import until

Open = Callable[[Path], KubeReader]


@pytest.fixture
async def open_reader() -> AsyncIterator[Open]:
    """A reader of a kubeconfig's current context; all are closed with the test."""
    opened: list[tuple[Connector, KubeReader]] = []

    def make(kubeconfig: Path) -> KubeReader:
        connector = Connector((kubeconfig,), clock=SystemClock(), chance=SystemChance())
        reader = connector.open_reader(connector.contexts.current, name="real")
        opened.append((connector, reader))
        return reader

    yield make
    for connector, reader in opened:
        await reader.close()
        await connector.close()


@pytest.fixture
async def target(bed_cluster: BedCluster) -> AsyncIterator[KubeTarget]:
    connector = Connector((bed_cluster.kubeconfig,), clock=SystemClock(), chance=SystemChance())
    made = connector.open_target(ClusterRef(name="real", context=bed_cluster.name))
    yield made
    await made.close()
    await connector.close()


async def _fault_of(reader: KubeReader, kind: Kind) -> tuple[FaultKind, str]:
    with pytest.raises(ClusterError) as raised:
        await reader.list_page(kind, limit=5)
    return raised.value.fault.kind, raised.value.fault.word


async def test_a_client_certificate_opens_the_same_cluster(bed_cluster: BedCluster, open_reader: Open) -> None:
    by_cert = open_reader(bed_cluster.kubeconfig_for("admin", auth="cert"))
    by_token = open_reader(bed_cluster.kubeconfig)
    assert await by_cert.identify() == await by_token.identify()


@pytest.mark.parametrize(
    ("user", "allowed", "forbidden"),
    [("nodes-only", (Kind.MACHINES,), (Kind.PODS,)), ("pods-only", (Kind.PODS,), (Kind.MACHINES,)),
     ("nobody", (), (Kind.MACHINES, Kind.PODS))],
)  # fmt: skip
async def test_what_may_be_read_is_read_and_the_rest_named(
    bed_cluster: BedCluster, open_reader: Open, user: str, allowed: tuple[Kind, ...], forbidden: tuple[Kind, ...]
) -> None:
    reader = open_reader(bed_cluster.kubeconfig_for(user))
    assert (await reader.readyz()).latency_s > 0
    assert (await reader.identify()).version
    for kind in allowed:
        assert (await reader.list_page(kind, limit=1)).resource_version
    for kind in forbidden:
        assert await _fault_of(reader, kind) == (FaultKind.FORBIDDEN, f"403 {kind.value}")
        with pytest.raises(ClusterError):
            async with aclosing(cast(Any, reader.watch(kind, resource_version="0"))) as watch:
                await anext(watch)


async def test_a_wrong_token_is_a_401_with_a_remedy(bed_cluster: BedCluster, open_reader: Open, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(bed_cluster.kubeconfig.read_text().replace("tok-admin", "tok-wrong"))
    with pytest.raises(ClusterError) as raised:
        await open_reader(file).readyz()
    assert (raised.value.fault.kind, raised.value.fault.word) == (FaultKind.UNAUTHORIZED, "401 unauthorized")
    assert "users." in raised.value.fault.remedy


_STATES: dict[str, Any] = {
    "crash": {"containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 12}]},
    "done": {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}]},
    "signal": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 137, "signal": 9}}}]},
    "evicted": {"phase": "Failed", "reason": "Evicted"},
    "init": {"initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "PodInitializing"}}}]},
    "init-crash": {
        "initContainerStatuses": [{"name": "i", "state": {"terminated": {"exitCode": 3}}, "restartCount": 2}]
    },
    "sidecar": {
        "phase": "Running",
        "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}],
        "initContainerStatuses": [
            {"name": "i", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}, "restartCount": 4},
            {"name": "s", "started": True, "ready": True, "state": {"running": {}}, "restartCount": 5},
        ],
        "containerStatuses": [{"ready": True, "state": {"running": {}}, "restartCount": 6}],
    },
    "new": {},
}


def _with_status(status: dict[str, Any]) -> dict[str, Any]:
    """Status as the API server validates it: names, images and ids in every container."""
    said = json.loads(json.dumps(status))
    for key in ("containerStatuses", "initContainerStatuses"):
        for container in said.get(key, ()):
            container.setdefault("name", "main")
            container.setdefault("ready", False)
            container.setdefault("restartCount", 0)
            container |= {"image": "x", "imageID": "x", "lastState": {}}
    return {"phase": "Pending", **said}


async def test_status_ready_and_restarts_are_those_the_server_prints(
    bed_cluster: BedCluster, bed_namespace: str, open_reader: Open
) -> None:
    api, path = bed_cluster.api(), objects.pods_in(bed_namespace)
    for name, status in _STATES.items():
        pod = objects.pod(name)
        image = {"image": "registry.example/app:1"}
        pod["spec"]["initContainers"] = [{"name": "i", **image}, {"name": "s", "restartPolicy": "Always", **image}]
        api.create(path, pod)
        api.patch(f"{path}/{name}/status", {"status": _with_status(status)})
    gated = objects.pod("gated")
    gated["spec"]["schedulingGates"] = [{"name": "example.com/wait"}]
    api.create(path, gated)
    api.create(path, objects.pod("going", finalizers=["example.com/hold"]))
    api.delete(f"{path}/going")

    rows: dict[str, Pod] = {}
    async for page in open_reader(bed_cluster.kubeconfig).list_all(Kind.PODS):
        rows |= {pod.name: pod for pod in page.items if isinstance(pod, Pod) and pod.namespace == bed_namespace}
    printed = [line.split() for line in bed_cluster.kubectl("get", "pods", "-n", bed_namespace).splitlines()[1:]]
    assert len(printed) == len(_STATES) + 2
    ours = {name: [f"{pod.ready}/{pod.containers}", pod.status, str(pod.restarts)] for name, pod in rows.items()}
    assert ours == {name: columns[:3] for name, *columns in printed}
    assert {columns[1] for columns in ours.values()} >= {
        "Init:0/2",
        "Init:ExitCode:3",
        "SchedulingGated",
        "Terminating",
    }


async def test_machines_say_what_kubectl_says(bed_cluster: BedCluster, open_reader: Open) -> None:
    for name, more in {"real-a": {"unschedulable": True}, "real-b": {"ready": False}}.items():
        labels = {"node-role.kubernetes.io/b": "", "node-role.kubernetes.io/a": ""}
        bed_cluster.api().create(objects.NODES, objects.node(name, kubelet=False, labels=labels, **more))  # type: ignore[arg-type]
    rows = {
        row.name: row for row in (await open_reader(bed_cluster.kubeconfig).list_page(Kind.MACHINES, limit=500)).items
    }
    for line in bed_cluster.kubectl("get", "nodes", "real-a", "real-b").splitlines()[1:]:
        name, status, roles, _, version = line.split()
        row = cast(Any, rows[name])
        assert (row.status, ",".join(row.roles), row.version) == (status, roles, version)


async def _patched(target: KubeTarget, name: str, patch: bytes) -> NodeState:
    """The node as it was when the patch was guarded by it: the node controllers may change it under our hands."""
    while True:
        node = await target.node(name)
        assert node is not None
        answer = await target.patch_node(name, uid=node.uid, resource_version=node.resource_version, patch=patch)
        if answer.code == HTTPStatus.OK:
            return node
        assert answer.code == HTTPStatus.CONFLICT, answer


async def test_every_write_carries_its_preconditions(
    bed_cluster: BedCluster, bed_namespace: str, target: KubeTarget
) -> None:
    api = bed_cluster.api()
    api.create(objects.NODES, objects.node("audited", kubelet=False))
    pod = api.create(objects.pods_in(bed_namespace), objects.pod("audited", node="audited"))["metadata"]
    node = await _patched(target, "audited", b'{"spec":{"unschedulable":true}}')
    assert (await target.evict(bed_namespace, "audited", uid=pod["uid"], grace_s=7, dry_run=True)).code == 201
    assert (await target.evict(bed_namespace, "audited", uid=pod["uid"], grace_s=7, dry_run=False)).code == 201

    def ours(event: dict[str, Any]) -> bool:
        about, code = event["objectRef"], event["responseStatus"]["code"]
        patch_or_eviction = event["verb"] == "patch" or about.get("subresource") == "eviction"
        whose: tuple[str, str] = (about.get("name"), event["user"]["username"])
        return whose == ("audited", "admin") and patch_or_eviction and code != HTTPStatus.CONFLICT

    patched, rehearsed, evicted = await asyncio.to_thread(bed_cluster.audit_until, ours, count=3)
    meta = patched["requestObject"]["metadata"]
    assert (meta["uid"], meta["resourceVersion"]) == (node.uid, node.resource_version)
    assert "dryRun=All" in rehearsed["requestURI"]
    assert "dryRun" not in evicted["requestURI"]
    for event in (rehearsed, evicted):
        options = event["requestObject"]["deleteOptions"]
        assert (options["preconditions"]["uid"], options["gracePeriodSeconds"]) == (pod["uid"], 7)


async def test_permissions_are_those_of_the_user(bed_cluster: BedCluster) -> None:
    connector = Connector((bed_cluster.kubeconfig_for("drainer"),), clock=SystemClock(), chance=SystemChance())
    target = connector.open_target(ClusterRef(name="real", context=bed_cluster.name))
    may = {
        Permission("patch", "nodes"): True,
        Permission("create", "pods/eviction"): True,
        Permission("delete", "pods"): False,
        Permission("list", "poddisruptionbudgets.policy"): True,
        Permission("list", "poddisruptionbudgets"): False,
    }
    assert await target.allowed(tuple(may)) == may
    assert await target.daemon_set_exists("default", "none") is False
    await target.close()
    await connector.close()


async def test_ends_and_silences(bed_factory: Callable[..., BedCluster], open_reader: Open) -> None:
    """One server of its own: frozen, stopped, started again, its storage away."""
    bed = bed_factory("ends", controllers=False, kubelets=False)
    reader = open_reader(bed.kubeconfig)
    page = await reader.list_page(Kind.MACHINES, limit=5)

    watch = reader.watch(Kind.MACHINES, resource_version=page.resource_version)
    waiting = asyncio.create_task(cast(Any, anext(watch)))
    await asyncio.to_thread(bed.api().create, objects.NODES, objects.node("first", kubelet=False))
    assert (await waiting)[0].item.name == "first"

    bed.freeze_api()
    with pytest.raises(ClusterError) as raised:
        await reader.readyz()
    assert raised.value.fault.kind is FaultKind.TIMEOUT
    bed.thaw_api()
    assert await until(lambda: _answer(reader))

    waiting = asyncio.create_task(cast(Any, anext(watch)))
    await asyncio.to_thread(bed.stop_api)
    with pytest.raises((ClusterError, StopAsyncIteration)):
        await waiting
    with pytest.raises(ClusterError) as raised:
        await reader.readyz()
    assert (raised.value.fault.kind, raised.value.fault.word) == (FaultKind.REFUSED, "refused")

    await asyncio.to_thread(bed.start_api)
    with pytest.raises(GoneError):
        async with aclosing(cast(Any, reader.watch(Kind.MACHINES, resource_version="1"))) as old:
            await anext(old)

    await asyncio.to_thread(bed.stop_etcd)
    assert (await until(lambda: _not_ready(reader))).startswith("not ready")
    await asyncio.to_thread(bed.start_etcd)
    assert await until(lambda: _answer(reader))


async def _answer(reader: KubeReader) -> bool | None:
    try:
        return (await reader.readyz()).latency_s > 0
    except ClusterError:
        return None


async def _not_ready(reader: KubeReader) -> str | None:
    try:
        await reader.readyz()
    except ClusterError as error:
        return error.fault.word if error.fault.kind is FaultKind.SERVER_ERROR else None
    return None

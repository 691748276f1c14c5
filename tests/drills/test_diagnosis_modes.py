"""Each failure mode provoked on a real cluster: the lens of that cluster names it, with its evidence, the first safe
step and its runbook, and plain output has the facts. Each fault is made as it comes about: a lease that is not renewed,
a port from which nothing comes back, a certificate that has run out.
"""

import asyncio
import datetime as dt
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from fleetui.console.glyphs import UNICODE
from fleetui.console.page import Page
from fleetui.console.screens.runbook import RunbookScreen
from fleetui.console.views import View
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.freshness import POLL_EVERY_S, POLL_TIMEOUT_S
from fleetui.observe.etcd_poll import EVERY_S, PACES_EVERY_S
from tests.bed import flags, objects
from tests.bed.api import Api
from tests.bed.black_hole import BlackHole
from tests.bed.cluster import BedCluster
from tests.bed.etcd_members import EtcdMembers
from tests.bed.process import Process
from tests.drills.delays import SLACK, Bound, told
from tests.drills.health_scene import Scene, Screen, etcd_config
from tests.drills.test_health_etcd import follower, writing

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("health"), pytest.mark.timeout(240)]

EAST = "east"
LEASE_S, GRACE_S = 8, 6
"""kwok renews a node's lease four times in its duration; the controllers wait this long. Kubernetes' own: 40 s each."""
LONE = "kwok.x-k8s.io/node=lone"
"""Machines of a kubelet of their own."""
PUSHED = Bound(1, "judgement", 1.0)
"""A watch tells it, and the lens judges half a second later."""
POLL = Bound(1, "poll", POLL_EVERY_S)
UNANSWERED = Bound(1, "poll", POLL_EVERY_S, POLL_TIMEOUT_S, "the timeout")
ETCD_POLL, PACES = Bound(1, "poll", EVERY_S), Bound(1, "poll", PACES_EVERY_S)
WAITING, LONG_S = 6, 60.0
"""Pods that nothing has room for, and from when on so many are a backlog (model/diagnosis/pod_signs.py)."""
QUEUED = (Mode.SCHEDULING,)
"""It is so beside the others once they have waited for a minute; the drills that need not wait come first."""
TICK = Bound(1, "tick", 5.0)
"""Of the screen, where time alone makes the difference."""


_MACHINES = {
    "cp-1": {"node-role.kubernetes.io/control-plane": ""},
    **{f"wk-{number}": {"topology.kubernetes.io/zone": "ab"[number % 2]} for number in range(1, 5)},
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[BedCluster]:
    with BedCluster(EAST, scheduler=True) as made:
        kubelets = made.process("kubelets")
        _again(kubelets, [*kubelets.argv, f"--node-lease-duration-seconds={LEASE_S}"])
        for name, labels in _MACHINES.items():
            made.api().create(objects.NODES, objects.node(name, labels=labels))
        yield made


def _again(process: Process, argv: list[str]) -> None:
    """The program anew. Of a flag that is given twice the last counts."""
    process.kill()
    process.argv = argv
    process.start()


@contextmanager
def impatient_controllers(cluster: BedCluster) -> Iterator[None]:
    """They call a machine lost after seconds. Else never: an API server that is away for long would lose all."""
    process = cluster.process("controllers")
    before = process.argv
    _again(process, [*before, f"--node-monitor-grace-period={GRACE_S}s", "--node-monitor-period=1s"])
    try:
        yield
    finally:
        _again(process, before)


@contextmanager
def lone_kubelet(cluster: BedCluster) -> Iterator[Process]:
    """One that serves the machines of LONE alone, so that it can go without the others."""
    argv = [part.replace(flags.KUBELET_SELECTOR, LONE) for part in cluster.process("kubelets").argv]
    environment = {"PATH": os.environ["PATH"], "HOME": str(cluster.folder)}
    process = Process(argv, cluster.folder / "lone.log", environment)
    process.start()
    try:
        yield process
    finally:
        process.kill()


@pytest.fixture(scope="module")
def queue(cluster: BedCluster) -> float:
    """Pods that wait for a machine that nobody has; since when, monotonic."""
    for number in range(WAITING):
        cluster.api().create(objects.pods_in("default"), objects.pod(f"greedy-{number}", cpu="1000"))
    return time.monotonic()


@dataclass
class Drill:
    cluster: BedCluster
    etcd: EtcdMembers
    scene: Scene
    screen: Screen

    async def shows(self, mode: Mode, name: str, bound: Bound, *evidence: str, since: float | None = None) -> str:
        """The mode leads, proven, with this evidence; and its runbook opens. Returns the lens' words."""
        since = time.monotonic() if since is None else since
        led = f"{UNICODE.broken} {mode.value.upper()}"
        wanted = {mode.value: lambda: led in (text := self.said) and all(word in text for word in evidence)}
        found = await self.screen.delays(wanted, since=since, within_s=SLACK * bound.seconds)
        told(f"{mode.value}: {name}", "lens", mode.value.upper(), found[mode.value], bound)
        text = self.said
        assert "because" in text
        assert "first" in text
        assert f"runbook: {mode.value}" in text
        await self._opens_runbook(mode)
        return text

    @property
    def said(self) -> str:
        return self.screen.page("lens") if self.screen.at("lens") else ""

    async def _opens_runbook(self, mode: Mode) -> None:
        app = self.screen.app
        await self.screen.press("b")
        await self.screen.until(lambda: isinstance(app.screen, RunbookScreen) and app.screen.is_mounted, "the runbook")
        title = f"Runbook: {mode.value}".lower()
        await self.screen.until(lambda: title in self.screen.text().lower(), title)
        assert len(app.screen.query_one("#page", Page).text) > 200
        await self.screen.press("escape")
        await self.screen.until(lambda: self.screen.at("lens"), "back")

    def no_other(self, mode: Mode, but: Sequence[Mode] = ()) -> None:
        """Nothing else is claimed to be so."""
        others = [one for one in Mode if one not in (mode, *but)]
        assert [one.value for one in others if f"{one.value} present" in self.said] == []


@asynccontextmanager
async def lens(cluster: BedCluster, etcd: EtcdMembers, home: Path) -> AsyncIterator[Drill]:
    scene = Scene.of(home, {"clusters": {EAST: {"etcd": etcd_config(etcd)}}}, cluster.kubeconfig)
    async with scene.console(View("lens", cluster=EAST), size=(160, 60)) as screen:
        drill = Drill(cluster, etcd, scene, screen)
        await screen.until(lambda: "5/5 Ready" in drill.said and "can lose 1" in drill.said, "all is known")
        yield drill


@pytest.fixture
async def drill(cluster: BedCluster, etcd_members: EtcdMembers, tmp_path: Path) -> AsyncIterator[Drill]:
    async with lens(cluster, etcd_members, tmp_path) as made:
        yield made


async def test_drift_a_kubelet_that_is_too_old(drill: Drill) -> None:
    old = objects.node("wk-old")
    old["status"]["nodeInfo"] = {**old["status"]["nodeInfo"], "kubeletVersion": "v1.31.0"}
    api = drill.cluster.api()
    await asyncio.to_thread(api.create, objects.NODES, old)
    try:
        await drill.shows(Mode.DRIFT, "kubelet five versions old", PUSHED, "kubelet v1.31.0", "wk-old")
        drill.no_other(Mode.DRIFT)
        assert (await drill.scene.rows("machines"))["wk-old"]["version"] == "v1.31.0"
    finally:
        await asyncio.to_thread(api.delete, f"{objects.NODES}/wk-old")


async def test_node_failure_a_kubelet_that_hangs(drill: Drill) -> None:
    """SIGSTOP: it renews its lease no more. The controllers find that out; what is measured begins with their word."""
    api, path = drill.cluster.api(), f"{objects.NODES}/wk-lone"
    machine = objects.node("wk-lone", annotations=dict([LONE.split("=")]))
    with impatient_controllers(drill.cluster), lone_kubelet(drill.cluster) as kubelet:
        await asyncio.to_thread(api.create, objects.NODES, machine)
        try:
            await drill.screen.until(lambda: "6/6 Ready" in drill.said, "it is there")
            await lease(api, "wk-lone")
            await asyncio.to_thread(kubelet.freeze)
            since = await told_of(api, "wk-lone", "Unknown")
            words = ("1 of 6 machines not Ready: wk-lone", "x cordon wk-lone")
            await drill.shows(Mode.NODE, "lease not renewed", PUSHED, *words, since=since)
            drill.no_other(Mode.NODE)
            assert (await drill.scene.rows("machines"))["wk-lone"]["health"] == "broken"
        finally:
            await asyncio.to_thread(api.delete, path)


async def lease(api: Api, node: str) -> None:
    """Return once the machine's kubelet has a lease: before that the controllers give it more time."""
    path, deadline = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", time.monotonic() + 60
    while node not in {one["metadata"]["name"] for one in (await asyncio.to_thread(api.get, path))["items"]}:
        assert time.monotonic() < deadline, f"{node} has no lease"
        await asyncio.sleep(0.05)


async def told_of(api: Api, node: str, status: str) -> float:
    """When the API server had it that the node's Ready is so, monotonic."""

    def ready() -> str:
        conditions = api.get(f"{objects.NODES}/{node}")["status"]["conditions"]
        return next(one["status"] for one in conditions if one["type"] == "Ready")

    deadline = time.monotonic() + 60
    while await asyncio.to_thread(ready) != status:
        assert time.monotonic() < deadline, f"{node} is not {status}"
        await asyncio.sleep(0.05)
    return time.monotonic()


async def test_resource_exhaustion_etcd_is_full(drill: Drill, queue: float) -> None:
    await asyncio.to_thread(drill.etcd.fill)
    text = await drill.shows(Mode.EXHAUSTION, "etcd is full", ETCD_POLL, "has reached its quota")
    assert "x etcd-recover-space east" in text
    drill.no_other(Mode.EXHAUSTION, but=(*QUEUED, Mode.STORAGE))  # filling it may have been slow for a true disk
    assert (await drill.scene.rows("etcd"))[EAST]["alarms"] == ["NOSPACE"]


async def test_storage_lag_a_disk_that_syncs_slowly(drill: Drill, queue: float) -> None:
    slow = await asyncio.to_thread(follower, drill.etcd)
    with drill.etcd.slow_disk(slow, 0.15), writing(drill.etcd):
        await drill.shows(Mode.STORAGE, "fdatasync + 150 ms", PACES, f"the disk under etcd syncs too slowly: {slow}")
        drill.no_other(Mode.STORAGE, but=QUEUED)


async def test_control_plane_outage_etcd_has_lost_its_quorum(drill: Drill, queue: float) -> None:
    for name in ("m2", "m3"):
        await asyncio.to_thread(drill.etcd.kill, name)
    await drill.shows(Mode.CONTROL_PLANE, "two members of etcd killed", ETCD_POLL, "m2, m3", "bring m2, m3 back")
    drill.no_other(Mode.CONTROL_PLANE, but=QUEUED)
    assert (await drill.scene.rows("etcd"))[EAST]["quorumLost"] is True


async def test_scheduler_backlog_pods_that_nothing_has_room_for(drill: Drill, queue: float) -> None:
    since = max(queue + LONG_S, time.monotonic())
    await drill.screen.until(lambda: time.monotonic() >= since, "they wait for a minute", within_s=LONG_S + 5)
    words = (f"{WAITING} pods in the queue", "default/greedy-0")
    await drill.shows(Mode.SCHEDULING, f"{WAITING} pods without room", TICK, *words, since=since)
    drill.no_other(Mode.SCHEDULING)
    pods = await drill.scene.rows("pods")
    assert {pods[f"greedy-{number}"]["status"] for number in range(WAITING)} == {"Pending"}


async def test_certificate_expiry_of_the_api_server(drill: Drill, queue: float) -> None:
    """It runs out while nobody looks; the server has to be started anew to be asked for it again."""
    cluster = drill.cluster
    await asyncio.to_thread(serve_expired, cluster)
    try:
        since = await asyncio.to_thread(expired_since, cluster.port, cluster.ca)
        words = ("the API server's certificate: cert expired", "kubeadm certs check-expiration")
        await drill.shows(Mode.CERTIFICATES, "serving certificate ended", UNANSWERED, *words, since=since)
        drill.no_other(Mode.CERTIFICATES)
        answer = await drill.scene.plain("get", "machines")
        assert answer.returncode == 1
        assert "cert expired" in answer.stderr
    finally:
        cluster.stop_api()
        cluster.authority.serving()
        await asyncio.to_thread(cluster.start_api)


def serve_expired(cluster: BedCluster) -> None:
    cluster.stop_api()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bed-server")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    cluster.authority.issue("serving", subject=name, names=here, valid=dt.timedelta(hours=-1))
    cluster.process("apiserver").start()


def expired_since(port: int, ca: Path, within: float = 60) -> float:
    """Since when the server there shows a certificate that has run out, monotonic."""
    context, deadline = ssl.create_default_context(cafile=str(ca)), time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as plain:
                context.wrap_socket(plain, server_hostname="127.0.0.1")
        except ssl.SSLCertVerificationError as error:
            if "expired" in error.verify_message:
                return time.monotonic()
        except OSError:  # it does not listen yet
            time.sleep(0.02)
    raise AssertionError("nobody serves")


async def test_partition_the_way_to_the_api_server_is_cut(drill: Drill, queue: float) -> None:
    """Nothing comes back from it, and its etcd goes on answering: the cluster lives, our way does not."""
    drill.cluster.stop_api()
    try:
        with BlackHole(drill.cluster.port):
            await drill.shows(Mode.PARTITION, "API server not to be reached", UNANSWERED, "its etcd members answer us")
            drill.no_other(Mode.PARTITION)
            row = (await drill.scene.rows("clusters"))[EAST]
            assert (row["trust"], row["nodesReady"]) == ("silent", None)
    finally:
        await asyncio.to_thread(drill.cluster.start_api)


async def test_control_plane_outage_the_api_server_is_gone(drill: Drill, queue: float) -> None:
    drill.cluster.stop_api()
    try:
        words = ("nothing listens at its API server", "nodes: silent", "pods: silent")
        await drill.shows(Mode.CONTROL_PLANE, "API server killed", POLL, *words)
        drill.no_other(Mode.CONTROL_PLANE)
        assert "5/5" not in drill.said, "what it knew of machines is no evidence of now"
        answer = await drill.scene.plain("get", "machines")
        assert (answer.returncode, "refused" in answer.stderr) == (1, True)
    finally:
        await asyncio.to_thread(drill.cluster.start_api)

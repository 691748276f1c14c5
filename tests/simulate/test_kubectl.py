"""The real kubectl works on the wire face as on any cluster."""

import select
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest

from fleetui.simulate.demo import demo_fleet
from fleetui.simulate.machine_clock import MachineClock
from tests.bed import build, objects
from tests.simulate.wire_bed import WireBed, bare_fleet, serve

pytestmark = pytest.mark.bed

Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireBed]:
    with serve(bare_fleet("wire"), tmp_path_factory.mktemp("kubectl")) as bed:
        api = bed.api()
        for name in ("n1", "n2"):
            api.create(objects.NODES, objects.node(name, labels={"node-role.kubernetes.io/worker": ""}))
        yield bed


@pytest.fixture
def kubectl(bed: WireBed, tmp_path: Path) -> Kubectl:
    return _kubectl(bed, tmp_path)


def _kubectl(bed: WireBed, folder: Path) -> Kubectl:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [str(build.path_of("kubectl")), f"--kubeconfig={bed.kubeconfig}", f"--cache-dir={folder}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stderr + done.stdout
        return done

    return run


def _deploy(bed: WireBed, namespace: str, *, replicas: int) -> None:
    """A Deployment whose pods run, and land on both machines."""
    api = bed.api()
    api.create("/api/v1/namespaces", objects.namespace(namespace))
    api.create(objects.workloads_in(namespace), objects.deployment("web", replicas=replicas))
    _until(lambda: _ready(bed, namespace) == replicas)


def _ready(bed: WireBed, namespace: str) -> int:
    pods = bed.api().get(objects.pods_in(namespace))["items"]
    return sum(status["ready"] for pod in pods for status in pod["status"].get("containerStatuses", []))


def _until(wanted: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_get_nodes_wide(kubectl: Kubectl) -> None:
    header, first, second = kubectl("get", "nodes", "-o", "wide").stdout.splitlines()
    assert header.split()[:4] == ["NAME", "STATUS", "ROLES", "AGE"]
    assert header.endswith("CONTAINER-RUNTIME")
    assert (first.split()[:3], second.split()[:3]) == (["n1", "Ready", "worker"], ["n2", "Ready", "worker"])


def test_get_everything_of_all_namespaces(bed: WireBed, kubectl: Kubectl) -> None:
    _deploy(bed, "all", replicas=2)
    pods = kubectl("get", "pods", "-A").stdout.splitlines()
    assert [line.split()[:1] + line.split()[2:4] for line in pods if line.startswith("all ")] == [
        ["all", "1/1", "Running"]
    ] * 2
    listed = kubectl("get", "all,pdb,events,ns", "-n", "all").stdout
    assert "deployment.apps/web" in listed
    assert "replicaset.apps/web-" in listed


def test_drain_waits_for_the_budget_and_uncordon_undoes(bed: WireBed, kubectl: Kubectl) -> None:
    _deploy(bed, "pay", replicas=2)
    bed.api().create(objects.budgets_in("pay"), objects.pdb("web", {"app": "web"}, min_available=2))
    blocked = kubectl("drain", "n1", "--ignore-daemonsets", "--timeout=2s", code=1)
    assert "Cannot evict pod as it would violate the pod's disruption budget." in blocked.stderr
    assert "SchedulingDisabled" in kubectl("get", "node", "n1").stdout

    bed.api().patch(f"{objects.budgets_in('pay')}/web", {"spec": {"minAvailable": 0}})
    done = kubectl("drain", "n1", "--ignore-daemonsets", "--timeout=30s")
    assert "node/n1 drained" in done.stdout
    assert {pod["spec"]["nodeName"] for pod in bed.api().get(objects.pods_in("pay"))["items"]} == {"n2"}

    assert "uncordoned" in kubectl("uncordon", "n1").stdout
    assert "SchedulingDisabled" not in kubectl("get", "node", "n1").stdout


def test_describe(bed: WireBed, kubectl: Kubectl) -> None:
    _deploy(bed, "told", replicas=1)
    node = kubectl("describe", "node", "n2").stdout
    assert "Non-terminated Pods:" in node
    assert "Kubelet Version:            v1.36.3" in node
    (name,) = [pod["metadata"]["name"] for pod in bed.api().get(objects.pods_in("told"))["items"]]
    assert "Controlled By:  ReplicaSet/web-" in kubectl("describe", "pod", name, "-n", "told").stdout


def test_watch_prints_what_changes(bed: WireBed, tmp_path: Path) -> None:
    command = [
        str(build.path_of("kubectl")), f"--kubeconfig={bed.kubeconfig}", f"--cache-dir={tmp_path}", "get", "nodes",
        "--watch-only", "--no-headers",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        try:
            touches = count()
            _until(lambda: _heard(bed, watch.stdout, touch=next(touches)))
            assert watch.stdout.readline().split()[:2] == ["n2", "Ready"]
        finally:
            watch.kill()


def _heard(bed: WireBed, said: IO[str], *, touch: int) -> bool:
    """A change before the watch is open is not heard, and nothing says when it is: so touch until it speaks."""
    bed.api().patch(f"{objects.NODES}/n2", {"metadata": {"labels": {"touch": str(touch)}}})
    return bool(select.select([said], [], [], 0.1)[0])


SPARE = {"key": "spare", "value": "yes", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("change", "undo", "read"),
    [
        ("label node n2 disk=new", "label node n2 disk-", lambda node: node["metadata"]["labels"].get("disk") == "new"),
        ("annotate node n2 note=seen", "annotate node n2 note-",
         lambda node: node["metadata"].get("annotations", {}).get("note") == "seen"),
        ("taint node n2 spare=yes:NoSchedule", "taint node n2 spare-",
         lambda node: SPARE in node["spec"].get("taints", [])),
        ("cordon n2", "uncordon n2", lambda node: node["spec"].get("unschedulable") is True),
    ],
)  # fmt: skip
def test_changes_of_a_node(
    bed: WireBed, kubectl: Kubectl, change: str, undo: str, read: Callable[[dict[str, Any]], bool]
) -> None:
    seen = []
    for command in (change, undo):
        kubectl(*command.split())
        seen.append(read(bed.api().get(f"{objects.NODES}/n2")))
    assert seen == [True, False]


def test_roll_out_a_new_generation(bed: WireBed, kubectl: Kubectl) -> None:
    _deploy(bed, "roll", replicas=2)
    before = {pod["metadata"]["uid"] for pod in bed.api().get(objects.pods_in("roll"))["items"]}
    kubectl("rollout", "restart", "deployment/web", "-n", "roll")
    kubectl("rollout", "status", "deployment/web", "-n", "roll", "--timeout=20s")
    _until(lambda: not before & {pod["metadata"]["uid"] for pod in bed.api().get(objects.pods_in("roll"))["items"]})


def test_the_demo_answers_kubectl(tmp_path: Path) -> None:
    with serve(demo_fleet(seed=1, speed=1, clock=MachineClock()), tmp_path) as bed:
        kubectl = _kubectl(bed, tmp_path / "cache")
        nodes = kubectl("--context", "dr-west-1", "get", "nodes", "--no-headers").stdout.splitlines()
        assert len(nodes) == 38
        refused = kubectl("--context", "edge-lima-02", "get", "nodes", code=1).stderr
        assert "You must be logged in to the server" in refused
        forbidden = kubectl("--context", "sandbox-north-1", "get", "pods", "-A", code=1).stderr
        assert "pods is forbidden" in forbidden

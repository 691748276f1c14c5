"""The bed keeps its promises: real answers, a log that tells every mutation, faults on command, nothing left behind."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bed import audit, objects
from tests.bed.api import Api, ApiError
from tests.bed.cluster import BedCluster

Factory = Callable[..., BedCluster]


def eventually(wanted: Callable[[], object], within: float = 60) -> None:
    """`within` is for a machine that has much else to do; an idle one needs a second or two."""
    deadline = time.monotonic() + within
    while not wanted():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.05)


def answers(api: Api) -> bool:
    try:
        api.request("GET", "/readyz")
    except (OSError, http.client.HTTPException):
        return False
    return True


def test_kubectl_sees_a_running_pod_on_a_ready_node(bed_cluster: BedCluster, bed_namespace: str) -> None:
    api = bed_cluster.api()
    api.create(objects.NODES, objects.node("bed-n1"))
    api.create(objects.pods_in(bed_namespace), objects.pod("p1", node="bed-n1"))
    eventually(lambda: "Running" in bed_cluster.kubectl("get", "pods", "-n", bed_namespace))
    assert "Ready" in bed_cluster.kubectl("get", "node", "bed-n1", user="viewer").split()


def test_a_pod_on_a_machine_without_kubelet_never_ends(bed_cluster: BedCluster, bed_namespace: str) -> None:
    api = bed_cluster.api()
    api.create(objects.NODES, objects.node("bed-silent", kubelet=False, ready=False))
    api.create(objects.pods_in(bed_namespace), objects.pod("kept", node="bed-silent"))
    api.create(objects.NODES, objects.node("bed-talks"))
    api.create(objects.pods_in(bed_namespace), objects.pod("ends", node="bed-talks"))
    for name in ("kept", "ends"):
        api.delete(f"{objects.pods_in(bed_namespace)}/{name}")

    def left() -> list[str]:
        return [item["metadata"]["name"] for item in api.get(objects.pods_in(bed_namespace))["items"]]

    eventually(lambda: left() == ["kept"])


def test_the_controllers_keep_a_budget(bed_cluster: BedCluster, bed_namespace: str) -> None:
    api = bed_cluster.api()
    api.create(objects.NODES, objects.node("bed-pdb"))
    api.create(objects.workloads_in(bed_namespace), objects.deployment("web", replicas=2, node="bed-pdb"))
    api.create(objects.budgets_in(bed_namespace), objects.pdb("web", {"app": "web"}, min_available=2))
    budget = f"{objects.budgets_in(bed_namespace)}/web"
    eventually(lambda: api.get(budget)["status"].get("currentHealthy") == 2)
    pod = api.get(objects.pods_in(bed_namespace))["items"][0]["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    with pytest.raises(ApiError) as refused:
        api.create(f"{objects.pods_in(bed_namespace)}/{pod}/eviction", eviction)
    assert refused.value.code == http.client.TOO_MANY_REQUESTS


def test_the_audit_log_tells_a_patch_with_its_body(bed_cluster: BedCluster) -> None:
    api = bed_cluster.api("other")
    created = api.create(objects.NODES, objects.node("bed-patched"))
    body = {"metadata": {"uid": created["metadata"]["uid"]}, "spec": {"unschedulable": True}}
    api.patch(f"{objects.NODES}/bed-patched", body)
    (event,) = bed_cluster.audit_until(
        lambda e: audit.is_request(e, "patch", "nodes", user="other", name="bed-patched")
    )
    assert event["requestObject"] == body
    assert event["responseStatus"]["code"] == http.client.OK


@pytest.mark.parametrize(
    ("user", "path", "code"),
    [
        ("viewer", "/api/v1/pods", 200),
        ("nodes-only", "/api/v1/nodes", 200),
        ("nodes-only", "/api/v1/pods", 403),
        ("pods-only", "/api/v1/pods", 200),
        ("pods-only", "/api/v1/nodes", 403),
        ("tenant", "/api/v1/namespaces/tenant/pods", 200),
        ("tenant", "/api/v1/pods", 403),
        ("nobody", "/api/v1/nodes", 403),
        ("unknown", "/api/v1/nodes", 401),
    ],
)
def test_users_may_do_what_their_names_say(bed_cluster: BedCluster, user: str, path: str, code: int) -> None:
    assert status_of(bed_cluster.api(user), path) == code


def status_of(api: Api, path: str) -> int:
    try:
        api.get(path)
    except ApiError as error:
        return error.code
    return http.client.OK


def test_a_client_certificate_is_taken(bed_cluster: BedCluster) -> None:
    argv = ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", "--kubeconfig"]
    by_cert = bed_cluster.kubeconfig_for("viewer", auth="cert")
    assert bed_cluster.kubectl(*argv, str(by_cert)) == "viewer"


def test_faults_of_the_api_server(bed_factory: Factory) -> None:
    """Stopped refuses, frozen hangs, and after each it answers again at the same port with the same data."""
    cluster = bed_factory("faults", controllers=False, kubelets=False)
    api = cluster.api()
    api.create(objects.NODES, objects.node("kept"))
    port = cluster.port

    cluster.stop_api()
    with pytest.raises(ConnectionRefusedError):
        api.get("/readyz")
    cluster.start_api()
    assert answers(api)

    cluster.freeze_api()
    with pytest.raises(TimeoutError):
        cluster.api(timeout=0.5).get("/readyz")
    cluster.thaw_api()
    eventually(lambda: answers(api))

    cluster.restart_etcd()
    assert cluster.port == port
    assert api.get(f"{objects.NODES}/kept")["metadata"]["name"] == "kept"


def test_a_seed_starts_with_the_data_and_keys_it_was_saved_with(bed_factory: Factory, tmp_path: Path) -> None:
    first = bed_factory("seed", controllers=False, kubelets=False)
    first.api().create(objects.NODES, objects.node("saved"))
    authority = first.ca.read_bytes()
    first.save(tmp_path / "seed")
    second = bed_factory("grown", controllers=False, kubelets=False, seed=tmp_path / "seed")
    assert second.ca.read_bytes() == authority
    assert second.api().get(f"{objects.NODES}/saved")


@pytest.mark.bed
def test_nothing_survives_a_killed_interpreter(tmp_path: Path) -> None:
    program = (
        "from tests.bed.cluster import BedCluster\n"
        "cluster = BedCluster('orphan', controllers=False, kubelets=False)\n"
        "print(cluster.process('etcd').pid, cluster.process('apiserver').pid, flush=True)\n"
        "input()\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"TMPDIR": str(tmp_path)},  # its files stay, as a killed process leaves them
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not any(runs(pid) for pid in pids))


def runs(pid: int) -> bool:
    """Is the process there and more than an unreaped entry?"""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_scheduler_moves_an_evicted_pod_off_a_cordoned_machine(bed_factory: Factory) -> None:
    cluster = bed_factory("scheduled", scheduler=True)
    api = cluster.api()
    # Cordoned when it is born: the scheduler never knows it otherwise.
    api.create(objects.NODES, objects.node("there", unschedulable=True))
    api.create(objects.NODES, objects.node("here"))
    api.create(objects.workloads_in("default"), objects.deployment("web", replicas=1))

    def places() -> list[str]:
        pods = api.get(objects.pods_in("default"))["items"]
        return [pod["spec"].get("nodeName", "") for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    eventually(lambda: places() == ["here"])
    api.patch(f"{objects.NODES}/there", {"spec": {"unschedulable": False}})
    cluster.kubectl("drain", "here", "--timeout=30s")
    eventually(lambda: places() == ["there"])

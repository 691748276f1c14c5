"""What a drain does with each kind of pod, and in whose words."""

import msgspec
import pytest

from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.eviction import Filters, classify, local_volumes

STRICT = Filters()
ALL = Filters(force=True, delete_emptydir_data=True)
SERVER = OwnerRef("ReplicaSet", "api-7d9")
DAEMON = OwnerRef("DaemonSet", "agent")


def a_pod(**changes: object) -> PodState:
    pod = PodState(uid="u", namespace="pay", name="api-1", node="wk-1", phase="Running", controller=SERVER)
    return msgspec.structs.replace(pod, **changes)


@pytest.mark.parametrize(
    ("pod", "filters", "action", "why"),
    [
        (a_pod(), STRICT, "evict", "managed by ReplicaSet/api-7d9"),
        (a_pod(mirror=True, controller=OwnerRef("Node", "wk-1")), ALL, "skip", "mirror pod"),
        (a_pod(phase="Succeeded", controller=None), STRICT, "evict", "finished (Succeeded)"),
        (a_pod(phase="Failed", empty_dirs=("tmp",)), STRICT, "evict", "finished (Failed)"),
        (a_pod(deleting_since=1.0, controller=None), STRICT, "wait", "already terminating"),
        (a_pod(controller=DAEMON), STRICT, "skip", "ignoring DaemonSet-managed Pods"),
        (a_pod(controller=DAEMON, deleting_since=1.0), STRICT, "skip", "terminating, and its DaemonSet"),
        (a_pod(controller=DAEMON), Filters(ignore_daemonsets=False), "refuse", "DaemonSet-managed Pods (use"),
        (a_pod(controller=None), STRICT, "refuse", "Pods that declare no controller (use --option force=true)"),
        (a_pod(controller=None), ALL, "evict", "Pods that declare no controller"),
        (
            a_pod(empty_dirs=("a", "b")),
            STRICT,
            "refuse",
            "Pods with local storage: a, b (use --option delete_emptydir_data=true)",
        ),
        (a_pod(empty_dirs=("a",)), Filters(force=True), "refuse", "Pods with local storage: a (use"),
        (a_pod(empty_dirs=("a",)), ALL, "evict", "Pods with local storage: a"),
        (a_pod(controller=None, empty_dirs=("a",)), Filters(force=True), "refuse", "Pods with local storage"),
    ],
)
def test_each_kind_of_pod(pod: PodState, filters: Filters, action: str, why: str) -> None:
    planned = classify(pod, filters)
    assert (planned.action, planned.why[: len(why)]) == (action, why)


@pytest.mark.parametrize(("force", "action"), [(False, "refuse"), (True, "evict")])
def test_the_orphan_of_a_vanished_daemon_set_needs_force(force: bool, action: str) -> None:
    planned = classify(a_pod(controller=DAEMON), Filters(force=force), daemon_set_gone=True)
    assert planned.action == action


def test_both_losses_are_named_at_once() -> None:
    planned = classify(a_pod(controller=None, empty_dirs=("cache",)), STRICT)
    assert "force" in planned.why
    assert "delete_emptydir_data" in planned.why


def test_finalizers_are_noted_where_they_will_hold_the_pod() -> None:
    assert classify(a_pod(finalizers=("x.io/hold",)), STRICT).why.endswith("finalizers are removed: x.io/hold")
    assert "x.io/hold" not in classify(a_pod(controller=DAEMON, finalizers=("x.io/hold",)), STRICT).why


def test_what_a_budget_says_stays_with_pods_that_are_evicted() -> None:
    assert classify(a_pod(), STRICT, blocked="pdb x").blocked == "pdb x"
    assert classify(a_pod(controller=DAEMON), STRICT, blocked="pdb x").blocked == ""


def test_volumes_that_stay_behind() -> None:
    pod = a_pod(host_paths=("/data",), local_claims=("db-0",))
    assert local_volumes(pod) == "hostPath /data, claim db-0"
    assert local_volumes(a_pod()) == ""

"""What is news for an operator, and what is not."""

import pytest

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.history import cluster_transitions, machine_transitions, pod_transitions
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod


def machine(status: str = "Ready", **fields: str) -> Machine:
    return Machine(uid="u", name="wk-1", cluster="prod", status=status, **fields)


def pod(status: str) -> Pod:
    return Pod(uid="u", name="web", namespace="shop", cluster="prod", status=status)


def said(entries: tuple[object, ...]) -> list[tuple[str, str, str]]:
    return [(entry.field, entry.was, entry.now) for entry in entries]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (machine(), machine("NotReady"), [("status", "Ready", "NotReady")]),
        (machine(), machine("Ready,SchedulingDisabled"), [("cordoned", "schedulable", "cordoned")]),
        (
            machine("Ready,SchedulingDisabled", cordoned_by="ana drain op-1"),
            machine(),
            [("cordoned", "cordoned by ana drain op-1", "schedulable")],
        ),
        (machine(version="v1.35.0"), machine(version="v1.36.3"), [("version", "v1.35.0", "v1.36.3")]),
        (machine(), machine(operation="drain by ana"), [("operation", "", "drain by ana")]),
        (machine(internal_ip="10.0.0.1"), machine(internal_ip="10.0.0.2"), []),
        (None, machine("NotReady"), [("exists", "", "NotReady")]),
        (machine(), None, [("exists", "Ready", "")]),
    ],
)
def test_machines(was: Machine | None, now: Machine | None, expected: list[tuple[str, str, str]]) -> None:
    assert said(machine_transitions(was, now, 7.0)) == expected


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("Running", "CrashLoopBackOff", [("status", "Running", "CrashLoopBackOff")]),
        ("CrashLoopBackOff", "Running", [("status", "CrashLoopBackOff", "Running")]),
        ("Pending", "Running", []),
        ("Running", "Terminating", []),
        ("Running", "Running", []),
    ],
)
def test_pods(was: str, now: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(pod_transitions(pod(was), pod(now), 7.0)) == expected


def test_pods_that_come_and_go_are_not_news() -> None:
    assert pod_transitions(None, pod("CrashLoopBackOff"), 7.0) == ()
    assert pod_transitions(pod("CrashLoopBackOff"), None, 7.0) == ()


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (Trust.LIVE, Trust.SILENT, [("trust", "live", "silent")]),
        (Trust.SILENT, Trust.LIVE, [("trust", "silent", "live")]),
        (Trust.CONNECTING, Trust.SILENT, [("trust", "", "silent")]),
        (Trust.CONNECTING, Trust.LIVE, []),
        (Trust.IDLE, Trust.CONNECTING, []),
    ],
)
def test_clusters(was: Trust, now: Trust, expected: list[tuple[str, str, str]]) -> None:
    entries = cluster_transitions(Cluster(name="prod", trust=was), Cluster(name="prod", trust=now), 7.0)
    assert said(entries) == expected
    assert all((entry.at, entry.cluster, entry.kind) == (7.0, "prod", "cluster") for entry in entries)


def test_an_upgrade_of_the_api_server_is_news_and_learning_the_version_is_not() -> None:
    old, new = Cluster(name="prod", version="v1.35.4"), Cluster(name="prod", version="v1.36.3")
    assert said(cluster_transitions(old, new, 7.0)) == [("version", "v1.35.4", "v1.36.3")]
    assert cluster_transitions(Cluster(name="prod"), new, 7.0) == ()

"""Quantities, what the scheduler reserves for a pod, and the odd forms of budgets and owners."""

from typing import Any

import msgspec
import pytest

from fleetui.clients.kube.quantity import quantity
from fleetui.clients.kube.target_objects import WireBudget, WireNode, WirePod, budget, node_state, pod_state
from fleetui.model.drain import Budget, LabelRequirement, NodeState, NodeTerm, PodState, Toleration


@pytest.mark.parametrize(
    ("said", "value"),
    [("64", 64.0), ("100m", 0.1), ("1.5", 1.5), (".5", 0.5), ("256Gi", 256 * 2**30), ("128974848", 128974848.0),
     ("129e6", 129e6), ("1E3", 1000.0), ("2E", 2e18), ("1k", 1000.0), ("5u", 5e-6), ("-1", -1.0), (4, 4.0),
     (None, None), ("", None), ("many", None), ("1 Gi", None), ("1gi", None)],
)  # fmt: skip
def test_quantity(said: str | float | None, value: float | None) -> None:
    assert quantity(said) == (None if value is None else pytest.approx(value))


def _asks(cpu: str, **more: Any) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu}}, **more}


SIDECAR = _asks("2", restartPolicy="Always")


def _pod(spec: dict[str, Any], **meta: Any) -> PodState:
    wire = msgspec.json.encode({"metadata": {"name": "p", **meta}, "spec": spec})
    return pod_state(msgspec.json.decode(wire, type=WirePod))


@pytest.mark.parametrize(
    ("spec", "cores"),
    [
        pytest.param({"containers": [_asks("1"), _asks("500m"), {}]}, 1.5, id="containers together"),
        pytest.param({"containers": None}, 0.0, id="nothing said"),
        pytest.param({"containers": [_asks("1")], "initContainers": [_asks("3"), _asks("2")]}, 3.0, id="biggest init"),
        pytest.param({"containers": [_asks("1")], "initContainers": [SIDECAR, _asks("4")]}, 6.0,
                     id="an init beside a sidecar"),
        pytest.param({"containers": [_asks("5")], "initContainers": [SIDECAR, _asks("4")]}, 7.0,
                     id="a sidecar beside the containers"),
        pytest.param({"containers": [_asks("1")], "overhead": {"cpu": "250m"}}, 1.25, id="overhead"),
        pytest.param({"containers": [_asks("1")], "resources": {"requests": {"cpu": "3"}}}, 3.0, id="of the whole pod"),
    ],
)  # fmt: skip
def test_what_the_scheduler_reserves(spec: dict[str, Any], cores: float) -> None:
    assert _pod(spec).cpu == pytest.approx(cores)


def test_where_a_pod_may_run() -> None:
    rule = {"key": "zone", "operator": "In", "values": ["a", "b"]}
    name = {"key": "metadata.name", "operator": "In", "values": ["wk-1"]}
    terms = [{"matchExpressions": [rule]}, {"matchFields": [name]}]
    pod = _pod(
        {
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"operator": "Exists"}, {"key": "gpu", "value": "yes", "effect": "NoSchedule"}],
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms},
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {}}],
                },
                "podAffinity": {},
            },
        }
    )
    assert pod.node_selector == (("disk", "fast"),)
    assert pod.tolerations == (Toleration("", "Exists"), Toleration("gpu", "", "yes", "NoSchedule"))
    zones, names = LabelRequirement("zone", "In", ("a", "b")), LabelRequirement("metadata.name", "In", ("wk-1",))
    assert pod.node_terms == (NodeTerm(labels=(zones,)), NodeTerm(fields=(names,)))


@pytest.mark.parametrize("affinity", [None, {}, {"nodeAffinity": {}}, {"nodeAffinity": None, "podAffinity": {}}])
def test_a_pod_that_may_run_anywhere_has_no_terms(affinity: Any) -> None:
    assert _pod({"affinity": affinity}).node_terms is None


def test_volumes_mirrors_and_controllers() -> None:
    pod = _pod(
        {
            "volumes": [
                {"name": "scratch", "emptyDir": {"medium": "Memory"}},
                {"name": "host", "hostPath": {"path": "/"}},
                {"name": "data", "persistentVolumeClaim": {"claimName": "data-0"}},
                {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {}}},
                {"name": "cm", "configMap": {"name": "x"}},
            ]
        },
        annotations={"kubernetes.io/config.mirror": "x"},
        ownerReferences=[{"kind": "Node", "name": "n"}, {"kind": "Job", "name": "j", "controller": True}],
        deletionTimestamp="2026-01-01T00:00:30Z",
        deletionGracePeriodSeconds=30,
    )
    assert (pod.empty_dirs, pod.host_paths, pod.local_claims) == (("scratch",), ("host",), ("data-0", "p-tmp"))
    assert pod.mirror
    assert pod.controller is not None
    assert pod.controller.kind == "Job"
    assert pod.deletes_at is not None
    assert pod.deleting_since == pod.deletes_at - 30


def _budget(spec: dict[str, Any], **status: Any) -> Budget:
    meta = {"name": "b", "namespace": "n", "generation": 2}
    return budget(msgspec.convert({"metadata": meta, "spec": spec, "status": status}, WireBudget))


def test_a_selector_that_is_null_selects_nothing_and_an_empty_one_all() -> None:
    assert _budget({}).selects_nothing
    assert not _budget({"selector": {}}).selects_nothing


def test_a_status_of_an_older_generation_is_unknown_not_zero() -> None:
    old = _budget({"selector": {}}, observedGeneration=1, disruptionsAllowed=3)
    assert (old.disruptions_allowed, old.current_healthy, old.expected_pods) == (None, None, None)
    assert _budget({"selector": {}}, observedGeneration=2, disruptionsAllowed=3).disruptions_allowed == 3


def test_percentages_and_policies() -> None:
    found = _budget({"maxUnavailable": "25%", "minAvailable": 0, "unhealthyPodEvictionPolicy": "AlwaysAllow"})
    assert (found.max_unavailable, found.min_available, found.always_allow_unhealthy) == ("25%", "0", True)


def _node(**status: Any) -> NodeState:
    return node_state(msgspec.convert({"metadata": {"name": "n"}, "status": status}, WireNode))


@pytest.mark.parametrize(("said", "ready"), [("True", True), ("False", False), ("Unknown", None)])
def test_a_kubelet_that_does_not_report_is_unknown(said: str, ready: bool | None) -> None:
    assert _node(conditions=[{"type": "Ready", "status": said}]).ready is ready
    assert _node().ready is None
    assert _node().cpu is None

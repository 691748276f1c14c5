"""Whether what is left can carry what must move."""

import msgspec
import pytest

from fleetui.model.capacity import Room, Squeeze, biggest, cohorts, domains, fits_on, hosts, requests, squeeze
from fleetui.model.drain import NodeState, PodState, Taint, Toleration

GIB = 2**30


def a_node(name: str, **changes: object) -> NodeState:
    fields: dict[str, object] = {"ready": True, "cpu": 4.0, "memory": 16.0 * GIB, **changes}
    return NodeState(uid=name, name=name, resource_version="1", **fields)


def a_pod(name: str = "p", *, cpu: float = 0.0, memory: float = 0.0, phase: str = "Running") -> PodState:
    return PodState(uid=name, namespace="n", name=name, node="x", phase=phase, cpu=cpu, memory=memory)


def test_the_scarcer_resource_decides() -> None:
    tight = squeeze(today=Room(10, 100), rest=Room(8, 50), requested=Room(4, 40), moved=Room(1, 20))
    assert tight == Squeeze(left_pct=50.0, needed_pct=60.0, scarce="memory")
    assert not tight.fits


def test_exactly_full_still_fits() -> None:
    tight = squeeze(today=Room(10, 100), rest=Room(5, 90), requested=Room(4, 1), moved=Room(1, 1))
    assert tight is not None
    assert tight.fits


@pytest.mark.parametrize("missing", ["today", "rest", "requested", "moved"])
def test_a_missing_number_is_no_verdict(missing: str) -> None:
    rooms = dict.fromkeys(("today", "rest", "requested", "moved"), Room(1.0, 1.0))
    rooms[missing] = Room(1.0, None)
    assert squeeze(**rooms) is None


GPU = Taint("gpu", "yes", "NoSchedule")
WITH_GPU = (Toleration("gpu", "Exists"),)


def _names(pods: tuple[PodState, ...]) -> list[str]:
    return [pod.name for pod in pods]


def test_pods_that_the_same_machines_let_in_must_share_them() -> None:
    nodes = [a_node("a"), a_node("b"), a_node("g", taints=(GPU,), labels=(("gpu", "yes"),))]
    web = a_pod("web", cpu=1)
    tolerant = msgspec.structs.replace(a_pod("tolerant", cpu=1), tolerations=WITH_GPU)
    bound = msgspec.structs.replace(a_pod("bound", cpu=1), tolerations=WITH_GPU, node_selector=(("gpu", "yes"),))
    found = {cohort.machines: _names(cohort.pods) for cohort in cohorts([web, tolerant, bound], nodes)}
    assert found == {
        frozenset("ab"): ["web"],
        frozenset("abg"): ["web", "tolerant", "bound"],
        frozenset("g"): ["bound"],
    }


def test_pods_that_nobody_lets_in_stand_alone_and_count_nowhere_else() -> None:
    stray = msgspec.structs.replace(a_pod("stray"), node_selector=(("disk", "fast"),))
    found = {cohort.machines: _names(cohort.pods) for cohort in cohorts([stray, a_pod("web", cpu=1)], [a_node("a")])}
    assert found == {frozenset("a"): ["web"], frozenset(): ["stray"]}


def test_who_asks_for_most_is_weighed_first() -> None:
    nodes = [a_node("a"), a_node("g", taints=(GPU,))]
    small, big = a_pod("small", cpu=1), msgspec.structs.replace(a_pod("big", cpu=9), tolerations=WITH_GPU)
    assert [_names(cohort.pods) for cohort in cohorts([small, big], nodes)] == [["small", "big"], ["small"]]
    assert cohorts([], nodes) == ()


def test_hosts_are_ready_schedulable_and_not_targets_roomiest_first() -> None:
    nodes = [
        a_node("small", cpu=1.0),
        a_node("big", cpu=9.0),
        a_node("cordoned", unschedulable=True),
        a_node("down", ready=False),
        a_node("silent", ready=None),
        a_node("target"),
    ]
    assert [node.name for node in hosts(nodes, without=frozenset({"target"}))] == ["big", "small"]


def test_a_pod_must_fit_on_one_machine_not_on_the_sum() -> None:
    pod = a_pod(cpu=2.0, memory=GIB)
    assert fits_on(pod, a_node("a"), [a_pod("q", cpu=2.0)]) is True
    assert fits_on(pod, a_node("a"), [a_pod("q", cpu=2.5)]) is False
    assert fits_on(pod, a_node("a"), [a_pod("q", cpu=2.5, phase="Succeeded")]) is True
    assert fits_on(pod, a_node("a", cpu=None), []) is None


def test_the_biggest_pod_is_the_one_that_asks_most_cpu_then_memory() -> None:
    assert biggest([a_pod("a", cpu=1), a_pod("b", cpu=2, memory=1), a_pod("c", cpu=2, memory=5)]).name == "c"
    assert biggest([a_pod("a")]) is None
    assert requests([a_pod("a", cpu=1, memory=3), a_pod("b", cpu=2)]) == Room(3, 3)


def test_what_a_failure_domain_keeps() -> None:
    nodes = [
        a_node("a1", labels=(("topology.kubernetes.io/zone", "a"),)),
        a_node("a2", labels=(("topology.kubernetes.io/zone", "a"),)),
        a_node("a3", labels=(("topology.kubernetes.io/zone", "a"),), ready=False),
        a_node("b1", labels=(("topology.kubernetes.io/zone", "b"),)),
        a_node("x"),
    ]
    assert domains(nodes, without=frozenset({"a1", "x"})) == {"a": (1, 2)}

"""The rules of a simulated cluster: scheduling, workloads, cordon, silent nodes, watches, a history that repeats."""

from functools import partial
from typing import Any

import msgspec
import pytest

from fleetui.simulate import kubelet
from fleetui.simulate.history import TooOldError
from fleetui.simulate.request import Get, List, Patch
from tests.simulate.scenes import Scene

CORDON = {"spec": {"unschedulable": True}}


def test_replacements_land_on_other_machines() -> None:
    scene = Scene()
    for name in ("n1", "n2", "n3"):
        scene.node(name)
    scene.workload("Deployment", "web", replicas=3)
    scene.later(30)
    victim = next(pod for pod in scene.pods() if pod.node == "n1")
    scene.ask(Patch("nodes", "n1", CORDON))

    scene.evict(victim.name)
    scene.later(30)

    assert sorted(pod.node for pod in scene.pods()) in (["n2", "n2", "n3"], ["n2", "n3", "n3"])
    assert all(pod.ready for pod in scene.pods())


@pytest.mark.parametrize(
    ("node", "pod", "why"),
    [
        ({"unschedulable": True}, {}, "1 node(s) were unschedulable"),
        ({"taints": [{"key": "t", "effect": "NoSchedule"}]}, {}, "1 node(s) had untolerated taint(s) {t: }"),
        ({}, {"nodeSelector": {"gpu": "yes"}}, "1 node(s) didn't match Pod's node affinity/selector"),
        ({}, {"cpu": "9"}, "1 Insufficient cpu"),
    ],
)
def test_why_a_pod_finds_no_node(node: dict[str, Any], pod: dict[str, Any], why: str) -> None:
    scene = Scene()
    scene.node("n1", **node)
    scene.pod("p", **pod)

    stuck = scene.get("pods", "p")

    assert stuck.node == ""
    assert stuck.unschedulable == f"0/1 nodes are available: {why}."


def test_a_waiting_pod_is_placed_when_room_appears() -> None:
    scene = Scene()
    scene.node("n1", unschedulable=True)
    scene.pod("p")
    scene.ask(Patch("nodes", "n1", {"spec": {"unschedulable": False}}))
    scene.later(30)

    assert (scene.get("pods", "p").node, scene.get("pods", "p").phase) == ("n1", "Running")


def test_a_daemon_set_returns_to_a_cordoned_node_and_a_stateful_set_keeps_its_names() -> None:
    scene = Scene()
    scene.node("n1")
    scene.node("n2")
    scene.workload("DaemonSet", "agent")
    scene.workload("StatefulSet", "db", replicas=2)
    scene.later(30)
    scene.ask(Patch("nodes", "n1", CORDON))
    before = {pod.name: pod.uid for pod in scene.pods()}

    for pod in scene.pods():
        if pod.node == "n1":
            scene.evict(pod.name)
    scene.later(30)

    after = {pod.name: pod for pod in scene.pods()}
    daemons = [pod for pod in after.values() if pod.name.startswith("agent")]
    assert sorted(pod.node for pod in daemons) == ["n1", "n2"]
    assert {"db-0", "db-1"} <= set(after)
    assert {pod.node for name, pod in after.items() if name.startswith("db")} == {"n2"}
    assert sum(after[name].uid != before[name] for name in ("db-0", "db-1")) == 1


def test_a_deployment_rolls_without_falling_below_its_floor() -> None:
    scene = Scene()
    scene.node("n1")
    scene.workload("Deployment", "web", replicas=4)
    scene.later(60)
    images = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "registry.example.com/c:2"}]}}}}
    scene.ask(Patch("deployments", "web", images, "pay", strategic=True))

    fewest = 4
    for _ in range(200):
        scene.later(0.5)
        fewest = min(fewest, sum(pod.ready and pod.active for pod in scene.pods()))

    assert fewest == 3  # a quarter may be unavailable
    assert {pod.template.containers[0].image for pod in scene.pods()} == {"registry.example.com/c:2"}
    assert len(scene.pods()) == 4


def test_a_deployment_forgets_its_oldest_revisions() -> None:
    scene = Scene(speed=100)
    scene.node("n1")
    scene.workload("Deployment", "web", replicas=1)
    for number in range(15):
        containers = [{"name": "c", "image": f"registry.example.com/c:{number}"}]
        scene.ask(
            Patch(
                "deployments",
                "web",
                {"spec": {"template": {"spec": {"containers": containers}}}},
                "pay",
                strategic=True,
            )
        )
        scene.later(5)

    assert len(scene.ask(List("replicasets", "pay")).items) == 11
    assert len(scene.pods()) == 1


class TestPatch:
    def test_cordon_and_the_taint_that_follows(self) -> None:
        scene = Scene()
        node = scene.node("n1")

        answer = scene.ask(Patch("nodes", "n1", {**CORDON, "metadata": {"uid": node.uid, "annotations": {"a": "b"}}}))
        scene.later(1)
        then = scene.get("nodes", "n1", "")

        assert answer.code == 200
        assert answer.item.taints == ()
        assert (then.unschedulable, then.annotations) == (True, (("a", "b"),))
        assert [taint.key for taint in then.taints] == ["node.kubernetes.io/unschedulable"]
        assert then.revision > answer.item.revision

    @pytest.mark.parametrize(
        ("metadata", "code", "message"),
        [
            ({"resourceVersion": "1"}, 409, "the object has been modified; please apply your changes"),
            ({"uid": "x", "resourceVersion": "1"}, 409, "the object has been modified"),  # the version is asked first
            ({"uid": "x"}, 422, 'Node "n1" is invalid: metadata.uid: Invalid value: "x": field is immutable'),
            ({"name": "n2"}, 400, "the name of the object (n2) does not match the name on the URL (n1)"),
            ({"annotations": {"a": 5}}, 422, "is invalid: patch"),
        ],
    )
    def test_refusals(self, metadata: dict[str, Any], code: int, message: str) -> None:
        scene = Scene()
        before = scene.node("n1")

        answer = scene.ask(Patch("nodes", "n1", {"metadata": metadata, **CORDON}))

        assert answer.code == code
        assert message in answer.status.message
        assert scene.get("nodes", "n1", "") == before

    def test_nothing_changed_keeps_the_version_and_a_dry_run_changes_nothing(self) -> None:
        scene = Scene()
        before = scene.node("n1")

        same = scene.ask(Patch("nodes", "n1", {"spec": {"unschedulable": None}}))
        dry = scene.ask(Patch("nodes", "n1", CORDON, dry_run=True))

        assert same.item == before
        assert dry.item.unschedulable
        assert scene.get("nodes", "n1", "") == before


class TestSilentNode:
    @pytest.fixture
    def scene(self) -> Scene:
        scene = Scene()
        scene.node("n1")
        scene.node("n2")
        scene.workload("Deployment", "web", replicas=2)
        scene.later(30)
        scene.world.plan(scene.now, 0, partial(kubelet.fall_silent, "n1"))
        return scene

    def test_it_is_noticed_and_its_pods_are_not_ready(self, scene: Scene) -> None:
        scene.later(39)
        assert scene.get("nodes", "n1", "").ready
        scene.later(2)

        node = scene.get("nodes", "n1", "")
        assert node.ready_condition.status == "Unknown"
        assert {taint.key for taint in node.taints} == {"node.kubernetes.io/unreachable"}
        assert [pod.ready for pod in scene.pods() if pod.node == "n1"] == [False]

    def test_its_pods_are_replaced_and_hang_until_it_comes_back(self, scene: Scene) -> None:
        scene.later(400)
        stuck = next(pod for pod in scene.pods() if pod.node == "n1")
        assert stuck.deletes_at is not None
        assert sum(pod.active and pod.ready and pod.node == "n2" for pod in scene.pods()) == 2

        scene.world.plan(scene.now, 0, partial(kubelet.come_back, "n1"))
        scene.later(30)

        assert scene.get("nodes", "n1", "").ready
        assert scene.get("nodes", "n1", "").taints == ()
        assert scene.gone("pods", stuck.name)

    def test_a_short_absence_is_never_noticed(self, scene: Scene) -> None:
        scene.later(20)
        scene.world.plan(scene.now, 0, partial(kubelet.come_back, "n1"))
        scene.later(600)

        assert scene.get("nodes", "n1", "").ready
        assert all(pod.active for pod in scene.pods())


def test_a_crash_looping_pod_backs_off_for_longer_each_time() -> None:
    scene = Scene()
    scene.node("n1")
    scene.pod("p", node="n1")
    pod = scene.get("pods", "p")
    template = msgspec.structs.replace(pod.template, crashes=True)
    scene.world.plan(
        scene.now, 0, lambda state, now: state.put(msgspec.structs.replace(pod, template=template)) and None
    )
    scene.world.plan(scene.now, 1, partial(kubelet.crash, pod.key, pod.uid))

    scene.later(60)
    early = scene.get("pods", "p").containers[0].restarts
    scene.later(580)
    late = scene.get("pods", "p").containers[0].restarts

    assert early == 3
    assert late == 6  # after 10, 20, 40, 80, 160 s


class TestWatch:
    def test_it_hears_everything_once_in_order(self) -> None:
        scene = Scene()
        since = scene.world.revision
        scene.node("n1")
        scene.ask(Patch("nodes", "n1", {"metadata": {"labels": {"a": "b"}}}))

        heard = scene.world.changes("nodes", since)

        assert [(each.type.value, each.after.name) for each in heard] == [("ADDED", "n1"), ("MODIFIED", "n1")]
        assert scene.world.changes("nodes", heard[-1].revision) == []

    def test_a_selector_turns_changes_into_arrivals_and_departures(self) -> None:
        scene = Scene()
        scene.node("n1")
        since = scene.world.revision
        for label in ("x", None, "x"):
            scene.ask(Patch("nodes", "n1", {"metadata": {"labels": {"a": label}}}))

        heard = scene.world.changes("nodes", since, lambda thing: ("a", "x") in thing.labels)

        assert [each.type.value for each in heard] == ["ADDED", "DELETED", "ADDED"]

    def test_what_was_forgotten_must_be_listed_again(self) -> None:
        scene = Scene()
        since = scene.world.revision
        scene.node("n1")
        scene.world.forget_history()

        with pytest.raises(TooOldError, match="too old resource version"):
            scene.world.changes("nodes", since)

    def test_a_bounded_history_forgets_by_itself(self) -> None:
        scene = Scene()
        scene.node("n1")
        since = scene.world.revision
        for number in range(5000):
            scene.ask(Patch("nodes", "n1", {"metadata": {"labels": {"n": str(number)}}}))

        with pytest.raises(TooOldError):
            scene.world.changes("nodes", since)
        assert len(scene.world.changes("nodes", scene.world.revision - 10)) == 10


def test_pages_cover_a_list_once_in_the_order_of_keys() -> None:
    scene = Scene()
    for number in range(25):
        scene.node(f"n{number:02}")

    seen, token = [], ""
    while True:
        page = scene.ask(List("nodes", limit=10, continue_=token))
        seen += [node.name for node in page.items]
        token = page.continue_
        if not token:
            break
        assert page.remaining == 25 - len(seen)

    assert seen == [f"n{number:02}" for number in range(25)]


def test_a_nonsense_token_is_a_bad_request() -> None:
    assert Scene().ask(List("nodes", continue_="zz")).code == 400


def test_the_same_seed_gives_the_same_history_however_often_it_ticks() -> None:
    assert _story(seed=3, ticks=1) == _story(seed=3, ticks=97)


def test_another_seed_gives_another_history() -> None:
    assert _story(seed=3, ticks=1) != _story(seed=4, ticks=1)


def _story(*, seed: int, ticks: int) -> list[Any]:
    scene = Scene(seed=seed)
    since = scene.world.revision
    for name in ("n1", "n2", "n3"):
        scene.node(name)
    scene.workload("Deployment", "web", replicas=5)
    scene.workload("StatefulSet", "db", replicas=3)
    scene.world.plan(scene.now, 100, partial(kubelet.fall_silent, "n2"))
    scene.world.plan(scene.now, 700, partial(kubelet.come_back, "n2"))
    for _ in range(ticks):
        scene.later(900 / ticks)
    return [scene.world.changes(resource, since) for resource in ("nodes", "pods", "events", "replicasets")]


def test_get_answers_404_in_the_servers_words() -> None:
    scene = Scene()
    answer = scene.ask(Get("daemonsets", "zz", "pay"))
    assert answer.status.message == 'daemonsets.apps "zz" not found'

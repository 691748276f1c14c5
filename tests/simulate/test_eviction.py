"""Evictions and budgets answer as kube-apiserver 1.36.3 did when it was asked the same."""

from random import Random

import pytest
from msgspec.structs import replace

from fleetui.simulate import disruption, eviction
from fleetui.simulate.objects import DisruptionBudget, Pod, PodTemplate
from fleetui.simulate.refusals import OVER_BUDGET, SEVERAL_BUDGETS
from fleetui.simulate.request import Delete, Evict, Patch, Refused
from fleetui.simulate.state import State
from tests.simulate.scenes import START, Scene

LABELS = {"app": "a"}


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.node("n1")
    return scene


def test_a_budget_at_its_limit_refuses_with_its_numbers(scene: Scene) -> None:
    scene.pod("a1", node="n1", labels=LABELS)
    scene.pod("a2", node="n1", labels=LABELS)
    scene.budget("a", LABELS, minAvailable=2)

    answer = scene.evict("a1")

    assert answer.code == 429
    assert answer.status.reason == "TooManyRequests"
    assert answer.status.message == OVER_BUDGET
    assert [cause.message for cause in answer.status.causes] == [
        "The disruption budget a needs 2 healthy pods and has 2 currently"
    ]
    assert scene.get("pods", "a1").deletes_at is None


def test_two_budgets_are_a_misconfiguration(scene: Scene) -> None:
    scene.pod("a1", node="n1", labels=LABELS)
    scene.budget("one", LABELS, minAvailable=0)
    scene.budget("two", LABELS, minAvailable=0)

    answer = scene.evict("a1")

    assert (answer.code, answer.status.reason, answer.status.message) == (500, "", SEVERAL_BUDGETS)


def test_each_eviction_spends_and_a_dry_run_does_not(scene: Scene) -> None:
    for name in ("a1", "a2", "a3"):
        scene.pod(name, node="n1", labels=LABELS)
    scene.budget("a", LABELS, maxUnavailable=0, minAvailable=2)
    scene.ask(Patch("poddisruptionbudgets", "a", {"spec": {"maxUnavailable": None}}, "pay"))

    assert [scene.evict("a1", dry_run=True).code for _ in range(5)] == [201] * 5
    assert scene.evict("a1").code == 201
    assert scene.evict("a2").code == 429


def test_an_eviction_spends_the_budget_itself_before_the_controller_has_looked() -> None:
    """Of two evictions at one instant the second is refused: the API server does not wait for its controllers."""
    state = State(rng=Random(1))
    labels = tuple(LABELS.items())
    pod = Pod(
        name="a1", uid="1", created=START, namespace="pay", labels=labels, template=PodTemplate(containers=()),
        containers=(), phase="Running", ready=True,
    )  # fmt: skip
    for each in (pod, replace(pod, name="a2", uid="2")):
        state.put(each)
    spec = DisruptionBudget(name="a", uid="3", created=START, namespace="pay", match_labels=labels, min_available="1")
    state.put(disruption.judge(state, spec, START))

    assert eviction.evict(state, Evict("pay", "a1"), START).code == 201
    with pytest.raises(Refused) as refused:
        eviction.evict(state, Evict("pay", "a2"), START)
    assert (refused.value.status.code, refused.value.status.reason) == (429, "TooManyRequests")


@pytest.mark.parametrize(
    ("ready", "policy", "others", "code"),
    [
        (False, "", 0, 429),  # IfHealthyBudget: needs 1, has 0
        (False, "", 1, 201),  # the budget is met by another
        (False, "AlwaysAllow", 0, 201),
        (True, "AlwaysAllow", 0, 429),
    ],
)
def test_unready_pods(scene: Scene, ready: bool, policy: str, others: int, code: int) -> None:
    scene.pod("a1", node="n1", labels=LABELS, ready=ready)
    for number in range(others):
        scene.pod(f"other-{number}", node="n1", labels=LABELS)
    extra = {"unhealthyPodEvictionPolicy": policy} if policy else {}
    scene.budget("a", LABELS, minAvailable=1, **extra)

    assert scene.evict("a1").code == code


@pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
def test_no_budget_is_asked_about_pods_that_do_not_run(scene: Scene, phase: str) -> None:
    scene.pod("a1", node="n1", labels=LABELS, phase=phase)
    scene.budget("a", LABELS, minAvailable=1)
    scene.budget("b", LABELS, minAvailable=1)

    assert scene.evict("a1").code == 201


def test_a_terminating_pod_may_be_evicted_again_and_keeps_its_end(scene: Scene) -> None:
    scene.pod("a1", node="n1", labels=LABELS, finalizers=["example.com/hold"])
    scene.evict("a1")
    first = scene.get("pods", "a1")
    scene.later(1)

    assert scene.evict("a1").code == 201
    assert scene.get("pods", "a1") == first


@pytest.mark.parametrize(
    ("expected", "spec", "allowed", "desired"),
    [
        (4, {"minAvailable": 2}, 2, 2),
        (4, {"minAvailable": "50%"}, 2, 2),
        (4, {"minAvailable": "51%"}, 1, 3),  # rounded up
        (4, {"maxUnavailable": 1}, 1, 3),
        (4, {"maxUnavailable": "30%"}, 2, 2),  # rounded up too
        (4, {"minAvailable": 9}, 0, 9),
        (0, {"maxUnavailable": 1}, 0, 0),  # nothing to disrupt
    ],
)
def test_the_arithmetic_of_budgets(
    scene: Scene, expected: int, spec: dict[str, int], allowed: int, desired: int
) -> None:
    scene.workload("Deployment", "a", replicas=expected)
    scene.later(60)

    budget = scene.budget("a", LABELS, **spec)

    assert (budget.expected, budget.allowed, budget.desired, budget.healthy) == (expected, allowed, desired, expected)


def test_the_condition_keeps_since_when_it_blocks(scene: Scene) -> None:
    scene.pod("a1", node="n1", labels=LABELS)
    scene.pod("a2", node="n1", labels=LABELS, finalizers=["example.com/hold"])
    scene.budget("a", LABELS, minAvailable=1)
    scene.later(10)
    scene.evict("a2")
    blocked = scene.now
    scene.later(30)
    scene.pod("other", node="n1", labels={"app": "b"})

    budget = scene.get("poddisruptionbudgets", "a")
    assert (budget.allowed, budget.healthy, budget.changed) == (0, 1, blocked)


def test_preconditions(scene: Scene) -> None:
    pod = scene.pod("a1", node="n1", labels=LABELS)

    other = scene.evict("a1", uid="another")
    stale = scene.evict("a1", resource_version="1")

    assert other.code == stale.code == 409
    assert other.status.message == (
        f'Operation cannot be fulfilled on Pod "a1": the UID in the precondition (another) does not match the UID in '
        f"record ({pod.uid}). The object might have been deleted and then recreated"
    )
    assert scene.evict("a1", uid=pod.uid).code == 201


def test_a_spent_budget_answers_before_the_preconditions(scene: Scene) -> None:
    scene.pod("a1", node="n1", labels=LABELS)
    scene.budget("a", LABELS, minAvailable=1)

    assert scene.evict("a1", uid="another").code == 429


def test_an_unknown_pod_is_not_found(scene: Scene) -> None:
    assert scene.evict("nope").status.message == 'pods "nope" not found'


def test_grace_finalizers_and_the_end(scene: Scene) -> None:
    scene.pod("a1", node="n1", finalizers=["example.com/hold"])
    scene.evict("a1", grace_s=4)
    going = scene.get("pods", "a1")
    scene.later(30)

    held = scene.get("pods", "a1")
    scene.ask(Patch("pods", "a1", {"metadata": {"finalizers": None}}, "pay"))

    assert (going.deletes_at, going.grace_s, going.ready) == (scene.now - 26, 4, True)
    assert held.deletes_at == going.deletes_at
    assert not held.ready
    assert scene.gone("pods", "a1")


def test_grace_zero_ends_at_once_and_a_shorter_grace_shortens(scene: Scene) -> None:
    scene.pod("a1", node="n1")
    scene.pod("a2", node="n1", finalizers=["example.com/hold"])

    scene.ask(Delete("pods", "a1", "pay", grace_s=0))
    scene.ask(Delete("pods", "a2", "pay", grace_s=30))
    scene.later(1)
    scene.ask(Delete("pods", "a2", "pay", grace_s=3))

    assert scene.gone("pods", "a1")
    assert scene.get("pods", "a2").deletes_at == scene.now + 2

"""PodDisruptionBudget arithmetic, case by case as the eviction subresource decides."""

import msgspec
import pytest

from fleetui.model.budget import Ruling, at_limit, rehearse, selects
from fleetui.model.drain import Budget, LabelRequirement, PodState

BUDGET = Budget(
    namespace="pay",
    name="api",
    match_labels=(("app", "api"),),
    disruptions_allowed=1,
    current_healthy=3,
    desired_healthy=2,
    expected_pods=3,
)


def a_budget(**changes: object) -> Budget:
    return msgspec.structs.replace(BUDGET, **changes)


def a_pod(name: str = "api-1", **changes: object) -> PodState:
    pod = PodState(
        uid=name, namespace="pay", name=name, node="wk-1", phase="Running", ready=True, labels=(("app", "api"),)
    )
    return msgspec.structs.replace(pod, **changes)


def requirement(operator: str, *values: str, key: str = "app") -> tuple[LabelRequirement, ...]:
    return (LabelRequirement(key, operator, values),)


@pytest.mark.parametrize(
    ("budget", "matches"),
    [
        (a_budget(), True),
        (a_budget(match_labels=(("app", "web"),)), False),
        (a_budget(match_labels=()), True),
        (a_budget(match_labels=(), selects_nothing=True), False),
        (a_budget(namespace="other"), False),
        (a_budget(match_expressions=requirement("In", "web", "api")), True),
        (a_budget(match_expressions=requirement("In", "web")), False),
        (a_budget(match_expressions=requirement("NotIn", "web")), True),
        (a_budget(match_expressions=requirement("NotIn", "api")), False),
        (a_budget(match_expressions=requirement("NotIn", "x", key="absent")), True),
        (a_budget(match_expressions=requirement("Exists")), True),
        (a_budget(match_expressions=requirement("Exists", key="absent")), False),
        (a_budget(match_expressions=requirement("DoesNotExist", key="absent")), True),
        (a_budget(match_expressions=requirement("DoesNotExist")), False),
        (a_budget(match_expressions=requirement("Gt", "1")), False),
    ],
)
def test_selectors(budget: Budget, matches: bool) -> None:
    assert selects(budget, a_pod()) is matches


@pytest.mark.parametrize(
    ("pod", "budget", "ruling"),
    [
        (a_pod(), a_budget(), Ruling.ALLOWED),
        (a_pod(labels=()), a_budget(), Ruling.FREE),
        (a_pod(), a_budget(disruptions_allowed=0), Ruling.REFUSED),
        (a_pod(), a_budget(disruptions_allowed=None), Ruling.UNKNOWN),
        (a_pod(phase="Pending", ready=False), a_budget(disruptions_allowed=0), Ruling.FREE),
        (a_pod(phase="Succeeded", ready=False), a_budget(disruptions_allowed=0), Ruling.FREE),
        (a_pod(deleting_since=1.0), a_budget(disruptions_allowed=0), Ruling.FREE),
        # IfHealthyBudget: an unhealthy pod goes only while enough others are healthy.
        (a_pod(ready=False), a_budget(disruptions_allowed=0, current_healthy=2), Ruling.ALLOWED),
        (a_pod(ready=False), a_budget(disruptions_allowed=0, current_healthy=1), Ruling.REFUSED),
        (a_pod(ready=False), a_budget(disruptions_allowed=0, current_healthy=0, desired_healthy=0), Ruling.REFUSED),
        (a_pod(ready=False), a_budget(disruptions_allowed=0, current_healthy=None), Ruling.REFUSED),
        (a_pod(ready=False), a_budget(disruptions_allowed=0, desired_healthy=None), Ruling.REFUSED),
        (a_pod(ready=False), a_budget(disruptions_allowed=0, current_healthy=1, desired_healthy=1), Ruling.ALLOWED),
        (
            a_pod(ready=False),
            a_budget(disruptions_allowed=0, current_healthy=0, always_allow_unhealthy=True),
            Ruling.ALLOWED,
        ),
    ],
)
def test_one_pod_under_one_budget(pod: PodState, budget: Budget, ruling: Ruling) -> None:
    assert [verdict.ruling for verdict in rehearse([pod], [budget])] == [ruling]


def test_a_budget_is_spent_pod_by_pod_where_dry_runs_all_pass() -> None:
    verdicts = rehearse([a_pod(f"api-{n}") for n in range(3)], [BUDGET])
    assert [verdict.ruling for verdict in verdicts] == [Ruling.ALLOWED, Ruling.SPENT, Ruling.SPENT]
    assert not any(verdict.blocks for verdict in verdicts)


def test_each_eviction_spends_one() -> None:
    verdicts = rehearse([a_pod(f"api-{n}") for n in range(4)], [a_budget(disruptions_allowed=3)])
    assert [verdict.ruling for verdict in verdicts] == [Ruling.ALLOWED] * 3 + [Ruling.SPENT]
    assert verdicts[0].detail == "pdb pay/api allows it: needs 2, has 3 of 3 pods"
    assert verdicts[3].detail == "pdb pay/api allows 3 at a time: needs 2, has 3 of 3 pods"


def test_only_what_blocks_has_a_since() -> None:
    was_shut = a_budget(blocked_since=5.0)
    assert [verdict.since for verdict in rehearse([a_pod("a"), a_pod("b")], [was_shut])] == [None, None]


def test_two_budgets_on_a_pod_are_refused_whatever_they_allow() -> None:
    (verdict,) = rehearse([a_pod()], [BUDGET, a_budget(name="all", match_labels=())])
    assert verdict.ruling is Ruling.SEVERAL
    assert verdict.detail == "2 budgets select it (pdb pay/api and pdb pay/all): the server refuses with 500"
    assert verdict.remedy == "change a selector, or delete one: pay/api, pay/all"


def test_a_refusal_says_the_numbers_since_when_and_what_would_open_it() -> None:
    closed = a_budget(disruptions_allowed=0, desired_healthy=3, current_healthy=2, expected_pods=4, blocked_since=5.0)
    (verdict,) = rehearse([a_pod()], [closed])
    assert verdict.detail == "pdb pay/api allows 0: needs 3, has 2 of 4 pods"
    assert verdict.remedy == "2 more of its pods must become ready (2 are not)"
    assert verdict.since == 5.0


def test_a_budget_that_can_never_open_says_so() -> None:
    wedged = a_budget(disruptions_allowed=0, desired_healthy=3)
    (verdict,) = rehearse([a_pod()], [wedged])
    assert verdict.remedy == "it can never open with 3 pods: scale up to 4, or lower what pdb pay/api asks for"


def test_unknown_numbers_stay_unknown() -> None:
    blank = a_budget(disruptions_allowed=0, desired_healthy=None, current_healthy=None, expected_pods=None)
    (verdict,) = rehearse([a_pod()], [blank])
    assert verdict.detail == "pdb pay/api allows 0: needs ?, has ? of ? pods"


@pytest.mark.parametrize("unknown", ["desired_healthy", "current_healthy", "expected_pods"])
def test_a_number_that_is_not_known_is_not_reckoned_with(unknown: str) -> None:
    (verdict,) = rehearse([a_pod()], [a_budget(disruptions_allowed=0, **{unknown: None})])
    assert verdict.remedy == "see that the disruption controller (kube-controller-manager) runs"


def test_budgets_at_their_limit() -> None:
    budgets = [BUDGET, a_budget(name="b", disruptions_allowed=0), a_budget(name="c", disruptions_allowed=None)]
    nothing = a_budget(name="d", disruptions_allowed=0, selects_nothing=True)
    assert [budget.name for budget in at_limit([*budgets, nothing])] == ["b", "c"]


@pytest.mark.parametrize(
    ("desired", "current", "owner", "remedy"),
    [
        (3, 3, "", "1 more of its pods must become ready (1 is not)"),
        (3, 3, "Deployment/api", "1 more pod of Deployment/api must become ready (1 is not)"),
        (3, 2, "Deployment/api", "2 more pods of Deployment/api must become ready (2 are not)"),
        (4, 4, "Deployment/api", "it can never open with 4 pods: scale Deployment/api up to 5, or lower what pdb "),
    ],
)
def test_the_remedy_names_the_workload(desired: int, current: int, owner: str, remedy: str) -> None:
    shut = a_budget(disruptions_allowed=0, desired_healthy=desired, current_healthy=current, expected_pods=4)
    (verdict,) = rehearse([a_pod()], [shut])
    assert verdict.ruling is Ruling.REFUSED
    assert verdict.remedy_for("", ("b", "c", "d")).endswith(" not: b, c)") is (desired < 4)
    assert verdict.remedy_for(owner).startswith(remedy)

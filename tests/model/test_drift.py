"""What counts as moved between a plan and its start."""

import msgspec
import pytest

from fleetui.model.budget import BudgetVerdict, Ruling
from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.drift import arrived, shut
from fleetui.model.operation import PlannedPod

KNOWN = PodState(uid="known", namespace="pay", name="api-1", node="wk-1", phase="Running")


def a_pod(**changes: object) -> PodState:
    return msgspec.structs.replace(KNOWN, **{"uid": "new", "name": "api-2", **changes})


def planned(uid: str = "known", *, action: str = "evict", blocked: str = "") -> PlannedPod:
    return PlannedPod(uid=uid, namespace="pay", name="api-1", action=action, why="", blocked=blocked)


@pytest.mark.parametrize(
    ("pod", "matters"),
    [
        (KNOWN, False),
        (a_pod(), True),
        (a_pod(phase="Pending"), True),
        (a_pod(name=KNOWN.name), True),
        (a_pod(deleting_since=1.0), False),
        (a_pod(phase="Succeeded"), False),
        (a_pod(mirror=True), False),
        (a_pod(controller=OwnerRef("DaemonSet", "agent")), False),
    ],
)
def test_a_pod_that_came_matters_when_it_stands_in_the_way(pod: PodState, matters: bool) -> None:
    assert arrived([planned()], [pod]) == ((pod,) if matters else ())


def test_pods_that_have_gone_do_not_matter() -> None:
    assert arrived([planned(), planned("gone")], [KNOWN]) == ()


@pytest.mark.parametrize(
    ("was", "ruling", "matters"),
    [
        (planned(), Ruling.REFUSED, True),
        (planned(), Ruling.SEVERAL, True),
        (planned(), Ruling.UNKNOWN, False),
        (planned(), Ruling.SPENT, False),
        (planned(), Ruling.ALLOWED, False),
        (planned(blocked="pdb pay/api allows 0"), Ruling.REFUSED, False),
        (planned(action="skip"), Ruling.REFUSED, False),
        (planned("gone"), Ruling.REFUSED, False),
    ],
)
def test_a_budget_that_has_shut_matters_unless_it_was_accepted(was: PlannedPod, ruling: Ruling, matters: bool) -> None:
    verdict = BudgetVerdict(KNOWN, ruling)
    assert shut([was], {"known": verdict}) == ((verdict,) if matters else ())

"""The witness can accuse: each misdeed it looks for is found when it is there."""

from typing import Any

import pytest

from fleetui.model.cluster import ClusterRef
from fleetui.model.operation import Blast, Intent, Plan, PlannedPod, PlannedStep, Target
from tests.drills import witness

TARGET = Target("wk-1", "node-uid")
POD = PlannedPod("pod-uid", "drill", "api-1", "evict", "")
PLAN = Plan(
    Intent("drain", ClusterRef("c", "c"), (TARGET,)),
    (PlannedStep("evict/wk-1", "evict", TARGET, "", "", "", 1.0, (POD,)),),
    (),
    Blast(1),
    0.0,
)


def _eviction(uid: str = "pod-uid", *, code: int = 201, query: str = "") -> dict[str, Any]:
    return {
        "verb": "create",
        "user": {"username": "drainer"},
        "requestURI": f"/api/v1/namespaces/drill/pods/api-1/eviction{query}",
        "objectRef": {"resource": "pods", "subresource": "eviction", "namespace": "drill", "name": "api-1"},
        "requestObject": {"deleteOptions": {"preconditions": {"uid": uid}} if uid else {}},
        "responseStatus": {"code": code},
    }


def _patch(uid: str = "node-uid") -> dict[str, Any]:
    return {
        "verb": "patch",
        "user": {"username": "drainer"},
        "requestURI": "/api/v1/nodes/wk-1",
        "objectRef": {"resource": "nodes", "name": "wk-1"},
        "requestObject": {"metadata": {"uid": uid} if uid else {}},
        "responseStatus": {"code": 200},
    }


def test_a_controller_that_behaves_is_not_accused() -> None:
    dry = _eviction(query="?dryRun=All")
    assert witness.faults([_patch(), dry, dry, _eviction(code=429), _eviction(), _patch()], PLAN) == []


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ([_patch(uid="")], "no uid precondition: patch"),
        ([_eviction(uid="")], "no uid precondition: create"),
        ([_eviction(uid="another")], "not in the plan"),
        ([_eviction(), _eviction()], "evicted twice"),
        ([{**_eviction(), "verb": "delete"}], "not a request of any operation"),
    ],
)
def test_each_misdeed_is_found(events: list[dict[str, Any]], fault: str) -> None:
    (found,) = witness.faults(events, PLAN)
    assert found.startswith(fault)


def test_what_others_do_is_not_held_against_it() -> None:
    stranger = {**_patch(), "user": {"username": "kubelets"}}
    elsewhere = {**_patch(), "objectRef": {"resource": "nodes", "name": "wk-9"}}
    kept = witness.mutations([stranger, elsewhere, _patch()], user="drainer", machines={"wk-1"}, namespace="drill")
    assert kept == [_patch()]

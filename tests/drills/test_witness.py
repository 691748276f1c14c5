"""The witness can accuse: each misdeed it looks for is found when it is there."""

from typing import Any

import pytest

from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import EffectIntended
from fleetui.model.operation import Blast, Intent, Plan, PlannedPod, PlannedStep, Target
from tests.drills import witness

TARGET = Target("wk-1", "node-uid")
POD = PlannedPod("pod-uid", "drill", "api-1", "evict", "")
DAEMON = PlannedPod("daemon-uid", "kube-system", "proxy-1", "leave", "")
PLAN = Plan(
    Intent("drain", ClusterRef("c", "c"), (TARGET,)),
    (PlannedStep("evict/wk-1", "evict", TARGET, "", "", "", 1.0, (POD, DAEMON)),),
    (),
    Blast(1),
    0.0,
)
UIDS = {
    "node wk-1": "node-uid",
    "node wk-9": "another-node",
    "pod drill/api-1": "pod-uid",
    "pod other/api-1": "another-pod",
}
BEGUN = 1_800_000_000.0
AT, LATER, EARLIER = "2027-01-15T08:00:01.500000Z", "2027-01-15T08:00:02.500000Z", "2027-01-15T07:59:59.000000Z"


def _event(verb: str, uri: str, ref: dict[str, str], asked: dict[str, Any], *, code: int, at: str) -> dict[str, Any]:
    return {
        "verb": verb,
        "user": {"username": "drainer"},
        "requestReceivedTimestamp": at,
        "requestURI": uri,
        "objectRef": ref,
        "requestObject": asked,
        "responseStatus": {"code": code},
    }


def _eviction(
    uid: str = "pod-uid",
    *,
    namespace: str = "drill",
    name: str = "api-1",
    code: int = 201,
    query: str = "",
    at: str = AT,
) -> dict[str, Any]:
    uri = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction{query}"
    ref = {"resource": "pods", "subresource": "eviction", "namespace": namespace, "name": name}
    asked = {"deleteOptions": {"preconditions": {"uid": uid}} if uid else {}}
    return _event("create", uri, ref, asked, code=code, at=at)


def _patch(uid: str = "node-uid", *, name: str = "wk-1", version: str = "7", at: str = AT) -> dict[str, Any]:
    meta = {key: value for key, value in (("uid", uid), ("resourceVersion", version)) if value}
    ref = {"resource": "nodes", "name": name}
    return _event("patch", f"/api/v1/nodes/{name}", ref, {"metadata": meta}, code=200, at=at)


def test_a_controller_that_behaves_is_not_accused() -> None:
    dry = _eviction(query="?dryRun=All")
    assert witness.faults([_patch(), dry, dry, _eviction(code=429), _eviction(), _patch()], PLAN, UIDS) == []


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ([_patch(uid="")], "no uid precondition: patch"),
        ([_patch(version="")], "no resourceVersion precondition: patch"),
        ([_patch(name="wk-9")], "not a machine of the plan"),
        ([_patch("another-node", name="wk-9")], "not a machine of the plan"),
        ([_patch("another-node")], "not a machine of the plan"),
        ([_eviction(uid="")], "no uid precondition: create"),
        ([_eviction(uid="another-pod", namespace="other")], "not in the plan"),
        ([_eviction(uid="another-pod", namespace="other", query="?dryRun=All")], "not in the plan"),
        ([_eviction(uid="daemon-uid", namespace="kube-system", name="proxy-1")], "not in the plan"),
        ([_eviction(namespace="other")], "another object's uid"),
        ([_eviction(), _eviction()], "evicted twice"),
        ([{**_eviction(), "verb": "delete"}], "not a request of any operation"),
        ([{**_patch(), "objectRef": {"resource": "configmaps", "name": "x"}}], "not a request of any operation"),
    ],
)
def test_each_misdeed_is_found(events: list[dict[str, Any]], fault: str) -> None:
    (found,) = witness.faults(events, PLAN, UIDS)
    assert found.startswith(fault)


def test_a_node_that_is_not_the_one_the_server_knows_is_found() -> None:
    """The plan itself may be wrong."""
    (found,) = witness.faults([_patch()], PLAN, {**UIDS, "node wk-1": "a-new-one"})
    assert found.startswith("another object's uid: patch")


def test_of_a_refused_plan_every_change_is_a_misdeed() -> None:
    assert len(witness.faults([_patch(), _eviction()], None, UIDS)) == 2


def test_nothing_the_user_changes_escapes_and_what_others_do_is_not_held_against_it() -> None:
    stranger = {**_patch(), "user": {"username": "kubelets"}}
    before = _eviction(at=EARLIER)
    review = {**_patch(), "objectRef": {"resource": "selfsubjectaccessreviews"}}
    elsewhere, far = _patch("another-node", name="wk-9", at=LATER), _eviction("another-pod", namespace="other")
    events = [stranger, before, review, elsewhere, far, _patch()]
    kept = witness.mutations(events, user="drainer", since=BEGUN)
    assert kept == [far, _patch(), elsewhere]
    found = witness.faults(kept, PLAN, UIDS)
    assert [one.partition(":")[0] for one in found] == ["not in the plan", "not a machine of the plan"]


# -- the journal knew first --------------------------------------------------------------------------------------------


def _intent(number: int, *, at: float, uid: str = "pod-uid", obj: str = "pod drill/api-1") -> EffectIntended:
    return EffectIntended(f"evict/{number}", "evict/wk-1", "evict", "POST", obj, uid, 1, at)


def test_a_request_after_its_intent_is_announced() -> None:
    intents = (_intent(1, at=BEGUN + 1.0), _intent(2, at=BEGUN + 2.0))
    dry = _eviction(query="?dryRun=All", at=EARLIER)
    assert witness.unannounced([dry, _eviction(code=429, at=AT), _eviction(at=LATER)], intents) == []
    assert witness.announcing(_eviction(at=LATER), intents) is intents[1]


@pytest.mark.parametrize(
    ("intents", "times", "fault"),
    [
        ((), [AT], "not in the journal when it came"),
        ((_intent(1, at=BEGUN + 2.0),), [AT], "not in the journal when it came"),
        ((_intent(1, at=BEGUN + 1.0, uid="another-pod"),), [AT], "not in the journal when it came"),
        ((_intent(1, at=BEGUN + 1.0, obj="pod drill/api-2"),), [AT], "not in the journal when it came"),
        ((_intent(1, at=BEGUN + 1.0),), [AT, LATER], "twice for one intent"),
    ],
)
def test_a_request_that_the_journal_did_not_know_of_is_found(
    intents: tuple[EffectIntended, ...], times: list[str], fault: str
) -> None:
    (found,) = witness.unannounced([_eviction(at=at) for at in times], intents)
    assert found.startswith(fault)

"""Why a pod is still there: one cause each, in words that do not change while the cause does not."""

import msgspec
import pytest

from fleetui.model.budget import BudgetVerdict, Ruling
from fleetui.model.drain import Budget, NodeState, OwnerRef, PodState
from fleetui.model.holdup import Refusal, hold_up, outside_plan

NODE = NodeState(uid="n", name="wk-1", resource_version="1", ready=True)
SILENT = msgspec.structs.replace(NODE, ready=None, ready_since=50.0)
OWNER = OwnerRef("ReplicaSet", "api-7d9")
POD = PodState(uid="u", namespace="pay", name="api-1", node="wk-1", phase="Running", controller=OWNER)
GOING = msgspec.structs.replace(POD, deleting_since=100.0, deletes_at=130.0)
BUDGET = Budget("pay", "api", disruptions_allowed=0, desired_healthy=2, current_healthy=2, blocked_since=7.0)


def but(pod: PodState, **changes: object) -> PodState:
    return msgspec.structs.replace(pod, **changes)


@pytest.mark.parametrize(
    ("pod", "node", "now", "why", "detail", "since"),
    [
        (GOING, NODE, 110.0, "terminating", "within its grace of 30s", 100.0),
        (GOING, NODE, 131.0, "terminating", "grace over; the kubelet has not finished it", 130.0),
        (but(GOING, finalizers=("a/b", "c/d")), NODE, 110.0, "terminating", "within its grace of 30s", 100.0),
        (but(GOING, finalizers=("a/b", "c/d")), NODE, 131.0, "finalizer", "finalizers a/b, c/d", 100.0),
        (but(GOING, local_claims=("db-0",)), NODE, 131.0, "volume", "grace over; mounts db-0", 130.0),
        (GOING, SILENT, 110.0, "unreachable", "the kubelet of wk-1 does not report: nobody can say", 50.0),
        (but(GOING, deletes_at=None), NODE, 110.0, "terminating", "grace over; the kubelet", None),
        (POD, NODE, 110.0, "queued", "its eviction comes next", None),
    ],
)
def test_a_pod_on_its_way_out(
    pod: PodState, node: NodeState, now: float, why: str, detail: str, since: float | None
) -> None:
    waiting = hold_up(pod, node, refusal=None, budget=None, now=now)
    assert (waiting.why, waiting.detail[: len(detail)], waiting.since) == (why, detail, since)
    assert (waiting.object, waiting.owner) == ("pod pay/api-1", "ReplicaSet/api-7d9")


@pytest.mark.parametrize(
    ("code", "message", "why"),
    [
        (429, "Cannot evict pod as it would violate the pod's disruption budget.", "budget"),
        (429, "too many requests", "rate limit"),
        (403, 'unable to evict: namespace "x" because it is being terminated', "terminating"),
        (403, 'admission webhook "no.example.com" denied the request', "webhook"),
        (500, 'failed calling webhook "no.example.com"', "webhook"),
        (403, "pods is forbidden", "forbidden"),
        (500, "This pod has more than one PodDisruptionBudget", "misconfigured"),
        (500, "etcdserver: request timed out", "server error"),
    ],
)
def test_what_the_server_said_becomes_one_word(code: int, message: str, why: str) -> None:
    waiting = hold_up(POD, NODE, refusal=Refusal(code, message, 9.0), budget=None, now=10.0)
    assert (waiting.why, waiting.detail, waiting.since) == (why, message, 9.0)


@pytest.mark.parametrize(("ruling", "why"), [(Ruling.REFUSED, "budget"), (Ruling.SEVERAL, "misconfigured")])
def test_our_arithmetic_names_more_than_the_servers_words(ruling: Ruling, why: str) -> None:
    verdict = BudgetVerdict(POD, ruling, (BUDGET, BUDGET))
    waiting = hold_up(POD, NODE, refusal=Refusal(429, "no", 9.0), budget=verdict, now=10.0)
    assert (waiting.why, waiting.detail, waiting.since) == (why, verdict.detail, 7.0)
    assert waiting.remedy == verdict.remedy


def test_the_words_do_not_change_with_the_time() -> None:
    early, late = (hold_up(GOING, NODE, refusal=None, budget=None, now=now) for now in (101.0, 129.0))
    assert early == late


def test_a_stranger_is_said_and_left_alone() -> None:
    waiting = outside_plan(POD)
    assert waiting.why == "pod outside the plan"
    assert "not touched" in waiting.detail

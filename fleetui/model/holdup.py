"""Why a pod that should be gone is still there: the cause, whose it is, since when, and what would unblock it.

The words stay the same while the cause does: ages are in ``since``, for the screen to count.
"""

import msgspec

from fleetui.model.budget import BudgetVerdict, Ruling
from fleetui.model.drain import NodeState, PodState
from fleetui.model.duration import format_duration
from fleetui.model.eviction import owner_name
from fleetui.model.journal import Waiting

HELD = frozenset({"budget", "misconfigured", "pod outside the plan", "finalizer", "unreachable", "volume", "webhook"})
"""Causes that last until somebody or something outside the drain changes; the others pass by themselves."""


class Refusal(msgspec.Struct, frozen=True):
    """The server's last answer to the eviction of a pod. ``code`` is 0 when there was none."""

    code: int
    message: str
    at: float
    """Since when it has answered so."""


def hold_up(
    pod: PodState,
    node: NodeState,
    *,
    refusal: Refusal | None,
    budget: BudgetVerdict | None,
    workload: str = "",
    unready: tuple[str, ...] = (),
    now: float,
) -> Waiting:
    """``workload``: at the top of the pod's owners, ``Deployment/api``; ``unready``: the pods that its budget waits
    for; both where they are known. ``budget``: what the arithmetic says now, for a pod that a budget may hold. ``now``
    is the server's clock."""
    if pod.deleting_since is not None:
        return _terminating(pod, node, now)
    if budget is not None and (budget.blocks or budget.ruling is Ruling.SPENT):
        why = "misconfigured" if budget.ruling is Ruling.SEVERAL else "budget"
        held = _waiting(pod, why, budget.detail, since=budget.since, remedy=budget.remedy_for(workload, unready))
        return msgspec.structs.replace(held, owner=workload or held.owner)
    if refusal is not None and budget is not None and budget.ruling is Ruling.ALLOWED and _is_budgets(refusal):
        return _waiting(pod, "queued", "its budget lets it go now; its eviction comes next")
    if refusal is None:
        return _waiting(pod, "queued", "its eviction comes next")
    return _refused(pod, refusal)


def outside_plan(pod: PodState) -> Waiting:
    """A pod that came after the plan was made: nobody confirmed it, so it is never touched."""
    return _waiting(
        pod,
        "pod outside the plan",
        f"it came to {pod.node} after the plan was made and is not touched",
        remedy="move it by hand, or abort and plan again",
    )


def _terminating(pod: PodState, node: NodeState, now: float) -> Waiting:
    since = pod.deleting_since
    if not node.ready:
        detail = f"the kubelet of {node.name} does not report: nobody can say that the pod has ended"
        remedy = (
            "power the machine off, then taint it node.kubernetes.io/out-of-service; "
            "or abort, and drain with --option skip_wait_unreachable_s=60"
        )
        return _waiting(pod, "unreachable", detail, since=node.ready_since or since, remedy=remedy)
    if pod.deletes_at is not None and now < pod.deletes_at:
        return _waiting(pod, "terminating", f"within its grace of {_grace(pod)}", since=since)
    if pod.finalizers:
        names = ", ".join(pod.finalizers)
        remedy = f"see the controller that owns {pod.finalizers[0]}"
        return _waiting(pod, "finalizer", f"finalizers {names}", since=since, remedy=remedy)
    if pod.local_claims:
        return _waiting(pod, "volume", f"grace over; mounts {', '.join(pod.local_claims)}", since=pod.deletes_at)
    return _waiting(pod, "terminating", "grace over; the kubelet has not finished it", since=pod.deletes_at)


def _grace(pod: PodState) -> str:
    if pod.deletes_at is None or pod.deleting_since is None:
        return "?"
    return format_duration(pod.deletes_at - pod.deleting_since)


def _refused(pod: PodState, refusal: Refusal) -> Waiting:
    why, remedy = _cause(refusal.code, refusal.message)
    detail = refusal.message or f"the server said {refusal.code}" if refusal.code else f"no answer: {refusal.message}"
    return _waiting(pod, why, detail, since=refusal.at, remedy=remedy)


def _is_budgets(refusal: Refusal) -> bool:
    return _cause(refusal.code, refusal.message)[0] in ("budget", "misconfigured")


def _cause(code: int, message: str) -> tuple[str, str]:
    """The word for it and what would help, from what the server said."""
    causes = (
        (code == 429 and "disruption budget" in message, "budget", "more of its pods must be ready"),
        (code == 429, "rate limit", "nothing: it is asked again later"),
        (code == 403 and "being terminated" in message, "terminating", "nothing: its namespace is being deleted"),
        ("webhook" in message, "webhook", "see the owner of the webhook"),
        (code == 403, "forbidden", "ask for the right to create pods/eviction"),
        ("more than one PodDisruptionBudget" in message, "misconfigured", "let only one budget select the pod"),
    )
    return next(((why, remedy) for holds, why, remedy in causes if holds), ("server error", ""))


def _waiting(pod: PodState, why: str, detail: str, *, since: float | None = None, remedy: str = "") -> Waiting:
    return Waiting(
        object=f"pod {pod.full_name}", why=why, detail=detail, owner=owner_name(pod), since=since, remedy=remedy
    )

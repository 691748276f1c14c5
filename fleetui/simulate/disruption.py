"""The disruption controller: what a PodDisruptionBudget allows now.

The arithmetic is that of pkg/controller/disruption: an integer minAvailable counts the matching pods, percentages and
maxUnavailable count what the owners want; healthy are Ready pods that are not being deleted.
"""

import math

from msgspec.structs import replace

from fleetui.model.budget import selects as budget_selects
from fleetui.model.drain import Budget, PodState
from fleetui.simulate.objects import DisruptionBudget, Pod
from fleetui.simulate.state import State


def refresh(state: State, namespace: str, now: float) -> None:
    """Brings the status of every budget of a namespace up to date; writes only what changed."""
    for budget in tuple(state.budgets_in(namespace)):
        judged = judge(state, budget, now)
        if judged != budget:
            state.put(judged)


def judge(state: State, budget: DisruptionBudget, now: float) -> DisruptionBudget:
    pods = [pod for pod in state.pods_in(budget.namespace) if selects(budget, pod)]
    expected, desired = _wanted(state, budget, pods)
    healthy = sum(pod.ready and pod.deletes_at is None for pod in pods)
    allowed = max(0, healthy - desired) if expected > 0 else 0
    sufficient = allowed > 0
    changed = budget.changed if budget.sufficient == sufficient else now
    if budget.sufficient is None:
        changed = _since(budget, pods)
    return replace(
        budget,
        allowed=allowed,
        healthy=healthy,
        desired=desired,
        expected=expected,
        sufficient=sufficient,
        changed=changed,
    )


def _since(budget: DisruptionBudget, pods: list[Pod]) -> float:
    """At the first look: since the budget or the readiness of its pods last changed."""
    return max([budget.created, *(pod.ready_changed for pod in pods if pod.ready_changed is not None)])


def selects(budget: DisruptionBudget, pod: Pod) -> bool:
    """By the same rule of the model that the controller core trusts."""
    return budget_selects(
        Budget(
            namespace=budget.namespace,
            name=budget.name,
            match_labels=budget.match_labels,
            match_expressions=budget.match_expressions,
            selects_nothing=budget.selects_nothing,
        ),
        PodState(
            uid=pod.uid, namespace=pod.namespace, name=pod.name, node=pod.node, phase=pod.phase, labels=pod.labels
        ),
    )


def _wanted(state: State, budget: DisruptionBudget, pods: list[Pod]) -> tuple[int, int]:
    """(expected, desired healthy)."""
    if budget.max_unavailable:
        expected = _scale(state, pods)
        return expected, max(0, expected - scaled(budget.max_unavailable, expected))
    if budget.min_available.endswith("%"):
        expected = _scale(state, pods)
        return expected, scaled(budget.min_available, expected)
    return len(pods), scaled(budget.min_available or "1", len(pods))


def scaled(value: str, total: int) -> int:
    """``2`` or ``50%`` of a total, percentages rounded up as the controller does."""
    if value.endswith("%"):
        return math.ceil(int(value[:-1]) * total / 100)
    return int(value)


def _scale(state: State, pods: list[Pod]) -> int:
    """What the workloads at the top of the pods' owner chains want, each counted once; pods without one count not."""
    wanted: dict[str, int] = {}
    for pod in pods:
        top = state.workload(pod.owner.uid) if pod.owner is not None else None
        if top is not None and top.owner is not None:
            top = state.workload(top.owner.uid) or top
        if top is not None and top.kind != "DaemonSet":
            wanted[top.uid] = top.replicas
    return sum(wanted.values())

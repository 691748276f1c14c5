"""Which machines let a pod in, by the rules of the scheduler that name machines.

Taints with their tolerations, the node selector and the required node affinity are judged, as the scheduler's filters
do (pkg/scheduler/framework/plugins/{tainttoleration,nodeaffinity}). Pod affinity, topology spread, volumes and host
ports depend on what else runs where by then: they are not, and who uses the verdict says so.
"""

from collections.abc import Iterable

from fleetui.model.drain import NodeState, NodeTerm, PodState, Taint, Toleration

KEEPING_AWAY = frozenset({"NoSchedule", "NoExecute"})
"""The effects of a taint that refuse a pod; PreferNoSchedule only ranks."""


def lets_in(node: NodeState, pod: PodState) -> bool:
    """Whether nothing of the machine's own keeps the pod away; room is another question."""
    return untolerated(node.taints, pod.tolerations) is None and _is_selected(node, pod)


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> Taint | None:
    """The first taint that keeps the pod away; None when none does."""
    known = tuple(tolerations)
    refusing = (taint for taint in taints if taint.effect in KEEPING_AWAY)
    return next((taint for taint in refusing if not any(_tolerates(each, taint) for each in known)), None)


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect not in ("", taint.effect):
        return False
    match toleration.operator:
        case "Exists":
            return toleration.key in ("", taint.key)
        case "Equal" | "":
            return (toleration.key, toleration.value) == (taint.key, taint.value)
    return False  # an operator we do not know opens no door


def _is_selected(node: NodeState, pod: PodState) -> bool:
    labels = dict(node.labels)
    if any(labels.get(key) != value for key, value in pod.node_selector):
        return False
    return pod.node_terms is None or any(_meets(node, term) for term in pod.node_terms)


def _meets(node: NodeState, term: NodeTerm) -> bool:
    """All its requirements; a term without any selects no machine."""
    labels, fields = dict(node.labels), {"metadata.name": node.name}
    if not (term.labels or term.fields):
        return False
    return all(it.admits(labels) for it in term.labels) and all(it.admits(fields) for it in term.fields)

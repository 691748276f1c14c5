"""Which pods of a node a drain evicts, skips, waits for or refuses to touch, and in whose words.

The filters are kubectl drain's (staging/src/k8s.io/kubectl/pkg/drain/filters.go), so that nothing here surprises a hand
that knows it. A pod whose eviction would lose something is refused until the operator's option accepts the loss.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from fleetui.model.budget import FINISHED_PHASES
from fleetui.model.drain import PodState
from fleetui.model.operation import PlannedPod


class Action(StrEnum):
    EVICT = "evict"
    SKIP = "skip"
    WAIT = "wait"
    """Already going: only waited for."""
    REFUSE = "refuse"


class Filters(msgspec.Struct, frozen=True):
    """The operator's consent. The defaults lose nothing."""

    force: bool = False
    delete_emptydir_data: bool = False
    ignore_daemonsets: bool = True


def classify(pod: PodState, filters: Filters, *, daemon_set_gone: bool = False, blocked: str = "") -> PlannedPod:
    """``daemon_set_gone``: the DaemonSet that owns it is known to be deleted. ``blocked``: what a budget says now."""
    action, why = _decide(pod, filters, daemon_set_gone)
    return PlannedPod(
        uid=pod.uid,
        namespace=pod.namespace,
        name=pod.name,
        action=action.value,
        why=why + _finalizers(pod, action),
        owner=owner_name(pod),
        blocked=blocked if action is Action.EVICT else "",
    )


def owner_name(pod: PodState) -> str:
    """``ReplicaSet/api-7d9``; empty for a naked pod."""
    return f"{pod.controller.kind}/{pod.controller.name}" if pod.controller else ""


def is_daemon(pod: PodState) -> bool:
    return pod.controller is not None and pod.controller.kind == "DaemonSet"


def is_finished(pod: PodState) -> bool:
    return pod.phase in FINISHED_PHASES


def must_leave(pod: PodState) -> bool:
    """Whether a machine with it is not drained yet: all but mirror pods, those of DaemonSets and finished ones."""
    return not (pod.mirror or is_daemon(pod) or is_finished(pod))


def _decide(pod: PodState, filters: Filters, daemon_set_gone: bool) -> tuple[Action, str]:
    if pod.mirror:
        return Action.SKIP, "mirror pod: the kubelet runs it from a file, the API cannot evict it"
    if pod.deleting_since is not None:
        skipped = is_daemon(pod) and not daemon_set_gone
        return (
            (Action.SKIP, "terminating, and its DaemonSet will replace it")
            if skipped
            else (Action.WAIT, "already terminating")
        )
    if is_finished(pod):
        return Action.EVICT, f"finished ({pod.phase})"
    if is_daemon(pod) and not daemon_set_gone:
        return _daemon(filters)
    return _guarded(pod, filters, daemon_set_gone)


def _daemon(filters: Filters) -> tuple[Action, str]:
    if filters.ignore_daemonsets:
        return Action.SKIP, "ignoring DaemonSet-managed Pods"
    return Action.REFUSE, "DaemonSet-managed Pods (use --option ignore_daemonsets=true)"


def _guarded(pod: PodState, filters: Filters, daemon_set_gone: bool) -> tuple[Action, str]:
    losses = tuple(_losses(pod, filters, daemon_set_gone))
    refused = [text for text, accepted in losses if not accepted]
    if refused:
        return Action.REFUSE, "; ".join(refused)
    if losses:
        return Action.EVICT, "; ".join(text.partition(" (use ")[0] for text, _ in losses)
    return Action.EVICT, f"managed by {owner_name(pod)}"


def _losses(pod: PodState, filters: Filters, daemon_set_gone: bool) -> Iterable[tuple[str, bool]]:
    """What would be lost with the pod, and whether the operator accepted it."""
    if daemon_set_gone:
        yield f"its {owner_name(pod)} does not exist any more (use --option force=true)", filters.force
    elif pod.controller is None:
        yield "Pods that declare no controller (use --option force=true)", filters.force
    if pod.empty_dirs:
        volumes = ", ".join(pod.empty_dirs)
        yield (
            f"Pods with local storage: {volumes} (use --option delete_emptydir_data=true)",
            filters.delete_emptydir_data,
        )


def _finalizers(pod: PodState, action: Action) -> str:
    if not pod.finalizers or action in (Action.SKIP, Action.REFUSE):
        return ""
    return f"; stays until its finalizers are removed: {', '.join(pod.finalizers)}"


def local_volumes(pod: PodState) -> str:
    """Data that may stay on the machine, for a warning; empty when there is none."""
    paths = [f"hostPath {path}" for path in pod.host_paths]
    claims = [f"claim {claim}" for claim in pod.local_claims]
    return ", ".join(paths + claims)
